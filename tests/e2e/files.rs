//! Calendar files, in and out: opened by the desktop, dropped on the window, taken back, and written.

use std::path::PathBuf;

use fantoccini::key::Key;
use serde_json::json;
use synodic_tests::desktop::google::event;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use synodic_tests::desktop::window::Window;

use crate::desk::{CALENDAR, Desk, today};

#[test]
fn a_file_that_the_desktop_opens_is_looked_at_comes_in_and_is_taken_back() {
    tell("files-in", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        let day = today().format("%Y%m%d");
        let club = desk.home.folder().join("Rowing club.ics");
        let text = format!(
            "BEGIN:VCALENDAR\r\n\
             BEGIN:VEVENT\r\nUID:training\r\nSUMMARY:Training\r\nDTSTART;TZID=Europe/Berlin:{day}T100000\r\n\
             DURATION:PT1H\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nUID:regatta\r\nSUMMARY:Regatta\r\nDTSTART;VALUE=DATE:{day}\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nUID:bad\r\nSUMMARY:Meeting\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        std::fs::write(&club, text).unwrap();
        let window = Window::open(&desk.stage, &desk.home, &[club.to_str().unwrap()]).await;
        says(&window, "import", "Rowing club.ics").await;
        says(&window, "import-counts", "2 new events").await;
        says(&window, "import-counts", "1 could not be read").await;
        assert_eq!(desk.google.called("Training").await.len(), 0, "nothing has come in yet");

        window.click("import-now").await;
        window.lacks("import").await;
        window.show_week().await;
        let block = window.sees("Training").await;
        assert!(block.text.contains("10:00"), "{block:?}");
        window.sees("Regatta").await;
        let there = desk.google.has("Training").await;
        let start = there["start"]["dateTime"].as_str().unwrap().to_owned();
        assert!(start.starts_with(&format!("{}T10:00", today())), "{there}");

        window.press(&format!("{}z{}", Key::Control, Key::Null)).await;
        window.sees_no_more("Training").await;
        window.sees_no_more("Regatta").await;
        desk.google.has_no("Training").await;

        // A second start hands its file to the window that is there.
        let other = desk.home.folder().join("empty.ics");
        std::fs::write(&other, "").unwrap();
        let mut second = desk.home.start("second", [other.to_str().unwrap()]);
        assert!(second.ended().await.success(), "{}", second.said());
        says(&window, "import-refused", "the file is empty").await;
        window.log_out().await;
    });
}

#[test]
fn a_dropped_file_comes_in_as_it_is_and_a_calendar_goes_out_as_a_file() {
    tell("files-out", async |stage: Stage| {
        let desk = Desk::signed_in(&stage).await;
        desk.google.add(&event("Stand-up", today(), 9)).await;
        let window = desk.window().await;
        window.sees("Stand-up").await;

        // Written as Western Europe wrote before UTF-8: the bytes have to come through as they are.
        let drop = "const text = `BEGIN:VCALENDAR\\r\\nBEGIN:VEVENT\\r\\nUID:drop\\r\\nSUMMARY:Caf\\u00e9\\r\\nDTSTART;TZID=Europe/Berlin:${arguments[0]}T140000\\r\\nDURATION:PT1H\\r\\nEND:VEVENT\\r\\nEND:VCALENDAR\\r\\n`;
            const files = new DataTransfer();
            files.items.add(new File([Uint8Array.from(text, (letter) => letter.charCodeAt(0))], 'old.ics'));
            for (const kind of ['dragenter', 'drop'])
                document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));";
        window.script(drop, vec![json!(today().format("%Y%m%d").to_string())]).await;
        says(&window, "import-counts", "1 new event").await;
        window.click("import-now").await;
        window.lacks("import").await;
        window.sees("Café").await;
        desk.google.has("Café").await;

        let mine = format!("[aria-label=\"More about {CALENDAR}\"]");
        let first = exported(&window, &mine).await;
        let again = exported(&window, &mine).await;
        assert_ne!(first, again, "what is there is not written over");
        for file in [first, again] {
            let path = file.to_str().unwrap();
            let preview = desk.home.json(["import", path, "--calendar", CALENDAR, "--dry-run"]).await;
            assert_eq!(
                (&preview["same"], &preview["new"], &preview["unreadable"]),
                (&json!(2), &json!(0), &json!(0)),
                "{preview}"
            );
        }
        window.log_out().await;
    });
}

/// Exports a calendar from its menu; answers where the window says that it is.
async fn exported(window: &Window, menu: &str) -> PathBuf {
    let dismiss = "[...document.querySelectorAll('[data-testid=\"toast\"] [aria-label=Dismiss]')].forEach((one) => one.click())";
    window.script(dismiss, vec![]).await;
    window.lacks("toast").await;
    window.click_css(menu).await;
    window.click("export-calendar").await;
    until("the window says where the file is", async || {
        let said = window.text().await;
        let path = said.split("(2 events) is in ").nth(1).and_then(|rest| rest.split(".ics.").next());
        path.map(|path| PathBuf::from(format!("{path}.ics"))).ok_or(said)
    })
    .await
}

/// Waits until a part of the window says something, also where it is cut off at the edge.
async fn says(window: &Window, part: &str, words: &str) {
    until(&format!("{part} says {words:?}"), async || {
        let text = window.find(part).await.prop("textContent").await.ok().flatten().unwrap_or_default();
        if text.contains(words) { Ok(()) } else { Err(text) }
    })
    .await;
}
