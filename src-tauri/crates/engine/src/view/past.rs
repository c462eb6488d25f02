//! What became of events, what both sides made of them, and what waits for the person before it becomes of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::history::{Author, ChangeKind, HistoryId, RunKey};
use synodic_model::sync::ProviderKind;
use synodic_model::{CalendarId, EventContent, EventId, Field, LinkId, When};
use ts_rs::TS;

use super::UndoToken;

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
    /// Both: the event is as the remote has it, and what was edited here becomes an event of its own beside it, which
    /// invites nobody. Where one side is a deletion, the event stays and there is nothing to put beside it.
    Both,
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
