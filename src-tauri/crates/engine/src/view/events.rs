//! Events as they are shown, and what is asked of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::sync::{EventSyncStatus, ProviderKind};
use synodic_model::{
    CalendarId, Color, EventContent, EventId, EventStatus, Field, LinkId, OccurrenceKey, ResponseStatus,
    Revision, Transparency, When,
};
use synodic_providers::NotifyAttendees;
use ts_rs::TS;

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
