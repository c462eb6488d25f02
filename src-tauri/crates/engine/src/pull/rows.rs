//! The rows of the replica that a page of changes concerns, read in a few bulk look-ups before anything is decided.

use std::collections::{BTreeMap, BTreeSet};

use synodic_model::matching::likeness;
use synodic_model::sync::{EventSync, Link};
use synodic_model::{Event, EventContent, EventId, ExternalId, OccurrenceKey, OriginalStart, Revision};
use synodic_providers::{RemoteChange, RemoteEvent};
use synodic_store::{StoreError, Transaction};

use super::plan::Strangers;
use crate::departed::Departure;
use crate::edit::rows::is_alive;
use crate::queue::may_be_there;
use crate::unanswered::{CHANGES, said_since};

/// Events and their rows at one link, found by all the names that a remote may call them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    events: BTreeMap<EventId, Event>,
    syncs: BTreeMap<EventId, EventSync>,
    by_external: BTreeMap<ExternalId, EventId>,
    by_uid: BTreeMap<String, EventId>,
    by_occurrence: BTreeMap<(EventId, String), EventId>,
    returning: BTreeMap<ExternalId, Departure>,
    said: BTreeMap<EventId, Vec<EventContent>>,
}

impl Rows {
    /// Reads what `changes` at `link` may concern.
    pub(crate) async fn gather(
        transaction: &mut Transaction,
        link: &Link,
        strangers: &Strangers,
        changes: &[RemoteChange],
    ) -> Result<Self, StoreError> {
        let mut rows = Self::default();
        rows.gather_known(transaction, link, changes).await?;
        rows.gather_meetings(transaction, link, strangers, changes).await?;
        for series in rows.series_that_may_go(changes) {
            rows.gather_overrides(transaction, link, series, |_| true).await?;
        }
        for series in rows.series_that_change(changes) {
            rows.gather_overrides(transaction, link, series, is_alive).await?;
        }
        rows.gather_said(transaction).await?;
        Ok(rows)
    }

    /// What this link already has under the ids that the page names.
    async fn gather_known(
        &mut self,
        transaction: &mut Transaction,
        link: &Link,
        changes: &[RemoteChange],
    ) -> Result<(), StoreError> {
        let mut ids = BTreeSet::new();
        for change in changes {
            match change {
                RemoteChange::Present(remote) => {
                    ids.insert(remote.id.clone());
                    ids.extend(remote.occurrence_of.iter().map(|occurrence| occurrence.series.clone()));
                }
                RemoteChange::Removed { id }
                | RemoteChange::Complete { series: id, .. }
                | RemoteChange::Unreadable { id: Some(id), .. } => {
                    ids.insert(id.clone());
                }
                RemoteChange::Unreadable { id: None, .. } => {}
            }
        }
        let ids: Vec<_> = ids.into_iter().collect();
        let syncs = transaction.event_syncs_by_external(link.id, &ids).await?;
        let known: Vec<_> = syncs.values().map(|row| row.event_id).collect();
        for event in transaction.events_by_ids(&known).await?.into_values() {
            self.add_event(event);
        }
        for row in syncs.into_values() {
            self.add_sync(row);
        }
        Ok(())
    }

    /// What we may have under another name: our own mark, the occurrence of a series, the iCalendar UID, or the looks.
    async fn gather_meetings(
        &mut self,
        transaction: &mut Transaction,
        link: &Link,
        strangers: &Strangers,
        changes: &[RemoteChange],
    ) -> Result<(), StoreError> {
        let (mut marked, mut occurrences, mut uids) = (Vec::new(), Vec::new(), Vec::new());
        let mut alike = Vec::new();
        for remote in
            changes.iter().filter_map(present).filter(|remote| !self.by_external.contains_key(&remote.id))
        {
            let own = remote.marker.iter().filter(|marker| marker.identity.link == link.id.uuid());
            marked.extend(own.map(|marker| marker.identity.event_id));
            if let Some(occurrence) = &remote.occurrence_of {
                let series = self.by_external.get(&occurrence.series);
                let original_start = occurrence.original_start;
                occurrences.extend(series.map(|&series_id| OccurrenceKey { series_id, original_start }));
            } else {
                uids.extend(remote.uid.as_deref());
                if !strangers.is_empty() {
                    let likeness = likeness(&remote.content);
                    alike
                        .extend(likeness.and_then(|likeness| strangers.get(&likeness)).into_iter().flatten());
                }
            }
        }
        let marked = transaction.events_by_ids(&marked).await?.into_values();
        let overrides = transaction.overrides_of(&occurrences).await?;
        let alike = transaction.events_by_ids(&alike).await?.into_values();
        // Last, so that a UID leads to them and not to what was met under another name.
        let named = transaction.events_by_uids(link.calendar_id, &uids).await?.into_values();
        self.add_with_syncs(transaction, link, marked.chain(overrides).chain(alike).chain(named).collect())
            .await
    }

    /// What those events have said here that the remote may have made for us without our hearing of it.
    async fn gather_said(&mut self, transaction: &mut Transaction) -> Result<(), StoreError> {
        for row in self.syncs.values().filter(|row| may_be_there(row)) {
            let Some(event) = self.events.get(&row.event_id) else { continue };
            let changes = transaction.history_of(event.id, CHANGES).await?;
            self.said.insert(event.id, said_since(changes, Some(event.clone()), Revision(0)));
        }
        Ok(())
    }

