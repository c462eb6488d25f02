/**
 * Events on their way into FullCalendar, and what was done to them on their way back. Pure.
 *
 * FullCalendar knows no zone but UTC and is given what the viewer's wall shows, as if the wall were in UTC: it would ask
 * Temporal for the offset at both ends of each event, which takes longer than all else that it does with them.
 */
import type { DateSelectInfo, EventDisplayInfo, EventInput } from '@fullcalendar/react';
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import type { When } from '../../api/generated/When';
import { occurrenceId } from '../../api/targets';
import { formatClockShort } from '../../time/clock';
import type { Manner } from '../../time/format';
import { spanMs, wallAt, wallMs } from '../../time/wall';
import { spanOf, type Drop } from '../../time/when';
import { instantOf, zonedTimeAt } from '../../time/zones';
import type { BlockShape } from './event-block';

/** What is drawn no longer than this is a click. */
const CLICK_MS = 15 * 60_000;
/** How long an event is that has no end. */
const DEFAULT_MS = 60 * 60_000;

/** The least height of half an hour. */
export const SLOT_HEIGHT = 24;

/** What an event that was dropped says of itself. */
interface DroppedInfo {
  event: { allDay: boolean; start: Date | null; end: Date | null };
}

const known = new WeakMap<OccurrenceView, EventInput>();

/**
 * Hands an event in, as the same object for as long as it is the same event: FullCalendar compares what it is given. The
 * viewer stays the same while the window is open.
 */
export function eventInput(occurrence: OccurrenceView, viewer: string): EventInput {
  let input = known.get(occurrence);
  if (input === undefined) {
    input = inputOf(occurrence, viewer);
    known.set(occurrence, input);
  }
  return input;
}

/** Where a stretch of time stands on the wall. A clock that is set back meanwhile does not let it end before it begins. */
function onWall({ start, end }: { start: number; end: number }, viewer: string): { start: number; end: number } {
  const [from, to] = [wallMs(start, viewer), wallMs(end, viewer)];
  return { start: from, end: to > from ? to : from + end - start };
}

function inputOf(occurrence: OccurrenceView, viewer: string): EventInput {
  const { when } = occurrence;
  return {
    id: occurrenceId(occurrence),
    title: occurrence.title,
    ...(when.kind === 'all_day' ? { allDay: true, start: when.start, end: when.end } : { allDay: false, ...onWall(spanMs(occurrence), viewer) }),
    editable: !occurrence.read_only && occurrence.status !== 'cancelled',
    extendedProps: { occurrence },
  };
}

/** Hands in the place of an event that is being made. */
export function draftInput(when: When, title: string, viewer: string): EventInput {
  const { start, end } = spanOf(when, viewer);
  const span = { start: start.epochMilliseconds, end: end.epochMilliseconds };
  return {
    id: 'draft',
    title,
    ...(when.kind === 'all_day' ? { allDay: true, start: when.start, end: when.end } : { allDay: false, ...onWall(span, viewer) }),
    editable: false,
    interactive: false,
    extendedProps: {},
  };
}

/** Returns the event that was handed in; none for one that is being made. */
export function occurrenceOf(extended: Record<string, unknown>): OccurrenceView | null {
  return (extended.occurrence as OccurrenceView | undefined) ?? null;
}

/** Chooses how an event is laid out. */
export function shapeOf(info: EventDisplayInfo): BlockShape {
  if (info.event.allDay) return 'bar';
  if (info.view.type === 'dayGridMonth') return info.isStart && info.isEnd ? 'line' : 'bar';
  return info.isShort ? 'short' : 'tall';
}

/** Writes the time that the viewer's wall shows at an instant. */
export function clockAt(instant: string, { viewer, cycle }: Manner): string {
  return formatClockShort(wallAt(Date.parse(instant), viewer).minutes, cycle);
}

/** How many lines of text fit, at the least height that an hour has. */
export function linesOf(occurrence: OccurrenceView): number {
  const { start, end } = spanMs(occurrence);
  const hours = (end - start) / 3_600_000;
  return Math.floor((hours * 2 * SLOT_HEIGHT - 6) / 15);
}

/** Writes the day that FullCalendar's wall shows. */
export const dayAt = (wall: Date) => wall.toISOString().slice(0, 10);

/** Returns the instant at which the viewer's wall shows what FullCalendar's does. */
function instantAt(wall: Date, viewer: string): Temporal.Instant {
  return instantOf({ local: wall.toISOString().slice(0, 19), zone: viewer });
}

/** Reads where an event was dropped, or how far it was drawn. */
export function dropOf({ event }: DroppedInfo, occurrence: OccurrenceView, viewer: string): Drop | null {
  const { start, end } = event;
  if (start === null) return null;
  if (event.allDay) {
    const firstDay = dayAt(start);
    return { kind: 'all_day', start: firstDay, end: end === null ? Temporal.PlainDate.from(firstDay).add({ days: 1 }).toString() : dayAt(end) };
  }
  const before = onWall(spanMs(occurrence), viewer);
  // An end that was not moved stays at its instant: in one night of the year the wall shows a reading twice.
  const at = (wall: Date, unmoved: number, instant: string) => (wall.getTime() === unmoved ? instant : instantAt(wall, viewer).toString());
  const last = end ?? new Date(start.getTime() + DEFAULT_MS);
  return { kind: 'timed', start: at(start, before.start, occurrence.starts_at), end: at(last, before.end, occurrence.ends_at) };
}

/** Reads the time that was drawn; a mere click means an hour. */
export function selectedWhen({ allDay, start, end }: Pick<DateSelectInfo, 'allDay' | 'start' | 'end'>, viewer: string): When {
  if (allDay) return { kind: 'all_day', start: dayAt(start), end: dayAt(end) };
  const isClick = end.getTime() - start.getTime() <= CLICK_MS;
  const from = instantAt(start, viewer);
  const to = isClick ? from.add({ milliseconds: DEFAULT_MS }) : instantAt(end, viewer);
  return { kind: 'zoned', start: zonedTimeAt(from, viewer), end: zonedTimeAt(to, viewer) };
}
