/**
 * Reads an event from a line of plain English: “Lunch with Ada Thu 12:30 for 45 min at Luigi’s”. Pure.
 *
 * Each reader below looks for one kind of statement, takes it out of the line and leaves a gap. What nobody understood
 * is the title, so nothing that was typed is ever lost; and every statement that was understood can be shown beside it.
 */
import { Temporal } from 'temporal-polyfill';
import type { When } from '../api/generated/When';
import { ruleOf, WEEKDAYS } from './recurrence';
import { writeLocal } from './zones';

/** What was understood, in the order in which it was found. */
export interface Understood {
  kind: 'day' | 'time' | 'length' | 'repeat' | 'place' | 'guest';
  /** As it was typed. */
  text: string;
}

/** An event that was read from a line. */
export interface QuickEvent {
  title: string;
  location: string;
  when: When;
  /** A rule, when it repeats. */
  rule: string | null;
  guests: string[];
  understood: Understood[];
}

/** Stands where a statement was; no keyboard types it. */
const GAP = '\u0000';

const WEEKDAY_NAMES = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const WEEKDAY = 'mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?';
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
const CLOCK = '(?:\\d{1,2}[:.]\\d{2}\\s?(?:[ap]\\.?m\\.?)?|\\d{1,2}\\s?[ap]\\.?m\\.?|noon|midnight)';
/** A bare hour is a time only where the words around it say so. */
const HOUR = `(?:${CLOCK}|\\d{1,2})`;
const DASH = '\\s?[-–—]\\s?';
const NUMBER_WORDS: Record<string, number> = { a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, half: 0.5 };
const NUMBER = `\\d+(?:[.,]\\d+)?|${Object.keys(NUMBER_WORDS).toSorted((a, b) => b.length - a.length).join('|')}`;

/** Collects what the readers find. */
interface Findings {
  rest: string;
  understood: Understood[];
  first: Temporal.PlainDate | null;
  last: Temporal.PlainDate | null;
  start: Temporal.PlainTime | null;
  end: Temporal.PlainTime | null;
  minutes: number | null;
  days: number | null;
  rule: string | null;
  location: string;
  guests: string[];
}

/**
 * Reads a line. `base` is where the event would be without it: days, times and zones that the line does not name are
 * taken from there, as far as the person has chosen them (`isPlaced`); otherwise a time that is over today means
 * tomorrow.
 */
export function quickAdd(text: string, base: When, now: Temporal.ZonedDateTime, isPlaced: boolean): QuickEvent {
  const today = now.toPlainDate();
  const found: Findings = { rest: ` ${text.replaceAll(GAP, '').trim()} `, understood: [], first: null, last: null, start: null, end: null, minutes: null, days: null, rule: null, location: '', guests: [] };
  readGuests(found);
  readRepeat(found, today);
  readDays(found, today);
  readTimes(found);
  readLength(found);
  readPlace(found);
  return {
    title: titleOf(found.rest),
    location: found.location,
    when: whenOf(found, base, now, isPlaced),
    rule: found.rule,
    guests: found.guests,
    understood: found.understood,
  };
}

/** Takes the first match out of the line, if `note` can make something of it. */
function take(found: Findings, kind: Understood['kind'], pattern: string, note: (groups: readonly string[]) => boolean): boolean {
  const match = new RegExp(`(?<=[\\s,;${GAP}])${pattern}(?=[\\s,;${GAP}]|[.!?]+(?:[\\s${GAP}]|$))`, 'i').exec(found.rest);
  if (match === null || !note([...match].map((group) => group ?? ''))) return false;
  found.rest = `${found.rest.slice(0, match.index)}${GAP}${found.rest.slice(match.index + match[0].length)}`;
  found.understood.push({ kind, text: match[0].trim() });
  return true;
}

/** Lets readers look in turn, until one has found something. */
function firstOf(...readers: (() => boolean)[]): boolean {
  return readers.some((read) => read());
}

