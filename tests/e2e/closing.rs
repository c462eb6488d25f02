//! Closing the window is not quitting, and starting twice is not starting a second one.

use synodic_tests::desktop::home::Program;
use synodic_tests::desktop::screen::Screen;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::tray::TrayHost;
use synodic_tests::desktop::wait::{until, until_right};

use crate::desk::{CALENDAR, Desk};

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
fn a_closed_window_costs_no_web_view_and_comes_back_to_its_place() {
    tell("released", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let tray = TrayHost::start(&desk.bus).await;
        let mut program = desk.home.start("program", [""; 0]);
        let screen = Screen::open();
        let window = *screen.shows(program.id(), true).await.first().unwrap();
        let place = [60, 40, 900, 600];
        screen.put(window, place);
        until_right("it is there", async || screen.place(program.id()), |seen| *seen == Some(place)).await;
        web_view(&program, true).await;

        screen.close(program.id());
        screen.shows(program.id(), false).await;
        web_view(&program, false).await;
        let edit =
            ["event", "add", "--calendar", CALENDAR, "--title", "Unseen", "--start", "2027-03-15", "--json"];
        desk.home.run(edit).await.done();
        desk.google.has("Unseen").await;

        tray.item().await.click("Open Synodic").await;
        until_right("it is back", async || screen.place(program.id()), |seen| *seen == Some(place)).await;
        web_view(&program, true).await;

        // At log-out, and the next day.
        program.signal("HUP");
        assert!(program.ended().await.success(), "{}", program.said());
        let next = desk.home.start("next", [""; 0]);
        until_right("it is there again", async || screen.place(next.id()), |seen| *seen == Some(place)).await;
    });
}

#[test]
fn a_page_that_has_died_is_loaded_anew() {
    tell("died", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let mut program = desk.home.start("program", [""; 0]);
        let screen = Screen::open();
        screen.shows(program.id(), true).await;
        until_right("the page is drawn", async || screen.is_drawn(program.id()), |is_drawn| *is_drawn).await;
        let died = program.page();

        program.lose_page();
        until_right("another is there", async || program.page(), |page| page.is_some() && *page != died)
            .await;
        until_right("it is drawn", async || screen.is_drawn(program.id()), |is_drawn| *is_drawn).await;
        assert!(program.runs(), "{}", program.said());
    });
}

/// Waits until the program has a web view, or none.
async fn web_view(program: &Program, is_there: bool) {
    let what = if is_there { "there is a web view" } else { "the web view has gone" };
    let is_web_view = |name: &String| name.starts_with("WebKitWeb");
    until_right(what, async || program.helpers(), |names| names.iter().any(is_web_view) == is_there).await;
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
        until("the window names the folder", async || {
            let text = window.text().await;
            if text.contains(&folder) { Ok(()) } else { Err(text) }
        })
        .await;
    });
}
