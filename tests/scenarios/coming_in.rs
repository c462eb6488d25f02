//! What others change at Google comes into the window.

use serde_json::json;
use synodic_engine::view::Parting;
use synodic_model::sync::SyncDirection;
use synodic_simulators::google::{GoogleOptions, NewCalendar};
use synodic_tests::world::{ADA, Setting, World, meeting};

#[tokio::test]
async fn what_the_phone_makes_changes_and_deletes_is_so_here() {
    let world = World::new().await;
    world.linked().await;
    let id = world.phone_adds("Lunch", 3);
    let report = world.pass().await;
    assert_eq!(report.links[0].created, 1);
    let seen = world.find("Lunch").await;
    assert_eq!(seen.content.when, meeting("", 3).when);

    world.phone_changes(&id, json!({ "summary": "Late lunch" }));
    let report = world.pass().await;
    assert_eq!(report.links[0].updated, 1);
    let later = world.find("Late lunch").await;
    assert_eq!(later.id, seen.id);
    assert!(
        later.revision > seen.revision,
        "who looked at the old title is told before they overwrite the new one"
    );

    world.google.delete_event(ADA, &id);
    let report = world.pass().await;
    assert_eq!(report.links[0].deleted, 1);
    assert!(world.titles().await.is_empty());
    assert_eq!(report.pushed, 0, "what came from there is not sent back");
}

#[tokio::test]
async fn many_ragged_pages_arrive_whole() {
    let google = GoogleOptions { page_size_cap: Some(7), ragged_pages: true, ..GoogleOptions::default() };
    let world = World::with(Setting { google, ..Setting::default() }).await;
    for number in 0..60 {
        world.phone_adds(&format!("Event {number:02}"), 1 + number % 28);
    }
    world.linked().await;
    assert_eq!(world.titles().await, world.remote_titles());
    assert_eq!(world.titles().await.len(), 60);
}

#[tokio::test]
async fn a_pull_that_dies_on_any_page_is_repeated_and_doubles_nothing() {
    use synodic_simulators::fault::{Effect, Fault};
    for page in 0..4 {
        let google = GoogleOptions { page_size_cap: Some(5), ..GoogleOptions::default() };
        let world = World::with(Setting { google, ..Setting::default() }).await;
        for number in 0..18 {
            world.phone_adds(&format!("Event {number:02}"), 1 + number);
        }
        world.google.inject(Fault::new(Effect::TruncatedBody).on("GET", "/events").after(page).times(1));
        let account = world.connect().await;
        world.link(None, account, ADA, SyncDirection::Bidirectional).await;
        let broken = world.pass().await;
        assert!(broken.links[0].error.is_some(), "page {page}");
        world.pass().await;
        assert_eq!(world.titles().await, world.remote_titles(), "page {page}");
        assert_eq!(world.titles().await.len(), 18);
    }
}

#[tokio::test]
async fn an_account_that_is_linked_again_doubles_nothing() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Ours", 3)).await;
    world.phone_adds("Theirs", 4);
    world.pass().await;
    world.engine.unlink_calendar(calendar.links[0].id, Parting::KeepBoth).await.unwrap();
    let account = calendar.links[0].integration_id;
    world.link(Some(calendar.id), account, ADA, SyncDirection::Bidirectional).await;
    world.google.clear_requests();
    world.pass().await;
    assert_eq!(world.titles().await, ["Ours", "Theirs"]);
    assert_eq!(world.remote_titles(), ["Ours", "Theirs"]);
    assert_eq!(world.requests("POST"), 0);
}

#[tokio::test]
async fn a_replica_that_was_lost_comes_back_without_twins() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    for day in 1..=20 {
        world.create(calendar.id, meeting(&format!("Ours {day:02}"), day)).await;
    }
    world.pass().await;
    world.engine.shutdown().await.unwrap();
    for file in ["synodic.db", "synodic.db-wal", "synodic.db-shm"] {
        let _ = std::fs::remove_file(world.folder.path().join(file));
    }
    world.crash().await;
    world.google.clear_requests();
    world.linked().await;
    world.pass().await;
    assert_eq!(world.titles().await.len(), 20);
    assert_eq!(world.google.all_events(ADA).len(), 20);
    assert_eq!(world.requests("POST"), 0);
}

#[tokio::test]
async fn one_calendar_that_is_taken_away_does_not_keep_the_others() {
    let world = World::new().await;
    let club =
        world.google.add_calendar(ADA, NewCalendar { summary: "Club".into(), ..NewCalendar::default() });
    let account = world.connect().await;
    world.link(None, account, &club, SyncDirection::Bidirectional).await;
    world.link(None, account, ADA, SyncDirection::Bidirectional).await;
    world.pass().await;
    world.google.delete_calendar(&club);
    world.phone_adds("Still here", 3);
    let report = world.pass().await;
    assert_eq!(report.links.iter().filter(|link| link.error.is_some()).count(), 1);
    assert_eq!(world.titles().await, ["Still here"]);
    assert_eq!(world.engine.snapshot().state, synodic_engine::snapshot::SyncState::Failed);
}
