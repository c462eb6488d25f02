//! Waiting for a condition, never for a time.

use std::fmt::Debug;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

/// How long anything on one machine may take before a test gives up; generous, because failing early helps nobody.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(25);

/// Waits until `look` returns something.
///
/// # Panics
/// After [`PATIENCE`], with `what` was waited for and what was seen last; when a look does not come back, after twice that.
pub async fn until<T, Seen: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, Seen>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let Ok(looked) = timeout_at(deadline + PATIENCE, look()).await else {
            panic!("waited in vain until {what}; the last look has not come back")
        };
        match looked {
            Ok(found) => return found,
            Err(seen) if Instant::now() > deadline => {
                panic!("waited {PATIENCE:?} in vain until {what}; seen last: {seen:#?}")
            }
            Err(_) => sleep(GLANCE).await,
        }
    }
}

/// Waits for what comes by itself.
///
/// # Panics
/// After [`PATIENCE`], with `what` was waited for.
pub async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    let Ok(done) = timeout(PATIENCE, work).await else { panic!("waited {PATIENCE:?} in vain until {what}") };
    done
}

/// Waits until `look` returns a value that `is_right` accepts, and returns it.
///
/// # Panics
/// As [`until`].
pub async fn until_right<T: Debug>(
    what: &str,
    mut look: impl AsyncFnMut() -> T,
    is_right: impl Fn(&T) -> bool,
) -> T {
    until(what, async || {
        let seen = look().await;
        if is_right(&seen) { Ok(seen) } else { Err(seen) }
    })
    .await
}

/// Looks at a condition for as long as `span`, for what must not happen.
///
/// # Panics
/// As soon as `look` finds fault.
pub async fn all_the_while<Fault: Debug>(
    what: &str,
    span: Duration,
    mut look: impl AsyncFnMut() -> Result<(), Fault>,
) {
    let end = Instant::now() + span;
    while Instant::now() < end {
        if let Err(fault) = look().await {
            panic!("expected all the while that {what}; found {fault:#?}");
        }
        sleep(GLANCE).await;
    }
}
