//! What is done in the window reaches the account, and what is done at the account reaches the window.

use std::time::{Duration, Instant};

use serde_json::json;
use synodic_tests::desktop::google::event;
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;

use crate::desk::{Desk, today};

#[test]
fn an_event_made_in_the_window_reaches_the_account() {
    tell("made-here", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.make_event("Lunch with Grace & Bjørn ☕").await;
        window.sees("Lunch with Grace & Bjørn ☕").await;
        desk.google.has("Lunch with Grace & Bjørn ☕").await;

        window.rename_event("Lunch with Grace", "Brunch").await;
        let there = desk.google.has("Brunch").await;
        assert_eq!(desk.google.events().await.len(), 1, "renamed, not added: {there:#}");

        window.delete_event("Brunch").await;
        desk.google.has_no("Brunch").await;
        window.sees_no_more("Brunch").await;
        window.log_out().await;
    });
}

#[test]
fn an_event_changed_at_the_account_changes_in_the_window_at_once() {
    tell("made-there", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.shows_state("synced").await;
        calls_us(&desk.home).await;

        let started = Instant::now();
        let id = desk.google.add(&event("Dentist", today(), 9)).await;
        let block = window.sees("Dentist").await;
        let appeared = started.elapsed();
        desk.google.change(&id, &json!({ "summary": "Dentist, moved", "location": "Hauptstraße 1" })).await;
        assert_eq!(window.sees("Dentist, moved").await.event_id, block.event_id, "the same event, changed");
        desk.google.delete(&id).await;
        window.sees_no_more("Dentist").await;

        eprintln!("a change at the account was in the window after {appeared:?}");
        // The next poll would be fifteen seconds away.
        assert!(appeared < Duration::from_secs(8), "it came by {appeared:?}, so hardly through the webhook");
        let state = desk.home.json(["status"]).await;
        assert_eq!(state["pending"], 0, "a change from there is not sent back: {state:#}");
    });
}

#[test]
fn dragging_an_event_moves_it_at_the_account() {
    tell("dragged", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let id = desk.google.add(&event("Rehearsal", today(), 10)).await;
        let window = desk.window().await;
        window.sees("Rehearsal").await;
        window.drag_event_by_hours("Rehearsal", 1.0).await;
        let moved = until("Google has the rehearsal at another time", async || {
            let event = desk.google.event(&id).await;
            if clock(&event["start"]) == "10:00" { Err(event) } else { Ok(event) }
        })
        .await;
        let (start, end) = (clock(&moved["start"]), clock(&moved["end"]));
        // The grid takes the nearest quarter of an hour.
        let landed = ["10:45", "11:00", "11:15"].iter().position(|&near| near == start);
        let landed = landed.unwrap_or_else(|| panic!("not where it was dropped: {moved:#}"));
        assert_eq!(end, ["11:45", "12:00", "12:15"][landed], "it lasts as long as before: {moved:#}");
        assert_eq!(moved["start"]["timeZone"], "Europe/Berlin", "{moved:#}");
        window.sees(&format!("{start} – {end}")).await;
        window.shows_state("synced").await;
    });
}

#[test]
fn bad_input_is_told_at_the_field_and_nothing_is_sent() {
    tell("bad-input", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.shows_state("synced").await;
        let before = desk.google.control().requests().len();
        window.click("new-event").await;
        // A title of 2,000 characters; the window must not take more than the replica does.
        window.put_into("event-title-input", &"x".repeat(2000)).await;
        window.click("save-event").await;
        until("the window says that the title is too long", async || {
            let text = window.text().await;
            if text.contains("long") { Ok(()) } else { Err(text) }
        })
        .await;
        assert_eq!(desk.google.events().await, Vec::<serde_json::Value>::new());
        let writes = desk.google.requests_since(before);
        assert!(writes.iter().all(|request| request.method == "GET"), "{writes:#?}");
        // The sentence says what to do, and doing it helps.
        window.type_into("event-title-input", "Short").await;
        window.click("save-event").await;
        desk.google.has("Short").await;
    });
}

/// Waits until the account calls us when something changes.
async fn calls_us(home: &Home) {
    until("the account calls the program", async || {
        let status = home.json(["status"]).await;
        if status["integrations"][0]["listening"]["kind"] == "webhook" { Ok(()) } else { Err(status) }
    })
    .await;
}

/// What the clock shows at one end of an event of Google's.
fn clock(end: &serde_json::Value) -> String {
    let time = end["dateTime"].as_str().and_then(|time| time.get(11..16));
    time.unwrap_or_else(|| panic!("no time: {end}")).to_owned()
}
