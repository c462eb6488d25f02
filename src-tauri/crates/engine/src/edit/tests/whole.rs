use synodic_model::Revision;
use synodic_model::sync::{EventSyncStatus, Operation, QueueStatus, SyncDirection};

use super::world::{World, hour_from, mondays, single, whole, whole_day};
use crate::error::EngineError;
use crate::view::{Change, EventChange, NotifyAttendees, SyncMark};

#[tokio::test]
async fn an_event_is_made_changed_and_deleted() {
    let world = World::new().await;
    let made = world.create(single("Lunch", "2026-11-03 12:00")).await.event.unwrap();
    assert_eq!(made.revision, Revision(1));
    assert_eq!(world.november().await, ["03 12:00 Lunch"]);

    let changed = world.change(whole(made.id), |content| content.title = "Late lunch".into()).await.unwrap();
    let changed = changed.event.unwrap();
    assert_eq!((changed.revision, changed.uid), (Revision(2), made.uid));
    assert_eq!(world.november().await, ["03 12:00 Late lunch"]);

    let deleted = world.engine.delete_event(whole(made.id), NotifyAttendees::Nobody).await.unwrap();
    assert_eq!(deleted.event, None);
    assert_eq!(world.november().await, [""; 0]);
    assert!(matches!(world.engine.event(whole(made.id)).await, Err(EngineError::NotFound { .. })));
    assert!(world.row(made.id).await.deleted_at.is_some(), "the row stays for the remotes and for undo");
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let id = world.made(mondays("Stand-up")).await;
    let mut changes = world.engine.changes();
    let receipt = world.change(whole(id), |_| {}).await.unwrap();
    assert_eq!(receipt.event.unwrap().revision, Revision(1));
    assert!(changes.try_recv().is_err());
}

#[tokio::test]
async fn an_edit_is_marked_once_for_every_link_that_takes_edits() {
    let world = World::new().await;
    let google = world.link(SyncDirection::Bidirectional).await;
    let archive = world.link(SyncDirection::PushOnly).await;
    world.link(SyncDirection::PullOnly).await;
    let id = world.made(single("Lunch", "2026-11-03 12:00")).await;
    for hour in ["13:00", "14:00", "15:00"] {
        let start = format!("2026-11-03 {hour}");
        world.change(whole(id), |content| content.when = hour_from(&start)).await.unwrap();
    }

    let mark = ("Lunch".to_owned(), Operation::Upsert, QueueStatus::Pending);
    assert_eq!(world.queue().await, [mark.clone(), mark]);
    let syncs = world.syncs(id).await;
    let mut links: Vec<_> = syncs.iter().map(|sync| sync.link_id).collect();
    links.sort_unstable();
    let mut expected = vec![google, archive];
    expected.sort_unstable();
    assert_eq!(links, expected);
    assert!(syncs.iter().all(|sync| sync.status == EventSyncStatus::Pending && sync.external_id.is_none()));
    assert_eq!(world.engine.event(whole(id)).await.unwrap().links.len(), 2);
}

#[tokio::test]
async fn a_deletion_replaces_the_mark_of_the_edit_before_it() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let id = world.made(single("Lunch", "2026-11-03 12:00")).await;
    world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    assert_eq!(world.queue().await, [("Lunch".to_owned(), Operation::Delete, QueueStatus::Pending)]);
}

#[tokio::test]
async fn the_window_is_told_which_calendar_changed() {
    let world = World::new().await;
    let mut changes = world.engine.changes();
    world.made(single("Lunch", "2026-11-03 12:00")).await;
    let told = Change::Events { calendar_ids: vec![world.calendar], from_remote: false };
    assert_eq!(changes.try_recv().unwrap(), told);
}

#[tokio::test]
async fn somebody_who_looked_at_an_earlier_revision_is_told() {
    let world = World::new().await;
    let seen = world.create(single("Lunch", "2026-11-03 12:00")).await.event.unwrap();
    world.change(whole(seen.id), |content| content.location = "Roof".into()).await.unwrap();

    let mut content = seen.content;
    content.title = "Dinner".into();
    let mut late = EventChange {
        target: whole(seen.id),
        content,
        seen_revision: Some(seen.revision),
        notify: NotifyAttendees::Nobody,
    };
    let refusal = world.engine.change_event(late.clone()).await.unwrap_err();
    assert!(matches!(&refusal, EngineError::Stale { title } if title == "Lunch"), "{refusal}");
    assert_eq!(world.see(whole(seen.id)).await.content.location, "Roof");

    late.seen_revision = None;
    world.engine.change_event(late).await.unwrap();
    assert_eq!(world.november().await, ["03 12:00 Dinner"]);
}

#[tokio::test]
async fn a_series_is_deleted_with_all_that_belongs_to_it() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let id = world.made(mondays("Stand-up")).await;
    let retro = super::world::on(id, "2026-11-09 10:00");
    let retro = world.change(retro, |content| content.title = "Retro".into()).await.unwrap().event.unwrap();
    world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
    assert_eq!(world.november().await, [""; 0]);
    assert!(world.row(retro.id).await.deleted_at.is_some());
    let deletions = world.queue().await;
    assert!(deletions.iter().all(|(_, operation, _)| *operation == Operation::Delete), "{deletions:?}");
    assert_eq!(deletions[0].0, "Stand-up", "the series goes before what belongs to it");
}

#[tokio::test]
async fn an_event_becomes_a_whole_day_and_a_series() {
    let world = World::new().await;
    let id = world.made(single("Trip", "2026-11-03 12:00")).await;
    world.change(whole(id), |content| content.when = whole_day("2026-11-05")).await.unwrap();
    assert_eq!(world.november().await, ["05 00:00 Trip"]);
    let weekly = mondays("").recurrence;
    world
        .change(whole(id), |content| {
            content.when = whole_day("2026-11-02");
            content.recurrence = weekly;
        })
        .await
        .unwrap();
    let shown = world.november().await;
    assert_eq!(shown.len(), 5, "{shown:?}");
}

#[tokio::test]
async fn hidden_calendars_show_nothing() {
    let world = World::new().await;
    world.made(single("Lunch", "2026-11-03 12:00")).await;
    world.engine.set_calendar_visible(world.calendar, false).await.unwrap();
    assert_eq!(world.november().await, [""; 0]);
    world.engine.set_calendar_visible(world.calendar, true).await.unwrap();
    assert_eq!(world.november().await.len(), 1);
}

#[tokio::test]
async fn an_event_that_no_link_has_heard_of_is_local() {
    let world = World::new().await;
    let id = world.made(single("Lunch", "2026-11-03 12:00")).await;
    let mark = async || {
        let window = synodic_model::TimeWindow {
            from: super::world::utc("2026-11-03 00:00"),
            to: super::world::utc("2026-11-04 00:00"),
            viewer: chrono_tz::UTC,
        };
        world.engine.occurrences(window).await.unwrap()[0].sync
    };
    assert_eq!(mark().await, SyncMark::Local);
    world.link(SyncDirection::Bidirectional).await;
    world.change(whole(id), |content| content.location = "Roof".into()).await.unwrap();
    assert_eq!(mark().await, SyncMark::Pending);
}
