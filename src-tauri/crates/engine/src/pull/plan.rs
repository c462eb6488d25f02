//! What a page of changes comes to: a pure function of the page and of the rows that it concerns.
//!
//! Every change is met with what the replica has ([`Plan::meet`]), compared ([`Sides::decide`]), and the decision noted as
//! rows to be written and edits to be sent. Nothing is read or written here, so a plan can be tested by the thousand,
//! and a plan that would remove too much can be thrown away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::history::RunKey;
use synodic_model::matching::{Likeness, likeness};
use synodic_model::reconcile::{Decision, Policy, overlay};
use synodic_model::sync::{ConflictData, EventSync, EventSyncStatus, Link, Operation, ProviderKind};
use synodic_model::{
    Event, EventContent, EventId, EventStatus, ExternalId, FieldSet, OccurrenceKey, RemoteVersion, Revision,
};
use synodic_providers::{RemoteChange, RemoteEvent, recognise};

use super::decide::{Sides, with_extras};
use super::occurrence::cancelled_occurrence;
use super::rows::Rows;
use crate::departed::Departure;
use crate::edit::access::mark_read_only;
use crate::review::NAMED;

/// What all decisions of one plan have in common.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// The link that the changes come over.
    pub(crate) link: Link,
    /// The service behind it.
    pub(crate) provider: ProviderKind,
    /// The fields that it can hold.
    pub(crate) expressible: FieldSet,
    /// Who wins where both sides changed the same.
    pub(crate) policy: Policy,
    /// How far the service's clock is ahead of ours.
    pub(crate) skew: TimeDelta,
    /// Whether what is missing at the remote stays here, because the person has said so.
    pub(crate) keeps_missing: bool,
    /// What may be met by its looks.
    pub(crate) strangers: Arc<Strangers>,
    /// What the remote may have taken from us without our knowing.
    pub(crate) in_doubt: BTreeMap<ExternalId, Vec<EventContent>>,
    /// What the remote may have deleted for us without our knowing.
    pub(crate) deletions_in_doubt: BTreeSet<ExternalId>,
    /// The pull, if it is one that goes on from an earlier one.
    pub(crate) run: Option<RunKey>,
    /// When what is judged was asked for.
    pub(crate) asked_at: DateTime<Utc>,
    /// Now.
    pub(crate) now: DateTime<Utc>,
}

/// Events that the remote is not known to have, by what they look like.
pub(crate) type Strangers = BTreeMap<Likeness, Vec<EventId>>;

/// What a page did, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) created: u32,
    pub(crate) updated: u32,
    pub(crate) deleted: u32,
    pub(crate) conflicts: u32,
    pub(crate) unreadable: u32,
}

impl Tally {
    /// Adds what another page did.
    pub(crate) const fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.deleted += other.deleted;
        self.conflicts += other.conflicts;
        self.unreadable += other.unreadable;
    }

    /// Whether the replica changed.
    pub(crate) const fn has_changes(&self) -> bool {
        self.created + self.updated + self.deleted > 0
    }
}

/// Rows to be written, edits to be sent, and what has to wait.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(super) terms: &'a Terms,
    pub(super) rows: Rows,
    pub(super) changed_events: BTreeSet<EventId>,
    pub(super) changed_syncs: BTreeSet<EventId>,
    /// Rows of this link that are to go.
    pub(crate) dropped_syncs: BTreeSet<EventId>,
    /// Events that are to go as soon as no other remote has them.
    pub(crate) removed: BTreeSet<EventId>,
    /// What this link's remote has to hear.
    pub(crate) send: BTreeMap<EventId, Operation>,
    /// What the remotes of the calendar's other links have to hear.
    pub(crate) spread: BTreeMap<EventId, Operation>,
    /// Events that are to go and may come back in another calendar.
    pub(crate) departed: Vec<(ExternalId, Departure)>,
    /// Overrides of series that are not known yet.
    pub(crate) held: Vec<RemoteEvent>,
    /// Events over which both sides disagreed, and what each said.
    pub(crate) conflicts: BTreeMap<EventId, ConflictData>,
    /// Events that are new here.
    created: BTreeSet<EventId>,
    /// Series that say something else now, and what they said before.
    pub(super) reworded: Vec<(EventId, EventContent)>,
    /// Events that both sides had changed.
    pub(crate) merged: BTreeSet<EventId>,
    pub(crate) tally: Tally,
}

