//! Notion's error answers, in their exact shape.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::http::Reply;

/// What a fault's reason must be for a 503 that tells that the change was saved all the same.
const COMMITTED: &str = "committed";
/// What a fault's reason must be for a 503 that asks for a smaller query.
const QUERY_TIMEOUT: &str = "query_timeout";

/// An error as the API answers it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{} {}: {}", .0.status, .0.code, .0.message)]
pub struct ApiError(Box<Parts>);

#[derive(Clone, Debug, PartialEq)]
struct Parts {
    status: u16,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    additional_data: Option<Value>,
    retry_after_seconds: Option<u64>,
    /// Whether the answer is to name what was committed in spite of it.
    tells_committed: bool,
}

impl ApiError {
    pub(crate) fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Parts {
            status,
            code: code.into(),
            message: message.into(),
            additional_data: None,
            retry_after_seconds: None,
            tells_committed: false,
        }))
    }

    fn with_data(mut self, data: Value) -> Self {
        self.0.additional_data = Some(data);
        self
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Returns Notion's word for the reason, such as `object_not_found`.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    pub(crate) fn missing_version() -> Self {
        let message = "Notion-Version header failed validation: Notion-Version header should be defined, instead \
                       was `undefined`.";
        Self::new(400, "missing_version", message)
    }

    pub(crate) fn invalid_json() -> Self {
        Self::new(400, "invalid_json", "Error parsing JSON body.")
    }

    pub(crate) fn invalid_url() -> Self {
        Self::new(400, "invalid_request_url", "Invalid request URL.")
    }

    pub(crate) fn validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "validation_error", message)
    }

    /// A body that is not what it should be: `path` begins with `body`.
    pub(crate) fn body(path: &str, should: &str, instead: &Value) -> Self {
        let instead = if instead.is_null() { "undefined".to_owned() } else { instead.to_string() };
        let message = format!("body failed validation: {path} should be {should}, instead was `{instead}`.");
        Self::validation(message)
    }

    /// Something that is longer than it may be.
    pub(crate) fn too_long(path: &str, most: usize, length: usize) -> Self {
        let message =
            format!("body failed validation: {path}.length should be ≤ `{most}`, instead was `{length}`.");
        Self::validation(message)
    }

    /// A path parameter that is no id.
    pub(crate) fn not_an_id(place: &str, name: &str, text: &str) -> Self {
        let message = format!(
            "{place} failed validation: {place}.{name} should be a valid uuid, instead was `\"{text}\"`."
        );
        Self::validation(message)
    }

    pub(crate) fn in_trash() -> Self {
        let message = "Can't edit block that is archived. You must unarchive the block before editing.";
        Self::validation(message)
    }

    pub(crate) fn several_sources(database: Uuid, sources: &[Uuid]) -> Self {
        let message = "Databases with multiple data sources are not supported in this API version.";
        Self::validation(message).with_data(json!({
            "error_type": "multiple_data_sources_for_database",
            "database_id": database,
            "child_data_source_ids": sources,
            "minimum_api_version": "2025-09-03",
        }))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "unauthorized", "API token is invalid.")
    }

    pub(crate) fn restricted() -> Self {
        Self::new(403, "restricted_resource", "Insufficient permissions for this endpoint.")
    }

    pub(crate) fn block_limit(limit: usize) -> Self {
        let message = "Your workspace has reached its block limit. Upgrade the plan to add more.";
        Self::new(403, "restricted_resource", message).with_data(json!({ "block_limit": limit.to_string() }))
    }

    pub(crate) fn not_found(what: &str, id: impl std::fmt::Display) -> Self {
        let message = format!(
            "Could not find {what} with ID: {id}. Make sure the relevant pages and databases are shared with \
             your integration."
        );
        Self::new(404, "object_not_found", message)
    }

    pub(crate) fn conflict() -> Self {
        Self::new(409, "conflict_error", "Conflict occurred while saving. Please try again.")
    }

    pub(crate) fn rate_limited(reason: &str, retry_after_seconds: u64) -> Self {
        let message = "You have been rate limited. Please try again in a few minutes.";
        let mut error = Self::new(429, "rate_limited", message).with_data(json!({
            "rate_limit_reason": reason,
            "retry_after": retry_after_seconds.to_string(),
        }));
        error.0.retry_after_seconds = Some(retry_after_seconds);
        error
    }

    /// The same refusal without the header that says when to come back.
    pub(crate) fn without_retry_after(mut self) -> Self {
        self.0.retry_after_seconds = None;
        self
    }

    pub(crate) fn invalid_grant(message: &'static str) -> Self {
        Self::new(400, "invalid_grant", message)
    }

    /// An error that was asked for by a fault: the message that goes with a code, as far as it is known.
    ///
    /// The reason `committed` stands for a `service_unavailable` that names what it saved; it makes sense only together
    /// with a fault that carries the request out. The reason `query_timeout` stands for one that asks for a smaller query.
    pub(crate) fn injected(status: u16, reason: &str) -> Self {
        let message = match reason {
            COMMITTED => {
                let message = "Public API service is temporarily unavailable. The change was saved.";
                let mut error = Self::new(status, "service_unavailable", message);
                error.0.tells_committed = true;
                return error;
            }
            QUERY_TIMEOUT => {
                let message = "The query took too long.";
                let guidance = "Retry with backoff, a smaller page_size, or a narrower filter.";
                return Self::new(status, "service_unavailable", message)
                    .with_data(json!({ "retry_guidance": guidance }));
            }
            "unauthorized" => return Self::unauthorized(),
            "conflict_error" => return Self::conflict(),
            "restricted_resource" => return Self::restricted(),
            "rate_limited" => {
                // Whether there is a `Retry-After` header is the fault's own decision.
                return Self::rate_limited("public_api_request_rate_limit", 1).without_retry_after();
            }
            "object_not_found" => "Could not find the object.",
            "internal_server_error" => "Unexpected error occurred.",
            "bad_gateway" => "Bad gateway.",
            "service_unavailable" => "Public API service is temporarily unavailable, please try again later.",
            "database_connection_unavailable" => "Notion's database is currently unavailable.",
            "gateway_timeout" => "The request timed out. Please try again later.",
            "service_overload" => "Notion is overloaded. Please try again later.",
            _ => "The simulator was told to fail.",
        };
        Self::new(status, reason.to_owned(), message)
    }

    pub(crate) fn tells_committed(&self) -> bool {
        self.0.tells_committed
    }

    /// Returns the body of the answer, to which the `request_id` is still to be added.
    pub fn body_value(&self) -> Value {
        let parts = &*self.0;
        let mut body = json!({
            "object": "error",
            "status": parts.status,
            "code": parts.code,
            "message": parts.message,
        });
        if let Some(data) = &parts.additional_data {
            body["additional_data"] = data.clone();
        }
        body
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Reply::error(&self).with_status(status).into_response();
        if let Some(seconds) = self.0.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
