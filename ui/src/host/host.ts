/**
 * What the window asks of the program around it. Nothing else is: no file, no network, no shell. There are two: the
 * real one (`tauri.ts`) and a world in memory (`browser.ts`) for working on the window in a plain browser.
 *
 * Every promise may be rejected with a `Failure`; `failureOf` makes one of anything else.
 */
import type { AppInfo } from '../api/generated/AppInfo';
import type { CaldavPlace } from '../api/generated/CaldavPlace';
import type { CalendarId } from '../api/generated/CalendarId';
import type { CalendarChange } from '../api/generated/CalendarChange';
import type { CalendarView } from '../api/generated/CalendarView';
import type { Change } from '../api/generated/Change';
import type { ChosenView } from '../api/generated/ChosenView';
import type { CleanUpReport } from '../api/generated/CleanUpReport';
import type { ConflictView } from '../api/generated/ConflictView';
import type { DeletedView } from '../api/generated/DeletedView';
import type { DashboardView } from '../api/generated/DashboardView';
import type { DataSources } from '../api/generated/DataSources';
import type { DesktopSettings } from '../api/generated/DesktopSettings';
import type { EditReceipt } from '../api/generated/EditReceipt';
import type { EditScopes } from '../api/generated/EditScopes';
import type { EventAnswer } from '../api/generated/EventAnswer';
import type { EventChange } from '../api/generated/EventChange';
import type { EventDraft } from '../api/generated/EventDraft';
import type { EventId } from '../api/generated/EventId';
import type { EventMove } from '../api/generated/EventMove';
import type { EventTarget } from '../api/generated/EventTarget';
import type { EventView } from '../api/generated/EventView';
import type { ExportWish } from '../api/generated/ExportWish';
import type { Failure } from '../api/generated/Failure';
import type { GoneView } from '../api/generated/GoneView';
import type { GoogleClientView } from '../api/generated/GoogleClientView';
import type { HistoryId } from '../api/generated/HistoryId';
import type { HistoryView } from '../api/generated/HistoryView';
import type { ImportChoice } from '../api/generated/ImportChoice';
import type { ImportPlace } from '../api/generated/ImportPlace';
import type { ImportPreview } from '../api/generated/ImportPreview';
import type { ImportProgress } from '../api/generated/ImportProgress';
import type { ImportReport } from '../api/generated/ImportReport';
import type { IntegrationId } from '../api/generated/IntegrationId';
import type { LeavingView } from '../api/generated/LeavingView';
import type { LinkId } from '../api/generated/LinkId';
import type { LogLineView } from '../api/generated/LogLineView';
import type { LogQuery } from '../api/generated/LogQuery';
import type { MappingChoice } from '../api/generated/MappingChoice';
import type { MappingPlanView } from '../api/generated/MappingPlanView';
import type { MappingProposal } from '../api/generated/MappingProposal';
import type { LinkPlanView } from '../api/generated/LinkPlanView';
import type { MoveAnswer } from '../api/generated/MoveAnswer';
import type { NotionWebhook } from '../api/generated/NotionWebhook';
import type { Navigation } from '../api/generated/Navigation';
import type { NotifyAttendees } from '../api/generated/NotifyAttendees';
import type { OccurrenceKey } from '../api/generated/OccurrenceKey';
import type { OccurrenceView } from '../api/generated/OccurrenceView';
import type { Parting } from '../api/generated/Parting';
import type { Policy } from '../api/generated/Policy';
import type { QueueId } from '../api/generated/QueueId';
import type { Recurrence } from '../api/generated/Recurrence';
import type { RemoteCalendarId } from '../api/generated/RemoteCalendarId';
import type { RemoteCalendarView } from '../api/generated/RemoteCalendarView';
import type { Resolution } from '../api/generated/Resolution';
import type { ReviewView } from '../api/generated/ReviewView';
import type { RunKey } from '../api/generated/RunKey';
import type { RunReverted } from '../api/generated/RunReverted';
import type { RunView } from '../api/generated/RunView';
import type { SavedExport } from '../api/generated/SavedExport';
import type { SyncDirection } from '../api/generated/SyncDirection';
import type { SyncSnapshot } from '../api/generated/SyncSnapshot';
import type { TimeWindow } from '../api/generated/TimeWindow';
import type { UndoToken } from '../api/generated/UndoToken';
import type { When } from '../api/generated/When';

