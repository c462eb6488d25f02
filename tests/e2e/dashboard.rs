//! The dashboard counts what really went out, and leads from a number to the lines of history behind it.

use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;

use crate::desk::Desk;

#[test]
fn a_number_leads_to_the_lines_behind_it() {
    tell("dashboard", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.shows_state("synced").await;
        window.make_event("Counted").await;
        desk.google.has("Counted").await;
        window.shows_state("synced").await;

        window.click("sync-indicator").await;
        window.click("open-dashboard").await;
        window.find("account-health").await;
        window.click_css("[aria-label^='Sent at']").await;
        window.find("log-line").await;
        until("the history names the event that went out", async || {
            let text = window.text().await;
            let is_told = text.contains("Counted") && text.contains("Made there, done");
            if is_told { Ok(()) } else { Err(text) }
        })
        .await;
        window.click("close-log").await;
        window.find("dashboard").await;
    });
}
