//! What can go wrong in the engine, in words for the person.

use synodic_model::validate::Problem;
use synodic_providers::{ProviderError, VaultError};
use synodic_store::StoreError;

use crate::view::{Failure, FailureCode};

/// A failed call of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// What was entered for an event is not acceptable.
    #[error(transparent)]
    Invalid(#[from] Problem),
    /// What was asked for is not acceptable, and no field of an event is to blame.
    #[error("{reason}")]
    Unacceptable {
        /// A sentence that says why and what to do.
        reason: String,
    },
    /// There is no such thing (any more).
    #[error("This {what} is not there any more. Look at the calendar again.")]
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
    #[error("{} was changed in the meantime. Look at it again before you change it.", named(.title))]
    Stale {
        /// The event's title.
        title: String,
    },
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
    #[error("Another Synodic is using {data_dir}. Use that one, or name another folder with --data-dir.")]
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
    #[error("Synodic is closing.")]
    Closing,
}

impl EngineError {
    /// What kind of failure it is, for the window and the command line to branch on.
    #[must_use]
    pub const fn code(&self) -> FailureCode {
        match self {
            Self::Invalid(_) | Self::Unacceptable { .. } => FailureCode::Invalid,
            Self::NotFound { .. } => FailureCode::NotFound,
            Self::ReadOnly { .. } => FailureCode::ReadOnly,
            Self::Stale { .. } => FailureCode::Stale,
            Self::Provider(ProviderError::SignInRefused { .. }) | Self::SignIn { .. } => FailureCode::SignIn,
            Self::Provider(ProviderError::Vault(_)) | Self::Store(_) | Self::Environment { .. } => {
                FailureCode::Storage
            }
            Self::Provider(_) => FailureCode::Remote,
            Self::Busy { .. } => FailureCode::Busy,
            Self::Closing => FailureCode::Internal,
        }
    }
}

impl From<VaultError> for EngineError {
    fn from(error: VaultError) -> Self {
        Self::Provider(error.into())
    }
}

impl From<&EngineError> for Failure {
    fn from(error: &EngineError) -> Self {
        let field = match error {
            EngineError::Invalid(problem) => Some(problem.field),
            _ => None,
        };
        Self { code: error.code(), message: sentence(&error.to_string()), field }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::from(&error)
    }
}

/// The event's title in quotation marks, or what stands for one.
fn named(title: &str) -> String {
    if title.is_empty() { "An event without a title".into() } else { format!("“{title}”") }
}

/// Makes a sentence of a message from the crates below, which write theirs to be continued.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let Some(first) = letters.next() else { return String::new() };
    let mut sentence: String = first.to_uppercase().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// Why something that needs both the service and the replica was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallFailed {
    /// The service did not do it.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The replica could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use synodic_model::Field;

    use super::*;

    fn failure(error: EngineError) -> Failure {
        error.into()
    }

    #[test]
    fn messages_from_below_become_sentences() {
        let failure = failure(ProviderError::VersionMismatch.into());
        assert_eq!(failure.message, "The event was changed at the service in the meantime.");
        assert_eq!(sentence("öl"), "Öl.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn a_problem_keeps_its_field() {
        let problem = Problem { field: Field::Title, message: "The title is too long.".into() };
        let failure = failure(problem.into());
        assert_eq!((failure.code, failure.field), (FailureCode::Invalid, Some(Field::Title)));
        assert_eq!(failure.message, "The title is too long.");
    }

    #[test]
    fn a_stale_event_is_named() {
        let message = |title: &str| failure(EngineError::Stale { title: title.into() }).message;
        assert!(message("Lunch").starts_with("“Lunch” was changed in the meantime."));
        assert!(message("").starts_with("An event without a title was changed"));
    }

    #[test]
    fn a_locked_keyring_is_not_blamed_on_the_service() {
        let failure = failure(VaultError { reason: "it is locked".into() }.into());
        assert_eq!(failure.code, FailureCode::Storage);
    }
}
