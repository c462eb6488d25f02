import { describe, expect, it } from 'vitest';
import { formatClock, formatClockShort, parseClock, quarters } from './clock';

describe('parseClock', () => {
  it.each([
    ['9', 540], ['09:30', 570], ['930', 570], ['0930', 570], ['9.30', 570], ['21h', 1260], ['9h30', 570], ['9 pm', 1260], ['9:15p', 1275],
    ['12 am', 0], ['12 pm', 720], ['noon', 720], ['midnight', 0], [' 23:59 ', 1439], ['7:05 a.m.', 425],
  ])('reads %s', (text, minutes) => expect(parseClock(text)).toBe(minutes));

  it.each(['', 'lunch', '25', '9:75', '13 pm', '0 am', '9:3', '-1'])('refuses %j', (text) => expect(parseClock(text)).toBeNull());

  it('reads what it writes', () => {
    for (const minutes of quarters()) {
      expect(parseClock(formatClock(minutes, 'h23'))).toBe(minutes);
      expect(parseClock(formatClock(minutes, 'h12'))).toBe(minutes);
      expect(parseClock(formatClockShort(minutes, 'h12'))).toBe(minutes);
    }
  });
});

describe('quarters', () => {
  it('runs once around the clock', () => expect(new Set(quarters(605)).size).toBe(96));
  it('begins at the next quarter', () => expect(quarters(605).slice(0, 2)).toEqual([615, 630]));
});
