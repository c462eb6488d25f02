//! A service fails to tell of changes: the daily comparison finds them, says so and puts them right; a replica that is
//! right is left alone.

use std::fs;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use serde_json::json;
use synodic_engine::snapshot::SyncState;
use synodic_engine::view::{Change, Drift};
use synodic_model::Recurrence;
use synodic_model::sync::Link;
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::GoogleOptions;
use synodic_store::Durability;
use synodic_tests::leaping::Leaping;
use synodic_tests::world::{ADA, Setting, World, meeting};

use crate::three_way::Three;

/// Ten minutes later, when no listing lags behind what was written.
async fn later(world: &mut World) -> Arc<Leaping> {
    let clock = Arc::new(Leaping::default());
    clock.leap(TimeDelta::minutes(10));
    world.restart_with(clock.clone(), None).await;
    clock
}

/// Has `change` happen at Google without Google ever telling of it: the replica goes on from behind it.
async fn untold(world: &mut World, change: impl FnOnce(&World)) {
    let path = world.folder.path().join("synodic.db");
    world.leave().await;
    let before = fs::read(&path).unwrap();
    world.come_back().await;
    change(world);
    let report = world.pass().await;
    if report.links[0].error.is_some() {
        // It would delete much.
        world.engine.approve_review(report.links[0].link_id).await.unwrap();
        world.pass().await;
    }
    world.leave().await;
    let store = world.replica().await;
    let cursor = store.links().await.unwrap().swap_remove(0).cursor;
    store.close().await;
    fs::write(&path, before).unwrap();
    let store = world.replica().await;
    let link = store.links().await.unwrap().swap_remove(0);
    let mut transaction = store.begin(Durability::Edit).await.unwrap();
    transaction.put_link(&Link { cursor, ..link }).await.unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
    world.come_back().await;
}

fn writes(world: &World) -> usize {
    ["POST", "PATCH", "PUT", "DELETE"].into_iter().map(|method| world.requests(method)).sum()
}

#[tokio::test]
async fn what_was_never_told_is_found_said_and_put_right() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    let ours = world.create(calendar.id, meeting("Ours", 2)).await;
    let changing = world.phone_adds("Changing", 3);
    let leaving = world.phone_adds("Leaving", 4);
    world.phone_adds("Staying", 5);
    world.pass().await;
    world.pass().await;
    untold(&mut world, |world| {
        world.phone_changes(&changing, json!({ "summary": "Changed" }));
        world.google.delete_event(ADA, &leaving);
        world.phone_adds("New", 6);
    })
    .await;
    later(&mut world).await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Changing", "Leaving", "Ours", "Staying"], "nobody tells of it");
    let changed = world.find("Changing").await.id;

    world.google.clear_requests();
    let report = world.engine.audit(None).await.unwrap();
    let link = &report.links[0];
    assert_eq!((link.error.as_deref(), link.drifted), (None, 3), "{report:#?}");
    let cause = |title: &str| link.drift.iter().find(|drift| drift.title == title).map(|drift| drift.cause);
    assert_eq!(cause("Changing"), Some(Drift::ChangedThere), "{report:#?}");
    assert_eq!(cause("Leaving"), Some(Drift::GoneThere), "{report:#?}");
    assert_eq!(cause("New"), Some(Drift::NewThere), "{report:#?}");
    assert_eq!(world.titles().await, ["Changed", "New", "Ours", "Staying"]);
    assert_eq!(world.remote_titles(), ["Changed", "New", "Ours", "Staying"]);
    assert_eq!(writes(&world), 0, "and nothing is sent");

    let why = world.engine.why(changed).await.unwrap().join("\n");
    assert!(why.contains("something else there, of which the service had not told"), "{why}");
    let now = Utc::now();
    let told = world.engine.dashboard(&[now - TimeDelta::days(1), now + TimeDelta::days(1)]).await.unwrap();
    let shown = &told.accounts[0].channels[0];
    assert_eq!((shown.drifted, shown.drifted_ever), (3, 3));
    assert!(shown.compared_at.is_some());
    let message = world.engine.snapshot().integrations[0].message.clone().unwrap();
    assert!(message.contains("3 events that were not the same here"), "{message}");
    let runs = world.engine.runs().await.unwrap();
    assert_eq!((runs[0].changed, runs[0].created, runs[0].deleted), (1, 1, 1), "it can be taken back");

    let again = world.engine.audit(None).await.unwrap();
    assert_eq!((again.links[0].drifted, again.links[0].checked), (0, 4), "{again:#?}");
    let told = world.engine.dashboard(&[now - TimeDelta::days(1), now + TimeDelta::days(1)]).await.unwrap();
    assert_eq!(told.accounts[0].channels[0].drifted_ever, 3, "it stays counted");
    assert_eq!(world.find("Ours").await.id, ours.id);
}

