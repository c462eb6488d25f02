/** Lines that nobody thought of. `VITE_CASES=100000 VITE_SEED=8` tries more and others than every run does. */
import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import type { When } from '../api/generated/When';
import { quickAdd } from './quick-add';

const CASES = Number(import.meta.env['VITE_CASES'] ?? 2000);
const SEED = Number(import.meta.env['VITE_SEED'] ?? 7);

const BASES: When[] = [
  { kind: 'zoned', start: { local: '2026-11-26T11:00:00', zone: 'Europe/Berlin' }, end: { local: '2026-11-26T12:00:00', zone: 'Europe/Berlin' } },
  { kind: 'zoned', start: { local: '2026-03-29T02:30:00', zone: 'Europe/Berlin' }, end: { local: '2026-03-29T02:30:00', zone: 'Europe/Berlin' } },
  { kind: 'floating', start: '2026-12-31T23:45:00', end: '2027-01-01T00:15:00' },
  { kind: 'all_day', start: '2028-02-29', end: '2028-03-01' },
];
const NOWS = ['2026-11-26T10:40:00[Europe/Berlin]', '2028-02-29T23:59:59[America/New_York]', '2026-12-31T00:00:00[Pacific/Kiritimati]'].map((text) => Temporal.ZonedDateTime.from(text));

const WORDS = [
  'Lunch', 'May', 'sun', 'Mon', 'Tuesday', 'wed', 'Dec', 'Feb', 'sept', 'every', 'each', 'other', 'second', 'weekday', 'day', 'days', 'week', 'weeks', 'month', 'months', 'year', 'years', 'daily', 'annually',
  'at', 'on', 'from', 'to', 'till', 'until', 'for', 'and', 'between', 'in', 'next', 'this', 'the', 'of', 'with', 'half', 'an', 'a', 'ten', 'times', 'noon', 'midnight', 'am', 'pm', 'p.m.', 'h', 'hours', 'min', 'm',
  'today', 'tomorrow', 'tonight', 'the day after tomorrow', 'ada@example.org', '@', '@ Café', 'a@b', '–', '-', ',', ';', '.', '!', '&', '“', '😀', '\u0000', '\u00A0', '\u2028', "o'clock",
  '9:00', '25:00', '9.30', '12 am', '0', '00:00', '31', '29 Feb', '31.12.', '1.1.2027', '2026-12-07', '2026-02-30', '9999-12-31', '0000-01-01', '99', '100', '999999', '99999999999', '99999999999999999999', '0.5', '1,5', '1e9', '-1', '7th', '3rd',
];

/** Numbers that are the same in every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function line(random: () => number): string {
  const pick = <T,>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const words = Array.from({ length: 1 + Math.floor(random() * 9) }, () => {
    const word = pick(WORDS);
    if (random() < 0.85) return word;
    const at = Math.floor(random() * word.length);
    return word.slice(0, at) + String.fromCodePoint(32 + Math.floor(random() * 95)) + word.slice(at + (random() < 0.5 ? 1 : 0));
  });
  return words.join(random() < 0.9 ? ' ' : '');
}

/** Whether the program takes such a time: a plain year, and no end before its beginning. */
function isSound(when: When): boolean {
  const [start, end] = when.kind === 'zoned' ? [when.start.local, when.end.local] : [when.start, when.end];
  const isPlain = [start, end].every((text) => /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/.test(text));
  return isPlain && (when.kind === 'all_day' ? start < end : start <= end);
}

it('makes a sound event of any line, and loses no word of it', { timeout: 5000 + CASES }, () => {
  const random = numbers(SEED);
  for (let number = 0; number < CASES; number += 1) {
    const text = line(random);
    const base = BASES[number % BASES.length] as When;
    const now = NOWS[number % NOWS.length] as Temporal.ZonedDateTime;
    const told = `${JSON.stringify(text)} (${number})`;
    let event;
    try {
      event = quickAdd(text, base, now, number % 2 === 0);
    } catch (reason) {
      throw new Error(`${told}: ${String(reason)}`, { cause: reason });
    }
    expect(isSound(event.when), `${told}: ${JSON.stringify(event.when)}`).toBe(true);
    expect(event.rule === null || /^FREQ=[A-Z]+(;INTERVAL=[1-9]\d?)?(;BYDAY=[A-Z]{2}(,[A-Z]{2})*)?(;(COUNT=[1-9]\d*|UNTIL=\d{8}))?$/.test(event.rule), `${told}: ${event.rule}`).toBe(true);
    const said = [event.title, ...event.understood.map((one) => one.text)].join('');
    const letters = text.replaceAll(/[^a-z0-9]/gi, '');
    const kept = said.replaceAll(/[^a-z0-9]/gi, '');
    // The small words that lead to a statement go with it.
    const lost = letters.length - kept.length;
    expect(lost <= text.split(/(?:on|at|from|for|and)/i).length * 4, `${told}: ${said}`).toBe(true);
  }
});

it('is read however long it is', () => {
  for (const piece of ['every mon and ', 'a@b.', '1', '1:', 'from ', 'mon,', 'x ', '@ ', '9 am to ', 'in a ', ' ', 'for half ', '31-']) {
    const event = quickAdd(piece.repeat(4000 / piece.length), BASES[0] as When, NOWS[0] as Temporal.ZonedDateTime, false);
    expect(isSound(event.when), `${piece}…`).toBe(true);
  }
});
