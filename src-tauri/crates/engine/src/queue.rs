//! The outbox, and the life of a request to a remote.
//!
//! 1. **Marked.** An edit and its queue rows, one per link, are committed in one transaction; that is all that the
//!    person waits for. A row says that an event is *dirty* at a link. It holds no copy of the edit, so ten quick
//!    edits are one row, and one request.
//! 2. **Claimed.** The account's worker takes rows whose time has come, the person's own first, and marks them
//!    `PROCESSING` in a transaction. Where that may lead to a creation, the same transaction notes the revision in
//!    `event_sync`: from here on the remote may have it, even if we never learn that it does.
//! 3. **Sent.** With no transaction open, the worker reads the event's latest state, compares it with the base and
//!    sends the difference: nothing, a creation under an identity derived from event and link, an update with the
//!    version it was made from, or a deletion. A series goes before its overrides.
//! 4. **Settled.** One transaction stores the remote's version and what it *returned* as the new base, and completes
//!    the row; unless the event was edited meanwhile: then the base is stored and the row is due again.
//!
//! What can go wrong on the way, by class ([`synodic_providers::Class`]):
//!
//! | class | what becomes of the row | of the account |
//! | --- | --- | --- |
//! | offline | waits, no try used | tries again with growing waits, and at once when woken |
//! | transient | waits 2ⁿ minutes, or as long as the service asks; `FAILED` after three tries | waits that long when the service asked for it |
//! | uncertain | the remote is asked first: settled when it has the edit, merged when it has another, else as transient | |
//! | conflict | the remote's state goes through the merge, then the row is tried again | |
//! | sign-in | waits, no try used | rests until somebody signs in |
//! | permanent | `FAILED` at once with the service's reason | goes on with other rows |
//!
//! A crash anywhere leaves rows in `PROCESSING`; the next start makes them `PENDING` again, and since every write is
//! safe to repeat, repeating it is all there is to do.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::sync::{EventSync, EventSyncStatus, Link, Operation};
use synodic_model::{EventId, ExternalId, LinkId, RemoteCalendarId, Revision};
use synodic_providers::NotifyAttendees;
use synodic_store::{NewQueueEntry, StoreError, Transaction};

use crate::clock::after;
use crate::conflict::set_status;

/// Attempts after the first before a row is given up.
pub const MAX_RETRIES: u32 = 3;

/// The longest that we obey a service's wish to wait before we ask whether it still has it.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 60 * 60);

/// What a queue row carries beyond the event's latest state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Whether people outside may be mailed; only ever by the person's explicit wish.
    #[serde(default)]
    pub notify: NotifyAttendees,
    /// Set when the service has the event in another of its calendars, and is to move it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// Where a service has an event that was moved to another of its calendars here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The link over which it got there.
    pub link: LinkId,
    /// The calendar at the service.
    pub calendar: RemoteCalendarId,
    /// The event's id there, which it keeps.
    pub id: ExternalId,
}

impl Payload {
    /// Reads a row's payload; what cannot be read asks for nothing special.
    #[must_use]
    pub fn read(payload: &serde_json::Value) -> Self {
        Self::deserialize(payload).unwrap_or_default()
    }

    /// Writes it into a row.
    #[must_use]
    pub fn write(&self) -> serde_json::Value {
        serde_json::json!(self)
    }
}

/// What all marks of one kind have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// [`synodic_model::sync::PRIORITY_INTERACTIVE`] for a person's own edit.
    pub(crate) priority: i64,
    pub(crate) notify: NotifyAttendees,
    pub(crate) now: DateTime<Utc>,
}

/// Marks events as dirty at each of `links` that takes edits: one queue row and a pending `event_sync` row each, in the
/// order given. To be called in the transaction that writes the events; the workers behind `links` are to be woken after
/// its commit.
///
/// A deletion is marked only where the remote may know the event.
pub(crate) async fn mark_dirty(
    transaction: &mut Transaction,
    dirty: &[(EventId, Operation)],
    links: &[Link],
    mark: Mark,
) -> Result<(), StoreError> {
    for link in links.iter().filter(|link| link.direction.pushes()) {
        // A calendar that is newly linked marks all that it has: what is held at once stays within bounds.
        for some in dirty.chunks(1000) {
            mark_dirty_at(transaction, some, link, mark).await?;
        }
    }
    Ok(())
}

