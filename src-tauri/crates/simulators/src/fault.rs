//! What goes wrong, and when.
//!
//! A [`Fault`] names the requests it is for, lets some of them pass, and then has its [`Effect`] on a number of them.
//! Faults act around the whole server, so each can be placed before the request was carried out or after it: the two
//! look the same to a client, and telling them apart is what the client is tested for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::response::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::stream;
use serde::{Deserialize, Serialize};

/// Answers larger than this are not cut in pieces but dropped; no simulated answer comes near.
const TRUNCATION_LIMIT: usize = 64 * 1024 * 1024;

/// Something that goes wrong with some requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The HTTP method it is for; every method when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A part of the path it is for; every path when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// A part of the query it is for; every query when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_contains: Option<String>,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many matching requests are hit after that; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What happens to them.
    pub effect: Effect,
}

/// What a fault does to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// The request is carried out after a wait. Adds up with other faults.
    Latency {
        /// How long the wait is.
        millis: u64,
    },
    /// The connection is cut and nothing was carried out.
    DropBefore,
    /// The request is carried out, then the connection is cut.
    DropAfter,
    /// The provider answers with an error of its usual shape.
    Status {
        /// The HTTP status.
        status: u16,
        /// The provider's word for the reason, such as `backendError`.
        reason: String,
        /// The value of a `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u64>,
        /// Whether the request was carried out all the same.
        #[serde(default)]
        applied: bool,
    },
    /// The request is carried out, half of the answer is sent, then the connection is cut.
    TruncatedBody,
    /// The request is carried out, and its answer ends in the middle as if that were all of it: good HTTP, broken JSON.
    MalformedBody,
    /// The request is carried out, and its answer trickles in.
    SlowDrip {
        /// How many bytes come at a time; at least one.
        bytes: usize,
        /// The wait before each piece.
        millis: u64,
    },
    /// A proxy in front of the provider answers 502 with a page of HTML.
    HtmlBadGateway {
        /// Whether the request was carried out all the same.
        #[serde(default)]
        applied: bool,
    },
}

impl Fault {
    /// Describes a fault that hits every request.
    pub fn new(effect: Effect) -> Self {
        Self { method: None, path_contains: None, query_contains: None, skip: 0, times: None, effect }
    }

    /// Limits the fault to one method and to paths that contain `path`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path_contains = Some(path.to_owned());
        self
    }

    /// Lets the first `skip` matching requests pass.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Ends the fault after it has hit `times` requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    fn matches(&self, method: &str, path: &str, query: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path_contains.as_deref().is_none_or(|part| path.contains(part))
            && self.query_contains.as_deref().is_none_or(|part| query.contains(part))
    }
}

/// Marks an answer that stands for a cut connection.
///
/// Over a socket the client sees the connection end. Whoever calls the router in process finds this in the answer's
/// extensions, and the answer's body fails when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionDropped;

/// The faults in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultPlan {
    faults: Arc<Mutex<Vec<Fault>>>,
}

impl FaultPlan {
    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.lock().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// Counts a request against the faults and returns what happens to it: the sum of the waits, and the effect of the
    /// first other fault that is due.
    fn strike(&self, method: &str, path: &str, query: &str) -> (Duration, Option<Effect>) {
        let mut faults = self.lock();
        let mut wait = Duration::ZERO;
        let mut effect = None;
        for fault in faults.iter_mut().filter(|fault| fault.matches(method, path, query)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            match &fault.effect {
                Effect::Latency { millis } => wait += Duration::from_millis(*millis),
                _ if effect.is_some() => continue,
                other => effect = Some(other.clone()),
            }
            if let Some(times) = &mut fault.times {
                *times = times.saturating_sub(1);
            }
        }
        faults.retain(|fault| fault.times != Some(0));
        (wait, effect)
    }
}

/// Writes an error the way one provider does: status and reason in, answer out.
pub(crate) type ErrorShape = fn(u16, &str) -> Response;

