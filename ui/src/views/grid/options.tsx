/** What the grid looks like, told to FullCalendar: its geometry with our class names. */
import { joinClassNames, type CalendarOptions, type DayHeaderInfo, type EventDisplayInfo } from '@fullcalendar/react';
import { IconX } from '@tabler/icons-react';

const isWeekend = (dow: number) => dow === 0 || dow === 6;

function DayHead({ info }: { info: DayHeaderInfo }) {
  if (info.inPopover) return <span>{info.text}</span>;
  const isMonth = info.view.type === 'dayGridMonth';
  return (
    <>
      <span>{info.weekdayText}</span>
      {!isMonth && <span className={joinClassNames('grid-head-number', info.isToday && 'grid-today')}>{info.dayNumberText}</span>}
    </>
  );
}

const resizers = (info: EventDisplayInfo, axis: 'row' | 'column', edge: string, isResizable: boolean) =>
  isResizable && !info.isMirror && `grid-resize-${axis} grid-resize-${edge}`;

const CELL = {
  dayCellClass: (info) => joinClassNames('grid-line', isWeekend(info.dow) && 'grid-weekend', info.isOther && 'grid-other'),
  dayCellTopClass: 'grid-cell-top',
  dayCellTopInnerClass: (info) => joinClassNames('grid-cell-number', info.isToday && 'grid-today'),
  rowEventClass: (info) =>
    joinClassNames(
      'grid-row-event',
      !info.isStart && 'grid-row-event-open-start',
      !info.isEnd && 'grid-row-event-open-end',
      info.isMirror && 'grid-mirror',
    ),
  rowEventInnerClass: 'grid-row-inner',
  rowEventBeforeClass: (info) => resizers(info, 'row', 'start', info.isStartResizable) || '',
  rowEventAfterClass: (info) => resizers(info, 'row', 'end', info.isEndResizable) || '',
  listItemEventClass: 'grid-row-event',
  listItemEventInnerClass: 'grid-row-inner',
  rowMoreLinkClass: 'grid-more',
} satisfies CalendarOptions;

/** The look. It never changes while the window is open, so that FullCalendar need not compare it. */
export const LOOK = {
  className: 'grid',
  viewClass: (info) => joinClassNames('grid-view', info.view.type === 'dayGridMonth' && 'grid-month'),
  headerToolbar: false,
  borderless: true,
  height: '100%',
  expandRows: true,
  nowIndicator: true,
  // To the minute, so that midnight is noticed when it is.
  nowIndicatorSnap: true,
  dayHeaderAlign: (info) => (info.inPopover ? 'start' : 'center'),
  dayHeaderClass: (info) => (info.inPopover ? 'grid-popover-head' : joinClassNames('grid-head', isWeekend(info.dow) && 'grid-head-weekend')),
  dayHeaderInnerClass: (info) => (info.inPopover ? '' : 'grid-head-inner'),
  dayHeaderContent: (info) => <DayHead info={info} />,
  dayHeaderRowClass: 'grid-line',
  weekNumberHeaderClass: 'grid-week-number',
  inlineWeekNumberClass: 'grid-week-number',
  dayHeaderDividerClass: 'grid-slot-divider',
  dayRowClass: 'grid-line',
  highlightClass: 'grid-highlight',
  popoverClass: 'grid-popover',
  popoverCloseClass: 'grid-popover-close',
  popoverCloseContent: () => <IconX size={15} />,
  dayCellInnerClass: (info) => (info.inPopover ? 'grid-popover-body' : ''),
  fillerClass: 'grid-line',
  popoverFormat: { weekday: 'long', day: 'numeric', month: 'long' },
  // Beside others in a column there is no room for the word.
  moreLinkContent: (info) => (info.text === info.numericText ? info.text : `${info.num} more`),
  views: {
    dayGrid: { ...CELL, titleFormat: { month: 'long', year: 'numeric' } },
    timeGrid: {
      ...CELL,
      dayMaxEvents: true,
      columnMoreLinkClass: 'grid-column-more',
      titleFormat: { day: 'numeric', month: 'long', year: 'numeric' },
      dayLaneClass: (info) => joinClassNames('grid-line', isWeekend(info.dow) && 'grid-weekend'),
      dayLaneInnerClass: 'grid-lane-inner',
      columnEventClass: (info) => joinClassNames('grid-column-event', info.isDragging && 'grid-lift', info.isMirror && 'grid-mirror'),
      columnEventInnerClass: 'grid-column-inner',
      columnEventBeforeClass: (info) => resizers(info, 'column', 'top', info.isStartResizable) || '',
      columnEventAfterClass: (info) => resizers(info, 'column', 'bottom', info.isEndResizable) || '',
      slotLaneClass: (info) => (info.isMinor ? 'grid-half' : 'grid-hour'),
      slotHeaderClass: (info) => joinClassNames('grid-slot-head', info.isFirst && 'grid-slot-head-first'),
      slotHeaderInnerClass: 'grid-slot-head-inner',
      slotHeaderDividerClass: 'grid-slot-divider',
      allDayHeaderClass: 'grid-allday-head',
      allDayHeaderInnerClass: 'grid-allday-head-inner',
      allDayDividerClass: 'grid-allday-divider',
      nowIndicatorLineClass: 'grid-now-line',
      nowIndicatorDotClass: 'grid-now-dot',
      nowIndicatorHeaderClass: 'grid-now-head',
    },
  },
} satisfies CalendarOptions;
