//! Guests and organizers.
//!
//! Google replaces `attendees` as a whole, so what we do not know of a guest (a comment, accompanying guests) would
//! be lost; [`over_existing`] puts our list over the one that is there. Guests of a meeting that somebody else runs
//! are never written, for their invitations are not ours to send; but for our own answer, which is put into the list that
//! is there ([`answered`]).

use serde_json::{Value, json};
use synodic_model::{Attendee, EventContent, Organizer, ResponseStatus};

use super::Body;
use crate::google::wire;

pub(super) fn read_attendees(event: &wire::Event, warnings: &mut Vec<String>) -> Vec<Attendee> {
    let guests = event.attendees.as_deref().unwrap_or_default();
    let mut read: Vec<_> = guests.iter().filter_map(|guest| read_attendee(guest, warnings)).collect();
    read.sort_by(|left, right| left.email.cmp(&right.email));
    read.dedup_by(|later, earlier| later.email == earlier.email);
    read
}

fn read_attendee(guest: &wire::Attendee, warnings: &mut Vec<String>) -> Option<Attendee> {
    let Some(email) = address(guest.email.as_ref()) else {
        warnings.push("a guest without an address cannot be shown".to_owned());
        return None;
    };
    Some(Attendee {
        email,
        name: guest.display_name.clone().unwrap_or_default(),
        optional: guest.optional.unwrap_or_default(),
        resource: guest.resource.unwrap_or_default(),
        response: read_response(guest.response_status.as_deref(), warnings),
        is_self: guest.is_self.unwrap_or_default(),
    })
}

fn read_response(word: Option<&str>, warnings: &mut Vec<String>) -> ResponseStatus {
    match word {
        None | Some("needsAction") => ResponseStatus::NeedsAction,
        Some("accepted") => ResponseStatus::Accepted,
        Some("tentative") => ResponseStatus::Tentative,
        Some("declined") => ResponseStatus::Declined,
        Some(other) => {
            warnings.push(format!("the answer “{other}” of a guest is not known"));
            ResponseStatus::NeedsAction
        }
    }
}

/// Google names an organizer for every event; RFC 5545 §3.8.4.3 has one only where people are invited.
pub(super) fn read_organizer(event: &wire::Event) -> Option<Organizer> {
    let organizer = event.organizer.as_ref()?;
    let is_self = organizer.is_self.unwrap_or_default();
    let invites = event.attendees.as_ref().is_some_and(|guests| !guests.is_empty());
    let email = address(organizer.email.as_ref())?;
    (invites || !is_self).then(|| Organizer {
        email,
        name: organizer.display_name.clone().unwrap_or_default(),
        is_self,
    })
}

fn address(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty())
}

/// Whether somebody else runs the event.
pub(in crate::google) fn is_foreign(content: &EventContent) -> bool {
    content.organizer.as_ref().is_some_and(|organizer| !organizer.is_self)
}

pub(super) fn write_attendees(content: &EventContent, body: &mut Body) {
    if is_foreign(content) {
        return;
    }
    let guests: Vec<_> = content.attendees.iter().map(write_attendee).collect();
    body.set("attendees", if guests.is_empty() { Value::Null } else { Value::Array(guests) });
}

/// The guests that are there with our own answer among them; none when we are not invited, or have answered so already.
/// Of a list that Google has cut short only our own entry is returned, for the others would count as uninvited
/// (API reference, `attendeesOmitted`).
pub(in crate::google) fn answered(content: &EventContent, existing: &Value, is_cut: bool) -> Option<Value> {
    let own = content.attendees.iter().find(|attendee| attendee.is_self)?;
    let response = response_word(own.response);
    let mut guests = existing.as_array().cloned()?;
    let entry = guests.iter_mut().find(|guest| guest["self"] == true)?;
    if entry["responseStatus"] == response {
        return None;
    }
    entry["responseStatus"] = json!(response);
    if is_cut {
        guests.retain(|guest| guest["self"] == true);
    }
    Some(Value::Array(guests))
}

