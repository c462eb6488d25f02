//! What became of an event is told in the window, and is taken back there; several events are deleted at once.

use fantoccini::key::Key;
use serde_json::json;
use synodic_tests::desktop::google::event;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::desk::{Desk, today};

#[test]
fn a_change_made_at_the_account_is_told_of_and_taken_back_there() {
    tell("history", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let id = desk.google.add(&event("Rehearsal", today(), 10)).await;
        let window = desk.window().await;
        window.sees("Rehearsal").await;
        window.shows_state("synced").await;
        desk.google.change(&id, &json!({ "summary": "Rehearsal with choir" })).await;
        window.sees("Rehearsal with choir").await;

        window.open_event("Rehearsal").await;
        window.click("event-history").await;
        until("the history tells who gave it which title", async || {
            let text = said_in(&window, "history-line").await;
            let told = ["Google changed title", "Rehearsal", "Rehearsal with choir"];
            if told.iter().all(|words| text.contains(words)) { Ok(()) } else { Err(text) }
        })
        .await;
        window.click("revert-change").await;
        desk.google.has("Rehearsal").await;
        // The way back is a change of its own, on top.
        until("the history tells that it was taken back", async || {
            let text = said_in(&window, "history-line").await;
            if text.contains("You changed title") { Ok(()) } else { Err(text) }
        })
        .await;
        window.press(&Key::Escape.to_string()).await;
        window.lacks("history").await;
        window.sees_no_more("choir").await;
        window.log_out().await;
    });
}

#[test]
fn several_events_are_deleted_at_once_and_had_back_at_once() {
    tell("several", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        for (title, hour) in [("Alpha", 9), ("Beta", 11), ("Gamma", 13)] {
            desk.google.add(&event(title, today(), hour)).await;
        }
        let window = desk.window().await;
        for title in ["Alpha", "Beta", "Gamma"] {
            window.sees(title).await;
        }
        window.shows_state("synced").await;
        // By mouse for the first, by keyboard from there.
        window.click_with_control("Alpha").await;
        said_soon(&window, "1 selected").await;
        window.press(&format!("{}{}{}", Key::Shift, Key::Down, Key::Null)).await;
        said_soon(&window, "2 selected").await;
        window.press(&Key::Delete.to_string()).await;
        window.sees_no_more("Alpha").await;
        window.sees_no_more("Beta").await;
        window.sees("Gamma").await;
        desk.google.has_no("Alpha").await;
        desk.google.has_no("Beta").await;

        window.press(&format!("{}z{}", Key::Control, Key::Null)).await;
        window.sees("Alpha").await;
        window.sees("Beta").await;
        desk.google.has("Alpha").await;
        desk.google.has("Beta").await;
        window.log_out().await;
    });
}

async fn said_soon(window: &Window, words: &str) {
    until(&format!("the bar says {words:?}"), async || {
        let text = said_in(window, "selection-bar").await;
        if text.contains(words) { Ok(()) } else { Err(text) }
    })
    .await;
}

/// What stands in a part of the window, also where it is cut off at the edge.
async fn said_in(window: &Window, part: &str) -> String {
    window.find(part).await.prop("textContent").await.unwrap_or_default().unwrap_or_default()
}
