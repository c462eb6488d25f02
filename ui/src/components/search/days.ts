/** What a search found, by day. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { spanMs, wallAt } from '../../time/wall';

/** A day with what was found on it. */
export interface FoundDay {
  date: Temporal.PlainDate;
  isPast: boolean;
  /** Each with its place in the whole list. */
  hits: { hit: OccurrenceView; place: number }[];
}

/** Puts what follows each other on one day together, in the order in which it came. Today may be both: past and to come. `now` is in milliseconds since 1970. */
export function foundDays(hits: readonly OccurrenceView[], now: number, viewer: string): FoundDay[] {
  const days: FoundDay[] = [];
  let lastDay = '';
  for (const [place, hit] of hits.entries()) {
    const { start, end } = spanMs(hit);
    const { day } = wallAt(start, viewer);
    const isPast = end <= now;
    const last = days.at(-1);
    if (last?.isPast === isPast && lastDay === day) last.hits.push({ hit, place });
    else days.push({ date: Temporal.PlainDate.from(day), isPast, hits: [{ hit, place }] });
    lastDay = day;
  }
  return days;
}
