//! A simulator with one account, and a client without a socket.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use synodic_simulators::clock::ManualClock;
use synodic_simulators::fault::ConnectionDropped;
use synodic_simulators::google::{Control, GoogleOptions, GoogleSimulator};
use tower::ServiceExt;

pub(crate) const ADA: &str = "ada@example.com";

/// The time at which every test begins: a Monday.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-05-04T08:00:00Z".parse().unwrap()
}

pub(crate) struct Bench {
    pub(crate) simulator: GoogleSimulator,
    pub(crate) control: Control,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) token: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) dropped: bool,
}

impl Answer {
    /// The reason of an error.
    pub(crate) fn reason(&self) -> &str {
        self.body["error"]["errors"][0]["reason"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body of an answer that is a success.
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// Checks that it is a certain refusal.
    pub(crate) fn refused(&self, status: u16, reason: &str) {
        assert_eq!((self.status, self.reason()), (status, reason), "{self:?}");
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(GoogleOptions::default())
    }

    pub(crate) fn with(options: GoogleOptions) -> Self {
        let clock = Arc::new(ManualClock::new(start()));
        let options = GoogleOptions { clock: clock.clone(), time_zone: chrono_tz::Europe::Paris, ..options };
        let simulator = GoogleSimulator::new(options);
        let control = simulator.control();
        control.add_account(ADA, "Ada");
        let (token, _) = control.issue_tokens(ADA);
        Self { simulator, control, clock, token }
    }

    /// Moves the clock, and signs in again, as access tokens do not live long.
    pub(crate) fn later(&mut self, by: Duration) {
        self.clock.advance(by);
        self.token = self.control.issue_tokens(ADA).0;
    }

    pub(crate) async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.simulator.router().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let dropped = response.extensions().get::<ConnectionDropped>().is_some();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        Answer { status, headers, body, dropped }
    }

    /// Sends a request to the API with further headers.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/calendar/v3{path}"))
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.raw(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body), &[]).await
    }

    /// Tells the simulator something over its control API; returns what it answers.
    pub(crate) async fn told(&self, method: &str, path: &str, body: Value) -> Value {
        let request = Request::builder().method(method).uri(format!("/control{path}"));
        let request = request.header("content-type", "application/json");
        self.raw(request.body(Body::from(body.to_string())).unwrap()).await.ok()
    }

    pub(crate) async fn insert(&self, event: Value) -> Value {
        self.post("/calendars/primary/events", event).await.ok()
    }

    pub(crate) async fn event(&self, id: &Value) -> Answer {
        self.get(&path(id)).await
    }

    pub(crate) async fn patch(&self, id: &Value, body: Value) -> Answer {
        self.send("PATCH", &path(id), Some(body), &[]).await
    }

    pub(crate) async fn put(&self, id: &Value, body: Value) -> Answer {
        self.send("PUT", &path(id), Some(body), &[]).await
    }

    pub(crate) async fn delete(&self, id: &Value) -> Answer {
        self.send("DELETE", &path(id), None, &[]).await
    }

    /// Lists the primary calendar with these parameters, page by page; returns the items and the last page.
    pub(crate) async fn list(&self, query: &str) -> (Vec<Value>, Value) {
        let (mut items, mut page_token) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/calendars/primary/events?{query}{page_token}")).await.ok();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["nextPageToken"].as_str() {
                Some(token) => page_token = format!("&pageToken={token}"),
                None => return (items, page),
            }
        }
    }

    /// The sync token of a complete listing.
    pub(crate) async fn sync_token(&self) -> String {
        self.list("").await.1["nextSyncToken"].as_str().unwrap().to_owned()
    }
}

/// The path of an event of the primary calendar.
pub(crate) fn path(id: &Value) -> String {
    format!("/calendars/primary/events/{}", id.as_str().unwrap())
}

/// A timed event of an hour, on a day of May 2026, in Paris.
pub(crate) fn timed(summary: &str, day: u32, hour: u32) -> Value {
    let at = |hour: u32| json!({ "dateTime": format!("2026-05-{day:02}T{hour:02}:00:00"), "timeZone": "Europe/Paris" });
    json!({ "summary": summary, "start": at(hour), "end": at(hour + 1) })
}

/// The event with further fields.
pub(crate) fn with(mut event: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

pub(crate) fn summaries(items: &[Value]) -> Vec<&str> {
    let mut summaries = items.iter().map(|item| item["summary"].as_str().unwrap_or("?")).collect::<Vec<_>>();
    summaries.sort_unstable();
    summaries
}
