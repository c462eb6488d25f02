//! Edits and changes on their way to and from a simulated account.

use std::time::{Duration, Instant};

use serde_json::json;
use synodic_engine::view::{Change, EventDraft, NotifyAttendees};

use crate::google::{Manner, Place, add_calendar, connect, engine, google, link};
use crate::replica::single;
use crate::report;

pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let (google, control) = google().await;
    let remote = add_calendar(&control, "Work", 0);
    let place = Place::of(&google, &control);
    let engine = engine(folder.path(), Some(&place), Manner::Alive).await;
    let account = connect(&engine, &place).await;
    let calendar = link(&engine, account, &remote).await;
    engine.sync_pass(None).await.unwrap();

    let mut taken = Vec::new();
    for number in 0..100 {
        let before = control.events(remote.as_str()).len();
        let from = Instant::now();
        engine
            .create_event(EventDraft {
                calendar_id: calendar,
                content: single(number),
                notify: NotifyAttendees::Nobody,
            })
            .await
            .unwrap();
        until(|| control.events(remote.as_str()).len() > before).await;
        taken.push(from.elapsed());
        // Below the account's rate limit, as a person is.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    report::times("an edit to committed at the simulator", taken, "100 ms");

    // The simulator calls as it writes; the engine tells of a change as soon as the replica has it.
    let mut changes = engine.changes();
    let mut taken = Vec::new();
    for number in 0..100 {
        while changes.try_recv().is_ok() {}
        let from = Instant::now();
        control.put_event(
            remote.as_str(),
            json!({
                "summary": format!("Moved {number}"),
                "start": { "dateTime": "2026-11-24T09:00:00+01:00", "timeZone": "Europe/Berlin" },
                "end": { "dateTime": "2026-11-24T10:00:00+01:00", "timeZone": "Europe/Berlin" },
            }),
        );
        tokio::time::timeout(Duration::from_secs(10), async {
            while !matches!(changes.recv().await.unwrap(), Change::Events { from_remote: true, .. }) {}
        })
        .await
        .unwrap();
        taken.push(from.elapsed());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    report::times("a change there, by webhook, to committed here and told", taken, "200 ms");
    engine.shutdown().await.unwrap();
    google.stop().await;
}

async fn until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "nothing arrived within ten seconds");
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
}
