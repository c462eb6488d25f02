//! Text from a calendar is text: nothing in it runs.

use serde_json::json;
use synodic_tests::desktop::google::event;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;

use crate::desk::{Desk, today};

/// Each would set a flag, if it ran.
const SCRIPTS: [&str; 6] = [
    "<script>window.hacked = 'script'</script>",
    "<img src=x onerror=\"window.hacked = 'onerror'\">",
    "<svg onload=\"window.hacked = 'onload'\"></svg>",
    "<a href=\"javascript:window.hacked='link'\">Click here</a>",
    "<iframe srcdoc=\"<script>parent.hacked='frame'</script>\"></iframe>",
    "<form action=\"javascript:window.hacked='form'\"><button>Press here</button></form>",
];

#[test]
fn nothing_from_a_calendar_runs_in_the_window() {
    tell("hostile", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let mut hostile = event("<img src=x onerror=\"window.hacked = 'title'\">Party", today(), 10);
        hostile["description"] = json!(format!("Bring <b>cake</b>. {}", SCRIPTS.join(" ")));
        hostile["location"] = json!("<script>window.hacked = 'place'</script>Garden");
        desk.google.add(&hostile).await;
        let window = desk.window().await;
        window.script("window.hacked = null; window.alert = window.confirm = window.prompt = () => { window.hacked = 'dialog' }", vec![]).await;

        let block = window.sees("Party").await;
        assert!(block.text.contains("<img src=x onerror="), "it is shown as it was written: {block:?}");
        window.open_event("Party").await;
        until("the description is shown", async || {
            let text = window.text().await;
            if text.contains("cake") && text.contains("Click here") { Ok(()) } else { Err(text) }
        })
        .await;
        // Press everything that the description put there.
        window.script("document.querySelectorAll('[data-testid=\"inspector\"] dd *').forEach((part) => part.click?.())", vec![]).await;
        window.click("edit-event").await;
        window.find("event-title-input").await;
        window.click("view-month").await;
        window.sees("Party").await;

        let foreign = "script:not([src^=\"/\"]):not([type=module]), iframe, object, embed, form[action], [onerror], [onload], a[href^=\"javascript\"]";
        let found = window
            .script(
                "return [...document.body.querySelectorAll(arguments[0])].map((part) => part.outerHTML)",
                vec![json!(foreign)],
            )
            .await;
        assert_eq!(found, json!([]), "nothing of it became a part of the page");
        assert_eq!(window.script("return window.hacked", vec![]).await, json!(null), "something ran");
        assert!(!window.said().contains("panicked"), "{}", window.said());
    });
}
