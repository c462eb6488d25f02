/** The editor's fields, and the way from an event to them and back. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { EventContent } from '../api/generated/EventContent';
import type { Field } from '../api/generated/Field';
import type { When } from '../api/generated/When';
import { clockOf, minutesOf, type Minutes } from './clock';
import { parseRule, recurrenceOf, repeatOf, ruleOf, shiftRule, writeRule, type Repeat } from './recurrence';
import { localStart } from './when';
import { instantOf, isZone, writeLocal } from './zones';

/** The time of an event as the editor holds it. Days are `YYYY-MM-DD`; the last day of an all-day event is inclusive. */
export interface WhenForm {
  allDay: boolean;
  startDate: string;
  startClock: Minutes;
  /** Empty for floating time. */
  startZone: string;
  endDate: string;
  endClock: Minutes;
  endZone: string;
}

/** What the editor holds. */
export interface EventForm {
  calendarId: string;
  title: string;
  when: WhenForm;
  repeat: Repeat;
  /** The rule's text; used when `repeat` is `custom`. */
  rule: string;
  location: string;
  description: string;
  conferenceUrl: string;
  status: EventContent['status'];
  transparency: EventContent['transparency'];
  visibility: EventContent['visibility'];
  reminders: EventContent['reminders'];
  attendees: EventContent['attendees'];
  color: EventContent['color'];
}

/** What cannot be saved yet, at the field that it concerns. */
export type FormErrors = Partial<Record<Field, string>>;

/** Takes an event's time apart for the editor. */
export function whenForm(when: When, viewer: string): WhenForm {
  if (when.kind === 'all_day') {
    const last = Temporal.PlainDate.from(when.end).subtract({ days: 1 });
    return {
      allDay: true,
      startDate: when.start,
      startClock: 9 * 60,
      startZone: viewer,
      endDate: last.toString(),
      endClock: 10 * 60,
      endZone: viewer,
    };
  }
  const isZoned = when.kind === 'zoned';
  const [startDate = '', startTime = ''] = (isZoned ? when.start.local : when.start).split('T');
  const [endDate = '', endTime = ''] = (isZoned ? when.end.local : when.end).split('T');
  return {
    allDay: false,
    startDate,
    startClock: minutesOf(startTime),
    startZone: isZoned ? when.start.zone : '',
    endDate,
    endClock: minutesOf(endTime),
    endZone: isZoned ? when.end.zone : '',
  };
}

/** Puts the time of an event together; returns a sentence instead when that is not possible. */
export function whenOf(form: WhenForm): When | string {
  if (form.startDate === '' || form.endDate === '') return 'Choose a day.';
  if (form.allDay) {
    if (form.endDate < form.startDate) return 'The last day is before the first.';
    return { kind: 'all_day', start: form.startDate, end: Temporal.PlainDate.from(form.endDate).add({ days: 1 }).toString() };
  }
  const start = localTime(form.startDate, form.startClock);
  const end = localTime(form.endDate, form.endClock);
  if (form.startZone === '') {
    return end < start ? 'It ends before it starts.' : { kind: 'floating', start, end };
  }
  const endZone = form.endZone === '' ? form.startZone : form.endZone;
  if (!isZone(form.startZone) || !isZone(endZone)) return 'Choose a time zone from the list.';
  const when: When = { kind: 'zoned', start: { local: start, zone: form.startZone }, end: { local: end, zone: endZone } };
  return Temporal.Instant.compare(instantOf(when.end), instantOf(when.start)) < 0 ? 'It ends before it starts.' : when;
}

function localTime(date: string, clock: Minutes): string {
  return writeLocal(Temporal.PlainDateTime.from(`${date}T${clockOf(clock)}`));
}

/** Moves the start and takes the end along, so that the length stays. */
export function withStart(form: WhenForm, date: string, clock: Minutes): WhenForm {
  const before = Temporal.PlainDateTime.from(localTime(form.startDate, form.startClock));
  const after = Temporal.PlainDateTime.from(localTime(date, clock));
  const end = Temporal.PlainDateTime.from(localTime(form.endDate, form.endClock)).add(before.until(after));
  return {
    ...form,
    startDate: date,
    startClock: clock,
    endDate: end.toPlainDate().toString(),
    endClock: end.hour * 60 + end.minute,
  };
}

