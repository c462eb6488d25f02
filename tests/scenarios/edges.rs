//! The days go by, and nothing is deleted for being long ago or far ahead; and a day stays the day that it is, wherever
//! the computer is.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use chrono_tz::{America, Asia, Europe, Pacific, Tz};
use serde_json::{Value, json};
use synodic_model::{EventContent, Recurrence, When};
use synodic_tests::world::{ADA, meeting};

use crate::notion_occurrences::keep_three_upcoming;
use crate::three_way::{Three, text, titled};

/// From one end of the day to the other.
const ZONES: [Tz; 5] = [Pacific::Niue, America::St_Johns, Europe::Berlin, Asia::Kolkata, Pacific::Kiritimati];

fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn days(title: &str, first: NaiveDate, count: u64) -> EventContent {
    EventContent::new(title, When::AllDay { start: first, end: first + Days::new(count) })
}

/// An event at Google in another year.
fn in_year(title: &str, year: u32) -> Value {
    json!({
        "summary": title,
        "start": { "dateTime": format!("{year}-11-05T23:30:00Z"), "timeZone": "UTC" },
        "end": { "dateTime": format!("{year}-11-06T00:30:00Z"), "timeZone": "UTC" },
    })
}

/// How many events and pages there are that nobody has deleted, and how many deletions were asked for.
fn there(three: &Three) -> (usize, usize, usize) {
    let trashed = three.notion.all_pages(three.source).iter().filter(|page| page["in_trash"] == true).count();
    let deletions = three.google.requests().iter().filter(|request| request.method == "DELETE").count();
    (three.google.events(ADA).len(), trashed, deletions)
}

#[tokio::test]
async fn a_day_that_goes_by_deletes_nothing() {
    for zone in ZONES {
        let three = Three::in_zone(zone).await;
        keep_three_upcoming(&three).await;
        three.create(days("A day", date(11, 5), 1)).await;
        three.create(days("Three days", date(11, 10), 3)).await;
        let mut late = meeting("Around midnight", 8);
        late.when = days("", date(11, 8), 1).when;
        three.create(late).await;
        let mut weekly = meeting("Weekly", 3);
        weekly.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=5").unwrap());
        three.create(weekly).await;
        let from_outside = three.google.put_event(ADA, in_year("Dragged about", 1999))["id"].clone();
        for _ in 0..4 {
            three.pass().await;
            three.minutes_pass(1);
        }
        let before = there(&three);
        for day in 0..45 {
            // An hour more each time, so that each hour of the day is met.
            three.minutes_pass(25 * 60);
            let year = [1999, 2026, 2080][day % 3];
            let mut dragged = in_year("Dragged about", year);
            dragged["id"] = from_outside.clone();
            three.google.put_event(ADA, dragged);
            three.pass().await;
            assert_eq!(there(&three), before, "in {zone}, after {day} days");
        }
        let (google, notion) = (three.google_titles(), three.notion_titles());
        assert_eq!(
            google,
            ["A day", "Around midnight", "Dragged about", "Three days", "Weekly"],
            "in {zone}"
        );
        assert_eq!(notion.iter().filter(|title| *title == "Weekly").count(), 5, "in {zone}: {notion:?}");
        assert!(three.engine.reviews().await.unwrap().is_empty());
    }
}

/// First and last day of each event, by title: here, at Google, and in Notion.
async fn seen(three: &Three) -> [BTreeMap<String, (String, String)>; 3] {
    let inclusive = |start: NaiveDate, end: NaiveDate| (start.to_string(), (end - Days::new(1)).to_string());
    let here = three.shown().await.into_iter().map(|shown| {
        let When::AllDay { start, end } = shown.when else { panic!("{:?}", shown.when) };
        (shown.title, inclusive(start, end))
    });
    let google = three.google.events(ADA).into_iter().map(|event| {
        let day = |field: &str| event[field]["date"].as_str().unwrap().parse().unwrap();
        (event["summary"].as_str().unwrap().to_owned(), inclusive(day("start"), day("end")))
    });
    let notion = three.notion.pages(three.source).into_iter().map(|page| {
        let date = &page["properties"]["Datum"]["date"];
        let start = date["start"].as_str().unwrap();
        (text(&page, "Name"), (start.to_owned(), date["end"].as_str().unwrap_or(start).to_owned()))
    });
    [here.collect(), google.collect(), notion.collect()]
}

