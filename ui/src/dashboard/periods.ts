/** Which stretches of time the dashboard shows, and how it writes what was measured. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { DelayView } from '../api/generated/DelayView';
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
