//! What is stored of a content, and what a view reads of that, against the whole.

use proptest::prelude::*;
use serde_json::json;
use synodic_model::arbitrary::event_content;
use synodic_model::{Attendee, ContentGlimpse, EventContent, ResponseStatus, StoredContent};

use super::support::{BERLIN, hour_from};

fn plain() -> EventContent {
    EventContent::new("Talk", hour_from("2026-11-02T09:00", BERLIN))
}

/// Reads what `content` is stored as.
fn glimpse(content: &EventContent) -> ContentGlimpse {
    serde_json::from_str(&serde_json::to_string(content).unwrap()).unwrap()
}

fn guest(email: &str, is_self: bool, response: ResponseStatus) -> Attendee {
    let (name, optional, resource) = (String::new(), false, false);
    Attendee { email: email.to_owned(), name, optional, resource, response, is_self }
}

proptest! {
    #[test]
    fn a_glimpse_is_a_part_of_the_whole(content in event_content()) {
        prop_assert_eq!(glimpse(&content), ContentGlimpse::from(&content));
    }

    #[test]
    fn what_is_stored_is_the_whole(content in event_content()) {
        let stored = serde_json::to_string(&StoredContent::from(&content)).unwrap();
        let whole = serde_json::to_string(&content).unwrap();
        prop_assert!(stored.len() < whole.len(), "{}", stored);
        prop_assert_eq!(&serde_json::from_str::<EventContent>(&stored).unwrap(), &content);
        prop_assert_eq!(&serde_json::from_str::<EventContent>(&whole).unwrap(), &content);
        let glimpsed: ContentGlimpse = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(glimpsed, ContentGlimpse::from(&content));
    }
}

#[test]
fn a_plain_event_is_stored_in_a_few_words() {
    let stored = serde_json::to_value(StoredContent::from(&plain())).unwrap();
    assert_eq!(stored, json!({ "title": "Talk", "when": plain().when }));
}

#[test]
fn what_the_store_leaves_out_is_as_in_the_whole() {
    let whole = serde_json::to_value(plain()).unwrap();
    let least = json!({ "title": "Talk", "when": whole["when"] });
    let content: EventContent = serde_json::from_value(least.clone()).unwrap();
    let glimpse: ContentGlimpse = serde_json::from_value(least).unwrap();
    assert_eq!(glimpse, ContentGlimpse::from(&content));
    assert_eq!(content, plain());
}

#[test]
fn the_own_answer_is_found_among_many() {
    let mut meeting = plain();
    assert!(!glimpse(&meeting).attendees.are_there);
    meeting.attendees = vec![guest("ada@example.org", false, ResponseStatus::Accepted)];
    assert!(glimpse(&meeting).attendees.are_there);
    assert_eq!(glimpse(&meeting).attendees.own_response, None);
    meeting.attendees.push(guest("me@example.org", true, ResponseStatus::Declined));
    meeting.attendees.push(guest("we@example.org", true, ResponseStatus::Tentative));
    assert_eq!(glimpse(&meeting).attendees.own_response, Some(ResponseStatus::Declined));
    assert_eq!(glimpse(&meeting), ContentGlimpse::from(&meeting));
}

#[test]
fn a_mark_is_found_in_whatever_services_say() {
    for (extras, expected) in [
        (json!({}), false),
        (json!({ "google": { "readOnly": true } }), true),
        (json!({ "google": { "etag": "1", "nested": { "readOnly": true } } }), false),
        (
            json!({ "google": { "readOnly": false }, "notion": { "a": [1], "readOnly": true, "b": null } }),
            true,
        ),
        (json!({ "google": { "readOnly": { "reason": true } } }), false),
        (json!({ "google": { "readOnly": "true" } }), false),
        (
            json!({ "a": null, "b": true, "c": -1, "d": 1, "e": 0.5, "f": "readOnly", "g": [{ "readOnly": true }] }),
            false,
        ),
    ] {
        let mut content = plain();
        content.extras = serde_json::from_value(extras.clone()).unwrap();
        assert_eq!(glimpse(&content).extras.read_only, expected, "{extras}");
        assert_eq!(glimpse(&content), ContentGlimpse::from(&content), "{extras}");
    }
}
