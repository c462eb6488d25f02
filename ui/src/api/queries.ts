/** What the window reads. Everything is asked of the host once and again only when an event says that it changed. */
import { keepPreviousData, QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ConflictView } from './generated/ConflictView';
import type { DataSources } from './generated/DataSources';
import type { EditScopes } from './generated/EditScopes';
import type { EventContent } from './generated/EventContent';
import type { EventId } from './generated/EventId';
import type { EventTarget } from './generated/EventTarget';
import type { GoogleClientView } from './generated/GoogleClientView';
import type { CalendarId } from './generated/CalendarId';
import type { HistoryView } from './generated/HistoryView';
import type { IntegrationId } from './generated/IntegrationId';
import type { LeavingView } from './generated/LeavingView';
import type { LinkId } from './generated/LinkId';
import type { MappingChoice } from './generated/MappingChoice';
import type { LinkPlanView } from './generated/LinkPlanView';
import type { MappingPlanView } from './generated/MappingPlanView';
import type { OccurrenceKey } from './generated/OccurrenceKey';
import type { OccurrenceView } from './generated/OccurrenceView';
import type { Recurrence } from './generated/Recurrence';
import type { RemoteCalendarView } from './generated/RemoteCalendarView';
import type { ReviewView } from './generated/ReviewView';
import type { SyncDirection } from './generated/SyncDirection';
import type { SyncSnapshot } from './generated/SyncSnapshot';
import type { TimeWindow } from './generated/TimeWindow';
import type { When } from './generated/When';
import { failureOf, type Host } from '../host';
import { useHost } from './host-context';
import { isWithin, takesPlaceIn } from './stretches';

/** The names under which answers are kept. */
export const KEYS = {
  occurrences: ['occurrences'],
  event: ['event'],
  scopes: ['event', 'edit-scopes'],
  history: ['event', 'history'],
  preview: ['preview-series'],
  conflicts: ['conflicts'],
  reviews: ['reviews'],
  calendars: ['calendars'],
  remotes: ['remote-calendars'],
  client: ['google-client'],
  snapshot: ['sync-snapshot'],
} as const;

/** Makes the store of answers. Nothing grows old by itself: the replica is local and says when it changes. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: Infinity, retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

/** Asks again, also where the first answer is still on its way: it may not know of the change, and would be kept for good. */
function askAgain(client: QueryClient, queryKey: readonly string[]): void {
  void client.cancelQueries({ queryKey, predicate: ({ state }) => state.data === undefined });
  void client.invalidateQueries({ queryKey });
}

