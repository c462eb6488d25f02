//! The engine's only source of time.

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time and waits. Tests supply one that they turn by hand.
#[async_trait]
pub trait Clock: Send + Sync + Debug {
    /// The time now.
    fn now(&self) -> DateTime<Utc>;

    /// Returns once the clock shows `deadline`, also when it got there by a jump, as after sleep. Returns early when the
    /// clock is set back, or leaps ahead to before the deadline; whoever waits looks at the time again.
    async fn sleep_until(&self, deadline: DateTime<Utc>);

    /// How long the computer has been awake, counted from anywhere. Stands still while it sleeps, and does not follow
    /// when the clock is set.
    fn awake(&self) -> Duration {
        // The monotonic clocks of Linux and macOS leave out the time in suspend.
        static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGAN.elapsed()
    }
}

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The longest single wait: timers stand still while a laptop sleeps, so the wall clock is looked at again this often.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A clock that shows less than before by more than this was set back, not merely corrected.
const SET_BACK: TimeDelta = TimeDelta::seconds(5);

/// A clock that shows this much more than the wait was long has leapt ahead: it was set, or the computer has slept.
const LEAP: TimeDelta = TimeDelta::minutes(1);

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        let mut before = self.now();
        while let Ok(left) = (deadline - before).to_std() {
            if left.is_zero() {
                return;
            }
            let wait = left.min(LONGEST_WAIT);
            tokio::time::sleep(wait).await;
            let now = self.now();
            if now < before - SET_BACK || has_leapt(before, now, wait) {
                return;
            }
            before = now;
        }
    }
}

/// Waits until the clock shows `deadline`, whatever it does meanwhile.
pub(crate) async fn wait_until(clock: &dyn Clock, deadline: DateTime<Utc>) {
    while clock.now() < deadline {
        clock.sleep_until(deadline).await;
    }
}

/// Whether a clock that showed `from` and shows `to` after the computer was awake for so long was set ahead in between,
/// or the computer has slept.
pub(crate) fn has_leapt(from: DateTime<Utc>, to: DateTime<Utc>, awake: Duration) -> bool {
    to - LEAP > after(from, awake)
}

/// Adds a wait to a time; one too long for the calendar ends at its last day.
pub(crate) fn after(time: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| time.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_deadline_that_has_passed_needs_no_wait() {
        let clock = SystemClock;
        clock.sleep_until(clock.now() - TimeDelta::hours(9)).await;
    }

    #[test]
    fn an_endless_wait_ends_at_the_last_day() {
        assert_eq!(after(Utc::now(), Duration::MAX), DateTime::<Utc>::MAX_UTC);
    }
}
