//! Events are found by what they say, the next one first.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use synodic_engine::view::{CalendarView, EventChange, EventTarget, NotifyAttendees};
use synodic_model::{Attendee, EventContent, OccurrenceKey, Recurrence};
use synodic_tests::world::{World, guest, meeting};

/// Noon in Berlin, on a day of November 2026.
fn noon(day: u32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(11, 0, 0).unwrap().and_utc()
}

/// Title and day of what is found, as seen from noon of `day`.
async fn found(world: &World, text: &str, day: u32) -> Vec<(String, String)> {
    let hits = world.engine.search(text, noon(day), 50).await.unwrap();
    hits.into_iter().map(|hit| (hit.title, hit.starts_at.format("%m-%d").to_string())).collect()
}

fn weekly(title: &str, day: u32, rule: &str) -> EventContent {
    let recurrence = Some(Recurrence::from_rule(rule).unwrap());
    EventContent { recurrence, ..meeting(title, day) }
}

async fn local(world: &World) -> CalendarView {
    world.engine.create_calendar("Mine".into(), "#336699".into(), "Europe/Berlin".into()).await.unwrap()
}

fn hit(title: &str, day: &str) -> (String, String) {
    (title.into(), day.into())
}

#[tokio::test]
async fn what_comes_next_is_first_and_then_what_is_past_the_latest_first() {
    let world = World::new().await;
    let calendar = local(&world).await;
    for (title, day) in [("Review A", 3), ("Review B", 9), ("Review C", 20), ("Review D", 12), ("Lunch", 13)]
    {
        world.create(calendar.id, meeting(title, day)).await;
    }
    world.create(calendar.id, weekly("Weekly review", 2, "FREQ=WEEKLY")).await;
    world.create(calendar.id, weekly("Old review", 2, "FREQ=DAILY;COUNT=3")).await;
    assert_eq!(
        found(&world, "review", 11).await,
        [
            hit("Review D", "11-12"),
            hit("Weekly review", "11-16"),
            hit("Review C", "11-20"),
            hit("Review B", "11-09"),
            hit("Old review", "11-04"),
            hit("Review A", "11-03"),
        ]
    );
    let two = world.engine.search("review", noon(11), 2).await.unwrap();
    assert_eq!(two.iter().map(|hit| hit.title.as_str()).collect::<Vec<_>>(), ["Review D", "Weekly review"]);
    assert!(found(&world, "  \"", 11).await.is_empty());
}

#[tokio::test]
async fn a_series_is_found_once_where_it_still_says_so() {
    let world = World::new().await;
    let calendar = local(&world).await;
    let series = world.create(calendar.id, weekly("Rehearsal", 2, "FREQ=WEEKLY;COUNT=4")).await;
    let occurrences = world.shown().await;
    let keys: Vec<OccurrenceKey> = occurrences.iter().filter_map(|shown| shown.occurrence_of).collect();
    let rename = async |key, title: &str, day| {
        let target = EventTarget::Occurrence { key };
        let content = meeting(title, day);
        let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
        world.engine.change_event(change).await.unwrap();
    };
    rename(keys[1], "Concert", 10).await;
    world
        .engine
        .delete_event(EventTarget::Occurrence { key: keys[2] }, NotifyAttendees::Nobody)
        .await
        .unwrap();
    assert_eq!(found(&world, "rehearsal", 1).await, [hit("Rehearsal", "11-02")]);
    // The second is a concert and the third is off.
    assert_eq!(found(&world, "rehearsal", 3).await, [hit("Rehearsal", "11-23")]);
    assert_eq!(found(&world, "rehearsal", 30).await, [hit("Rehearsal", "11-23")]);
    assert_eq!(found(&world, "concert", 3).await, [hit("Concert", "11-10")]);
    let hits = world.engine.search("concert", noon(3), 50).await.unwrap();
    assert_eq!(hits[0].occurrence_of.map(|key| key.series_id), Some(series.id));
    world.delete(series.id).await;
    assert!(found(&world, "rehearsal", 3).await.is_empty() && found(&world, "concert", 3).await.is_empty());
}

#[tokio::test]
async fn a_leap_day_is_found_years_ahead_and_a_series_that_ended_long_ago_at_its_end() {
    let world = World::new().await;
    let calendar = local(&world).await;
    let from = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
    let day = |title: &str, start: &str, rule: &str| {
        let when = synodic_model::When::AllDay { start: from(start), end: from(start).succ_opt().unwrap() };
        let mut content = EventContent::new(title, when);
        content.recurrence = Some(Recurrence::from_rule(rule).unwrap());
        content
    };
    world.create(calendar.id, day("Leap party", "2024-02-29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")).await;
    world.create(calendar.id, day("Party of old", "1990-05-01", "FREQ=YEARLY;UNTIL=20000501")).await;
    let hits = world.engine.search("party", noon(3), 50).await.unwrap();
    let days: Vec<_> = hits.iter().map(|hit| hit.when.original_start().key()).collect();
    assert_eq!(days, ["20280229", "20000501"]);
}

#[tokio::test]
async fn what_the_phone_makes_changes_and_deletes_is_found_as_it_is_after_the_pull() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let id = world.phone_adds("Zahnärztin", 12);
    world.pass().await;
    assert_eq!(found(&world, "zahnarzt", 11).await, [hit("Zahnärztin", "11-12")]);
    world.phone_changes(&id, json!({ "location": "Brücke 4", "summary": "Dentist" }));
    world.pass().await;
    assert_eq!(found(&world, "brucke dent", 11).await, [hit("Dentist", "11-12")]);
    assert!(found(&world, "zahn", 11).await.is_empty());

    let mut content = meeting("Dinner", 14);
    content.attendees = vec![Attendee { name: "Bea Åberg".into(), ..guest("bea@example.com") }];
    world.create(calendar.id, content).await;
    assert_eq!(found(&world, "aberg", 11).await, [hit("Dinner", "11-14")]);
    world.engine.set_calendar_visible(calendar.id, false).await.unwrap();
    assert!(found(&world, "dent", 11).await.is_empty(), "what is hidden is not found");
}
