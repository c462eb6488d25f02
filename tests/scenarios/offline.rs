//! The network goes away and comes back.

use std::time::Duration;

use synodic_engine::snapshot::SyncState;
use synodic_tests::world::{Setting, World, meeting};

#[tokio::test]
async fn edits_wait_for_the_network_and_use_up_no_tries() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    world.cut_off().await;
    for day in 1..=5 {
        world.create(calendar.id, meeting(&format!("Made on day {day}"), day)).await;
    }
    world.until_state(SyncState::Offline).await;
    assert_eq!(world.engine.snapshot().pending, 5);
    for _ in 0..10 {
        // The person tries and tries.
        world.engine.sync_now();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.until_state(SyncState::Offline).await;
    assert_eq!(world.engine.snapshot().failed, 0);
    let store = world.replica().await;
    assert!(store.queue_list(10).await.unwrap().iter().all(|line| line.entry.retry_count == 0));

    world.reconnect().await;
    world.engine.sync_now();
    world.until_state(SyncState::Synced).await;
    assert_eq!(world.remote_titles().len(), 5);
    assert_eq!(world.remote_titles(), world.titles().await);
}

#[tokio::test]
async fn the_engine_starts_and_takes_edits_without_any_network() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    world.cut_off().await;
    world.restart().await;
    world.create(calendar.id, meeting("In the train", 3)).await;
    world.until_state(SyncState::Offline).await;
    assert_eq!(world.titles().await, ["In the train"]);
    world.reconnect().await;
    world.until_state(SyncState::Synced).await;
    assert_eq!(world.remote_titles(), ["In the train"]);
}

#[tokio::test]
async fn a_revoked_consent_freezes_the_queue_and_keeps_the_replica() {
    let world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    world.phone_adds("Theirs", 4);
    world.engine.sync_now();
    world.until("their event", async |world| world.titles().await == ["Theirs"]).await;
    world.google.revoke(synodic_tests::world::ADA);
    world.create(calendar.id, meeting("Ours", 3)).await;
    world.until_state(SyncState::NeedsSignIn).await;
    assert_eq!(world.titles().await, ["Ours", "Theirs"]);
    let snapshot = world.engine.snapshot();
    assert_eq!((snapshot.pending, snapshot.failed), (1, 0));
    assert!(snapshot.integrations[0].message.is_some());

    world.connect().await;
    world.until_state(SyncState::Synced).await;
    assert_eq!(world.remote_titles(), ["Ours", "Theirs"]);
}

#[tokio::test]
async fn what_was_made_and_deleted_without_a_network_is_never_sent() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    world.cut_off().await;
    let event = world.create(calendar.id, meeting("Never mind", 3)).await;
    // An attempt has been made, and certainly did not arrive.
    world.until_state(SyncState::Offline).await;
    world.delete(event.id).await;
    world.reconnect().await;
    world.google.clear_requests();
    world.engine.sync_now();
    world.until_state(SyncState::Synced).await;
    assert_eq!((world.requests("POST"), world.requests("DELETE")), (0, 0));
    assert!(world.google.all_events(synodic_tests::world::ADA).is_empty());
}
