//! What an answer of Notion's means for us (guide “Status codes”).
//!
//! The code in the body decides, not the message; but for one: a page in the trash is refused with the code of a bad
//! request and can be told from it by its words alone. An answer may also be a page of HTML, when it is the network in
//! front of Notion that fails.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ProviderError;
use crate::transport;

/// The service's name in messages.
pub(super) const SERVICE: &str = "Notion";

/// A connection that Notion has blocked is left alone this long; asking sooner does not help it.
const BLOCKED_WAIT: Duration = Duration::from_secs(60 * 60);
/// How long Notion is left alone when it asks for patience and does not say how much.
const DEFAULT_WAIT: Duration = Duration::from_secs(10);
/// How much of an unexpected answer is quoted.
const QUOTE_LIMIT: usize = 300;

/// An answer, whatever it says.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Notion's clock.
    pub(super) date: Option<DateTime<Utc>>,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Answer {
    /// Takes an answer as it came; `now` is for a `Retry-After` that names a date.
    pub(super) fn new(response: Response<Vec<u8>>, now: DateTime<Utc>) -> Self {
        let date = response.headers().get(header::DATE).and_then(|value| value.to_str().ok());
        let date = date.and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        let retry_after = transport::retry_after(response.headers(), now);
        Self {
            status: response.status(),
            date: date.map(|date| date.to_utc()),
            retry_after,
            body: response.into_body(),
        }
    }

    /// The document of a successful answer, or the failure that the answer stands for.
    pub(super) fn json<T: DeserializeOwned>(&self, action: &'static str) -> Result<T, ProviderError> {
        if !self.status.is_success() {
            return Err(self.failure(action));
        }
        serde_json::from_slice(&self.body).map_err(|error| unreadable(action, &error.to_string()))
    }

    fn complaint(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether the body names this code.
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.complaint()["code"] == code
    }

    /// Whether a write is refused because its page is in the trash.
    pub(super) fn says_in_trash(&self) -> bool {
        let complaint = self.complaint();
        let message = complaint["message"].as_str().unwrap_or_default().to_lowercase();
        self.status == StatusCode::BAD_REQUEST
            && (message.contains("archived") || message.contains("in the trash"))
    }

    /// What a write that failed has made all the same, where Notion knows.
    pub(super) fn committed(&self) -> Option<String> {
        self.complaint()["additional_data"]["committed_resource_id"].as_str().map(super::wire::id)
    }

    /// How long Notion wants to be left alone, if it does.
    pub(super) fn rest(&self) -> Option<Duration> {
        if !matches!(self.status.as_u16(), 429 | 529) {
            return None;
        }
        let details = &self.complaint()["additional_data"];
        if details["rate_limit_reason"] == "public_api_request_blocked" {
            return Some(BLOCKED_WAIT);
        }
        let stated =
            details["retry_after"].as_str().and_then(|text| text.parse().ok()).map(Duration::from_secs);
        Some(self.retry_after.max(stated).unwrap_or(DEFAULT_WAIT))
    }

    /// The failure that this answer stands for, where the caller has no better word for it.
    pub(super) fn failure(&self, action: &'static str) -> ProviderError {
        let service = SERVICE.to_owned();
        let reason = self.in_words();
        if let Some(rest) = self.rest() {
            return ProviderError::Throttled { service, action, retry_after: Some(rest), reason };
        }
        match self.status {
            StatusCode::UNAUTHORIZED => ProviderError::SignInRefused { service, reason },
            StatusCode::BAD_REQUEST if self.has_code("invalid_grant") => {
                ProviderError::SignInRefused { service, reason }
            }
            // A collision of two writes; this one was not carried out.
            StatusCode::CONFLICT => ProviderError::VersionMismatch,
            StatusCode::REQUEST_TIMEOUT => {
                ProviderError::ServerFailed { service, action, status: self.status.as_u16(), reason }
            }
            status if status.is_client_error() => {
                ProviderError::Refused { service, action, status: status.as_u16(), reason }
            }
            status if status.is_redirection() => ProviderError::Unreadable { service, action, reason },
            status => ProviderError::ServerFailed { service, action, status: status.as_u16(), reason },
        }
    }

    /// Notion's own words, or its code or the status where it has none. Its codes are not for people.
    fn in_words(&self) -> String {
        let complaint = self.complaint();
        let message: String =
            complaint["message"].as_str().unwrap_or_default().chars().take(QUOTE_LIMIT).collect();
        match (message.is_empty(), complaint["code"].as_str()) {
            (true, None) => self.status.canonical_reason().unwrap_or("no reason given").to_owned(),
            (true, Some(code)) => code.to_owned(),
            (false, _) => message,
        }
    }
}

