//! A person's own edits: made in the replica at once, queued for every link, and taken back on request.

/// Edits that can be taken back, latest last.
#[derive(Debug, Default)]
pub(crate) struct UndoStack {}
