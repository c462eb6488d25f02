/**
 * What the wall shows at an instant, for lists of hundreds of events: as exact as Temporal, which is asked twice a day
 * for the zone's offset and not once for each event.
 */
import { Temporal } from 'temporal-polyfill';

/** A day, and the minutes since its midnight as the clock counts them. */
export interface WallTime {
  /** `2026-11-26`. */
  day: string;
  minutes: number;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** The offset of a zone throughout a day of UTC, in milliseconds; null on the days on which it changes. */
const offsets = new Map<string, number | null>();

function offsetOf(zone: string, epoch: number): number {
  return Temporal.Instant.fromEpochMilliseconds(epoch).toZonedDateTimeISO(zone).offsetNanoseconds / 1_000_000;
}

function offsetAt(zone: string, epoch: number): number {
  const day = Math.floor(epoch / DAY);
  const key = `${zone} ${day}`;
  let known = offsets.get(key);
  if (known === undefined) {
    const atStart = offsetOf(zone, day * DAY);
    known = offsetOf(zone, (day + 1) * DAY) === atStart ? atStart : null;
    offsets.set(key, known);
  }
  return known ?? offsetOf(zone, epoch);
}

/** Returns what the wall of `zone` shows at an instant, both in milliseconds since 1970: as if the wall were in UTC. */
export function wallMs(epoch: number, zone: string): number {
  return epoch + offsetAt(zone, epoch);
}

/** Returns what the wall of `zone` shows at an instant, in milliseconds since 1970. */
export function wallAt(epoch: number, zone: string): WallTime {
  const local = wallMs(epoch, zone);
  const midnight = Math.floor(local / DAY) * DAY;
  return { day: new Date(midnight).toISOString().slice(0, 10), minutes: Math.floor((local - midnight) / MINUTE) };
}

/** The instants between which an event takes place, in milliseconds since 1970. */
export function spanMs({ starts_at, ends_at }: { starts_at: string; ends_at: string }): { start: number; end: number } {
  return { start: Date.parse(starts_at), end: Date.parse(ends_at) };
}

/** Returns the one day of `zone` that an event lies on; null when it lies on several. */
export function onlyDay({ start, end }: { start: number; end: number }, zone: string): string | null {
  const { day } = wallAt(start, zone);
  return wallAt(Math.max(start, end - 1), zone).day === day ? day : null;
}
