//! What the window and the command line see of the replica: finished answers, made for showing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::history::{Author, ChangeKind, HistoryId, RunKey};
use synodic_model::listing::AccessRole;
use synodic_model::sync::{EventSyncStatus, IntegrationStatus, ProviderKind, SyncDirection};
use synodic_model::{
    CalendarId, Color, EventContent, EventId, EventStatus, Field, IntegrationId, LinkId, OccurrenceKey,
    Reminder, RemoteCalendarId, ResponseStatus, Revision, Transparency, When,
};
pub use synodic_providers::NotifyAttendees;
use ts_rs::TS;

use crate::snapshot::QueueItem;

/// One appearance of an event on the time line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OccurrenceView {
    /// The row behind it: a single event, an override, or the series' master.
    pub event_id: EventId,
    /// Set when it belongs to a series.
    pub occurrence_of: Option<OccurrenceKey>,
    /// Its calendar.
    pub calendar_id: CalendarId,
    /// Its title; may be empty.
    pub title: String,
    /// Its location; may be empty.
    pub location: String,
    /// When it takes place.
    pub when: When,
    /// Start as an instant, for the reader's zone.
    pub starts_at: DateTime<Utc>,
    /// End as an instant, exclusive.
    pub ends_at: DateTime<Utc>,
    /// Whether it takes place.
    pub status: EventStatus,
    /// Whether it blocks time.
    pub transparency: Transparency,
    /// The person's own answer, when they are invited.
    pub response: Option<ResponseStatus>,
    /// Its own colour; none means the calendar's.
    pub color: Option<Color>,
    /// Whether others are invited.
    pub has_attendees: bool,
    /// Whether it can be changed.
    pub read_only: bool,
    /// How it stands with its links.
    pub sync: SyncMark,
}

/// How an event stands with all of its links, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SyncMark {
    /// Its calendar is linked to nothing.
    Local,
    /// Everybody agrees.
    Synced,
    /// An edit waits.
    Pending,
    /// Two versions wait for a choice.
    Conflict,
    /// A provider refused it.
    Failed,
}

/// An event with all that the editor shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EventView {
    /// Our id.
    pub id: EventId,
    /// Its calendar.
    pub calendar_id: CalendarId,
    /// iCalendar UID.
    pub uid: String,
    /// Set on an override.
    pub occurrence_of: Option<OccurrenceKey>,
    /// What people see.
    pub content: EventContent,
    /// Counts edits.
    pub revision: Revision,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Whether it can be changed as a whole, and if not why, in a sentence.
    pub read_only: Option<String>,
    /// What may be done with it in particular.
    pub rights: EventRights,
    /// How it stands with each link.
    pub links: Vec<EventLinkView>,
}

/// What the person may do with an event. One that cannot be changed as a whole may still let some of its fields be
/// changed (the colour of somebody else's meeting), be answered, or be taken out of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EventRights {
    /// The fields that may be changed; an edit of any other is refused.
    pub fields: Vec<Field>,
    /// Whether it may be deleted.
    pub deletable: bool,
    /// Whether the person is invited and may say whether they come.
    pub answerable: bool,
}

/// How an event stands with one link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EventLinkView {
    /// The link.
    pub link_id: LinkId,
    /// The service.
    pub provider: ProviderKind,
    /// The account.
    pub account: String,
    /// The remote calendar's name.
    pub remote_name: String,
    /// The event's id there.
    pub external_id: Option<String>,
    /// How it stands.
    pub status: EventSyncStatus,
    /// When both sides last agreed.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// A calendar in the sidebar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CalendarView {
    /// Our id.
    pub id: CalendarId,
    /// Display name.
    pub name: String,
    /// `#rrggbb`
    pub color: String,
    /// IANA zone.
    pub time_zone: String,
    /// Whether its events are shown.
    pub visible: bool,
    /// Reminders that its events have unless they say otherwise.
    pub default_reminders: Vec<Reminder>,
    /// Whether events can be made and changed: it has no link, or one that takes edits.
    pub writable: bool,
    /// Where it is kept in step.
    pub links: Vec<LinkView>,
}

