//! Nothing much happens before the person has looked: first links show their plan, and plans that change much wait.

use synodic_engine::snapshot::SyncState;
use synodic_engine::view::ReviewSide;
use synodic_model::sync::{QueueStatus, SyncDirection};
use synodic_model::{CalendarId, RemoteCalendarId};
use synodic_simulators::google::NewCalendar;
use synodic_tests::world::{ADA, World, meeting, titles};

async fn local(world: &World) -> CalendarId {
    let made = world.engine.create_calendar("Home".into(), "#336699".into(), "Europe/Berlin".into()).await;
    made.unwrap().id
}

#[tokio::test]
async fn a_first_link_tells_what_it_would_do_and_does_that() {
    let world = World::new().await;
    let account = world.connect().await;
    let home = local(&world).await;
    for (title, day) in [("Both", 3), ("Only here", 4), ("Twin", 5), ("Twin", 5)] {
        world.create(home, meeting(title, day)).await;
    }
    for (title, day) in [("BOTH ", 3), ("Only there", 6), ("Twin", 5)] {
        world.phone_adds(title, day);
    }
    let remote = RemoteCalendarId::new(ADA);
    let plan = world
        .engine
        .plan_link(Some(home), account, remote.clone(), SyncDirection::Bidirectional, None)
        .await
        .unwrap();
    assert_eq!((plan.matched, plan.ambiguous, plan.differing), (2, 1, 1));
    assert_eq!(plan.new_here_titles, ["Only there"]);
    assert_eq!(plan.new_there_titles, ["Only here", "Twin"]);
    assert!(plan.wants_a_look, "one of the twins could be either");
    assert_eq!(world.remote_titles().len(), 3, "nothing is written");
    assert!(world.engine.calendars().await.unwrap()[0].links.is_empty());

    world.link(Some(home), account, ADA, SyncDirection::Bidirectional).await;
    world.pass().await;
    world.pass().await;
    assert_eq!(world.titles().await.len(), 5);
    assert_eq!(world.remote_titles().len(), 5);
    assert_eq!(world.requests("POST"), 2, "what is matched is not made again");
}

#[tokio::test]
async fn a_link_that_only_reads_meets_what_is_here_as_well() {
    let world = World::new().await;
    let account = world.connect().await;
    let home = local(&world).await;
    world.create(home, meeting("Both", 3)).await;
    world.phone_adds("Both", 3);
    world.link(Some(home), account, ADA, SyncDirection::PullOnly).await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Both"]);
}

#[tokio::test]
async fn five_hundred_events_are_linked_anew_after_the_replica_was_lost() {
    let world = World::new().await;
    let account = world.connect().await;
    let home = local(&world).await;
    // Both sides have all of them, and know nothing of each other: neither a mark nor a UID tells.
    for number in 0..500 {
        let (title, day) = (format!("Event {number:03}"), 1 + number % 28);
        world.phone_adds(&title, day);
        world.create(home, meeting(&title, day)).await;
    }
    let remote = RemoteCalendarId::new(ADA);
    let plan = world
        .engine
        .plan_link(Some(home), account, remote, SyncDirection::Bidirectional, None)
        .await
        .unwrap();
    assert_eq!((plan.matched, plan.new_here, plan.new_there, plan.ambiguous), (500, 0, 0, 0));
    world.google.clear_requests();
    world.link(Some(home), account, ADA, SyncDirection::Bidirectional).await;
    world.pass().await;
    let writes = ["POST", "PATCH", "PUT", "DELETE"].map(|method| world.requests(method));
    assert_eq!(writes, [0, 0, 0, 0]);
    assert_eq!(world.titles().await.len(), 500);
    assert_eq!(world.remote_titles().len(), 500);
}

