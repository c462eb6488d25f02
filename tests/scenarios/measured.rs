//! What sync measured of itself, and what a person may hand to somebody who helps.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use synodic_engine::view::{EventTarget, LogQuery};
use synodic_model::sync::{LogAction, LogOutcome};
use synodic_providers::NotifyAttendees;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{World, meeting};

fn refusal(reason: &str) -> Effect {
    Effect::Status { status: 400, reason: reason.into(), retry_after_seconds: None, applied: false }
}

#[tokio::test]
async fn what_went_in_and_out_is_counted_and_each_number_has_its_lines() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Review", 3)).await;
    world.pass().await;
    let remote = world.remote("Review")["id"].as_str().unwrap().to_owned();
    world.phone_changes(&remote, json!({ "summary": "Review, moved" }));
    world.pass().await;
    world.google.inject(Fault::new(refusal("badRequest")).on("POST", "/events"));
    world.create(calendar.id, meeting("Refused", 4)).await;
    world.pass().await;

    let at = world.engine.snapshot().at;
    let (from, to) = (at - TimeDelta::days(1), at + TimeDelta::days(1));
    let told = world.engine.dashboard(&[from, to]).await.unwrap();
    let account = &told.accounts[0];
    assert_eq!((account.edits_out, account.edits_in, account.failed), (1, 1, 1), "{told:#?}");
    assert_eq!(account.latency.unwrap().count, 1);
    assert!(account.requests_last_hour > 0 && account.busiest_minute > 0, "{account:#?}");
    assert!(told.failures.iter().any(|failure| failure.kind == "permanent"), "{:?}", told.failures);

    let query = LogQuery {
        from,
        to,
        integration_id: Some(account.id),
        actions: Vec::new(),
        outcomes: vec![LogOutcome::Failed],
        kind: Some("permanent".into()),
    };
    let lines = world.engine.log_lines(query.clone()).await.unwrap();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_eq!(lines[0].title.as_deref(), Some("Refused"));
    assert!(!lines[0].words.is_empty());
    let received = LogQuery {
        actions: vec![LogAction::Pull],
        outcomes: vec![LogOutcome::Succeeded],
        kind: None,
        ..query
    };
    let lines = world.engine.log_lines(received).await.unwrap();
    assert!(lines.iter().any(|line| line.words == "1 changed"), "{lines:#?}");

    let review = world.shown().await.into_iter().find(|shown| shown.title == "Review, moved").unwrap();
    let review = EventTarget::Event { id: review.event_id };
    world.engine.delete_event(review, NotifyAttendees::Nobody).await.unwrap();
    world.pass().await;
    let told = world.engine.dashboard(&[from, to]).await.unwrap();
    assert_eq!(told.accounts[0].edits_out, 2, "a deletion is an edit, too: {told:#?}");
}

#[tokio::test]
async fn edges_that_do_not_ascend_are_refused() {
    let world = World::new().await;
    let now = Utc::now();
    for edges in [vec![], vec![now], vec![now, now - TimeDelta::hours(1)]] {
        assert!(world.engine.dashboard(&edges).await.is_err(), "{edges:?}");
    }
}

#[tokio::test]
async fn diagnostics_name_nobody_and_nothing() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Canarybird dinner", 3)).await;
    world.pass().await;
    world.google.inject(Fault::new(refusal("canarybirdReason")).on("POST", "/events"));
    world.create(calendar.id, meeting("Canarybird refused", 4)).await;
    world.pass().await;

    let told = serde_json::to_string(&world.engine.diagnostics().await.unwrap()).unwrap();
    assert!(told.contains("\"permanent\"") && told.contains("\"CREATE\""), "it tells what happened: {told}");
    let account = &world.engine.integrations().await.unwrap()[0];
    let link = &calendar.links[0];
    let own = [
        "anarybird",
        account.account.as_str(),
        calendar.name.as_str(),
        link.remote_name.as_str(),
        "@",
        "ya29",
        "Bearer",
        "token",
        "secret",
    ];
    for word in own {
        assert!(!told.contains(word), "{word:?} is the person's own: {told}");
    }
}
