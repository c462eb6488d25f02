import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { duration, edgesOf } from './periods';

describe('edges', () => {
  const now = Temporal.ZonedDateTime.from('2026-10-25T12:34:56+01:00[Europe/Berlin]');
  it('are hours of the last day, the current one included', () => {
    const edges = edgesOf('day', now);
    expect(edges).toHaveLength(25);
    expect(edges[24]).toBe('2026-10-25T12:00:00Z');
  });
  it('are the person’s own days, also where the clocks change', () => {
    const edges = edgesOf('week', now);
    expect(edges).toHaveLength(8);
    // The day on which the clocks go back has 25 hours.
    expect(edges.slice(6)).toEqual(['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z']);
    expect(edgesOf('month', now)).toHaveLength(31);
  });
});

describe('durations', () => {
  it.each([[0, '0 ms'], [999, '999 ms'], [1400, '1.4 s'], [45_000, '45 s'], [180_000, '3 min'], [7_200_000, '2 h']])('%d ms is %s', (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });
});
