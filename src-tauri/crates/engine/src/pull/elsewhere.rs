//! What becomes of an edit that was made where an event was before it was moved to another calendar: it is heard where the
//! event is now.

use synodic_model::reconcile::{Decision, overlay};
use synodic_model::sync::{EventSyncStatus, Operation};
use synodic_model::{Event, EventContent, FieldSet};

use super::decide::with_extras;
use super::plan::{Plan, There};

impl Plan<'_> {
    /// Takes what was said here of an event that is in another calendar by now: it is heard there, beside what was edited
    /// before the event left, and the event goes here all the same.
    pub(super) fn hear(
        &mut self,
        event: &Event,
        decision: Decision,
        base: Option<&EventContent>,
        there: &There,
    ) {
        let (content, conflicting) = match decision {
            Decision::TakeRemote { content } => (content, None),
            Decision::Merge { content, conflicting, .. } => {
                (content, Some(conflicting).filter(|fields| !fields.is_empty()))
            }
            // It was called off before it left.
            Decision::RestoreLocal { content } => {
                (overlay(&event.content, &content, self.terms.expressible), Some(FieldSet::NONE))
            }
            Decision::Nothing
            | Decision::KeepLocal
            | Decision::Agree
            | Decision::DeleteLocal
            | Decision::DeleteRemote
            | Decision::RestoreRemote
            | Decision::Forget => (event.content.clone(), None),
        };
        if let Some(fields) = conflicting {
            self.merged.insert(event.id);
            self.conflict(event, base.cloned(), Some(there.content.clone()), fields);
        }
        self.change_event(event.id, with_extras(content, base, &there.content), there.updated_at);
        if !self.terms.link.direction.pushes() {
            // It stays there, and nothing is sent.
            return self.agree(event.id, &there.id, there.content.clone(), there.version.clone());
        }
        let is_queued = self.rows.sync(event.id).is_some_and(|row| row.status != EventSyncStatus::Synced);
        self.disagree(event.id, there);
        if !is_queued {
            self.send.insert(event.id, Operation::Delete);
        }
    }
}
