//! Whatever an event says, everybody has it after a while, and then nobody says anything any more: what one service writes
//! down in another way is no edit of anybody's.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;
use synodic_engine::view::{EventDraft, EventTarget};
use synodic_model::{EventContent, arbitrary};
use synodic_providers::NotifyAttendees;
use synodic_tests::world::{ADA, meeting};

use crate::three_way::{Three, rich};
use crate::three_way_caldav::{come_to_rest, four};

/// Texts that other programs have lost, cut, changed, or sent to and fro for ever.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "👩‍🚀 on the 🌙",
        "<p>HTML &amp; entities &#39; <b>bold</b><br></p>",
        "&lt;not a tag&gt; &nbsp; &amp;amp;",
        "no\u{a0}break\u{202f}narrow",
        "a space at the end ",
        "  two at the start",
        "a\ttab, a; semicolon, a \\ backslash, a \"quote\" and a: colon",
        "two\n\nlines\n",
        "old\r\nline\rends",
        "cafe\u{301} and café",
        "ﷺ العربية 日本語",
        "zero\u{200b}width\u{feff}",
        "\\n is no line end, \\, no comma",
        "{curly} %20 + = ~ `code` *stars* _lines_ [link](https://example.org)",
    ]
    .map(str::to_owned)
    .into();
    texts.push("A long text about nothing, which goes on. ".repeat(220));
    texts.push("😀 ".repeat(3000));
    texts
}

/// The texts of all events at Google, by the place that names each.
fn at_google(three: &Three) -> BTreeMap<String, (String, String)> {
    let field = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let events = three.google.events(ADA).into_iter();
    events
        .map(|event| (field(&event, "location"), (field(&event, "summary"), field(&event, "description"))))
        .collect()
}

#[tokio::test]
async fn odd_texts_from_anywhere_come_to_rest_and_stay_as_they_were_written() {
    let (three, server) = four().await;
    for (number, text) in texts().iter().enumerate() {
        let day = 1 + u32::try_from(number).unwrap();
        let short: String = text.chars().take(80).collect();
        let mut ours = meeting(&short, day);
        // More than that nobody may write here; what others have written comes whole.
        let bearable: String = text.chars().take(2000).collect();
        (ours.description, ours.location) = (bearable, format!("here {number}"));
        three.create(ours).await;
        three.google.put_event(
            ADA,
            json!({
                "summary": short, "description": text, "location": format!("google {number}"),
                "start": { "dateTime": format!("2026-11-{day:02}T12:00:00+01:00"), "timeZone": "Europe/Berlin" },
                "end": { "dateTime": format!("2026-11-{day:02}T13:00:00+01:00"), "timeZone": "Europe/Berlin" },
            }),
        );
        let runs: Vec<_> = text
            .chars()
            .collect::<Vec<_>>()
            .chunks(900)
            .map(|run| json!({ "text": { "content": run.iter().collect::<String>() } }))
            .collect();
        three.notion.add_page(
            three.source,
            json!({ "properties": {
                "Name": { "title": [{ "text": { "content": short } }] },
                "Beschreibung": { "rich_text": runs },
                "Ort": rich(&format!("notion {number}")),
                "Datum": { "date": { "start": format!("2026-11-{day:02}T15:00:00+01:00") } },
            } }),
        );
    }
    come_to_rest(&three).await;
    let before = at_google(&three);
    for (number, text) in texts().iter().enumerate() {
        let bearable: String = text.chars().take(2000).collect();
        let (_, description) = &before[&format!("here {number}")];
        // A line ends as it does at Google, however it was typed.
        let lines = |text: &str| text.replace("\r\n", "\n");
        assert_eq!(lines(description), lines(&bearable), "of here, at Google");
        let (_, description) = &before[&format!("google {number}")];
        assert_eq!(description, text, "of Google, at Google");
    }
    // An edit of another field leaves every text as it is, wherever the edit is made.
    for shown in three.shown().await {
        three
            .change(shown.event_id, |content| content.transparency = synodic_model::Transparency::Transparent)
            .await;
    }
    come_to_rest(&three).await;
    assert_eq!(at_google(&three), before);
    for page in three.notion.pages(three.source) {
        let id = page["id"].as_str().unwrap().parse().unwrap();
        three.notion.edit_page(id, json!({ "properties": { "Raum": rich("4.12") } }));
    }
    for name in server.names().await {
        let text = server.get(&name).await.unwrap();
        server.put(&name, &text.replace("END:VEVENT", "X-TOUCHED:1\nEND:VEVENT")).await;
    }
    come_to_rest(&three).await;
    assert_eq!(at_google(&three), before);
}

/// As many random events.
const EVENTS: usize = 80;

/// A random event, as a person could make it.
fn any_event(runner: &mut TestRunner, number: usize) -> EventContent {
    let mut content = arbitrary::event_content().new_tree(runner).unwrap().current();
    content.title = format!("{number:02} {}", content.title);
    content.organizer = None;
    content.attendees.clear();
    content.extras.clear();
    content.status = synodic_model::EventStatus::Confirmed;
    content
}

#[tokio::test]
async fn any_event_comes_to_rest_at_every_service() {
    let (three, server) = four().await;
    let mut runner = TestRunner::deterministic();
    let mut ids = Vec::new();
    for number in 0..EVENTS {
        let content = any_event(&mut runner, number);
        let draft = EventDraft { calendar_id: three.calendar, content, notify: NotifyAttendees::Nobody };
        match three.engine.create_event(draft).await {
            Ok(made) => ids.push(made.event.unwrap().id),
            // Some of them could not be made by anybody: what they say is refused in words.
            Err(refused) => assert!(refused.to_string().ends_with('.'), "{refused}"),
        }
    }
    assert!(ids.len() > EVENTS / 2, "{} were made", ids.len());
    let before = contents(&three, &ids).await;
    come_to_rest(&three).await;
    assert_eq!(server.names().await.len(), ids.len());
    assert_eq!(three.google.events(ADA).len(), ids.len());
    for (id, after) in contents(&three, &ids).await {
        assert_eq!(after, before[&id], "nobody has edited it");
    }
    // Somebody else reads it all anew, and has nothing to say either.
    three.engine.read_anew(None).await.unwrap();
    come_to_rest(&three).await;
    for (id, after) in contents(&three, &ids).await {
        assert_eq!(after, before[&id], "nobody has edited it");
    }
    assert!(three.engine.conflicts().await.unwrap().is_empty());
}

async fn contents(
    three: &Three,
    ids: &[synodic_model::EventId],
) -> BTreeMap<synodic_model::EventId, EventContent> {
    let mut contents = BTreeMap::new();
    for id in ids {
        let mut content = three.engine.event(EventTarget::Event { id: *id }).await.unwrap().content;
        content.extras.clear();
        contents.insert(*id, content);
    }
    contents
}
