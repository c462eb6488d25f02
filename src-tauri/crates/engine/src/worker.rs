//! One task per account owns that account's sync: its schedule, and whatever is under way. Others send it messages.
//!
//! A message only marks something as due ([`marks`]); the worker looks at the marks when it is free. So there is never
//! more than one pull of an account at a time, a burst of messages is one pull, and what is marked while a pull is
//! under way is done once more afterwards. A person's own edit need not wait for a long pull: it goes out between two
//! of its pages.
//!
//! The task is watched over ([`supervise`]): should it panic, that is logged and it is started again. What it had in
//! hand is in the replica, in rows that say so.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use synodic_model::sync::{Integration, IntegrationStatus, Link, ProviderKind};
use synodic_model::{IntegrationId, LinkId};
use synodic_providers::{Provider as _, WatchChannel};
use synodic_store::StoreError;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::after;
use crate::engine::Inner;
use crate::queue::backoff;
use crate::snapshot::{Listening, Pause};
use crate::status::{Activity, Trouble};
use crate::view::{AuditReport, LinkReport};

mod audit;
mod channels;
mod clock;
mod listing;
mod marks;
mod outcome;
mod schedule;
mod turn;
mod watchdog;

use self::audit::Due;
use self::marks::Marks;
use self::schedule::Schedule;

/// How often a service is asked although it calls us, in case a message is lost.
const SAFETY_INTERVAL: Duration = Duration::from_secs(600);
/// How often a link is asked that the service refuses, or that waits for approval.
const TROUBLED_INTERVAL: Duration = Duration::from_secs(600);
/// The shortest time between two turns that nobody asked for; rows that cannot go yet make no busy loop.
const BREATH: TimeDelta = TimeDelta::milliseconds(200);
/// How long a worker that panicked is left alone, at first and at most.
const FIRST_RESTART: Duration = Duration::from_secs(1);
const LAST_RESTART: Duration = Duration::from_secs(300);
/// How long somebody who ends a link waits for its channel to be stopped.
const CLOSING_TIME: Duration = Duration::from_secs(5);
/// How long a worker that is to end may take for what it has in hand.
const ENDING_TIME: Duration = Duration::from_secs(3);

/// Sends messages to one account's worker. A message only marks something as due; marks collapse.
#[derive(Clone, Debug)]
pub(crate) struct WorkerHandle {
    marks: Arc<Marks>,
    stop: CancellationToken,
    abort: CancellationToken,
    ended: CancellationToken,
    /// Whether services can call us, so that a channel may just be on its way.
    is_called: bool,
    /// Set while the worker waits, and has nothing in mind that is not in the replica.
    rests: Arc<AtomicBool>,
}

/// What one pass did.
#[derive(Clone, Debug, Default)]
pub(crate) struct PassReport {
    pub(crate) links: Vec<LinkReport>,
    pub(crate) pushed: u32,
    pub(crate) requests: u32,
    /// Why it did not reach the end.
    pub(crate) error: Option<String>,
}

impl WorkerHandle {
    /// The queue has rows for this account: send them now.
    pub(crate) fn edited(&self) {
        self.marks.mark(|work| work.push = true);
    }

    /// Marks a link as due for a pull, or all of them.
    pub(crate) fn pull(&self, link: Option<LinkId>) {
        self.marks.mark(|work| work.pull.mark(link));
    }

    /// The service says that a link's calendar has changed.
    pub(crate) fn told(&self, link: LinkId) {
        self.marks.mark(|work| {
            work.pull.mark(Some(link));
            work.told.insert(link);
        });
    }

    /// The person asks for everything now, whatever waits after a failure included.
    pub(crate) fn hurry(&self) {
        self.marks.mark(|work| {
            work.at_once = true;
            work.refused = true;
            work.push = true;
            work.pull.mark(None);
        });
    }

    /// A day has passed: what the service has refused is tried again.
    pub(crate) fn try_refused(&self) {
        self.marks.mark(|work| {
            work.refused = true;
            work.push = true;
        });
    }

    /// The next pull of this link may remove much; the person has looked.
    pub(crate) fn approve(&self, link: LinkId) {
        self.marks.mark(|work| {
            work.approved.insert(link);
            work.pull.mark(Some(link));
        });
    }

    /// The next pull of this link removes nothing here, for the person has looked.
    pub(crate) fn keep(&self, link: LinkId) {
        self.marks.mark(|work| {
            work.kept.insert(link);
            work.pull.mark(Some(link));
        });
    }

