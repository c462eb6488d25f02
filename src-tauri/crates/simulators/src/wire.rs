//! The wire in front of a simulator: everything that is asked passes here, is written down, and may come to harm.
//!
//! Each simulator lays the two layers around its own handlers, and puts [`routes`] under `/control` beside the ones that
//! are particular to it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::fault::{self, ConnectionDropped, ErrorShape, Fault, FaultPlan};
use crate::record::{RequestLog, RequestRecord};

/// What was asked of a simulator, and what goes wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) log: RequestLog,
    pub(crate) faults: FaultPlan,
    clock: Arc<dyn Clock>,
    shape: ErrorShape,
}

impl Wire {
    /// Creates a wire that harms nothing. Faults that answer with an error give it `shape`.
    pub(crate) fn new(clock: Arc<dyn Clock>, shape: ErrorShape) -> Self {
        Self { log: RequestLog::default(), faults: FaultPlan::default(), clock, shape }
    }
}

/// Notes what was asked and how it was answered.
pub(crate) async fn record(State(wire): State<Wire>, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().to_string(), request.uri().clone());
    let response = next.run(request).await;
    let dropped = response.extensions().get::<ConnectionDropped>().is_some();
    wire.log.push(RequestRecord {
        method,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        status: if dropped { 0 } else { response.status().as_u16() },
        at: wire.clock.now(),
    });
    response
}

/// Carries a request out, or does to it what the faults in force say.
pub(crate) async fn harm(State(wire): State<Wire>, request: Request, next: Next) -> Response {
    fault::run(&wire.faults, wire.shape, request, next).await
}

/// What the control APIs of all simulators have in common.
pub(crate) fn routes() -> Router<Wire> {
    Router::new()
        .route("/requests", get(requests).delete(clear_requests))
        .route("/faults", get(faults).post(inject).delete(clear_faults))
}

async fn requests(State(wire): State<Wire>) -> Json<Vec<RequestRecord>> {
    Json(wire.log.all())
}

async fn clear_requests(State(wire): State<Wire>) -> Json<Value> {
    wire.log.clear();
    Json(json!({}))
}

async fn faults(State(wire): State<Wire>) -> Json<Vec<Fault>> {
    Json(wire.faults.all())
}

async fn inject(State(wire): State<Wire>, Json(fault): Json<Fault>) -> Json<Value> {
    wire.faults.inject(fault);
    Json(json!({}))
}

async fn clear_faults(State(wire): State<Wire>) -> Json<Value> {
    wire.faults.clear();
    Json(json!({}))
}
