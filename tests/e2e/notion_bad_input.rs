//! Notion databases that cannot be a calendar, or not wholly: the window says so in words, and the others are as ever.

use serde_json::{Value, json};
use synodic_simulators::notion::NewDatabase;
use synodic_tests::desktop::notion::{Notion, VERANSTALTUNGEN};
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::desk::Desk;
use crate::notion::{MEETING, connect};

/// A database with these columns.
fn database(notion: &Notion, title: &str, columns: impl IntoIterator<Item = (String, Value)>) {
    let properties = [("Name".to_owned(), json!({ "title": {} }))].into_iter().chain(columns).collect();
    notion.control().add_database(NewDatabase { title: title.into(), properties, ..NewDatabase::default() });
}

#[test]
fn what_cannot_be_a_calendar_is_said_and_stands_in_nobodys_way() {
    tell("notion-bad-input", async |stage: Stage| {
        let notion = Notion::start().await;
        database(&notion, "Einkauf", []);
        let computed = json!({ "formula": { "expression": "now()" } });
        database(&notion, "Fristen", [("Fällig".to_owned(), computed)]);
        let many = (1..=58).map(|number| (format!("Spalte {number}"), json!({ "rich_text": {} })));
        database(&notion, "Sechzig", many.chain([("Termin".to_owned(), json!({ "date": {} }))]));
        let Desk { bus: _bus, google: _google, home, .. } = Desk::new(&stage).await;
        let home = notion.at_home(home);
        let window = Window::open(&stage, &home, &[]).await;

        connect(&window, notion.token()).await;
        ask_for(&window, "Einkauf").await;
        says(&window, "This database has no date, so its pages cannot be events.").await;
        window.picture(&stage.folder().join("no-date.png")).await;
        assert_eq!(window.value_of("choose-when").await, "Create “Date”", "what helps is proposed");
        leave(&window).await;

        ask_for(&window, "Fristen").await;
        assert_eq!(window.value_of("choose-when").await, "Fällig · formula (read only)");
        says(&window, "Notion computes the date, so nothing can be written there.").await;
        window.picture(&stage.folder().join("computed.png")).await;
        leave(&window).await;

        ask_for(&window, "Sechzig").await;
        assert_eq!(window.value_of("choose-when").await, "Termin · date");
        leave(&window).await;

        // The one beside them is as ever.
        ask_for(&window, VERANSTALTUNGEN).await;
        window.click("save-mapping").await;
        window.is_gone("save-mapping").await;
        window.click("view-month").await;
        window.sees(MEETING).await;
        window.shows_state("synced").await;
        window.log_out().await;
    });
}

async fn ask_for(window: &Window, name: &str) {
    window.click_css(&format!("[aria-label$=\"{name} in step\"]")).await;
    window.find("save-mapping").await;
}

async fn leave(window: &Window) {
    window.press("\u{e00c}").await;
    window.is_gone("save-mapping").await;
}

async fn says(window: &Window, words: &str) {
    until("the window says it", async || {
        let text = window.text().await;
        if text.contains(words) { Ok(()) } else { Err(text) }
    })
    .await;
}
