import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { miniMonth, startOfWeek, step, titleOf, visibleDays, windowOf, type View } from './periods';

const day = (text: string) => Temporal.PlainDate.from(text);

describe('visibleDays', () => {
  it.each<[View, string, 1 | 7, string, string]>([
    ['day', '2026-11-25', 1, '2026-11-25', '2026-11-26'],
    ['week', '2026-11-25', 1, '2026-11-23', '2026-11-30'],
    ['week', '2026-11-22', 7, '2026-11-22', '2026-11-29'],
    ['work-week', '2026-11-25', 1, '2026-11-23', '2026-11-28'],
    ['work-week', '2026-11-22', 7, '2026-11-23', '2026-11-28'],
    ['work-week', '2026-11-22', 1, '2026-11-16', '2026-11-21'],
    ['year', '2026-11-25', 1, '2026-01-01', '2027-01-01'],
    ['month', '2026-11-25', 1, '2026-10-26', '2026-12-07'],
    ['month', '2027-02-10', 1, '2027-02-01', '2027-03-01'],
    ['agenda', '2026-11-25', 1, '2026-11-25', '2026-12-23'],
  ])('%s of %s (week from %d)', (view, date, weekStart, start, end) => {
    const range = visibleDays(view, day(date), weekStart);
    expect([range.start.toString(), range.end.toString()]).toEqual([start, end]);
  });
});

describe('walking', () => {
  it('goes month by month without skipping a short one', () => {
    expect(step('month', day('2026-01-31'), 1).toString()).toBe('2026-02-01');
  });
  it('goes from a leap day to the year after', () => expect(step('year', day('2028-02-29'), 1).toString()).toBe('2029-02-01'));
  it('finds the first day of a week for every start', () => {
    expect(startOfWeek(day('2026-11-22'), 1).toString()).toBe('2026-11-16');
    expect(startOfWeek(day('2026-11-22'), 6).toString()).toBe('2026-11-21');
  });
  it('shows six weeks in the small month', () => expect(miniMonth(day('2026-11-01'), 1)).toHaveLength(42));
});

describe('titleOf', () => {
  it.each<[View, string, string]>([
    ['month', '2026-11-25', 'November 2026'],
    ['week', '2026-11-25', 'November 2026'],
    ['week', '2026-12-01', 'Nov – Dec 2026'],
    ['week', '2026-12-31', 'Dec 2026 – Jan 2027'],
    ['work-week', '2026-12-31', 'Dec 2026 – Jan 2027'],
    ['year', '2026-12-31', '2026'],
    ['day', '2026-11-25', 'Wednesday 25 November 2026'],
  ])('%s of %s is %s', (view, date, title) => expect(titleOf(view, day(date), 1, 'en-GB').replaceAll(',', '')).toBe(title));
});

describe('windowOf', () => {
  it('begins and ends at the reader’s midnight, also over a clock change', () => {
    expect(windowOf({ start: day('2026-10-19'), end: day('2026-10-26') }, 'Europe/Berlin')).toEqual({
      from: '2026-10-18T22:00:00Z',
      to: '2026-10-25T23:00:00Z',
      viewer: 'Europe/Berlin',
    });
  });
});
