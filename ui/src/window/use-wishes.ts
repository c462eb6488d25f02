/** Carries out what keys, buttons and gestures wish for. */
import { Temporal } from 'temporal-polyfill';
import { useRef, type Dispatch } from 'react';
import type { EventDraft } from '../api/generated/EventDraft';
import type { EventTarget } from '../api/generated/EventTarget';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { When } from '../api/generated/When';
import { useEdits } from '../api/edits';
import { useHost, useManner } from '../api/host-context';
import { guestsToTell, mailsGuests } from '../api/guests';
import { keyOf, occurrenceId, targetId, targetOf } from '../api/targets';
import { useAskEdit } from '../components/dialogs/ask-edit';
import { toldOf, type Told } from '../components/history/history-dialog';
import { useSyncActions } from '../components/sync-status/use-sync-actions';
import { toastFailure, toastNote } from '../components/toast';
import { failureOf } from '../host';
import { boxOf, inspectorSide, type Box } from '../layout/placement';
import { walk, type Direction } from '../layout/walk';
import { copyOf, pastedWhen } from '../time/copies';
import type { DayRange, View } from '../time/periods';
import { lastCalendar } from './last-calendar';
import type { Preferences } from './preferences';
import type { Wish } from './shortcuts';
import { added, dayForNew, proposedWhen, toggled, type WindowAction, type WindowState } from './state';
import { focusedOccurrence, focusOccurrence, useKeyboard } from './use-keyboard';

const INSPECTOR_WIDTH = 336;

interface Circumstances {
  state: WindowState;
  act: Dispatch<WindowAction>;
  today: Temporal.PlainDate;
  range: DayRange;
  shown: readonly OccurrenceView[];
  /** Whether any calendar takes events. */
  canCreate: boolean;
  /** Those that do. */
  writable: readonly string[];
  tell: (told: Told) => void;
  preferences: Preferences;
  onPreferences: (preferences: Preferences) => void;
  /** Returns where the grid is. */
  gridBox: () => Box | null;
}

