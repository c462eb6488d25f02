//! Faults, in process. What they look like on a wire is in `sockets`.

use std::time::{Duration, Instant};

use serde_json::json;
use synodic_simulators::fault::{Effect, Fault};

use crate::bench::{ADA, Bench, timed, with};

fn status(status: u16, reason: &str, applied: bool) -> Effect {
    Effect::Status { status, reason: reason.into(), retry_after_seconds: None, applied }
}

#[tokio::test]
async fn a_cut_before_leaves_nothing_and_a_cut_after_leaves_the_event() {
    let bench = Bench::new();
    let insert =
        || bench.post("/calendars/primary/events", with(timed("x", 5, 9), json!({ "id": "mine0id" })));
    bench.control.inject(Fault::new(Effect::DropBefore).on("POST", "/events").times(1));
    assert!(insert().await.dropped);
    assert!(bench.control.events(ADA).is_empty());
    bench.control.inject(Fault::new(Effect::DropAfter).on("POST", "/events").times(1));
    assert!(insert().await.dropped);
    assert_eq!(bench.control.events(ADA).len(), 1);
    insert().await.refused(409, "duplicate");
    let statuses = bench.control.requests().iter().map(|record| record.status).collect::<Vec<_>>();
    assert_eq!(statuses, [0, 0, 409]);
}

#[tokio::test]
async fn errors_have_the_usual_shape_and_may_hide_a_success() {
    let bench = Bench::new();
    bench.control.inject(Fault::new(status(500, "backendError", true)).on("POST", "/events").times(1));
    let answer = bench.post("/calendars/primary/events", timed("x", 5, 9)).await;
    answer.refused(500, "backendError");
    assert_eq!(answer.body["error"]["message"], "Backend Error");
    assert_eq!(bench.control.events(ADA).len(), 1, "it was carried out all the same");
    let limited = Effect::Status {
        status: 403,
        reason: "rateLimitExceeded".into(),
        retry_after_seconds: Some(7),
        applied: false,
    };
    bench.control.inject(Fault::new(limited).after(1).times(1));
    bench.get("/colors").await.ok();
    let answer = bench.get("/colors").await;
    answer.refused(403, "rateLimitExceeded");
    assert_eq!(
        (answer.header("retry-after"), &answer.body["error"]["errors"][0]["domain"]),
        ("7", &json!("usageLimits"))
    );
    bench.get("/colors").await.ok();
}

#[tokio::test]
async fn a_proxy_may_answer_instead() {
    let bench = Bench::new();
    bench.control.inject(Fault::new(Effect::HtmlBadGateway { applied: false }));
    let answer = bench.get("/colors").await;
    assert_eq!(answer.status, 502);
    assert!(answer.header("content-type").starts_with("text/html"));
    bench.control.clear_faults();
    bench.get("/colors").await.ok();
}

#[tokio::test]
async fn every_kind_of_refusal_has_googles_domain() {
    let bench = Bench::new();
    for (code, reason, domain) in [
        (401, "authError", "global"),
        (403, "rateLimitExceeded", "usageLimits"),
        (403, "userRateLimitExceeded", "usageLimits"),
        (403, "quotaExceeded", "usageLimits"),
        (403, "dailyLimitExceeded", "usageLimits"),
        (403, "accessNotConfigured", "usageLimits"),
        (403, "forbiddenForNonOrganizer", "calendar"),
        (403, "requiredAccessLevel", "calendar"),
        (403, "insufficientPermissions", "global"),
        (409, "duplicate", "global"),
        (410, "fullSyncRequired", "calendar"),
        (412, "conditionNotMet", "global"),
        (429, "rateLimitExceeded", "usageLimits"),
        (500, "backendError", "global"),
        (503, "backendError", "global"),
    ] {
        bench.control.inject(Fault::new(status(code, reason, false)).times(1));
        let answer = bench.get("/colors").await;
        answer.refused(code, reason);
        assert_eq!(answer.body["error"]["errors"][0]["domain"], domain, "{reason}");
        assert_ne!(answer.body["error"]["message"], "The simulator was told to fail.", "{reason}");
    }
}

#[tokio::test]
async fn an_answer_may_be_broken_although_it_is_whole() {
    let bench = Bench::new();
    bench.control.inject(Fault::new(Effect::MalformedBody).times(1));
    let wanting = [("accept-encoding", "gzip"), ("user-agent", "test (gzip)")];
    let answer = bench.send("GET", "/colors", None, &wanting).await;
    assert_eq!((answer.status, answer.dropped), (200, false));
    assert!(answer.body.as_str().unwrap().starts_with("{"), "it begins as JSON does, and is none");
    assert_eq!(answer.header("content-length"), answer.body.as_str().unwrap().len().to_string());
}

#[tokio::test]
async fn an_answer_may_trickle_in() {
    let bench = Bench::new();
    let whole = bench.get("/colors?prettyPrint=false").await;
    let pieces = whole.body.to_string().len().div_ceil(400);
    bench.control.inject(Fault::new(Effect::SlowDrip { bytes: 400, millis: 5 }).times(1));
    let before = Instant::now();
    let dripped = bench.get("/colors?prettyPrint=false").await;
    assert_eq!(dripped.body, whole.body);
    assert!(pieces > 3 && before.elapsed() >= Duration::from_millis(5) * u32::try_from(pieces).unwrap());
}

#[tokio::test]
async fn latency_is_waited_for() {
    let bench = Bench::new();
    bench.control.inject(Fault::new(Effect::Latency { millis: 40 }).on("GET", "/colors"));
    let before = Instant::now();
    bench.get("/colors").await.ok();
    assert!(before.elapsed() >= Duration::from_millis(40));
    assert_eq!(bench.control.faults().len(), 1, "a fault without a count stays");
}
