//! Where a history takes place: the services, the network, the computer and the program on it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Days, TimeDelta, TimeZone, Utc};
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace, WebhookConfig};
use synodic_engine::google::Tokens;
use synodic_engine::view::{AuditReport, SyncReport};
use synodic_engine::{Engine, EngineConfig, EngineError, Surroundings};
use synodic_model::sync::{IntegrationStatus, SyncDirection};
use synodic_model::{CalendarId, IntegrationId, RemoteCalendarId};
use synodic_providers::TokenVault;
use synodic_simulators::google::{
    AccessRole, Control, GoogleOptions, GoogleSimulator, NewCalendar, PushOptions,
};
use synodic_store::{OpenOptions, Store};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::hands::Hands;
use super::idle::Idle;
use super::ledger::{Ledger, Value};
use super::remote::google::{self, GoogleCalendar, Strange};
use super::remote::{Remote, Row};
use super::services::{PostOffice, Simulated, google_client, google_endpoints};
use super::step::{Setting, Tie, Verb};
use super::wire::{Service, Weather, Wire};

/// The accounts that there are.
const ACCOUNTS: [&str; 2] = ["ada@example.com", "grace@example.com"];
/// How long anything may take before it is stuck.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);
/// The longest from the beginning of a look until the deletion after it has arrived.
const SWEEP: TimeDelta = TimeDelta::seconds(45);
/// How often time may leap while one thing is waited for.
pub(super) const LEAPS: u32 = 20_000;

/// What somebody said of one occurrence with another device. No service can be told to delete a series only as long as
/// nobody has done so: between our last look and the deletion it may be swept away. And whoever changes when a series
/// takes place gives up, at Google, what is said of its occurrences.
#[derive(Clone, Debug)]
pub struct Fragile {
    /// The series' id at the service.
    pub series: String,
    /// What was said.
    pub said: Vec<Value>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A link of a history.
#[derive(Clone)]
pub struct Place {
    /// What it ties together.
    pub tie: Tie,
    /// The calendar here.
    pub calendar: CalendarId,
    /// The calendar there.
    pub remote: Arc<dyn Remote>,
}

/// Where a history takes place.
pub struct Stage {
    /// The time.
    pub hands: Hands,
    /// The network.
    pub weather: Weather,
    /// The post.
    pub post: PostOffice,
    /// The rest of the world of the simulated Google.
    pub google: Control,
    /// The links.
    pub places: Vec<Place>,
    /// What people wrote.
    pub ledger: Ledger,
    /// What was found wrong on the way.
    pub wrongs: Arc<Mutex<Vec<String>>>,
    /// What others say of single occurrences.
    pub fragile: Vec<Fragile>,
    /// What the person had before their eyes when they decided a conflict.
    pub decided: Vec<Row>,
    setting: Setting,
    seed: u64,
    idle: Idle,
    services: Simulated,
    engine: Option<Engine>,
    starts: u64,
    folder: TempDir,
    passes: Vec<JoinHandle<Result<SyncReport, EngineError>>>,
    revoked: BTreeSet<&'static str>,
    reshaped: BTreeSet<String>,
}

impl Stage {
    /// Builds everything and connects it: the first pull is done, and nothing has happened yet.
    pub async fn build(seed: u64, setting: &Setting, idle: &Idle) -> Self {
        let began_at = Utc.with_ymd_and_hms(2026, 11, 1, 9, 0, 0).unwrap();
        let hands = Hands::new(began_at);
        let weather = Weather::calm(seed, setting.latency_ms);
        let post = PostOffice::new(hands.clone());
        let simulator = GoogleSimulator::new(google_options(seed, setting, &hands, &post));
        let google = simulator.control();
        let wrongs = Arc::new(Mutex::new(Vec::new()));
        let watched: Arc<Mutex<Vec<Arc<dyn Remote>>>> = Arc::default();
        let service = Service {
            router: simulator.router(),
            verb: google::verb,
            error: google::error,
            after_write: twin_watch(&watched, &wrongs),
        };
        let wire = Wire::new(service, weather.clone(), hands.clone());
        for account in ACCOUNTS {
            google.add_account(account, account);
        }
        let folder = tempfile::tempdir_in(fast_folder()).unwrap();
        let mut stage = Self {
            services: Simulated::new(wire.clone(), hands.clone()),
            hands,
            weather,
            post,
            google,
            places: Vec::new(),
            ledger: Ledger::default(),
            wrongs,
            fragile: Vec::new(),
            decided: Vec::new(),
            setting: setting.clone(),
            seed,
            idle: idle.clone(),
            engine: None,
            starts: 0,
            folder,
            passes: Vec::new(),
            revoked: BTreeSet::new(),
            reshaped: BTreeSet::new(),
        };
        let data_dir = stage.folder.path().join("0");
        std::fs::create_dir(&data_dir).unwrap();
        std::fs::write(data_dir.join("synodic.db"), empty_replica().await).unwrap();
        stage.start(data_dir).await;
        stage.connect(&wire, &watched).await;
        stage
    }

