//! A Notion database of 5,000 pages: a first pull beside the least that it could take, a poll without news, and a burst of
//! edits within Notion's limit.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};
use synodic_engine::clock::SystemClock;
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace};
use synodic_engine::google::GoogleEndpoints;
use synodic_engine::notion::{NotionEndpoint, Pace};
use synodic_engine::view::{EventChange, EventDraft, EventTarget};
use synodic_engine::{Engine, EngineConfig};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, EventContent, ExternalId, RemoteCalendarId, When, ZonedTime};
use synodic_providers::NotifyAttendees;
use synodic_simulators::notion::{
    Capabilities, Control, NewDatabase, NotionOptions, NotionSimulator, RunningNotion,
};
use synodic_store::{Durability, OpenOptions, Store};
use synodic_tests::leaping::Leaping;
use tempfile::TempDir;
use uuid::Uuid;

use crate::replica::{ZONE, start_of};
use crate::report;

const PAGES: usize = 5_000;
const ROUNDS: usize = 5;
const EDITS: usize = 100;

struct Place {
    running: RunningNotion,
    control: Control,
    source: Uuid,
    token: String,
}

pub(crate) async fn run() {
    let place = place(PAGES).await;
    let (mut whole, mut least) = (Vec::new(), Vec::new());
    let (folder, engine) = linked(&place, Pace::Unlimited).await;
    place.control.clear_requests();
    pull(&engine).await;
    let requests = place.control.requests().len();
    engine.shutdown().await.unwrap();
    for _ in 0..ROUNDS {
        let (_folder, engine) = linked(&place, Pace::Unlimited).await;
        let from = Instant::now();
        pull(&engine).await;
        whole.push(from.elapsed());
        engine.shutdown().await.unwrap();
        least.push(floor(&place, folder.path()).await);
    }
    report::figure("requests of a first pull", &requests.to_string(), &PAGES.div_ceil(100).to_string());
    let least = report::times("the floor: the same pages fetched, parsed, their rows inserted", least, "");
    let whole = report::times(&format!("a first pull of {PAGES} pages, the limit off"), whole, "1.5 floors");
    let ratio = whole.median().as_secs_f64() / least.median().as_secs_f64();
    report::figure("how many floors that is, by median", &format!("{ratio:.2}"), "1.50");

    let (_folder, engine) = linked(&place, Pace::Unlimited).await;
    pull(&engine).await;
    place.control.clear_requests();
    let from = Instant::now();
    engine.sync_pass(None).await.unwrap();
    report::times("a poll without changes", vec![from.elapsed()], "");
    report::figure("requests in that poll", &place.control.requests().len().to_string(), "1");
    engine.shutdown().await.unwrap();
    place.running.stop().await;
    burst().await;
}

/// A burst of background edits, and in the midst of it one of the person's own.
async fn burst() {
    let place = place(0).await;
    let (_folder, engine) = linked(&place, Pace::OfService).await;
    engine.sync_pass(None).await.unwrap();
    let calendar = engine.calendars().await.unwrap().remove(0).id;
    let mut events = Vec::new();
    for number in 0..EDITS {
        events.push(create(&engine, calendar, number).await);
    }
    place.control.clear_requests();
    let from = Instant::now();
    engine.sync_pass(None).await.unwrap();
    let taken = from.elapsed();
    let requests = place.control.requests();
    let there = place.control.pages(place.source).len();
    report::times(&format!("{EDITS} new events sent at Notion's pace"), vec![taken], "");
    report::figure("pages that came of them", &there.to_string(), &EDITS.to_string());
    let crowd = requests.iter().map(|first| {
        let end = first.at + TimeDelta::seconds(10);
        requests.iter().filter(|request| request.at >= first.at && request.at < end).count()
    });
    let crowd = crowd.max().unwrap_or_default();
    report::figure("requests in the busiest ten seconds", &crowd.to_string(), "33");
    let target = EventTarget::Event { id: events[0] };
    let mut content = engine.event(target).await.unwrap().content;
    content.title = "Changed".into();
    engine
        .change_event(EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody })
        .await
        .unwrap();
    let from = Instant::now();
    engine.sync_pass(None).await.unwrap();
    report::times("one edit after that, sent and read back", vec![from.elapsed()], "");
    engine.shutdown().await.unwrap();
    place.running.stop().await;
}

async fn create(engine: &Engine, calendar: CalendarId, number: usize) -> synodic_model::EventId {
    let (start, end) = start_of(number);
    let when = When::Zoned { start: ZonedTime::new(start, ZONE), end: ZonedTime::new(end, ZONE) };
    let draft = EventDraft {
        calendar_id: calendar,
        content: EventContent::new(format!("Event {number}"), when),
        notify: NotifyAttendees::Nobody,
    };
    engine.create_event(draft).await.unwrap().event.unwrap().id
}

