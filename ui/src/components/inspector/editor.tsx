/** The editor: every field of an event, errors where they belong. */
import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { IconAlignLeft, IconBell, IconCalendar, IconClock, IconEye, IconLock, IconMapPin, IconPalette, IconRepeat, IconUsers, IconVideo } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { EventContent } from '../../api/generated/EventContent';
import type { Failure } from '../../api/generated/Failure';
import type { Field } from '../../api/generated/Field';
import type { When } from '../../api/generated/When';
import { useManner } from '../../api/host-context';
import { failureOf } from '../../host';
import { contentOf, formOf, recurrenceFrom, whenOf, type EventForm, type FormErrors } from '../../time/form';
import { looksLikeHtml, Description } from '../description';
import { CalendarField } from '../fields/calendar-field';
import { ColorField } from '../fields/color-field';
import { GuestsField } from '../fields/guests-field';
import { RemindersField } from '../fields/reminders-field';
import { RepeatField } from '../fields/repeat-field';
import { WhenField } from '../fields/when-field';
import classes from './inspector.module.css';

interface Props {
  /** What it says now; of an occurrence, with the recurrence of its series. */
  base: EventContent;
  calendarId: string;
  calendars: readonly CalendarView[];
  isNew: boolean;
  isOccurrence: boolean;
  /** When the series first takes place, of an occurrence. */
  seriesWhen?: When | undefined;
  /** What may be changed; everything when it is not said. */
  fields?: readonly Field[];
  /** Why not everything may be. */
  restriction?: string | null;
  /** Whether it may leave its calendar. */
  isMovable?: boolean;
  onSave: (content: EventContent, calendarId: string) => Promise<void>;
  onCancel: () => void;
  onDelete: (() => void) | null;
}

const SHOWN: ReadonlySet<Field> = new Set(['title', 'when', 'recurrence', 'location', 'conference_url', 'attendees']);

