//! One calendar is kept in step with a Google calendar and a Notion database: an edit anywhere reaches the two others
//! once.

use std::time::Duration;

use serde_json::json;
use synodic_engine::view::{EventTarget, Parting};
use synodic_providers::NotifyAttendees;
use synodic_tests::world::{ADA, meeting};
use uuid::Uuid;

mod stage;

pub(crate) use self::stage::{Three, rich, text, titled, zoned};

#[tokio::test]
async fn an_edit_here_reaches_both() {
    let three = Three::new().await;
    let event = three.create(meeting("Ours", 3)).await;
    three.settle().await;
    assert_eq!(three.notion_titles(), ["Ours"]);
    three.change(event.id, |content| content.title = "Ours, changed".into()).await;
    three.settle().await;
    assert_eq!(three.notion_titles(), ["Ours, changed"]);
    three.engine.delete_event(EventTarget::Event { id: event.id }, NotifyAttendees::Nobody).await.unwrap();
    three.settle().await;
    assert!(three.notion_titles().is_empty());
    assert_eq!(three.page("Ours, changed")["in_trash"], true);
}

#[tokio::test]
async fn an_edit_in_notion_reaches_google_and_does_not_come_back() {
    let three = Three::new().await;
    let date =
        json!({ "date": { "start": "2026-11-04T09:00:00+01:00", "end": "2026-11-04T10:30:00+01:00" } });
    let mut properties = titled("Zahnarzt");
    properties["Datum"] = date;
    three.notion.add_page(three.source, json!({ "properties": properties }));
    three.settle().await;
    let there = three.remote("Zahnarzt");
    assert_eq!(zoned(&there["start"]), ("2026-11-04T08:00:00Z".parse().unwrap(), "Europe/Berlin"));
    assert_eq!(zoned(&there["end"]), ("2026-11-04T09:30:00Z".parse().unwrap(), "Europe/Berlin"));
    let requests = three.notion.requests().len();
    three.edit_page("Zahnarzt", json!({ "Ort": rich("Praxis") }));
    three.settle().await;
    assert_eq!(three.remote("Zahnarzt")["location"], "Praxis");
    let writes =
        three.notion.requests()[requests..].iter().filter(|request| request.method == "PATCH").count();
    assert_eq!(writes, 0, "an edit does not come back to where it was made");
}

#[tokio::test]
async fn an_edit_at_google_reaches_notion_and_leaves_alone_what_is_notions_own() {
    let three = Three::new().await;
    let id = three.google.put_event(
        ADA,
        json!({
            "summary": "Theirs", "start": { "dateTime": "2026-11-04T09:00:00+01:00", "timeZone": "Europe/Berlin" },
            "end": { "dateTime": "2026-11-04T10:00:00+01:00", "timeZone": "Europe/Berlin" },
        }),
    )["id"]
        .clone();
    three.settle().await;
    three.edit_page("Theirs", json!({ "Raum": rich("4.12") }));
    three.settle().await;
    three.google.put_event(ADA, json!({ "id": id, "summary": "Theirs, changed" }));
    three.settle().await;
    assert_eq!(text(&three.page("Theirs, changed"), "Raum"), "4.12", "a property that is not mapped");
}

/// Fields that Notion cannot hold, or holds with less in them, are unharmed at Google by an edit in Notion.
#[tokio::test]
async fn what_notion_cannot_say_is_unharmed_at_google() {
    let three = Three::new().await;
    three.google.put_event(
        ADA,
        json!({
            "summary": "Flug", "description": "<p>Bring <b>both</b> passports &amp; tickets</p>", "location": "TXL",
            "start": { "dateTime": "2026-11-04T09:00:00+01:00", "timeZone": "Europe/Berlin" },
            "end": { "dateTime": "2026-11-05T06:00:00+09:00", "timeZone": "Asia/Tokyo" },
            "colorId": "5", "transparency": "transparent", "visibility": "private",
            "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 90 }] },
            "extendedProperties": { "private": { "theirs": "1" } },
        }),
    );
    three.settle().await;
    let before = three.remote("Flug");
    three.edit_page("Flug", titled("Flug nach Tokio"));
    three.settle().await;
    let after = three.remote("Flug nach Tokio");
    for field in [
        "description",
        "location",
        "start",
        "end",
        "colorId",
        "transparency",
        "visibility",
        "reminders",
        "extendedProperties",
        "iCalUID",
    ] {
        assert_eq!(before[field], after[field], "{field}");
    }
    // Moved in Notion by a day, both ends keep their zones.
    three.edit_page(
        "Flug nach Tokio",
        json!({ "Datum": { "date": {
        "start": "2026-11-05T09:00:00+01:00", "end": "2026-11-05T22:00:00+01:00" } } }),
    );
    three.settle().await;
    let moved = three.remote("Flug nach Tokio");
    assert_eq!(zoned(&moved["start"]), ("2026-11-05T08:00:00Z".parse().unwrap(), "Europe/Berlin"));
    assert_eq!(zoned(&moved["end"]), ("2026-11-05T21:00:00Z".parse().unwrap(), "Asia/Tokyo"));
    assert_eq!(moved["description"], before["description"]);
}

