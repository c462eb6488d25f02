use std::time::Duration;

use synodic_model::sync::{EventSyncStatus, Link, Operation, SyncDirection};
use synodic_model::{CalendarId, EventContent, EventId, ExternalId, LinkId, RemoteCalendarId};
use synodic_store::Durability;
use uuid::Uuid;

use super::world::{World, mondays, on, single, whole};
use crate::error::EngineError;
use crate::queue::Payload;
use crate::view::{EditReceipt, EventMove, MoveAnswer, NotifyAttendees};

async fn second_calendar(world: &World) -> CalendarId {
    world.engine.create_calendar("Work".into(), "#336699".into(), "Europe/Berlin".into()).await.unwrap().id
}

/// Links another calendar to the account behind `link`.
async fn link_beside(world: &World, link: LinkId, calendar: CalendarId, direction: SyncDirection) -> LinkId {
    let store = &world.engine.inner.store;
    let beside = store.link(link).await.unwrap().unwrap();
    let beside = Link {
        id: LinkId::new(Uuid::new_v4()),
        calendar_id: calendar,
        remote_calendar_id: RemoteCalendarId::new("work"),
        direction,
        ..beside
    };
    let mut transaction = store.begin(Durability::Edit).await.unwrap();
    transaction.put_link(&beside).await.unwrap();
    transaction.commit().await.unwrap();
    beside.id
}

/// Lets the service have the event.
async fn sent(world: &World, id: EventId, link: LinkId) {
    let store = &world.engine.inner.store;
    let mut transaction = store.begin(Durability::Edit).await.unwrap();
    let mut row = transaction.event_sync(id, link).await.unwrap().unwrap();
    row.external_id = Some(ExternalId::new("there"));
    row.base = transaction.event(id).await.unwrap().map(|event| event.content);
    row.status = EventSyncStatus::Synced;
    transaction.put_event_sync(&row).await.unwrap();
    let entry = transaction.queue_entry_of(id, link).await.unwrap().unwrap();
    transaction.remove_queue_entry(entry.id).await.unwrap();
    transaction.commit().await.unwrap();
}

fn with_bob() -> EventContent {
    let mut content = single("Talk", "2026-11-03 12:00");
    content.attendees = vec![synodic_model::Attendee {
        email: "bob@example.com".into(),
        name: String::new(),
        optional: false,
        resource: false,
        response: synodic_model::ResponseStatus::Accepted,
        is_self: false,
    }];
    content
}

fn wish(id: EventId, calendar_id: CalendarId) -> EventMove {
    EventMove { id, calendar_id, confirmed: false, notify: NotifyAttendees::Nobody }
}

async fn moved(world: &World, wish: EventMove) -> EditReceipt {
    match world.engine.move_event(wish).await.unwrap() {
        MoveAnswer::Moved { receipt } => *receipt,
        MoveAnswer::Confirm { message } => panic!("asks: {message}"),
    }
}

#[tokio::test]
async fn a_series_takes_its_edited_occurrences_to_the_other_calendar() {
    let world = World::new().await;
    let other = second_calendar(&world).await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, "2026-11-09 10:00"), |content| content.title = "Retro".into()).await.unwrap();
    let before = world.november().await;
    let receipt = moved(&world, wish(id, other)).await;
    assert_eq!(receipt.event.unwrap().calendar_id, other);
    assert_eq!(world.november().await, before);
    assert_eq!(world.see(on(id, "2026-11-09 10:00")).await.calendar_id, other);
    world.engine.undo(receipt.undo).await.unwrap();
    assert_eq!(world.see(on(id, "2026-11-09 10:00")).await.calendar_id, world.calendar);
    assert_eq!(world.november().await, before);
}

#[tokio::test]
async fn a_move_to_where_it_is_changes_nothing_and_holds_nobody_up() {
    let world = World::new().await;
    let id = world.made(single("Talk", "2026-11-03 12:00")).await;
    let moving = moved(&world, wish(id, world.calendar));
    let receipt = tokio::time::timeout(Duration::from_secs(10), moving).await.expect("it holds itself up");
    assert_eq!(receipt.event.unwrap().revision, world.row(id).await.revision);
}

