//! Single requests: authorised, paced, and answered or classed.
//!
//! One pace and one pause for the whole connection, whoever asks: after a 429 or 529 nothing is sent until Notion's wait
//! is over, and a call that would have to be is answered as throttled without having left.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, Request, StatusCode, header};
use serde_json::Value;
use url::Url;

use super::error::{Answer, SERVICE, refused};
use super::oauth::Session;
use super::wire::VERSION;
use super::{NotionClient, NotionEndpoint};
use crate::error::ProviderError;
use crate::pace::Bucket;
use crate::transport::Surroundings;
use crate::vault::TokenVault;

/// Three requests a second in the long run (guide “Request limits”, whose newest text allows the same as 180 a minute).
const PER_SECOND: NonZeroU32 = NonZeroU32::new(3).unwrap();
const AT_ONCE: NonZeroU32 = NonZeroU32::new(3).unwrap();

/// One request, not sent yet.
pub(super) struct Call {
    method: Method,
    path: String,
    /// What is being done, for messages and the log.
    pub(super) action: &'static str,
    body: Option<Value>,
}

impl Call {
    /// A call to `path` below the base. Ids go into it as Notion writes them: property ids are percent-encoded already.
    pub(super) fn new(method: Method, path: impl Into<String>, action: &'static str) -> Self {
        Self { method, path: path.into(), action, body: None }
    }

    /// Adds a body.
    pub(super) fn json(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The body, for looking at it.
    #[cfg(test)]
    pub(super) const fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    fn url(&self, base: &Url) -> Result<Url, url::ParseError> {
        Url::parse(&format!("{}/{}", base.as_str().trim_end_matches('/'), self.path))
    }

    fn request(&self, base: &Url, token: &str) -> Result<Request<Vec<u8>>, String> {
        let url = self.url(base).map_err(|error| error.to_string())?;
        let mut bearer = header::HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| "the token has characters that no token has".to_owned())?;
        bearer.set_sensitive(true);
        let request = Request::builder()
            .method(&self.method)
            .uri(url.as_str())
            .header(header::AUTHORIZATION, bearer)
            .header("Notion-Version", VERSION);
        let request = match &self.body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into_bytes())
            }
            None => request.body(Vec::new()),
        };
        request.map_err(|error| error.to_string())
    }
}

/// The API for one connection.
pub(super) struct Api {
    base: Url,
    session: Session,
    bucket: Bucket,
    paused_until: Mutex<Option<DateTime<Utc>>>,
    surroundings: Surroundings,
}

impl Api {
    pub(super) fn new(
        endpoint: NotionEndpoint,
        client: Option<NotionClient>,
        vault: Arc<dyn TokenVault>,
        surroundings: Surroundings,
    ) -> Self {
        Self {
            base: endpoint.0.clone(),
            bucket: Bucket::new(surroundings.pace, PER_SECOND, AT_ONCE),
            session: Session::new(endpoint, client, vault, surroundings.clone()),
            paused_until: Mutex::default(),
            surroundings,
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        let clock = Arc::clone(&self.surroundings.clock);
        clock()
    }

    /// Sends `call` and returns Notion's answer, whatever it says; a token that is refused is renewed once, where it can.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, ProviderError> {
        let token = self.session.access_token().await?;
        let answer = self.exchange(call, &token).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        match self.session.renewed(&token).await? {
            Some(token) => self.exchange(call, &token).await,
            None => Ok(answer),
        }
    }

    /// Sends `call` and reads the document that answers it.
    pub(super) async fn ask(&self, call: &Call) -> Result<Value, ProviderError> {
        self.send(call).await?.json(call.action)
    }

    async fn exchange(&self, call: &Call, token: &str) -> Result<Answer, ProviderError> {
        let action = call.action;
        self.refuse_while_paused(action)?;
        self.bucket.spend(NonZeroU32::MIN).await;
        // Somebody else may have been told to wait meanwhile.
        self.refuse_while_paused(action)?;
        // What cannot even be written down will never leave.
        let request = call.request(&self.base, token).map_err(|reason| refused(action, 0, reason))?;
        let start = Instant::now();
        let result = self.surroundings.transport.send(request).await;
        let elapsed_ms = start.elapsed().as_millis();
        match result {
            Ok(response) => {
                tracing::debug!(action, status = response.status().as_u16(), elapsed_ms, "Notion answered");
                let answer = Answer::new(response, self.now());
                if let Some(rest) = answer.rest() {
                    self.pause(rest);
                }
                Ok(answer)
            }
            Err(error) => {
                tracing::debug!(action, %error, elapsed_ms, "Notion did not answer");
                Err(ProviderError::unanswered(SERVICE, action, error))
            }
        }
    }

    fn pause(&self, rest: Duration) {
        let until = TimeDelta::from_std(rest).ok().and_then(|rest| self.now().checked_add_signed(rest));
        let mut paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = (*paused).max(until);
    }

    fn refuse_while_paused(&self, action: &'static str) -> Result<(), ProviderError> {
        let until = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = until.and_then(|until| (until - self.now()).to_std().ok()).filter(|left| !left.is_zero());
        match left {
            None => Ok(()),
            Some(left) => Err(ProviderError::Throttled {
                service: SERVICE.to_owned(),
                action,
                retry_after: Some(left),
                reason: "Notion has asked for patience".to_owned(),
            }),
        }
    }
}

/// The query that restricts an answer to these properties. Their ids are percent-encoded as Notion writes them.
pub(super) fn only(ids: &[&str]) -> String {
    ids.iter()
        .enumerate()
        .map(|(index, id)| format!("{}filter_properties[]={id}", if index == 0 { '?' } else { '&' }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trap 14.
    #[test]
    fn property_ids_are_not_encoded_twice() {
        let base = Url::parse("https://api.notion.com/v1/").unwrap();
        let call = Call::new(Method::GET, format!("pages/p/properties/{}", "f%5C%5C%3Ap"), "a test");
        assert_eq!(
            call.url(&base).unwrap().as_str(),
            "https://api.notion.com/v1/pages/p/properties/f%5C%5C%3Ap"
        );
        let call = Call::new(Method::GET, format!("pages/p{}", only(&["title", "f%5C%5C%3Ap"])), "a test");
        assert_eq!(
            call.url(&base).unwrap().query(),
            Some("filter_properties[]=title&filter_properties[]=f%5C%5C%3Ap")
        );
    }

    #[test]
    fn a_call_names_its_version_and_hides_its_token() {
        let base = Url::parse("http://127.0.0.1:1/v1").unwrap();
        let request = Call::new(Method::GET, "users/me", "a test").request(&base, "ntn_x").unwrap();
        assert_eq!(request.headers()["notion-version"], "2026-03-11");
        assert!(request.headers()["authorization"].is_sensitive());
        assert!(Call::new(Method::GET, "users/me", "a test").request(&base, "line\nbreak").is_err());
    }
}
