//! A calendar of 5,000 events at Radicale, read by Synodic and by vdirsyncer in turn. Both are whole processes, started
//! for the purpose, so that their times and the most memory that they took can be compared.
//!
//! What the server itself needs for one question about everything is told beside them: nobody can be quicker than that.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::clock::SystemClock;
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace};
use synodic_engine::google::GoogleEndpoints;
use synodic_engine::{Engine, EngineConfig};
use synodic_model::RemoteCalendarId;
use synodic_model::sync::SyncDirection;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER, python};
use synodic_tests::dav_proxy::DavProxy;

use crate::AS_CALDAV;
use crate::replica::{ZONE, start_of};
use crate::report;

const EVENTS: usize = 5_000;
/// Another calendar's, for what is not to grow with them.
const FEW: usize = 500;
const ROUNDS: usize = 3;
const QUIET_ROUNDS: usize = 5;

/// What a process says of itself at its end.
#[derive(Serialize, Deserialize)]
struct Said {
    created: u32,
    requests: u32,
    /// The most memory that it has taken.
    peak_kib: u64,
}

/// Is Synodic for one pass, given an address, a folder and a calendar. Connects the account when there is none in the folder.
pub(crate) async fn serve(arguments: &[String]) {
    let [url, folder, calendar] = arguments else { panic!("an address, a folder and a calendar") };
    let config = EngineConfig {
        data_dir: folder.into(),
        secrets: SecretsPlace::File,
        google_endpoints: GoogleEndpoints::public(),
        google_client: None,
        notion: NotionConfig::default(),
        webhook: None,
        polling: Polling::default(),
        viewer: ZONE,
        autonomous: false,
    };
    let engine = Engine::start(config, Arc::new(SystemClock)).await.unwrap();
    if engine.calendars().await.unwrap().iter().all(|calendar| calendar.links.is_empty()) {
        let place = CaldavPlace { place: url.clone(), user: Some(USER.to_owned()), certificate: None };
        let account = engine.connect_caldav(place, PASSWORD).await.unwrap();
        let remote = RemoteCalendarId::new(calendar.clone());
        engine.link_calendar(None, account, remote, SyncDirection::Bidirectional).await.unwrap();
    }
    let report = engine.sync_pass(None).await.unwrap();
    assert_eq!(report.links[0].error, None);
    let said = Said {
        created: report.links[0].created,
        requests: report.requests,
        peak_kib: peak().unwrap_or_default(),
    };
    println!("{}", serde_json::to_string(&said).unwrap());
    engine.shutdown().await.unwrap();
}

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

pub(crate) async fn run() {
    let server = DavServer::start_in(Kind::Radicale, filled(EVENTS)).await;
    // Radicale parses what it has not seen yet, which neither program is to wait for.
    assert_eq!(server.names().await.len(), EVENTS);
    let proxy = DavProxy::before(&server.url()).await;

    let body = "<C:calendar-query xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/><C:calendar-data/>\
                </D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter></C:calendar-query>";
    let mut floor = Vec::new();
    for _ in 0..ROUNDS {
        let from = Instant::now();
        server.ask("REPORT", &server.calendar("work"), &[("Depth", "1")], body).await;
        floor.push(from.elapsed());
    }
    report::times("the server's own: one question about everything", floor, "");

    let (mut first, mut settled, mut quiet) = (Vec::new(), Vec::new(), Vec::new());
    let (mut their_first, mut their_quiet) = (Vec::new(), Vec::new());
    let (mut peak, mut their_peak) = (0, 0);
    for round in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let (taken, said) = ours(&server.url(), folder.path(), &server);
        assert_eq!(said.created as usize, EVENTS);
        peak = peak.max(said.peak_kib);
        first.push(taken);
        settled.push(ours(&server.url(), folder.path(), &server).0);
        // The one after that notes since when nothing has changed.
        ours(&server.url(), folder.path(), &server);
        for _ in 0..QUIET_ROUNDS {
            let (taken, said) = ours(&server.url(), folder.path(), &server);
            peak = peak.max(said.peak_kib);
            quiet.push(taken);
            if round == 0 && quiet.len() == 1 {
                report::figure("requests of a pass without changes", &said.requests.to_string(), "1");
            }
        }
        let theirs = Theirs::new(&server.url());
        let (taken, kib) = theirs.sync();
        their_first.push(taken);
        their_peak = their_peak.max(kib);
        for _ in 0..2 {
            let (taken, kib) = theirs.sync();
            their_quiet.push(taken);
            their_peak = their_peak.max(kib);
        }
    }
    let first = report::times(&format!("a first pass of {EVENTS} events, whole process"), first, "");
    let theirs = report::times("the same by vdirsyncer", their_first, "");
    ratio("how many times as fast", theirs.median(), first.median(), "3");
    report::times("the pass after the first, which takes the server's token", settled, "");
    let quiet = report::times("a pass without changes, whole process", quiet, "");
    let theirs = report::times("the same by vdirsyncer", their_quiet, "");
    ratio("how many times as fast", theirs.median(), quiet.median(), "20");
    let few = report::times(&format!("the same of {FEW} events"), quiet_of_few().await, "");
    ratio("how many times as long with ten times the events", quiet.median(), few.median(), "1");
    report::figure("the most memory of Synodic's process", &format!("{} MiB", peak / 1024), "less");
    report::figure("the most memory of vdirsyncer's", &format!("{} MiB", their_peak / 1024), "");

    // Counted apart, for counting takes time.
    let folder = tempfile::tempdir().unwrap();
    ours(&proxy.url(), folder.path(), &server);
    report::figure("requests of connecting and a first pass", &proxy.requests().len().to_string(), "");
    let theirs = Theirs::new(&proxy.url());
    proxy.requests();
    theirs.sync();
    report::figure("the same by vdirsyncer, without connecting", &proxy.requests().len().to_string(), "");
    theirs.sync();
    report::figure("requests of vdirsyncer's pass without changes", &proxy.requests().len().to_string(), "");
}

