//! `sync_queue`: the outbox.
//!
//! Of one event and link there is at most one row that waits (pending, or failed until the person looks) and at most
//! one that is being carried out. An edit made meanwhile waits behind the latter, so the order of an event's changes
//! is kept however often it is edited.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use synodic_model::sync::{Operation, QueueEntry, QueueStatus};
use synodic_model::{EventId, IntegrationId, LinkId, QueueId};

use crate::column::{Millis, Word, json};
use crate::{StoreError, Transaction};

mod read;

pub use read::{Outgoing, QueueCounts, QueueLine, QueueSpan};

/// What is to be put into the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQueueEntry {
    /// The event.
    pub event_id: EventId,
    /// The link it is to be brought to.
    pub link_id: LinkId,
    /// What is to be done.
    pub operation: Operation,
    /// Anything the operation needs beyond the event's latest state.
    pub payload: Value,
    /// Larger goes first.
    pub priority: i64,
    /// Not before this.
    pub scheduled_for: DateTime<Utc>,
    /// Now.
    pub created_at: DateTime<Utc>,
    /// Attempts before it is given up.
    pub max_retries: u32,
}

const ENQUEUING: &str = "putting edits into the outbox";

impl Transaction {
    /// Puts a row into the outbox, or renews the one that waits for the same event and link: its operation and payload
    /// are replaced, its tries start again, the earlier time and the higher priority stay. A row that is being carried
    /// out is left alone; the new one waits behind it.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the event or link is missing, and others.
    pub async fn enqueue(&mut self, entry: &NewQueueEntry) -> Result<QueueId, StoreError> {
        let ids = self.enqueue_all(std::slice::from_ref(entry)).await?;
        ids.first().copied().ok_or_else(|| StoreError::during(ENQUEUING)(sqlx::Error::RowNotFound))
    }

    /// Puts rows into the outbox as [`Transaction::enqueue`] does, all with one statement. They go out in this order.
    ///
    /// # Errors
    /// As [`Transaction::enqueue`].
    pub async fn enqueue_all(&mut self, entries: &[NewQueueEntry]) -> Result<Vec<QueueId>, StoreError> {
        let mut ids = Vec::with_capacity(entries.len());
        for some in entries.chunks(1000) {
            let rows: Vec<_> = some.iter().map(NewRow::from).collect();
            let some_ids = sqlx::query_scalar!(
                r#"INSERT INTO sync_queue
                    (event_id, link_id, operation, payload, priority, max_retries, scheduled_for, created_at)
                SELECT
                    value ->> 'event_id', value ->> 'link_id', value ->> 'operation', value -> 'payload',
                    value ->> 'priority', value ->> 'max_retries', value ->> 'scheduled_for', value ->> 'created_at'
                FROM json_each(?)
                WHERE true
                ON CONFLICT (event_id, link_id) WHERE status IN ('PENDING', 'FAILED') DO UPDATE SET
                    operation = excluded.operation,
                    payload = excluded.payload,
                    status = 'PENDING',
                    priority = max(priority, excluded.priority),
                    retry_count = 0,
                    max_retries = excluded.max_retries,
                    last_error = NULL,
                    scheduled_for = min(scheduled_for, excluded.scheduled_for),
                    processed_at = NULL
                RETURNING id AS "id!""#,
                json(&rows, ENQUEUING)?,
            )
            .fetch_all(self.connection())
            .await
            .map_err(StoreError::during(ENQUEUING))?;
            ids.extend(some_ids.into_iter().map(QueueId));
        }
        Ok(ids)
    }

    /// Writes how a row stands: its status, tries, last error and times.
    ///
    /// A row that would wait again (pending or failed) while a newer one of the same event and link waits already is
    /// removed instead: the newer one asks for the same, and for what was edited since.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn update_queue_entry(&mut self, entry: &QueueEntry) -> Result<(), StoreError> {
        const DOING: &str = "writing how a row of the outbox stands";
        if matches!(entry.status, QueueStatus::Pending | QueueStatus::Failed) {
            let superseded = sqlx::query!(
                "DELETE FROM sync_queue
                WHERE id = ?1 AND EXISTS (
                    SELECT 1 FROM sync_queue AS behind
                    WHERE behind.event_id = sync_queue.event_id AND behind.link_id = sync_queue.link_id
                        AND behind.status IN ('PENDING', 'FAILED') AND behind.id <> ?1)",
                entry.id.0,
            )
            .execute(self.connection())
            .await
            .map_err(StoreError::during(DOING))?;
            if superseded.rows_affected() > 0 {
                return Ok(());
            }
        }
        sqlx::query!(
            "UPDATE sync_queue
            SET status = ?, retry_count = ?, last_error = ?, scheduled_for = ?, processed_at = ?
            WHERE id = ?",
            Word(entry.status),
            entry.retry_count,
            entry.last_error,
            Millis(entry.scheduled_for),
            entry.processed_at.map(Millis),
            entry.id.0,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        Ok(())
    }

