//! Signing in, and staying signed in.
//!
//! A desktop program is a public client: PKCE (RFC 7636) proves that whoever redeems the code also asked for it, and
//! the random `state` that the redirect answers our own request (guide “OAuth 2.0 for Mobile & Desktop Apps”).
//!
//! [`Session`] hands out access tokens. It renews one a minute before it ends, and once when Google refuses it, in a
//! single request however many calls are waiting. A failure to renew is never taken for a failure of the call that
//! wanted the token: that call was not sent, so it is offline or throttled, not uncertain.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, TokenResponse, TokenUrl,
};
use tokio::sync::Mutex;
use url::Url;

use super::error::Answer;
use super::{GoogleClient, GoogleEndpoints};
use crate::error::ProviderError;
use crate::transport::{Surroundings, Transport, TransportError};
use crate::vault::{TokenVault, Tokens};

/// The sign-in service's name in messages.
const SERVICE: &str = "Google";

/// Reading and writing events, notification channels included, and the list of calendars: the smallest set with which
/// both ways of a sync work.
pub const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
];
/// A person may have granted everything at once, which includes ours.
const EVERYTHING: &str = "https://www.googleapis.com/auth/calendar";

/// A token is renewed this long before it ends, so that none ends on its way.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

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

impl fmt::Debug for SignInRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignInRequest(…)")
    }
}

/// Prepares a sign-in with PKCE (RFC 7636, S256) and a random state, for a loopback redirect (RFC 8252 §7.3).
///
/// # Errors
/// [`ProviderError`] when an endpoint is not an address.
pub fn begin_sign_in(
    endpoints: &GoogleEndpoints,
    client: &GoogleClient,
    redirect_uri: &Url,
) -> Result<SignInRequest, ProviderError> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let oauth = oauth_client(endpoints, client).set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()));
    let (authorize_url, state) = oauth
        .authorize_url(CsrfToken::new_random)
        .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
        // Without these two, Google gives a refresh token at the first consent only (guide “Web server applications”).
        .add_extra_param("access_type", "offline")
        .add_extra_param("prompt", "consent")
        .set_pkce_challenge(challenge)
        .url();
    Ok(SignInRequest {
        authorize_url,
        state: state.into_secret(),
        verifier: verifier.into_secret(),
        redirect_uri: redirect_uri.clone(),
    })
}

/// Exchanges the code that came with the redirect for tokens.
///
/// # Errors
/// [`ProviderError::SignInRefused`] when Google does not take the code, or when the person did not grant all that a
/// sync needs.
pub async fn complete_sign_in(
    endpoints: &GoogleEndpoints,
    client: &GoogleClient,
    request: &SignInRequest,
    code: &str,
) -> Result<Tokens, ProviderError> {
    let surroundings = Surroundings::real().map_err(|error| unreachable(&error))?;
    complete_sign_in_with(&surroundings, endpoints, client, request, code).await
}

/// [`complete_sign_in`] in surroundings of the caller's choice.
///
/// # Errors
/// As [`complete_sign_in`].
pub async fn complete_sign_in_with(
    surroundings: &Surroundings,
    endpoints: &GoogleEndpoints,
    client: &GoogleClient,
    request: &SignInRequest,
    code: &str,
) -> Result<Tokens, ProviderError> {
    let token_endpoint = TokenEndpoint::new(surroundings);
    let answer = oauth_client(endpoints, client)
        .set_redirect_uri(RedirectUrl::from_url(request.redirect_uri.clone()))
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(request.verifier.clone()))
        .request_async(&token_endpoint)
        .await
        .map_err(failed)?;
    require_scopes(&answer)?;
    Ok(tokens(&answer, None, token_endpoint.now))
}

/// People can untick single permissions on the consent page; without all of ours a sync would fail half-way.
fn require_scopes(answer: &BasicTokenResponse) -> Result<(), ProviderError> {
    // A server that does not say grants what was asked for (RFC 6749 §5.1).
    let Some(granted) = answer.scopes() else { return Ok(()) };
    let has = |wanted: &str| granted.iter().any(|scope| scope.as_str() == wanted);
    if has(EVERYTHING) || SCOPES.into_iter().all(has) {
        Ok(())
    } else {
        Err(refused("not all permissions were granted; sign in again and leave every box ticked"))
    }
}

/// One account's tokens, kept fresh.
pub(super) struct Session {
    endpoints: GoogleEndpoints,
    client: GoogleClient,
    vault: Arc<dyn TokenVault>,
    surroundings: Surroundings,
    state: Mutex<State>,
    /// How many renewals have ended; read before the lock is taken, it tells a waiting call that one has ended since.
    renewals: AtomicU64,
}

