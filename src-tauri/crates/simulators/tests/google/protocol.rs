//! What all answers have in common: tokens, conditions, masks, errors, quota, the control API and the page.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use synodic_simulators::google::{AccessRole, NewCalendar, Quota};

use crate::bench::{ADA, Bench, path, timed};

#[tokio::test]
async fn a_good_token_is_needed() {
    let bench = Bench::new();
    let anonymous = Request::get("/calendar/v3/colors").body(Body::empty()).unwrap();
    let answer = bench.raw(anonymous).await;
    answer.refused(401, "required");
    assert!(!answer.header("www-authenticate").is_empty());
    bench.clock.advance(Duration::from_secs(3600));
    let answer = bench.get("/colors").await;
    answer.refused(401, "authError");
    assert_eq!(answer.body["error"]["message"], "Invalid Credentials");
    assert_eq!(answer.body["error"]["errors"][0]["location"], "Authorization");
}

#[tokio::test]
async fn an_expired_token_is_refused_on_demand() {
    let bench = Bench::new();
    bench.control.expire_access_tokens();
    bench.get("/colors").await.refused(401, "authError");
}

#[tokio::test]
async fn if_match_guards_every_write() {
    let bench = Bench::new();
    let event = bench.insert(timed("x", 5, 9)).await;
    let stale = event["etag"].as_str().unwrap().to_owned();
    let fresh = bench.patch(&event["id"], json!({ "summary": "y" })).await.ok();
    let at = path(&event["id"]);
    for (method, body) in
        [("PATCH", Some(json!({ "summary": "z" }))), ("PUT", Some(timed("z", 5, 9))), ("DELETE", None)]
    {
        let answer = bench.send(method, &at, body, &[("if-match", &stale)]).await;
        answer.refused(412, "conditionNotMet");
    }
    bench.send("PATCH", &at, Some(json!({ "summary": "any" })), &[("if-match", "*")]).await.ok();
    let current = bench.event(&fresh["id"]).await.ok();
    let etag = current["etag"].as_str().unwrap();
    assert_eq!(bench.send("DELETE", &at, None, &[("if-match", etag)]).await.status, 204);
    bench.send("DELETE", &at, None, &[("if-match", etag)]).await.refused(410, "deleted");
}

#[tokio::test]
async fn if_none_match_saves_the_body() {
    let bench = Bench::new();
    let event = bench.insert(timed("x", 5, 9)).await;
    let etag = event["etag"].as_str().unwrap();
    let at = format!("{}?fields=id", path(&event["id"]));
    let answer = bench.send("GET", &at, None, &[("if-none-match", etag)]).await;
    assert_eq!((answer.status, &answer.body), (304, &json!("")));
    let list = bench.get("/calendars/primary/events").await;
    let etag = list.header("etag").to_owned();
    let same = bench.send("GET", "/calendars/primary/events", None, &[("if-none-match", &etag)]).await;
    assert_eq!(same.status, 304);
    bench.insert(timed("y", 5, 9)).await;
    let changed = bench.send("GET", "/calendars/primary/events", None, &[("if-none-match", &etag)]).await;
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn only_the_fields_asked_for_are_sent() {
    let bench = Bench::new();
    bench.insert(timed("x", 5, 9)).await;
    let page = bench.get("/calendars/primary/events?fields=items(summary,start/dateTime)").await.ok();
    assert_eq!(
        page,
        json!({ "items": [{ "summary": "x", "start": { "dateTime": "2026-05-05T09:00:00+02:00" } }] })
    );
    bench.get("/calendars/primary/events?fields=items(").await.refused(400, "invalidParameter");
    let error = bench.get("/calendars/primary/events/none?fields=id").await;
    error.refused(404, "notFound");
}

#[tokio::test]
async fn gzip_is_for_those_who_say_it_twice() {
    let bench = Bench::new();
    for number in 0..20 {
        bench.insert(timed(&format!("Event {number}"), 5, 9)).await;
    }
    let list = "/calendars/primary/events";
    let accept = ("accept-encoding", "gzip");
    let silent = bench.send("GET", list, None, &[accept, ("user-agent", "client")]).await;
    assert_eq!(silent.header("content-encoding"), "");
    let asked = bench.send("GET", list, None, &[accept, ("user-agent", "client (gzip)")]).await;
    assert_eq!(asked.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn errors_have_googles_shape() {
    let bench = Bench::new();
    let answer = bench.event(&json!("unknown")).await;
    assert_eq!(
        answer.body,
        json!({ "error": { "code": 404, "message": "Not Found",
                "errors": [{ "domain": "global", "reason": "notFound", "message": "Not Found" }] } })
    );
    assert_eq!(answer.header("content-type"), "application/json; charset=UTF-8");
    bench.get("/nowhere").await.refused(404, "notFound");
    let broken = Request::post("/calendar/v3/calendars/primary/events")
        .header("authorization", format!("Bearer {}", bench.token))
        .body(Body::from("{"))
        .unwrap();
    bench.raw(broken).await.refused(400, "parseError");
}

#[tokio::test]
async fn ids_with_odd_characters_are_encoded_in_paths() {
    let bench = Bench::new();
    let id = "en.usa#holiday@group.v.calendar.google.com".to_owned();
    let calendar =
        NewCalendar { id: Some(id.clone()), access_role: AccessRole::Reader, ..NewCalendar::default() };
    assert_eq!(bench.control.add_calendar(ADA, calendar), id);
    let page = bench.get("/calendars/en.usa%23holiday%40group.v.calendar.google.com/events").await.ok();
    assert_eq!(page["accessRole"], "reader");
    let page = bench.get("/calendars/ada%40example.com/events").await.ok();
    assert_eq!(page["accessRole"], "owner");
}

#[tokio::test]
async fn the_quota_is_off_until_it_is_switched_on_and_patches_cost_three() {
    let bench = Bench::new();
    let event = bench.insert(timed("x", 5, 9)).await;
    for _ in 0..50 {
        bench.get("/colors").await.ok();
    }
    bench.control.set_quota(Some(Quota { per_user: 7, ..Quota::default() }));
    bench.patch(&event["id"], json!({ "summary": "a" })).await.ok();
    bench.patch(&event["id"], json!({ "summary": "b" })).await.ok();
    bench.get("/colors").await.ok();
    bench.get("/colors").await.refused(403, "userRateLimitExceeded");
    bench.clock.advance(Duration::from_secs(10));
    bench.get("/colors").await.ok();
    bench.control.set_quota(Some(Quota {
        per_user: 0,
        as_429: true,
        retry_after_seconds: Some(2),
        ..Quota::default()
    }));
    let answer = bench.get("/colors").await;
    answer.refused(429, "rateLimitExceeded");
    assert_eq!(answer.header("retry-after"), "2");
    bench.control.set_quota(None);
    bench.get("/colors").await.ok();
}

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let bench = Bench::new();
    bench.get("/calendars/ada%40example.com/events?q=x").await.ok();
    bench.event(&json!("unknown")).await;
    let records = bench.control.requests();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].path, "/calendar/v3/calendars/ada%40example.com/events");
    assert_eq!((records[0].query.as_str(), records[0].status), ("q=x", 200));
    assert_eq!((records[1].method.as_str(), records[1].status), ("GET", 404));
    bench.control.clear_requests();
    assert!(bench.control.requests().is_empty());
}