/** Shows the editor. */
export function Editor({ base, calendarId, calendars, isNew, isOccurrence, seriesWhen, fields, restriction = null, isMovable = true, onSave, onCancel, onDelete }: Props) {
  const { viewer } = useManner();
  const [form, setForm] = useState<EventForm>(() => formOf(base, calendarId, viewer));
  const [errors, setErrors] = useState<FormErrors>({});
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isSaving, setSaving] = useState(false);
  const may = (field: Field) => fields === undefined || fields.includes(field);
  const when = whenOf(form.when);
  const recurrence = recurrenceFrom(form, base, isOccurrence);
  const chosen = calendars.find(({ id }) => id === form.calendarId);
  const change = (part: Partial<EventForm>) => {
    setForm((now) => ({ ...now, ...part }));
    setErrors({});
    setFailure(null);
  };
  const save = async () => {
    const read = contentOf(form, base, isOccurrence);
    if ('errors' in read) {
      setErrors(read.errors);
      return;
    }
    setSaving(true);
    try {
      await onSave(read.content, form.calendarId);
    } catch (reason) {
      const refused = failureOf(reason);
      if (refused.field !== null && SHOWN.has(refused.field)) setErrors({ [refused.field]: refused.message });
      else setFailure(refused);
    } finally {
      setSaving(false);
    }
  };
  return (
    <form
      ref={saveByKey}
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className={classes.body}>
        <TextInput
          variant="unstyled"
          classNames={{ input: classes.title }}
          placeholder="Title"
          aria-label="Title"
          value={form.title}
          error={errors.title}
          disabled={!may('title')}
          data-autofocus
          autoFocus={may('title')}
          data-testid="event-title-input"
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
        {restriction !== null && (
          <p className={classes.locked}>
            <IconLock aria-hidden />
            <span>{restriction}</span>
          </p>
        )}
        <Line sign={<IconClock />}>
          <WhenField value={form.when} error={errors.when} isDisabled={!may('when')} onChange={(next) => change({ when: next })} />
        </Line>
        <Line sign={<IconRepeat />}>
          <RepeatField
            repeat={form.repeat}
            rule={form.rule}
            startDate={form.when.startDate}
            zone={form.when.startZone === '' ? viewer : form.when.startZone}
            recurrence={typeof recurrence === 'string' ? null : recurrence}
            first={seriesWhen ?? (typeof when === 'string' ? null : when)}
            error={errors.recurrence}
            isDisabled={!may('recurrence')}
            onChange={(repeat, rule) => change({ repeat, rule })}
          />
        </Line>
        <Line sign={<IconCalendar />}>
          <CalendarField calendars={calendars} value={form.calendarId} isFixed={!isNew && !isMovable} onChange={(id) => change({ calendarId: id })} />
          {isOccurrence && form.calendarId !== calendarId && <p className={classes.hint}>All events of the series move.</p>}
        </Line>
        {(may('attendees') || base.attendees.length > 0) && (
          <Line sign={<IconUsers />}>
            <GuestsField value={form.attendees} organizer={base.organizer} isDisabled={!may('attendees')} onChange={(attendees) => change({ attendees })} />
          </Line>
        )}
        <Line sign={<IconMapPin />}>
          <TextInput aria-label="Location" placeholder="Location" value={form.location} error={errors.location} disabled={!may('location')} onChange={(event) => change({ location: event.currentTarget.value })} />
        </Line>
        <Line sign={<IconVideo />}>
          <TextInput aria-label="Conference link" placeholder="Link to join" value={form.conferenceUrl} error={errors.conference_url} disabled={!may('conference_url')} onChange={(event) => change({ conferenceUrl: event.currentTarget.value })} />
        </Line>
        <Line sign={<IconAlignLeft />}>
          <DescriptionField text={form.description} isDisabled={!may('description')} onChange={(description) => change({ description })} />
        </Line>
        <Line sign={<IconBell />}>
          <RemindersField value={form.reminders} isDisabled={!may('reminders')} onChange={(reminders) => change({ reminders })} />
        </Line>
        <Line sign={<IconPalette />}>
          <ColorField value={form.color} calendarColor={chosen?.color ?? ''} isDisabled={!may('color')} onChange={(color) => change({ color })} />
        </Line>
        <Line sign={<IconEye />}>
          <div className={classes.pair}>
            <Choice label="Shown as" value={form.transparency} options={{ opaque: 'Busy', transparent: 'Free' }} isDisabled={!may('transparency')} onChange={(transparency) => change({ transparency })} />
            <Choice label="Status" value={form.status} options={{ confirmed: 'Confirmed', tentative: 'Tentative', cancelled: 'Cancelled' }} isDisabled={!may('status')} onChange={(status) => change({ status })} />
          </div>
          <Choice
            label="Visibility"
            value={form.visibility}
            isDisabled={!may('visibility')}
            options={{ default: 'Visible as the calendar says', public: 'Public', private: 'Private', confidential: 'Confidential' }}
            onChange={(visibility) => change({ visibility })}
          />
        </Line>
        {failure !== null && (
          <p className={classes.failure} role="alert" data-testid="editor-failure">
            {failure.message}
          </p>
        )}
      </div>
      <footer className={classes.foot}>
        {onDelete !== null && (
          <Button variant="subtle" color="red" data-testid="delete-event" onClick={onDelete}>
            Delete
          </Button>
        )}
        <span className={classes.space} />
        <Button variant="subtle" color="gray" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={isSaving} data-testid="save-event">
          Save
        </Button>
      </footer>
    </form>
  );
}

/** Ctrl+Enter saves from anywhere in the form, also from a field of several lines. */
function saveByKey(form: HTMLFormElement | null) {
  if (form === null) return undefined;
  const hear = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  };
  form.addEventListener('keydown', hear);
  return () => form.removeEventListener('keydown', hear);
}

function Line({ sign, children }: { sign: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.line}>
      <span className={classes.sign} aria-hidden>
        {sign}
      </span>
      <div className={classes.field}>{children}</div>
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: Record<Value, string>;
  isDisabled: boolean;
  onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, isDisabled, onChange }: ChoiceProps<Value>) {
  const data = Object.entries<string>(options).map(([key, words]) => ({ value: key, label: words }));
  return <Select aria-label={label} value={value} data={data} allowDeselect={false} disabled={isDisabled} onChange={(chosen) => chosen !== null && onChange(chosen as Value)} />;
}

/** Plain text is edited as it is. HTML is shown rendered, until the person chooses to write over it. */
function DescriptionField({ text, isDisabled, onChange }: { text: string; isDisabled: boolean; onChange: (text: string) => void }) {
  const [isRaw, setRaw] = useState(!looksLikeHtml(text));
  if (!isRaw) {
    return (
      <div className={classes.rendered}>
        <Description text={text} />
        {!isDisabled && (
          <Button variant="subtle" color="gray" onClick={() => setRaw(true)}>
            Edit source
          </Button>
        )}
      </div>
    );
  }
  return <Textarea aria-label="Description" placeholder="Description" autosize minRows={2} maxRows={10} value={text} disabled={isDisabled} onChange={(event) => onChange(event.currentTarget.value)} />;
}
