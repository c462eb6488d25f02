//! The page for people: what it shows, and what can be done with it.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use url::form_urlencoded::Serializer;

use crate::bench::{ADA, Answer, Bench, timed, with};

async fn shown(bench: &Bench, path: &str) -> String {
    let answer = bench.raw(Request::get(path).body(Body::empty()).unwrap()).await;
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    answer.body.as_str().unwrap().to_owned()
}

async fn submit(bench: &Bench, fields: &[(&str, &str)], origin: &str) -> Answer {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post("/event").header("host", "127.0.0.1:80").header("origin", origin);
    bench.raw(request.body(Body::from(body)).unwrap()).await
}

const HERE: &str = "http://127.0.0.1:80";

#[tokio::test]
async fn events_are_shown_as_text() {
    let bench = Bench::new();
    bench.insert(with(timed("<script>alert(1)</script>", 5, 9), json!({ "location": "Here & there" }))).await;
    let html = shown(&bench, "/").await;
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && html.contains("Here &amp; there"));
    assert!(!html.contains("<script"));
}

#[tokio::test]
async fn events_are_grouped_by_day_and_series_told_in_words() {
    let bench = Bench::new();
    bench.insert(with(timed("Class", 5, 9), json!({ "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=TU"] }))).await;
    bench
        .insert(
            json!({ "summary": "Fair", "start": { "date": "2026-05-05" }, "end": { "date": "2026-05-07" } }),
        )
        .await;
    bench.control.invite(ADA, "bob@example.com", timed("Theirs", 5, 11));
    let html = shown(&bench, "/").await;
    let place = |words: &str| html.find(words).unwrap_or_else(|| panic!("no {words:?} in {html}"));
    assert!(place("Monday, 4 May") < place("Tuesday, 5 May"), "today is there even if nothing is on");
    assert!(place("Tuesday, 5 May") < place("day 1 of 2") && place("day 1 of 2") < place("Class"));
    assert!(place("Class") < place("Wednesday, 6 May") && place("Wednesday, 6 May") < place("day 2 of 2"));
    assert_eq!(html.matches("every week on Tuesday").count(), 3, "three weeks are shown");
    assert!(html.contains("09:00–10:00") && html.contains("invited, not answered"));
}

#[tokio::test]
async fn the_form_adds_changes_answers_and_deletes() {
    let bench = Bench::new();
    assert!(shown(&bench, "/event").await.contains("New event"));
    let new = [
        ("calendar", ADA),
        ("zone", "Europe/Paris"),
        ("summary", "By phone"),
        ("day", "2026-05-05"),
        ("start", "09:30"),
        ("end_day", "2026-05-05"),
        ("end", "10:15"),
        ("repeat", "RRULE:FREQ=DAILY"),
        ("do", "save"),
    ];
    let answer = submit(&bench, &new, HERE).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let event = bench.control.events(ADA).remove(0);
    assert_eq!(event["start"]["dateTime"], "2026-05-05T09:30:00+02:00");
    assert_eq!(event["recurrence"], json!(["RRULE:FREQ=DAILY"]));

    // One time of it becomes a whole day, in the form that shows it.
    let series = event["id"].as_str().unwrap();
    let one = format!("{series}_20260506T073000Z");
    let html = shown(&bench, &format!("/event?calendar={ADA}&event={one}")).await;
    assert!(
        html.contains("value=\"By phone\"")
            && html.contains("value=\"09:30\"")
            && html.contains("whole series")
    );
    let moved = [
        ("calendar", ADA),
        ("event", &one),
        ("zone", "Europe/Paris"),
        ("summary", "Longer"),
        ("day", "2026-05-06"),
        ("end_day", "2026-05-06"),
        ("all_day", "on"),
        ("do", "save"),
    ];
    let answer = submit(&bench, &moved, HERE).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let exception = bench.control.find(ADA, &one).unwrap();
    assert_eq!(exception["end"], json!({ "date": "2026-05-07" }));

    let invited = bench.control.invite(ADA, "bob@example.com", timed("Theirs", 5, 11));
    let id = invited["id"].as_str().unwrap();
    assert!(shown(&bench, &format!("/event?calendar={ADA}&event={id}")).await.contains("Decline"));
    submit(&bench, &[("calendar", ADA), ("event", id), ("do", "declined")], HERE).await;
    assert!(bench.control.find(ADA, id).unwrap()["attendees"].to_string().contains("declined"));
    submit(&bench, &[("calendar", ADA), ("event", series), ("do", "delete")], HERE).await;
    assert!(bench.control.find(ADA, series).is_none());
    assert!(
        shown(&bench, &format!("/event?calendar={ADA}&event={series}")).await.contains("not there any more")
    );
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_other_pages_have_no_say() {
    let bench = Bench::new();
    let backwards = [("calendar", ADA), ("day", "2026-05-05"), ("end_day", "2026-05-04"), ("do", "save")];
    let answer = submit(&bench, &backwards, HERE).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.as_str().unwrap().contains("time range is empty"));
    let fine = [("calendar", ADA), ("day", "2026-05-05"), ("end_day", "2026-05-05"), ("do", "save")];
    assert_eq!(submit(&bench, &fine, "https://evil.example.com").await.status, 403);
    assert!(bench.control.events(ADA).is_empty());
}
