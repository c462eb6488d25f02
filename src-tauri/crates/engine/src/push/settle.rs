//! What is written down after a request: one transaction each, for the event's row at the link and the queue row.

use chrono::{DateTime, Utc};
use synodic_model::history::{self, Author};
use synodic_model::sync::{
    ConflictData, EventSync, EventSyncStatus, Link, LogAction, LogEntry, LogOutcome, Operation,
    PRIORITY_BACKGROUND, PRIORITY_INTERACTIVE, ProviderKind, QueueEntry, QueueStatus,
};
use synodic_model::{Event, EventContent, EventId, EventStatus, Revision};
use synodic_providers::{NotifyAttendees, ProviderError, RemoteEvent};
use synodic_store::{Durability, StoreError, Transaction};

use super::occurrence::mark_plain;
use super::{Job, moved};
use crate::conflict::set_status;
use crate::dashboard::kind_of;
use crate::edit::access::mark_read_only;
use crate::engine::Inner;
use crate::queue::{Mark, NextAttempt, mark_dirty, next_attempt, unsent};
use crate::set_aside;

/// The remote has taken what was sent.
pub(super) async fn taken(
    inner: &Inner,
    job: &Job,
    sent: &Event,
    desired: &EventContent,
    returned: RemoteEvent,
    action: LogAction,
) -> Result<(), StoreError> {
    let now = inner.clock.now();
    inner.echoes.wrote(job.link.id, &returned, now);
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let Some(event) = transaction.event(job.entry.event_id).await? else {
        return done(transaction, job, now).await;
    };
    let mut row = answered(&mut transaction, job, event.id, &returned, now).await?;
    let is_latest = event.revision == sent.revision && event.deleted_at.is_none();
    let stored = transaction.link(job.link.id).await?;
    let is_agreed = stored.is_some_and(|link| link.settings == job.link.settings);
    if is_agreed {
        row.remote_version = Some(returned.version.clone());
        row.base = Some(base(job, desired, returned));
    }
    row.local_version = sent.revision;
    row.generation = row.generation.max(job.link.generation);
    // What was agreed on about the link may have changed on the way; then what is there is looked at anew.
    let is_done = is_latest && is_agreed;
    let status = if is_done { EventSyncStatus::Synced } else { EventSyncStatus::Pending };
    set_status(&mut row, &event.content, status);
    transaction.put_event_sync(&row).await?;
    transaction.append_log(&line(job, now, action, LogOutcome::Succeeded, None)).await?;
    if action == LogAction::Update {
        mark_plain(&mut transaction, &event, &job.link, now).await?;
    }
    let left =
        if action == LogAction::Create { left(&mut transaction, &event, now).await? } else { Vec::new() };
    if is_done {
        done(transaction, job, now).await?;
    } else {
        again(transaction, job, now).await?;
    }
    inner.edited(&left);
    Ok(())
}

/// The links of calendars that the event has left, which may let go of it now that it is safe.
async fn left(
    transaction: &mut Transaction,
    event: &Event,
    now: DateTime<Utc>,
) -> Result<Vec<Link>, StoreError> {
    let mut left = Vec::new();
    for row in transaction.event_syncs(event.id).await? {
        let link = transaction.link(row.link_id).await?;
        if let Some(link) = link.filter(|link| link.calendar_id != event.calendar_id) {
            let mark = Mark { priority: PRIORITY_INTERACTIVE, notify: NotifyAttendees::Nobody, now };
            mark_dirty(transaction, &[(event.id, Operation::Delete)], std::slice::from_ref(&link), mark)
                .await?;
            left.push(link);
        }
    }
    Ok(left)
}

