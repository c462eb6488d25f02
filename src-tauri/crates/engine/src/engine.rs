//! The one handle on the engine, and its start and stop.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use synodic_model::IntegrationId;
use synodic_model::sync::{Integration, Link};
use synodic_store::Store;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::EngineConfig;
use crate::edit::UndoStack;
use crate::error::EngineError;
use crate::lock::ReplicaLock;
use crate::secrets::Secrets;
use crate::services::{Client, Clients, Services};
use crate::snapshot::SyncSnapshot;
use crate::view::{Change, SyncReport};
use crate::worker::WorkerHandle;

/// The running engine. Cheap to clone; all clones are the same engine.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

/// What all parts of the engine share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: EngineConfig,
    pub(crate) secrets: Secrets,
    pub(crate) chance: Chance,
    pub(crate) services: Arc<dyn Services>,
    pub(crate) clients: Clients,
    pub(crate) snapshot: watch::Sender<SyncSnapshot>,
    pub(crate) changes: broadcast::Sender<Change>,
    pub(crate) workers: Mutex<BTreeMap<IntegrationId, WorkerHandle>>,
    pub(crate) undo: Mutex<UndoStack>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) _lock: ReplicaLock,
}

impl Engine {
    /// Takes the replica's lock, opens it, and starts one worker per account.
    ///
    /// # Errors
    /// [`EngineError::Busy`] when another engine has the replica, [`EngineError::Store`] or
    /// [`EngineError::Environment`] when it cannot be opened.
    pub async fn start(config: EngineConfig, clock: Arc<dyn Clock>) -> Result<Self, EngineError> {
        let _ = (config, clock);
        Err(EngineError::Closing)
    }

    /// Takes no more work, finishes or rolls back what is in flight, and closes the replica; at most five seconds.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica could not be closed in order; nothing is lost even then.
    pub async fn shutdown(&self) -> Result<(), EngineError> {
        Ok(())
    }

    /// How sync stands now.
    #[must_use]
    pub fn snapshot(&self) -> SyncSnapshot {
        self.inner.snapshot.borrow().clone()
    }

    /// How sync stands, now and from now on.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<SyncSnapshot> {
        self.inner.snapshot.subscribe()
    }

    /// What changes in the replica from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }

    /// Tells whether the person is looking, which decides how often services are asked.
    pub fn set_window_in_use(&self, in_use: bool) {
        let _ = in_use;
    }

    /// Marks everything as due, as the person's "Sync now" asks; also tries again what waits after a failure.
    pub fn sync_now(&self) {}

    /// Runs one complete pass over one account or all: sends what is due, reads every link to the end, sends what
    /// that left to send, and waits for the end.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such account.
    pub async fn sync_pass(&self, account: Option<IntegrationId>) -> Result<SyncReport, EngineError> {
        let _ = account;
        Ok(SyncReport::default())
    }

    /// Stops sync until `until`, or until [`Engine::resume`]. Edits are still taken, and wait.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be remembered.
    pub async fn pause(&self, until: Option<DateTime<Utc>>) -> Result<(), EngineError> {
        let _ = until;
        Ok(())
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be remembered.
    pub async fn resume(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

impl Inner {
    /// Starts the worker of an account, also one that was just connected.
    pub(crate) fn spawn_worker(self: &Arc<Self>, integration: Integration) {
        let _ = integration;
    }

    /// Ends the worker of an account and waits for it, as before the account is removed.
    pub(crate) async fn stop_worker(&self, id: IntegrationId) {
        let _ = id;
    }

    /// The worker of an account, if it runs.
    pub(crate) fn worker(&self, id: IntegrationId) -> Option<WorkerHandle> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The one client of an account, shared so that its rate limit is; made at first use.
    pub(crate) fn provider(&self, integration: &Integration) -> Result<Client, EngineError> {
        self.clients
            .client(integration.id, || self.services.connect(integration, self.secrets.vault_of(integration)))
    }

    /// Wakes the workers behind `links` after a commit that queued rows for them.
    pub(crate) fn edited(&self, links: &[Link]) {
        for link in links {
            if let Some(worker) = self.worker(link.integration_id) {
                worker.edited();
            }
        }
    }

    /// Tells the faces that something changed.
    pub(crate) fn notify(&self, change: Change) {
        // An error only means that nobody listens.
        let _ = self.changes.send(change);
    }

    /// Counts anew and publishes the snapshot when it differs from the last one.
    pub(crate) async fn refresh_snapshot(&self) {}
}
