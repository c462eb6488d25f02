//! The computer sleeps, its clock is set, the service says nothing: sync goes on all the same, and says how it stands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use http::{Request, Response};
use serde_json::json;
use synodic_engine::google::Tokens;
use synodic_engine::snapshot::SyncState;
use synodic_model::sync::SyncDirection;
use synodic_model::{EventContent, Reminder, ReminderMethod, Reminders, When, ZonedTime};
use synodic_providers::google::{Google, GoogleClient, GoogleEndpoints};
use synodic_providers::transport::{Pace, Surroundings, Transport, TransportError};
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::record::RequestRecord;
use synodic_tests::leaping::Leaping;
use synodic_tests::world::{SECRET, Setting, World, meeting};

pub(crate) async fn leaping(polling: Option<Duration>) -> (World, Arc<Leaping>) {
    let mut world = World::with(Setting { autonomous: true, polling, ..Setting::default() }).await;
    world.linked().await;
    let clock = Arc::new(Leaping::default());
    world.restart_with(clock.clone(), None).await;
    let began = clock.time();
    world.engine.sync_now();
    world
        .until("the first pull", async |world| {
            world.engine.snapshot().last_success_at.is_some_and(|at| at >= began)
        })
        .await;
    world.until_state(SyncState::Synced).await;
    (world, clock)
}

fn is_pull(request: &RequestRecord) -> bool {
    request.path.contains("/events") && request.query.contains("syncToken")
}

fn busy() -> Effect {
    Effect::Status { status: 503, reason: "backendError".into(), retry_after_seconds: None, applied: false }
}

#[tokio::test]
async fn waking_up_asks_at_once_and_once() {
    let (world, clock) = leaping(None).await;
    for (asleep, title) in
        [(TimeDelta::minutes(20), "A nap"), (TimeDelta::hours(9), "A night"), (TimeDelta::days(2), "A trip")]
    {
        world.phone_adds(title, 3);
        world.google.clear_requests();
        clock.leap(asleep);
        world.until(title, async |world| world.titles().await.contains(&title.to_owned())).await;
        world.until_state(SyncState::Synced).await;
        let listings = world.google.requests();
        let pulls = listings.iter().filter(|request| is_pull(request)).count();
        assert_eq!(pulls, 1, "{title}: {listings:#?}");
    }
}

#[tokio::test]
async fn after_a_night_each_account_is_asked_once() {
    const BOB: &str = "bob@example.com";
    let (world, clock) = leaping(None).await;
    world.google.add_account(BOB, "Bob");
    let (access_token, refresh_token) = world.google.issue_tokens(BOB);
    let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None };
    let bob = world.engine.connect_google(tokens).await.unwrap();
    world.link(None, bob, BOB, SyncDirection::Bidirectional).await;
    world
        .until("both are read", async |world| {
            let calendars = world.engine.calendars().await.unwrap();
            calendars.iter().all(|calendar| calendar.links[0].last_pulled_at.is_some())
        })
        .await;
    world.until_state(SyncState::Synced).await;
    world.phone_adds("While asleep", 3);
    let at = |hour| json!({ "dateTime": format!("2026-11-04T{hour:02}:00:00Z"), "timeZone": "UTC" });
    world.google.put_event(BOB, json!({ "summary": "Bob’s", "start": at(9), "end": at(10) }));
    world.google.clear_requests();
    clock.leap(TimeDelta::hours(9));
    world.until("both events", async |world| world.titles().await.len() == 2).await;
    world.until_state(SyncState::Synced).await;
    for of in ["ada", "bob"] {
        let requests = world.google.requests();
        let pulls = requests.iter().filter(|request| is_pull(request) && request.path.contains(of)).count();
        assert_eq!(pulls, 1, "{of}: {requests:#?}");
    }
}

#[tokio::test]
async fn who_falls_asleep_in_the_middle_of_a_listing_asks_once_more() {
    let (world, clock) = leaping(None).await;
    world.google.clear_requests();
    // Google has its answer ready before the night, and the last of it arrives afterwards.
    world.google.inject(Fault::new(Effect::SlowDrip { bytes: 8, millis: 20 }).on("GET", "/events").times(1));
    world.engine.sync_now();
    world.until("the question", async |world| world.google.requests().iter().any(is_pull)).await;
    world.phone_adds("While asleep", 3);
    clock.leap(TimeDelta::hours(9));
    assert!(world.titles().await.is_empty(), "the answer is on its way");
    world.until("the event", async |world| world.titles().await == ["While asleep"]).await;
    world.until_state(SyncState::Synced).await;
    assert_eq!(world.google.requests().iter().filter(|request| is_pull(request)).count(), 2);
}

