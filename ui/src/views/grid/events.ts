/** Events on their way into FullCalendar, and what was done to them on their way back. Pure. */
import type { DateSelectInfo, EventChangeInfo, EventDisplayInfo, EventInput } from '@fullcalendar/react';
import { Temporal } from 'temporal-polyfill';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import type { When } from '../../api/generated/When';
import { occurrenceId } from '../../api/targets';
import { formatClockShort } from '../../time/clock';
import type { Manner } from '../../time/format';
import { spanMs, wallAt } from '../../time/wall';
import { spanOf, type Drop } from '../../time/when';
import { zonedTimeAt } from '../../time/zones';
import type { BlockShape } from './event-block';

const CLICK_MINUTES = 60;

/** The least height of half an hour. */
export const SLOT_HEIGHT = 24;

const known = new WeakMap<OccurrenceView, EventInput>();

/** Hands an event in, as the same object for as long as it is the same event: FullCalendar compares what it is given. */
export function eventInput(occurrence: OccurrenceView): EventInput {
  let input = known.get(occurrence);
  if (input === undefined) {
    input = inputOf(occurrence);
    known.set(occurrence, input);
  }
  return input;
}

function inputOf(occurrence: OccurrenceView): EventInput {
  const { when } = occurrence;
  const isAllDay = when.kind === 'all_day';
  return {
    id: occurrenceId(occurrence),
    title: occurrence.title,
    allDay: isAllDay,
    start: isAllDay ? when.start : occurrence.starts_at,
    end: isAllDay ? when.end : occurrence.ends_at,
    editable: !occurrence.read_only && occurrence.status !== 'cancelled',
    extendedProps: { occurrence },
  };
}

/** Hands in the place of an event that is being made. */
export function draftInput(when: When, title: string, viewer: string): EventInput {
  const { start, end } = spanOf(when, viewer);
  const isAllDay = when.kind === 'all_day';
  return {
    id: 'draft',
    title,
    allDay: isAllDay,
    start: isAllDay ? when.start : start.toString(),
    end: isAllDay ? when.end : end.toString(),
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

/** Reads where an event was dropped, or how far it was drawn. */
export function dropOf({ event }: EventChangeInfo): Drop | null {
  if (event.start === null) return null;
  const hour = 3_600_000;
  if (!event.allDay) {
    const end = event.end ?? new Date(event.start.getTime() + hour);
    return { kind: 'timed', start: event.start.toISOString(), end: end.toISOString() };
  }
  const start = event.startStr.slice(0, 10);
  const end = event.endStr === '' ? Temporal.PlainDate.from(start).add({ days: 1 }).toString() : event.endStr.slice(0, 10);
  return { kind: 'all_day', start, end };
}

/** Reads the time that was drawn; a mere click means an hour. */
export function selectedWhen(info: DateSelectInfo, viewer: string): When {
  if (info.allDay) return { kind: 'all_day', start: info.startStr.slice(0, 10), end: info.endStr.slice(0, 10) };
  const start = Temporal.Instant.fromEpochMilliseconds(info.start.getTime());
  const dragged = Temporal.Instant.fromEpochMilliseconds(info.end.getTime());
  const isClick = start.until(dragged).total('minutes') <= 15;
  const end = isClick ? start.add({ minutes: CLICK_MINUTES }) : dragged;
  return { kind: 'zoned', start: zonedTimeAt(start, viewer), end: zonedTimeAt(end, viewer) };
}
