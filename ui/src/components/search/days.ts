/** What a search found, by day. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { startDay } from '../../time/when';

/** A day with what was found on it. */
export interface FoundDay {
  date: Temporal.PlainDate;
  isPast: boolean;
  /** Each with its place in the whole list. */
  hits: { hit: OccurrenceView; place: number }[];
}

/** Puts what follows each other on one day together, in the order in which it came. Today may be both: past and to come. */
export function foundDays(hits: readonly OccurrenceView[], now: Temporal.Instant, viewer: string): FoundDay[] {
  const days: FoundDay[] = [];
  for (const [place, hit] of hits.entries()) {
    const date = startDay(hit.when, viewer);
    const isPast = Temporal.Instant.compare(hit.ends_at, now) <= 0;
    const last = days.at(-1);
    if (last?.isPast === isPast && last.date.equals(date)) last.hits.push({ hit, place });
    else days.push({ date, isPast, hits: [{ hit, place }] });
  }
  return days;
}
