//! The window never waits for the network: while a request hangs, everything that is done here is done at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{TimeDelta, TimeZone, Utc};
use synodic_engine::snapshot::SyncState;
use synodic_engine::view::{CalendarChange, EventMove, EventTarget, MoveAnswer, NotifyAttendees};
use synodic_model::TimeWindow;
use synodic_tests::leaping::Leaping;
use synodic_tests::world::{Setting, World, meeting};

use crate::clocks::Reached;

/// Far longer than anything takes that asks nobody, and far shorter than a request may take.
const AT_ONCE: Duration = Duration::from_secs(5);

async fn at_once<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(AT_ONCE, work).await.unwrap_or_else(|_| panic!("{what} waits for the network"))
}

#[tokio::test]
async fn everything_that_is_done_here_is_done_while_a_request_hangs() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await.id;
    let kept = world.create(calendar, meeting("Kept", 3)).await.id;
    let leaves = world.create(calendar, meeting("Leaves", 4)).await.id;
    world.until_state(SyncState::Synced).await;
    let clock = Arc::new(Leaping::default());
    let hangs = Arc::new(AtomicBool::new(false));
    let reached = Reached::new(&world, &hangs);
    world.restart_with(clock.clone(), Some(Arc::new(reached))).await;
    world.until_state(SyncState::Synced).await;
    hangs.store(true, Ordering::Relaxed);
    world.engine.sync_now();
    world.until_state(SyncState::Syncing).await;

    let engine = &world.engine;
    let made = at_once("making", world.create(calendar, meeting("Made", 5))).await.id;
    at_once("changing", world.change(kept, |content| content.location = "Hall".into())).await;
    let gone = engine.delete_event(EventTarget::Event { id: leaves }, NotifyAttendees::Nobody);
    let gone = at_once("deleting", gone).await.unwrap();
    at_once("taking back", engine.undo(gone.undo)).await.unwrap();
    let home = engine.create_calendar("Home".into(), "#336699".into(), "Europe/Berlin".into());
    let home = at_once("making a calendar", home).await.unwrap().id;
    let name = CalendarChange { name: Some("At home".into()), ..CalendarChange::default() };
    at_once("naming a calendar", engine.change_calendar(home, name)).await.unwrap();
    let wish = EventMove { id: made, calendar_id: home, confirmed: true, notify: NotifyAttendees::Nobody };
    let moved = at_once("moving", engine.move_event(wish)).await.unwrap();
    let MoveAnswer::Moved { receipt } = moved else { panic!("{moved:?}") };
    at_once("moving back", engine.undo(receipt.undo)).await.unwrap();

    assert_eq!(at_once("showing", world.titles()).await, ["Kept", "Leaves", "Made"]);
    let at = |year| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap();
    let window = TimeWindow { from: at(2026), to: at(2027), viewer: chrono_tz::UTC };
    assert_eq!(at_once("looking", engine.occurrences(window)).await.unwrap().len(), 3);
    assert_eq!(at_once("searching", engine.search("Kept", Utc::now(), 10)).await.unwrap().len(), 1);
    assert!(!at_once("the outbox", engine.queue_list()).await.unwrap().is_empty());
    at_once("the calendars", engine.calendars()).await.unwrap();
    at_once("the history", engine.event_history(kept)).await.unwrap();
    at_once("what was deleted", engine.deleted_events()).await.unwrap();
    at_once("conflicts", engine.conflicts()).await.unwrap();
    at_once("reviews", engine.reviews()).await.unwrap();
    at_once("the runs", engine.runs()).await.unwrap();
    at_once("the reason", engine.why(kept)).await.unwrap();
    at_once("diagnostics", engine.diagnostics()).await.unwrap();
    at_once("pausing", engine.pause(None)).await.unwrap();
    at_once("resuming", engine.resume()).await.unwrap();

    hangs.store(false, Ordering::Relaxed);
    world
        .until("all of it at Google", async |world| {
            clock.leap(TimeDelta::seconds(20));
            world.remote_titles() == ["Kept", "Leaves", "Made"] && world.remote("Kept")["location"] == "Hall"
        })
        .await;
}
