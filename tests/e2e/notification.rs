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
fn without_a_notification_daemon_nothing_breaks() {
    tell("no-notifications", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let mut program = desk.home.start("program", [""; 0]);
        Screen::open().shows(program.id(), true).await;
        let refusal = Effect::Status {
            status: 400,
            reason: "invalid".into(),
            retry_after_seconds: None,
            applied: false,
        };
        desk.google.inject(Fault::new(refusal).on("POST", "/events"));
        let edit =
            ["event", "add", "--calendar", CALENDAR, "--title", "Refused", "--start", "2027-03-15", "--json"];
        desk.home.run(edit).await.done();
        until("it is refused", async || {
            let status = desk.home.json(["status"]).await;
            if status["failed"] == 1 { Ok(()) } else { Err(status) }
        })
        .await;
        let listed = desk.home.json(["queue", "list"]).await;
        assert_eq!(
            (&listed[0]["title"], &listed[0]["status"]),
            (&"Refused".into(), &"FAILED".into()),
            "{listed:#}"
        );
        assert!(program.runs() && !program.said().contains("panicked"), "{}", program.said());
    });
}
