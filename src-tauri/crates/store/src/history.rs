//! `event_history`: every change of an event, with the event as it was before.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::types::Json;
use synodic_model::history::{Author, ChangeKind, HistoryEntry, HistoryId, RunKey};
use synodic_model::{Event, EventId, Field, IntegrationId, LinkId};

use crate::column::{Millis, Word, json};
use crate::connection::Connection;
use crate::{StoreError, Transaction};

/// What one pull did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which pull.
    pub key: RunKey,
    /// Events that were made.
    pub created: u32,
    /// Events that were changed or brought back.
    pub changed: u32,
    /// Events that were deleted.
    pub deleted: u32,
}

reads! {
    /// The changes of one event, the latest first, at most `limit`.
    fn history_of(event_id: EventId, limit: u32) -> Vec<HistoryEntry>;
    /// The change with this id.
    fn history_entry(id: HistoryId) -> Option<HistoryEntry>;
    /// The changes of a series' overrides that were made at one instant, the latest first.
    fn history_of_overrides(series_id: EventId, at: DateTime<Utc>) -> Vec<HistoryEntry>;
    /// What single pulls did, the latest first, at most `limit`.
    fn runs(limit: u32) -> Vec<Run>;
    /// The changes that one pull brought in, the latest first.
    fn history_of_run(run: RunKey) -> Vec<HistoryEntry>;
    /// Those of these events that were changed after the change `after`.
    fn changed_since(event_ids: &[EventId], after: HistoryId) -> BTreeSet<EventId>;
    /// The deletions of single events and series, the latest first, at most `limit`.
    fn history_of_deletions(limit: u32) -> Vec<HistoryEntry>;
}

macro_rules! select {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            HistoryRow,
            r#"
            SELECT id AS "id!", at AS "at!: _", event_id AS "event_id!: _", author AS "author!: _",
                integration_id AS "integration_id?: _", change AS "change!: _", fields AS "fields!: _",
                before AS "before?: _", link_id AS "link_id?: _", run_at AS "run_at?: _"
            FROM event_history
            "# + $tail
            $(, $argument)*
        )
    };
}

async fn history_of(
    connection: &mut Connection,
    event_id: EventId,
    limit: u32,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let rows = select!("WHERE event_id = ? ORDER BY id DESC LIMIT ?", Word(event_id), limit);
    all(rows.fetch_all(connection).await)
}

async fn history_entry(
    connection: &mut Connection,
    id: HistoryId,
) -> Result<Option<HistoryEntry>, StoreError> {
    let row = select!("WHERE id = ?", id.0).fetch_optional(connection).await;
    Ok(row.map_err(StoreError::during(READING))?.map(HistoryEntry::from))
}

async fn history_of_overrides(
    connection: &mut Connection,
    series_id: EventId,
    at: DateTime<Utc>,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let rows = select!("WHERE series_id = ? AND at = ? ORDER BY id DESC", Word(series_id), Millis(at));
    all(rows.fetch_all(connection).await)
}

async fn runs(connection: &mut Connection, limit: u32) -> Result<Vec<Run>, StoreError> {
    let rows = sqlx::query_as!(
        RunRow,
        r#"SELECT link_id AS "link_id!: _", run_at AS "run_at!: _",
            count(*) FILTER (WHERE change = 'created') AS "created!: _",
            count(*) FILTER (WHERE change IN ('changed', 'restored')) AS "changed!: _",
            count(*) FILTER (WHERE change = 'deleted') AS "deleted!: _"
        FROM event_history INDEXED BY event_history_by_run
        WHERE run_at IS NOT NULL
        GROUP BY run_at, link_id
        ORDER BY run_at DESC, link_id LIMIT ?"#,
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("reading what pulls did"))?;
    let runs = rows.into_iter().map(|row| Run {
        key: RunKey { link_id: row.link_id.0, at: row.run_at.0 },
        created: row.created,
        changed: row.changed,
        deleted: row.deleted,
    });
    Ok(runs.collect())
}

async fn history_of_run(connection: &mut Connection, run: RunKey) -> Result<Vec<HistoryEntry>, StoreError> {
    let rows =
        select!("WHERE run_at = ? AND link_id = ? ORDER BY id DESC", Millis(run.at), Word(run.link_id));
    all(rows.fetch_all(connection).await)
}

