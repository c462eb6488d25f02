//! What the replica remembers of the accounts and calendars that it is kept in step with.
//!
//! One calendar may be linked to several remote calendars; for every event and link there is one [`EventSync`], whose
//! `base` is the last state on which both sides agreed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::EventContent;
use crate::id::{
    CalendarId, EventId, ExternalId, IntegrationId, LinkId, QueueId, RemoteCalendarId, RemoteVersion,
    Revision,
};

/// A service that calendars are kept at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Google Calendar.
    Google,
    /// Notion databases.
    Notion,
    /// Any CalDAV server.
    Caldav,
    /// A calendar file at an address, which is only read.
    Ics,
}

/// A local collection of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Calendar {
    /// Our own id.
    pub id: CalendarId,
    /// Display name.
    pub name: String,
    /// Display colour, `#rrggbb`.
    pub color: String,
    /// IANA zone in which new events are made.
    pub time_zone: String,
    /// Whether the window shows its events.
    pub visible: bool,
    /// Place in the list, from the top.
    #[ts(type = "number")]
    pub position: i64,
    /// Reminders that events with [`crate::Reminders::CalendarDefault`] have.
    pub default_reminders: Vec<crate::event::Reminder>,
}

/// One connected account at one provider (`calendar_integration`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Our own id.
    pub id: IntegrationId,
    /// The service.
    pub provider: ProviderKind,
    /// The account as the provider names it (Google: the address). Names the secrets in the keyring.
    pub account: String,
    /// Whether it may be used.
    pub status: IntegrationStatus,
    /// The provider's own settings (endpoints, property mappings), never secrets.
    pub settings: serde_json::Value,
    /// Direction for links that do not say otherwise.
    pub direction: SyncDirection,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
    /// When a complete pass over all its links last succeeded.
    pub last_success_at: Option<DateTime<Utc>>,
    /// The last failure in plain words, until the next success.
    pub last_error: Option<String>,
}

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationStatus {
    /// In use.
    Active,
    /// Put aside by the person.
    Paused,
    /// The provider refuses our sign-in; the person has to sign in again.
    NeedsSignIn,
}

/// Which way changes travel over a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncDirection {
    /// Both ways.
    #[default]
    Bidirectional,
    /// From the remote to the replica only.
    PullOnly,
    /// From the replica to the remote only.
    PushOnly,
}

impl SyncDirection {
    /// Whether changes at the remote are taken.
    #[must_use]
    pub const fn pulls(self) -> bool {
        matches!(self, Self::Bidirectional | Self::PullOnly)
    }

    /// Whether edits are sent to the remote.
    #[must_use]
    pub const fn pushes(self) -> bool {
        matches!(self, Self::Bidirectional | Self::PushOnly)
    }
}

/// The tie between a local calendar and a remote one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Our own id.
    pub id: LinkId,
    /// The local side.
    pub calendar_id: CalendarId,
    /// The account.
    pub integration_id: IntegrationId,
    /// The remote side.
    pub remote_calendar_id: RemoteCalendarId,
    /// The remote calendar's name when it was last listed.
    pub remote_name: String,
    /// Which way changes travel.
    pub direction: SyncDirection,
    /// The provider's own settings of this link (Notion: which property holds which field), never secrets; `null`
    /// where there are none.
    pub settings: serde_json::Value,
    /// Where the next incremental pull goes on; none before the first full listing.
    pub cursor: Option<String>,
    /// Counts full listings; see `EventSync::generation`.
    pub generation: i64,
    /// The provider's channel that tells us of changes, if one is open.
    pub webhook: Option<Webhook>,
    /// When this link was last pulled to the end.
    pub last_pulled_at: Option<DateTime<Utc>>,
}

/// An open notification channel at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The channel's id, chosen by us.
    pub id: String,
    /// What the provider calls the watched resource.
    pub resource: String,
    /// A random text which the provider repeats to us with every message, so that we know it is theirs.
    pub token: String,
    /// When the channel ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// How one event stands with one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventSyncStatus {
    /// An edit waits to be sent.
    Pending,
    /// Both sides agree.
    Synced,
    /// Both sides changed the same thing and somebody has to look.
    Conflict,
    /// The provider refused; the reason is in `last_error`.
    Failed,
}

