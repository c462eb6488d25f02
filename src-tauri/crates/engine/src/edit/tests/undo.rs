use chrono::Utc;
use synodic_model::history::{self, Author, ChangeKind};
use synodic_model::sync::{EventSyncStatus, Operation, QueueStatus, SyncDirection};
use synodic_model::{
    Event, EventContent, EventId, EventStatus, ExternalId, LinkId, Recurrence, RemoteVersion,
};
use synodic_store::Durability;

use super::world::{World, hour_from, mondays, on, single, whole};
use crate::error::EngineError;
use crate::view::{EventMove, EventTarget, MoveAnswer, NotifyAttendees};

const SECOND: &str = "2026-11-09 10:00";

/// Lets a remote confirm what was sent: the outbox is empty, and the remote has the event as it is here.
async fn confirm(world: &World, link_id: LinkId, ids: &[EventId]) {
    let mut transaction = world.engine.inner.store.begin(Durability::Pulled).await.unwrap();
    for id in ids {
        let event = transaction.event(*id).await.unwrap().unwrap();
        if let Some(entry) = transaction.queue_entry_of(*id, link_id).await.unwrap() {
            transaction.remove_queue_entry(entry.id).await.unwrap();
        }
        let mut row = transaction.event_sync(*id, link_id).await.unwrap().unwrap();
        row.status = EventSyncStatus::Synced;
        row.external_id = Some(ExternalId::new(id.to_string()));
        row.remote_version = Some(RemoteVersion::new("\"1\""));
        row.base = Some(event.content.clone());
        row.local_version = event.revision;
        row.last_synced_at = Some(Utc::now());
        transaction.put_event_sync(&row).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn every_edit_is_taken_back_and_made_again() {
    let world = World::new().await;
    let made = world.create(single("Lunch", "2026-11-03 12:00")).await;
    let id = made.event.unwrap().id;

    let changed =
        world.change(whole(id), |content| content.when = hour_from("2026-11-04 13:00")).await.unwrap();
    let back = world.engine.undo(changed.undo).await.unwrap();
    assert_eq!(world.november().await, ["03 12:00 Lunch"]);
    let again = world.engine.undo(back.undo).await.unwrap();
    assert_eq!(world.november().await, ["04 13:00 Lunch"]);
    world.engine.undo(again.undo).await.unwrap();

    let deleted = world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    let restored = world.engine.undo(deleted.undo).await.unwrap();
    assert_eq!(restored.event.unwrap().id, id);
    assert_eq!(world.november().await, ["03 12:00 Lunch"]);
    let gone = world.engine.undo(restored.undo).await.unwrap();
    assert_eq!((gone.event, world.november().await.len()), (None, 0));
}

#[tokio::test]
async fn a_creation_is_taken_back_and_made_again() {
    let world = World::new().await;
    let made = world.create(single("Lunch", "2026-11-03 12:00")).await;
    let back = world.engine.undo(made.undo).await.unwrap();
    assert_eq!((back.event, world.november().await.len()), (None, 0));
    let again = world.engine.undo(back.undo).await.unwrap();
    assert_eq!(again.event.unwrap().id, made.event.unwrap().id);
    assert_eq!(world.november().await, ["03 12:00 Lunch"]);
}

#[tokio::test]
async fn a_token_serves_once() {
    let world = World::new().await;
    let made = world.create(single("Lunch", "2026-11-03 12:00")).await;
    world.engine.undo(made.undo).await.unwrap();
    assert!(matches!(world.engine.undo(made.undo).await, Err(EngineError::NotFound { what: "edit" })));
}

#[tokio::test]
async fn taking_back_is_an_edit_that_travels() {
    let world = World::new().await;
    let link = world.link(SyncDirection::Bidirectional).await;
    let made = world.create(single("Lunch", "2026-11-03 12:00")).await;
    let id = made.event.unwrap().id;
    confirm(&world, link, &[id]).await;
    assert_eq!(world.queue().await, []);

    let before = world.row(id).await.revision;
    world.engine.undo(made.undo).await.unwrap();
    assert_eq!(world.queue().await, [("Lunch".to_owned(), Operation::Delete, QueueStatus::Pending)]);
    assert_eq!(world.row(id).await.revision, before.next());
}

#[tokio::test]
async fn a_deleted_event_comes_back_even_after_every_remote_has_forgotten_it() {
    let world = World::new().await;
    let link = world.link(SyncDirection::Bidirectional).await;
    let id = world.made(single("Lunch", "2026-11-03 12:00")).await;
    confirm(&world, link, &[id]).await;
    let deleted = world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    let mut transaction = world.engine.inner.store.begin(Durability::Pulled).await.unwrap();
    transaction.remove_event(id).await.unwrap();
    transaction.commit().await.unwrap();

    world.engine.undo(deleted.undo).await.unwrap();
    assert_eq!(world.november().await, ["03 12:00 Lunch"]);
    assert_eq!(world.queue().await, [("Lunch".to_owned(), Operation::Upsert, QueueStatus::Pending)]);
}

#[tokio::test]
async fn only_what_the_edit_changed_is_taken_back() {
    let world = World::new().await;
    let id = world.made(single("Lunch", "2026-11-03 12:00")).await;
    let renamed = world.change(whole(id), |content| content.title = "Dinner".into()).await.unwrap();
    world.change(whole(id), |content| content.location = "Roof".into()).await.unwrap();
    world.engine.undo(renamed.undo).await.unwrap();
    let content = world.see(whole(id)).await.content;
    assert_eq!((content.title.as_str(), content.location.as_str()), ("Lunch", "Roof"));
}

#[tokio::test]
async fn what_has_changed_since_is_not_overwritten() {
    let world = World::new().await;
    let made = world.create(single("Lunch", "2026-11-03 12:00")).await;
    let id = made.event.unwrap().id;
    let renamed = world.change(whole(id), |content| content.title = "Dinner".into()).await.unwrap();
    world.change(whole(id), |content| content.title = "Supper".into()).await.unwrap();
    for token in [renamed.undo, made.undo] {
        assert!(matches!(world.engine.undo(token).await, Err(EngineError::Stale { .. })));
    }
    assert_eq!(world.november().await, ["03 12:00 Supper"]);
}

#[tokio::test]
async fn an_event_that_came_back_by_itself_is_not_restored_twice() {
    let world = World::new().await;
    let id = world.made(single("Lunch", "2026-11-03 12:00")).await;
    let deleted = world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    let mut event = world.row(id).await;
    event.deleted_at = None;
    event.content.title = "Edited elsewhere".into();
    let mut transaction = world.engine.inner.store.begin(Durability::Pulled).await.unwrap();
    transaction.put_event(&event).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(matches!(world.engine.undo(deleted.undo).await, Err(EngineError::Stale { .. })));
    assert_eq!(world.november().await, ["03 12:00 Edited elsewhere"]);
}

#[tokio::test]
async fn an_edited_occurrence_says_again_what_the_series_says() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let id = world.made(mondays("Stand-up")).await;
    let before = world.november().await;
    for edit in [
        world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap(),
        world.engine.delete_event(on(id, "2026-11-16 10:00"), NotifyAttendees::Nobody).await.unwrap(),
    ] {
        let back = world.engine.undo(edit.undo).await.unwrap();
        assert_eq!(
            world.row(back.event.unwrap().id).await.deleted_at,
            None,
            "to delete it would call it off"
        );
    }
    assert_eq!(world.november().await, before);
    let queue = world.queue().await;
    assert!(queue.iter().all(|(_, operation, _)| *operation == Operation::Upsert), "{queue:?}");
}

#[tokio::test]
async fn a_called_off_occurrence_comes_back_and_goes_again() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let called_off = world.engine.delete_event(on(id, SECOND), NotifyAttendees::Nobody).await.unwrap();
    let back = world.engine.undo(called_off.undo).await.unwrap();
    assert_eq!(world.november().await.len(), 5);
    world.engine.undo(back.undo).await.unwrap();
    assert_eq!(world.november().await.len(), 4);
}

