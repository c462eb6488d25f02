/** Dates and times in the person's manner. English words, the person's own clock and first day of the week. */
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { When } from '../api/generated/When';
import { formatClock, minutesOf, type HourCycle } from './clock';
import { instantOf, sameReading, zoneCity } from './zones';
import type { WeekStart } from './periods';
import { wallAt } from './wall';
import { dayWords } from './words';

/** How this person writes dates and times. */
export interface Manner {
  locale: string;
  cycle: HourCycle;
  weekStart: WeekStart;
  /** The zone in which times are shown. */
  viewer: string;
}

type WeekInfo = { firstDay: number };
type LocaleWithWeek = Intl.Locale & { weekInfo?: WeekInfo; getWeekInfo?: () => WeekInfo };

/** Reads a manner from the system's language: words stay English, clock and week follow the region. */
export function mannerOf(systemLanguage: string, viewer: string): Manner {
  const language = isLanguageTag(systemLanguage) ? systemLanguage : 'en-GB';
  const locale = language.startsWith('en') ? language : 'en-GB';
  return { locale, cycle: cycleOf(language), weekStart: weekStartOf(language), viewer };
}

/** WebKitGTK hands the POSIX locale on as it is, and "C" is no language to Intl. */
function isLanguageTag(text: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(text).length > 0;
  } catch {
    return false;
  }
}

function cycleOf(language: string): HourCycle {
  const cycle = new Intl.DateTimeFormat(language, { hour: 'numeric' }).resolvedOptions().hourCycle;
  return cycle === 'h12' || cycle === 'h11' ? 'h12' : 'h23';
}

function weekStartOf(language: string): WeekStart {
  const locale = new Intl.Locale(language) as LocaleWithWeek;
  const first = (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay;
  if (first === 7 || first === 6) return first;
  if (first === undefined && locale.maximize().region === 'US') return 7;
  return 1;
}

/** Writes the time that the viewer's wall shows at an instant. */
export function formatTime(instant: Temporal.Instant, manner: Manner, zone = manner.viewer): string {
  return formatClock(minutesOf(instant.toZonedDateTimeISO(zone).toPlainTime().toString()), manner.cycle);
}

/** Writes from when until when an event takes place on the viewer's wall. For lists of hundreds. */
export function formatTimes({ when, starts_at, ends_at }: Pick<OccurrenceView, 'when' | 'starts_at' | 'ends_at'>, { viewer, cycle }: Manner): string {
  if (when.kind === 'all_day') return 'all day';
  const clock = (instant: string) => formatClock(wallAt(Date.parse(instant), viewer).minutes, cycle);
  return `${clock(starts_at)} – ${clock(ends_at)}`;
}

/** Writes a day, with its year only when it is not this year. */
export function formatDay(date: Temporal.PlainDate, manner: Manner, thisYear?: number): string {
  return dayWords(date, manner.locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(thisYear === date.year ? {} : { year: 'numeric' }),
  });
}

/** An event's time in two lines: the days, and the times of day (empty for whole days). */
export interface WhenText {
  days: string;
  times: string;
  /** Set when the event has a wall of its own that reads differently here. */
  elsewhere: string | null;
}

/** Describes when an event takes place, for the reader. */
export function describeWhen(when: When, manner: Manner, thisYear: number): WhenText {
  if (when.kind === 'all_day') {
    const first = Temporal.PlainDate.from(when.start);
    const last = Temporal.PlainDate.from(when.end).subtract({ days: 1 });
    const count = first.until(last, { largestUnit: 'days' }).days + 1;
    const days = first.equals(last)
      ? formatDay(first, manner, thisYear)
      : `${formatDay(first, manner, thisYear)} – ${formatDay(last, manner, thisYear)}`;
    return { days, times: count > 1 ? `${count} days` : 'All day', elsewhere: null };
  }
  if (when.kind === 'floating') {
    const start = Temporal.PlainDateTime.from(when.start);
    const end = Temporal.PlainDateTime.from(when.end);
    return { ...describeLocal(start, end, manner, thisYear), elsewhere: 'Local time, wherever you are' };
  }
  const start = instantOf(when.start);
  const end = instantOf(when.end);
  const here = describeLocal(
    start.toZonedDateTimeISO(manner.viewer).toPlainDateTime(),
    end.toZonedDateTimeISO(manner.viewer).toPlainDateTime(),
    manner,
    thisYear,
  );
  const isElsewhere = !sameReading(start, when.start.zone, manner.viewer) || !sameReading(end, when.end.zone, manner.viewer);
  if (!isElsewhere) return { ...here, elsewhere: null };
  const startThere = formatTime(start, manner, when.start.zone);
  const endThere = formatTime(end, manner, when.end.zone);
  const elsewhere =
    when.start.zone === when.end.zone
      ? `${startThere} – ${endThere} in ${zoneCity(when.start.zone)}`
      : `${startThere} in ${zoneCity(when.start.zone)} – ${endThere} in ${zoneCity(when.end.zone)}`;
  return { ...here, elsewhere };
}

function describeLocal(
  start: Temporal.PlainDateTime,
  end: Temporal.PlainDateTime,
  manner: Manner,
  thisYear: number,
): Omit<WhenText, 'elsewhere'> {
  const clock = (time: Temporal.PlainDateTime) => formatClock(time.hour * 60 + time.minute, manner.cycle);
  const firstDay = formatDay(start.toPlainDate(), manner, thisYear);
  // What ends at midnight is still on the day before.
  const lastMoment = Temporal.PlainDateTime.compare(start, end) < 0 ? end.subtract({ seconds: 1 }) : end;
  if (start.toPlainDate().equals(lastMoment.toPlainDate())) {
    const isMoment = Temporal.PlainDateTime.compare(start, end) === 0;
    return { days: firstDay, times: isMoment ? clock(start) : `${clock(start)} – ${clock(end)} · ${formatLength(start.until(end))}` };
  }
  const lastDay = formatDay(lastMoment.toPlainDate(), manner, thisYear);
  return { days: `${firstDay} – ${lastDay}`, times: `${clock(start)} – ${clock(end)}` };
}

/** Writes a length: `45 min`, `1 h`, `1 h 30 min`. */
export function formatLength(length: Temporal.Duration): string {
  const minutes = Math.round(length.total({ unit: 'minutes' }));
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** Says how long ago an instant was: `just now`, `2 min ago`, `3 h ago`, `on 12 Nov`. */
export function formatAgo(then: Temporal.Instant, now: Temporal.Instant, manner: Manner): string {
  const seconds = Math.max(0, Math.round((now.epochMilliseconds - then.epochMilliseconds) / 1000));
  if (seconds < 45) return 'just now';
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.round(hours / 24);
  if (days === 1) return 'yesterday';
  if (days < 7) return `${days} days ago`;
  return `on ${dayWords(then.toZonedDateTimeISO(manner.viewer).toPlainDate(), manner.locale, { day: 'numeric', month: 'short' })}`;
}

/** Says how long something takes still: `40 s`, `5 min`, `2 h`. */
export function formatIn(then: Temporal.Instant, now: Temporal.Instant): string {
  const seconds = Math.max(0, Math.ceil((then.epochMilliseconds - now.epochMilliseconds) / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
