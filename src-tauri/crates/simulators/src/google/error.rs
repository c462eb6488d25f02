//! Google's error answers, in their exact shape.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::http::Reply;

/// An error as the API answers it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{} {}: {}", .0.status, .0.reason, .0.message)]
pub struct ApiError(Box<Parts>);

#[derive(Clone, Debug, PartialEq)]
struct Parts {
    status: u16,
    domain: &'static str,
    reason: Cow<'static, str>,
    message: Cow<'static, str>,
    /// Kind (`parameter` or `header`) and name of what the error is about.
    location: Option<(&'static str, Cow<'static, str>)>,
    /// The newer front end's word for the status, and the reason in its `ErrorInfo`.
    rpc: Option<(&'static str, &'static str)>,
    retry_after_seconds: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(
        status: u16,
        domain: &'static str,
        reason: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Parts {
            status,
            domain,
            reason: reason.into(),
            message: message.into(),
            location: None,
            rpc: None,
            retry_after_seconds: None,
        }))
    }

    pub(crate) fn at(mut self, kind: &'static str, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.location = Some((kind, name.into()));
        self
    }

    pub(crate) fn with_retry_after(mut self, seconds: Option<u64>) -> Self {
        self.0.retry_after_seconds = seconds;
        self
    }

    fn rpc(mut self, status: &'static str, reason: &'static str) -> Self {
        self.0.rpc = Some((status, reason));
        self
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Returns Google's word for the reason, such as `notFound`.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "global", "invalid", message)
    }

    pub(crate) fn required(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "global", "required", message)
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "global", "badRequest", message)
    }

    pub(crate) fn parse_error() -> Self {
        Self::new(400, "global", "parseError", "Parse Error")
    }

    pub(crate) fn bad_parameter(name: &str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "global", "invalidParameter", message).at("parameter", name.to_owned())
    }

    pub(crate) fn time_range_empty() -> Self {
        Self::new(400, "calendar", "timeRangeEmpty", "The specified time range is empty.")
    }

    pub(crate) fn event_type(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "calendar", "eventTypeRestriction", message)
    }

    pub(crate) fn invalid_sync_token() -> Self {
        Self::invalid("Invalid sync token value.").at("parameter", "syncToken")
    }

    pub(crate) fn full_sync_required() -> Self {
        let message = "Sync token is no longer valid, a full sync is required.";
        Self::new(410, "calendar", "fullSyncRequired", message).at("parameter", "syncToken")
    }

    pub(crate) fn login_required() -> Self {
        Self::new(401, "global", "required", "Login Required.")
            .at("header", "Authorization")
            .rpc("UNAUTHENTICATED", "CREDENTIALS_MISSING")
    }

    pub(crate) fn invalid_credentials() -> Self {
        Self::new(401, "global", "authError", "Invalid Credentials")
            .at("header", "Authorization")
            .rpc("UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED")
    }

    pub(crate) fn insufficient_scope() -> Self {
        Self::new(403, "global", "insufficientPermissions", "Request had insufficient authentication scopes.")
            .rpc("PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    }

    pub(crate) fn writer_required() -> Self {
        let message = "You need to have writer access to this calendar.";
        Self::new(403, "calendar", "requiredAccessLevel", message)
    }

    pub(crate) fn forbidden_for_non_organizer() -> Self {
        let message = "Shared properties can only be changed by the organizer of the event.";
        Self::new(403, "calendar", "forbiddenForNonOrganizer", message)
    }

    /// The API is not enabled for the client's project.
    pub(crate) fn not_configured() -> Self {
        let message = "Access Not Configured. The API is not enabled for your project.";
        Self::new(403, "usageLimits", "accessNotConfigured", message)
            .rpc("PERMISSION_DENIED", "SERVICE_DISABLED")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "global", "notFound", "Not Found")
    }

    pub(crate) fn duplicate() -> Self {
        Self::new(409, "global", "duplicate", "The requested identifier already exists.")
    }

    pub(crate) fn deleted() -> Self {
        Self::new(410, "global", "deleted", "Resource has been deleted")
    }

    pub(crate) fn condition_not_met() -> Self {
        Self::new(412, "global", "conditionNotMet", "Precondition Failed").at("header", "If-Match")
    }

    /// An error that was asked for by a fault: the domain and message that go with a reason, as far as they are known.
    pub(crate) fn injected(status: u16, reason: &str) -> Self {
        let (domain, message) = match reason {
            "rateLimitExceeded" => ("usageLimits", "Rate Limit Exceeded"),
            "userRateLimitExceeded" => ("usageLimits", "User Rate Limit Exceeded"),
            "quotaExceeded" => ("usageLimits", "Calendar usage limits exceeded."),
            "dailyLimitExceeded" => ("usageLimits", "Daily Limit Exceeded"),
            "backendError" => ("global", "Backend Error"),
            "conflict" => ("global", "Conflict"),
            "notFound" => ("global", "Not Found"),
            "forbidden" => ("global", "Forbidden"),
            "deleted" => return Self::deleted(),
            "authError" => return Self::invalid_credentials(),
            "fullSyncRequired" => return Self::full_sync_required(),
            "insufficientPermissions" => return Self::insufficient_scope(),
            "requiredAccessLevel" => return Self::writer_required(),
            "forbiddenForNonOrganizer" => return Self::forbidden_for_non_organizer(),
            "conditionNotMet" => return Self::condition_not_met(),
            "duplicate" => return Self::duplicate(),
            "invalid" => ("global", "Invalid Value"),
            "timeRangeEmpty" => return Self::time_range_empty(),
            "accessNotConfigured" => return Self::not_configured(),
            _ => ("global", "The simulator was told to fail."),
        };
        Self::new(status, domain, reason.to_owned(), message)
    }

    /// Returns the body of the answer.
    pub fn body(&self) -> Value {
        let parts = &*self.0;
        let mut entry = json!({ "domain": parts.domain, "reason": parts.reason, "message": parts.message });
        if let Some((kind, name)) = &parts.location {
            entry["locationType"] = json!(kind);
            entry["location"] = json!(name);
        }
        let mut error = json!({ "code": parts.status, "message": parts.message, "errors": [entry] });
        if let Some((status, reason)) = parts.rpc {
            error["status"] = json!(status);
            error["details"] = json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "googleapis.com",
                "metadata": { "service": "calendar-json.googleapis.com" }
            }]);
        }
        json!({ "error": error })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Reply::new(self.body()).with_status(status).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"https://accounts.google.com/\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.0.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
