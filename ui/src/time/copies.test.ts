import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { newContent } from '../api/content';
import type { When } from '../api/generated/When';
import { copyOf, pastedWhen, shiftedDays } from './copies';

const date = (text: string) => Temporal.PlainDate.from(text);
const tea: When = { kind: 'zoned', start: { local: '2026-11-26T16:00:00', zone: 'Europe/Berlin' }, end: { local: '2026-11-26T17:00:00', zone: 'Europe/Berlin' } };
const week = { start: date('2026-12-07'), end: date('2026-12-14') };
const starts = (when: When) => (when.kind === 'zoned' ? when.start.local : when.start);

describe('a copy', () => {
  it('is the person’s own, and nothing that a service knows', () => {
    const meeting = {
      ...newContent('Meeting', tea),
      attendees: [{ email: 'ada@x.org', name: '', optional: false, resource: false, response: 'accepted' as const, is_self: false }],
      organizer: { email: 'ada@x.org', name: '', is_self: false },
      extras: { google: { iCalUID: 'x' } },
    };
    expect(copyOf(meeting)).toEqual(newContent('Meeting', tea));
    expect(copyOf({ ...meeting, status: 'cancelled' }).status).toBe('confirmed');
  });

  it('stays where it is seen', () => expect(pastedWhen(tea, { start: date('2026-11-23'), end: date('2026-11-30') }, date('2026-11-24'))).toBe(tea));
  it('goes to the same weekday of another week', () => expect(starts(pastedWhen(tea, week, date('2026-12-08')))).toBe('2026-12-10T16:00:00'));
  it('goes to the day in focus where there is no such weekday', () => {
    expect(starts(pastedWhen(tea, { start: date('2026-12-08'), end: date('2026-12-09') }, date('2026-12-08')))).toBe('2026-12-08T16:00:00');
    expect(starts(pastedWhen(tea, { start: date('2026-12-28'), end: date('2027-02-01') }, date('2027-01-05')))).toBe('2027-01-05T16:00:00');
  });
  it('keeps its hour on its own wall over a change of the clocks', () => expect(starts(shiftedDays({ ...tea, start: { local: '2026-10-24T09:00:00', zone: 'Europe/Berlin' } }, 1))).toBe('2026-10-25T09:00:00'));
  it('keeps its whole days', () => expect(shiftedDays({ kind: 'all_day', start: '2026-12-30', end: '2027-01-02' }, 3)).toEqual({ kind: 'all_day', start: '2027-01-02', end: '2027-01-05' }));
});
