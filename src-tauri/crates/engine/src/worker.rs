//! One task per account owns that account's sync; others send it messages.

/// Sends messages to one account's worker.
#[derive(Clone, Debug)]
pub(crate) struct WorkerHandle {}
