//! One person with a computer and a simulated Google: what most stories are told about.
//!
//! The simulator listens on loopback and the replica is a real file, so that what is tested is what runs. By default
//! the engine acts only when asked ([`World::pass`]), which makes a story repeatable; [`Setting`] lets it act of its
//! own accord, and then a story waits for what it expects ([`World::until`]) and never for a while.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Value, json};
use synodic_engine::clock::{Clock, SystemClock};
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace, WebhookConfig};
use synodic_engine::google::{GoogleClient, GoogleEndpoints, Tokens};
use synodic_engine::services::Services;
use synodic_engine::snapshot::SyncState;
use synodic_engine::view::{
    CalendarView, EventChange, EventDraft, EventTarget, EventView, NotifyAttendees, OccurrenceView,
    SyncReport,
};
use synodic_engine::{Engine, EngineConfig, EngineError, Surroundings};
use synodic_model::sync::{EventSync, SyncDirection};
use synodic_model::{
    Attendee, CalendarId, EventContent, EventId, IntegrationId, RemoteCalendarId, ResponseStatus, TimeWindow,
    When, ZonedTime,
};
use synodic_simulators::google::{Control, Endpoints, GoogleOptions, GoogleSimulator, RunningGoogle};
use synodic_store::{OpenOptions, Store};
use tempfile::TempDir;

/// The person, whose address is also the id of their main calendar.
pub const ADA: &str = "ada@example.com";

/// How long a story waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What may differ between stories.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// Whether the engine acts of its own accord.
    pub autonomous: bool,
    /// Whether Google can call the engine.
    pub webhooks: bool,
    /// How often the engine asks; hardly ever when absent.
    pub polling: Option<Duration>,
    /// How the simulated Google behaves.
    pub google: GoogleOptions,
    /// Whether nobody has configured an OAuth client.
    pub no_client: bool,
    /// The time zone of the computer; Berlin's when absent.
    pub zone: Option<Tz>,
}

/// The secret of the stories' OAuth client.
pub const SECRET: &str = "not confidential";

/// The world of one story.
pub struct World {
    /// The rest of the world: a phone, the network, the administrator.
    pub google: Control,
    /// The engine under test.
    pub engine: Engine,
    /// Where its data is.
    pub folder: TempDir,
    simulator: GoogleSimulator,
    running: Option<RunningGoogle>,
    address: SocketAddr,
    endpoints: Endpoints,
    setting: Setting,
}

impl World {
    /// A quiet world: the engine acts only when asked.
    pub async fn new() -> Self {
        Self::with(Setting::default()).await
    }

    /// A world in which the engine acts of its own accord and Google calls it.
    pub async fn lively() -> Self {
        Self::with(Setting { autonomous: true, webhooks: true, ..Setting::default() }).await
    }

    /// A world to order.
    pub async fn with(setting: Setting) -> Self {
        let simulator = GoogleSimulator::new(setting.google.clone());
        let google = simulator.control();
        google.add_account(ADA, "Ada");
        let running = simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let (address, endpoints) = (running.address(), running.endpoints().clone());
        let folder = tempfile::tempdir().unwrap();
        let engine = start(&folder, &endpoints, &setting).await.unwrap();
        Self { google, engine, folder, simulator, running: Some(running), address, endpoints, setting }
    }

    /// Another computer of the same person, with nothing on it yet.
    pub async fn another_computer(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = start(&folder, &self.endpoints, &self.setting).await.unwrap();
        Self {
            google: self.google.clone(),
            engine,
            folder,
            simulator: self.simulator.clone(),
            running: None,
            address: self.address,
            endpoints: self.endpoints.clone(),
            setting: self.setting.clone(),
        }
    }