    /// The engine that runs now.
    ///
    /// # Panics
    /// Between two engines; no step sees that.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine.clone().unwrap()
    }

    /// The replica itself, for what no face shows.
    pub async fn replica(&self) -> Store {
        Store::open(&self.data_dir().join("synodic.db"), self.open_options()).await.unwrap()
    }

    fn data_dir(&self) -> PathBuf {
        self.engine.as_ref().unwrap().config().data_dir.clone()
    }

    fn open_options(&self) -> OpenOptions {
        OpenOptions { readers: 1, turnstile: Some(self.idle.turnstile()), ..OpenOptions::default() }
    }

    async fn start(&mut self, data_dir: PathBuf) {
        forestall_backups(&data_dir);
        self.starts += 1;
        let webhook = WebhookConfig {
            public_url: Some("https://synodic.test".parse().unwrap()),
            listen: ([127, 0, 0, 1], 0).into(),
        };
        let config = EngineConfig {
            data_dir,
            secrets: SecretsPlace::Memory,
            google_endpoints: google_endpoints(),
            google_client: Some(google_client()),
            notion: NotionConfig::default(),
            webhook: self.setting.webhooks.then_some(webhook),
            polling: Polling { active: Duration::from_secs(60), idle: Duration::from_secs(300) },
            viewer: chrono_tz::Europe::Berlin,
            autonomous: self.setting.autonomous,
        };
        let surroundings = Surroundings {
            clock: Arc::new(self.hands.clone()),
            services: Some(Arc::new(self.services.clone())),
            seed: Some(self.seed.wrapping_mul(1000).wrapping_add(self.starts)),
            replica: self.open_options(),
        };
        let engine = Engine::start_within(config, surroundings).await.unwrap();
        self.post.set_recipient(Some(engine.webhooks()));
        self.engine = Some(engine);
    }

