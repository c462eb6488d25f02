/**
 * From wall clocks to instants and back, by the same rules as the engine (RFC 5545 §3.3.5): a reading that the wall
 * skips is taken with the offset from before the gap; one that it shows twice means the first, unless its fold says
 * otherwise.
 */
import { Temporal } from 'temporal-polyfill';
import type { ZonedTime } from '../api/generated/ZonedTime';

/** Returns the instant that a wall-clock reading means. */
export function instantOf(time: ZonedTime): Temporal.Instant {
  return Temporal.PlainDateTime.from(time.local)
    .toZonedDateTime(time.zone, { disambiguation: time.fold === 'later' ? 'later' : 'compatible' })
    .toInstant();
}

/** Reads the wall clock of `zone` at an instant, with the fold that leads back to the same instant. */
export function zonedTimeAt(instant: Temporal.Instant, zone: string): ZonedTime {
  const local = writeLocal(instant.toZonedDateTimeISO(zone).toPlainDateTime());
  const first = instantOf({ local, zone });
  return first.equals(instant) ? { local, zone } : { local, zone, fold: 'later' };
}

/** Writes a wall-clock reading as the engine does: seconds always, fractions never. */
export function writeLocal(local: Temporal.PlainDateTime): string {
  return local.toString({ smallestUnit: 'second' });
}

/** Returns the start of a day in a zone. */
export function startOfDay(date: Temporal.PlainDate, zone: string): Temporal.Instant {
  return date.toZonedDateTime(zone).toInstant();
}

/** Returns the day that the wall of `zone` shows at an instant. */
export function dateIn(instant: Temporal.Instant, zone: string): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(zone).toPlainDate();
}

/** Tells whether both zones read the same at an instant. */
export function sameReading(instant: Temporal.Instant, left: string, right: string): boolean {
  if (left === right) return true;
  return instant.toZonedDateTimeISO(left).offsetNanoseconds === instant.toZonedDateTimeISO(right).offsetNanoseconds;
}

/** Tells whether the name is a zone that can be computed with. */
export function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** Names a zone for people: its city, without the continent. */
export function zoneCity(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}

/** Writes the offset of a zone at an instant, as in `GMT+1` or `GMT+5:30`. */
export function zoneOffset(zone: string, instant: Temporal.Instant): string {
  const [hours = '+00', minutes = '00'] = instant.toZonedDateTimeISO(zone).offset.split(':');
  const sign = hours.startsWith('-') ? '−' : '+';
  const whole = Number(hours.slice(1));
  if (whole === 0 && minutes === '00') return 'GMT';
  return `GMT${sign}${whole}${minutes === '00' ? '' : `:${minutes}`}`;
}

/** Lists the zones that can be chosen, the given ones first. */
export function zoneNames(first: readonly string[]): string[] {
  const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return [...new Set([...first, 'UTC', ...known])];
}

/** Says what the wall of `zone` shows when the viewer's own shows so many minutes of a day. */
export function readingIn(zone: string, date: Temporal.PlainDate, minutes: number, viewer: string): Temporal.PlainDateTime {
  return date.toPlainDateTime().add({ minutes }).toZonedDateTime(viewer).withTimeZone(zone).toPlainDateTime();
}