    /// Links of this account were made, changed or removed, or it was signed in again: look anew.
    pub(crate) fn reload(&self) {
        self.marks.mark(|work| work.reload = true);
    }

    /// Ends the notification channels of links that are about to go; gives up quietly after a few seconds.
    pub(crate) async fn close_channels(&self, links: Vec<Link>) {
        if !self.is_called && links.iter().all(|link| link.webhook.is_none()) {
            return;
        }
        let (done, closed) = oneshot::channel();
        self.marks.mark(|work| work.close.push((links, done)));
        // Neither a slow service nor a worker that just ended holds anybody up.
        let _ = tokio::time::timeout(CLOSING_TIME, closed).await;
    }

    /// Runs one complete pass and waits for its end.
    pub(crate) async fn pass(&self) -> PassReport {
        let (reply, report) = oneshot::channel();
        self.marks.mark(|work| work.passes.push(reply));
        let ended = self.ended.cancelled();
        let broken_off =
            || PassReport { error: Some("the pass was broken off".to_owned()), ..PassReport::default() };
        tokio::select! {
            biased;
            report = report => report.unwrap_or_else(|_| broken_off()),
            () = ended => broken_off(),
        }
    }

    /// Runs one complete pass, compares all links with what the service has, and waits for the end.
    pub(crate) async fn audit(&self) -> AuditReport {
        let (reply, report) = oneshot::channel();
        self.marks.mark(|work| work.audits.push(reply));
        let broken_off = || AuditReport {
            error: Some("the comparison was broken off".to_owned()),
            ..AuditReport::default()
        };
        tokio::select! {
            report = report => report.unwrap_or_else(|_| broken_off()),
            () = self.ended.cancelled() => broken_off(),
        }
    }

    /// Whether nothing is under way or marked, and the worker has nothing in mind that is not in the replica.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.rests.load(Ordering::Acquire) && !self.marks.are_waiting()
    }

    /// Lets the worker end what it has in hand, for a little while, and waits for its end.
    pub(crate) async fn end(&self) {
        self.stop.cancel();
        if tokio::time::timeout(ENDING_TIME, self.ended.cancelled()).await.is_err() {
            self.abort.cancel();
            self.ended.cancelled().await;
        }
    }
}

/// Starts an account's worker.
pub(crate) fn spawn(inner: &Arc<Inner>, integration: Integration) -> WorkerHandle {
    let handle = WorkerHandle {
        marks: Arc::default(),
        stop: inner.stop.child_token(),
        abort: inner.abort.child_token(),
        ended: CancellationToken::new(),
        is_called: inner.channels.can_be_called(),
        rests: Arc::default(),
    };
    inner.tasks.spawn(supervise(Arc::clone(inner), integration, handle.clone()));
    handle
}

/// Keeps an account's worker going until it is told to end.
async fn supervise(inner: Arc<Inner>, integration: Integration, handle: WorkerHandle) {
    let _ended = handle.ended.clone().drop_guard();
    let (id, abort) = (integration.id, handle.abort.clone());
    let mut panics = 0;
    loop {
        let mut worker = Worker::new(Arc::clone(&inner), integration.clone(), handle.clone());
        let run = AssertUnwindSafe(worker.run()).catch_unwind();
        tokio::select! {
            biased;
            () = abort.cancelled() => return,
            result = run => if result.is_ok() { return },
        }
        panics += 1;
        tracing::error!(integration = %id, panics, "a worker panicked and is started again");
        let wait = backoff(panics, FIRST_RESTART, LAST_RESTART, inner.chance.fraction());
        let deadline = after(inner.clock.now(), wait);
        inner.board.update(id, |standing| {
            standing.restarts += 1;
            standing.activity = Activity::BackingOff { until: deadline };
            standing.message = Some("Something in Synodic broke down; it is started again".to_owned());
        });
        inner.refresh_snapshot().await;
        tokio::select! {
            biased;
            () = handle.stop.cancelled() => return,
            () = inner.clock.sleep_until(deadline) => {}
        }
    }
}

