//! Who may change what: some calendars are only read, and some events belong to others.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use synodic_model::glimpse::READ_ONLY;
use synodic_model::sync::{Calendar, Link, ProviderKind};
use synodic_model::{EventContent, Field, FieldSet};

use crate::error::EngineError;
use crate::view::EventRights;

/// Beside [`READ_ONLY`]: the names of the fields that the service takes all the same. Where it is given, the event may
/// also be taken out of the calendar.
const WRITABLE: &str = "writable";

/// Keeps with the event whether `provider` would refuse our changes, for as long as it says so.
pub(crate) fn mark_read_only(content: &mut EventContent, provider: ProviderKind, is_read_only: bool) {
    let part = content.extras.entry(part_of(provider).to_owned()).or_insert_with(|| json!({}));
    if let Value::Object(part) = part {
        if is_read_only {
            part.insert(READ_ONLY.to_owned(), Value::Bool(true));
        } else {
            part.remove(READ_ONLY);
        }
        if part.is_empty() {
            content.extras.remove(part_of(provider));
        }
    }
}

/// Whether some service would refuse our changes.
pub(crate) fn is_read_only(content: &EventContent) -> bool {
    content.extras.values().any(refuses)
}

fn refuses(part: &Value) -> bool {
    part.get(READ_ONLY) == Some(&Value::Bool(true))
}

/// The fields that every service takes. Who organises an event is nothing that an edit changes.
fn writable_fields(content: &EventContent) -> FieldSet {
    let own = FieldSet::ALL.without(Field::Organizer);
    content.extras.values().filter(|part| refuses(part)).fold(own, |fields, part| {
        let named: Vec<Field> =
            part.get(WRITABLE).and_then(|names| Deserialize::deserialize(names).ok()).unwrap_or_default();
        fields.intersection(named.into_iter().fold(FieldSet::NONE, FieldSet::with))
    })
}

/// Whether every service lets the event be taken out of the calendar.
fn is_deletable(content: &EventContent) -> bool {
    content.extras.values().all(|part| !refuses(part) || part.get(WRITABLE).is_some())
}

const fn part_of(provider: ProviderKind) -> &'static str {
    match provider {
        ProviderKind::Google => "google",
        ProviderKind::Notion => "notion",
        ProviderKind::Caldav => "caldav",
        ProviderKind::Ics => "ics",
    }
}

/// A calendar with what decides whether it takes edits.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) calendar: Calendar,
    pub(crate) links: Vec<Link>,
}

impl Home {
    /// Whether events can be made here: it is linked to nothing, or to something that takes edits.
    pub(crate) fn is_writable(&self) -> bool {
        self.links.is_empty() || self.links.iter().any(|link| link.direction.pushes())
    }

    /// Why an event of this calendar cannot be changed; none when it can.
    pub(crate) fn refusal(&self, content: &EventContent) -> Option<String> {
        self.refusal_of_calendar().or_else(|| is_read_only(content).then(|| self.refusal_of_event(content)))
    }

    /// Why the calendar takes no edits; none when it does.
    pub(crate) fn refusal_of_calendar(&self) -> Option<String> {
        (!self.is_writable()).then(|| {
            format!(
                "“{}” is only read. Make the change where it is kept, or use another calendar.",
                self.calendar.name
            )
        })
    }

    /// What may be done with an event of this calendar in particular.
    pub(crate) fn rights(&self, content: &EventContent) -> EventRights {
        let is_writable = self.is_writable();
        let fields = if is_writable { writable_fields(content) } else { FieldSet::NONE };
        EventRights {
            fields: fields.iter().collect(),
            deletable: is_writable && is_deletable(content),
            answerable: is_writable && is_invited(content),
        }
    }

    fn refusal_of_event(&self, content: &EventContent) -> String {
        let said = |name: &str| {
            let google = content.extras.get(part_of(ProviderKind::Google));
            google.and_then(|google| google.get(name)).and_then(Value::as_str)
        };
        match (&content.organizer, said("eventType")) {
            (_, Some("birthday")) => {
                "This birthday comes from Google. Only its title, colour and reminders can be changed, and its date where it is \
                 not a contact's.".into()
            }
            (_, Some("fromGmail")) => {
                "Gmail made this event from a mail. Only how it is shown can be changed.".into()
            }
            (_, Some("focusTime" | "outOfOffice" | "workingLocation")) => {
                "Google keeps this kind of event to itself. Change it in Google Calendar.".into()
            }
            (Some(organizer), _) if !organizer.is_self => {
                let name = if organizer.name.is_empty() { &organizer.email } else { &organizer.name };
                format!("Only {name}, who organises this event, can change it. Ask them.")
            }
            _ => "The service that keeps this event does not let it be changed.".into(),
        }
    }

