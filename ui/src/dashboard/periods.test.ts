import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import type { Period } from '../api/generated/Period';
import { duration, edgesOf, gapsOf } from './periods';

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

describe('charts with nothing to draw', () => {
  const quiet: Period = { from: '2026-10-25T11:00:00Z', to: '2026-10-25T12:00:00Z', edits_in: 0, edits_out: 0, failures: 0, conflicts: 0, queue_depth: 0, latency: null };
  const gaps = (...parts: Partial<Period>[]) => gapsOf(parts.map((part) => ({ ...quiet, ...part })));

  it('are each told in words', () => {
    expect(gaps({}, {})).toEqual({
      edits: 'Nothing was received or sent in this time.',
      latency: 'No edit was sent in this time.',
      queue: 'No edit had to wait in this time.',
      failures: 'Nothing failed in this time, and nothing was in conflict.',
    });
  });
  it('are drawn as soon as one period has something', () => {
    const latency = { count: 1, p50_ms: 400, p95_ms: 400, p99_ms: 400 };
    expect(gaps({}, { edits_out: 1, latency, queue_depth: 1, conflicts: 1 })).toEqual({ edits: null, latency: null, queue: null, failures: null });
    expect(gaps({ edits_in: 1 }).edits).toBeNull();
    expect(gaps({ failures: 1 }).failures).toBeNull();
  });
  it('do not say that nothing was sent when only the measure is gone', () => {
    expect(gaps({ edits_out: 2 }).latency).toBe('Not known; the events that were sent are gone.');
  });
});

describe('durations', () => {
  it.each([[0, '0 ms'], [999, '999 ms'], [1400, '1.4 s'], [45_000, '45 s'], [180_000, '3 min'], [7_200_000, '2 h']])('%d ms is %s', (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });
});
