//! OAuth 2.0 as a desktop application meets it: codes, access tokens, refresh tokens, revocation.
//!
//! This is the state and its rules; the pages and forms are in [`super::http::oauth`].

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::scope;
use super::state::{Identity, State};
use crate::clock::span;

/// How many refresh tokens one account and client can have; the oldest ends without a word.
const LIVE_REFRESH_TOKENS: usize = 100;

/// Codes and tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    codes: BTreeMap<String, Code>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
    /// How many refresh tokens were ever issued, which tells the oldest.
    issued: u64,
}

/// An authorization code, good for one exchange.
#[derive(Clone, Debug)]
struct Code {
    request: Authorization,
    email: String,
    expires: DateTime<Utc>,
}

#[derive(Clone, Debug)]
struct Access {
    who: Identity,
    expires: DateTime<Utc>,
    /// The refresh token it came with.
    refresh: String,
}

#[derive(Clone, Debug)]
struct Refresh {
    who: Identity,
    client_id: String,
    expires: Option<DateTime<Utc>>,
    number: u64,
}

/// What a client asks of the authorization page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authorization {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) code_challenge: Option<String>,
}

/// An error of the token endpoint, which has a shape of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenError {
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

impl TokenError {
    pub(crate) fn new(status: u16, error: &'static str, description: &'static str) -> Self {
        Self { status, error, description }
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "error": self.error, "error_description": self.description })
    }
}

const REVOKED: &str = "Token has been expired or revoked.";

impl State {
    /// Issues a code after consent.
    pub(crate) fn issue_code(&mut self, request: Authorization, email: &str) -> String {
        let code = self.random_secret("4/0", 60);
        let expires = self.now() + TimeDelta::minutes(10);
        self.grants.codes.insert(code.clone(), Code { request, email: email.to_owned(), expires });
        code
    }

    /// Issues tokens for an account without the browser.
    pub(crate) fn issue_tokens(&mut self, email: &str) -> Result<(String, String), ApiError> {
        if !self.accounts.contains_key(email) {
            return Err(ApiError::not_found());
        }
        let scopes = BTreeSet::from([scope::EVERYTHING.to_owned()]);
        let who = Identity { email: email.to_owned(), scopes };
        let refresh = self.issue_refresh(who.clone(), "");
        Ok((self.issue_access(who, &refresh), refresh))
    }

    fn issue_access(&mut self, who: Identity, refresh: &str) -> String {
        let token = self.random_secret("ya29.", 80);
        let now = self.now();
        let expires = now + span(self.options.token_lifetime);
        self.grants.access.retain(|_, access| access.expires > now);
        self.grants.access.insert(token.clone(), Access { who, expires, refresh: refresh.to_owned() });
        token
    }

    fn issue_refresh(&mut self, who: Identity, client_id: &str) -> String {
        let token = self.random_secret("1//0", 60);
        let expires = self.options.oauth_testing.then(|| self.now() + TimeDelta::days(7));
        self.grants.issued += 1;
        let number = self.grants.issued;
        let same = |other: &Refresh| other.who.email == who.email && other.client_id == client_id;
        let mut live = self.grants.refresh.iter().filter(|(_, other)| same(other)).collect::<Vec<_>>();
        live.sort_by_key(|(_, other)| other.number);
        let surplus = (live.len() + 1).saturating_sub(LIVE_REFRESH_TOKENS);
        let oldest = live.iter().take(surplus).map(|(token, _)| (*token).clone()).collect::<Vec<_>>();
        for token in oldest {
            self.grants.refresh.remove(&token);
        }
        let refresh = Refresh { who, client_id: client_id.to_owned(), expires, number };
        self.grants.refresh.insert(token.clone(), refresh);
        token
    }