/// What both sides have agreed on: what the remote returned, for that is what it will show next time.
fn base(job: &Job, desired: &EventContent, returned: RemoteEvent) -> EventContent {
    let is_called_off = returned.occurrence_of.is_some() && returned.content.status == EventStatus::Cancelled;
    // Of a cancelled occurrence a service says no more than that.
    let mut base = if is_called_off {
        EventContent { status: EventStatus::Cancelled, ..desired.clone() }
    } else {
        returned.content
    };
    mark_read_only(&mut base, job.provider, returned.read_only);
    base
}

/// The remote has everything already; nothing was sent.
pub(super) async fn up_to_date(
    inner: &Inner,
    job: &Job,
    revision: Option<Revision>,
) -> Result<(), StoreError> {
    let now = inner.clock.now();
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let event = transaction.event(job.entry.event_id).await?;
    let row = transaction.event_sync(job.entry.event_id, job.link.id).await?;
    if let (Some(event), Some(mut row)) = (event, row) {
        if Some(event.revision) != revision {
            return again(transaction, job, now).await;
        }
        row.local_version = event.revision;
        set_status(&mut row, &event.content, EventSyncStatus::Synced);
        row.last_error = None;
        row.retry_count = 0;
        transaction.put_event_sync(&row).await?;
    }
    done(transaction, job, now).await
}

/// Nothing is to be sent from where the event is moved away; the move brings along what was edited before.
pub(super) async fn left_to_the_move(inner: &Inner, job: &Job) -> Result<(), StoreError> {
    let now = inner.clock.now();
    done(inner.store.begin(Durability::Edit).await?, job, now).await
}

/// The remote has nothing of the event (any more).
pub(super) async fn gone(inner: &Inner, job: &Job, action: Option<LogAction>) -> Result<(), StoreError> {
    let now = inner.clock.now();
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    if let Some(action) = action {
        transaction.append_log(&line(job, now, action, LogOutcome::Succeeded, None)).await?;
    }
    let event = transaction.event(job.entry.event_id).await?;
    let series = match event.as_ref().and_then(|event| event.occurrence_of) {
        Some(key) => transaction.event(key.series_id).await?,
        None => None,
    };
    let is_alive = |event: &Event| event.deleted_at.is_none();
    let is_back = event.as_ref().is_some_and(|event| {
        is_alive(event)
            && event.calendar_id == job.link.calendar_id
            && (event.occurrence_of.is_none() || series.as_ref().is_some_and(is_alive))
    });
    if is_back {
        // Taken back while it was being deleted: it needs a new place at the remote.
        renew(&mut transaction, job).await?;
        return again(transaction, job, now).await;
    }
    let left_behind = moved::stayed(&mut transaction, job, now).await?;
    transaction.remove_event_sync(job.entry.event_id, job.link.id).await?;
    if job.provider != ProviderKind::Notion {
        forget_overrides(&mut transaction, job).await?;
    }
    let is_deleted = event.as_ref().is_some_and(|event| event.deleted_at.is_some());
    let is_last = transaction.event_syncs(job.entry.event_id).await?.is_empty();
    if !(is_deleted && is_last) {
        done(transaction, job, now).await?;
        inner.edited(left_behind.as_slice());
        return Ok(());
    }
    complete(&mut transaction, job, now).await?;
    if !has_overrides_to_send(&mut transaction, job.entry.event_id).await? {
        transaction.remove_event(job.entry.event_id).await?;
    }
    if let Some(series) = series.filter(|series| !is_alive(series))
        && transaction.event_syncs(series.id).await?.is_empty()
        && !has_overrides_to_send(&mut transaction, series.id).await?
    {
        transaction.remove_event(series.id).await?;
    }
    transaction.commit().await
}

