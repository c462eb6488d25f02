/** How many events a day of the month has room for. Pure. */

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
