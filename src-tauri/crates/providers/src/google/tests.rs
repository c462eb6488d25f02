//! What goes over the wire, word for word, against a service that answers from a script.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Mutex;

use chrono::{Days, TimeDelta, TimeZone, Utc};
use http::{Request, Response};
use serde_json::{Value, json};
use synodic_model::{EventContent, EventId, When};
use uuid::Uuid;

use super::*;
use crate::transport::{Pace, Transport, TransportError};
use crate::vault::{Tokens, VaultError};
use crate::{Identity, NextPull};

/// Answers from a script, and keeps what was asked.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<(u16, Value)>>,
    requests: Mutex<String>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let mut seen = self.requests.lock().unwrap();
        writeln!(seen, "{} {}", request.method(), request.uri().path()).unwrap();
        for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
        {
            writeln!(seen, "  {name} = {value}").unwrap();
        }
        if let Some(version) = request.headers().get("if-match") {
            writeln!(seen, "  If-Match: {}", version.to_str().unwrap()).unwrap();
        }
        if !request.body().is_empty() {
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            writeln!(seen, "{body:#}").unwrap();
        }
        let (status, body) = self.answers.lock().unwrap().pop_front().expect("an answer in the script");
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Ok(Response::builder().status(status).body(body).unwrap())
    }
}

struct Held;

#[async_trait]
impl TokenVault for Held {
    async fn load(&self) -> Result<Option<Tokens>, VaultError> {
        Ok(Some(Tokens { access_token: "a-canary".to_owned(), refresh_token: None, expires_at: None }))
    }

    async fn store(&self, _: &Tokens) -> Result<(), VaultError> {
        Ok(())
    }

    async fn remove(&self) -> Result<(), VaultError> {
        Ok(())
    }
}

fn google(answers: impl IntoIterator<Item = (u16, Value)>) -> (Google, Arc<Script>) {
    let script = Arc::new(Script { answers: Mutex::new(answers.into_iter().collect()), ..Script::default() });
    let surroundings = Surroundings {
        transport: script.clone(),
        clock: Arc::new(|| Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap()),
        pace: Pace::Unlimited,
    };
    (Google::with(GoogleEndpoints::public(), client(), Arc::new(Held), surroundings), script)
}

fn client() -> GoogleClient {
    GoogleClient { id: "synodic".to_owned(), secret: Some("a-canary".to_owned()) }
}

fn work() -> RemoteCalendarId {
    RemoteCalendarId::new("work#team@example.org")
}

fn holiday() -> EventContent {
    let day = "2026-12-24".parse().unwrap();
    EventContent::new("Holiday", When::AllDay { start: day, end: day + Days::new(2) })
}

fn shown() -> Value {
    json!({
        "id": "abcde", "etag": "\"1\"", "summary": "Holiday",
        "start": { "date": "2026-12-24" }, "end": { "date": "2026-12-26" },
    })
}

fn asked(script: &Script) -> String {
    script.requests.lock().unwrap().clone()
}

#[tokio::test]
async fn an_incremental_pull_differs_from_a_full_one_in_its_cursor_only() {
    let more = json!({ "items": [], "nextPageToken": "page 2" });
    let last = json!({ "items": [], "nextSyncToken": "cursor 2", "timeZone": "Europe/Berlin" });
    let (google, script) = google([(200, last.clone()), (200, more), (200, last)]);
    google.pull(Linked::plain(&work()), &PullPosition::default()).await.unwrap();
    let mut position = PullPosition { cursor: Some("cursor 1".to_owned()), page: None };
    let page = google.pull(Linked::plain(&work()), &position).await.unwrap();
    assert_eq!(page.next, NextPull::Page("page 2".to_owned()), "an empty page is not the last one");
    position.page = Some("page 2".to_owned());
    let page = google.pull(Linked::plain(&work()), &position).await.unwrap();
    assert_eq!(page.next, NextPull::Done { cursor: "cursor 2".to_owned() });
    insta::assert_snapshot!(asked(&script));
}