#[tokio::test]
async fn a_replica_that_is_right_is_left_alone() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    for day in 1..=9 {
        world.phone_adds(&format!("Theirs {day}"), day);
        world.create(calendar.id, meeting(&format!("Ours {day}"), day)).await;
    }
    let mut series = meeting("Series", 2);
    series.recurrence = Some(Recurrence::from_rule("FREQ=DAILY;COUNT=5").unwrap());
    let series = world.create(calendar.id, series).await;
    world.pass().await;
    let remote = world.remote("Series")["id"].as_str().unwrap().to_owned();
    world.phone_changes(
        &format!("{remote}_20261103T080000Z"),
        json!({ "summary": "Moved", "location": "Elsewhere" }),
    );
    world.google.delete_event(ADA, &format!("{remote}_20261104T080000Z"));
    world.pass().await;
    world.pass().await;
    later(&mut world).await;
    let before = world.shown().await;
    let mut changes = world.engine.changes();
    world.google.clear_requests();
    let report = world.engine.audit(None).await.unwrap();
    assert_eq!((report.links[0].error.as_deref(), report.links[0].drifted), (None, 0), "{report:#?}");
    assert!(report.links[0].checked >= 20, "{report:#?}");
    assert_eq!(writes(&world), 0);
    while let Ok(change) = changes.try_recv() {
        assert!(!matches!(change, Change::Events { .. }), "{change:?}");
    }
    assert_eq!(world.shown().await, before);
    assert_eq!(world.find("Moved").await.occurrence_of.unwrap().series_id, series.id);
}

#[tokio::test]
async fn a_listing_that_breaks_off_means_nothing() {
    let google = GoogleOptions { page_size_cap: Some(5), ..GoogleOptions::default() };
    let mut world = World::with(Setting { google, ..Setting::default() }).await;
    let ids: Vec<_> = (1..=12).map(|day| world.phone_adds(&format!("Event {day:02}"), day)).collect();
    world.linked().await;
    untold(&mut world, |world| {
        world.google.delete_event(ADA, &ids[3]);
        world.phone_changes(&ids[0], json!({ "summary": "Changed" }));
    })
    .await;
    later(&mut world).await;
    let before = world.titles().await;
    for page in 0..3 {
        // The first request is the pull before the comparison.
        world.google.inject(Fault::new(Effect::DropBefore).on("GET", "/events").after(1 + page).times(1));
        let report = world.engine.audit(None).await.unwrap();
        assert!(report.links[0].error.is_some(), "page {page}: {report:#?}");
        assert_eq!(world.titles().await, before, "page {page}");
    }
    world.google.clear_faults();
    let report = world.engine.audit(None).await.unwrap();
    assert_eq!(report.links[0].drifted, 2, "{report:#?}");
    assert_eq!(world.titles().await, world.remote_titles());
}

#[tokio::test]
async fn an_edit_that_waits_is_merged_and_never_overwritten() {
    let mut world = World::new().await;
    world.linked().await;
    let both = world.phone_adds("Both", 3);
    let gone = world.phone_adds("Gone", 4);
    world.pass().await;
    untold(&mut world, |world| {
        world.phone_changes(&both, json!({ "location": "Room 7" }));
        world.google.delete_event(ADA, &gone);
    })
    .await;
    later(&mut world).await;
    let both = world.find("Both").await.id;
    world.change(both, |content| content.title = "Both, mine".into()).await;
    let gone = world.find("Gone").await.id;
    world.change(gone, |content| content.title = "Kept".into()).await;
    let refused =
        Effect::Status { status: 400, reason: "invalid".into(), retry_after_seconds: None, applied: false };
    world.google.inject(Fault::new(refused.clone()).on("PATCH", "/events"));
    world.google.inject(Fault::new(refused).on("POST", "/events"));
    let report = world.engine.audit(None).await.unwrap();
    assert_eq!(world.titles().await, ["Both, mine", "Kept"], "{report:#?}");
    assert_eq!(world.find("Both, mine").await.content.location, "Room 7");
    world.google.clear_faults();
    world.engine.sync_now();
    for _ in 0..2 {
        world.pass().await;
    }
    assert_eq!(world.remote_titles(), ["Both, mine", "Kept"]);
    assert_eq!(world.remote("Both, mine")["location"], "Room 7");
    assert_eq!(world.titles().await, ["Both, mine", "Kept"]);
}

