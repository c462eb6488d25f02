//! What a worker does when its clock is not where it should be: the computer has slept, or somebody has set the time. And
//! what was put off for long is taken up again here, and it is said whether a new start would miss anything.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_store::{Durability, StoreError};

use super::Worker;
use super::schedule::Rest;
use crate::clock::{after, has_leapt};

/// After the clock was set back nothing waits longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

impl Worker {
    /// Whether the worker knows something that a new start would not: that the service wants to be left alone, that there
    /// was no way to it, what it spoke of and has not shown yet, or which channels are to be replaced.
    pub(super) fn has_in_mind(&self, now: DateTime<Utc>) -> bool {
        self.schedule.rests_until(now).is_some()
            || !(self.unseen.is_empty() && self.deaf.is_empty() && self.retiring.is_empty())
    }

    /// After sleep, what should have come meanwhile is not late, and everything is asked for once; and a clock that was
    /// set back leaves nobody waiting.
    pub(super) async fn look_at_the_clock(
        &mut self,
        waited_from: DateTime<Utc>,
        deadline: Option<DateTime<Utc>>,
        is_timer: bool,
    ) {
        let now = self.inner.clock.now();
        let overslept = deadline.is_some_and(|deadline| now > deadline + TimeDelta::minutes(1));
        // A wait that ends before its time, on a clock that was not set back, has met a leap ahead.
        let leapt = is_timer && now > waited_from && deadline.is_some_and(|deadline| now < deadline);
        if overslept || leapt {
            tracing::info!(integration = %self.id, "woken up after a sleep");
            self.expect_success(now);
            self.schedule.wake();
            self.schedule.pull_all(now);
        }
        if now < waited_from {
            self.was_set_back(now).await;
        }
        if now < waited_from || *self.in_use.borrow_and_update() {
            let longest = self.interval().mul_f64(1.1);
            self.schedule.wait_at_most(longest, now);
        }
    }

    /// The computer has slept in the middle of a turn: what was read before is old, and a connection was lost with it.
    pub(super) fn slept_at_work(&mut self, now: DateTime<Utc>) {
        tracing::info!(integration = %self.id, "woken up in the middle of a turn");
        if self.schedule.resting(now) == Some(Rest::Offline) {
            self.schedule.wake();
        }
        self.expect_success(now);
        let regular = after(now, self.inner.chance.around(self.interval()));
        for (link, from) in &self.read_from {
            // What has been read since need not be read at once because the time for it went by in the night.
            self.schedule.pull_at(*link, if self.has_slept_since(*from) { now } else { regular });
        }
    }

    /// Whether the computer has slept, or its clock was set ahead, since it showed this time and had been awake so long.
    pub(super) fn has_slept_since(&self, (from, awake): (DateTime<Utc>, Duration)) -> bool {
        let clock = &self.inner.clock;
        has_leapt(from, clock.now(), clock.awake().saturating_sub(awake))
    }

    /// The clock was set back: nothing waits for a time that it named before.
    pub(super) async fn was_set_back(&mut self, now: DateTime<Utc>) {
        self.expect_success(now);
        self.schedule.rest_at_most(LONGEST_WAIT, now);
        self.schedule.wait_at_most(self.interval().mul_f64(1.1), now);
        self.bring_audits_near(now);
        self.bring_edits_near().await;
    }

    /// Lets everything that was refused wait again, but for what a resting link holds.
    pub(super) async fn take_up_refused(&self) -> Result<(), StoreError> {
        let counts = self.inner.store.queue_counts().await?;
        if counts.get(&self.id).is_none_or(|counts| counts.failed == 0) {
            return Ok(());
        }
        let now = self.inner.clock.now();
        let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
        for link in self.links.iter().filter(|link| !self.resting.contains_key(&link.id)) {
            transaction.unpark_link(link.id, now).await?;
        }
        transaction.commit().await
    }

    /// Lets no edit wait for a time that only a wrong clock can have named.
    pub(super) async fn bring_edits_near(&self) {
        let latest = after(self.inner.clock.now(), LONGEST_WAIT);
        let brought = async {
            let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
            transaction.wait_at_most(self.id, latest).await?;
            transaction.commit().await
        };
        if let Err(error) = brought.await {
            tracing::warn!(integration = %self.id, %error, "the outbox cannot be written");
        }
    }
}
