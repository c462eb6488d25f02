//! What is written down when an event has gone from one of an account's calendars to another, or could not.

use synodic_model::sync::{EventSync, EventSyncStatus, Link, LogAction, LogOutcome, QueueStatus};
use synodic_model::{EventId, LinkId};
use synodic_providers::RemoteEvent;
use synodic_store::{Durability, StoreError, Transaction};

use super::Job;
use super::settle::line;
use crate::engine::Inner;
use crate::queue::{Origin, Payload, unsent};

/// The service has moved the event, a series with its occurrences, from another of its calendars. What was known of it
/// there is known of it here; what it says now is still to be looked at, for somebody may have edited it meanwhile.
pub(super) async fn arrived(
    inner: &Inner,
    job: &Job,
    origin: &Origin,
    returned: &RemoteEvent,
) -> Result<(), StoreError> {
    let now = inner.clock.now();
    inner.echoes.wrote(job.link.id, returned, now);
    // A listing from before still names it where it was, and its occurrences.
    inner.echoes.wrote(origin.link, returned, now);
    inner.echoes.deleted(origin.link, &origin.id, None, now);
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let mut arrived = vec![job.entry.event_id];
    arrived.extend(transaction.overrides(job.entry.event_id).await?.iter().map(|event| event.id));
    for event in arrived {
        take_over(&mut transaction, event, origin.link, &job.link).await?;
    }
    let row = transaction.event_sync(job.entry.event_id, job.link.id).await?;
    let mut row = row.unwrap_or_else(|| unsent(job.entry.event_id, &job.link));
    row.external_id = Some(returned.id.clone());
    row.last_synced_at = Some(now);
    transaction.put_event_sync(&row).await?;
    transaction.append_log(&line(job, now, LogAction::Update, LogOutcome::Succeeded, None)).await?;
    transaction.commit().await
}

/// The event that was to be moved is not there any more: what is here is made anew.
pub(super) async fn not_there(inner: &Inner, job: &Job) -> Result<(), StoreError> {
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let Some(entry) = transaction.queue_entry(job.entry.id).await? else { return Ok(()) };
    let payload = Payload::read(&entry.payload);
    if let Some(origin) = &payload.origin {
        transaction.remove_event_sync(entry.event_id, origin.link).await?;
    }
    let payload = Payload { origin: None, ..payload }.write();
    transaction.set_queue_payload(entry.id, &payload).await?;
    transaction.commit().await
}

/// Carries what is known of an event at the link `from` over to the link `to`.
pub(super) async fn take_over(
    transaction: &mut Transaction,
    event: EventId,
    from: LinkId,
    to: &Link,
) -> Result<(), StoreError> {
    if let Some(row) = transaction.event_sync(event, from).await? {
        transaction.remove_event_sync(event, from).await?;
        let status = EventSyncStatus::Pending;
        let row = EventSync { link_id: to.id, generation: to.generation, status, ..row };
        transaction.put_event_sync(&row).await?;
    }
    match transaction.queue_entry_of(event, from).await? {
        Some(entry) if entry.status != QueueStatus::Processing => {
            transaction.remove_queue_entry(entry.id).await
        }
        Some(_) | None => Ok(()),
    }
}
