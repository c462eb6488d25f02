//! One turn of a worker: it takes the marks, and does what is due.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use synodic_model::sync::{IntegrationStatus, Link};
use synodic_model::{LinkId, QueueId};
use synodic_providers::{Class, Provider, ProviderError};
use synodic_store::StoreError;
use tokio_util::sync::CancellationToken;

use super::marks::Work;
use super::schedule::Rest;
use super::{PassReport, TROUBLED_INTERVAL, Worker, awaits_first_pull};
use crate::halt::{Halt, Interrupted};
use crate::pull::{Pull, PullError, PullOutcome, Step, Verdict};
use crate::push::{PushOutcome, Scope, push};
use crate::review::Review;
use crate::services::Client;
use crate::snapshot::{Phase, Progress};
use crate::status::{Activity, Trouble};
use crate::upcoming;
use crate::view::{Change, LinkReport, ReviewSide, Way};

/// How soon a link is read again when a message spoke of a change that could not be seen.
const UNSEEN_INTERVAL: TimeDelta = TimeDelta::seconds(5);
/// How often links are read once more in one turn because of what the person edits meanwhile.
const LOOKS: usize = 3;
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
        let is_asked = work.at_once
            || !work.passes.is_empty()
            || !work.audits.is_empty()
            || !work.approved.is_empty()
            || !work.kept.is_empty();
        if !is_asked && (!self.inner.config.autonomous || self.is_paused()) {
            return;
        }
        if work.refused
            && let Err(error) = self.take_up_refused().await
        {
            tracing::warn!(integration = %self.id, %error, "what was refused cannot be tried again");
        }
        let passes = std::mem::take(&mut work.passes);
        let audits = std::mem::take(&mut work.audits);
        let is_pass = !passes.is_empty() || !audits.is_empty();
        let report = self.sync(&work, is_asked, is_pass).await;
        for reply in passes {
            let _ = reply.send(report.clone());
        }
        if !audits.is_empty() {
            let audited = Box::pin(self.audit_all(&report)).await;
            for reply in audits {
                let _ = reply.send(audited.clone());
            }
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
        let client = match self.inner.provider(&self.integration).await {
            Ok(client) => client,
            Err(error) => {
                self.cannot_connect(&error).await;
                report.error = Some(error.to_string());
                return report;
            }
        };
        let due: BTreeSet<LinkId> = self
            .links
            .iter()
            .filter(|link| self.is_pulled(link))
            .filter(|link| is_pass || work.pull.contains(link.id) || self.schedule.is_due(link.id, now))
            .map(|link| link.id)
            .collect();
        let mut client = client;
        let mut result = self.carry_out_in_time(&client, work, is_asked, &due, &mut report).await;
        if matches!(result, Err(Halt::SignIn { .. }))
            && !self.inner.clients.is_current(self.id, &client)
            && let Ok(signed_in) = self.inner.provider(&self.integration).await
        {
            // What was refused is the sign-in from before: the person has signed in again meanwhile.
            client = signed_in;
            result = self.carry_out_in_time(&client, work, is_asked, &due, &mut report).await;
        }
        match result {
            Ok(()) => {
                self.succeeded(&due, &report).await;
                if self.inner.config.autonomous && !is_asked {
                    Box::pin(self.audit_when_idle(&client)).await;
                }
            }
            Err(halt) => report.error = self.halted(halt).await,
        }
        report
    }

    /// Sends, reads, and sends what reading left to send.
    pub(super) async fn carry_out(
        &mut self,
        client: &Client,
        work: &Work,
        is_asked: bool,
        due: &BTreeSet<LinkId>,
        report: &mut PassReport,
    ) -> Result<(), Halt> {
        if std::mem::take(&mut self.must_release)
            && let Err(error) = self.inner.release_processing(self.id).await
        {
            self.must_release = true;
            return Err(error.into());
        }
        if self.wants_listing(work.at_once, !due.is_empty()) {
            Box::pin(self.look_at_calendars(client, &mut report.pushed)).await?;
        }
        let mut due = due.clone();
        let mut scope = if is_asked { Scope::Everything } else { Scope::Due };
        let mut looked = BTreeSet::new();
        for _ in 0..=LOOKS {
            let outcome = Box::pin(self.push(client, scope, &looked)).await?;
            report.pushed += outcome.sent;
            due.extend(outcome.unlooked.values());
            if due.is_empty() {
                break;
            }
            let due = std::mem::take(&mut due);
            let pulled = Box::pin(self.pull_all(client, work, is_asked, &due, report)).await?;
            looked = outcome
                .unlooked
                .into_iter()
                .filter(|(_, link)| pulled.contains(link))
                .map(|(row, _)| row)
                .collect();
            scope = Scope::Due;
        }
        if self.must_list.swap(false, Ordering::Relaxed) {
            Box::pin(self.look_at_calendars(client, &mut report.pushed)).await?;
        }
        self.keep_channels(client, &mut report.pushed).await
    }

    /// Reads the links that are due. Returns those that were read to the end.
    async fn pull_all(
        &mut self,
        client: &Client,
        work: &Work,
        is_asked: bool,
        due: &BTreeSet<LinkId>,
        report: &mut PassReport,
    ) -> Result<BTreeSet<LinkId>, Halt> {
        let now = self.inner.clock.now();
        let mut pulled = BTreeSet::new();
        for link in self.links.clone() {
            if !due.contains(&link.id) || self.resting.contains_key(&link.id) {
                continue;
            }
            let verdict = work.verdict(link.id);
            let is_told = work.told.contains(&link.id);
            // Whoever looks because of an edit of the person's does not expect to have been told.
            let is_regular = !is_asked && !work.pull.contains(link.id) && self.schedule.is_due(link.id, now);
            let outcome = Box::pin(self.pull(client, &link, (verdict, self.way(is_told)), report)).await?;
            if outcome.is_some() {
                pulled.insert(link.id);
                Box::pin(self.follow_upcoming(client, &link)).await?;
            }
            if is_regular {
                self.listen_to(&link, outcome);
            }
            self.plan_next_pull(&link, outcome, is_told);
        }
        Ok(pulled)
    }

    async fn push(
        &self,
        client: &Client,
        scope: Scope,
        looked: &BTreeSet<QueueId>,
    ) -> Result<PushOutcome, Halt> {
        let settled = AtomicU32::new(0);
        let show = |done| {
            settled.store(done, Ordering::Relaxed);
            let progress = Progress { phase: Phase::Pushing, done, total: None };
            self.inner.board.update(self.id, |standing| standing.activity = Activity::Syncing(progress));
        };
        let mut waiting = self.waiting();
        self.hold_up(&mut waiting).await?;
        let outcome = push(&self.inner, client, self.id, scope, &waiting, looked, &show).await;
        if settled.load(Ordering::Relaxed) > 0 {
            // How an event stands with its links is part of how it is shown.
            let calendar_ids: BTreeSet<_> = self.links.iter().map(|link| link.calendar_id).collect();
            self.inner.notify(Change::Events {
                calendar_ids: calendar_ids.into_iter().collect(),
                from_remote: false,
            });
            self.inner.refresh_snapshot().await;
        }
        if outcome.as_ref().is_ok_and(|outcome| outcome.is_access_doubted) {
            self.must_list.store(true, Ordering::Relaxed);
        }
        outcome
    }

    /// Adds the links whose edits would change much at the service, until the person has looked.
    async fn hold_up(&self, waiting: &mut BTreeSet<LinkId>) -> Result<(), StoreError> {
        for link in self.links.iter().filter(|link| link.direction.pushes()) {
            if waiting.contains(&link.id) {
                continue;
            }
            let review = self.inner.outgoing_review(link).await?;
            let key = (link.id, ReviewSide::There);
            self.inner.board.update(self.id, |standing| match &review {
                Some(review) => drop(standing.reviews.insert(key, review.clone())),
                None => drop(standing.reviews.remove(&key)),
            });
            if review.is_some() {
                waiting.insert(link.id);
            }
        }
        Ok(())
    }

    /// Links whose edits wait: for the first pull, or as long as the link rests.
    fn waiting(&self) -> BTreeSet<LinkId> {
        let waiting = self.links.iter().filter(|link| awaits_first_pull(link)).map(|link| link.id);
        waiting.chain(self.resting.keys().copied()).collect()
    }

    /// What makes us ask now.
    fn way(&self, is_told: bool) -> Way {
        if is_told {
            Way::Push
        } else if *self.inner.in_use.borrow() {
            Way::FastPoll
        } else {
            Way::SlowPoll
        }
    }

    /// Reads one link to the end. A failure that is the link's own does not keep the others.
    pub(super) async fn pull(
        &mut self,
        client: &Client,
        link: &Link,
        (verdict, way): (Verdict, Way),
        report: &mut PassReport,
    ) -> Result<Option<PullOutcome>, Halt> {
        let mut pushed = 0;
        self.read_from.insert(link.id, (self.inner.clock.now(), self.inner.clock.awake()));
        let mut outcome = PullOutcome::default();
        let result = self.read_pages(client, link, (verdict, way), &mut outcome, &mut pushed).await;
        report.pushed += pushed;
        let error = result.as_ref().err().map(ToString::to_string);
        report.links.push(self.link_report(link, outcome, error).await?);
        match result {
            Ok(()) => {
                let notice = client.notices(link.into()).into_iter().next();
                self.inner.board.update(self.id, |standing| {
                    standing.troubles.remove(&link.id);
                    standing.unreadable.remove(&link.id);
                    standing.reviews.remove(&(link.id, ReviewSide::Here));
                    if let Some(notice) = notice {
                        let message = format!("{}: {notice}", link.remote_name);
                        standing.troubles.insert(link.id, Trouble { message, is_review: false });
                    }
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

    /// Lets the pages of the next occurrences follow their series. A failure that is the link's own waits for the next time.
    async fn follow_upcoming(&mut self, client: &Client, link: &Link) -> Result<(), Halt> {
        let mut pushed = 0;
        let following = upcoming::follow(&self.inner, client, link);
        match self.beside_pushes(client, following, &mut pushed).await? {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::warn!(link = %link.id, %error, "the next occurrences could not be brought up to date");
                self.link_failed(link, error)
            }
        }
    }

    async fn read_pages(
        &self,
        client: &Client,
        link: &Link,
        (verdict, way): (Verdict, Way),
        outcome: &mut PullOutcome,
        pushed: &mut u32,
    ) -> Result<(), Interrupted> {
        let mut pull = Pull::begin(&self.inner, link, verdict, way).await?;
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

    /// Fetches one page and writes it down.
    async fn read_page(
        &self,
        client: &Client,
        pull: &mut Pull,
        pushed: &mut u32,
    ) -> Result<Step, Interrupted> {
        let fetched = self.beside_pushes(client, pull.fetch(&self.inner, client), pushed).await??;
        Ok(pull.apply(&self.inner, client, fetched).await?)
    }

    /// Waits for an answer of the service. The person's edits go out meanwhile; when the program ends, the answer is no
    /// longer waited for.
    pub(super) async fn beside_pushes<T>(
        &self,
        client: &Client,
        answer: impl Future<Output = T>,
        pushed: &mut u32,
    ) -> Result<T, Halt> {
        let arrived = CancellationToken::new();
        let answer = async {
            let answer = tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(Halt::Stopping),
                answer = answer => Ok(answer),
            };
            arrived.cancel();
            answer
        };
        // Both are polled side by side, for either may hold what the other waits for, such as a new token.
        let (answer, sent) = tokio::join!(answer, self.push_until(&arrived, client));
        *pushed += sent?;
        answer
    }

    /// Sends the person's edits as they are made, until `arrived`. What is on its way then is finished.
    async fn push_until(&self, arrived: &CancellationToken, client: &Client) -> Result<u32, Halt> {
        let mut sent = 0;
        loop {
            tokio::select! {
                biased;
                () = arrived.cancelled() => return Ok(sent),
                () = self.marks.push_wanted() => {
                    // What has to wait for a look goes when this page and the others have been read.
                    sent += self.push(client, Scope::Interactive, &BTreeSet::new()).await?.sent;
                }
            }
        }
    }

    /// What a failed pull means: for the account, or for this link alone.
    pub(super) fn link_failed(&mut self, link: &Link, error: PullError) -> Result<(), Halt> {
        let is_review = matches!(error, PullError::Review { .. });
        let message = format!("{}: {error}", link.remote_name);
        match error {
            PullError::Store(error) => return Err(Halt::Store(error)),
            PullError::Provider(error) => {
                if let Some(halt) = Halt::of(&error) {
                    return Err(halt);
                }
                // It may be that the calendar is gone, or not shared any more.
                if matches!(error, ProviderError::Refused { .. }) {
                    self.must_list.store(true, Ordering::Relaxed);
                    self.inner.board.update(self.id, |standing| {
                        standing.unreadable.insert(link.id);
                    });
                }
                // Reading again does no harm, so an answer that got lost is no more than a failure of the service. One
                // that came whole and makes no sense is about this link, and must not keep the others.
                let makes_no_sense = matches!(error, ProviderError::Unreadable { .. });
                if error.class() == Class::Uncertain && !makes_no_sense {
                    return Err(Halt::Rest { at_least: None, reason: error.to_string() });
                }
            }
            PullError::Review { removals, known, titles } => {
                let review = Review {
                    deletions: u32::try_from(removals).unwrap_or(u32::MAX),
                    creations: 0,
                    known: u32::try_from(known).unwrap_or(u32::MAX),
                    titles,
                    guests: 0,
                    message: message.clone(),
                };
                self.inner.board.update(self.id, |standing| {
                    standing.reviews.insert((link.id, ReviewSide::Here), review);
                });
            }
            PullError::Endless => {}
        }
        self.inner.board.update(self.id, |standing| {
            standing.troubles.insert(link.id, Trouble { message, is_review });
        });
        Ok(())
    }

    /// A channel that said nothing of what has been found by asking is replaced. At worst its message was on its way.
    fn listen_to(&mut self, link: &Link, outcome: Option<PullOutcome>) {
        let has_news = outcome.is_some_and(|outcome| outcome.tally.has_changes());
        let was_listening = link.last_pulled_at.is_some_and(|last| last >= self.began_at);
        if has_news && was_listening && self.inner.channels.is_live(link, self.inner.clock.now()) {
            tracing::info!(link = %link.id, "a notification channel is silent and is replaced");
            self.deaf.insert(link.id);
        }
    }

    fn plan_next_pull(&mut self, link: &Link, outcome: Option<PullOutcome>, is_told: bool) {
        let now = self.inner.clock.now();
        let regular = |interval| crate::clock::after(now, self.inner.chance.around(interval));
        if !is_told && outcome.is_some_and(|outcome| outcome.tally.has_changes()) {
            self.inner.notion_messages.missed(self.id);
        }
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
    pub(super) async fn refresh_link(&mut self, id: LinkId) -> Result<(), StoreError> {
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
}
