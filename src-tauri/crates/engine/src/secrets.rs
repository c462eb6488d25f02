//! Where the tokens of the accounts are kept: the operating system's keyring, unless the person chose otherwise.
//!
//! **Architecture invariant:** a secret is never written to the replica, to the log, or to the window. There is no
//! fallback between the places either: who asked for the keyring and has none is told so, instead of finding their
//! tokens in a file later.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use synodic_model::sync::{Integration, ProviderKind};
use synodic_providers::{TokenVault, Tokens, VaultError};

use crate::config::SecretsPlace;

mod file;
mod keyring;
mod memory;

use self::file::{FileVault, SecretsFile};
use self::keyring::KeyringVault;
use self::memory::{MemoryVault, SecretsInMemory};

/// The place for secrets, as configured.
#[derive(Clone)]
pub(crate) enum Secrets {
    Keyring,
    File(Arc<SecretsFile>),
    Memory(Arc<SecretsInMemory>),
}

impl Secrets {
    /// Nothing is read or written yet.
    pub(crate) fn open(place: SecretsPlace, data_dir: &Path) -> Self {
        match place {
            SecretsPlace::Keyring => Self::Keyring,
            SecretsPlace::File => Self::File(Arc::new(SecretsFile::in_folder(data_dir))),
            SecretsPlace::Memory => Self::Memory(Arc::default()),
        }
    }

    /// The secrets of a connected account.
    pub(crate) fn vault_of(&self, integration: &Integration) -> Arc<dyn TokenVault> {
        self.vault(integration.provider, &integration.account)
    }

    /// The secrets of the account that `provider` knows as `account`.
    pub(crate) fn vault(&self, provider: ProviderKind, account: &str) -> Arc<dyn TokenVault> {
        self.named(secret_name(provider, account))
    }

    /// The secret of an OAuth client, kept in the place of an access token.
    pub(crate) fn client_vault(&self, id: &str) -> Arc<dyn TokenVault> {
        self.named(format!("google client:{id}"))
    }

    fn named(&self, name: String) -> Arc<dyn TokenVault> {
        match self {
            Self::Keyring => Arc::new(KeyringVault::new(name)),
            Self::File(file) => Arc::new(FileVault::new(Arc::clone(file), name)),
            Self::Memory(memory) => Arc::new(MemoryVault::new(Arc::clone(memory), name)),
        }
    }

    /// A vault for tokens whose account is not known yet; it forgets them when it is dropped.
    pub(crate) fn passing(tokens: Tokens) -> Arc<dyn TokenVault> {
        Arc::new(MemoryVault::holding(tokens))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Keyring => "Secrets(keyring)",
            Self::File(_) => "Secrets(file)",
            Self::Memory(_) => "Secrets(memory)",
        })
    }
}

fn secret_name(provider: ProviderKind, account: &str) -> String {
    let provider = match provider {
        ProviderKind::Google => "google",
        ProviderKind::Notion => "notion",
        ProviderKind::Caldav => "caldav",
        ProviderKind::Ics => "ics",
    };
    format!("{provider}:{account}")
}

/// Keyrings and disks answer when they please, so they are asked on a thread that may wait.
async fn on_waiting_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(VaultError { reason: format!("the request to it was broken off ({error})") })
    })
}

#[cfg(test)]
mod tests;
