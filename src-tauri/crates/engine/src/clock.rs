//! The engine's only source of time.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Tells the time and waits. Tests supply one that they turn by hand.
#[async_trait]
pub trait Clock: Send + Sync + Debug {
    /// The time now.
    fn now(&self) -> DateTime<Utc>;

    /// Returns once the clock shows `deadline`, also when it got there by a jump, as after sleep.
    async fn sleep_until(&self, deadline: DateTime<Utc>);
}

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The longest single wait: timers stand still while a laptop sleeps, so the wall clock is looked at again this often.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        while let Ok(left) = (deadline - self.now()).to_std() {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_WAIT)).await;
        }
    }
}
