/** Reminders in words. Pure. */
import type { Reminders } from '../../api/generated/Reminders';

/** Says how long before the start: `At the start`, `10 minutes before`, `1 day before`. */
export function describeMinutes(minutes: number): string {
  if (minutes === 0) return 'At the start';
  const units: [number, string][] = [[10080, 'week'], [1440, 'day'], [60, 'hour']];
  const [size, name] = units.find(([length]) => minutes % length === 0) ?? [1, 'minute'];
  const count = minutes / size;
  return `${count} ${name}${count === 1 ? '' : 's'} before`;
}

/** Says all reminders in a line. */
export function describeReminders(reminders: Reminders): string {
  if (reminders.kind === 'calendar_default') return 'Reminders as the calendar says';
  if (reminders.reminders.length === 0) return 'No reminder';
  return reminders.reminders.map(({ minutes_before: minutes }) => describeMinutes(minutes)).join(', ');
}

/** What a time before the start is counted in. */
export const REMINDER_UNITS = ['minutes', 'hours', 'days', 'weeks'] as const;

/** One of them. */
export type ReminderUnit = (typeof REMINDER_UNITS)[number];

/** The earliest reminder that every service takes: four weeks before. */
const EARLIEST = 40_320;

/** Reads a time before the start in minutes; null when it is none or too early. */
export function minutesFrom(count: string | number, unit: ReminderUnit): number | null {
  if (count === '') return null;
  const minutes = Number(count) * { minutes: 1, hours: 60, days: 1440, weeks: 10_080 }[unit];
  return Number.isInteger(minutes) && minutes >= 0 && minutes <= EARLIEST ? minutes : null;
}
