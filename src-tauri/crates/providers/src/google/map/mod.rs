//! Google ⇄ model, field by field.
//!
//! | model | Google | |
//! | --- | --- | --- |
//! | `title`, `description`, `location` | `summary`, `description`, `location` | absent = empty; CRLF = LF |
//! | `when` | `start`, `end` | see [`time`]; floating times through `synodicFloating` |
//! | `recurrence` | `recurrence` | lines of RFC 5545, see [`repeat`] |
//! | `status` | `status` | `cancelled` deletes at Google, so a called-off event keeps `confirmed` and `synodicStatus` |
//! | `transparency`, `visibility` | `transparency`, `visibility` | absent = `opaque`, `default` |
//! | `reminders` | `reminders` | at most 5, at most 40320 minutes; ordered |
//! | `attendees` | `attendees` | lower-case address, ordered by it; of somebody else's meeting only our own answer, see [`people`] |
//! | `organizer` | `organizer` | read only; absent on events without guests |
//! | `conference_url` | `hangoutLink`, `conferenceData` | read; one of the person's own goes to `synodicConference` |
//! | `color` | `colorId` | see [`appearance`]; other CSS names go to `synodicColor` |
//! | `url` | `source.url` | `http` and `https`; others go to `synodicUrl` |
//! | `extras["google"]` | `htmlLink`, `eventType`, … | read only, see [`extras`] and [`rights`] |
//! | – | `attachments`, `conferenceData`, `guestsCan…`, … | never written, so they stay as they are |
//!
//! `synodic…` are private extended properties: only this calendar's copy of the event has them, Google shows them to
//! nobody, and they survive edits made at Google (guide “Extended properties”). They hold what Google has no place
//! for, so that nothing is lost on the way there and back.
//!
//! Reading is also what makes a content canonical: [`canonical`] writes it and reads it back. Two contents that Google
//! would hold alike are therefore equal afterwards, and an echo of our own write is seen as one.

mod appearance;
mod body;
mod extras;
mod people;
mod read;
mod repeat;
mod rights;
mod texts;
mod time;

#[cfg(test)]
mod tests;

use chrono_tz::Tz;
use synodic_model::{EventContent, Field, FieldSet};

use super::wire;

pub(super) use body::Body;
pub(super) use people::{answered, is_foreign, over_existing as attendees_over_existing};
pub(super) use read::{Page, calendar, change, event, may_write};
pub(super) use time::{occurrence_key, original_start_text, zone_needed};

/// What Google can hold: everything, in its own fields or in private properties.
pub(super) const EXPRESSIBLE: FieldSet = FieldSet::ALL;

/// What we send: all that Google can hold but the organizer, which it sets itself.
pub(super) const WRITABLE: FieldSet = EXPRESSIBLE.without(Field::Organizer);

/// Names of our private extended properties. Events at Google carry them for ever, so they never change.
pub(super) mod property {
    /// The identity under which we created the event.
    pub(crate) const MARKER: &str = "synodic";
    /// The iCalendar UID, which Google does not take together with an id of our choice.
    pub(crate) const UID: &str = "synodicUid";
    /// The zone in which a floating time was written down.
    pub(crate) const FLOATING: &str = "synodicFloating";
    /// `cancelled`, when the event is called off but still shown.
    pub(crate) const STATUS: &str = "synodicStatus";
    /// Where to join, when it is not Google's own.
    pub(crate) const CONFERENCE: &str = "synodicConference";
    /// A URL that is neither `http` nor `https`.
    pub(crate) const URL: &str = "synodicUrl";
    /// A colour that Google's palette does not have.
    pub(crate) const COLOR: &str = "synodicColor";
}

/// What an item stands for, which decides what its status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A single event or the master of a series; cancelling it would delete it.
    Event,
    /// One occurrence of a series; cancelling it leaves it out.
    Occurrence,
}

/// Writes `fields` of `content`. `zone` is the calendar's and anchors floating times.
pub(super) fn write(content: &EventContent, fields: FieldSet, role: Role, zone: Tz) -> Body {
    let mut body = Body::default();
    // The rule of a birthday is Google's own, and sent with a new date it would be refused.
    let fields = if extras::is_birthday(content) { fields.without(Field::Recurrence) } else { fields };
    for field in fields.intersection(WRITABLE).iter() {
        match field {
            Field::Title => body.set_text("summary", &content.title),
            Field::Description => body.set_text("description", &content.description),
            Field::Location => body.set_text("location", &content.location),
            Field::When => time::write(&content.when, zone, &mut body),
            Field::Recurrence => repeat::write(content.recurrence.as_ref(), &content.when, zone, &mut body),
            Field::Status => appearance::write_status(content.status, role, &mut body),
            Field::Transparency => appearance::write_transparency(content.transparency, &mut body),
            Field::Visibility => appearance::write_visibility(content.visibility, &mut body),
            Field::Reminders => appearance::write_reminders(&content.reminders, &mut body),
            Field::Attendees => people::write_attendees(content, &mut body),
            Field::ConferenceUrl => texts::write_conference(content.conference_url.as_deref(), &mut body),
            Field::Color => appearance::write_color(content.color.as_ref(), &mut body),
            Field::Url => texts::write_url(content.url.as_deref(), &mut body),
            Field::Organizer => {}
        }
    }
    if extras::is_birthday(content) {
        // Google refuses any other field of a birthday, our properties included.
        body.keep_no_private();
    }
    body
}

/// The content as Google would hold and return it.
pub(super) fn canonical(content: &EventContent, role: Role, zone: Tz) -> EventContent {
    let json = write(content, WRITABLE, role, zone).into_insert();
    // What we write is always readable; should that ever fail, comparing the content as it is errs towards sending.
    let Ok(event) = serde_json::from_value::<wire::Event>(json) else { return content.clone() };
    let Ok(mut canonical) = read::content(&event, zone, &mut Vec::new()) else { return content.clone() };
    if is_foreign(content) {
        // They are not written, but our own answer among them is (see [`answered`]).
        canonical.attendees.clone_from(&content.attendees);
    }
    canonical.organizer.clone_from(&content.organizer);
    canonical.extras.clone_from(&content.extras);
    canonical
}

/// The fields to be sent so that what was `base` becomes `desired`; all of them when nothing is known of the base.
pub(super) fn changed(base: Option<&EventContent>, desired: &EventContent, role: Role, zone: Tz) -> FieldSet {
    let Some(base) = base else { return WRITABLE };
    let (base, desired) = (canonical(base, role, zone), canonical(desired, role, zone));
    let changed = FieldSet::differing(WRITABLE, &base, &desired);
    // The lines of a recurrence are written in the value type and the zone of the start.
    if changed.contains(Field::When) && desired.recurrence.is_some() {
        changed.with(Field::Recurrence)
    } else {
        changed
    }
}
