//! The program ends in time, whatever is under way.

use std::time::{Duration, Instant};

use synodic_engine::EngineError;
use synodic_engine::view::{EventDraft, NotifyAttendees};
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{World, meeting};

#[tokio::test]
async fn five_seconds_are_enough_and_nothing_is_lost() {
    let mut world = World::lively().await;
    let calendar = world.linked().await;
    world.google.inject(Fault::new(Effect::Latency { millis: 60_000 }));
    for day in 1..=8 {
        world.create(calendar.id, meeting(&format!("Event {day}"), day)).await;
    }
    world
        .until("a request under way", async |world| {
            let store = world.replica().await;
            let counts = store.queue_counts().await.unwrap();
            counts.values().any(|counts| counts.processing > 0)
        })
        .await;
    let began = Instant::now();
    world.engine.shutdown().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());

    world.google.clear_faults();
    world.crash().await;
    world.until("all events", async |world| world.remote_titles().len() == 8).await;
    world.until_state(synodic_engine::snapshot::SyncState::Synced).await;
    assert_eq!(world.titles().await, world.remote_titles());
}

#[tokio::test]
async fn a_closed_engine_lets_go_of_its_folder_at_once() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.engine.shutdown().await.unwrap();
    world.engine.shutdown().await.unwrap();
    let draft =
        EventDraft { calendar_id: calendar.id, content: meeting("Late", 1), notify: NotifyAttendees::Nobody };
    assert!(world.engine.create_event(draft).await.is_err());
    let mut world = world;
    world.restart().await;
    assert!(world.titles().await.is_empty());
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    use synodic_engine::clock::SystemClock;
    use synodic_engine::config::{NotionConfig, Polling, SecretsPlace, WebhookConfig};
    use synodic_engine::google::GoogleEndpoints;
    use synodic_engine::{Engine, EngineConfig};
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = EngineConfig {
        data_dir: folder.path().to_owned(),
        secrets: SecretsPlace::Memory,
        google_endpoints: GoogleEndpoints::public(),
        google_client: None,
        notion: NotionConfig::default(),
        webhook: Some(WebhookConfig { public_url: None, listen: taken.local_addr().unwrap() }),
        polling: Polling::default(),
        viewer: chrono_tz::UTC,
        autonomous: true,
    };
    let refusal = Engine::start(config, std::sync::Arc::new(SystemClock)).await.unwrap_err();
    assert!(
        matches!(&refusal, EngineError::Environment { reason } if reason.contains("SYNODIC_WEBHOOK_LISTEN"))
    );
}
