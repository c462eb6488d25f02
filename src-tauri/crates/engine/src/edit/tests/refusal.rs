use synodic_model::sync::{ProviderKind, SyncDirection};
use synodic_model::{EventContent, Field, Recurrence};
use synodic_store::Durability;

use super::super::access::mark_read_only;
use super::world::{World, hour_from, mondays, on, single, whole};
use crate::error::EngineError;
use crate::view::{EventDraft, EventTarget, Failure, FailureCode, NotifyAttendees};

async fn refusal(world: &World, content: EventContent) -> Failure {
    let draft = EventDraft { calendar_id: world.calendar, content, notify: NotifyAttendees::Nobody };
    let failure = Failure::from(world.engine.create_event(draft).await.unwrap_err());
    assert_eq!(world.november().await, [""; 0], "nothing is half-written");
    assert!(failure.message.ends_with('.'), "{failure:?}");
    failure
}

#[tokio::test]
async fn bad_input_is_refused_with_its_field_and_a_sentence() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let long = refusal(&world, single(&"x".repeat(100_000), "2026-11-03 12:00")).await;
    assert_eq!((long.code, long.field), (FailureCode::Invalid, Some(Field::Title)));

    let mut backwards = single("Lunch", "2026-11-03 12:00");
    if let synodic_model::When::Zoned { start, end } = &mut backwards.when {
        std::mem::swap(start, end);
    }
    assert_eq!(refusal(&world, backwards).await.field, Some(Field::When));

    for rule in ["FREQ=SOMETIMES", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] {
        let mut series = single("Lunch", "2026-11-03 12:00");
        series.recurrence = Some(Recurrence { rules: vec![rule.into()], ..Recurrence::default() });
        assert_eq!(refusal(&world, series).await.field, Some(Field::Recurrence), "{rule}");
    }
    assert_eq!(world.queue().await, []);
}

#[tokio::test]
async fn a_refused_change_leaves_the_event_as_it_was() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let before = world.row(id).await;
    for target in [whole(id), on(id, "2026-11-09 10:00")] {
        let refused = world.change(target, |content| content.title = "x".repeat(100_000)).await;
        assert!(matches!(refused, Err(EngineError::Invalid(_))));
    }
    assert_eq!(world.row(id).await, before);
    assert_eq!(world.november().await.len(), 5);
}

#[tokio::test]
async fn a_calendar_that_is_only_read_takes_no_edits() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.link(SyncDirection::PullOnly).await;
    let draft = EventDraft {
        calendar_id: world.calendar,
        content: single("Lunch", "2026-11-03 12:00"),
        notify: NotifyAttendees::Nobody,
    };
    let read_only =
        |error: &EngineError| matches!(error, EngineError::ReadOnly { reason } if reason.contains("Home"));
    assert!(read_only(&world.engine.create_event(draft).await.unwrap_err()));
    assert!(read_only(&world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap_err()));
    let renamed = world.change(on(id, "2026-11-09 10:00"), |content| content.title = "Retro".into()).await;
    assert!(read_only(&renamed.unwrap_err()));
    assert!(world.see(whole(id)).await.read_only.is_some());

    // Another link that takes edits makes it a calendar like any other.
    world.link(SyncDirection::Bidirectional).await;
    world.change(whole(id), |content| content.title = "Check-in".into()).await.unwrap();
}

#[tokio::test]
async fn what_the_service_would_refuse_is_refused_here() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let mut event = world.row(id).await;
    mark_read_only(&mut event.content, ProviderKind::Google, true);
    let mut transaction = world.engine.inner.store.begin(Durability::Pulled).await.unwrap();
    transaction.put_event(&event).await.unwrap();
    transaction.commit().await.unwrap();

    for target in [whole(id), on(id, "2026-11-09 10:00")] {
        let refused = world.change(target, |content| content.when = hour_from("2026-11-09 12:00")).await;
        assert!(matches!(refused, Err(EngineError::ReadOnly { .. })));
    }
    let window = synodic_model::TimeWindow {
        from: super::world::utc("2026-11-01 00:00"),
        to: super::world::utc("2026-12-01 00:00"),
        viewer: chrono_tz::UTC,
    };
    assert!(world.engine.occurrences(window).await.unwrap().iter().all(|view| view.read_only));
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_not_there() {
    let world = World::new().await;
    let nobody = synodic_model::EventId::new(uuid::Uuid::from_u128(7));
    for target in [whole(nobody), on(nobody, "2026-11-09 10:00")] {
        let target: EventTarget = target;
        assert!(matches!(world.engine.event(target).await, Err(EngineError::NotFound { what: "event" })));
        assert!(matches!(
            world.engine.delete_event(target, NotifyAttendees::Nobody).await,
            Err(EngineError::NotFound { .. })
        ));
    }
    let nowhere = synodic_model::CalendarId::new(uuid::Uuid::from_u128(8));
    let draft = EventDraft {
        calendar_id: nowhere,
        content: single("Lunch", "2026-11-03 12:00"),
        notify: NotifyAttendees::Nobody,
    };
    let refused = world.engine.create_event(draft).await;
    assert!(matches!(refused, Err(EngineError::NotFound { what: "calendar" })));
}
