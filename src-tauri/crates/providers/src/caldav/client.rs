//! Single requests: authorised, redirected where that is safe, and answered or classed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use tokio::sync::Semaphore;
use url::Url;

use super::auth::{Challenge, Credentials};
use super::trust::Trusted;
use super::xml::{self, Element, Multistatus, Row, Space};
use crate::error::ProviderError;
use crate::transport::{Surroundings, TransportError, retry_after};
use crate::vault::TokenVault;

/// Requests of one account under way at once: small servers answer one after the other anyway.
const AT_ONCE: usize = 4;
/// Redirects in a row before they count as a circle.
const REDIRECT_LIMIT: usize = 5;
/// How much of an unexpected answer is quoted.
const QUOTE_LIMIT: usize = 300;
/// How long a server is left alone that asks for patience and does not say how much.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// One request, not sent yet.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    /// What is being done, for messages and the log.
    pub(super) action: &'static str,
    headers: Vec<(header::HeaderName, String)>,
    body: Vec<u8>,
}

impl Call {
    /// A request without a body.
    pub(super) const fn new(method: Method, url: Url, action: &'static str) -> Self {
        Self { method, url, action, headers: Vec::new(), body: Vec::new() }
    }

    /// A question in XML, by a method of `WebDAV`. The depth is always said, for what it is otherwise differs.
    pub(super) fn ask(method: &str, url: Url, depth: &str, body: Vec<u8>, action: &'static str) -> Self {
        let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        let call = Self { body, ..Self::new(method, url, action) };
        call.with(header::CONTENT_TYPE, "application/xml; charset=utf-8")
            .with(header::HeaderName::from_static("depth"), depth)
    }

