//! The decision about one event that a remote has: [`reconcile`], and what an occurrence adds to it.

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::reconcile::{Decision, Policy, Question, Side, reconcile, take_extras};
use synodic_model::{Event, EventContent, EventStatus, Field, FieldSet};

/// How far in the future an edit may seem to be made because clocks are corrected by a little all the time.
const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// Both sides of an event that the remote has, and what they have agreed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'a> {
    pub(super) event: &'a Event,
    /// Whether it was deleted here.
    pub(super) is_gone: bool,
    /// Whether it was edited here since both sides agreed.
    pub(super) is_edited: bool,
    pub(super) base: Option<&'a EventContent>,
    pub(super) remote: &'a EventContent,
    pub(super) remote_edited_at: Option<DateTime<Utc>>,
    /// How far the remote's clock is ahead of ours.
    pub(super) skew: TimeDelta,
    /// What our clock shows.
    pub(super) now: DateTime<Utc>,
}

impl Sides<'_> {
    /// Decides what is to become of both.
    pub(super) fn decide(&self, expressible: FieldSet, policy: Policy) -> Decision {
        match self.base {
            Some(base) if !self.is_edited && !self.is_gone => self.unedited(base, expressible),
            _ => self.in_terms_of_occurrences(self.reconcile(expressible, policy)),
        }
    }

    /// Nobody has edited the event here: what changed there is taken. The replica may still hold a value in a form
    /// that the remote has rounded off; that is not an edit, and stays.
    fn unedited(&self, base: &EventContent, expressible: FieldSet) -> Decision {
        let changed = FieldSet::differing(expressible, base, self.remote);
        if changed.is_empty() && base.extras == self.remote.extras {
            return Decision::Nothing;
        }
        let mut content = self.event.content.clone();
        changed.iter().for_each(|field| field.copy(self.remote, &mut content));
        if changed.contains(Field::Attendees) {
            self.keep_guests(base, &mut content);
        }
        Decision::TakeRemote { content }
    }

    /// A copy that invites nobody does not know whom the event invites elsewhere.
    fn keep_guests(&self, base: &EventContent, content: &mut EventContent) {
        if base.attendees.is_empty() {
            content.attendees.extend(self.event.content.attendees.iter().cloned());
            content.canonicalize();
        }
    }

    /// Calling an occurrence off is how it is deleted, so an edit survives it like any other deletion.
    fn reconcile(&self, expressible: FieldSet, policy: Policy) -> Decision {
        let side = |is_deleted, content| if is_deleted { Side::Deleted } else { Side::Present(content) };
        let mut decision = reconcile(&Question {
            base: self.base,
            local: side(self.is_gone || self.is_called_off(&self.event.content), &self.event.content),
            remote: side(self.is_called_off(self.remote), self.remote),
            expressible,
            policy,
            local_edited_at: self.local_edited_at(),
            remote_edited_at: self.remote_edited_at,
        });
        if let (Decision::RestoreLocal { content }, Some(base)) = (&mut decision, self.base) {
            self.keep_guests(base, content);
        }
        decision
    }

    /// When the event was edited here, by the remote's clock. What was edited while our clock was ahead cannot have been
    /// edited then, and nobody knows when it was.
    fn local_edited_at(&self) -> DateTime<Utc> {
        if self.event.updated_at > self.now + AHEAD {
            return DateTime::<Utc>::MIN_UTC;
        }
        self.event.updated_at + self.skew
    }

    fn is_called_off(&self, content: &EventContent) -> bool {
        self.event.occurrence_of.is_some() && content.status == EventStatus::Cancelled
    }

    /// An occurrence that is called off is still there, on both sides, with a status that says so.
    fn in_terms_of_occurrences(&self, decision: Decision) -> Decision {
        if self.event.occurrence_of.is_none() {
            return decision;
        }
        match decision {
            Decision::Forget if !self.is_gone => Decision::Agree,
            // Here the occurrence shall be as the series makes it.
            Decision::Forget => Decision::DeleteRemote,
            Decision::DeleteRemote if !self.is_gone => Decision::KeepLocal,
            Decision::DeleteLocal => Decision::TakeRemote {
                content: EventContent { status: EventStatus::Cancelled, ..self.event.content.clone() },
            },
            Decision::RestoreRemote | Decision::KeepLocal if self.is_called_off(self.remote) => {
                let status = FieldSet::NONE.with(Field::Status);
                Decision::Merge { content: self.event.content.clone(), push: status, conflicting: status }
            }
            Decision::Nothing
            | Decision::TakeRemote { .. }
            | Decision::KeepLocal
            | Decision::Agree
            | Decision::Merge { .. }
            | Decision::DeleteRemote
            | Decision::RestoreLocal { .. }
            | Decision::RestoreRemote => decision,
        }
    }
}

/// Takes over what the service says beyond our model.
pub(super) fn with_extras(
    mut content: EventContent,
    base: Option<&EventContent>,
    remote: &EventContent,
) -> EventContent {
    take_extras(&mut content, base, remote);
    content
}
