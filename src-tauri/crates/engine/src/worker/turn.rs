//! One turn of a worker: it takes the marks, and does what is due.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::LinkId;
use synodic_model::sync::{IntegrationStatus, Link};
use synodic_providers::Class;
use synodic_store::{Durability, StoreError};

use super::marks::Work;
use super::schedule::Rest;
use super::{PassReport, Worker};
use crate::error::EngineError;
use crate::halt::Halt;
use crate::pull::{Pull, PullError, PullOutcome, Step};
use crate::push::{PushOutcome, Scope, push};
use crate::queue::backoff;
use crate::services::Client;
use crate::snapshot::{Phase, Progress};
use crate::status::{Activity, Trouble};
use crate::view::LinkReport;

/// How often a link is asked that the service refuses, or that waits for approval.
const TROUBLED_INTERVAL: Duration = Duration::from_secs(600);
/// How soon a link is read again when a message spoke of a change that could not be seen.
const UNSEEN_INTERVAL: TimeDelta = TimeDelta::seconds(5);
/// The rests after failures: of the network, of the service, of the disk.
const OFFLINE_RESTS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
const SERVICE_RESTS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(600));
const DISK_RESTS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));
/// A success is written down when the last one that was is this old.
const SUCCESS_KEPT_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Worker {
    /// Takes the marks and does what is due.
    pub(super) async fn turn(&mut self) {
        let mut work = self.marks.take();
        if work.reload
            && let Err(error) = self.reload().await
        {
            tracing::warn!(integration = %self.id, %error, "an account cannot be read");
        }
        for (links, done) in std::mem::take(&mut work.close) {
            self.close(links).await;
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        }
        let is_asked = work.at_once || !work.passes.is_empty() || !work.approved.is_empty();
        if !is_asked && (!self.inner.config.autonomous || self.is_paused()) {
            return;
        }
        let passes = std::mem::take(&mut work.passes);
        let is_pass = !passes.is_empty();
        let report = self.sync(&work, is_asked, is_pass).await;
        for reply in passes {
            let _ = reply.send(report.clone());
        }
    }

    /// Sends and reads what is due, and notes how it went.
    async fn sync(&mut self, work: &Work, is_asked: bool, is_pass: bool) -> PassReport {
        let now = self.inner.clock.now();
        let mut report = PassReport::default();
        if self.integration.status == IntegrationStatus::NeedsSignIn {
            self.show(Activity::NeedsSignIn, self.integration.last_error.clone()).await;
            report.error = Some("the account has to be signed in again".to_owned());
            return report;
        }
        if is_asked {
            self.schedule.wake();
        }
        match self.schedule.resting(now) {
            Some(Rest::Offline) if work.push => self.schedule.wake(),
            Some(_) => return report,
            None => {}
        }
        let client = match self.inner.provider(&self.integration) {
            Ok(client) => client,
            Err(error) => {
                self.cannot_connect(&error).await;
                report.error = Some(error.to_string());
                return report;
            }
        };
        let calls_before = client.calls();
        let due: BTreeSet<LinkId> = self
            .links
            .iter()
            .filter(|link| link.direction.pulls())
            .filter(|link| is_pass || work.pull.contains(link.id) || self.schedule.is_due(link.id, now))
            .map(|link| link.id)
            .collect();
        let result = self.carry_out(&client, work, is_asked, &due, &mut report).await;
        report.requests = client.calls().wrapping_sub(calls_before);
        match result {
            Ok(()) => self.succeeded(&due, &report).await,
            Err(halt) => report.error = self.halted(halt).await,
        }
        report
    }

    /// Sends, reads, and sends what reading left to send.
    async fn carry_out(
        &mut self,
        client: &Client,
        work: &Work,
        is_asked: bool,
        due: &BTreeSet<LinkId>,
        report: &mut PassReport,
    ) -> Result<(), Halt> {
        let scope = if is_asked { Scope::Everything } else { Scope::Due };
        report.pushed += self.push(client, scope).await?.sent;
        for link in self.links.clone() {
            if !due.contains(&link.id) {
                continue;
            }
            let is_approved = work.approved.contains(&link.id);
            let is_told = work.told.contains(&link.id);
            let outcome = self.pull(client, &link, is_approved, report).await?;
            self.plan_next_pull(&link, outcome, is_told);
        }
        if !due.is_empty() {
            report.pushed += self.push(client, Scope::Due).await?.sent;
        }
        self.keep_channels(client).await;
        Ok(())
    }

    async fn push(&self, client: &Client, scope: Scope) -> Result<PushOutcome, Halt> {
        let show = |done| {
            let progress = Progress { phase: Phase::Pushing, done, total: None };
            self.inner.board.update(self.id, |standing| standing.activity = Activity::Syncing(progress));
        };
        let waiting = self.waiting();
        let outcome = push(&self.inner, client, self.id, scope, &waiting, &show).await;
        if !matches!(outcome, Ok(PushOutcome { sent: 0 })) {
            self.inner.refresh_snapshot().await;
        }
        outcome
    }

    /// Links whose edits wait for their first pull, which finds what both sides have.
    fn waiting(&self) -> BTreeSet<LinkId> {
        let waiting =
            self.links.iter().filter(|link| link.direction.pulls() && link.last_pulled_at.is_none());
        waiting.map(|link| link.id).collect()
    }

    /// Reads one link to the end. A failure that is the link's own does not keep the others.
    async fn pull(
        &mut self,
        client: &Client,
        link: &Link,
        is_approved: bool,
        report: &mut PassReport,
    ) -> Result<Option<PullOutcome>, Halt> {
        let mut pushed = 0;
        let mut outcome = PullOutcome::default();
        let result = self.read_pages(client, link, is_approved, &mut outcome, &mut pushed).await;
        report.pushed += pushed;
        let error = result.as_ref().err().map(ToString::to_string);
        report.links.push(self.link_report(link, outcome, error).await?);
        match result {
            Ok(()) => {
                self.inner.board.update(self.id, |standing| {
                    standing.troubles.remove(&link.id);
                });
                self.refresh_link(link.id).await?;
                Ok(Some(outcome))
            }
            Err(Interrupted::Halt(halt)) => Err(halt),
            Err(Interrupted::Pull(error)) => {
                tracing::warn!(link = %link.id, %error, "a link could not be read to the end");
                self.link_failed(link, error)?;
                self.inner.refresh_snapshot().await;
                Ok(None)
            }
        }
    }

    async fn read_pages(
        &self,
        client: &Client,
        link: &Link,
        is_approved: bool,
        outcome: &mut PullOutcome,
        pushed: &mut u32,
    ) -> Result<(), Interrupted> {
        let mut pull = Pull::begin(&self.inner, link, is_approved).await?;
        loop {
            let step = self.read_page(client, &mut pull, pushed).await;
            *outcome = pull.outcome();
            if step? == Step::Done {
                return Ok(());
            }
            let tally = outcome.tally;
            let done = tally.created + tally.updated + tally.deleted;
            self.show(Activity::Syncing(Progress { phase: Phase::Pulling, done, total: None }), None).await;
        }
    }

    /// Fetches one page and writes it down. The person's edits go out while it is on its way; when the program ends, it
    /// is dropped.
    async fn read_page(
        &self,
        client: &Client,
        pull: &mut Pull,
        pushed: &mut u32,
    ) -> Result<Step, Interrupted> {
        let fetched = {
            let mut fetching = std::pin::pin!(pull.fetch(&self.inner, client));
            loop {
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return Err(Interrupted::Halt(Halt::Stopping)),
                    fetched = &mut fetching => break fetched?,
                    () = self.marks.push_wanted() => {
                        *pushed += self.push(client, Scope::Interactive).await?.sent;
                    }
                }
            }
        };
        Ok(pull.apply(&self.inner, client, fetched).await?)
    }

    /// What a failed pull means: for the account, or for this link alone.
    fn link_failed(&self, link: &Link, error: PullError) -> Result<(), Halt> {
        let is_review = matches!(error, PullError::Review { .. });
        let message = format!("{}: {error}", link.remote_name);
        match error {
            PullError::Store(error) => return Err(Halt::Store(error)),
            PullError::Provider(error) => {
                if let Some(halt) = Halt::of(&error) {
                    return Err(halt);
                }
                // Reading again does no harm, so an answer that got lost is no more than a failure of the service.
                if error.class() == Class::Uncertain {
                    return Err(Halt::Rest { at_least: None, reason: error.to_string() });
                }
            }
            PullError::Review { .. } | PullError::Endless => {}
        }
        self.inner.board.update(self.id, |standing| {
            standing.troubles.insert(link.id, Trouble { message, is_review });
        });
        Ok(())
    }

    fn plan_next_pull(&mut self, link: &Link, outcome: Option<PullOutcome>, is_told: bool) {
        let now = self.inner.clock.now();
        let regular = |interval| crate::clock::after(now, self.inner.chance.around(interval));
        let next = match outcome {
            None => regular(TROUBLED_INTERVAL),
            // A message may come before what it speaks of can be seen; once more, then.
            Some(outcome) if is_told && !outcome.tally.has_changes() && self.unseen.insert(link.id) => {
                now + UNSEEN_INTERVAL
            }
            Some(_) => {
                self.unseen.remove(&link.id);
                regular(self.interval())
            }
        };
        self.schedule.pull_at(link.id, next);
    }

    /// The row of a link as the pull has left it.
    async fn refresh_link(&mut self, id: LinkId) -> Result<(), StoreError> {
        if let Some(fresh) = self.inner.store.link(id).await?
            && let Some(link) = self.links.iter_mut().find(|link| link.id == id)
        {
            *link = fresh;
        }
        Ok(())
    }

    async fn link_report(
        &self,
        link: &Link,
        outcome: PullOutcome,
        error: Option<String>,
    ) -> Result<LinkReport, StoreError> {
        let calendar = self.inner.store.calendar(link.calendar_id).await?;
        Ok(LinkReport {
            link_id: link.id,
            calendar: calendar.map(|calendar| calendar.name).unwrap_or_default(),
            account: self.integration.account.clone(),
            pages: outcome.pages,
            created: outcome.tally.created,
            updated: outcome.tally.updated,
            deleted: outcome.tally.deleted,
            unreadable: outcome.tally.unreadable,
            error,
        })
    }

    /// The service answered, and all that was due is done.
    async fn succeeded(&mut self, due: &BTreeSet<LinkId>, report: &PassReport) {
        let now = self.inner.clock.now();
        self.schedule.answered();
        let is_complete = report.links.iter().all(|link| link.error.is_none());
        if !due.is_empty() && is_complete {
            self.expect_success(now);
            self.inner.board.update(self.id, |standing| standing.last_success_at = Some(now));
            if let Err(error) = self.keep_success(now).await {
                tracing::warn!(integration = %self.id, %error, "a success could not be written down");
            }
        }
        self.show(Activity::Idle, None).await;
    }

    async fn keep_success(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let is_recent = self
            .integration
            .last_success_at
            .is_some_and(|last| now - last < SUCCESS_KEPT_EVERY && last <= now);
        if is_recent && self.integration.last_error.is_none() {
            return Ok(());
        }
        let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
        if let Some(mut integration) = transaction.integration(self.id).await? {
            integration.last_success_at = Some(now);
            integration.last_error = None;
            transaction.put_integration(&integration).await?;
            transaction.commit().await?;
            self.integration = integration;
        }
        Ok(())
    }

    /// The account cannot go on for now. Returns why, for whoever waits for the pass.
    async fn halted(&mut self, halt: Halt) -> Option<String> {
        let now = self.inner.clock.now();
        let chance = self.inner.chance.fraction();
        let rest = |(first, longest)| move |failures| backoff(failures, first, longest, chance);
        let (activity, reason) = match halt {
            Halt::Stopping => return Some("Synodic is closing".to_owned()),
            Halt::Offline { reason } => {
                let retry_at = self.schedule.rest(Rest::Offline, now, rest(OFFLINE_RESTS));
                (Activity::Offline { retry_at }, reason)
            }
            Halt::Rest { at_least, reason } => {
                let wait = |failures| rest(SERVICE_RESTS)(failures).max(at_least.unwrap_or_default());
                (Activity::BackingOff { until: self.schedule.rest(Rest::BackingOff, now, wait) }, reason)
            }
            Halt::Store(error) => {
                let until = self.schedule.rest(Rest::BackingOff, now, rest(DISK_RESTS));
                (Activity::BackingOff { until }, error.to_string())
            }
            Halt::SignIn { reason } => {
                if let Err(error) = self.keep_refusal(&reason).await {
                    tracing::warn!(integration = %self.id, %error, "a refused sign-in could not be written down");
                }
                (Activity::NeedsSignIn, reason)
            }
        };
        tracing::info!(integration = %self.id, ?activity, %reason, "an account cannot go on for now");
        self.show(activity, Some(reason.clone())).await;
        Some(reason)
    }

    async fn keep_refusal(&mut self, reason: &str) -> Result<(), StoreError> {
        self.integration.status = IntegrationStatus::NeedsSignIn;
        self.integration.last_error = Some(reason.to_owned());
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        if let Some(mut integration) = transaction.integration(self.id).await? {
            integration.status = IntegrationStatus::NeedsSignIn;
            integration.last_error = Some(reason.to_owned());
            transaction.put_integration(&integration).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// The program is not set up for this account.
    async fn cannot_connect(&mut self, error: &EngineError) {
        let now = self.inner.clock.now();
        let until = self.schedule.rest(Rest::BackingOff, now, |_| TROUBLED_INTERVAL);
        self.show(Activity::BackingOff { until }, Some(error.to_string())).await;
    }

    async fn show(&self, activity: Activity, message: Option<String>) {
        let listening = self.listening();
        self.inner.board.update(self.id, |standing| {
            standing.activity = activity;
            standing.message = message;
            standing.listening = listening;
        });
        self.inner.refresh_snapshot().await;
    }
}

/// What breaks a pull off.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the account cannot go on for now")]
    Halt(Halt),
    #[error(transparent)]
    Pull(#[from] PullError),
}

impl From<Halt> for Interrupted {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}
