//! What can go wrong in the engine, in words for the person.

use synodic_model::validate::Problem;
use synodic_providers::ProviderError;
use synodic_store::StoreError;

use crate::view::{Failure, FailureCode};

/// A failed call of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// What was entered is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Problem),
    /// There is no such thing (any more).
    #[error("there is no such {what} (any more)")]
    NotFound {
        /// What was looked for: event, calendar, account, …
        what: &'static str,
    },
    /// It may only be read.
    #[error("{reason}")]
    ReadOnly {
        /// A sentence that says why.
        reason: String,
    },
    /// The event was changed after the person looked at it.
    #[error("this event was changed in the meantime; look at it again before you save")]
    Stale,
    /// A service failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The replica failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Signing in did not succeed.
    #[error("{reason}")]
    SignIn {
        /// A sentence that says why and what to do.
        reason: String,
    },
    /// Another Synodic has the replica.
    #[error("another Synodic is using {data_dir}; use that one, or name another folder with --data-dir")]
    Busy {
        /// The data folder.
        data_dir: String,
    },
    /// Something in the surroundings: a folder that cannot be written, a port in use.
    #[error("{reason}")]
    Environment {
        /// A sentence that says what and what to do.
        reason: String,
    },
    /// The engine is shutting down.
    #[error("Synodic is closing")]
    Closing,
}

impl From<&EngineError> for Failure {
    fn from(error: &EngineError) -> Self {
        let (code, field) = match error {
            EngineError::Invalid(problem) => (FailureCode::Invalid, Some(problem.field)),
            EngineError::NotFound { .. } => (FailureCode::NotFound, None),
            EngineError::ReadOnly { .. } => (FailureCode::ReadOnly, None),
            EngineError::Stale => (FailureCode::Stale, None),
            EngineError::Provider(_) => (FailureCode::Remote, None),
            EngineError::Store(_) | EngineError::Environment { .. } => (FailureCode::Storage, None),
            EngineError::SignIn { .. } => (FailureCode::SignIn, None),
            EngineError::Busy { .. } => (FailureCode::Busy, None),
            EngineError::Closing => (FailureCode::Internal, None),
        };
        Self { code, message: error.to_string(), field }
    }
}
