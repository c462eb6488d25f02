//! Whether a large pull grows with what it pulls. The simulated service is a process of its own, so that what is
//! measured is the engine.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use synodic_engine::Engine;
use synodic_engine::google::Tokens;
use synodic_model::RemoteCalendarId;

use crate::AS_SERVICE;
use crate::google::{Manner, Place, add_calendar, connect, engine, google, link};
use crate::report;

const EVENTS: u32 = 100_000;
/// After how much of it the memory is told.
const STRETCH: u32 = 20_000;

/// What the service says of itself when it is ready.
#[derive(Serialize, Deserialize)]
struct Ready {
    api: String,
    auth: String,
    token: String,
    access_token: String,
    refresh_token: Option<String>,
    calendar: RemoteCalendarId,
}

/// Is the service until nobody listens any more.
pub(crate) async fn serve() {
    let (running, control) = google().await;
    let calendar = add_calendar(&control, "Work", usize::try_from(EVENTS).unwrap());
    let Place { api, auth, token, tokens } = Place::of(&running, &control);
    let Tokens { access_token, refresh_token, .. } = tokens;
    let ready = Ready { api, auth, token, access_token, refresh_token, calendar };
    println!("{}", serde_json::to_string(&ready).unwrap());
    std::io::stdout().flush().unwrap();
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    running.stop().await;
}

/// Another process that is the service.
struct Service {
    child: Child,
}

impl Service {
    fn start() -> (Self, Ready) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(AS_SERVICE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (Self { child }, serde_json::from_str(&line).unwrap())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

pub(crate) async fn run() {
    if resident().is_none() {
        println!("This system does not say how much memory a process has.");
        return;
    }
    let (_service, ready) = Service::start();
    let Ready { api, auth, token, access_token, refresh_token, calendar } = ready;
    let place = Place { api, auth, token, tokens: Tokens { access_token, refresh_token, expires_at: None } };
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path(), Some(&place), Manner::Asked).await;
    let account = connect(&engine, &place).await;
    link(&engine, account, &calendar).await;

    let before = resident().unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let watch = std::thread::spawn({
        let (engine, is_over) = (engine.clone(), Arc::clone(&is_over));
        move || samples(&engine, &is_over)
    });
    let from = Instant::now();
    let report = engine.sync_pass(None).await.unwrap();
    let taken = from.elapsed();
    is_over.store(true, Ordering::Relaxed);
    let samples = watch.join().unwrap();
    assert_eq!(report.links[0].error, None);
    assert_eq!(report.links[0].created, EVENTS);
    engine.shutdown().await.unwrap();

    let pages = report.links[0].pages;
    let seconds = format!("{:.1} s", taken.as_secs_f64());
    report::figure(&format!("{EVENTS} events in {pages} pages pulled in"), &seconds, "");
    report::figure("resident before", &mebibytes(before), "");
    for stretch in 0..EVENTS / STRETCH {
        let (from, to) = (stretch * STRETCH, (stretch + 1) * STRETCH);
        let within = samples.iter().filter(|(done, _)| (from..to).contains(done));
        let most = within.map(|(_, resident)| *resident).max().unwrap_or(before);
        report::figure(&format!("at most, from event {from} to event {to}"), &mebibytes(most), "flat");
    }
}

/// How much had been pulled, and how much memory there was, again and again.
fn samples(engine: &Engine, is_over: &AtomicBool) -> Vec<(u32, u64)> {
    let mut samples = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let progress = engine.snapshot().integrations.first().and_then(|account| account.progress);
        samples.push((progress.map_or(0, |progress| progress.done), resident().unwrap_or_default()));
        std::thread::sleep(Duration::from_millis(5));
    }
    samples
}

/// The bytes of this process that are in memory.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts bytes here")]
fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
