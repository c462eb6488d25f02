/** A replica in memory: events, series and their overrides, edits and their way back. */
import { Temporal } from 'temporal-polyfill';
import type { CalendarView } from '../../api/generated/CalendarView';
import type { EditReceipt } from '../../api/generated/EditReceipt';
import type { EditScopes } from '../../api/generated/EditScopes';
import type { EventAnswer } from '../../api/generated/EventAnswer';
import type { EventChange } from '../../api/generated/EventChange';
import type { EventContent } from '../../api/generated/EventContent';
import type { EventDraft } from '../../api/generated/EventDraft';
import type { EventMove } from '../../api/generated/EventMove';
import type { EventTarget } from '../../api/generated/EventTarget';
import type { EventView } from '../../api/generated/EventView';
import type { Failure } from '../../api/generated/Failure';
import type { Field } from '../../api/generated/Field';
import type { MoveAnswer } from '../../api/generated/MoveAnswer';
import type { OccurrenceKey } from '../../api/generated/OccurrenceKey';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import type { SyncMark } from '../../api/generated/SyncMark';
import type { TimeWindow } from '../../api/generated/TimeWindow';
import { spanOf } from '../../time/when';
import { expand, originalKey, type Appearance } from './expand';

/** Everything that can be changed of an event of one's own. */
const FIELDS: Field[] = [
  'title', 'description', 'location', 'when', 'recurrence', 'status', 'transparency', 'visibility', 'reminders', 'attendees',
  'conference_url', 'color', 'url',
];

/** What remains of somebody else's event. */
const GUEST_FIELDS: Field[] = ['color', 'reminders', 'transparency', 'visibility'];

/** A row of the replica in memory. */
export interface Row {
  id: string;
  calendar_id: string;
  content: EventContent;
  revision: number;
  updated_at: string;
  occurrence_of: OccurrenceKey | null;
  mark: SyncMark;
  error: string | null;
}

/** The replica in memory. */
export class World {
  rows = new Map<string, Row>();
  calendars: CalendarView[] = [];
  #undo = new Map<number, Map<string, Row>>();
  /** The calendars that were made for an edit. */
  #made = new Map<number, CalendarView>();
  #next = 1;

  constructor(readonly viewer: string) {}

  /** Adds an event as it stands. */
  add(calendarId: string, content: EventContent, mark: SyncMark = 'synced', error: string | null = null): Row {
    const row: Row = {
      id: `event-${this.#next++}`,
      calendar_id: calendarId,
      content,
      revision: 1,
      updated_at: Temporal.Now.instant().toString({ smallestUnit: 'second' }),
      occurrence_of: null,
      mark,
      error,
    };
    this.rows.set(row.id, row);
    return row;
  }