    /// Adds events with their rows at the link.
    async fn add_with_syncs(
        &mut self,
        transaction: &mut Transaction,
        link: &Link,
        events: Vec<Event>,
    ) -> Result<(), StoreError> {
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        for row in transaction.event_syncs_at(link.id, &ids).await?.into_values() {
            self.add_sync(row);
        }
        events.into_iter().for_each(|event| self.add_event(event));
        Ok(())
    }

    /// Series whose overrides may have to go, or to come back, with them.
    fn series_that_may_go(&self, changes: &[RemoteChange]) -> BTreeSet<EventId> {
        let named = changes.iter().filter_map(|change| match change {
            RemoteChange::Removed { id } | RemoteChange::Complete { series: id, .. } => {
                self.by_external.get(id).map(|event| (*event, true))
            }
            RemoteChange::Present(remote) => {
                // An edited occurrence brings back its series.
                let id = remote.occurrence_of.as_ref().map_or(&remote.id, |occurrence| &occurrence.series);
                self.by_external.get(id).map(|event| (*event, false))
            }
            RemoteChange::Unreadable { .. } => None,
        });
        named
            .filter_map(|(id, is_removal)| self.events.get(&id).map(|event| (event, is_removal)))
            .filter(|(event, is_removal)| *is_removal || event.deleted_at.is_some())
            .filter(|(event, _)| event.content.recurrence.is_some())
            .map(|(event, _)| event.id)
            .collect()
    }

    /// Series that say something else than when both sides last agreed, which their overrides may have to follow.
    fn series_that_change(&self, changes: &[RemoteChange]) -> BTreeSet<EventId> {
        let known = changes.iter().filter_map(present).filter(|remote| remote.content.recurrence.is_some());
        let known = known.filter_map(|remote| Some((remote, *self.by_external.get(&remote.id)?)));
        known
            .filter(|(remote, id)| {
                self.sync(*id).is_some_and(|row| row.remote_version.as_ref() != Some(&remote.version))
            })
            .map(|(_, id)| id)
            .collect()
    }

    async fn gather_overrides(
        &mut self,
        transaction: &mut Transaction,
        link: &Link,
        series: EventId,
        is_meant: fn(&Event) -> bool,
    ) -> Result<(), StoreError> {
        let mut overrides = transaction.overrides(series).await?;
        overrides.retain(|event| is_meant(event) && !self.events.contains_key(&event.id));
        self.add_with_syncs(transaction, link, overrides).await
    }

    /// Notes the events that left another calendar of the account, under the ids by which they come back.
    pub(crate) fn expect(&mut self, returning: BTreeMap<ExternalId, Departure>) {
        self.returning = returning;
    }

    /// The event that left another calendar of the account under this id.
    pub(crate) fn returning(&self, id: &ExternalId) -> Option<Departure> {
        self.returning.get(id).copied()
    }

    /// Adds an event, or replaces it.
    pub(crate) fn add_event(&mut self, event: Event) {
        match &event.occurrence_of {
            Some(key) => {
                self.by_occurrence.insert((key.series_id, key.original_start.key()), event.id);
            }
            None => {
                self.by_uid.insert(event.uid.clone(), event.id);
            }
        }
        self.events.insert(event.id, event);
    }

    /// Adds a row of the link, or replaces it.
    pub(crate) fn add_sync(&mut self, row: EventSync) {
        if let Some(external) = &row.external_id {
            self.by_external.insert(external.clone(), row.event_id);
        }
        self.syncs.insert(row.event_id, row);
    }

    /// Forgets the row of an event at the link.
    pub(crate) fn drop_sync(&mut self, event: EventId) {
        if let Some(row) = self.syncs.remove(&event)
            && let Some(external) = &row.external_id
        {
            self.by_external.remove(external);
        }
    }

    pub(crate) fn event(&self, id: EventId) -> Option<&Event> {
        self.events.get(&id)
    }

    pub(crate) fn sync(&self, event: EventId) -> Option<&EventSync> {
        self.syncs.get(&event)
    }

    pub(crate) fn by_external(&self, id: &ExternalId) -> Option<EventId> {
        self.by_external.get(id).copied()
    }

    pub(crate) fn by_uid(&self, uid: &str) -> Option<EventId> {
        self.by_uid.get(uid).copied()
    }

    /// What an event has said here, the oldest first, if the remote may have it from us without our knowing.
    pub(super) fn said(&self, event: EventId) -> &[EventContent] {
        self.said.get(&event).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn by_occurrence(&self, series: EventId, original_start: &OriginalStart) -> Option<EventId> {
        self.by_occurrence.get(&(series, original_start.key())).copied()
    }

    /// The overrides of a series, by original start.
    pub(crate) fn overrides(&self, series: EventId) -> Vec<EventId> {
        let from = (series, String::new());
        self.by_occurrence
            .range(from..)
            .take_while(|((owner, _), _)| *owner == series)
            .map(|(_, id)| *id)
            .collect()
    }
}

fn present(change: &RemoteChange) -> Option<&RemoteEvent> {
    match change {
        RemoteChange::Present(remote) => Some(remote),
        RemoteChange::Removed { .. } | RemoteChange::Complete { .. } | RemoteChange::Unreadable { .. } => {
            None
        }
    }
}
