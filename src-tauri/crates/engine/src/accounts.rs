//! The connected accounts: adding, renewing and removing them.

use std::time::Duration;

use serde_json::json;
use synodic_model::sync::{Integration, IntegrationStatus, ProviderKind, SyncDirection};
use synodic_model::{CalendarId, IntegrationId};
use synodic_providers::{Provider, Tokens};
use synodic_store::{Durability, Transaction};

use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::secrets::Secrets;
use crate::sign_in::ending::note_sign_in;
use crate::view::{AccountView, GoneView, LeavingView};

/// How long a service may take to hear that the consent ends.
const SIGNING_OUT_TIME: Duration = Duration::from_secs(5);

impl Engine {
    /// All connected accounts, in the order in which they were connected.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn integrations(&self) -> Result<Vec<AccountView>, EngineError> {
        let integrations = self.inner.store.integrations().await?;
        let views = integrations.into_iter().map(|integration| AccountView {
            id: integration.id,
            provider: integration.provider,
            account: integration.account,
            status: integration.status,
        });
        Ok(views.collect())
    }

    /// Connects the Google account that `tokens` are for. One that is connected already gets the new tokens and stays
    /// the account that it was.
    ///
    /// # Errors
    /// [`EngineError::Provider`] when Google cannot be reached or the keyring cannot be used,
    /// [`EngineError::Environment`] when no OAuth client is configured.
    pub async fn connect_google(&self, tokens: Tokens) -> Result<IntegrationId, EngineError> {
        let mut integration = self.inner.new_integration(ProviderKind::Google);
        let tokens = self.inner.identify(&mut integration, tokens).await?;
        self.inner.keep(integration, &tokens).await
    }

    /// Gives new tokens to an account that is connected, if they are for that account.
    pub(crate) async fn renew_google(
        &self,
        id: IntegrationId,
        tokens: Tokens,
    ) -> Result<IntegrationId, EngineError> {
        let expected = self.integration(id).await?;
        let mut signed_in = self.inner.new_integration(ProviderKind::Google);
        let tokens = self.inner.identify(&mut signed_in, tokens).await?;
        if !signed_in.account.eq_ignore_ascii_case(&expected.account) {
            return Err(EngineError::SignIn {
                reason: format!(
                    "You signed in as {}, but this account is {}. Sign in again and choose that one in the browser, \
                     or add {} as an account of its own.",
                    signed_in.account, expected.account, signed_in.account
                ),
            });
        }
        self.inner.keep(expected, &tokens).await
    }

    /// What an account takes with it when it is removed: the calendars that nothing else feeds, unless the events are
    /// kept, and edits that were not sent yet, each by its title.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such account, [`EngineError::Store`] when the replica cannot be read.
    pub async fn leaving_account(&self, id: IntegrationId) -> Result<LeavingView, EngineError> {
        let integration = self.integration(id).await?;
        let links = self.inner.store.links_of_integration(id).await?;
        let unsent = self.unsent(|item| item.integration_id == id).await?;
        Ok(LeavingView { name: integration.account, calendars: self.inner.only_of(&links).await?, unsent })
    }

    /// Disconnects an account: its channels are stopped, its links, its secrets and what waits to be sent to it are
    /// removed, and the service is told that the consent ends here; no event is changed there. With `keep_events` its
    /// calendars stay as local ones; without, those go that are linked to this account only, with all their events.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such account, [`EngineError::Store`] when it cannot be removed; then
    /// it is still connected. [`EngineError::Environment`] when it is removed but the keyring kept its tokens.
    pub async fn remove_account(
        &self,
        id: IntegrationId,
        keep_events: bool,
    ) -> Result<GoneView, EngineError> {
        let integration = self.integration(id).await?;
        if let Some(worker) = self.inner.worker(id) {
            worker.close_channels(self.inner.store.links_of_integration(id).await?).await;
        }
        self.inner.stop_worker(id).await;
        if let Err(error) = self.inner.forget(id, keep_events).await {
            self.inner.spawn_worker(integration);
            return Err(error);
        }
        let consent_ended = self.inner.sign_out(&integration).await;
        self.inner.clients.forget(id);
        self.inner.tell_links_changed().await;
        self.inner.secrets.vault_of(&integration).remove().await.map_err(|error| EngineError::Environment {
            reason: format!(
                "The account {} is removed, but its sign-in is still in the keyring: {}. Delete the entry “synodic” \
                 there yourself.",
                integration.account, error.reason
            ),
        })?;
        Ok(GoneView { account: integration.account, consent_ended })
    }

    pub(crate) async fn integration(&self, id: IntegrationId) -> Result<Integration, EngineError> {
        self.inner.store.integration(id).await?.ok_or(EngineError::NotFound { what: "account" })
    }
}

