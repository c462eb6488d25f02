//! A simulator with one database and one connection, and a client without a socket.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use synodic_simulators::clock::ManualClock;
use synodic_simulators::fault::ConnectionDropped;
use synodic_simulators::notion::{Capabilities, Control, NewDatabase, NotionOptions, NotionSimulator};
use tower::ServiceExt;
use uuid::Uuid;

/// The time at which every test begins: some way into a minute of a Monday.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-05-04T08:00:20Z".parse().unwrap()
}

pub(crate) struct Bench {
    pub(crate) simulator: NotionSimulator,
    pub(crate) control: Control,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) token: String,
    pub(crate) bot: Uuid,
    pub(crate) ada: Uuid,
    pub(crate) database: Uuid,
    pub(crate) source: Uuid,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) dropped: bool,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body of an answer that is a success.
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// Checks that it is a certain refusal, in the shape of the service's, and returns its message.
    pub(crate) fn refused(&self, status: u16, code: &str) -> &str {
        assert_eq!((self.status, self.code()), (status, code), "{self:?}");
        assert_eq!((&self.body["object"], &self.body["status"]), (&json!("error"), &json!(status)));
        assert_eq!(self.body["request_id"], self.header("x-notion-request-id"));
        self.body["message"].as_str().unwrap()
    }
}

/// The columns of the database that every test has.
fn columns() -> Value {
    json!({
        "Name": { "title": {} },
        "When": { "date": {} },
        "Notes": { "rich_text": {} },
        "Area": { "select": { "options": [{ "name": "Work" }, { "name": "Home" }] } },
        "Tags": { "multi_select": { "options": [] } },
        "Status": { "status": { "options": [{ "name": "Open" }, { "name": "Doing" }, { "name": "Done" }] } },
        "Link": { "url": {} },
        "Mail": { "email": {} },
        "Guests": { "people": {} },
        "Done": { "checkbox": {} },
        "Cost": { "number": {} },
        "Number": { "unique_id": { "prefix": "EV" } },
        "Made": { "created_time": {} },
        "Changed": { "last_edited_time": {} },
        "Start": { "formula": { "expression": "prop(\"When\")" } },
    })
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(NotionOptions::default())
    }

    pub(crate) fn with(options: NotionOptions) -> Self {
        let clock = Arc::new(ManualClock::new(start()));
        let options = NotionOptions { clock: clock.clone(), ..options };
        let simulator = NotionSimulator::new(options);
        let control = simulator.control();
        let ada = control.add_person("Ada", "ada@example.com");
        let (bot, token) = control.add_connection("Client", Capabilities::default());
        let Value::Object(properties) = columns() else { unreachable!() };
        let (database, source) = control.add_database(NewDatabase {
            title: "Events".to_owned(),
            properties: properties.into_iter().collect(),
            ..NewDatabase::default()
        });
        Self { simulator, control, clock, token, bot, ada, database, source }
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

    /// Sends a request to the API in some version.
    pub(crate) async fn in_version(&self, version: &str, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("notion-version", version);
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.raw(request.body(body).unwrap()).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.in_version("2026-03-11", method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body).await
    }

    pub(crate) async fn create(&self, properties: Value) -> Answer {
        let body = json!({ "parent": { "data_source_id": self.source }, "properties": properties });
        self.post("/pages", body).await
    }

    /// Creates a row with a title and returns it.
    pub(crate) async fn titled(&self, title: &str) -> Value {
        self.create(json!({ "Name": named(title) })).await.ok()
    }

    pub(crate) async fn patch(&self, page: &Value, body: Value) -> Answer {
        self.send("PATCH", &format!("/pages/{}", page["id"].as_str().unwrap()), body).await
    }

    pub(crate) async fn set(&self, page: &Value, properties: Value) -> Answer {
        self.patch(page, json!({ "properties": properties })).await
    }

    pub(crate) async fn read(&self, page: &Value) -> Answer {
        self.get(&format!("/pages/{}", page["id"].as_str().unwrap())).await
    }

    pub(crate) async fn query(&self, body: Value) -> Answer {
        self.post(&format!("/data_sources/{}/query", self.source), body).await
    }

    /// The titles of the rows that a query finds, page by page.
    pub(crate) async fn titles(&self, mut body: Value) -> Vec<String> {
        let mut titles = Vec::new();
        loop {
            let page = self.query(body.clone()).await.ok();
            titles.extend(page["results"].as_array().unwrap().iter().map(title));
            if page["has_more"] == false {
                return titles;
            }
            body["start_cursor"] = page["next_cursor"].clone();
        }
    }
}

/// A title as it is written.
pub(crate) fn named(title: &str) -> Value {
    json!({ "title": text(title) })
}

/// Rich text as it is written.
pub(crate) fn text(content: &str) -> Value {
    json!([{ "text": { "content": content } }])
}

pub(crate) fn title(page: &Value) -> String {
    let runs = page["properties"]["Name"]["title"].as_array().unwrap();
    runs.iter().map(|run| run["plain_text"].as_str().unwrap()).collect()
}

pub(crate) fn id(page: &Value) -> Uuid {
    page["id"].as_str().unwrap().parse().unwrap()
}
