//! The next occurrences of a series as pages of their own in a Notion database.

use std::time::Duration;

use serde_json::json;
use synodic_engine::notion::{Mapping, MappingChoice, Slot};
use synodic_engine::view::EventTarget;
use synodic_model::{LinkId, Recurrence};
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{ADA, meeting};
use uuid::Uuid;

use crate::three_way::{Three, text, titled};

/// The link to the database, and a choice of so many pages of next occurrences.
async fn with_upcoming(three: &Three, upcoming: u32, create: Vec<Slot>) -> (LinkId, MappingChoice) {
    let calendars = three.engine.calendars().await.unwrap();
    let link = calendars[0].links.iter().find(|link| link.integration_id == three.workspace).unwrap().id;
    let mapping = three.engine.notion_mapping(link).await.unwrap().mapping;
    (link, MappingChoice { mapping: Mapping { upcoming, ..mapping }, create })
}

pub(crate) async fn keep_three_upcoming(three: &Three) {
    let (link, choice) = with_upcoming(three, 3, vec![Slot::Series]).await;
    three.engine.set_notion_mapping(link, choice).await.unwrap();
}

/// How many pages it would make and remove to keep so many.
async fn planned(three: &Three, upcoming: u32) -> (u32, u32) {
    let (link, choice) = with_upcoming(three, upcoming, Vec::new()).await;
    let plan = three.engine.plan_notion_mapping(link, choice).await.unwrap();
    (plan.pages_made, plan.pages_removed)
}

/// The pages of occurrences, by their days and titles.
fn occurrences(three: &Three) -> Vec<(String, String)> {
    let pages = three.notion.pages(three.source).into_iter();
    let mut found: Vec<_> = pages
        .filter(|page| text(page, "Synodic").contains(" of="))
        .map(|page| {
            let start = page["properties"]["Datum"]["date"]["start"].as_str().unwrap()[..10].to_owned();
            (start, text(&page, "Name"))
        })
        .collect();
    found.sort();
    found
}

fn occurrence_page(three: &Three, day: &str) -> Uuid {
    let pages = three.notion.pages(three.source).into_iter();
    let mut on_that_day = pages
        .filter(|page| text(page, "Synodic").contains(" of="))
        .filter(|page| page["properties"]["Datum"]["date"]["start"].as_str().unwrap().starts_with(day));
    on_that_day.next().unwrap()["id"].as_str().unwrap().parse().unwrap()
}

async fn passes(three: &Three) {
    for _ in 0..6 {
        three.pass().await;
        three.minutes_pass(1);
    }
}

/// How many occurrences are shown under this title.
async fn shown_times(three: &Three, title: &str) -> usize {
    three.titles().await.iter().filter(|shown| *shown == title).count()
}

#[tokio::test]
async fn the_next_occurrences_are_pages_that_follow_their_series_until_somebody_edits_one() {
    let three = Three::new().await;
    keep_three_upcoming(&three).await;
    let mut weekly = meeting("Stand-up", 3);
    weekly.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=6").unwrap());
    three.create(weekly).await;
    passes(&three).await;
    let days = ["2026-11-10", "2026-11-17", "2026-11-24"];
    assert_eq!(occurrences(&three), days.map(|day| (day.to_owned(), "Stand-up".to_owned())));
    let page = three.notion.page(occurrence_page(&three, "2026-11-10"));
    assert_eq!(page["properties"]["Series"]["relation"].as_array().unwrap().len(), 1);
    // They are nobody's edits: Google knows the series and nothing else.
    assert_eq!(three.google.events(ADA).len(), 1);
    let before = three.notion.requests().len();
    passes(&three).await;
    let writes = three.notion.requests()[before..].iter().filter(|request| request.method == "PATCH").count();
    assert_eq!(writes, 0, "what is as it should be is not written");
    let plans = [planned(&three, 3).await, planned(&three, 5).await, planned(&three, 1).await];
    assert_eq!(plans, [(0, 0), (2, 0), (0, 2)], "another number is told before it is agreed on");

    // An edit of the series' page edits the series, and its pages follow.
    let pages = three.notion.pages(three.source);
    let series = pages.iter().find(|page| !text(page, "Synodic").contains(" of=")).unwrap();
    let series: Uuid = series["id"].as_str().unwrap().parse().unwrap();
    three.notion.edit_page(series, json!({ "properties": titled("Daily") }));
    passes(&three).await;
    assert_eq!(three.remote("Daily")["recurrence"], json!(["RRULE:FREQ=WEEKLY;COUNT=6"]));
    assert_eq!(occurrences(&three), days.map(|day| (day.to_owned(), "Daily".to_owned())));

    // An edit of an occurrence's page is an override of that one.
    let second = occurrence_page(&three, "2026-11-17");
    three.notion.edit_page(second, json!({ "properties": titled("Retro") }));
    passes(&three).await;
    let original = three.remote("Retro")["originalStartTime"]["dateTime"].as_str().unwrap().to_owned();
    assert!(original.starts_with("2026-11-17"), "{original}");
    assert_eq!(shown_times(&three, "Daily").await, 5);

    // And putting one into the trash calls it off.
    three.notion.trash_page(occurrence_page(&three, "2026-11-24"));
    passes(&three).await;
    assert_eq!(shown_times(&three, "Daily").await, 4);
    three.notion.edit_page(series, json!({ "properties": titled("Weekly") }));
    passes(&three).await;
    assert!(occurrences(&three).contains(&("2026-11-17".to_owned(), "Retro".to_owned())));
    assert_eq!(shown_times(&three, "Weekly").await, 4);
}

/// An edited occurrence is a page of its own, too, and is made once however its answer is lost: also when the program
/// ends before it has heard, and when lists show a page only later.
#[tokio::test]
async fn the_page_of_an_occurrence_is_made_once_though_its_answer_is_lost() {
    let three = Three::with(false, |options| options.query_lag = Duration::from_secs(30)).await;
    let mut weekly = meeting("Stand-up", 3);
    weekly.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=4").unwrap());
    three.create(weekly).await;
    passes(&three).await;
    let shown = three.shown().await;
    let target = EventTarget::Occurrence { key: shown[1].occurrence_of.unwrap() };
    let title = async |title: &str| {
        three.change_target(target, |content| content.title = title.into()).await;
    };
    let lose_an_answer =
        || three.notion.inject(Fault::new(Effect::DropAfter).on("POST", "/v1/pages").times(1));
    lose_an_answer();
    title("Retro").await;
    slow_passes(&three).await;
    assert_eq!(pages_called(&three, "Retro"), 1, "{:#?}", three.notion_titles());

    // Somebody throws it away while it is edited here: it is made anew.
    three.notion.trash_page(three.page_id("Retro"));
    title("Long retro").await;
    lose_an_answer();
    slow_passes(&three).await;
    assert_eq!(pages_called(&three, "Long retro"), 1, "{:#?}", three.notion_titles());
    assert_eq!(shown_times(&three, "Long retro").await, 1);
}

fn pages_called(three: &Three, title: &str) -> usize {
    three.notion.pages(three.source).iter().filter(|page| text(page, "Name") == title).count()
}

async fn slow_passes(three: &Three) {
    for _ in 0..6 {
        three.pass().await;
        three.clock.advance(Duration::from_secs(40));
    }
    passes(three).await;
}
