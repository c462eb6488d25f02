//! A simulated Google, and an engine with an account there.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use synodic_engine::clock::SystemClock;
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace, WebhookConfig};
use synodic_engine::google::{GoogleClient, GoogleEndpoints, Tokens};
use synodic_engine::{Engine, EngineConfig};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, IntegrationId, RemoteCalendarId};
use synodic_simulators::google::{Control, GoogleOptions, GoogleSimulator, NewCalendar, RunningGoogle};

use crate::replica::{ZONE, start_of};

pub(crate) const ACCOUNT: &str = "ada@example.org";

/// How an engine is to behave.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// It does what it is asked, and nothing else.
    Asked,
    /// It acts of its own accord, and can be called.
    Alive,
}

/// Where a simulated Google is, and how to get in.
pub(crate) struct Place {
    pub(crate) api: String,
    pub(crate) auth: String,
    pub(crate) token: String,
    pub(crate) tokens: Tokens,
}

/// One simulated Google with one account.
pub(crate) async fn google() -> (RunningGoogle, Control) {
    let simulator = GoogleSimulator::new(GoogleOptions::default());
    let control = simulator.control();
    control.add_account(ACCOUNT, "Ada");
    (simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap(), control)
}

impl Place {
    pub(crate) fn of(google: &RunningGoogle, control: &Control) -> Self {
        let (access_token, refresh_token) = control.issue_tokens(ACCOUNT);
        let endpoints = google.endpoints();
        Self {
            api: endpoints.api_url.clone(),
            auth: endpoints.auth_url.clone(),
            token: endpoints.token_url.clone(),
            tokens: Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None },
        }
    }
}

/// A further calendar of the account, with `events` events in it.
pub(crate) fn add_calendar(control: &Control, name: &str, events: usize) -> RemoteCalendarId {
    let calendar = NewCalendar { summary: name.into(), time_zone: Some(ZONE), ..NewCalendar::default() };
    let calendar = control.add_calendar(ACCOUNT, calendar);
    for number in 0..events {
        control.put_event(&calendar, event(number));
    }
    RemoteCalendarId::new(calendar)
}

/// An event as people have them: most with a place and a few words, some with guests, a few that repeat.
pub(crate) fn event(number: usize) -> Value {
    let (start, end) = start_of(number);
    let time = |time: chrono::NaiveDateTime| json!({ "dateTime": time.and_utc(), "timeZone": ZONE.name() });
    let mut event = json!({
        "summary": format!("Event {number}"),
        "location": format!("Room {}", number % 40),
        "description": "What we said last week, what came of it, and what is to be done until the next time.",
        "start": time(start),
        "end": time(end),
    });
    if number.is_multiple_of(5) {
        event["attendees"] = json!([
            { "email": ACCOUNT, "responseStatus": "accepted", "self": true },
            { "email": "grace@example.org", "displayName": "Grace", "responseStatus": "needsAction" },
            { "email": "alan@example.org", "responseStatus": "tentative" },
        ]);
    }
    if number.is_multiple_of(50) {
        event["recurrence"] = json!(["RRULE:FREQ=WEEKLY;COUNT=20"]);
    }
    event
}

/// An engine on a replica of its own.
pub(crate) async fn engine(folder: &Path, place: Option<&Place>, manner: Manner) -> Engine {
    Engine::start(config(folder, place, manner), Arc::new(SystemClock)).await.unwrap()
}

/// Connects the account.
pub(crate) async fn connect(engine: &Engine, place: &Place) -> IntegrationId {
    engine.connect_google(place.tokens.clone()).await.unwrap()
}

/// Links a remote calendar to a new one here.
pub(crate) async fn link(engine: &Engine, account: IntegrationId, remote: &RemoteCalendarId) -> CalendarId {
    let linked = engine.link_calendar(None, account, remote.clone(), SyncDirection::Bidirectional);
    linked.await.unwrap().id
}

fn config(folder: &Path, place: Option<&Place>, manner: Manner) -> EngineConfig {
    let google_endpoints = place.map_or_else(GoogleEndpoints::public, |place| GoogleEndpoints {
        api: place.api.parse().unwrap(),
        auth: place.auth.parse().unwrap(),
        token: place.token.parse().unwrap(),
    });
    let autonomous = matches!(manner, Manner::Alive);
    EngineConfig {
        data_dir: folder.to_path_buf(),
        secrets: SecretsPlace::Memory,
        google_endpoints,
        google_client: Some(GoogleClient { id: "bench".into(), secret: Some("bench".into()) }),
        notion: NotionConfig::default(),
        webhook: autonomous.then(|| WebhookConfig { public_url: None, listen: ([127, 0, 0, 1], 0).into() }),
        polling: Polling::default(),
        viewer: ZONE,
        autonomous,
    }
}
