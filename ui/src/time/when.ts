/** What a drag, an edit or a shift of a series makes of the time of an event. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { When } from '../api/generated/When';
import { instantOf, startOfDay, writeLocal, zonedTimeAt } from './zones';

/** A stretch of the time line. */
export interface Span {
  start: Temporal.Instant;
  end: Temporal.Instant;
}

/** Where something was dropped in the grid: on days, or between two instants. */
export type Drop = { kind: 'all_day'; start: string; end: string } | { kind: 'timed'; start: string; end: string };

/** Returns the instants that an event covers for a reader in `viewer`. */
export function spanOf(when: When, viewer: string): Span {
  switch (when.kind) {
    case 'all_day':
      return {
        start: startOfDay(Temporal.PlainDate.from(when.start), viewer),
        end: startOfDay(Temporal.PlainDate.from(when.end), viewer),
      };
    case 'zoned':
      return { start: instantOf(when.start), end: instantOf(when.end) };
    case 'floating':
      return {
        start: instantOf({ local: when.start, zone: viewer }),
        end: instantOf({ local: when.end, zone: viewer }),
      };
  }
}

/**
 * Returns the time of an event after it was dropped somewhere else. An event keeps its own zones: the dropped instant
 * is read on its own wall. What was all-day and becomes timed is read on the viewer's wall.
 */
export function movedWhen(original: When, drop: Drop, viewer: string): When {
  if (drop.kind === 'all_day') return { kind: 'all_day', start: drop.start, end: drop.end };
  const start = Temporal.Instant.from(drop.start);
  const end = Temporal.Instant.from(drop.end);
  switch (original.kind) {
    case 'zoned':
      return {
        kind: 'zoned',
        start: zonedTimeAt(start, original.start.zone),
        end: zonedTimeAt(end, original.end.zone),
      };
    case 'floating':
      return { kind: 'floating', start: zonedTimeAt(start, viewer).local, end: zonedTimeAt(end, viewer).local };
    case 'all_day':
      return { kind: 'zoned', start: zonedTimeAt(start, viewer), end: zonedTimeAt(end, viewer) };
  }
}

/** Returns what the event's own wall shows at its start. */
export function localStart(when: When): Temporal.PlainDateTime {
  switch (when.kind) {
    case 'all_day':
      return Temporal.PlainDate.from(when.start).toPlainDateTime();
    case 'zoned':
      return Temporal.PlainDateTime.from(when.start.local);
    case 'floating':
      return Temporal.PlainDateTime.from(when.start);
  }
}

/** Returns the day on which it starts for a reader in `viewer`. */
export function startDay(when: When, viewer: string): Temporal.PlainDate {
  const start = localStart(when);
  return when.kind === 'zoned' ? start.toZonedDateTime(when.start.zone).withTimeZone(viewer).toPlainDate() : start.toPlainDate();
}

/** Counts the days from one event's first day to another's, each on its own wall. */
export function daysBetween(from: When, to: When): number {
  return localStart(from).toPlainDate().until(localStart(to).toPlainDate(), { largestUnit: 'days' }).days;
}

/**
 * Returns the time of a series after one of its occurrences was changed from `before` to `after` and all others shall
 * follow: as many days later, at the new time of day, in the new zones, with the new length.
 */
export function shiftedSeries(series: When, before: When, after: When): When {
  const firstDay = localStart(series).toPlainDate().add({ days: daysBetween(before, after) });
  switch (after.kind) {
    case 'all_day': {
      const days = Temporal.PlainDate.from(after.start).until(after.end, { largestUnit: 'days' }).days;
      return { kind: 'all_day', start: firstDay.toString(), end: firstDay.add({ days }).toString() };
    }
    case 'zoned': {
      const start = {
        local: writeLocal(firstDay.toPlainDateTime(localStart(after).toPlainTime())),
        zone: after.start.zone,
      };
      const length = instantOf(after.start).until(instantOf(after.end));
      const end = zonedTimeAt(instantOf(start).add(length), after.end.zone);
      return { kind: 'zoned', start, end };
    }
    case 'floating': {
      const start = firstDay.toPlainDateTime(localStart(after).toPlainTime());
      const length = Temporal.PlainDateTime.from(after.start).until(after.end);
      return { kind: 'floating', start: writeLocal(start), end: writeLocal(start.add(length)) };
    }
  }
}

/** Tells whether both say the same; a missing fold is the earlier one. */
export function sameWhen(left: When, right: When): boolean {
  return JSON.stringify(plain(left)) === JSON.stringify(plain(right));
}

function plain(when: When): unknown {
  if (when.kind !== 'zoned') return [when.kind, when.start, when.end];
  const { start, end } = when;
  return [when.kind, start.local, start.zone, start.fold ?? 'earlier', end.local, end.zone, end.fold ?? 'earlier'];
}
