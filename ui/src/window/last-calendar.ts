/** The calendar that new events go to: the one that was chosen last, as long as it takes events. */
const KEY = 'synodic.last-calendar';

/** Returns the calendar for a new event; empty when none takes events. */
export function lastCalendar(writable: readonly string[]): string {
  const kept = localStorage.getItem(KEY);
  return writable.find((id) => id === kept) ?? writable[0] ?? '';
}

/** Keeps the choice. */
export function rememberCalendar(id: string): void {
  localStorage.setItem(KEY, id);
}
