//! The one handle on the engine, and its start and stop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use synodic_model::sync::{Integration, Link, ProviderKind};
use synodic_model::{IntegrationId, LinkId};
#[cfg(debug_assertions)]
use synodic_store::Boundary;
use synodic_store::{Durability, OpenOptions, Salvage, Store, StoreError};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::chance::Chance;
use crate::client_settings::ClientInUse;
use crate::clock::Clock;
use crate::config::EngineConfig;
use crate::departed::Departures;
use crate::desktop::DesktopSettings;
use crate::echo::Echoes;
use crate::edit::UndoStack;
use crate::error::EngineError;
use crate::lock::ReplicaLock;
use crate::recovery::{self, Recovered};
use crate::rest::Quiet;
use crate::secrets::Secrets;
use crate::services::{Client, Clients, ConfiguredServices, Services};
use crate::snapshot::{Pause, SyncSnapshot};
use crate::status::{self, Board};
use crate::unanswered;
use crate::view::{Change, LinkReport, SyncReport};
use crate::webhook::{self, Channels, NotionMessages};
use crate::worker::{self, WorkerHandle};

mod maintenance;

/// The replica's file in the data folder.
const REPLICA: &str = "synodic.db";
/// Changes that a slow listener may fall behind by before it has to read everything again.
const CHANGES_KEPT: usize = 256;
/// How long what is under way may take at the end, and how long it is given once it has been broken off.
const GRACE: Duration = Duration::from_millis(3500);
const LAST_GRACE: Duration = Duration::from_millis(700);
/// The setting that keeps a pause over a restart.
const PAUSE: &str = "pause";

/// The running engine. Cheap to clone; all clones are the same engine. When the last one is dropped without
/// [`Engine::shutdown`], what is under way is dropped with it, as in a crash; the replica keeps everything.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
    _guard: Arc<DropGuard>,
}

/// What all parts of the engine share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: EngineConfig,
    pub(crate) secrets: Secrets,
    pub(crate) chance: Chance,
    pub(crate) services: Arc<dyn Services>,
    pub(crate) clients: Clients,
    pub(crate) client_in_use: ClientInUse,
    pub(crate) snapshot: watch::Sender<SyncSnapshot>,
    pub(crate) changes: broadcast::Sender<Change>,
    pub(crate) board: Board,
    pub(crate) pause: watch::Sender<Option<Pause>>,
    /// What the person is told of a damaged replica, and since when.
    pub(crate) recovered: Option<Recovered>,
    /// What was done at this start about a damaged replica.
    salvage: Option<Salvage>,
    pub(crate) in_use: watch::Sender<bool>,
    /// Until when no reminder is told.
    pub(crate) reminders: Quiet,
    /// Sent to whenever a reminder is snoozed.
    pub(crate) snoozed: watch::Sender<()>,
    pub(crate) desktop: watch::Sender<DesktopSettings>,
    pub(crate) channels: Channels,
    pub(crate) notion_messages: NotionMessages,
    pub(crate) echoes: Echoes,
    pub(crate) departures: Departures,
    pub(crate) workers: Mutex<BTreeMap<IntegrationId, WorkerHandle>>,
    pub(crate) undo: Mutex<UndoStack>,
    /// Cancelled when the engine is to end: no more work is begun.
    pub(crate) stop: CancellationToken,
    /// Cancelled when it must not take any longer: what is under way is dropped.
    pub(crate) abort: CancellationToken,
    pub(crate) tasks: TaskTracker,
    lock: Mutex<Option<ReplicaLock>>,
}

/// What tests and the demo put in the place of the world.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The services; those at the configured addresses when absent.
    pub services: Option<Arc<dyn Services>>,
    /// What chance starts from; the operating system's when absent.
    pub seed: Option<u64>,
    /// How the replica is opened.
    pub replica: OpenOptions,
}