    /// Replaces what a row carries beyond the event's latest state.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn set_queue_payload(&mut self, id: QueueId, payload: &Value) -> Result<(), StoreError> {
        sqlx::query!("UPDATE sync_queue SET payload = ? WHERE id = ?", payload, id.0)
            .execute(self.connection())
            .await
            .map_err(StoreError::during("changing a row of the outbox"))?;
        Ok(())
    }

    /// Removes a row from the outbox.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn remove_queue_entry(&mut self, id: QueueId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM sync_queue WHERE id = ?", id.0)
            .execute(self.connection())
            .await
            .map_err(StoreError::during("removing a row from the outbox"))?;
        Ok(())
    }

    /// Makes processing rows pending again, of one account or of all: for the start, when nobody carries them out.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn release_processing(
        &mut self,
        integration_id: Option<IntegrationId>,
    ) -> Result<(), StoreError> {
        const DOING: &str = "taking up the outbox again";
        let integration_id = integration_id.map(Word);
        sqlx::query!(
            "DELETE FROM sync_queue
            WHERE status = 'PROCESSING'
                AND (?1 IS NULL OR link_id IN (SELECT link.id FROM link WHERE integration_id = ?1))
                AND EXISTS (
                    SELECT 1 FROM sync_queue AS behind
                    WHERE behind.event_id = sync_queue.event_id AND behind.link_id = sync_queue.link_id
                        AND behind.status IN ('PENDING', 'FAILED'))",
            integration_id,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        sqlx::query!(
            "UPDATE sync_queue SET status = 'PENDING'
            WHERE status = 'PROCESSING'
                AND (?1 IS NULL OR link_id IN (SELECT link.id FROM link WHERE integration_id = ?1))",
            integration_id,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        Ok(())
    }

    /// Gives up what waits for a link, with a sentence on why, and says so of its events. It stays until the person
    /// looks, or the link takes edits again.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn park_link(
        &mut self,
        link_id: LinkId,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const DOING: &str = "putting a link's edits aside";
        sqlx::query!(
            "UPDATE event_sync SET status = 'FAILED', last_error = ?2
            WHERE link_id = ?1 AND event_id IN (
                SELECT sync_queue.event_id FROM sync_queue
                WHERE link_id = ?1 AND status = 'PENDING' AND status <> 'COMPLETED')",
            Word(link_id),
            reason,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        sqlx::query!(
            "UPDATE sync_queue SET status = 'FAILED', last_error = ?2, processed_at = ?3
            WHERE link_id = ?1 AND status = 'PENDING' AND status <> 'COMPLETED'",
            Word(link_id),
            reason,
            Millis(at),
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        Ok(())
    }

    /// Lets everything that a link had given up wait again, with all its tries.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn unpark_link(&mut self, link_id: LinkId, at: DateTime<Utc>) -> Result<(), StoreError> {
        const DOING: &str = "taking a link's edits up again";
        sqlx::query!(
            "UPDATE event_sync SET status = 'PENDING', last_error = NULL, retry_count = 0
            WHERE link_id = ?1 AND event_id IN (
                SELECT sync_queue.event_id FROM sync_queue
                WHERE link_id = ?1 AND status = 'FAILED' AND status <> 'COMPLETED')",
            Word(link_id),
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        sqlx::query!(
            "UPDATE sync_queue
            SET status = 'PENDING', retry_count = 0, last_error = NULL, processed_at = NULL, scheduled_for = ?2
            WHERE link_id = ?1 AND status = 'FAILED' AND status <> 'COMPLETED'",
            Word(link_id),
            Millis(at),
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        Ok(())
    }

    /// Lets no row of an account that waits do so beyond `latest`; serves when the clock was set back.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn wait_at_most(
        &mut self,
        integration_id: IntegrationId,
        latest: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE sync_queue SET scheduled_for = ?2
            WHERE status = 'PENDING' AND scheduled_for > ?2
                AND link_id IN (SELECT link.id FROM link WHERE integration_id = ?1)",
            Word(integration_id),
            Millis(latest),
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("bringing edits near"))?;
        Ok(())
    }

    /// Removes what was completed, and history, from before `before`.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn prune(&mut self, before: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM sync_queue WHERE status = 'COMPLETED' AND processed_at < ?",
            Millis(before)
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("pruning the outbox"))?;
        crate::log::prune(self.connection(), before).await
    }
}

/// A row as it goes in.
#[derive(Serialize)]
struct NewRow<'a> {
    event_id: EventId,
    link_id: LinkId,
    operation: Operation,
    payload: &'a Value,
    priority: i64,
    max_retries: u32,
    scheduled_for: i64,
    created_at: i64,
}

impl<'a> From<&'a NewQueueEntry> for NewRow<'a> {
    fn from(entry: &'a NewQueueEntry) -> Self {
        Self {
            event_id: entry.event_id,
            link_id: entry.link_id,
            operation: entry.operation,
            payload: &entry.payload,
            priority: entry.priority,
            max_retries: entry.max_retries,
            scheduled_for: entry.scheduled_for.timestamp_millis(),
            created_at: entry.created_at.timestamp_millis(),
        }
    }
}