#[tokio::test]
async fn a_moved_series_goes_back_with_everything_that_went_along() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    world.engine.delete_event(on(id, "2026-11-16 10:00"), NotifyAttendees::Nobody).await.unwrap();
    let before = world.november().await;
    for start in ["2026-11-03 11:00", "2026-11-09 10:00", "2026-11-02 10:30"] {
        let moved = world.change(whole(id), |content| content.when = hour_from(start)).await.unwrap();
        let after = world.november().await;
        assert_ne!(after, before, "{start}");
        let back = world.engine.undo(moved.undo).await.unwrap();
        assert_eq!(world.november().await, before, "{start}");
        let again = world.engine.undo(back.undo).await.unwrap();
        assert_eq!(world.november().await, after, "{start}");
        world.engine.undo(again.undo).await.unwrap();
        assert_eq!(world.november().await, before, "{start}");
    }
}

#[tokio::test]
async fn a_deleted_series_comes_back_with_its_edited_occurrences() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    let before = world.november().await;
    let deleted = world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    world.engine.undo(deleted.undo).await.unwrap();
    assert_eq!(world.november().await, before);
}

#[tokio::test]
async fn an_occurrence_comes_back_in_the_row_that_it_has_been_given_since() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let edit = world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    let first = edit.event.unwrap().id;
    // A remote says that the occurrence is not in its series any more, and all others follow.
    let mut transaction = world.engine.inner.store.begin(Durability::Edit).await.unwrap();
    let event = transaction.event(first).await.unwrap().unwrap();
    let gone = Event { deleted_at: Some(Utc::now()), ..event.clone() };
    let line = history::line(Some(&event), &gone, Author::Remote, None, Utc::now()).unwrap();
    transaction.append_history(&[line]).await.unwrap();
    transaction.remove_event(first).await.unwrap();
    transaction.commit().await.unwrap();
    world.change(on(id, SECOND), |content| content.title = "Review".into()).await.unwrap();
    let deletion = world.engine.event_history(first).await.unwrap().remove(0);
    assert_eq!(deletion.change, ChangeKind::Deleted);
    world.engine.revert_change(deletion.id).await.unwrap();
    assert_eq!(
        world.november().await[..3],
        ["02 10:00 Stand-up", "09 10:00 Retro", "16 10:00 Stand-up"],
        "one row for one occurrence"
    );
}

