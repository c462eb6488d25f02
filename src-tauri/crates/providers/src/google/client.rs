//! Single requests: authorised, paced, and answered or classed.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::DateTime;
use http::{Method, Request, StatusCode, header};
use serde_json::Value;
use synodic_model::{ExternalId, RemoteCalendarId, RemoteVersion};
use url::Url;

use super::error::{Answer, SERVICE};
use super::oauth::Session;
use super::{GoogleClient, GoogleEndpoints};
use crate::ServerTime;
use crate::error::ProviderError;
use crate::pace::Bucket;
use crate::transport::Surroundings;
use crate::vault::TokenVault;

/// Google allows 600 units a minute and person (page “Manage quotas”), in a sliding window: a burst of 10 and 9 a
/// second stay below. A patch costs 3 units, any other call 1.
const UNITS_PER_SECOND: NonZeroU32 = NonZeroU32::new(9).unwrap();
const UNITS_AT_ONCE: NonZeroU32 = NonZeroU32::new(10).unwrap();
const UNITS_OF_PATCH: NonZeroU32 = NonZeroU32::new(3).unwrap();

/// One request, not sent yet.
pub(super) struct Call {
    method: Method,
    url: Url,
    /// What is being done, for messages and the log.
    pub(super) action: &'static str,
    body: Option<Value>,
    if_match: Option<String>,
}

impl Call {
    /// Adds a query parameter.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Adds a body.
    pub(super) fn json(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Makes Google refuse the write unless the event is in this state. An empty version names none.
    pub(super) fn if_match(self, version: Option<&RemoteVersion>) -> Self {
        let if_match = version.map(RemoteVersion::as_str).filter(|etag| !etag.is_empty()).map(str::to_owned);
        Self { if_match, ..self }
    }

    fn units(&self) -> NonZeroU32 {
        if self.method == Method::PATCH { UNITS_OF_PATCH } else { NonZeroU32::MIN }
    }

    fn request(&self, token: &str) -> Result<Request<Vec<u8>>, http::Error> {
        let mut bearer = header::HeaderValue::try_from(format!("Bearer {token}"))?;
        bearer.set_sensitive(true);
        let mut request = Request::builder()
            .method(&self.method)
            .uri(self.url.as_str())
            .header(header::AUTHORIZATION, bearer);
        if let Some(etag) = &self.if_match {
            request = request.header(header::IF_MATCH, etag);
        }
        match &self.body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into_bytes())
            }
            None => request.body(Vec::new()),
        }
    }
}

/// The Calendar API for one account.
pub(super) struct Api {
    base: Url,
    session: Session,
    bucket: Bucket,
    server_time: Mutex<Option<ServerTime>>,
    pub(super) surroundings: Surroundings,
}

impl Api {
    pub(super) fn new(
        endpoints: GoogleEndpoints,
        client: GoogleClient,
        vault: Arc<dyn TokenVault>,
        surroundings: Surroundings,
    ) -> Self {
        Self {
            base: endpoints.api.clone(),
            bucket: Bucket::new(surroundings.pace, UNITS_PER_SECOND, UNITS_AT_ONCE),
            session: Session::new(endpoints, client, vault, surroundings.clone()),
            server_time: Mutex::default(),
            surroundings,
        }
    }

    /// What Google's clock said last.
    pub(super) fn server_time(&self) -> Option<ServerTime> {
        *self.server_time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear_the_time(&self, headers: &header::HeaderMap) {
        let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
        if let Some(at) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            let said = ServerTime { at: at.to_utc(), heard: Instant::now() };
            *self.server_time.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
        }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// A call to `path` below the base. Ids hold `@`, `#` and `/`, so each part is escaped by itself.
    pub(super) fn call(&self, method: Method, path: &[&str], action: &'static str) -> Call {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.query_pairs_mut().append_pair("prettyPrint", "false");
        Call { method, url, action, body: None, if_match: None }
    }

    /// A call on one event.
    pub(super) fn event_call(
        &self,
        method: Method,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
        action: &'static str,
    ) -> Call {
        self.call(method, &["calendars", calendar.as_str(), "events", id.as_str()], action)
    }

    /// Sends `call` and returns Google's answer, whatever it says; a token that is refused is renewed once.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, ProviderError> {
        let token = self.session.access_token().await?;
        let answer = self.exchange(call, &token).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let token = self.session.renewed(&token).await?;
        let answer = self.exchange(call, &token).await?;
        if answer.status == StatusCode::UNAUTHORIZED { Err(answer.failure(call.action)) } else { Ok(answer) }
    }

    async fn exchange(&self, call: &Call, token: &str) -> Result<Answer, ProviderError> {
        self.bucket.spend(call.units()).await;
        let request = call.request(token).map_err(|error| unsendable(call.action, &error))?;
        let start = Instant::now();
        let result = self.surroundings.transport.send(request).await;
        let elapsed_ms = start.elapsed().as_millis();
        let action = call.action;
        match result {
            Ok(response) => {
                self.hear_the_time(response.headers());
                // The path holds calendar ids, which are addresses, so the action stands for it.
                tracing::debug!(action, status = response.status().as_u16(), elapsed_ms, "Google answered");
                Ok(Answer::new(response, (self.surroundings.clock)()))
            }
            Err(error) => {
                tracing::debug!(action, %error, elapsed_ms, "Google did not answer");
                Err(ProviderError::unanswered(SERVICE, action, error))
            }
        }
    }
}

/// A token or version with characters that no header may have. It never left, and never will.
fn unsendable(action: &'static str, error: &http::Error) -> ProviderError {
    ProviderError::Refused { service: SERVICE.to_owned(), action, status: 0, reason: error.to_string() }
}
