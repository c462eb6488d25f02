//! What the window and the command line see of the replica: finished answers, made for showing.

mod audit;
mod calendars;
mod dashboard;
mod events;
mod files;
mod past;

use serde::{Deserialize, Serialize};
use synodic_model::{CalendarId, Field, LinkId};
use ts_rs::TS;

pub use self::audit::{AuditReport, AuditedLink, Drift, DriftView};
pub use self::calendars::{
    AccountView, CalendarChange, CalendarView, ChosenView, CleanUpReport, ClientOrigin, GoneView,
    GoogleClientView, LeavingView, LinkPlanView, LinkView, MappingPlanView, Parting, RemoteCalendarView,
};
pub use self::dashboard::{
    AccountHealth, ChannelState, DashboardView, DelayView, FailureCount, LogLineView, LogQuery, Percentiles,
    Period, Way,
};
pub use self::events::{
    EditReceipt, EditScopes, EventAnswer, EventChange, EventDraft, EventLinkView, EventMove, EventRights,
    EventTarget, EventView, MoveAnswer, OccurrenceView, SyncMark, UndoToken,
};
pub use self::files::{
    ExportWish, ExportedFile, ImportChoice, ImportFate, ImportPlace, ImportPreview, ImportProgress,
    ImportReport, ImportRow, SavedExport, UnreadableView,
};
pub use self::past::{
    ConflictSide, ConflictView, DeletedView, HistoryView, Resolution, ReviewSide, ReviewView, RunReverted,
    RunView,
};

/// A number of things as it is told; more than anybody counts is as many as can be told.
pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
pub use synodic_providers::NotifyAttendees;

/// What a person asked for could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Failure {
    /// What kind of failure, for branching.
    pub code: FailureCode,
    /// One sentence for the person, which says what to do.
    pub message: String,
    /// The field it concerns, if one does.
    pub field: Option<Field>,
}

/// Failures between which the window and the command line distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum FailureCode {
    /// What was entered is not acceptable.
    Invalid,
    /// There is no such thing (any more).
    NotFound,
    /// It may only be read.
    ReadOnly,
    /// It was changed in the meantime.
    Stale,
    /// The network or the service.
    Remote,
    /// Signing in is needed or failed.
    SignIn,
    /// The replica, the keyring, the disk.
    Storage,
    /// Another Synodic has the replica.
    Busy,
    /// A fault of ours.
    Internal,
}

/// What the engine tells its faces beside the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Change {
    /// Events of these calendars changed; what is on screen is to be read again.
    Events {
        /// The calendars.
        calendar_ids: Vec<CalendarId>,
        /// Whether the change came from a remote.
        from_remote: bool,
    },
    /// The list of calendars, links or accounts changed.
    Calendars,
    /// The calendars at an account changed; some may be new and are to be offered.
    RemoteCalendars,
}

/// What one complete pass did, for `synodic sync`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SyncReport {
    /// Each link that was pulled.
    pub links: Vec<LinkReport>,
    /// Edits that were sent.
    pub pushed: u32,
    /// Edits that still wait.
    pub pending: u32,
    /// Edits that were refused.
    pub failed: u32,
    /// Requests that were made.
    pub requests: u32,
    /// How long it took.
    #[ts(type = "number")]
    pub duration_ms: u64,
}

/// What one pass did with one link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LinkReport {
    /// Which.
    pub link_id: LinkId,
    /// The calendar's name.
    pub calendar: String,
    /// The account's name.
    pub account: String,
    /// Pages read.
    pub pages: u32,
    /// Events that are new here.
    pub created: u32,
    /// Events that changed here.
    pub updated: u32,
    /// Events that went away here.
    pub deleted: u32,
    /// Items that could not be read.
    pub unreadable: u32,
    /// Why it did not reach the end.
    pub error: Option<String>,
}

/// What the window has to know about the program around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AppInfo {
    /// The program's version.
    pub version: String,
    /// Whether this is the demo, on simulated accounts and a throw-away replica.
    pub demo: bool,
    /// IANA zone of the machine.
    pub time_zone: String,
    /// Where the replica is.
    pub data_dir: String,
    /// Whether a Google account can be added: an OAuth client is configured.
    pub google_configured: bool,
    /// Whether there is an OAuth client for Notion, so that it can be signed in to in the browser; a token always does.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub notion_configured: bool,
}
