import { describe, expect, it } from 'vitest';
import type { When } from '../api/generated/When';
import { daysBetween, movedWhen, sameWhen, shiftedSeries, spanOf } from './when';

const zoned = (start: string, end: string, zone = 'Europe/Berlin', endZone = zone): When => ({
  kind: 'zoned',
  start: { local: `${start}:00`, zone },
  end: { local: `${end}:00`, zone: endZone },
});
const allDay = (start: string, end: string): When => ({ kind: 'all_day', start, end });

describe('movedWhen', () => {
  it('keeps the event’s own zone when it is dropped by somebody elsewhere', () => {
    const original = zoned('2026-11-23T10:00', '2026-11-23T11:00', 'America/New_York');
    const drop = { kind: 'timed', start: '2026-11-25T15:30:00Z', end: '2026-11-25T16:30:00Z' } as const;
    expect(movedWhen(original, drop, 'Europe/Berlin')).toEqual(zoned('2026-11-25T10:30', '2026-11-25T11:30', 'America/New_York'));
  });

  it('reads the drop on the event’s wall on a day when only that wall jumps', () => {
    // New York leaves summer time on 1 November 2026, Berlin had on 25 October.
    const original = zoned('2026-10-30T10:00', '2026-10-30T11:00', 'America/New_York');
    const drop = { kind: 'timed', start: '2026-11-01T15:00:00Z', end: '2026-11-01T16:00:00Z' } as const;
    expect(movedWhen(original, drop, 'Europe/Berlin')).toEqual(zoned('2026-11-01T10:00', '2026-11-01T11:00', 'America/New_York'));
  });

  it('marks the second of two equal readings', () => {
    const original = zoned('2026-10-24T02:30', '2026-10-24T03:30');
    const drop = { kind: 'timed', start: '2026-10-25T01:30:00Z', end: '2026-10-25T02:30:00Z' } as const;
    expect(movedWhen(original, drop, 'Europe/Berlin')).toEqual({
      kind: 'zoned',
      start: { local: '2026-10-25T02:30:00', zone: 'Europe/Berlin', fold: 'later' },
      end: { local: '2026-10-25T03:30:00', zone: 'Europe/Berlin' },
    });
  });

  it('keeps both zones of a flight', () => {
    const flight = zoned('2026-11-27T17:40', '2026-11-27T20:05', 'Europe/Berlin', 'Europe/Lisbon');
    const drop = { kind: 'timed', start: '2026-11-28T16:40:00Z', end: '2026-11-28T20:05:00Z' } as const;
    expect(movedWhen(flight, drop, 'Asia/Kolkata')).toEqual(zoned('2026-11-28T17:40', '2026-11-28T20:05', 'Europe/Berlin', 'Europe/Lisbon'));
  });

  it('leaves floating time floating, and days days', () => {
    const floating: When = { kind: 'floating', start: '2026-11-23T08:00:00', end: '2026-11-23T09:00:00' };
    const drop = { kind: 'timed', start: '2026-11-24T06:00:00Z', end: '2026-11-24T07:00:00Z' } as const;
    expect(movedWhen(floating, drop, 'Europe/Berlin')).toEqual({ kind: 'floating', start: '2026-11-24T07:00:00', end: '2026-11-24T08:00:00' });
    expect(movedWhen(allDay('2026-11-23', '2026-11-24'), { kind: 'all_day', start: '2026-12-01', end: '2026-12-03' }, 'UTC')).toEqual(allDay('2026-12-01', '2026-12-03'));
  });

  it('changes between whole days and times', () => {
    const drop = { kind: 'timed', start: '2026-11-23T09:00:00Z', end: '2026-11-23T10:00:00Z' } as const;
    expect(movedWhen(allDay('2026-11-23', '2026-11-24'), drop, 'Europe/Berlin')).toEqual(zoned('2026-11-23T10:00', '2026-11-23T11:00'));
    expect(movedWhen(zoned('2026-11-23T10:00', '2026-11-23T11:00'), { kind: 'all_day', start: '2026-11-25', end: '2026-11-26' }, 'UTC')).toEqual(allDay('2026-11-25', '2026-11-26'));
  });
});

describe('shiftedSeries', () => {
  it('moves the first occurrence by as many days as one was moved, at the new time of day', () => {
    const series = zoned('2026-09-07T10:00', '2026-09-07T11:00');
    const before = zoned('2026-11-23T10:00', '2026-11-23T11:00');
    const after = zoned('2026-11-24T14:30', '2026-11-24T16:00');
    expect(shiftedSeries(series, before, after)).toEqual(zoned('2026-09-08T14:30', '2026-09-08T16:00'));
  });

  it('keeps the wall-clock time when the first occurrence is on the other side of a clock change', () => {
    const series = zoned('2026-07-06T09:00', '2026-07-06T09:15');
    expect(shiftedSeries(series, zoned('2026-11-23T09:00', '2026-11-23T09:15'), zoned('2026-11-23T09:30', '2026-11-23T09:45'))).toEqual(
      zoned('2026-07-06T09:30', '2026-07-06T09:45'),
    );
  });

  it('moves whole days', () => {
    expect(shiftedSeries(allDay('2026-01-05', '2026-01-06'), allDay('2026-11-23', '2026-11-24'), allDay('2026-11-22', '2026-11-24'))).toEqual(
      allDay('2026-01-04', '2026-01-06'),
    );
  });
});

describe('spans', () => {
  it('puts whole days where the reader is', () => {
    const { start, end } = spanOf(allDay('2026-11-23', '2026-11-24'), 'Pacific/Kiritimati');
    expect([start.toString(), end.toString()]).toEqual(['2026-11-22T10:00:00Z', '2026-11-23T10:00:00Z']);
  });

  it('counts 23 hours in the day that loses one', () => {
    const { start, end } = spanOf(allDay('2026-03-29', '2026-03-30'), 'Europe/Berlin');
    expect(start.until(end).total('hours')).toBe(23);
  });

  it('treats a missing fold as the earlier one', () => {
    const plain = zoned('2026-11-23T10:00', '2026-11-23T11:00');
    const told: When = { kind: 'zoned', start: { local: '2026-11-23T10:00:00', zone: 'Europe/Berlin', fold: 'earlier' }, end: { local: '2026-11-23T11:00:00', zone: 'Europe/Berlin', fold: 'earlier' } };
    expect(sameWhen(plain, told)).toBe(true);
    expect(daysBetween(plain, told)).toBe(0);
  });
});