async fn control(bench: &Bench, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/control{path}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()));
    let answer = bench.raw(request.unwrap()).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn the_control_api_does_what_the_control_does() {
    let bench = Bench::new();
    let null = || Value::Null;
    assert_eq!(
        control(&bench, "POST", "/accounts", json!({ "email": "bob@example.com", "name": "Bob" })).await.0,
        200
    );
    let (_, accounts) = control(&bench, "GET", "/accounts", null()).await;
    assert_eq!(accounts[1], json!({ "email": "bob@example.com", "name": "Bob" }));
    let (_, tokens) = control(&bench, "POST", "/tokens", json!({ "email": "bob@example.com" })).await;
    assert!(tokens["access_token"].is_string() && tokens["refresh_token"].is_string());
    let new =
        json!({ "email": ADA, "summary": "Shared", "access_role": "reader", "time_zone": "Asia/Tokyo" });
    let (_, made) = control(&bench, "POST", "/calendars", new).await;
    let calendar = made["id"].as_str().unwrap();
    let (status, event) =
        control(&bench, "PUT", &format!("/calendars/{calendar}/events"), timed("x", 5, 9)).await;
    assert_eq!((status, &event["summary"]), (200, &json!("x")));
    let events = format!("/calendars/{calendar}/events");
    let one = format!("{events}/{}", event["id"].as_str().unwrap());
    assert_eq!(control(&bench, "DELETE", &one, null()).await.0, 200);
    assert_eq!(control(&bench, "DELETE", &one, null()).await.0, 410);
    assert_eq!(control(&bench, "GET", &events, null()).await.1, json!([]));
    assert_eq!(
        control(&bench, "GET", &format!("{events}?deleted=true"), null()).await.1.as_array().unwrap().len(),
        1
    );
    let fault = json!({ "method": "GET", "times": 1, "effect": { "kind": "status", "status": 503, "reason": "backendError" } });
    assert_eq!(control(&bench, "POST", "/faults", fault).await.0, 200);
    bench.get("/colors").await.refused(503, "backendError");
    assert_eq!(control(&bench, "GET", "/faults", null()).await.1, json!([]));
    assert_eq!(control(&bench, "PUT", "/quota", json!({ "per_user": 0 })).await.0, 200);
    bench.get("/colors").await.refused(403, "userRateLimitExceeded");
    assert_eq!(control(&bench, "PUT", "/quota", null()).await.0, 200);
    let (_, requests) = control(&bench, "GET", "/requests", null()).await;
    assert_eq!(requests.as_array().unwrap().len(), 2, "the control API itself is not recorded");
    for path in ["/expire-sync-tokens", "/expire-access-tokens"] {
        assert_eq!(control(&bench, "POST", path, null()).await.0, 200);
    }
    bench.get("/colors").await.refused(401, "authError");
    assert_eq!(control(&bench, "POST", "/revoke", json!({ "email": ADA })).await.0, 200);
    assert_eq!(control(&bench, "PUT", &events, json!({ "summary": "no times" })).await.0, 400);
}
