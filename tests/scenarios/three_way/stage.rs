//! The stage of these stories: a calendar here, a simulated Google and a simulated Notion, and one clock for all.

#![expect(clippy::needless_pass_by_value, reason = "tests write their values down in place")]

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace, WebhookConfig};
use synodic_engine::google::{GoogleClient, GoogleEndpoints, Tokens};
use synodic_engine::notion::{NotionEndpoint, Pace};
use synodic_engine::view::{CalendarView, EventChange, EventTarget, EventView, OccurrenceView, SyncReport};
use synodic_engine::{Engine, EngineConfig, Surroundings};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, EventContent, EventId, IntegrationId, RemoteCalendarId, TimeWindow};
use synodic_providers::NotifyAttendees;
use synodic_simulators::clock::ManualClock;
use synodic_simulators::google::{Control as GoogleControl, GoogleOptions, GoogleSimulator, RunningGoogle};
use synodic_simulators::notion::{
    Capabilities, Control as NotionControl, NewDatabase, NotionOptions, NotionSimulator, RunningNotion,
};
use synodic_store::{OpenOptions, Store};
use synodic_tests::world::{ADA, SECRET, titles};
use tempfile::TempDir;
use uuid::Uuid;

/// The engine's clock, which the simulators go by as well.
#[derive(Debug)]
struct SharedClock(Arc<ManualClock>);

