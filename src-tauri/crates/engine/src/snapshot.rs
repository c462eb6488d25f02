//! The one value that tells how sync stands. Window, tray, notifications and command line all render this, and
//! nothing else.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::sync::ProviderKind;
use synodic_model::{CalendarId, EventId, IntegrationId, LinkId, QueueId};
use ts_rs::TS;

/// How sync stands, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SyncSnapshot {
    /// When this was true.
    pub at: DateTime<Utc>,
    /// The most important of what follows, by the order of [`SyncState`].
    pub state: SyncState,
    /// Every connected account.
    pub integrations: Vec<IntegrationSnapshot>,
    /// Edits that wait to be sent, all accounts together.
    pub pending: u32,
    /// Edits that a provider refused.
    pub failed: u32,
    /// Events over which both sides disagree.
    pub conflicts: u32,
    /// Set while the person has paused sync.
    pub paused: Option<Pause>,
    /// The last complete pass over every link.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Why the replica could not be read or written, as when the disk is full; none once it can be again.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub storage: Option<String>,
    /// That a damaged replica was moved aside, where it is and what was found in it; told for a day.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub recovered: Option<String>,
    /// What waits or was refused, at most the first fifty, in the order in which it will go out.
    pub queue: Vec<QueueItem>,
}

/// Sync was paused by the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Pause {
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it goes on by itself; none until the person says so.
    pub until: Option<DateTime<Utc>>,
}

/// The states, most important first: the first that applies is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SyncState {
    /// An account has to be signed in again.
    NeedsSignIn,
    /// Somebody has to choose between two versions.
    Conflict,
    /// A provider refused an edit for good.
    Failed,
    /// A plan that would remove much waits for approval.
    Review,
    /// An account should have answered by now.
    Overdue,
    /// There is no way to an account.
    Offline,
    /// The person paused sync.
    Paused,
    /// A provider asked us to wait.
    BackingOff,
    /// At work.
    Syncing,
    /// Edits wait to be sent.
    Pending,
    /// Everything agrees.
    Synced,
    /// No account is connected.
    NoAccount,
}

/// How one account stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct IntegrationSnapshot {
    /// Which.
    pub id: IntegrationId,
    /// The service.
    pub provider: ProviderKind,
    /// The account's name at the service.
    pub account: String,
    /// How it stands.
    pub state: SyncState,
    /// What is being done; set while syncing.
    pub progress: Option<Progress>,
    /// When it will be tried again; set while backing off or offline.
    pub retry_at: Option<DateTime<Utc>>,
    /// When this state began.
    pub since: DateTime<Utc>,
    /// The last pass that reached the end.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Why it is not well, in a sentence for the person.
    pub message: Option<String>,
    /// Edits that wait.
    pub pending: u32,
    /// Edits that were refused.
    pub failed: u32,
    /// Conflicts.
    pub conflicts: u32,
    /// Items at the service that could not be read, and are left as they are.
    pub unreadable: u32,
    /// How changes at the service reach us.
    pub listening: Listening,
    /// What is wrong with single calendars of it, while the others go on.
    pub troubles: Vec<LinkTrouble>,
}

/// Why one link stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LinkTrouble {
    /// Which.
    pub link_id: LinkId,
    /// A sentence for the person.
    pub message: String,
    /// Whether it waits for the person to agree to what it would remove; otherwise it is tried again by itself.
    pub is_review: bool,
}

/// How changes at a service reach us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Listening {
    /// The service calls us.
    Webhook,
    /// We ask, this often.
    Polling {
        /// Seconds between two pulls.
        #[ts(type = "number")]
        every_seconds: u64,
    },
}

/// How far a pass has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// Items done.
    pub done: u32,
    /// Items in all, when that is known.
    pub total: Option<u32>,
}

/// What a pass is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Phase {
    /// Reading changes.
    Pulling,
    /// Sending edits.
    Pushing,
}

/// An edit on its way to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueueItem {
    /// The row.
    pub id: QueueId,
    /// The event.
    pub event_id: EventId,
    /// Its title, so that it can be named.
    pub title: String,
    /// Its calendar.
    pub calendar_id: CalendarId,
    /// The link.
    pub link_id: LinkId,
    /// The account.
    pub integration_id: IntegrationId,
    /// What is to be done there.
    pub operation: synodic_model::sync::Operation,
    /// Waiting, on its way, or refused.
    pub status: synodic_model::sync::QueueStatus,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Not before this.
    pub scheduled_for: DateTime<Utc>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}