/// An account with the tokens that it was signed in to with.
pub(crate) struct Signed {
    pub(crate) integration: Integration,
    pub(crate) tokens: Tokens,
}

impl Inner {
    /// Tells the service that the consent ends here. Nobody waits long for that: who is offline can end it there.
    async fn sign_out(&self, integration: &Integration) -> bool {
        let told = async { Ok::<_, EngineError>(self.provider(integration).await?.sign_out().await?) };
        match tokio::time::timeout(SIGNING_OUT_TIME, told).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::info!(integration = %integration.id, %error, "a service could not be told that the consent ends");
                false
            }
            Err(_) => false,
        }
    }

    pub(crate) fn new_integration(&self, provider: ProviderKind) -> Integration {
        let now = self.clock.now();
        Integration {
            id: IntegrationId::new(self.chance.id(now)),
            provider,
            account: String::new(),
            status: IntegrationStatus::Active,
            settings: json!({}),
            direction: SyncDirection::default(),
            created_at: now,
            last_success_at: None,
            last_error: None,
        }
    }

    /// Asks the service whose tokens these are. Returns them as they are afterwards, for asking may renew them.
    async fn identify(&self, integration: &mut Integration, tokens: Tokens) -> Result<Tokens, EngineError> {
        let vault = Secrets::passing(tokens.clone());
        let client = self.services.connect(integration, vault.clone())?;
        integration.account = client.account().await?;
        Ok(vault.load().await?.unwrap_or(tokens))
    }

    /// Stores tokens and the account they are for, and lets its worker go on with them. The tokens come first: an
    /// account without any could do nothing but ask for a sign-in again.
    pub(crate) async fn keep(
        self: &std::sync::Arc<Self>,
        account: Integration,
        tokens: &Tokens,
    ) -> Result<IntegrationId, EngineError> {
        self.secrets.vault_of(&account).store(tokens).await?;
        let mut transaction = self.store.begin(Durability::Edit).await?;
        let known = known(&mut transaction, &account).await?;
        let is_new = known.is_none();
        let mut integration =
            Integration { status: IntegrationStatus::Active, last_error: None, ..known.unwrap_or(account) };
        note_sign_in(&mut integration, self.clock.now());
        transaction.put_integration(&integration).await?;
        transaction.commit().await?;

        let id = integration.id;
        if is_new {
            self.spawn_worker(integration);
        } else {
            self.clients.forget(id);
            if let Some(worker) = self.worker(id) {
                worker.reload();
            }
        }
        self.tell_links_changed().await;
        tracing::info!(integration = %id, is_new, "An account was signed in.");
        Ok(id)
    }

    /// Removes an account from the replica, and the calendars that only it fed unless they are to be kept.
    async fn forget(&self, id: IntegrationId, keep_events: bool) -> Result<(), EngineError> {
        let mut transaction = self.store.begin(Durability::Edit).await?;
        if !keep_events {
            for calendar in calendars_only_of(&mut transaction, id).await? {
                transaction.remove_calendar(calendar).await?;
            }
        }
        transaction.remove_integration(id).await?;
        transaction.commit().await?;
        Ok(())
    }
}

async fn known(
    transaction: &mut Transaction,
    account: &Integration,
) -> Result<Option<Integration>, EngineError> {
    let integrations = transaction.integrations().await?;
    Ok(integrations.into_iter().find(|known| {
        known.provider == account.provider && known.account.eq_ignore_ascii_case(&account.account)
    }))
}

async fn calendars_only_of(
    transaction: &mut Transaction,
    id: IntegrationId,
) -> Result<Vec<CalendarId>, EngineError> {
    let links = transaction.links().await?;
    let is_shared = |calendar: CalendarId| {
        links.iter().any(|link| link.calendar_id == calendar && link.integration_id != id)
    };
    let mut calendars: Vec<CalendarId> =
        links.iter().filter(|link| link.integration_id == id).map(|link| link.calendar_id).collect();
    calendars.sort_unstable();
    calendars.dedup();
    calendars.retain(|calendar| !is_shared(*calendar));
    Ok(calendars)
}