#[async_trait::async_trait]
impl synodic_engine::clock::Clock for SharedClock {
    fn now(&self) -> DateTime<Utc> {
        synodic_simulators::clock::Clock::now(&*self.0)
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        while self.now() < deadline {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

pub(crate) struct Three {
    pub(crate) google: GoogleControl,
    pub(crate) notion: NotionControl,
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) source: Uuid,
    pub(crate) bot: Uuid,
    pub(crate) calendar: CalendarId,
    pub(crate) workspace: IntegrationId,
    folder: TempDir,
    google_running: RunningGoogle,
    notion_running: RunningNotion,
    webhooks: bool,
    viewer: Tz,
}

impl Three {
    pub(crate) async fn new() -> Self {
        Self::with(false, |_| {}).await
    }

    /// Everything on a computer in another zone.
    pub(crate) async fn in_zone(viewer: Tz) -> Self {
        Self::made(viewer, false, |_| {}).await
    }

    pub(crate) async fn with(webhooks: bool, change: impl FnOnce(&mut NotionOptions)) -> Self {
        Self::made(chrono_tz::Europe::Berlin, webhooks, change).await
    }

    async fn made(viewer: Tz, webhooks: bool, change: impl FnOnce(&mut NotionOptions)) -> Self {
        let clock = Arc::new(ManualClock::new(Utc.with_ymd_and_hms(2026, 11, 2, 8, 0, 10).unwrap()));
        let simulator =
            GoogleSimulator::new(GoogleOptions { clock: clock.clone(), ..GoogleOptions::default() });
        let google = simulator.control();
        google.add_account(ADA, "Ada");
        let google_running = simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let mut options = NotionOptions { clock: clock.clone(), seed: 3, ..NotionOptions::default() };
        change(&mut options);
        let simulator = NotionSimulator::new(options);
        let notion = simulator.control();
        notion.add_person("Ada", ADA);
        let (bot, token) = notion.add_connection("Synodic", Capabilities::default());
        let (_, source) = notion.add_database(NewDatabase {
            title: "Termine".into(),
            properties: [
                ("Name".to_owned(), json!({ "title": {} })),
                ("Datum".to_owned(), json!({ "date": {} })),
                ("Beschreibung".to_owned(), json!({ "rich_text": {} })),
                ("Ort".to_owned(), json!({ "rich_text": {} })),
                ("Raum".to_owned(), json!({ "rich_text": {} })),
                ("Wiederholung".to_owned(), json!({ "rich_text": {} })),
            ]
            .into(),
            ..NewDatabase::default()
        });
        let notion_running = simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let engine = start(&folder, &google_running, &notion_running, &clock, (webhooks, viewer)).await;
        let mut three = Self {
            google,
            notion,
            engine,
            clock,
            source,
            bot,
            calendar: CalendarId::new(Uuid::nil()),
            workspace: IntegrationId::new(Uuid::nil()),
            folder,
            google_running,
            notion_running,
            webhooks,
            viewer,
        };
        three.link(&token).await;
        three
    }

    /// Connects both accounts and links them to one calendar.
    async fn link(&mut self, token: &str) {
        let (access_token, refresh_token) = self.google.issue_tokens(ADA);
        let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None };
        let account = self.engine.connect_google(tokens).await.unwrap();
        let both = SyncDirection::Bidirectional;
        let main = RemoteCalendarId::new(ADA);
        self.calendar = self.engine.link_calendar(None, account, main, both).await.unwrap().id;
        self.workspace = self.engine.connect_notion(token).await.unwrap();
        self.link_notion().await;
        self.pass().await;
    }

    pub(crate) async fn link_notion(&self) -> CalendarView {
        let source = RemoteCalendarId::new(self.source.to_string());
        let both = SyncDirection::Bidirectional;
        self.engine.link_notion(Some(self.calendar), self.workspace, source, both, None).await.unwrap()
    }

    /// Throws the replica away and begins anew.
    pub(crate) async fn lose_the_replica(&mut self) {
        self.engine.shutdown().await.unwrap();
        self.folder = tempfile::tempdir().unwrap();
        self.start().await;
        let token = self.notion.try_issue_token(Some(self.bot)).unwrap();
        self.link(&token).await;
    }

    /// Ends the program, and starts it again on a computer in another zone.
    pub(crate) async fn travel(&mut self, viewer: Tz) {
        self.engine.shutdown().await.unwrap();
        self.viewer = viewer;
        self.start().await;
    }

    async fn start(&mut self) {
        let (google, notion) = (&self.google_running, &self.notion_running);
        let setting = (self.webhooks, self.viewer);
        self.engine = start(&self.folder, google, notion, &self.clock, setting).await;
    }

    pub(crate) async fn pass(&self) -> SyncReport {
        self.engine.sync_pass(None).await.unwrap()
    }

    /// Passes until nobody has anything to say any more, and sees that all three agree.
    pub(crate) async fn settle(&self) {
        for _ in 0..4 {
            self.pass().await;
            self.minutes_pass(1);
        }
        let last = self.pass().await;
        assert_eq!(
            (last.pushed, last.pending, last.failed),
            (0, 0, 0),
            "nothing goes round in circles: {last:#?}"
        );
        assert_eq!(self.notion_titles(), self.google_titles());
        assert_eq!(self.titles().await, self.google_titles());
    }

    pub(crate) fn minutes_pass(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }

    pub(crate) fn google_titles(&self) -> Vec<String> {
        titles(&self.google.events(ADA))
    }

    /// The titles of the pages that have a date.
    pub(crate) fn notion_titles(&self) -> Vec<String> {
        let pages = self.notion.pages(self.source).into_iter();
        let mut titles: Vec<_> = pages
            .filter(|page| page["properties"]["Datum"]["date"].is_object())
            .map(|page| text(&page, "Name"))
            .collect();
        titles.sort();
        titles
    }

    /// What the window shows of the year.
    pub(crate) async fn shown(&self) -> Vec<OccurrenceView> {
        let at = |year| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap();
        let window = TimeWindow { from: at(2026), to: at(2027), viewer: chrono_tz::Europe::Berlin };
        self.engine.occurrences(window).await.unwrap()
    }

    pub(crate) async fn titles(&self) -> Vec<String> {
        let mut titles: Vec<_> = self.shown().await.into_iter().map(|shown| shown.title).collect();
        titles.sort();
        titles
    }

    pub(crate) async fn create(&self, content: EventContent) -> EventView {
        let draft = synodic_engine::view::EventDraft {
            calendar_id: self.calendar,
            content,
            notify: NotifyAttendees::Nobody,
        };
        self.engine.create_event(draft).await.unwrap().event.unwrap()
    }

    pub(crate) async fn change(&self, id: EventId, change: impl FnOnce(&mut EventContent)) {
        self.change_target(EventTarget::Event { id }, change).await;
    }

    pub(crate) async fn change_target(&self, target: EventTarget, change: impl FnOnce(&mut EventContent)) {
        let mut content = self.engine.event(target).await.unwrap().content;
        change(&mut content);
        self.engine
            .change_event(EventChange {
                target,
                content,
                seen_revision: None,
                notify: NotifyAttendees::Nobody,
            })
            .await
            .unwrap();
    }

    pub(crate) async fn replica(&self) -> Store {
        Store::open(&self.folder.path().join("synodic.db"), OpenOptions::default()).await.unwrap()
    }

    pub(crate) fn page(&self, title: &str) -> Value {
        let pages = self.notion.all_pages(self.source);
        let page = pages.into_iter().find(|page| text(page, "Name") == title);
        page.unwrap_or_else(|| panic!("no page {title}: {:?}", self.notion_titles()))
    }

    pub(crate) fn page_id(&self, title: &str) -> Uuid {
        self.page(title)["id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn edit_page(&self, title: &str, properties: Value) {
        self.notion.edit_page(self.page_id(title), json!({ "properties": properties }));
    }

    pub(crate) fn remote(&self, title: &str) -> Value {
        let mut events = self.google.events(ADA).into_iter();
        events.find(|event| event["summary"] == title).unwrap_or_else(|| panic!("no {title} at Google"))
    }
}

pub(crate) fn rich(text: &str) -> Value {
    json!({ "rich_text": [{ "text": { "content": text } }] })
}

pub(crate) fn titled(text: &str) -> Value {
    json!({ "Name": { "title": [{ "text": { "content": text } }] } })
}

/// The instant and the zone of a time at Google.
pub(crate) fn zoned(time: &Value) -> (DateTime<Utc>, &str) {
    let at = DateTime::parse_from_rfc3339(time["dateTime"].as_str().unwrap()).unwrap();
    (at.to_utc(), time["timeZone"].as_str().unwrap())
}

pub(crate) fn text(page: &Value, name: &str) -> String {
    let property = &page["properties"][name];
    let runs =
        property[property["type"].as_str().unwrap_or_default()].as_array().cloned().unwrap_or_default();
    runs.iter().map(|run| run["plain_text"].as_str().unwrap_or_default()).collect()
}

async fn start(
    folder: &TempDir,
    google: &RunningGoogle,
    notion: &RunningNotion,
    clock: &Arc<ManualClock>,
    (webhooks, viewer): (bool, Tz),
) -> Engine {
    let address = |text: &str| text.parse().unwrap();
    let seldom = Duration::from_secs(3600);
    let config = EngineConfig {
        data_dir: folder.path().to_owned(),
        secrets: SecretsPlace::File,
        google_endpoints: GoogleEndpoints {
            api: address(&google.endpoints().api_url),
            auth: address(&google.endpoints().auth_url),
            token: address(&google.endpoints().token_url),
        },
        google_client: Some(GoogleClient { id: "desktop".into(), secret: Some(SECRET.into()) }),
        notion: NotionConfig {
            endpoint: NotionEndpoint(address(&notion.endpoints().api_url)),
            pace: Pace::Unlimited,
            ..NotionConfig::default()
        },
        webhook: webhooks.then(|| WebhookConfig { public_url: None, listen: ([127, 0, 0, 1], 0).into() }),
        polling: Polling { active: seldom, idle: seldom },
        viewer,
        autonomous: webhooks,
    };
    let surroundings = Surroundings {
        clock: Arc::new(SharedClock(Arc::clone(clock))),
        services: None,
        seed: Some(1),
        replica: OpenOptions::default(),
    };
    Engine::start_within(config, surroundings).await.unwrap()
}
