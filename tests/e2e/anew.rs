//! Some time after its window was closed the program starts anew in its place, and nobody notices but by the memory.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use synodic_tests::desktop::home::{Home, Program};
use synodic_tests::desktop::notifications::NotificationServer;
use synodic_tests::desktop::screen::Screen;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::tray::TrayHost;
use synodic_tests::desktop::wait::{until, until_right};

use crate::desk::Desk;

/// A desk whose program does not wait long before it starts anew.
async fn desk(stage: &Stage) -> Desk {
    let Desk { bus, google, home, stage } = Desk::signed_in(stage).await;
    let home = home.with("SYNODIC_RELEASE_SECONDS", "1").with("SYNODIC_LOG", "synodic=debug");
    Desk { home, bus, google, stage }
}

/// A program whose window was opened and closed.
async fn closed(home: &Home, screen: &Screen) -> Program {
    let program = home.start("program", [""; 0]);
    screen.shows(program.id(), true).await;
    screen.close(program.id());
    screen.shows(program.id(), false).await;
    program
}

/// Whether it has started anew.
fn is_anew(program: &Program) -> bool {
    program.arguments().iter().any(|argument| argument == "--hidden")
}

#[test]
fn a_program_whose_window_was_closed_starts_anew_and_goes_on() {
    tell("anew", async |stage: Stage| {
        let desk = desk(&stage).await;
        let tray = TrayHost::start(&desk.bus).await;
        let screen = Screen::open();
        let mut program = closed(&desk.home, &screen).await;
        // What goes to a service is waited for, whose listings may lag behind; this stays here.
        desk.home.run(["calendar", "add", "Own", "--json"]).await.done();
        let add = ["event", "add", "--calendar", "Own", "--title", "Kept", "--start", "2027-03-15", "--json"];
        desk.home.run(add).await.done();

        // Whoever asks all the while has an answer each time.
        until("it starts anew", async || {
            desk.home.run(["status", "--json"]).await.done();
            if is_anew(&program) { Ok(()) } else { Err(program.helpers()) }
        })
        .await;
        until_right("the tray has it again", async || tray.arrivals(), |arrivals| *arrivals == 2).await;
        let item = tray.item().await;
        item.state_line("Synced", |line| line.starts_with("Synced")).await;
        assert!(program.runs(), "{}", program.said());
        assert_eq!(program.helpers(), [""; 0], "it leaves nobody behind");
        // How much memory that is depends on who else shares it, and is measured by `timings-… tray`.
        assert_eq!(program.open("/proc/meminfo"), 0, "nor anything that WebKit has opened");
        let listed = desk.home.json(["event", "list", "--from", "2027-03-15", "--to", "2027-03-16"]).await;
        assert_eq!(listed[0]["title"], "Kept", "{listed:#}");

        item.click("Open Synodic").await;
        screen.shows(program.id(), true).await;
        item.click("Quit").await;
        assert!(program.ended().await.success(), "{}", program.said());
        assert_eq!(desk.home.replica_check().await.trim(), "ok");
    });
}

#[test]
fn a_notification_on_the_screen_is_waited_for_and_a_reminder_comes_once() {
    tell("anew-notification", async |stage: Stage| {
        let desk = desk(&stage).await;
        let notifications = NotificationServer::start(&desk.bus).await;
        let tray = TrayHost::start(&desk.bus).await;
        let at = |minutes| (Utc::now() + TimeDelta::minutes(minutes)).to_rfc3339();
        let dentist = json!({
            "summary": "Dentist",
            "start": { "dateTime": at(5), "timeZone": "Europe/Berlin" },
            "end": { "dateTime": at(35), "timeZone": "Europe/Berlin" },
            "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 10 }] },
        });
        desk.google.add(&dentist).await;
        let screen = Screen::open();
        let mut program = closed(&desk.home, &screen).await;
        let told = notifications.first().await;
        until("the web view has gone", async || {
            let helpers = program.helpers();
            if helpers.is_empty() { Ok(()) } else { Err(helpers) }
        })
        .await;
        until("it has looked whether it may start anew", async || {
            let said = program.said();
            let is_look = |line: &&str| line.contains("goes on as it is") && line.ends_with("Held");
            if said.lines().filter(is_look).count() > 1 { Ok(()) } else { Err(said) }
        })
        .await;
        assert!(!is_anew(&program), "the notification's buttons still do something");

        until("it starts anew", async || {
            // The program may not listen yet in the moment in which the daemon has the notification.
            notifications.dismiss(&told).await;
            if is_anew(&program) { Ok(()) } else { Err("the same as before") }
        })
        .await;
        until_right("the tray has it again", async || tray.arrivals(), |arrivals| *arrivals == 2).await;
        desk.home.json(["sync"]).await;
        assert_eq!(notifications.shown().len(), 1, "{:#?}", notifications.shown());
        assert!(program.runs(), "{}", program.said());
    });
}

#[test]
fn who_starts_it_in_the_very_moment_has_one_window() {
    tell("anew-second", async |stage: Stage| {
        let desk = desk(&stage).await;
        let _tray = TrayHost::start(&desk.bus).await;
        let screen = Screen::open();
        let mut program = closed(&desk.home, &screen).await;
        let socket = desk.home.data_dir().join("synodic.sock");
        until_right("nobody listens", async || socket.exists(), |is_there| !is_there).await;
        let mut second = desk.home.start("second", [""; 0]);
        let windows = async || screen.windows(program.id()).len() + screen.windows(second.id()).len();
        until_right("there is a window", windows, |count| *count == 1).await;
        // Whichever of the two had the replica first is the program; the other has handed over and ended.
        until("one of them has ended", async || {
            if program.runs() == second.runs() { Err((program.said(), second.said())) } else { Ok(()) }
        })
        .await;
        desk.home.json(["status"]).await;
        assert_eq!(screen.windows(program.id()).len() + screen.windows(second.id()).len(), 1);
    });
}
