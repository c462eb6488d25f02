//! Google refuses one of many.

use std::sync::Arc;

use chrono::TimeDelta;
use synodic_engine::snapshot::SyncState;
use synodic_model::sync::QueueStatus;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::leaping::Leaping;
use synodic_tests::world::{Setting, World, meeting};

fn refusal() -> Effect {
    Effect::Status { status: 400, reason: "invalid".into(), retry_after_seconds: None, applied: false }
}

#[tokio::test]
async fn a_refused_edit_is_parked_with_its_reason_and_keeps_nobody() {
    let world = World::new().await;
    let calendar = world.linked().await;
    for number in 0..100 {
        world.create(calendar.id, meeting(&format!("Event {number:02}"), 1 + number % 28)).await;
    }
    world.google.inject(Fault::new(refusal()).on("POST", "/events").times(1));
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (99, 0, 1));
    assert_eq!(world.remote_titles().len(), 99);
    let parked = world.engine.queue_list().await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].status, QueueStatus::Failed);
    assert!(!world.remote_titles().contains(&parked[0].title), "it is the one that was refused");
    assert!(parked[0].last_error.as_ref().unwrap().contains("refused"));
    assert_eq!(world.engine.snapshot().state, SyncState::Failed);

    // It is not sent again by itself.
    world.google.clear_requests();
    world.pass().await;
    assert_eq!(world.requests("POST"), 0);
    world.engine.queue_retry(parked[0].id).await.unwrap();
    assert_eq!(world.pass().await.failed, 0);
    assert_eq!(world.remote_titles().len(), 100);
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);
}

#[tokio::test]
async fn three_tries_are_enough() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Unlucky", 1)).await;
    let broken = Effect::Status {
        status: 500,
        reason: "backendError".into(),
        retry_after_seconds: None,
        applied: false,
    };
    world.google.inject(Fault::new(broken).on("POST", "/events"));
    for attempt in 1..=3 {
        let report = world.pass().await;
        assert_eq!((report.pending, report.failed), (1, 0), "attempt {attempt}");
    }
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 1));
    assert_eq!(world.titles().await, ["Unlucky"], "the event itself is safe");
}

#[tokio::test]
async fn what_was_refused_is_tried_again_when_the_person_asks() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Poison", 1)).await;
    world.google.inject(Fault::new(refusal()).on("POST", "/events"));
    assert_eq!(world.pass().await.failed, 1);
    world.google.clear_faults();
    world.engine.sync_now();
    world.pass().await;
    assert_eq!(world.remote_titles(), ["Poison"], "“Sync now” tries it");

    world.google.inject(Fault::new(refusal()).on("PATCH", "/events"));
    world.change(event.id, |content| content.title = "Refused".into()).await;
    assert_eq!(world.pass().await.failed, 1);
    world.google.clear_faults();
    world.change(event.id, |content| content.title = "Taken".into()).await;
    assert_eq!(world.pass().await.failed, 0);
    assert_eq!(world.remote_titles(), ["Taken"], "and so does the next edit of the event");
}

#[tokio::test]
async fn what_was_refused_is_tried_again_the_next_day() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    let clock = Arc::new(Leaping::default());
    world.restart_with(clock.clone(), None).await;
    world.google.inject(Fault::new(refusal()).on("POST", "/events"));
    world.create(calendar.id, meeting("Poison", 1)).await;
    world.until_state(SyncState::Failed).await;
    clock.leap(TimeDelta::days(1));
    world.until("another try", async |world| world.requests("POST") == 2).await;
    world.until_state(SyncState::Failed).await;
    world.google.clear_faults();
    clock.leap(TimeDelta::days(1));
    world.until("the event", async |world| world.remote_titles() == ["Poison"]).await;
    world.until_state(SyncState::Synced).await;
}
