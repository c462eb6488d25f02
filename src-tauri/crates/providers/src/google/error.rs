//! What an answer of Google's means for us.
//!
//! The same status stands for quite different things; `errors[].reason` tells them apart (guide “Handle API errors”).
//! An answer may also be a page of HTML, or empty, when it is a proxy that fails.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ProviderError;
use crate::transport;

/// The service's name in messages.
pub(super) const SERVICE: &str = "Google Calendar";

/// `quotaExceeded` guards against abuse and does not lift within seconds.
const ABUSE_WAIT: Duration = Duration::from_secs(10 * 60);
/// `dailyLimitExceeded` lifts at midnight Pacific time; asking a few times a day finds out.
const DAILY_WAIT: Duration = Duration::from_secs(6 * 60 * 60);
/// How much of an unexpected answer is quoted.
const QUOTE_LIMIT: usize = 200;

/// An answer, whatever it says.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Answer {
    /// Takes an answer as it came; `now` is for a `Retry-After` that names a date.
    pub(super) fn new(response: Response<Vec<u8>>, now: DateTime<Utc>) -> Self {
        let retry_after = transport::retry_after(response.headers(), now);
        Self { status: response.status(), retry_after, body: response.into_body() }
    }

    /// The document of a successful answer, or the failure that the answer stands for.
    pub(super) fn json<T: DeserializeOwned>(&self, action: &'static str) -> Result<T, ProviderError> {
        self.accepted(action)?;
        serde_json::from_slice(&self.body).map_err(|error| ProviderError::Unreadable {
            service: SERVICE.to_owned(),
            action,
            reason: error.to_string(),
        })
    }

    /// Whether Google did as asked; otherwise the failure.
    pub(super) fn accepted(&self, action: &'static str) -> Result<(), ProviderError> {
        if self.status.is_success() { Ok(()) } else { Err(self.failure(action)) }
    }

    /// Whether Google names `reason` as a cause.
    pub(super) fn names(&self, reason: &str) -> bool {
        Complaint::read(&self.body).names(reason)
    }

    /// How long Google asks us to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the cursor that was sent is void: too old (410), or not one of Google's (400, observed).
    pub(super) fn refuses_cursor(&self) -> bool {
        match self.status {
            StatusCode::GONE => true,
            StatusCode::BAD_REQUEST => {
                let complaint = Complaint::read(&self.body);
                complaint.message.to_lowercase().contains("sync token")
            }
            _ => false,
        }
    }

    /// The failure that this answer stands for, where the caller has no better word for it.
    pub(super) fn failure(&self, action: &'static str) -> ProviderError {
        let complaint = Complaint::read(&self.body);
        let service = SERVICE.to_owned();
        let reason = complaint.in_words(self.status);
        let throttled = |least: Option<Duration>| {
            let retry_after = self.retry_after.max(least);
            ProviderError::Throttled { service: service.clone(), action, retry_after, reason: reason.clone() }
        };
        match self.status {
            StatusCode::UNAUTHORIZED => ProviderError::SignInRefused { service, reason },
            StatusCode::PRECONDITION_FAILED => ProviderError::VersionMismatch,
            StatusCode::TOO_MANY_REQUESTS => throttled(None),
            StatusCode::CONFLICT if complaint.names("conflict") => throttled(None),
            StatusCode::FORBIDDEN if complaint.is_throttling() => throttled(complaint.least_wait()),
            StatusCode::FORBIDDEN if complaint.lacks_scope() => {
                ProviderError::SignInRefused { service, reason }
            }
            StatusCode::SERVICE_UNAVAILABLE if self.retry_after.is_some() => throttled(None),
            status if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT => {
                ProviderError::Refused { service, action, status: status.as_u16(), reason }
            }
            status if status.is_redirection() => ProviderError::Unreadable { service, action, reason },
            status => ProviderError::ServerFailed { service, action, status: status.as_u16(), reason },
        }
    }
}

/// What the body of a refusal says.
#[derive(Debug, Default)]
struct Complaint {
    reasons: Vec<String>,
    message: String,
}

impl Complaint {
    /// Reads `error.errors[].reason` and the newer `error.details[].reason`.
    fn read(body: &[u8]) -> Self {
        let Ok(document) = serde_json::from_slice::<Value>(body) else { return Self::default() };
        let error = &document["error"];
        let listed = [&error["errors"], &error["details"]].into_iter().filter_map(Value::as_array).flatten();
        let reasons = listed.filter_map(|entry| entry["reason"].as_str()).map(str::to_owned).collect();
        Self { reasons, message: error["message"].as_str().unwrap_or_default().to_owned() }
    }

    fn names(&self, reason: &str) -> bool {
        self.reasons.iter().any(|given| given == reason)
    }

