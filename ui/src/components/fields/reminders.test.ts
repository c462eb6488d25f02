import { describe, expect, it } from 'vitest';
import { describeMinutes, describeReminders, minutesFrom } from './reminders';

describe('reminders', () => {
  it.each([
    [0, 'At the start'],
    [1, '1 minute before'],
    [90, '90 minutes before'],
    [120, '2 hours before'],
    [1440, '1 day before'],
    [20160, '2 weeks before'],
  ])('%i minutes', (minutes, words) => expect(describeMinutes(minutes)).toBe(words));

  it.each([
    [3, 'hours', 180],
    ['4', 'weeks', 40320],
    [5, 'weeks', null],
    ['', 'minutes', null],
    [-1, 'minutes', null],
    [1.5, 'days', 2160],
    [0.3, 'minutes', null],
  ] as const)('%s %s', (count, unit, minutes) => expect(minutesFrom(count, unit)).toBe(minutes));

  it('are told in a line', () => {
    expect(describeReminders({ kind: 'calendar_default' })).toBe('Reminders as the calendar says');
    expect(describeReminders({ kind: 'custom', reminders: [] })).toBe('No reminder');
    expect(describeReminders({ kind: 'custom', reminders: [{ minutes_before: 5, method: 'popup' }, { minutes_before: 60, method: 'email' }] })).toBe('5 minutes before, 1 hour before');
  });
});
