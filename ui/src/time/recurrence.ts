/** Recurrence rules in words, and the few that can be chosen by name. The engine alone expands them. */
import { Temporal } from 'temporal-polyfill';
import type { Recurrence } from '../api/generated/Recurrence';

/** The repetitions that can be chosen by name. */
export type Repeat = 'none' | 'daily' | 'weekdays' | 'weekly' | 'monthly' | 'yearly' | 'custom';

/** The days of the week as rules name them, Monday first. */
export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** A day of the week as rules name it. */
export type Weekday = (typeof WEEKDAYS)[number];

const DAY_NAMES: Record<Weekday, string> = {
  MO: 'Monday',
  TU: 'Tuesday',
  WE: 'Wednesday',
  TH: 'Thursday',
  FR: 'Friday',
  SA: 'Saturday',
  SU: 'Sunday',
};
const ORDINALS: Record<string, string> = {
  '1': 'first',
  '2': 'second',
  '3': 'third',
  '4': 'fourth',
  '5': 'fifth',
  '-1': 'last',
  '-2': 'second to last',
};
const UNITS: Record<string, [string, string]> = {
  DAILY: ['day', 'days'],
  WEEKLY: ['week', 'weeks'],
  MONTHLY: ['month', 'months'],
  YEARLY: ['year', 'years'],
  HOURLY: ['hour', 'hours'],
};
const RULE = /^[A-Z]+=[A-Z0-9,+:-]+(;[A-Z]+=[A-Z0-9,+:-]+)*$/;

/** The parts of a rule by their names. */
export type RuleParts = Map<string, string>;

/** Takes a rule apart; null when it is none. Accepts the `RRULE:` prefix. */
export function parseRule(text: string): RuleParts | null {
  const rule = text.trim().toUpperCase().replace(/^RRULE:/, '');
  if (!RULE.test(rule)) return null;
  const parts: RuleParts = new Map();
  for (const part of rule.split(';')) {
    const [name = '', value = ''] = part.split('=');
    parts.set(name, value);
  }
  return UNITS[parts.get('FREQ') ?? ''] ? parts : null;
}

/** Puts a rule together again, frequency first. */
export function writeRule(parts: RuleParts): string {
  const order = ['FREQ', 'UNTIL', 'COUNT', 'INTERVAL'];
  const rank = (name: string) => (order.indexOf(name) + order.length + 1) % (order.length + 1);
  return [...parts]
    .toSorted(([left], [right]) => rank(left) - rank(right))
    .map(([name, value]) => `${name}=${value}`)
    .join(';');
}

/** Returns the rule behind a named repetition of something that starts on `date`. */
export function ruleOf(repeat: Exclude<Repeat, 'none' | 'custom'>, date: Temporal.PlainDate): string {
  switch (repeat) {
    case 'daily':
      return 'FREQ=DAILY';
    case 'weekdays':
      return 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR';
    case 'weekly':
      return `FREQ=WEEKLY;BYDAY=${weekdayOf(date)}`;
    case 'monthly':
      return `FREQ=MONTHLY;BYMONTHDAY=${date.day}`;
    case 'yearly':
      return 'FREQ=YEARLY';
  }
}

/** Names the repetition, if it is one of those that can be chosen by name. */
export function repeatOf(recurrence: Recurrence | null, date: Temporal.PlainDate): Repeat {
  if (recurrence === null) return 'none';
  const isPlain = recurrence.exclusion_rules.length === 0 && recurrence.dates.length === 0;
  const [rule, ...others] = recurrence.rules;
  if (rule === undefined || others.length > 0 || !isPlain) return 'custom';
  const asked = new Set(rule.split(';').filter((part) => part !== 'INTERVAL=1'));
  const names = ['daily', 'weekdays', 'weekly', 'monthly', 'yearly'] as const;
  const same = (other: string) => {
    const parts = other.split(';');
    return parts.length === asked.size && parts.every((part) => asked.has(part));
  };
  const bare: Partial<Record<string, Repeat>> = { 'FREQ=WEEKLY': 'weekly', 'FREQ=MONTHLY': 'monthly' };
  return names.find((name) => same(ruleOf(name, date))) ?? bare[[...asked].join(';')] ?? 'custom';
}

/** Makes a recurrence of one rule. */
export function recurrenceOf(rule: string): Recurrence {
  return { rules: [rule], exclusion_rules: [], dates: [], exclusion_dates: [], unread: [] };
}