/// A link as shown under its calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LinkView {
    /// Our id.
    pub id: LinkId,
    /// The account.
    pub integration_id: IntegrationId,
    /// The service.
    pub provider: ProviderKind,
    /// The account's name.
    pub account: String,
    /// The remote calendar.
    pub remote_calendar_id: RemoteCalendarId,
    /// Its name there.
    pub remote_name: String,
    /// Which way changes travel.
    pub direction: SyncDirection,
    /// When it was last read to the end.
    pub last_pulled_at: Option<DateTime<Utc>>,
    /// What the person should know about it, a sentence each; left out when there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub warnings: Vec<String>,
}

/// A connected account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AccountView {
    /// Our id.
    pub id: IntegrationId,
    /// The service.
    pub provider: ProviderKind,
    /// The account as the service names it.
    pub account: String,
    /// Whether it may be used.
    pub status: IntegrationStatus,
}

/// A remote calendar that may be linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RemoteCalendarView {
    /// The account.
    pub integration_id: IntegrationId,
    /// The service's id.
    pub id: RemoteCalendarId,
    /// Display name.
    pub name: String,
    /// `#rrggbb`, if it has one.
    pub color: Option<String>,
    /// IANA zone, if it has one.
    pub time_zone: Option<String>,
    /// What the account may do with it.
    pub access: AccessRole,
    /// Whether events may be written there.
    pub writable: bool,
    /// Whether it is the account's main calendar.
    pub primary: bool,
    /// The local calendar it is linked to, if any.
    pub linked_to: Option<CalendarId>,
    /// The link, if any.
    pub link_id: Option<LinkId>,
    /// Whether it appeared after the account was connected, and nobody has said yet whether it is to be synced.
    pub is_new: bool,
}

/// A change of how a calendar looks; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export, optional_fields)]
pub struct CalendarChange {
    /// Display name.
    pub name: Option<String>,
    /// `#rrggbb`
    pub color: Option<String>,
    /// IANA zone.
    pub time_zone: Option<String>,
    /// Reminders that its events have unless they say otherwise.
    pub default_reminders: Option<Vec<Reminder>>,
}

/// A change of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HistoryView {
    /// Hand this to `revert_change` to take it back.
    pub id: HistoryId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub author: Author,
    /// The account that it came from.
    pub account: Option<String>,
    /// What became of the event.
    pub change: ChangeKind,
    /// The fields that changed.
    pub fields: Vec<Field>,
    /// What it said before; none when it was made.
    pub before: Option<EventContent>,
}

/// What one pull changed here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RunView {
    /// Hand this to `revert_run` to take all of it back.
    pub run: RunKey,
    /// The remote calendar's name.
    pub remote_name: String,
    /// The account's name.
    pub account: String,
    /// Events that were made.
    pub created: u32,
    /// Events that were changed or brought back.
    pub changed: u32,
    /// Events that were deleted.
    pub deleted: u32,
}

/// What became of taking a pull back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RunReverted {
    /// How many changes were taken back.
    pub reverted: u32,
    /// The titles of the events that were changed since, and were left as they are.
    pub skipped: Vec<String>,
    /// Hand this to `undo` to have the pull's changes again.
    pub undo: UndoToken,
}

/// An event or a series that was deleted and can be had back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DeletedView {
    /// Hand this to `revert_change` to restore it.
    pub history_id: HistoryId,
    /// The event.
    pub event_id: EventId,
    /// Its title.
    pub title: String,
    /// When it would take place.
    pub when: When,
    /// Its calendar.
    pub calendar_id: CalendarId,
    /// The calendar's name.
    pub calendar: String,
    /// When it was deleted.
    pub deleted_at: DateTime<Utc>,
    /// By whom.
    pub author: Author,
}