/// A meeting that begins so many minutes from now, and wants to be told of ten minutes before.
fn in_minutes(title: &str, minutes: i64, clock: &Leaping) -> EventContent {
    let at = |minutes| ZonedTime::at(clock.time() + TimeDelta::minutes(minutes), chrono_tz::Europe::Berlin);
    let when = When::Zoned { start: at(minutes), end: at(minutes + 30) };
    let ten = Reminder { minutes_before: 10, method: ReminderMethod::Popup };
    EventContent { reminders: Reminders::Custom { reminders: vec![ten] }, ..EventContent::new(title, when) }
}

#[tokio::test]
async fn reminders_that_were_slept_through_are_told_once_and_as_late() {
    let (world, clock) = leaping(None).await;
    let calendar = world.engine.calendars().await.unwrap()[0].id;
    for (title, minutes) in [("Stand-up", 60), ("Lunch", 240)] {
        world.create(calendar, in_minutes(title, minutes, &clock)).await;
    }
    let engine = world.engine.clone();
    let waiting = tokio::spawn(async move { engine.next_reminders().await.unwrap().unwrap() });
    world
        .until("the first look", async |world| {
            let store = world.replica().await;
            let looked = store.setting("reminders").await.unwrap().is_some();
            store.close().await;
            looked
        })
        .await;
    clock.leap(TimeDelta::hours(9));
    let told: Vec<_> =
        waiting.await.unwrap().into_iter().map(|told| (told.occurrence.title, told.is_late)).collect();
    assert_eq!(told, [("Stand-up".to_owned(), true), ("Lunch".to_owned(), true)]);

    world.create(calendar, in_minutes("Soon", 5, &clock)).await;
    let told = world.engine.next_reminders().await.unwrap().unwrap();
    let titles: Vec<_> = told.iter().map(|told| told.occurrence.title.as_str()).collect();
    assert_eq!(titles, ["Soon"], "the others are not told again");
}

#[tokio::test]
async fn a_clock_set_back_by_a_day_leaves_nothing_waiting_for_it() {
    let (world, clock) = leaping(Some(Duration::from_secs(120))).await;
    let calendar = world.engine.calendars().await.unwrap()[0].id;
    clock.leap(TimeDelta::days(1));
    world.until_state(SyncState::Synced).await;
    world.google.inject(Fault::new(busy()).on("POST", "/events"));
    world.create(calendar, meeting("Ours", 3)).await;
    world
        .until("the first try", async |world| {
            world.engine.snapshot().queue.iter().any(|item| item.last_error.is_some())
        })
        .await;
    clock.leap(TimeDelta::days(-1));
    world.google.clear_faults();
    world.phone_adds("Theirs", 4);
    world
        .until("a time for the next try within ten minutes", async |world| {
            let latest = clock.time() + TimeDelta::minutes(10);
            world.engine.snapshot().queue.iter().all(|item| item.scheduled_for <= latest)
        })
        .await;
    for _ in 0..22 {
        clock.leap(TimeDelta::seconds(30));
        tokio::time::sleep(Duration::from_millis(12)).await;
    }
    world.until("both", async |world| world.titles().await == ["Ours", "Theirs"]).await;
    world.until("the edit", async |world| world.remote_titles() == ["Ours", "Theirs"]).await;
    world.until_state(SyncState::Synced).await;
}

#[tokio::test]
async fn an_edit_made_on_a_clock_that_was_a_day_ahead_does_not_win_for_a_day() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Before", 3)).await;
    world.pass().await;
    let clock = Arc::new(Leaping::default());
    world.restart_with(clock.clone(), None).await;
    clock.leap(TimeDelta::days(1));
    world.change(event.id, |content| content.title = "Here".into()).await;
    clock.leap(TimeDelta::days(-1));
    let remote = world.remote("Before")["id"].as_str().unwrap().to_owned();
    world.phone_changes(&remote, json!({ "summary": "There, later" }));
    for _ in 0..2 {
        world.pass().await;
    }
    assert_eq!(world.titles().await, ["There, later"]);
    assert_eq!(world.remote_titles(), ["There, later"]);
    let conflicts = world.engine.conflicts().await.unwrap();
    assert_eq!(conflicts.len(), 1, "what lost can be seen and taken back");
}