/** Everything that can be asked, with its arguments and its answer. */
export interface Commands {
  occurrences: [arguments_: { window: TimeWindow }, answer: OccurrenceView[]];
  /** Events that say every word of a text: what comes next first, then what is past, the latest first. */
  search: [{ text: string; limit: number }, OccurrenceView[]];
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
  event_history: [{ event_id: EventId }, HistoryView[]];
  /** Sentences that tell why an event is as it is. */
  why: [{ event_id: EventId }, string[]];
  deleted_events: [Record<string, never>, DeletedView[]];
  /** What single pulls changed here. */
  runs: [Record<string, never>, RunView[]];
  revert_run: [{ run: RunKey }, RunReverted];
  revert_change: [{ id: HistoryId }, EditReceipt];
  history_days: [Record<string, never>, number];
  set_history_days: [{ days: number | null }, null];
  calendars: [Record<string, never>, CalendarView[]];
  create_calendar: [{ name: string; color: string; time_zone: string }, CalendarView];
  /** Makes a calendar at a service that makes calendars, and keeps one here in step with it. */
  create_calendar_at: [{ integration_id: IntegrationId; name: string; color: string; time_zone: string }, CalendarView];
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
  /** Finds the calendars of an account at a calendar server, and keeps its password. */
  add_caldav_account: [{ place: CaldavPlace; secret: string }, IntegrationId];
  /** Looks at the calendar file at an address, and keeps a calendar that shows it. */
  subscribe: [{ address: string }, CalendarView];
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
  plan_notion_mapping: [{ link_id: LinkId; choice: MappingChoice }, MappingPlanView];
  set_notion_mapping: [{ link_id: LinkId; choice: MappingChoice }, MappingProposal];
  /** Waits for the token of a subscription that the person makes in Notion's developer portal. */
  begin_notion_webhook: [{ integration_id: IntegrationId }, NotionWebhook];
  notion_webhook: [{ integration_id: IntegrationId }, NotionWebhook];
  plan_link: [{ calendar_id: CalendarId | null; integration_id: IntegrationId; remote_calendar_id: RemoteCalendarId; direction: SyncDirection; choice: MappingChoice | null }, LinkPlanView];
  change_calendar: [{ calendar_id: CalendarId; change: CalendarChange }, CalendarView];
  /** As last listed; asks no service. */
  known_remote_calendars: [Record<string, never>, RemoteCalendarView[]];
  dismiss_new_calendars: [{ integration_id: IntegrationId }, null];
  choose_calendars: [{ integration_id: IntegrationId; remote_calendar_ids: RemoteCalendarId[]; parting: Parting }, ChosenView[]];
  leaving_link: [{ link_id: LinkId }, LeavingView];
  unlink_calendar: [{ link_id: LinkId; parting: Parting }, CleanUpReport];
  clean_up: [{ integration_id: IntegrationId; remote_calendar_id: RemoteCalendarId; rehearsal: boolean }, CleanUpReport];
  read_anew: [{ link_id: LinkId | null }, null];
  add_google_account: [Record<string, never>, IntegrationId];
  cancel_sign_in: [Record<string, never>, null];
  sign_in_again: [{ integration_id: IntegrationId }, IntegrationId];
  leaving_account: [{ integration_id: IntegrationId }, LeavingView];
  remove_account: [{ integration_id: IntegrationId; keep_events: boolean }, GoneView];
  google_client: [Record<string, never>, GoogleClientView];
  set_google_client: [{ id: string | null; secret: string | null }, GoogleClientView];
  retry_edit: [{ queue_id: QueueId }, null];
  discard_edit: [{ queue_id: QueueId }, null];
  /** Plans that would change much, and wait for the person. */
  reviews: [Record<string, never>, ReviewView[]];
  /** Agrees to what a link's next pull removes here, and to what waits to be sent over it. */
  approve_review: [{ link_id: LinkId }, null];
  discard_review: [{ link_id: LinkId }, null];
  conflicts: [Record<string, never>, ConflictView[]];
  resolve_conflict: [{ event_id: EventId; link_id: LinkId; resolution: Resolution }, EditReceipt];
  conflict_policy: [{ link_id: LinkId }, Policy];
  set_link_policy: [{ link_id: LinkId; policy: Policy | null }, null];
  set_account_policy: [{ integration_id: IntegrationId; policy: Policy | null }, null];
  sync_now: [Record<string, never>, null];
  /** One account alone; answers when its pass has come to an end. */
  sync_account: [{ integration_id: IntegrationId }, null];
  pause: [{ until: string | null }, null];
  resume: [Record<string, never>, null];
  /** What sync did between each two of these instants, which ascend. */
  dashboard: [{ edges: readonly string[] }, DashboardView];
  /** The lines of history behind a number, the latest first. */
  sync_log: [{ query: LogQuery }, LogLineView[]];
  sync_snapshot: [Record<string, never>, SyncSnapshot];
  app_info: [Record<string, never>, AppInfo];
  open_link: [{ url: string }, null];
  /** What somebody who helps has to know, and nothing that is the person's own. Shown and handed on as it is. */
  diagnostics: [Record<string, never>, unknown];
  /** Adds a file to the downloads; answers where it is. */
  save_file: [{ file: 'settings' | 'diagnostics'; text: string }, string];
  /** Takes a file that was dropped or chosen, as it is; answers its number. Only the last one is kept. */
  hand_in_file: [Uint8Array, number];
  /** Reads a file that the person opened with Synodic; answers its number. */
  open_file: [{ path: string }, number];
  /** What an import would do; without a calendar, into a new one. */
  plan_import: [{ file: number; calendar_id: CalendarId | null }, ImportPreview];
  import_file: [{ file: number; place: ImportPlace; choice: ImportChoice }, ImportReport];
  put_file_away: [{ file: number }, null];
  /** Adds a calendar file to the downloads. */
  export_calendar: [{ wish: ExportWish }, SavedExport];
  /** Shows the folder of the downloads. */
  show_downloads: [Record<string, never>, null];
  /** Where the window was asked to go and has not been yet; each is given out once. */
  navigations: [Record<string, never>, Navigation[]];
  desktop_settings: [Record<string, never>, DesktopSettings];
  set_desktop_settings: [{ settings: DesktopSettings }, null];
  starts_at_login: [Record<string, never>, boolean];
  set_starts_at_login: [{ on: boolean }, null];
  quit: [Record<string, never>, null];
}

/** What the program tells the window unasked. */
export interface HostEvents {
  'sync-snapshot': SyncSnapshot;
  'replica-change': Change;
  /** The window was asked to go somewhere: `navigations` tells where. */
  navigate: null;
  'import-progress': ImportProgress;
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
