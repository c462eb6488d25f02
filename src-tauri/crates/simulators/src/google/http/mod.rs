//! The simulator over HTTP: which path leads where, and what all answers have in common.
//!
//! A request passes, from the outside in: the request log, the faults, gzip, the shaping of answers (`fields`,
//! `prettyPrint`, `If-None-Match`), and then its handler, whose [`Call`] checks the token and the quota. The control API
//! and the page for people stand beside that and are neither logged nor harmed.

mod api;
mod control;
mod fields;
pub(crate) mod oauth;
mod page;
pub(crate) mod query;

use std::sync::MutexGuard;

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tower_http::compression::CompressionLayer;

use self::query::Query;
use super::GoogleSimulator;
use super::error::ApiError;
use super::state::{Identity, State};
use crate::wire;

/// Puts everything together.
pub(crate) fn router(simulator: &GoogleSimulator) -> Router {
    let wire = &simulator.shared.wire;
    let api = Router::new().nest("/calendar/v3", api::routes()).layer(from_fn(shape));
    let service = api
        .merge(oauth::routes())
        .layer(CompressionLayer::new())
        .layer(from_fn(gzip_only_if_meant))
        .layer(from_fn_with_state(wire.clone(), wire::harm))
        .layer(from_fn_with_state(wire.clone(), wire::record));
    Router::new()
        .merge(service)
        .nest("/control", control::routes())
        .merge(page::routes())
        .with_state(simulator.clone())
        .nest("/control", wire::routes().with_state(wire.clone()))
}

/// A fault's error, written out without the [`shape`] layer, which it does not pass.
pub(crate) fn injected(status: u16, reason: &str) -> Response {
    written(ApiError::injected(status, reason).into_response(), &Query::default(), &HeaderMap::new())
}

/// Google compresses only for clients that also say so in their name.
async fn gzip_only_if_meant(mut request: Request, next: Next) -> Response {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    if !agent.is_some_and(|agent| agent.contains("gzip")) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

/// An answer before it is written out. It travels in the extensions of an empty response until [`shape`].
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    value: Value,
    status: StatusCode,
}

impl Reply {
    pub(crate) fn new(value: Value) -> Self {
        Self { value, status: StatusCode::OK }
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

/// Writes answers out: only the `fields` asked for, pretty or not, or 304 if the client has them already.
async fn shape(request: Request, next: Next) -> Response {
    let query = Query::parse(request.uri().query());
    let mask = match query.get("fields").map(fields::Mask::parse).transpose() {
        Ok(mask) => mask,
        Err(error) => return written(error.into_response(), &query, request.headers()),
    };
    let mut headers = request.headers().clone();
    if request.method() != Method::GET {
        headers.remove(header::IF_NONE_MATCH);
    }
    let mut response = next.run(request).await;
    if let (Some(mask), Some(reply)) = (mask, response.extensions_mut().get_mut::<Reply>())
        && reply.status.is_success()
    {
        // The tag of the whole counts, whatever part of it was asked for.
        if let Some(tag) = tag(&reply.value) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        if let Some(reply) = response.extensions_mut().get_mut::<Reply>() {
            reply.value = mask.apply(&reply.value);
        }
    }
    written(response, &query, &headers)
}

fn tag(value: &Value) -> Option<HeaderValue> {
    value["etag"].as_str().and_then(|tag| HeaderValue::from_str(tag).ok())
}

fn written(mut response: Response, query: &Query, headers: &HeaderMap) -> Response {
    let Some(reply) = response.extensions_mut().remove::<Reply>() else {
        return response;
    };
    let etag = response.headers().get(header::ETAG).cloned().or_else(|| tag(&reply.value));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if let (Some(etag), Some(known)) = (etag.as_ref().and_then(|tag| tag.to_str().ok()), known)
        && reply.status == StatusCode::OK
        && known.split(',').any(|tag| tag.trim() == etag)
    {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag.to_owned())]).into_response();
    }
    let pretty = query.flag("prettyPrint").ok().flatten() != Some(false);
    let text =
        if pretty { serde_json::to_string_pretty(&reply.value) } else { serde_json::to_string(&reply.value) };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-store, max-age=0, must-revalidate"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("Origin, X-Origin, Referer"));
    headers.remove(header::CONTENT_LENGTH);
    if let Some(etag) = etag {
        headers.insert(header::ETAG, etag);
    }
    *response.body_mut() = text.unwrap_or_default().into();
    response
}

/// A request to the API that has shown a good token and is within the quota.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    simulator: GoogleSimulator,
    pub(crate) who: Identity,
    pub(crate) query: Query,
    pub(crate) if_match: Option<String>,
}

impl Call {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.simulator.state()
    }
}

impl FromRequestParts<GoogleSimulator> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, simulator: &GoogleSimulator) -> Result<Self, ApiError> {
        let query = Query::parse(parts.uri.query());
        let text = |name: header::HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let token = bearer.or_else(|| query.get("oauth_token")).or_else(|| query.get("access_token"));
        let mut state = simulator.state();
        let who = state.identify(token.ok_or_else(ApiError::login_required)?)?;
        if let Some(quota) = state.quota {
            let (cost, now) = (if parts.method == Method::PATCH { 3 } else { 1 }, state.now());
            state.buckets.spend(&quota, &who.email, cost, now)?;
        }
        drop(state);
        let if_match = text(header::IF_MATCH).map(str::to_owned);
        Ok(Self { simulator: simulator.clone(), who, query, if_match })
    }
}
