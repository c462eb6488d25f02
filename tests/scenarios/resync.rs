//! Google forgets where we left off, or shows less than it should.

use synodic_engine::snapshot::SyncState;
use synodic_engine::view::{EventTarget, NotifyAttendees};
use synodic_simulators::google::GoogleOptions;
use synodic_tests::world::{ADA, Setting, World, meeting};

#[tokio::test]
async fn a_full_listing_loses_no_edit_and_doubles_nothing() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let ours = world.create(calendar.id, meeting("Ours", 3)).await;
    let theirs = world.phone_adds("Theirs", 4);
    let leaving = world.phone_adds("Leaving", 5);
    world.pass().await;
    world.pass().await;

    world.google.delete_event(ADA, &leaving);
    world.phone_adds("New there", 6);
    world.create(calendar.id, meeting("New here", 7)).await;
    world.change(ours.id, |content| content.title = "Ours, edited".into()).await;
    world.google.expire_sync_tokens();
    world.pass().await;
    world.pass().await;
    let expected = ["New here", "New there", "Ours, edited", "Theirs"];
    assert_eq!(world.remote_titles(), expected);
    // What was synced a moment before the listing is not missed by it yet.
    let shown: Vec<_> = world.titles().await.into_iter().filter(|title| title != "Leaving").collect();
    assert_eq!(shown, expected);
    assert!(world.remote("Theirs")["id"] == theirs.as_str());
}

#[tokio::test]
async fn a_listing_that_names_much_less_than_before_deletes_nothing_until_somebody_has_looked() {
    let world = World::new().await;
    world.linked().await;
    let ids: Vec<_> = (1..=20).map(|day| world.phone_adds(&format!("Event {day:02}"), day)).collect();
    world.pass().await;
    for id in &ids[..15] {
        world.google.delete_event(ADA, id);
    }
    let report = world.pass().await;
    assert!(report.links[0].error.is_some());
    assert_eq!(world.titles().await.len(), 20, "all are kept");
    assert_eq!(world.remote_titles().len(), 5, "and nothing is sent back");
    let snapshot = world.engine.snapshot();
    assert_eq!(snapshot.state, SyncState::Review);
    assert!(snapshot.integrations[0].message.as_ref().unwrap().contains("15 of 20"));

    let link = world.engine.calendars().await.unwrap()[0].links[0].id;
    world.engine.approve_review(link).await.unwrap();
    world.until("the removals", async |world| world.titles().await.len() == 5).await;
    world.until_state(SyncState::Synced).await;
}

#[tokio::test]
async fn a_cursor_that_is_lost_again_and_again_ends_in_a_word_and_not_in_a_loop() {
    use synodic_simulators::fault::{Effect, Fault};
    let world = World::new().await;
    world.linked().await;
    world.phone_adds("Kept", 3);
    world.pass().await;
    let lost = Effect::Status {
        status: 410,
        reason: "fullSyncRequired".into(),
        retry_after_seconds: None,
        applied: false,
    };
    world.google.inject(Fault::new(lost).on("GET", "/events"));
    world.google.clear_requests();
    let report = world.pass().await;
    assert!(report.links[0].error.is_some());
    assert!(world.requests("GET") <= 2);
    assert_eq!(world.titles().await, ["Kept"]);
    world.google.clear_faults();
    world.pass().await;
    assert_eq!(world.titles().await, ["Kept"]);
}

#[tokio::test]
async fn a_listing_that_dies_half_way_deletes_nothing() {
    use synodic_simulators::fault::{Effect, Fault};
    let google = GoogleOptions { page_size_cap: Some(5), ..GoogleOptions::default() };
    let world = World::with(Setting { google, ..Setting::default() }).await;
    for day in 1..=12 {
        world.phone_adds(&format!("Event {day:02}"), day);
    }
    world.linked().await;
    for page in 0..3 {
        world.google.expire_sync_tokens();
        world.google.inject(Fault::new(Effect::DropBefore).on("GET", "/events").after(1 + page).times(1));
        let report = world.pass().await;
        assert!(report.links[0].error.is_some(), "page {page}");
        assert_eq!(world.titles().await.len(), 12, "page {page}");
    }
    world.pass().await;
    assert_eq!(world.titles().await, world.remote_titles());
}

#[tokio::test]
async fn an_identity_that_is_spent_is_replaced() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Again", 3)).await;
    world.pass().await;
    let deleted = world
        .engine
        .delete_event(EventTarget::Event { id: event.id }, NotifyAttendees::Nobody)
        .await
        .unwrap();
    world.pass().await;
    assert!(world.remote_titles().is_empty());
    world.engine.undo(deleted.undo).await.unwrap();
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0));
    assert_eq!(world.remote_titles(), ["Again"]);
    world.pass().await;
    assert_eq!(world.titles().await, ["Again"]);
}

/// Where one of two listings breaks off, neither service is written to, and what was left off at is not moved on.
#[tokio::test]
async fn a_list_of_changes_that_breaks_off_moves_nothing_on_and_reaches_nobody_else() {
    use synodic_model::sync::SyncDirection;
    use synodic_simulators::fault::{Effect, Fault};
    use synodic_simulators::google::NewCalendar;
    let google = GoogleOptions { page_size_cap: Some(5), ..GoogleOptions::default() };
    let world = World::with(Setting { google, ..Setting::default() }).await;
    let copy =
        world.google.add_calendar(ADA, NewCalendar { summary: "Copy".into(), ..NewCalendar::default() });
    let calendar = world.linked().await;
    let account = calendar.links[0].integration_id;
    world.link(Some(calendar.id), account, &copy, SyncDirection::Bidirectional).await;
    let ids: Vec<_> = (1..=18).map(|day| world.phone_adds(&format!("Event {day:02}"), day)).collect();
    for _ in 0..3 {
        world.pass().await;
    }
    let cursor = async || {
        let store = world.replica().await;
        let links = store.links().await.unwrap();
        store.close().await;
        links.into_iter().find(|link| link.remote_calendar_id.as_str() == ADA).unwrap().cursor
    };
    for page in 0..4 {
        for id in &ids {
            world.phone_changes(id, serde_json::json!({ "location": format!("Room {page}") }));
        }
        let before = (cursor().await, world.google.events(&copy).len());
        let broken = Fault::new(Effect::TruncatedBody).on("GET", "/calendars/ada");
        world.google.inject(broken.after(page).times(1));
        let report = world.pass().await;
        assert!(report.links.iter().any(|link| link.error.is_some()), "page {page}");
        assert_eq!((cursor().await, world.google.events(&copy).len()), before, "page {page}");
        assert_eq!(world.titles().await.len(), 18, "page {page}");
        for _ in 0..3 {
            world.pass().await;
        }
        assert_eq!(world.google.events(&copy).len(), 18);
        assert!(world.google.events(&copy).iter().all(|event| event["location"] == format!("Room {page}")));
    }
}