    /// A calendar object to be written.
    pub(super) fn put(url: Url, text: String, action: &'static str) -> Self {
        let call = Self { body: text.into_bytes(), ..Self::new(Method::PUT, url, action) };
        call.with(header::CONTENT_TYPE, "text/calendar; charset=utf-8")
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: header::HeaderName, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// The server for one account.
pub(super) struct Dav {
    pub(super) trusted: Trusted,
    user: Option<String>,
    vault: Arc<dyn TokenVault>,
    challenge: Challenge,
    permits: Semaphore,
    pub(super) surroundings: Surroundings,
}

impl Dav {
    pub(super) fn new(
        trusted: Trusted,
        user: Option<String>,
        vault: Arc<dyn TokenVault>,
        surroundings: Surroundings,
    ) -> Self {
        Self {
            trusted,
            user,
            vault,
            challenge: Challenge::default(),
            permits: Semaphore::new(AT_ONCE),
            surroundings,
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.surroundings.clock)()
    }

    /// Sends `call` and returns the server's answer, whatever it says; follows redirects within the trusted hosts with
    /// the same method and body.
    pub(super) async fn send(&self, mut call: Call) -> Result<Answer, ProviderError> {
        let credentials = self.credentials().await?;
        let mut is_repeated = false;
        let mut hops = 0;
        loop {
            let answer = self.exchange(&call, &credentials).await?;
            if answer.status == StatusCode::UNAUTHORIZED
                && !is_repeated
                && self.challenge.take(&answer.headers)
            {
                is_repeated = true;
                continue;
            }
            let Some(target) = answer.redirect() else { return Ok(answer) };
            hops += 1;
            if hops > REDIRECT_LIMIT {
                return Err(refused(&call, answer.status, "its redirects lead in a circle".to_owned()));
            }
            call.url = target;
        }
    }

    /// Sends `call` and reads the multistatus that answers it.
    pub(super) async fn multistatus(&self, call: Call) -> Result<(Multistatus, Url), ProviderError> {
        let answer = self.send(call).await?;
        if !answer.status.is_success() {
            return Err(answer.failure());
        }
        if answer.status != StatusCode::MULTI_STATUS {
            return Err(answer.unreadable(&format!(
                "it is no multistatus but {} ({})",
                answer.status.as_u16(),
                answer.kind()
            )));
        }
        let read = xml::multistatus(&answer.body).map_err(|reason| answer.unreadable(&reason))?;
        Ok((read, answer.url))
    }

    /// Sends `call`, which asks what is there, and reads the multistatus that answers it. Some servers say in one that there
    /// is nothing at all.
    pub(super) async fn list(&self, call: Call) -> Result<(Multistatus, Url), ProviderError> {
        let action = call.action;
        let (answer, url) = self.multistatus(call).await?;
        match answer.rows.as_slice() {
            [Row { status: Some(status @ (404 | 410)), .. }] => Err(ProviderError::Refused {
                service: host(&url),
                action,
                status: *status,
                reason: "there is nothing at this address".to_owned(),
            }),
            _ => Ok((answer, url)),
        }
    }

    async fn credentials(&self) -> Result<Credentials, ProviderError> {
        let tokens = self.vault.load().await?.ok_or_else(|| ProviderError::SignInRefused {
            service: "The calendar server".to_owned(),
            reason: "there is no password in the keyring any more".to_owned(),
        })?;
        Ok(Credentials { user: self.user.clone(), secret: tokens.access_token })
    }

    async fn exchange(&self, call: &Call, credentials: &Credentials) -> Result<Answer, ProviderError> {
        let action = call.action;
        self.trusted
            .check(&call.url)
            .map_err(|distrust| refused(call, StatusCode::OK, distrust.to_string()))?;
        let mut request = Request::builder().method(&call.method).uri(call.url.as_str());
        if let Some(said) = self.challenge.answer(credentials, &call.method, &call.url) {
            request = request.header(header::AUTHORIZATION, said);
        }
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let request = request
            .body(call.body.clone())
            .map_err(|error| refused(call, StatusCode::OK, error.to_string()))?;
        let _permit = self.permits.acquire().await;
        let start = Instant::now();
        let result = self.surroundings.transport.send(request).await;
        let elapsed_ms = start.elapsed().as_millis();
        match result {
            Ok(response) => {
                // Paths hold names of people and calendars, so the action stands for them.
                tracing::debug!(
                    action,
                    status = response.status().as_u16(),
                    elapsed_ms,
                    "the server answered"
                );
                Ok(Answer::new(response, call, self.now()))
            }
            Err(error) => {
                tracing::debug!(action, %error, elapsed_ms, "the server did not answer");
                Err(unanswered(error, &host(&call.url), action))
            }
        }
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn refused(call: &Call, status: StatusCode, reason: String) -> ProviderError {
    let status = if status == StatusCode::OK { 0 } else { status.as_u16() };
    ProviderError::Refused { service: host(&call.url), action: call.action, status, reason }
}

/// A failure without an answer, with what to do where that can be said.
fn unanswered(error: TransportError, service: &str, action: &'static str) -> ProviderError {
    let error = match error {
        TransportError::Unreachable { reason } => TransportError::Unreachable { reason: explained(reason) },
        TransportError::NoAnswer { reason } => TransportError::NoAnswer { reason: explained(reason) },
        TransportError::TooLarge { .. } => error,
    };
    ProviderError::unanswered(service, action, error)
}

/// What to do about a certificate that is not believed, beside what the library says of it.
fn explained(reason: String) -> String {
    let lower = reason.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if !says(&["certificate", "unknownissuer"]) {
        return reason;
    }
    let advice = if says(&["expired"]) {
        "The server's certificate has run out: whoever runs the server has to renew it. If it has not, see whether this \
         computer's clock is right"
    } else if says(&["not valid yet", "notvalidyet"]) {
        "The server's certificate is not valid yet: see whether this computer's clock is right"
    } else if says(&["not valid for name", "notvalidforname"]) {
        "The server's certificate belongs to another name: see whether the address is right"
    } else {
        "The server's certificate is not trusted here: if it is your own, name the file of its authority when you connect \
         the account"
    };
    format!("{reason}. {advice}")
}

/// An answer, whatever it says.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Where it came from, redirects followed.
    pub(super) url: Url,
    method: Method,
    action: &'static str,
    retry_after: Option<Duration>,
}

impl Answer {
    fn new(response: Response<Vec<u8>>, call: &Call, now: DateTime<Utc>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            body,
            url: call.url.clone(),
            method: call.method.clone(),
            action: call.action,
            retry_after: retry_after(&parts.headers, now),
            headers: parts.headers,
        }
    }

    /// A header, when it is text.
    pub(super) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
    }

    /// What was being done.
    pub(super) const fn action(&self) -> &'static str {
        self.action
    }