/** Sets the time of day at which it ends; a time before the start means the day after, when it was on one day. */
export function withEndClock(form: WhenForm, clock: Minutes): WhenForm {
  const sameZone = form.startZone === form.endZone;
  const wraps = sameZone && form.endDate === form.startDate && clock < form.startClock;
  const nextDay = Temporal.PlainDate.from(form.startDate).add({ days: 1 }).toString();
  const returns = sameZone && form.endDate === nextDay && clock > form.startClock && form.endClock <= form.startClock;
  let endDate = form.endDate;
  if (wraps) endDate = nextDay;
  if (returns) endDate = form.startDate;
  return { ...form, endDate, endClock: clock };
}

/** Fills the editor. `content.recurrence` is that of the series, also when one occurrence is edited. */
export function formOf(content: EventContent, calendarId: string, viewer: string): EventForm {
  const when = whenForm(content.when, viewer);
  return {
    calendarId,
    title: content.title,
    when,
    repeat: repeatOf(content.recurrence, Temporal.PlainDate.from(when.startDate)),
    rule: content.recurrence?.rules[0] ?? '',
    location: content.location,
    description: content.description,
    conferenceUrl: content.conference_url ?? '',
    status: content.status,
    transparency: content.transparency,
    visibility: content.visibility,
    reminders: content.reminders,
    attendees: content.attendees,
    color: content.color,
  };
}

/**
 * Reads the editor: the content to be saved, or what is wrong with it. What it does not show stays as it is. A rule
 * that was not touched moves along with the series; when one occurrence is edited it stays.
 */
export function contentOf(
  form: EventForm,
  base: EventContent,
  isOccurrence = false,
): { content: EventContent } | { errors: FormErrors } {
  const errors: FormErrors = {};
  const when = whenOf(form.when);
  if (typeof when === 'string') errors.when = when;
  const recurrence = recurrenceFrom(form, base, isOccurrence);
  if (typeof recurrence === 'string') errors.recurrence = recurrence;
  const conferenceUrl = form.conferenceUrl.trim();
  if (conferenceUrl !== '' && conferenceUrl !== base.conference_url && !/^https?:\/\/\S+$/.test(conferenceUrl)) {
    errors.conference_url = 'A link begins with https://';
  }
  if (Object.keys(errors).length > 0 || typeof when === 'string' || typeof recurrence === 'string') return { errors };
  return {
    content: {
      ...base,
      title: form.title.trim(),
      when,
      recurrence,
      location: form.location.trim(),
      description: form.description,
      conference_url: conferenceUrl === '' ? null : conferenceUrl,
      status: form.status,
      transparency: form.transparency,
      visibility: form.visibility,
      reminders: form.reminders,
      attendees: form.attendees,
      color: form.color,
    },
  };
}

/** Reads how it repeats, or says what is wrong with that. */
export function recurrenceFrom(form: EventForm, base: EventContent, isOccurrence: boolean): EventContent['recurrence'] | string {
  if (form.repeat === 'none') return null;
  const date = Temporal.PlainDate.from(form.when.startDate === '' ? '2000-01-01' : form.when.startDate);
  const baseDate = localStart(base.when).toPlainDate();
  const untouched =
    base.recurrence !== null &&
    form.repeat === repeatOf(base.recurrence, baseDate) &&
    (form.repeat !== 'custom' || form.rule === (base.recurrence.rules[0] ?? ''));
  if (untouched && base.recurrence !== null) {
    const days = isOccurrence ? 0 : baseDate.until(date, { largestUnit: 'days' }).days;
    return { ...base.recurrence, rules: base.recurrence.rules.map((rule) => shiftRule(rule, baseDate, days)) };
  }
  if (form.repeat !== 'custom') return recurrenceOf(ruleOf(form.repeat, date));
  const parts = parseRule(form.rule);
  return parts === null ? 'Write a rule such as FREQ=WEEKLY;BYDAY=MO,WE' : recurrenceOf(writeRule(parts));
}
