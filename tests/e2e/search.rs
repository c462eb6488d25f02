//! An event is found by what it says, by keyboard alone, wherever it is in time.

use fantoccini::key::Key;
use serde_json::json;
use synodic_tests::desktop::google::event;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::desk::{Desk, today};

#[test]
fn what_lies_weeks_ahead_is_found_by_keyboard_and_opened_on_its_day() {
    tell("search", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let far = today() + chrono::TimeDelta::weeks(7);
        let mut dentist = event("Zahnärztin", far, 9);
        dentist["location"] = json!("Brückenstraße 4");
        desk.google.add(&dentist).await;
        desk.google.add(&event("Stand-up", today(), 9)).await;
        let window = desk.window().await;
        window.sees("Stand-up").await;
        window.shows_state("synced").await;
        window.sees_no_more("Zahnärztin").await;

        // Neither accents nor the ends of the words are typed; the second word is in the place.
        window.press("/").await;
        window.find("search-field").await;
        window.press("zahnarz bruck").await;
        until("the dentist alone is found", async || {
            let text = said_in(&window, "search-list").await;
            if text.contains("Zahnärztin") && !text.contains("Stand-up") { Ok(()) } else { Err(text) }
        })
        .await;
        window.press(&Key::Enter.to_string()).await;
        window.lacks("search-field").await;
        window.sees("Zahnärztin").await;
        window.sees_no_more("Stand-up").await;
        until("the event is open", async || {
            let text = said_in(&window, "inspector").await;
            if text.contains("Brückenstraße 4") { Ok(()) } else { Err(text) }
        })
        .await;

        window.press(&Key::Escape.to_string()).await;
        window.press(&format!("{}f{}", Key::Control, Key::Null)).await;
        window.type_into("search-field", "nosuchword").await;
        until("the search says that there is nothing", async || {
            let text = window.text().await;
            if text.contains("Nothing is found for “nosuchword”") { Ok(()) } else { Err(text) }
        })
        .await;
        window.press(&Key::Escape.to_string()).await;
        window.lacks("search-field").await;
        window.log_out().await;
    });
}

/// What stands in a part of the window, also where it is cut off at the edge.
async fn said_in(window: &Window, part: &str) -> String {
    window.find(part).await.prop("textContent").await.unwrap_or_default().unwrap_or_default()
}
