//! Tells when everything that can be done without time passing is done.
//!
//! A history runs on a runtime with one thread, which waits on the spot whenever somebody is at the replica
//! ([`synodic_store::Turnstile`]). When that thread is about to sleep, no task can go on, and all that is left to wait for is
//! time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use synodic_store::Turnstile;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

/// Tells when everything is done. A clone tells the same.
#[derive(Clone, Debug, Default)]
pub struct Idle(Arc<State>);

#[derive(Debug, Default)]
struct State {
    turnstile: Turnstile,
    is_waited_for: AtomicBool,
    reached: Notify,
}

impl Idle {
    /// A runtime that looks at one task after the other in the order in which they are woken, and at what comes from other
    /// threads only when no task can go on; so that chance has no part in what happens first.
    ///
    /// # Panics
    /// When the operating system has no resources left.
    #[must_use]
    pub fn runtime(&self) -> Runtime {
        let state = Arc::clone(&self.0);
        Builder::new_current_thread()
            .enable_all()
            .event_interval(u32::MAX)
            .global_queue_interval(u32::MAX)
            .on_thread_park(move || state.look())
            .build()
            .unwrap()
    }

    /// What the replica is to be opened with.
    #[must_use]
    pub fn turnstile(&self) -> Turnstile {
        self.0.turnstile.clone()
    }

    /// Waits until everything is done.
    pub async fn reached(&self) {
        self.0.is_waited_for.store(true, Ordering::Relaxed);
        self.0.reached.notified().await;
    }
}

impl State {
    fn look(&self) {
        if self.turnstile.is_free() && self.is_waited_for.swap(false, Ordering::Relaxed) {
            self.reached.notify_one();
        }
    }
}
