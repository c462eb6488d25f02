/** The window: bar, sidebar, grid, inspector, banner; and what happens when something is wished. */
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useMemo, useReducer, useRef, useState } from 'react';
import type { CalendarView } from '../api/generated/CalendarView';
import type { ConflictView } from '../api/generated/ConflictView';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { When } from '../api/generated/When';
import { newContent } from '../api/content';
import { useManner } from '../api/host-context';
import { occurrenceId, targetOf } from '../api/targets';
import { useCalendars, useOccurrences, useReadAhead, useSnapshot } from '../api/queries';
import { Bar } from '../components/bar/bar';
import { DropTarget } from '../components/files/drop-target';
import { ImportDialog, wishFor, type ImportWish } from '../components/files/import-dialog';
import type { Source } from '../components/files/source';
import { useExport } from '../components/files/use-export';
import { CreatePopover } from '../components/create/create-popover';
import { ConflictDialog } from '../components/conflicts/conflict-dialog';
import { NewCalendar } from '../components/dialogs/new-calendar';
import { Messages } from '../components/messages';
import { RemoveAccount, type LeavingAccount } from '../components/dialogs/remove-account';
import { DeletedDialog } from '../components/history/deleted-dialog';
import { HistoryDialog, toldOf, type Told } from '../components/history/history-dialog';
import { RunsDialog } from '../components/history/runs-dialog';
import { Shortcuts } from '../components/dialogs/shortcuts';
import { Palette } from '../components/palette/palette';
import { Search } from '../components/search/search';
import type { Subject } from '../components/inspector/inspector';
import { Sidebar } from '../components/sidebar/sidebar';
import { BannerLine } from '../components/sync-status/banner-line';
import { SyncIndicator } from '../components/sync-status/indicator';
import { boxOf, type Box } from '../layout/placement';
import { SelectionBar } from '../components/selection/selection-bar';
import { next, titleOf, visibleDays, windowOf } from '../time/periods';
import { startDay } from '../time/when';
import { AgendaView } from '../views/agenda/agenda-view';
import { YearView } from '../views/year/year-view';
import { GridView } from '../views/grid/grid-view';
import { FirstRun } from './first-run';
import type { Preferences } from './preferences';
import { later, useLaterParts } from './later';
import { lastCalendar, rememberCalendar } from './last-calendar';
import { quiet } from './quiet';
import { openingState, reduce } from './state';
import { useCalendarActions } from './use-calendar-actions';
import { useCommands } from './use-commands';
import { useNavigation } from './use-navigation';
import { useToday } from './use-now';
import { useWishes } from './use-wishes';
import classes from './window.module.css';

interface Props {
  preferences: Preferences;
  onPreferences: (preferences: Preferences) => void;
}

const NOTHING: readonly OccurrenceView[] = [];
const NO_CALENDARS: readonly CalendarView[] = [];

const whileOpen = ({ isOpen }: { isOpen: boolean }) => isOpen;
const QuietPalette = quiet(Palette, whileOpen);
const QuietSearch = quiet(Search, whileOpen);
const QuietShortcuts = quiet(Shortcuts, whileOpen);
const QuietNewCalendar = quiet(NewCalendar, whileOpen);
const QuietDeleted = quiet(DeletedDialog, whileOpen);
const QuietRuns = quiet(RunsDialog, whileOpen);
const QuietImport = quiet(ImportDialog, ({ wish }) => wish !== null);
const QuietConflict = quiet(ConflictDialog, ({ conflict }) => conflict !== null);

const Settings = later(async () => (await import('../settings/settings')).Settings);
const Inspector = later(async () => (await import('../components/inspector/inspector')).Inspector);

