//! A first pull beside the least that it could take, and a pull of nothing.

use std::time::Instant;

use synodic_engine::Engine;
use synodic_model::RemoteCalendarId;
use synodic_simulators::google::Control;
use tempfile::TempDir;

use crate::floor::Floor;
use crate::google::{Manner, Place, add_calendar, connect, engine, google, link};
use crate::report;

const EVENTS: usize = 10_000;
const ROUNDS: usize = 9;
const QUIET_CALENDARS: usize = 3;

pub(crate) async fn run() {
    let (google, control) = google().await;
    let remote = add_calendar(&control, "Work", EVENTS);
    let place = Place::of(&google, &control);

    // Once before anything counts: what the floor repeats is what this pull asked for and wrote.
    let (folder, engine) = linked(&place, std::slice::from_ref(&remote)).await;
    control.clear_requests();
    pull(&engine).await;
    let pages = pages(&control, &remote);
    engine.shutdown().await.unwrap();
    let floor = Floor::of(folder.path(), &place, pages).await;

    // Turn by turn, so that whatever else the machine does meets both.
    let (mut whole, mut least, mut fetching) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (_folder, engine) = linked(&place, std::slice::from_ref(&remote)).await;
        let from = Instant::now();
        pull(&engine).await;
        whole.push(from.elapsed());
        engine.shutdown().await.unwrap();
        let (taken, fetched) = floor.measure().await;
        least.push(taken);
        fetching.push(fetched);
    }
    let pages = floor.pages();
    let least =
        report::times(&format!("the floor: {pages} pages fetched, parsed, their rows inserted"), least, "");
    report::times("of that, until the pages are there and parsed", fetching, "");
    let whole = report::times(&format!("a first pull of {EVENTS} events"), whole, "1.5 floors");
    let ratio =
        |whole: std::time::Duration, least: std::time::Duration| whole.as_secs_f64() / least.as_secs_f64();
    let by_median = ratio(whole.median(), least.median());
    let by_least = ratio(whole.least(), least.least());
    report::figure("how many floors that is, by median", &format!("{by_median:.2}"), "1.50");
    report::figure("how many floors that is, by the least", &format!("{by_least:.2}"), "1.50");

    let quiet: Vec<_> =
        (0..QUIET_CALENDARS).map(|number| add_calendar(&control, &format!("Quiet {number}"), 100)).collect();
    let (_folder, engine) = linked(&place, &quiet).await;
    pull(&engine).await;
    let mut taken = Vec::new();
    let mut requests = 0;
    for _ in 0..5 {
        let from = Instant::now();
        let report = engine.sync_pass(None).await.unwrap();
        taken.push(from.elapsed());
        requests = requests.max(report.requests);
    }
    report::times(&format!("a pass over {QUIET_CALENDARS} calendars without changes"), taken, "");
    report::figure("requests in that pass, at most", &requests.to_string(), &QUIET_CALENDARS.to_string());
    engine.shutdown().await.unwrap();
    google.stop().await;
}

/// An engine on a new replica, with calendars that it has not read yet.
async fn linked(place: &Place, remotes: &[RemoteCalendarId]) -> (TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path(), Some(place), Manner::Asked).await;
    let account = connect(&engine, place).await;
    for remote in remotes {
        link(&engine, account, remote).await;
    }
    (folder, engine)
}

async fn pull(engine: &Engine) {
    let report = engine.sync_pass(None).await.unwrap();
    for link in report.links {
        assert_eq!(link.error, None);
        assert!(link.created > 0, "nothing was read");
    }
}

/// The addresses of the pages that were asked for.
fn pages(control: &Control, remote: &RemoteCalendarId) -> Vec<String> {
    let requests = control.requests().into_iter().filter(|request| request.path.ends_with("/events"));
    let pages: Vec<_> = requests.map(|request| format!("{}?{}", request.path, request.query)).collect();
    assert!(pages.len() >= EVENTS / 2500, "{remote} was not read: {pages:?}");
    pages
}