    /// `grant_type=authorization_code`.
    pub(crate) fn exchange_code(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
    ) -> Result<Value, TokenError> {
        // Whatever comes of the exchange, the code is used up.
        let Some(code) = self.grants.codes.remove(code).filter(|code| code.expires > self.now()) else {
            return Err(TokenError::new(400, "invalid_grant", "Malformed auth code."));
        };
        if code.request.client_id != client_id {
            return Err(TokenError::new(401, "unauthorized_client", "Unauthorized"));
        }
        if code.request.redirect_uri != redirect_uri {
            return Err(TokenError::new(400, "redirect_uri_mismatch", "Bad Request"));
        }
        if let Some(challenge) = &code.request.code_challenge {
            let Some(verifier) = verifier else {
                return Err(TokenError::new(400, "invalid_grant", "Missing code verifier."));
            };
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            let proper = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
            if !proper || challenge_for(verifier) != *challenge {
                return Err(TokenError::new(400, "invalid_grant", "Invalid code verifier."));
            }
        }
        let who = Identity { email: code.email, scopes: code.request.scopes };
        let refresh = self.issue_refresh(who.clone(), client_id);
        let access = self.issue_access(who.clone(), &refresh);
        let mut answer = self.token_answer(&access, &who);
        answer["refresh_token"] = json!(refresh);
        Ok(answer)
    }

    /// `grant_type=refresh_token`. The refresh token stays the same.
    pub(crate) fn refresh(&mut self, token: &str, client_id: &str) -> Result<Value, TokenError> {
        let known = self.grants.refresh.get(token).cloned();
        let Some(known) = known.filter(|refresh| refresh.expires.is_none_or(|expires| expires > self.now()))
        else {
            return Err(TokenError::new(400, "invalid_grant", REVOKED));
        };
        // Tokens that were issued without the browser belong to no particular client.
        if !known.client_id.is_empty() && known.client_id != client_id {
            return Err(TokenError::new(401, "unauthorized_client", "Unauthorized"));
        }
        let access = self.issue_access(known.who.clone(), token);
        Ok(self.token_answer(&access, &known.who))
    }

    fn token_answer(&self, access: &str, who: &Identity) -> Value {
        json!({
            "access_token": access,
            "expires_in": self.options.token_lifetime.as_secs(),
            "scope": who.scopes.iter().cloned().collect::<Vec<_>>().join(" "),
            "token_type": "Bearer",
        })
    }

    /// `revoke`: ends a refresh token and its access tokens, given either of them.
    pub(crate) fn revoke_token(&mut self, token: &str) -> Result<(), TokenError> {
        let refresh =
            self.grants.access.get(token).map_or_else(|| token.to_owned(), |access| access.refresh.clone());
        if self.grants.refresh.remove(&refresh).is_none() {
            return Err(TokenError::new(400, "invalid_token", "Token expired or revoked"));
        }
        self.grants.access.retain(|_, access| access.refresh != refresh);
        Ok(())
    }

    /// Ends all access of all clients to an account, as its owner can do on a page of Google's.
    pub(crate) fn revoke_account(&mut self, email: &str) {
        self.grants.access.retain(|_, access| access.who.email != email);
        self.grants.refresh.retain(|_, refresh| refresh.who.email != email);
        self.grants.codes.retain(|_, code| code.email != email);
    }

    /// Ends all access tokens; refresh tokens stay good.
    pub(crate) fn expire_access_tokens(&mut self) {
        self.grants.access.clear();
    }

    /// Finds out who sends a request.
    pub(crate) fn identify(&self, token: &str) -> Result<Identity, ApiError> {
        let access = self.grants.access.get(token).filter(|access| access.expires > self.now());
        access.map(|access| access.who.clone()).ok_or_else(ApiError::invalid_credentials)
    }

    /// Whether this client may use the token endpoint.
    pub(crate) fn check_client(&self, id: &str, secret: &str) -> Result<(), TokenError> {
        match &self.options.oauth_client {
            _ if id.is_empty() => {
                Err(TokenError::new(400, "invalid_request", "Could not determine client ID from request."))
            }
            Some((known, _)) if known != id => {
                Err(TokenError::new(401, "invalid_client", "The OAuth client was not found."))
            }
            _ if secret.is_empty() => {
                Err(TokenError::new(400, "invalid_request", "client_secret is missing."))
            }
            Some((_, known)) if known != secret => {
                Err(TokenError::new(401, "invalid_client", "The provided client secret is invalid."))
            }
            _ => Ok(()),
        }
    }
}

/// The S256 challenge for a verifier.
fn challenge_for(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
