/** Which stretches of time the dashboard shows, and how it writes what was measured. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { DelayView } from '../api/generated/DelayView';
import type { Period } from '../api/generated/Period';
import type { Way } from '../api/generated/Way';

/** A stretch to choose. */
export const SPANS = [
  { span: 'day', label: '24 hours' },
  { span: 'week', label: '7 days' },
  { span: 'month', label: '30 days' },
] as const;

/** One of them. */
export type Span = (typeof SPANS)[number]['span'];

/** Returns the edges of the periods: hours for a day, else the person's own days, up to the end of the current one. */
export function edgesOf(span: Span, now: Temporal.ZonedDateTime): string[] {
  if (span === 'day') {
    const end = now.round({ smallestUnit: 'hour', roundingMode: 'floor' }).add({ hours: 1 });
    return Array.from({ length: 25 }, (_, index) => end.subtract({ hours: 24 - index }).toInstant().toString());
  }
  const days = span === 'week' ? 7 : 30;
  const tomorrow = now.startOfDay().add({ days: 1 });
  return Array.from({ length: days + 1 }, (_, index) => tomorrow.subtract({ days: days - index }).startOfDay().toInstant().toString());
}

/** Writes when a period begins: an hour, or a day. */
export function periodName(span: Span, from: string, viewer: string, locale: string): string {
  const start = Temporal.Instant.from(from).toZonedDateTimeISO(viewer);
  return span === 'day' ? start.toLocaleString(locale, { hour: '2-digit', minute: '2-digit' }) : start.toLocaleString(locale, { day: 'numeric', month: 'short' });
}

/** What is said in place of each chart; null where there is something to draw. */
export interface Gaps {
  edits: string | null;
  latency: string | null;
  queue: string | null;
  failures: string | null;
}

/** Finds the charts that would be empty, and says why they are. */
export function gapsOf(periods: readonly Period[]): Gaps {
  const has = (count: (period: Period) => number) => periods.some((period) => count(period) > 0);
  const isSent = has((period) => period.edits_out);
  return {
    edits: isSent || has((period) => period.edits_in) ? null : 'Nothing was received or sent in this time.',
    latency: latencyGap(periods, isSent),
    queue: has((period) => period.queue_depth) ? null : 'No edit had to wait in this time.',
    failures: has((period) => period.failures + period.conflicts) ? null : 'Nothing failed in this time, and nothing was in conflict.',
  };
}

/** How long an edit took is known only of events that are still there. */
function latencyGap(periods: readonly Period[], isSent: boolean): string | null {
  if (periods.some(({ latency }) => latency !== null)) return null;
  return isSent ? 'Not known; the events that were sent are gone.' : 'No edit was sent in this time.';
}

/** Writes a duration in the one unit that suits it: `80 ms`, `1.4 s`, `3 min`, `2 h`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

const WAYS: Record<Way, string> = { push: 'told by the service', fast_poll: 'asking often', slow_poll: 'asking now and then' };

/** Writes a measured delay: `7.8 s median, asking often`. */
export function delayWords({ median_ms, way }: DelayView): string {
  return `${duration(median_ms)} median, ${WAYS[way]}`;
}
