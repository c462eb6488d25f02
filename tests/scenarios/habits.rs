//! Habits of Google's on which programs like ours have foundered, as far as no other story is about them.

use serde_json::{Value, json};
use synodic_engine::snapshot::SyncState;
use synodic_model::sync::SyncDirection;
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::{GoogleOptions, NewCalendar};
use synodic_tests::world::{ADA, Setting, World, meeting, titles};

fn refusal(status: u16, reason: &str) -> Effect {
    Effect::Status { status, reason: reason.to_owned(), retry_after_seconds: None, applied: false }
}

/// What Google's own page does when somebody duplicates an event: all of it under another id, private properties included.
fn duplicated(mut event: Value) -> Value {
    let fields = event.as_object_mut().unwrap();
    for field in ["id", "iCalUID", "etag", "updated", "created", "htmlLink", "sequence", "kind"] {
        fields.remove(field);
    }
    event
}

#[tokio::test]
async fn a_copy_that_carries_our_mark_is_an_event_of_its_own() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let original = world.create(calendar.id, meeting("Talk", 3)).await;
    world.pass().await;
    let copy = world.google.put_event(ADA, duplicated(world.remote("Talk")));
    assert!(copy["extendedProperties"]["private"]["synodic"].is_string());
    world.phone_changes(copy["id"].as_str().unwrap(), json!({ "summary": "Copy" }));
    world.pass().await;
    assert_eq!(world.titles().await, ["Copy", "Talk"]);
    let copied = world.find("Copy").await;
    assert_ne!(copied.id, original.id);

    world.change(copied.id, |content| content.location = "Hall".into()).await;
    world.change(original.id, |content| content.location = "Kitchen".into()).await;
    world.pass().await;
    assert_eq!(world.remote("Copy")["location"], "Hall");
    assert_eq!(world.remote("Talk")["location"], "Kitchen");
    world.delete(copied.id).await;
    for _ in 0..2 {
        world.pass().await;
    }
    assert_eq!(world.remote_titles(), ["Talk"], "the original has nothing to do with it");
    assert_eq!(world.titles().await, ["Talk"]);
}

#[tokio::test]
async fn a_change_of_reminders_is_seen_though_google_does_not_count_it() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Talk", 3)).await;
    world.pass().await;
    let before = world.remote("Talk");
    let reminders = json!({ "useDefault": false, "overrides": [{ "method": "popup", "minutes": 25 }] });
    world.phone_changes(before["id"].as_str().unwrap(), json!({ "reminders": reminders }));
    assert_eq!(world.remote("Talk")["updated"], before["updated"], "that is the habit");
    world.pass().await;
    let synodic_model::Reminders::Custom { reminders } = world.find("Talk").await.content.reminders else {
        panic!("the reminders did not come")
    };
    assert_eq!(reminders[0].minutes_before, 25);
}

#[tokio::test]
async fn a_cursor_that_is_lost_between_two_pages_costs_nothing() {
    let google = GoogleOptions { page_size_cap: Some(5), ..GoogleOptions::default() };
    let world = World::with(Setting { google, ..Setting::default() }).await;
    let calendar = world.linked().await;
    let kept = world.create(calendar.id, meeting("Kept", 1)).await;
    world.pass().await;
    for day in 2..=20 {
        world.phone_adds(&format!("Theirs {day:02}"), day);
    }
    world.change(kept.id, |content| content.location = "Edited meanwhile".into()).await;
    world.google.inject(Fault::new(refusal(410, "fullSyncRequired")).on("GET", "/events").after(1).times(1));
    let report = world.pass().await;
    assert_eq!(report.links[0].error, None);
    world.pass().await;
    assert_eq!(world.titles().await.len(), 20);
    assert_eq!(world.titles().await, world.remote_titles());
    assert_eq!(world.remote("Kept")["location"], "Edited meanwhile");
}

#[tokio::test]
async fn what_a_full_listing_does_not_name_is_not_taken_from_others() {
    let world = World::new().await;
    let copy =
        world.google.add_calendar(ADA, NewCalendar { summary: "Copy".into(), ..NewCalendar::default() });
    let account = world.connect().await;
    let calendar = world.link(None, account, ADA, SyncDirection::Bidirectional).await.id;
    world.link(Some(calendar), account, &copy, SyncDirection::Bidirectional).await;
    world.pass().await;
    for day in 1..=15 {
        world.create(calendar, meeting(&format!("Ours {day:02}"), day)).await;
    }
    for _ in 0..3 {
        world.pass().await;
    }
    // Google forgets where we left off, and then shows an empty calendar.
    for event in world.google.events(ADA) {
        world.google.delete_event(ADA, event["id"].as_str().unwrap());
    }
    world.google.expire_sync_tokens_of(ADA);
    world.pass().await;
    assert_eq!(world.titles().await.len(), 15, "somebody has to look first");
    assert_eq!(titles(&world.google.events(&copy)).len(), 15);
}

#[tokio::test]
async fn losing_sight_of_a_calendar_is_no_deletion_on_either_side() {
    let world = World::new().await;
    let team =
        world.google.add_calendar(ADA, NewCalendar { summary: "Team".into(), ..NewCalendar::default() });
    let account = world.connect().await;
    let calendar = world.link(None, account, &team, SyncDirection::Bidirectional).await.id;
    world.pass().await;
    let event = world.create(calendar, meeting("Talk", 3)).await;
    world.pass().await;
    world.google.set_access(&team, ADA, None);
    world.delete(event.id).await;
    let report = world.pass().await;
    assert_eq!(report.pushed, 0, "a calendar that cannot be seen has not taken a deletion");
    assert!(world.replica().await.event(event.id).await.unwrap().is_some());
    assert_eq!(titles(&world.google.events(&team)), ["Talk"]);
    assert_eq!(world.engine.snapshot().state, SyncState::Failed);
}

#[tokio::test]
async fn throttling_is_no_refusal_and_the_account_rests_as_long_as_google_wants() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Talk", 3)).await;
    world.google.inject(Fault::new(refusal(403, "quotaExceeded")).on("POST", "/events").times(1));
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (0, 1, 0));
    let entry = world.engine.queue_list().await.unwrap().remove(0);
    let wait = entry.scheduled_for - chrono::Utc::now();
    assert!(wait > chrono::TimeDelta::minutes(9), "it waits {wait}, not seconds");
    assert_eq!(world.pass().await.pushed, 1, "the person may try sooner");
}
