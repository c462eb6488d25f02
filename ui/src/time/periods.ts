/** Which days a view shows, how it is titled, and how one walks from one period to the next. */
import type { Temporal } from 'temporal-polyfill';
import type { TimeWindow } from '../api/generated/TimeWindow';
import { dayWords } from './words';
import { startOfDay } from './zones';

/** The ways of looking at the calendar. */
export type View = 'day' | 'work-week' | 'week' | 'month' | 'agenda' | 'year';

/** All of them, in the order in which they are offered. */
export const VIEWS: readonly View[] = ['day', 'work-week', 'week', 'month', 'agenda', 'year'];

/** The first day of a week: 1 is Monday, 7 is Sunday. */
export type WeekStart = 1 | 6 | 7;

/** Days, end exclusive. */
export interface DayRange {
  start: Temporal.PlainDate;
  end: Temporal.PlainDate;
}

/** How many days the agenda lists. */
export const AGENDA_DAYS = 28;

/** Returns the first day of the week that a day is in. */
export function startOfWeek(date: Temporal.PlainDate, weekStart: WeekStart): Temporal.PlainDate {
  return date.subtract({ days: (date.dayOfWeek - weekStart + 7) % 7 });
}

/** Returns the days that a view shows around a date. */
export function visibleDays(view: View, date: Temporal.PlainDate, weekStart: WeekStart): DayRange {
  switch (view) {
    case 'day':
      return { start: date, end: date.add({ days: 1 }) };
    case 'week': {
      const start = startOfWeek(date, weekStart);
      return { start, end: start.add({ days: 7 }) };
    }
    case 'work-week': {
      const week = startOfWeek(date, weekStart);
      const start = week.add({ days: (8 - week.dayOfWeek) % 7 });
      return { start, end: start.add({ days: 5 }) };
    }
    case 'month': {
      const first = date.with({ day: 1 });
      const last = first.add({ months: 1 }).subtract({ days: 1 });
      return { start: startOfWeek(first, weekStart), end: startOfWeek(last, weekStart).add({ days: 7 }) };
    }
    case 'agenda':
      return { start: date, end: date.add({ days: AGENDA_DAYS }) };
    case 'year': {
      const start = date.with({ month: 1, day: 1 });
      return { start, end: start.add({ years: 1 }) };
    }
  }
}

/** Returns the date one period later (`direction` 1) or earlier (−1). */
export function step(view: View, date: Temporal.PlainDate, direction: 1 | -1): Temporal.PlainDate {
  switch (view) {
    case 'day':
      return date.add({ days: direction });
    case 'week':
    case 'work-week':
      return date.add({ weeks: direction });
    case 'month':
      return date.with({ day: 1 }).add({ months: direction });
    case 'agenda':
      return date.add({ weeks: direction });
    case 'year':
      return date.with({ day: 1 }).add({ years: direction });
  }
}

/** Returns the days that one may look at next: the periods before and after, and those of the other views. A year is much to read ahead of time. */
export function next(view: View, date: Temporal.PlainDate, weekStart: WeekStart): DayRange[] {
  const around = view === 'year' ? [] : ([1, -1] as const).map((direction) => visibleDays(view, step(view, date, direction), weekStart));
  // A month has the weeks and days of its days in it.
  return [visibleDays('month', date, weekStart), ...around, visibleDays('agenda', date, weekStart)];
}

/** Returns the stretch of the time line that a range of days covers for a reader. */
export function windowOf(range: DayRange, viewer: string): TimeWindow {
  return {
    from: startOfDay(range.start, viewer).toString(),
    to: startOfDay(range.end, viewer).toString(),
    viewer,
  };
}

/** Titles a period: `November 2026`, `Nov – Dec 2026`, `Monday 23 November 2026`; `isBrief` where there is little room. */
export function titleOf(view: View, date: Temporal.PlainDate, weekStart: WeekStart, locale: string, isBrief = false): string {
  const month = (day: Temporal.PlainDate, width: 'long' | 'short') => dayWords(day, locale, { month: isBrief ? 'short' : width });
  if (view === 'day') {
    if (isBrief) return dayWords(date, locale, { weekday: 'short', day: 'numeric', month: 'short' });
    return dayWords(date, locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  }
  if (view === 'year') return String(date.year);
  if (view === 'month') return `${month(date, 'long')} ${date.year}`;
  const range = visibleDays(view, date, weekStart);
  const last = range.end.subtract({ days: 1 });
  if (range.start.month === last.month) return `${month(range.start, 'long')} ${range.start.year}`;
  if (range.start.year === last.year) {
    return `${month(range.start, 'short')} – ${month(last, 'short')} ${last.year}`;
  }
  return `${month(range.start, 'short')} ${range.start.year} – ${month(last, 'short')} ${last.year}`;
}

/** Returns the six weeks that the small month shows. */
export function miniMonth(month: Temporal.PlainDate, weekStart: WeekStart): Temporal.PlainDate[] {
  const start = startOfWeek(month.with({ day: 1 }), weekStart);
  return Array.from({ length: 42 }, (_, index) => start.add({ days: index }));
}

/** Returns the number of the ISO week that a day is in. */
export function weekNumber(date: Temporal.PlainDate): number {
  return date.weekOfYear ?? 0;
}