#[tokio::test]
async fn a_page_that_leads_nowhere_is_no_listing() {
    let (google, _) = google([(200, json!({ "items": [shown()] }))]);
    let failure = google.pull(Linked::plain(&work()), &PullPosition::default()).await.unwrap_err();
    assert!(matches!(failure, ProviderError::Unreadable { .. }), "{failure}");
}

#[tokio::test]
async fn a_creation_names_its_id_and_whom_to_mail() {
    let (google, script) = google([(200, shown())]);
    let identity =
        Identity { event_id: EventId::new(Uuid::from_u128(1)), link: Uuid::from_u128(2), incarnation: 3 };
    let content = holiday();
    let creation = Creation {
        identity,
        uid: "holiday@example.org",
        content: &content,
        occurrence_of: None,
        may_be_there: false,
        notify: NotifyAttendees::Nobody,
    };
    google.create(Linked::plain(&work()), &creation).await.unwrap();
    insta::assert_snapshot!(asked(&script));
}

#[tokio::test]
async fn a_patch_names_its_version_and_clears_with_null() {
    let (google, script) = google([(200, shown())]);
    let at = |hour| {
        synodic_model::ZonedTime::at(
            Utc.with_ymd_and_hms(2026, 12, 24, 9, 0, 0).unwrap() + TimeDelta::hours(hour),
            chrono_tz::Europe::Berlin,
        )
    };
    let base = EventContent {
        location: "Berlin".to_owned(),
        url: Some("https://example.org/".to_owned()),
        when: When::Zoned { start: at(0), end: at(1) },
        ..holiday()
    };
    let update = Update {
        id: &ExternalId::new("abcde"),
        version: Some(&RemoteVersion::new("\"0\"")),
        base: Some(&base),
        desired: &holiday(),
        notify: NotifyAttendees::Everybody,
    };
    google.update(Linked::plain(&work()), &update).await.unwrap();
    insta::assert_snapshot!(asked(&script));
}

#[tokio::test]
async fn a_deletion_names_its_version() {
    let (google, script) = google([(204, Value::Null)]);
    let version = RemoteVersion::new("\"1\"");
    google
        .delete(Linked::plain(&work()), &ExternalId::new("abcde"), Some(&version), NotifyAttendees::Nobody)
        .await
        .unwrap();
    insta::assert_snapshot!(asked(&script), @r#"
    DELETE /calendar/v3/calendars/work%23team@example.org/events/abcde
      prettyPrint = false
      sendUpdates = none
      If-Match: "1"
    "#);
}

#[test]
fn nothing_secret_is_shown_in_debug_output() {
    let request =
        begin_sign_in(&GoogleEndpoints::public(), &client(), &Url::parse("http://127.0.0.1:9/").unwrap())
            .unwrap();
    let tokens = Tokens {
        access_token: "a-canary".to_owned(),
        refresh_token: Some("a-canary".to_owned()),
        expires_at: None,
    };
    let shown = format!("{:?} {:?} {:?}", client(), request, tokens);
    assert!(
        !shown.contains("canary") && !shown.contains(&request.verifier) && !shown.contains(&request.state)
    );
}

#[test]
fn each_endpoint_can_be_replaced_for_itself() {
    let lookup = |name: &str| (name == "SYNODIC_GOOGLE_API_URL").then(|| "http://127.0.0.1:9/v3".to_owned());
    let endpoints = GoogleEndpoints::from_lookup(lookup).unwrap();
    assert_eq!(endpoints.api.as_str(), "http://127.0.0.1:9/v3");
    assert_eq!(endpoints.token, GoogleEndpoints::public().token);
    assert_eq!(endpoints.revoke().as_str(), "https://oauth2.googleapis.com/revoke");
}

#[test]
fn an_endpoint_that_is_no_address_is_named() {
    let lookup = |name: &str| (name == "SYNODIC_GOOGLE_AUTH_URL").then(|| "localhost".to_owned());
    let error = GoogleEndpoints::from_lookup(lookup).unwrap_err();
    assert_eq!(error.to_string(), "SYNODIC_GOOGLE_AUTH_URL is not an http or https address: “localhost”");
}
