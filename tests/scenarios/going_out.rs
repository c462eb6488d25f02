//! A person's own edits reach Google.

use synodic_engine::snapshot::SyncState;
use synodic_engine::view::SyncMark;
use synodic_model::sync::{EventSyncStatus, SyncDirection};
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::NewCalendar;
use synodic_tests::world::{ADA, Setting, World, guest, meeting, titles};

#[tokio::test]
async fn what_is_made_changed_and_deleted_here_is_so_there() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Dentist", 3)).await;
    assert_eq!(world.find("Dentist").await.links[0].status, EventSyncStatus::Pending);
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (1, 0, 0));
    assert_eq!(world.remote("Dentist")["start"]["dateTime"], "2026-11-03T08:00:00Z");
    assert_eq!(world.shown().await[0].sync, SyncMark::Synced);

    world.change(event.id, |content| content.location = "Main street".into()).await;
    world.pass().await;
    assert_eq!(world.remote("Dentist")["location"], "Main street");

    world.delete(event.id).await;
    world.pass().await;
    assert!(world.remote_titles().is_empty());
    assert!(
        world.replica().await.event(event.id).await.unwrap().is_none(),
        "nobody has to hear of it any more"
    );
}

#[tokio::test]
async fn ten_quick_edits_are_one_request() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Draft 0", 3)).await;
    for number in 1..10 {
        world.change(event.id, |content| content.title = format!("Draft {number}")).await;
    }
    world.google.clear_requests();
    world.pass().await;
    assert_eq!(world.remote_titles(), ["Draft 9"]);
    assert_eq!((world.requests("POST"), world.requests("PATCH")), (1, 0));
}

#[tokio::test]
async fn what_was_made_and_deleted_before_anybody_heard_is_never_sent() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Never mind", 3)).await;
    world.change(event.id, |content| content.title = "Never mind at all".into()).await;
    world.delete(event.id).await;
    world.google.clear_requests();
    world.pass().await;
    assert_eq!((world.requests("POST"), world.requests("DELETE")), (0, 0));
    assert!(world.engine.queue_list().await.unwrap().is_empty());
    assert!(world.google.all_events(ADA).is_empty());
}

#[tokio::test]
async fn nobody_outside_is_ever_mailed_by_sync() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let mut content = meeting("With guests", 3);
    content.attendees = vec![guest("bob@example.com")];
    let event = world.create(calendar.id, content).await;
    world.pass().await;
    world.change(event.id, |content| content.title = "With guests, later".into()).await;
    world.pass().await;
    world.delete(event.id).await;
    world.pass().await;
    assert!(world.google.outbox().is_empty());
}

#[tokio::test]
async fn a_link_that_only_pushes_takes_nothing() {
    let world = World::new().await;
    world.phone_adds("Theirs", 4);
    let account = world.connect().await;
    let home =
        world.engine.create_calendar("Home".into(), "#336699".into(), "Europe/Berlin".into()).await.unwrap();
    world.link(Some(home.id), account, ADA, SyncDirection::PushOnly).await;
    world.create(home.id, meeting("Ours", 3)).await;
    world.pass().await;
    assert_eq!(world.remote_titles(), ["Ours", "Theirs"]);
    assert_eq!(world.titles().await, ["Ours"]);
}

#[tokio::test]
async fn a_second_pass_asks_once_for_each_calendar_and_changes_nothing() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Ours", 3)).await;
    world.phone_adds("Theirs", 4);
    world.pass().await;
    // Our own write comes back once, and is known for what it is.
    world.pass().await;
    world.restart().await;
    let before = (world.google.events(ADA), world.find("Ours").await, world.find("Theirs").await);
    world.google.clear_requests();
    let report = world.pass().await;
    let requests: Vec<_> =
        world.google.requests().into_iter().map(|request| (request.method, request.path)).collect();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(report.requests, 1);
    let link = &report.links[0];
    assert_eq!((link.pages, link.created, link.updated, link.deleted), (1, 0, 0, 0));
    assert_eq!(report.pushed, 0);
    assert_eq!((world.google.events(ADA), world.find("Ours").await, world.find("Theirs").await), before);
}

#[tokio::test]
async fn an_edit_made_while_it_is_being_sent_is_sent_as_well() {
    use synodic_simulators::fault::{Effect, Fault};
    let world = World::lively().await;
    let calendar = world.linked().await;
    world.google.inject(Fault::new(Effect::Latency { millis: 300 }).on("POST", "/events").times(1));
    let event = world.create(calendar.id, meeting("First", 3)).await;
    world.until("the request", async |world| !world.google.faults().iter().any(|_| true)).await;
    world.change(event.id, |content| content.title = "Second".into()).await;
    world.until("the second edit", async |world| world.remote_titles() == ["Second"]).await;
    world.until_state(SyncState::Synced).await;
    assert_eq!(world.titles().await, ["Second"]);
}

#[tokio::test]
async fn an_edit_overtakes_what_was_already_waiting_to_be_sent() {
    let world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Mine", 1)).await;
    world.until_state(SyncState::Synced).await;
    let old =
        world.engine.create_calendar("Old".into(), "#336699".into(), "Europe/Berlin".into()).await.unwrap();
    for number in 0..30 {
        world.create(old.id, meeting(&format!("Old {number:02}"), number % 28 + 1)).await;
    }
    let new = NewCalendar { summary: "Old".into(), ..NewCalendar::default() };
    let remote = world.google.add_calendar(ADA, new);
    world.google.clear_requests();
    world.google.inject(Fault::new(Effect::Latency { millis: 50 }).on("POST", "/events"));
    let account = calendar.links[0].integration_id;
    world.link(Some(old.id), account, &remote, SyncDirection::Bidirectional).await;
    world.until("the first of many", async |world| world.requests("POST") > 0).await;
    world.change(event.id, |content| content.location = "Room 2".into()).await;
    let before = world.requests("POST");
    world.until("the edit", async |world| world.requests("PATCH") > 0).await;
    let requests = world.google.requests();
    let edit = requests.iter().position(|request| request.method == "PATCH").unwrap();
    let overtaken = requests[..edit].iter().filter(|request| request.method == "POST").count();
    assert!(
        overtaken <= before + 8,
        "{before} were sent before the edit was made, and {overtaken} before it went"
    );
    world.until("the rest", async |world| world.google.events(&remote).len() == 30).await;
}

#[tokio::test]
async fn many_edits_that_wait_for_a_look_hold_up_no_other_link() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let copy = NewCalendar { summary: "Copy".into(), ..NewCalendar::default() };
    let copy = world.google.add_calendar(ADA, copy);
    let account = calendar.links[0].integration_id;
    let other = world.link(None, account, &copy, SyncDirection::Bidirectional).await;
    world.pass().await;
    let mut events = Vec::new();
    for number in 0..80 {
        events.push(world.create(calendar.id, meeting(&format!("Here {number}"), 4)).await.id);
    }
    world.pass().await;
    for event in events {
        world.delete(event).await;
    }
    world.create(other.id, meeting("Dentist", 3)).await;
    world.pass().await;
    assert_eq!(world.remote_titles().len(), 80, "so many deletions wait until somebody has looked");
    assert_eq!(titles(&world.google.events(&copy)), ["Dentist"]);
}
