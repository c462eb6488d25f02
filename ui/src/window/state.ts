/** What the window is showing. A plain reducer: every key and button is one of these actions. */
import { Temporal } from 'temporal-polyfill';
import type { EventContent } from '../api/generated/EventContent';
import type { EventTarget } from '../api/generated/EventTarget';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { When } from '../api/generated/When';
import { occurrenceId } from '../api/targets';
import type { SettingsPage } from '../settings/pages';
import { step, type DayRange, type View } from '../time/periods';
import type { Box } from '../layout/placement';

/** The chosen event, and the side on which the inspector does not cover its block. */
export interface Selection {
  target: EventTarget;
  side: 'left' | 'right';
}

/** A new event that has a place but is not saved. */
export interface Draft {
  when: When;
  box: Box | null;
  /** Carried from the popover to the inspector by “More”. */
  title: string;
  calendarId: string | null;
  /** What else was understood of what was typed. */
  details?: Partial<EventContent>;
}

/** The dialogs. */
export type Dialog = 'shortcuts' | 'new-calendar' | 'palette' | 'search' | 'deleted' | 'runs';

/** What the window is showing. */
export interface WindowState {
  view: View;
  date: Temporal.PlainDate;
  isSidebarOpen: boolean;
  selection: Selection | null;
  isEditing: boolean;
  /** Several events that something is to be done with at once. */
  marked: readonly OccurrenceView[];
  draft: Draft | null;
  isDraftFull: boolean;
  dialog: Dialog | null;
  /** The page of the settings that lies where the calendar was. */
  settings: SettingsPage | null;
}

/** What can happen to it. */
export type WindowAction =
  | { type: 'show'; view: View; date?: Temporal.PlainDate }
  | { type: 'go'; date: Temporal.PlainDate }
  | { type: 'step'; direction: 1 | -1 }
  | { type: 'toggle-sidebar' }
  | { type: 'set-sidebar'; isOpen: boolean }
  | { type: 'select'; selection: Selection | null }
  | { type: 'mark'; marked: readonly OccurrenceView[] }
  | { type: 'edit' }
  | { type: 'stop-editing' }
  | { type: 'draft'; draft: Draft }
  | { type: 'draft-full'; draft: Draft }
  | { type: 'drop-draft' }
  | { type: 'dialog'; dialog: Dialog | null }
  | { type: 'settings'; page: SettingsPage | null }
  | { type: 'escape' };

/** The window as it opens. */
export function openingState(view: View, date: Temporal.PlainDate, isSidebarOpen: boolean): WindowState {
  return { view, date, isSidebarOpen, selection: null, isEditing: false, marked: [], draft: null, isDraftFull: false, dialog: null, settings: null };
}

/** Carries an action out. */
export function reduce(state: WindowState, action: WindowAction): WindowState {
  switch (action.type) {
    case 'show':
      return { ...state, view: action.view, date: action.date ?? state.date, settings: null, marked: [] };
    case 'go':
      return { ...state, date: action.date, settings: null, marked: [] };
    case 'step':
      return state.settings === null ? { ...state, date: step(state.view, state.date, action.direction), marked: [] } : state;
    case 'toggle-sidebar':
      return { ...state, isSidebarOpen: !state.isSidebarOpen };
    case 'set-sidebar':
      return { ...state, isSidebarOpen: action.isOpen };
    case 'select':
      return { ...state, selection: action.selection, isEditing: false, marked: [], draft: null, isDraftFull: false, settings: action.selection === null ? state.settings : null };
    case 'mark':
      return { ...state, marked: action.marked, ...(action.marked.length > 0 && { selection: null, isEditing: false, draft: null, isDraftFull: false }) };
    case 'edit':
      return state.selection === null ? state : { ...state, isEditing: true };
    case 'stop-editing':
      return { ...state, isEditing: false };
    case 'draft':
      return { ...state, draft: action.draft, isDraftFull: false, selection: null, marked: [], isEditing: false, settings: null };
    case 'draft-full':
      return { ...state, draft: action.draft, isDraftFull: true, selection: null, isEditing: false, settings: null };
    case 'drop-draft':
      return { ...state, draft: null, isDraftFull: false };
    case 'dialog':
      return { ...state, dialog: action.dialog };
    case 'settings':
      return action.page === null ? { ...state, settings: null } : { ...state, settings: action.page, marked: [], selection: null, isEditing: false, draft: null, isDraftFull: false };
    case 'escape':
      return escape(state);
  }
}

/** Closes the innermost thing that is open. */
function escape(state: WindowState): WindowState {
  if (state.dialog !== null) return { ...state, dialog: null };
  if (state.settings !== null) return { ...state, settings: null };
  if (state.draft !== null) return { ...state, draft: null, isDraftFull: false };
  if (state.marked.length > 0) return { ...state, marked: [] };
  if (state.isEditing) return { ...state, isEditing: false };
  return { ...state, selection: null };
}

/** The most that can be done with at once: more could not be taken back in one. */
export const MOST_MARKED = 100;

/** Adds events to those that are marked, or takes the one out that is there already. */
export function toggled(marked: readonly OccurrenceView[], occurrence: OccurrenceView): OccurrenceView[] {
  const id = occurrenceId(occurrence);
  const others = marked.filter((other) => occurrenceId(other) !== id);
  return others.length < marked.length ? others : added(marked, [occurrence]);
}

/** Adds events to those that are marked, each once. */
export function added(marked: readonly OccurrenceView[], occurrences: readonly OccurrenceView[]): OccurrenceView[] {
  const all = new Map([...marked, ...occurrences].map((occurrence) => [occurrenceId(occurrence), occurrence]));
  return [...all.values()].slice(0, MOST_MARKED);
}

/** Proposes a time for a new event that was asked for by key: the next half hour of the day that is shown. */
export function proposedWhen(date: Temporal.PlainDate, now: Temporal.ZonedDateTime): When {
  const isToday = date.equals(now.toPlainDate());
  const minutes = isToday ? Math.ceil((now.hour * 60 + now.minute + 1) / 30) * 30 : 9 * 60;
  const start = date.toPlainDateTime().add({ minutes: Math.min(minutes, 23 * 60) });
  const local = (time: Temporal.PlainDateTime) => time.toString({ smallestUnit: 'second' });
  const zone = now.timeZoneId;
  return { kind: 'zoned', start: { local: local(start), zone }, end: { local: local(start.add({ hours: 1 })), zone } };
}

/** Chooses the day of a new event that was asked for by key: today if it is shown, else the day in focus. */
export function dayForNew(date: Temporal.PlainDate, shown: DayRange, today: Temporal.PlainDate): Temporal.PlainDate {
  const isShown = Temporal.PlainDate.compare(today, shown.start) >= 0 && Temporal.PlainDate.compare(today, shown.end) < 0;
  return isShown ? today : date;
}