pub(super) fn unreadable(action: &'static str, reason: &str) -> ProviderError {
    ProviderError::Unreadable { service: SERVICE.to_owned(), action, reason: reason.to_owned() }
}

/// Something that only the person can put right.
pub(super) fn refused(action: &'static str, status: u16, reason: impl Into<String>) -> ProviderError {
    ProviderError::Refused { service: SERVICE.to_owned(), action, status, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Class;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            date: None,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn refusal(status: u16, code: &str) -> Answer {
        let body = json!({ "object": "error", "status": status, "code": code, "message": "In words", "request_id": "r" });
        answer(status, &body.to_string())
    }

    #[test]
    fn every_row_of_the_table_of_errors_has_its_class() {
        let soon = Class::Transient { retry_after: Some(DEFAULT_WAIT) };
        let table = [
            (400, "invalid_json", Class::Permanent),
            (400, "missing_version", Class::Permanent),
            (400, "validation_error", Class::Permanent),
            (400, "invalid_grant", Class::SignIn),
            (401, "unauthorized", Class::SignIn),
            (403, "restricted_resource", Class::Permanent),
            (404, "object_not_found", Class::Permanent),
            (409, "conflict_error", Class::Conflict),
            (413, "", Class::Permanent),
            (429, "rate_limited", soon),
            (500, "internal_server_error", Class::Uncertain),
            (502, "bad_gateway", Class::Uncertain),
            (503, "service_unavailable", Class::Uncertain),
            (503, "database_connection_unavailable", Class::Uncertain),
            (504, "gateway_timeout", Class::Uncertain),
            (529, "service_overload", soon),
        ];
        for (status, code, class) in table {
            let failure = refusal(status, code).failure("a test");
            assert_eq!(failure.class(), class, "{status} {code}: {failure}");
        }
    }

    #[test]
    fn html_from_in_front_of_notion_is_no_obstacle() {
        for body in ["", "<html>cf-ray</html>", "[]", "null"] {
            assert_eq!(answer(502, body).failure("a test").class(), Class::Uncertain, "{body}");
            assert_eq!(answer(403, body).failure("a test").class(), Class::Permanent, "{body}");
        }
        assert!(matches!(
            answer(200, "<html>").json::<Value>("a test"),
            Err(ProviderError::Unreadable { .. })
        ));
    }

    #[test]
    fn the_longer_of_two_waits_counts_and_a_blocked_connection_rests() {
        let body = |details: Value| json!({ "code": "rate_limited", "additional_data": details }).to_string();
        let told = answer(429, &body(json!({ "retry_after": "37" })));
        assert_eq!(told.rest(), Some(Duration::from_secs(37)));
        let longer = Answer { retry_after: Some(Duration::from_secs(60)), ..told };
        assert_eq!(longer.rest(), Some(Duration::from_secs(60)));
        let blocked = answer(429, &body(json!({ "rate_limit_reason": "public_api_request_blocked" })));
        assert_eq!(blocked.rest(), Some(BLOCKED_WAIT));
        assert_eq!(answer(503, "").rest(), None);
    }

    #[test]
    fn a_page_in_the_trash_is_known_by_the_words() {
        let message = "Can't edit block that is archived. You must unarchive the block before editing.";
        let body = json!({ "code": "validation_error", "message": message }).to_string();
        assert!(answer(400, &body).says_in_trash());
        assert!(!refusal(400, "validation_error").says_in_trash());
    }

    #[test]
    fn a_write_that_was_saved_all_the_same_names_what_it_made() {
        let body = json!({ "code": "service_unavailable", "additional_data": {
            "retry_guidance": "saved", "committed_resource_id": "1f2104cd477e80a0b1c2d3e4f5a6b7c8" } });
        let committed = answer(503, &body.to_string()).committed();
        assert_eq!(committed.as_deref(), Some("1f2104cd-477e-80a0-b1c2-d3e4f5a6b7c8"));
        assert_eq!(refusal(503, "service_unavailable").committed(), None);
    }
}
