/** Walking from event to event by keys. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import { occurrenceId } from '../api/targets';
import { dateIn } from '../time/zones';

/** Where a step leads. */
export type Direction = 'next' | 'previous' | 'day-after' | 'day-before';

/**
 * Returns the occurrence that a step leads to: in order of time, or the nearest in time of day on another day.
 * Without a place to start from, the first one that is not over.
 */
export function walk(
  occurrences: readonly OccurrenceView[],
  fromId: string | null,
  direction: Direction,
  viewer: string,
  now: Temporal.Instant,
): OccurrenceView | null {
  const ordered = occurrences.toSorted((a, b) => a.starts_at.localeCompare(b.starts_at) || a.title.localeCompare(b.title));
  const index = ordered.findIndex((occurrence) => occurrenceId(occurrence) === fromId);
  const from = ordered[index];
  if (!from) return ordered.find(({ ends_at }) => Temporal.Instant.compare(ends_at, now) > 0) ?? ordered.at(0) ?? null;
  if (direction === 'next') return ordered[index + 1] ?? from;
  if (direction === 'previous') return ordered[index - 1] ?? from;
  const sign = direction === 'day-after' ? 1 : -1;
  const place = (occurrence: OccurrenceView) => {
    const start = Temporal.Instant.from(occurrence.starts_at).toZonedDateTimeISO(viewer);
    return { day: dateIn(start.toInstant(), viewer), minutes: start.hour * 60 + start.minute };
  };
  const here = place(from);
  let best: { occurrence: OccurrenceView; days: number; minutes: number } | null = null;
  for (const occurrence of ordered) {
    const there = place(occurrence);
    const days = sign * here.day.until(there.day, { largestUnit: 'days' }).days;
    if (days <= 0) continue;
    const minutes = Math.abs(there.minutes - here.minutes);
    if (best === null || days < best.days || (days === best.days && minutes < best.minutes)) best = { occurrence, days, minutes };
  }
  return best?.occurrence ?? from;
}