/// What the session knows. The lock is held while a token is renewed, so that everybody else waits for that one.
#[derive(Default)]
struct State {
    /// The tokens in use; the vault's are read once.
    tokens: Option<Tokens>,
    /// Whether the vault does not hold these tokens yet.
    unsaved: bool,
    /// How the last renewal failed; handed to those who were waiting for it.
    last_failure: Option<ProviderError>,
    /// A refresh token that Google has refused; asking again is no use until the person has signed in again.
    refused: Option<String>,
}

impl Session {
    pub(super) fn new(
        endpoints: GoogleEndpoints,
        client: GoogleClient,
        vault: Arc<dyn TokenVault>,
        surroundings: Surroundings,
    ) -> Self {
        Self {
            endpoints,
            client,
            vault,
            surroundings,
            state: Mutex::default(),
            renewals: AtomicU64::default(),
        }
    }

    /// A token that lasts for another minute at least.
    pub(super) async fn access_token(&self) -> Result<String, ProviderError> {
        self.token(|tokens| self.is_fresh(tokens)).await
    }

    /// A token other than `refused`, which Google did not take.
    pub(super) async fn renewed(&self, refused: &str) -> Result<String, ProviderError> {
        self.token(|tokens| tokens.access_token != refused).await
    }

    /// The token at hand if it `serves`, else a new one. Whoever has to wait here waits for somebody else's renewal,
    /// and takes its result, good or bad.
    async fn token(&self, serves: impl Fn(&Tokens) -> bool) -> Result<String, ProviderError> {
        let before = self.renewals.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        let tokens = self.current(&mut state).await?;
        if serves(&tokens) {
            self.save(&mut state).await?;
            return Ok(tokens.access_token);
        }
        match &state.last_failure {
            Some(failure) if self.renewals.load(Ordering::Acquire) != before => Err(failure.clone()),
            _ => self.renew(&mut state, &tokens).await,
        }
    }

    /// Tells Google to forget the grant. The vault is left to the caller, who may have to clear it offline too.
    pub(super) async fn revoke(&self) -> Result<(), ProviderError> {
        let mut state = self.state.lock().await;
        let tokens = self.current(&mut state).await?;
        let token = tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token);
        let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        let request = http::Request::post(self.endpoints.revoke().as_str())
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_bytes())
            .map_err(|error| refused(&error.to_string()))?;
        match self.surroundings.transport.send(request).await.map_err(|error| unreachable(&error))?.status() {
            // 400 means that the token is not valid any more, which is what was asked for.
            StatusCode::BAD_REQUEST => {}
            status if status.is_success() => {}
            status => return Err(unreachable(&TransportError::Unreachable { reason: status.to_string() })),
        }
        *state = State::default();
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        (self.surroundings.clock)()
    }

    fn is_fresh(&self, tokens: &Tokens) -> bool {
        tokens.expires_at.is_none_or(|end| self.now() + MARGIN < end)
    }

    async fn current(&self, state: &mut State) -> Result<Tokens, ProviderError> {
        if let Some(tokens) = &state.tokens {
            return Ok(tokens.clone());
        }
        let stored = self.vault.load().await?.ok_or_else(|| refused("this account has no stored sign-in"))?;
        state.tokens = Some(stored.clone());
        Ok(stored)
    }

    async fn renew(&self, state: &mut State, tokens: &Tokens) -> Result<String, ProviderError> {
        let result = self.fetch(state, tokens).await;
        self.renewals.fetch_add(1, Ordering::AcqRel);
        state.last_failure = result.as_ref().err().cloned();
        let fresh = result?;
        let access_token = fresh.access_token.clone();
        tracing::debug!(expires_at = ?fresh.expires_at, "renewed the access token");
        state.tokens = Some(fresh);
        state.unsaved = true;
        self.save(state).await?;
        Ok(access_token)
    }

    async fn fetch(&self, state: &mut State, tokens: &Tokens) -> Result<Tokens, ProviderError> {
        let Some(refresh_token) = &tokens.refresh_token else {
            return Err(refused("the stored sign-in has ended"));
        };
        let result = if state.refused.as_ref() == Some(refresh_token) {
            Err(refused("this sign-in has ended"))
        } else {
            self.exchange_refresh_token(refresh_token).await
        };
        if matches!(result, Err(ProviderError::SignInRefused { .. })) {
            state.refused = Some(refresh_token.clone());
            // Only a new sign-in helps. Its tokens would be in the vault, so the next call looks there.
            state.tokens = None;
        }
        result
    }

    async fn exchange_refresh_token(&self, refresh_token: &str) -> Result<Tokens, ProviderError> {
        let token_endpoint = TokenEndpoint::new(&self.surroundings);
        let answer = oauth_client(&self.endpoints, &self.client)
            .exchange_refresh_token(&RefreshToken::new(refresh_token.to_owned()))
            .request_async(&token_endpoint)
            .await
            .map_err(failed)?;
        Ok(tokens(&answer, Some(refresh_token), token_endpoint.now))
    }

    /// Stores renewed tokens before they are used: a rotated refresh token that was only in memory would be lost with
    /// the process, and the old one does not work any more.
    async fn save(&self, state: &mut State) -> Result<(), ProviderError> {
        if let (true, Some(tokens)) = (state.unsaved, &state.tokens) {
            self.vault.store(tokens).await?;
            state.unsaved = false;
        }
        Ok(())
    }
}

