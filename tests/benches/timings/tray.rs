//! How much memory the real program takes up while nobody looks at it, and what it costs that it starts anew for that.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use synodic_tests::desktop::bus::SessionBus;
use synodic_tests::desktop::home::{Home, Program};
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
    let home = Home::new(stage.folder())
        .with("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .with("SYNODIC_RELEASE_SECONDS", RELEASE);
    std::fs::create_dir_all(home.data_dir()).unwrap();
    replica::fill(&home.data_dir().join("synodic.db"), EVENTS, SERIES).await;

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
    let from = Instant::now();
    tray.item().await.click("Open Synodic").await;
    glance(|| !screen.windows(program.id()).is_empty()).await;
    report::figure("from a click in the tray to the window", &milliseconds(from), "1000 ms");
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
