//! Listings: pages, order, filters, calendars.

use serde_json::{Value, json};
use synodic_simulators::google::{AccessRole, GoogleOptions, NewCalendar};

use crate::bench::{ADA, Bench, summaries, timed, with};

async fn seven(bench: &Bench) {
    for number in 0..7 {
        bench.insert(timed(&format!("{number}"), 5 + number, 9)).await;
    }
}

fn titles(items: &[Value]) -> String {
    items.iter().filter_map(|item| item["summary"].as_str()).collect()
}

#[tokio::test]
async fn pages_add_up_in_an_order_that_is_stable_but_not_the_obvious_one() {
    let bench = Bench::new();
    seven(&bench).await;
    let (whole, _) = bench.list("").await;
    assert_eq!(whole.len(), 7);
    assert_ne!(titles(&whole), "0123456", "creation order would be too comfortable");
    let (paged, last) = bench.list("maxResults=3").await;
    assert_eq!(titles(&paged), titles(&whole));
    assert!(last["nextSyncToken"].is_string());
    let first = bench.get("/calendars/primary/events?maxResults=3").await.ok();
    assert!(first.get("nextSyncToken").is_none());
}

#[tokio::test]
async fn a_cap_makes_pages_shorter_and_ragged_ones_may_be_empty() {
    let bench = Bench::with(GoogleOptions { page_size_cap: Some(2), ..GoogleOptions::default() });
    seven(&bench).await;
    let first = bench.get("/calendars/primary/events").await.ok();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);

    let bench = Bench::with(GoogleOptions { ragged_pages: true, ..GoogleOptions::default() });
    seven(&bench).await;
    let first = bench.get("/calendars/primary/events?maxResults=2").await.ok();
    let token = first["nextPageToken"].as_str().unwrap();
    let second = bench.get(&format!("/calendars/primary/events?maxResults=2&pageToken={token}")).await.ok();
    assert_eq!(second["items"], json!([]));
    assert!(second["nextPageToken"].is_string(), "empty, but not the end");
    assert_eq!(bench.list("maxResults=2").await.0.len(), 7);
}

#[tokio::test]
async fn page_tokens_belong_to_their_listing() {
    let bench = Bench::new();
    seven(&bench).await;
    let first = bench.get("/calendars/primary/events?maxResults=3").await.ok();
    let token = first["nextPageToken"].as_str().unwrap();
    bench.get(&format!("/calendars/primary/events?q=x&pageToken={token}")).await.refused(400, "invalid");
    bench.get("/calendars/primary/events?pageToken=made-up").await.refused(400, "invalid");
    bench.get("/calendars/primary/events?maxResults=0").await.refused(400, "invalidParameter");
    bench.get("/calendars/primary/events?maxResults=many").await.refused(400, "invalidParameter");
}

#[tokio::test]
async fn order_is_by_start_for_single_events_and_by_update_for_all() {
    let bench = Bench::new();
    for (summary, hour) in [("c", 12), ("a", 9), ("b", 10)] {
        bench.insert(timed(summary, 5, hour)).await;
        bench.clock.advance(std::time::Duration::from_secs(1));
    }
    assert_eq!(titles(&bench.list("singleEvents=true&orderBy=startTime").await.0), "abc");
    let (by_update, last) = bench.list("orderBy=updated").await;
    assert_eq!(titles(&by_update), "cab");
    assert!(last.get("nextSyncToken").is_none(), "an ordered list cannot be continued");
    bench.get("/calendars/primary/events?orderBy=startTime").await.refused(400, "badRequest");
}

#[tokio::test]
async fn the_window_excludes_both_of_its_ends() {
    let bench = Bench::new();
    for hour in [8, 9, 10, 11] {
        bench.insert(timed(&hour.to_string(), 5, hour)).await;
    }
    // From 10:00 to 11:00 in Paris: what ends at ten or begins at eleven is outside.
    let (items, _) = bench.list("timeMin=2026-05-05T08:00:00Z&timeMax=2026-05-05T09:00:00Z").await;
    assert_eq!(summaries(&items), ["10"]);
    bench
        .get("/calendars/primary/events?timeMin=2026-05-05T08:00:00Z&timeMax=2026-05-05T08:00:00Z")
        .await
        .refused(400, "timeRangeEmpty");
    bench.get("/calendars/primary/events?timeMin=2026-05-05T08:00:00").await.refused(400, "badRequest");
}

