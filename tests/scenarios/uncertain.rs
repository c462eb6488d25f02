//! Answers get lost, and programs die at the worst moment.

use std::time::Duration;

use serde_json::json;
use synodic_model::EventId;
use synodic_model::sync::EventSyncStatus;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{ADA, World, meeting};

#[tokio::test]
async fn a_creation_whose_answer_is_lost_makes_no_twin() {
    for effect in [
        Effect::DropAfter,
        Effect::TruncatedBody,
        Effect::Status {
            status: 503,
            reason: "backendError".into(),
            retry_after_seconds: None,
            applied: true,
        },
        Effect::HtmlBadGateway { applied: true },
    ] {
        let world = World::new().await;
        let calendar = world.linked().await;
        world.google.inject(Fault::new(effect.clone()).on("POST", "/events").times(1));
        let event = world.create(calendar.id, meeting("Once", 3)).await;
        world.pass().await;
        world.pass().await;
        assert_eq!(world.google.all_events(ADA).len(), 1, "{effect:?}");
        assert_eq!(world.titles().await, ["Once"], "{effect:?}");
        assert_eq!(world.standing(event.id).await.status, EventSyncStatus::Synced, "{effect:?}");
    }
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_found_to_have_been_made() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Before", 3)).await;
    world.pass().await;
    world.google.inject(Fault::new(Effect::DropAfter).on("PATCH", "/events").times(1));
    world.change(event.id, |content| content.title = "After".into()).await;
    world.google.clear_requests();
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0));
    assert_eq!(world.remote_titles(), ["After"]);
    assert_eq!(world.requests("PATCH"), 1, "it is looked up, not sent again");
    assert_eq!(world.standing(event.id).await.conflict_data, None);
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_done() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Gone", 3)).await;
    world.pass().await;
    world.google.inject(Fault::new(Effect::DropAfter).on("DELETE", "/events").times(1));
    world.delete(event.id).await;
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0));
    assert!(world.remote_titles().is_empty());
}

/// The program dies after Google has carried out what makes an event be called `title`, and before it hears of that. It hears
/// nothing from then on, also when it is started again, until the faults are cleared.
async fn crash_before_the_answer(world: &mut World, method: &str, title: &str) {
    // The answer to the question what became of it is lost, too.
    for method in [method, "GET"] {
        world.google.inject(Fault::new(Effect::DropAfter).on(method, "/events"));
    }
    let engine = world.engine.clone();
    let pass = tokio::spawn(async move { engine.sync_pass(None).await });
    world.until(title, async |world| world.remote_titles() == [title]).await;
    pass.abort();
    let _ = pass.await;
    world.crash().await;
}

#[tokio::test]
async fn a_crash_between_creation_and_answer_makes_no_twin() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Once", 3)).await;
    crash_before_the_answer(&mut world, "POST", "Once").await;
    world.google.clear_faults();
    world.pass().await;
    world.pass().await;
    assert_eq!(world.google.all_events(ADA).len(), 1);
    assert_eq!(world.titles().await, ["Once"]);
}

#[tokio::test]
async fn what_was_created_without_our_knowing_and_deleted_here_goes_there_too() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Ghost", 3)).await;
    crash_before_the_answer(&mut world, "POST", "Ghost").await;
    world.delete(event.id).await;
    world.google.clear_faults();
    world.pass().await;
    world.pass().await;
    assert!(world.remote_titles().is_empty());
    assert!(world.titles().await.is_empty());
}

/// An event that Google has as “Before” without our knowing, and that is called “After” here by now; with its id at Google.
async fn edited_after_its_unheard_creation() -> (World, EventId, String) {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Before", 3)).await;
    crash_before_the_answer(&mut world, "POST", "Before").await;
    world.change(event.id, |content| content.title = "After".into()).await;
    let id = world.remote("Before")["id"].as_str().unwrap().to_owned();
    (world, event.id, id)
}

#[tokio::test]
async fn what_was_created_without_our_knowing_and_edited_here_is_no_conflict() {
    let (world, event, _) = edited_after_its_unheard_creation().await;
    world.google.clear_faults();
    world.pass().await;
    world.pass().await;
    assert_eq!((world.titles().await, world.remote_titles()), (vec!["After".into()], vec!["After".into()]));
    assert_eq!(world.standing(event).await.conflict_data, None, "what it said at first is nobody else's");
}

#[tokio::test]
async fn what_was_created_without_our_knowing_and_edited_by_both_is_merged() {
    let (world, event, id) = edited_after_its_unheard_creation().await;
    world.phone_changes(&id, json!({ "location": "Roof" }));
    world.google.clear_faults();
    world.pass().await;
    world.pass().await;
    assert_eq!(world.remote("After")["location"], "Roof");
    assert_eq!(world.find("After").await.content.location, "Roof");
    assert_eq!(world.standing(event).await.conflict_data, None);
}

#[tokio::test]
async fn what_was_created_without_our_knowing_and_edited_there_survives_its_deletion_here() {
    let (world, event, id) = edited_after_its_unheard_creation().await;
    world.phone_changes(&id, json!({ "summary": "Theirs" }));
    world.delete(event).await;
    world.google.clear_faults();
    world.pass().await;
    world.pass().await;
    assert_eq!((world.titles().await, world.remote_titles()), (vec!["Theirs".into()], vec!["Theirs".into()]));
}

/// A world in which a meeting was renamed from “Before” to “After”, which arrived, and a crash came before the answer.
async fn after_an_unheard_change() -> (World, EventId) {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Before", 3)).await;
    world.pass().await;
    world.change(event.id, |content| content.title = "After".into()).await;
    crash_before_the_answer(&mut world, "PATCH", "After").await;
    (world, event.id)
}

#[tokio::test]
async fn a_change_that_arrived_before_a_crash_and_is_taken_back_stays_taken_back() {
    let (world, event) = after_an_unheard_change().await;
    world.change(event, |content| content.title = "Before".into()).await;
    world.google.clear_faults();
    world.pass().await;
    world.pass().await;
    assert_eq!((world.titles().await, world.remote_titles()), (vec!["Before".into()], vec!["Before".into()]));
}

#[tokio::test]
async fn a_change_that_arrived_and_is_taken_back_outlives_a_deletion_of_what_it_was() {
    let (world, event) = after_an_unheard_change().await;
    let id = world.remote("After")["id"].as_str().unwrap().to_owned();
    world.google.delete_event(ADA, &id);
    world.change(event, |content| content.title = "Before".into()).await;
    world.google.clear_faults();
    world.pass().await;
    world.pass().await;
    assert_eq!((world.titles().await, world.remote_titles()), (vec!["Before".into()], vec!["Before".into()]));
}

#[tokio::test]
async fn a_service_that_wants_a_rest_gets_it() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let slow_down = Effect::Status {
        status: 429,
        reason: "rateLimitExceeded".into(),
        retry_after_seconds: Some(3600),
        applied: false,
    };
    world.google.inject(Fault::new(slow_down).on("POST", "/events").times(1));
    world.create(calendar.id, meeting("Patience", 3)).await;
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (0, 1, 0));
    let waits = world.engine.queue_list().await.unwrap().remove(0);
    assert!(waits.scheduled_for >= waits.created_at + Duration::from_secs(3600));
    // Asked by the person, it is tried again all the same.
    assert_eq!(world.pass().await.pushed, 1);
}
