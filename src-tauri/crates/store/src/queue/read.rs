//! What is read of the outbox: what is due, what a list shows, and how it stands.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use synodic_model::sync::{Operation, PRIORITY_INTERACTIVE, QueueEntry, QueueStatus};
use synodic_model::{CalendarId, EventId, IntegrationId, LinkId, QueueId};

use crate::StoreError;
use crate::column::{Millis, Word, json};
use crate::connection::Connection;

/// A row of the outbox with what a list shows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueLine {
    /// The row.
    pub entry: QueueEntry,
    /// The event's title.
    pub title: String,
    /// The event's calendar.
    pub calendar_id: CalendarId,
    /// The account it goes to.
    pub integration_id: IntegrationId,
}

/// How long one row of the outbox waited, or has waited until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSpan {
    /// The account it goes to.
    pub integration_id: IntegrationId,
    /// When it was put here.
    pub created_at: DateTime<Utc>,
    /// When it was carried out; none while it waits, or when it was given up.
    pub completed_at: Option<DateTime<Utc>>,
}

/// What waits for one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Rows that wait for their time.
    pub pending: u32,
    /// Rows being carried out.
    pub processing: u32,
    /// Rows given up.
    pub failed: u32,
    /// When the oldest row that is still to be carried out was put here.
    pub oldest: Option<DateTime<Utc>>,
}

/// What waits to be made and deleted over one link; a series counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Events that the remote has and is to lose.
    pub deletions: u32,
    /// Events that the remote does not have, and that nobody has just made by hand.
    pub creations: u32,
}

reads! {
    /// What waits for a link to be made and deleted, of the rows behind `after`. What has only left the calendar for
    /// another one is neither.
    fn outgoing(link_id: LinkId, after: QueueId) -> Outgoing;
    /// The rows that [`Store::outgoing`](crate::Store::outgoing) counts, the oldest first.
    fn outgoing_lines(link_id: LinkId, after: QueueId) -> Vec<QueueLine>;
    /// How many events a link's remote is known to have.
    fn known_at(link_id: LinkId) -> u32;
    /// The id of the row that was put here last; zero when there is none.
    fn last_queue_id() -> QueueId;
    /// The next rows of one account to be carried out: pending, due at `now`, most urgent first, at most `limit`. A
    /// row whose event is just being carried to the same link waits for that.
    fn queue_due(integration_id: IntegrationId, now: DateTime<Utc>, limit: u32) -> Vec<QueueEntry>;
    /// When the next pending row of one account falls due, by the same rule; may lie in the past.
    fn next_queue_time(integration_id: IntegrationId) -> Option<DateTime<Utc>>;
    /// The row with this id.
    fn queue_entry(id: QueueId) -> Option<QueueEntry>;
    /// The pending, failed or processing row of one event and link; a row that waits behind a processing one is the
    /// one returned.
    fn queue_entry_of(event_id: EventId, link_id: LinkId) -> Option<QueueEntry>;
    /// The same of many events at one link; events without such a row are left out.
    fn queue_entries_of(event_ids: &[EventId], link_id: LinkId) -> BTreeMap<EventId, QueueEntry>;
    /// What is being carried out, then what waits, in the order in which it will go, then what was given up.
    fn queue_list(limit: u32) -> Vec<QueueLine>;
    /// From when to when each row waited, of all that wait now or were carried out since `since`.
    fn queue_spans(since: DateTime<Utc>) -> Vec<QueueSpan>;
    /// What waits for each account; accounts for which nothing waits are left out.
    fn queue_counts() -> BTreeMap<IntegrationId, QueueCounts>;
}

macro_rules! select {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            QueueRow,
            r#"
            SELECT id AS "id!", event_id AS "event_id!: _", link_id AS "link_id!: _", operation AS "operation!: _",
                payload AS "payload!: _", status AS "status!: _", priority AS "priority!",
                retry_count AS "retry_count!: _", max_retries AS "max_retries!: _", last_error AS "last_error?",
                scheduled_for AS "scheduled_for!: _", processed_at AS "processed_at?: _",
                created_at AS "created_at!: _"
            FROM sync_queue
            "# + $tail
            $(, $argument)*
        )
    };
}

