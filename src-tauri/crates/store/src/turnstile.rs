//! Who may be at the replica.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

/// Lets one through at a time, in the order in which they came. A clone is the same turnstile.
///
/// Every replica has one for its writers. With one that a test gives it ([`crate::OpenOptions::turnstile`]) reads pass it as
/// well, and whoever is at the replica lets nobody go on before SQLite has answered: whatever happens happens in the same
/// order again.
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
