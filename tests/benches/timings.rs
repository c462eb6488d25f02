//! How long the things take that a person waits for, each beside its target. `make bench` runs this in a release
//! build. A timing is never a test's assertion: the figures are printed, and a person judges them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has nothing to tell"
)]
#![allow(clippy::print_stdout, reason = "printing the figures is what it is for")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use synodic_engine::clock::SystemClock;
use synodic_engine::config::{Polling, SecretsPlace, WebhookConfig};
use synodic_engine::google::{GoogleClient, GoogleEndpoints, Tokens};
use synodic_engine::view::EventDraft;
use synodic_engine::{Engine, EngineConfig};
use synodic_model::sync::{Calendar, SyncDirection};
use synodic_model::{
    CalendarId, Event, EventContent, EventId, Recurrence, Revision, TimeWindow, When, ZonedTime,
};
use synodic_simulators::google::{Control, GoogleOptions, GoogleSimulator, NewCalendar, RunningGoogle};
use synodic_store::{Durability, OpenOptions, Store};
use uuid::Uuid;

const EVENTS: usize = 100_000;
const SERIES: usize = 2_000;
const ZONE: chrono_tz::Tz = chrono_tz::Europe::Berlin;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        println!("{:<58}{:>10}{:>10}{:>10}", "", "median", "p95", "target");
        large_replica().await;
        on_loopback().await;
    });
}