/// An occurrence that was edited is again what its series makes of it, but a service to which we only publish keeps it as
/// an exception, which does not follow the series any more. So it stays one here as well, and follows.
pub(super) async fn plain_again(
    inner: &Inner,
    job: &Job,
    sent: &Event,
    plain: &EventContent,
    returned: RemoteEvent,
) -> Result<(), StoreError> {
    let now = inner.clock.now();
    inner.echoes.wrote(job.link.id, &returned, now);
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let Some(event) = transaction.event(job.entry.event_id).await? else {
        return done(transaction, job, now).await;
    };
    let mut row = answered(&mut transaction, job, event.id, &returned, now).await?;
    row.remote_version = Some(returned.version.clone());
    row.base = Some(base(job, plain, returned));
    transaction.append_log(&line(job, now, LogAction::Update, LogOutcome::Succeeded, None)).await?;
    if event.revision != sent.revision || event.deleted_at.is_none() {
        row.status = EventSyncStatus::Pending;
        transaction.put_event_sync(&row).await?;
        return again(transaction, job, now).await;
    }
    let content = EventContent { extras: event.content.extras.clone(), ..plain.clone() };
    let revision = event.revision.next();
    let kept = Event { content, revision, deleted_at: None, updated_at: now, ..event };
    transaction.put_event(&kept).await?;
    row.local_version = revision;
    row.status = EventSyncStatus::Synced;
    transaction.put_event_sync(&row).await?;
    let others: Vec<_> = transaction
        .links_of_calendar(kept.calendar_id)
        .await?
        .into_iter()
        .filter(|link| link.id != job.link.id)
        .collect();
    let mark = Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now };
    mark_dirty(&mut transaction, &[(kept.id, Operation::Upsert)], &others, mark).await?;
    done(transaction, job, now).await?;
    inner.edited(&others);
    Ok(())
}

/// The row of an event after the remote has taken what was sent, but for what both sides agree on now.
async fn answered(
    transaction: &mut Transaction,
    job: &Job,
    event: EventId,
    returned: &RemoteEvent,
    now: DateTime<Utc>,
) -> Result<EventSync, StoreError> {
    let row = transaction.event_sync(event, job.link.id).await?;
    let row = row.unwrap_or_else(|| unsent(event, &job.link));
    let external_id = Some(returned.id.clone());
    Ok(EventSync { external_id, last_synced_at: Some(now), last_error: None, retry_count: 0, ..row })
}