/// Carries a request out, or does to it what the plan says.
pub(crate) async fn run(plan: &FaultPlan, shape: ErrorShape, mut request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let (wait, effect) = plan.strike(request.method().as_str(), request.uri().path(), query);
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    match effect {
        None | Some(Effect::Latency { .. }) => next.run(request).await,
        Some(Effect::DropBefore) => dropped(),
        Some(Effect::DropAfter) => {
            next.run(request).await;
            dropped()
        }
        Some(Effect::Status { status, reason, retry_after_seconds, applied }) => {
            let mut response = shape(status, &reason);
            if applied {
                // What the answer would have told beside its text may be told by the error too.
                let hidden = next.run(request).await;
                response.extensions_mut().extend(hidden.extensions().clone());
            }
            if let Some(seconds) = retry_after_seconds {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
        Some(Effect::TruncatedBody) => truncated(next.run(request).await).await,
        Some(Effect::MalformedBody) => {
            // Half of a compressed answer would be another fault.
            request.headers_mut().remove(header::ACCEPT_ENCODING);
            malformed(next.run(request).await).await
        }
        Some(Effect::SlowDrip { bytes, millis }) => {
            dripping(next.run(request).await, bytes.max(1), Duration::from_millis(millis)).await
        }
        Some(Effect::HtmlBadGateway { applied }) => {
            if applied {
                next.run(request).await;
            }
            bad_gateway()
        }
    }
}

/// An answer whose body fails at once: the HTTP server then closes the connection without having sent a byte of it.
fn dropped() -> Response {
    let cut = stream::iter([Err::<Bytes, _>(std::io::Error::other("connection dropped by the simulator"))]);
    let mut response = Response::new(Body::from_stream(cut));
    response.extensions_mut().insert(ConnectionDropped);
    response
}

/// Takes an answer apart; `None` if it is too large for that.
async fn apart(response: Response) -> Option<(Parts, Bytes)> {
    let (parts, body) = response.into_parts();
    Some((parts, axum::body::to_bytes(body, TRUNCATION_LIMIT).await.ok()?))
}

/// Sends the first half of an answer under the headers of the first half.
async fn malformed(response: Response) -> Response {
    let Some((mut parts, whole)) = apart(response).await else {
        return dropped();
    };
    let half = whole.slice(..whole.len() / 2);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(half.len()));
    Response::from_parts(parts, Body::from(half))
}

/// Sends an answer piece by piece.
async fn dripping(response: Response, bytes: usize, wait: Duration) -> Response {
    let Some((mut parts, whole)) = apart(response).await else {
        return dropped();
    };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let pieces = stream::unfold(whole, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(wait).await;
        let piece = rest.split_to(bytes.min(rest.len()));
        Some((Ok::<_, std::io::Error>(piece), rest))
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

/// Sends the first half of an answer under the headers of the whole one.
async fn truncated(response: Response) -> Response {
    let Some((mut parts, whole)) = apart(response).await else {
        return dropped();
    };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    let cut = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) if !half.is_empty() => Some((Ok(half), Some(Bytes::new()))),
            // Yielding lets the server send what it holds before it learns that the rest is missing.
            Some(_) => {
                tokio::task::yield_now().await;
                Some((Err(std::io::Error::other("answer cut short by the simulator")), None))
            }
            None => None,
        }
    });
    Response::from_parts(parts, Body::from_stream(cut))
}

fn bad_gateway() -> Response {
    let page = "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title>\
                <p><b>502.</b> That's an error.<p>The server encountered a temporary error.</html>";
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=UTF-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_passes_some_hits_some_and_ends() {
        let plan = FaultPlan::default();
        plan.inject(Fault::new(Effect::DropBefore).on("post", "/events").after(1).times(2));
        let strike = |method: &str| plan.strike(method, "/calendars/a/events", "").1;
        assert_eq!(strike("GET"), None);
        assert_eq!(strike("POST"), None, "the first is let through");
        assert_eq!(strike("POST"), Some(Effect::DropBefore));
        assert_eq!(strike("POST"), Some(Effect::DropBefore));
        assert_eq!(strike("POST"), None, "and then it is over");
        assert!(plan.all().is_empty());
    }

    #[test]
    fn waits_add_up_and_the_first_other_effect_wins() {
        let plan = FaultPlan::default();
        plan.inject(Fault::new(Effect::Latency { millis: 5 }));
        plan.inject(Fault::new(Effect::Latency { millis: 7 }));
        plan.inject(Fault::new(Effect::DropAfter).times(1));
        plan.inject(Fault::new(Effect::TruncatedBody).times(1));
        let twelve = Duration::from_millis(12);
        assert_eq!(plan.strike("GET", "/", ""), (twelve, Some(Effect::DropAfter)));
        assert_eq!(
            plan.strike("GET", "/", ""),
            (twelve, Some(Effect::TruncatedBody)),
            "one that lost waits its turn"
        );
        assert_eq!(plan.strike("GET", "/", ""), (twelve, None));
    }
}
