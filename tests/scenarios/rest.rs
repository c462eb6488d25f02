//! When the engine could be put away and started again without anybody noticing.

use chrono::TimeDelta;
use synodic_engine::snapshot::SyncState;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{ADA, World, meeting};

use crate::clocks::leaping;

async fn until_at_rest(world: &World) {
    world.until("the rest", async |world| world.engine.is_at_rest()).await;
}

#[tokio::test]
async fn an_engine_rests_when_nothing_is_under_way_and_no_listing_lags_behind() {
    let (world, clock) = leaping(None).await;
    assert!(!world.engine.is_at_rest(), "nobody waits for reminders yet");
    let engine = world.engine.clone();
    let reminders = tokio::spawn(async move { engine.next_reminders().await });
    until_at_rest(&world).await;

    // What is sent may be missing from a listing for a while.
    let calendar = world.engine.calendars().await.unwrap()[0].id;
    world.create(calendar, meeting("Talk", 3)).await;
    world.until("the write", async |world| world.remote_titles() == ["Talk"]).await;
    world.until_state(SyncState::Synced).await;
    assert!(!world.engine.is_at_rest(), "a listing may lag behind the write");
    clock.leap(TimeDelta::minutes(6));
    until_at_rest(&world).await;

    // What left a calendar may appear in another.
    let id = world.remote("Talk")["id"].as_str().unwrap().to_owned();
    assert!(world.google.delete_event(ADA, &id));
    world.engine.sync_now();
    world.until("the deletion", async |world| world.titles().await.is_empty()).await;
    world.until_state(SyncState::Synced).await;
    assert!(!world.engine.is_at_rest(), "it may have been moved");
    clock.leap(TimeDelta::minutes(61));
    until_at_rest(&world).await;

    // A service that wants to be left alone would be asked at once after a start.
    let busy = Effect::Status {
        status: 503,
        reason: "backendError".into(),
        retry_after_seconds: Some(300),
        applied: false,
    };
    world.google.inject(Fault::new(busy).on("GET", "/events").times(20));
    world.engine.sync_now();
    world.until_state(SyncState::BackingOff).await;
    assert!(!world.engine.is_at_rest(), "it rests because it was asked to");
    world.engine.shutdown().await.unwrap();
    assert!(reminders.await.unwrap().unwrap().is_none(), "nothing is told at the end");
}