async fn queue_due(
    connection: &mut Connection,
    integration_id: IntegrationId,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<QueueEntry>, StoreError> {
    let rows = select!(
        "INDEXED BY sync_queue_due
        WHERE status = 'PENDING' AND scheduled_for <= ?2
            AND link_id IN (SELECT link.id FROM link WHERE integration_id = ?1)
            AND NOT EXISTS (
                SELECT 1 FROM sync_queue AS ahead
                WHERE ahead.event_id = sync_queue.event_id AND ahead.link_id = sync_queue.link_id
                    AND ahead.status = 'PROCESSING')
        ORDER BY priority DESC, id LIMIT ?3",
        Word(integration_id),
        Millis(now),
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("reading what is due"))?;
    Ok(rows.into_iter().map(QueueEntry::from).collect())
}

async fn next_queue_time(
    connection: &mut Connection,
    integration_id: IntegrationId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let next = sqlx::query_scalar!(
        r#"SELECT min(scheduled_for) AS "next?: Millis"
        FROM sync_queue INDEXED BY sync_queue_due
        WHERE status = 'PENDING'
            AND link_id IN (SELECT link.id FROM link WHERE integration_id = ?)
            AND NOT EXISTS (
                SELECT 1 FROM sync_queue AS ahead
                WHERE ahead.event_id = sync_queue.event_id AND ahead.link_id = sync_queue.link_id
                    AND ahead.status = 'PROCESSING')"#,
        Word(integration_id)
    )
    .fetch_one(connection)
    .await
    .map_err(StoreError::during("reading when the next row falls due"))?;
    Ok(next.map(|next| next.0))
}

async fn queue_entry(connection: &mut Connection, id: QueueId) -> Result<Option<QueueEntry>, StoreError> {
    let row = select!("WHERE id = ?", id.0).fetch_optional(connection).await;
    Ok(row.map_err(StoreError::during("reading a row of the outbox"))?.map(QueueEntry::from))
}

async fn queue_entry_of(
    connection: &mut Connection,
    event_id: EventId,
    link_id: LinkId,
) -> Result<Option<QueueEntry>, StoreError> {
    let row = select!(
        "WHERE event_id = ? AND link_id = ? AND status <> 'COMPLETED'
        ORDER BY status = 'PROCESSING', id LIMIT 1",
        Word(event_id),
        Word(link_id)
    )
    .fetch_optional(connection)
    .await;
    Ok(row.map_err(StoreError::during("finding an event in the outbox"))?.map(QueueEntry::from))
}

async fn queue_entries_of(
    connection: &mut Connection,
    event_ids: &[EventId],
    link_id: LinkId,
) -> Result<BTreeMap<EventId, QueueEntry>, StoreError> {
    const DOING: &str = "finding events in the outbox";
    let rows = select!(
        "WHERE event_id IN (SELECT value FROM json_each(?)) AND link_id = ? AND status <> 'COMPLETED'
        ORDER BY status <> 'PROCESSING', id DESC",
        json(event_ids, DOING)?,
        Word(link_id)
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during(DOING))?;
    // The one that counts comes last, and stays.
    Ok(rows.into_iter().map(|row| (row.event_id.0, QueueEntry::from(row))).collect())
}

async fn queue_list(connection: &mut Connection, limit: u32) -> Result<Vec<QueueLine>, StoreError> {
    const DOING: &str = "listing the outbox";
    let rows = select!(
        "INDEXED BY sync_queue_open
        WHERE status <> 'COMPLETED'
        ORDER BY CASE status WHEN 'PROCESSING' THEN 0 WHEN 'PENDING' THEN 1 ELSE 2 END, priority DESC, id
        LIMIT ?",
        limit
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(StoreError::during(DOING))?;

    named(connection, rows, DOING).await
}

/// Adds to rows what a list shows of them.
async fn named(
    connection: &mut Connection,
    rows: Vec<QueueRow>,
    doing: &'static str,
) -> Result<Vec<QueueLine>, StoreError> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let names = sqlx::query_as!(
        NamesRow,
        r#"SELECT queue.id AS "id!", event.title AS "title!", event.calendar_id AS "calendar_id!: _",
            link.integration_id AS "integration_id!: _"
        FROM sync_queue AS queue
        JOIN event ON event.id = queue.event_id
        JOIN link ON link.id = queue.link_id
        WHERE queue.id IN (SELECT value FROM json_each(?))"#,
        json(&ids, doing)?
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(StoreError::during(doing))?;
    let mut names: BTreeMap<_, _> = names.into_iter().map(|names| (names.id, names)).collect();

    // A row that has no names any more was carried out between the two reads.
    let named = rows.into_iter().filter_map(|row| Some((names.remove(&row.id)?, row)));
    Ok(named.map(|(names, row)| names.line(row.into())).collect())
}

async fn outgoing(
    connection: &mut Connection,
    link_id: LinkId,
    after: QueueId,
) -> Result<Outgoing, StoreError> {
    sqlx::query_as!(
        Outgoing,
        r#"SELECT
            count(*) FILTER (
                WHERE queue.operation = 'DELETE' AND sync.external_id IS NOT NULL AND event.deleted_at IS NOT NULL)
                AS "deletions!: _",
            count(*) FILTER (WHERE queue.operation = 'UPSERT' AND sync.external_id IS NULL AND queue.priority < ?3)
                AS "creations!: _"
        FROM sync_queue AS queue INDEXED BY sync_queue_open
        JOIN event ON event.id = queue.event_id AND event.series_id IS NULL
        JOIN event_sync AS sync ON sync.event_id = queue.event_id AND sync.link_id = queue.link_id
        WHERE queue.link_id = ?1 AND queue.status = 'PENDING' AND queue.status <> 'COMPLETED' AND queue.id > ?2"#,
        Word(link_id),
        after.0,
        PRIORITY_INTERACTIVE
    )
    .fetch_one(connection)
    .await
    .map_err(StoreError::during("counting what waits for a link"))
}

async fn outgoing_lines(
    connection: &mut Connection,
    link_id: LinkId,
    after: QueueId,
) -> Result<Vec<QueueLine>, StoreError> {
    const DOING: &str = "reading what waits for a link";
    let ids = sqlx::query_scalar!(
        r#"SELECT queue.id AS "id!"
        FROM sync_queue AS queue INDEXED BY sync_queue_open
        JOIN event ON event.id = queue.event_id AND event.series_id IS NULL
        JOIN event_sync AS sync ON sync.event_id = queue.event_id AND sync.link_id = queue.link_id
        WHERE queue.link_id = ?1 AND queue.status = 'PENDING' AND queue.status <> 'COMPLETED' AND queue.id > ?2
            AND CASE queue.operation
                WHEN 'DELETE' THEN sync.external_id IS NOT NULL AND event.deleted_at IS NOT NULL
                ELSE sync.external_id IS NULL AND queue.priority < ?3 END
        ORDER BY queue.id"#,
        Word(link_id),
        after.0,
        PRIORITY_INTERACTIVE
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(StoreError::during(DOING))?;
    let rows = select!("WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", json(&ids, DOING)?)
        .fetch_all(&mut *connection)
        .await
        .map_err(StoreError::during(DOING))?;
    named(connection, rows, DOING).await
}

async fn known_at(connection: &mut Connection, link_id: LinkId) -> Result<u32, StoreError> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!: u32" FROM event_sync WHERE link_id = ? AND external_id IS NOT NULL"#,
        Word(link_id)
    )
    .fetch_one(connection)
    .await
    .map_err(StoreError::during("counting what a remote has"))
}

async fn last_queue_id(connection: &mut Connection) -> Result<QueueId, StoreError> {
    let last = sqlx::query_scalar!(r#"SELECT coalesce(max(id), 0) AS "last!: i64" FROM sync_queue"#)
        .fetch_one(connection)
        .await
        .map_err(StoreError::during("finding the last row of the outbox"))?;
    Ok(QueueId(last))
}

async fn queue_counts(
    connection: &mut Connection,
) -> Result<BTreeMap<IntegrationId, QueueCounts>, StoreError> {
    let rows = sqlx::query_as!(
        CountsRow,
        r#"SELECT link.integration_id AS "integration_id!: _",
            count(*) FILTER (WHERE queue.status = 'PENDING') AS "pending!: _",
            count(*) FILTER (WHERE queue.status = 'PROCESSING') AS "processing!: _",
            count(*) FILTER (WHERE queue.status = 'FAILED') AS "failed!: _",
            min(queue.created_at) FILTER (WHERE queue.status <> 'FAILED') AS "oldest?: _"
        FROM sync_queue AS queue INDEXED BY sync_queue_open
        JOIN link ON link.id = queue.link_id
        WHERE queue.status <> 'COMPLETED'
        GROUP BY link.integration_id"#
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("counting the outbox"))?;
    Ok(rows.into_iter().map(|row| (row.integration_id.0, QueueCounts::from(&row))).collect())
}

async fn queue_spans(
    connection: &mut Connection,
    since: DateTime<Utc>,
) -> Result<Vec<QueueSpan>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT link.integration_id AS "integration_id!: Word<IntegrationId>",
            queue.created_at AS "created_at!: Millis",
            CASE queue.status WHEN 'COMPLETED' THEN queue.processed_at END AS "completed_at?: Millis"
        FROM sync_queue AS queue
        JOIN link ON link.id = queue.link_id
        WHERE queue.status <> 'COMPLETED' OR queue.processed_at >= ?"#,
        Millis(since)
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("reading how long edits waited"))?;
    let spans = rows.into_iter().map(|row| QueueSpan {
        integration_id: row.integration_id.0,
        created_at: row.created_at.0,
        completed_at: row.completed_at.map(|at| at.0),
    });
    Ok(spans.collect())
}

