//! Where a provider keeps its tokens; the engine supplies the keyring behind it.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What lets us act for a person. Has no `Display`, and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Sent with every request.
    pub access_token: String,
    /// Fetches a new access token.
    pub refresh_token: Option<String>,
    /// When the access token ends.
    pub expires_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tokens(…)")
    }
}

/// The secrets of one account.
#[async_trait]
pub trait TokenVault: Send + Sync {
    /// The tokens as last stored.
    ///
    /// # Errors
    /// [`VaultError`] when the keyring cannot be reached.
    async fn load(&self) -> Result<Option<Tokens>, VaultError>;

    /// Stores tokens durably before it returns.
    ///
    /// # Errors
    /// [`VaultError`] when the keyring cannot be reached.
    async fn store(&self, tokens: &Tokens) -> Result<(), VaultError>;

    /// Removes the tokens.
    ///
    /// # Errors
    /// [`VaultError`] when the keyring cannot be reached.
    async fn remove(&self) -> Result<(), VaultError>;
}

/// The keyring could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keyring cannot be used: {reason}")]
pub struct VaultError {
    /// What the keyring said, and what to do about it.
    pub reason: String,
}