impl Engine {
    /// Takes the replica's lock, opens it, and starts one worker per account. Neither the network nor the keyring is
    /// needed for that.
    ///
    /// # Errors
    /// [`EngineError::Busy`] when another engine has the replica, [`EngineError::Store`] or
    /// [`EngineError::Environment`] when it cannot be opened, or the webhook address cannot be listened on.
    pub async fn start(config: EngineConfig, clock: Arc<dyn Clock>) -> Result<Self, EngineError> {
        let surroundings =
            Surroundings { clock, services: None, seed: None, replica: OpenOptions::default() };
        Self::start_within(config, surroundings).await
    }

    /// Like [`Engine::start`], in a process that ends as if the power had failed where it crosses its boundary number
    /// `end`: before or after a commit or a request. For tests; a release does not have it.
    ///
    /// # Errors
    /// As [`Engine::start`].
    #[cfg(debug_assertions)]
    pub async fn start_until(
        config: EngineConfig,
        clock: Arc<dyn Clock>,
        end: u64,
    ) -> Result<Self, EngineError> {
        let crossed = std::sync::atomic::AtomicU64::new(0);
        let boundary = Boundary::new(move || {
            if crossed.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1 == end {
                std::process::abort();
            }
        });
        let replica = OpenOptions { boundary, ..OpenOptions::default() };
        Self::start_within(config, Surroundings { clock, services: None, seed: None, replica }).await
    }

    /// Like [`Engine::start`], within other surroundings than the real ones.
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub async fn start_within(config: EngineConfig, surroundings: Surroundings) -> Result<Self, EngineError> {
        let lock = ReplicaLock::acquire(&config.data_dir)?;
        let receiver = match config.webhook.as_ref().filter(|_| config.autonomous) {
            Some(webhook) => Some(webhook::bind(webhook).await?),
            None => None,
        };
        let Surroundings { clock, services, seed, replica } = surroundings;
        let boundary = replica.boundary.clone();
        let (store, salvage) =
            Store::open_or_salvage(&config.data_dir.join(REPLICA), replica, clock.now()).await?;
        let recovered = recovery::remembered(&store, salvage.as_ref(), clock.now()).await?;
        let (listener, base) = receiver.unzip();
        let pause = stored_pause(&store, clock.now()).await?;
        let abort = CancellationToken::new();
        let client_in_use = ClientInUse::new(config.google_client.clone());
        let inner = Arc::new(Inner {
            secrets: Secrets::open(config.secrets, &config.data_dir),
            chance: Chance::new(seed),
            services: services.unwrap_or_else(|| {
                let clock = Arc::clone(&clock);
                Arc::new(ConfiguredServices::new(&config, client_in_use.clone(), clock, boundary))
            }),
            client_in_use,
            clients: Clients::default(),
            snapshot: watch::Sender::new(status::empty(clock.now())),
            changes: broadcast::Sender::new(CHANGES_KEPT),
            board: Board::default(),
            pause: watch::Sender::new(pause),
            recovered,
            salvage,
            in_use: watch::Sender::new(false),
            reminders: Quiet::default(),
            snoozed: watch::Sender::new(()),
            desktop: watch::Sender::default(),
            channels: Channels::new(base),
            notion_messages: NotionMessages::default(),
            echoes: Echoes::default(),
            departures: Departures::default(),
            workers: Mutex::default(),
            undo: Mutex::default(),
            stop: abort.child_token(),
            abort: abort.clone(),
            tasks: TaskTracker::new(),
            lock: Mutex::new(Some(lock)),
            store,
            clock,
            config,
        });
        unanswered::recall(&inner).await;
        inner.release_all().await?;
        for integration in inner.store.integrations().await? {
            inner.spawn_worker(integration);
        }
        if let Some(listener) = listener {
            webhook::spawn(&inner, listener);
        }
        if inner.config.autonomous {
            inner.tasks.spawn(maintenance::run(Arc::clone(&inner)));
        }
        inner.refresh_snapshot().await;
        Ok(Self { inner, _guard: Arc::new(abort.drop_guard()) })
    }

