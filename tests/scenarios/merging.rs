//! The same event is edited here and there.

use serde_json::json;
use synodic_model::EventStatus;
use synodic_tests::world::{ADA, World, meeting};

/// An event that both sides have.
async fn shared(world: &World) -> (synodic_model::EventId, String) {
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Review", 3)).await;
    world.pass().await;
    let remote = world.remote("Review")["id"].as_str().unwrap().to_owned();
    (event.id, remote)
}

async fn settle(world: &World) {
    world.pass().await;
    let last = world.pass().await;
    assert_eq!((last.pushed, last.pending), (0, 0), "two passes settle everything");
}

#[tokio::test]
async fn edits_of_different_fields_are_merged() {
    let world = World::new().await;
    let (event, remote) = shared(&world).await;
    world.change(event, |content| content.title = "Design review".into()).await;
    world.phone_changes(&remote, json!({ "location": "Room 2" }));
    settle(&world).await;
    let merged = world.find("Design review").await;
    assert_eq!(merged.content.location, "Room 2");
    assert_eq!(world.remote("Design review")["location"], "Room 2");
    assert_eq!(world.standing(event).await.conflict_data, None, "nothing was lost");
    assert_eq!(world.google.events(ADA).len(), 1);
}

#[tokio::test]
async fn edits_of_the_same_field_leave_the_loser_where_it_can_be_found() {
    let world = World::new().await;
    let (event, remote) = shared(&world).await;
    world.change(event, |content| content.title = "Mine".into()).await;
    world.phone_changes(&remote, json!({ "summary": "Theirs" }));
    settle(&world).await;
    assert_eq!(world.titles().await, world.remote_titles());
    let data = world.standing(event).await.conflict_data.unwrap();
    let sides = (data.local.unwrap().title, data.remote.unwrap().title);
    assert_eq!(sides, ("Mine".to_owned(), "Theirs".to_owned()));
    assert_eq!(data.base.unwrap().title, "Review");
}

#[tokio::test]
async fn the_same_edit_on_both_sides_is_no_conflict() {
    let world = World::new().await;
    let (event, remote) = shared(&world).await;
    world.change(event, |content| content.title = "Agreed".into()).await;
    world.phone_changes(&remote, json!({ "summary": "Agreed" }));
    world.google.clear_requests();
    settle(&world).await;
    assert_eq!(world.titles().await, ["Agreed"]);
    assert_eq!(world.standing(event).await.conflict_data, None);
}

#[tokio::test]
async fn what_was_edited_here_survives_its_deletion_there() {
    let world = World::new().await;
    let (event, remote) = shared(&world).await;
    world.change(event, |content| content.title = "Still wanted".into()).await;
    world.google.delete_event(ADA, &remote);
    settle(&world).await;
    assert_eq!(world.titles().await, ["Still wanted"]);
    assert_eq!(world.remote_titles(), ["Still wanted"]);
    assert!(world.standing(event).await.conflict_data.is_some());
}

#[tokio::test]
async fn what_was_edited_there_survives_its_deletion_here() {
    let world = World::new().await;
    let (event, remote) = shared(&world).await;
    world.delete(event).await;
    world.phone_changes(&remote, json!({ "summary": "Still wanted" }));
    settle(&world).await;
    assert_eq!(world.titles().await, ["Still wanted"]);
    assert_eq!(world.remote_titles(), ["Still wanted"]);
    assert_eq!(world.find("Still wanted").await.content.status, EventStatus::Confirmed);
}

#[tokio::test]
async fn what_both_delete_is_gone() {
    let world = World::new().await;
    let (event, remote) = shared(&world).await;
    world.delete(event).await;
    world.google.delete_event(ADA, &remote);
    settle(&world).await;
    assert!(world.titles().await.is_empty());
    assert!(world.remote_titles().is_empty());
    assert!(world.replica().await.event(event).await.unwrap().is_none());
}

#[tokio::test]
async fn a_deletion_there_reaches_us_and_stays() {
    let world = World::new().await;
    let (event, remote) = shared(&world).await;
    world.google.delete_event(ADA, &remote);
    settle(&world).await;
    assert!(world.titles().await.is_empty());
    assert!(world.replica().await.event(event).await.unwrap().is_none());
}
