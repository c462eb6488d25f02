/** How full each day of a year is. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { onlyDay, spanMs } from '../../time/wall';

/** What a day holds. */
export interface DayLoad {
  /** How many events touch it. */
  count: number;
  /** The minutes that they block, together; what only lies side by side counts twice. */
  minutes: number;
}

const NOTHING: DayLoad = { count: 0, minutes: 0 };

/** Counts what takes place on each day, for a reader in `viewer`. What is cancelled or declined does not take place. */
export function loadByDay(occurrences: readonly OccurrenceView[], viewer: string): Map<string, DayLoad> {
  const days = new Map<string, DayLoad>();
  const add = (day: string, minutes: number) => {
    const before = days.get(day) ?? NOTHING;
    days.set(day, { count: before.count + 1, minutes: before.minutes + minutes });
  };
  for (const occurrence of occurrences) {
    const { when, starts_at, ends_at, status, response, transparency } = occurrence;
    if (status === 'cancelled' || response === 'declined') continue;
    if (when.kind === 'all_day') {
      const last = Temporal.PlainDate.from(when.end);
      for (let day = Temporal.PlainDate.from(when.start); Temporal.PlainDate.compare(day, last) < 0; day = day.add({ days: 1 })) add(day.toString(), 0);
      continue;
    }
    const span = spanMs(occurrence);
    const day = onlyDay(span, viewer);
    if (day !== null) {
      add(day, transparency === 'transparent' ? 0 : (span.end - span.start) / 60_000);
      continue;
    }
    const end = Temporal.Instant.from(ends_at).toZonedDateTimeISO(viewer);
    let from = Temporal.Instant.from(starts_at).toZonedDateTimeISO(viewer);
    do {
      const night = from.add({ days: 1 }).startOfDay();
      const to = Temporal.ZonedDateTime.compare(end, night) < 0 ? end : night;
      add(from.toPlainDate().toString(), transparency === 'transparent' ? 0 : from.until(to).total('minutes'));
      from = night;
    } while (Temporal.ZonedDateTime.compare(from, end) < 0);
  }
  return days;
}

/** How strongly a day is shown, from 0 (nothing) to 4 (most of a working day or more). */
export function levelOf({ count, minutes }: DayLoad): 0 | 1 | 2 | 3 | 4 {
  if (count === 0) return 0;
  if (minutes < 90) return 1;
  if (minutes < 210) return 2;
  return minutes < 360 ? 3 : 4;
}

/** Says what a day holds: `3 events, 4 h 30 min`. */
export function loadWords({ count, minutes }: DayLoad): string {
  if (count === 0) return 'Nothing';
  const events = count === 1 ? '1 event' : `${count} events`;
  const rounded = Math.round(minutes);
  if (rounded === 0) return events;
  const [hours, rest] = [Math.floor(rounded / 60), rounded % 60];
  return `${events}, ${[hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : ''].filter((part) => part !== '').join(' ')}`;
}