#[tokio::test]
async fn an_occurrence_of_a_series_that_is_gone_does_not_come_back_alone() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let edit = world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    let first = edit.event.unwrap().id;
    world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    let mut transaction = world.engine.inner.store.begin(Durability::Edit).await.unwrap();
    transaction.remove_event(id).await.unwrap();
    transaction.commit().await.unwrap();
    let deletion = world.engine.event_history(first).await.unwrap().remove(0);
    let refusal = world.engine.revert_change(deletion.id).await.unwrap_err();
    assert!(refusal.to_string().contains("Restore the series"), "{refusal}");
    // With its series it comes back.
    let deletion = world.engine.deleted_events().await.unwrap().remove(0);
    world.engine.revert_change(deletion.history_id).await.unwrap();
    assert_eq!(world.november().await[..2], ["02 10:00 Stand-up", "09 10:00 Retro"]);
}

#[tokio::test]
async fn an_occurrence_edited_since_follows_its_series_back() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let later =
        world.change(whole(id), |content| content.when = hour_from("2026-11-02 15:00")).await.unwrap();
    world.change(on(id, "2026-11-09 15:00"), |content| content.title = "Retro".into()).await.unwrap();
    world.engine.undo(later.undo).await.unwrap();
    assert_eq!(world.see(on(id, SECOND)).await.content.title, "Retro");
    assert_eq!(world.see(on(id, SECOND)).await.content.when, hour_from(SECOND));
}

