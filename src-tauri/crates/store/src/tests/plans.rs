//! No query reads a large table whole, whatever it asks.

use std::fs;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Row};

use super::Replica;

/// Every statement of the store, as the build knows them.
fn statements() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../.sqlx");
    let mut statements: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let file: Value = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
            file["query"].as_str().unwrap().to_owned()
        })
        .collect();
    statements.sort();
    assert!(statements.len() > 40, "{} statements", statements.len());
    statements
}

async fn plan(replica: &Replica, statement: &str) -> Vec<String> {
    let mut transaction = replica.edit().await;
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(explain).fetch_all(transaction.connection()).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

/// The tables that grow with a person's years, under every name that the statements give them.
const LARGE: [&str; 10] =
    ["event", "found", "master", "moved", "event_sync", "sync_queue", "queue", "ahead", "behind", "sync_log"];

/// Indexes that hold only what waits, is carried out, or is in conflict: going through those is the purpose.
const SHORT: [&str; 5] = [
    "sync_queue_due",
    "sync_queue_open",
    "sync_queue_one_processing",
    "event_sync_in_conflict",
    "event_sync_with_conflict",
];

/// Rare statements that may take their time.
const RARE: [&str; 4] = [
    "DELETE FROM link",
    "INSERT INTO link",
    "DELETE FROM sync_queue WHERE status = 'COMPLETED'",
    // What the dashboard is drawn from.
    "SELECT link.integration_id AS \"integration_id!: Word<IntegrationId>\"",
];

fn reads_all(step: &str) -> bool {
    let Some(rest) = step.strip_prefix("SCAN ") else { return false };
    let table = rest.split(' ').next().unwrap_or(rest);
    LARGE.contains(&table) && !SHORT.iter().any(|index| rest.contains(&format!("INDEX {index}")))
}

#[tokio::test]
async fn every_query_finds_its_rows_by_an_index() {
    let replica = Replica::empty().await;
    for statement in statements() {
        if RARE.iter().any(|rare| statement.starts_with(rare)) {
            continue;
        }
        let plan = plan(&replica, &statement).await;
        assert!(!plan.iter().any(|step| reads_all(step)), "{statement}\n{plan:#?}");
    }
}

#[tokio::test]
async fn hot_paths_use_the_index_made_for_them() {
    let replica = Replica::empty().await;
    for (part, step) in [
        ("scheduled_for <= ?2", "SCAN sync_queue USING INDEX sync_queue_due"),
        ("min(scheduled_for)", "SEARCH sync_queue USING COVERING INDEX sync_queue_due"),
        ("external_id IN", "INDEX sqlite_autoindex_event_sync_2 (link_id=? AND external_id=?)"),
        (
            "link_id = ? AND event_id IN",
            "SEARCH event_sync USING INDEX sqlite_autoindex_event_sync_1 (event_id=? AND link_id=?)",
        ),
        ("AS range", "COVERING INDEX event_by_span (span_class=? AND starts_at>? AND starts_at<?)"),
        ("AS range", "SEARCH moved USING INDEX event_one_override (series_id=?)"),
        ("AS range", "SEARCH event USING INTEGER PRIMARY KEY (rowid=?)"),
        ("AS range", "SEARCH event_sync USING INDEX sqlite_autoindex_event_sync_1 (event_id=?)"),
    ] {
        let statement = statements().into_iter().find(|statement| statement.contains(part)).unwrap();
        let plan = plan(&replica, &statement).await;
        assert!(plan.iter().any(|line| line.contains(step)), "{statement}\n{plan:#?}");
        assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{statement}\n{plan:#?}");
    }
}
