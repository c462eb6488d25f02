/** The inspector: slides in over the grid, on the side where it does not cover its event. */
import { IconX } from '@tabler/icons-react';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { EventContent } from '../../api/generated/EventContent';
import type { EventTarget } from '../../api/generated/EventTarget';
import type { NotifyAttendees } from '../../api/generated/NotifyAttendees';
import type { ResponseStatus } from '../../api/generated/ResponseStatus';
import { useEdits } from '../../api/edits';
import { guestsToTell, mailsGuests } from '../../api/guests';
import { useEvent } from '../../api/queries';
import { keyOf, wholeOf } from '../../api/targets';
import { failureOf } from '../../host';
import { changedFields } from '../../time/series';
import { useAskEdit } from '../dialogs/ask-edit';
import { useAskMove } from '../dialogs/ask-move';
import { toldOf, type Told } from '../history/history-dialog';
import { IconButton } from '../icon-button';
import { toastFailure } from '../toast';
import { Editor } from './editor';
import { QuickLook } from './quick-look';
import classes from './inspector.module.css';

/** What the inspector is about: an event that is there, or one that is being made. */
export type Subject =
  | { kind: 'event'; target: EventTarget; isEditing: boolean }
  | { kind: 'draft'; content: EventContent; calendarId: string };

interface Props {
  subject: Subject;
  side: 'left' | 'right';
  calendars: readonly CalendarView[];
  onEdit: () => void;
  onStopEditing: () => void;
  onClose: () => void;
  onDelete: (target: EventTarget, title: string) => void;
  /** Tells what became of the event, or why it is as it is. */
  onTell: (told: Told) => void;
}

/** Shows the inspector. */
export function Inspector({ subject, side, calendars, onEdit, onStopEditing, onClose, onDelete, onTell }: Props) {
  return (
    <aside className={classes.inspector} data-side={side} aria-label="Event" data-testid="inspector">
      <div className={classes.top}>
        <IconButton label="Close" onClick={onClose}>
          <IconX size={16} />
        </IconButton>
      </div>
      {subject.kind === 'draft' ? (
        <NewEvent subject={subject} calendars={calendars} onClose={onClose} />
      ) : (
        <ExistingEvent
          key={JSON.stringify(subject.target)}
          target={subject.target}
          isEditing={subject.isEditing}
          calendars={calendars}
          onEdit={onEdit}
          onStopEditing={onStopEditing}
          onDelete={onDelete}
          onTell={onTell}
        />
      )}
    </aside>
  );
}

interface NewEventProps {
  subject: Extract<Subject, { kind: 'draft' }>;
  calendars: readonly CalendarView[];
  onClose: () => void;
}

function NewEvent({ subject, calendars, onClose }: NewEventProps) {
  const edits = useEdits();
  const askEdit = useAskEdit();
  return (
    <Editor
      base={subject.content}
      calendarId={subject.calendarId}
      calendars={calendars}
      isNew
      isOccurrence={false}
      onSave={async (content, calendarId) => {
        const links = calendars.find(({ id }) => id === calendarId)?.links ?? [];
        const guests = mailsGuests(links) ? guestsToTell(content, null, []) : 0;
        const decision = await askEdit({ verb: 'Create', title: content.title, key: null, guests });
        if (decision === null) return;
        await edits.create({ calendar_id: calendarId, content, notify: decision.notify });
        onClose();
      }}
      onCancel={onClose}
      onDelete={null}
    />
  );
}

interface ExistingEventProps {
  target: EventTarget;
  isEditing: boolean;
  calendars: readonly CalendarView[];
  onEdit: () => void;
  onStopEditing: () => void;
  onDelete: (target: EventTarget, title: string) => void;
  onTell: (told: Told) => void;
}

function ExistingEvent({ target, isEditing, calendars, onEdit, onStopEditing, onDelete, onTell }: ExistingEventProps) {
  const edits = useEdits();
  const askEdit = useAskEdit();
  const askMove = useAskMove();
  const isOccurrence = target.kind === 'occurrence';
  const { data: event, error } = useEvent(target);
  const { data: series, isPending: isSeriesPending } = useEvent(isOccurrence ? wholeOf(target) : null);
  if (error !== null) return <p className={classes.gone}>{failureOf(error).message}</p>;
  if (!event || (isOccurrence && isSeriesPending)) return null;
  const recurrence = series?.content.recurrence ?? event.content.recurrence;
  const base = { ...event.content, recurrence };
  const { title } = event.content;
  const seriesId = target.kind === 'event' ? event.id : target.key.series_id;

  async function answer(response: ResponseStatus) {
    const decision = await askEdit({ verb: 'Answer', title, key: keyOf(target), guests: 0, isUndivided: true });
    if (decision !== null) await edits.answer(target, title, response, decision);
  }

  if (!isEditing || event.rights.fields.length === 0) {
    return (
      <QuickLook
        event={event}
        recurrence={recurrence}
        calendar={calendars.find(({ id }) => id === event.calendar_id)}
        onAnswer={(response) => void answer(response)}
        onEdit={onEdit}
        onDelete={() => onDelete(target, title)}
        onTell={(telling) => onTell(toldOf({ event_id: event.id, occurrence_of: event.occurrence_of, title }, telling))}
      />
    );
  }
  const save = async (content: EventContent, calendarId: string) => {
    const changed = changedFields(base, content);
    const isMoved = calendarId !== event.calendar_id;
    let notify: NotifyAttendees = 'nobody';
    if (changed.length > 0) {
      const isForSeveral = isOccurrence && changed.includes('recurrence');
      const decision = await askEdit({ verb: 'Change', title, key: keyOf(target), guests: mailsGuests(event.links) ? guestsToTell(base, content, changed) : 0, isForSeveral });
      if (decision === null) return;
      notify = decision.notify;
      try {
        await edits.save(target, event, content, base, decision);
      } catch (reason) {
        const failure = failureOf(reason);
        if (failure.code === 'stale') toastFailure(`“${title}” was not saved.`, failure);
        throw reason;
      }
    }
    if (isMoved) await move(calendarId, notify);
    onStopEditing();
  };
  /** Where the services cannot move it, the person is asked what is to be done instead. */
  const move = async (calendarId: string, notify: NotifyAttendees) => {
    const agreement = await edits.moveTo(seriesId, title, calendarId, false, notify);
    if (agreement !== null && (await askMove(agreement))) await edits.moveTo(seriesId, title, calendarId, true, notify);
  };
  return (
    <Editor
      base={base}
      calendarId={event.calendar_id}
      calendars={calendars}
      isNew={false}
      isOccurrence={isOccurrence}
      seriesWhen={series?.content.when}
      fields={event.rights.fields}
      restriction={event.read_only}
      isMovable={event.read_only === null}
      onSave={save}
      onCancel={onStopEditing}
      onDelete={() => onDelete(target, title)}
    />
  );
}