/** Returns what can be wished for, and listens to the keyboard for it. */
export function useWishes({ state, act, today, range, shown, canCreate, writable, tell, preferences, onPreferences, gridBox }: Circumstances) {
  const manner = useManner();
  const edits = useEdits();
  const host = useHost();
  const askEdit = useAskEdit();
  const { syncNow } = useSyncActions();
  const chosenId = state.selection && targetId(state.selection.target);

  const select = (occurrence: OccurrenceView, box: Box | null) => {
    const grid = gridBox();
    const side = grid === null ? 'right' : inspectorSide(box, grid, INSPECTOR_WIDTH);
    act({ type: 'select', selection: { target: targetOf(occurrence), side } });
  };
  const show = (view: View, date?: Temporal.PlainDate) => {
    act({ type: 'show', view, ...(date && { date }) });
    onPreferences({ ...preferences, view });
  };
  const toggleSidebar = () => {
    if (globalThis.innerWidth > 900) onPreferences({ ...preferences, isSidebarOpen: !state.isSidebarOpen });
    act({ type: 'toggle-sidebar' });
  };
  const startDraft = (when: When, box: Box | null) => {
    if (canCreate) act({ type: 'draft', draft: { when, box, title: '', calendarId: null } });
    else act({ type: 'dialog', dialog: 'new-calendar' });
  };
  const newEvent = () =>
    startDraft(proposedWhen(dayForNew(state.date, range, today), Temporal.Now.zonedDateTimeISO(manner.viewer)), null);
  /** How many guests may be told that something becomes of an event. Who cannot be asked about is not told. */
  const guestsAt = (target: EventTarget) =>
    host.call('event', { target }).then(
      ({ content, links }) => (mailsGuests(links) ? guestsToTell(content, null, []) : 0),
      () => 0,
    );
  const remove = async (target: EventTarget, title: string) => {
    const decision = await askEdit({ verb: 'Delete', title, key: keyOf(target), guests: await guestsAt(target) });
    if (decision !== null && (await edits.remove(target, title, decision))) act({ type: 'select', selection: null });
  };
  const move = async (occurrence: OccurrenceView, when: When, revert: () => void) => {
    const guests = occurrence.has_attendees ? await guestsAt(targetOf(occurrence)) : 0;
    const decision = await askEdit({ verb: 'Move', title: occurrence.title, key: occurrence.occurrence_of, guests });
    if (decision === null || !(await edits.move(occurrence, when, decision))) revert();
  };

  const inFocus = () => focusedOccurrence(document.activeElement) ?? chosenId;
  const chosen = () => shown.find((occurrence) => occurrenceId(occurrence) === inFocus()) ?? null;
  const walkTo = (direction: Direction) => {
    const next = walk(shown, inFocus(), direction, manner.viewer, Temporal.Now.instant());
    if (next === null) return;
    const block = focusOccurrence(occurrenceId(next));
    if (state.selection !== null) select(next, block && boxOf(block));
  };
  const mark = (occurrence: OccurrenceView) => {
    // Whoever adds to the event that is open means both.
    const open = state.selection === null ? undefined : shown.find((one) => occurrenceId(one) === chosenId);
    const others = open === undefined || occurrenceId(open) === occurrenceId(occurrence) ? state.marked : added(state.marked, [open]);
    act({ type: 'mark', marked: toggled(others, occurrence) });
  };
  const extend = (direction: Direction) => {
    const from = chosen();
    const next = walk(shown, inFocus(), direction, manner.viewer, Temporal.Now.instant());
    if (next === null) return;
    focusOccurrence(occurrenceId(next));
    act({ type: 'mark', marked: added(state.marked, from === null ? [next] : [from, next]) });
  };
  /** Deletes what is marked, with one way back. What cannot be deleted stays marked, and is said. */
  const removeMarked = async () => {
    const fixed = state.marked.filter((occurrence) => occurrence.read_only);
    const meant = state.marked.filter((occurrence) => !occurrence.read_only);
    const guests = await Promise.all(meant.map((occurrence) => (occurrence.has_attendees ? guestsAt(targetOf(occurrence)) : 0)));
    const decision = await askEdit({ verb: 'Delete', title: '', count: meant.length, key: null, guests: guests.reduce((sum, count) => sum + count, 0) });
    if (decision === null) return;
    const left = await edits.removeAll(meant, decision.notify);
    act({ type: 'mark', marked: [...fixed, ...left] });
    if (fixed.length > 0) toastNote(`${fixed.length === 1 ? `“${fixed[0]?.title ?? ''}” is` : `${fixed.length} of them are`} only read, and ${fixed.length === 1 ? 'was' : 'were'} not deleted.`);
  };
  const edit = () => {
    const occurrence = chosen();
    if (occurrence !== null && occurrenceId(occurrence) !== chosenId) select(occurrence, null);
    act({ type: 'edit' });
  };
  const copied = useRef<EventDraft | null>(null);
  const copy = async () => {
    const occurrence = chosen();
    if (occurrence === null) return null;
    try {
      const { content, calendar_id } = await host.call('event', { target: targetOf(occurrence) });
      return { calendar_id, content: copyOf(content) };
    } catch (reason) {
      toastFailure('', failureOf(reason));
      return null;
    }
  };
  /** A copy goes to its own calendar where that takes events, else to the one that was used last. */
  const put = async (draft: EventDraft | null, when: When | null) => {
    if (draft === null) return;
    const home = writable.includes(draft.calendar_id) ? draft.calendar_id : lastCalendar(writable);
    try {
      await edits.create({ calendar_id: home, content: { ...draft.content, when: when ?? draft.content.when } });
    } catch (reason) {
      toastFailure(`“${draft.content.title}” was not copied.`, failureOf(reason));
    }
  };
  const keepCopy = async () => {
    const draft = await copy();
    if (draft === null) return;
    copied.current = draft;
    toastNote(`“${draft.content.title}” is copied. Ctrl V pastes it.`);
  };
  const paste = () => copied.current && put(copied.current, pastedWhen(copied.current.content.when, range, state.date));
  const removeChosen = () => {
    if (state.marked.length > 0) {
      void removeMarked();
      return;
    }
    const occurrence = chosen();
    if (occurrence !== null && !occurrence.read_only) void remove(targetOf(occurrence), occurrence.title);
  };

  const markChosen = () => {
    const occurrence = chosen();
    if (occurrence !== null) mark(occurrence);
  };
  const tellOfChosen = () => {
    const occurrence = chosen();
    if (occurrence !== null) tell(toldOf(occurrence, 'changes'));
  };

  useKeyboard((wish: Wish) => {
    switch (wish.kind) {
      case 'new':
        return newEvent();
      case 'edit':
        return edit();
      case 'delete':
        return removeChosen();
      case 'history':
        return tellOfChosen();
      case 'today':
        return act({ type: 'go', date: today });
      case 'step':
        return act({ type: 'step', direction: wish.direction });
      case 'walk':
        return walkTo(wish.direction);
      case 'extend':
        return extend(wish.direction);
      case 'mark':
        return markChosen();
      case 'mark-all':
        return act({ type: 'mark', marked: state.settings === null ? added([], shown) : [] });
      case 'view':
        return show(wish.view);
      case 'sync':
        return void syncNow();
      case 'settings':
        return act({ type: 'settings', page: state.settings === null ? 'accounts' : null });
      case 'palette':
        return act({ type: 'dialog', dialog: 'palette' });
      case 'search':
        return act({ type: 'dialog', dialog: 'search' });
      case 'shortcuts':
        return act({ type: 'dialog', dialog: 'shortcuts' });
      case 'copy':
        return void keepCopy();
      case 'paste':
        return void paste();
      case 'duplicate':
        return void copy().then((draft) => put(draft, null));
      case 'undo':
        return void edits.undo();
      case 'redo':
        return void edits.redo();
      case 'sidebar':
        return toggleSidebar();
      case 'escape':
        return act({ type: 'escape' });
    }
  });

  return { select, show, toggleSidebar, startDraft, newEvent, remove, move, mark, removeMarked, chosenId };
}
