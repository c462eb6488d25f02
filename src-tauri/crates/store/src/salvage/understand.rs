//! The new replica once everything was carried over: rows that are not what they should be go, and edits that lost
//! their row in the outbox get another.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sqlx::AssertSqlSafe;
use synodic_model::sync::{Operation, PRIORITY_INTERACTIVE};
use synodic_model::{EventId, LinkId, QueueId};

use crate::column::Word;
use crate::{Durability, NewQueueEntry, Store, StoreError, Transaction};

const DOING: &str = "looking at what was carried over";
/// Attempts of an edit whose row was lost.
const TRIES: u32 = 3;

impl Store {
    /// Removes what was carried over and cannot be understood, so that it stands in nobody's way. Says whether there was
    /// nothing of the kind.
    pub(super) async fn drop_what_cannot_be_understood(&self) -> Result<bool, StoreError> {
        let mut transaction = self.begin(Durability::Edit).await?;
        let mut is_whole = true;
        for (table, key) in [
            ("calendar", "id"),
            ("calendar_integration", "id"),
            ("link", "id"),
            ("remote_calendar", "integration_id"),
            ("event", "id"),
            ("event_sync", "event_id"),
            ("sync_queue", "id"),
        ] {
            let keys: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
                "SELECT DISTINCT CAST({key} AS TEXT) FROM {table}"
            )))
            .fetch_all(transaction.connection())
            .await
            .map_err(StoreError::during(DOING))?;
            for value in keys {
                if transaction.is_understood(table, &value).await {
                    continue;
                }
                is_whole = false;
                tracing::warn!(table, key = value, "a row of the damaged database makes no sense");
                sqlx::query(AssertSqlSafe(format!("DELETE FROM {table} WHERE CAST({key} AS TEXT) = ?")))
                    .bind(value)
                    .execute(transaction.connection())
                    .await
                    .map_err(StoreError::during(DOING))?;
            }
        }
        transaction.commit().await?;
        Ok(is_whole)
    }

    /// Puts edits into the outbox again that are not in it although their service has not got them.
    pub(super) async fn mark_what_is_unsent(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin(Durability::Edit).await?;
        let unsent: Vec<(Word<EventId>, Word<LinkId>, bool, i64)> = sqlx::query_as(
            "SELECT event.id, link.id, event.deleted_at IS NOT NULL, event.updated_at
            FROM event
            JOIN link ON link.calendar_id = event.calendar_id AND link.direction <> 'pull_only'
            LEFT JOIN event_sync AS known ON known.event_id = event.id AND known.link_id = link.id
            WHERE NOT EXISTS (SELECT 1 FROM sync_queue AS open
                    WHERE open.event_id = event.id AND open.link_id = link.id AND open.status <> 'COMPLETED')
                AND NOT EXISTS (SELECT 1 FROM event_sync AS disputed
                    WHERE disputed.event_id = event.id AND disputed.status = 'CONFLICT')
                AND ((known.event_id IS NULL AND event.deleted_at IS NULL AND NOT EXISTS
                        (SELECT 1 FROM event_sync AS other WHERE other.event_id = event.id))
                    OR known.local_version < event.revision)
            ORDER BY event.series_id IS NOT NULL, event.updated_at, event.id",
        )
        .fetch_all(transaction.connection())
        .await
        .map_err(StoreError::during(DOING))?;
        for (event_id, link_id, is_deleted, updated_at) in unsent {
            let at = DateTime::<Utc>::from_timestamp_millis(updated_at).unwrap_or_default();
            transaction
                .enqueue(&NewQueueEntry {
                    event_id: event_id.0,
                    link_id: link_id.0,
                    operation: if is_deleted { Operation::Delete } else { Operation::Upsert },
                    payload: serde_json::Value::Null,
                    priority: PRIORITY_INTERACTIVE,
                    scheduled_for: at,
                    created_at: at,
                    max_retries: TRIES,
                })
                .await?;
        }
        transaction.commit().await
    }
}

impl Transaction {
    /// Whether a row, or all rows of one event or account, can be read as what it should be.
    async fn is_understood(&mut self, table: &str, key: &str) -> bool {
        match table {
            "calendar" => match id(key) {
                Some(id) => self.calendar(id).await.is_ok(),
                None => false,
            },
            "calendar_integration" => match id(key) {
                Some(id) => self.integration(id).await.is_ok(),
                None => false,
            },
            "remote_calendar" => match id(key) {
                Some(id) => self.listed_calendars(id).await.is_ok(),
                None => false,
            },
            "link" => match id(key) {
                Some(id) => self.link(id).await.is_ok(),
                None => false,
            },
            "event" => match id(key) {
                Some(id) => self.event(id).await.is_ok(),
                None => false,
            },
            "event_sync" => match id(key) {
                Some(id) => self.event_syncs(id).await.is_ok(),
                None => false,
            },
            _ => match key.parse() {
                Ok(number) => self.queue_entry(QueueId(number)).await.is_ok(),
                Err(_) => false,
            },
        }
    }
}

/// Reads an identifier of any kind.
fn id<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}
