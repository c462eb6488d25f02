//! What no calendar should hold, and some do: none of it keeps anything else from arriving.

use serde_json::{Value, json};
use synodic_engine::snapshot::SyncState;
use synodic_model::sync::SyncDirection;
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::{GoogleOptions, NewCalendar};
use synodic_tests::world::{ADA, Setting, World, meeting};

/// A time of a November day at Google.
fn at(day: u32, hour: u32) -> Value {
    json!({ "dateTime": format!("2026-11-{day:02}T{hour:02}:00:00+01:00"), "timeZone": "Europe/Berlin" })
}

/// An event of an hour, as Google lists it, with further fields.
fn item(title: &str, more: Value) -> Value {
    let mut item = json!({
        "kind": "calendar#event", "etag": "\"1\"", "id": title.to_lowercase(), "status": "confirmed",
        "summary": title, "start": at(5, 9), "end": at(5, 10),
    });
    if let (Some(item), Value::Object(more)) = (item.as_object_mut(), more) {
        item.extend(more);
    }
    item
}

/// How many items the account says could not be read, after it was counted anew.
fn unreadable(world: &World) -> u32 {
    world.engine.snapshot().integrations[0].unreadable
}

#[tokio::test]
async fn odd_events_are_read_as_far_as_they_can_be_and_nothing_is_written_back() {
    let google = GoogleOptions { time_zone: chrono_tz::Europe::Berlin, ..GoogleOptions::default() };
    let world = World::with(Setting { google, ..Setting::default() }).await;
    world.phone_adds("Before", 3);
    let html = format!("<p onclick=\"alert(1)\">{}</p>", "<b>Bold</b> & more. ".repeat(400));
    assert!(html.len() > 8000);
    let guests: Vec<_> = (0..200).map(|n| json!({ "email": format!("guest{n}@example.com") })).collect();
    let nonsense =
        json!({ "status": "maybe", "transparency": "foggy", "visibility": "cloaked", "eventType": "seance" });
    let invented = json!({ "holograms": [{ "density": 3 }], "reminders": { "overrides": [{ "method": "owl", "minutes": -1 }] } });
    let days = |start: &str, end: &str| json!({ "start": { "date": start }, "end": { "date": end } });
    for odd in [
        item("Untitled", json!({ "summary": null })),
        item("Endless", json!({ "end": null })),
        item("Instant", json!({ "end": at(5, 9) })),
        item(
            "Martian",
            json!({ "start": { "dateTime": "2026-11-05T09:00:00+01:00", "timeZone": "Mars/Base" } }),
        ),
        item("Wordy", json!({ "description": html })),
        item("Crowded", json!({ "attendees": guests })),
        item("Nonsense", nonsense),
        item("Invented", invented),
        item("Ancient", days("0001-01-01", "0001-01-02")),
        item("Final", days("9999-12-30", "9999-12-31")),
        item("Backwards", json!({ "end": at(5, 8) })),
    ] {
        let id = odd["id"].as_str().unwrap().to_owned();
        world.google.put_oddity(ADA, &id, odd);
    }
    world.phone_adds("After", 7);
    let account = world.connect().await;
    world.link(None, account, ADA, SyncDirection::Bidirectional).await;
    world.google.clear_requests();
    let there = world.google.all_events(ADA);
    let report = world.pass().await;

    assert_eq!(report.links[0].error, None);
    assert_eq!((report.links[0].created, report.links[0].unreadable), (13, 0));
    let titles = world.titles().await;
    for title in [
        "",
        "After",
        "Before",
        "Backwards",
        "Crowded",
        "Endless",
        "Instant",
        "Invented",
        "Martian",
        "Nonsense",
        "Wordy",
    ] {
        assert!(titles.iter().any(|shown| shown == title), "{title:?} is not in {titles:?}");
    }
    assert_eq!(world.find("Crowded").await.content.attendees.len(), 200);
    assert_eq!(world.find("Martian").await.content.when, meeting("", 5).when);

    let report = world.pass().await;
    assert_eq!((report.links[0].created, report.links[0].updated, report.pushed), (0, 0, 0));
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        assert_eq!(world.requests(method), 0, "{method}");
    }
    assert_eq!(world.google.all_events(ADA), there);
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_until_it_can_and_left_alone() {
    let mut world = World::new().await;
    world.phone_adds("Before", 3);
    for (id, odd) in [
        ("unstarted", json!({ "id": "unstarted", "summary": "When?", "end": at(5, 9) })),
        ("numeric", item("Numeric", json!({ "id": "numeric", "start": 7 }))),
        ("mixed", item("Mixed", json!({ "end": { "date": "2026-11-06" } }))),
        ("nameless", json!({ "summary": "Who?", "start": at(5, 9), "end": at(5, 10) })),
    ] {
        world.google.put_oddity(ADA, id, odd);
    }
    world.google.put_oddity(ADA, "noise", json!("noise"));
    world.phone_adds("After", 7);
    let account = world.connect().await;
    world.link(None, account, ADA, SyncDirection::Bidirectional).await;
    world.google.clear_requests();
    let there = world.google.all_events(ADA);
    let report = world.pass().await;
    assert_eq!(report.links[0].error, None);
    assert_eq!((report.links[0].created, report.links[0].unreadable), (2, 5));
    assert_eq!(world.titles().await, ["After", "Before"]);
    // The two without an id cannot be told apart.
    assert_eq!(unreadable(&world), 4);
    let account = &world.engine.snapshot().integrations[0];
    assert_eq!(account.state, SyncState::Synced);
    assert!(account.message.as_ref().unwrap().contains("4 events could not be read"), "{account:?}");

    // It is known after a restart, and when nothing has changed.
    world.restart().await;
    world.pass().await;
    assert_eq!(unreadable(&world), 4);
    assert!(["POST", "PUT", "PATCH", "DELETE"].iter().all(|method| world.requests(method) == 0));
    assert_eq!(world.google.all_events(ADA), there);

    // One is mended, one deleted, and one has gone without a word when everything is listed anew.
    let mut mended = item("Mended", json!({}));
    mended["id"] = json!("numeric");
    world.google.put_event(ADA, mended);
    world.google.delete_event(ADA, "mixed");
    world.pass().await;
    assert_eq!(world.titles().await, ["After", "Before", "Mended"]);
    assert_eq!(unreadable(&world), 2);
    world.google.put_oddity(ADA, "unstarted", item("Started", json!({ "id": "started" })));
    world.google.expire_sync_tokens();
    world.pass().await;
    assert_eq!(unreadable(&world), 1);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_any_more_is_not_gone() {
    let world = World::new().await;
    world.linked().await;
    let id = world.phone_adds("Known", 3);
    world.pass().await;
    world.google.put_oddity(ADA, &id, json!({ "id": id, "start": "soon" }));
    world.pass().await;
    assert_eq!((world.titles().await, unreadable(&world)), (vec!["Known".to_owned()], 1));
    world.google.expire_sync_tokens();
    world.pass().await;
    assert_eq!((world.titles().await, unreadable(&world)), (vec!["Known".to_owned()], 1));
    world.phone_changes(&id, json!({ "summary": "Known again" }));
    world.pass().await;
    assert_eq!((world.titles().await, unreadable(&world)), (vec!["Known again".to_owned()], 0));
}

#[tokio::test]
async fn an_override_waits_for_its_unreadable_series_and_keeps_nobody_waiting() {
    let world = World::new().await;
    let daily = json!({ "summary": "Daily", "start": at(10, 9), "end": at(10, 10), "recurrence": ["RRULE:FREQ=DAILY;COUNT=2"] });
    let series = world.google.put_event(ADA, daily.clone())["id"].as_str().unwrap().to_owned();
    world.phone_changes(&format!("{series}_20261111T080000Z"), json!({ "summary": "Once" }));
    world.google.put_oddity(ADA, &series, json!({ "id": series, "recurrence": 7 }));
    world.phone_adds("Other", 3);
    world.linked().await;
    assert_eq!((world.titles().await, unreadable(&world)), (vec!["Other".to_owned()], 2));

    world.phone_changes(&series, daily);
    world.pass().await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Daily", "Once", "Other"]);
    assert_eq!(unreadable(&world), 0);
}

#[tokio::test]
async fn an_answer_that_is_no_json_keeps_only_its_own_calendar_waiting() {
    let world = World::new().await;
    let club =
        world.google.add_calendar(ADA, NewCalendar { summary: "Club".into(), ..NewCalendar::default() });
    let account = world.connect().await;
    world.link(None, account, &club, SyncDirection::Bidirectional).await;
    world.link(None, account, ADA, SyncDirection::Bidirectional).await;
    world.google.put_event(&club, item("Match", json!({ "id": "match" })));
    world.phone_adds("Lunch", 3);
    world.google.inject(Fault::new(Effect::MalformedBody).on("GET", &format!("{club}/events")).times(1));
    let report = world.pass().await;
    assert_eq!(report.links.iter().filter(|link| link.error.is_some()).count(), 1, "{report:?}");
    assert_eq!(world.titles().await, ["Lunch"]);
    world.pass().await;
    assert_eq!(world.titles().await, ["Lunch", "Match"]);
}