function readGuests(found: Findings): void {
  while (
    take(found, 'guest', '(?:with\\s+|and\\s+)?([^\\s@<>,;]+@[^\\s@<>,;]+\\.[a-z]{2,})', ([, address = '']) => {
      found.guests.push(address.toLowerCase());
      return true;
    })
  );
}

function readRepeat(found: Findings, today: Temporal.PlainDate): void {
  const note = (rule: string) => {
    found.rule = rule;
    return true;
  };
  const units: Record<string, string> = { day: 'DAILY', week: 'WEEKLY', month: 'MONTHLY', year: 'YEARLY' };
  const isRead = firstOf(
    () => take(found, 'repeat', '(?:every|each)\\s+(?:weekday|work(?:ing)?\\s?day)', () => note(ruleOf('weekdays', today))),
    () => take(found, 'repeat', `(?:every|each)\\s+(other\\s+)?((?:${WEEKDAY})(?:(?:\\s*,\\s*|\\s+and\\s+|\\s*&\\s*)(?:${WEEKDAY}))*)`, ([, other = '', list = '']) => {
      const days = list.split(/\s*,\s*|\s+and\s+|\s*&\s*/).map(weekdayIndex);
      const named = WEEKDAYS.filter((_, index) => days.includes(index));
      found.first ??= Temporal.PlainDate.from(today).add({ days: Math.min(...days.map((day) => (day - today.dayOfWeek + 8) % 7)) });
      return note(`FREQ=WEEKLY${other === '' ? '' : ';INTERVAL=2'};BYDAY=${named.join(',')}`);
    }),
    () => take(found, 'repeat', `(?:every|each)\\s+(?:(other|second|${NUMBER})\\s+)?(day|week|month|year)s?`, ([, many = '', unit = '']) => {
      const count = many === '' ? 1 : /other|second/i.test(many) ? 2 : numberOf(many);
      if (!Number.isInteger(count) || count < 1 || count > 99) return false;
      return note(`FREQ=${units[unit.toLowerCase()] ?? 'DAILY'}${count === 1 ? '' : `;INTERVAL=${count}`}`);
    }),
    () => take(found, 'repeat', '(daily|weekly|monthly|yearly|annually)', ([, word = '']) => note(`FREQ=${word.toUpperCase().replace('ANNUALLY', 'YEARLY')}`)),
  );
  if (!isRead || found.rule === null) return;
  firstOf(
    () => take(found, 'repeat', '(\\d{1,3})\\s+times', ([, times = '']) => Number(times) > 0 && note(`${found.rule ?? ''};COUNT=${Number(times)}`)),
    () => take(found, 'repeat', `until\\s+(\\d{1,2})\\.?\\s+(${MONTH})(?:\\s+(\\d{4}))?`, ([, day = '', month = '', year = '']) => {
      const until = dateOf(Number(day), monthIndex(month), year, today);
      return until !== null && note(`${found.rule ?? ''};UNTIL=${until.toString().replaceAll('-', '')}`);
    }),
  );
}

