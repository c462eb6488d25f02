/** The agenda's days. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import type { DayRange } from '../../time/periods';
import { onlyDay, spanMs } from '../../time/wall';
import { dateIn } from '../../time/zones';

/** A day with what takes place on it. */
export interface AgendaDay {
  date: Temporal.PlainDate;
  /** Whole days first, then by start. */
  occurrences: OccurrenceView[];
}

/** As much of a day as is drawn at once: a day may have more events than fit on the screen. */
export interface AgendaPart extends AgendaDay {
  id: string;
  /** The date stands before the first part. */
  isFirst: boolean;
  isLast: boolean;
}

/** As many events as are drawn at once. */
const PART = 10;

/** Divides days that have many events. */
export function agendaParts(days: readonly AgendaDay[]): AgendaPart[] {
  return days.flatMap(({ date, occurrences }) => {
    const count = Math.max(1, Math.ceil(occurrences.length / PART));
    return Array.from({ length: count }, (_, part) => ({ id: `${date.toString()}/${part}`, date, occurrences: occurrences.slice(part * PART, (part + 1) * PART), isFirst: part === 0, isLast: part === count - 1 }));
  });
}

/** Lists the days that have something; what lasts several days is named on each. Today is always there. */
export function agendaDays(occurrences: readonly OccurrenceView[], range: DayRange, today: Temporal.PlainDate, viewer: string): AgendaDay[] {
  const days = new Map<string, OccurrenceView[]>();
  const isInRange = (date: Temporal.PlainDate) =>
    Temporal.PlainDate.compare(date, range.start) >= 0 && Temporal.PlainDate.compare(date, range.end) < 0;
  const [first, end] = [range.start.toString(), range.end.toString()];
  const put = (day: string, occurrence: OccurrenceView) => {
    const known = days.get(day);
    if (known === undefined) days.set(day, [occurrence]);
    else known.push(occurrence);
  };
  if (isInRange(today)) days.set(today.toString(), []);
  for (const occurrence of occurrences) {
    const day = occurrence.when.kind === 'all_day' ? null : onlyDay(spanMs(occurrence), viewer);
    if (day !== null) {
      if (day >= first && day < end) put(day, occurrence);
      continue;
    }
    const { first: from, last } = daysOf(occurrence, viewer);
    for (let date = from; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
      if (Temporal.PlainDate.compare(date, range.end) >= 0) break;
      if (!isInRange(date)) continue;
      put(date.toString(), occurrence);
    }
  }
  const rank = ({ when }: OccurrenceView) => (when.kind === 'all_day' ? 0 : 1);
  return [...days]
    .toSorted(([left], [right]) => order(left, right))
    .map(([date, found]) => ({
      date: Temporal.PlainDate.from(date),
      occurrences: found.toSorted((a, b) => rank(a) - rank(b) || order(a.starts_at, b.starts_at)),
    }));
}

/** The order of dates and instants as they are written. */
const order = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function daysOf({ when, starts_at, ends_at }: OccurrenceView, viewer: string) {
  if (when.kind === 'all_day') {
    return { first: Temporal.PlainDate.from(when.start), last: Temporal.PlainDate.from(when.end).subtract({ days: 1 }) };
  }
  const start = Temporal.Instant.from(starts_at);
  const end = Temporal.Instant.from(ends_at);
  const isPoint = start.equals(end);
  return { first: dateIn(start, viewer), last: dateIn(isPoint ? end : end.subtract({ nanoseconds: 1 }), viewer) };
}