/** Says a whole recurrence in words. */
export function describeRecurrence(recurrence: Recurrence, locale: string): string {
  const rules = recurrence.rules.map((rule) => describeRule(rule, locale) ?? rule);
  if (rules.length === 0) rules.push(recurrence.dates.length > 0 ? 'On chosen days' : 'Repeats');
  const left = recurrence.exclusion_dates.length;
  if (left > 0) rules.push(left === 1 ? 'one left out' : `${left} left out`);
  return rules.join(', ');
}

/** Says a rule in words: `Every 2 weeks on Monday and Wednesday, 10 times`. Null when it cannot be read. */
export function describeRule(text: string, locale: string): string | null {
  const parts = parseRule(text);
  if (!parts) return null;
  const frequency = parts.get('FREQ') ?? '';
  const [one, many] = UNITS[frequency] ?? ['time', 'times'];
  const interval = Number(parts.get('INTERVAL') ?? '1');
  const days = parts.get('BYDAY')?.split(',') ?? [];
  const isWorkWeek = days.length === 5 && WEEKDAYS.slice(0, 5).every((day) => days.includes(day));
  const words = [interval === 1 ? `Every ${one}` : `Every ${interval} ${many}`];
  if (isWorkWeek && interval === 1 && (frequency === 'WEEKLY' || frequency === 'DAILY')) words[0] = 'Every weekday';
  else if (days.length > 0) words.push(`on ${join(days.map(describeDay))}`);
  const monthDays = parts.get('BYMONTHDAY')?.split(',') ?? [];
  if (monthDays.length > 0) words.push(`on ${join(monthDays.map(describeMonthDay))}`);
  const months = parts.get('BYMONTH')?.split(',') ?? [];
  if (months.length > 0) words.push(`in ${join(months.map((month) => monthName(Number(month), locale)))}`);
  const other = [...parts.keys()].filter((name) => !READ.has(name));
  if (other.length > 0) words.push(`(${other.map((name) => `${name}=${parts.get(name) ?? ''}`).join(', ')})`);
  return words.join(' ') + describeEnd(parts, locale);
}

const READ = new Set(['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'COUNT', 'UNTIL', 'WKST']);

function describeEnd(parts: RuleParts, locale: string): string {
  const count = parts.get('COUNT');
  if (count !== undefined) return count === '1' ? ', once' : `, ${count} times`;
  const until = /^(\d{4})(\d{2})(\d{2})/.exec(parts.get('UNTIL') ?? '');
  if (!until) return '';
  const date = new Temporal.PlainDate(Number(until[1]), Number(until[2]), Number(until[3]));
  return `, until ${date.toLocaleString(locale, { day: 'numeric', month: 'short', year: 'numeric' })}`;
}

function describeDay(day: string): string {
  const match = /^([+-]?\d+)?([A-Z]{2})$/.exec(day);
  const name = DAY_NAMES[match?.[2] as Weekday] ?? day;
  const ordinal = match?.[1]?.replace('+', '');
  return ordinal === undefined ? name : `the ${ORDINALS[ordinal] ?? `${ordinal}th`} ${name}`;
}

function describeMonthDay(day: string): string {
  if (day === '-1') return 'the last day';
  return day.startsWith('-') ? `the ${ORDINALS[day] ?? day} day` : `day ${day}`;
}

function monthName(month: number, locale: string): string {
  return new Temporal.PlainDate(2024, month, 1).toLocaleString(locale, { month: 'long' });
}

function join(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** Returns the day of the week as rules name it. */
export function weekdayOf(date: Temporal.PlainDate): Weekday {
  return WEEKDAYS[date.dayOfWeek - 1] ?? 'MO';
}

/**
 * Moves a rule with its series: when every occurrence comes `days` later, the days it names do so too. Rules by
 * ordinal days of a month are left as they are.
 */
export function shiftRule(rule: string, from: Temporal.PlainDate, days: number): string {
  const parts = parseRule(rule);
  if (!parts || days === 0) return rule;
  const byDay = parts.get('BYDAY');
  if (byDay !== undefined && parts.get('FREQ') === 'WEEKLY') {
    const moved = byDay.split(',').map((day) => {
      const index = WEEKDAYS.indexOf(day as Weekday);
      return WEEKDAYS[(((index + days) % 7) + 7) % 7] ?? day;
    });
    parts.set('BYDAY', moved.toSorted((a, b) => WEEKDAYS.indexOf(a as Weekday) - WEEKDAYS.indexOf(b as Weekday)).join(','));
  }
  if (parts.get('BYMONTHDAY') === String(from.day)) parts.set('BYMONTHDAY', String(from.add({ days }).day));
  return writeRule(parts);
}