    async fn connect(&mut self, wire: &Wire, watched: &Arc<Mutex<Vec<Arc<dyn Remote>>>>) {
        let ties = self.setting.shape.ties();
        let mut calendars: Vec<CalendarId> = Vec::new();
        let mut accounts: Vec<IntegrationId> = Vec::new();
        let strange = Strange::default();
        for (number, tie) in ties.into_iter().enumerate() {
            let account = ACCOUNTS[tie.account];
            while accounts.len() <= tie.account {
                accounts.push(self.sign_in(ACCOUNTS[accounts.len()]).await);
            }
            let access_role = match tie.direction {
                SyncDirection::PullOnly => AccessRole::Reader,
                SyncDirection::Bidirectional | SyncDirection::PushOnly => AccessRole::Owner,
            };
            let new = NewCalendar {
                id: Some(format!("calendar-{number}@group.calendar.google.com")),
                summary: format!("Calendar {number}"),
                access_role,
                ..NewCalendar::default()
            };
            let there = self.google.add_calendar(account, new);
            let (engine, id) = (self.engine(), RemoteCalendarId::new(&there));
            let (integration, here) = (accounts[tie.account], calendars.get(tie.calendar).copied());
            let linking =
                async move { engine.link_calendar(here, integration, id, tie.direction).await.unwrap().id };
            let calendar = self.wait_for(linking).await.unwrap();
            calendars.resize(calendars.len().max(tie.calendar + 1), calendar);
            let remote =
                GoogleCalendar::new(self.google.clone(), wire.clone(), account, &there, Arc::clone(&strange));
            let remote: Arc<dyn Remote> = Arc::new(remote);
            watched.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&remote));
            self.places.push(Place { tie, calendar, remote });
        }
        for account in accounts {
            let (engine, policy) = (self.engine(), self.setting.policy);
            let decided = async move { engine.set_account_policy(account, Some(policy)).await.unwrap() };
            self.wait_for(decided).await.unwrap();
        }
        self.pass_to_end().await.unwrap();
    }

    /// Signs in to an account, for the first time or again.
    pub async fn sign_in(&mut self, account: &str) -> IntegrationId {
        let (access_token, refresh_token) = self.google.issue_tokens(account);
        let expires_at = Some(self.hands.shown() + TimeDelta::minutes(59));
        let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at };
        self.services.vault(account).store(&tokens).await.unwrap();
        let engine = self.engine();
        self.wait_for(async move { engine.connect_google(tokens).await.unwrap() }).await.unwrap()
    }

    /// Takes back the consent for an account.
    pub fn revoke(&mut self, account: u8) {
        let accounts: BTreeSet<&str> = self.places.iter().map(|place| ACCOUNTS[place.tie.account]).collect();
        let account = accounts.iter().cycle().nth(usize::from(account)).copied().unwrap_or_default();
        self.google.revoke(account);
        self.revoked.insert(account);
    }

    /// Signs in again wherever the consent was taken back or the engine asks for it.
    pub async fn sign_in_again(&mut self) {
        let mut asked = std::mem::take(&mut self.revoked);
        for account in self.engine().integrations().await.unwrap() {
            if account.status == IntegrationStatus::NeedsSignIn {
                asked.extend(ACCOUNTS.into_iter().filter(|known| *known == account.account));
            }
        }
        for account in asked {
            self.sign_in(account).await;
        }
    }

    /// Does all that can be done without time passing, and passes to the next moment at which something happens, at the
    /// latest to `until`. Returns whether there is more to come before that.
    pub async fn leap(&mut self, until: DateTime<Utc>) -> bool {
        self.idle.reached().await;
        let next = self.hands.next().filter(|next| *next <= until);
        self.hands.pass_to(next.unwrap_or(until));
        if next.is_none() {
            self.idle.reached().await;
            self.passes.retain(|pass| !pass.is_finished());
        }
        next.is_some()
    }

    /// Lets `span` pass, and everything happen that happens in it.
    pub async fn pass_time(&mut self, span: TimeDelta) {
        let until = self.hands.now() + span;
        for _ in 0..LEAPS {
            if !self.leap(until).await {
                return;
            }
        }
    }

    /// Lets time pass until `work` is done.
    ///
    /// # Errors
    /// When it does not come to an end.
    pub async fn wait_for<T: Send + 'static>(
        &mut self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, String> {
        let work = tokio::spawn(work);
        let until = self.hands.now() + PATIENCE;
        for _ in 0..LEAPS {
            self.idle.reached().await;
            if work.is_finished() {
                return work.await.map_err(|error| error.to_string());
            }
            match self.hands.next().filter(|next| *next <= until) {
                Some(next) => self.hands.pass_to(next),
                None => break,
            }
        }
        work.abort();
        Err(format!("something is still not done at {}", self.hands.now()))
    }

    /// What no program could have saved; see [`Fragile`].
    #[must_use]
    pub fn swept(&self) -> BTreeSet<Value> {
        let log = self.weather.log();
        let sweeps = |fragile: &Fragile| {
            log.iter().any(|line| {
                let at = DateTime::from_timestamp_millis(line.at).unwrap_or_default();
                line.verb == Verb::Delete
                    && line.target.contains(&format!("/{}?", fragile.series))
                    && (TimeDelta::zero()..SWEEP).contains(&(at - fragile.at))
            })
        };
        let swept = self.fragile.iter().filter(|fragile| sweeps(fragile));
        let swept = swept.flat_map(|fragile| fragile.said.iter().cloned());
        let reshaped = self.fragile.iter().flat_map(|fragile| &fragile.said);
        swept.chain(reshaped.filter(|(place, ..)| self.reshaped.contains(place)).cloned()).collect()
    }

    /// Notes that somebody changed when a series takes place.
    pub fn note_reshaped(&mut self, place: &str) {
        self.reshaped.insert(place.to_owned());
    }

    /// Asks for a complete pass and waits for its end.
    ///
    /// # Errors
    /// When it does not come to an end.
    pub async fn pass_to_end(&mut self) -> Result<SyncReport, String> {
        let engine = self.engine();
        let report = self.wait_for(async move { engine.sync_pass(None).await }).await?;
        report.map_err(|error| error.to_string())
    }

    /// Compares everything here with everything there.
    ///
    /// # Errors
    /// When it does not come to an end.
    pub async fn audit_to_end(&mut self) -> Result<AuditReport, String> {
        let engine = self.engine();
        let report = self.wait_for(async move { engine.audit(None).await }).await?;
        report.map_err(|error| error.to_string())
    }

    /// Asks for a complete pass, and does not wait for it.
    pub fn begin_pass(&mut self) {
        let engine = self.engine();
        self.passes.push(tokio::spawn(async move { engine.sync_pass(None).await }));
    }

    /// Ends the program in order and starts it again.
    ///
    /// # Errors
    /// When it does not come to an end.
    pub async fn restart(&mut self) -> Result<(), String> {
        let data_dir = self.data_dir();
        let engine = self.engine();
        self.wait_for(async move { engine.shutdown().await }).await?.map_err(|error| error.to_string())?;
        self.leave();
        self.idle.reached().await;
        self.start(data_dir).await;
        Ok(())
    }

    /// Ends the program as if the power had failed and starts it again on what the disk has.
    pub async fn crash(&mut self) {
        self.idle.reached().await;
        let (before, after) = (self.data_dir(), self.folder.path().join(self.starts.to_string()));
        std::fs::create_dir(&after).unwrap();
        for name in ["synodic.db", "synodic.db-wal"] {
            if before.join(name).exists() {
                std::fs::copy(before.join(name), after.join(name)).unwrap();
            }
        }
        self.leave();
        self.idle.reached().await;
        self.start(after).await;
    }

    /// Lets go of the engine and of everything that was asked of it.
    fn leave(&mut self) {
        self.post.set_recipient(None);
        for pass in self.passes.drain(..) {
            pass.abort();
        }
        self.engine = None;
    }
}