#[tokio::test]
async fn an_occurrence_edited_since_returns_with_its_series_to_the_former_calendar() {
    let world = World::new().await;
    let other = world.engine.create_calendar("Work".into(), "#336699".into(), "Europe/Berlin".into());
    let calendar_id = other.await.unwrap().id;
    let id = world.made(mondays("Stand-up")).await;
    let wish = EventMove { id, calendar_id, confirmed: false, notify: NotifyAttendees::Nobody };
    let MoveAnswer::Moved { receipt } = world.engine.move_event(wish).await.unwrap() else {
        panic!("nobody has it yet");
    };
    world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    assert_eq!(world.see(on(id, SECOND)).await.calendar_id, calendar_id);
    world.engine.undo(receipt.undo).await.unwrap();
    let shown = world.see(on(id, SECOND)).await;
    assert_eq!((shown.content.title.as_str(), shown.calendar_id), ("Retro", world.calendar));
}

#[tokio::test]
async fn nothing_said_since_of_an_occurrence_that_would_go_is_lost() {
    let world = World::new().await;
    let mut short = mondays("Stand-up");
    short.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=2").unwrap());
    let id = world.made(short).await;
    let longer = world
        .change(whole(id), |content| {
            content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=4").unwrap());
        })
        .await
        .unwrap();
    world.change(on(id, "2026-11-23 10:00"), |content| content.title = "Retro".into()).await.unwrap();
    assert!(matches!(world.engine.undo(longer.undo).await, Err(EngineError::Stale { .. })));
    assert_eq!(world.see(on(id, "2026-11-23 10:00")).await.content.title, "Retro");
}

#[tokio::test]
async fn an_occurrence_edited_since_is_not_called_off_again() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    // Called off as a service says it, in a row that stays.
    let off = |content: &mut EventContent| content.status = EventStatus::Cancelled;
    let called_off = world.change(on(id, SECOND), off).await.unwrap();
    let back = world.engine.undo(called_off.undo).await.unwrap();
    world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    assert!(matches!(world.engine.undo(back.undo).await, Err(EngineError::Stale { .. })));
    assert_eq!(world.see(on(id, SECOND)).await.content.title, "Retro");
}

#[tokio::test]
async fn what_was_called_off_elsewhere_of_a_series_deleted_here_is_off_when_it_comes_back() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    let deleted = world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    // As a pull keeps it, in case that the series comes back.
    let series = world.row(id).await;
    let EventTarget::Occurrence { key } = on(id, SECOND) else { panic!("an occurrence") };
    let (status, when) = (EventStatus::Cancelled, hour_from(SECOND));
    let content = EventContent { status, when, recurrence: None, ..series.content.clone() };
    let off = Event { id: world.engine.inner.new_event_id(), occurrence_of: Some(key), content, ..series };
    let mut transaction = world.engine.inner.store.begin(Durability::Pulled).await.unwrap();
    transaction.put_event(&off).await.unwrap();
    transaction.commit().await.unwrap();

    let back = world.engine.undo(deleted.undo).await.unwrap();
    assert_eq!(world.november().await[..2], ["02 10:00 Stand-up", "16 10:00 Stand-up"]);
    world.engine.undo(back.undo).await.unwrap();
    assert!(world.november().await.is_empty(), "deleted again");
}

#[tokio::test]
async fn what_was_called_off_takes_place_again_with_its_series_alone() {
    let world = World::new().await;
    let id = world.made(mondays("Stand-up")).await;
    world.change(on(id, SECOND), |content| content.title = "Retro".into()).await.unwrap();
    let called_off = world.engine.delete_event(on(id, SECOND), NotifyAttendees::Nobody).await.unwrap();
    let deleted = world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    assert!(matches!(world.engine.undo(called_off.undo).await, Err(EngineError::Stale { .. })));
    assert!(world.november().await.is_empty(), "nothing is shown of a series that is gone");

    world.engine.undo(deleted.undo).await.unwrap();
    world.engine.undo(called_off.undo).await.unwrap();
    assert_eq!(world.november().await[..2], ["02 10:00 Stand-up", "09 10:00 Retro"]);
}
