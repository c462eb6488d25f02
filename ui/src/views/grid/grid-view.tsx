/** Month, week and day: FullCalendar driven by our state, with our blocks. */
import FullCalendar, {
  type CalendarOptions,
  type CalendarRef,
  type DateSelectInfo,
  type EventChangeInfo,
  type EventClickInfo,
  type EventInput,
} from '@fullcalendar/react';
import dayGridPlugin from '@fullcalendar/react/daygrid';
import interactionPlugin from '@fullcalendar/react/interaction';
import timeGridPlugin from '@fullcalendar/react/timegrid';
import '@fullcalendar/react/skeleton.css';
import { Temporal } from 'temporal-polyfill';
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type Ref } from 'react';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import type { When } from '../../api/generated/When';
import { useManner } from '../../api/host-context';
import { boxOf, type Box } from '../../layout/placement';
import { columnsInDay, rowsInMonth } from '../../layout/rows';
import { formatClockShort } from '../../time/clock';
import { visibleDays, type View } from '../../time/periods';
import { wallMs } from '../../time/wall';
import { movedWhen } from '../../time/when';
import { readingIn, zoneCity } from '../../time/zones';
import { blockOf, ChoiceContext, type Choice } from './block';
import { dayAt, draftInput, dropOf, eventInput, occurrenceOf, selectedWhen, SLOT_HEIGHT } from './events';
import { LOOK } from './options';
import './grid.css';

const PLUGINS = [dayGridPlugin, timeGridPlugin, interactionPlugin];
const VIEWS = { day: 'timeGridDay', 'work-week': 'timeGridWeek', week: 'timeGridWeek', month: 'dayGridMonth' } as const;

/** Where a month is less wide than this, its days have room for titles only. */
const WIDTH_FOR_TIMES = 880;
/** The half hours before the morning that a day begins with on the screen. */
const SLOTS_BEFORE_MORNING = 15;

type GridViews = Exclude<View, 'agenda' | 'year'>;