async fn changed_since(
    connection: &mut Connection,
    event_ids: &[EventId],
    after: HistoryId,
) -> Result<BTreeSet<EventId>, StoreError> {
    const DOING: &str = "finding what was changed since";
    let ids = sqlx::query_scalar!(
        r#"SELECT DISTINCT event_id AS "event_id!: Word<EventId>" FROM event_history
        WHERE event_id IN (SELECT value FROM json_each(?)) AND id > ?"#,
        json(event_ids, DOING)?,
        after.0
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during(DOING))?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

async fn history_of_deletions(
    connection: &mut Connection,
    limit: u32,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let rows = select!(
        "INDEXED BY event_history_of_deletions
        WHERE change = 'deleted' AND series_id IS NULL ORDER BY id DESC LIMIT ?",
        limit
    );
    all(rows.fetch_all(connection).await)
}

const READING: &str = "reading the history of events";

fn all(rows: Result<Vec<HistoryRow>, sqlx::Error>) -> Result<Vec<HistoryEntry>, StoreError> {
    Ok(rows.map_err(StoreError::during(READING))?.into_iter().map(HistoryEntry::from).collect())
}

impl Transaction {
    /// Adds changes to the history, all with one statement; their ids are given here.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be written.
    pub async fn append_history(&mut self, entries: &[HistoryEntry]) -> Result<(), StoreError> {
        const DOING: &str = "writing the history of events";
        if entries.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = entries.iter().map(NewRow::from).collect();
        sqlx::query!(
            "INSERT INTO event_history
                (at, event_id, series_id, author, integration_id, change, fields, before, link_id, run_at)
            SELECT
                value ->> 'at', value ->> 'event_id', value ->> 'series_id', value ->> 'author',
                value ->> 'integration_id', value ->> 'change', value ->> 'fields', value ->> 'before',
                value ->> 'link_id', value ->> 'run_at'
            FROM json_each(?)",
            json(&rows, DOING)?,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        Ok(())
    }

    /// Removes the changes from before `before`.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn prune_history(&mut self, before: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM event_history WHERE at < ?", Millis(before))
            .execute(self.connection())
            .await
            .map_err(StoreError::during("pruning the history of events"))?;
        Ok(())
    }
}

struct RunRow {
    link_id: Word<LinkId>,
    run_at: Millis,
    created: u32,
    changed: u32,
    deleted: u32,
}

/// A row as it comes out.
struct HistoryRow {
    id: i64,
    at: Millis,
    event_id: Word<EventId>,
    author: Word<Author>,
    integration_id: Option<Word<IntegrationId>>,
    change: Word<ChangeKind>,
    fields: Json<Vec<Field>>,
    before: Option<Json<Event>>,
    link_id: Option<Word<LinkId>>,
    run_at: Option<Millis>,
}

impl From<HistoryRow> for HistoryEntry {
    fn from(row: HistoryRow) -> Self {
        Self {
            id: HistoryId(row.id),
            at: row.at.0,
            event_id: row.event_id.0,
            series_id: row.before.as_ref().and_then(|before| before.0.occurrence_of).map(|key| key.series_id),
            author: row.author.0,
            integration_id: row.integration_id.map(|id| id.0),
            run: row.link_id.zip(row.run_at).map(|(link_id, at)| RunKey { link_id: link_id.0, at: at.0 }),
            change: row.change.0,
            fields: row.fields.0,
            before: row.before.map(|before| before.0),
        }
    }
}

/// A row as it goes in.
#[derive(Serialize)]
struct NewRow<'a> {
    at: i64,
    event_id: EventId,
    series_id: Option<EventId>,
    author: Author,
    integration_id: Option<IntegrationId>,
    change: ChangeKind,
    fields: &'a [Field],
    before: Option<&'a Event>,
    link_id: Option<LinkId>,
    run_at: Option<i64>,
}

impl<'a> From<&'a HistoryEntry> for NewRow<'a> {
    fn from(entry: &'a HistoryEntry) -> Self {
        Self {
            at: entry.at.timestamp_millis(),
            event_id: entry.event_id,
            series_id: entry.series_id,
            author: entry.author,
            integration_id: entry.integration_id,
            change: entry.change,
            fields: &entry.fields,
            before: entry.before.as_ref(),
            link_id: entry.run.map(|run| run.link_id),
            run_at: entry.run.map(|run| run.at.timestamp_millis()),
        }
    }
}