#[tokio::test]
async fn a_day_is_the_same_day_after_ten_journeys_wherever_the_computer_is() {
    for zone in ZONES {
        let mut three = Three::in_zone(zone).await;
        let mut expected = BTreeMap::new();
        let mut expect = |title: &str, first: u32, last: u32| {
            let days = (date(11, first).to_string(), date(11, last).to_string());
            expected.insert(title.to_owned(), days);
        };
        three.create(days("Here, one", date(11, 5), 1)).await;
        expect("Here, one", 5, 5);
        three.create(days("Here, three", date(11, 6), 3)).await;
        expect("Here, three", 6, 8);
        for (title, first, last) in [("Google, one", 9, 9), ("Google, three", 10, 12)] {
            let day = |day| json!({ "date": date(11, day).to_string() });
            let event = json!({ "summary": title, "start": day(first), "end": day(last + 1) });
            three.google.put_event(ADA, event);
            expect(title, first, last);
        }
        for (title, first, last) in [("Notion, one", 13, None), ("Notion, three", 14, Some(16))] {
            let mut properties = titled(title);
            let last_day = last.map(|day| date(11, day).to_string());
            properties["Datum"] =
                json!({ "date": { "start": date(11, first).to_string(), "end": last_day } });
            three.notion.add_page(three.source, json!({ "properties": properties }));
            expect(title, first, last.unwrap_or(first));
        }
        three.settle().await;
        for journey in 0..10 {
            let titles: Vec<String> = expected.keys().cloned().collect();
            for title in titles {
                let renamed = format!("{}|{journey}", title.split('|').next().unwrap());
                match journey % 3 {
                    0 => three.edit_page(&title, titled(&renamed)),
                    1 => {
                        let id = three.remote(&title)["id"].clone();
                        three.google.put_event(ADA, json!({ "id": id, "summary": renamed }));
                    }
                    _ => {
                        let shown = three.shown().await;
                        let id = shown.iter().find(|shown| shown.title == title).unwrap().event_id;
                        three.change(id, |content| content.title.clone_from(&renamed)).await;
                    }
                }
                let days = expected.remove(&title).unwrap();
                expected.insert(renamed, days);
            }
            three.settle().await;
            for (place, seen) in ["here", "at Google", "in Notion"].iter().zip(seen(&three).await) {
                assert_eq!(seen, expected, "{place}, in {zone}, after journey {journey}");
            }
        }
        // The person travels, too: what is known by its day stays on it, and nobody is told anything.
        for other in ZONES {
            three.travel(other).await;
            three.pass().await;
            let last = three.pass().await;
            assert_eq!((last.pushed, last.pending), (0, 0), "from {zone} to {other}");
            for seen in seen(&three).await {
                assert_eq!(seen, expected, "from {zone} to {other}");
            }
        }
    }
}

/// A time of the day is a time at a place: whoever travels finds it where it was.
#[tokio::test]
async fn an_hour_is_the_same_hour_wherever_the_computer_goes() {
    let mut three = Three::in_zone(Europe::Berlin).await;
    three.create(meeting("Here", 3)).await;
    let mut properties = titled("Notion");
    properties["Datum"] = json!({ "date": { "start": "2026-11-04T09:00:00+01:00" } });
    three.notion.add_page(three.source, json!({ "properties": properties }));
    three.settle().await;
    let before = (three.google.events(ADA), three.notion.pages(three.source));
    for zone in ZONES {
        three.travel(zone).await;
        three.minutes_pass(60);
        three.settle().await;
        assert_eq!((three.google.events(ADA), three.notion.pages(three.source)), before, "in {zone}");
    }
}
