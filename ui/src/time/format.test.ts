import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import type { When } from '../api/generated/When';
import { describeWhen, formatAgo, formatIn, formatLength, mannerOf, type Manner } from './format';

const manner: Manner = { locale: 'en-GB', cycle: 'h23', weekStart: 1, viewer: 'Europe/Berlin' };
const now = Temporal.Instant.from('2026-11-23T12:00:00Z');
const tidy = (text: string) => text.replaceAll(',', '');

describe('describeWhen', () => {
  const zoned = (zone: string, endZone = zone): When => ({
    kind: 'zoned',
    start: { local: '2026-11-25T10:00:00', zone },
    end: { local: '2026-11-25T11:30:00', zone: endZone },
  });

  it('writes the reader’s own zone without naming it', () => {
    const { days, times, elsewhere } = describeWhen(zoned('Europe/Madrid'), manner, 2026);
    expect([tidy(days), times, elsewhere]).toEqual(['Wed 25 Nov', '10:00 – 11:30 · 1 h 30 min', null]);
  });

  it('says once when a moment is', () => {
    const start = { local: '2026-11-25T10:00:00', zone: 'Europe/Madrid' };
    expect(describeWhen({ kind: 'zoned', start, end: start }, manner, 2026).times).toBe('10:00');
  });

  it('names another wall small', () => {
    const { times, elsewhere } = describeWhen(zoned('America/New_York'), manner, 2026);
    expect([times, elsewhere]).toEqual(['16:00 – 17:30 · 1 h 30 min', '10:00 – 11:30 in New York']);
  });

  it('names both walls of a flight', () => {
    expect(describeWhen(zoned('Europe/Berlin', 'Europe/Lisbon'), manner, 2026).elsewhere).toBe('10:00 in Berlin – 11:30 in Lisbon');
  });

  it('keeps what ends at midnight on its day', () => {
    const until = (start: string, end: string) => describeWhen({ kind: 'floating', start, end }, manner, 2026);
    const late = until('2026-11-25T23:00:00', '2026-11-26T00:00:00');
    expect([tidy(late.days), late.times]).toEqual(['Wed 25 Nov', '23:00 – 00:00 · 1 h']);
    expect(tidy(until('2026-11-25T22:00:00', '2026-11-27T00:00:00').days)).toBe('Wed 25 Nov – Thu 26 Nov');
    expect(tidy(until('2026-11-25T22:00:00', '2026-11-26T01:00:00').days)).toBe('Wed 25 Nov – Thu 26 Nov');
    expect(tidy(until('2026-11-25T00:00:00', '2026-11-25T00:00:00').days)).toBe('Wed 25 Nov');
  });

  it('counts whole days', () => {
    const { days, times } = describeWhen({ kind: 'all_day', start: '2026-12-31', end: '2027-01-02' }, manner, 2026);
    expect([tidy(days), times]).toEqual(['Thu 31 Dec – Fri 1 Jan 2027', '2 days']);
    expect(describeWhen({ kind: 'all_day', start: '2026-11-25', end: '2026-11-26' }, manner, 2026).times).toBe('All day');
  });
});

describe('how long', () => {
  it.each([
    [10, 'just now'], [60, '1 min ago'], [120, '2 min ago'], [7200, '2 h ago'], [86_400, 'yesterday'], [3 * 86_400, '3 days ago'], [20 * 86_400, 'on 3 Nov'],
  ])('%d seconds ago is %s', (seconds, words) => expect(formatAgo(now.subtract({ seconds }), now, manner)).toBe(words));

  it('never says that something will have happened', () => expect(formatAgo(now.add({ seconds: 30 }), now, manner)).toBe('just now'));

  it.each([[40, '40 s'], [61, '2 min'], [7200, '2 h'], [-5, '0 s']])('in %d seconds is %s', (seconds, words) => {
    expect(formatIn(now.add({ seconds }), now)).toBe(words);
  });

  it('writes lengths', () => expect(formatLength(Temporal.Duration.from({ minutes: 45 }))).toBe('45 min'));
});

it('takes clock and week from the region, words from English', () => {
  expect(mannerOf('de-DE', 'UTC')).toMatchObject({ locale: 'en-GB', cycle: 'h23', weekStart: 1 });
  expect(mannerOf('en-US', 'UTC')).toMatchObject({ locale: 'en-US', cycle: 'h12', weekStart: 7 });
  expect(mannerOf('C', 'UTC')).toMatchObject({ locale: 'en-GB', cycle: 'h23', weekStart: 1 });
});
