//! Our Notion provider against the simulated Notion, over real sockets. Each trap of the field has a test that names it.

#![expect(clippy::needless_pass_by_value, reason = "tests write their values down in place")]

mod connect;
mod failures;
mod occurrences;
mod pull;
mod push;
mod writing_safely;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use synodic_model::{EventContent, EventId, ExternalId, RemoteCalendarId, When, ZonedTime};
use synodic_providers::notion::{Mapping, Notion, NotionEndpoint, Slot, propose};
use synodic_providers::transport::{Network, Pace, Surroundings};
use synodic_providers::{
    Creation, Identity, Linked, NextPull, NotifyAttendees, Provider, ProviderError, PullPosition,
    RemoteChange, RemoteEvent, Tokens, Update, recognise,
};
use synodic_simulators::clock::{Clock, ManualClock};
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::notion::{
    Capabilities, Control, NewDatabase, NotionOptions, NotionSimulator, RunningNotion,
};
use uuid::Uuid;

use crate::google::MemoryVault;

const BERLIN: Tz = chrono_tz::Europe::Berlin;

/// A simulated Notion with one database of appointments in German, and our client of it.
struct World {
    control: Control,
    clock: Arc<ManualClock>,
    notion: Notion,
    source: Uuid,
    database: Uuid,
    bot: Uuid,
    id: RemoteCalendarId,
    settings: Value,
    endpoint: NotionEndpoint,
    _running: RunningNotion,
}

impl World {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut NotionOptions)) -> Self {
        let clock = Arc::new(ManualClock::new(Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 30).unwrap()));
        let mut options =
            NotionOptions { clock: clock.clone(), time_zone: BERLIN, seed: 7, ..NotionOptions::default() };
        change(&mut options);
        let simulator = NotionSimulator::new(options);
        let control = simulator.control();
        control.add_person("Ada", "ada@example.org");
        let (bot, token) = control.add_connection("Synodic", Capabilities::default());
        let (database, source) = control.add_database(NewDatabase {
            title: "Termine".to_owned(),
            properties: columns(),
            icon: Some("📅".to_owned()),
            ..NewDatabase::default()
        });
        let running = simulator.listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let endpoint = NotionEndpoint(running.endpoints().api_url.parse().unwrap());
        let notion = client(&endpoint, &clock, &token);
        let id = RemoteCalendarId::new(source.to_string());
        let schema = notion.schema(&id).await.unwrap();
        let mapping = propose(&schema, BERLIN).mapping;
        let mapping = notion.create_properties(&id, &[Slot::Marker], mapping).await.unwrap();
        control.clear_requests();
        Self {
            control,
            clock,
            notion,
            source,
            database,
            bot,
            id,
            settings: mapping.to_settings(),
            endpoint,
            _running: running,
        }
    }

    fn linked(&self) -> Linked<'_> {
        Linked { id: &self.id, settings: &self.settings }
    }

    fn mapping(&self) -> Mapping {
        Mapping::of(&self.settings)
    }

    /// The same connection after the program was started again.
    fn restarted(self) -> Self {
        let token = self.control.try_issue_token(Some(self.bot)).unwrap();
        let notion = client(&self.endpoint, &self.clock, &token);
        Self { notion, ..self }
    }

    fn minutes_pass(&self, minutes: u64) {
        self.clock.advance(std::time::Duration::from_secs(60 * minutes));
    }

    /// A person adds a row.
    fn row(&self, title: &str, date: Value) -> Uuid {
        let page = self.control.add_page(
            self.source,
            json!({ "properties": {
            "Bezeichnung": { "title": [{ "text": { "content": title } }] },
            "Zeitraum": { "date": date },
        } }),
        );
        page["id"].as_str().unwrap().parse().unwrap()
    }

    /// A person changes a row.
    fn edit(&self, page: Uuid, properties: Value) {
        self.control.edit_page(page, json!({ "properties": properties }));
    }

    fn retitle(&self, page: Uuid, title: &str) {
        self.edit(page, json!({ "Bezeichnung": { "title": [{ "text": { "content": title } }] } }));
    }

    /// Pulls to the end, from a cursor or from nothing.
    async fn pull(&self, cursor: Option<&str>) -> Result<(Vec<RemoteChange>, String), ProviderError> {
        let mut position = PullPosition { cursor: cursor.map(str::to_owned), page: None };
        let mut changes = Vec::new();
        loop {
            let page = self.notion.pull(self.linked(), &position).await?;
            changes.extend(page.changes);
            match page.next {
                NextPull::Page(next) => position.page = Some(next),
                NextPull::Done { cursor } => return Ok((changes, cursor)),
            }
        }
    }

    async fn create(&self, identity: Identity, content: &EventContent) -> Result<RemoteEvent, ProviderError> {
        self.notion.create(self.linked(), &creation(identity, content)).await
    }

    async fn update(&self, from: &RemoteEvent, desired: &EventContent) -> Result<RemoteEvent, ProviderError> {
        let update = Update {
            id: &from.id,
            version: Some(&from.version),
            base: Some(&from.content),
            desired,
            notify: NotifyAttendees::Nobody,
        };
        self.notion.update(self.linked(), &update).await
    }

    async fn read(&self, id: &ExternalId) -> Result<Option<RemoteEvent>, ProviderError> {
        self.notion.read(self.linked(), id).await
    }

    /// What the program takes an event of Notion's for that it knows as `known`.
    fn as_known(&self, known: &EventContent, event: &RemoteEvent) -> EventContent {
        let mut content = event.content.clone();
        recognise(self.notion.kind(), &self.settings, known, &mut content);
        content
    }

    fn page(&self, id: &ExternalId) -> Value {
        self.control.page(id.as_str().parse().unwrap())
    }

    fn titles(&self) -> Vec<String> {
        let mut titles: Vec<_> =
            self.control.pages(self.source).iter().map(|page| text(page, "Bezeichnung")).collect();
        titles.sort();
        titles
    }

    fn inject(&self, effect: Effect, method: &str, path: &str) {
        self.control.inject(Fault::new(effect).on(method, path).times(1));
    }

    /// Requests so far, as `METHOD path status`, ids left out.
    fn requests(&self) -> Vec<String> {
        let requests = self.control.requests();
        let word = |path: &str| {
            let parts =
                path.trim_start_matches("/v1/").split('/').filter(|part| Uuid::parse_str(part).is_err());
            parts.collect::<Vec<_>>().join("/")
        };
        requests
            .iter()
            .map(|request| format!("{} {} {}", request.method, word(&request.path), request.status))
            .collect()
    }
}

