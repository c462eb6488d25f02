//! Events are made and changed by mouse, by keyboard alone and in plain words, and the account has what was meant.

use chrono::{DateTime, Days, TimeDelta};
use fantoccini::key::Key;
use serde_json::{Value, json};
use synodic_tests::desktop::google::{CALENDAR, event};
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;

use crate::desk::{Desk, monday, today};

#[test]
fn an_event_is_made_and_made_longer_with_the_mouse() {
    tell("drawn", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let id = desk.google.add(&event("Rehearsal", today(), 10)).await;
        let window = desk.window().await;
        window.sees("Rehearsal").await;
        window.shows_state("synced").await;

        window.drag_edge_by_hours("Rehearsal", 1.0).await;
        until("Google has a longer rehearsal", async || {
            let event = desk.google.event(&id).await;
            let is_right = clock(&event["start"]) == "10:00" && clock(&event["end"]) == "12:00";
            if is_right { Ok(()) } else { Err(event) }
        })
        .await;

        // Where one presses is where it begins: three hours below the top of what begins at ten.
        window.sees("10:00 – 12:00").await;
        let (x, y, width, height) = window.place_of("Rehearsal").await;
        let hour = (height + 2.0) / 2.0;
        window.drag_from((x + width / 2.0, y + hour * 3.1), (0.0, hour * 1.3)).await;
        window.type_into("event-title-input", "Drawn").await;
        window.click("save-event").await;
        let drawn = desk.google.has("Drawn").await;
        assert_eq!(clock(&drawn["start"]), "13:00", "{drawn:#}");
        assert_eq!(minutes(&drawn), 90, "{drawn:#}");
        window.log_out().await;
    });
}

#[test]
fn an_event_is_made_changed_deleted_and_had_back_without_a_mouse() {
    tell("keyboard", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        // Hours before whatever time the window proposes, and hours after it: never both in sight.
        desk.google.add(&event("Night train", monday(), 0)).await;
        let window = desk.window().await;
        window.sees("Night train").await;
        window.shows_state("synced").await;

        window.press("c").await;
        window.find("event-title-input").await;
        window.press("Tea with Grace").await;
        window.press(&Key::Enter.to_string()).await;
        let made = desk.google.has("Tea with Grace").await;
        window.is_marked("Tea with Grace", "synced").await;

        // From the first event, which is brought into sight, to the new one, and into its editor.
        window.press(&format!("{}{}", Key::Down, Key::Up)).await;
        let focused = "const block = document.activeElement, { left, top, width } = block.getBoundingClientRect();
            return block.contains(document.elementFromPoint(left + width / 2, top + 4)) ? block.innerText : 'out of sight'";
        until("the focus is on the night train, in sight", async || {
            let seen = window.script(focused, vec![]).await;
            if seen.as_str().is_some_and(|seen| seen.contains("Night train")) { Ok(()) } else { Err(seen) }
        })
        .await;
        window.press(&Key::Down.to_string()).await;
        window.press("e").await;
        window.find("event-title-input").await;
        window.press(&format!("{}a{}", Key::Control, Key::Null)).await;
        window.press("Tea with Ada").await;
        window.press(&format!("{}{}{}", Key::Control, Key::Enter, Key::Null)).await;
        let changed = desk.google.has("Tea with Ada").await;
        assert_eq!((&changed["id"], &changed["start"]), (&made["id"], &made["start"]), "renamed, not moved");
        window.is_gone("event-title-input").await;

        window.press(&Key::Delete.to_string()).await;
        window.sees_no_more("Tea with Ada").await;
        desk.google.has_no("Tea with Ada").await;
        window.press(&format!("{}z{}", Key::Control, Key::Null)).await;
        window.sees("Tea with Ada").await;
        desk.google.has("Tea with Ada").await;
        window.log_out().await;
    });
}

#[test]
fn a_line_of_plain_words_becomes_what_it_says() {
    tell("quick-add", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let window = desk.window().await;
        window.shows_state("synced").await;
        // At the lower edge of the window, where what is understood needs room that is not there.
        let height = window.script("return innerHeight", vec![]).await.as_f64().unwrap();
        let (x, _, width, _) = window.find("view-week").await.rectangle().await.unwrap();
        window.drag_from((x + width / 2.0, height - 30.0), (0.0, 0.0)).await;
        window.type_into("event-title-input", "Lunch with Ada today 12:30 for 45 min at Luigi's").await;
        until("the window shows what it understood", async || {
            let chips = window.find("understood").await.prop("textContent").await;
            let chips = chips.unwrap_or_default().unwrap_or_default();
            let all = ["Lunch with Ada", "12:30", "45 min", "Luigi's"];
            if all.iter().all(|understood| chips.contains(understood)) { Ok(()) } else { Err(chips) }
        })
        .await;
        until("the grid shows what it would be", async || {
            let drawn =
                window.script("return document.querySelector('[data-draft]')?.textContent", vec![]).await;
            if drawn == "Lunch with Ada" { Ok(()) } else { Err(drawn) }
        })
        .await;
        let save = window.find("save-event").await;
        until("the button that saves is inside the window", async || {
            let (_, top, _, high) = save.rectangle().await.unwrap();
            if top + high < height { Ok(()) } else { Err((top, high)) }
        })
        .await;
        window.press(&Key::Enter.to_string()).await;
        let lunch = desk.google.has("Lunch with Ada").await;
        assert_eq!(lunch["location"], "Luigi's", "{lunch:#}");
        assert_eq!(
            lunch["start"]["dateTime"].as_str().unwrap().get(..16),
            Some(&*format!("{}T12:30", today()))
        );
        assert_eq!(minutes(&lunch), 45, "{lunch:#}");
        window.log_out().await;
    });
}

