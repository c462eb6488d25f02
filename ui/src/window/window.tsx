/** The window: bar, sidebar, grid, inspector, banner; and what happens when something is wished. */
import { Temporal } from 'temporal-polyfill';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { EventTarget } from '../api/generated/EventTarget';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { When } from '../api/generated/When';
import { newContent } from '../api/content';
import { useEdits } from '../api/edits';
import { useHost, useManner } from '../api/host-context';
import { useCalendars, useOccurrences, useSnapshot } from '../api/queries';
import { occurrenceId, targetId, targetOf } from '../api/targets';
import { Bar } from '../components/bar/bar';
import { CreatePopover } from '../components/create/create-popover';
import { useAskScope } from '../components/dialogs/ask-scope';
import { Connect } from '../components/dialogs/connect';
import { NewCalendar } from '../components/dialogs/new-calendar';
import { RemoveAccount } from '../components/dialogs/remove-account';
import { Shortcuts } from '../components/dialogs/shortcuts';
import { Inspector, type Subject } from '../components/inspector/inspector';
import type { CalendarGroup } from '../components/sidebar/groups';
import { Sidebar } from '../components/sidebar/sidebar';
import { BannerLine } from '../components/sync-status/banner-line';
import { SyncIndicator } from '../components/sync-status/indicator';
import { useSyncActions } from '../components/sync-status/use-sync-actions';
import { boxOf, inspectorSide, type Box } from '../layout/placement';
import { walk, type Direction } from '../layout/walk';
import { step, titleOf, visibleDays, windowOf, type View } from '../time/periods';
import { AgendaView } from '../views/agenda/agenda-view';
import { GridView } from '../views/grid/grid-view';
import { FirstRun } from './first-run';
import type { Preferences } from './preferences';
import type { Wish } from './shortcuts';
import { lastCalendar, rememberCalendar } from './last-calendar';
import { dayForNew, openingState, proposedWhen, reduce } from './state';
import { useCalendarActions } from './use-calendar-actions';
import { focusedOccurrence, focusOccurrence, useKeyboard } from './use-keyboard';
import { useToday } from './use-now';
import classes from './window.module.css';

interface Props {
  preferences: Preferences;
  onPreferences: (preferences: Preferences) => void;
}

const NOTHING: readonly OccurrenceView[] = [];
const INSPECTOR_WIDTH = 336;

