//! Tokens: the one of an internal connection, which a person types in and which never ends, and those of OAuth.
//!
//! Notion's OAuth asks for a client secret and knows no PKCE; the random `state` is what ties the redirect to our own
//! request. A renewal gives a new pair and ends the old one, so it is done once however many calls are waiting, and the
//! new pair is stored before it is used.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{Method, Request, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;
use uuid::Uuid;

use super::error::{Answer, SERVICE, refused, unreadable};
use super::wire::VERSION;
use super::{NotionClient, NotionEndpoint};
use crate::error::ProviderError;
use crate::transport::Surroundings;
use crate::vault::{TokenVault, Tokens};

const SIGNING_IN: &str = "signing in";

/// A sign-in under way.
pub struct NotionSignIn {
    /// To be opened in the browser.
    pub authorize_url: Url,
    /// Must come back with the redirect.
    pub state: String,
    /// Where the browser is sent afterwards.
    pub redirect_uri: Url,
}

impl std::fmt::Debug for NotionSignIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NotionSignIn(…)")
    }
}

/// Prepares a sign-in in the browser, for a loopback redirect.
#[must_use]
pub fn begin_sign_in(endpoint: &NotionEndpoint, client: &NotionClient, redirect_uri: &Url) -> NotionSignIn {
    let state = Uuid::new_v4().simple().to_string();
    let mut authorize_url = endpoint.at("oauth/authorize");
    authorize_url
        .query_pairs_mut()
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", redirect_uri.as_str())
        .append_pair("response_type", "code")
        .append_pair("owner", "user")
        .append_pair("state", &state);
    NotionSignIn { authorize_url, state, redirect_uri: redirect_uri.clone() }
}

/// Exchanges the code that came with the redirect for tokens.
///
/// # Errors
/// [`ProviderError::SignInRefused`] when Notion does not take the code.
pub async fn complete_sign_in(
    surroundings: &Surroundings,
    endpoint: &NotionEndpoint,
    client: &NotionClient,
    request: &NotionSignIn,
    code: &str,
) -> Result<Tokens, ProviderError> {
    let grant = json!({
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": request.redirect_uri.as_str(),
    });
    token(surroundings, endpoint, client, &grant).await
}

/// What the token endpoint answers.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    refresh_token: Option<String>,
}

async fn token(
    surroundings: &Surroundings,
    endpoint: &NotionEndpoint,
    client: &NotionClient,
    grant: &Value,
) -> Result<Tokens, ProviderError> {
    let basic = BASE64_STANDARD.encode(format!("{}:{}", client.id, client.secret));
    let request = Request::builder()
        .method(Method::POST)
        .uri(endpoint.at("oauth/token").as_str())
        .header(header::AUTHORIZATION, format!("Basic {basic}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("Notion-Version", VERSION)
        .body(grant.to_string().into_bytes())
        .map_err(|error| refused(SIGNING_IN, 0, error.to_string()))?;
    let response = surroundings
        .transport
        .send(request)
        .await
        .map_err(|error| ProviderError::unanswered(SERVICE, SIGNING_IN, error))?;
    let answer = Answer::new(response, (surroundings.clock)());
    if answer.status == StatusCode::BAD_REQUEST || answer.status == StatusCode::UNAUTHORIZED {
        let reason = answer.failure(SIGNING_IN).to_string();
        return Err(ProviderError::SignInRefused { service: SERVICE.to_owned(), reason });
    }
    let answer: TokenAnswer = answer.json(SIGNING_IN)?;
    if answer.access_token.is_empty() {
        return Err(unreadable(SIGNING_IN, "the token is empty"));
    }
    Ok(Tokens { access_token: answer.access_token, refresh_token: answer.refresh_token, expires_at: None })
}

/// Hands out access tokens.
pub(super) struct Session {
    endpoint: NotionEndpoint,
    client: Option<NotionClient>,
    vault: Arc<dyn TokenVault>,
    surroundings: Surroundings,
    tokens: Mutex<Option<Tokens>>,
}

impl Session {
    pub(super) fn new(
        endpoint: NotionEndpoint,
        client: Option<NotionClient>,
        vault: Arc<dyn TokenVault>,
        surroundings: Surroundings,
    ) -> Self {
        Self { endpoint, client, vault, surroundings, tokens: Mutex::default() }
    }

    /// The token to send.
    pub(super) async fn access_token(&self) -> Result<String, ProviderError> {
        let mut tokens = self.tokens.lock().await;
        if tokens.is_none() {
            *tokens = self.vault.load().await?;
        }
        tokens.as_ref().map(|tokens| tokens.access_token.clone()).ok_or_else(|| {
            ProviderError::SignInRefused {
                service: SERVICE.to_owned(),
                reason: "there is no token for this account".to_owned(),
            }
        })
    }

    /// Another token than the refused one; none where a token cannot be renewed.
    pub(super) async fn renewed(&self, refused: &str) -> Result<Option<String>, ProviderError> {
        let mut held = self.tokens.lock().await;
        let Some(tokens) = held.clone() else { return Ok(None) };
        if tokens.access_token != refused {
            return Ok(Some(tokens.access_token));
        }
        let (Some(client), Some(refresh_token)) = (&self.client, &tokens.refresh_token) else {
            return Ok(None);
        };
        let grant = json!({ "grant_type": "refresh_token", "refresh_token": refresh_token });
        let mut fresh = match token(&self.surroundings, &self.endpoint, client, &grant).await {
            Ok(fresh) => fresh,
            // The call that wanted the token was not sent, so nothing is uncertain about it.
            Err(
                ProviderError::NoAnswer { service, reason, .. }
                | ProviderError::ServerFailed { service, reason, .. },
            ) => {
                return Err(ProviderError::Unreachable { service, reason });
            }
            Err(error) => return Err(error),
        };
        if fresh.refresh_token.is_none() {
            fresh.refresh_token = tokens.refresh_token;
        }
        self.vault.store(&fresh).await?;
        let access_token = fresh.access_token.clone();
        *held = Some(fresh);
        Ok(Some(access_token))
    }
}