#[tokio::test]
async fn within_one_account_the_service_moves_it() {
    let world = World::new().await;
    let other = second_calendar(&world).await;
    let from = world.link(SyncDirection::Bidirectional).await;
    let to = link_beside(&world, from, other, SyncDirection::Bidirectional).await;
    let id = world.made(single("Talk", "2026-11-03 12:00")).await;
    sent(&world, id, from).await;
    moved(&world, wish(id, other)).await;
    let store = &world.engine.inner.store;
    let entry = store.queue_entry_of(id, to).await.unwrap().unwrap();
    let origin = Payload::read(&entry.payload).origin.unwrap();
    assert_eq!((origin.link, origin.id.as_str()), (from, "there"));
    assert_eq!(store.queue_entry_of(id, from).await.unwrap(), None, "it is not deleted there");
    // A later edit does not forget where it comes from.
    world.change(whole(id), |content| content.title = "Long talk".into()).await.unwrap();
    let entry = store.queue_entry_of(id, to).await.unwrap().unwrap();
    assert_eq!(Payload::read(&entry.payload).origin, Some(origin));
}

#[tokio::test]
async fn between_accounts_it_is_copied_after_the_person_has_agreed() {
    let world = World::new().await;
    let other = second_calendar(&world).await;
    let from = world.link(SyncDirection::Bidirectional).await;
    let id = world.made(with_bob()).await;
    sent(&world, id, from).await;
    let answer = world.engine.move_event(wish(id, other)).await.unwrap();
    let MoveAnswer::Confirm { message } = answer else { panic!("did not ask: {answer:?}") };
    assert!(message.contains("“Talk” is deleted where “Home” is kept") && message.contains("not invited"));
    assert_eq!(world.see(whole(id)).await.calendar_id, world.calendar, "nothing was done yet");

    let receipt = moved(&world, EventMove { confirmed: true, ..wish(id, other) }).await;
    assert_eq!(receipt.event.unwrap().content.attendees, []);
    let queue: Vec<_> = world.queue().await.into_iter().map(|(_, operation, _)| operation).collect();
    assert_eq!(queue, [Operation::Delete]);
}

#[tokio::test]
async fn what_comes_back_before_it_was_deleted_there_uninvites_nobody() {
    let world = World::new().await;
    let other = second_calendar(&world).await;
    let from = world.link(SyncDirection::Bidirectional).await;
    let id = world.made(with_bob()).await;
    sent(&world, id, from).await;
    moved(&world, EventMove { confirmed: true, ..wish(id, other) }).await;
    assert_eq!(world.see(whole(id)).await.content.attendees, []);
    moved(&world, EventMove { confirmed: true, ..wish(id, world.calendar) }).await;
    assert_eq!(world.see(whole(id)).await.content.attendees, with_bob().attendees);
}

#[tokio::test]
async fn what_nobody_has_yet_needs_no_question() {
    let world = World::new().await;
    let other = second_calendar(&world).await;
    let id = world.made(single("Talk", "2026-11-03 12:00")).await;
    moved(&world, wish(id, other)).await;
    let there = world.see(whole(id)).await;
    assert_eq!(there.calendar_id, other);
    moved(&world, wish(id, other)).await;
    assert_eq!(world.see(whole(id)).await, there, "it is there already");
}

#[tokio::test]
async fn a_calendar_that_is_only_read_is_neither_left_nor_entered() {
    let world = World::new().await;
    let other = second_calendar(&world).await;
    let link = world.link(SyncDirection::Bidirectional).await;
    link_beside(&world, link, other, SyncDirection::PullOnly).await;
    let id = world.made(mondays("Stand-up")).await;
    let refused = world.engine.move_event(wish(id, other)).await;
    assert!(matches!(refused, Err(EngineError::ReadOnly { reason }) if reason.contains("Work")));
    let occurrence = world.change(on(id, "2026-11-09 10:00"), |content| content.title = "Retro".into()).await;
    let occurrence = occurrence.unwrap().event.unwrap().id;
    let refused = world.engine.move_event(wish(occurrence, other)).await;
    assert!(matches!(refused, Err(EngineError::Unacceptable { .. })));
}
