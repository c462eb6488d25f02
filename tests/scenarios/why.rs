//! “Why?”: the words that explain an event.

use serde_json::json;
use synodic_model::reconcile::Policy;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{World, meeting};

async fn why(world: &World, event: synodic_model::EventId) -> String {
    world.engine.why(event).await.unwrap().join("\n")
}

#[tokio::test]
async fn the_changes_and_the_rule_that_decided_are_told() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Review", 3)).await.id;
    assert!(why(&world, event).await.contains("has not been told yet"));
    world.pass().await;
    let told = why(&world, event).await;
    assert!(told.contains("you made it") && told.contains("has the same since"), "{told}");

    let remote = world.remote("Review")["id"].as_str().unwrap().to_owned();
    world.engine.set_link_policy(calendar.links[0].id, Some(Policy::PreferRemote)).await.unwrap();
    world.change(event, |content| content.title = "Mine".into()).await;
    world.phone_changes(&remote, json!({ "summary": "Theirs" }));
    world.pass().await;
    let told = why(&world, event).await;
    assert!(told.contains("you changed the title"), "{told}");
    assert!(told.contains("the service wins, as you have set it"), "{told}");
}

#[tokio::test]
async fn a_refusal_is_told_in_the_services_words() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let refused = Effect::Status {
        status: 400,
        reason: "badRequest".into(),
        retry_after_seconds: None,
        applied: false,
    };
    world.google.inject(Fault::new(refused).on("POST", "/events"));
    let event = world.create(calendar.id, meeting("Refused", 3)).await.id;
    world.pass().await;
    let told = why(&world, event).await;
    assert!(told.contains("did not take it") && told.contains("Try it again"), "{told}");
}