function readDays(found: Findings, today: Temporal.PlainDate): void {
  const note = (first: Temporal.PlainDate | null, last: Temporal.PlainDate | null = first) => {
    if (first === null || last === null || Temporal.PlainDate.compare(last, first) < 0) return false;
    found.first = first;
    found.last = last;
    return true;
  };
  const on = '(?:on\\s+|from\\s+)?(?:the\\s+)?';
  const nth = '(\\d{1,2})(?:st|nd|rd|th|\\.)?';
  const year = '(?:,?\\s+(\\d{4}))?';
  const next = (name: string, isNextWeek: boolean) => {
    const index = weekdayIndex(name);
    return isNextWeek ? today.add({ days: 7 - today.dayOfWeek + 1 + index }) : today.add({ days: (index + 1 - today.dayOfWeek + 7) % 7 });
  };
  firstOf(
    () => take(found, 'day', `${on}(\\d{4})-(\\d{2})-(\\d{2})(?:${DASH}|\\s+to\\s+)(\\d{4})-(\\d{2})-(\\d{2})`, ([, a = '', b = '', c = '', d = '', e = '', f = '']) => note(isoDate(a, b, c), isoDate(d, e, f))),
    () => take(found, 'day', `${on}(\\d{4})-(\\d{2})-(\\d{2})`, ([, a = '', b = '', c = '']) => note(isoDate(a, b, c))),
    () => take(found, 'day', `${on}${nth}(?:${DASH}|\\s+to\\s+)${nth}\\s+(?:of\\s+)?(${MONTH})${year}`, ([, a = '', b = '', month = '', y = '']) => note(dateOf(Number(a), monthIndex(month), y, today), dateOf(Number(b), monthIndex(month), y, today))),
    () => take(found, 'day', `${on}${nth}\\s+(?:of\\s+)?(${MONTH})${year}`, ([, day = '', month = '', y = '']) => note(dateOf(Number(day), monthIndex(month), y, today))),
    () => take(found, 'day', `${on}(${MONTH})\\s+${nth}(?:${DASH}|\\s+to\\s+)${nth}${year}`, ([, month = '', a = '', b = '', y = '']) => note(dateOf(Number(a), monthIndex(month), y, today), dateOf(Number(b), monthIndex(month), y, today))),
    () => take(found, 'day', `${on}(${MONTH})\\s+${nth}${year}`, ([, month = '', day = '', y = '']) => note(dateOf(Number(day), monthIndex(month), y, today))),
    () => take(found, 'day', `${on}(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})?`, ([, day = '', month = '', y = '']) => note(dateOf(Number(day), Number(month), y, today))),
    () => take(found, 'day', `(?:on\\s+|from\\s+)?(next\\s+)?(${WEEKDAY})(?:${DASH}|\\s+(?:to|till|until)\\s+)(${WEEKDAY})`, ([, isNext = '', a = '', b = '']) => {
      const first = next(a, isNext !== '');
      return note(first, first.add({ days: (weekdayIndex(b) - weekdayIndex(a) + 7) % 7 }));
    }),
    () => take(found, 'day', `(?:on\\s+)?(?:(next|this)\\s+)?(${WEEKDAY})`, ([, which = '', name = '']) => note(next(name, which.toLowerCase() === 'next'))),
    () => take(found, 'day', '(today|tomorrow|the day after tomorrow)', ([, word = '']) => note(today.add({ days: ['today', 'tomorrow', 'the day after tomorrow'].indexOf(word.toLowerCase()) }))),
    () => take(found, 'day', 'tonight', () => {
      found.start ??= Temporal.PlainTime.from('19:00');
      return note(today);
    }),
    () => take(found, 'day', `in\\s+(${NUMBER})\\s+(day|week|month)s?`, ([, many = '', unit = '']) => {
      const count = numberOf(many);
      return Number.isInteger(count) && count < 10_000 && note(within(today.add({ [`${unit.toLowerCase()}s`]: count })));
    }),
    () => take(found, 'day', 'next\\s+(week|month)', ([, unit = '']) => note(unit.toLowerCase() === 'week' ? today.add({ days: 8 - today.dayOfWeek }) : today.with({ day: 1 }).add({ months: 1 }))),
  );
}

function readTimes(found: Findings): void {
  const note = (from: string, to: string) => {
    const [start, end] = timesOf(from, to);
    if (start === null || (to !== '' && end === null)) return false;
    found.start = start;
    found.end = end;
    return true;
  };
  firstOf(
    () => take(found, 'time', `(?:at\\s+)?(${CLOCK})(?:${DASH}|\\s+(?:to|till|until)\\s+)(${HOUR})`, ([, from = '', to = '']) => note(from, to)),
    () => take(found, 'time', `(?:at\\s+)?(${HOUR})(?:${DASH}|\\s+(?:to|till|until)\\s+)(${CLOCK})`, ([, from = '', to = '']) => note(from, to)),
    () => take(found, 'time', `(?:from|between)\\s+(${HOUR})(?:${DASH}|\\s+(?:to|till|until|and)\\s+)(${HOUR})`, ([, from = '', to = '']) => note(from, to)),
    () => take(found, 'time', `(?:at\\s+|from\\s+)?(${CLOCK})(?:\\s?h)?`, ([, from = '']) => note(from, '')),
    () => take(found, 'time', 'at\\s+(\\d{1,2})(?:\\s?h|\\s+o[’\']clock)?', ([, from = '']) => note(from, '')),
  );
}

