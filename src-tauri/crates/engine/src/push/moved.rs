//! What is written down when an event has gone from one of an account's calendars to another, or could not.

use std::slice;

use chrono::{DateTime, Utc};
use synodic_model::sync::{
    EventSync, EventSyncStatus, Link, LogAction, LogOutcome, Operation, PRIORITY_INTERACTIVE, QueueStatus,
};
use synodic_model::{EventId, LinkId};
use synodic_providers::{NotifyAttendees, RemoteEvent};
use synodic_store::{Durability, StoreError, Transaction};

use super::Job;
use super::settle::line;
use crate::edit::moving;
use crate::engine::Inner;
use crate::queue::{Mark, Origin, Payload, mark_dirty, unsent};

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
    for event in &arrived {
        take_over(&mut transaction, *event, origin.link, &job.link).await?;
    }
    let row = transaction.event_sync(job.entry.event_id, job.link.id).await?;
    let mut row = row.unwrap_or_else(|| unsent(job.entry.event_id, &job.link));
    row.external_id = Some(returned.id.clone());
    row.last_synced_at = Some(now);
    transaction.put_event_sync(&row).await?;
    let further = send_further(&mut transaction, job, &arrived, now).await?;
    transaction.append_log(&line(job, now, LogAction::Update, LogOutcome::Succeeded, None)).await?;
    transaction.commit().await?;
    inner.edited(&further);
    Ok(())
}

/// Marks what was brought to yet another calendar, or back, while it was under way: what it was to do there was forgotten
/// together with the place that it left. Returns the links that have something to send.
async fn send_further(
    transaction: &mut Transaction,
    job: &Job,
    arrived: &[EventId],
    now: DateTime<Utc>,
) -> Result<Vec<Link>, StoreError> {
    let mark = Mark { priority: PRIORITY_INTERACTIVE, notify: NotifyAttendees::Nobody, now };
    let mut further = Vec::new();
    for id in arrived {
        let event = transaction.event(*id).await?.filter(|event| event.deleted_at.is_none());
        let Some(event) = event.filter(|event| event.calendar_id != job.link.calendar_id) else { continue };
        let links = transaction.links_of_calendar(event.calendar_id).await?;
        moving::mark(transaction, &event, slice::from_ref(&job.link), &links, mark).await?;
        further.extend(links);
    }
    Ok(further)
}

/// Marks an event that was to be moved here, but was deleted before it left, where it still is. Returns the link to there.
pub(super) async fn stayed(
    transaction: &mut Transaction,
    job: &Job,
    now: DateTime<Utc>,
) -> Result<Option<Link>, StoreError> {
    let Some(entry) = transaction.queue_entry(job.entry.id).await? else { return Ok(None) };
    let Some(origin) = Payload::read(&entry.payload).origin else { return Ok(None) };
    let event = transaction.event(entry.event_id).await?;
    let row = transaction.event_sync(entry.event_id, origin.link).await?;
    let is_deleted = event.is_some_and(|event| event.deleted_at.is_some());
    if !is_deleted || row.and_then(|row| row.external_id) != Some(origin.id) {
        return Ok(None);
    }
    let Some(link) = transaction.link(origin.link).await? else { return Ok(None) };
    let mark = Mark { priority: PRIORITY_INTERACTIVE, notify: job.notify(), now };
    mark_dirty(transaction, &[(entry.event_id, Operation::Delete)], slice::from_ref(&link), mark).await?;
    Ok(Some(link))
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