/// Passes without changes over a small calendar.
async fn quiet_of_few() -> Vec<Duration> {
    let server = DavServer::start_in(Kind::Radicale, filled(FEW)).await;
    assert_eq!(server.names().await.len(), FEW);
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        ours(&server.url(), folder.path(), &server);
    }
    (0..ROUNDS * QUIET_ROUNDS).map(|_| ours(&server.url(), folder.path(), &server).0).collect()
}

fn ratio(what: &str, theirs: Duration, ours: Duration, target: &str) {
    report::figure(what, &format!("{:.1}", theirs.as_secs_f64() / ours.as_secs_f64()), target);
}

/// One pass of ours.
fn ours(url: &str, folder: &Path, server: &DavServer) -> (Duration, Said) {
    let from = Instant::now();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([AS_CALDAV, url])
        .arg(folder)
        .arg(server.calendar("work"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let taken = from.elapsed();
    assert!(output.status.success());
    (taken, serde_json::from_slice(&output.stdout).unwrap())
}

/// vdirsyncer with a folder of its own.
struct Theirs(tempfile::TempDir);

impl Theirs {
    fn new(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        std::fs::create_dir_all(folder.path().join("local/work")).unwrap();
        let config = format!(
            "[general]\nstatus_path = \"{path}/status/\"\n[pair p]\na = \"l\"\nb = \"r\"\ncollections = [\"work\"]\n\
             [storage l]\ntype = \"filesystem\"\npath = \"{path}/local/\"\nfileext = \".ics\"\n\
             [storage r]\ntype = \"caldav\"\nurl = \"{url}\"\nusername = \"{USER}\"\npassword = \"{PASSWORD}\"\n"
        );
        std::fs::write(folder.path().join("config"), config).unwrap();
        let theirs = Self(folder);
        theirs.run("discover");
        theirs
    }

    fn sync(&self) -> (Duration, u64) {
        self.run("sync")
    }

    /// Runs a command of theirs, and returns how long it took and how many kibibytes it had at most.
    fn run(&self, command: &str) -> (Duration, u64) {
        let measured = "import resource, subprocess, sys, time\nfrom_ = time.monotonic()\n\
             done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)\ntaken = time.monotonic() - from_\n\
             sys.stderr.buffer.write(done.stderr) if done.returncode else None\n\
             print(taken, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(done.returncode)";
        let vdirsyncer = python().with_file_name("vdirsyncer");
        let output = Command::new(python())
            .args(["-c", measured])
            .arg(vdirsyncer)
            .arg(command)
            .env("VDIRSYNCER_CONFIG", self.0.path().join("config"))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "vdirsyncer {command}");
        let text = String::from_utf8(output.stdout).unwrap();
        let mut figures = text.split_whitespace();
        let seconds = figures.next().unwrap().parse().unwrap();
        (Duration::from_secs_f64(seconds), figures.next().unwrap().parse().unwrap())
    }
}

/// What Radicale keeps, with a calendar in it.
fn filled(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let calendar = folder.path().join("collection-root").join(USER).join("work");
    std::fs::create_dir_all(&calendar).unwrap();
    let properties = "{\"tag\": \"VCALENDAR\", \"C:supported-calendar-component-set\": \"VEVENT\"}";
    std::fs::write(calendar.join(".Radicale.props"), properties).unwrap();
    for number in 0..count {
        let (start, end) = start_of(number);
        let time = |time: chrono::NaiveDateTime| time.format("%Y%m%dT%H%M%SZ").to_string();
        let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\nBEGIN:VEVENT\r\n".to_owned();
        let (start, end) = (time(start), time(end));
        write!(
            text,
            "UID:e{number}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:Event {number}\r\n\
             LOCATION:Room {}\r\nDESCRIPTION:What we said last week\\, and what is to be done until next time.\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n",
            number % 40
        )
        .unwrap();
        std::fs::write(calendar.join(format!("e{number}.ics")), text).unwrap();
    }
    folder
}
