use proptest::prelude::*;
use serde_json::{Value, json};
use synodic_model::sync::{IntegrationStatus, SyncDirection};
use uuid::Uuid;

use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

const ACCOUNT: IntegrationId = IntegrationId::new(Uuid::nil());

fn line(seconds: i64, action: LogAction, outcome: LogOutcome, detail: Value) -> LogEntry {
    LogEntry {
        at: at(seconds),
        integration_id: Some(ACCOUNT),
        link_id: None,
        event_id: None,
        action,
        outcome,
        duration_ms: 0,
        detail,
    }
}

fn span(created: i64, completed: Option<i64>) -> QueueSpan {
    QueueSpan { integration_id: ACCOUNT, created_at: at(created), completed_at: completed.map(at) }
}

fn rows(lines: Vec<LogEntry>, spans: Vec<QueueSpan>) -> Rows {
    let account = Integration {
        id: ACCOUNT,
        provider: ProviderKind::Google,
        account: "ada@example.org".into(),
        status: IntegrationStatus::Active,
        settings: Value::Null,
        direction: SyncDirection::Bidirectional,
        created_at: at(0),
        last_success_at: None,
        last_error: None,
    };
    let requests = BTreeMap::from([((ACCOUNT, at(60)), 4), ((ACCOUNT, at(120)), 9)]);
    Rows {
        now: at(200),
        lines,
        is_cut: false,
        spans,
        integrations: vec![account],
        links: Vec::new(),
        requests,
        audits: BTreeMap::new(),
        restarts: BTreeMap::new(),
    }
}

#[test]
fn nothing_happened_is_told_as_such() {
    let view = summarise(&rows(Vec::new(), Vec::new()), &[at(0), at(100), at(200)]);
    assert_eq!(view.periods.len(), 2);
    assert!(view.periods.iter().all(|period| period.latency.is_none() && period.queue_depth == 0));
    assert!(
        view.failures.is_empty() && view.accounts[0].latency.is_none() && view.accounts[0].delay.is_none()
    );
    assert_eq!((view.accounts[0].requests_last_hour, view.accounts[0].busiest_minute), (13, 9));
}

#[test]
fn each_line_counts_once_where_it_belongs() {
    use LogAction::{Create, Pull, Update, Webhook};
    use LogOutcome::{Conflict, Failed, Retried, Succeeded};
    let lines = vec![
        line(10, Pull, Succeeded, json!({ "created": 2, "updated": 1, "deleted": 1, "full": false })),
        line(20, Pull, Succeeded, json!({ "created": 900, "full": true })),
        line(30, Create, Succeeded, Value::Null),
        line(40, Webhook, Succeeded, Value::Null),
        line(100, Update, Retried, json!({ "reason": "busy", "kind": "transient" })),
        line(110, Update, Failed, json!({ "reason": "no", "kind": "permanent" })),
        line(120, Update, Retried, json!({ "reason": "busy", "kind": "transient" })),
        line(130, Update, Failed, json!({ "reason": "written before kinds were" })),
        line(140, Pull, Conflict, Value::Null),
    ];
    let view = summarise(&rows(lines, Vec::new()), &[at(0), at(100), at(200)]);
    let told: Vec<_> = view
        .periods
        .iter()
        .map(|period| (period.edits_in, period.edits_out, period.failures, period.conflicts))
        .collect();
    assert_eq!(told, [(4, 1, 0, 0), (0, 0, 4, 1)]);
    let account = &view.accounts[0];
    assert_eq!((account.edits_in, account.edits_out, account.retried, account.failed), (4, 1, 2, 2));
    let kinds: Vec<_> = view.failures.iter().map(|failure| (failure.kind.as_str(), failure.count)).collect();
    assert_eq!(kinds, [("transient", 2), ("other", 1), ("permanent", 1)]);
}

#[test]
fn the_delay_is_the_median_and_names_the_way_of_most() {
    let pull = |way: &str, delays: &[i64]| {
        line(5, LogAction::Pull, LogOutcome::Succeeded, json!({ "way": way, "delays_ms": delays }))
    };
    let lines = vec![pull("push", &[900, 1100, 1000]), pull("slow_poll", &[200_000])];
    let delay = summarise(&rows(lines, Vec::new()), &[at(0), at(100)]).accounts[0].delay;
    assert_eq!(delay, Some(DelayView { median_ms: 1000, way: Way::Push, count: 4 }));
}

#[test]
fn the_depth_is_the_most_that_waited_at_once() {
    let spans = [span(0, Some(10)), span(5, Some(20)), span(12, None), span(90, Some(90))];
    assert_eq!(depth(&spans, at(0), at(50)), 2);
    assert_eq!(depth(&spans, at(50), at(100)), 2, "what is sent at once has waited beside what waits on");
    assert_eq!(depth(&spans, at(200), at(300)), 1);
}

proptest! {
    #[test]
    fn percentiles_are_measured_values_in_order(measured in prop::collection::vec(0_i64..10_000, 1..200)) {
        let told = percentiles(measured.clone()).unwrap();
        prop_assert!(told.p50_ms <= told.p95_ms && told.p95_ms <= told.p99_ms);
        for value in [told.p50_ms, told.p95_ms, told.p99_ms] {
            prop_assert!(measured.contains(&value));
        }
        let not_longer = measured.iter().filter(|value| **value <= told.p95_ms).count();
        prop_assert!(not_longer * 100 >= measured.len() * 95);
    }

    #[test]
    fn no_line_is_lost_between_periods(seconds in prop::collection::vec(0_i64..300, 0..60), cut in 1_i64..299) {
        let lines: Vec<_> = seconds
            .iter()
            .map(|second| line(*second, LogAction::Update, LogOutcome::Succeeded, Value::Null))
            .collect();
        let view = summarise(&rows(lines, Vec::new()), &[at(0), at(cut), at(300)]);
        let told: u32 = view.periods.iter().map(|period| period.edits_out).sum();
        prop_assert_eq!(told, u32::try_from(seconds.len()).unwrap());
    }
}
