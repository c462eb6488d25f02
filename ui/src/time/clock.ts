/** Times of day as people type and read them. */

/** A time of day in minutes since midnight. */
export type Minutes = number;

/** How the clock is written. */
export type HourCycle = 'h23' | 'h12';

/**
 * Reads a time of day as people type it: `9`, `930`, `9:30`, `9.30`, `9 pm`, `21h`, `noon`. Returns null when it is
 * none.
 */
export function parseClock(text: string): Minutes | null {
  const word = text.trim().toLowerCase();
  if (word === 'noon') return 12 * 60;
  if (word === 'midnight') return 0;
  const match = /^(\d{1,2})(?:[:.h ]?(\d{2}))?\s*h?\s*([ap])?\.?(?:m\.?)?$/.exec(word);
  if (!match) return null;
  let hour = Number(match[1]);
  const minute = Number(match[2] ?? '0');
  const half = match[3];
  if (minute > 59) return null;
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === 'p' ? 12 : 0);
  }
  if (hour > 23) return null;
  return hour * 60 + minute;
}

/** Writes a time of day. */
export function formatClock(minutes: Minutes, cycle: HourCycle): string {
  const hour = Math.floor(minutes / 60);
  const minute = String(minutes % 60).padStart(2, '0');
  if (cycle === 'h23') return `${String(hour).padStart(2, '0')}:${minute}`;
  return `${hour % 12 === 0 ? 12 : hour % 12}:${minute} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** Writes a time of day as briefly as can be understood: `9`, `9:30` and `9:30p` need less room than `09:30 PM`. */
export function formatClockShort(minutes: Minutes, cycle: HourCycle): string {
  if (cycle === 'h23') return formatClock(minutes, cycle);
  const hour = Math.floor(minutes / 60);
  const minute = minutes % 60;
  const digits = `${hour % 12 === 0 ? 12 : hour % 12}${minute === 0 ? '' : `:${String(minute).padStart(2, '0')}`}`;
  return `${digits}${hour < 12 ? 'am' : 'pm'}`;
}

/** Reads `HH:MM` or `HH:MM:SS`. */
export function minutesOf(clock: string): Minutes {
  const [hour = '0', minute = '0'] = clock.split(':');
  return Number(hour) * 60 + Number(minute);
}

/** Writes `HH:MM`. */
export function clockOf(minutes: Minutes): string {
  return formatClock(minutes, 'h23');
}

/** Lists every quarter of an hour, beginning at `from` and running once around the clock. */
export function quarters(from: Minutes = 0): Minutes[] {
  const first = Math.ceil(from / 15) * 15;
  return Array.from({ length: 96 }, (_, index) => (first + index * 15) % 1440);
}
