import { Temporal } from 'temporal-polyfill';
import { useCallback, useMemo, useReducer } from 'react';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import { useEdits } from '../api/edits';
import { useManner } from '../api/host-context';
import { useCalendars, useOccurrences } from '../api/queries';
import { targetId, targetOf } from '../api/targets';
import { titleOf, visibleDays, windowOf } from '../time/periods';
import { GridView } from '../views/grid/grid-view';
import type { Preferences } from './preferences';
import { openingState, reduce } from './state';

interface Props {
  preferences: Preferences;
  onPreferences: (preferences: Preferences) => void;
}

export function Window({ preferences }: Props) {
  const manner = useManner();
  const edits = useEdits();
  const [state, act] = useReducer(reduce, null, () =>
    openingState(preferences.view, Temporal.Now.plainDateISO(manner.viewer), preferences.isSidebarOpen),
  );
  const calendars = useCalendars().data;
  const range = visibleDays(state.view, state.date, manner.weekStart);
  const occurrences = useOccurrences(windowOf(range, manner.viewer)).data ?? [];
  const colors = useMemo(() => new Map(calendars?.map((calendar) => [calendar.id, calendar.color])), [calendars]);
  const colorOf = useCallback((o: OccurrenceView) => o.color ?? colors.get(o.calendar_id) ?? '#6b74e6', [colors]);
  return (
    <div style={{ height: '100%', display: 'flex', flexDirection: 'column' }}>
      <header style={{ height: 48 }}>
        {titleOf(state.view, state.date, manner.weekStart, manner.locale)}
        <button type="button" data-testid="view-month" onClick={() => act({ type: 'show', view: 'month' })}>Month</button>
        <button type="button" data-testid="view-week" onClick={() => act({ type: 'show', view: 'week' })}>Week</button>
      </header>
      <div style={{ flex: 1, minHeight: 0 }}>
        <GridView
          view={state.view === 'agenda' ? 'week' : state.view}
          date={state.date}
          occurrences={occurrences}
          colorOf={colorOf}
          chosenId={state.selection && targetId(state.selection.target)}
          draftWhen={state.draft?.when ?? null}
          draftTitle=""
          onSelect={(o, box) => act({ type: 'select', selection: { target: targetOf(o), box } })}
          onDraft={(when, box) => act({ type: 'draft', draft: { when, box, title: '', calendarId: null } })}
          onMove={(o, when) => void edits.move(o, when, 'this')}
          onOpenDay={(date) => act({ type: 'show', view: 'day', date })}
        />
      </div>
    </div>
  );
}