#[test]
fn an_edit_of_a_series_means_one_those_that_follow_or_all() {
    tell("series", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let mut daily = event("Stand-up", monday(), 10);
        daily["recurrence"] = json!(["RRULE:FREQ=DAILY;COUNT=7"]);
        let series = desk.google.add(&daily).await;
        let window = desk.window().await;
        window.sees("Stand-up").await;
        window.shows_state("synced").await;

        let (tuesday, thursday) = (monday() + Days::new(1), monday() + Days::new(3));
        window.rename_occurrence(tuesday, "Sit-down", "this").await;
        let one = desk.google.has("Sit-down").await;
        assert_eq!(one["recurringEventId"], json!(series), "one occurrence of the series: {one:#}");
        window.shows_state("synced").await;

        window.rename_occurrence(thursday, "Lie-down", "following").await;
        let rest = desk.google.has("Lie-down").await;
        assert!(
            rest["recurrence"].is_array() && rest["id"] != json!(series),
            "a series of its own: {rest:#}"
        );
        assert_eq!(rest["start"]["dateTime"].as_str().unwrap().get(..10), Some(&*thursday.to_string()));
        window.shows_state("synced").await;
        assert_eq!(
            titles(&window.blocks().await),
            ["Stand-up", "Sit-down", "Stand-up", "Lie-down", "Lie-down", "Lie-down", "Lie-down"]
        );

        window.rename_occurrence(thursday + Days::new(1), "Nap", "all").await;
        let nap = desk.google.has("Nap").await;
        assert_eq!(nap["id"], rest["id"], "the same series, changed");
        assert_eq!(
            titles(&window.blocks().await),
            ["Stand-up", "Sit-down", "Stand-up", "Nap", "Nap", "Nap", "Nap"]
        );
        window.shows_state("synced").await;
        let there = desk.google.control().all_events(CALENDAR);
        assert_eq!(there.len(), 3, "two series and one exception, nothing else: {there:#?}");
        window.log_out().await;
    });
}

#[test]
fn a_conflict_is_compared_and_decided_field_by_field() {
    tell("conflict", async |stage: Stage| {
        let mut desk = Desk::signed_in(&stage).await;
        let id = desk.google.add(&event("Dentist", today(), 10)).await;
        desk.home.run(["conflict", "policy", crate::desk::CALENDAR, "ask"]).await.done();
        let window = desk.window().await;
        window.sees("Dentist").await;
        window.shows_state("synced").await;

        desk.google.go_away().await;
        window.rename_event("Dentist", "Dentist, at last").await;
        let mut there = desk.google.control().find(CALENDAR, &id).unwrap();
        there["summary"] = json!("Dentist (moved upstairs)");
        there["location"] = json!("Second floor");
        desk.google.control().put_event(CALENDAR, there);
        desk.google.come_back().await;
        window.click("sync-now").await;
        window.shows_state("conflict").await;
        window.is_marked("Dentist, at last", "conflict").await;

        window.click("sync-indicator").await;
        window.click("compare").await;
        window.find("conflict-field").await;
        window.click("title-local").await;
        window.click("decide").await;
        window.is_gone("conflict-field").await;
        window.shows_state("synced").await;
        let decided = desk.google.has("Dentist, at last").await;
        assert_eq!(decided["location"], "Second floor", "what only one side changed is kept: {decided:#}");
        window.is_marked("Dentist, at last", "synced").await;
        assert_eq!(desk.google.events().await.len(), 1, "no copy was made");
        window.log_out().await;
    });
}

/// What stands first on each event, in the order of the days.
fn titles(blocks: &[synodic_tests::desktop::window::Block]) -> Vec<&str> {
    blocks.iter().filter_map(|block| block.text.lines().find(|line| !line.trim().is_empty())).collect()
}

/// What the clock shows at one end of an event of Google's.
fn clock(end: &Value) -> &str {
    end["dateTime"].as_str().and_then(|time| time.get(11..16)).unwrap_or_else(|| panic!("no time: {end}"))
}

/// How long an event of Google's lasts.
fn minutes(event: &Value) -> i64 {
    let time = |end: &Value| DateTime::parse_from_rfc3339(end["dateTime"].as_str().unwrap()).unwrap();
    let lasts: TimeDelta = time(&event["end"]) - time(&event["start"]);
    lasts.num_minutes()
}