#[tokio::test]
async fn what_would_delete_much_waits_for_the_person() {
    let mut world = World::new().await;
    world.linked().await;
    let ids: Vec<_> = (1..=20).map(|day| world.phone_adds(&format!("Event {day:02}"), day)).collect();
    world.pass().await;
    untold(&mut world, |world| {
        for id in &ids[..14] {
            world.google.delete_event(ADA, id);
        }
    })
    .await;
    later(&mut world).await;
    let report = world.engine.audit(None).await.unwrap();
    assert!(report.links[0].error.as_ref().is_some_and(|error| error.contains("missing")), "{report:#?}");
    assert_eq!(world.titles().await.len(), 20);
    assert_eq!(world.engine.snapshot().state, SyncState::Review);
    let link = world.engine.calendars().await.unwrap()[0].links[0].id;
    world.engine.approve_review(link).await.unwrap();
    world.until("the removals", async |world| world.titles().await.len() == 6).await;
    assert_eq!(world.titles().await, world.remote_titles());
}

#[tokio::test]
async fn much_that_has_drifted_is_read_anew() {
    let mut world = World::new().await;
    world.linked().await;
    let ids: Vec<_> = (0..60).map(|number| world.phone_adds(&format!("Event {number:02}"), 3)).collect();
    world.pass().await;
    untold(&mut world, |world| {
        for (number, id) in ids.iter().enumerate() {
            world.phone_changes(id, json!({ "summary": format!("Changed {number:02}") }));
        }
    })
    .await;
    later(&mut world).await;
    let report = world.engine.audit(None).await.unwrap();
    assert_eq!((report.links[0].error.as_deref(), report.links[0].drifted), (None, 60));
    assert_eq!(world.titles().await, world.remote_titles());
    assert_eq!(world.engine.audit(None).await.unwrap().links[0].drifted, 0);
    assert_eq!(writes(&world), 0);
}

#[tokio::test]
async fn once_a_day_it_is_done_by_itself_while_nobody_looks() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    world.linked().await;
    let changing = world.phone_adds("Changing", 3);
    world.engine.sync_now();
    world.until("the event", async |world| world.titles().await == ["Changing"]).await;
    world.until_state(SyncState::Synced).await;
    world.setting_mut().autonomous = false;
    untold(&mut world, |world| world.phone_changes(&changing, json!({ "summary": "Changed" }))).await;
    world.setting_mut().autonomous = true;
    let clock = later(&mut world).await;
    world.engine.set_window_in_use(true);
    clock.leap(TimeDelta::hours(25));
    world.engine.sync_pass(None).await.unwrap();
    assert_eq!(world.titles().await, ["Changing"], "the person comes first");
    world.engine.set_window_in_use(false);
    clock.leap(TimeDelta::hours(2));
    world.until("the comparison", async |world| world.titles().await == ["Changed"]).await;
}

#[tokio::test]
async fn nothing_is_found_where_three_services_agree() {
    let three = Three::new().await;
    three.create(meeting("Ours", 3)).await;
    let mut series = meeting("Series", 5);
    series.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=3").unwrap());
    series.description = "Two\nlines".into();
    three.create(series).await;
    for _ in 0..6 {
        three.pass().await;
        three.minutes_pass(5);
    }
    let report = three.engine.audit(None).await.unwrap();
    assert_eq!(report.links.len(), 2, "{report:#?}");
    for link in &report.links {
        assert_eq!((link.error.as_deref(), link.drifted), (None, 0), "{report:#?}");
        assert!(link.checked >= 2, "{report:#?}");
    }
}
