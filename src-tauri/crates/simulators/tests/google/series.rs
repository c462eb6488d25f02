//! Series: occurrences, exceptions, gaps, and what becomes of them.

use serde_json::{Value, json};

use crate::bench::{Bench, path, summaries, timed, with};

async fn daily(bench: &Bench) -> Value {
    bench.insert(with(timed("Daily", 4, 9), json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=5"] }))).await
}

async fn instances(bench: &Bench, master: &Value, query: &str) -> Vec<Value> {
    let page = bench.get(&format!("{}/instances?{query}", path(&master["id"]))).await.ok();
    page["items"].as_array().unwrap().clone()
}

fn occurrence(master: &Value, day: u32) -> Value {
    json!(format!("{}_202605{day:02}T070000Z", master["id"].as_str().unwrap()))
}

#[tokio::test]
async fn occurrences_have_ids_and_can_be_got_before_they_are_exceptions() {
    let bench = Bench::new();
    let master = daily(&bench).await;
    let found = instances(&bench, &master, "").await;
    assert_eq!(found.len(), 5);
    assert_eq!(found[1]["id"], occurrence(&master, 5));
    assert_eq!(found[1]["recurringEventId"], master["id"]);
    assert_eq!(found[1]["originalStartTime"]["dateTime"], "2026-05-05T09:00:00+02:00");
    assert!(found[1].get("recurrence").is_none());
    assert_eq!(bench.event(&occurrence(&master, 5)).await.ok(), found[1]);
    bench.event(&occurrence(&master, 20)).await.refused(404, "notFound");
    let (items, _) = bench.list("").await;
    assert_eq!(items.len(), 1, "unchanged occurrences are not listed");
}

#[tokio::test]
async fn a_changed_occurrence_is_an_event_of_its_own() {
    let bench = Bench::new();
    let master = daily(&bench).await;
    let moved = with(timed("Later", 5, 15), json!({ "recurrence": ["RRULE:FREQ=DAILY"] }));
    let exception = bench.patch(&occurrence(&master, 5), moved).await.ok();
    assert_eq!(exception["originalStartTime"]["dateTime"], "2026-05-05T09:00:00+02:00");
    assert_eq!(exception["start"]["dateTime"], "2026-05-05T15:00:00+02:00");
    assert!(exception.get("recurrence").is_none(), "an occurrence does not recur");
    let (items, _) = bench.list("").await;
    assert_eq!(summaries(&items), ["Daily", "Later"]);
    let (single, _) = bench.list("singleEvents=true").await;
    assert_eq!(summaries(&single), ["Daily", "Daily", "Daily", "Daily", "Later"]);
    let pinned = instances(&bench, &master, "originalStart=2026-05-05T07:00:00Z").await;
    assert_eq!(summaries(&pinned), ["Later"]);
}

#[tokio::test]
async fn a_cancelled_occurrence_is_data_and_stays_as_long_as_its_series() {
    let mut bench = Bench::new();
    let master = daily(&bench).await;
    assert_eq!(bench.delete(&occurrence(&master, 6)).await.status, 204);
    bench.delete(&occurrence(&master, 6)).await.refused(410, "deleted");
    let (items, _) = bench.list("").await;
    let gap = items.iter().find(|item| item["status"] == "cancelled").unwrap();
    let names = gap.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(names, ["etag", "id", "kind", "originalStartTime", "recurringEventId", "status"]);
    assert_eq!(instances(&bench, &master, "").await.len(), 4);
    assert_eq!(instances(&bench, &master, "showDeleted=true").await.len(), 5);
    assert_eq!(bench.list("singleEvents=true").await.0.len(), 4);
    bench.later(std::time::Duration::from_secs(400 * 24 * 3600));
    assert_eq!(bench.list("").await.0.len(), 2, "it does not decay");
    let back = bench.patch(&occurrence(&master, 6), json!({ "status": "confirmed" })).await.ok();
    assert_eq!(back["summary"], "Daily");
}

#[tokio::test]
async fn a_series_takes_its_exceptions_with_it() {
    let bench = Bench::new();
    let master = daily(&bench).await;
    bench.patch(&occurrence(&master, 5), json!({ "summary": "Changed" })).await.ok();
    bench.delete(&occurrence(&master, 6)).await.ok();
    let token = bench.sync_token().await;
    bench.delete(&master["id"]).await.ok();
    assert_eq!(bench.list("").await.0, Vec::<Value>::new());
    let (changes, _) = bench.list(&format!("syncToken={token}")).await;
    assert_eq!(changes.len(), 1, "only the master is named");
    assert_eq!((&changes[0]["id"], &changes[0]["status"]), (&master["id"], &json!("cancelled")));
    assert_eq!(bench.event(&occurrence(&master, 5)).await.ok()["status"], "cancelled");
    bench.patch(&occurrence(&master, 5), json!({ "status": "confirmed" })).await.refused(410, "deleted");
    bench.patch(&master["id"], json!({ "status": "confirmed" })).await.ok();
    assert_eq!(summaries(&bench.list("").await.0), ["?", "Changed", "Daily"]);
}

#[tokio::test]
async fn exceptions_to_lost_occurrences_are_cancelled() {
    let bench = Bench::new();
    let master = daily(&bench).await;
    bench.patch(&occurrence(&master, 8), json!({ "summary": "Changed" })).await.ok();
    let token = bench.sync_token().await;
    bench.patch(&master["id"], json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=2"] })).await.ok();
    let (changes, _) = bench.list(&format!("syncToken={token}")).await;
    let statuses = changes.iter().filter(|item| item["status"] == "cancelled").map(|item| &item["id"]);
    assert_eq!(statuses.collect::<Vec<_>>(), [&occurrence(&master, 8)]);
    assert_eq!(bench.list("").await.0.len(), 1, "and it is not a gap, because there is nothing to leave out");
}

#[tokio::test]
async fn rules_are_checked_and_come_back_in_another_order() {
    let bench = Bench::new();
    let series = |rule: &str| with(timed("x", 4, 9), json!({ "recurrence": [rule] }));
    let event = bench.insert(series("RRULE:BYDAY=MO;FREQ=WEEKLY")).await;
    assert_eq!(event["recurrence"], json!(["RRULE:FREQ=WEEKLY;BYDAY=MO"]));
    for rule in ["RRULE:FREQ=OFTEN", "DTSTART:20260504T090000"] {
        bench.post("/calendars/primary/events", series(rule)).await.refused(400, "invalid");
    }
}

#[tokio::test]
async fn all_day_series_have_days_for_stamps() {
    let bench = Bench::new();
    let day = |day: u32| json!({ "date": format!("2026-05-{day:02}") });
    let weekly = json!({ "summary": "Day", "start": day(4), "end": day(5), "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"] });
    let master = bench.insert(weekly).await;
    let found = instances(&bench, &master, "").await;
    assert_eq!(found[1]["id"], format!("{}_20260511", master["id"].as_str().unwrap()));
    assert_eq!(found[1]["end"], day(12));
}

#[tokio::test]
async fn a_stricter_visibility_spreads_to_the_series_and_a_looser_one_is_ignored() {
    let bench = Bench::new();
    let master = daily(&bench).await;
    bench.patch(&occurrence(&master, 5), json!({ "visibility": "private" })).await.ok();
    assert_eq!(bench.event(&master["id"]).await.ok()["visibility"], "private");
    let loose =
        bench.patch(&occurrence(&master, 6), json!({ "visibility": "public", "summary": "x" })).await.ok();
    assert_eq!(loose["visibility"], "private");
}

#[tokio::test]
async fn an_endless_series_is_cut_somewhere() {
    let bench = Bench::new();
    bench.insert(with(timed("x", 4, 9), json!({ "recurrence": ["RRULE:FREQ=DAILY"] }))).await;
    let (items, _) = bench.list("singleEvents=true&maxResults=2500").await;
    assert_eq!(items.len(), 731);
    let (week, _) =
        bench.list("singleEvents=true&timeMin=2026-06-01T00:00:00Z&timeMax=2026-06-08T00:00:00Z").await;
    assert_eq!(week.len(), 7);
}