    /// Refuses what cannot be changed at all.
    pub(crate) fn check(&self, contents: &[&EventContent]) -> Result<(), EngineError> {
        let refusal =
            contents.iter().find_map(|content| self.refusal(content)).or_else(|| self.refusal_of_calendar());
        refusal.map_or(Ok(()), |reason| Err(EngineError::ReadOnly { reason }))
    }

    /// Refuses a change of fields that are not the person's to change.
    pub(crate) fn check_change(
        &self,
        contents: &[&EventContent],
        changed: FieldSet,
    ) -> Result<(), EngineError> {
        let is_allowed = |content: &&EventContent| changed.difference(writable_fields(content)).is_empty();
        if self.is_writable() && contents.iter().all(is_allowed) { Ok(()) } else { self.check(contents) }
    }

    /// Refuses the deletion of what has to stay.
    pub(super) fn check_deletion(&self, contents: &[&EventContent]) -> Result<(), EngineError> {
        let is_allowed = |content: &&EventContent| is_deletable(content);
        if self.is_writable() && contents.iter().all(is_allowed) { Ok(()) } else { self.check(contents) }
    }

    /// Refuses an answer where there is no invitation, or nobody to tell.
    pub(super) fn check_answer(&self, content: &EventContent) -> Result<(), EngineError> {
        match self.refusal_of_calendar() {
            Some(reason) => Err(EngineError::ReadOnly { reason }),
            None if is_invited(content) => Ok(()),
            None => Err(EngineError::Unacceptable { reason: "You are not invited to this event.".into() }),
        }
    }
}

/// Whether the person is among the guests.
fn is_invited(content: &EventContent) -> bool {
    content.attendees.iter().any(|attendee| attendee.is_self)
}

/// Every calendar with its links.
pub(crate) fn homes(calendars: Vec<Calendar>, links: Vec<Link>) -> BTreeMap<synodic_model::CalendarId, Home> {
    let mut homes: BTreeMap<_, _> =
        calendars.into_iter().map(|calendar| (calendar.id, Home { calendar, links: Vec::new() })).collect();
    for link in links {
        if let Some(home) = homes.get_mut(&link.calendar_id) {
            home.links.push(link);
        }
    }
    homes
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use synodic_model::{Organizer, When};

    use super::*;

    fn content() -> EventContent {
        let start = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        EventContent::new("Talk", When::AllDay { start, end: start.succ_opt().unwrap() })
    }

    #[test]
    fn a_mark_comes_and_goes_without_a_trace() {
        let mut marked = content();
        mark_read_only(&mut marked, ProviderKind::Google, true);
        assert!(is_read_only(&marked));
        mark_read_only(&mut marked, ProviderKind::Google, false);
        assert_eq!(marked, content());
    }

    #[test]
    fn a_mark_leaves_the_rest_of_the_extras_alone() {
        let mut marked = content();
        let extras = json!({ "htmlLink": "https://calendar.example/1" });
        marked.extras.insert("google".into(), extras.clone());
        mark_read_only(&mut marked, ProviderKind::Google, true);
        mark_read_only(&mut marked, ProviderKind::Google, false);
        assert_eq!(marked.extras.get("google"), Some(&extras));
    }

    #[test]
    fn a_refusal_names_who_can_change_the_event() {
        let calendar = Calendar {
            id: synodic_model::CalendarId::new(uuid::Uuid::from_u128(1)),
            name: "Work".into(),
            color: "#336699".into(),
            time_zone: "UTC".into(),
            visible: true,
            position: 0,
            default_reminders: Vec::new(),
        };
        let home = Home { calendar, links: Vec::new() };
        let mut meeting = content();
        assert_eq!(home.refusal(&meeting), None);
        mark_read_only(&mut meeting, ProviderKind::Google, true);
        meeting.organizer =
            Some(Organizer { email: "ada@example.com".into(), name: String::new(), is_self: false });
        assert!(home.refusal(&meeting).unwrap().starts_with("Only ada@example.com"));
    }
}