/// Prints the median and the 95th percentile of what was measured.
fn report(what: &str, mut taken: Vec<Duration>, target: &str) {
    taken.sort_unstable();
    let at = |share: usize| taken[(taken.len() - 1) * share / 100];
    println!("{what:<58}{:>10}{:>10}{target:>10}", milliseconds(at(50)), milliseconds(at(95)));
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

/// A replica with 100,000 events, 2,000 of them series.
async fn large_replica() {
    let folder = tempfile::tempdir().unwrap();
    let calendar = fill(&folder.path().join("synodic.db")).await;
    let engine = Engine::start(config(folder.path(), None), Arc::new(SystemClock)).await.unwrap();

    let window = TimeWindow { from: instant(2026, 11, 1), to: instant(2026, 12, 1), viewer: ZONE };
    let mut shown = 0;
    let mut taken = Vec::new();
    for _ in 0..50 {
        let from = Instant::now();
        shown = engine.occurrences(window).await.unwrap().len();
        taken.push(from.elapsed());
    }
    report(&format!("a month out of {EVENTS} events, {SERIES} series ({shown} shown)"), taken, "20 ms");

    let mut taken = Vec::new();
    for number in 0..200 {
        let draft = EventDraft { calendar_id: calendar, content: single(number) };
        let from = Instant::now();
        engine.create_event(draft).await.unwrap();
        taken.push(from.elapsed());
    }
    report(&format!("a local edit to acknowledged, {EVENTS} events stored"), taken, "10 ms");
    engine.shutdown().await.unwrap();
}

/// Edits and changes on their way to and from a simulated account.
async fn on_loopback() {
    let folder = tempfile::tempdir().unwrap();
    let (google, control, remote) = simulated_account().await;
    let engine = Engine::start(config(folder.path(), Some(&google)), Arc::new(SystemClock)).await.unwrap();
    let (access_token, refresh_token) = control.issue_tokens(ACCOUNT);
    let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None };
    let account = engine.connect_google(tokens).await.unwrap();
    let linked = engine.link_calendar(
        None,
        account,
        synodic_model::RemoteCalendarId::new(&remote),
        SyncDirection::Bidirectional,
    );
    let calendar = linked.await.unwrap().id;
    engine.sync_pass(None).await.unwrap();

    let mut taken = Vec::new();
    for number in 0..100 {
        let before = control.events(&remote).len();
        let from = Instant::now();
        engine.create_event(EventDraft { calendar_id: calendar, content: single(number) }).await.unwrap();
        until(|| control.events(&remote).len() > before).await;
        taken.push(from.elapsed());
        // Below the account's rate limit, as a person is.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    report("an edit to committed at the simulator", taken, "100 ms");

    let mut changes = engine.changes();
    let mut taken = Vec::new();
    for number in 0..50 {
        while changes.try_recv().is_ok() {}
        let from = Instant::now();
        control.put_event(
            &remote,
            serde_json::json!({
                "summary": format!("Moved {number}"),
                "start": { "dateTime": "2026-11-24T09:00:00+01:00", "timeZone": "Europe/Berlin" },
                "end": { "dateTime": "2026-11-24T10:00:00+01:00", "timeZone": "Europe/Berlin" },
            }),
        );
        tokio::time::timeout(Duration::from_secs(10), changes.recv()).await.unwrap().unwrap();
        taken.push(from.elapsed());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    report("a change at the simulator to told to the window", taken, "500 ms");
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

const ACCOUNT: &str = "ada@example.org";

async fn simulated_account() -> (RunningGoogle, Control, String) {
    let simulator = GoogleSimulator::new(GoogleOptions::default());
    let control = simulator.control();
    control.add_account(ACCOUNT, "Ada");
    let calendar = control.add_calendar(
        ACCOUNT,
        NewCalendar { summary: "Work".into(), time_zone: Some(ZONE), ..NewCalendar::default() },
    );
    let running = simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    (running, control, calendar)
}

fn config(folder: &std::path::Path, google: Option<&RunningGoogle>) -> EngineConfig {
    let google_endpoints = google.map_or_else(GoogleEndpoints::public, |google| GoogleEndpoints {
        api: google.endpoints().api_url.parse().unwrap(),
        auth: google.endpoints().auth_url.parse().unwrap(),
        token: google.endpoints().token_url.parse().unwrap(),
    });
    EngineConfig {
        data_dir: folder.to_path_buf(),
        secrets: SecretsPlace::Memory,
        google_endpoints,
        google_client: Some(GoogleClient { id: "bench".into(), secret: Some("bench".into()) }),
        webhook: google.map(|_| WebhookConfig { public_url: None, listen: ([127, 0, 0, 1], 0).into() }),
        polling: Polling::default(),
        viewer: ZONE,
        autonomous: google.is_some(),
    }
}

async fn fill(path: &std::path::Path) -> CalendarId {
    let store = Store::open(path, OpenOptions::default()).await.unwrap();
    let calendar = Calendar {
        id: CalendarId::new(Uuid::now_v7()),
        name: "Everything".into(),
        color: "#4a6fa5".into(),
        time_zone: ZONE.name().into(),
        visible: true,
        position: 0,
        default_reminders: Vec::new(),
    };
    let mut transaction = store.begin(Durability::Pulled).await.unwrap();
    transaction.put_calendar(&calendar).await.unwrap();
    for chunk in (0..EVENTS).collect::<Vec<_>>().chunks(1000) {
        let events: Vec<Event> = chunk.iter().map(|&number| stored(calendar.id, number)).collect();
        transaction.put_events(&events).await.unwrap();
    }
    transaction.commit().await.unwrap();
    store.close().await;
    calendar.id
}

fn stored(calendar_id: CalendarId, number: usize) -> Event {
    let mut content = single(number);
    if number < SERIES {
        let rules =
            ["FREQ=WEEKLY;BYDAY=MO", "FREQ=DAILY;COUNT=400", "FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=YEARLY"];
        content.recurrence = Some(Recurrence::from_rule(rules[number % rules.len()]).unwrap());
    }
    Event {
        id: EventId::new(Uuid::now_v7()),
        calendar_id,
        uid: Uuid::now_v7().to_string(),
        occurrence_of: None,
        content,
        revision: Revision::default(),
        created_at: instant(2020, 1, 1),
        updated_at: instant(2020, 1, 1),
        deleted_at: None,
    }
}

/// Events spread over ten years, a handful a day.
fn single(number: usize) -> EventContent {
    let days = i64::try_from(number % 3650).unwrap();
    let hours = i64::try_from(number % 10).unwrap();
    let start = NaiveDate::from_ymd_opt(2017, 1, 2).unwrap().and_hms_opt(8, 0, 0).unwrap()
        + TimeDelta::days(days)
        + TimeDelta::hours(hours);
    let end = start + TimeDelta::minutes(45);
    let when = When::Zoned { start: ZonedTime::new(start, ZONE), end: ZonedTime::new(end, ZONE) };
    EventContent::new(format!("Event {number}"), when)
}

fn instant(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(year, month, day).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc()
}
