//! Google calls us, and so do others.

use reqwest::StatusCode;
use serde_json::json;
use synodic_engine::snapshot::Listening;
use synodic_engine::view::Parting;
use synodic_model::sync::SyncDirection;
use synodic_tests::world::{ADA, World};

async fn called(world: &World) {
    world
        .until("the channel", async |world| {
            world.engine.snapshot().integrations[0].listening == Listening::Webhook
        })
        .await;
}

async fn post(world: &World, headers: &[(&str, &str)]) -> StatusCode {
    let client = synodic_simulators::client_builder().no_proxy().build().unwrap();
    let mut request = client.post(world.engine.webhook_address().unwrap());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_change_at_google_is_seen_here_without_being_asked_for() {
    let world = World::lively().await;
    world.linked().await;
    called(&world).await;
    let id = world.phone_adds("Lunch", 3);
    world.until("the event", async |world| world.titles().await == ["Lunch"]).await;
    world.phone_changes(&id, json!({ "summary": "Late lunch" }));
    world.until("the change", async |world| world.titles().await == ["Late lunch"]).await;
    world.google.delete_event(ADA, &id);
    world.until("the deletion", async |world| world.titles().await.is_empty()).await;
}

#[tokio::test]
async fn fifty_messages_are_few_pulls() {
    let world = World::lively().await;
    world.linked().await;
    called(&world).await;
    world.google.clear_requests();
    for number in 0..50 {
        world.phone_adds(&format!("Event {number:02}"), 1 + number % 28);
    }
    world.until("all events", async |world| world.titles().await.len() == 50).await;
    assert!(world.requests("GET") < 15, "{} pulls for fifty messages", world.requests("GET"));
}

#[tokio::test]
async fn whoever_does_not_know_the_token_causes_nothing() {
    let world = World::lively().await;
    world.linked().await;
    called(&world).await;
    let channel = world.google.channels().remove(0);
    let id = channel["id"].as_str().unwrap().to_owned();
    let resource = channel["resourceId"].as_str().unwrap().to_owned();
    let store = world.replica().await;
    let token = store.links().await.unwrap()[0].webhook.clone().unwrap().token;
    world.google.clear_requests();

    let state = ("X-Goog-Resource-State", "exists");
    let (known, of) = (("X-Goog-Channel-ID", id.as_str()), ("X-Goog-Resource-ID", resource.as_str()));
    let wrong = ("X-Goog-Channel-Token", "guess");
    let right = ("X-Goog-Channel-Token", token.as_str());
    assert_eq!(post(&world, &[]).await, StatusCode::NOT_FOUND);
    assert_eq!(
        post(&world, &[("X-Goog-Channel-ID", "other"), right, of, state]).await,
        StatusCode::NOT_FOUND
    );
    assert_eq!(post(&world, &[known, of, state]).await, StatusCode::FORBIDDEN);
    assert_eq!(post(&world, &[known, wrong, of, state]).await, StatusCode::FORBIDDEN);
    assert_eq!(
        post(&world, &[known, right, ("X-Goog-Resource-ID", "other"), state]).await,
        StatusCode::FORBIDDEN
    );
    let greeting = ("X-Goog-Resource-State", "sync");
    assert_eq!(post(&world, &[known, right, of, greeting]).await, StatusCode::NO_CONTENT);
    assert_eq!(world.requests("GET"), 0, "none of these is worth a pull");
    assert_eq!(post(&world, &[known, right, of, state]).await, StatusCode::NO_CONTENT);
    world.until("the pull", async |world| world.requests("GET") == 1).await;
}

#[tokio::test]
async fn a_channel_outlives_a_restart_and_ends_with_its_link() {
    let mut world = World::lively().await;
    let calendar = world.linked().await;
    called(&world).await;
    let before = world.google.channels();
    assert_eq!(before.len(), 1);
    world.engine.unlink_calendar(calendar.links[0].id, Parting::KeepBoth).await.unwrap();
    assert!(world.google.channels().is_empty());
    let account = calendar.links[0].integration_id;
    world.link(Some(calendar.id), account, ADA, SyncDirection::Bidirectional).await;
    called(&world).await;
    // The receiver's port is a new one after a restart, so the old channel would lead nowhere.
    world.restart().await;
    called(&world).await;
    world.phone_adds("After the restart", 3);
    world.until("the event", async |world| world.titles().await == ["After the restart"]).await;
}
