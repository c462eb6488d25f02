//! A second time zone beside one's own.

use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::desk::Desk;

#[test]
fn the_hours_of_another_place_stand_beside_ones_own() {
    tell("second-zone", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.shows_state("synced").await;
        shows_utc(&window, false).await;
        window.click("connect").await;
        window.click("settings-view").await;
        window.click_css("[data-testid=second-zone] + span").await;
        window.show_week().await;
        shows_utc(&window, true).await;
        window.click("connect").await;
        window.click("settings-view").await;
        window.click_css("[data-testid=second-zone] + span").await;
        window.show_week().await;
        shows_utc(&window, false).await;
        window.log_out().await;
    });
}

/// Sees whether the grid names the zone that is proposed as the second one, over its hours.
async fn shows_utc(window: &Window, is_shown: bool) {
    until(&format!("the grid names UTC: {is_shown}"), async || {
        let text = window.text().await;
        if text.lines().any(|line| line.trim() == "UTC") == is_shown { Ok(()) } else { Err(text) }
    })
    .await;
}
