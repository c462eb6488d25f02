/** Month, week and day: FullCalendar driven by our state, with our blocks. */
import FullCalendar, {
  type CalendarRef,
  type DateSelectInfo,
  type EventChangeInfo,
  type EventClickInfo,
  type EventDisplayInfo,
  type EventInput,
} from '@fullcalendar/react';
import dayGridPlugin from '@fullcalendar/react/daygrid';
import interactionPlugin from '@fullcalendar/react/interaction';
import timeGridPlugin from '@fullcalendar/react/timegrid';
import '@fullcalendar/react/skeleton.css';
import { Temporal } from 'temporal-polyfill';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import type { When } from '../../api/generated/When';
import { useManner } from '../../api/host-context';
import { occurrenceId } from '../../api/targets';
import { boxOf, type Box } from '../../layout/placement';
import { formatClockShort } from '../../time/clock';
import type { Manner } from '../../time/format';
import type { View } from '../../time/periods';
import { spanMs, wallAt } from '../../time/wall';
import { movedWhen, spanOf, type Drop } from '../../time/when';
import { readingIn, zoneCity, zonedTimeAt } from '../../time/zones';
import { EventBlock, type BlockShape } from './event-block';
import { LOOK } from './options';
import './grid.css';

const PLUGINS = [dayGridPlugin, timeGridPlugin, interactionPlugin];
const VIEWS = { day: 'timeGridDay', 'work-week': 'timeGridWeek', week: 'timeGridWeek', month: 'dayGridMonth' } as const;
const CLICK_MINUTES = 60;
const SLOT_HEIGHT = 24;

/** The half hours before the morning that a day begins with on the screen. */
const SLOTS_BEFORE_MORNING = 15;

interface Props {
  view: Exclude<View, 'agenda' | 'year'>;
  hasWeekNumbers: boolean;
  /** Its hours stand beside the viewer's own. What they are is taken on the day in focus. */
  secondZone: string | null;
  date: Temporal.PlainDate;
  occurrences: readonly OccurrenceView[];
  colorOf: (occurrence: OccurrenceView) => string;
  chosenId: string | null;
  /** Those that are selected together. */
  markedIds: ReadonlySet<string>;
  /** The time of the event that is being made. */
  draftWhen: When | null;
  draftTitle: string;
  onSelect: (occurrence: OccurrenceView, box: Box) => void;
  /** It is selected along with others, or left out again. */
  onMark: (occurrence: OccurrenceView) => void;
  /** The quiet mark of an event was clicked. */
  onWhy: (occurrence: OccurrenceView) => void;
  onDraft: (when: When, box: Box) => void;
  /** Moves an event; `revert` puts it back. */
  onMove: (occurrence: OccurrenceView, when: When, revert: () => void) => void;
  onOpenDay: (date: Temporal.PlainDate) => void;
}