fn response_word(response: ResponseStatus) -> &'static str {
    match response {
        ResponseStatus::NeedsAction => "needsAction",
        ResponseStatus::Accepted => "accepted",
        ResponseStatus::Tentative => "tentative",
        ResponseStatus::Declined => "declined",
    }
}

fn write_attendee(attendee: &Attendee) -> Value {
    let response = response_word(attendee.response);
    let mut guest = json!({ "email": attendee.email.to_lowercase(), "responseStatus": response });
    if let Value::Object(fields) = &mut guest {
        if !attendee.name.is_empty() {
            fields.insert("displayName".to_owned(), json!(attendee.name));
        }
        for (field, value) in [("optional", attendee.optional), ("resource", attendee.resource)] {
            if value {
                fields.insert(field.to_owned(), json!(true));
            }
        }
    }
    guest
}

/// The fields of a guest that [`write_attendee`] speaks for; of an existing guest all others are kept.
const OWN_FIELDS: [&str; 5] = ["email", "responseStatus", "displayName", "optional", "resource"];

/// Puts the guests that we want over those that are there: who stays keeps what we do not know of them, and guests
/// without an address, whom we cannot name, stay as they are.
pub(in crate::google) fn over_existing(desired: &Value, existing: &Value) -> Value {
    let existing = existing.as_array().map(Vec::as_slice).unwrap_or_default();
    let desired = desired.as_array().map(Vec::as_slice).unwrap_or_default();
    let nameless = existing.iter().filter(|guest| email_of(guest).is_none()).cloned();
    let named = desired.iter().map(|guest| {
        let known = existing.iter().find(|known| email_of(known) == email_of(guest));
        known.map_or_else(|| guest.clone(), |known| over_one(guest, known))
    });
    Value::Array(nameless.chain(named).collect())
}

fn over_one(desired: &Value, existing: &Value) -> Value {
    let mut merged = existing.as_object().cloned().unwrap_or_default();
    merged.retain(|field, _| !OWN_FIELDS.contains(&field.as_str()));
    merged.extend(desired.as_object().cloned().unwrap_or_default());
    Value::Object(merged)
}

fn email_of(guest: &Value) -> Option<String> {
    guest.get("email").and_then(Value::as_str).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_changes_one_word_of_the_list() {
        let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let when = synodic_model::When::AllDay { start: day(2), end: day(3) };
        let own = Attendee {
            email: "ada@example.org".into(),
            name: String::new(),
            optional: false,
            resource: false,
            response: ResponseStatus::Accepted,
            is_self: true,
        };
        let content = EventContent { attendees: vec![own], ..EventContent::new("Talk", when) };
        let ada = json!({ "email": "Ada@example.org", "self": true, "responseStatus": "needsAction", "comment": "?" });
        let bob = json!({ "email": "bob@example.org", "additionalGuests": 2 });
        let mut yes = ada.clone();
        yes["responseStatus"] = json!("accepted");
        let existing = json!([bob, ada]);
        assert_eq!(answered(&content, &existing, false), Some(json!([bob, yes])));
        assert_eq!(answered(&content, &existing, true), Some(json!([yes])));
        assert_eq!(answered(&content, &json!([bob, yes]), false), None, "it is said already");
        assert_eq!(answered(&content, &json!([bob]), false), None, "nobody asked");
        assert_eq!(answered(&content, &Value::Null, false), None);
    }

    #[test]
    fn what_we_do_not_know_of_a_guest_stays() {
        let existing = json!([
            { "email": "Ada@example.org", "comment": "by train", "additionalGuests": 2, "optional": true },
            { "id": "113", "displayName": "Somebody" },
            { "email": "gone@example.org", "comment": "bye" },
        ]);
        let desired = json!([
            { "email": "ada@example.org", "responseStatus": "accepted" },
            { "email": "new@example.org", "responseStatus": "needsAction" },
        ]);
        let expected = json!([
            { "id": "113", "displayName": "Somebody" },
            { "comment": "by train", "additionalGuests": 2, "email": "ada@example.org", "responseStatus": "accepted" },
            { "email": "new@example.org", "responseStatus": "needsAction" },
        ]);
        assert_eq!(over_existing(&desired, &existing), expected);
    }
}
