//! An edit that the account refuses for good is told once, with a way back to the window.

use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::desktop::notifications::NotificationServer;
use synodic_tests::desktop::screen::Screen;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::tray::TrayHost;
use synodic_tests::desktop::wait::until;

use crate::desk::{CALENDAR, Desk};

#[test]
fn a_refused_edit_is_told_once_and_the_notification_leads_to_the_window() {
    tell("notification", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let notifications = NotificationServer::start(&desk.bus).await;
        // Without a tray there would be another one, which says where the window went.
        let _tray = TrayHost::start(&desk.bus).await;
        let program = desk.home.start("program", [""; 0]);
        let screen = Screen::open();
        screen.shows(program.id(), true).await;
        screen.close(program.id());
        screen.shows(program.id(), false).await;

        let refusal = Effect::Status {
            status: 403,
            reason: "forbiddenForNonOrganizer".into(),
            retry_after_seconds: None,
            applied: false,
        };
        desk.google.inject(Fault::new(refusal).on("POST", "/events"));
        for title in ["First", "Second", "Third"] {
            let edit =
                ["event", "add", "--calendar", CALENDAR, "--title", title, "--start", "2027-03-15", "--json"];
            desk.home.run(edit).await.done();
        }
        let told = notifications.first().await;
        assert_eq!(told.program, "Synodic");
        assert!(told.summary.contains("Google"), "{told:#?}");
        assert!(told.actions.contains(&"default".to_owned()), "{told:#?}");
        until("all three are refused", async || {
            let status = desk.home.json(["status"]).await;
            if status["failed"] == 3 { Ok(()) } else { Err(status) }
        })
        .await;
        desk.home.run(["sync", "--json"]).await;
        let shown = notifications.shown();
        assert_eq!(shown.len(), 1, "one incident, one notification: {shown:#?}");

        notifications.click(&told, "default").await;
        screen.shows(program.id(), true).await;
    });
}

#[test]
fn what_is_healed_is_withdrawn_and_who_is_not_to_be_disturbed_is_not() {
    tell("withdrawn", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let notifications = NotificationServer::start(&desk.bus).await;
        let tray = TrayHost::start(&desk.bus).await;
        notifications.inhibit(true);
        let _program = desk.home.start("program", ["--hidden"]);
        // A command beside one that is only starting would take the replica before it.
        tray.item().await.state_line("Synced", |line| line.starts_with("Synced")).await;
        refuse_an_edit(&desk, "Refused", 1).await;
        // A second round, so that the first has certainly been looked at.
        desk.home.run(["sync", "--json"]).await;
        assert_eq!(notifications.shown(), [], "nobody is disturbed");

        notifications.inhibit(false);
        refuse_an_edit(&desk, "Refused, too", 2).await;
        let told = notifications.first().await;
        assert!(told.summary.contains("Google"), "{told:#?}");
        desk.google.control().clear_faults();
        desk.home.json(["queue", "retry"]).await;
        desk.google.has("Refused").await;
        desk.google.has("Refused, too").await;
        notifications.withdrawn(&told).await;
    });
}

/// Adds an event that the account refuses, and waits until so many are refused.
async fn refuse_an_edit(desk: &Desk, title: &str, refused: u32) {
    let refusal =
        Effect::Status { status: 400, reason: "invalid".into(), retry_after_seconds: None, applied: false };
    desk.google.inject(Fault::new(refusal).on("POST", "/events"));
    let edit = ["event", "add", "--calendar", CALENDAR, "--title", title, "--start", "2027-03-15", "--json"];
    desk.home.run(edit).await.done();
    until(&format!("{refused} are refused"), async || {
        let status = desk.home.json(["status"]).await;
        if status["failed"] == refused { Ok(()) } else { Err(status) }
    })
    .await;
}

#[test]
fn without_a_notification_daemon_nothing_breaks() {
    tell("no-notifications", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let mut program = desk.home.start("program", [""; 0]);
        Screen::open().shows(program.id(), true).await;
        refuse_an_edit(&desk, "Refused", 1).await;
        let listed = desk.home.json(["queue", "list"]).await;
        assert_eq!(
            (&listed[0]["title"], &listed[0]["status"]),
            (&"Refused".into(), &"FAILED".into()),
            "{listed:#}"
        );
        assert!(program.runs() && !program.said().contains("panicked"), "{}", program.said());
    });
}
