//! How edits go out: rows of the outbox are claimed, carried out, and settled. [`crate::queue`] tells the whole story.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use synodic_model::sync::{
    Link, LogAction, Operation, PRIORITY_INTERACTIVE, ProviderKind, QueueEntry, QueueStatus,
};
use synodic_model::{Event, EventContent, EventId, ExternalId, FieldSet, IntegrationId, LinkId, QueueId};
use synodic_providers::{
    Class, Creation, Identity, NotifyAttendees, Provider, ProviderError, RemoteChange, RemoteOccurrence,
    Update,
};
use synodic_store::{Durability, StoreError, Transaction};

use crate::engine::Inner;
use crate::halt::Halt;
use crate::pull::{apply_changes, tell, terms};
use crate::queue::{Payload, may_be_there};
use crate::services::Client;

mod settle;
pub(crate) mod write;

use self::write::{Series, Subject, Write};

/// Rows that are claimed at once.
const BATCH: u32 = 32;
/// Requests of one account under way at once.
const AT_ONCE: usize = 4;
/// How often one row is looked at anew (merged, recreated, asked about) before it has to wait.
const ROUNDS: u32 = 5;
/// How long an override waits for its series to be taken.
const SERIES_WAIT: TimeDelta = TimeDelta::minutes(5);
/// Longer than anything waits.
const A_CENTURY: TimeDelta = TimeDelta::days(36_500);

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PushOutcome {
    /// Writes that a remote took.
    pub(crate) sent: u32,
}

