//! What stops an account's work as a whole, as opposed to a failure of one event or one link.

use std::time::Duration;

use synodic_providers::{Class, ProviderError};
use synodic_store::StoreError;

use crate::pull::PullError;

/// Why an account's worker cannot go on for now.
#[derive(Debug)]
pub(crate) enum Halt {
    /// There is no way to the service.
    Offline { reason: String },
    /// The service wants a rest, or the keyring is locked.
    Rest { at_least: Option<Duration>, reason: String },
    /// Somebody has to sign in.
    SignIn { reason: String },
    /// The replica cannot be written.
    Store(StoreError),
    /// The service has said nothing for so long that nobody waits for it any more.
    Stalled,
    /// The program ends.
    Stopping,
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Halt {
    /// What a failed call means for the account; none when it concerns one event or one calendar only.
    pub(crate) fn of(error: &ProviderError) -> Option<Self> {
        let reason = error.to_string();
        if matches!(error, ProviderError::Vault(_)) {
            return Some(Self::Rest { at_least: None, reason });
        }
        match error.class() {
            Class::Offline => Some(Self::Offline { reason }),
            Class::SignIn => Some(Self::SignIn { reason }),
            Class::Transient { retry_after } => Some(Self::Rest { at_least: retry_after, reason }),
            Class::Uncertain
            | Class::Unsettled { .. }
            | Class::Conflict
            | Class::Resync
            | Class::Permanent => None,
        }
    }
}

/// What breaks a pull off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Interrupted {
    #[error("the account cannot go on for now")]
    Halt(Halt),
    #[error(transparent)]
    Pull(#[from] PullError),
}

impl From<StoreError> for Interrupted {
    fn from(error: StoreError) -> Self {
        Self::Halt(Halt::Store(error))
    }
}

impl From<Halt> for Interrupted {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}