/// Whether overrides of a series wait to be sent, which would go with its row. Where each of them has a page of its own
/// it is still to be deleted there.
async fn has_overrides_to_send(transaction: &mut Transaction, series: EventId) -> Result<bool, StoreError> {
    for event in transaction.overrides(series).await? {
        for row in transaction.event_syncs(event.id).await? {
            if transaction.queue_entry_of(event.id, row.link_id).await?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// There is no place any more for what was said of an occurrence: its series was changed at the remote and does not have
/// it. It goes here and at the other remotes, too; the history keeps it.
pub(super) async fn orphaned(inner: &Inner, job: &Job, seen: &Event) -> Result<(), StoreError> {
    let now = inner.clock.now();
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let event = transaction.event(seen.id).await?.filter(|event| event.revision == seen.revision);
    let Some(event) = event else { return again(transaction, job, now).await };
    if event.content.status != EventStatus::Cancelled {
        let local = Some(event.content.clone());
        let data =
            ConflictData { found_at: now, base: None, local, remote: None, fields: Vec::new(), open: false };
        transaction.append_log(&set_aside::line(&job.link, event.id, job.action(), &data, now)).await?;
    }
    let id = event.id;
    let others: Vec<_> = transaction
        .links_of_calendar(event.calendar_id)
        .await?
        .into_iter()
        .filter(|link| link.id != job.link.id)
        .collect();
    let revision = event.revision.next();
    let deleted = Event { deleted_at: Some(now), updated_at: now, revision, ..event.clone() };
    let account = Some(job.link.integration_id);
    let lost = history::line(Some(&event), &deleted, Author::Remote, account, now);
    transaction.append_history(&lost.into_iter().collect::<Vec<_>>()).await?;
    transaction.put_event(&deleted).await?;
    let mark = Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now };
    mark_dirty(&mut transaction, &[(id, Operation::Delete)], &others, mark).await?;
    transaction.remove_event_sync(id, job.link.id).await?;
    complete(&mut transaction, job, now).await?;
    if transaction.event_syncs(id).await?.is_empty() {
        transaction.remove_event(id).await?;
    }
    transaction.commit().await?;
    inner.edited(&others);
    Ok(())
}

/// The identity is spent on a deleted event; the next attempt takes another one.
pub(super) async fn identity_spent(inner: &Inner, job: &Job) -> Result<(), StoreError> {
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    renew(&mut transaction, job).await?;
    transaction.commit().await
}

async fn renew(transaction: &mut Transaction, job: &Job) -> Result<(), StoreError> {
    let row = transaction.event_sync(job.entry.event_id, job.link.id).await?;
    let row = row.unwrap_or_else(|| unsent(job.entry.event_id, &job.link));
    let renewed = EventSync {
        external_id: None,
        remote_version: None,
        base: None,
        local_version: Revision(0),
        status: EventSyncStatus::Pending,
        incarnation: row.incarnation + 1,
        ..row
    };
    transaction.put_event_sync(&renewed).await?;
    renew_overrides(transaction, job).await
}

/// What a remote had of a series' occurrences went with the series, and has to be sent anew.
async fn renew_overrides(transaction: &mut Transaction, job: &Job) -> Result<(), StoreError> {
    let mark = Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now: job.began_at };
    for event in forget_overrides(transaction, job).await? {
        if event.deleted_at.is_none() {
            let dirty = [(event.id, Operation::Upsert)];
            mark_dirty(transaction, &dirty, std::slice::from_ref(&job.link), mark).await?;
        }
    }
    Ok(())
}

/// Forgets what a remote had of a series' occurrences, for it went with the series: one that comes back there meanwhile
/// is a new one. Returns the occurrences.
async fn forget_overrides(transaction: &mut Transaction, job: &Job) -> Result<Vec<Event>, StoreError> {
    let mut forgotten = Vec::new();
    for event in transaction.overrides(job.entry.event_id).await? {
        let Some(row) = transaction.event_sync(event.id, job.link.id).await? else { continue };
        let renewed = EventSync { incarnation: row.incarnation + 1, ..unsent(event.id, &job.link) };
        transaction.put_event_sync(&EventSync { conflict_data: row.conflict_data, ..renewed }).await?;
        forgotten.push(event);
    }
    Ok(forgotten)
}

/// The attempt failed, and not for good.
pub(super) async fn retry_later(inner: &Inner, job: &Job, error: &ProviderError) -> Result<(), StoreError> {
    let now = inner.clock.now();
    let failures = job.entry.retry_count + 1;
    match next_attempt(failures, job.entry.max_retries, None, now, inner.chance.fraction()) {
        NextAttempt::GiveUp => give_up(inner, job, error, failures).await,
        NextAttempt::At(at) => {
            let mut transaction = inner.store.begin(Durability::Edit).await?;
            note(&mut transaction, job, error, failures, EventSyncStatus::Pending).await?;
            let outcome = LogOutcome::Retried;
            transaction.append_log(&line(job, now, job.action(), outcome, Some(error))).await?;
            transaction
                .update_queue_entry(&QueueEntry {
                    status: QueueStatus::Pending,
                    retry_count: failures,
                    last_error: Some(error.to_string()),
                    scheduled_for: at,
                    ..job.entry.clone()
                })
                .await?;
            transaction.commit().await
        }
    }
}

/// The remote refuses for good; the row stays until the person retries or discards it.
pub(super) async fn give_up(
    inner: &Inner,
    job: &Job,
    error: &ProviderError,
    failures: u32,
) -> Result<(), StoreError> {
    let now = inner.clock.now();
    tracing::warn!(event = %job.entry.event_id, link = %job.link.id, %error, "an edit was refused");
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    note(&mut transaction, job, error, failures, EventSyncStatus::Failed).await?;
    transaction.append_log(&line(job, now, job.action(), LogOutcome::Failed, Some(error))).await?;
    transaction
        .update_queue_entry(&QueueEntry {
            status: QueueStatus::Failed,
            retry_count: failures,
            last_error: Some(error.to_string()),
            processed_at: Some(now),
            ..job.entry.clone()
        })
        .await?;
    transaction.commit().await
}

/// Puts a row back as it was, no try used; not before `at`.
pub(super) async fn release(
    inner: &Inner,
    entry: &QueueEntry,
    at: DateTime<Utc>,
    may_be_there: bool,
) -> Result<(), StoreError> {
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    if let Some(mut row) = transaction.event_sync(entry.event_id, entry.link_id).await?
        && forget_attempt(&mut row, may_be_there)
    {
        transaction.put_event_sync(&row).await?;
    }
    let entry = QueueEntry { status: QueueStatus::Pending, scheduled_for: at, ..entry.clone() };
    transaction.update_queue_entry(&entry).await?;
    transaction.commit().await
}

/// Notes that a creation may reach the remote, before it does.
pub(super) async fn note_attempt(inner: &Inner, job: &Job) -> Result<(), StoreError> {
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let row = transaction.event_sync(job.entry.event_id, job.link.id).await?;
    let event = transaction.event(job.entry.event_id).await?;
    if let (Some(event), Some(mut row)) = (event, row) {
        row.local_version = event.revision;
        transaction.put_event_sync(&row).await?;
    }
    transaction.commit().await
}

/// Takes the note back that a creation may have reached the remote, when it certainly has not.
fn forget_attempt(row: &mut EventSync, may_be_there: bool) -> bool {
    let is_noted = row.external_id.is_none() && row.local_version > Revision(0);
    if is_noted && !may_be_there {
        row.local_version = Revision(0);
    }
    is_noted && !may_be_there
}

async fn note(
    transaction: &mut Transaction,
    job: &Job,
    error: &ProviderError,
    failures: u32,
    status: EventSyncStatus,
) -> Result<(), StoreError> {
    if let Some(mut row) = transaction.event_sync(job.entry.event_id, job.link.id).await? {
        forget_attempt(&mut row, job.may_be_there);
        row.status = status;
        row.last_error = Some(error.to_string());
        row.retry_count = failures;
        transaction.put_event_sync(&row).await?;
    }
    Ok(())
}

pub(super) async fn complete(
    transaction: &mut Transaction,
    job: &Job,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let entry = QueueEntry {
        status: QueueStatus::Completed,
        last_error: None,
        processed_at: Some(now),
        ..job.entry.clone()
    };
    transaction.update_queue_entry(&entry).await
}

async fn done(mut transaction: Transaction, job: &Job, now: DateTime<Utc>) -> Result<(), StoreError> {
    complete(&mut transaction, job, now).await?;
    transaction.commit().await
}

/// The event was edited while the request was under way: the row is due again. When the edit has put a row of its own
/// behind this one, the store lets this one go.
async fn again(mut transaction: Transaction, job: &Job, now: DateTime<Utc>) -> Result<(), StoreError> {
    let entry = QueueEntry { status: QueueStatus::Pending, scheduled_for: now, ..job.entry.clone() };
    transaction.update_queue_entry(&entry).await?;
    transaction.commit().await
}

pub(super) fn line(
    job: &Job,
    now: DateTime<Utc>,
    action: LogAction,
    outcome: LogOutcome,
    error: Option<&ProviderError>,
) -> LogEntry {
    LogEntry {
        at: now,
        integration_id: Some(job.link.integration_id),
        link_id: Some(job.link.id),
        event_id: Some(job.entry.event_id),
        action,
        outcome,
        duration_ms: (now - job.began_at).num_milliseconds(),
        detail: error.map_or(
            serde_json::Value::Null,
            |error| serde_json::json!({ "reason": error.to_string(), "kind": kind_of(error.class()) }),
        ),
    }
}