/// A row that was taken from the outbox.
#[derive(Debug)]
struct Claim {
    entry: QueueEntry,
    /// Whether an earlier attempt may have created the event.
    may_be_there: bool,
    is_override: bool,
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

/// Sends what waits for one account, except over the links of `waiting`. `on_progress` is told how many rows are done.
pub(crate) async fn push(
    inner: &Inner,
    client: &Client,
    integration: IntegrationId,
    scope: Scope,
    waiting: &BTreeSet<LinkId>,
    on_progress: &(dyn Fn(u32) + Send + Sync),
) -> Result<PushOutcome, Halt> {
    let push = Push {
        inner,
        client,
        integration,
        waiting,
        sent: AtomicU32::new(0),
        is_halted: AtomicBool::new(false),
    };
    let mut seen = BTreeSet::new();
    let mut done = 0;
    loop {
        if inner.stop.is_cancelled() {
            return Err(Halt::Stopping);
        }
        let groups = push.claim(scope, &mut seen).await?;
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
    integration: IntegrationId,
    waiting: &'a BTreeSet<LinkId>,
    sent: AtomicU32,
    is_halted: AtomicBool,
}

impl Push<'_> {
    fn outcome(&self) -> PushOutcome {
        PushOutcome { sent: self.sent.load(Ordering::Relaxed) }
    }

    /// Takes rows and marks them as being carried out. Rows of one series stay together, the series first.
    async fn claim(&self, scope: Scope, seen: &mut BTreeSet<QueueId>) -> Result<Vec<Vec<Claim>>, StoreError> {
        let now = self.inner.clock.now();
        let due_at = match scope {
            Scope::Interactive | Scope::Due => now,
            Scope::Everything => now + A_CENTURY,
        };
        let limit = BATCH.saturating_add(u32::try_from(seen.len()).unwrap_or(u32::MAX));
        let due = self.inner.store.queue_due(self.integration, due_at, limit).await?;
        if !due.iter().any(|entry| self.is_in(scope, entry, seen)) {
            return Ok(Vec::new());
        }
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        // Read again: what was due a moment ago may have been discarded.
        let due = transaction.queue_due(self.integration, due_at, limit).await?;
        let entries: Vec<_> = due.into_iter().filter(|entry| self.is_in(scope, entry, seen)).collect();
        let (entries, events) = with_series(&mut transaction, entries).await?;
        let mut groups: Vec<Vec<Claim>> = Vec::new();
        let mut places: BTreeMap<(EventId, LinkId), usize> = BTreeMap::new();
        for entry in entries {
            seen.insert(entry.id);
            let root = events.get(&entry.event_id).map_or(entry.event_id, root_of);
            let place = *places.entry((root, entry.link_id)).or_insert(groups.len());
            let claim = mark(&mut transaction, entry, &events).await?;
            match groups.get_mut(place) {
                Some(group) => group.push(claim),
                None => groups.push(vec![claim]),
            }
        }
        transaction.commit().await?;
        for group in &mut groups {
            group.sort_by_key(|claim| claim.is_override);
        }
        Ok(groups)
    }

    fn is_in(&self, scope: Scope, entry: &QueueEntry, seen: &BTreeSet<QueueId>) -> bool {
        let is_urgent = scope != Scope::Interactive || entry.priority >= PRIORITY_INTERACTIVE;
        is_urgent && !seen.contains(&entry.id) && !self.waiting.contains(&entry.link_id)
    }

    /// Carries out the rows of one series, one after the other. Returns how many are done with.
    async fn carry_out_group(&self, group: Vec<Claim>) -> Result<u32, Halt> {
        let mut halt = None;
        let mut done = 0;
        for claim in group {
            if halt.is_some() || self.is_halted.load(Ordering::Relaxed) || self.inner.stop.is_cancelled() {
                settle::release(self.inner, &claim.entry, claim.entry.scheduled_for).await?;
                continue;
            }
            match self.carry_out(claim).await {
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
            link,
            provider: self.client.kind(),
            expressible: self.client.expressible(),
            may_be_there: claim.may_be_there,
            began_at: self.inner.clock.now(),
        };
        let mut doubt = None;
        for _ in 0..ROUNDS {
            let subject = self.subject(&job).await?;
            let write = subject.write(&job.link, job.expressible);
            let round = match self.perform(&job, &subject, &write).await {
                Ok(round) => round,
                Err(CallFailed::Store(error)) => return Err(error.into()),
                Err(CallFailed::Provider(error)) => {
                    job.may_be_there = true;
                    self.face(&job, &subject, &write, error, &mut doubt).await?
                }
            };
            match round {
                Round::Settled => return Ok(()),
                Round::LookAgain => {}
            }
        }
        let error = doubt.unwrap_or(ProviderError::VersionMismatch);
        settle::retry_later(self.inner, &job, &error, None).await?;
        Ok(())
    }

    /// The event as it is now.
    async fn subject(&self, job: &Job) -> Result<Subject, StoreError> {
        let store = &self.inner.store;
        let event = store.event(job.entry.event_id).await?;
        let sync = store.event_sync(job.entry.event_id, job.link.id).await?;
        let series = match event.as_ref().and_then(|event| event.occurrence_of) {
            None => Series::None,
            Some(key) => match store.event(key.series_id).await?.filter(|series| series.deleted_at.is_none())
            {
                None => Series::Gone,
                Some(series) => {
                    let row = store.event_sync(series.id, job.link.id).await?;
                    row.and_then(|row| row.external_id)
                        .map_or(Series::Unsent, |id| Series::There { id, content: Box::new(series.content) })
                }
            },
        };
        let may_be_there = job.may_be_there && sync.as_ref().is_some_and(may_be_there);
        Ok(Subject { event, sync, series, may_be_there })
    }

    /// Sends what is to be sent and settles what came of it.
    async fn perform(&self, job: &Job, subject: &Subject, write: &Write) -> Result<Round, CallFailed> {
        match write {
            Write::Nothing => {
                let revision = subject.event.as_ref().map(|event| event.revision);
                settle::up_to_date(self.inner, job, revision).await?;
            }
            Write::Forget => settle::gone(self.inner, job, None).await?,
            Write::AwaitSeries => {
                let at = self.inner.clock.now() + SERIES_WAIT;
                settle::release(self.inner, &job.entry, at).await?;
            }
            Write::Create { occurrence_of } => {
                return self.create(job, subject, occurrence_of.as_ref()).await;
            }
            Write::Update { id, desired } => self.update(job, subject, id, desired).await?,
            Write::Delete { id } => {
                let version = subject.sync.as_ref().and_then(|row| row.remote_version.as_ref());
                self.client.delete(&job.link.remote_calendar_id, id, version, job.notify()).await?;
                self.count_sent();
                settle::gone(self.inner, job, Some(LogAction::Delete)).await?;
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
        let creation = creation(job, subject, event, occurrence_of.cloned());
        let returned = self.client.create(&job.link.remote_calendar_id, &creation).await?;
        self.count_sent();
        let differs = !FieldSet::differing(job.expressible, &event.content, &returned.content).is_empty();
        if differs && (subject.may_be_there || occurrence_of.is_some()) {
            // It was there before, and somebody may have changed it since.
            self.meet(job, RemoteChange::Present(Box::new(returned))).await?;
            return Ok(Round::LookAgain);
        }
        settle::taken(self.inner, job, event, &event.content, returned, LogAction::Create).await?;
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
            notify: job.notify(),
        };
        let returned = self.client.update(&job.link.remote_calendar_id, &update).await?;
        self.count_sent();
        if subject.is_wanted(&job.link) {
            settle::taken(self.inner, job, event, desired, returned, LogAction::Update).await?;
        } else {
            settle::gone(self.inner, job, Some(LogAction::Delete)).await?;
        }
        Ok(())
    }

    /// Repeats a creation to learn what became of it. What it made is deleted in the next round.
    async fn recover(&self, job: &Job, subject: &Subject) -> Result<Round, CallFailed> {
        let Some(event) = &subject.event else { return Ok(Round::LookAgain) };
        let creation = Creation { notify: NotifyAttendees::Nobody, ..creation(job, subject, event, None) };
        match self.client.create(&job.link.remote_calendar_id, &creation).await {
            Ok(returned) => {
                settle::recovered(self.inner, job, returned).await?;
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

    /// Does what the class of a failure asks for.
    async fn face(
        &self,
        job: &Job,
        subject: &Subject,
        write: &Write,
        error: ProviderError,
        doubt: &mut Option<ProviderError>,
    ) -> Result<Round, Halt> {
        tracing::debug!(event = %job.entry.event_id, link = %job.link.id, %error, "a write failed");
        let external = subject.sync.as_ref().and_then(|row| row.external_id.clone());
        match (error.class(), external) {
            (Class::Permanent, _) if matches!(error, ProviderError::IdentitySpent) => {
                settle::identity_spent(self.inner, job).await?;
                return Ok(Round::LookAgain);
            }
            (Class::Conflict, Some(id)) if matches!(error, ProviderError::Gone) => {
                self.meet(job, RemoteChange::Removed { id }).await?;
                return Ok(Round::LookAgain);
            }
            (Class::Conflict, Some(id)) => return self.look(job, &id).await,
            (Class::Uncertain, external) if doubt.is_none() => {
                *doubt = Some(error);
                return match (write, external) {
                    (Write::Update { .. } | Write::Delete { .. }, Some(id)) => self.look(job, &id).await,
                    // Everything else is safe to repeat as it is.
                    _ => Ok(Round::LookAgain),
                };
            }
            (Class::Permanent, _) => {
                settle::give_up(self.inner, job, &error, job.entry.retry_count + 1).await?;
            }
            _ => return self.wait(job, &error).await,
        }
        Ok(Round::Settled)
    }

    /// Puts the row off, and stops the account's work when the failure is not the row's own.
    async fn wait(&self, job: &Job, error: &ProviderError) -> Result<Round, Halt> {
        match Halt::of(error) {
            Some(halt @ (Halt::Offline { .. } | Halt::SignIn { .. })) => {
                settle::release(self.inner, &job.entry, job.entry.scheduled_for).await?;
                Err(halt)
            }
            Some(halt) if matches!(error, ProviderError::Vault(_)) => {
                settle::release(self.inner, &job.entry, job.entry.scheduled_for).await?;
                Err(halt)
            }
            Some(halt) => {
                let at_least = match &halt {
                    Halt::Rest { at_least, .. } => *at_least,
                    Halt::Offline { .. } | Halt::SignIn { .. } | Halt::Store(_) | Halt::Stopping => None,
                };
                settle::retry_later(self.inner, job, error, at_least).await?;
                Err(halt)
            }
            None => {
                settle::retry_later(self.inner, job, error, None).await?;
                Ok(Round::Settled)
            }
        }
    }

    /// Asks the remote what it has, and lets that go through the merge.
    async fn look(&self, job: &Job, id: &ExternalId) -> Result<Round, Halt> {
        let change = match self.client.read(&job.link.remote_calendar_id, id).await {
            Ok(Some(remote)) => RemoteChange::Present(Box::new(remote)),
            Ok(None) => RemoteChange::Removed { id: id.clone() },
            Err(error) => return self.wait(job, &error).await,
        };
        self.meet(job, change).await?;
        Ok(Round::LookAgain)
    }

    /// Takes in what the remote has of this event, as a pull would.
    async fn meet(&self, job: &Job, change: RemoteChange) -> Result<(), StoreError> {
        let terms = terms(self.inner, self.client, job.link.clone());
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let carried = Some(job.entry.event_id);
        let applied = apply_changes(&mut transaction, self.inner, &terms, vec![change], carried).await?;
        transaction.commit().await?;
        tell(self.inner, &terms, &applied.woken, applied.tally);
        Ok(())
    }

    fn count_sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
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

#[derive(Debug, thiserror::Error)]
enum CallFailed {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn creation<'a>(
    job: &Job,
    subject: &Subject,
    event: &'a Event,
    occurrence_of: Option<RemoteOccurrence>,
) -> Creation<'a> {
    let incarnation = subject.sync.as_ref().map_or(0, |row| row.incarnation);
    Creation {
        identity: Identity { event_id: event.id, link: job.link.id.uuid(), incarnation },
        uid: &event.uid,
        content: &event.content,
        occurrence_of,
        notify: job.notify(),
    }
}

/// Adds the rows of series that overrides among `entries` wait for, and reads all their events.
async fn with_series(
    transaction: &mut Transaction,
    mut entries: Vec<QueueEntry>,
) -> Result<(Vec<QueueEntry>, BTreeMap<EventId, Event>), StoreError> {
    let ids: Vec<EventId> = entries.iter().map(|entry| entry.event_id).collect();
    let events = transaction.events_by_ids(&ids).await?;
    let wanted: BTreeSet<(EventId, LinkId)> = entries
        .iter()
        .filter_map(|entry| {
            let key = events.get(&entry.event_id)?.occurrence_of?;
            Some((key.series_id, entry.link_id))
        })
        .collect();
    for (series, link) in wanted {
        if entries.iter().any(|entry| entry.event_id == series && entry.link_id == link) {
            continue;
        }
        let row = transaction.queue_entry_of(series, link).await?;
        entries.extend(row.filter(|row| row.status == QueueStatus::Pending));
    }
    Ok((entries, events))
}

/// Marks one row as being carried out; the note that a creation may reach the remote is on the disk before it does.
async fn mark(
    transaction: &mut Transaction,
    entry: QueueEntry,
    events: &BTreeMap<EventId, Event>,
) -> Result<Claim, StoreError> {
    let entry = QueueEntry { status: QueueStatus::Processing, ..entry };
    transaction.update_queue_entry(&entry).await?;
    let event = match events.get(&entry.event_id) {
        Some(event) => Some(event.clone()),
        None => transaction.event(entry.event_id).await?,
    };
    let row = transaction.event_sync(entry.event_id, entry.link_id).await?;
    let was_sent = row.as_ref().is_some_and(may_be_there);
    if let (Some(event), Some(mut row)) = (&event, row)
        && row.external_id.is_none()
        && event.deleted_at.is_none()
    {
        row.local_version = event.revision;
        transaction.put_event_sync(&row).await?;
    }
    let is_override = event.is_some_and(|event| event.occurrence_of.is_some());
    Ok(Claim { entry, may_be_there: was_sent, is_override })
}

/// The event that decides about the order: of an override, its series.
fn root_of(event: &Event) -> EventId {
    event.occurrence_of.map_or(event.id, |key| key.series_id)
}
