/** What a copy of an event is, and where it goes. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { EventContent } from '../api/generated/EventContent';
import type { When } from '../api/generated/When';
import type { DayRange } from './periods';
import { localStart } from './when';
import { writeLocal } from './zones';

/**
 * Makes the content of a copy. It is the person's own: it invites nobody a second time, and carries nothing by which a
 * service could take it for the original.
 */
export function copyOf(content: EventContent): EventContent {
  return { ...content, attendees: [], organizer: null, extras: {}, status: content.status === 'cancelled' ? 'confirmed' : content.status };
}

/** Moves a time by whole days, on its own walls. */
export function shiftedDays(when: When, days: number): When {
  const local = (text: string) => writeLocal(Temporal.PlainDateTime.from(text).add({ days }));
  switch (when.kind) {
    case 'all_day':
      return { kind: 'all_day', start: Temporal.PlainDate.from(when.start).add({ days }).toString(), end: Temporal.PlainDate.from(when.end).add({ days }).toString() };
    case 'zoned':
      return { kind: 'zoned', start: { ...when.start, local: local(when.start.local) }, end: { ...when.end, local: local(when.end.local) } };
    case 'floating':
      return { kind: 'floating', start: local(when.start), end: local(when.end) };
  }
}

/**
 * Chooses when a copy takes place that is pasted: at its own time where that is shown, on the same weekday of a week that
 * is shown, and otherwise on the day in focus.
 */
export function pastedWhen(when: When, shown: DayRange, focus: Temporal.PlainDate): When {
  const day = localStart(when).toPlainDate();
  const isShown = (date: Temporal.PlainDate) => Temporal.PlainDate.compare(date, shown.start) >= 0 && Temporal.PlainDate.compare(date, shown.end) < 0;
  if (isShown(day)) return when;
  const length = shown.start.until(shown.end, { largestUnit: 'days' }).days;
  const weekday = shown.start.add({ days: (day.dayOfWeek - shown.start.dayOfWeek + 7) % 7 });
  const target = length <= 7 && isShown(weekday) ? weekday : focus;
  return shiftedDays(when, day.until(target, { largestUnit: 'days' }).days);
}
