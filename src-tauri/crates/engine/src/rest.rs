//! Whether the engine may be put away and started anew without anybody noticing.
//!
//! What is written down does not matter for that: a new start finds it. This is about what only the running engine knows.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Engine;
use crate::worker::WorkerHandle;

/// A reminder that is due sooner than this is waited for.
const NEAR: TimeDelta = TimeDelta::seconds(10);

impl Engine {
    /// Whether nothing is under way, and nothing is known that a new start would not find in the replica: no turn, no rest
    /// that a service asked for, no channel on its way, no reminder about to be told, no token of Notion's waited for, no
    /// write that a listing may lag behind, and no event that has left a calendar and may appear in another.
    ///
    /// Reminders count as at rest only while somebody waits in [`Engine::next_reminders`].
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        let now = self.inner.clock.now();
        self.inner.reminders.are_far(now)
            && !self.inner.echoes.are_fresh(now)
            && !self.inner.departures.are_fresh(now)
            && !self.inner.notion_messages.is_enrolling(now)
            && self.inner.all_workers().values().all(WorkerHandle::is_at_rest)
    }
}

/// Until when no reminder is told, while somebody waits for the next.
#[derive(Debug, Default)]
pub(crate) struct Quiet(Mutex<Option<DateTime<Utc>>>);

impl Quiet {
    /// Notes until when nothing is told; none when something may be at any moment.
    pub(crate) fn set(&self, until: Option<DateTime<Utc>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Whether nothing will be told for a while.
    fn are_far(&self, now: DateTime<Utc>) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| until > now + NEAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_are_far_while_they_are_waited_for_and_not_near() {
        let (quiet, now) = (Quiet::default(), Utc::now());
        assert!(!quiet.are_far(now), "nobody waits for them");
        quiet.set(Some(now + TimeDelta::minutes(1)));
        assert!(quiet.are_far(now));
        assert!(!quiet.are_far(now + TimeDelta::seconds(55)), "one is about to be told");
        quiet.set(None);
        assert!(!quiet.are_far(now));
    }
}
