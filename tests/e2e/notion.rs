//! A Notion database whose properties have German names becomes a calendar, by hand, in the window.

use chrono::{DateTime, Days, NaiveDate, TimeZone};
use chrono_tz::Europe::Berlin;
use serde_json::Value;
use synodic_tests::desktop::notion::{Notion, VERANSTALTUNGEN, words};
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::desk::{Desk, monday};

/// The only page on its day: five in the afternoon on Wednesday, for an hour.
pub(crate) const MEETING: &str = "Vereinssitzung";

#[test]
fn a_german_database_is_linked_in_the_window_and_a_page_is_dragged_to_another_day() {
    tell("notion", async |stage: Stage| {
        let notion = Notion::start().await;
        // Two properties could be the place, and the one that sounds like it is not the one.
        notion.add_text_property("Eingang");
        notion.write(MEETING, "Eingang", "Hoftor");
        let Desk { bus: _bus, google: _google, home, .. } = Desk::new(&stage).await;
        let home = notion.at_home(home);
        let window = Window::open(&stage, &home, &[]).await;

        connect(&window, notion.token()).await;
        window.click_css(&format!("[aria-label$=\"{VERANSTALTUNGEN} in step\"]")).await;
        for (thing, property) in [
            ("title", "Name · title"),
            ("when", "Datum · date"),
            ("location", "Ort · text"),
            ("description", "Notiz · text"),
            ("status", "Status · status"),
        ] {
            assert_eq!(window.value_of(&format!("choose-{thing}")).await, property, "proposed for {thing}");
        }
        window.choose("choose-location", "Eingang · text").await;
        window.click("save-mapping").await;
        window.is_gone("save-mapping").await;
        window.find_css("[data-testid=\"remote-calendar\"][data-linked]").await;

        window.click("view-month").await;
        for title in [MEETING, "Lesung: Neue Stimmen", "Jazz im Hof", "Flohmarkt"] {
            window.sees(title).await;
        }
        window.shows_state("synced").await;
        let (before, pages) = (notion.page(MEETING), notion.pages().len());
        assert_eq!(times(&before), [at(wednesday(), 17), at(wednesday(), 18)]);

        let thursday = wednesday() + Days::new(1);
        window.drag_event_to_day(MEETING, thursday).await;
        let after = until("Notion has the meeting on another day", async || {
            let page = notion.page(MEETING);
            if times(&page) == times(&before) { Err(page) } else { Ok(page) }
        })
        .await;
        // The same hours of Berlin's clock, at Berlin's offset.
        assert_eq!(times(&after), [at(thursday, 17), at(thursday, 18)], "{after:#}");
        assert_eq!(after["id"], before["id"], "the page itself, not another one");
        for property in ["Name", "Ort", "Eingang", "Notiz", "Status", "Personen"] {
            let value = |page: &Value| page["properties"][property].clone();
            assert_eq!(value(&after), value(&before), "{property} is as it was");
        }
        assert_eq!(notion.pages().len(), pages, "moved, not added");

        window.shows_state("synced").await;
        window.open_event(MEETING).await;
        until("the window shows the place from the property that was chosen", async || {
            let text = window.text().await;
            if text.contains("Hoftor") && !text.contains(&words(&after, "Ort")) { Ok(()) } else { Err(text) }
        })
        .await;
        let writes = notion.control().requests().into_iter();
        let writes: Vec<_> =
            writes.filter(|request| request.method == "PATCH" && request.path.contains("/pages/")).collect();
        assert_eq!(writes.len(), 1, "one drag is one write: {writes:#?}");
        window.log_out().await;
    });
}

/// Connects Notion with the secret of a connection, and waits until its databases can be chosen.
pub(crate) async fn connect(window: &Window, token: &str) {
    window.click_css("[aria-label=\"View options\"]").await;
    window.click("open-settings").await;
    window.click("connect-notion").await;
    window.put_into("notion-token", token).await;
    window.click("notion-token-send").await;
    window.find("account-calendars").await;
}

/// The Wednesday of this week, which a month view shows whatever the day.
fn wednesday() -> NaiveDate {
    monday() + Days::new(2)
}

/// Where a page begins and ends, as Notion writes it.
fn times(page: &Value) -> [String; 2] {
    let date = &page["properties"]["Datum"]["date"];
    ["start", "end"].map(|side| {
        let text = date[side].as_str().unwrap_or_else(|| panic!("no {side}: {page:#}"));
        DateTime::parse_from_rfc3339(text).unwrap().to_rfc3339()
    })
}

/// An hour of Berlin's clock with Berlin's offset.
fn at(day: NaiveDate, hour: u32) -> String {
    let time = day.and_hms_opt(hour, 0, 0).unwrap();
    Berlin.from_local_datetime(&time).unwrap().to_rfc3339()
}
