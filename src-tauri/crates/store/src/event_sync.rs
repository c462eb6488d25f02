//! `event_sync`: how each event stands with each link.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::types::Json;
use synodic_model::sync::{ConflictData, EventSync, EventSyncStatus};
use synodic_model::{
    EventContent, EventId, ExternalId, IntegrationId, LinkId, RemoteVersion, Revision, StoredContent,
};

use crate::column::{Millis, Word, json, millis};
use crate::connection::Connection;
use crate::{StoreError, Transaction};

reads! {
    /// How one event stands with one link.
    fn event_sync(event_id: EventId, link_id: LinkId) -> Option<EventSync>;
    /// How these events stand with one link; events without a row there are left out.
    fn event_syncs_at(link_id: LinkId, event_ids: &[EventId]) -> BTreeMap<EventId, EventSync>;
    /// How one event stands with all its links.
    fn event_syncs(event_id: EventId) -> Vec<EventSync>;
    /// The rows of what a remote calls by these ids; unknown ids are left out.
    fn event_syncs_by_external(link_id: LinkId, external_ids: &[ExternalId]) -> BTreeMap<ExternalId, EventSync>;
    /// The rows that exist at the remote but were not named by the full listing `generation`, by event.
    fn stale_event_syncs(link_id: LinkId, generation: i64) -> Vec<EventSync>;
    /// All that exists at the remote, by its id there, and when both sides last agreed on it.
    fn known_remotely(link_id: LinkId) -> Vec<(ExternalId, Option<DateTime<Utc>>)>;
    /// How many conflicts wait for the person; accounts without any are left out.
    fn conflict_counts() -> BTreeMap<IntegrationId, u32>;
    /// The rows with a conflict that is kept, decided or not, by event, at most `limit`.
    fn conflicts(limit: u32) -> Vec<EventSync>;
}

macro_rules! select {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            EventSyncRow,
            r#"
            SELECT event_id AS "event_id!: _", link_id AS "link_id!: _", external_id AS "external_id?: _",
                status AS "status!: _", last_synced_at AS "last_synced_at?: _", last_error AS "last_error?",
                retry_count AS "retry_count!: _", local_version AS "local_version!",
                remote_version AS "remote_version?: _", base AS "base?: _", conflict_data AS "conflict_data?: _",
                generation AS "generation!", incarnation AS "incarnation!: _"
            FROM event_sync
            "# + $tail
            $(, $argument)*
        )
    };
}

async fn event_sync(
    connection: &mut Connection,
    event_id: EventId,
    link_id: LinkId,
) -> Result<Option<EventSync>, StoreError> {
    let row = select!("WHERE event_id = ? AND link_id = ?", Word(event_id), Word(link_id))
        .fetch_optional(connection)
        .await;
    Ok(row.map_err(StoreError::during("reading how an event stands with a link"))?.map(EventSync::from))
}

async fn event_syncs_at(
    connection: &mut Connection,
    link_id: LinkId,
    event_ids: &[EventId],
) -> Result<BTreeMap<EventId, EventSync>, StoreError> {
    const DOING: &str = "reading how events stand with a link";
    let rows = select!(
        "WHERE link_id = ? AND event_id IN (SELECT value FROM json_each(?))",
        Word(link_id),
        json(event_ids, DOING)?
    )
    .fetch_all(connection)
    .await;
    Ok(all(rows, DOING)?.into_iter().map(|row| (row.event_id, row)).collect())
}

async fn event_syncs(connection: &mut Connection, event_id: EventId) -> Result<Vec<EventSync>, StoreError> {
    let rows = select!("WHERE event_id = ? ORDER BY link_id", Word(event_id)).fetch_all(connection).await;
    all(rows, "reading how an event stands with its links")
}

async fn event_syncs_by_external(
    connection: &mut Connection,
    link_id: LinkId,
    external_ids: &[ExternalId],
) -> Result<BTreeMap<ExternalId, EventSync>, StoreError> {
    const DOING: &str = "finding events by their remote ids";
    let rows = select!(
        "WHERE link_id = ? AND external_id IN (SELECT value FROM json_each(?))",
        Word(link_id),
        json(external_ids, DOING)?
    )
    .fetch_all(connection)
    .await;
    let named = all(rows, DOING)?.into_iter().filter_map(|row| Some((row.external_id.clone()?, row)));
    Ok(named.collect())
}

