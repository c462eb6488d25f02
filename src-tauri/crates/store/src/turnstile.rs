//! Who may be at the replica.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

/// Lets one through at a time, in the order in which they came. A clone is the same turnstile.
///
/// Every replica has one for its writers. A test that gives it its own ([`crate::OpenOptions::turnstile`]) has reads pass
/// it as well: then SQLite's threads never work side by side, whatever happens can happen again in the same order, and
/// the test can tell when nobody waits for the disk.
#[derive(Clone, Debug, Default)]
pub struct Turnstile(Arc<Mutex<()>>);

impl Turnstile {
    /// Waits for a turn, which lasts until the guard is dropped.
    pub(crate) async fn pass(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.0).lock_owned().await
    }

    /// Whether nobody is at the replica.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.0.try_lock().is_ok()
    }
}