    /// The `ETag`, quotes included.
    pub(super) fn etag(&self) -> Option<&str> {
        self.header(header::ETAG).filter(|etag| !etag.is_empty())
    }

    /// What kind of document it is, as the server says.
    fn kind(&self) -> &str {
        self.header(header::CONTENT_TYPE).unwrap_or("of no kind")
    }

    fn redirect(&self) -> Option<Url> {
        if !matches!(self.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        self.url.join(self.header(header::LOCATION)?).ok()
    }

    /// What the body says beside the status, where it is a `DAV:error` (RFC 4918 §16).
    fn complaint(&self) -> Option<Element> {
        xml::read(&self.body).ok().filter(|root| root.is(Space::Dav, "error"))
    }

    /// The precondition that the body names. What servers add of their own is none: `SabreDAV`, and with it Nextcloud, says
    /// in elements of its own what every answer means, also that somebody else was faster.
    pub(super) fn precondition(&self) -> Option<Element> {
        self.complaint()?.children.into_iter().find(|child| child.space != Space::Foreign)
    }

    /// Whether the body names this precondition.
    pub(super) fn violates(&self, local: &str) -> bool {
        self.complaint().is_some_and(|root| root.children.iter().any(|child| &*child.local == local))
    }

    /// The failure that this answer stands for, where the caller has no better word for it. A precondition goes before
    /// the status, for servers give the same one under different numbers.
    pub(super) fn failure(&self) -> ProviderError {
        let (service, action, status) = (host(&self.url), self.action, self.status.as_u16());
        let precondition = self.precondition();
        let reason = match &precondition {
            Some(precondition) => in_words(precondition),
            None => self.quote(),
        };
        match status {
            401 => {
                ProviderError::SignInRefused { service, reason: "it does not take this password".to_owned() }
            }
            412 if precondition.is_none() => ProviderError::VersionMismatch,
            429 | 503 => ProviderError::Throttled {
                service,
                action,
                retry_after: Some(self.retry_after.unwrap_or(DEFAULT_WAIT)),
                reason,
            },
            // One resource that another program has locked (423) is tried again by itself; the others can be written.
            408 | 423 | 500 | 502 | 504 => ProviderError::ServerFailed { service, action, status, reason },
            200..=299 => self.unreadable(&reason),
            _ => ProviderError::Refused { service, action, status, reason },
        }
    }

    /// The failure that a multistatus tells of; none when it has nothing to complain about.
    pub(super) fn failure_within(mut self) -> Option<ProviderError> {
        let rows = xml::multistatus(&self.body).ok()?.rows;
        let is_failure = |status: &u16| *status >= 400 && !matches!(status, 404 | 410);
        let status = rows.into_iter().filter_map(|row| row.status).find(is_failure)?;
        self.status = StatusCode::from_u16(status).ok()?;
        self.body.clear();
        Some(self.failure())
    }

    /// The failure of an answer that says it is fine and is not what was asked for.
    pub(super) fn unreadable(&self, reason: &str) -> ProviderError {
        ProviderError::Unreadable { service: host(&self.url), action: self.action, reason: reason.to_owned() }
    }

    /// What the server says, shortened; a page for people says nothing worth repeating.
    fn quote(&self) -> String {
        let message = self.complaint().and_then(|root| {
            root.children
                .into_iter()
                .find(|child| child.space == Space::Foreign && &*child.local == "message")
        });
        let text = match message {
            Some(message) => message.text.into(),
            None => String::from_utf8_lossy(&self.body),
        };
        let text = text.trim();
        if text.is_empty() || text.starts_with('<') {
            let name = self.status.canonical_reason().unwrap_or("no reason given");
            return format!("{} to {}", name.to_lowercase(), self.method);
        }
        text.chars().take(QUOTE_LIMIT).collect()
    }
}

/// What a precondition that failed means (RFC 4791 §5.3, RFC 6578 §3.2, RFC 6638 §3.2.4.2).
fn in_words(precondition: &Element) -> String {
    let words = match &*precondition.local {
        "need-privileges" => "this account may not write there",
        "quota-not-exceeded" | "sufficient-disk-space" => "there is no room left on the server",
        "max-resource-size" => "the event is larger than the server takes",
        "supported-calendar-component" => "this calendar takes no events",
        "valid-calendar-data" | "valid-calendar-object-resource" => {
            "the server does not accept the event as it is written"
        }
        "no-uid-conflict" | "unique-scheduling-object-resource" => {
            "the server has this event already, in another place"
        }
        "max-date-time" | "min-date-time" => "the event is too far away in time for the server",
        "max-instances" => "the series has more occurrences than the server takes",
        "max-attendees-per-instance" => "the event has more guests than the server takes",
        other => return format!("the server names the condition “{other}”"),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;

    fn answer(status: u16, body: &str) -> Answer {
        let call =
            Call::new(Method::PUT, "https://dav.example.org/c/a.ics".parse().unwrap(), "changing an event");
        Answer::new(
            Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap(),
            &call,
            DateTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn a_precondition_goes_before_the_status() {
        assert!(matches!(answer(412, "").failure(), ProviderError::VersionMismatch));
        assert!(matches!(answer(412, "etag mismatch").failure(), ProviderError::VersionMismatch));
        let body = "<d:error xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><c:valid-calendar-data/></d:error>";
        assert_eq!(answer(412, body).failure().class(), Class::Permanent, "no edit of somebody else's");
        let body = body.replace("valid-calendar-data", "no-uid-conflict");
        assert!(answer(409, &body).violates("no-uid-conflict"));
    }

    #[test]
    fn what_a_server_says_in_words_of_its_own_is_no_precondition() {
        // As SabreDAV says it, and with it Nextcloud.
        let sabre = |inner: &str| {
            format!(
                "<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" xmlns:cal=\"urn:ietf:params:xml:ns:caldav\">{inner}</d:error>"
            )
        };
        let stale = sabre(
            "<s:exception>Sabre\\DAV\\Exception\\PreconditionFailed</s:exception>\
             <s:message>An If-Match header was specified, but none of the specified ETags matched.</s:message>\
             <s:header>If-Match</s:header>",
        );
        assert!(
            matches!(answer(412, &stale).failure(), ProviderError::VersionMismatch),
            "somebody was faster"
        );
        let known = sabre("<s:exception>x</s:exception><cal:no-uid-conflict/>");
        assert_eq!(&*answer(409, &known).precondition().unwrap().local, "no-uid-conflict");
        let said = sabre("<s:exception>x</s:exception><s:message>Calendar is read-only</s:message>");
        assert!(answer(403, &said).failure().to_string().contains("Calendar is read-only"));
    }

    #[test]
    fn what_the_status_means_decides_what_follows() {
        assert_eq!(answer(401, "<html>").failure().class(), Class::SignIn);
        assert_eq!(answer(500, "oops").failure().class(), Class::Uncertain);
        assert_eq!(answer(403, "read only").failure().class(), Class::Permanent);
        assert!(answer(403, "read only").failure().to_string().contains("read only"));
        assert!(matches!(answer(503, "").failure().class(), Class::Transient { retry_after: Some(_) }));
        assert_eq!(answer(423, "").failure().class(), Class::Uncertain, "no reason for the account to rest");
        assert_eq!(answer(507, "").failure().class(), Class::Permanent);
    }
}
