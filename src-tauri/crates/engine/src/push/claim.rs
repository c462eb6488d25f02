//! Taking rows from the outbox: which, in which order, and what has to be on the disk before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::sync::{PRIORITY_INTERACTIVE, QueueEntry, QueueStatus};
use synodic_model::{Event, EventId, IntegrationId, LinkId, QueueId};
use synodic_store::{Durability, StoreError, Transaction};

use super::Scope;
use crate::engine::Inner;
use crate::queue::may_be_there;

/// Rows of the person's own that are claimed at once.
const BATCH: usize = 32;
/// Other rows that are claimed at once: no more than are under way side by side, so that an edit that the person makes
/// meanwhile goes next.
const BACKGROUND_BATCH: usize = super::AT_ONCE;
/// How many due rows are read at first; as many as can be claimed.
const SMALLEST_WINDOW: u32 = 32;
/// Longer than anything waits.
const A_CENTURY: TimeDelta = TimeDelta::days(36_500);

/// A row that was taken from the outbox.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) entry: QueueEntry,
    /// Whether an earlier attempt may have created the event.
    pub(super) may_be_there: bool,
    is_override: bool,
}

/// Takes one account's rows, each of them once.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    inner: &'a Inner,
    integration: IntegrationId,
    scope: Scope,
    waiting: &'a BTreeSet<LinkId>,
    seen: BTreeSet<QueueId>,
    /// How many due rows are read; rows that were seen and put off may stand before the others.
    window: u32,
}

impl<'a> Claims<'a> {
    /// Nothing is taken yet; what goes over the links of `waiting` never is.
    pub(super) const fn new(
        inner: &'a Inner,
        integration: IntegrationId,
        scope: Scope,
        waiting: &'a BTreeSet<LinkId>,
    ) -> Self {
        Self { inner, integration, scope, waiting, seen: BTreeSet::new(), window: SMALLEST_WINDOW }
    }

    /// Takes the next rows and marks them as being carried out. Rows of one series stay together, the series first;
    /// groups may be carried out side by side. None are left when there is no group.
    pub(super) async fn next(&mut self) -> Result<Vec<Vec<Claim>>, StoreError> {
        let due_at = self.due_at();
        loop {
            let due = self.inner.store.queue_due(self.integration, due_at, self.window).await?;
            if due.iter().any(|entry| self.may_go(entry)) {
                break;
            }
            if due.len() < usize::try_from(self.window).unwrap_or(usize::MAX) {
                return Ok(Vec::new());
            }
            self.window = self.window.saturating_mul(2);
        }
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        // Read again: what was due a moment ago may have been discarded.
        let due = transaction.queue_due(self.integration, due_at, self.window).await?;
        let mut entries: Vec<_> = due.into_iter().filter(|entry| self.may_go(entry)).collect();
        let own = entries.iter().take_while(|entry| entry.priority >= PRIORITY_INTERACTIVE).count();
        entries.truncate(if own == 0 { BACKGROUND_BATCH } else { own.min(BATCH) });
        let events = self.add_series(&mut transaction, &mut entries, due_at).await?;
        let groups = self.mark_all(&mut transaction, entries, &events).await?;
        transaction.commit().await?;
        Ok(groups)
    }

    fn due_at(&self) -> DateTime<Utc> {
        let now = self.inner.clock.now();
        match self.scope {
            Scope::Interactive | Scope::Due => now,
            Scope::Everything => now + A_CENTURY,
        }
    }

    fn may_go(&self, entry: &QueueEntry) -> bool {
        let is_urgent = self.scope != Scope::Interactive || entry.priority >= PRIORITY_INTERACTIVE;
        is_urgent && !self.seen.contains(&entry.id) && !self.waiting.contains(&entry.link_id)
    }

    /// Adds the rows of series that overrides among `entries` would have to wait for. Returns the events of all.
    async fn add_series(
        &self,
        transaction: &mut Transaction,
        entries: &mut Vec<QueueEntry>,
        due_at: DateTime<Utc>,
    ) -> Result<BTreeMap<EventId, Event>, StoreError> {
        let ids: Vec<EventId> = entries.iter().map(|entry| entry.event_id).collect();
        let mut events = transaction.events_by_ids(&ids).await?;
        let mut wanted = BTreeSet::new();
        for entry in entries.iter() {
            if let Some(key) = events.get(&entry.event_id).and_then(|event| event.occurrence_of) {
                wanted.insert((key.series_id, entry.link_id));
            }
        }
        for entry in entries.iter() {
            wanted.remove(&(entry.event_id, entry.link_id));
        }
        for (series, link) in wanted {
            let row = transaction.queue_entry_of(series, link).await?;
            let is_due = |row: &QueueEntry| row.status == QueueStatus::Pending && row.scheduled_for <= due_at;
            if let Some(row) = row.filter(|row| is_due(row) && !self.seen.contains(&row.id)) {
                entries.push(row);
                events.extend(transaction.event(series).await?.map(|event| (series, event)));
            }
        }
        Ok(events)
    }

    async fn mark_all(
        &mut self,
        transaction: &mut Transaction,
        entries: Vec<QueueEntry>,
        events: &BTreeMap<EventId, Event>,
    ) -> Result<Vec<Vec<Claim>>, StoreError> {
        let mut groups: Vec<Vec<Claim>> = Vec::new();
        let mut places: BTreeMap<(EventId, LinkId), usize> = BTreeMap::new();
        for entry in entries {
            self.seen.insert(entry.id);
            let event = events.get(&entry.event_id);
            let root = event.map_or(entry.event_id, root_of);
            let place = *places.entry((root, entry.link_id)).or_insert(groups.len());
            let claim = mark(transaction, entry, event).await?;
            match groups.get_mut(place) {
                Some(group) => group.push(claim),
                None => groups.push(vec![claim]),
            }
        }
        for group in &mut groups {
            group.sort_by_key(|claim| claim.is_override);
        }
        Ok(groups)
    }
}

/// Marks one row as being carried out; the note that a creation may reach the remote is on the disk before it does.
async fn mark(
    transaction: &mut Transaction,
    entry: QueueEntry,
    event: Option<&Event>,
) -> Result<Claim, StoreError> {
    let entry = QueueEntry { status: QueueStatus::Processing, ..entry };
    transaction.update_queue_entry(&entry).await?;
    let row = transaction.event_sync(entry.event_id, entry.link_id).await?;
    let was_sent = row.as_ref().is_some_and(may_be_there);
    if let (Some(event), Some(mut row)) = (event, row)
        && row.external_id.is_none()
        && event.deleted_at.is_none()
    {
        row.local_version = event.revision;
        transaction.put_event_sync(&row).await?;
    }
    let is_override = event.is_some_and(|event| event.occurrence_of.is_some());
    Ok(Claim { entry, may_be_there: was_sent, is_override })
}

/// The event that decides about the order: of an override, its series.
fn root_of(event: &Event) -> EventId {
    event.occurrence_of.map_or(event.id, |key| key.series_id)
}