#[tokio::test]
async fn two_edits_of_different_fields_at_both_meet() {
    let three = Three::new().await;
    let event = three.create(meeting("Talk", 3)).await;
    three.settle().await;
    let id = three.remote("Talk")["id"].clone();
    three.google.put_event(ADA, json!({ "id": id, "location": "Room 1" }));
    three.edit_page("Talk", titled("Talk, longer"));
    three.change(event.id, |content| content.description = "Bring slides".into()).await;
    three.settle().await;
    let there = three.remote("Talk, longer");
    assert_eq!(
        (there["location"].as_str(), there["description"].as_str()),
        (Some("Room 1"), Some("Bring slides"))
    );
    let page = three.page("Talk, longer");
    assert_eq!((text(&page, "Ort"), text(&page, "Beschreibung")), ("Room 1".into(), "Bring slides".into()));
}

#[tokio::test]
async fn the_trash_of_notion_removes_an_event_and_taking_it_back_brings_it_back() {
    let three = Three::new().await;
    three.create(meeting("Talk", 3)).await;
    three.settle().await;
    let page = three.page_id("Talk");
    three.minutes_pass(10);
    three.notion.trash_page(page);
    three.minutes_pass(31);
    three.settle().await;
    assert!(three.google_titles().is_empty(), "found by the sweep");
    three.notion.restore_page(page);
    three.settle().await;
    assert_eq!(three.google_titles(), ["Talk"]);
}

#[tokio::test]
async fn a_page_without_its_date_leaves_and_comes_back_with_it() {
    let three = Three::new().await;
    three.create(meeting("Talk", 3)).await;
    three.settle().await;
    three.edit_page("Talk", json!({ "Datum": { "date": null } }));
    three.settle().await;
    assert!(three.google_titles().is_empty());
    three.edit_page("Talk", json!({ "Datum": { "date": { "start": "2026-11-05" } } }));
    three.settle().await;
    assert_eq!(three.remote("Talk")["start"]["date"], "2026-11-05");
}

#[tokio::test]
async fn losing_access_to_notion_removes_nothing_anywhere() {
    let three = Three::new().await;
    three.create(meeting("Talk", 3)).await;
    three.settle().await;
    let database: Uuid = three.notion.databases()[0]["id"].as_str().unwrap().parse().unwrap();
    three.notion.share(database, Some(three.bot), false);
    three.minutes_pass(60);
    let report = three.pass().await;
    assert!(report.links.iter().any(|link| link.error.is_some()), "{report:#?}");
    three.minutes_pass(60);
    three.pass().await;
    assert_eq!(three.google_titles(), ["Talk"]);
    assert_eq!(three.titles().await, ["Talk"]);
    three.notion.share(database, Some(three.bot), true);
    three.minutes_pass(60);
    three.settle().await;
}

#[tokio::test]
async fn unlinking_and_linking_again_doubles_nothing() {
    let three = Three::new().await;
    three.create(meeting("Ours", 3)).await;
    let mut properties = titled("Theirs");
    properties["Datum"] = json!({ "date": { "start": "2026-11-05" } });
    three.notion.add_page(three.source, json!({ "properties": properties }));
    three.settle().await;
    let calendars = three.engine.calendars().await.unwrap();
    let link = calendars[0].links.iter().find(|link| link.integration_id == three.workspace).unwrap();
    three.engine.unlink_calendar(link.id, Parting::KeepBoth).await.unwrap();
    three.link_notion().await;
    three.settle().await;
    assert_eq!(three.notion_titles(), ["Ours", "Theirs"]);
}

#[tokio::test]
async fn a_replica_that_was_lost_doubles_nothing() {
    let mut three = Three::new().await;
    three.create(meeting("Ours", 3)).await;
    three.settle().await;
    three.lose_the_replica().await;
    three.settle().await;
    assert_eq!(three.google_titles(), ["Ours"]);
}

#[tokio::test]
async fn a_series_is_one_page_with_its_rule_and_an_override_is_a_page_of_its_own() {
    let three = Three::new().await;
    let mut weekly = meeting("Stand-up", 3);
    weekly.recurrence = Some(synodic_model::Recurrence::from_rule("FREQ=WEEKLY;COUNT=3").unwrap());
    three.create(weekly).await;
    for _ in 0..3 {
        three.pass().await;
    }
    assert_eq!(text(&three.page("Stand-up"), "Wiederholung"), "RRULE:FREQ=WEEKLY;COUNT=3");
    three.edit_page("Stand-up", json!({ "Wiederholung": rich("FREQ=WEEKLY;COUNT=4") }));
    for _ in 0..3 {
        three.pass().await;
        three.minutes_pass(1);
    }
    assert_eq!(three.remote("Stand-up")["recurrence"], json!(["RRULE:FREQ=WEEKLY;COUNT=4"]));
    assert_eq!(three.titles().await.len(), 4);
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_found_again() {
    use synodic_simulators::fault::{Effect, Fault};
    let three = Three::with(false, |options| options.query_lag = Duration::from_secs(30)).await;
    three.notion.inject(Fault::new(Effect::DropAfter).on("POST", "/v1/pages").times(1));
    three.create(meeting("Ours", 3)).await;
    for _ in 0..6 {
        three.pass().await;
        three.clock.advance(Duration::from_secs(40));
    }
    three.settle().await;
    assert_eq!(three.notion_titles(), ["Ours"]);
}
