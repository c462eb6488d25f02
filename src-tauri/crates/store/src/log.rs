//! `sync_log`: what was done and how it ended.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::SqliteConnection;
use sqlx::types::Json;
use synodic_model::sync::{LogAction, LogEntry, LogOutcome};
use synodic_model::{EventId, IntegrationId, LinkId};

use crate::column::{Millis, Word};
use crate::{StoreError, Transaction};

reads! {
    /// The latest lines, newest first, at most `limit`; with `before`, those from before that instant.
    fn log_entries(limit: u32, before: Option<DateTime<Utc>>) -> Vec<LogEntry>;
}

async fn log_entries(
    connection: &mut SqliteConnection,
    limit: u32,
    before: Option<DateTime<Utc>>,
) -> Result<Vec<LogEntry>, StoreError> {
    let rows = sqlx::query_as!(
        LogRow,
        r#"SELECT at AS "at!: _", integration_id AS "integration_id?: _", link_id AS "link_id?: _",
            event_id AS "event_id?: _", action AS "action!: _", outcome AS "outcome!: _",
            duration_ms AS "duration_ms!", detail AS "detail!: _"
        FROM sync_log
        WHERE at < ?
        ORDER BY at DESC, id DESC LIMIT ?"#,
        Millis(before.unwrap_or(DateTime::<Utc>::MAX_UTC)),
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("reading the history"))?;
    Ok(rows.into_iter().map(LogEntry::from).collect())
}

pub(crate) async fn prune(
    connection: &mut SqliteConnection,
    before: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM sync_log WHERE at < ?", Millis(before))
        .execute(connection)
        .await
        .map_err(StoreError::during("pruning the history"))?;
    Ok(())
}

impl Transaction {
    /// Adds a line to the history.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn append_log(&mut self, entry: &LogEntry) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO sync_log (at, integration_id, link_id, event_id, action, outcome, duration_ms, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            Millis(entry.at),
            entry.integration_id.map(Word),
            entry.link_id.map(Word),
            entry.event_id.map(Word),
            Word(entry.action),
            Word(entry.outcome),
            entry.duration_ms,
            entry.detail,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("writing the history"))?;
        Ok(())
    }
}

struct LogRow {
    at: Millis,
    integration_id: Option<Word<IntegrationId>>,
    link_id: Option<Word<LinkId>>,
    event_id: Option<Word<EventId>>,
    action: Word<LogAction>,
    outcome: Word<LogOutcome>,
    duration_ms: i64,
    detail: Json<Value>,
}

impl From<LogRow> for LogEntry {
    fn from(row: LogRow) -> Self {
        Self {
            at: row.at.0,
            integration_id: row.integration_id.map(|id| id.0),
            link_id: row.link_id.map(|id| id.0),
            event_id: row.event_id.map(|id| id.0),
            action: row.action.0,
            outcome: row.outcome.0,
            duration_ms: row.duration_ms,
            detail: row.detail.0,
        }
    }
}
