/** How many events have room in a day: under one another in a month, side by side in a week. Pure. */

/** The names of the weekdays, and the line under them. */
const HEAD = 29;
/** The number of a day, and the line under it. */
const TOP = 28;
/** An event and the gap under it. */
const ROW = 22;

/** Returns how many rows of events fit into each day of a month that is drawn so high; the last may say how many more there are. */
export function rowsInMonth(height: number, weeks: number): number {
  return Math.max(1, Math.floor(((height - HEAD) / weeks - TOP) / ROW));
}

/** The hours at the left of a week. */
const HOURS = 56;
/** What says how many more there are, and the gaps at both edges of a day. */
const MORE = 33;
/** What is narrower than this shows a letter or two, which tells nobody what it is. */
const LEGIBLE = 34;

/** Returns how many events that take place at once fit side by side into each of so many days, beside what says how many more there are. */
export function columnsInDay(width: number, days: number): number {
  return Math.min(8, Math.max(2, Math.floor(((width - HOURS) / days - MORE) / LEGIBLE)));
}
