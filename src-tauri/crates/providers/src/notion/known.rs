//! Seeing through what Notion cannot say.
//!
//! A page shows less than the event says: no zone, no markup, no answers of guests. When it shows exactly what it would
//! show of the event as both sides last agreed on it, it means that event; otherwise a description in HTML would come back
//! as plain text, and a flight to Tokyo in the zone of Berlin, and both would look like edits.

use serde_json::Value;
use synodic_model::{EventContent, EventStatus, Field, Transparency};

use super::date;
use super::map::{self, EXTRAS, NAMED_ZONE};
use super::mapping::{Mapping, PropertyKind, Slot};
use super::text;

/// Fills in what Notion has left out of `content`, from what is known of the event. `settings` are the link's.
pub fn recognise(settings: &Value, known: &EventContent, content: &mut EventContent) {
    let mapping = Mapping::of(settings);
    let there = content.clone();
    for field in mapping.fields().iter() {
        if looks_same(field, known, &there, &mapping) {
            field.copy(known, content);
        }
    }
    if content.when == there.when
        && there.extras.get(EXTRAS).is_none_or(|extras| extras[NAMED_ZONE].is_null())
    {
        content.when = date::in_zones_of(&known.when, &there.when, mapping.zone());
    }
    if content.attendees == there.attendees {
        for attendee in &mut content.attendees {
            if let Some(same) = known.attendees.iter().find(|known| known.email == attendee.email) {
                *attendee = same.clone();
            }
        }
    }
    content.canonicalize();
}

/// Whether a page would show `known` as it shows `there`.
pub(super) fn looks_same(
    field: Field,
    known: &EventContent,
    there: &EventContent,
    mapping: &Mapping,
) -> bool {
    match field {
        Field::Title => plain(&known.title) == plain(&there.title),
        Field::Location => plain(&known.location) == plain(&there.location),
        Field::Description => {
            text::without_markup(&known.description).trim_end()
                == text::without_markup(&there.description).trim_end()
        }
        Field::When => date::looks_same(&known.when, &there.when, mapping.zone()),
        Field::Recurrence => {
            let fitted = |content: &EventContent| {
                content.recurrence.clone().map(|mut recurrence| {
                    recurrence.fit_to(&known.when);
                    recurrence
                })
            };
            fitted(known) == fitted(there)
        }
        Field::Status => {
            let is_sayable = map::is_sayable(mapping, Slot::Status, map::meaning(known, Slot::Status));
            there.status == if is_sayable { known.status } else { EventStatus::Confirmed }
        }
        Field::Transparency => {
            let is_sayable =
                map::is_sayable(mapping, Slot::Transparency, map::meaning(known, Slot::Transparency));
            there.transparency == if is_sayable { known.transparency } else { Transparency::Opaque }
        }
        Field::Attendees => {
            let holder = mapping.property(Slot::Attendees);
            let is_people = holder.is_some_and(|property| property.kind == PropertyKind::People);
            // Members can be read where nobody is known, and never say that somebody is no longer invited.
            let emails = |content: &EventContent| {
                content.attendees.iter().map(|attendee| attendee.email.clone()).collect::<Vec<_>>()
            };
            is_people && !known.attendees.is_empty() || emails(known) == emails(there)
        }
        Field::Visibility
        | Field::Reminders
        | Field::Organizer
        | Field::ConferenceUrl
        | Field::Color
        | Field::Url => field.is_equal(known, there),
    }
}

fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

#[cfg(test)]
mod tests;
