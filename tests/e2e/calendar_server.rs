//! A calendar server is connected in the window, by hand, and kept in step both ways.

use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::desk::{Desk, today};

#[test]
fn radicale_is_connected_in_the_window_and_kept_in_step() {
    tell("calendar-server", async |stage: Stage| {
        let server = DavServer::start(Kind::Radicale).await;
        let desk = Desk::new(&stage).await;
        let window = Window::open(&stage, &desk.home, &[]).await;
        window.click("connect-account").await;
        window.click("connect-caldav").await;
        window.click_css("[data-testid=\"connect-row-caldav\"] label[for$=\"-other\"]").await;
        window.put_into("caldav-place", &server.url()).await;
        window.put_into("caldav-user", USER).await;
        window.put_into("caldav-password", "not this one").await;
        window.click("caldav-send").await;
        until("the window says that the password is wrong", async || {
            let text = window.text().await;
            if text.to_lowercase().contains("password") && text.contains("not") { Ok(()) } else { Err(text) }
        })
        .await;
        assert!(!window.has("account-calendars").await, "nobody is signed in");
        window.type_into("caldav-password", PASSWORD).await;
        window.click("caldav-send").await;
        window.find("account-calendars").await;
        window.click_css("[aria-label=\"Keep work in step\"]").await;
        window.find_css("[data-testid=\"remote-calendar\"][data-linked]").await;

        window.show_week().await;
        window.shows_state("synced").await;
        window.make_event("Choir").await;
        until("the server has the event", async || {
            let listing = server.ask("PROPFIND", &server.calendar("work"), &[("Depth", "1")], "").await.body;
            if listing.contains(".ics") { Ok(()) } else { Err(listing) }
        })
        .await;
        window.is_marked("Choir", "synced").await;

        let day = today().format("%Y%m%d");
        let event = format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//A phone//EN\nBEGIN:VEVENT\nUID:from-the-phone\nDTSTAMP:20260101T000000Z\n\
             DTSTART:{day}T080000Z\nDTEND:{day}T090000Z\nSUMMARY:From the phone\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        server.put("from-the-phone.ics", &event).await;
        window.click("sync-now").await;
        window.sees("From the phone").await;
        window.rename_event("From the phone", "From the desk").await;
        until("the server has the other title", async || {
            let text = server.get("from-the-phone.ics").await.unwrap_or_default();
            if text.contains("SUMMARY:From the desk") { Ok(()) } else { Err(text) }
        })
        .await;
        window.log_out().await;
    });
}
