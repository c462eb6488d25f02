import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { instantOf, isZone, sameReading, zoneCity, zonedTimeAt, zoneOffset, readingIn } from './zones';

describe('the odd hours of the year', () => {
  it('takes a skipped reading with the offset from before the gap', () => {
    expect(instantOf({ local: '2026-03-29T02:30:00', zone: 'Europe/Berlin' }).toString()).toBe('2026-03-29T01:30:00Z');
  });

  it('takes a repeated reading as the first one, unless its fold says otherwise', () => {
    expect(instantOf({ local: '2026-10-25T02:30:00', zone: 'Europe/Berlin' }).toString()).toBe('2026-10-25T00:30:00Z');
    expect(instantOf({ local: '2026-10-25T02:30:00', zone: 'Europe/Berlin', fold: 'earlier' }).toString()).toBe('2026-10-25T00:30:00Z');
    expect(instantOf({ local: '2026-10-25T02:30:00', zone: 'Europe/Berlin', fold: 'later' }).toString()).toBe('2026-10-25T01:30:00Z');
  });

  it('keeps the instant on the way to the wall and back', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Niue', 'Australia/Lord_Howe', 'UTC'];
    const hours = Array.from({ length: 400 }, (_, index) => Temporal.Instant.from('2026-10-20T00:15:00Z').add({ minutes: index * 33 }));
    for (const zone of zones) {
      for (const instant of hours) expect(instantOf(zonedTimeAt(instant, zone)).equals(instant)).toBe(true);
    }
  });

  it('writes a fold only where it is needed', () => {
    expect(zonedTimeAt(Temporal.Instant.from('2026-10-25T01:30:00Z'), 'Europe/Berlin')).toEqual({
      local: '2026-10-25T02:30:00',
      zone: 'Europe/Berlin',
      fold: 'later',
    });
    expect(zonedTimeAt(Temporal.Instant.from('2026-11-23T09:00:00Z'), 'Europe/Berlin')).toEqual({
      local: '2026-11-23T10:00:00',
      zone: 'Europe/Berlin',
    });
  });
});

describe('zones in words', () => {
  const winter = Temporal.Instant.from('2026-11-23T09:00:00Z');

  it.each([
    ['UTC', 'GMT'],
    ['Europe/Berlin', 'GMT+1'],
    ['Asia/Kolkata', 'GMT+5:30'],
    ['America/St_Johns', 'GMT−3:30'],
  ])('writes the offset of %s as %s', (zone, words) => expect(zoneOffset(zone, winter)).toBe(words));

  it('names the city', () => expect(zoneCity('America/Argentina/Buenos_Aires')).toBe('Buenos Aires'));
  it('knows which names are zones', () => {
    expect(isZone('Europe/Lisbon')).toBe(true);
    expect(isZone('Europe/Nowhere')).toBe(false);
  });
  it('tells whether two walls read the same', () => {
    expect(sameReading(winter, 'Europe/Berlin', 'Europe/Madrid')).toBe(true);
    expect(sameReading(winter, 'Europe/Berlin', 'Europe/Lisbon')).toBe(false);
  });
});

describe('a second zone', () => {
  it.each([
    ['Asia/Kolkata', 540, '2026-11-26T13:30:00'],
    ['America/Los_Angeles', 540, '2026-11-26T00:00:00'],
    ['Asia/Tokyo', 17 * 60, '2026-11-27T01:00:00'],
  ])('%s beside minute %d of a day in Berlin', (zone, minutes, expected) => {
    expect(readingIn(zone, Temporal.PlainDate.from('2026-11-26'), minutes, 'Europe/Berlin').toString()).toBe(expected);
  });
});
