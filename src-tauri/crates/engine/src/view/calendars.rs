//! Calendars, links and accounts as they are shown, and what is chosen about them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::listing::AccessRole;
use synodic_model::sync::{IntegrationStatus, ProviderKind, SyncDirection};
use synodic_model::{CalendarId, IntegrationId, LinkId, Reminder, RemoteCalendarId};
use ts_rs::TS;

use super::Failure;
use crate::snapshot::QueueItem;

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

/// What another mapping of a linked Notion database would come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MappingPlanView {
    /// Pages that would learn something that only the events here say.
    pub written_there: u32,
    /// Events here that would learn something that only their pages say.
    pub taken_here: u32,
    /// Events that say something else than their pages in a new place; they are merged, and what loses is kept.
    pub differing: u32,
    /// Pages that would be made for next occurrences of series.
    pub pages_made: u32,
    /// Pages of next occurrences that would be put in the trash.
    pub pages_removed: u32,
    /// The titles of some whose pages would be written.
    pub written_there_titles: Vec<String>,
    /// The titles of some that would be changed here.
    pub taken_here_titles: Vec<String>,
    /// The titles of some that differ.
    pub differing_titles: Vec<String>,
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
