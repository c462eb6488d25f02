//! What an event is.
//!
//! [`EventContent`] is what people see and edit, and what is compared and merged; [`Event`] adds what the replica
//! needs to know to keep it. Terms are those of RFC 5545 where it has one.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::{CalendarId, EventId, Revision};
use crate::recurrence::Recurrence;
use crate::time::{OriginalStart, When};

/// One row of the replica: a single event, the master of a series, or one overridden occurrence of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Our own id; never sent as such to a provider.
    pub id: EventId,
    /// The calendar it belongs to.
    pub calendar_id: CalendarId,
    /// The iCalendar UID (RFC 5545 §3.8.4.7), shared by a series and its overrides.
    pub uid: String,
    /// Set on an override: the occurrence of a series that this event stands for. A cancelled occurrence is an
    /// override whose status is [`EventStatus::Cancelled`].
    pub occurrence_of: Option<OccurrenceKey>,
    /// What people see.
    pub content: EventContent,
    /// Counts local edits.
    pub revision: Revision,
    /// When it was first stored here.
    pub created_at: DateTime<Utc>,
    /// When it was last changed, here or at a remote.
    pub updated_at: DateTime<Utc>,
    /// When it was deleted, if it was; the row stays until every remote has heard of it.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Names one occurrence of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OccurrenceKey {
    /// The series' master.
    pub series_id: EventId,
    /// The start which the rule gave that occurrence.
    pub original_start: OriginalStart,
}

/// What people see and edit of an event. Two contents that mean the same are equal: empty texts are empty strings,
/// lists have their canonical order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventContent {
    /// SUMMARY. May be empty.
    pub title: String,
    /// DESCRIPTION as the provider holds it, which may be HTML; the window sanitises it. Empty when there is none.
    #[serde(default)]
    pub description: String,
    /// LOCATION. Empty when there is none.
    #[serde(default)]
    pub location: String,
    /// When it takes place; of a series, when its first occurrence does.
    pub when: When,
    /// Set on the master of a series.
    #[serde(default)]
    pub recurrence: Option<Recurrence>,
    /// STATUS.
    #[serde(default)]
    pub status: EventStatus,
    /// TRANSP: whether it blocks time.
    #[serde(default)]
    pub transparency: Transparency,
    /// CLASS.
    #[serde(default)]
    pub visibility: Visibility,
    /// Alarms.
    #[serde(default)]
    pub reminders: Reminders,
    /// ATTENDEE, ordered by address.
    #[serde(default)]
    pub attendees: Vec<Attendee>,
    /// ORGANIZER.
    #[serde(default)]
    pub organizer: Option<Organizer>,
    /// CONFERENCE (RFC 7986): where to join by video or phone.
    #[serde(default)]
    pub conference_url: Option<String>,
    /// COLOR (RFC 7986); absent means the calendar's colour.
    #[serde(default)]
    pub color: Option<Color>,
    /// URL.
    #[serde(default)]
    pub url: Option<String>,
    /// What a provider says beyond our model, kept word for word under the provider's name. Never merged across
    /// providers and never shown as editable.
    #[serde(default)]
    #[ts(type = "Record<string, unknown>")]
    pub extras: BTreeMap<String, serde_json::Value>,
}

impl EventContent {
    /// A plain event with nothing but a title and a time.
    pub fn new(title: impl Into<String>, when: When) -> Self {
        Self {
            title: title.into(),
            description: String::new(),
            location: String::new(),
            when,
            recurrence: None,
            status: EventStatus::default(),
            transparency: Transparency::default(),
            visibility: Visibility::default(),
            reminders: Reminders::default(),
            attendees: Vec::new(),
            organizer: None,
            conference_url: None,
            color: None,
            url: None,
            extras: BTreeMap::new(),
        }
    }

    /// Brings everything into the one form in which it is kept, so that contents which mean the same are equal: people
    /// by their address in lower case, lists in order and without repetitions, the recurrence as the start wants it.
    pub fn canonicalize(&mut self) {
        for attendee in &mut self.attendees {
            attendee.email = attendee.email.trim().to_lowercase();
        }
        self.attendees.sort_by(|left, right| left.email.cmp(&right.email));
        self.attendees.dedup_by(|left, right| left.email == right.email);
        if let Some(organizer) = &mut self.organizer {
            organizer.email = organizer.email.trim().to_lowercase();
        }
        if let Reminders::Custom { reminders } = &mut self.reminders {
            reminders.sort_unstable();
            reminders.dedup();
        }
        if let Some(Color(name)) = &mut self.color {
            *name = name.trim().to_lowercase();
        }
        if let Some(recurrence) = &mut self.recurrence {
            recurrence.fit_to(&self.when);
        }
    }
}

/// RFC 5545 STATUS of a VEVENT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// Takes place.
    #[default]
    Confirmed,
    /// May take place.
    Tentative,
    /// Called off; on an override, the occurrence is left out.
    Cancelled,
}

/// RFC 5545 TRANSP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Transparency {
    /// Blocks time ("busy").
    #[default]
    Opaque,
    /// Does not ("free").
    Transparent,
}

/// Who may see the event (RFC 5545 CLASS and Google's `visibility`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// As the calendar says.
    #[default]
    Default,
    /// Everybody who sees the calendar.
    Public,
    /// Attendees only.
    Private,
    /// Attendees only; kept apart from `Private` because iCalendar and Google do.
    Confidential,
}

/// When to be reminded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reminders {
    /// As the calendar says.
    #[default]
    CalendarDefault,
    /// These, and no others; an empty list means none.
    Custom {
        /// Ordered by minutes, then method.
        reminders: Vec<Reminder>,
    },
}

/// One reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct Reminder {
    /// Minutes before the start.
    pub minutes_before: u32,
    /// How it reaches the person.
    pub method: ReminderMethod,
}

