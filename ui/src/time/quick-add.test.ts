import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import type { When } from '../api/generated/When';
import { quickAdd } from './quick-add';

/** A Thursday, at twenty to eleven. */
const now = Temporal.ZonedDateTime.from('2026-11-26T10:40:00[Europe/Berlin]');
const base: When = { kind: 'zoned', start: { local: '2026-11-26T11:00:00', zone: 'Europe/Berlin' }, end: { local: '2026-11-26T12:00:00', zone: 'Europe/Berlin' } };
const read = (text: string, isPlaced = false, where: When = base) => quickAdd(text, where, now, isPlaced);

/** Writes a time briefly: `Nov 26 11:00 – 12:00`, or the days. */
function brief(when: When): string {
  if (when.kind === 'all_day') return `${when.start}..${when.end}`;
  const [start, end] = when.kind === 'zoned' ? [when.start.local, when.end.local] : [when.start, when.end];
  return start.slice(0, 10) === end.slice(0, 10) ? `${start.slice(0, 16)}-${end.slice(11, 16)}` : `${start.slice(0, 16)}-${end.slice(0, 16)}`;
}

describe('a line of plain words', () => {
  it('is read whole', () => {
    const lunch = read('Lunch with Ada Thu 12:30 for 45 min at Luigi’s');
    expect([lunch.title, brief(lunch.when), lunch.location]).toEqual(['Lunch with Ada', '2026-11-26T12:30-13:15', 'Luigi’s']);
    expect(lunch.understood.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(['day: Thu', 'time: 12:30', 'length: for 45 min', 'place: at Luigi’s']);
  });

  it.each([
    // Days
    ['Dentist tomorrow', 'Dentist', '2026-11-27..2026-11-28'],
    ['Dentist the day after tomorrow', 'Dentist', '2026-11-28..2026-11-29'],
    ['Review on Monday at 9', 'Review', '2026-11-30T09:00-10:00'],
    ['Review next Monday 9:00', 'Review', '2026-11-30T09:00-10:00'],
    ['Standup next Fri 9am', 'Standup', '2026-12-04T09:00-10:00'],
    ['Trip 3 Dec', 'Trip', '2026-12-03..2026-12-04'],
    ['Trip on the 3rd of December 2027', 'Trip', '2027-12-03..2027-12-04'],
    ['Trip Dec 3, 2027', 'Trip', '2027-12-03..2027-12-04'],
    ['New year Jan 1', 'New year', '2027-01-01..2027-01-02'],
    ['Zahnarzt 3.12. 14:15', 'Zahnarzt', '2026-12-03T14:15-15:15'],
    ['Sprint 2026-12-07 to 2026-12-18', 'Sprint', '2026-12-07..2026-12-19'],
    ['Offsite 7–9 Dec', 'Offsite', '2026-12-07..2026-12-10'],
    ['Offsite from Mon to Wed', 'Offsite', '2026-11-30..2026-12-03'],
    ['Retreat in 2 weeks for 3 days', 'Retreat', '2026-12-10..2026-12-13'],
    ['Dinner tonight', 'Dinner', '2026-11-26T19:00-20:00'],
    // Times
    ['Call 14:00', 'Call', '2026-11-26T14:00-15:00'],
    ['Call 9:15', 'Call', '2026-11-27T09:15-10:15'],
    ['Call 2pm', 'Call', '2026-11-26T14:00-15:00'],
    ['Call 2-3pm', 'Call', '2026-11-26T14:00-15:00'],
    ['Call 11-1pm', 'Call', '2026-11-26T11:00-13:00'],
    ['Call from 9 to 10:30 tomorrow', 'Call', '2026-11-27T09:00-10:30'],
    ['Call between 3 and 4 pm', 'Call', '2026-11-26T15:00-16:00'],
    ['Lunch noon', 'Lunch', '2026-11-26T12:00-13:00'],
    ['Party Sat 22:00–02:00', 'Party', '2026-11-28T22:00-2026-11-29T02:00'],
    // Lengths
    ['Focus 13:00 2h', 'Focus', '2026-11-26T13:00-15:00'],
    ['Focus 13:00 for 1 h 30', 'Focus', '2026-11-26T13:00-14:30'],
    ['Focus 13:00 for half an hour', 'Focus', '2026-11-26T13:00-13:30'],
    ['Focus 13:00 for 1.5 hours', 'Focus', '2026-11-26T13:00-14:30'],
    ['Focus for 20 minutes', 'Focus', '2026-11-26T11:00-11:20'],
  ])('%s', (text, title, when) => {
    const event = read(text);
    expect([event.title, brief(event.when)]).toEqual([title, when]);
  });

  it.each([
    ['Stand-up every weekday 9:15', 'Stand-up', 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'],
    ['Piano every Tuesday and Thursday at 5pm', 'Piano', 'FREQ=WEEKLY;BYDAY=TU,TH'],
    ['Bins every other Friday', 'Bins', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=FR'],
    ['Rent monthly', 'Rent', 'FREQ=MONTHLY'],
    ['Report every 2 weeks', 'Report', 'FREQ=WEEKLY;INTERVAL=2'],
    ['Pills every day 8:00 10 times', 'Pills', 'FREQ=DAILY;COUNT=10'],
    ['Choir every Wed until 18 Dec', 'Choir', 'FREQ=WEEKLY;BYDAY=WE;UNTIL=20261218'],
  ])('repeats: %s', (text, title, rule) => {
    const event = read(text);
    expect([event.title, event.rule]).toEqual([title, rule]);
  });

  it('begins a series on the first of its days', () => {
    expect(brief(read('Piano every Tuesday and Thursday at 5pm').when)).toBe('2026-11-26T17:00-18:00');
    expect(brief(read('Piano every Tuesday at 5pm').when)).toBe('2026-12-01T17:00-18:00');
  });

  it('invites by address', () => {
    const event = read('Pairing with ada@example.org and Bo@Example.org Fri 10:00');
    expect([event.title, event.guests]).toEqual(['Pairing', ['ada@example.org', 'bo@example.org']]);
  });

  it.each([
    ['Coffee @ Café Ida 15:00', 'Coffee', 'Café Ida'],
    ['Meet at the station at 8', 'Meet', 'the station'],
    ['Talk at 10 at Room 4, second floor', 'Talk', 'Room 4, second floor'],
  ])('has a place: %s', (text, title, location) => {
    const event = read(text);
    expect([event.title, event.location]).toEqual([title, location]);
  });

  it.each(['Marching band', 'Read chapter 7', '1:1 Idris', 'Apollo 13', 'May I', 'Monday.com demo', 'Size 12.5 shoes', 'Buy 3 pm2 licences', ''])('leaves “%s” alone where it says nothing', (text) => {
    const event = read(text);
    expect([event.title, event.when]).toEqual([text, base]);
  });

  it('keeps to where it was placed', () => {
    expect(brief(read('Call Bo', true).when)).toBe('2026-11-26T11:00-12:00');
    expect(brief(read('Call Bo 9:15', true).when)).toBe('2026-11-26T09:15-10:15');
    expect(brief(read('Call Bo for 15 min', true).when)).toBe('2026-11-26T11:00-11:15');
    const days: When = { kind: 'all_day', start: '2026-12-07', end: '2026-12-08' };
    expect(brief(read('Call Bo 9:15', true, days).when)).toBe('2026-12-07T09:15-10:15');
  });

  it.each(['31 Feb', '2026-13-01', '25:00', '13pm', '0 am', 'for 0 min', 'every 0 days', 'in 99999999999 days', 'in 9999 months', '9999-12-31', '1 Jan 0000'])('does not take “%s” for anything', (text) => {
    expect(read(`Thing ${text}`).when).toEqual(base);
  });

  it('loses no word of any line', () => {
    for (const text of ['Thu Thu Thu', 'at at at', 'for for', '@', '9:00 10:00 11:00', 'every every day', '\u0000\u0000']) {
      const event = read(text);
      const said = [event.title, ...event.understood.map((one) => one.text)].join(' ').split(/\s+/).filter(Boolean);
      const kept = text.replaceAll('\u0000', '').split(/\s+/).filter((word) => word !== '' && !/^(?:on|at|from|for|and)$/.test(word));
      expect(kept.every((word) => said.includes(word)), `${text}: ${said.join('|')}`).toBe(true);
    }
  });
});