/** Shows the window. */
export function Window({ preferences, onPreferences }: Props) {
  const manner = useManner();
  const today = useToday(manner.viewer);
  const [state, act] = useReducer(reduce, null, () => openingState(preferences.view, today, preferences.isSidebarOpen));
  const [isSyncOpen, setSyncOpen] = useState(false);
  const [told, setTold] = useState<Told | null>(null);
  const [compared, setCompared] = useState<ConflictView | null>(null);
  const [leaving, setLeaving] = useState<LeavingAccount | null>(null);
  /** What the words of a new event come to, which the grid shows while they are typed. */
  const [read, setRead] = useState<{ title: string; when: When } | null>(null);
  const [importing, setImporting] = useState<ImportWish | null>(null);
  const grid = useRef<HTMLElement>(null);

  const isNarrow = useMediaQuery('(max-width: 900px)', globalThis.innerWidth <= 900, { getInitialValueInEffect: false });
  const [wasNarrow, setWasNarrow] = useState<boolean | null>(null);
  if (wasNarrow !== isNarrow) {
    // On a narrow window the sidebar lies over the grid, so it opens only when it is asked for.
    setWasNarrow(isNarrow);
    act({ type: 'set-sidebar', isOpen: !isNarrow && preferences.isSidebarOpen });
  }

  const { view, date, selection, draft } = state;
  if (draft === null && read !== null) setRead(null);
  const { data: calendars } = useCalendars();
  const snapshot = useSnapshot();
  const range = visibleDays(view, date, manner.weekStart);
  const { data: found = NOTHING, isPlaceholderData: isWaiting } = useOccurrences(windowOf(range, manner.viewer));
  useReadAhead(next(view, date, manner.weekStart).map((days) => windowOf(days, manner.viewer)), !isWaiting);
  // What is shown changes at once with its events: a view drawn with those of before would be drawn for nothing.
  const [shown, setShown] = useState({ view, date });
  if (!isWaiting && (shown.view !== view || !shown.date.equals(date))) setShown({ view, date });
  const colors = useMemo(() => new Map(calendars?.map(({ id, color }) => [id, color])), [calendars]);
  const colorOf = useCallback((occurrence: OccurrenceView) => occurrence.color ?? colors.get(occurrence.calendar_id) ?? '#6b74e6', [colors]);
  const visible = useMemo(() => {
    const hidden = new Set(calendars?.filter((calendar) => !calendar.visible).map(({ id }) => id));
    return found.filter((occurrence) => !hidden.has(occurrence.calendar_id));
  }, [found, calendars]);
  const writable = calendars?.filter((calendar) => calendar.writable) ?? [];
  const draftCalendar = draft?.calendarId ?? lastCalendar(writable.map(({ id }) => id));

  const importFrom = (source: Source | null) => setImporting(wishFor(source));
  const exportEvents = useExport();

  useNavigation({ act, today, openSync: () => setSyncOpen(true), openFile: (path) => importFrom({ kind: 'path', path }) });
  useLaterParts();

  const findDraft = useCallback((): Box | null => {
    const block = document.querySelector('[data-draft]');
    block?.scrollIntoView({ block: 'nearest' });
    return block === null ? (draft?.box ?? null) : boxOf(block);
  }, [draft?.box]);
  const connect = () => act({ type: 'settings', page: 'accounts' });
  const { select, show, toggleSidebar, startDraft, newEvent, remove, move, mark, removeMarked, chosenId } = useWishes({
    state,
    act,
    today,
    range,
    shown: visible,
    canCreate: calendars === undefined || writable.length > 0,
    writable: writable.map(({ id }) => id),
    tell: setTold,
    preferences,
    onPreferences,
    gridBox: () => grid.current && boxOf(grid.current),
  });
  const markedIds = useMemo(() => new Set(state.marked.map(occurrenceId)), [state.marked]);
  const actions = useCalendarActions({
    connect,
    chooseCalendars: () => act({ type: 'settings', page: 'calendars' }),
    newCalendar: () => act({ type: 'dialog', dialog: 'new-calendar' }),
    removeAccount: setLeaving,
  });
  const { commands, arising } = useCommands({
    calendars: calendars ?? [],
    snapshot,
    show,
    go: (day) => act({ type: 'go', date: day }),
    newEvent,
    newCalendar: () => act({ type: 'dialog', dialog: 'new-calendar' }),
    search: () => act({ type: 'dialog', dialog: 'search' }),
    openSettings: (page) => act({ type: 'settings', page }),
    openShortcuts: () => act({ type: 'dialog', dialog: 'shortcuts' }),
    chosen: visible.find((occurrence) => occurrenceId(occurrence) === chosenId),
    tell: setTold,
    openDeleted: () => act({ type: 'dialog', dialog: 'deleted' }),
    openRuns: () => act({ type: 'dialog', dialog: 'runs' }),
    toggleSidebar,
    toggleCalendar: actions.toggle,
    importFile: () => importFrom(null),
    exportCalendar: actions.exportCalendar,
  });
  const isEmpty = calendars?.length === 0 && snapshot?.integrations.length === 0;
  const subject = subjectOf();
  const closeDialog = () => act({ type: 'dialog', dialog: null });
  const openFound = (hit: OccurrenceView) => {
    act({ type: 'go', date: startDay(hit.when, manner.viewer) });
    act({ type: 'select', selection: { target: targetOf(hit), side: 'right' } });
  };

  function subjectOf(): Subject | null {
    if (selection !== null) return { kind: 'event', target: selection.target, isEditing: state.isEditing };
    if (draft === null || !state.isDraftFull) return null;
    return { kind: 'draft', content: { ...newContent(draft.title, draft.when), ...draft.details }, calendarId: draftCalendar };
  }

  return (
    <div className={classes.window}>
      <Bar
        isInSettings={state.settings !== null}
        title={titleOf(view, date, manner.weekStart, manner.locale, isNarrow)}
        view={view}
        isToday={date.equals(today)}
        preferences={preferences}
        onPreferences={onPreferences}
        onToggleSidebar={toggleSidebar}
        onStep={(direction) => act({ type: 'step', direction })}
        onToday={() => act({ type: 'go', date: today })}
        onView={show}
        onNew={newEvent}
        onShortcuts={() => act({ type: 'dialog', dialog: 'shortcuts' })}
        onSearch={() => act({ type: 'dialog', dialog: 'search' })}
        onFind={() => act({ type: 'dialog', dialog: 'palette' })}
        onSettings={() => act({ type: 'settings', page: 'accounts' })}
      >
        <SyncIndicator
          isOpen={isSyncOpen}
          onOpen={setSyncOpen}
          onConnect={connect}
          onDashboard={() => act({ type: 'settings', page: 'dashboard' })}
          onCompare={setCompared}
          onOpenEvent={(id) => act({ type: 'select', selection: { target: { kind: 'event', id }, side: 'right' } })}
        />
      </Bar>
      <div className={classes.middle}>
        {state.settings !== null ? (
          <Settings
            page={state.settings}
            calendars={calendars ?? []}
            snapshot={snapshot}
            preferences={preferences}
            onPreferences={onPreferences}
            onPage={(page) => act({ type: 'settings', page })}
            onClose={() => act({ type: 'settings', page: null })}
            onNewCalendar={() => act({ type: 'dialog', dialog: 'new-calendar' })}
            onDeleted={() => act({ type: 'dialog', dialog: 'deleted' })}
            onRuns={() => act({ type: 'dialog', dialog: 'runs' })}
          />
        ) : (
          <>
            {isNarrow && state.isSidebarOpen && <div className={classes.veil} onPointerDown={() => act({ type: 'set-sidebar', isOpen: false })} />}
            {state.isSidebarOpen && (
              <Sidebar view={view} date={date} today={today} calendars={calendars ?? NO_CALENDARS} snapshot={snapshot} actions={actions} onPick={(day) => act({ type: 'go', date: day })} />
            )}
            <main className={classes.main} ref={grid}>
              {shown.view === 'agenda' && (
                <AgendaView range={visibleDays('agenda', shown.date, manner.weekStart)} today={today} occurrences={visible} colorOf={colorOf} chosenId={chosenId} markedIds={markedIds} onSelect={select} onMark={mark} onWhy={(occurrence) => setTold(toldOf(occurrence, 'why'))} />
              )}
              {shown.view === 'year' && <YearView year={shown.date.year} today={today} occurrences={visible} onOpenDay={(day) => show('day', day)} onOpenMonth={(day) => show('month', day)} />}
              {shown.view !== 'agenda' && shown.view !== 'year' && (
                <GridView
                  hasWeekNumbers={preferences.hasWeekNumbers}
                  secondZone={preferences.secondZone}
                  view={shown.view}
                  date={shown.date}
                  occurrences={visible}
                  colorOf={colorOf}
                  chosenId={chosenId}
                  markedIds={markedIds}
                  draftWhen={draft && (read?.when ?? draft.when)}
                  draftTitle={draft === null ? '' : (read?.title ?? draft.title)}
                  onSelect={select}
                  onMark={mark}
                  onWhy={(occurrence) => setTold(toldOf(occurrence, 'why'))}
                  onDraft={startDraft}
                  onMove={(occurrence, when, revert) => void move(occurrence, when, revert)}
                  onOpenDay={(day) => show('day', day)}
                />
              )}
              {isEmpty && <FirstRun onConnect={connect} onImport={() => importFrom(null)} onNewCalendar={() => act({ type: 'dialog', dialog: 'new-calendar' })} />}
              <SelectionBar marked={state.marked} onExport={() => void exportEvents({ kind: 'events', ids: [...new Set(state.marked.map(({ event_id }) => event_id))] }, 'The selection')} onDelete={() => void removeMarked()} onClear={() => act({ type: 'mark', marked: [] })} />
              {subject !== null && (
                <Inspector
                  subject={subject}
                  side={selection?.side ?? 'right'}
                  calendars={calendars ?? []}
                  onEdit={() => act({ type: 'edit' })}
                  onStopEditing={() => act({ type: 'stop-editing' })}
                  onClose={() => act({ type: 'select', selection: null })}
                  onDelete={(target, title) => void remove(target, title)}
                  onTell={setTold}
                />
              )}
            </main>
          </>
        )}
      </div>
      {snapshot && <BannerLine snapshot={snapshot} onLook={() => setSyncOpen(true)} />}
      {draft !== null && !state.isDraftFull && (
        <CreatePopover
          key={JSON.stringify(draft.when)}
          when={draft.when}
          findBox={findDraft}
          title={draft.title}
          calendarId={draftCalendar}
          calendars={calendars ?? []}
          onTitle={(title) => act({ type: 'draft', draft: { ...draft, title } })}
          onRead={(title, when) => setRead({ title, when })}
          onCalendar={(calendarId) => {
            rememberCalendar(calendarId);
            act({ type: 'draft', draft: { ...draft, calendarId } });
          }}
          isPlaced={draft.box !== null}
          onMore={(content) => act({ type: 'draft-full', draft: { ...draft, title: content.title, when: content.when, details: content } })}
          onClose={() => act({ type: 'drop-draft' })}
        />
      )}
      <Messages isBesideSidebar={state.isSidebarOpen && !isNarrow} />
      <QuietPalette isOpen={state.dialog === 'palette'} commands={commands} arising={arising} onClose={closeDialog} />
      <QuietSearch isOpen={state.dialog === 'search'} colorOf={colorOf} onOpen={openFound} onClose={closeDialog} />
      <QuietShortcuts isOpen={state.dialog === 'shortcuts'} onClose={closeDialog} />
      <QuietNewCalendar isOpen={state.dialog === 'new-calendar'} count={calendars?.length ?? 0} onClose={closeDialog} />
      <QuietImport wish={importing} calendars={calendars} onSource={importFrom} onCame={(when) => act({ type: 'go', date: startDay(when, manner.viewer) })} onClose={() => setImporting(null)} />
      <DropTarget onFile={(file) => importFrom({ kind: 'file', file })} />
      <HistoryDialog told={told} onTelling={(telling) => setTold(told && { ...told, telling })} onClose={() => setTold(null)} />
      <QuietDeleted isOpen={state.dialog === 'deleted'} onClose={closeDialog} />
      <QuietRuns isOpen={state.dialog === 'runs'} onClose={closeDialog} />
      <QuietConflict conflict={compared} onClose={() => setCompared(null)} />
      <RemoveAccount leaving={leaving} onClose={() => setLeaving(null)} />
    </div>
  );
}
