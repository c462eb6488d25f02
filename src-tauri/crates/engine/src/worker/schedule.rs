//! When an account is due: for each link the next pull, and for all of it the end of a rest. Plain arithmetic; the
//! worker supplies the time and the jitter.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use synodic_model::LinkId;

use crate::clock::after;

/// Why an account rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// There is no way to the service. An edit is worth a try all the same.
    Offline,
    /// The service, the keyring or the disk wants to be left alone.
    BackingOff,
}

/// When one account is due.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    pulls: BTreeMap<LinkId, DateTime<Utc>>,
    rest: Option<(Rest, DateTime<Utc>)>,
    failures: u32,
}

impl Schedule {
    /// Knows these links and no others; new ones are due at once.
    pub(super) fn keep_links(&mut self, links: &BTreeSet<LinkId>, now: DateTime<Utc>) {
        self.pulls.retain(|link, _| links.contains(link));
        for link in links {
            self.pulls.entry(*link).or_insert(now);
        }
    }

    /// Whether a link's interval is over.
    pub(super) fn is_due(&self, link: LinkId, now: DateTime<Utc>) -> bool {
        self.pulls.get(&link).is_some_and(|due| *due <= now)
    }

    /// Makes a link due at `next`.
    pub(super) fn pull_at(&mut self, link: LinkId, next: DateTime<Utc>) {
        if let Some(due) = self.pulls.get_mut(&link) {
            *due = next;
        }
    }

    /// Lets no link wait longer than `longest` from now. Serves when the interval becomes shorter, and when the clock
    /// was set back.
    pub(super) fn wait_at_most(&mut self, longest: Duration, now: DateTime<Utc>) {
        let latest = after(now, longest);
        for due in self.pulls.values_mut() {
            *due = (*due).min(latest);
        }
    }

    /// Ends a rest no later than `longest` from now, when the clock was set back.
    pub(super) fn rest_at_most(&mut self, longest: Duration, now: DateTime<Utc>) {
        let latest = after(now, longest);
        self.rest = self.rest.map(|(rest, until)| (rest, until.min(latest)));
    }

    /// Makes every link due.
    pub(super) fn pull_all(&mut self, now: DateTime<Utc>) {
        for due in self.pulls.values_mut() {
            *due = (*due).min(now);
        }
    }

    /// Begins a rest, as long as `wait` says for this many failures in a row.
    pub(super) fn rest(
        &mut self,
        rest: Rest,
        now: DateTime<Utc>,
        wait: impl FnOnce(u32) -> Duration,
    ) -> DateTime<Utc> {
        self.failures = self.failures.saturating_add(1);
        let until = after(now, wait(self.failures));
        self.rest = Some((rest, until));
        until
    }

    /// Ends a rest, because the service answered.
    pub(super) const fn answered(&mut self) {
        self.rest = None;
        self.failures = 0;
    }

    /// Ends a rest before its time; the next failure still counts as a further one.
    pub(super) const fn wake(&mut self) {
        self.rest = None;
    }

    /// Why the account rests now, if it does.
    pub(super) fn resting(&self, now: DateTime<Utc>) -> Option<Rest> {
        self.rest.filter(|(_, until)| *until > now).map(|(rest, _)| rest)
    }

    /// Until when the account rests, if it does.
    pub(super) fn rests_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.rest.map(|(_, until)| until).filter(|until| *until > now)
    }

    /// When the account is due next, if it has links; `queued` is when the outbox has something.
    pub(super) fn next(&self, queued: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let due = self.pulls.values().copied().chain(queued).min()?;
        Some(self.rests_until(now).map_or(due, |until| until.max(due)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn link(number: u128) -> LinkId {
        LinkId::new(Uuid::from_u128(number))
    }

    fn schedule() -> Schedule {
        let mut schedule = Schedule::default();
        schedule.keep_links(&[link(1), link(2)].into(), NOW);
        schedule
    }

    #[test]
    fn new_links_are_due_at_once_and_old_ones_are_forgotten() {
        let mut schedule = schedule();
        assert!(schedule.is_due(link(1), NOW));
        schedule.pull_at(link(1), NOW + TimeDelta::seconds(15));
        schedule.keep_links(&[link(1)].into(), NOW);
        assert!(!schedule.is_due(link(1), NOW), "a known link keeps its time");
        assert!(!schedule.is_due(link(2), NOW));
        assert_eq!(schedule.next(None, NOW), Some(NOW + TimeDelta::seconds(15)));
    }

    #[test]
    fn a_rest_puts_everything_off_until_it_ends() {
        let mut schedule = schedule();
        let until =
            schedule.rest(Rest::Offline, NOW, |failures| Duration::from_secs(60 * u64::from(failures)));
        assert_eq!(until, NOW + TimeDelta::seconds(60));
        assert_eq!(schedule.next(Some(NOW), NOW), Some(until));
        assert_eq!(schedule.resting(NOW), Some(Rest::Offline));
        assert_eq!(schedule.resting(until), None);
        let longer =
            schedule.rest(Rest::Offline, NOW, |failures| Duration::from_secs(60 * u64::from(failures)));
        assert_eq!(longer, NOW + TimeDelta::seconds(120), "the second failure in a row waits longer");
        schedule.answered();
        assert_eq!(schedule.next(None, NOW), Some(NOW));
    }

    #[test]
    fn a_clock_set_back_strands_nobody() {
        let mut schedule = schedule();
        schedule.pull_at(link(1), NOW + TimeDelta::days(1000));
        schedule.pull_at(link(2), NOW + TimeDelta::days(1000));
        schedule.rest(Rest::BackingOff, NOW + TimeDelta::days(1), |_| Duration::from_secs(60));
        schedule.wait_at_most(Duration::from_secs(15), NOW);
        schedule.rest_at_most(Duration::from_secs(10), NOW);
        assert_eq!(schedule.next(None, NOW), Some(NOW + TimeDelta::seconds(15)));
    }
}
