use synodic_model::sync::SyncDirection;
use synodic_model::{EventStatus, Field, OccurrenceKey, Recurrence};

use super::world::{World, hour_from, mondays, on, single, whole};
use crate::error::EngineError;
use crate::view::{EditScopes, EventTarget, NotifyAttendees};

const THIRD: &str = "2026-11-16 10:00";

fn key(target: EventTarget) -> OccurrenceKey {
    match target {
        EventTarget::Occurrence { key } => key,
        EventTarget::Event { .. } | EventTarget::Following { .. } => panic!("no occurrence"),
    }
}

/// The occurrence that would start then, and all that follow.
fn from(series_id: synodic_model::EventId, start: &str) -> EventTarget {
    EventTarget::Following { key: key(on(series_id, start)) }
}

#[tokio::test]
async fn what_follows_becomes_a_series_of_its_own() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let seen = world.see(from(id, THIRD)).await;
    assert_eq!(seen.content.when, hour_from(THIRD));
    assert_eq!(seen.content.recurrence.as_ref().unwrap().rules, ["FREQ=WEEKLY;BYDAY=MO"]);

    let edited = world.change(from(id, THIRD), |content| content.title = "Sit-down".into()).await.unwrap();
    let second = edited.event.unwrap();
    assert_ne!(second.id, id);
    assert_ne!(second.uid, world.row(id).await.uid, "they are two events to everybody else");
    assert_eq!(
        world.november().await,
        [
            "02 10:00 Stand-up",
            "09 10:00 Stand-up",
            "16 10:00 Sit-down",
            "23 10:00 Sit-down",
            "30 10:00 Sit-down"
        ]
    );

    world.engine.undo(edited.undo).await.unwrap();
    assert_eq!(
        world.november().await,
        ["02", "09", "16", "23", "30"].map(|day| format!("{day} 10:00 Stand-up"))
    );
    assert!(world.row(second.id).await.deleted_at.is_some());
}

#[tokio::test]
async fn another_hour_from_here_on_takes_edited_and_cancelled_occurrences_along() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, "2026-11-09 10:00"), |content| content.title = "Before".into()).await.unwrap();
    world.change(on(id, "2026-11-23 10:00"), |content| content.title = "Retro".into()).await.unwrap();
    world.engine.delete_event(on(id, "2026-11-30 10:00"), NotifyAttendees::Nobody).await.unwrap();
    let before = world.november().await;

    let later =
        world.change(from(id, THIRD), |content| content.when = hour_from("2026-11-17 11:00")).await.unwrap();
    assert_eq!(
        world.november().await,
        ["02 10:00 Stand-up", "09 10:00 Before", "17 11:00 Stand-up", "24 11:00 Retro"]
    );
    world.engine.undo(later.undo).await.unwrap();
    assert_eq!(world.november().await, before);
}

#[tokio::test]
async fn a_count_is_shared_and_the_numbers_are_told_before() {
    let world = World::new().await;
    let mut series = mondays("Course");
    series.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=5").unwrap());
    let id = world.made(series).await;
    world.engine.delete_event(on(id, "2026-11-23 10:00"), NotifyAttendees::Nobody).await.unwrap();
    let scopes = world.engine.edit_scopes(key(on(id, THIRD))).await.unwrap();
    assert_eq!(scopes, EditScopes { following: Some(2), all: Some(4), is_first: false });
    let first = world.engine.edit_scopes(key(on(id, "2026-11-02 10:00"))).await.unwrap();
    assert_eq!(first, EditScopes { following: Some(4), all: Some(4), is_first: true });

    world.change(from(id, THIRD), |content| content.title = "Second half".into()).await.unwrap();
    assert_eq!(
        world.november().await,
        ["02 10:00 Course", "09 10:00 Course", "16 10:00 Second half", "30 10:00 Second half"]
    );
    let endless = world.made(mondays("Stand-up")).await;
    let scopes = world.engine.edit_scopes(key(on(endless, THIRD))).await.unwrap();
    assert_eq!(scopes, EditScopes { following: None, all: None, is_first: false });
}

#[tokio::test]
async fn the_first_and_all_that_follow_are_all() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let first = from(id, "2026-11-02 10:00");
    let edited = world.change(first, |content| content.title = "Daily".into()).await.unwrap();
    assert_eq!(edited.event.unwrap().id, id);
    world.engine.delete_event(first, NotifyAttendees::Nobody).await.unwrap();
    assert_eq!(world.november().await, [""; 0]);
    assert!(world.row(id).await.deleted_at.is_some());
}

#[tokio::test]
async fn what_follows_can_be_deleted_and_brought_back() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, "2026-11-23 10:00"), |content| content.title = "Retro".into()).await.unwrap();
    let before = world.november().await;
    let deleted = world.engine.delete_event(from(id, THIRD), NotifyAttendees::Nobody).await.unwrap();
    assert_eq!(world.november().await, ["02 10:00 Stand-up", "09 10:00 Stand-up"]);
    world.engine.undo(deleted.undo).await.unwrap();
    assert_eq!(world.november().await, before);
}

#[tokio::test]
async fn what_was_not_changed_is_not_cut() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let before = world.row(id).await;
    world.change(from(id, THIRD), |_| {}).await.unwrap();
    assert_eq!(world.row(id).await, before);
    let refused = world.change(from(id, THIRD), |content| content.title = "x".repeat(100_000)).await;
    assert!(matches!(refused, Err(EngineError::Invalid(problem)) if problem.field == Field::Title));
    let single = world.made(single("Lunch", THIRD)).await;
    assert!(matches!(world.engine.event(from(single, THIRD)).await, Err(EngineError::NotFound { .. })));
}

#[tokio::test]
async fn both_parts_and_what_belongs_to_them_are_sent() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, "2026-11-23 10:00"), |content| content.title = "Retro".into()).await.unwrap();
    world.link(SyncDirection::Bidirectional).await;
    world.change(from(id, THIRD), |content| content.location = "Kitchen".into()).await.unwrap();
    let mut sent: Vec<_> = world.queue().await.into_iter().map(|(title, ..)| title).collect();
    sent.sort();
    // The occurrence that follows was never sent as one of the first series, so nothing is to be deleted.
    assert_eq!(sent, ["Retro", "Stand-up", "Stand-up"]);
    let overrides = world.engine.inner.store.overrides(id).await.unwrap();
    assert!(overrides.iter().all(|row| row.deleted_at.is_some()));
    assert!(overrides.iter().all(|row| row.content.status == EventStatus::Confirmed));
    assert_eq!(world.see(whole(id)).await.content.location, "");
}