/// How a reminder reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReminderMethod {
    /// On the screen.
    Popup,
    /// By mail, sent by the provider.
    Email,
}

/// Somebody invited.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Attendee {
    /// Address, in lower case; names the attendee within the event.
    pub email: String,
    /// Display name; empty when unknown.
    #[serde(default)]
    pub name: String,
    /// ROLE=OPT-PARTICIPANT.
    #[serde(default)]
    pub optional: bool,
    /// CUTYPE=RESOURCE or ROOM.
    #[serde(default)]
    pub resource: bool,
    /// PARTSTAT.
    #[serde(default)]
    pub response: ResponseStatus,
    /// Whether this is the person whose account it is.
    #[serde(default)]
    pub is_self: bool,
}

/// RFC 5545 PARTSTAT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ResponseStatus {
    /// No answer yet.
    #[default]
    NeedsAction,
    /// Comes.
    Accepted,
    /// Perhaps.
    Tentative,
    /// Does not come.
    Declined,
}

/// Who runs the event.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Organizer {
    /// Address, in lower case.
    pub email: String,
    /// Display name; empty when unknown.
    #[serde(default)]
    pub name: String,
    /// Whether this is the person whose account it is.
    #[serde(default)]
    pub is_self: bool,
}

/// A colour by its CSS3 name in lower case, as RFC 7986 §5.9 has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct Color(pub String);

/// A part of [`EventContent`] that is compared and merged as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[repr(u16)]
pub enum Field {
    /// [`EventContent::title`]
    Title,
    /// [`EventContent::description`]
    Description,
    /// [`EventContent::location`]
    Location,
    /// [`EventContent::when`]
    When,
    /// [`EventContent::recurrence`]
    Recurrence,
    /// [`EventContent::status`]
    Status,
    /// [`EventContent::transparency`]
    Transparency,
    /// [`EventContent::visibility`]
    Visibility,
    /// [`EventContent::reminders`]
    Reminders,
    /// [`EventContent::attendees`]
    Attendees,
    /// [`EventContent::organizer`]
    Organizer,
    /// [`EventContent::conference_url`]
    ConferenceUrl,
    /// [`EventContent::color`]
    Color,
    /// [`EventContent::url`]
    Url,
}

impl Field {
    /// Every field, in declaration order.
    pub const ALL: [Self; 14] = [
        Self::Title,
        Self::Description,
        Self::Location,
        Self::When,
        Self::Recurrence,
        Self::Status,
        Self::Transparency,
        Self::Visibility,
        Self::Reminders,
        Self::Attendees,
        Self::Organizer,
        Self::ConferenceUrl,
        Self::Color,
        Self::Url,
    ];

    /// Whether both contents say the same here.
    #[must_use]
    pub fn is_equal(self, left: &EventContent, right: &EventContent) -> bool {
        match self {
            Self::Title => left.title == right.title,
            Self::Description => left.description == right.description,
            Self::Location => left.location == right.location,
            Self::When => left.when == right.when,
            Self::Recurrence => left.recurrence == right.recurrence,
            Self::Status => left.status == right.status,
            Self::Transparency => left.transparency == right.transparency,
            Self::Visibility => left.visibility == right.visibility,
            Self::Reminders => left.reminders == right.reminders,
            Self::Attendees => left.attendees == right.attendees,
            Self::Organizer => left.organizer == right.organizer,
            Self::ConferenceUrl => left.conference_url == right.conference_url,
            Self::Color => left.color == right.color,
            Self::Url => left.url == right.url,
        }
    }

    /// Copies this field from one content into another.
    pub fn copy(self, from: &EventContent, into: &mut EventContent) {
        match self {
            Self::Title => into.title.clone_from(&from.title),
            Self::Description => into.description.clone_from(&from.description),
            Self::Location => into.location.clone_from(&from.location),
            Self::When => into.when = from.when,
            Self::Recurrence => into.recurrence.clone_from(&from.recurrence),
            Self::Status => into.status = from.status,
            Self::Transparency => into.transparency = from.transparency,
            Self::Visibility => into.visibility = from.visibility,
            Self::Reminders => into.reminders.clone_from(&from.reminders),
            Self::Attendees => into.attendees.clone_from(&from.attendees),
            Self::Organizer => into.organizer.clone_from(&from.organizer),
            Self::ConferenceUrl => into.conference_url.clone_from(&from.conference_url),
            Self::Color => into.color.clone_from(&from.color),
            Self::Url => into.url.clone_from(&from.url),
        }
    }
}

/// A set of [`Field`]s: what a provider can express, or what differs.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u16);

impl FieldSet {
    /// No field.
    pub const NONE: Self = Self(0);
    /// Every field.
    pub const ALL: Self = Self((1 << Field::ALL.len()) - 1);

    /// The set with `field` added.
    #[must_use]
    pub const fn with(self, field: Field) -> Self {
        Self(self.0 | 1 << field as u16)
    }

    /// The set with `field` taken out.
    #[must_use]
    pub const fn without(self, field: Field) -> Self {
        Self(self.0 & !(1 << field as u16))
    }

    /// Whether `field` is in the set.
    #[must_use]
    pub const fn contains(self, field: Field) -> bool {
        self.0 & (1 << field as u16) != 0
    }

    /// Whether no field is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The fields in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The fields in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The fields in this set that are not in the other.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The fields in the set, in declaration order.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.contains(*field))
    }

    /// The fields among `among` in which two contents differ.
    #[must_use]
    pub fn differing(among: Self, left: &EventContent, right: &EventContent) -> Self {
        among.iter().filter(|field| !field.is_equal(left, right)).collect()
    }
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        fields.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for FieldSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}
