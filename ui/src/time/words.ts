/** Days in words. To make a formatter takes longer than to use it a hundred times, so each is made once. */
import type { Temporal } from 'temporal-polyfill';

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Writes a day in words, as `toLocaleString` does. */
export function dayWords(date: Temporal.PlainDate, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale} ${JSON.stringify(options)}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    formatters.set(key, formatter);
  }
  return formatter.format(new Date(0).setUTCFullYear(date.year, date.month - 1, date.day));
}