/// A row as it comes out.
struct QueueRow {
    id: i64,
    event_id: Word<EventId>,
    link_id: Word<LinkId>,
    operation: Word<Operation>,
    payload: Json<Value>,
    status: Word<QueueStatus>,
    priority: i64,
    retry_count: u32,
    max_retries: u32,
    last_error: Option<String>,
    scheduled_for: Millis,
    processed_at: Option<Millis>,
    created_at: Millis,
}

impl From<QueueRow> for QueueEntry {
    fn from(row: QueueRow) -> Self {
        Self {
            id: QueueId(row.id),
            event_id: row.event_id.0,
            link_id: row.link_id.0,
            operation: row.operation.0,
            payload: row.payload.0,
            status: row.status.0,
            priority: row.priority,
            retry_count: row.retry_count,
            max_retries: row.max_retries,
            last_error: row.last_error,
            scheduled_for: row.scheduled_for.0,
            processed_at: row.processed_at.map(|at| at.0),
            created_at: row.created_at.0,
        }
    }
}

/// What a list says of a row.
struct NamesRow {
    id: i64,
    title: String,
    calendar_id: Word<CalendarId>,
    integration_id: Word<IntegrationId>,
}

impl NamesRow {
    fn line(self, entry: QueueEntry) -> QueueLine {
        QueueLine {
            entry,
            title: self.title,
            calendar_id: self.calendar_id.0,
            integration_id: self.integration_id.0,
        }
    }
}

struct CountsRow {
    integration_id: Word<IntegrationId>,
    pending: u32,
    processing: u32,
    failed: u32,
    oldest: Option<Millis>,
}

impl From<&CountsRow> for QueueCounts {
    fn from(row: &CountsRow) -> Self {
        Self {
            pending: row.pending,
            processing: row.processing,
            failed: row.failed,
            oldest: row.oldest.map(|at| at.0),
        }
    }
}
