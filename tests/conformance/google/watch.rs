//! Channels that tell of changes.

use synodic_providers::{Class, Linked, Provider, WatchRequest};

use super::{World, now};

fn request(id: &str) -> WatchRequest {
    WatchRequest {
        id: id.to_owned(),
        token: "secret".to_owned(),
        address: "http://127.0.0.1:9/hooks/google".to_owned(),
    }
}

#[tokio::test]
async fn a_channel_is_opened_and_stopped() {
    let world = World::new().await;
    let channel = world.google.watch(Linked::plain(&world.calendar()), &request("channel-1")).await.unwrap();
    assert_eq!(channel.id, "channel-1");
    assert!(!channel.resource.is_empty());
    assert!(channel.expires_at > now(&world) + chrono::TimeDelta::days(1));
    assert_eq!(world.control.channels().len(), 1);
    world.google.stop_watch(&channel).await.unwrap();
    assert!(world.control.channels().is_empty());
    world.google.stop_watch(&channel).await.unwrap();
}

#[tokio::test]
async fn an_id_serves_for_one_channel() {
    let world = World::new().await;
    world.google.watch(Linked::plain(&world.calendar()), &request("channel-1")).await.unwrap();
    let refused =
        world.google.watch(Linked::plain(&world.calendar()), &request("channel-1")).await.unwrap_err();
    assert_eq!(refused.class(), Class::Permanent);
}
