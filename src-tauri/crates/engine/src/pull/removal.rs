//! What becomes of an event that the remote does not have any more: it goes here as well, a series with all that
//! belongs to it, unless somebody has edited it here.

use synodic_model::reconcile::{Decision, Question, Side, reconcile};
use synodic_model::sync::{EventSync, EventSyncStatus, Operation};
use synodic_model::{Event, EventContent, EventId, ExternalId, FieldSet, Revision};

use super::plan::{Plan, is_edited};
use crate::departed::Departure;

impl Plan<'_> {
    /// The remote does not have the event any more.
    pub(super) fn absent(&mut self, external: &ExternalId) {
        let Some(id) = self.rows.by_external(external) else { return };
        let (Some(event), Some(row)) = (self.rows.event(id).cloned(), self.rows.sync(id).cloned()) else {
            return;
        };
        let is_gone = self.is_gone(id);
        // What the remote held in another form, or with less in it, is no edit.
        let is_sent = row.status == EventSyncStatus::Synced && !is_edited(&event, &row);
        let local = row.base.as_ref().filter(|_| is_sent).unwrap_or(&event.content);
        let decision = reconcile(&Question {
            base: self.taken_back(&event, &row, external).or(row.base.as_ref()),
            local: if is_gone { Side::Deleted } else { Side::Present(local) },
            remote: Side::Deleted,
            expressible: self.terms.expressible,
            policy: self.terms.policy,
            local_edited_at: event.updated_at + self.terms.skew,
            remote_edited_at: None,
        });
        let takes_edits = self.terms.link.direction.pushes();
        if !self.terms.link.direction.pulls() && !is_gone {
            return self.restore_remote(id);
        }
        if self.terms.keeps_missing && !is_gone {
            return if takes_edits { self.restore_remote(id) } else { self.let_go(id) };
        }
        if takes_edits && !is_gone && self.terms.deletions_in_doubt.contains(external) {
            // It was our own deletion, which was taken back before we heard of it.
            return self.restore_remote(id);
        }
        let survives = match decision {
            Decision::RestoreRemote => true,
            Decision::DeleteLocal => self.has_unsent_overrides(id),
            _ => false,
        };
        if survives {
            self.conflict(&event, row.base, None, FieldSet::NONE);
            // Whoever deleted it where nothing is sent has not seen the edit: it stays here and where else it is kept.
            if takes_edits { self.restore_remote(id) } else { self.let_go(id) }
        } else if is_gone {
            self.forget(id);
        } else {
            self.delete_local(&event);
        }
    }

    /// What the remote may have had of an event from us without our knowing, and says no more here. Whoever deleted the event
    /// has seen that, and not what was put in its place.
    fn taken_back(&self, event: &Event, row: &EventSync, external: &ExternalId) -> Option<&EventContent> {
        let tried = self.terms.in_doubt.get(external).filter(|_| is_edited(event, row))?;
        let is_said = |tried: &EventContent| {
            FieldSet::differing(self.terms.expressible, tried, &event.content).is_empty()
        };
        tried.iter().rev().find(|tried| !is_said(tried))
    }

    /// The remote has no other occurrences of a series that differ from it than these.
    pub(super) fn let_occurrences_go(&mut self, series: &ExternalId, occurrences: &[ExternalId]) {
        let Some(series) = self.rows.by_external(series) else { return };
        for id in self.rows.overrides(series) {
            let Some(row) = self.rows.sync(id) else { continue };
            // What was written since it was asked could not be named.
            let is_newer = row.last_synced_at.is_some_and(|at| at >= self.terms.asked_at);
            if let Some(external) =
                row.external_id.clone().filter(|id| !is_newer && !occurrences.contains(id))
            {
                self.absent(&external);
            }
        }
    }

    /// Lets an event stay that the remote does not have any more, and has nothing to do with from now on.
    fn let_go(&mut self, event: EventId) {
        for id in self.rows.overrides(event).into_iter().chain([event]) {
            if self.rows.sync(id).is_some() {
                self.rows.drop_sync(id);
                self.changed_syncs.remove(&id);
                self.dropped_syncs.insert(id);
            }
        }
    }

    /// Deletes an event here, a series with all its overrides.
    fn delete_local(&mut self, event: &Event) {
        let external = self.rows.sync(event.id).and_then(|row| row.external_id.clone());
        if let Some(external) = external.filter(|_| event.occurrence_of.is_none()) {
            let departure = Departure { event: event.id, created_at: event.created_at, at: self.terms.now };
            self.departed.push((external, departure));
        }
        for id in self.rows.overrides(event.id).into_iter().chain([event.id]) {
            let Some(mut gone) = self.rows.event(id).cloned() else { continue };
            if gone.deleted_at.is_none() {
                gone.deleted_at = Some(self.terms.now);
                gone.revision = gone.revision.next();
                gone.updated_at = self.terms.now;
                self.rows.add_event(gone);
                self.changed_events.insert(id);
            }
            self.forget(id);
            self.spread.insert(id, Operation::Delete);
        }
        self.tally.deleted += 1;
    }

    /// Forgets that the remote had an event, which is gone here as well.
    fn forget(&mut self, id: EventId) {
        for id in self.rows.overrides(id).into_iter().chain([id]) {
            if self.rows.sync(id).is_some() {
                self.rows.drop_sync(id);
                self.changed_syncs.remove(&id);
                self.dropped_syncs.insert(id);
            }
            self.send.remove(&id);
            if self.rows.event(id).is_some_and(|event| event.deleted_at.is_some()) {
                self.removed.insert(id);
            }
        }
    }

    /// The event was deleted there but edited here: it is created there again, a series with its overrides.
    fn restore_remote(&mut self, event: EventId) {
        for id in self.rows.overrides(event).into_iter().chain([event]) {
            if self.is_gone(id) {
                continue;
            }
            let Some(mut row) = self.rows.sync(id).cloned() else { continue };
            self.rows.drop_sync(id);
            row.external_id = None;
            row.remote_version = None;
            row.base = None;
            row.local_version = Revision(0);
            row.status = EventSyncStatus::Pending;
            row.incarnation += 1;
            self.rows.add_sync(row);
            self.changed_syncs.insert(id);
            self.send.insert(id, Operation::Upsert);
        }
    }

    /// Whether occurrences of a series were edited of which the remote has not heard.
    fn has_unsent_overrides(&self, series: EventId) -> bool {
        self.rows.overrides(series).into_iter().any(|id| {
            let Some(event) = self.rows.event(id).filter(|event| event.deleted_at.is_none()) else {
                return false;
            };
            // Where nothing is sent there is no row of what was edited elsewhere.
            let Some(row) = self.rows.sync(id) else { return !self.terms.link.direction.pushes() };
            let differs = row.base.as_ref().is_none_or(|base| {
                !FieldSet::differing(self.terms.expressible, base, &event.content).is_empty()
            });
            row.external_id.is_none() || (is_edited(event, row) && differs)
        })
    }
}