/// Plans what becomes of `changes`. `new_id` makes ids for events that are new here.
pub(crate) fn plan<'a>(
    terms: &'a Terms,
    rows: Rows,
    changes: Vec<RemoteChange>,
    new_id: &mut dyn FnMut() -> EventId,
) -> Plan<'a> {
    let mut plan = Plan {
        terms,
        rows,
        changed_events: BTreeSet::new(),
        changed_syncs: BTreeSet::new(),
        dropped_syncs: BTreeSet::new(),
        removed: BTreeSet::new(),
        send: BTreeMap::new(),
        spread: BTreeMap::new(),
        departed: Vec::new(),
        held: Vec::new(),
        conflicts: BTreeMap::new(),
        created: BTreeSet::new(),
        reworded: Vec::new(),
        merged: BTreeSet::new(),
        tally: Tally::default(),
    };
    // A series may stand behind its overrides on the page.
    let (overrides, others): (Vec<_>, Vec<_>) = changes.into_iter().partition(
        |change| matches!(change, RemoteChange::Present(remote) if remote.occurrence_of.is_some()),
    );
    let mut complete = Vec::new();
    for change in others.into_iter().chain(overrides) {
        match change {
            RemoteChange::Present(remote) => plan.present(*remote, new_id),
            RemoteChange::Removed { id } => plan.absent(&id),
            RemoteChange::Complete { series, occurrences } => complete.push((series, occurrences)),
            RemoteChange::Unreadable { id, .. } => plan.unreadable(id.as_ref()),
        }
    }
    for (series, occurrences) in complete {
        plan.let_occurrences_go(&series, &occurrences);
    }
    plan.pass_on();
    plan
}

