//! `sync_log`: what was done and how it ended.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use synodic_model::sync::{LogAction, LogEntry, LogOutcome};
use synodic_model::{EventId, IntegrationId, LinkId};

use crate::column::{Millis, Word, json};
use crate::connection::Connection;
use crate::{StoreError, Transaction};

reads! {
    /// The latest lines, newest first, at most `limit`; with `before`, those from before that instant.
    fn log_entries(limit: u32, before: Option<DateTime<Utc>>) -> Vec<LogEntry>;
    /// The lines that a filter lets through, newest first, at most `limit`. What a conflict set aside, which is whole
    /// events, is left out of their details.
    fn log_lines(filter: &LogFilter, limit: u32) -> Vec<LogEntry>;
}

/// Which lines of the history are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter {
    /// From this instant on.
    pub from: DateTime<Utc>,
    /// Before this one.
    pub to: DateTime<Utc>,
    /// Of this account; none for all.
    pub integration_id: Option<IntegrationId>,
    /// About these actions; none for all.
    pub actions: Vec<LogAction>,
    /// That ended so; none for all.
    pub outcomes: Vec<LogOutcome>,
    /// That failed for this kind of reason, as `detail.kind` names it; none for all.
    pub kind: Option<String>,
}

impl LogFilter {
    /// All lines from `from` on and before `to`.
    #[must_use]
    pub const fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from, to, integration_id: None, actions: Vec::new(), outcomes: Vec::new(), kind: None }
    }
}

async fn log_lines(
    connection: &mut Connection,
    filter: &LogFilter,
    limit: u32,
) -> Result<Vec<LogEntry>, StoreError> {
    const DOING: &str = "looking through the history";
    let rows = sqlx::query_as!(
        LogRow,
        r#"SELECT at AS "at!: _", integration_id AS "integration_id?: _", link_id AS "link_id?: _",
            event_id AS "event_id?: _", action AS "action!: _", outcome AS "outcome!: _",
            duration_ms AS "duration_ms!",
            CASE outcome WHEN 'CONFLICT' THEN 'null' ELSE detail END AS "detail!: _"
        FROM sync_log
        WHERE at >= ?1 AND at < ?2
            AND (?3 IS NULL OR integration_id = ?3)
            AND (?4 = '[]' OR action IN (SELECT value FROM json_each(?4)))
            AND (?5 = '[]' OR outcome IN (SELECT value FROM json_each(?5)))
            AND (?6 IS NULL OR json_extract(detail, '$.kind') = ?6)
        ORDER BY at DESC, id DESC LIMIT ?7"#,
        Millis(filter.from),
        Millis(filter.to),
        filter.integration_id.map(Word),
        json(&filter.actions, DOING)?,
        json(&filter.outcomes, DOING)?,
        filter.kind,
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during(DOING))?;
    Ok(rows.into_iter().map(LogEntry::from).collect())
}

async fn log_entries(
    connection: &mut Connection,
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

pub(crate) async fn prune(connection: &mut Connection, before: DateTime<Utc>) -> Result<(), StoreError> {
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
