//! Faults: whatever a client sees, what was carried out is what the fault says.

use serde_json::{Value, json};
use synodic_simulators::fault::{Effect, Fault};

use crate::bench::{Answer, Bench, named};

fn status(status: u16, reason: &str, applied: bool) -> Effect {
    Effect::Status { status, reason: reason.to_owned(), retry_after_seconds: None, applied }
}

/// Creates a row while one fault is in force. Returns the answer and how many rows there are then.
async fn create(bench: &Bench, effect: Effect) -> (Answer, usize) {
    bench.control.inject(Fault::new(effect).on("POST", "/v1/pages").times(1));
    let answer = bench.create(json!({ "Name": named("A") })).await;
    (answer, bench.control.pages(bench.source).len())
}

#[tokio::test]
async fn every_error_can_come_before_or_after_the_write() {
    let errors = [
        (401, "unauthorized"),
        (403, "restricted_resource"),
        (409, "conflict_error"),
        (429, "rate_limited"),
        (500, "internal_server_error"),
        (502, "bad_gateway"),
        (503, "service_unavailable"),
        (503, "database_connection_unavailable"),
        (504, "gateway_timeout"),
        (529, "service_overload"),
    ];
    for (code, reason) in errors {
        let bench = Bench::new();
        let (answer, rows) = create(&bench, status(code, reason, false)).await;
        answer.refused(code, reason);
        assert_eq!((rows, answer.header("retry-after")), (0, ""), "{reason}");
        let (answer, rows) = create(&bench, status(code, reason, true)).await;
        answer.refused(code, reason);
        assert_eq!(rows, 1, "{reason}");
        assert!(answer.body["additional_data"]["committed_resource_id"].is_null());
    }
}

#[tokio::test]
async fn an_error_may_say_when_to_come_back() {
    let bench = Bench::new();
    let reason = "rate_limited".to_owned();
    let effect = Effect::Status { status: 429, reason, retry_after_seconds: Some(7), applied: false };
    let (answer, _) = create(&bench, effect).await;
    assert_eq!((answer.code(), answer.header("retry-after")), ("rate_limited", "7"));
}

#[tokio::test]
async fn a_503_may_name_what_it_saved() {
    let bench = Bench::new();
    let (answer, _) = create(&bench, status(503, "committed", true)).await;
    answer.refused(503, "service_unavailable");
    let page = bench.control.pages(bench.source).remove(0);
    let data = &answer.body["additional_data"];
    assert_eq!(data["committed_resource_id"], page["id"]);
    assert!(data["retry_guidance"].as_str().unwrap().contains("saved"));

    bench.control.inject(Fault::new(status(503, "committed", true)).on("PATCH", "/children").times(1));
    let path = format!("/blocks/{}/children", page["id"].as_str().unwrap());
    let block = |text: &str| json!({ "paragraph": { "rich_text": [{ "text": { "content": text } }] } });
    let answer = bench.send("PATCH", &path, json!({ "children": [block("a"), block("b")] })).await;
    let written = bench.get(&path).await.ok();
    let ids =
        written["results"].as_array().unwrap().iter().map(|block| block["id"].clone()).collect::<Value>();
    assert_eq!(answer.body["additional_data"]["committed_resource_id"], page["id"]);
    assert_eq!(answer.body["additional_data"]["committed_child_ids"], ids);
}

#[tokio::test]
async fn a_503_may_ask_for_a_smaller_query() {
    let bench = Bench::new();
    bench.control.inject(Fault::new(status(503, "query_timeout", false)).on("POST", "/query").times(1));
    let answer = bench.query(json!({})).await;
    answer.refused(503, "service_unavailable");
    assert!(answer.body["additional_data"]["retry_guidance"].as_str().unwrap().contains("page_size"));
    bench.query(json!({})).await.ok();
}

#[tokio::test]
async fn connections_and_answers_can_be_cut() {
    let bench = Bench::new();
    let (answer, rows) = create(&bench, Effect::DropBefore).await;
    assert_eq!((answer.dropped, rows), (true, 0));
    let (answer, rows) = create(&bench, Effect::DropAfter).await;
    assert_eq!((answer.dropped, rows), (true, 1));
    let (answer, rows) = create(&bench, Effect::TruncatedBody).await;
    assert_eq!((answer.status, answer.body, rows), (200, json!(""), 2));
    let (answer, rows) = create(&bench, Effect::HtmlBadGateway { applied: true }).await;
    assert!(answer.status == 502 && answer.body.as_str().unwrap().contains("<html"));
    assert_eq!(rows, 3);
    let (answer, rows) = create(&bench, Effect::MalformedBody).await;
    assert!(answer.body.as_str().unwrap().starts_with('{'), "{answer:?}");
    assert_eq!(rows, 4);
    let (answer, _) = create(&bench, Effect::SlowDrip { bytes: 500, millis: 1 }).await;
    answer.ok();
}

#[tokio::test]
async fn requests_are_noted_with_their_outcome_and_time() {
    let bench = Bench::new();
    bench.control.inject(Fault::new(Effect::DropAfter).on("PATCH", "/pages").times(1));
    let page = bench.titled("A").await;
    bench.set(&page, json!({ "Name": named("B") })).await;
    bench.query(json!({ "page_size": 5 })).await.ok();
    let seen = bench.control.requests();
    let seen = seen.iter().map(|record| (record.method.as_str(), record.status)).collect::<Vec<_>>();
    assert_eq!(seen, [("POST", 200), ("PATCH", 0), ("POST", 200)]);
    assert!(bench.control.requests().iter().all(|record| record.at == crate::bench::start()));
    bench.control.clear_requests();
    assert!(bench.control.requests().is_empty());
}
