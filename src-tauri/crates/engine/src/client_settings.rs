//! The OAuth client that we sign in to Google as: from the environment, or else from the settings.
//!
//! Google calls the secret of a desktop client none, for every copy of the program has it. It is kept with the tokens
//! all the same: whoever registered the client may see that otherwise.

use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};
use synodic_model::sync::ProviderKind;
use synodic_providers::Tokens;
use synodic_providers::google::GoogleClient;
use synodic_store::Durability;

use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::view::{ClientOrigin, GoogleClientView};

/// The setting with the client's id.
const SETTING: &str = "google_client";
/// The longest id or secret that we keep, in bytes; Google's have about seventy.
const LIMIT: usize = 1024;

/// The client in use, shared with whoever makes clients of accounts.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientInUse(Arc<RwLock<Option<GoogleClient>>>);

impl ClientInUse {
    pub(crate) fn new(client: Option<GoogleClient>) -> Self {
        Self(Arc::new(RwLock::new(client)))
    }

    pub(crate) fn get(&self) -> Option<GoogleClient> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, client: Option<GoogleClient>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = client;
    }
}

impl Engine {
    /// Which OAuth client we sign in to Google as, and where it was configured.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the settings cannot be read.
    pub async fn google_client_view(&self) -> Result<GoogleClientView, EngineError> {
        if let Some(client) = &self.inner.config.google_client {
            return Ok(GoogleClientView {
                origin: ClientOrigin::Environment,
                id: Some(client.id.clone()),
                has_secret: client.secret.is_some(),
            });
        }
        Ok(self.inner.stored_client().await?.map_or_else(GoogleClientView::default, |stored| {
            GoogleClientView {
                origin: ClientOrigin::Settings,
                id: Some(stored.id),
                has_secret: stored.has_secret,
            }
        }))
    }

    /// Keeps the OAuth client to sign in to Google as, or forgets it. Accounts that are connected go on with the new
    /// one; Google will want them to sign in again.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] when the environment names one, or for an id that is none;
    /// [`EngineError::Provider`] when the keyring cannot be used, [`EngineError::Store`] when it cannot be written.
    pub async fn set_google_client(
        &self,
        id: Option<String>,
        secret: Option<String>,
    ) -> Result<GoogleClientView, EngineError> {
        if self.inner.config.google_client.is_some() {
            return Err(EngineError::Unacceptable {
                reason:
                    "GOOGLE_CLIENT_ID is set in the environment, and goes before the settings. Unset it and \
                         start Synodic again."
                        .into(),
            });
        }
        let client = match id {
            Some(id) => Some(GoogleClient { id: acceptable(&id)?, secret: secret_of(secret)? }),
            None => None,
        };
        self.inner.keep_client(client.as_ref()).await?;
        self.inner.client_in_use.set(client);
        for integration in self.inner.store.integrations().await? {
            if integration.provider == ProviderKind::Google {
                self.inner.clients.forget(integration.id);
                if let Some(worker) = self.inner.worker(integration.id) {
                    worker.reload();
                }
            }
        }
        self.google_client_view().await
    }

    /// The OAuth client, or the sentence that says how to configure one.
    pub(crate) async fn google_client(&self) -> Result<GoogleClient, EngineError> {
        self.inner.load_client().await?;
        self.inner.client_in_use.get().ok_or_else(|| EngineError::Environment {
            reason: "No Google client is configured. Enter its id and secret in the settings, or set \
                     GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET and start Synodic again; the README describes how to \
                     get one."
                .into(),
        })
    }
}

/// What the settings say of the client.
struct Stored {
    id: String,
    has_secret: bool,
}

impl Inner {
    /// Has the client of the settings at hand, unless one is already. Not done at the start, which needs no keyring.
    pub(crate) async fn load_client(&self) -> Result<(), EngineError> {
        if self.client_in_use.get().is_some() {
            return Ok(());
        }
        let Some(stored) = self.stored_client().await? else { return Ok(()) };
        let secret = if stored.has_secret {
            self.secrets.client_vault(&stored.id).load().await?.map(|kept| kept.access_token)
        } else {
            None
        };
        self.client_in_use.set(Some(GoogleClient { id: stored.id, secret }));
        Ok(())
    }

    async fn stored_client(&self) -> Result<Option<Stored>, EngineError> {
        let setting = self.store.setting(SETTING).await?;
        let stored = setting.as_ref().and_then(|setting| {
            Some(Stored {
                id: setting.get("id")?.as_str()?.to_owned(),
                has_secret: setting.get("has_secret") == Some(&Value::Bool(true)),
            })
        });
        Ok(stored)
    }

    /// The secret goes first and the former one last, so that no setting ever names a secret that is not there.
    async fn keep_client(&self, client: Option<&GoogleClient>) -> Result<(), EngineError> {
        let former = self.stored_client().await?;
        if let Some(GoogleClient { id, secret: Some(secret) }) = client {
            let kept = Tokens { access_token: secret.clone(), refresh_token: None, expires_at: None };
            self.secrets.client_vault(id).store(&kept).await?;
        }
        let setting = client
            .map(|client| json!({ "id": client.id, "has_secret": client.secret.is_some() }))
            .unwrap_or_default();
        let mut transaction = self.store.begin(Durability::Edit).await?;
        transaction.set_setting(SETTING, &setting).await?;
        transaction.commit().await?;
        if let Some(former) = former
            && former.has_secret
            && client.is_none_or(|client| client.id != former.id || client.secret.is_none())
        {
            self.secrets.client_vault(&former.id).remove().await?;
        }
        Ok(())
    }
}

fn acceptable(text: &str) -> Result<String, EngineError> {
    let text = text.trim();
    if text.is_empty() || text.len() > LIMIT || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(EngineError::Unacceptable {
            reason: "That is no client id or secret. Copy it from the Google Cloud console, without spaces."
                .into(),
        });
    }
    Ok(text.to_owned())
}

fn secret_of(secret: Option<String>) -> Result<Option<String>, EngineError> {
    secret.filter(|secret| !secret.trim().is_empty()).map(|secret| acceptable(&secret)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_word() {
        assert_eq!(acceptable(" 12.apps.example ").ok().as_deref(), Some("12.apps.example"));
        for text in ["", " ", "two words", "a\nb", &"x".repeat(LIMIT + 1)] {
            assert!(acceptable(text).is_err(), "{text:?}");
        }
        assert_eq!(secret_of(Some("  ".into())).ok(), Some(None), "an empty secret is none");
    }
}
