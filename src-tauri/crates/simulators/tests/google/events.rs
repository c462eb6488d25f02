//! Single events: what comes back, ids, patches, updates, deletion, moving, importing.

use std::time::Duration;

use serde_json::{Value, json};
use synodic_simulators::google::{GoogleOptions, NewCalendar};

use crate::bench::{ADA, Bench, path, timed, with};

#[tokio::test]
async fn an_event_comes_back_whole_and_without_defaults() {
    let bench = Bench::new();
    let sent = with(
        timed("Tea", 5, 9),
        json!({ "transparency": "opaque", "visibility": "default", "guestsCanModify": false, "status": "confirmed",
                "htmlLink": "https://example.com", "created": "1999-01-01T00:00:00Z", "unknown": 1 }),
    );
    let event = bench.insert(sent).await;
    let id = event["id"].as_str().unwrap();
    assert_eq!(id.len(), 26);
    assert!(id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v')));
    assert_eq!(event["iCalUID"], format!("{id}@google.com"));
    assert_eq!(
        event["start"],
        json!({ "dateTime": "2026-05-05T09:00:00+02:00", "timeZone": "Europe/Paris" })
    );
    assert_eq!(event["status"], "confirmed");
    assert_eq!(event["reminders"], json!({ "useDefault": true }));
    assert_eq!(event["organizer"], json!({ "email": ADA, "self": true }));
    assert_eq!(event["created"], "2026-05-04T08:00:00.000Z");
    assert!(event["etag"].as_str().unwrap().starts_with('"'));
    for absent in ["transparency", "visibility", "guestsCanModify", "unknown", "recurrence"] {
        assert!(event.get(absent).is_none(), "{absent}");
    }
    assert_eq!(bench.event(&event["id"]).await.ok(), event);
}

#[tokio::test]
async fn ids_are_checked_and_unique_for_ever() {
    let bench = Bench::new();
    let insert =
        |id: &str| bench.post("/calendars/primary/events", with(timed("x", 5, 9), json!({ "id": id })));
    for id in ["abcd", "has-hyphen", "UPPER", "wxyz0", &"a".repeat(1025)] {
        insert(id).await.refused(400, "invalid");
    }
    insert("mine0id").await.ok();
    insert("mine0id").await.refused(409, "duplicate");
    assert_eq!(bench.delete(&json!("mine0id")).await.status, 204);
    insert("mine0id").await.refused(409, "duplicate");
    let both = with(timed("x", 5, 9), json!({ "id": "other0id", "iCalUID": "uid@example.com" }));
    bench.post("/calendars/primary/events", both).await.refused(400, "invalid");
}

#[tokio::test]
async fn a_patch_keeps_clears_and_changes_the_etag() {
    let bench = Bench::new();
    let event = bench.insert(with(timed("Tea", 5, 9), json!({ "location": "Here", "colorId": "3" }))).await;
    bench.clock.advance(Duration::from_secs(60));
    let patched = bench.patch(&event["id"], json!({ "summary": "Coffee", "location": null })).await.ok();
    assert_eq!(patched["summary"], "Coffee");
    assert_eq!(patched["colorId"], "3");
    assert!(patched.get("location").is_none());
    assert_ne!(patched["etag"], event["etag"]);
    assert_eq!(patched["updated"], "2026-05-04T08:01:00.000Z");
    assert_eq!(patched["created"], event["created"]);
}

#[tokio::test]
async fn reminders_alone_do_not_move_updated_and_no_change_changes_nothing() {
    let bench = Bench::new();
    let event = bench.insert(timed("Tea", 5, 9)).await;
    bench.clock.advance(Duration::from_secs(60));
    let reminders =
        json!({ "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 5 }] } });
    let patched = bench.patch(&event["id"], reminders.clone()).await.ok();
    assert_eq!(patched["updated"], event["updated"]);
    assert_ne!(patched["etag"], event["etag"]);
    assert_eq!(bench.patch(&event["id"], reminders).await.ok(), patched);
}

#[tokio::test]
async fn an_update_replaces_everything_but_minds_the_sequence() {
    let bench = Bench::new();
    let event = bench.insert(with(timed("Tea", 5, 9), json!({ "description": "gone soon" }))).await;
    let moved = bench.put(&event["id"], timed("Tea", 6, 9)).await.ok();
    assert!(moved.get("description").is_none());
    assert_eq!(moved["sequence"], 1, "a new time is a new sequence");
    let stale = with(timed("Tea", 7, 9), json!({ "sequence": 0 }));
    bench.put(&event["id"], stale).await.refused(400, "invalid");
    bench.put(&event["id"], json!({ "summary": "no times" })).await.refused(400, "required");
}

#[tokio::test]
async fn deletion_leaves_a_tombstone_that_can_be_raised_and_decays() {
    let mut bench = Bench::new();
    let event = bench.insert(timed("Tea", 5, 9)).await;
    let deleted = bench.delete(&event["id"]).await;
    assert_eq!((deleted.status, &deleted.body), (204, &json!("")));
    assert_eq!(bench.event(&event["id"]).await.ok()["status"], "cancelled");
    bench.delete(&event["id"]).await.refused(410, "deleted");
    bench.patch(&event["id"], json!({ "summary": "x" })).await.refused(410, "deleted");
    let raised = bench.patch(&event["id"], json!({ "status": "confirmed" })).await.ok();
    assert_eq!((&raised["status"], &raised["summary"]), (&json!("confirmed"), &json!("Tea")));
    bench.patch(&event["id"], json!({ "status": "cancelled" })).await.ok();
    bench.later(GoogleOptions::default().tombstone_lifetime + Duration::from_secs(1));
    bench.event(&event["id"]).await.refused(404, "notFound");
    bench.delete(&event["id"]).await.refused(404, "notFound");
    let id = event["id"].as_str().unwrap();
    bench.insert(with(timed("Tea", 5, 9), json!({ "id": id }))).await;
}

#[tokio::test]
async fn the_wrong_times_are_refused() {
    let bench = Bench::new();
    let insert = |event: Value| bench.post("/calendars/primary/events", event);
    insert(json!({ "summary": "x" })).await.refused(400, "required");
    let mut backwards = timed("x", 5, 9);
    backwards["end"]["dateTime"] = json!("2026-05-05T08:00:00");
    insert(backwards).await.refused(400, "timeRangeEmpty");
    let mut mixed = timed("x", 5, 9);
    mixed["end"] = json!({ "date": "2026-05-06" });
    insert(mixed).await.refused(400, "invalid");
    let utc = |hour: u32| json!({ "dateTime": format!("2026-05-05T{hour:02}:00:00Z") });
    let zoneless = json!({ "start": utc(9), "end": utc(10), "recurrence": ["RRULE:FREQ=DAILY"] });
    insert(zoneless).await.refused(400, "required");
}

#[tokio::test]
async fn moving_leaves_a_stub_and_changes_the_organizer() {
    let bench = Bench::new();
    let other =
        bench.control.add_calendar(ADA, NewCalendar { summary: "Other".into(), ..NewCalendar::default() });
    let event = bench.insert(timed("Tea", 5, 9)).await;
    let target = format!("{}/move?destination={other}", path(&event["id"]));
    let moved = bench.post(&target, json!({})).await.ok();
    assert_eq!(moved["id"], event["id"]);
    assert_eq!(moved["organizer"], json!({ "email": other, "displayName": "Other", "self": true }));
    let stub = bench.event(&event["id"]).await.ok();
    assert_eq!(stub["status"], "cancelled");
    assert!(stub.get("summary").is_none(), "a stub is not the organizer's any more: {stub}");
    assert_eq!(bench.control.events(&other).len(), 1);
    bench.post(&target, json!({})).await.refused(410, "deleted");
}

#[tokio::test]
async fn importing_again_updates_the_copy() {
    let bench = Bench::new();
    let import = |summary: &str, uid: &str| {
        let body = with(
            timed(summary, 5, 9),
            json!({ "iCalUID": uid, "organizer": { "email": "bob@example.com" } }),
        );
        bench.post("/calendars/primary/events/import", body)
    };
    let once = import("One", "uid@example.com").await.ok();
    assert_eq!(
        (&once["privateCopy"], &once["organizer"]["email"]),
        (&json!(true), &json!("bob@example.com"))
    );
    let twice = import("Two", "uid@example.com").await.ok();
    assert_eq!((&twice["id"], &twice["summary"]), (&once["id"], &json!("Two")));
    import("Three", "").await.refused(400, "required");
}

#[tokio::test]
async fn mails_that_would_be_sent_are_in_the_outbox() {
    let bench = Bench::new();
    let guests = json!({ "attendees": [{ "email": ADA }, { "email": "bob@example.com" }] });
    let quiet = bench.insert(with(timed("Tea", 5, 9), guests.clone())).await;
    bench.patch(&quiet["id"], json!({ "summary": "Coffee" })).await.ok();
    assert_eq!(bench.control.outbox(), Vec::<Value>::new(), "nobody is told unless that is asked for");
    let loud =
        bench.post("/calendars/primary/events?sendUpdates=all", with(timed("Tea", 5, 9), guests)).await.ok();
    bench.send("DELETE", &format!("{}?sendUpdates=all", path(&loud["id"])), None, &[]).await.ok();
    let kinds = bench.control.outbox().iter().map(|mail| mail["kind"].clone()).collect::<Vec<_>>();
    assert_eq!(kinds, [json!("invitation"), json!("cancellation")]);
    assert_eq!(bench.control.outbox()[0]["to"], json!(["bob@example.com"]));
    bench
        .post("/calendars/primary/events?sendUpdates=some", timed("x", 5, 9))
        .await
        .refused(400, "invalidParameter");
}

#[tokio::test]
async fn a_conference_is_made_once_and_only_for_those_who_know_of_it() {
    let bench = Bench::new();
    let request = json!({ "conferenceData": { "createRequest": { "requestId": "one" } } });
    let without = bench.insert(with(timed("Tea", 5, 9), request.clone())).await;
    assert!(without.get("conferenceData").is_none());
    let target = format!("{}?conferenceDataVersion=1", path(&without["id"]));
    let made = bench.send("PATCH", &target, Some(request.clone()), &[]).await.ok();
    assert!(made["hangoutLink"].as_str().unwrap().starts_with("https://meet.google.com/"));
    let again = bench.send("PATCH", &target, Some(request), &[]).await.ok();
    assert_eq!(again["hangoutLink"], made["hangoutLink"]);
    let kept = bench.put(&without["id"], timed("Tea", 5, 9)).await.ok();
    assert_eq!(kept["hangoutLink"], made["hangoutLink"], "a writer who does not know of it cannot remove it");
}

#[tokio::test]
async fn a_short_list_of_guests_says_so_and_does_not_remove_the_others() {
    let bench = Bench::new();
    let guests = json!({ "attendees": [{ "email": "bob@example.com" }, { "email": ADA }, { "email": "cy@example.com" }] });
    let event = bench.insert(with(timed("Tea", 5, 9), guests)).await;
    let short = bench.get(&format!("{}?maxAttendees=1", path(&event["id"]))).await.ok();
    assert_eq!(short["attendeesOmitted"], true);
    assert_eq!(short["attendees"][0]["self"], true);
    let answer =
        json!({ "attendeesOmitted": true, "attendees": [{ "email": ADA, "responseStatus": "accepted" }] });
    let answered = bench.patch(&event["id"], answer).await.ok();
    assert_eq!(answered["attendees"].as_array().unwrap().len(), 3);
    assert!(answered["attendees"].to_string().contains("accepted"));
}
