//! What the real program costs while nobody looks at it: memory, processor, and what it takes that it starts anew for that.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use synodic_simulators::google::GoogleOptions;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::desktop::bus::SessionBus;
use synodic_tests::desktop::google::Google;
use synodic_tests::desktop::home::{Home, Program};
use synodic_tests::desktop::notion::{Notion, VERANSTALTUNGEN};
use synodic_tests::desktop::screen::Screen;
use synodic_tests::desktop::story::Stage;
use synodic_tests::desktop::tray::TrayHost;
use synodic_tests::desktop::wait::until_right;

use crate::{replica, report};

const EVENTS: usize = 20_000;
const SERIES: usize = 500;
/// How long it is left alone before it is looked at.
const REST: Duration = Duration::from_secs(15);
/// After how many seconds it starts anew: so late that it is looked at before.
const RELEASE: &str = "25";
/// For how long its idleness is watched: longer than the slowest service lets pass between two questions.
const WATCH: Duration = Duration::from_secs(600);
/// How often is looked whether something has happened.
const GLANCE: Duration = Duration::from_millis(1);

pub(crate) async fn run() {
    if std::env::var_os("DISPLAY").is_none() {
        println!("there is no display; scripts/with-desktop brings one");
        return;
    }
    let stage = Stage::new("bench-tray");
    let bus = SessionBus::start(stage.folder()).await;
    let tray = TrayHost::start(&bus).await;
    let accounts = Accounts::start().await;
    let home = Home::new(stage.folder())
        .with("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .with("SYNODIC_RELEASE_SECONDS", RELEASE);
    let home = accounts.at_home(home);
    std::fs::create_dir_all(home.data_dir()).unwrap();
    replica::fill(&home.data_dir().join("synodic.db"), EVENTS, SERIES).await;
    accounts.connect(&home).await;

    let screen = Screen::open();
    let program = home.start("program", ["--hidden"]);
    let socket = home.data_dir().join("synodic.sock");
    until_right("it can be reached", async || socket.exists(), |is_there| *is_there).await;
    tell(&program, "hidden from the start", "80 MB").await;
    let mut second = home.start("second", [""; 0]);
    assert!(second.ended().await.success(), "{}", second.said());
    screen.shows(program.id(), true).await;
    tell(&program, "with its window", "").await;
    screen.close(program.id());
    screen.shows(program.id(), false).await;
    tell(&program, "after the window was closed", "").await;
    starts_anew(&socket, &tray).await;
    tell(&program, "after it has started anew", "80 MB").await;
    idles(&program, &accounts).await;
    let from = Instant::now();
    tray.item().await.click("Open Synodic").await;
    glance(|| !screen.windows(program.id()).is_empty()).await;
    report::figure("from a click in the tray to the window", &milliseconds(from), "1000 ms");
}

/// An account of each kind at a service on this computer.
struct Accounts {
    google: Google,
    notion: Notion,
    server: DavServer,
}

impl Accounts {
    async fn start() -> Self {
        let google = Google::start_with_a_life(GoogleOptions::default()).await;
        Self { google, notion: Notion::start().await, server: DavServer::start(Kind::Radicale).await }
    }

    fn at_home(&self, home: Home) -> Home {
        self.notion.at_home(self.google.at_home(home))
    }

    /// Connects each and takes in what it has.
    async fn connect(&self, home: &Home) {
        self.google.connect_everything(home).await;
        let token = format!("{}\n", self.notion.token());
        home.run_with_input(["account", "add", "notion", "--token-stdin"], &token).await.done();
        home.run(["calendar", "link", "Notion", VERANSTALTUNGEN, "--approve"]).await.done();
        let url = self.server.url();
        let add = ["account", "add", "caldav", "--url", &url, "--user", USER, "--password-stdin"];
        home.run_with_input(add, PASSWORD).await.done();
        home.run(["calendar", "link", "Server", "work", "--approve"]).await.done();
        home.run(["sync"]).await.done();
    }

    /// How often those that count were asked.
    fn requests(&self) -> usize {
        self.google.control().requests().len() + self.notion.control().requests().len()
    }
}

/// Tells what it does while nothing happens.
async fn idles(program: &Program, accounts: &Accounts) {
    let (before, asked) = (program.effort(), accounts.requests());
    tokio::time::sleep(WATCH).await;
    let Some((before, after)) = before.zip(program.effort()) else { return };
    let effort = after.since(before);
    let share = 100.0 * effort.busy.as_secs_f64() / WATCH.as_secs_f64();
    report::figure("processor while idle, with three accounts", &format!("{share:.2} %"), "0.5 %");
    let waits = f64::from(u32::try_from(effort.waits).unwrap_or(u32::MAX)) / WATCH.as_secs_f64();
    report::figure("threads woken while idle", &format!("{waits:.2} a second"), "");
    let questions = (accounts.requests() - asked).to_string();
    report::figure("requests to Google and Notion meanwhile", &questions, "");
}

/// Waits until it has started anew, and tells how long it could not be reached.
async fn starts_anew(socket: &Path, tray: &TrayHost) {
    let is_reached = || UnixStream::connect(socket).is_ok();
    until_right("it ends", async || is_reached(), |is_reached| !is_reached).await;
    let from = Instant::now();
    glance(is_reached).await;
    report::figure("without an answer to the command line", &milliseconds(from), "");
    glance(|| tray.arrivals() == 2).await;
    report::figure("without its icon in the tray, at most", &milliseconds(from), "");
}

/// Waits until something has happened.
async fn glance(has_happened: impl Fn() -> bool) {
    while !has_happened() {
        tokio::time::sleep(GLANCE).await;
    }
}

fn milliseconds(from: Instant) -> String {
    format!("{} ms", from.elapsed().as_millis())
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts bytes here")]
async fn tell(program: &Program, when: &str, target: &str) {
    tokio::time::sleep(REST).await;
    let Some(bytes) = program.memory() else {
        println!("This system does not say how much memory a process has.");
        return;
    };
    report::figure(&format!("proportional memory, {when}"), &format!("{:.1} MB", bytes as f64 / 1e6), target);
}
