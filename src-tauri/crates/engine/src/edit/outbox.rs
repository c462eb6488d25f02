//! What a person may do about edits that wait to be sent or were refused.

use synodic_model::QueueId;
use synodic_model::sync::{EventSyncStatus, PRIORITY_INTERACTIVE, QueueEntry, QueueStatus};
use synodic_store::{Durability, NewQueueEntry, QueueLine, Transaction};

use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::snapshot::QueueItem;
use crate::view::Change;

/// The most rows that a list shows.
const LIST_LIMIT: u32 = 1000;

impl Engine {
    /// The edits that wait or were refused, in the order in which they go out; a thousand at most.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn queue_list(&self) -> Result<Vec<QueueItem>, EngineError> {
        let lines = self.inner.store.queue_list(LIST_LIMIT).await?;
        Ok(lines.into_iter().map(QueueItem::from).collect())
    }

    /// Tries an edit again now, with all its tries, whether it was refused or waits after a failure.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such row (any more), [`EngineError::Store`] when it cannot be written.
    pub async fn queue_retry(&self, id: QueueId) -> Result<(), EngineError> {
        let now = self.inner.clock.now();
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let entry = waiting(&mut transaction, id).await?;
        if entry.status == QueueStatus::Processing {
            return Ok(());
        }
        let again = NewQueueEntry {
            event_id: entry.event_id,
            link_id: entry.link_id,
            operation: entry.operation,
            payload: entry.payload.clone(),
            priority: PRIORITY_INTERACTIVE,
            scheduled_for: now,
            created_at: now,
            max_retries: entry.max_retries,
        };
        transaction.enqueue(&again).await?;
        set_status(&mut transaction, &entry, EventSyncStatus::Pending, None).await?;
        self.inner.finish_outbox(transaction, &entry).await
    }

    /// Gives an edit up: it stays here as it is, and is not sent. The event is marked until it is edited again, for it
    /// is not what the remote has.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such row (any more), [`EngineError::Unacceptable`] while it is being
    /// sent, [`EngineError::Store`] when it cannot be written.
    pub async fn queue_discard(&self, id: QueueId) -> Result<(), EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let entry = waiting(&mut transaction, id).await?;
        if entry.status == QueueStatus::Processing {
            return Err(EngineError::Unacceptable {
                reason: "This edit is just being sent. Wait a moment and look again.".into(),
            });
        }
        transaction.remove_queue_entry(id).await?;
        let reason = "You discarded this edit. It stays here, and was not sent.";
        set_status(&mut transaction, &entry, EventSyncStatus::Failed, Some(reason)).await?;
        self.inner.finish_outbox(transaction, &entry).await
    }
}

impl Inner {
    async fn finish_outbox(
        &self,
        mut transaction: Transaction,
        entry: &QueueEntry,
    ) -> Result<(), EngineError> {
        let event = transaction.event(entry.event_id).await?;
        let link = transaction.link(entry.link_id).await?;
        transaction.commit().await?;
        if let Some(link) = link {
            self.edited(&[link]);
        }
        if let Some(event) = event {
            self.notify(Change::Events { calendar_ids: vec![event.calendar_id], from_remote: false });
        }
        self.refresh_snapshot().await;
        Ok(())
    }
}

/// The row, unless it is done.
async fn waiting(transaction: &mut Transaction, id: QueueId) -> Result<QueueEntry, EngineError> {
    let entry = transaction.queue_entry(id).await?;
    entry.filter(|entry| entry.status != QueueStatus::Completed).ok_or(EngineError::NotFound { what: "edit" })
}

async fn set_status(
    transaction: &mut Transaction,
    entry: &QueueEntry,
    status: EventSyncStatus,
    reason: Option<&str>,
) -> Result<(), EngineError> {
    if let Some(mut row) = transaction.event_sync(entry.event_id, entry.link_id).await? {
        row.status = status;
        row.last_error = reason.map(Into::into);
        row.retry_count = 0;
        transaction.put_event_sync(&row).await?;
    }
    Ok(())
}

impl From<QueueLine> for QueueItem {
    fn from(line: QueueLine) -> Self {
        let QueueLine { entry, title, calendar_id, integration_id } = line;
        Self {
            id: entry.id,
            event_id: entry.event_id,
            title,
            calendar_id,
            link_id: entry.link_id,
            integration_id,
            operation: entry.operation,
            status: entry.status,
            created_at: entry.created_at,
            scheduled_for: entry.scheduled_for,
            last_error: entry.last_error,
        }
    }
}
