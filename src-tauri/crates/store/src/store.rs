//! The open replica: its connections, and how it comes and goes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{Durability, StoreError, Transaction};

/// How to open the replica.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// How long to wait for another process that holds the file.
    pub busy_timeout: Duration,
    /// How many reads may run at once.
    pub readers: u32,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(5), readers: 4 }
    }
}

/// The open replica. Cheap to clone; all clones are the same replica.
#[derive(Clone, Debug)]
pub struct Store {}

impl Store {
    /// Opens the replica at `path`, creating it and its folder for this user alone, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] says why not; a file that is refused is left as it was.
    pub async fn open(path: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let _ = (path, options);
        Err(StoreError::unwritten())
    }

    /// Finishes what is under way, folds the write-ahead log into the file, and closes it.
    pub async fn close(&self) {}

    /// Waits for its turn and begins to write.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process writes for longer than we wait.
    pub async fn begin(&self, durability: Durability) -> Result<Transaction, StoreError> {
        let _ = durability;
        Err(StoreError::unwritten())
    }

    /// Writes today's copy into `backups/` beside the replica unless it is there, and keeps the latest seven.
    ///
    /// # Errors
    /// [`StoreError::Backup`]; the replica itself is unharmed.
    pub async fn backup_if_due(&self, now: DateTime<Utc>) -> Result<Option<PathBuf>, StoreError> {
        let _ = now;
        Err(StoreError::unwritten())
    }
}
