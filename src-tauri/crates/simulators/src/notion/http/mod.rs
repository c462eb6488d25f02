//! The simulator over HTTP: which path leads where, and what all answers have in common.
//!
//! A request passes, from the outside in: the request log, the writing of answers that faults made, the faults, the
//! writing of all others, and then its handler, whose [`Call`] checks the token, the version and the limits. The control
//! API and the page for people stand beside that and are neither logged nor harmed.

mod api;
mod control;
mod oauth;
mod page;

use std::sync::MutexGuard;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State as Extract};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::NotionSimulator;
use super::error::ApiError;
use super::state::{Caller, State};
use super::version::Version;
use crate::wire;

/// Bodies above this are refused before anybody looks at them.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Puts everything together.
pub(crate) fn router(simulator: &NotionSimulator) -> Router {
    let wire = &simulator.shared.wire;
    let service = Router::new()
        .nest("/v1", api::routes().merge(oauth::routes()))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(from_fn_with_state(simulator.clone(), write))
        .layer(from_fn_with_state(wire.clone(), wire::harm))
        .layer(from_fn_with_state(simulator.clone(), write))
        .layer(from_fn_with_state(wire.clone(), wire::record));
    Router::new()
        .merge(service)
        .nest("/control", control::routes())
        .merge(page::routes())
        .with_state(simulator.clone())
        .nest("/control", wire::routes().with_state(wire.clone()))
}

/// A fault's error; it is written out by the outer of the two writers.
pub(crate) fn injected(status: u16, reason: &str) -> Response {
    ApiError::injected(status, reason).into_response()
}

/// An answer before it is written out. It travels in the extensions of an empty response.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    value: Value,
    status: StatusCode,
    tells_committed: bool,
}

impl Reply {
    pub(crate) fn new(value: Value) -> Self {
        Self { value, status: StatusCode::OK, tells_committed: false }
    }

    pub(crate) fn error(error: &ApiError) -> Self {
        Self { tells_committed: error.tells_committed(), ..Self::new(error.body_value()) }
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What a request saved. A fault that hides the answer may still let the client know this.
#[derive(Clone, Debug)]
pub(crate) struct Committed {
    pub(crate) resource: Uuid,
    pub(crate) children: Vec<Uuid>,
}

/// Writes an answer out, with the id of the request in it and beside it.
async fn write(Extract(simulator): Extract<NotionSimulator>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(mut reply) = response.extensions_mut().remove::<Reply>() else {
        return response;
    };
    let id = simulator.shared.lock().next_request_id();
    if reply.value.is_object() {
        reply.value["request_id"] = json!(id);
    }
    if let Some(committed) = response.extensions().get::<Committed>().filter(|_| reply.tells_committed) {
        reply.value["additional_data"] = json!({
            "retry_guidance": "The change was saved. Do not retry this request.",
            "committed_resource_id": committed.resource,
        });
        if !committed.children.is_empty() {
            reply.value["additional_data"]["committed_child_ids"] = json!(committed.children);
        }
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-notion-request-id", id);
    }
    let now = simulator.shared.options.clock.now();
    // The time of the server is what clients reckon their watermarks from.
    if let Ok(date) = HeaderValue::from_str(&now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()) {
        headers.insert(header::DATE, date);
    }
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = reply.value.to_string().into();
    response
}

/// A request to the API that has shown a good token and a known version, and is within the limits.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    simulator: NotionSimulator,
    pub(crate) who: Caller,
    pub(crate) query: Vec<(String, String)>,
}

impl Call {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.simulator.state()
    }

    /// The last value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<Value> {
        self.query.iter().rfind(|(key, _)| key == name).map(|(_, value)| json!(value))
    }

    /// The columns that are wanted; all when empty.
    pub(crate) fn filter_properties(&self) -> Vec<String> {
        let named = |key: &str| {
            key == "filter_properties"
                || key == "filter_properties[]"
                || key.starts_with("filter_properties[")
        };
        self.query.iter().filter(|(key, _)| named(key)).map(|(_, value)| value.clone()).collect()
    }
}

impl FromRequestParts<NotionSimulator> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, simulator: &NotionSimulator) -> Result<Self, ApiError> {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let token = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let mut state = simulator.state();
        // The token comes before the version: whoever is not known learns nothing else.
        state.identify(token.unwrap_or_default(), Version::Trash)?;
        let who = state.identify(token.unwrap_or_default(), Version::parse(text("notion-version"))?)?;
        if let Some(limits) = state.limits.clone() {
            let now = state.now();
            state.windows.spend(&limits, who.bot, who.workspace, now)?;
        }
        drop(state);
        let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        Ok(Self { simulator: simulator.clone(), who, query: query.into_owned().collect() })
    }
}
