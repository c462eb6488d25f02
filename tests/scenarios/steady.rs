//! The engine keeps going: through faults of its own, pauses and sleep.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Utc;
use synodic_engine::clock::SystemClock;
use synodic_engine::snapshot::SyncState;
use synodic_tests::world::{ADA, Setting, World, meeting};

/// Google, reached through something that breaks down once.
#[derive(Debug)]
struct Brittle {
    google: synodic_providers::google::GoogleEndpoints,
    is_broken: Arc<AtomicBool>,
}

impl synodic_engine::services::Services for Brittle {
    fn connect(
        &self,
        _: &synodic_model::sync::Integration,
        vault: Arc<dyn synodic_providers::TokenVault>,
    ) -> Result<Arc<dyn synodic_providers::Provider>, synodic_engine::EngineError> {
        assert!(!self.is_broken.swap(false, Ordering::Relaxed), "a fault of ours");
        let client = synodic_providers::google::GoogleClient { id: "desktop".into(), secret: None };
        Ok(Arc::new(synodic_providers::google::Google::new(self.google.clone(), client, vault)?))
    }
}

#[tokio::test]
async fn a_worker_that_breaks_down_is_started_again() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    world.cut_off().await;
    world.create(calendar.id, meeting("Kept", 3)).await;
    world.until_state(SyncState::Offline).await;
    world.reconnect().await;
    let is_broken = Arc::new(AtomicBool::new(true));
    let brittle = Brittle { google: world.config().google_endpoints, is_broken: Arc::clone(&is_broken) };
    world.restart_with(Arc::new(SystemClock), Some(Arc::new(brittle))).await;
    world.until("the event", async |world| world.remote_titles() == ["Kept"]).await;
    world.until_state(SyncState::Synced).await;
    assert!(!is_broken.load(Ordering::Relaxed), "it did break down");
    assert_eq!(world.engine.diagnostics().await.unwrap().accounts[0].restarts, 1, "and that is counted");
}

#[tokio::test]
async fn a_pause_holds_everything_and_outlives_a_restart() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    world.until_state(SyncState::Synced).await;
    world.engine.pause(None).await.unwrap();
    world.google.clear_requests();
    world.create(calendar.id, meeting("Later", 3)).await;
    world.restart().await;
    world.until_state(SyncState::Paused).await;
    assert_eq!(world.engine.snapshot().pending, 1);
    assert!(world.google.requests().is_empty());
    world.engine.resume().await.unwrap();
    world.until("the event", async |world| world.remote_titles() == ["Later"]).await;
    world.until_state(SyncState::Synced).await;
}

#[tokio::test]
async fn a_pause_ends_by_itself() {
    let world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    let until = Utc::now() + Duration::from_millis(300);
    world.engine.pause(Some(until)).await.unwrap();
    world.create(calendar.id, meeting("Soon", 3)).await;
    assert!(world.engine.snapshot().paused.is_some());
    world.until("the event", async |world| world.remote_titles() == ["Soon"]).await;
    assert!(Utc::now() >= until);
    world.until("the end of the pause", async |world| world.engine.snapshot().paused.is_none()).await;
}

#[tokio::test]
async fn the_interval_brings_changes_in_without_webhooks() {
    let polling = Some(Duration::from_millis(100));
    let world = World::with(Setting { autonomous: true, polling, ..Setting::default() }).await;
    world.linked().await;
    world.phone_adds("Lunch", 3);
    world.until("the event", async |world| world.titles().await == ["Lunch"]).await;
}

#[tokio::test]
async fn a_click_during_a_pass_is_one_more_pass_afterwards() {
    use synodic_simulators::fault::{Effect, Fault};
    let world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    world.linked().await;
    world.until_state(SyncState::Synced).await;
    world.google.clear_requests();
    world.google.inject(Fault::new(Effect::Latency { millis: 300 }).on("GET", "/events").times(1));
    world.engine.sync_now();
    world.until("the pass", async |world| world.google.faults().is_empty()).await;
    for _ in 0..5 {
        world.engine.sync_now();
    }
    world.until("two passes", async |world| world.requests("GET") == 2).await;
    world.engine.sync_pass(None).await.unwrap();
    assert_eq!(world.requests("GET"), 3, "and this one was asked for");
    assert_eq!(world.google.events(ADA).len(), 0);
}
