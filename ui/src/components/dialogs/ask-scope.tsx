/** The question of a series: this event, or all of them? Asked as a promise, so that edits read in one line. */
import { Button } from '@mantine/core';
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Scope } from '../../api/targets';
import { Dialog } from './dialog';
import classes from './dialogs.module.css';

interface Question {
  verb: 'Change' | 'Move' | 'Delete';
  title: string;
}

type Ask = (question: Question) => Promise<Scope | null>;

const AskContext = createContext<Ask | null>(null);

/** Returns the function that asks; it answers null when the person thinks better of it. */
export function useAskScope(): Ask {
  const ask = use(AskContext);
  if (ask === null) throw new Error('nobody to ask above');
  return ask;
}

/** Provides the question. */
export function AskScopeProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const answer = useRef<((scope: Scope | null) => void) | null>(null);
  const ask = useCallback<Ask>(
    (next) =>
      new Promise((resolve) => {
        answer.current?.(null);
        answer.current = resolve;
        setQuestion(next);
      }),
    [],
  );
  const settle = useMemo(
    () => (scope: Scope | null) => {
      answer.current?.(scope);
      answer.current = null;
      setQuestion(null);
    },
    [],
  );
  const shown = question ?? { verb: 'Change', title: '' };
  const color = shown.verb === 'Delete' ? 'red' : undefined;
  return (
    <AskContext value={ask}>
      {children}
      <Dialog label="This event or all events?" isOpen={question !== null} size={380} onClose={() => settle(null)}>
        <h2 className={classes.title}>
          {shown.verb} “{shown.title === '' ? 'Untitled' : shown.title}”
        </h2>
        <p className={classes.text}>It repeats. Which of them do you mean?</p>
        <div className={classes.choices}>
          <Button fullWidth size="sm" color={color} data-autofocus data-testid="scope-this" onClick={() => settle('this')}>
            This event
          </Button>
          <Button fullWidth size="sm" color={color} variant="light" data-testid="scope-all" onClick={() => settle('all')}>
            All events
          </Button>
          <Button fullWidth size="sm" variant="subtle" color="gray" onClick={() => settle(null)}>
            Cancel
          </Button>
        </div>
      </Dialog>
    </AskContext>
  );
}