/// The task that owns one account's sync.
struct Worker {
    inner: Arc<Inner>,
    id: IntegrationId,
    integration: Integration,
    links: Vec<Link>,
    marks: Arc<Marks>,
    stop: CancellationToken,
    rests: Arc<AtomicBool>,
    schedule: Schedule,
    in_use: watch::Receiver<bool>,
    pause: watch::Receiver<Option<Pause>>,
    /// Links that rest because of how their calendars are shared, each with a sentence on why.
    resting: BTreeMap<LinkId, String>,
    /// When the account's calendars were last listed, and whether there is reason to do it again.
    listed_at: Option<DateTime<Utc>>,
    must_list: AtomicBool,
    /// Links that a message spoke of, whose news could not be seen yet.
    unseen: BTreeSet<LinkId>,
    /// Links whose channel said nothing of a change that was found by asking.
    deaf: BTreeSet<LinkId>,
    /// Channels that have been replaced, and when they are to be stopped.
    retiring: Vec<(DateTime<Utc>, WatchChannel)>,
    /// No attempt to open channels before this, after one has failed.
    channels_rest_until: DateTime<Utc>,
    /// Whether rows may be marked as being carried out although nobody does.
    must_release: bool,
    /// When each link is to be compared with what the service has.
    audits: BTreeMap<LinkId, Due>,
    /// When the last reading of each link began, by the clock and by how long the computer had been awake.
    read_from: BTreeMap<LinkId, (DateTime<Utc>, Duration)>,
    /// When the last turn ended.
    turned_at: DateTime<Utc>,
    /// When the worker began; nobody could tell it anything before.
    began_at: DateTime<Utc>,
}

impl Worker {
    fn new(inner: Arc<Inner>, integration: Integration, handle: WorkerHandle) -> Self {
        let now = inner.clock.now();
        Self {
            id: integration.id,
            integration,
            links: Vec::new(),
            marks: handle.marks,
            stop: handle.stop,
            rests: handle.rests,
            schedule: Schedule::default(),
            in_use: inner.in_use.subscribe(),
            pause: inner.pause.subscribe(),
            resting: BTreeMap::new(),
            listed_at: None,
            must_list: AtomicBool::new(false),
            unseen: BTreeSet::new(),
            deaf: BTreeSet::new(),
            retiring: Vec::new(),
            channels_rest_until: now,
            must_release: true,
            audits: BTreeMap::new(),
            read_from: BTreeMap::new(),
            turned_at: now,
            began_at: now,
            inner,
        }
    }