    /// Connects Ada's account.
    pub async fn connect(&self) -> IntegrationId {
        let (access_token, refresh_token) = self.google.issue_tokens(ADA);
        let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None };
        self.engine.connect_google(tokens).await.unwrap()
    }

    /// Connects Ada's account and links her main calendar, read to the end once.
    pub async fn linked(&self) -> CalendarView {
        let account = self.connect().await;
        let calendar = self.link(None, account, ADA, SyncDirection::Bidirectional).await;
        if self.setting.autonomous {
            self.until("the first pull", async |world| {
                let calendars = world.engine.calendars().await.unwrap();
                calendars[0].links[0].last_pulled_at.is_some()
            })
            .await;
        } else {
            self.pass().await;
        }
        calendar
    }

    /// Links a calendar to a remote one.
    pub async fn link(
        &self,
        calendar: Option<CalendarId>,
        account: IntegrationId,
        remote: &str,
        direction: SyncDirection,
    ) -> CalendarView {
        let remote = RemoteCalendarId::new(remote);
        self.engine.link_calendar(calendar, account, remote, direction).await.unwrap()
    }

    /// One complete pass.
    pub async fn pass(&self) -> SyncReport {
        self.engine.sync_pass(None).await.unwrap()
    }

    /// Waits until `condition` holds.
    pub async fn until(&self, what: &str, condition: impl AsyncFn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self).await {
            assert!(Instant::now() < deadline, "{what} did not come: {:#?}", self.engine.snapshot());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until sync stands as it should.
    pub async fn until_state(&self, state: SyncState) {
        self.until(&format!("{state:?}"), async |world| world.engine.snapshot().state == state).await;
    }

    /// Takes the network away.
    pub async fn cut_off(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    /// Gives the network back.
    pub async fn reconnect(&mut self) {
        self.running = Some(self.simulator.listen(self.address).await.unwrap());
    }

    /// Ends the program in order, and starts it again.
    pub async fn restart(&mut self) {
        self.engine.shutdown().await.unwrap();
        self.engine = self.start().await;
    }

    /// Ends the program in order, and leaves its folder to others until [`World::come_back`].
    pub async fn leave(&self) {
        self.engine.shutdown().await.unwrap();
    }

    /// Starts the program again.
    pub async fn come_back(&mut self) {
        self.engine = self.start().await;
    }

    /// Starts the program again, with its replica opened in another way.
    pub async fn come_back_with(&mut self, replica: OpenOptions) {
        let surroundings =
            Surroundings { clock: Arc::new(SystemClock), services: None, seed: Some(1), replica };
        self.engine = Engine::start_within(self.config(), surroundings).await.unwrap();
    }

    /// The environment in which the real program works on the same folder with the same Google.
    pub fn environment(&self) -> [(&'static str, String); 7] {
        [
            ("SYNODIC_DATA_DIR", self.folder.path().display().to_string()),
            ("SYNODIC_SECRETS", "file".to_owned()),
            ("SYNODIC_GOOGLE_API_URL", self.endpoints.api_url.clone()),
            ("SYNODIC_GOOGLE_AUTH_URL", self.endpoints.auth_url.clone()),
            ("SYNODIC_GOOGLE_TOKEN_URL", self.endpoints.token_url.clone()),
            ("GOOGLE_CLIENT_ID", "desktop".to_owned()),
            ("GOOGLE_CLIENT_SECRET", SECRET.to_owned()),
        ]
    }

    /// Ends the program as a crash does, and starts it again.
    pub async fn crash(&mut self) {
        let elsewhere = tempfile::tempdir().unwrap();
        let quiet = Setting { autonomous: false, webhooks: false, ..self.setting.clone() };
        // Dropping the last handle drops what is under way where it stands.
        self.engine = start(&elsewhere, &self.endpoints, &quiet).await.unwrap();
        self.engine = self.start().await;
    }

    /// Ends the program in order, and starts it with another clock, and another way to the services.
    pub async fn restart_with(&mut self, clock: Arc<dyn Clock>, services: Option<Arc<dyn Services>>) {
        self.engine.shutdown().await.unwrap();
        let surroundings = Surroundings { clock, services, seed: Some(1), replica: OpenOptions::default() };
        self.engine = Engine::start_within(self.config(), surroundings).await.unwrap();
    }

    /// What is to be different from the next start on.
    pub const fn setting_mut(&mut self) -> &mut Setting {
        &mut self.setting
    }

    /// What the engine is told at start.
    pub fn config(&self) -> EngineConfig {
        config(&self.folder, &self.endpoints, &self.setting)
    }

    async fn start(&self) -> Engine {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match start(&self.folder, &self.endpoints, &self.setting).await {
                Ok(engine) => return engine,
                Err(EngineError::Busy { .. }) if Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(error) => panic!("the engine does not start: {error}"),
            }
        }
    }

    /// The replica itself, for what no face shows.
    pub async fn replica(&self) -> Store {
        Store::open(&self.folder.path().join("synodic.db"), OpenOptions::default()).await.unwrap()
    }

    /// How an event stands with its first link.
    pub async fn standing(&self, event: EventId) -> EventSync {
        let store = self.replica().await;
        let row = store.event_syncs(event).await.unwrap().into_iter().next().unwrap();
        store.close().await;
        row
    }

    /// Makes an event.
    pub async fn create(&self, calendar: CalendarId, content: EventContent) -> EventView {
        let draft = EventDraft { calendar_id: calendar, content, notify: NotifyAttendees::Nobody };
        self.engine.create_event(draft).await.unwrap().event.unwrap()
    }

    /// Changes an event as a whole.
    pub async fn change(&self, id: EventId, change: impl FnOnce(&mut EventContent)) -> EventView {
        self.change_at(EventTarget::Event { id }, change).await
    }

    /// Changes what is aimed at, as the window does.
    pub async fn change_at(&self, target: EventTarget, change: impl FnOnce(&mut EventContent)) -> EventView {
        let mut content = self.engine.event(target).await.unwrap().content;
        change(&mut content);
        let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
        self.engine.change_event(change).await.unwrap().event.unwrap()
    }

    /// Deletes an event as a whole.
    pub async fn delete(&self, id: EventId) {
        self.engine.delete_event(EventTarget::Event { id }, NotifyAttendees::Nobody).await.unwrap();
    }

    /// What the window shows of the year, in order.
    pub async fn shown(&self) -> Vec<OccurrenceView> {
        let at =
            |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN).and_utc();
        let window = TimeWindow { from: at(2026), to: at(2028), viewer: chrono_tz::Europe::Berlin };
        self.engine.occurrences(window).await.unwrap()
    }

    /// The titles that the window shows, in order of the alphabet.
    pub async fn titles(&self) -> Vec<String> {
        let mut titles: Vec<_> = self.shown().await.into_iter().map(|shown| shown.title).collect();
        titles.sort();
        titles
    }

    /// The event with this title.
    pub async fn find(&self, title: &str) -> EventView {
        let shown = self.shown().await.into_iter().find(|shown| shown.title == title);
        let id = shown.unwrap_or_else(|| panic!("{title} is not shown")).event_id;
        self.engine.event(EventTarget::Event { id }).await.unwrap()
    }

    /// The titles that Google has in Ada's main calendar, in order of the alphabet.
    pub fn remote_titles(&self) -> Vec<String> {
        titles(&self.google.events(ADA))
    }

    /// What Google has under this title.
    pub fn remote(&self, title: &str) -> Value {
        let events = self.google.events(ADA);
        events
            .into_iter()
            .find(|event| event["summary"] == title)
            .unwrap_or_else(|| panic!("no {title} at Google"))
    }

    /// Requests to the calendar's events with this method.
    pub fn requests(&self, method: &str) -> usize {
        let requests = self.google.requests();
        requests.iter().filter(|request| request.method == method && request.path.contains("/events")).count()
    }

    /// Makes an event with the phone.
    pub fn phone_adds(&self, title: &str, day: u32) -> String {
        let event = self.google.put_event(
            ADA,
            json!({
                "summary": title,
                "start": { "dateTime": format!("2026-11-{day:02}T09:00:00+01:00"), "timeZone": "Europe/Berlin" },
                "end": { "dateTime": format!("2026-11-{day:02}T10:00:00+01:00"), "timeZone": "Europe/Berlin" },
            }),
        );
        event["id"].as_str().unwrap().to_owned()
    }

    /// Changes an event with the phone.
    pub fn phone_changes(&self, id: &str, mut fields: Value) {
        fields["id"] = json!(id);
        self.google.put_event(ADA, fields);
    }
}

