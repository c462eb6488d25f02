//! Reminders of events, from the replica, as the desktop's notification daemon sees them; and where a link leads.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use synodic_tests::desktop::notifications::NotificationServer;
use synodic_tests::desktop::screen::Screen;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::tray::TrayHost;
use synodic_tests::desktop::wait::until;

use crate::desk::{CALENDAR, Desk};

/// A meeting that begins in five minutes and wants to be told of ten minutes before.
fn soon(title: &str) -> serde_json::Value {
    let at = |minutes| (Utc::now() + TimeDelta::minutes(minutes)).to_rfc3339();
    json!({
        "summary": title,
        "start": { "dateTime": at(5), "timeZone": "Europe/Berlin" },
        "end": { "dateTime": at(35), "timeZone": "Europe/Berlin" },
        "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 10 }] },
    })
}

#[test]
fn a_reminder_comes_once_also_with_the_window_out_of_sight_and_over_a_restart() {
    tell("reminder", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let notifications = NotificationServer::start(&desk.bus).await;
        let tray = TrayHost::start(&desk.bus).await;
        let mut program = desk.home.start("program", ["--hidden"]);
        desk.google.add(&soon("Dentist")).await;
        tray.item().await.click("Sync now").await;
        let told = notifications.first().await;
        assert_eq!(told.summary, "Dentist");
        assert!(told.body.contains("in 5 min") || told.body.contains("in 4 min"), "{told:#?}");
        assert!(told.actions.contains(&"default".to_owned()), "{told:#?}");
        assert!(told.actions.iter().any(|label| label.contains("10 min")), "it can be put off: {told:#?}");

        // A click leads to the event.
        let screen = Screen::open();
        screen.shows(program.id(), false).await;
        until("a click on it brings the window", async || {
            // The program may not listen yet in the moment in which the daemon has the notification.
            notifications.click(&told, "default").await;
            if screen.windows(program.id()).is_empty() { Err("no window") } else { Ok(()) }
        })
        .await;

        tray.item().await.click("Quit").await;
        assert!(program.ended().await.success(), "{}", program.said());
        // Read at its start: a command beside one that is only starting would take the replica before it.
        desk.google.add(&soon("Lunch")).await;
        let again = desk.home.start("again", ["--hidden"]);
        until("the other one is told of", async || {
            let shown = notifications.shown();
            if shown.iter().any(|notified| notified.summary == "Lunch") { Ok(()) } else { Err(shown) }
        })
        .await;
        let dentist = notifications.shown().iter().filter(|notified| notified.summary == "Dentist").count();
        assert_eq!(dentist, 1, "told once: {:#?}", notifications.shown());
        drop(again);
    });
}

#[test]
fn a_link_shows_a_new_event_in_the_window_that_runs_and_rubbish_is_refused() {
    tell("link", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        let link = "synodic:new?title=Lunch%20with%20Grace&start=2027-03-15T12:30&end=2027-03-15T13:15";
        desk.home.run([link]).await.done();
        until("the new event is proposed", async || {
            let title = window.value_of("event-title-input").await;
            if title == "Lunch with Grace" { Ok(()) } else { Err(title) }
        })
        .await;
        window.click("save-event").await;
        desk.google.has("Lunch with Grace").await;
        let event = desk.google.called("Lunch with Grace").await;
        assert_eq!(
            event[0]["start"]["dateTime"].as_str().unwrap_or_default().get(..16),
            Some("2027-03-15T12:30")
        );

        let refused = desk.home.run(["synodic:delete/everything"]).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        let listed = desk.home.json(["event", "list", "--from", "2027-03-15", "--to", "2027-03-16"]).await;
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{CALENDAR}: {listed:#}");
    });
}
