/**
 * What an edit has to ask before it is made: how much of a series it means, and whether guests are told. Asked as a
 * promise, so that edits read in one line. An edit that needs neither is not held up.
 */
import { Button, Checkbox } from '@mantine/core';
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import type { NotifyAttendees } from '../../api/generated/NotifyAttendees';
import type { OccurrenceKey } from '../../api/generated/OccurrenceKey';
import { countedEvents } from '../../api/counts';
import { useEditScopes } from '../../api/queries';
import type { Scope } from '../../api/targets';
import { Dialog } from './dialog';
import classes from './dialogs.module.css';

/** What is asked about. */
export interface EditQuestion {
  verb: 'Create' | 'Change' | 'Move' | 'Delete' | 'Answer';
  title: string;
  /** Set when several events are meant, which are counted instead of named. */
  count?: number;
  /** The occurrence that was meant; none when nothing repeats. */
  key: OccurrenceKey | null;
  /** The change cannot be made to one occurrence alone. */
  isForSeveral?: boolean;
  /** The change cannot divide a series. */
  isUndivided?: boolean;
  /** How many guests may be told. */
  guests: number;
}

/** What was decided. */
export interface EditDecision {
  scope: Scope;
  notify: NotifyAttendees;
}

/** Asks; answers null when the person thinks better of it. */
export type AskEdit = (question: EditQuestion) => Promise<EditDecision | null>;

const AskContext = createContext<AskEdit | null>(null);

/** Returns the function that asks. */
export function useAskEdit(): AskEdit {
  const ask = use(AskContext);
  if (ask === null) throw new Error('nobody to ask above');
  return ask;
}

/** Provides the question. */
export function AskEditProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<EditQuestion | null>(null);
  const answer = useRef<((decision: EditDecision | null) => void) | null>(null);
  const ask = useCallback<AskEdit>((next) => {
    if (next.key === null && next.guests === 0) return Promise.resolve({ scope: 'this', notify: 'nobody' });
    return new Promise((resolve) => {
      answer.current?.(null);
      answer.current = resolve;
      setQuestion(next);
    });
  }, []);
  const settle = useMemo(
    () => (decision: EditDecision | null) => {
      answer.current?.(decision);
      answer.current = null;
      setQuestion(null);
    },
    [],
  );
  return (
    <AskContext value={ask}>
      {children}
      <Dialog label={question?.key === null ? 'Tell the guests?' : 'This event or all events?'} isOpen={question !== null} size={380} onClose={() => settle(null)}>
        {question !== null && (question.key === null ? <TellGuests question={question} onSettle={settle} /> : <HowMuch question={question} occurrence={question.key} onSettle={settle} />)}
      </Dialog>
    </AskContext>
  );
}

interface QuestionProps {
  question: EditQuestion;
  onSettle: (decision: EditDecision | null) => void;
}

const quoted = (title: string) => `“${title === '' ? 'Untitled' : title}”`;
const people = (guests: number) => (guests === 1 ? '1 guest' : `${guests} guests`);

function TellGuests({ question, onSettle }: QuestionProps) {
  const color = question.verb === 'Delete' ? 'red' : undefined;
  const what = question.verb === 'Create' ? 'an invitation' : question.verb === 'Delete' ? 'a cancellation' : 'an update';
  return (
    <>
      <h2 className={classes.title}>
        {question.verb} {question.count === undefined ? quoted(question.title) : countedEvents(question.count)}
      </h2>
      <p className={classes.text}>
        {people(question.guests)} {question.guests === 1 ? 'is' : 'are'} invited. Shall {question.guests === 1 ? 'they' : 'all of them'} get {what} by mail?
      </p>
      <div className={classes.choices}>
        <Button fullWidth size="sm" color={color} data-autofocus data-testid="notify-nobody" onClick={() => onSettle({ scope: 'this', notify: 'nobody' })}>
          Don’t send
        </Button>
        <Button fullWidth size="sm" color={color} variant="light" data-testid="notify-everybody" onClick={() => onSettle({ scope: 'this', notify: 'everybody' })}>
          Send {what}
        </Button>
        <Button fullWidth size="sm" variant="subtle" color="gray" onClick={() => onSettle(null)}>
          Cancel
        </Button>
      </div>
    </>
  );
}

function HowMuch({ question, occurrence, onSettle }: QuestionProps & { occurrence: OccurrenceKey }) {
  const [isTelling, setTelling] = useState(false);
  const scopes = useEditScopes(occurrence);
  const { verb, title, guests, isForSeveral = false, isUndivided = false } = question;
  const color = verb === 'Delete' ? 'red' : undefined;
  const isDivisible = !isUndivided && scopes?.is_first !== true;
  const offered: { scope: Scope; label: string; count: number | null | undefined }[] = [
    { scope: 'this', label: 'This event', count: undefined },
    { scope: 'following', label: 'This and all that follow', count: scopes?.following },
    { scope: 'all', label: 'All events', count: scopes?.all },
  ];
  const shown = offered.filter(({ scope }) => (scope !== 'this' || !isForSeveral) && (scope !== 'following' || isDivisible));
  return (
    <>
      <h2 className={classes.title}>
        {verb} {quoted(title)}
      </h2>
      <p className={classes.text}>It repeats. Which of them do you mean?</p>
      <div className={classes.choices}>
        {shown.map(({ scope, label, count }, index) => (
          <Button
            key={scope}
            fullWidth
            size="sm"
            justify="space-between"
            color={color}
            {...(index > 0 && { variant: 'light' })}
            data-autofocus={index === 0 || undefined}
            data-testid={`scope-${scope}`}
            rightSection={<span className={classes.count}>{count ?? ''}</span>}
            leftSection={<span />}
            onClick={() => onSettle({ scope, notify: isTelling ? 'everybody' : 'nobody' })}
          >
            {label}
          </Button>
        ))}
        {guests > 0 && <Checkbox mt={8} mb={2} label={`Tell ${people(guests)} by mail`} checked={isTelling} data-testid="notify-guests" onChange={(event) => setTelling(event.currentTarget.checked)} />}
        <Button fullWidth size="sm" variant="subtle" color="gray" onClick={() => onSettle(null)}>
          Cancel
        </Button>
      </div>
    </>
  );
}