#[tokio::test]
async fn a_calendar_that_is_emptied_here_is_not_emptied_there_before_somebody_has_looked() {
    let world = World::new().await;
    let calendar = world.linked().await;
    for day in 1..=14 {
        world.create(calendar.id, meeting(&format!("Event {day:02}"), day)).await;
    }
    world.pass().await;
    for shown in world.shown().await {
        world.delete(shown.event_id).await;
    }
    world.pass().await;
    assert_eq!(world.remote_titles().len(), 14, "nothing is sent");
    let snapshot = world.engine.snapshot();
    assert_eq!(snapshot.state, SyncState::Review);
    assert!(snapshot.integrations[0].message.as_ref().unwrap().contains("14 of 14"), "{snapshot:?}");
    let reviews = world.engine.reviews().await.unwrap();
    assert_eq!(reviews.len(), 1);
    assert_eq!((reviews[0].side, reviews[0].deletions, reviews[0].guests), (ReviewSide::There, 14, 0));
    assert_eq!(reviews[0].titles[0], "Event 01");

    // Other edits of other links are not held up, and a restart asks again.
    world.engine.discard_review(calendar.links[0].id).await.unwrap();
    world.pass().await;
    assert_eq!(world.titles().await.len(), 14, "they are back");
    assert_eq!(world.remote_titles().len(), 14);
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);

    for shown in world.shown().await {
        world.delete(shown.event_id).await;
    }
    world.pass().await;
    world.engine.approve_review(calendar.links[0].id).await.unwrap();
    world.pass().await;
    assert!(world.remote_titles().is_empty());
    assert!(world.engine.reviews().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_approval_is_for_what_was_looked_at() {
    let world = World::new().await;
    let calendar = world.linked().await;
    for day in 1..=28 {
        world.create(calendar.id, meeting(&format!("Event {day:02}"), day)).await;
    }
    world.pass().await;
    let mut shown = world.shown().await;
    for shown in shown.drain(..15) {
        world.delete(shown.event_id).await;
    }
    world.pass().await;
    world.engine.approve_review(calendar.links[0].id).await.unwrap();
    world.pass().await;
    assert_eq!(world.remote_titles().len(), 13);
    for shown in shown {
        world.delete(shown.event_id).await;
    }
    world.pass().await;
    assert_eq!(world.remote_titles().len(), 13, "the next ones are asked about anew");
    assert_eq!(world.engine.reviews().await.unwrap()[0].deletions, 13);
}

#[tokio::test]
async fn what_another_service_pours_in_is_not_poured_on() {
    let world = World::new().await;
    let account = world.connect().await;
    let second =
        world.google.add_calendar(ADA, NewCalendar { summary: "Second".into(), ..NewCalendar::default() });
    let home = local(&world).await;
    world.link(Some(home), account, ADA, SyncDirection::Bidirectional).await;
    let linked = world.link(Some(home), account, &second, SyncDirection::Bidirectional).await;
    world.pass().await;
    for number in 0..120 {
        world.phone_adds(&format!("Flood {number:03}"), 1 + number % 28);
    }
    world.pass().await;
    assert_eq!(world.titles().await.len(), 120);
    assert!(titles(&world.google.events(&second)).is_empty());
    let review = world.engine.reviews().await.unwrap().remove(0);
    assert_eq!(
        (review.side, review.creations, review.remote_name.as_str()),
        (ReviewSide::There, 120, "Second")
    );
    // A person's own event on another calendar, and over the other link, goes its way.
    world.phone_adds("Trickle", 3);
    world.pass().await;
    assert_eq!(world.titles().await.len(), 121);

    let link = linked.links.iter().find(|link| link.remote_name == "Second").unwrap().id;
    world.engine.discard_review(link).await.unwrap();
    world.pass().await;
    assert!(titles(&world.google.events(&second)).is_empty());
    assert!(world.engine.queue_list().await.unwrap().iter().all(|item| item.status != QueueStatus::Pending));
    assert!(world.engine.reviews().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_missing_there_may_stay_here_and_be_put_back() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let ids: Vec<_> = (1..=14).map(|day| world.phone_adds(&format!("Event {day:02}"), day)).collect();
    world.pass().await;
    for id in &ids {
        world.google.delete_event(ADA, id);
    }
    world.pass().await;
    let review = world.engine.reviews().await.unwrap().remove(0);
    assert_eq!((review.side, review.deletions, review.known), (ReviewSide::Here, 14, 14));
    assert_eq!(review.titles.len(), 14);
    assert_eq!(world.titles().await.len(), 14);
    world.engine.discard_review(calendar.links[0].id).await.unwrap();
    // The answer is carried out by the next pass, which puts fourteen events back.
    world.pass().await;
    world.pass().await;
    assert_eq!(world.titles().await.len(), 14);
    assert_eq!(world.remote_titles().len(), 14);
    assert!(world.engine.reviews().await.unwrap().is_empty());
    assert!(world.google.outbox().is_empty());
}