    /// Takes no more work, finishes or rolls back what is in flight, and closes the replica; at most five seconds.
    ///
    /// # Errors
    /// None so far; an engine that has ended already is no failure.
    pub async fn shutdown(&self) -> Result<(), EngineError> {
        let inner = &self.inner;
        inner.stop.cancel();
        inner.tasks.close();
        if tokio::time::timeout(GRACE, inner.tasks.wait()).await.is_err() {
            tracing::warn!("what is under way takes too long and is broken off; it will be repeated");
            inner.abort.cancel();
            let _ = tokio::time::timeout(LAST_GRACE, inner.tasks.wait()).await;
        }
        inner.workers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let _ = tokio::time::timeout(LAST_GRACE, inner.store.close()).await;
        inner.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }

    /// What this start had to do about a damaged replica, in a sentence; none when it was whole.
    #[must_use]
    pub fn salvage(&self) -> Option<String> {
        self.inner.salvage.as_ref().map(recovery::sentence)
    }

    /// How sync stands now.
    #[must_use]
    pub fn snapshot(&self) -> SyncSnapshot {
        self.inner.snapshot.borrow().clone()
    }

    /// How sync stands, now and from now on.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<SyncSnapshot> {
        self.inner.snapshot.subscribe()
    }

    /// What changes in the replica from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }

    /// Tells whether the person is looking, which decides how often services are asked.
    pub fn set_window_in_use(&self, in_use: bool) {
        self.inner.in_use.send_if_modified(|before| std::mem::replace(before, in_use) != in_use);
    }

    /// The address at which services can call us, if they can.
    #[must_use]
    pub fn webhook_address(&self) -> Option<Url> {
        self.inner.channels.address()
    }

    /// The receiver of the services' messages, for who brings them in without a socket.
    pub fn webhooks(&self) -> axum::Router {
        webhook::router(Arc::downgrade(&self.inner))
    }

    /// Marks everything as due, as the person's "Sync now" asks; also tries again what waits after a failure.
    pub fn sync_now(&self) {
        for worker in self.inner.all_workers().into_values() {
            worker.hurry();
        }
    }

    /// Runs one complete pass over one account or all: sends what is due, reads every link to the end, sends what
    /// that left to send, and waits for the end.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such account.
    pub async fn sync_pass(&self, account: Option<IntegrationId>) -> Result<SyncReport, EngineError> {
        let began_at = self.inner.clock.now();
        let mut workers = self.inner.all_workers();
        if let Some(account) = account {
            workers.retain(|id, _| *id == account);
            if workers.is_empty() {
                return Err(EngineError::NotFound { what: "account" });
            }
        }
        let passes = workers.iter().map(|(id, worker)| async { (*id, worker.pass().await) });
        let mut report = SyncReport::default();
        for (id, pass) in join_all(passes).await {
            report.pushed += pass.pushed;
            report.requests += pass.requests;
            let reached: BTreeSet<LinkId> = pass.links.iter().map(|link| link.link_id).collect();
            report.links.extend(pass.links);
            if let Some(error) = pass.error {
                report.links.extend(self.inner.not_reached(id, &reached, &error).await?);
            }
        }
        for (id, counts) in self.inner.store.queue_counts().await? {
            if account.is_none_or(|account| account == id) {
                report.pending += counts.pending + counts.processing;
                report.failed += counts.failed;
            }
        }
        let took = (self.inner.clock.now() - began_at).num_milliseconds();
        report.duration_ms = u64::try_from(took).unwrap_or_default();
        Ok(report)
    }

    /// Stops sync until `until`, or until [`Engine::resume`]. Edits are still taken, and wait.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be remembered.
    pub async fn pause(&self, until: Option<DateTime<Utc>>) -> Result<(), EngineError> {
        self.inner.set_pause(Some(Pause { since: self.inner.clock.now(), until })).await
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be remembered.
    pub async fn resume(&self) -> Result<(), EngineError> {
        self.inner.set_pause(None).await
    }
}