#[tokio::test]
async fn an_edit_made_on_a_clock_that_was_a_day_behind_wins_over_an_older_one() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Before", 3)).await;
    world.pass().await;
    let clock = Arc::new(Leaping::default());
    clock.leap(TimeDelta::days(-1));
    world.restart_with(clock.clone(), None).await;
    let remote = world.remote("Before")["id"].as_str().unwrap().to_owned();
    world.phone_changes(&remote, json!({ "summary": "There" }));
    // Google tells thousandths of a second.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    world.change(event.id, |content| content.title = "Here, later".into()).await;
    for _ in 0..2 {
        world.pass().await;
    }
    assert_eq!(world.titles().await, ["Here, later"]);
    assert_eq!(world.remote_titles(), ["Here, later"]);
}

#[tokio::test]
async fn a_service_that_only_refuses_becomes_overdue_and_recovers() {
    let (world, clock) = leaping(Some(Duration::from_secs(60))).await;
    world.google.inject(Fault::new(busy()).on("GET", "/events"));
    world
        .until("overdue", async |world| {
            // Not quicker than what is under way, or it would look like sleep.
            tokio::time::sleep(Duration::from_millis(60)).await;
            clock.leap(TimeDelta::seconds(20));
            world.engine.snapshot().state == SyncState::Overdue
        })
        .await;
    assert!(world.engine.snapshot().integrations[0].message.is_some(), "it says why");
    world.google.clear_faults();
    world
        .until("news", async |world| {
            clock.leap(TimeDelta::seconds(20));
            world.engine.snapshot().state == SyncState::Synced
        })
        .await;
}

/// The network, which can stop answering without ending a connection. What was asked meanwhile fails when it is back.
struct Hanging {
    inner: Arc<dyn Transport>,
    hangs: Arc<AtomicBool>,
    has_hung: Arc<AtomicBool>,
}

#[async_trait]
impl Transport for Hanging {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        if !self.hangs.load(Ordering::Relaxed) {
            return self.inner.send(request).await;
        }
        self.has_hung.store(true, Ordering::Relaxed);
        while self.hangs.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err(TransportError::Unreachable { reason: "the network was changed".into() })
    }
}

/// Google, reached through that network.
#[derive(Debug)]
pub(crate) struct Reached {
    google: GoogleEndpoints,
    hangs: Arc<AtomicBool>,
    has_hung: Arc<AtomicBool>,
}

impl Reached {
    /// The Google of `world`, reached through a network that answers unless it `hangs`.
    pub(crate) fn new(world: &World, hangs: &Arc<AtomicBool>) -> Self {
        let google = world.config().google_endpoints;
        Self { google, hangs: Arc::clone(hangs), has_hung: Arc::default() }
    }
}

impl synodic_engine::services::Services for Reached {
    fn connect(
        &self,
        _: &synodic_model::sync::Integration,
        vault: Arc<dyn synodic_providers::TokenVault>,
    ) -> Result<Arc<dyn synodic_providers::Provider>, synodic_engine::EngineError> {
        let client = GoogleClient { id: "desktop".into(), secret: Some(SECRET.into()) };
        let real = Surroundings::real().unwrap();
        let (hangs, has_hung) = (Arc::clone(&self.hangs), Arc::clone(&self.has_hung));
        let transport = Arc::new(Hanging { inner: real.transport, hangs, has_hung });
        let surroundings = Surroundings { transport, clock: real.clock, pace: Pace::OfService };
        Ok(Arc::new(Google::with(self.google.clone(), client, vault, surroundings)))
    }
}

