//! A service that often asks for patience: a long listing comes to its end all the same.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use synodic_model::sync::SyncDirection;
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::GoogleOptions;
use synodic_tests::leaping::Leaping;
use synodic_tests::world::{ADA, Setting, World, meeting};

/// So many events, on so many pages.
const EVENTS: u32 = 500;
const PAGES: u32 = 50;

fn too_many_requests(number: u32) -> Effect {
    let retry_after_seconds = (number.is_multiple_of(2)).then_some(3);
    Effect::Status { status: 429, reason: "rateLimitExceeded".into(), retry_after_seconds, applied: false }
}

#[tokio::test]
async fn a_listing_of_which_every_third_page_is_refused_at_first_reaches_its_end() {
    let google = GoogleOptions { page_size_cap: Some((EVENTS / PAGES) as usize), ..GoogleOptions::default() };
    let mut world = World::with(Setting { google, ..Setting::default() }).await;
    let clock = Arc::new(Leaping::default());
    world.restart_with(clock.clone(), None).await;
    for number in 0..EVENTS {
        world.phone_adds(&format!("Event {number:03}"), 1 + number % 28);
    }
    let account = world.connect().await;
    let both = SyncDirection::Bidirectional;
    world.link(None, account, ADA, both).await;
    world.google.clear_requests();
    for number in 0..PAGES / 2 {
        // What is refused is asked for again, so that this hits three requests in ten.
        let fault = Fault::new(too_many_requests(number)).on("GET", "/events");
        world.google.inject(fault.after(1 + number * 10 / 3).times(1));
    }

    let engine = world.engine.clone();
    let pass = async move { engine.sync_pass(None).await.unwrap() };
    let report = while_time_passes(&clock, pass).await;
    assert_eq!(report.links[0].error, None);
    assert_eq!((report.links[0].created, report.links[0].pages), (EVENTS, PAGES));
    assert_eq!(world.titles().await, world.remote_titles());
    let requests = world.google.requests();
    let refused = requests.iter().filter(|request| request.status == 429).count();
    assert!(refused >= 20, "{refused} were refused");
    let pages = usize::try_from(PAGES).unwrap();
    assert_eq!(world.requests("GET"), pages + refused, "no page is read twice");
}

/// What Google allows at once, and a second.
const UNITS_AT_ONCE: f64 = 10.0;
const UNITS_PER_SECOND: f64 = 10.0;

#[tokio::test]
async fn a_backlog_is_sent_no_faster_than_the_service_allows() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.google.clear_requests();
    for number in 0..25 {
        world.create(calendar.id, meeting(&format!("Event {number:02}"), 1 + number)).await;
    }
    world.pass().await;
    for shown in world.shown().await.iter().take(10) {
        world.change(shown.event_id, |content| content.location = "Hall".into()).await;
    }
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0));

    let requests = world.google.requests();
    let units = |method: &str| if method == "PATCH" { 3.0 } else { 1.0 };
    let spent: f64 = requests.iter().map(|request| units(&request.method)).sum();
    assert!(spent > 3.0 * UNITS_AT_ONCE, "it is enough to notice: {spent}");
    for (first, from) in requests.iter().enumerate() {
        let mut spent = 0.0;
        for to in &requests[first + 1..] {
            spent += units(&to.method);
            let seconds = (to.at - from.at).as_seconds_f64();
            // One request may have been on its way already.
            let allowed = units("PATCH") + UNITS_PER_SECOND.mul_add(seconds, UNITS_AT_ONCE);
            assert!(spent <= allowed, "{spent} units within {seconds} s of {from:?}");
        }
    }
}

#[tokio::test]
async fn a_comparison_that_had_to_wait_leaves_nothing_of_that_to_be_seen() {
    let google = GoogleOptions { page_size_cap: Some(2), ..GoogleOptions::default() };
    let mut world = World::with(Setting { google, ..Setting::default() }).await;
    for day in 1..=5 {
        world.phone_adds(&format!("Event {day}"), day);
    }
    world.linked().await;
    let clock = Arc::new(Leaping::default());
    world.restart_with(clock.clone(), None).await;
    world.pass().await;
    let before = world.engine.snapshot();
    world.google.clear_requests();
    // The pass before the comparison asks once, and the comparison for its first page.
    world.google.inject(Fault::new(too_many_requests(1)).on("GET", "/events").after(2).times(1));

    let engine = world.engine.clone();
    let report = while_time_passes(&clock, async move { engine.audit(None).await.unwrap() }).await;
    assert!(world.google.requests().iter().any(|request| request.status == 429), "it had to wait");
    assert_eq!((report.links[0].checked, report.links[0].error.clone()), (5, None));
    let after = world.engine.snapshot();
    assert_eq!(
        (after.state, &after.integrations[0].message),
        (before.state, &before.integrations[0].message)
    );
}

async fn while_time_passes<T: Send + 'static>(
    clock: &Leaping,
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    let mut work = tokio::spawn(work);
    loop {
        tokio::select! {
            done = &mut work => return done.unwrap(),
            () = tokio::time::sleep(Duration::from_millis(5)) => clock.leap(TimeDelta::seconds(1)),
        }
    }
}
