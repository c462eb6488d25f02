//! How edits go out: rows of the outbox are claimed, carried out, and settled. [`crate::queue`] tells the whole story.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use synodic_model::sync::{Link, LogAction, Operation, ProviderKind, QueueEntry};
use synodic_model::{
    Event, EventContent, ExternalId, FieldSet, IntegrationId, LinkId, QueueId, RemoteVersion,
};
use synodic_providers::{
    Class, Creation, Identity, NotifyAttendees, Provider, ProviderError, RemoteChange, RemoteOccurrence,
    Update, recognise,
};

use crate::engine::Inner;
use crate::error::CallFailed;
use crate::halt::Halt;
use crate::queue::Payload;
use crate::services::Client;

mod claim;
mod failed;
mod follow;
mod moved;
mod occurrence;
mod settle;
mod subject;
pub(crate) mod write;

use self::claim::{Claim, Claims};
pub(crate) use self::occurrence::mark_plain;
use self::occurrence::{Place, stays_an_exception};
use self::write::{Elsewhere, Subject, Write};

/// Requests of one account under way at once.
const AT_ONCE: usize = 4;
/// How often one row is looked at anew (merged, recreated, asked about) before it has to wait.
const ROUNDS: u32 = 5;
/// How long an override waits for its series to be taken, and a deletion for the copy elsewhere.
const SERIES_WAIT: TimeDelta = TimeDelta::minutes(5);

/// Which rows are to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The person's own edits that are due; what is sent between the pages of a pull.
    Interactive,
    /// All that are due.
    Due,
    /// All, also those that wait after a failure.
    Everything,
}

/// What a push did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PushOutcome {
    /// Writes that a remote took.
    pub(crate) sent: u32,
    /// Rows that wait until their link has been read, each with the link.
    pub(crate) unlooked: BTreeMap<QueueId, LinkId>,
    /// Whether a remote refused a write as if the calendar may only be read now, or is gone.
    pub(crate) is_access_doubted: bool,
}

/// A row being carried out.
#[derive(Debug)]
struct Job {
    entry: QueueEntry,
    link: Link,
    provider: ProviderKind,
    expressible: FieldSet,
    may_be_there: bool,
    began_at: DateTime<Utc>,
}

impl Job {
    const fn action(&self) -> LogAction {
        match self.entry.operation {
            Operation::Upsert => LogAction::Update,
            Operation::Delete => LogAction::Delete,
        }
    }

    fn notify(&self) -> NotifyAttendees {
        Payload::read(&self.entry.payload).notify
    }
}

/// Sends what waits for one account, except over the links of `waiting`. What would sweep away edits of others that we
/// have not seen waits until its link has been read; for the rows of `looked` that has been done. `on_progress` is told
/// how many rows are done.
pub(crate) async fn push(
    inner: &Inner,
    client: &Client,
    integration: IntegrationId,
    scope: Scope,
    waiting: &BTreeSet<LinkId>,
    looked: &BTreeSet<QueueId>,
    on_progress: &(dyn Fn(u32) + Send + Sync),
) -> Result<PushOutcome, Halt> {
    let push = Push {
        inner,
        client,
        looked,
        unlooked: Mutex::default(),
        sent: AtomicU32::new(0),
        is_halted: AtomicBool::new(false),
        is_access_doubted: AtomicBool::new(false),
    };
    let mut claims = Claims::new(inner, integration, scope, waiting);
    let mut done = 0;
    loop {
        if inner.stop.is_cancelled() {
            return Err(Halt::Stopping);
        }
        let groups = claims.next().await?;
        if groups.is_empty() {
            return Ok(push.outcome());
        }
        let mut results =
            stream::iter(groups).map(|group| push.carry_out_group(group)).buffer_unordered(AT_ONCE);
        let mut halt = None;
        while let Some(result) = results.next().await {
            match result {
                Ok(rows) => {
                    done += rows;
                    on_progress(done);
                }
                Err(reason) => {
                    push.is_halted.store(true, Ordering::Relaxed);
                    halt.get_or_insert(reason);
                }
            }
        }
        if let Some(halt) = halt {
            return Err(halt);
        }
    }
}

