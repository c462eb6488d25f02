//! How much memory the real program takes up while nobody looks at it.

use std::time::Duration;

use synodic_tests::desktop::home::{Home, Program};
use synodic_tests::desktop::screen::Screen;
use synodic_tests::desktop::story::Stage;
use synodic_tests::desktop::wait::until_right;

use crate::{replica, report};

const EVENTS: usize = 20_000;
const SERIES: usize = 500;
/// How long it is left alone before it is looked at.
const REST: Duration = Duration::from_secs(15);

pub(crate) async fn run() {
    if std::env::var_os("DISPLAY").is_none() {
        println!("there is no display; scripts/with-desktop brings one");
        return;
    }
    let stage = Stage::new("bench-tray");
    let home = Home::new(stage.folder());
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
    tell(&program, "after the window was closed", "80 MB").await;
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