async fn mark_dirty_at(
    transaction: &mut Transaction,
    dirty: &[(EventId, Operation)],
    link: &Link,
    mark: Mark,
) -> Result<(), StoreError> {
    let ids: Vec<EventId> = dirty.iter().map(|(event, _)| *event).collect();
    let known = transaction.event_syncs_at(link.id, &ids).await?;
    let waiting = transaction.queue_entries_of(&ids, link.id).await?;
    let is_open = |row: &&EventSync| row.conflict_data.as_ref().is_some_and(|data| data.open);
    let open: Vec<EventId> = known.values().filter(is_open).map(|row| row.event_id).collect();
    let undecided = transaction.events_by_ids(&open).await?;
    let (mut rows, mut entries) = (Vec::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
    for (event, operation) in dirty {
        let row = known.get(event).cloned();
        if row.is_none() && *operation == Operation::Delete {
            continue;
        }
        // What an earlier edit asked for beside the state of the event is still asked for.
        let mut payload =
            waiting.get(event).map_or_else(Payload::default, |entry| Payload::read(&entry.payload));
        if mark.notify != NotifyAttendees::Nobody {
            payload.notify = mark.notify;
        }
        let mut row = row.unwrap_or_else(|| unsent(*event, link));
        row.status = EventSyncStatus::Pending;
        if let Some(event) = undecided.get(event) {
            set_status(&mut row, &event.content, EventSyncStatus::Pending);
        }
        rows.push(row);
        entries.push(NewQueueEntry {
            event_id: *event,
            link_id: link.id,
            operation: *operation,
            payload: payload.write(),
            priority: mark.priority,
            scheduled_for: mark.now,
            created_at: mark.now,
            max_retries: MAX_RETRIES,
        });
    }
    transaction.put_event_syncs(&rows).await?;
    transaction.enqueue_all(&entries).await?;
    Ok(())
}

/// Marks an event that the service behind `link` has in another of its calendars, and is to move to this one.
pub(crate) async fn mark_moved(
    transaction: &mut Transaction,
    event: EventId,
    link: &Link,
    mark: Mark,
    origin: Origin,
) -> Result<(), StoreError> {
    mark_dirty(transaction, &[(event, Operation::Upsert)], std::slice::from_ref(link), mark).await?;
    if let Some(entry) = transaction.queue_entry_of(event, link.id).await? {
        let payload = Payload { origin: Some(origin), ..Payload::read(&entry.payload) };
        transaction.set_queue_payload(entry.id, &payload.write()).await?;
    }
    Ok(())
}

/// Whether a creation may have reached the remote without our knowing.
pub(crate) fn may_be_there(row: &EventSync) -> bool {
    row.external_id.is_none() && row.local_version > Revision(0)
}

/// The row of an event that the remote has never had.
pub(crate) const fn unsent(event_id: EventId, link: &Link) -> EventSync {
    EventSync {
        event_id,
        link_id: link.id,
        external_id: None,
        status: EventSyncStatus::Pending,
        last_synced_at: None,
        last_error: None,
        retry_count: 0,
        local_version: Revision(0),
        remote_version: None,
        base: None,
        conflict_data: None,
        generation: link.generation,
        incarnation: 0,
    }
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAttempt {
    /// Not before this.
    At(DateTime<Utc>),
    /// Tries are used up; the person decides.
    GiveUp,
}

/// Decides when a row is tried again after a failure that was not for good.
///
/// `failures` counts this one; the waits are 2, 4, 8 minutes, a tenth more or less by `chance` (0 to 1). A service
/// that asks for a longer wait gets it, and never less than it asked for.
#[must_use]
pub fn next_attempt(
    failures: u32,
    max_retries: u32,
    retry_after: Option<Duration>,
    now: DateTime<Utc>,
    chance: f64,
) -> NextAttempt {
    if failures > max_retries {
        return NextAttempt::GiveUp;
    }
    let own = Duration::from_secs(60)
        .saturating_mul(2_u32.saturating_pow(failures))
        .min(LONGEST_WAIT)
        .mul_f64(0.9 + 0.2 * chance);
    let asked = retry_after.map_or(Duration::ZERO, |wait| wait.min(LONGEST_WAIT).mul_f64(1.0 + 0.1 * chance));
    NextAttempt::At(after(now, own.max(asked)))
}

/// How long an account rests after its `failures`-th failure in a row to be reached or to answer: from `first`,
/// doubling, up to `longest`; a tenth more or less by `chance` (0 to 1).
#[must_use]
pub fn backoff(failures: u32, first: Duration, longest: Duration, chance: f64) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)))
        .min(longest)
        .mul_f64(0.9 + 0.2 * chance)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn waits_double_and_end() {
        let wait = |failures| next_attempt(failures, MAX_RETRIES, None, NOW, 0.5);
        assert_eq!(wait(1), NextAttempt::At(NOW + TimeDelta::minutes(2)));
        assert_eq!(wait(2), NextAttempt::At(NOW + TimeDelta::minutes(4)));
        assert_eq!(wait(3), NextAttempt::At(NOW + TimeDelta::minutes(8)));
        assert_eq!(wait(4), NextAttempt::GiveUp);
    }

    #[test]
    fn a_service_never_waits_less_than_it_asked_for() {
        for chance in [0.0, 0.3, 0.999] {
            let hour = Duration::from_secs(3600);
            let NextAttempt::At(at) = next_attempt(1, MAX_RETRIES, Some(hour), NOW, chance) else {
                panic!("one failure is not the end");
            };
            assert!(at >= NOW + TimeDelta::hours(1));
            assert!(at <= NOW + TimeDelta::minutes(66));
        }
    }

    #[test]
    fn every_number_of_failures_has_an_answer() {
        for failures in [0, 1, 2, 3, 31, 32, 33, u32::MAX] {
            for chance in [0.0, 0.999] {
                let _ = next_attempt(failures, u32::MAX, Some(Duration::MAX), NOW, chance);
                let wait = backoff(failures, Duration::from_secs(5), Duration::from_secs(300), chance);
                assert!(wait <= Duration::from_secs(330), "{failures} failures wait {wait:?}");
            }
        }
    }

    #[test]
    fn a_payload_of_another_version_is_read_as_far_as_it_goes() {
        let known = Payload { notify: NotifyAttendees::Everybody, origin: None };
        assert_eq!(Payload::read(&known.write()), known);
        assert_eq!(Payload::read(&serde_json::Value::Null), Payload::default());
        assert_eq!(Payload::read(&serde_json::json!({ "later": 1 })), Payload::default());
    }
}