async fn stale_event_syncs(
    connection: &mut Connection,
    link_id: LinkId,
    generation: i64,
) -> Result<Vec<EventSync>, StoreError> {
    let rows = select!(
        "WHERE link_id = ? AND external_id IS NOT NULL AND generation < ? ORDER BY event_id",
        Word(link_id),
        generation
    )
    .fetch_all(connection)
    .await;
    all(rows, "finding what a full listing did not name")
}

async fn known_remotely(
    connection: &mut Connection,
    link_id: LinkId,
) -> Result<Vec<(ExternalId, Option<DateTime<Utc>>)>, StoreError> {
    let rows = sqlx::query_as!(
        KnownRow,
        r#"SELECT external_id AS "id!: _", last_synced_at AS "at?: _" FROM event_sync
        WHERE link_id = ? AND external_id IS NOT NULL"#,
        Word(link_id)
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("reading what a remote is known to have"))?;
    Ok(rows.into_iter().map(|row| (row.id.0, row.at.map(|at| at.0))).collect())
}

async fn conflict_counts(connection: &mut Connection) -> Result<BTreeMap<IntegrationId, u32>, StoreError> {
    let rows = sqlx::query_as!(
        ConflictCountRow,
        r#"SELECT link.integration_id AS "integration_id!: _", count(*) AS "count!: _"
        FROM event_sync INDEXED BY event_sync_in_conflict
        JOIN link ON link.id = event_sync.link_id
        WHERE event_sync.status = 'CONFLICT'
        GROUP BY link.integration_id"#
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("counting conflicts"))?;
    Ok(rows.into_iter().map(|row| (row.integration_id.0, row.count)).collect())
}

async fn conflicts(connection: &mut Connection, limit: u32) -> Result<Vec<EventSync>, StoreError> {
    let rows = select!(
        "INDEXED BY event_sync_with_conflict WHERE conflict_data IS NOT NULL ORDER BY event_id, link_id LIMIT ?",
        limit
    )
    .fetch_all(connection)
    .await;
    all(rows, "reading the conflicts")
}

fn all(
    rows: Result<Vec<EventSyncRow>, sqlx::Error>,
    doing: &'static str,
) -> Result<Vec<EventSync>, StoreError> {
    Ok(rows.map_err(StoreError::during(doing))?.into_iter().map(EventSync::from).collect())
}

impl Transaction {
    /// Inserts or updates a row.
    ///
    /// # Errors
    /// As [`Transaction::put_event_syncs`].
    pub async fn put_event_sync(&mut self, row: &EventSync) -> Result<(), StoreError> {
        self.put_event_syncs(std::slice::from_ref(row)).await
    }

    /// Inserts or updates rows, all with one statement.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the event or link is missing, or another event of the link has the external id,
    /// and others.
    pub async fn put_event_syncs(&mut self, rows: &[EventSync]) -> Result<(), StoreError> {
        const DOING: &str = "writing how events stand";
        for some in rows.chunks(1000) {
            let rows: Vec<_> = some.iter().map(NewRow::from).collect();
            sqlx::query!(
                "INSERT INTO event_sync
                    (event_id, link_id, external_id, status, last_synced_at, last_error, retry_count, local_version,
                    remote_version, base, conflict_data, generation, incarnation)
                SELECT
                    value ->> 'event_id', value ->> 'link_id', value ->> 'external_id', value ->> 'status',
                    value ->> 'last_synced_at', value ->> 'last_error', value ->> 'retry_count',
                    value ->> 'local_version', value ->> 'remote_version', value ->> 'base',
                    value ->> 'conflict_data', value ->> 'generation', value ->> 'incarnation'
                FROM json_each(?)
                WHERE true
                ON CONFLICT (event_id, link_id) DO UPDATE SET
                    external_id = excluded.external_id,
                    status = excluded.status,
                    last_synced_at = excluded.last_synced_at,
                    last_error = excluded.last_error,
                    retry_count = excluded.retry_count,
                    local_version = excluded.local_version,
                    remote_version = excluded.remote_version,
                    base = excluded.base,
                    conflict_data = excluded.conflict_data,
                    generation = excluded.generation,
                    incarnation = excluded.incarnation",
                json(&rows, DOING)?,
            )
            .execute(self.connection())
            .await
            .map_err(StoreError::during(DOING))?;
        }
        Ok(())
    }