impl Drop for Stage {
    /// The post knows the engine, which knows the services, which know the post.
    fn drop(&mut self) {
        self.leave();
    }
}

/// Looks after every write whether an event has a twin now.
fn twin_watch(
    watched: &Arc<Mutex<Vec<Arc<dyn Remote>>>>,
    wrongs: &Arc<Mutex<Vec<String>>>,
) -> Arc<dyn Fn() + Send + Sync> {
    let (watched, wrongs) = (Arc::clone(watched), Arc::clone(wrongs));
    Arc::new(move || {
        for remote in watched.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let twins = twins(&remote.rows());
            wrongs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(twins.into_iter().map(|twin| format!("{}: {twin}", remote.calendar())));
        }
    })
}

/// Rows that stand for the same, each in a sentence.
#[must_use]
pub fn twins(rows: &[Row]) -> Vec<String> {
    let mut seen = std::collections::BTreeMap::<_, u32>::new();
    for row in rows {
        *seen.entry((&row.place, &row.original_start)).or_default() += 1;
    }
    let several = seen.into_iter().filter(|(_, count)| *count > 1);
    several
        .map(|((place, original_start), count)| {
            let mut twin = format!("{place} is there {count} times");
            if let Some(original_start) = original_start {
                let _ = write!(twin, " for {original_start}");
            }
            twin
        })
        .collect()
}

fn google_options(seed: u64, setting: &Setting, hands: &Hands, post: &PostOffice) -> GoogleOptions {
    GoogleOptions {
        clock: Arc::new(hands.clone()),
        seed,
        time_zone: chrono_tz::Europe::Berlin,
        page_size_cap: setting.page_size,
        ragged_pages: setting.ragged,
        visibility_lag: Duration::from_millis(setting.lag_ms),
        cascade_in_feed: setting.cascade,
        push: PushOptions { courier: Some(Arc::new(post.clone())), ..PushOptions::default() },
        ..GoogleOptions::default()
    }
}

/// A replica without anything in it; made once, for that takes as long as a short history.
async fn empty_replica() -> &'static [u8] {
    static EMPTY: tokio::sync::OnceCell<Vec<u8>> = tokio::sync::OnceCell::const_new();
    let make = async || {
        let folder = TempDir::new_in(fast_folder()).unwrap();
        let path = folder.path().join("synodic.db");
        Store::open(&path, OpenOptions::default()).await.unwrap().close().await;
        std::fs::read(&path).unwrap()
    };
    EMPTY.get_or_init(make).await
}

/// A folder in memory, if there is one: what is lost with the power does not matter here, and what a disk costs does.
fn fast_folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

/// Puts something in the place of the daily copies of the days of a history, so that none are made.
fn forestall_backups(data_dir: &Path) {
    let backups = data_dir.join("backups");
    if backups.exists() {
        return;
    }
    std::fs::create_dir_all(&backups).unwrap();
    let first: DateTime<Utc> = Utc.with_ymd_and_hms(2026, 10, 29, 0, 0, 0).unwrap();
    for day in 0..10 {
        let day = first.date_naive() + Days::new(day);
        std::fs::write(backups.join(format!("synodic-{day}.db")), "").unwrap();
    }
}
