//! Each way of looking at the calendar shows what takes place, and the keyboard leads from one to the next.

use chrono::Days;
use synodic_tests::desktop::google::event;
use synodic_tests::desktop::story::{Stage, tell};

use crate::desk::{Desk, monday, today};

#[test]
fn each_view_shows_the_event_and_is_come_to_by_its_key() {
    tell("views", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let (monday, sunday) = (monday(), monday() + Days::new(6));
        desk.google.add(&event("Rehearsal", monday, 10)).await;
        desk.google.add(&event("Brunch", sunday, 11)).await;
        desk.google.add(&event("Later", monday + Days::new(9), 10)).await;
        let window = desk.window().await;
        window.sees("Rehearsal").await;
        window.sees("Brunch").await;
        window.sees_no_more("Later").await;

        window.press("j").await;
        window.sees("Later").await;
        window.sees_no_more("Rehearsal").await;
        window.press("k").await;
        window.sees("Rehearsal").await;

        window.press("f").await;
        window.sees("Rehearsal").await;
        window.sees_no_more("Brunch").await;

        window.press("m").await;
        window.sees("Rehearsal").await;
        window.sees("Brunch").await;

        // A day shows what is on it and nothing else.
        window.press("d").await;
        for (title, day) in [("Rehearsal", monday), ("Brunch", sunday)] {
            if day == today() {
                window.sees(title).await;
            } else {
                window.sees_no_more(title).await;
            }
        }
        let in_small_month = monday.format("[aria-label=\"Small month\"] [aria-label=\"%-d %B %Y\"]");
        window.click_css(&in_small_month.to_string()).await;
        window.sees("Rehearsal").await;
        window.sees_no_more("Brunch").await;

        window.press("a").await;
        window.sees("Later").await;
        window.press("y").await;
        window.find("year").await;
        let busy = monday.format("[data-testid=\"year\"] [aria-label$=\"%-d %B: 1 event, 1 h\"]");
        window.find_css(&busy.to_string()).await;
        window.press("t").await;
        window.press("w").await;
        window.sees("Rehearsal").await;
        window.log_out().await;
    });
}
