//! How the replica can fail, in words for the person.

/// The replica could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A statement failed.
    #[error("the calendar file failed while {action}")]
    Statement {
        /// What was being done.
        action: &'static str,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
}