impl Plan<'_> {
    /// The events to be written.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.changed_events.iter().filter_map(|id| self.rows.event(*id).cloned()).collect()
    }

    /// The link's rows to be written.
    pub(crate) fn syncs(&self) -> Vec<EventSync> {
        self.changed_syncs.iter().filter_map(|id| self.rows.sync(*id).cloned()).collect()
    }

    /// Whether the replica did not have the event.
    pub(crate) fn is_new(&self, id: EventId) -> bool {
        self.created.contains(&id)
    }

    /// The titles of what is deleted here.
    pub(crate) fn removed_titles(&self) -> Vec<String> {
        let events = self.changed_events.iter().filter_map(|id| self.rows.event(*id));
        let removed = events.filter(|event| event.deleted_at.is_some() && event.occurrence_of.is_none());
        removed.map(|event| event.content.title.clone()).take(NAMED).collect()
    }

    /// Counts what cannot be read. It is there all the same, so what we have of it is not missing from a listing.
    fn unreadable(&mut self, id: Option<&ExternalId>) {
        self.tally.unreadable += 1;
        if let Some(known) = id.and_then(|id| self.rows.by_external(id)) {
            self.update_sync(known, |_| {});
        }
    }

    fn present(&mut self, remote: RemoteEvent, new_id: &mut dyn FnMut() -> EventId) {
        match self.meet(&remote) {
            Some(event) => self.compare(event, remote),
            None => self.take_new(remote, new_id),
        }
    }

    /// Finds the event that `remote` is, by its id there, our own mark, its place in a series, its UID, or, before the
    /// first pull has reached its end, its looks. An event that this remote has under another id is not met: the remote
    /// holds a second one.
    fn meet(&self, remote: &RemoteEvent) -> Option<EventId> {
        if let Some(known) = self.rows.by_external(&remote.id) {
            return Some(known);
        }
        let marked = remote
            .marker
            .as_ref()
            .filter(|marker| marker.identity.link == self.terms.link.id.uuid())
            .filter(|marker| {
                let row = self.rows.sync(marker.identity.event_id);
                row.is_none_or(|row| row.incarnation == marker.identity.incarnation)
            })
            .map(|marker| marker.identity.event_id);
        let named = match &remote.occurrence_of {
            Some(occurrence) => self
                .rows
                .by_external(&occurrence.series)
                .and_then(|series| self.rows.by_occurrence(series, &occurrence.original_start)),
            None => remote.uid.as_deref().and_then(|uid| self.rows.by_uid(uid)),
        };
        let alike = self.alike(remote);
        marked.into_iter().chain(named).chain(alike).find(|id| {
            self.rows.event(*id).is_some() && self.rows.sync(*id).is_none_or(|row| row.external_id.is_none())
        })
    }

    /// The strangers that look like `remote` and are still there.
    fn alike(&self, remote: &RemoteEvent) -> Vec<EventId> {
        if self.terms.strangers.is_empty() || remote.occurrence_of.is_some() {
            return Vec::new();
        }
        let alike = likeness(&remote.content).and_then(|likeness| self.terms.strangers.get(&likeness));
        alike.into_iter().flatten().copied().filter(|id| !self.is_gone(*id)).collect()
    }

    /// Takes in what the replica does not have.
    fn take_new(&mut self, remote: RemoteEvent, new_id: &mut dyn FnMut() -> EventId) {
        let mut deleted_at = None;
        let series = match &remote.occurrence_of {
            None => None,
            Some(occurrence) => {
                let Some(series) = self.rows.by_external(&occurrence.series) else {
                    self.held.push(remote);
                    return;
                };
                let is_called_off = remote.content.status == EventStatus::Cancelled;
                if self.is_deleted(series) && !is_called_off && !self.bring_back(series) {
                    return;
                }
                // That one of its occurrences is off as well is kept in case that the series comes back.
                deleted_at = self.rows.event(series).and_then(|series| series.deleted_at);
                Some(OccurrenceKey { series_id: series, original_start: occurrence.original_start })
            }
        };
        let content = self.content(&remote, None, series);
        let departure = self.rows.returning(&remote.id).filter(|_| series.is_none());
        let marked = remote
            .marker
            .as_ref()
            .map(|marker| &marker.identity)
            .filter(|identity| identity.link == self.terms.link.id.uuid())
            .map(|identity| identity.event_id);
        let id = departure
            .map(|departure| departure.event)
            .or(marked)
            .filter(|id| self.rows.event(*id).is_none())
            .unwrap_or_else(new_id);
        let uid = series
            .and_then(|key| self.rows.event(key.series_id))
            .map(|master| master.uid.clone())
            .or_else(|| remote.uid.clone())
            .unwrap_or_else(|| format!("{id}@synodic"));
        // What was said of one of its occurrences goes where a series has gone.
        let calendar_id = series
            .and_then(|key| self.rows.event(key.series_id))
            .map_or(self.terms.link.calendar_id, |series| series.calendar_id);
        self.rows.add_event(Event {
            id,
            calendar_id,
            uid,
            occurrence_of: series,
            content: content.clone(),
            revision: Revision(1),
            created_at: departure.map_or(self.terms.now, |departure| departure.created_at),
            updated_at: remote.updated_at.unwrap_or(self.terms.now),
            deleted_at,
        });
        self.changed_events.insert(id);
        self.agree(id, &remote.id, content, remote.version);
        if deleted_at.is_none() {
            if !self.is_off_without_place(id) {
                self.spread.insert(id, Operation::Upsert);
            }
            self.created.insert(id);
            self.tally.created += 1;
        }
        if deleted_at.is_none() && self.is_elsewhere(id) {
            self.send.insert(id, Operation::Delete);
        }
    }

    /// Compares what both sides have.
    fn compare(&mut self, id: EventId, remote: RemoteEvent) {
        let Some(event) = self.rows.event(id).cloned() else { return };
        let row = self.rows.sync(id).cloned();
        if let Some(row) = &row
            && row.external_id.as_ref() == Some(&remote.id)
            && row.remote_version.as_ref() == Some(&remote.version)
        {
            self.update_sync(id, |_| {});
            return;
        }
        let is_gone = self.is_gone(id);
        let content = self.content(&remote, Some(&event), event.occurrence_of);
        let made = self.base_of_creation(&event, row.as_ref(), remote.marker.as_ref(), &content);
        let is_made = made.is_some();
        let base = made.or_else(|| self.base(&event, row.as_ref(), &remote.id, &content));
        let there = There { id: remote.id, version: remote.version, content, updated_at: remote.updated_at };
        if !self.terms.link.direction.pulls() {
            // What happens there is not taken; the next write goes on from it.
            self.disagree(id, &there);
            self.send.insert(id, if is_gone { Operation::Delete } else { Operation::Upsert });
            return;
        }
        let sides = Sides {
            event: &event,
            is_gone: event.deleted_at.is_some(),
            is_edited: is_made || row.as_ref().is_none_or(|row| is_edited(&event, row)),
            skew: self.terms.skew,
            now: self.terms.now,
            base: base.as_ref(),
            remote: &there.content,
            remote_edited_at: there.updated_at,
        };
        let decision = sides.decide(self.terms.expressible, self.terms.policy);
        if self.is_elsewhere(id) && !self.is_deleted(id) {
            self.hear(&event, decision, base.as_ref(), &there);
        } else {
            self.carry_out(&event, decision, base.as_ref(), &there);
        }
    }

    /// Notes what a decision about an event that is at the remote comes to.
    fn carry_out(&mut self, event: &Event, decision: Decision, base: Option<&EventContent>, there: &There) {
        let id = event.id;
        match decision {
            Decision::Nothing | Decision::Agree => {
                self.agree(id, &there.id, there.content.clone(), there.version.clone());
            }
            Decision::TakeRemote { content } => {
                self.change_event(id, with_extras(content, base, &there.content), there.updated_at);
                self.agree(id, &there.id, there.content.clone(), there.version.clone());
            }
            Decision::KeepLocal => self.keep_local(id, there, Operation::Upsert),
            Decision::DeleteRemote => self.keep_local(id, there, Operation::Delete),
            Decision::Merge { content, push, conflicting } => {
                self.merged.insert(id);
                if !conflicting.is_empty() {
                    self.conflict(event, base.cloned(), Some(there.content.clone()), conflicting);
                }
                self.change_event(id, with_extras(content, base, &there.content), None);
                if push.is_empty() {
                    self.agree(id, &there.id, there.content.clone(), there.version.clone());
                } else {
                    self.disagree(id, there);
                    self.send.insert(id, Operation::Upsert);
                }
            }
            Decision::RestoreLocal { content } => {
                let content = overlay(&event.content, &content, self.terms.expressible);
                self.conflict(event, base.cloned(), Some(there.content.clone()), FieldSet::NONE);
                self.change_event(id, with_extras(content, base, &there.content), there.updated_at);
                self.undelete(id);
                if let Some(key) = event.occurrence_of {
                    self.bring_back(key.series_id);
                }
                self.agree(id, &there.id, there.content.clone(), there.version.clone());
            }
            // These are decisions about an event that is not at the remote.
            Decision::DeleteLocal | Decision::RestoreRemote | Decision::Forget => {
                debug_assert!(false, "the remote has the event");
            }
        }
    }

    /// Only the replica changed: the queue brings the remote up to it. Should nothing be queued, now it is.
    fn keep_local(&mut self, id: EventId, there: &There, operation: Operation) {
        let was_synced = self.rows.sync(id).is_some_and(|row| row.status == EventSyncStatus::Synced);
        self.disagree(id, there);
        if was_synced {
            self.send.insert(id, operation);
        }
    }

    /// Whether the event was deleted here, or moved to a calendar that this link has nothing to do with.
    pub(super) fn is_gone(&self, id: EventId) -> bool {
        self.rows.event(id).is_none_or(|event| {
            event.deleted_at.is_some() || event.calendar_id != self.terms.link.calendar_id
        })
    }

    /// Whether the event was deleted, in whichever calendar.
    pub(super) fn is_deleted(&self, id: EventId) -> bool {
        self.rows.event(id).is_none_or(|event| event.deleted_at.is_some())
    }

    /// Whether the event is not in the calendar that this link is for.
    pub(super) fn is_elsewhere(&self, id: EventId) -> bool {
        self.rows.event(id).is_none_or(|event| event.calendar_id != self.terms.link.calendar_id)
    }

    /// What the remote's event says, with what it leaves out filled in.
    fn content(
        &self,
        remote: &RemoteEvent,
        known: Option<&Event>,
        key: Option<OccurrenceKey>,
    ) -> EventContent {
        let mut content = match key {
            Some(key) if remote.content.status == EventStatus::Cancelled => {
                let base = known.and_then(|event| self.rows.sync(event.id)).and_then(|row| row.base.as_ref());
                base.or(known.map(|event| &event.content)).map_or_else(
                    || {
                        self.rows.event(key.series_id).map_or_else(
                            || remote.content.clone(),
                            |master| cancelled_occurrence(&master.content, &key.original_start),
                        )
                    },
                    |content| EventContent { status: EventStatus::Cancelled, ..content.clone() },
                )
            }
            _ => {
                let base = known.and_then(|event| self.rows.sync(event.id)).and_then(|row| row.base.as_ref());
                let mut content = remote.content.clone();
                if let Some(known) = base.or(known.map(|event| &event.content)) {
                    recognise(self.terms.provider, &self.terms.link.settings, known, &mut content);
                }
                content
            }
        };
        mark_read_only(&mut content, self.terms.provider, remote.read_only);
        content
    }
}

/// The remote's side of a comparison.
pub(super) struct There {
    pub(super) id: ExternalId,
    pub(super) version: RemoteVersion,
    pub(super) content: EventContent,
    pub(super) updated_at: Option<DateTime<Utc>>,
}

/// Whether an event was edited here since both sides agreed. It may differ from what they agreed on although it was not:
/// the remote may hold it in another form, or with less in it.
pub(super) fn is_edited(event: &Event, row: &EventSync) -> bool {
    let is_open = row.conflict_data.as_ref().is_some_and(|data| data.open);
    is_open || row.local_version != event.revision
}

#[cfg(test)]
mod tests;
