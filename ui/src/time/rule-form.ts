/** A recurrence rule as the editor's fields hold it, and the way to the rule's text and back. Pure. */
import { Temporal } from 'temporal-polyfill';
import { parseRule, WEEKDAYS, weekdayOf, writeRule, type RuleParts, type Weekday } from './recurrence';

/** What a rule counts in. */
export type Unit = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** Where in a month it falls: on the same day, on the same weekday counted from the start, or on the last one. */
export type MonthDay = 'day' | 'weekday' | 'last-weekday';

/** When it ends. A day is `YYYY-MM-DD` and still belongs to it. */
export type Ending = { kind: 'never' } | { kind: 'on'; date: string } | { kind: 'after'; count: number };

/** The fields of a rule. */
export interface RuleForm {
  every: number;
  unit: Unit;
  /** Of a week; Monday first. */
  days: Weekday[];
  monthDay: MonthDay;
  ending: Ending;
}

const UNITS: readonly Unit[] = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];

/** The largest number that the fields take. */
export const LARGEST = 999;

/** Returns which of its weekdays in the month a day is: the 2 of “the second Tuesday”. */
export function ordinalOf(date: Temporal.PlainDate): number {
  return Math.ceil(date.day / 7);
}

/** Tells whether a day is the last of its weekdays in the month. */
export function isLastOfMonth(date: Temporal.PlainDate): boolean {
  return date.day + 7 > date.daysInMonth;
}

/**
 * Takes a rule apart for the fields; null when they cannot hold it, so that nothing of it is lost. `date` is the
 * series' first day and `zone` its zone, in which the end of a rule is read.
 */
export function ruleFormOf(text: string, date: Temporal.PlainDate, zone: string): RuleForm | null {
  const parts = parseRule(text);
  const unit = UNITS.find((known) => known === parts?.get('FREQ'));
  if (!parts || unit === undefined) return null;
  const known = new Set(['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'COUNT', 'UNTIL', 'WKST']);
  if ([...parts.keys()].some((name) => !known.has(name))) return null;
  const every = Number(parts.get('INTERVAL') ?? '1');
  const ending = endingOf(parts, zone);
  if (!isCount(every) || ending === null) return null;
  const plain: RuleForm = { every, unit, days: [weekdayOf(date)], monthDay: 'day', ending };
  const [byDay, byMonthDay, byMonth] = [parts.get('BYDAY'), parts.get('BYMONTHDAY'), parts.get('BYMONTH')];
  switch (unit) {
    case 'DAILY':
      return byDay === undefined && byMonthDay === undefined && byMonth === undefined ? plain : null;
    case 'WEEKLY': {
      if (byMonthDay !== undefined || byMonth !== undefined) return null;
      // Only a week that begins elsewhere than on Monday, and only when weeks are left out, makes a difference.
      if (every > 1 && (parts.get('WKST') ?? 'MO') !== 'MO') return null;
      const days = byDay === undefined ? plain.days : inOrder(byDay.split(','));
      return days === null || days.length === 0 ? null : { ...plain, days };
    }
    case 'MONTHLY': {
      if (byMonth !== undefined || (byDay !== undefined && byMonthDay !== undefined)) return null;
      if (byDay === undefined) return byMonthDay === undefined || byMonthDay === String(date.day) ? plain : null;
      if (byDay === `${ordinalOf(date)}${weekdayOf(date)}`) return { ...plain, monthDay: 'weekday' };
      return byDay === `-1${weekdayOf(date)}` && isLastOfMonth(date) ? { ...plain, monthDay: 'last-weekday' } : null;
    }
    case 'YEARLY': {
      const isSameDay = (byMonthDay === undefined || byMonthDay === String(date.day)) && (byMonth === undefined || byMonth === String(date.month));
      return byDay === undefined && isSameDay ? plain : null;
    }
  }
}

/** Puts the fields together to a rule for something that first takes place on `date`. */
export function ruleOfForm(form: RuleForm, date: Temporal.PlainDate): string {
  const parts: RuleParts = new Map([['FREQ', form.unit]]);
  if (form.every !== 1) parts.set('INTERVAL', String(form.every));
  if (form.unit === 'WEEKLY') parts.set('BYDAY', WEEKDAYS.filter((day) => form.days.includes(day)).join(',') || weekdayOf(date));
  if (form.unit === 'MONTHLY') {
    if (form.monthDay === 'day') parts.set('BYMONTHDAY', String(date.day));
    else parts.set('BYDAY', `${form.monthDay === 'weekday' ? ordinalOf(date) : -1}${weekdayOf(date)}`);
  }
  if (form.ending.kind === 'after') parts.set('COUNT', String(form.ending.count));
  if (form.ending.kind === 'on') parts.set('UNTIL', form.ending.date.replaceAll('-', ''));
  return writeRule(parts);
}

/** Reads a number that was typed; the one before when it is none. */
export function countFrom(typed: string | number, before: number): number {
  const count = Number(typed);
  return isCount(count) ? count : before;
}

function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= LARGEST;
}

function inOrder(days: readonly string[]): Weekday[] | null {
  const known = WEEKDAYS.filter((day) => days.includes(day));
  return known.length === days.length ? known : null;
}

function endingOf(parts: RuleParts, zone: string): Ending | null {
  const count = parts.get('COUNT');
  if (count !== undefined) return isCount(Number(count)) ? { kind: 'after', count: Number(count) } : null;
  const until = parts.get('UNTIL');
  if (until === undefined) return { kind: 'never' };
  const read = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(until);
  if (read === null) return null;
  const [, year = '', month = '', day = '', hour, minute, second, utc] = read;
  try {
    const date = Temporal.PlainDate.from(`${year}-${month}-${day}`);
    if (hour === undefined || utc !== 'Z') return { kind: 'on', date: date.toString() };
    const instant = Temporal.Instant.from(`${date.toString()}T${hour}:${minute ?? '00'}:${second ?? '00'}Z`);
    return { kind: 'on', date: instant.toZonedDateTimeISO(zone).toPlainDate().toString() };
  } catch {
    return null;
  }
}