#[tokio::test]
async fn work_that_comes_to_nothing_is_broken_off_counted_and_taken_up_again() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await;
    let clock = Arc::new(Leaping::default());
    let hangs = Arc::new(AtomicBool::new(false));
    let reached = Reached::new(&world, &hangs);
    world.restart_with(clock.clone(), Some(Arc::new(reached))).await;
    world.until_state(SyncState::Synced).await;
    hangs.store(true, Ordering::Relaxed);
    world.create(calendar.id, meeting("Stuck", 3)).await;
    world.until_state(SyncState::Syncing).await;
    world
        .until("the end of it", async |world| {
            let state = world.engine.snapshot().state;
            if state == SyncState::Syncing {
                clock.leap(TimeDelta::seconds(30));
            }
            state == SyncState::BackingOff
        })
        .await;
    let told = world.engine.snapshot().integrations[0].message.clone().unwrap();
    assert!(told.contains("did not answer"), "{told}");
    assert_eq!(world.engine.diagnostics().await.unwrap().accounts[0].restarts, 1);
    hangs.store(false, Ordering::Relaxed);
    world
        .until("the event", async |world| {
            clock.leap(TimeDelta::seconds(5));
            world.remote_titles() == ["Stuck"]
        })
        .await;
    world.until_state(SyncState::Synced).await;
}

/// The computer sleeps for two hours without a network, and tries once after waking up.
async fn sleep_two_hours(world: &World, clock: &Leaping) {
    let before = world.engine.snapshot().integrations[0].retry_at;
    clock.leap(TimeDelta::hours(2));
    world.until("another try", async |world| world.engine.snapshot().integrations[0].retry_at > before).await;
}

#[tokio::test]
async fn three_days_without_a_network_cost_no_try() {
    let (mut world, clock) = leaping(None).await;
    let calendar = world.engine.calendars().await.unwrap()[0].id;
    world.cut_off().await;
    world.create(calendar, meeting("On the ship", 3)).await;
    world.until_state(SyncState::Offline).await;
    for _ in 0..36 {
        sleep_two_hours(&world, &clock).await;
    }
    world.until_state(SyncState::Offline).await;
    let store = world.replica().await;
    let waiting = store.queue_list(10).await.unwrap();
    store.close().await;
    assert_eq!((waiting.len(), waiting[0].entry.retry_count), (1, 0), "{waiting:?}");
    world.reconnect().await;
    clock.leap(TimeDelta::minutes(6));
    world.until("the event", async |world| world.remote_titles() == ["On the ship"]).await;
    world.until_state(SyncState::Synced).await;
}

#[tokio::test]
async fn what_failed_because_of_sleep_is_tried_again_at_once() {
    let mut world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let calendar = world.linked().await.id;
    let clock = Arc::new(Leaping::default());
    let hangs = Arc::new(AtomicBool::new(false));
    let reached = Reached::new(&world, &hangs);
    let has_hung = Arc::clone(&reached.has_hung);
    world.restart_with(clock.clone(), Some(Arc::new(reached))).await;
    world.until_state(SyncState::Synced).await;
    world.cut_off().await;
    world.create(calendar, meeting("On the train", 3)).await;
    world.until_state(SyncState::Offline).await;
    // So many failures that the next try would be minutes away.
    for _ in 0..12 {
        sleep_two_hours(&world, &clock).await;
    }
    hangs.store(true, Ordering::Relaxed);
    world.reconnect().await;
    clock.leap(TimeDelta::hours(2));
    world.until("a request", async |_| has_hung.load(Ordering::Relaxed)).await;
    clock.leap(TimeDelta::hours(2));
    hangs.store(false, Ordering::Relaxed);
    world.until("the event", async |world| world.remote_titles() == ["On the train"]).await;
    world.until_state(SyncState::Synced).await;
}

#[tokio::test]
async fn what_was_done_is_forgotten_after_a_month() {
    let (world, clock) = leaping(None).await;
    let calendar = world.engine.calendars().await.unwrap()[0].id;
    world.create(calendar, meeting("Long ago", 3)).await;
    world.until("the event", async |world| world.remote_titles() == ["Long ago"]).await;
    world.until_state(SyncState::Synced).await;
    let store = world.replica().await;
    let began = clock.time();
    assert_eq!(store.queue_spans(began - TimeDelta::days(1)).await.unwrap().len(), 1);
    assert!(!store.log_entries(100, Some(began + TimeDelta::days(1))).await.unwrap().is_empty());
    clock.leap(TimeDelta::days(31));
    let after = began + TimeDelta::days(1);
    world
        .until("the end of what is old", async |_| {
            let spans = store.queue_spans(began - TimeDelta::days(1)).await.unwrap();
            spans.is_empty() && store.log_entries(100, Some(after)).await.unwrap().is_empty()
        })
        .await;
    store.close().await;
    assert_eq!(world.titles().await, ["Long ago"], "and nothing else is");
}
