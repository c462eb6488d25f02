//! Secrets in the operating system's keyring: the Secret Service on Linux, the Keychain on macOS, the Credential
//! Manager on Windows.

use async_trait::async_trait;
use keyring::{Entry, Error};
use synodic_providers::{TokenVault, Tokens, VaultError};

use super::on_waiting_thread;

/// The name under which a person finds our entries in their keyring program.
const SERVICE: &str = "synodic";

/// One account's entry in the keyring.
pub(super) struct KeyringVault {
    name: String,
}

impl KeyringVault {
    pub(super) fn new(name: String) -> Self {
        Self { name }
    }
}

#[async_trait]
impl TokenVault for KeyringVault {
    async fn load(&self) -> Result<Option<Tokens>, VaultError> {
        let name = self.name.clone();
        on_waiting_thread(move || match entry(&name)?.get_secret() {
            Ok(secret) => read(&secret).map(Some),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(advice(&error)),
        })
        .await
    }

    async fn store(&self, tokens: &Tokens) -> Result<(), VaultError> {
        let name = self.name.clone();
        let secret = serde_json::to_vec(tokens)
            .map_err(|error| VaultError { reason: format!("the tokens cannot be written down: {error}") })?;
        on_waiting_thread(move || entry(&name)?.set_secret(&secret).map_err(|error| advice(&error))).await
    }

    async fn remove(&self) -> Result<(), VaultError> {
        let name = self.name.clone();
        on_waiting_thread(move || match entry(&name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(advice(&error)),
        })
        .await
    }
}

fn entry(name: &str) -> Result<Entry, VaultError> {
    Entry::new(SERVICE, name).map_err(|error| advice(&error))
}

fn read(secret: &[u8]) -> Result<Tokens, VaultError> {
    // What serde says could quote the secret, so it is left out.
    serde_json::from_slice(secret).map_err(|_| VaultError {
        reason: "the entry for this account is damaged; sign in again to replace it".into(),
    })
}

/// Says what the person can do; the crate's own texts may contain what was stored, so only two of them are repeated.
fn advice(error: &Error) -> VaultError {
    let reason = match error {
        Error::NoDefaultStore => format!(
            "no keyring service is running{}; install and start gnome-keyring or KWallet and start Synodic again, \
             or set SYNODIC_SECRETS=file to keep the tokens in a file that only you can read",
            cause_of_missing_store()
        ),
        Error::NoStorageAccess(_) => {
            "the keyring is locked; unlock it (with “Passwords and Keys” or KWallet) and try again, or set \
             SYNODIC_SECRETS=file to keep the tokens in a file that only you can read"
                .into()
        }
        Error::PlatformFailure(cause) => format!("the keyring service failed: {cause}; try again"),
        Error::Ambiguous(_) => {
            "it holds several entries for this account; remove them in your keyring program and sign in again"
                .into()
        }
        _ => "the keyring service does not take this entry; sign in again".into(),
    };
    VaultError { reason }
}

fn cause_of_missing_store() -> String {
    match Entry::store_status() {
        Err(Error::PlatformFailure(cause) | Error::NoStorageAccess(cause)) => format!(" ({cause})"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_to_do() {
        let locked = advice(&Error::NoStorageAccess("locked".into()));
        assert!(locked.reason.contains("unlock it"), "{locked}");
        let missing = advice(&Error::NoDefaultStore);
        assert!(missing.reason.contains("SYNODIC_SECRETS=file"), "{missing}");
    }

    #[test]
    fn what_a_broken_entry_holds_is_not_repeated() {
        let error = advice(&Error::BadEncoding(b"refresh-token-canary".to_vec()));
        assert!(!error.to_string().contains("canary"));
        let error = read(b"\"refresh-token-canary\"").unwrap_err();
        assert!(!error.to_string().contains("canary"));
    }
}
