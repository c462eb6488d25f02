//! Calendar servers: connecting an account.
//!
//! The person names a place and a user; where the calendars are is found out from there, and kept with the account. The
//! password goes to the keyring only.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use synodic_model::IntegrationId;
use synodic_model::sync::ProviderKind;
use synodic_providers::caldav::{CaldavAccount, discover};
use synodic_providers::transport::{Network, Pace, Surroundings};
use synodic_providers::{ProviderError, Tokens};
use ts_rs::TS;

use crate::clock::Clock;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::secrets::Secrets;
use crate::services::unable;

/// How a certificate begins in a file.
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Whom the person signs in as, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CaldavPlace {
    /// The address of the server, its host, or just an e-mail address.
    pub place: String,
    /// The name to sign in with; none when what is kept is a bearer token.
    pub user: Option<String>,
    /// The file of a certificate authority that is trusted for this account beside the system's.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub certificate: Option<PathBuf>,
}

impl Engine {
    /// Connects an account at a calendar server, which is asked at once. One that is connected already gets the new
    /// password and stays the account that it was.
    ///
    /// # Errors
    /// [`EngineError::SignIn`] when the server does not take the password, [`EngineError::Unacceptable`] when there are no
    /// calendars to be found at the place, [`EngineError::Provider`] when it cannot be reached or the keyring cannot be
    /// used.
    pub async fn connect_caldav(
        &self,
        place: CaldavPlace,
        secret: &str,
    ) -> Result<IntegrationId, EngineError> {
        let CaldavPlace { place, user, certificate } = place;
        let user = user.map(|user| user.trim().to_owned()).filter(|user| !user.is_empty());
        let account = CaldavAccount { certificate, ..CaldavAccount::at(place.trim(), user) };
        let tokens = Tokens { access_token: secret.to_owned(), refresh_token: None, expires_at: None };
        let surroundings = surroundings(&account, &self.inner.clock)?;
        let found = discover(account, Secrets::passing(tokens.clone()), surroundings).await;
        let found = found.map_err(explained)?;
        let mut integration = self.inner.new_integration(ProviderKind::Caldav);
        integration.account = found.name();
        integration.settings = settings(&found)?;
        self.inner.keep(integration, &tokens).await
    }
}

/// What an account needs from around it: the network, which believes its authority, and our clock.
pub(crate) fn surroundings(
    account: &CaldavAccount,
    clock: &Arc<dyn Clock>,
) -> Result<Surroundings, EngineError> {
    let clock = Arc::clone(clock);
    let authority = match &account.certificate {
        None => None,
        Some(file) => {
            let unreadable = |reason| EngineError::Unacceptable {
                reason: format!("The certificate {} cannot be read: {reason}.", file.display()),
            };
            let text = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
            if !text.windows(PEM.len()).any(|part| part == PEM) {
                return Err(unreadable("there is no certificate in it, as PEM files have them".to_owned()));
            }
            Some(text)
        }
    };
    let transport = Arc::new(Network::patient(authority.as_deref()).map_err(unable)?);
    Ok(Surroundings { transport, clock: Arc::new(move || clock.now()), pace: Pace::OfService })
}

fn settings(account: &CaldavAccount) -> Result<serde_json::Value, EngineError> {
    serde_json::to_value(account).map_err(|error| EngineError::Environment { reason: error.to_string() })
}

/// Says what to do where a sign-in fails.
fn explained(error: ProviderError) -> EngineError {
    match error {
        ProviderError::SignInRefused { service, .. } => {
            let is_icloud = service.ends_with("icloud.com");
            let hint = if is_icloud || service.ends_with("fastmail.com") {
                " It wants a password that you make for this app alone, in the security settings of your account there."
            } else {
                " Check both; where you sign in with a second factor, make a password for this app in your account there."
            };
            EngineError::SignIn { reason: format!("{service} does not take this name and password.{hint}") }
        }
        ProviderError::Refused { service, reason, .. } => {
            EngineError::Unacceptable { reason: format!("No calendars were found at {service}: {reason}.") }
        }
        error => error.into(),
    }
}