impl Inner {
    /// Starts the worker of an account, also one that was just connected.
    pub(crate) fn spawn_worker(self: &Arc<Self>, integration: Integration) {
        let id = integration.id;
        let handle = worker::spawn(self, integration);
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).insert(id, handle);
    }

    /// Ends the worker of an account and waits for it, as before the account is removed.
    pub(crate) async fn stop_worker(&self, id: IntegrationId) {
        let worker = self.workers.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(worker) = worker {
            worker.end().await;
        }
        self.board.forget(id);
    }

    /// The worker of an account, if it runs.
    pub(crate) fn worker(&self, id: IntegrationId) -> Option<WorkerHandle> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The one client of an account, shared so that its rate limit is; made at first use.
    pub(crate) async fn provider(&self, integration: &Integration) -> Result<Client, EngineError> {
        if integration.provider == ProviderKind::Google {
            self.load_client().await?;
        }
        self.clients
            .client(integration.id, || self.services.connect(integration, self.secrets.vault_of(integration)))
    }

    /// Wakes the workers behind `links` after a commit that queued rows for them.
    pub(crate) fn edited(&self, links: &[Link]) {
        for link in links {
            if let Some(worker) = self.worker(link.integration_id) {
                worker.edited();
            }
        }
    }

    /// Tells the faces that something changed.
    pub(crate) fn notify(&self, change: Change) {
        // An error only means that nobody listens.
        let _ = self.changes.send(change);
    }

    pub(crate) fn all_workers(&self) -> BTreeMap<IntegrationId, WorkerHandle> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes rows that nobody carries out any more wait again, as after a crash.
    async fn release_all(&self) -> Result<(), StoreError> {
        let mut transaction = self.store.begin(Durability::Edit).await?;
        transaction.release_processing(None).await?;
        transaction.commit().await
    }

    /// Makes an account's rows that nobody carries out any more wait again.
    pub(crate) async fn release_processing(&self, id: IntegrationId) -> Result<(), StoreError> {
        let mut transaction = self.store.begin(Durability::Edit).await?;
        transaction.release_processing(Some(id)).await?;
        transaction.commit().await
    }

    pub(crate) async fn set_pause(&self, pause: Option<Pause>) -> Result<(), EngineError> {
        let mut transaction = self.store.begin(Durability::Edit).await?;
        transaction.set_setting(PAUSE, &serde_json::json!(pause)).await?;
        transaction.commit().await?;
        self.pause.send_replace(pause);
        if pause.is_none() {
            for worker in self.all_workers().into_values() {
                worker.pull(None);
                worker.edited();
            }
        }
        self.refresh_snapshot().await;
        Ok(())
    }

    /// The links of an account that a pass did not come to.
    async fn not_reached(
        &self,
        id: IntegrationId,
        reached: &BTreeSet<LinkId>,
        error: &str,
    ) -> Result<Vec<LinkReport>, StoreError> {
        let account =
            self.store.integration(id).await?.map(|integration| integration.account).unwrap_or_default();
        let calendars: BTreeMap<_, _> =
            self.store.calendars().await?.into_iter().map(|calendar| (calendar.id, calendar.name)).collect();
        let links = self.store.links_of_integration(id).await?;
        Ok(links
            .into_iter()
            .filter(|link| !reached.contains(&link.id))
            .map(|link| LinkReport {
                link_id: link.id,
                calendar: calendars.get(&link.calendar_id).cloned().unwrap_or_default(),
                account: account.clone(),
                pages: 0,
                created: 0,
                updated: 0,
                deleted: 0,
                unreadable: 0,
                error: Some(error.to_owned()),
            })
            .collect())
    }
}

/// The pause that was in force when the program ended, unless it is over.
async fn stored_pause(store: &Store, now: DateTime<Utc>) -> Result<Option<Pause>, StoreError> {
    let stored = store.setting(PAUSE).await?;
    let pause = stored.and_then(|value| serde_json::from_value::<Option<Pause>>(value).ok()).flatten();
    Ok(pause.filter(|pause| pause.until.is_none_or(|until| until > now)))
}