/// The titles of events as Google shows them, in order of the alphabet.
pub fn titles(events: &[Value]) -> Vec<String> {
    let title = |event: &Value| event["summary"].as_str().unwrap_or_default().to_owned();
    let mut titles: Vec<_> = events.iter().map(title).collect();
    titles.sort();
    titles
}

/// A meeting of an hour in Berlin, on a day of November 2026.
pub fn meeting(title: &str, day: u32) -> EventContent {
    let at = |hour| {
        let local = NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, 0, 0).unwrap();
        ZonedTime::new(local, chrono_tz::Europe::Berlin)
    };
    EventContent::new(title, When::Zoned { start: at(9), end: at(10) })
}

/// Somebody who is invited and has not answered.
pub fn guest(email: &str) -> Attendee {
    Attendee {
        email: email.to_owned(),
        name: String::new(),
        optional: false,
        resource: false,
        response: ResponseStatus::NeedsAction,
        is_self: false,
    }
}

async fn start(folder: &TempDir, endpoints: &Endpoints, setting: &Setting) -> Result<Engine, EngineError> {
    let surroundings = Surroundings {
        clock: Arc::new(SystemClock),
        services: None,
        seed: Some(1),
        replica: OpenOptions::default(),
    };
    Engine::start_within(config(folder, endpoints, setting), surroundings).await
}

fn config(folder: &TempDir, endpoints: &Endpoints, setting: &Setting) -> EngineConfig {
    let seldom = Duration::from_secs(3600);
    let polling = setting.polling.unwrap_or(seldom);
    EngineConfig {
        data_dir: folder.path().to_owned(),
        secrets: SecretsPlace::File,
        google_endpoints: GoogleEndpoints {
            api: endpoints.api_url.parse().unwrap(),
            auth: endpoints.auth_url.parse().unwrap(),
            token: endpoints.token_url.parse().unwrap(),
        },
        // Google renews nothing for a desktop client that does not send its secret, and neither does the simulator.
        google_client: (!setting.no_client)
            .then(|| GoogleClient { id: "desktop".into(), secret: Some(SECRET.into()) }),
        notion: NotionConfig::default(),
        webhook: setting
            .webhooks
            .then(|| WebhookConfig { public_url: None, listen: ([127, 0, 0, 1], 0).into() }),
        polling: Polling { active: polling, idle: polling },
        viewer: setting.zone.unwrap_or(chrono_tz::Europe::Berlin),
        autonomous: setting.autonomous,
    }
}