async fn place(pages: usize) -> Place {
    let clock = Arc::new(Leaping::default());
    let simulator = NotionSimulator::new(NotionOptions { clock: clock.clone(), ..NotionOptions::default() });
    let control = simulator.control();
    control.add_person("Ada", "ada@example.org");
    let (_, token) = control.add_connection("Synodic", Capabilities::default());
    let columns = [
        ("Name", json!({ "title": {} })),
        ("Date", json!({ "date": {} })),
        ("Description", json!({ "rich_text": {} })),
        ("Location", json!({ "rich_text": {} })),
    ];
    let (_, source) = control.add_database(NewDatabase {
        title: "Appointments".into(),
        properties: columns.map(|(name, column)| (name.to_owned(), column)).into(),
        ..NewDatabase::default()
    });
    // What was changed in the last minutes is listed with every poll; this database has been at rest for an hour.
    clock.leap(-TimeDelta::hours(1));
    for number in 0..pages {
        control.add_page(source, page(number));
    }
    clock.leap(TimeDelta::hours(1));
    let running = simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    Place { running, control, source, token }
}

fn page(number: usize) -> Value {
    let (start, end) = start_of(number);
    let text = |text: String| json!([{ "text": { "content": text } }]);
    json!({ "properties": {
        "Name": { "title": text(format!("Event {number}")) },
        "Date": { "date": { "start": start.and_utc().to_rfc3339(), "end": end.and_utc().to_rfc3339() } },
        "Description": { "rich_text": text("What we said last week, and what is to be done until the next time.".into()) },
        "Location": { "rich_text": text(format!("Room {}", number % 40)) },
    } })
}

async fn linked(place: &Place, pace: Pace) -> (TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let config = EngineConfig {
        data_dir: folder.path().to_path_buf(),
        secrets: SecretsPlace::Memory,
        google_endpoints: GoogleEndpoints::public(),
        google_client: None,
        notion: NotionConfig {
            endpoint: NotionEndpoint(place.running.endpoints().api_url.parse().unwrap()),
            pace,
            ..NotionConfig::default()
        },
        webhook: None,
        polling: Polling::default(),
        viewer: ZONE,
        autonomous: false,
    };
    let engine = Engine::start(config, Arc::new(SystemClock)).await.unwrap();
    let account = engine.connect_notion(&place.token).await.unwrap();
    let source = RemoteCalendarId::new(place.source.to_string());
    engine.link_notion(None, account, source, SyncDirection::Bidirectional, None).await.unwrap();
    (folder, engine)
}

async fn pull(engine: &Engine) {
    let report = engine.sync_pass(None).await.unwrap();
    assert_eq!(report.links[0].error, None);
    assert_eq!(report.links[0].created as usize, PAGES);
}

/// The least that a first pull could do: it fetches and parses the pages, and inserts rows that it knows beforehand, in
/// transactions of the same size.
async fn floor(place: &Place, pulled: &Path) -> Duration {
    let known = Store::open(&pulled.join("synodic.db"), OpenOptions::default()).await.unwrap();
    let link = known.links().await.unwrap().remove(0);
    let calendar = known.calendar(link.calendar_id).await.unwrap().unwrap();
    let integration = known.integration(link.integration_id).await.unwrap().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("synodic.db"), OpenOptions::default()).await.unwrap();
    let mut transaction = store.begin(Durability::Edit).await.unwrap();
    transaction.put_calendar(&calendar).await.unwrap();
    transaction.put_integration(&integration).await.unwrap();
    transaction.put_link(&link).await.unwrap();
    transaction.commit().await.unwrap();
    let client = synodic_simulators::client_builder().no_proxy().build().unwrap();
    let api = &place.running.endpoints().api_url;
    let address = format!("{api}/data_sources/{}/query", place.source);
    let mut cursor = Value::Null;
    let mut taken = Duration::ZERO;
    loop {
        let mut body = json!({ "page_size": 100 });
        if cursor.is_string() {
            body["start_cursor"] = cursor;
        }
        let from = Instant::now();
        let request = client.post(&address).bearer_auth(&place.token).header("Notion-Version", "2026-03-11");
        let text = request.json(&body).send().await.unwrap().bytes().await.unwrap();
        let answer: Value = serde_json::from_slice(&text).unwrap();
        taken += from.elapsed();
        // What is looked up here is known to the floor beforehand, so it does not count.
        let ids: Vec<_> = answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|page| ExternalId::new(page["id"].as_str().unwrap()))
            .collect();
        let syncs: Vec<_> =
            known.event_syncs_by_external(link.id, &ids).await.unwrap().into_values().collect();
        let events: Vec<_> = syncs.iter().map(|row| row.event_id).collect();
        let events: Vec<_> = known.events_by_ids(&events).await.unwrap().into_values().collect();
        assert_eq!(events.len(), ids.len(), "the replica does not have the whole page");
        let from = Instant::now();
        let mut transaction = store.begin(Durability::Pulled).await.unwrap();
        transaction.put_events(&events).await.unwrap();
        transaction.put_event_syncs(&syncs).await.unwrap();
        transaction.commit().await.unwrap();
        taken += from.elapsed();
        cursor = answer["next_cursor"].clone();
        if !cursor.is_string() {
            store.close().await;
            known.close().await;
            return taken;
        }
    }
}
