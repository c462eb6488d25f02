//! Events that cannot be written to freely: special types and invitations.

use serde_json::{Value, json};

use crate::bench::{ADA, Bench, path, timed, with};

fn invitation() -> Value {
    with(
        timed("Theirs", 5, 9),
        json!({
            "organizer": { "email": "bob@example.com" },
            "attendees": [{ "email": "bob@example.com", "responseStatus": "accepted" }, { "email": ADA }],
            "extendedProperties": { "shared": { "room": "1" } },
        }),
    )
}

#[tokio::test]
async fn a_guest_can_answer_and_keep_notes_and_nothing_else() {
    let bench = Bench::new();
    let event = bench.control.put_event(ADA, invitation());
    let edit = json!({
        "summary": "Mine now",
        "colorId": "4",
        "attendees": [{ "email": ADA, "responseStatus": "accepted" }],
        "extendedProperties": { "private": { "mark": "1" } },
    });
    let after = bench.patch(&event["id"], edit).await.ok();
    assert_eq!((&after["summary"], &after["colorId"]), (&json!("Theirs"), &json!("4")));
    assert_eq!(after["attendees"].as_array().unwrap().len(), 2);
    assert_eq!(after["attendees"][1]["responseStatus"], "accepted");
    assert_eq!(after["extendedProperties"]["private"]["mark"], "1");
    let shared = json!({ "extendedProperties": { "shared": { "room": "2" } } });
    bench.patch(&event["id"], shared).await.refused(403, "forbiddenForNonOrganizer");
    let target = format!("{}/move?destination={ADA}", path(&event["id"]));
    bench.post(&target, json!({})).await.refused(403, "forbiddenForNonOrganizer");
}

#[tokio::test]
async fn a_guest_who_may_modify_can() {
    let bench = Bench::new();
    let event = bench.control.put_event(ADA, with(invitation(), json!({ "guestsCanModify": true })));
    let after = bench.patch(&event["id"], json!({ "summary": "Ours" })).await.ok();
    assert_eq!(after["summary"], "Ours");
}

#[tokio::test]
async fn special_types_are_refused_on_creation() {
    let bench = Bench::new();
    for kind in ["fromGmail", "focusTime", "outOfOffice", "workingLocation"] {
        let event = with(timed("x", 5, 9), json!({ "eventType": kind }));
        bench.post("/calendars/primary/events", event).await.refused(400, "eventTypeRestriction");
    }
    let event = with(timed("x", 5, 9), json!({ "eventType": "birthday" }));
    bench.post("/calendars/primary/events", event).await.refused(400, "eventTypeRestriction");
}

#[tokio::test]
async fn a_proper_birthday_can_be_made_and_changed_a_little() {
    let bench = Bench::new();
    let event = bench
        .insert(json!({
            "summary": "Mara", "eventType": "birthday", "visibility": "private", "transparency": "transparent",
            "start": { "date": "2026-05-07" }, "end": { "date": "2026-05-08" }, "recurrence": ["RRULE:FREQ=YEARLY"],
        }))
        .await;
    bench.patch(&event["id"], json!({ "summary": "Mara L." })).await.ok();
    bench.patch(&event["id"], json!({ "location": "Home" })).await.refused(400, "eventTypeRestriction");
    bench.patch(&event["id"], json!({ "eventType": "default" })).await.refused(400, "eventTypeRestriction");
    assert_eq!(bench.delete(&event["id"]).await.status, 204);
}

#[tokio::test]
async fn an_event_from_a_mail_takes_a_colour_but_no_title() {
    let bench = Bench::new();
    let event =
        bench.control.put_event(ADA, with(timed("Booking", 5, 9), json!({ "eventType": "fromGmail" })));
    bench.patch(&event["id"], json!({ "colorId": "4" })).await.ok();
    bench.patch(&event["id"], json!({ "summary": "x" })).await.refused(400, "eventTypeRestriction");
    let omitted = timed("Booking", 5, 9);
    bench.put(&event["id"], omitted).await.refused(400, "eventTypeRestriction");
    let target = format!("{}/move?destination={ADA}", path(&event["id"]));
    bench.post(&target, json!({})).await.refused(400, "eventTypeRestriction");
}