interface Props extends Choice {
  view: GridViews;
  hasWeekNumbers: boolean;
  /** Its hours stand beside the viewer's own. What they are is taken on the day in focus. */
  secondZone: string | null;
  date: Temporal.PlainDate;
  occurrences: readonly OccurrenceView[];
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

/** What FullCalendar shows. */
interface Shown {
  view: GridViews;
  day: string;
  events: EventInput[];
  /** How many rows of events a day of the month has room for. FullCalendar would find out by drawing more of them than that. */
  rows: number;
  /** How many that take place at once a day has room for, alone and in a week. More could neither be read nor be hit. */
  inDay: number;
  inWeek: number;
}

/** Shows the grid. */
export function GridView(props: Props) {
  const { view, date, hasWeekNumbers, secondZone, occurrences, chosenId, markedIds, draftWhen, draftTitle, colorOf } = props;
  const { viewer, weekStart } = useManner();
  const calendar = useRef<CalendarRef>(null);
  const day = date.toString();

  const events = useMemo((): EventInput[] => {
    const shown = occurrences.map((occurrence) => eventInput(occurrence, viewer));
    return draftWhen === null ? shown : [...shown, draftInput(draftWhen, draftTitle, viewer)];
  }, [occurrences, draftWhen, draftTitle, viewer]);
  const [box, { width, height }] = useSize();
  const { start, end } = visibleDays('month', date, weekStart);
  const rows = rowsInMonth(height, start.until(end).days / 7);
  const [inDay, inWeek] = [columnsInDay(width, 1), columnsInDay(width, view === 'work-week' ? 5 : 7)];
  const wanted = useMemo((): Shown => ({ view, day, events, rows, inDay, inWeek }), [view, day, events, rows, inDay, inWeek]);
  const [given, setGiven] = useState(wanted);
  useLayoutEffect(() => {
    if (given === wanted) return;
    // FullCalendar is told of its view by a call and of its events by a property. Both at once, it draws once.
    const api = calendar.current?.getApi();
    if (api && api.view.type !== VIEWS[wanted.view]) api.changeView(VIEWS[wanted.view], wanted.day);
    else if (api && given.day !== wanted.day) api.gotoDate(wanted.day);
    // oxlint-disable-next-line react/set-state-in-effect -- it goes together with the call.
    setGiven(wanted);
  }, [given, wanted]);

  const gestures = useGestures(props, calendar);
  const choice = useMemo(() => ({ chosenId, markedIds, colorOf }), [chosenId, markedIds, colorOf]);
  return (
    <ChoiceContext value={choice}>
      <div ref={box} className="grid-box" data-narrow={width < WIDTH_FOR_TIMES || undefined}>
        <Calendar ref={calendar} shown={given} gestures={gestures} secondZone={secondZone} hasWeekNumbers={hasWeekNumbers} />
      </div>
    </ChoiceContext>
  );
}

const NO_SIZE = { width: 0, height: 0 };

/** Returns a box's size, and where to attach the box. */
function useSize(): [Ref<HTMLDivElement>, { width: number; height: number }] {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState(NO_SIZE);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const look = () => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((known) => (known.width === width && known.height === height ? known : { width, height }));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [box, size];
}

/** What a person does in the grid. The answers stay the same, for FullCalendar draws everything anew when one changes. */
function useGestures(props: Props, calendar: { current: CalendarRef | null }) {
  const { viewer } = useManner();
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  return useMemo(() => {
    const choose = (info: EventClickInfo) => {
      const occurrence = occurrenceOf(info.event.extendedProps);
      if (occurrence === null) return;
      const { onMark, onSelect, onWhy } = latest.current;
      if (info.jsEvent.ctrlKey || info.jsEvent.metaKey || info.jsEvent.shiftKey) {
        onMark(occurrence);
        return;
      }
      onSelect(occurrence, boxOf(info.el));
      if (info.jsEvent.target instanceof Element && info.jsEvent.target.closest('[data-why]') !== null) onWhy(occurrence);
    };
    const drop = (info: EventChangeInfo) => {
      const occurrence = occurrenceOf(info.event.extendedProps);
      const to = occurrence && dropOf(info, occurrence, viewer);
      if (occurrence === null || to === null) info.revert();
      else latest.current.onMove(occurrence, movedWhen(occurrence.when, to, viewer), info.revert);
    };
    const draft = (info: DateSelectInfo) => {
      const pointer = info.jsEvent;
      calendar.current?.getApi().unselect();
      const at: Box = { left: pointer?.clientX ?? 0, top: pointer?.clientY ?? 0, width: 0, height: 0 };
      latest.current.onDraft(selectedWhen(info, viewer), at);
    };
    const openDay = (clicked: Date) => latest.current.onOpenDay(Temporal.PlainDate.from(dayAt(clicked)));
    return { eventClick: choose, eventDrop: drop, eventResize: drop, select: draft, navLinkDayClick: openDay } satisfies CalendarOptions;
  }, [viewer, calendar]);
}

interface CalendarProps extends Pick<Props, 'secondZone' | 'hasWeekNumbers'> {
  ref: Ref<CalendarRef>;
  shown: Shown;
  gestures: CalendarOptions;
}

/** FullCalendar, which is only looked at again when something changes that it shows. */
const Calendar = memo(function Calendar({ ref, shown, gestures, secondZone, hasWeekNumbers }: CalendarProps) {
  const { viewer, locale, cycle, weekStart } = useManner();
  // The first view is all that it takes from here; it is told of every other by a call.
  const [first] = useState(shown);
  const { rows, inDay, inWeek } = shown;
  const views = useMemo(
    () => ({
      ...LOOK.views,
      dayGrid: { ...LOOK.views.dayGrid, dayMaxEventRows: rows },
      timeGridDay: { eventMaxStack: inDay },
      timeGridWeek: { eventMaxStack: inWeek },
    }),
    [rows, inDay, inWeek],
  );
  const zoneDay = secondZone === null ? null : shown.day;
  const hours = useCallback(
    (info: { text: string; time?: { milliseconds: number } | null | undefined }) => {
      if (secondZone === null || zoneDay === null || !info.time) return info.text;
      const there = readingIn(secondZone, Temporal.PlainDate.from(zoneDay), info.time.milliseconds / 60_000, viewer);
      return (
        <span className="grid-two-zones">
          <span data-testid="second-zone-hour">{formatClockShort(there.hour * 60 + there.minute, cycle)}</span>
          <span>{info.text}</span>
        </span>
      );
    },
    [secondZone, zoneDay, viewer, cycle],
  );
  const zoneNames = useCallback(
    (info: { text: string }) =>
      secondZone === null ? info.text : (
        <span className="grid-two-zones grid-zone-names">
          <span>{zoneCity(secondZone)}</span>
          <span>{zoneCity(viewer)}</span>
        </span>
      ),
    [secondZone, viewer],
  );
  const now = useCallback(() => wallMs(Date.now(), viewer), [viewer]);
  const hourFormat = useMemo(
    () => ({ hour: cycle === 'h23' ? '2-digit' : 'numeric', minute: cycle === 'h23' ? '2-digit' : undefined, hour12: cycle === 'h12' }) as const,
    [cycle],
  );
  return (
    <FullCalendar
      {...LOOK}
      {...BEHAVIOUR}
      {...gestures}
      ref={ref}
      initialView={VIEWS[first.view]}
      initialDate={first.day}
      locale={locale}
      firstDay={weekStart % 7}
      weekends={shown.view !== 'work-week'}
      weekNumbers={hasWeekNumbers}
      views={views}
      now={now}
      events={shown.events}
      slotHeaderFormat={hourFormat}
      slotHeaderContent={hours}
      allDayHeaderContent={zoneNames}
    />
  );
});

/** How it behaves, and its measures. Like its look, this never changes. */
const BEHAVIOUR = {
  plugins: PLUGINS,
  weekNumberCalculation: 'ISO',
  // It is given what the viewer's wall shows.
  timeZone: 'UTC',
  eventContent: blockOf,
  eventInteractive: true,
  // The blocks write the times themselves.
  displayEventTime: false,
  eventResizableFromStart: true,
  eventDragMinDistance: 4,
  dragRevertDuration: 140,
  editable: true,
  selectable: true,
  selectMirror: true,
  unselectAuto: false,
  snapDuration: '00:15:00',
  slotDuration: '00:30:00',
  slotHeaderInterval: '01:00',
  scrollTime: { minutes: SLOTS_BEFORE_MORNING * 30 },
  scrollTimeReset: false,
  viewDidMount: ({ el }) => beginInTheMorning(el),
  slotMinHeight: SLOT_HEIGHT,
  eventShortHeight: 34,
  eventMinHeight: 20,
  slotEventOverlap: false,
  eventOrder: 'start,-duration,title',
  fixedWeekCount: false,
  dayHeaderFormat: { weekday: 'short', day: 'numeric' },
  allDayText: 'all-day',
  nextDayThreshold: '03:00',
  navLinks: true,
} satisfies CalendarOptions;

/**
 * Scrolls to the morning at once. FullCalendar does so only after it has measured its rows, which a slow machine shows
 * as a day that begins at midnight and then jumps; here the rows have their least height, which is known before.
 */
function beginInTheMorning(view: HTMLElement): void {
  // Only what is around the hours can scroll; to ask every block whether it does takes longer than to draw it.
  let part = view.querySelector('.grid-hour')?.parentElement;
  while (part && part !== view && !/auto|scroll/.test(getComputedStyle(part).overflowY)) part = part.parentElement;
  if (part && part !== view) part.scrollTop = SLOTS_BEFORE_MORNING * SLOT_HEIGHT + 1;
}