/// Google as the `oauth2` crate knows it.
type OauthClient = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn oauth_client(endpoints: &GoogleEndpoints, client: &GoogleClient) -> OauthClient {
    let oauth = BasicClient::new(ClientId::new(client.id.clone()))
        .set_auth_uri(AuthUrl::from_url(endpoints.auth.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
        .set_auth_type(AuthType::RequestBody);
    match &client.secret {
        Some(secret) => oauth.set_client_secret(ClientSecret::new(secret.clone())),
        None => oauth,
    }
}

fn tokens(answer: &BasicTokenResponse, former_refresh_token: Option<&str>, now: DateTime<Utc>) -> Tokens {
    let rotated = answer.refresh_token().map(|token| token.secret().clone());
    Tokens {
        access_token: answer.access_token().secret().clone(),
        refresh_token: rotated.or_else(|| former_refresh_token.map(str::to_owned)),
        expires_at: answer.expires_in().and_then(|lifetime| Some(now + TimeDelta::from_std(lifetime).ok()?)),
    }
}

/// Why the token endpoint gave nothing that the `oauth2` crate could read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct SendError(ProviderError);

/// Carries the requests of the `oauth2` crate.
struct TokenEndpoint {
    transport: Arc<dyn Transport>,
    now: DateTime<Utc>,
}

impl TokenEndpoint {
    fn new(surroundings: &Surroundings) -> Self {
        Self { transport: Arc::clone(&surroundings.transport), now: (surroundings.clock)() }
    }

    /// Sorts out failures of the server itself before the crate takes them for the protocol's own errors: a 503 does
    /// not mean that the grant is invalid.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, SendError> {
        let response = self.transport.send(request).await.map_err(|error| SendError(unreachable(&error)))?;
        let status = response.status();
        if status.is_success() || (status.is_client_error() && !is_passing(status)) {
            return Ok(response);
        }
        Err(SendError(passing(status, Answer::new(response, self.now).retry_after())))
    }
}

impl<'c> AsyncHttpClient<'c> for TokenEndpoint {
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, SendError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn is_passing(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn passing(status: StatusCode, retry_after: Option<Duration>) -> ProviderError {
    let reason = format!("the sign-in service answered {status}");
    if status == StatusCode::TOO_MANY_REQUESTS || retry_after.is_some() {
        ProviderError::Throttled {
            service: SERVICE.to_owned(),
            action: "renewing the sign-in",
            retry_after,
            reason,
        }
    } else {
        unreachable(&TransportError::Unreachable { reason })
    }
}

fn failed(error: RequestTokenError<SendError, BasicErrorResponse>) -> ProviderError {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            // Google's code stands in for its sentence only where it has none.
            refused(&answer.error_description().cloned().unwrap_or_else(|| answer.error().to_string()))
        }
        RequestTokenError::Request(SendError(error)) => error,
        // The text may quote the answer, which may hold a token.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            unreachable(&TransportError::Unreachable {
                reason: "the sign-in service's answer cannot be read".to_owned(),
            })
        }
    }
}

/// Whatever happened at the token endpoint, the call that wanted the token was not sent.
fn unreachable(error: &TransportError) -> ProviderError {
    ProviderError::Unreachable { service: SERVICE.to_owned(), reason: error.to_string() }
}

fn refused(reason: &str) -> ProviderError {
    ProviderError::SignInRefused { service: SERVICE.to_owned(), reason: reason.to_owned() }
}
