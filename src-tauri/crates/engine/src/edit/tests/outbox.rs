use chrono::{TimeDelta, Utc};
use synodic_model::sync::{EventSyncStatus, Operation, QueueStatus, SyncDirection};
use synodic_model::{EventId, QueueId};
use synodic_store::Durability;

use super::world::{World, single, whole};
use crate::error::EngineError;

/// An edit that a service refused, or that waits with `status` otherwise.
async fn edit_with(world: &World, status: QueueStatus) -> (EventId, QueueId) {
    world.link(SyncDirection::Bidirectional).await;
    let id = world.made(single("Lunch", "2026-11-03 12:00")).await;
    let queue_id = world.engine.queue_list().await.unwrap()[0].id;
    let mut transaction = world.engine.inner.store.begin(Durability::Edit).await.unwrap();
    let mut entry = transaction.queue_entry(queue_id).await.unwrap().unwrap();
    entry.status = status;
    entry.retry_count = 3;
    entry.last_error = Some("refused".into());
    entry.scheduled_for = Utc::now() + TimeDelta::hours(1);
    transaction.update_queue_entry(&entry).await.unwrap();
    transaction.commit().await.unwrap();
    (id, queue_id)
}

#[tokio::test]
async fn a_refused_edit_is_tried_again_with_all_its_tries() {
    let world = World::new().await;
    let (id, queue_id) = edit_with(&world, QueueStatus::Failed).await;
    world.engine.queue_retry(queue_id).await.unwrap();
    let items = world.engine.queue_list().await.unwrap();
    assert_eq!((items.len(), items[0].status), (1, QueueStatus::Pending));
    let entry = world.engine.inner.store.queue_entry(items[0].id).await.unwrap().unwrap();
    assert_eq!(entry.retry_count, 0);
    assert!(entry.scheduled_for <= Utc::now());
    assert_eq!(world.syncs(id).await[0].status, EventSyncStatus::Pending);
}

#[tokio::test]
async fn a_discarded_edit_stays_here_and_is_marked_until_the_next_one() {
    let world = World::new().await;
    let (id, queue_id) = edit_with(&world, QueueStatus::Failed).await;
    world.engine.queue_discard(queue_id).await.unwrap();
    assert_eq!(world.queue().await, []);
    assert_eq!(world.november().await, ["03 12:00 Lunch"]);
    let sync = world.syncs(id).await.remove(0);
    assert_eq!(sync.status, EventSyncStatus::Failed);
    assert!(sync.last_error.unwrap().contains("discarded"));

    world.change(whole(id), |content| content.title = "Dinner".into()).await.unwrap();
    assert_eq!(world.queue().await, [("Dinner".to_owned(), Operation::Upsert, QueueStatus::Pending)]);
    assert_eq!(world.syncs(id).await[0].status, EventSyncStatus::Pending);
}

#[tokio::test]
async fn what_is_just_being_sent_is_not_discarded() {
    let world = World::new().await;
    let (_, queue_id) = edit_with(&world, QueueStatus::Processing).await;
    world.engine.queue_retry(queue_id).await.unwrap();
    assert_eq!(world.queue().await.len(), 1);
    let refused = world.engine.queue_discard(queue_id).await;
    assert!(matches!(refused, Err(EngineError::Unacceptable { .. })));
}

#[tokio::test]
async fn a_row_that_is_gone_is_said_to_be_gone() {
    let world = World::new().await;
    for answer in [world.engine.queue_retry(QueueId(9)).await, world.engine.queue_discard(QueueId(9)).await] {
        assert!(matches!(answer, Err(EngineError::NotFound { what: "edit" })));
    }
}