function readLength(found: Findings): void {
  const hours = '(?:h|hrs?|hours?)';
  const minutes = '(?:m|mins?|minutes?)';
  const note = (length: number) => {
    if (!Number.isInteger(length) || length < 1 || length > 7 * 1440) return false;
    found.minutes = length;
    return true;
  };
  firstOf(
    () => take(found, 'length', `(?:for\\s+)?(\\d+)\\s?${hours}\\s?(?:and\\s+)?(\\d+)\\s?${minutes}?`, ([, h = '', m = '']) => note(Number(h) * 60 + Number(m))),
    () => take(found, 'length', `for\\s+half\\s+an\\s+hour`, () => note(30)),
    () => take(found, 'length', `(?:for\\s+)?(${NUMBER})\\s?${hours}`, ([, many = '']) => note(Math.round(numberOf(many) * 60))),
    () => take(found, 'length', `(?:for\\s+)?(\\d+)\\s?${minutes}`, ([, many = '']) => note(Number(many))),
    () => take(found, 'length', `for\\s+(${NUMBER})\\s+(day|week)s?`, ([, many = '', unit = '']) => {
      const days = numberOf(many) * (unit.toLowerCase() === 'week' ? 7 : 1);
      if (!Number.isInteger(days) || days < 1 || days > 366) return false;
      found.days = days;
      return true;
    }),
  );
}

/** A place is what follows “at” or “@” up to the next statement. */
function readPlace(found: Findings): void {
  take(found, 'place', `(?:at|@)\\s+([^${GAP}]*[^${GAP}\\s.,;!?])`, ([, place = '']) => {
    found.location = place.trim();
    return found.location !== '';
  });
}

function titleOf(rest: string): string {
  const pieces = rest.split(GAP).map((piece) => piece.replace(/^[\s,;]+|[\s,;]+$/g, '').replace(/(?:^|\s)(?:on|at|from|for|and)$/i, '').trim());
  return pieces.filter((piece) => piece !== '').join(' ').replace(/\s+/g, ' ').replace(/\s+([.,!?])/g, '$1').trim();
}

function whenOf(found: Findings, base: When, now: Temporal.ZonedDateTime, isPlaced: boolean): When {
  const isSilent = found.first === null && found.start === null && found.minutes === null && found.days === null;
  if (isSilent) return base;
  const before = placeOf(base, now);
  const isTimed = found.start !== null || found.minutes !== null || (isPlaced && !before.isAllDay && found.days === null && found.first === null);
  let date = found.first ?? before.start.toPlainDate();
  if (!isTimed) {
    const days = found.days ?? (found.last === null ? 1 : date.until(found.last, { largestUnit: 'days' }).days + 1);
    return { kind: 'all_day', start: date.toString(), end: date.add({ days }).toString() };
  }
  const isOver = found.first === null && !isPlaced && found.start !== null && Temporal.PlainDateTime.compare(now.toPlainDate().toPlainDateTime(found.start), now.toPlainDateTime()) < 0;
  if (found.first === null && !isPlaced && found.start !== null) date = now.toPlainDate().add({ days: isOver ? 1 : 0 });
  const start = date.toPlainDateTime(found.start ?? before.start.toPlainTime());
  let end = start.add({ minutes: found.minutes ?? before.minutes });
  if (found.end !== null) {
    end = (found.last ?? date).toPlainDateTime(found.end);
    if (Temporal.PlainDateTime.compare(end, start) <= 0) end = end.add({ days: 1 });
  }
  const zone = base.kind === 'zoned' ? base.start.zone : now.timeZoneId;
  return { kind: 'zoned', start: { local: writeLocal(start), zone }, end: { local: writeLocal(end), zone } };
}

