//! Incremental listings: what they contain, what ends them.

use std::time::Duration;

use serde_json::json;
use synodic_simulators::google::{AccessRole, GoogleOptions};

use crate::bench::{ADA, Bench, summaries, timed, with};

#[tokio::test]
async fn changes_come_once_and_deletions_come_too() {
    let bench = Bench::new();
    let kept = bench.insert(timed("Kept", 5, 9)).await;
    let gone = bench.insert(timed("Gone", 5, 9)).await;
    let token = bench.sync_token().await;
    bench.patch(&kept["id"], json!({ "summary": "Changed" })).await.ok();
    bench.delete(&gone["id"]).await.ok();
    let (changes, last) = bench.list(&format!("maxResults=1&syncToken={token}")).await;
    assert_eq!(summaries(&changes), ["Changed", "Gone"], "the owner still sees what it was");
    let token = last["nextSyncToken"].as_str().unwrap();
    assert!(bench.list(&format!("syncToken={token}")).await.0.is_empty());
}

#[tokio::test]
async fn the_tombstone_of_an_invitation_is_bare() {
    let bench = Bench::new();
    let invitation = with(timed("Theirs", 5, 9), json!({ "organizer": { "email": "bob@example.com" } }));
    let event = bench.control.put_event(ADA, invitation);
    let token = bench.sync_token().await;
    bench.delete(&event["id"]).await.ok();
    let (changes, _) = bench.list(&format!("syncToken={token}")).await;
    let names = changes[0].as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(names, ["etag", "id", "kind", "status"]);
}

#[tokio::test]
async fn what_happens_during_paging_is_not_lost() {
    let bench = Bench::new();
    for number in 0..6 {
        bench.insert(timed(&number.to_string(), 5, 9)).await;
    }
    let first = bench.get("/calendars/primary/events?maxResults=3").await.ok();
    let seen = first["items"][0]["id"].clone();
    bench.patch(&seen, json!({ "summary": "Changed meanwhile" })).await.ok();
    let new = bench.insert(timed("New meanwhile", 5, 9)).await;
    let token = first["nextPageToken"].as_str().unwrap();
    let second = bench.get(&format!("/calendars/primary/events?pageToken={token}")).await.ok();
    let token = second["nextSyncToken"].as_str().unwrap();
    let (changes, _) = bench.list(&format!("syncToken={token}")).await;
    let ids = changes.iter().map(|item| &item["id"]).collect::<Vec<_>>();
    assert!(ids.contains(&&seen) && ids.contains(&&new["id"]), "{ids:?}");
}

#[tokio::test]
async fn tokens_end_with_age_on_demand_and_when_access_changes() {
    let mut bench = Bench::new();
    let token = bench.sync_token().await;
    bench.control.expire_sync_tokens();
    is_gone(&bench, &token).await;
    let token = bench.sync_token().await;
    bench.control.set_access(ADA, ADA, Some(AccessRole::Owner));
    is_gone(&bench, &token).await;
    let token = bench.sync_token().await;
    bench.later(Duration::from_secs(29 * 24 * 3600));
    is_gone(&bench, &token).await;
}

async fn is_gone(bench: &Bench, token: &str) {
    let answer = bench.get(&format!("/calendars/primary/events?syncToken={token}")).await;
    answer.refused(410, "fullSyncRequired");
    assert_eq!(answer.body["error"]["errors"][0]["location"], "syncToken");
}

#[tokio::test]
async fn a_token_older_than_a_forgotten_deletion_is_of_no_use() {
    let bench = Bench::with(GoogleOptions {
        tombstone_lifetime: Duration::from_secs(60),
        ..GoogleOptions::default()
    });
    let event = bench.insert(timed("x", 5, 9)).await;
    let token = bench.sync_token().await;
    bench.delete(&event["id"]).await.ok();
    bench.clock.advance(Duration::from_secs(61));
    is_gone(&bench, &token).await;
}

#[tokio::test]
async fn forbidden_company_and_foreign_tokens_are_bad_requests() {
    let bench = Bench::new();
    let token = bench.sync_token().await;
    for company in [
        "timeMin=2026-05-01T00:00:00Z",
        "timeMax=2026-05-01T00:00:00Z",
        "updatedMin=2026-05-01T00:00:00Z",
        "orderBy=updated",
        "q=x",
        "iCalUID=x",
        "privateExtendedProperty=a%3Db",
        "sharedExtendedProperty=a%3Db",
        "showDeleted=false",
    ] {
        let answer = bench.get(&format!("/calendars/primary/events?syncToken={token}&{company}")).await;
        answer.refused(400, "badRequest");
    }
    for foreign in ["nonsense".to_owned(), token[..20].to_owned(), format!("{token}&singleEvents=true")] {
        bench.get(&format!("/calendars/primary/events?syncToken={foreign}")).await.refused(400, "invalid");
    }
    bench.get(&format!("/calendars/primary/events?syncToken={token}&showDeleted=true")).await.ok();
}

#[tokio::test]
async fn a_change_may_take_a_moment_to_be_listed() {
    let bench =
        Bench::with(GoogleOptions { visibility_lag: Duration::from_secs(2), ..GoogleOptions::default() });
    let token = bench.sync_token().await;
    for number in 0..8 {
        bench.insert(timed(&number.to_string(), 5, 9)).await;
    }
    let (soon, last) = bench.list(&format!("syncToken={token}")).await;
    assert!(soon.len() < 8);
    bench.clock.advance(Duration::from_secs(3));
    let token = last["nextSyncToken"].as_str().unwrap();
    let (later, _) = bench.list(&format!("syncToken={token}")).await;
    assert_eq!(soon.len() + later.len(), 8, "late, but each exactly once");
}

#[tokio::test]
async fn an_edit_on_the_phone_is_a_change_like_any_other() {
    let bench = Bench::new();
    let event = bench.insert(timed("Tea", 5, 9)).await;
    let token = bench.sync_token().await;
    let phoned = bench.control.put_event(ADA, json!({ "id": event["id"], "summary": "Coffee" }));
    assert_ne!(phoned["etag"], event["etag"]);
    let (changes, _) = bench.list(&format!("syncToken={token}")).await;
    assert_eq!(changes, [phoned]);
    assert!(bench.control.delete_event(ADA, event["id"].as_str().unwrap()));
    assert!(bench.control.events(ADA).is_empty());
    assert_eq!(bench.control.all_events(ADA).len(), 1);
}