  occurrences(window: TimeWindow): OccurrenceView[] {
    const from = Temporal.Instant.from(window.from);
    const to = Temporal.Instant.from(window.to);
    const hidden = new Set(this.calendars.filter((calendar) => !calendar.visible).map((calendar) => calendar.id));
    const found: OccurrenceView[] = [];
    for (const row of this.rows.values()) {
      if (hidden.has(row.calendar_id)) continue;
      for (const [when, key] of this.#appearances(row, to)) {
        const span = spanOf(when, window.viewer);
        if (Temporal.Instant.compare(span.start, to) >= 0) continue;
        const isPoint = span.start.equals(span.end) && Temporal.Instant.compare(span.start, from) >= 0;
        if (Temporal.Instant.compare(span.end, from) > 0 || isPoint) found.push(this.#view(row, when, key));
      }
    }
    return found.toSorted((left, right) => Date.parse(left.starts_at) - Date.parse(right.starts_at));
  }

  search(text: string, now: Temporal.Instant, limit: number): OccurrenceView[] {
    const wanted = wordsOf(text);
    if (wanted.length === 0) return [];
    const hidden = new Set(this.calendars.filter((calendar) => !calendar.visible).map((calendar) => calendar.id));
    const isPast = ({ ends_at }: OccurrenceView) => Temporal.Instant.compare(ends_at, now) <= 0;
    const hits = [...this.rows.values()].flatMap((row) => {
      const { title, location, description, attendees } = row.content;
      const words = wordsOf([title, location, description, ...attendees.flatMap(({ name, email }) => [name, email])].join(' '));
      if (hidden.has(row.calendar_id) || !wanted.every((word) => words.some((said) => said.startsWith(word)))) return [];
      const all = [...this.#appearances(row, now.add({ hours: 24 * 400 }))].map(([when, key]) => this.#view(row, when, key));
      return all.find((one) => !isPast(one)) ?? all.at(-1) ?? [];
    });
    const start = ({ starts_at }: OccurrenceView) => Date.parse(starts_at);
    const coming = hits.filter((hit) => !isPast(hit)).toSorted((left, right) => start(left) - start(right));
    const past = hits.filter(isPast).toSorted((left, right) => start(right) - start(left));
    return [...coming, ...past].slice(0, limit);
  }

  event(target: EventTarget): EventView {
    const row = this.#find(target);
    if (target.kind === 'event' || row.occurrence_of !== null) return this.#eventView(row, row.content, row.occurrence_of);
    const appearance = this.#appearance(row, target.key);
    const recurrence = target.kind === 'following' ? row.content.recurrence : null;
    return this.#eventView(row, { ...row.content, when: appearance.when, recurrence }, target.key);
  }

  create(draft: EventDraft): EditReceipt {
    if (!this.#calendar(draft.calendar_id).writable) throw refuse('read_only', 'This calendar cannot be changed here.');
    const undo = this.#remember();
    const row = this.add(draft.calendar_id, draft.content, this.#markOf(draft.calendar_id));
    return { event: this.#eventView(row, row.content, null), undo };
  }

  change({ target, content, seen_revision }: EventChange): EditReceipt {
    const row = this.#find(target);
    if (!this.#calendar(row.calendar_id).writable) throw refuse('read_only', 'This calendar cannot be changed here.');
    if (seen_revision !== null && seen_revision !== row.revision) {
      throw refuse('stale', 'The event was changed meanwhile. Look at it again before you save.');
    }
    const undo = this.#remember();
    if (target.kind === 'following') {
      const { original_start: start } = target.key;
      const tail = this.#following(target.key);
      this.#end(row, start);
      const next = this.add(row.calendar_id, content, this.#markOf(row.calendar_id));
      for (const later of tail) this.rows.set(later.id, { ...later, occurrence_of: { series_id: next.id, original_start: later.occurrence_of?.original_start ?? start } });
      return { event: this.#eventView(next, next.content, null), undo };
    }
    const override = target.kind === 'occurrence' && row.occurrence_of === null;
    const changed: Row = {
      ...row,
      id: override ? `event-${this.#next++}` : row.id,
      content: override ? { ...content, recurrence: null } : content,
      occurrence_of: override ? target.key : row.occurrence_of,
      revision: row.revision + 1,
      updated_at: Temporal.Now.instant().toString({ smallestUnit: 'second' }),
      mark: this.#markOf(row.calendar_id),
      error: null,
    };
    this.rows.set(changed.id, changed);
    return { event: this.#eventView(changed, changed.content, changed.occurrence_of), undo };
  }

  remove(target: EventTarget): EditReceipt {
    const row = this.#find(target);
    if (!this.#calendar(row.calendar_id).writable) throw refuse('read_only', 'This calendar cannot be changed here.');
    const undo = this.#remember();
    if (target.kind === 'following') {
      for (const { id } of this.#following(target.key)) this.rows.delete(id);
      this.#end(row, target.key.original_start);
      return { event: null, undo };
    }
    const key = target.kind === 'occurrence' ? target.key : row.occurrence_of;
    this.rows.delete(key === null || row.occurrence_of !== null ? row.id : '');
    const overrides = [...this.rows.values()].filter((other) => key === null && other.occurrence_of?.series_id === row.id);
    for (const { id } of overrides) this.rows.delete(id);
    const series = key === null ? undefined : this.rows.get(key.series_id);
    if (key !== null && series?.content.recurrence) {
      const recurrence = { ...series.content.recurrence };
      recurrence.exclusion_dates = [...recurrence.exclusion_dates, key.original_start];
      this.rows.set(series.id, { ...series, content: { ...series.content, recurrence }, revision: series.revision + 1 });
    }
    return { event: null, undo };
  }

  answer({ target, response }: EventAnswer): EditReceipt {
    const { content } = this.event(target);
    const attendees = content.attendees.map((attendee) => (attendee.is_self ? { ...attendee, response } : attendee));
    return this.change({ target, content: { ...content, attendees }, seen_revision: null });
  }

  move({ id, calendar_id, confirmed = false }: EventMove): MoveAnswer {
    const row = this.#find({ kind: 'event', id });
    const [from, to] = [this.#calendar(row.calendar_id), this.#calendar(calendar_id)];
    const isWithin = from.links[0]?.integration_id === to.links[0]?.integration_id;
    if (!isWithin && from.links.length > 0 && !confirmed) {
      return { kind: 'confirm', message: `“${from.name}” and “${to.name}” are kept at different accounts: “${row.content.title}” is made anew in the one and deleted in the other.` };
    }
    const undo = this.#remember();
    const moved: Row = { ...row, calendar_id, revision: row.revision + 1, mark: this.#markOf(calendar_id) };
    this.rows.set(id, moved);
    return { kind: 'moved', receipt: { event: this.#eventView(moved, moved.content, null), undo } };
  }

  scopes(key: OccurrenceKey): EditScopes {
    const { content } = this.#find({ kind: 'event', id: key.series_id });
    const rule = content.recurrence?.rules[0] ?? '';
    const isEndless = !/COUNT|UNTIL/.test(rule);
    const starts = expand(content.when, rule, Temporal.Now.instant().add({ hours: 24 * 3000 }), this.viewer).map(({ original }) => originalKey(original));
    const from = starts.indexOf(originalKey(key.original_start));
    return { following: isEndless ? null : starts.length - from, all: isEndless ? null : starts.length, is_first: from === 0 };
  }

  undo(token: number): EditReceipt {
    const before = this.#undo.get(token);
    if (!before) throw refuse('not_found', 'This edit can no longer be taken back.');
    const redo = this.#remember();
    this.rows = new Map(before);
    const made = this.#made.get(token);
    if (made !== undefined) this.#comeOrGo(made, redo);
    return { event: null, undo: redo };
  }

  /** Notes that a calendar was made for an edit, and goes with it. */
  goesWith(token: number, calendarId: string): void {
    const calendar = this.calendars.find(({ id }) => id === calendarId);
    if (calendar !== undefined) this.#made.set(token, calendar);
  }

  #comeOrGo(made: CalendarView, redo: number): void {
    const at = this.calendars.findIndex(({ id }) => id === made.id);
    if (at === -1) this.calendars.push(made);
    else if (![...this.rows.values()].some((row) => row.calendar_id === made.id)) this.calendars.splice(at, 1);
    this.#made.set(redo, made);
  }

  /** Changes rows as they are; returns the way back. */
  rewrite(change: (rows: Map<string, Row>) => void): number {
    const undo = this.#remember();
    change(this.rows);
    return undo;
  }

  /** Sets the mark of every row that is on its way, as when the outbox has been emptied. */
  settle(): boolean {
    const waiting = [...this.rows.values()].filter((row) => row.mark === 'pending');
    for (const row of waiting) this.rows.set(row.id, { ...row, mark: 'synced' });
    return waiting.length > 0;
  }

  /** The edited occurrences from one on. */
  #following({ series_id, original_start }: OccurrenceKey): Row[] {
    const from = originalKey(original_start);
    return [...this.rows.values()].filter(({ occurrence_of }) => occurrence_of?.series_id === series_id && originalKey(occurrence_of.original_start) >= from);
  }

  /** Ends a series before an occurrence. */
  #end(row: Row, start: OccurrenceKey['original_start']): void {
    const { recurrence } = row.content;
    if (recurrence === null) return;
    const last = Temporal.PlainDate.from(originalKey(start).slice(0, 10)).subtract({ days: 1 });
    const rules = recurrence.rules.map((rule) => `${rule.replace(/;(COUNT|UNTIL)=[^;]*/g, '')};UNTIL=${last.toString().replaceAll('-', '')}`);
    this.rows.set(row.id, { ...row, content: { ...row.content, recurrence: { ...recurrence, rules } }, revision: row.revision + 1 });
  }

  #remember(): number {
    const token = this.#next++;
    this.#undo.set(token, new Map(this.rows));
    return token;
  }

  #markOf(calendarId: string): SyncMark {
    return this.#calendar(calendarId).links.length > 0 ? 'pending' : 'local';
  }

  #calendar(id: string): CalendarView {
    const calendar = this.calendars.find((candidate) => candidate.id === id);
    if (!calendar) throw refuse('not_found', 'This calendar is no longer there.');
    return calendar;
  }

  #find(target: EventTarget): Row {
    const override = target.kind === 'occurrence' ? this.#override(target.key) : undefined;
    const row = override ?? this.rows.get(target.kind === 'event' ? target.id : target.key.series_id);
    if (!row) throw refuse('not_found', 'The event is no longer there.');
    return row;
  }

  #override(key: OccurrenceKey): Row | undefined {
    const wanted = originalKey(key.original_start);
    return [...this.rows.values()].find(
      ({ occurrence_of }) =>
        occurrence_of?.series_id === key.series_id && originalKey(occurrence_of.original_start) === wanted,
    );
  }

  #appearance(row: Row, key: OccurrenceKey): Appearance {
    const wanted = originalKey(key.original_start);
    const far = Temporal.Now.instant().add({ hours: 24 * 800 });
    const found = expand(row.content.when, row.content.recurrence?.rules[0] ?? '', far, this.viewer).find(
      ({ original }) => originalKey(original) === wanted,
    );
    if (!found) throw refuse('not_found', 'The event is no longer there.');
    return found;
  }

  *#appearances(row: Row, to: Temporal.Instant): Generator<[EventContent['when'], OccurrenceKey | null]> {
    const rule = row.content.recurrence?.rules[0];
    if (rule === undefined) {
      yield [row.content.when, row.occurrence_of];
      return;
    }
    const left = new Set(row.content.recurrence?.exclusion_dates.map(originalKey));
    for (const { original, when } of expand(row.content.when, rule, to, this.viewer)) {
      const key = { series_id: row.id, original_start: original };
      if (!left.has(originalKey(original)) && !this.#override(key)) yield [when, key];
    }
  }

  #view(row: Row, when: EventContent['when'], key: OccurrenceKey | null): OccurrenceView {
    const span = spanOf(when, this.viewer);
    const { content } = row;
    return {
      event_id: row.id,
      occurrence_of: key,
      calendar_id: row.calendar_id,
      title: content.title,
      location: content.location,
      when,
      starts_at: span.start.toString(),
      ends_at: span.end.toString(),
      status: content.status,
      transparency: content.transparency,
      response: content.attendees.find((attendee) => attendee.is_self)?.response ?? null,
      color: content.color,
      has_attendees: content.attendees.length > 0,
      read_only: !this.#calendar(row.calendar_id).writable,
      sync: row.mark,
    };
  }

  #eventView(row: Row, content: EventContent, key: OccurrenceKey | null): EventView {
    const calendar = this.#calendar(row.calendar_id);
    const isOwn = content.organizer === null || content.organizer.is_self;
    const status = { local: 'SYNCED', synced: 'SYNCED', pending: 'PENDING', conflict: 'CONFLICT', failed: 'FAILED' } as const;
    return {
      id: row.id,
      calendar_id: row.calendar_id,
      uid: `${row.id}@synodic.example`,
      occurrence_of: key,
      content,
      revision: row.revision,
      updated_at: row.updated_at,
      read_only: calendar.writable ? (isOwn ? null : `Only ${content.organizer?.name ?? ''}, who organises this event, can change it. Ask them.`) : `“${calendar.name}” is only read. Make the change where it is kept, or use another calendar.`,
      rights: {
        fields: calendar.writable ? (isOwn ? FIELDS : GUEST_FIELDS) : [],
        deletable: calendar.writable,
        answerable: calendar.writable && content.attendees.some(({ is_self }) => is_self),
      },
      links: calendar.links.map((link) => ({
        link_id: link.id,
        provider: link.provider,
        account: link.account,
        remote_name: link.remote_name,
        external_id: row.mark === 'pending' ? null : `remote-${row.id}`,
        status: status[row.mark],
        last_synced_at: row.mark === 'synced' ? row.updated_at : null,
        last_error: row.error,
      })),
    };
  }
}

/** The words of a text, so that case and accents make no difference. */
function wordsOf(text: string): string[] {
  return text.normalize('NFD').replace(/\p{Mark}/gu, '').toLowerCase().split(/[^\p{Letter}\p{Number}]+/u).filter((word) => word !== '');
}

/** Makes the failure that a refused command is rejected with. */
export function refuse(code: Failure['code'], message: string, field: Failure['field'] = null): Failure {
  return { code, message, field };
}