    /// Works until told to end.
    async fn run(&mut self) {
        while let Err(error) = self.reload().await {
            tracing::warn!(integration = %self.id, %error, "an account cannot be read; trying again");
            let deadline = after(self.inner.clock.now(), Duration::from_secs(5));
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = self.inner.clock.sleep_until(deadline) => {}
            }
        }
        self.expect_success(self.inner.clock.now());
        // The clock may have been set back while the program was not running.
        self.bring_edits_near().await;
        let mut at_work_from = None;
        loop {
            let deadline = self.next_turn().await;
            let waited_from = self.inner.clock.now();
            if at_work_from.take().is_some_and(|from| self.has_slept_since(from)) {
                self.slept_at_work(waited_from);
                continue;
            }
            self.rests.store(!self.has_in_mind(waited_from), Ordering::Release);
            let is_timer = tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = self.marks.wait() => false,
                changed = self.in_use.changed() => if changed.is_err() { return } else { false },
                changed = self.pause.changed() => if changed.is_err() { return } else { false },
                () = sleep_until(&self.inner, deadline) => true,
            };
            self.rests.store(false, Ordering::Release);
            self.look_at_the_clock(waited_from, deadline, is_timer).await;
            let began_at = self.inner.clock.now();
            at_work_from = Some((began_at, self.inner.clock.awake()));
            self.turn().await;
            self.turned_at = self.inner.clock.now();
            if self.turned_at < began_at {
                self.was_set_back(self.turned_at).await;
            }
        }
    }

    /// Reads the account and its links anew.
    async fn reload(&mut self) -> Result<(), StoreError> {
        if let Some(integration) = self.inner.store.integration(self.id).await? {
            if integration.status == IntegrationStatus::Active {
                self.schedule.wake();
            }
            self.integration = integration;
        }
        self.links = self.inner.store.links_of_integration(self.id).await?;
        let rested = std::mem::take(&mut self.resting);
        self.resting = self.inner.resting_links(self.id, &self.links).await?;
        self.show_resting(&rested);
        let pulled = self.links.iter().filter(|link| self.is_pulled(link)).map(|link| link.id).collect();
        self.schedule.keep_links(&pulled, self.inner.clock.now());
        for link in &self.links {
            self.inner.channels.admit(link);
        }
        self.show_links();
        self.plan_audits().await?;
        Ok(())
    }

    /// When there is something to do of our own accord.
    async fn next_turn(&self) -> Option<DateTime<Utc>> {
        if !self.inner.config.autonomous {
            return None;
        }
        let now = self.inner.clock.now();
        if let Some(pause) = *self.pause.borrow() {
            return pause.until;
        }
        if self.integration.status != IntegrationStatus::Active {
            return None;
        }
        let queued = self.inner.store.next_queue_time(self.id).await.unwrap_or_else(|error| {
            tracing::warn!(integration = %self.id, %error, "the outbox cannot be read");
            None
        });
        let queued = queued.map(|time| {
            if self.keeps_edits_waiting() { time.max(now + TimeDelta::seconds(30)) } else { time }
        });
        // Who rests compares nothing either.
        let audit = self.next_audit().map(|at| at.max(self.schedule.rests_until(now).unwrap_or(at)));
        let next = self.schedule.next(queued, now).into_iter();
        let next = next.chain(self.next_channel()).chain(audit).min()?;
        Some(next.max(self.turned_at + BREATH))
    }

    /// Whether a link has not been read yet or rests, so that its edits wait.
    fn keeps_edits_waiting(&self) -> bool {
        !self.resting.is_empty()
            || !self.inner.board.reviews(self.id).is_empty()
            || self.links.iter().any(awaits_first_pull)
    }

    /// Whether a link is to be read at all.
    fn is_pulled(&self, link: &Link) -> bool {
        link.direction.pulls() && !self.resting.contains_key(&link.id)
    }

    /// Says why links rest, and takes that back of those that do not any more.
    fn show_resting(&self, rested: &BTreeMap<LinkId, String>) {
        self.inner.board.update(self.id, |standing| {
            standing.troubles.retain(|link, _| !rested.contains_key(link));
            for (link, message) in &self.resting {
                let trouble = Trouble { message: message.clone(), is_review: false };
                standing.troubles.insert(*link, trouble);
            }
        });
    }

    /// How often the links are asked now.
    fn interval(&self) -> Duration {
        if self.is_called() {
            SAFETY_INTERVAL
        } else if self.integration.provider == ProviderKind::Notion {
            // Not sooner while the window is used: Notion allows few requests, and tells minutes only.
            self.inner.config.notion.polling
        } else if let Some(every) =
            self.inner.clients.made(self.id).and_then(|client| client.refresh_interval())
        {
            // A file that somebody puts out is not fetched more often because a window is looked at.
            every
        } else if *self.inner.in_use.borrow() {
            self.inner.config.polling.active
        } else {
            self.inner.config.polling.idle
        }
    }

    /// Whether the service calls us for every link.
    fn is_called(&self) -> bool {
        if self.integration.provider == ProviderKind::Notion {
            return self.inner.notion_messages.are_coming(self.id);
        }
        let now = self.inner.clock.now();
        let mut pulled = self.links.iter().filter(|link| self.is_pulled(link)).peekable();
        pulled.peek().is_some() && pulled.all(|link| self.inner.channels.is_live(link, now))
    }

    /// Whether the person has paused sync; a pause that is over ends here.
    fn is_paused(&self) -> bool {
        let pause = *self.pause.borrow();
        let now = self.inner.clock.now();
        pause.is_some_and(|pause| pause.until.is_none_or(|until| until > now))
    }

    fn listening(&self) -> Listening {
        if self.is_called() {
            Listening::Webhook
        } else {
            Listening::Polling { every_seconds: self.interval().as_secs() }
        }
    }

    /// When the next pass should have reached the end, generously.
    fn expect_success(&self, now: DateTime<Utc>) {
        if !self.inner.config.autonomous || self.links.is_empty() {
            return;
        }
        let expected_by = after(now, self.interval().saturating_mul(4).saturating_add(SAFETY_INTERVAL));
        self.inner.board.update(self.id, |standing| standing.expected_by = Some(expected_by));
    }

    /// Lets go of what is said about links that are not there any more.
    fn show_links(&self) {
        let listening = self.listening();
        let links: BTreeSet<LinkId> = self.links.iter().map(|link| link.id).collect();
        self.inner.board.update(self.id, |standing| {
            standing.listening = listening;
            standing.troubles.retain(|link, _| links.contains(link));
            standing.reviews.retain(|(link, _), _| links.contains(link));
            standing.unreadable.retain(|link| links.contains(link));
        });
    }
}

/// Whether a link's edits wait for its first pull, which finds what both sides have.
fn awaits_first_pull(link: &Link) -> bool {
    link.direction.pulls() && link.last_pulled_at.is_none()
}

async fn sleep_until(inner: &Inner, deadline: Option<DateTime<Utc>>) {
    match deadline {
        Some(deadline) => inner.clock.sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