/// What both sides made of one event, and who has won or is to win.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ConflictView {
    /// The event.
    pub event_id: EventId,
    /// The link over which the other version came.
    pub link_id: LinkId,
    /// The event's title.
    pub title: String,
    /// Its calendar.
    pub calendar_id: CalendarId,
    /// The calendar's name.
    pub calendar: String,
    /// The service.
    pub provider: ProviderKind,
    /// The account's name.
    pub account: String,
    /// The remote calendar's name.
    pub remote_name: String,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// Whether it waits for a decision; otherwise one side has won, and the other may be taken back.
    pub open: bool,
    /// The fields in which the sides disagree; empty when one side was a deletion.
    pub fields: Vec<Field>,
    /// What both had agreed on before.
    pub base: Option<EventContent>,
    /// What it said here; none when it was deleted.
    pub local: Option<EventContent>,
    /// What it said at the service; none when it was deleted.
    pub remote: Option<EventContent>,
    /// What it says here now; none when it is deleted.
    pub now: Option<EventContent>,
}

/// One of the two versions in a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ConflictSide {
    /// The one from here.
    Local,
    /// The one from the service.
    Remote,
}

/// The answer to a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Resolution {
    /// One version, in all fields in question.
    Keep {
        /// Which.
        side: ConflictSide,
    },
    /// One version for each field; what is not named stays as it is now.
    Fields {
        /// Which.
        sides: BTreeMap<Field, ConflictSide>,
    },
    /// What the person made of both.
    Merged {
        /// The event.
        content: Box<EventContent>,
    },
    /// As it is now.
    AsItIs,
}

/// What linking two calendars would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LinkPlanView {
    /// The local calendar's name, or what it will be called.
    pub calendar: String,
    /// The remote calendar's name.
    pub remote_name: String,
    /// Which way changes would travel.
    pub direction: SyncDirection,
    /// Events that both have, and that are tied together.
    pub matched: u32,
    /// Those among them that say different things; they are merged.
    pub differing: u32,
    /// Those among them that could be tied otherwise, because several look the same.
    pub ambiguous: u32,
    /// Events that would be made here.
    pub new_here: u32,
    /// Events that would be made at the service. Nobody is mailed.
    pub new_there: u32,
    /// Whether the person should look before it is done.
    pub wants_a_look: bool,
    /// The titles of some ambiguous ones.
    pub ambiguous_titles: Vec<String>,
    /// The titles of some that would be made here.
    pub new_here_titles: Vec<String>,
    /// The titles of some that would be made at the service.
    pub new_there_titles: Vec<String>,
}

/// On which side a plan would change much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ReviewSide {
    /// Here, in the replica.
    Here,
    /// At the service.
    There,
}

/// A plan that would change much, and waits for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ReviewView {
    /// The link that is held up.
    pub link_id: LinkId,
    /// Which side it would change.
    pub side: ReviewSide,
    /// The local calendar's name.
    pub calendar: String,
    /// The remote calendar's name.
    pub remote_name: String,
    /// The account's name.
    pub account: String,
    /// Events that would be deleted.
    pub deletions: u32,
    /// Events that would be made.
    pub creations: u32,
    /// Events that the link has.
    pub known: u32,
    /// The titles of some of them.
    pub titles: Vec<String>,
    /// Guests who would be told by mail.
    pub guests: u32,
}

/// What becomes of the events when a link ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Parting {
    /// Both sides keep theirs.
    #[default]
    KeepBoth,
    /// The calendar here goes, unless something else feeds it; the service keeps its own.
    RemoveHere,
    /// What Synodic wrote there is deleted there; everything stays here.
    RemoveWritten,
}

/// What an account or a link takes with it when it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LeavingView {
    /// The account's or the remote calendar's name.
    pub name: String,
    /// The calendars that nothing else feeds.
    pub calendars: Vec<String>,
    /// Edits that were not sent yet, and will not be.
    pub unsent: Vec<QueueItem>,
}

/// How an account went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct GoneView {
    /// The account's name.
    pub account: String,
    /// Whether the service was told that the consent ends; otherwise the person may end it there.
    pub consent_ended: bool,
}

/// What was deleted from a calendar at a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CleanUpReport {
    /// The titles of the events that Synodic wrote.
    pub titles: Vec<String>,
    /// How many were deleted.
    pub removed: u32,
    /// How many the service did not let go.
    pub kept: u32,
}