/** Shows the window. */
export function Window({ preferences, onPreferences }: Props) {
  const host = useHost();
  const manner = useManner();
  const edits = useEdits();
  const askScope = useAskScope();
  const { syncNow } = useSyncActions();
  const today = useToday(manner.viewer);
  const [state, act] = useReducer(reduce, null, () => openingState(preferences.view, today, preferences.isSidebarOpen));
  const [connecting, setConnecting] = useState<string | null>(null);
  const [removing, setRemoving] = useState<CalendarGroup | null>(null);
  const grid = useRef<HTMLElement>(null);

  const { view, date, selection, draft } = state;
  const { data: calendars } = useCalendars();
  const snapshot = useSnapshot();
  const range = visibleDays(view, date, manner.weekStart);
  const neighbours = ([1, -1] as const).map((direction) =>
    windowOf(visibleDays(view, step(view, date, direction), manner.weekStart), manner.viewer),
  );
  const found = useOccurrences(windowOf(range, manner.viewer), neighbours).data ?? NOTHING;
  const colors = useMemo(() => new Map(calendars?.map(({ id, color }) => [id, color])), [calendars]);
  const colorOf = useCallback((occurrence: OccurrenceView) => occurrence.color ?? colors.get(occurrence.calendar_id) ?? '#6b74e6', [colors]);
  const visible = useMemo(() => {
    const hidden = new Set(calendars?.filter((calendar) => !calendar.visible).map(({ id }) => id));
    return found.filter((occurrence) => !hidden.has(occurrence.calendar_id));
  }, [found, calendars]);
  const writable = calendars?.filter((calendar) => calendar.writable) ?? [];
  const draftCalendar = draft?.calendarId ?? lastCalendar(writable.map(({ id }) => id));
  const chosenId = selection && targetId(selection.target);

  useEffect(() => host.listen('navigate', (wanted) => wanted && act({ type: 'select', selection: { target: wanted.target, box: null } })), [host]);

  const show = (next: View, day?: Temporal.PlainDate) => {
    act({ type: 'show', view: next, ...(day && { date: day }) });
    onPreferences({ ...preferences, view: next });
  };
  const toggleSidebar = () => {
    onPreferences({ ...preferences, isSidebarOpen: !state.isSidebarOpen });
    act({ type: 'toggle-sidebar' });
  };
  const startDraft = (when: When, box: Box | null) => {
    if (calendars && writable.length === 0) act({ type: 'dialog', dialog: 'new-calendar' });
    else act({ type: 'draft', draft: { when, box, title: '', calendarId: null } });
  };
  const newEvent = () => startDraft(proposedWhen(dayForNew(date, range, today), Temporal.Now.zonedDateTimeISO(manner.viewer)), null);
  const findDraft = useCallback((): Box | null => {
    const block = document.querySelector('[data-draft]');
    block?.scrollIntoView({ block: 'nearest' });
    return block === null ? (draft?.box ?? null) : boxOf(block);
  }, [draft?.box]);
  const connect = (integrationId: string | null) => {
    setConnecting(integrationId);
    act({ type: 'dialog', dialog: 'connect' });
  };
  const remove = async (target: EventTarget, title: string) => {
    const scope = target.kind === 'occurrence' ? await askScope({ verb: 'Delete', title }) : 'this';
    if (scope !== null && (await edits.remove(target, title, scope))) act({ type: 'select', selection: null });
  };
  const move = async (occurrence: OccurrenceView, when: When, revert: () => void) => {
    const scope = occurrence.occurrence_of === null ? 'this' : await askScope({ verb: 'Move', title: occurrence.title });
    if (scope === null || !(await edits.move(occurrence, when, scope))) revert();
  };
  const select = (occurrence: OccurrenceView, box: Box | null) => act({ type: 'select', selection: { target: targetOf(occurrence), box } });

  const walkTo = (direction: Direction) => {
    const from = focusedOccurrence(document.activeElement) ?? chosenId;
    const next = walk(visible, from, direction, manner.viewer, Temporal.Now.instant());
    if (next === null) return;
    const block = focusOccurrence(occurrenceId(next));
    if (selection !== null) select(next, block && boxOf(block));
  };
  const chosen = () => {
    const id = focusedOccurrence(document.activeElement) ?? chosenId;
    return visible.find((occurrence) => occurrenceId(occurrence) === id) ?? null;
  };
  useKeyboard((wish: Wish) => {
    switch (wish.kind) {
      case 'new':
        return newEvent();
      case 'edit': {
        const occurrence = chosen();
        if (occurrence !== null && targetId(targetOf(occurrence)) !== chosenId) select(occurrence, null);
        return act({ type: 'edit' });
      }
      case 'delete': {
        const occurrence = chosen();
        if (occurrence !== null && !occurrence.read_only) void remove(targetOf(occurrence), occurrence.title);
        return undefined;
      }
      case 'today':
        return act({ type: 'go', date: today });
      case 'step':
        return act(wish.direction === 1 ? { type: 'step', direction: 1 } : { type: 'step', direction: -1 });
      case 'walk':
        return walkTo(wish.direction);
      case 'view':
        return show(wish.view);
      case 'sync':
        return void syncNow();
      case 'shortcuts':
        return act({ type: 'dialog', dialog: 'shortcuts' });
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

  const actions = useCalendarActions({ connect, newCalendar: () => act({ type: 'dialog', dialog: 'new-calendar' }), removeAccount: setRemoving });
  const isEmpty = calendars?.length === 0 && snapshot?.integrations.length === 0;
  const subject = subjectOf();
  const gridBox = grid.current ? boxOf(grid.current) : null;
  const closeDialog = () => act({ type: 'dialog', dialog: null });

  function subjectOf(): Subject | null {
    if (selection !== null) return { kind: 'event', target: selection.target, isEditing: state.isEditing };
    if (draft === null || !state.isDraftFull) return null;
    return { kind: 'draft', content: newContent(draft.title, draft.when), calendarId: draftCalendar };
  }

  return (
    <div className={classes.window}>
      <Bar
        title={titleOf(view, date, manner.weekStart, manner.locale)}
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
      >
        <SyncIndicator
          onConnect={() => connect(null)}
          onOpenEvent={(id) => act({ type: 'select', selection: { target: { kind: 'event', id }, box: null } })}
        />
      </Bar>
      <div className={classes.middle}>
        {state.isSidebarOpen && (
          <Sidebar view={view} date={date} today={today} calendars={calendars ?? []} snapshot={snapshot} actions={actions} onPick={(day) => act({ type: 'go', date: day })} />
        )}
        <main className={classes.main} ref={grid}>
          {view === 'agenda' ? (
            <AgendaView range={range} today={today} occurrences={visible} colorOf={colorOf} chosenId={chosenId} onSelect={select} />
          ) : (
            <GridView
              view={view}
              date={date}
              occurrences={visible}
              colorOf={colorOf}
              chosenId={chosenId}
              draftWhen={draft?.when ?? null}
              draftTitle={draft?.title ?? ''}
              onSelect={select}
              onDraft={startDraft}
              onMove={(occurrence, when, revert) => void move(occurrence, when, revert)}
              onOpenDay={(day) => show('day', day)}
            />
          )}
          {isEmpty && <FirstRun onConnect={() => connect(null)} onNewCalendar={() => act({ type: 'dialog', dialog: 'new-calendar' })} />}
          {subject !== null && (
            <Inspector
              subject={subject}
              side={gridBox === null || subject.kind === 'draft' ? 'right' : inspectorSide(selection?.box ?? null, gridBox, INSPECTOR_WIDTH)}
              calendars={calendars ?? []}
              onEdit={() => act({ type: 'edit' })}
              onStopEditing={() => act({ type: 'stop-editing' })}
              onClose={() => act({ type: 'select', selection: null })}
              onDelete={(target, title) => void remove(target, title)}
            />
          )}
        </main>
      </div>
      {snapshot && <BannerLine snapshot={snapshot} />}
      {draft !== null && !state.isDraftFull && (
        <CreatePopover
          key={JSON.stringify(draft.when)}
          when={draft.when}
          findBox={findDraft}
          title={draft.title}
          calendarId={draftCalendar}
          calendars={calendars ?? []}
          onTitle={(title) => act({ type: 'draft', draft: { ...draft, title } })}
          onCalendar={(calendarId) => {
            rememberCalendar(calendarId);
            act({ type: 'draft', draft: { ...draft, calendarId } });
          }}
          onMore={() => act({ type: 'draft-full', draft })}
          onClose={() => act({ type: 'drop-draft' })}
        />
      )}
      <Shortcuts isOpen={state.dialog === 'shortcuts'} onClose={closeDialog} />
      <Connect isOpen={state.dialog === 'connect'} integrationId={connecting} onClose={closeDialog} />
      <NewCalendar isOpen={state.dialog === 'new-calendar'} count={calendars?.length ?? 0} onClose={closeDialog} />
      <RemoveAccount group={removing} onClose={() => setRemoving(null)} />
    </div>
  );
}