    /// Lets the next full listing of a link decide anew about all that waits for nothing: whatever the remote says
    /// otherwise than the replica counts as its change. Unsent edits keep what they were made from.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn doubt_link(&mut self, link_id: LinkId) -> Result<(), StoreError> {
        // A version that no service gives: a write that comes before the listing is refused instead of carried out.
        sqlx::query!(
            r#"UPDATE event_sync SET
                remote_version = '"doubted"',
                base = (
                    SELECT json_set(event.content, '$.extras', json(coalesce(event_sync.base -> '$.extras', '{}')))
                    FROM event WHERE event.id = event_sync.event_id)
            WHERE link_id = ? AND status = 'SYNCED' AND external_id IS NOT NULL
                AND local_version = (SELECT event.revision FROM event WHERE event.id = event_sync.event_id)"#,
            Word(link_id),
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("doubting what a link has"))?;
        Ok(())
    }

    /// The same for single events.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn doubt_events(&mut self, link_id: LinkId, events: &[EventId]) -> Result<(), StoreError> {
        const DOING: &str = "doubting what a link has";
        sqlx::query!(
            r#"UPDATE event_sync SET
                remote_version = '"doubted"',
                base = (
                    SELECT json_set(event.content, '$.extras', json(coalesce(event_sync.base -> '$.extras', '{}')))
                    FROM event WHERE event.id = event_sync.event_id)
            WHERE link_id = ? AND status = 'SYNCED' AND external_id IS NOT NULL
                AND event_id IN (SELECT value FROM json_each(?))
                AND local_version = (SELECT event.revision FROM event WHERE event.id = event_sync.event_id)"#,
            Word(link_id),
            json(events, DOING)?,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        Ok(())
    }

    /// Removes a row.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn remove_event_sync(&mut self, event_id: EventId, link_id: LinkId) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM event_sync WHERE event_id = ? AND link_id = ?",
            Word(event_id),
            Word(link_id)
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("removing how an event stands with a link"))?;
        Ok(())
    }
}

struct ConflictCountRow {
    integration_id: Word<IntegrationId>,
    count: u32,
}

/// A row as it comes out.
struct EventSyncRow {
    event_id: Word<EventId>,
    link_id: Word<LinkId>,
    external_id: Option<Word<ExternalId>>,
    status: Word<EventSyncStatus>,
    last_synced_at: Option<Millis>,
    last_error: Option<String>,
    retry_count: u32,
    local_version: i64,
    remote_version: Option<Word<RemoteVersion>>,
    base: Option<Json<EventContent>>,
    conflict_data: Option<Json<ConflictData>>,
    generation: i64,
    incarnation: u32,
}

impl From<EventSyncRow> for EventSync {
    fn from(row: EventSyncRow) -> Self {
        Self {
            event_id: row.event_id.0,
            link_id: row.link_id.0,
            external_id: row.external_id.map(|id| id.0),
            status: row.status.0,
            last_synced_at: row.last_synced_at.map(|at| at.0),
            last_error: row.last_error,
            retry_count: row.retry_count,
            local_version: Revision(row.local_version),
            remote_version: row.remote_version.map(|version| version.0),
            base: row.base.map(|base| base.0),
            conflict_data: row.conflict_data.map(|data| data.0),
            generation: row.generation,
            incarnation: row.incarnation,
        }
    }
}

/// A row as it goes in.
#[derive(Serialize)]
struct NewRow<'a> {
    event_id: EventId,
    link_id: LinkId,
    external_id: Option<&'a ExternalId>,
    status: EventSyncStatus,
    last_synced_at: Option<i64>,
    last_error: Option<&'a str>,
    retry_count: u32,
    local_version: Revision,
    remote_version: Option<&'a RemoteVersion>,
    base: Option<StoredContent<'a>>,
    conflict_data: Option<&'a ConflictData>,
    generation: i64,
    incarnation: u32,
}

impl<'a> From<&'a EventSync> for NewRow<'a> {
    fn from(row: &'a EventSync) -> Self {
        Self {
            event_id: row.event_id,
            link_id: row.link_id,
            external_id: row.external_id.as_ref(),
            status: row.status,
            last_synced_at: millis(row.last_synced_at),
            last_error: row.last_error.as_deref(),
            retry_count: row.retry_count,
            local_version: row.local_version,
            remote_version: row.remote_version.as_ref(),
            base: row.base.as_ref().map(StoredContent::from),
            conflict_data: row.conflict_data.as_ref(),
            generation: row.generation,
            incarnation: row.incarnation,
        }
    }
}

struct KnownRow {
    id: Word<ExternalId>,
    at: Option<Millis>,
}
