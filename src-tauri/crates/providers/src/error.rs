//! How a call to a service can fail, and what follows from it.

use std::time::Duration;

use synodic_model::ExternalId;

use crate::transport::TransportError;
use crate::vault::VaultError;

/// A failed call. The engine branches on [`ProviderError::class`] only.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// No connection was made, so nothing was sent.
    #[error("{service} cannot be reached: {reason}")]
    Unreachable {
        /// The host or service.
        service: String,
        /// What the system said.
        reason: String,
    },
    /// The request was sent but no answer came back; it may have been carried out.
    #[error("no answer from {service} while {action}: {reason}")]
    NoAnswer {
        /// The host or service.
        service: String,
        /// What was being done, as in “creating an event”.
        action: &'static str,
        /// What the system said.
        reason: String,
    },
    /// The service failed on its side (500, 502, 504); it may have carried the request out.
    #[error("{service} failed while {action} (HTTP {status}): {reason}")]
    ServerFailed {
        /// The host or service.
        service: String,
        /// What was being done.
        action: &'static str,
        /// HTTP status.
        status: u16,
        /// What it said.
        reason: String,
    },
    /// The service asks us to slow down; the request was not carried out.
    #[error("{service} asks to wait before {action}: {reason}")]
    Throttled {
        /// The host or service.
        service: String,
        /// What was being done.
        action: &'static str,
        /// How long it asks us to wait, if it says.
        retry_after: Option<Duration>,
        /// What it said.
        reason: String,
    },
    /// The event was changed since the version that was sent (412).
    #[error("the event was changed at the service in the meantime")]
    VersionMismatch,
    /// The event is not there any more.
    #[error("the event is not at the service any more")]
    Gone,
    /// The identity for a new event is spent on a deleted one.
    #[error("the id for the new event belongs to a deleted one")]
    IdentitySpent,
    /// The service has the event already, by its iCalendar UID, under another id.
    #[error("the service has this event already")]
    AlreadyThere {
        /// Which.
        id: ExternalId,
    },
    /// The service no longer knows the cursor; a full listing is due.
    #[error("the service no longer knows where we left off")]
    CursorLost,
    /// Changes alone do not tell everything; a full listing is due.
    #[error("it is time to list everything")]
    ListingDue,
    /// Whether an earlier creation was carried out cannot be seen yet; nothing was sent.
    #[error("{service} does not show yet what became of an earlier attempt ({action})")]
    Unsettled {
        /// The service.
        service: String,
        /// What was being done.
        action: &'static str,
        /// When to look again.
        retry_after: Duration,
    },
    /// The service refuses our sign-in.
    #[error("{service} wants you to sign in again: {reason}")]
    SignInRefused {
        /// The service.
        service: String,
        /// What it said.
        reason: String,
    },
    /// The service refuses this request for good (400, 403 read-only, …).
    #[error("{service} refused {action}: {reason}")]
    Refused {
        /// The service.
        service: String,
        /// What was being done.
        action: &'static str,
        /// HTTP status.
        status: u16,
        /// Its reason, in its words.
        reason: String,
    },
    /// The answer could not be read.
    #[error("{service} sent an answer that cannot be read while {action}: {reason}")]
    Unreadable {
        /// The service.
        service: String,
        /// What was being done.
        action: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The service has no such thing.
    #[error("{service} cannot do this: {action}")]
    Unsupported {
        /// The service.
        service: String,
        /// What was asked.
        action: &'static str,
    },
    /// What is there would be harmed by writing to it, so nothing was sent.
    #[error("the event stays at the service as it is: {reason}")]
    Unwritable {
        /// Why, in plain words.
        reason: String,
    },
    /// The keyring could not be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What the engine does about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// We are offline, or the service is: wait, and use up no tries.
    Offline,
    /// Certainly not carried out; try again later, after this wait if one is given.
    Transient {
        /// The service's own guidance.
        retry_after: Option<Duration>,
    },
    /// May have been carried out: look before anything is sent again.
    Uncertain,
    /// It cannot be told yet whether an earlier attempt was carried out: look again after this wait. Other work goes on.
    Unsettled {
        /// When to look again.
        retry_after: Duration,
    },
    /// Changed or deleted at the service in the meantime: pull and merge.
    Conflict,
    /// The cursor is void: list everything anew.
    Resync,
    /// The person has to sign in again.
    SignIn,
    /// Trying again is no use.
    Permanent,
}

impl ProviderError {
    /// A call that brought no answer.
    pub(crate) fn unanswered(service: &str, action: &'static str, error: TransportError) -> Self {
        let service = service.to_owned();
        match error {
            TransportError::Unreachable { reason } => Self::Unreachable { service, reason },
            TransportError::NoAnswer { reason } => Self::NoAnswer { service, action, reason },
            TransportError::TooLarge { .. } => {
                Self::Unreadable { service, action, reason: error.to_string() }
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Unreachable { .. } => Class::Offline,
            Self::NoAnswer { .. } | Self::ServerFailed { .. } | Self::Unreadable { .. } => Class::Uncertain,
            Self::Throttled { retry_after, .. } => Class::Transient { retry_after: *retry_after },
            Self::Vault(_) => Class::Transient { retry_after: None },
            Self::VersionMismatch | Self::Gone | Self::AlreadyThere { .. } => Class::Conflict,
            Self::CursorLost | Self::ListingDue => Class::Resync,
            Self::Unsettled { retry_after, .. } => Class::Unsettled { retry_after: *retry_after },
            Self::SignInRefused { .. } => Class::SignIn,
            Self::IdentitySpent
            | Self::Refused { .. }
            | Self::Unsupported { .. }
            | Self::Unwritable { .. } => Class::Permanent,
        }
    }
}