    fn is_throttling(&self) -> bool {
        [
            "userRateLimitExceeded",
            "rateLimitExceeded",
            "quotaExceeded",
            "dailyLimitExceeded",
            "RATE_LIMIT_EXCEEDED",
        ]
        .into_iter()
        .any(|reason| self.names(reason))
    }

    fn least_wait(&self) -> Option<Duration> {
        if self.names("dailyLimitExceeded") {
            Some(DAILY_WAIT)
        } else {
            self.names("quotaExceeded").then_some(ABUSE_WAIT)
        }
    }

    fn lacks_scope(&self) -> bool {
        self.names("insufficientPermissions") || self.names("ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    }

    /// Google's own words, or its name for the cause or the status where it has none. Its codes are not for people.
    fn in_words(&self, status: StatusCode) -> String {
        let message: String = self.message.chars().take(QUOTE_LIMIT).collect();
        match (message.is_empty(), self.reasons.first()) {
            (true, None) => status.canonical_reason().unwrap_or("no reason given").to_owned(),
            (true, Some(reason)) => reason.clone(),
            (false, _) => message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn refusal(status: u16, reason: &str) -> Answer {
        let body = format!(
            r#"{{"error":{{"code":{status},"message":"In words","errors":[{{"domain":"global","reason":"{reason}"}}]}}}}"#
        );
        answer(status, &body)
    }

    #[test]
    fn the_reason_decides_the_class() {
        let minutes = |count: u64| Class::Transient { retry_after: Some(Duration::from_secs(60 * count)) };
        let soon = Class::Transient { retry_after: None };
        let table = [
            (400, "invalid", Class::Permanent),
            (400, "eventTypeRestriction", Class::Permanent),
            (401, "authError", Class::SignIn),
            (403, "userRateLimitExceeded", soon),
            (403, "rateLimitExceeded", soon),
            (403, "quotaExceeded", minutes(10)),
            (403, "dailyLimitExceeded", minutes(360)),
            (403, "forbiddenForNonOrganizer", Class::Permanent),
            (403, "requiredAccessLevel", Class::Permanent),
            (403, "insufficientPermissions", Class::SignIn),
            (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", Class::SignIn),
            (403, "accessNotConfigured", Class::Permanent),
            (404, "notFound", Class::Permanent),
            (408, "timeout", Class::Uncertain),
            (409, "conflict", soon),
            (412, "conditionNotMet", Class::Conflict),
            (429, "rateLimitExceeded", soon),
            (500, "backendError", Class::Uncertain),
            (502, "", Class::Uncertain),
            (503, "backendError", Class::Uncertain),
        ];
        for (status, reason, class) in table {
            let failure = refusal(status, reason).failure("a test");
            assert_eq!(failure.class(), class, "{status} {reason}: {failure}");
        }
    }

    #[test]
    fn newer_front_ends_put_the_reason_into_details() {
        let body = r#"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"No.",
            "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}"#;
        assert_eq!(answer(403, body).failure("a test").class(), Class::SignIn);
    }

    #[test]
    fn a_body_of_html_or_nothing_is_no_obstacle() {
        for body in ["", "<html>Bad Gateway</html>", "[]", r#"{"error":"text"}"#] {
            assert_eq!(answer(502, body).failure("a test").class(), Class::Uncertain, "{body}");
            assert_eq!(answer(403, body).failure("a test").class(), Class::Permanent, "{body}");
        }
        assert!(matches!(
            answer(200, "<html>").json::<Value>("a test"),
            Err(ProviderError::Unreadable { .. })
        ));
    }

    #[test]
    fn googles_own_words_reach_the_person() {
        let failure = refusal(400, "required").failure("creating an event").to_string();
        assert_eq!(failure, "Google Calendar refused creating an event: In words");
    }

    #[test]
    fn guidance_makes_a_503_transient_and_outlasts_our_own_wait() {
        let unavailable =
            Answer { retry_after: Some(Duration::from_secs(7)), ..refusal(503, "backendError") };
        assert_eq!(
            unavailable.failure("a test").class(),
            Class::Transient { retry_after: Some(Duration::from_secs(7)) }
        );
        let quota = Answer { retry_after: Some(Duration::from_secs(3600)), ..refusal(403, "quotaExceeded") };
        assert_eq!(
            quota.failure("a test").class(),
            Class::Transient { retry_after: Some(Duration::from_secs(3600)) }
        );
    }

    #[test]
    fn a_void_cursor_is_known_by_status_or_by_words() {
        assert!(refusal(410, "fullSyncRequired").refuses_cursor());
        let foreign =
            r#"{"error":{"code":400,"message":"Invalid sync token value.","errors":[{"reason":"invalid"}]}}"#;
        assert!(answer(400, foreign).refuses_cursor());
        assert!(!refusal(400, "badRequest").refuses_cursor());
    }
}