/** Where the event would be without the line. */
function placeOf(base: When, now: Temporal.ZonedDateTime): { start: Temporal.PlainDateTime; minutes: number; isAllDay: boolean } {
  if (base.kind === 'all_day') return { start: Temporal.PlainDate.from(base.start).toPlainDateTime(now.toPlainTime().round({ smallestUnit: 'hour', roundingMode: 'ceil' })), minutes: 60, isAllDay: true };
  const [from, to] = base.kind === 'zoned' ? [base.start.local, base.end.local] : [base.start, base.end];
  const start = Temporal.PlainDateTime.from(from);
  return { start, minutes: start.until(Temporal.PlainDateTime.from(to)).total('minutes'), isAllDay: false };
}

/** Reads one time or two; “9–10 am” is nine in the morning, “11–1 pm” eleven in the morning. */
function timesOf(from: string, to: string): [Temporal.PlainTime | null, Temporal.PlainTime | null] {
  const end = to === '' ? null : timeOf(to);
  const isBare = !/[ap]\.?m|noon|midnight/i.test(from);
  const start = timeOf(from);
  if (start === null || end === null || !isBare || !/[ap]\.?m/i.test(to)) return [start, end];
  const sameHalf = timeOf(`${from} ${/p\.?m/i.test(to) ? 'pm' : 'am'}`);
  return sameHalf !== null && Temporal.PlainTime.compare(sameHalf, end) < 0 ? [sameHalf, end] : [start, end];
}

function timeOf(text: string): Temporal.PlainTime | null {
  const word = text.trim().toLowerCase();
  if (word === 'noon') return Temporal.PlainTime.from('12:00');
  if (word === 'midnight') return Temporal.PlainTime.from('00:00');
  const read = /^(\d{1,2})(?:[:.](\d{2}))?\s?(?:([ap])\.?m\.?)?$/.exec(word);
  if (read === null) return null;
  const [, hourText = '', minuteText = '0', half] = read;
  let hour = Number(hourText);
  const minute = Number(minuteText);
  if (minute > 59 || hour > (half === undefined ? 23 : 12) || (half !== undefined && hour === 0)) return null;
  if (half === 'p' && hour < 12) hour += 12;
  if (half === 'a' && hour === 12) hour = 0;
  return Temporal.PlainTime.from({ hour, minute });
}

function weekdayIndex(name: string): number {
  return WEEKDAY_NAMES.findIndex((full) => full.startsWith(name.trim().toLowerCase().slice(0, 3)));
}

function monthIndex(name: string): number {
  return MONTHS.indexOf(name.trim().toLowerCase().slice(0, 3)) + 1;
}

function numberOf(text: string): number {
  return NUMBER_WORDS[text.toLowerCase()] ?? Number(text.replace(',', '.'));
}

/** A date without a year is the next one of that name. */
function dateOf(day: number, month: number, year: string, today: Temporal.PlainDate): Temporal.PlainDate | null {
  try {
    if (year !== '') return within(Temporal.PlainDate.from({ year: Number(year), month, day }, { overflow: 'reject' }));
    const date = Temporal.PlainDate.from({ year: today.year, month, day }, { overflow: 'reject' });
    return Temporal.PlainDate.compare(date, today) < 0 ? date.add({ years: 1 }) : date;
  } catch {
    return null;
  }
}

/** The date, unless its year is more likely a number of something else. */
function within(date: Temporal.PlainDate): Temporal.PlainDate | null {
  return date.year >= 1900 && date.year < 2200 ? date : null;
}

function isoDate(year: string, month: string, day: string): Temporal.PlainDate | null {
  return dateOf(Number(day), Number(month), year, Temporal.PlainDate.from('2000-01-01'));
}