struct Push<'a> {
    inner: &'a Inner,
    client: &'a Client,
    looked: &'a BTreeSet<QueueId>,
    unlooked: Mutex<BTreeMap<QueueId, LinkId>>,
    sent: AtomicU32,
    is_halted: AtomicBool,
    is_access_doubted: AtomicBool,
}

impl Push<'_> {
    fn outcome(&self) -> PushOutcome {
        PushOutcome {
            sent: self.sent.load(Ordering::Relaxed),
            unlooked: self.unlooked.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            is_access_doubted: self.is_access_doubted.load(Ordering::Relaxed),
        }
    }

    /// Carries out the rows of one series, one after the other. Returns how many are done with.
    async fn carry_out_group(&self, group: Vec<Claim>) -> Result<u32, Halt> {
        let mut halt = None;
        let mut done = 0;
        for claim in group {
            if halt.is_some() || self.is_halted.load(Ordering::Relaxed) || self.inner.stop.is_cancelled() {
                settle::release(self.inner, &claim.entry, claim.entry.scheduled_for, claim.may_be_there)
                    .await?;
                continue;
            }
            match Box::pin(self.carry_out(claim)).await {
                Ok(()) => done += 1,
                Err(reason) => {
                    self.is_halted.store(true, Ordering::Relaxed);
                    halt = Some(reason);
                }
            }
        }
        halt.map_or(Ok(done), Err)
    }

    /// Carries out one row, and settles it one way or another.
    async fn carry_out(&self, claim: Claim) -> Result<(), Halt> {
        let Some(link) = self.inner.store.link(claim.entry.link_id).await? else { return Ok(()) };
        let mut job = Job {
            entry: claim.entry,
            provider: self.client.kind(),
            expressible: self.client.expressible((&link).into()),
            link,
            may_be_there: claim.may_be_there,
            began_at: self.inner.clock.now(),
        };
        let mut doubt = None;
        for _ in 0..ROUNDS {
            let subject = self.subject(&job).await?;
            let write = subject.write(&job.link, job.expressible);
            if self.must_look(&job, write.is_sweeping(&subject)) {
                let at = job.entry.scheduled_for.min(self.inner.clock.now());
                settle::release(self.inner, &job.entry, at, job.may_be_there).await?;
                return Ok(());
            }
            if let Some(id) = self.unanswered(&job, &subject, &write) {
                match Box::pin(self.look(&job, &id)).await? {
                    Round::Settled => return Ok(()),
                    Round::LookAgain => continue,
                }
            }
            if makes_anew(job.provider, &write) && !subject.is_noted() {
                // Its former place is gone since it was claimed, and what it is about to get is a new one.
                settle::note_attempt(self.inner, &job).await?;
                job.may_be_there = false;
            }
            let round = match Box::pin(self.perform(&job, &subject, &write)).await {
                Ok(round) => round,
                Err(CallFailed::Store(error)) => return Err(error.into()),
                Err(CallFailed::Provider(error)) => {
                    job.may_be_there |= error.class() == Class::Uncertain;
                    Box::pin(self.face(&job, &subject, &write, error, &mut doubt)).await?
                }
            };
            match round {
                Round::Settled => return Ok(()),
                Round::LookAgain => {}
            }
        }
        let error = doubt.unwrap_or(ProviderError::VersionMismatch);
        settle::retry_later(self.inner, &job, &error).await?;
        Ok(())
    }

    /// Whether the link has to be read before the row may go; notes that.
    fn must_look(&self, job: &Job, is_sweeping: bool) -> bool {
        let must_look = is_sweeping && job.link.direction.pulls() && !self.looked.contains(&job.entry.id);
        if must_look {
            let mut unlooked = self.unlooked.lock().unwrap_or_else(PoisonError::into_inner);
            unlooked.insert(job.entry.id, job.link.id);
        }
        must_look
    }

    /// The event's id where nothing is to be sent because it says again what both sides had agreed on, while the remote may
    /// have taken something else from us. What it says then is no edit of anybody's, and has to be known before.
    fn unanswered(&self, job: &Job, subject: &Subject, write: &Write) -> Option<ExternalId> {
        let id = subject.sync.as_ref().and_then(|row| row.external_id.clone());
        let is_wanted = *write == Write::Nothing && subject.is_wanted(&job.link);
        id.filter(|id| is_wanted && self.inner.echoes.is_in_doubt(job.link.id, id))
    }

    /// Sends what is to be sent and settles what came of it.
    async fn perform(&self, job: &Job, subject: &Subject, write: &Write) -> Result<Round, CallFailed> {
        match write {
            // How it stands here goes along with it, so that what was edited before it left is not taken for sent.
            Write::Nothing if subject.elsewhere == Elsewhere::MovesFromHere => {
                settle::left_to_the_move(self.inner, job).await?;
            }
            Write::Nothing => {
                let revision = subject.event.as_ref().map(|event| event.revision);
                settle::up_to_date(self.inner, job, revision).await?;
            }
            Write::Forget => settle::gone(self.inner, job, None).await?,
            Write::AwaitSeries | Write::AwaitCopy => {
                let at = self.inner.clock.now() + SERIES_WAIT;
                settle::release(self.inner, &job.entry, at, job.may_be_there).await?;
            }
            Write::Create { occurrence_of } => {
                return self.create(job, subject, occurrence_of.as_ref()).await;
            }
            Write::Update { id, desired } => {
                if subject.brings_back() && job.provider != ProviderKind::Notion {
                    match self.place_of(job, subject).await? {
                        Place::There => {}
                        Place::Changed => return Ok(Round::LookAgain),
                        Place::Gone => {
                            if let Some(event) = &subject.event {
                                settle::orphaned(self.inner, job, event).await?;
                            }
                            return Ok(Round::Settled);
                        }
                    }
                }
                self.update(job, subject, id, desired).await?;
            }
            Write::Delete { id } => {
                let version = subject.sync.as_ref().and_then(|row| row.remote_version.as_ref());
                self.delete(job, id, version).await?;
                self.inner.echoes.deleted(job.link.id, id, version, self.inner.clock.now());
                self.count_sent();
                settle::gone(self.inner, job, Some(LogAction::Delete)).await?;
            }
            Write::Move { origin } => {
                let to = (&job.link).into();
                let moved = self.client.move_event(&origin.calendar, &origin.id, to, job.notify()).await?;
                self.count_sent();
                moved::arrived(self.inner, job, origin, &moved).await?;
                self.meet(job, RemoteChange::Present(Box::new(moved))).await?;
                // What was edited beside goes out now.
                return Ok(Round::LookAgain);
            }
            Write::Orphan => {
                if let Some(event) = &subject.event {
                    settle::orphaned(self.inner, job, event).await?;
                }
            }
            Write::Recover => return self.recover(job, subject).await,
        }
        Ok(Round::Settled)
    }

    async fn create(
        &self,
        job: &Job,
        subject: &Subject,
        occurrence_of: Option<&RemoteOccurrence>,
    ) -> Result<Round, CallFailed> {
        let Some(event) = &subject.event else { return Ok(Round::LookAgain) };
        if let Some(occurrence) = occurrence_of.filter(|_| job.provider != ProviderKind::Notion)
            && subject.is_plain()
        {
            return self.leave_to_series(job, subject, event, occurrence).await;
        }
        let content = subject.told(&event.content);
        let creation = creation(job, subject, event, &content, occurrence_of.cloned());
        let mut returned = self.client.create((&job.link).into(), &creation).await?;
        recognise(job.provider, &job.link.settings, &content, &mut returned.content);
        self.count_sent();
        let differs = !FieldSet::differing(job.expressible, &content, &returned.content).is_empty();
        if differs && (subject.may_be_there || occurrence_of.is_some()) {
            // It was there before, and somebody may have changed it since.
            self.meet(job, RemoteChange::Present(Box::new(returned))).await?;
            return Ok(Round::LookAgain);
        }
        settle::taken(self.inner, job, event, &content, returned, LogAction::Create).await?;
        Ok(Round::Settled)
    }

    async fn update(
        &self,
        job: &Job,
        subject: &Subject,
        id: &ExternalId,
        desired: &EventContent,
    ) -> Result<(), CallFailed> {
        let Some(event) = &subject.event else { return Ok(()) };
        let row = subject.sync.as_ref();
        let update = Update {
            id,
            version: row.and_then(|row| row.remote_version.as_ref()),
            base: row.and_then(|row| row.base.as_ref()),
            desired,
            notify: subject.notify(job.notify()),
        };
        let now = self.inner.clock.now();
        self.inner.echoes.tries(job.link.id, id, desired, now);
        let mut returned = self.client.update((&job.link).into(), &update).await?;
        self.inner.echoes.answered(job.link.id, id);
        recognise(job.provider, &job.link.settings, desired, &mut returned.content);
        self.count_sent();
        if subject.is_wanted(&job.link) {
            settle::taken(self.inner, job, event, desired, returned, LogAction::Update).await?;
        } else if stays_an_exception(job, subject, &returned) {
            settle::plain_again(self.inner, job, event, desired, returned).await?;
        } else {
            self.inner.echoes.wrote(job.link.id, &returned, self.inner.clock.now());
            settle::gone(self.inner, job, Some(LogAction::Delete)).await?;
        }
        Ok(())
    }

    async fn delete(
        &self,
        job: &Job,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
    ) -> Result<(), ProviderError> {
        let echoes = &self.inner.echoes;
        let was_tried = echoes.tries_to_delete(job.link.id, id, self.inner.clock.now());
        let deleted = self.client.delete((&job.link).into(), id, version, job.notify()).await;
        match deleted.as_ref().map_err(ProviderError::class) {
            Ok(()) => echoes.answered(job.link.id, id),
            Err(Class::Uncertain | Class::Unsettled { .. }) => {}
            Err(_) if was_tried => {}
            Err(_) => echoes.not_deleted(job.link.id, id),
        }
        deleted
    }

    /// Repeats a creation to learn what became of it. What it made is deleted in the next round.
    async fn recover(&self, job: &Job, subject: &Subject) -> Result<Round, CallFailed> {
        let Some(event) = &subject.event else { return Ok(Round::LookAgain) };
        let content = subject.told(&event.content);
        let creation = creation(job, subject, event, &content, None);
        let creation = Creation { notify: NotifyAttendees::Nobody, ..creation };
        match self.client.create((&job.link).into(), &creation).await {
            Ok(returned) => {
                // Somebody may have edited it meanwhile, and then it is not to be deleted.
                self.meet(job, RemoteChange::Present(Box::new(returned))).await?;
                Ok(Round::LookAgain)
            }
            // It is deleted already, or was never taken.
            Err(error) if error.class() == Class::Permanent => {
                settle::gone(self.inner, job, None).await?;
                Ok(Round::Settled)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn count_sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether something is there twice when this is sent twice. An edited occurrence is a page of its own at Notion, and
/// elsewhere a part of its series, which is what is sent.
fn makes_anew(provider: ProviderKind, write: &Write) -> bool {
    match write {
        Write::Create { occurrence_of } => occurrence_of.is_none() || provider == ProviderKind::Notion,
        _ => false,
    }
}

/// Whether the row that was claimed is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// It is, one way or another.
    Settled,
    /// The event, or what is known of it, has changed: decide anew.
    LookAgain,
}

fn creation<'a>(
    job: &Job,
    subject: &Subject,
    event: &'a Event,
    content: &'a EventContent,
    occurrence_of: Option<RemoteOccurrence>,
) -> Creation<'a> {
    let incarnation = subject.sync.as_ref().map_or(0, |row| row.incarnation);
    Creation {
        identity: Identity { event_id: event.id, link: job.link.id.uuid(), incarnation },
        uid: &event.uid,
        content,
        occurrence_of,
        may_be_there: subject.may_be_there,
        notify: subject.notify(job.notify()),
    }
}
