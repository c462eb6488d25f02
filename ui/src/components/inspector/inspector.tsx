/** The inspector: slides in over the grid, on the side where it does not cover its event. */
import { IconX } from '@tabler/icons-react';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { EventContent } from '../../api/generated/EventContent';
import type { EventTarget } from '../../api/generated/EventTarget';
import { useEdits } from '../../api/edits';
import { useEvent } from '../../api/queries';
import { wholeOf } from '../../api/targets';
import { failureOf } from '../../host';
import { changedFields } from '../../time/series';
import { useAskScope } from '../dialogs/ask-scope';
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
}

/** Shows the inspector. */
export function Inspector({ subject, side, calendars, onEdit, onStopEditing, onClose, onDelete }: Props) {
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
  return (
    <Editor
      base={subject.content}
      calendarId={subject.calendarId}
      calendars={calendars}
      isNew
      isOccurrence={false}
      onSave={async (content, calendarId) => {
        await edits.create({ calendar_id: calendarId, content });
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
}

function ExistingEvent({ target, isEditing, calendars, onEdit, onStopEditing, onDelete }: ExistingEventProps) {
  const edits = useEdits();
  const askScope = useAskScope();
  const isOccurrence = target.kind === 'occurrence';
  const { data: event, error } = useEvent(target);
  const { data: series, isPending: isSeriesPending } = useEvent(isOccurrence ? wholeOf(target) : null);
  if (error !== null) return <p className={classes.gone}>{failureOf(error).message}</p>;
  if (!event || (isOccurrence && isSeriesPending)) return null;
  const recurrence = series?.content.recurrence ?? event.content.recurrence;
  const base = { ...event.content, recurrence };
  const { title } = event.content;

  if (!isEditing || event.read_only !== null) {
    return (
      <QuickLook
        event={event}
        recurrence={recurrence}
        calendar={calendars.find(({ id }) => id === event.calendar_id)}
        onEdit={onEdit}
        onDelete={() => onDelete(target, title)}
      />
    );
  }
  const save = async (content: EventContent) => {
    const changed = changedFields(base, content);
    if (changed.length === 0) {
      onStopEditing();
      return;
    }
    const isAboutAll = changed.includes('recurrence');
    const scope = isOccurrence && !isAboutAll ? await askScope({ verb: 'Change', title }) : 'all';
    if (scope === null) return;
    try {
      await edits.save(target, event, content, base, isOccurrence ? scope : 'this');
      onStopEditing();
    } catch (reason) {
      const failure = failureOf(reason);
      if (failure.code === 'stale') toastFailure(`“${title}” was not saved.`, failure);
      throw reason;
    }
  };
  return (
    <Editor
      base={base}
      calendarId={event.calendar_id}
      calendars={calendars}
      isNew={false}
      isOccurrence={isOccurrence}
      onSave={save}
      onCancel={onStopEditing}
      onDelete={() => onDelete(target, title)}
    />
  );
}
