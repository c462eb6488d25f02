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
