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
async fn an_organisation_knows_who_is_where_and_in_its_primary_calendar_only() {
    let bench = Bench::new();
    bench.control.set_workspace(ADA, true);
    let focus = bench.insert(with(timed("Quiet", 5, 9), json!({ "eventType": "focusTime" }))).await;
    let after = bench.patch(&focus["id"], json!({ "summary": "Quieter" })).await.ok();
    assert_eq!((&after["summary"], &after["eventType"]), (&json!("Quieter"), &json!("focusTime")));
    let as_default = with(timed("x", 5, 9), json!({ "sequence": after["sequence"] }));
    bench.put(&focus["id"], as_default).await.refused(400, "eventTypeRestriction");
    let (home, office) = (json!({ "type": "homeOffice" }), json!({ "type": "officeLocation" }));
    let place = |properties: &Value| {
        json!({
            "eventType": "workingLocation", "visibility": "public", "transparency": "transparent",
            "workingLocationProperties": properties,
            "start": { "date": "2026-05-05" }, "end": { "date": "2026-05-06" },
        })
    };
    let at_home = bench.insert(place(&home)).await;
    bench.patch(&at_home["id"], json!({ "workingLocationProperties": office })).await.ok();
    let secret = json!({ "visibility": "private" });
    bench.patch(&at_home["id"], secret).await.refused(400, "eventTypeRestriction");
    bench.post("/calendars/primary/events", place(&json!({}))).await.refused(400, "eventTypeRestriction");
    let away = json!({ "eventType": "outOfOffice", "start": { "date": "2026-05-05" }, "end": { "date": "2026-05-06" } });
    bench.post("/calendars/primary/events", away).await.refused(400, "eventTypeRestriction");
    let club = bench.post("/calendars", json!({ "summary": "Club" })).await.ok();
    let elsewhere = format!("/calendars/{}/events", club["id"].as_str().unwrap());
    bench.post(&elsewhere, place(&home)).await.refused(400, "eventTypeRestriction");
    let target = format!("{}/move?destination={}", path(&focus["id"]), club["id"].as_str().unwrap());
    bench.post(&target, json!({})).await.refused(400, "eventTypeRestriction");
    bench.delete(&focus["id"]).await.ok();
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