fn client(endpoint: &NotionEndpoint, clock: &Arc<ManualClock>, token: &str) -> Notion {
    let tokens = Tokens { access_token: token.to_owned(), refresh_token: None, expires_at: None };
    Notion::with(endpoint.clone(), None, MemoryVault::holding(tokens), surroundings(clock))
}

fn surroundings(clock: &Arc<ManualClock>) -> Surroundings {
    let clock = Arc::clone(clock);
    Surroundings {
        transport: Arc::new(Network::new().unwrap()),
        clock: Arc::new(move || clock.now()),
        pace: Pace::Unlimited,
    }
}

fn columns() -> std::collections::BTreeMap<String, Value> {
    let options = |names: &[&str]| names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>();
    [
        ("Bezeichnung", json!({ "title": {} })),
        ("Zeitraum", json!({ "date": {} })),
        ("Beschreibung", json!({ "rich_text": {} })),
        ("Ort", json!({ "rich_text": {} })),
        (
            "Zustand",
            json!({ "select": { "options": options(&["Bestätigt", "Vorgemerkt", "Abgesagt", "Idee"]) } }),
        ),
        ("Teilnehmer", json!({ "rich_text": {} })),
        ("Webseite", json!({ "url": {} })),
        ("Wiederholung", json!({ "rich_text": {} })),
        ("Belegt", json!({ "checkbox": {} })),
    ]
    .map(|(name, column)| (name.to_owned(), column))
    .into()
}

/// The identity of the `number`th event.
fn identity(number: u128) -> Identity {
    Identity { event_id: EventId::new(Uuid::from_u128(number)), link: Uuid::from_u128(99), incarnation: 0 }
}

fn creation(identity: Identity, content: &EventContent) -> Creation<'_> {
    Creation {
        identity,
        uid: "ours@example.org",
        content,
        occurrence_of: None,
        may_be_there: false,
        notify: NotifyAttendees::Nobody,
    }
}

fn zoned(start: &str, end: &str, zone: Tz) -> When {
    let at = |text: &str| ZonedTime::new(text.parse::<NaiveDateTime>().unwrap(), zone);
    When::Zoned { start: at(start), end: at(end) }
}

fn all_day(start: &str, end: &str) -> When {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    When::AllDay { start: day(start), end: day(end) }
}

fn lunch() -> EventContent {
    EventContent::new("Mittag", zoned("2026-11-24T12:00:00", "2026-11-24T13:00:00", BERLIN))
}

fn day(date: &str) -> Value {
    json!({ "start": date })
}

fn present(change: &RemoteChange) -> &RemoteEvent {
    match change {
        RemoteChange::Present(event) => event,
        other => panic!("not an event: {other:?}"),
    }
}

/// The titles of what a pull names, in order of the alphabet.
fn named(changes: &[RemoteChange]) -> Vec<&str> {
    let mut titles: Vec<_> = changes
        .iter()
        .filter_map(|change| match change {
            RemoteChange::Present(event) => Some(event.content.title.as_str()),
            RemoteChange::Removed { .. }
            | RemoteChange::Complete { .. }
            | RemoteChange::Unreadable { .. } => None,
        })
        .collect();
    titles.sort_unstable();
    titles
}

/// The plain text of a page's property.
fn text(page: &Value, name: &str) -> String {
    let property = &page["properties"][name];
    let runs =
        property[property["type"].as_str().unwrap_or_default()].as_array().cloned().unwrap_or_default();
    runs.iter().map(|run| run["plain_text"].as_str().unwrap_or_default()).collect()
}
