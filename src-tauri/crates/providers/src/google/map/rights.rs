//! What Google lets us change of an event that is not simply ours: its own kinds of events, locked copies, and meetings
//! that somebody else runs (API reference, `eventType`, `locked`, `organizer`; guide “Event types”).

use synodic_model::{Field, FieldSet};

use super::WRITABLE;
use crate::google::wire;

/// The fields of an event that Google takes from us; none when it is better left alone altogether.
pub(super) fn writable(item: &wire::Event) -> Option<FieldSet> {
    let of_kind = match item.event_type.as_deref() {
        None | Some("default") => WRITABLE,
        Some("fromGmail") => fields(&[
            Field::Color,
            Field::Reminders,
            Field::Visibility,
            Field::Transparency,
            Field::Status,
            Field::Attendees,
        ]),
        Some("birthday") if has_fixed_date(item) => BIRTHDAY,
        Some("birthday") => BIRTHDAY.with(Field::When),
        // Focus time, absences and working locations have rules of their own; and what Google adds tomorrow has others.
        Some(_) => return None,
    };
    let of_copy = if item.locked == Some(true) { WRITABLE.difference(LOCKED) } else { WRITABLE };
    let of_guest = if is_foreign(item) { fields(&[Field::Color, Field::Reminders]) } else { WRITABLE };
    Some(of_kind.intersection(of_copy).intersection(of_guest))
}

/// All that a birthday takes, besides its date; any other field makes Google refuse the whole write.
const BIRTHDAY: FieldSet = fields(&[Field::Title, Field::Color, Field::Reminders]);

/// Whether the date of a birthday is not for the calendar to change: it is a contact's, or the person's own.
fn has_fixed_date(item: &wire::Event) -> bool {
    item.birthday_properties
        .as_ref()
        .is_none_or(|birthday| birthday.contact.is_some() || birthday.kind.as_deref() != Some("birthday"))
}

/// What a locked copy takes from its organizer only.
const LOCKED: FieldSet =
    fields(&[Field::Title, Field::Description, Field::Location, Field::When, Field::Recurrence]);

/// Whether somebody else runs the event, so that edits of ours are lost or refused. A private copy belongs to its
/// calendar.
fn is_foreign(item: &wire::Event) -> bool {
    let may_edit = item.guests_can_modify == Some(true) || item.private_copy == Some(true);
    !may_edit && item.organizer.as_ref().is_some_and(|organizer| organizer.is_self != Some(true))
}

const fn fields(list: &[Field]) -> FieldSet {
    let mut fields = FieldSet::NONE;
    let mut rest = list;
    while let [field, others @ ..] = rest {
        fields = fields.with(*field);
        rest = others;
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(json: serde_json::Value) -> wire::Event {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn each_kind_of_event_takes_what_google_says() {
        let kind = |kind: &str| writable(&item(serde_json::json!({ "eventType": kind })));
        assert_eq!(kind("default"), Some(WRITABLE));
        assert_eq!(kind("birthday"), Some(BIRTHDAY));
        let birthday = |properties: serde_json::Value| {
            writable(&item(serde_json::json!({ "eventType": "birthday", "birthdayProperties": properties })))
        };
        let of_ones_own_making = birthday(serde_json::json!({ "type": "birthday" }));
        assert_eq!(of_ones_own_making, Some(BIRTHDAY.with(Field::When)));
        let contact = serde_json::json!({ "type": "birthday", "contact": "people/c1" });
        assert_eq!(birthday(contact), Some(BIRTHDAY));
        assert_eq!(birthday(serde_json::json!({ "type": "self" })), Some(BIRTHDAY));
        let from_gmail = kind("fromGmail").unwrap();
        assert!(from_gmail.contains(Field::Visibility) && !from_gmail.contains(Field::Title));
        for kind_of_its_own in ["focusTime", "outOfOffice", "workingLocation", "invented"] {
            assert_eq!(kind(kind_of_its_own), None);
        }
    }

    #[test]
    fn somebody_elses_meeting_takes_what_is_ones_own() {
        let theirs = serde_json::json!({ "organizer": { "email": "bob@example.org" } });
        assert_eq!(writable(&item(theirs.clone())), Some(fields(&[Field::Color, Field::Reminders])));
        let mut open = theirs;
        open["guestsCanModify"] = serde_json::json!(true);
        assert_eq!(writable(&item(open)), Some(WRITABLE));
    }

    #[test]
    fn a_locked_copy_keeps_what_is_said_and_when() {
        let fields = writable(&item(serde_json::json!({ "locked": true }))).unwrap();
        assert!(!fields.contains(Field::Title) && !fields.contains(Field::When));
        assert!(fields.contains(Field::Reminders));
    }
}
