//! Secrets that end with the program: for the demo, for tests, and for a sign-in whose account is not known yet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use synodic_providers::{TokenVault, Tokens, VaultError};

/// Every account's tokens, by the account's name.
#[derive(Default)]
pub(crate) struct SecretsInMemory {
    tokens: Mutex<BTreeMap<String, Tokens>>,
}

impl SecretsInMemory {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Tokens>) -> T) -> T {
        act(&mut self.tokens.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One account's tokens.
pub(super) struct MemoryVault {
    secrets: Arc<SecretsInMemory>,
    name: String,
}

impl MemoryVault {
    pub(super) fn new(secrets: Arc<SecretsInMemory>, name: String) -> Self {
        Self { secrets, name }
    }

    pub(super) fn holding(tokens: Tokens) -> Self {
        let secrets = SecretsInMemory::default();
        secrets.with(|kept| kept.insert(String::new(), tokens));
        Self { secrets: Arc::new(secrets), name: String::new() }
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn load(&self) -> Result<Option<Tokens>, VaultError> {
        Ok(self.secrets.with(|kept| kept.get(&self.name).cloned()))
    }

    async fn store(&self, tokens: &Tokens) -> Result<(), VaultError> {
        self.secrets.with(|kept| kept.insert(self.name.clone(), tokens.clone()));
        Ok(())
    }

    async fn remove(&self) -> Result<(), VaultError> {
        self.secrets.with(|kept| kept.remove(&self.name));
        Ok(())
    }
}
