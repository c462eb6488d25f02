/** Everything that the palette offers in this window. */
import { Temporal } from 'temporal-polyfill';
import type { CalendarView } from '../api/generated/CalendarView';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { SyncSnapshot } from '../api/generated/SyncSnapshot';
import { useEdits } from '../api/edits';
import { useHost, useManner } from '../api/host-context';
import { toldOf, type Told } from '../components/history/history-dialog';
import type { Command } from '../components/palette/commands';
import { useSyncActions } from '../components/sync-status/use-sync-actions';
import { PAGES, type SettingsPage } from '../settings/pages';
import { quickAdd } from '../time/quick-add';
import { VIEWS, type View } from '../time/periods';

interface Surroundings {
  calendars: readonly CalendarView[];
  snapshot: SyncSnapshot | undefined;
  show: (view: View) => void;
  go: (date: Temporal.PlainDate) => void;
  newEvent: () => void;
  newCalendar: () => void;
  search: () => void;
  openSettings: (page: SettingsPage) => void;
  openShortcuts: () => void;
  /** The event that is open, if one is. */
  chosen: OccurrenceView | undefined;
  tell: (told: Told) => void;
  openDeleted: () => void;
  openRuns: () => void;
  toggleSidebar: () => void;
  toggleCalendar: (calendar: CalendarView) => void;
  importFile: () => void;
  exportCalendar: (calendar: CalendarView) => void;
}

/** Other words for pages of the settings. */
const ALSO: Partial<Record<SettingsPage, string>> = { accounts: 'connect google notion sign in', dashboard: 'health statistics latency failures charts history', data: 'export import backup diagnostics support help keep days' };

const VIEW_NAMES: Record<View, { label: string; key: string; also?: string }> = {
  day: { label: 'Day', key: 'D' },
  'work-week': { label: 'Monday to Friday', key: 'F', also: 'working week five days' },
  week: { label: 'Week', key: 'W' },
  month: { label: 'Month', key: 'M' },
  agenda: { label: 'Agenda', key: 'A', also: 'list' },
  year: { label: 'Year', key: 'Y', also: 'heat map' },
};

/** Returns the commands, and those that a typed day gives rise to. */
export function useCommands(around: Surroundings): { commands: Command[]; arising: (typed: string) => Command[] } {
  const edits = useEdits();
  const host = useHost();
  const sync = useSyncActions();
  const { viewer, locale } = useManner();
  const today = Temporal.Now.plainDateISO(viewer);
  const commands: Command[] = [
    { id: 'new', group: 'Events', label: 'New event', also: 'create add', keys: ['C'], run: around.newEvent },
    { id: 'search', group: 'Events', label: 'Search events', also: 'find look for', keys: ['/'], run: around.search },
    ...(around.chosen === undefined ? [] : tellings(around.chosen, around.tell)),
    { id: 'deleted', group: 'Events', label: 'Recently deleted', also: 'restore trash bin undelete', run: around.openDeleted },
    { id: 'runs', group: 'Sync', label: 'Sync runs', also: 'history pulls revert take back', run: around.openRuns },
    { id: 'today', group: 'Go', label: 'Today', keys: ['T'], run: () => around.go(today) },
    ...VIEWS.map((view): Command => ({ id: `view-${view}`, group: 'View', label: VIEW_NAMES[view].label, also: VIEW_NAMES[view].also ?? '', keys: [VIEW_NAMES[view].key], run: () => around.show(view) })),
    { id: 'undo', group: 'Events', label: 'Undo', keys: ['Ctrl', 'Z'], run: () => void edits.undo() },
    { id: 'redo', group: 'Events', label: 'Redo', keys: ['Ctrl', 'Shift', 'Z'], run: () => void edits.redo() },
    { id: 'sync', group: 'Sync', label: 'Sync now', keys: ['R'], run: () => void sync.syncNow() },
    ...(around.snapshot?.integrations ?? []).map(({ id, account }): Command => ({ id: `sync-${id}`, group: 'Sync', label: `Sync ${account}`, run: () => void sync.syncAccount(id) })),
    around.snapshot?.paused
      ? { id: 'resume', group: 'Sync', label: 'Resume sync', also: 'pause', run: () => void sync.resume() }
      : { id: 'pause', group: 'Sync', label: 'Pause sync', run: () => void sync.pauseFor(null) },
    ...around.calendars.map((calendar): Command => ({ id: `calendar-${calendar.id}`, group: 'Calendars', label: `${calendar.visible ? 'Hide' : 'Show'} ${calendar.name}`, also: 'calendar', run: () => around.toggleCalendar(calendar) })),
    { id: 'new-calendar', group: 'Calendars', label: 'New calendar', also: 'create add', run: around.newCalendar },
    { id: 'import', group: 'Calendars', label: 'Import a calendar file…', also: 'ics ical open load events', run: around.importFile },
    ...around.calendars.map((calendar): Command => ({ id: `export-${calendar.id}`, group: 'Calendars', label: `Export ${calendar.name}`, also: 'ics ical save backup file download', run: () => around.exportCalendar(calendar) })),
    ...PAGES.map(({ page, label }): Command => ({ id: `settings-${page}`, group: 'Settings', label: `Settings: ${label}`, also: ALSO[page] ?? '', run: () => around.openSettings(page) })),
    { id: 'sidebar', group: 'View', label: 'Show or hide the sidebar', keys: ['B'], run: around.toggleSidebar },
    { id: 'shortcuts', group: 'Help', label: 'Keyboard shortcuts', keys: ['?'], run: around.openShortcuts },
    { id: 'quit', group: 'Help', label: 'Quit Synodic', also: 'exit end', run: () => void host.call('quit', {}) },
  ];
  const arising = (typed: string): Command[] => {
    const day = dayIn(typed, viewer);
    if (day === null) return [];
    const words = day.toLocaleString(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
    return [{ id: 'go', group: 'Go', label: `Go to ${words}`, run: () => around.go(day) }];
  };
  return { commands, arising };
}

/** What can be told of the event that is open. */
function tellings(chosen: OccurrenceView, tell: (told: Told) => void): Command[] {
  const title = chosen.title === '' ? 'Untitled' : chosen.title;
  return [
    { id: 'history', group: 'Events', label: `History of “${title}”`, also: 'changes who revert', keys: ['H'], run: () => tell(toldOf(chosen, 'changes')) },
    { id: 'why', group: 'Events', label: `Why is “${title}” as it is?`, also: 'explain sync state reason', run: () => tell(toldOf(chosen, 'why')) },
  ];
}

/** Reads a line that is a day and nothing else: “3 Dec”, “next Friday”, “in 2 weeks”. */
export function dayIn(typed: string, viewer: string, now = Temporal.Now.zonedDateTimeISO(viewer)): Temporal.PlainDate | null {
  const nowhere = { kind: 'all_day', start: '0001-01-01', end: '0001-01-02' } as const;
  const read = quickAdd(typed.replace(/^\s*(?:go(?:\s+to)?|to)\s+/i, ''), nowhere, now, true);
  const isDay = read.title === '' && read.understood.length === 1 && read.understood[0]?.kind === 'day';
  return isDay && read.when.kind === 'all_day' ? Temporal.PlainDate.from(read.when.start) : null;
}