/** Shows the grid. */
export function GridView(props: Props) {
  const { view, date, hasWeekNumbers, secondZone, occurrences, chosenId, markedIds, draftWhen, draftTitle, colorOf, onSelect, onMark, onWhy, onDraft, onMove, onOpenDay } = props;
  const manner = useManner();
  const calendar = useRef<CalendarRef>(null);
  const day = date.toString();

  useEffect(() => {
    // FullCalendar flushes its own rendering; outside React's commit it may.
    queueMicrotask(() => {
      const api = calendar.current?.getApi();
      if (!api) return;
      if (api.view.type === VIEWS[view]) api.gotoDate(day);
      else api.changeView(VIEWS[view], day);
    });
  }, [view, day]);

  const events = useMemo((): EventInput[] => {
    const shown = occurrences.map((occurrence) => eventInput(occurrence));
    return draftWhen === null ? shown : [...shown, draftInput(draftWhen, draftTitle, manner.viewer)];
  }, [occurrences, draftWhen, draftTitle, manner.viewer]);

  const renderEvent = useCallback(
    (info: EventDisplayInfo) => {
      const occurrence = occurrenceOf(info.event.extendedProps);
      if (occurrence === null) return <div className="grid-new" data-draft>{info.event.title === '' ? 'New event' : info.event.title}</div>;
      return (
        <EventBlock
          occurrence={occurrence}
          color={colorOf(occurrence)}
          shape={shapeOf(info)}
          start={info.event.allDay ? '' : clockAt(occurrence.starts_at, manner)}
          end={clockAt(occurrence.ends_at, manner)}
          lines={linesOf(occurrence)}
          isPast={info.isPast}
          isChosen={chosenId === occurrenceId(occurrence)}
          isMarked={markedIds.has(occurrenceId(occurrence))}
        />
      );
    },
    [chosenId, markedIds, colorOf, manner],
  );

  const hours = useCallback(
    (info: { text: string; time?: { milliseconds: number } | null | undefined }) => {
      if (secondZone === null || !info.time) return info.text;
      const there = readingIn(secondZone, Temporal.PlainDate.from(day), info.time.milliseconds / 60_000, manner.viewer);
      return (
        <span className="grid-two-zones">
          <span data-testid="second-zone-hour">{formatClockShort(there.hour * 60 + there.minute, manner.cycle)}</span>
          <span>{info.text}</span>
        </span>
      );
    },
    [secondZone, day, manner.viewer, manner.cycle],
  );
  const zoneNames = useCallback(
    (info: { text: string }) =>
      secondZone === null ? info.text : (
        <span className="grid-two-zones grid-zone-names">
          <span>{zoneCity(secondZone)}</span>
          <span>{zoneCity(manner.viewer)}</span>
        </span>
      ),
    [secondZone, manner.viewer],
  );

  const choose = (info: EventClickInfo) => {
    const occurrence = occurrenceOf(info.event.extendedProps);
    if (occurrence === null) return;
    if (info.jsEvent.ctrlKey || info.jsEvent.metaKey || info.jsEvent.shiftKey) {
      onMark(occurrence);
      return;
    }
    onSelect(occurrence, boxOf(info.el));
    if (info.jsEvent.target instanceof Element && info.jsEvent.target.closest('[data-why]') !== null) onWhy(occurrence);
  };

  const drop = (info: EventChangeInfo) => {
    const occurrence = occurrenceOf(info.event.extendedProps);
    const to = dropOf(info);
    if (occurrence === null || to === null) info.revert();
    else onMove(occurrence, movedWhen(occurrence.when, to, manner.viewer), info.revert);
  };

  const draft = (info: DateSelectInfo) => {
    const pointer = info.jsEvent;
    calendar.current?.getApi().unselect();
    const at: Box = { left: pointer?.clientX ?? 0, top: pointer?.clientY ?? 0, width: 0, height: 0 };
    onDraft(selectedWhen(info, manner.viewer), at);
  };

  return (
    <FullCalendar
      {...LOOK}
      ref={calendar}
      plugins={PLUGINS}
      initialView={VIEWS[view]}
      initialDate={day}
      locale={manner.locale}
      firstDay={manner.weekStart % 7}
      weekends={view !== 'work-week'}
      weekNumbers={hasWeekNumbers}
      weekNumberCalculation="ISO"
      timeZone={manner.viewer}
      events={events}
      eventContent={renderEvent}
      eventInteractive
      eventClick={choose}
      eventDrop={drop}
      eventResize={drop}
      eventResizableFromStart
      eventDragMinDistance={4}
      dragRevertDuration={140}
      editable
      selectable
      selectMirror
      unselectAuto={false}
      select={draft}
      snapDuration="00:15:00"
      slotDuration="00:30:00"
      slotHeaderInterval="01:00"
      slotHeaderFormat={{ hour: manner.cycle === 'h23' ? '2-digit' : 'numeric', minute: manner.cycle === 'h23' ? '2-digit' : undefined, hour12: manner.cycle === 'h12' }}
      slotHeaderContent={hours}
      allDayHeaderContent={zoneNames}
      scrollTime={{ minutes: SLOTS_BEFORE_MORNING * 30 }}
      scrollTimeReset={false}
      viewDidMount={({ el }) => beginInTheMorning(el)}
      slotMinHeight={SLOT_HEIGHT}
      eventShortHeight={34}
      eventMinHeight={20}
      slotEventOverlap={false}
      eventOrder="start,-duration,title"
      dayMaxEvents
      fixedWeekCount={false}
      dayHeaderFormat={{ weekday: 'short', day: 'numeric' }}
      allDayText="all-day"
      nextDayThreshold="03:00"
      navLinks
      navLinkDayClick={(clicked) => onOpenDay(Temporal.Instant.fromEpochMilliseconds(clicked.getTime()).toZonedDateTimeISO(manner.viewer).toPlainDate())}
    />
  );
}

