//! Tokens: those of internal connections, and OAuth as a public connection meets it.
//!
//! This is the state and its rules; the pages and forms are in [`super::http::oauth`].

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::state::{Caller, State};
use super::user::Connection;
use super::version::Version;
use crate::clock::span;

/// Codes and tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    codes: BTreeMap<String, Code>,
    access: BTreeMap<String, Access>,
    /// The bot for which a refresh token is good.
    refresh: BTreeMap<String, Uuid>,
}

/// An authorization code, good for one exchange.
#[derive(Clone, Debug)]
struct Code {
    client_id: String,
    redirect_uri: Option<String>,
    person: Uuid,
    /// What the person picked on the consent page.
    picked: Vec<Uuid>,
    expires: DateTime<Utc>,
}

#[derive(Clone, Debug)]
struct Access {
    bot: Uuid,
    issued: DateTime<Utc>,
    expires: Option<DateTime<Utc>>,
}

/// What a client asks of the consent page, and what the person answered.
#[derive(Clone, Debug)]
pub(crate) struct Consent {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) person: Uuid,
    pub(crate) picked: Vec<Uuid>,
}

impl State {
    /// Issues a token that belongs to a connection and never ends by itself.
    pub(crate) fn issue_token(&mut self, bot: Uuid) -> String {
        let token = self.random_secret("ntn_", 46);
        let issued = self.now();
        self.grants.access.insert(token.clone(), Access { bot, issued, expires: None });
        token
    }

    /// Issues a code after consent.
    pub(crate) fn issue_code(&mut self, consent: Consent) -> String {
        let code = self.random_secret("03", 40);
        let expires = self.now() + TimeDelta::minutes(10);
        let Consent { client_id, redirect_uri, person, picked } = consent;
        self.grants.codes.insert(code.clone(), Code { client_id, redirect_uri, person, picked, expires });
        code
    }

    /// `oauth/token` with `grant_type=authorization_code`: a new installation.
    pub(crate) fn exchange_code(
        &mut self,
        client: &str,
        code: &str,
        redirect_uri: Option<&str>,
    ) -> Result<Value, ApiError> {
        let now = self.now();
        let known = self.grants.codes.remove(code);
        let known = known.filter(|code| code.expires > now && code.client_id == client);
        let known =
            known.ok_or_else(|| ApiError::invalid_grant("Invalid code: it is unknown, used or too old."))?;
        if known.redirect_uri.as_deref() != redirect_uri {
            return Err(ApiError::invalid_grant("The redirect_uri does not match the one of the request."));
        }
        let workspace = self.people.get(&known.person).map(|person| person.workspace);
        let workspace =
            workspace.ok_or_else(|| ApiError::invalid_grant("The person has left the workspace."))?;
        let bot = self.new_id();
        let connection = Connection {
            workspace,
            name: client.to_owned(),
            integration: self.new_id(),
            capabilities: super::user::Capabilities::default(),
            owner: Some(known.person),
        };
        self.connections.insert(bot, connection);
        for id in known.picked {
            self.sharing.insert((Some(bot), id), true);
        }
        Ok(self.issue_pair(bot))
    }

    /// `oauth/token` with `grant_type=refresh_token`: a new pair. The old refresh token ends, and so do the access tokens.
    pub(crate) fn refresh(&mut self, token: &str) -> Result<Value, ApiError> {
        let bot = self.grants.refresh.remove(token);
        let bot = bot.ok_or_else(|| ApiError::invalid_grant("Invalid refresh token."))?;
        self.grants.access.retain(|_, access| access.bot != bot);
        Ok(self.issue_pair(bot))
    }

    fn issue_pair(&mut self, bot: Uuid) -> Value {
        let (access, refresh) = (self.random_secret("ntn_", 46), self.random_secret("nrt_", 46));
        let issued = self.now();
        let expires = self.options.token_lifetime.map(|lifetime| issued + span(lifetime));
        self.grants.access.insert(access.clone(), Access { bot, issued, expires });
        self.grants.refresh.insert(refresh.clone(), bot);
        let connection = self.connections.get(&bot);
        let workspace = connection.map(|connection| connection.workspace);
        let owner = connection.and_then(|connection| connection.owner);
        let user = owner.map(|id| self.render_user(id, super::user::UserInformation::WithEmail));
        json!({
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresh,
            "bot_id": bot,
            "workspace_id": workspace,
            "workspace_name": workspace.and_then(|id| self.workspaces.get(&id)).map(|place| place.name.as_str()),
            "workspace_icon": null,
            "owner": { "type": "user", "user": user },
            "duplicated_template_id": null,
        })
    }

    /// `oauth/revoke`: ends a token and all others of its installation.
    pub(crate) fn revoke_token(&mut self, token: &str) -> Result<(), ApiError> {
        let bot = self.grants.access.get(token).map(|access| access.bot);
        let bot = bot.or_else(|| self.grants.refresh.get(token).copied());
        let bot = bot.ok_or_else(|| ApiError::invalid_grant("Invalid token."))?;
        self.end_tokens(bot);
        Ok(())
    }

    /// `oauth/introspect`.
    pub(crate) fn introspect(&self, token: &str) -> Value {
        match self.live(token) {
            None => json!({ "active": false }),
            Some(access) => {
                json!({ "active": true, "scope": "read_content update_content insert_content", "iat": access.issued.timestamp() })
            }
        }
    }

    /// Ends all tokens of a connection, as its owner can do.
    pub(crate) fn end_tokens(&mut self, bot: Uuid) {
        self.grants.access.retain(|_, access| access.bot != bot);
        self.grants.refresh.retain(|_, other| *other != bot);
    }

    /// Ends all access tokens that came with a refresh token; the refresh tokens stay good.
    pub(crate) fn expire_access_tokens(&mut self) {
        let renewable = self.grants.refresh.values().copied().collect::<Vec<_>>();
        self.grants.access.retain(|_, access| !renewable.contains(&access.bot));
    }

    fn live(&self, token: &str) -> Option<&Access> {
        let now = self.now();
        self.grants.access.get(token).filter(|access| access.expires.is_none_or(|expires| expires > now))
    }

    /// Finds out who sends a request.
    pub(crate) fn identify(&self, token: &str, version: Version) -> Result<Caller, ApiError> {
        let access = self.live(token).ok_or_else(ApiError::unauthorized)?;
        let connection = self.connections.get(&access.bot).ok_or_else(ApiError::unauthorized)?;
        Ok(Caller {
            bot: access.bot,
            workspace: connection.workspace,
            capabilities: connection.capabilities,
            version,
        })
    }

    /// Whether this client may use the token endpoint.
    pub(crate) fn check_client(&self, id: &str, secret: &str) -> Result<(), ApiError> {
        let known = match &self.options.oauth_client {
            Some((known, known_secret)) => known == id && known_secret == secret,
            None => !id.is_empty() && !secret.is_empty(),
        };
        if known { Ok(()) } else { Err(ApiError::new(401, "unauthorized", "Client authentication failed.")) }
    }
}
