//! Closing the window is not quitting, and starting twice is not starting a second one.

use synodic_tests::desktop::screen::Screen;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::tray::TrayHost;

use crate::desk::Desk;

#[test]
fn a_closed_window_leaves_the_tray_and_a_second_start_brings_it_back() {
    tell("closing", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let tray = TrayHost::start(&desk.bus).await;
        let mut program = desk.home.start("program", [""; 0]);
        let screen = Screen::open();
        screen.shows(program.id(), true).await;
        let item = tray.item().await;

        screen.close(program.id());
        screen.shows(program.id(), false).await;
        assert!(program.runs(), "{}", program.said());
        item.state_line("Synced", |line| line.starts_with("Synced")).await;

        let mut second = desk.home.start("second", [""; 0]);
        assert!(second.ended().await.success(), "{}", second.said());
        screen.shows(program.id(), true).await;
        assert!(program.runs(), "{}", program.said());

        program.terminate();
        assert!(program.ended().await.success(), "{}", program.said());
    });
}

#[test]
fn without_a_tray_everything_else_works() {
    tell("no-tray", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let mut program = desk.home.start("program", [""; 0]);
        let screen = Screen::open();
        screen.shows(program.id(), true).await;
        screen.close(program.id());
        screen.shows(program.id(), false).await;
        let mut second = desk.home.start("second", [""; 0]);
        assert!(second.ended().await.success(), "{}", second.said());
        screen.shows(program.id(), true).await;
        assert!(program.runs(), "{}", program.said());
        assert!(!program.said().contains("panicked"), "{}", program.said());
        program.terminate();
        assert!(program.ended().await.success(), "{}", program.said());
    });
}

#[test]
fn a_window_that_cannot_open_the_replica_says_so() {
    tell("no-replica", async |stage: Stage| {
        let desk = Desk::new(&stage).await;
        let in_the_way = desk.home.folder().join("file");
        std::fs::write(&in_the_way, "").unwrap();
        let home = desk.home.with("SYNODIC_DATA_DIR", in_the_way.join("data").display().to_string());
        let window = synodic_tests::desktop::window::Window::start(&stage, &home, &[]).await;
        let folder = in_the_way.display().to_string();
        synodic_tests::desktop::wait::until("the window names the folder", async || {
            let text = window.text().await;
            if text.contains(&folder) { Ok(()) } else { Err(text) }
        })
        .await;
    });
}
