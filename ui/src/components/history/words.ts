/** The history of an event in words. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { Attendee } from '../../api/generated/Attendee';
import type { Author } from '../../api/generated/Author';
import type { ChangeKind } from '../../api/generated/ChangeKind';
import type { EventContent } from '../../api/generated/EventContent';
import type { Field } from '../../api/generated/Field';
import type { HistoryView } from '../../api/generated/HistoryView';
import type { OriginalStart } from '../../api/generated/OriginalStart';
import { formatDay, type Manner } from '../../time/format';
import { FIELD_NAMES, fieldText } from '../conflicts/words';

/** A change, with what the event said after it. */
export interface Change {
  entry: HistoryView;
  /** None where that is not known, or the event was gone. */
  after: EventContent | null;
}

/** One field, before and after. `before` is null where there was nothing before. */
export interface FieldChange {
  field: Field;
  name: string;
  before: string | null;
  after: string | null;
}

/** Puts beside each change what the event said after it, which the next later change still knew. Latest first. */
export function changesOf(entries: readonly HistoryView[], now: EventContent | null): Change[] {
  return entries.map((entry, place) => {
    const later = entries[place - 1];
    return { entry, after: entry.change === 'deleted' ? null : later === undefined ? now : later.before };
  });
}

/** Says who made a change. `service` is the name of the service that it came from. */
export function authorWords(author: Author, service: string | null): string {
  if (author === 'person') return 'You';
  if (author === 'remote') return service ?? 'A service';
  return service === null ? 'A merge of both sides' : `A merge with ${service}`;
}

const DEEDS: Record<Exclude<ChangeKind, 'changed'>, string> = { created: 'made it', deleted: 'deleted it', restored: 'brought it back' };

/** Says what was done: `changed title and place`. */
export function deedWords({ change, fields }: Pick<HistoryView, 'change' | 'fields'>): string {
  if (change !== 'changed') return DEEDS[change];
  const names = fields.map((field) => FIELD_NAMES[field].toLowerCase());
  if (names.length === 0) return 'changed it';
  if (names.length > 3) return `changed ${names.length} things`;
  return `changed ${names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`}`;
}

/** Lists what changed, field by field. Of an event that was made, its title and its time say enough. */
export function fieldChanges({ entry, after }: Change, manner: Manner, thisYear: number): FieldChange[] {
  const { change, before } = entry;
  const fields: readonly Field[] = change === 'changed' ? entry.fields : ['title', 'when'];
  const [left, right] = [change === 'created' ? null : before, change === 'deleted' ? null : after];
  return fields.map((field) => {
    const name = FIELD_NAMES[field];
    const [old, next] = [left, right].map((content) => (content === null ? null : fieldText(content, field, manner, thisYear)));
    if (old === undefined || next === undefined) return { field, name, before: null, after: null };
    // A restored event says what it said before it was deleted.
    if (change !== 'changed') return { field, name, before: change === 'deleted' ? old : null, after: change === 'deleted' ? null : (next ?? old) };
    const closer = left === null || right === null ? null : closely(field, left, right, manner, thisYear);
    if (closer !== null) return { field, name, ...closer };
    return { field, name, before: old === next ? null : old, after: old === next ? 'Changed in a detail' : next };
  });
}

/** What the words of a field leave out: who of the guests answered, which date is left out of a series. */
function closely(field: Field, before: EventContent, after: EventContent, manner: Manner, thisYear: number): Pick<FieldChange, 'before' | 'after'> | null {
  const isSame = fieldText(before, field, manner, thisYear) === fieldText(after, field, manner, thisYear);
  if (field === 'attendees' && isSame) {
    const answers = (people: readonly Attendee[], others: readonly Attendee[]) =>
      people
        .filter((person) => JSON.stringify(person) !== JSON.stringify(others.find(({ email }) => email === person.email)))
        .map(({ name, email, response }) => `${name === '' ? email : name}: ${ANSWERS[response]}`)
        .join(', ');
    return { before: answers(before.attendees, after.attendees), after: answers(after.attendees, before.attendees) };
  }
  if (field === 'recurrence' && JSON.stringify(before.recurrence?.rules) === JSON.stringify(after.recurrence?.rules)) {
    const known = new Set(before.recurrence?.exclusion_dates.map((date) => JSON.stringify(date)));
    const left = after.recurrence?.exclusion_dates.filter((date) => !known.has(JSON.stringify(date))) ?? [];
    if (left.length > 0) return { before: null, after: `without ${left.map((date) => formatDay(dayOf(date), manner, thisYear)).join(', ')}` };
  }
  return null;
}

const ANSWERS: Record<Attendee['response'], string> = { accepted: 'accepted', tentative: 'perhaps', declined: 'declined', needs_action: 'not answered' };

function dayOf(start: OriginalStart): Temporal.PlainDate {
  const text = start.kind === 'date' ? start.date : start.kind === 'zoned' ? start.time.local : start.time;
  return Temporal.PlainDate.from(text.slice(0, 10));
}

/** Whether a change can be taken back now: what is gone can only be restored, what is there cannot. */
export function isRevertible(change: ChangeKind, isThere: boolean): boolean {
  return change === 'deleted' ? !isThere : isThere;
}

/** Writes an instant so that nothing about it is left open. */
export function exactly(at: string, { viewer, locale }: Manner): string {
  return Temporal.Instant.from(at).toZonedDateTimeISO(viewer).toLocaleString(locale, { dateStyle: 'full', timeStyle: 'medium' });
}

/** Counts what a pull did: `3 made, 1 changed`. */
export function runWords({ created, changed, deleted }: { created: number; changed: number; deleted: number }): string {
  const parts: [number, string][] = [[created, 'made'], [changed, 'changed'], [deleted, 'deleted']];
  return parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`).join(', ');
}