/** Refetches what a change of the replica concerns, and keeps the snapshot current. */
export function useHostEvents(): void {
  const host = useHost();
  const client = useQueryClient();
  useEffect(() => {
    const stops = [
      host.listen('sync-snapshot', (snapshot) => {
        client.setQueryData(KEYS.snapshot, snapshot);
        void client.invalidateQueries({ queryKey: KEYS.conflicts });
        void client.invalidateQueries({ queryKey: KEYS.reviews });
      }),
      host.listen('replica-change', (change) => {
        if (change.kind === 'remote_calendars') {
          void client.invalidateQueries({ queryKey: KEYS.remotes });
          return;
        }
        if (change.kind === 'calendars') {
          askAgain(client, KEYS.calendars);
          void client.invalidateQueries({ queryKey: KEYS.remotes });
        }
        askAgain(client, KEYS.occurrences);
        askAgain(client, KEYS.event);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [host, client]);
}

const occurrenceQuery = (host: Host, window: TimeWindow) => ({
  queryKey: [...KEYS.occurrences, window],
  queryFn: () => host.call('occurrences', { window }),
});

/** Reads what takes place in a stretch of time. A part of what was read already is not asked for again. */
export function useOccurrences(window: TimeWindow) {
  const host = useHost();
  const client = useQueryClient();
  return useQuery({ ...occurrenceQuery(host, window), initialData: () => excerpt(client, window), placeholderData: keepPreviousData });
}

/** What is looked at for less is passed by. */
const A_LOOK_MS = 150;
/** So many stretches are kept beside the one that is looked at. Of a full calendar each month is megabytes. */
const KEPT = 12;

/** Reads what may be looked at next, one stretch after the other, once there is nothing else to do. */
export function useReadAhead(windows: readonly TimeWindow[], isIdle: boolean): void {
  const host = useHost();
  const client = useQueryClient();
  const ahead = JSON.stringify(windows);
  useEffect(() => {
    if (!isIdle) return undefined;
    let isOver = false;
    const read = async () => {
      for (const window of JSON.parse(ahead) as TimeWindow[]) {
        if (isOver) return;
        if (excerpt(client, window) === undefined) await client.prefetchQuery(occurrenceQuery(host, window));
      }
      letGo(client);
    };
    const timer = setTimeout(() => void read(), A_LOOK_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [host, client, ahead, isIdle]);
}

/** Forgets the stretches that were read longest ago, and what was searched for. */
function letGo(client: QueryClient): void {
  const cache = client.getQueryCache();
  const unseen = cache.findAll({ queryKey: KEYS.occurrences, type: 'inactive' }).toSorted((left, right) => right.state.dataUpdatedAt - left.state.dataUpdatedAt);
  for (const query of unseen.slice(KEPT)) cache.remove(query);
}

/** Takes a stretch of time out of a longer one that was read and has not changed since. */
function excerpt(client: QueryClient, window: TimeWindow): OccurrenceView[] | undefined {
  const longer = client.getQueryCache().find<OccurrenceView[]>({
    queryKey: KEYS.occurrences,
    exact: false,
    predicate: ({ queryKey, state }) => state.data !== undefined && !state.isInvalidated && isWithin(window, queryKey[1]),
  });
  return longer?.state.data?.filter((occurrence) => takesPlaceIn(occurrence, window));
}

/** Searches events; what was found last stays until the next is there. Nothing while there is no text. */
export function useSearch(text: string, limit: number) {
  const host = useHost();
  return useQuery({
    // What changes what takes place changes what is found.
    queryKey: [...KEYS.occurrences, 'search', text, limit],
    queryFn: () => host.call('search', { text, limit }),
    enabled: text !== '',
    placeholderData: keepPreviousData,
    // What comes next is another thing a little later.
    staleTime: 0,
  });
}

/** Reads one event; nothing while there is no target. */
export function useEvent(target: EventTarget | null) {
  const host = useHost();
  return useQuery({
    queryKey: [...KEYS.event, target],
    queryFn: () => (target === null ? null : host.call('event', { target })),
    enabled: target !== null,
  });
}

/** What became of one row: its changes, the latest first, and what it says now; none when it is gone. */
export interface Past {
  id: EventId;
  entries: HistoryView[];
  now: EventContent | null;
}

/** Reads what became of events: of one, or of an occurrence and its series. */
export function usePast(ids: readonly EventId[]) {
  const host = useHost();
  const of = async (id: EventId): Promise<Past> => {
    const gone = (reason: unknown) => {
      if (failureOf(reason).code === 'not_found') return null;
      throw reason;
    };
    const [entries, now] = await Promise.all([host.call('event_history', { event_id: id }), host.call('event', { target: { kind: 'event', id } }).catch(gone)]);
    return { id, entries, now: now?.content ?? null };
  };
  return useQuery({ queryKey: [...KEYS.history, ids], queryFn: () => Promise.all(ids.map(of)), staleTime: 0 });
}

/** Reads why an event is as it is, in sentences. */
export function useWhy(id: EventId) {
  const host = useHost();
  return useQuery({ queryKey: [...KEYS.event, 'why', id], queryFn: () => host.call('why', { event_id: id }), staleTime: 0 });
}

/** Reads what was deleted and can be had back. */
export function useDeleted() {
  const host = useHost();
  return useQuery({ queryKey: [...KEYS.event, 'deleted'], queryFn: () => host.call('deleted_events', {}), staleTime: 0 });
}

/** Reads what single pulls changed here. */
export function useRuns() {
  const host = useHost();
  return useQuery({ queryKey: [...KEYS.event, 'runs'], queryFn: () => host.call('runs', {}), staleTime: 0 });
}

/** Reads how much each kind of edit of an occurrence would change. */
export function useEditScopes(key: OccurrenceKey): EditScopes | undefined {
  const host = useHost();
  return useQuery({ queryKey: [...KEYS.scopes, key], queryFn: () => host.call('edit_scopes', { key }), staleTime: 0 }).data;
}

/** Reads when a series that is being edited takes place next; undefined while its rule cannot be read. */
export function useSeriesPreview(first: When | null, recurrence: Recurrence | null, from: string, limit: number): When[] | undefined {
  const host = useHost();
  return useQuery({
    queryKey: [...KEYS.preview, first, recurrence, from, limit],
    queryFn: () => (first === null || recurrence === null ? [] : host.call('preview_series', { first, recurrence, from, limit })),
    enabled: first !== null && recurrence !== null,
  }).data;
}

/** Reads the conflicts that nobody has looked at yet, those that wait for a decision first. */
export function useConflicts(): ConflictView[] {
  const host = useHost();
  return useQuery({ queryKey: KEYS.conflicts, queryFn: () => host.call('conflicts', {}) }).data ?? NO_CONFLICTS;
}

/** Reads the plans that would change much and wait for the person. */
export function useReviews(): ReviewView[] {
  const host = useHost();
  return useQuery({ queryKey: KEYS.reviews, queryFn: () => host.call('reviews', {}) }).data ?? NO_REVIEWS;
}

const NO_CONFLICTS: ConflictView[] = [];
const NO_REVIEWS: ReviewView[] = [];

/** Reads the calendars. */
export function useCalendars() {
  const host = useHost();
  return useQuery({ queryKey: KEYS.calendars, queryFn: () => host.call('calendars', {}) });
}

/** Reads which remote calendars could be linked. */
export function useRemoteCalendars(integrationId: IntegrationId | null, isWanted: boolean) {
  const host = useHost();
  return useQuery({
    queryKey: [...KEYS.remotes, integrationId],
    queryFn: () => host.call('remote_calendars', { integration_id: integrationId }),
    enabled: isWanted,
    staleTime: 0,
  });
}

/** Reads the databases of a Notion account; nothing for any other. */
export function useDataSources(integrationId: IntegrationId | null): DataSources | undefined {
  const host = useHost();
  return useQuery({
    queryKey: [...KEYS.remotes, 'data-sources', integrationId],
    queryFn: () => (integrationId === null ? { sources: [], hint: null } : host.call('notion_data_sources', { integration_id: integrationId, query: '' })),
    enabled: integrationId !== null,
    staleTime: 0,
  }).data;
}

/** Reads which calendars have appeared at the accounts, and nobody has said yet what is to become of them. Asks no service. */
export function useNewCalendars(): RemoteCalendarView[] {
  const host = useHost();
  const { data } = useQuery({ queryKey: [...KEYS.remotes, 'known'], queryFn: () => host.call('known_remote_calendars', {}) });
  return (data ?? NO_REMOTES).filter((remote) => remote.is_new);
}

const NO_REMOTES: RemoteCalendarView[] = [];

/** Reads what linking a calendar to a remote one would come to, with this choice of what holds what; nothing while no remote one is chosen. */
export function useLinkPlan(calendarId: CalendarId | null, remote: Pick<RemoteCalendarView, 'integration_id' | 'id'> | null, direction: SyncDirection, choice: MappingChoice | null = null) {
  const host = useHost();
  return useQuery({
    queryKey: [...KEYS.remotes, 'plan', calendarId, remote?.integration_id, remote?.id, direction, choice],
    queryFn: (): Promise<LinkPlanView> | null =>
      remote === null ? null : host.call('plan_link', { calendar_id: calendarId, integration_id: remote.integration_id, remote_calendar_id: remote.id, direction, choice }),
    enabled: remote !== null,
    staleTime: 0,
  });
}

/** Reads what another mapping of a linked database would come to; nothing while none is thought of. */
export function useMappingPlan(linkId: LinkId | null, choice: MappingChoice | null) {
  const host = useHost();
  return useQuery({
    queryKey: [...KEYS.remotes, 'mapping plan', linkId, choice],
    queryFn: (): Promise<MappingPlanView> | null => (linkId === null || choice === null ? null : host.call('plan_notion_mapping', { link_id: linkId, choice })),
    enabled: linkId !== null && choice !== null,
    staleTime: 0,
  });
}

/** Reads what an account takes with it when it goes; nothing while none is to go. */
export function useLeavingAccount(integrationId: IntegrationId | null): LeavingView | undefined {
  const host = useHost();
  return useQuery({
    queryKey: ['leaving', 'account', integrationId],
    queryFn: () => (integrationId === null ? null : host.call('leaving_account', { integration_id: integrationId })),
    enabled: integrationId !== null,
    staleTime: 0,
  }).data ?? undefined;
}

/** Reads what a link takes with it when it ends; nothing while none is to end. */
export function useLeavingLink(linkId: LinkId | null): LeavingView | undefined {
  const host = useHost();
  return useQuery({
    queryKey: ['leaving', 'link', linkId],
    queryFn: () => (linkId === null ? null : host.call('leaving_link', { link_id: linkId })),
    enabled: linkId !== null,
    staleTime: 0,
  }).data ?? undefined;
}

/** Reads which OAuth client we sign in to Google as. */
export function useGoogleClient(): GoogleClientView | undefined {
  const host = useHost();
  return useQuery({ queryKey: KEYS.client, queryFn: () => host.call('google_client', {}) }).data;
}

/** Reads how sync stands. */
export function useSnapshot(): SyncSnapshot | undefined {
  const host = useHost();
  return useQuery({ queryKey: KEYS.snapshot, queryFn: () => host.call('sync_snapshot', {}) }).data;
}