/**
 * Scrolls to the morning at once. FullCalendar does so only after it has measured its rows, which a slow machine shows
 * as a day that begins at midnight and then jumps; here the rows have their least height, which is known before.
 */
function beginInTheMorning(view: HTMLElement): void {
  for (const part of view.querySelectorAll<HTMLElement>('*')) {
    if (part.scrollHeight <= part.clientHeight || !/auto|scroll/.test(getComputedStyle(part).overflowY)) continue;
    part.scrollTop = SLOTS_BEFORE_MORNING * SLOT_HEIGHT + 1;
    return;
  }
}

function eventInput(occurrence: OccurrenceView): EventInput {
  const isAllDay = occurrence.when.kind === 'all_day';
  return {
    id: occurrenceId(occurrence),
    title: occurrence.title,
    allDay: isAllDay,
    start: occurrence.when.kind === 'all_day' ? occurrence.when.start : occurrence.starts_at,
    end: occurrence.when.kind === 'all_day' ? occurrence.when.end : occurrence.ends_at,
    editable: !occurrence.read_only && occurrence.status !== 'cancelled',
    extendedProps: { occurrence },
  };
}

function draftInput(when: When, title: string, viewer: string): EventInput {
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

function occurrenceOf(extended: Record<string, unknown>): OccurrenceView | null {
  return (extended.occurrence as OccurrenceView | undefined) ?? null;
}

function shapeOf(info: EventDisplayInfo): BlockShape {
  if (info.event.allDay) return 'bar';
  if (info.view.type === 'dayGridMonth') return info.isStart && info.isEnd ? 'line' : 'bar';
  return info.isShort ? 'short' : 'tall';
}

function clockAt(instant: string, { viewer, cycle }: Manner): string {
  return formatClockShort(wallAt(Date.parse(instant), viewer).minutes, cycle);
}

/** How many lines of text fit, at the least height that an hour has. */
function linesOf(occurrence: OccurrenceView): number {
  const { start, end } = spanMs(occurrence);
  const hours = (end - start) / 3_600_000;
  return Math.floor((hours * 2 * SLOT_HEIGHT - 6) / 15);
}

function dropOf({ event }: EventChangeInfo): Drop | null {
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

function selectedWhen(info: DateSelectInfo, viewer: string): When {
  if (info.allDay) return { kind: 'all_day', start: info.startStr.slice(0, 10), end: info.endStr.slice(0, 10) };
  const start = Temporal.Instant.fromEpochMilliseconds(info.start.getTime());
  const dragged = Temporal.Instant.fromEpochMilliseconds(info.end.getTime());
  const isClick = start.until(dragged).total('minutes') <= 15;
  const end = isClick ? start.add({ minutes: CLICK_MINUTES }) : dragged;
  return { kind: 'zoned', start: zonedTimeAt(start, viewer), end: zonedTimeAt(end, viewer) };
}
