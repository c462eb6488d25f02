use synodic_model::sync::{Operation, SyncDirection};
use synodic_model::{EventStatus, Revision};

use super::world::{World, hour_from, mondays, on, single, whole};
use crate::error::EngineError;
use crate::view::{EventTarget, NotifyAttendees};

const SECOND: &str = "2026-11-09 10:00";

#[tokio::test]
async fn one_occurrence_is_moved_and_renamed() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let id = world.made(mondays("Stand-up")).await;
    let receipt = world
        .change(on(id, SECOND), |content| {
            content.title = "Retro".into();
            content.when = hour_from("2026-11-10 15:00");
        })
        .await
        .unwrap();

    let own = receipt.event.unwrap();
    assert_eq!(own.occurrence_of.unwrap().series_id, id);
    assert_eq!(own.content.recurrence, None);
    assert_eq!(own.uid, world.row(id).await.uid);
    assert_eq!(
        world.november().await,
        [
            "02 10:00 Stand-up",
            "10 15:00 Retro",
            "16 10:00 Stand-up",
            "23 10:00 Stand-up",
            "30 10:00 Stand-up"
        ]
    );
    assert_eq!(world.row(id).await.revision, Revision(1), "the series is not touched");
    assert_eq!(world.queue().await.len(), 2);
}

#[tokio::test]
async fn a_second_edit_of_an_occurrence_changes_its_row() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let first = world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    let own = first.event.unwrap();
    // By the occurrence or by the row, it is the same event.
    for target in [on(id, SECOND), whole(own.id)] {
        let changed = world.change(target, |content| content.location.push('!')).await.unwrap();
        assert_eq!(changed.event.unwrap().id, own.id);
    }
    assert_eq!(world.see(on(id, SECOND)).await.content.location, "!!");
    assert_eq!(world.november().await.len(), 5);
}

#[tokio::test]
async fn an_occurrence_without_a_row_shows_its_own_time_and_the_series_revision() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let seen = world.see(on(id, SECOND)).await;
    assert_eq!((seen.id, seen.revision), (id, Revision(1)));
    assert_eq!(seen.content.when, hour_from(SECOND));
    assert_eq!(seen.content.recurrence, None);
    assert_eq!(EventTarget::Occurrence { key: seen.occurrence_of.unwrap() }, on(id, SECOND));
}

#[tokio::test]
async fn saving_an_occurrence_unchanged_makes_no_row() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, SECOND), |_| {}).await.unwrap();
    assert_eq!(world.queue().await.len(), 1);
}

#[tokio::test]
async fn a_deleted_occurrence_is_called_off_and_the_rest_stays() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let id = world.made(mondays("Stand-up")).await;
    assert_eq!(world.engine.delete_event(on(id, SECOND), NotifyAttendees::Nobody).await.unwrap().event, None);
    let left = ["02 10:00 Stand-up", "16 10:00 Stand-up", "23 10:00 Stand-up", "30 10:00 Stand-up"];
    assert_eq!(world.november().await, left);

    let rows = world.engine.inner.store.overrides(id).await.unwrap();
    assert_eq!((rows[0].content.status, rows[0].deleted_at), (EventStatus::Cancelled, None));
    let queue = world.queue().await;
    assert!(queue.iter().all(|(_, operation, _)| *operation == Operation::Upsert), "{queue:?}");

    for target in [on(id, SECOND), whole(rows[0].id)] {
        assert!(matches!(world.engine.event(target).await, Err(EngineError::NotFound { .. })));
        assert!(matches!(
            world.engine.delete_event(target, NotifyAttendees::Nobody).await,
            Err(EngineError::NotFound { .. })
        ));
    }
}

#[tokio::test]
async fn an_edited_occurrence_is_deleted_by_its_row() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let own = world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    world.engine.delete_event(whole(own.event.unwrap().id), NotifyAttendees::Nobody).await.unwrap();
    assert_eq!(world.november().await.len(), 4);
}

#[tokio::test]
async fn what_the_rule_does_not_yield_is_no_occurrence() {
    let world = World::new().await;
    let series = world.made(mondays("Stand-up")).await;
    let alone = world.made(single("Lunch", "2026-11-03 12:00")).await;
    for target in [on(series, "2026-11-10 10:00"), on(series, "2026-11-09 11:00"), on(alone, SECOND)] {
        assert!(matches!(
            world.engine.event(target).await,
            Err(EngineError::NotFound { what: "occurrence" })
        ));
    }
}

#[tokio::test]
async fn a_moved_series_takes_its_edited_occurrences_along() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    world.engine.delete_event(on(id, "2026-11-16 10:00"), NotifyAttendees::Nobody).await.unwrap();
    world.change(whole(id), |content| content.when = hour_from("2026-11-03 11:00")).await.unwrap();
    assert_eq!(world.november().await, ["03 11:00 Stand-up", "10 11:00 Retro", "24 11:00 Stand-up"]);
}

#[tokio::test]
async fn a_renamed_series_renames_its_moved_occurrence() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, SECOND), |content| content.when = hour_from("2026-11-10 15:00")).await.unwrap();
    world.change(whole(id), |content| content.title = "Check-in".into()).await.unwrap();
    assert_eq!(world.november().await[..2], ["02 10:00 Check-in", "10 15:00 Check-in"]);
}

#[tokio::test]
async fn a_shorter_series_loses_its_later_occurrences_edited_or_not() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, "2026-11-23 10:00"), |content| content.title = "Retro".into()).await.unwrap();
    let rule = synodic_model::Recurrence::from_rule("FREQ=WEEKLY;BYDAY=MO;COUNT=3").unwrap();
    let cut = world.change(whole(id), |content| content.recurrence = Some(rule)).await.unwrap();
    assert_eq!(world.november().await, ["02 10:00 Stand-up", "09 10:00 Stand-up", "16 10:00 Stand-up"]);
    world.engine.undo(cut.undo).await.unwrap();
    assert_eq!(world.november().await[3], "23 10:00 Retro");
}