/// What became of one calendar when an account's calendars were chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChosenView {
    /// Which.
    pub remote_calendar_id: RemoteCalendarId,
    /// Its name.
    pub name: String,
    /// The local calendar that it is linked to now, if it is.
    pub linked_to: Option<CalendarId>,
    /// Why it could not be done.
    pub failure: Option<Failure>,
}

/// The OAuth client that we sign in to Google as. Its secret is never shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct GoogleClientView {
    /// Where it was configured.
    pub origin: ClientOrigin,
    /// Its id.
    pub id: Option<String>,
    /// Whether it has a secret.
    pub has_secret: bool,
}

/// Where the OAuth client was configured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ClientOrigin {
    /// Nowhere yet.
    #[default]
    Nowhere,
    /// In the environment, which goes before the settings.
    Environment,
    /// In the settings.
    Settings,
}

/// A new event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EventDraft {
    /// Where it goes.
    pub calendar_id: CalendarId,
    /// What it says.
    pub content: EventContent,
    /// Whether its guests are told.
    #[serde(default)]
    #[ts(as = "Option<NotifyAttendees>", optional)]
    pub notify: NotifyAttendees,
}

/// A change of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EventChange {
    /// What is changed: the whole event or series, or one occurrence.
    pub target: EventTarget,
    /// What it shall say.
    pub content: EventContent,
    /// The revision that the person was looking at; a newer one in the replica refuses the change
    /// ([`crate::EngineError::Stale`]) instead of overwriting what they have not seen. None skips the check.
    pub seen_revision: Option<Revision>,
    /// Whether its guests are told.
    #[serde(default)]
    #[ts(as = "Option<NotifyAttendees>", optional)]
    pub notify: NotifyAttendees,
}

/// An answer to an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EventAnswer {
    /// What is answered: the whole event or series, or one occurrence.
    pub target: EventTarget,
    /// Whether the person comes.
    pub response: ResponseStatus,
    /// Whether the organiser is told by mail; they see the answer in their calendar in any case.
    #[serde(default)]
    #[ts(as = "Option<NotifyAttendees>", optional)]
    pub notify: NotifyAttendees,
}

/// A move of an event to another calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EventMove {
    /// The single event or the series; occurrences cannot leave their series.
    pub id: EventId,
    /// Where it goes.
    pub calendar_id: CalendarId,
    /// Whether the person has agreed to what [`MoveAnswer::Confirm`] said.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub confirmed: bool,
    /// Whether its guests are told.
    #[serde(default)]
    #[ts(as = "Option<NotifyAttendees>", optional)]
    pub notify: NotifyAttendees,
}

/// What came of a move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum MoveAnswer {
    /// The event is in the other calendar.
    Moved {
        /// The event there, and how to take the move back.
        receipt: Box<EditReceipt>,
    },
    /// Nothing was done yet: the services cannot move it, so that it would be made anew in the one place and deleted in
    /// the other. Ask, and move again with [`EventMove::confirmed`].
    Confirm {
        /// What would happen, in a sentence.
        message: String,
    },
}

/// How much each kind of edit of one occurrence would change; “only this one” is one, of course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EditScopes {
    /// The occurrences that “this and following” would change; none when there are too many to count.
    pub following: Option<u32>,
    /// The occurrences that “all” would change; none when there are too many to count.
    pub all: Option<u32>,
    /// Whether it is the first one, with which “this and following” means all.
    pub is_first: bool,
}

/// What an edit or a deletion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum EventTarget {
    /// A single event, or a series with all of its occurrences, or one existing override.
    Event {
        /// Which.
        id: EventId,
    },
    /// One occurrence of a series, overridden or not.
    Occurrence {
        /// Which.
        key: OccurrenceKey,
    },
    /// One occurrence of a series and all that follow it, as a series of their own. It shows what that series would
    /// say: what the series says, from this occurrence on.
    Following {
        /// The first of them.
        key: OccurrenceKey,
    },
}

/// What an edit left behind, so that it can be shown and undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EditReceipt {
    /// The event as it is now; none when it was deleted.
    pub event: Option<EventView>,
    /// Hand this to `undo` to take the edit back.
    pub undo: UndoToken,
}

/// Names an edit that can be taken back, as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export, type = "number")]
pub struct UndoToken(pub u64);

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