/// The row per event and link (`event_sync`). It outlives the event until the remote has confirmed the deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSync {
    /// The event.
    pub event_id: EventId,
    /// The link.
    pub link_id: LinkId,
    /// The event's id at the remote; none before it was created there.
    pub external_id: Option<ExternalId>,
    /// How it stands.
    pub status: EventSyncStatus,
    /// When both sides last agreed.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed, in plain words.
    pub last_error: Option<String>,
    /// Failed attempts since the last success.
    pub retry_count: u32,
    /// The local revision that the remote has.
    pub local_version: Revision,
    /// The remote's mark of the state that we have.
    pub remote_version: Option<RemoteVersion>,
    /// The last state on which both sides agreed, as this provider can express it.
    pub base: Option<EventContent>,
    /// What a merge set aside.
    pub conflict_data: Option<ConflictData>,
    /// The full listing that last named this event; rows of an older generation are gone at the remote.
    pub generation: i64,
    /// How often a new identity had to be chosen at the remote, because the former one is spent on a deleted event.
    pub incarnation: u32,
}

/// Both sides of a conflict, kept until the person has looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConflictData {
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// What both sides agreed on before.
    pub base: Option<EventContent>,
    /// The local side; none when it was deleted here.
    pub local: Option<EventContent>,
    /// The remote side; none when it was deleted there.
    pub remote: Option<EventContent>,
    /// The fields in which the sides disagree; empty when one side was a deletion.
    pub fields: Vec<crate::event::Field>,
    /// Whether both sides keep their own until the person has decided. Otherwise one of them has won.
    #[serde(default)]
    pub open: bool,
}

/// What a queue row asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operation {
    /// Bring the remote to the event's latest state, creating it there when it is new.
    Upsert,
    /// Delete it at the remote.
    Delete,
}

/// How a queue row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QueueStatus {
    /// Waits for its time.
    Pending,
    /// Is being carried out.
    Processing,
    /// Done.
    Completed,
    /// Given up until the person retries or discards it.
    Failed,
}

/// One row of the outbox (`sync_queue`): a mark that an event is to be brought to a link, not a copy of the edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEntry {
    /// Our own id, ascending.
    pub id: QueueId,
    /// The event.
    pub event_id: EventId,
    /// The link it is to be brought to.
    pub link_id: LinkId,
    /// What is to be done.
    pub operation: Operation,
    /// Anything the operation needs beyond the event's latest state.
    pub payload: serde_json::Value,
    /// How it stands.
    pub status: QueueStatus,
    /// Larger goes first; a person's own edit has [`PRIORITY_INTERACTIVE`].
    pub priority: i64,
    /// Failed attempts so far.
    pub retry_count: u32,
    /// Attempts before it is given up.
    pub max_retries: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Not before this.
    pub scheduled_for: DateTime<Utc>,
    /// When it was completed or given up.
    pub processed_at: Option<DateTime<Utc>>,
    /// When it was put here.
    pub created_at: DateTime<Utc>,
}

/// Priority of a person's own edit.
pub const PRIORITY_INTERACTIVE: i64 = 10;
/// Priority of what the engine does of its own accord.
pub const PRIORITY_BACKGROUND: i64 = 0;

/// A line of the history (`sync_log`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The account, if it concerns one.
    pub integration_id: Option<IntegrationId>,
    /// The link, if it concerns one.
    pub link_id: Option<LinkId>,
    /// The event, if it concerns one.
    pub event_id: Option<EventId>,
    /// What was done.
    pub action: LogAction,
    /// How it ended.
    pub outcome: LogOutcome,
    /// How long it took.
    pub duration_ms: i64,
    /// Counts and reasons as JSON; never a title or a token.
    pub detail: serde_json::Value,
}

/// What a log line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LogAction {
    /// A pull of one link.
    Pull,
    /// A create at a remote.
    Create,
    /// An update at a remote.
    Update,
    /// A deletion at a remote.
    Delete,
    /// A notification channel opened, renewed or stopped.
    Webhook,
    /// A sign-in or a refresh of tokens.
    SignIn,
}

/// How a logged action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LogOutcome {
    /// As meant.
    Succeeded,
    /// Sides disagreed.
    Conflict,
    /// Will be tried again.
    Retried,
    /// Given up.
    Failed,
}
