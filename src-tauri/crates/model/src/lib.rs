//! The calendar itself, as plain data and plain decisions.
//!
//! This crate holds what an event *is* ([`event`], [`time`], [`recurrence`]), what the replica remembers about the
//! accounts it is kept in step with ([`sync`], [`listing`]), and the decision at the heart of the program: what to do when the
//! replica and a remote differ ([`reconcile`]).
//!
//! **Architecture invariant:** nothing here does input or output, awaits, reads a clock, draws a random number or
//! writes a log line. Time and chance arrive as arguments, so that every decision can be replayed and tested by the
//! thousand. Start reading at [`event::Event`], then [`reconcile::reconcile`].

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
pub mod event;
pub mod glimpse;
pub mod history;
pub mod id;
pub mod input;
pub mod listing;
pub mod matching;
pub mod reconcile;
pub mod recurrence;
pub mod reminder;
pub mod stored;
pub mod sync;
pub mod time;
pub mod validate;

mod combine;

pub use event::{
    Attendee, Color, Event, EventContent, EventStatus, Field, FieldSet, OccurrenceKey, Organizer, Reminder,
    ReminderMethod, Reminders, ResponseStatus, Transparency, Visibility,
};
pub use glimpse::ContentGlimpse;
pub use id::{
    CalendarId, EventId, ExternalId, IntegrationId, LinkId, QueueId, RemoteCalendarId, RemoteVersion,
    Revision,
};
pub use recurrence::Recurrence;
pub use stored::StoredContent;
pub use time::{Fold, OriginalStart, TimeWindow, When, ZonedTime};
