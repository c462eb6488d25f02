import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import { dayWords } from './words';

it.each([
  ['en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }],
  ['en-US', { weekday: 'short', day: 'numeric', month: 'short' }],
  ['en-TH', { day: 'numeric', month: 'long', year: 'numeric' }],
  ['en-IN', { month: 'long' }],
] as const)('writes days in %s as they are written there', (locale, options) => {
  for (const day of ['0064-07-19', '1999-12-31', '2024-02-29', '2026-11-27', '9999-12-31']) {
    const date = Temporal.PlainDate.from(day);
    expect(dayWords(date, locale, options)).toBe(date.toLocaleString(locale, options));
  }
});
