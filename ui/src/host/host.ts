/**
 * What the window asks of the program around it. Nothing else is: no file, no network, no shell. There are two: the
 * real one (`tauri.ts`) and a world in memory (`browser.ts`) for working on the window in a plain browser.
 *
 * Every promise may be rejected with a `Failure`; `failureOf` makes one of anything else.
 */
import type { AppInfo } from '../api/generated/AppInfo';
import type { CalendarId } from '../api/generated/CalendarId';
import type { CalendarView } from '../api/generated/CalendarView';
import type { Change } from '../api/generated/Change';
import type { DataSources } from '../api/generated/DataSources';
import type { EditReceipt } from '../api/generated/EditReceipt';
import type { EditScopes } from '../api/generated/EditScopes';
import type { EventAnswer } from '../api/generated/EventAnswer';
import type { EventChange } from '../api/generated/EventChange';
import type { EventDraft } from '../api/generated/EventDraft';
import type { EventMove } from '../api/generated/EventMove';
import type { EventTarget } from '../api/generated/EventTarget';
import type { EventView } from '../api/generated/EventView';
import type { Failure } from '../api/generated/Failure';
import type { IntegrationId } from '../api/generated/IntegrationId';
import type { LinkId } from '../api/generated/LinkId';
import type { MappingChoice } from '../api/generated/MappingChoice';
import type { MappingProposal } from '../api/generated/MappingProposal';
import type { MoveAnswer } from '../api/generated/MoveAnswer';
import type { NotifyAttendees } from '../api/generated/NotifyAttendees';
import type { OccurrenceKey } from '../api/generated/OccurrenceKey';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { QueueId } from '../api/generated/QueueId';
import type { Recurrence } from '../api/generated/Recurrence';
import type { RemoteCalendarId } from '../api/generated/RemoteCalendarId';
import type { RemoteCalendarView } from '../api/generated/RemoteCalendarView';
import type { SyncDirection } from '../api/generated/SyncDirection';
import type { SyncSnapshot } from '../api/generated/SyncSnapshot';
import type { TimeWindow } from '../api/generated/TimeWindow';
import type { UndoToken } from '../api/generated/UndoToken';
import type { When } from '../api/generated/When';

/** Everything that can be asked, with its arguments and its answer. */
export interface Commands {
  occurrences: [arguments_: { window: TimeWindow }, answer: OccurrenceView[]];
  event: [{ target: EventTarget }, EventView];
  create_event: [{ draft: EventDraft }, EditReceipt];
  change_event: [{ change: EventChange }, EditReceipt];
  delete_event: [{ target: EventTarget; notify?: NotifyAttendees }, EditReceipt];
  answer_event: [{ answer: EventAnswer }, EditReceipt];
  move_event: [{ wish: EventMove }, MoveAnswer];
  edit_scopes: [{ key: OccurrenceKey }, EditScopes];
  /** When a series that is being edited takes place from an instant on, at most `limit` times. */
  preview_series: [{ first: When; recurrence: Recurrence; from: string; limit: number }, When[]];
  undo: [{ token: UndoToken }, EditReceipt];
  calendars: [Record<string, never>, CalendarView[]];
  create_calendar: [{ name: string; color: string; time_zone: string }, CalendarView];
  set_calendar_visible: [{ calendar_id: CalendarId; visible: boolean }, null];
  remote_calendars: [{ integration_id: IntegrationId | null }, RemoteCalendarView[]];
  link_calendar: [
    {
      calendar_id: CalendarId | null;
      integration_id: IntegrationId;
      remote_calendar_id: RemoteCalendarId;
      direction: SyncDirection;
    },
    CalendarView,
  ];
  unlink_calendar: [{ link_id: LinkId }, null];
  /** Tries the secret of an internal connection and keeps it. */
  add_notion_account: [{ token: string }, IntegrationId];
  add_notion_account_in_browser: [Record<string, never>, IntegrationId];
  notion_data_sources: [{ integration_id: IntegrationId; query: string }, DataSources];
  propose_notion_mapping: [{ integration_id: IntegrationId; data_source_id: RemoteCalendarId }, MappingProposal];
  notion_mapping: [{ link_id: LinkId }, MappingProposal];
  link_notion: [
    { calendar_id: CalendarId | null; integration_id: IntegrationId; data_source_id: RemoteCalendarId; direction: SyncDirection; choice: MappingChoice },
    CalendarView,
  ];
  set_notion_mapping: [{ link_id: LinkId; choice: MappingChoice }, MappingProposal];
  add_google_account: [Record<string, never>, IntegrationId];
  cancel_sign_in: [Record<string, never>, null];
  sign_in_again: [{ integration_id: IntegrationId }, IntegrationId];
  remove_account: [{ integration_id: IntegrationId; keep_events: boolean }, null];
  retry_edit: [{ queue_id: QueueId }, null];
  discard_edit: [{ queue_id: QueueId }, null];
  sync_now: [Record<string, never>, null];
  /** Agrees to what a link's next pull removes here. */
  approve_removals: [{ link_id: LinkId }, null];
  /** One account alone; answers when its pass has come to an end. */
  sync_account: [{ integration_id: IntegrationId }, null];
  pause: [{ until: string | null }, null];
  resume: [Record<string, never>, null];
  sync_snapshot: [Record<string, never>, SyncSnapshot];
  app_info: [Record<string, never>, AppInfo];
  open_link: [{ url: string }, null];
}

/** What the program tells the window unasked. */
export interface HostEvents {
  'sync-snapshot': SyncSnapshot;
  'replica-change': Change;
  navigate: { target: EventTarget } | null;
}

/** The program around the window. */
export interface Host {
  call<Name extends keyof Commands>(command: Name, arguments_: Commands[Name][0]): Promise<Commands[Name][1]>;
  /** Listens; returns the function that stops it. */
  listen<Name extends keyof HostEvents>(event: Name, handler: (payload: HostEvents[Name]) => void): () => void;
}

/** Makes a `Failure` of whatever a call was rejected with. */
export function failureOf(reason: unknown): Failure {
  if (typeof reason === 'object' && reason !== null && 'code' in reason && 'message' in reason) {
    return { field: null, ...reason } as Failure;
  }
  const message = reason instanceof Error ? reason.message : String(reason);
  return { code: 'internal', message: `Something went wrong inside Synodic: ${message}`, field: null };
}
