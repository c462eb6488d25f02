//! The one way to write.

use tokio::sync::OwnedMutexGuard;

use crate::connection::Connection;
use crate::{Boundary, StoreError};

/// What a commit has to survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: the commit returns when the disk has it (`synchronous=FULL`). For what a person did.
    Edit,
    /// A crash of the program only (`synchronous=NORMAL`): a power cut may take it back, never tear it. For what can
    /// be pulled again.
    Pulled,
}

/// Writes that happen together or not at all. Dropping it without [`Transaction::commit`] takes all of them back.
///
/// There is one at a time: the next [`Store::begin`](crate::Store::begin) waits for this one to end, so nothing slow
/// may be awaited while holding it.
#[derive(Debug)]
#[must_use = "a transaction that is not committed is taken back"]
pub struct Transaction {
    // Declared before the turn, hence dropped before it: the rollback is on its way when the next writer's turn comes.
    inner: Connection,
    _turn: OwnedMutexGuard<()>,
    boundary: Boundary,
}

impl Transaction {
    pub(crate) const fn new(inner: Connection, turn: OwnedMutexGuard<()>, boundary: Boundary) -> Self {
        Self { inner, _turn: turn, boundary }
    }

    /// Makes all writes last.
    ///
    /// # Errors
    /// [`StoreError::Full`] and others; then nothing was written.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.boundary.cross();
        self.inner.commit().await.map_err(StoreError::during("committing"))?;
        self.boundary.cross();
        Ok(())
    }

    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.inner
    }
}