#[tokio::test]
async fn filters_find_text_uids_properties_types_and_changes() {
    let bench = Bench::new();
    let marked = json!({ "extendedProperties": { "private": { "mark": "1" } }, "description": "Green tea" });
    let event = bench.insert(with(timed("One", 5, 9), marked)).await;
    bench.insert(timed("Two", 5, 9)).await;
    bench.control.put_event(ADA, with(timed("Mail", 5, 9), json!({ "eventType": "fromGmail" })));
    let uid = event["iCalUID"].as_str().unwrap();
    for query in ["q=green", &format!("iCalUID={uid}"), "privateExtendedProperty=mark%3D1"] {
        let (items, last) = bench.list(query).await;
        assert_eq!(summaries(&items), ["One"], "{query}");
        assert!(last.get("nextSyncToken").is_none(), "{query}");
    }
    assert_eq!(summaries(&bench.list("eventTypes=default").await.0), ["One", "Two"]);
    assert_eq!(
        summaries(&bench.list("eventTypes=default&eventTypes=fromGmail").await.0),
        ["Mail", "One", "Two"]
    );
    bench.clock.advance(std::time::Duration::from_secs(3000));
    bench.delete(&event["id"]).await.ok();
    let (items, _) = bench.list("updatedMin=2026-05-04T08:30:00Z").await;
    assert_eq!(items.len(), 1, "deleted events are included");
    bench
        .get("/calendars/primary/events?updatedMin=2026-03-01T00:00:00Z")
        .await
        .refused(410, "updatedMinTooLongAgo");
}

#[tokio::test]
async fn answers_are_in_the_zone_that_is_asked_for() {
    let bench = Bench::new();
    bench.insert(timed("x", 5, 9)).await;
    let (items, page) = bench.list("timeZone=Asia/Tokyo").await;
    assert_eq!(
        items[0]["start"],
        json!({ "dateTime": "2026-05-05T16:00:00+09:00", "timeZone": "Europe/Paris" })
    );
    assert_eq!(page["timeZone"], "Asia/Tokyo");
}

#[tokio::test]
async fn calendars_are_listed_made_and_synced() {
    let bench = Bench::new();
    let all = bench.get("/users/me/calendarList").await.ok();
    assert_eq!(all["items"][0]["id"], ADA);
    assert_eq!(all["items"][0]["primary"], true);
    let token = all["nextSyncToken"].as_str().unwrap();
    let made = bench.post("/calendars", json!({ "summary": "New", "timeZone": "Asia/Tokyo" })).await.ok();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["timeZone"], "Asia/Tokyo");
    let changes = bench.get(&format!("/users/me/calendarList?syncToken={token}")).await.ok();
    assert_eq!(changes["items"].as_array().unwrap().len(), 1);
    assert_eq!(changes["items"][0]["accessRole"], "owner");
    assert_eq!(bench.get(&format!("/users/me/calendarList/{id}")).await.ok()["summary"], "New");
    bench.send("DELETE", &format!("/calendars/{id}"), None, &[]).await.ok();
    let token = changes["nextSyncToken"].as_str().unwrap();
    let changes = bench.get(&format!("/users/me/calendarList?syncToken={token}")).await.ok();
    assert_eq!(changes["items"][0]["deleted"], true);
    bench.post("/calendars", json!({})).await.refused(400, "required");
    bench
        .get(&format!("/users/me/calendarList?showDeleted=false&syncToken={token}"))
        .await
        .refused(400, "badRequest");
    assert_eq!(bench.get("/colors").await.ok()["event"].as_object().unwrap().len(), 11);
}

#[tokio::test]
async fn calendar_lists_have_pages_too() {
    let bench = Bench::new();
    for number in 0..4 {
        bench
            .control
            .add_calendar(ADA, NewCalendar { summary: number.to_string(), ..NewCalendar::default() });
    }
    let first = bench.get("/users/me/calendarList?maxResults=3").await.ok();
    let token = first["nextPageToken"].as_str().unwrap();
    let second = bench.get(&format!("/users/me/calendarList?maxResults=3&pageToken={token}")).await.ok();
    assert_eq!(second["items"].as_array().unwrap().len(), 2);
    assert!(second["nextSyncToken"].is_string());
}

#[tokio::test]
async fn a_role_decides_what_is_seen_and_done() {
    let bench = Bench::new();
    let calendar =
        |role| NewCalendar { summary: "Shared".into(), access_role: role, ..NewCalendar::default() };
    let shared = bench.control.add_calendar(ADA, calendar(AccessRole::Reader));
    bench.control.put_event(&shared, timed("Open", 5, 9));
    bench.control.put_event(&shared, with(timed("Hidden", 5, 9), json!({ "visibility": "private" })));
    let list = format!("/calendars/{shared}/events");
    let items = bench.get(&list).await.ok()["items"].as_array().unwrap().clone();
    assert_eq!(summaries(&items), ["?", "Open"]);
    bench.post(&list, timed("x", 5, 9)).await.refused(403, "requiredAccessLevel");
    bench.control.set_access(&shared, ADA, Some(AccessRole::FreeBusyReader));
    let items = bench.get(&list).await.ok()["items"].as_array().unwrap().clone();
    assert_eq!(summaries(&items), ["?", "?"]);
    bench.control.set_access(&shared, ADA, None);
    bench.get(&list).await.refused(404, "notFound");
}
