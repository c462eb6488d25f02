//! Calendars that are subscribed to: files at addresses, only read.
//!
//! An address is an account of one calendar. Whoever knows it can often read the calendar, so it is kept like a password, and
//! what is shown is the calendar's name and the host.

use std::sync::Arc;

use serde_json::{Value, json};
use synodic_model::sync::{Integration, ProviderKind, SyncDirection};
use synodic_providers::subscription::{Address, Subscription};
use synodic_providers::transport::{Network, Pace, Surroundings};
use synodic_providers::{Provider, ProviderError, TokenVault, Tokens};

use crate::clock::Clock;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::secrets::Secrets;
use crate::services::unable;
use crate::view::CalendarView;

/// The longest name that is taken from a file, in characters.
const NAME_LIMIT: usize = 80;

impl Engine {
    /// Subscribes to the calendar file at an address, which is looked at once, and keeps a calendar here that shows it. One
    /// that is subscribed to already stays what it is.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] when it is no address or there is no calendar file, [`EngineError::SignIn`] when a name
    /// and a password are wanted, [`EngineError::Provider`] when it cannot be reached or the keyring cannot be used.
    pub async fn subscribe(&self, address: &str) -> Result<CalendarView, EngineError> {
        let address = Address::read(address).map_err(|reason| EngineError::Unacceptable { reason })?;
        let tokens =
            Tokens { access_token: address.as_str().to_owned(), refresh_token: None, expires_at: None };
        let surroundings = surroundings(&self.inner.clock)?;
        let vault = Secrets::passing(tokens.clone());
        let told = Subscription::with(address.host().to_owned(), vault, surroundings).look().await;
        let told = told.map_err(explained)?.unwrap_or_default();
        let told: String =
            told.trim().chars().filter(|letter| !letter.is_control()).take(NAME_LIMIT).collect();
        let name = if told.is_empty() { address.host().to_owned() } else { told };

        let mut integration = self.inner.new_integration(ProviderKind::Ics);
        integration.direction = SyncDirection::PullOnly;
        integration.account = account(&self.inner.store.integrations().await?, &name, &address);
        integration.settings = json!({ "name": name, "calendar": address.id() });
        let id = self.inner.keep(integration, &tokens).await?;
        let is_there = |view: &CalendarView| view.links.iter().any(|link| link.integration_id == id);
        match self.calendars().await?.into_iter().find(is_there) {
            Some(calendar) => Ok(calendar),
            None => self.link_calendar(None, id, address.id(), SyncDirection::PullOnly).await,
        }
    }
}

/// How the account is called: as it was, or by a name that no other has.
fn account(known: &[Integration], name: &str, address: &Address) -> String {
    let others: Vec<_> = known.iter().filter(|other| other.provider == ProviderKind::Ics).collect();
    let id = json!(address.id());
    if let Some(same) = others.iter().find(|other| other.settings.get("calendar") == Some(&id)) {
        return same.account.clone();
    }
    let plain = if name == address.host() { name.to_owned() } else { format!("{name} ({})", address.host()) };
    let is_taken = |name: &String| others.iter().any(|other| other.account.eq_ignore_ascii_case(name));
    let numbered = (2..).map(|number: u32| format!("{plain} {number}"));
    let mut names = std::iter::once(plain.clone()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

/// The client for an account that is known.
pub(crate) fn client(
    settings: &Value,
    vault: Arc<dyn TokenVault>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Provider>, EngineError> {
    let name = settings.get("name").and_then(Value::as_str).unwrap_or("The calendar").to_owned();
    Ok(Arc::new(Subscription::with(name, vault, surroundings(clock)?)))
}

fn surroundings(clock: &Arc<dyn Clock>) -> Result<Surroundings, EngineError> {
    let clock = Arc::clone(clock);
    let transport = Arc::new(Network::patient(None).map_err(unable)?);
    Ok(Surroundings { transport, clock: Arc::new(move || clock.now()), pace: Pace::OfService })
}

/// Says what to do where there is nothing to subscribe to.
fn explained(error: ProviderError) -> EngineError {
    match error {
        ProviderError::ServerFailed { service, status: 401, .. } => EngineError::SignIn {
            reason: format!(
                "{service} wants a name and a password for this calendar. Put them into the address: \
                 https://name:password@{service}/…"
            ),
        },
        ProviderError::Unreadable { service, reason, .. } => EngineError::Unacceptable {
            reason: format!("There is no calendar to subscribe to at {service}: {reason}."),
        },
        ProviderError::ServerFailed { service, status, .. } if (400..500).contains(&status) => {
            EngineError::Unacceptable {
                reason: format!("There is no calendar at this address: {service} answers with {status}."),
            }
        }
        error => error.into(),
    }
}
