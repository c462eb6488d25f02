//! How sync stands, put together from what the replica counts and what the workers say.
//!
//! [`assemble`] is a pure function, so that no state can be shown that the facts do not carry: there is no flag that
//! somebody might forget to clear.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use synodic_model::sync::{Integration, IntegrationStatus};
use synodic_model::{IntegrationId, LinkId};
use synodic_store::{QueueCounts, QueueLine, StoreError};

use crate::audit::Record;
use crate::engine::Inner;
use crate::review::Review;
use crate::snapshot::{
    IntegrationSnapshot, LinkTrouble, Listening, Pause, Progress, QueueItem, SyncSnapshot, SyncState,
};
use crate::view::ReviewSide;

/// The most queue rows that a snapshot names.
const QUEUE_SHOWN: u32 = 50;

/// What an account's worker says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What it does.
    pub(crate) activity: Activity,
    /// Why it is not well, in a sentence.
    pub(crate) message: Option<String>,
    /// What is wrong with single links.
    pub(crate) troubles: BTreeMap<LinkId, Trouble>,
    /// Links that could not be read when they were last asked for.
    pub(crate) unreadable: BTreeSet<LinkId>,
    /// Plans that wait for the person.
    pub(crate) reviews: BTreeMap<(LinkId, ReviewSide), Review>,
    /// How changes reach it.
    pub(crate) listening: Listening,
    /// The last pass that reached the end.
    pub(crate) last_success_at: Option<DateTime<Utc>>,
    /// When the next one should have reached the end.
    pub(crate) expected_by: Option<DateTime<Utc>>,
    /// What the replica said when it was last written to in vain.
    pub(crate) storage: Option<String>,
    /// How often it broke down, or came to nothing, and was started again.
    pub(crate) restarts: u32,
    /// What the last comparisons have found, of the links where they found something.
    pub(crate) audits: BTreeMap<LinkId, Record>,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    Idle,
    Syncing(Progress),
    Offline { retry_at: DateTime<Utc> },
    BackingOff { until: DateTime<Utc> },
    NeedsSignIn,
}

/// What is wrong with one link, while the others go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// A sentence for the person.
    pub(crate) message: String,
    /// Whether the person has to approve of something.
    pub(crate) is_review: bool,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            activity: Activity::Idle,
            message: None,
            troubles: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            reviews: BTreeMap::new(),
            listening: Listening::Polling { every_seconds: 0 },
            last_success_at: None,
            expected_by: None,
            storage: None,
            restarts: 0,
            audits: BTreeMap::new(),
        }
    }
}

/// What all workers say.
#[derive(Debug, Default)]
pub(crate) struct Board {
    standings: Mutex<BTreeMap<IntegrationId, Standing>>,
    publishing: tokio::sync::Mutex<()>,
    /// Requests of each account by the minute, of the last day.
    requests: Mutex<BTreeMap<(IntegrationId, DateTime<Utc>), u32>>,
}

impl Board {
    /// Changes what one worker says.
    pub(crate) fn update(&self, id: IntegrationId, change: impl FnOnce(&mut Standing)) {
        let mut standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        change(standings.entry(id).or_default());
    }

    /// Forgets a worker.
    pub(crate) fn forget(&self, id: IntegrationId) {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// Notes that a turn that ends now made so many requests.
    pub(crate) fn count_requests(&self, id: IntegrationId, requests: u32, now: DateTime<Utc>) {
        let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        let mut counted = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        counted.retain(|(_, at), _| *at > now - TimeDelta::days(1));
        if requests > 0 {
            *counted.entry((id, minute)).or_default() += requests;
        }
    }

    /// Requests of each account by the minute, of the last day or since the start.
    pub(crate) fn requests(&self) -> BTreeMap<(IntegrationId, DateTime<Utc>), u32> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Links of one worker that cannot be read.
    pub(crate) fn refused(&self, id: IntegrationId) -> BTreeSet<LinkId> {
        let standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        standings.get(&id).map(|standing| standing.unreadable.clone()).unwrap_or_default()
    }

    /// The plans that wait with one worker.
    pub(crate) fn reviews(&self, id: IntegrationId) -> BTreeMap<(LinkId, ReviewSide), Review> {
        let standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        standings.get(&id).map(|standing| standing.reviews.clone()).unwrap_or_default()
    }

    /// Forgets a plan that the person has answered.
    pub(crate) fn forget_review(&self, id: IntegrationId, review: (LinkId, ReviewSide)) {
        self.update(id, |standing| {
            standing.reviews.remove(&review);
        });
    }

    /// How often each worker was started again.
    pub(crate) fn restarts(&self) -> BTreeMap<IntegrationId, u32> {
        let standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        standings.iter().map(|(id, standing)| (*id, standing.restarts)).collect()
    }

    fn all(&self) -> BTreeMap<IntegrationId, Standing> {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Everything that a snapshot is made of.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) now: DateTime<Utc>,
    pub(crate) integrations: Vec<Integration>,
    pub(crate) standings: BTreeMap<IntegrationId, Standing>,
    pub(crate) counts: BTreeMap<IntegrationId, QueueCounts>,
    pub(crate) conflicts: BTreeMap<IntegrationId, u32>,
    pub(crate) unreadable: BTreeMap<IntegrationId, u32>,
    pub(crate) paused: Option<Pause>,
    pub(crate) recovered: Option<String>,
    pub(crate) queue: Vec<QueueLine>,
}

/// A snapshot of an engine that has just started.
pub(crate) const fn empty(now: DateTime<Utc>) -> SyncSnapshot {
    SyncSnapshot {
        at: now,
        state: SyncState::NoAccount,
        integrations: Vec::new(),
        pending: 0,
        failed: 0,
        conflicts: 0,
        paused: None,
        last_success_at: None,
        storage: None,
        recovered: None,
        queue: Vec::new(),
    }
}

/// Puts the snapshot together. `previous` tells since when a state has lasted.
pub(crate) fn assemble(facts: Facts, previous: &SyncSnapshot) -> SyncSnapshot {
    let integrations: Vec<_> =
        facts.integrations.iter().map(|integration| account(&facts, integration, previous)).collect();
    let most_important = integrations.iter().map(|integration| integration.state).min();
    let last_success_at =
        integrations.iter().map(|integration| integration.last_success_at).min().unwrap_or_default();
    SyncSnapshot {
        at: facts.now,
        state: most_important.unwrap_or(SyncState::NoAccount),
        pending: integrations.iter().map(|integration| integration.pending).sum(),
        failed: integrations.iter().map(|integration| integration.failed).sum(),
        conflicts: integrations.iter().map(|integration| integration.conflicts).sum(),
        paused: facts.paused,
        last_success_at,
        storage: facts.standings.values().find_map(|standing| standing.storage.clone()),
        recovered: facts.recovered,
        queue: facts.queue.into_iter().map(QueueItem::from).collect(),
        integrations,
    }
}

fn account(facts: &Facts, integration: &Integration, previous: &SyncSnapshot) -> IntegrationSnapshot {
    let standing = facts.standings.get(&integration.id).cloned().unwrap_or_default();
    let counts = facts.counts.get(&integration.id).copied().unwrap_or_default();
    let conflicts = facts.conflicts.get(&integration.id).copied().unwrap_or_default();
    let unreadable = facts.unreadable.get(&integration.id).copied().unwrap_or_default();
    let state = state(facts, integration, &standing, counts, conflicts);
    let before = previous.integrations.iter().find(|before| before.id == integration.id);
    let since = before.filter(|before| before.state == state).map_or(facts.now, |before| before.since);
    let (progress, retry_at) = match standing.activity {
        Activity::Syncing(progress) => (Some(progress), None),
        Activity::Offline { retry_at } => (None, Some(retry_at)),
        Activity::BackingOff { until } => (None, Some(until)),
        Activity::Idle | Activity::NeedsSignIn => (None, None),
    };
    IntegrationSnapshot {
        id: integration.id,
        provider: integration.provider,
        account: integration.account.clone(),
        state,
        progress,
        retry_at,
        since,
        last_success_at: standing.last_success_at.max(integration.last_success_at),
        message: message(state, integration, &standing, counts)
            .or_else(|| left_alone(unreadable))
            .or_else(|| standing.audits.values().find_map(|record| record.told_at(facts.now))),
        pending: counts.pending + counts.processing,
        failed: counts.failed,
        conflicts,
        unreadable,
        listening: standing.listening,
        troubles: troubles(standing.troubles, standing.reviews),
    }
}

/// What is wrong with single links: troubles with reading them, and plans that hold up what is to be sent.
fn troubles(
    troubles: BTreeMap<LinkId, Trouble>,
    reviews: BTreeMap<(LinkId, ReviewSide), Review>,
) -> Vec<LinkTrouble> {
    let shown = troubles.into_iter().map(|(link_id, Trouble { message, is_review })| LinkTrouble {
        link_id,
        message,
        is_review,
    });
    let held_up = reviews.into_iter().filter(|((_, side), _)| *side == ReviewSide::There);
    let held_up = held_up.map(|((link_id, _), review)| LinkTrouble {
        link_id,
        message: review.message,
        is_review: true,
    });
    shown.chain(held_up).collect()
}

/// Tells of items that could not be read, where there is nothing more urgent to tell.
fn left_alone(unreadable: u32) -> Option<String> {
    match unreadable {
        0 => None,
        1 => Some("One event could not be read. It is left as it is at the service.".to_owned()),
        many => Some(format!("{many} events could not be read. They are left as they are at the service.")),
    }
}

/// The first state that applies, in the order of [`SyncState`].
fn state(
    facts: &Facts,
    integration: &Integration,
    standing: &Standing,
    counts: QueueCounts,
    conflicts: u32,
) -> SyncState {
    let is_refused = standing.troubles.values().any(|trouble| !trouble.is_review);
    let is_offline = matches!(standing.activity, Activity::Offline { .. });
    let is_paused = facts.paused.is_some() || integration.status == IntegrationStatus::Paused;
    let is_overdue = standing.expected_by.is_some_and(|expected_by| expected_by < facts.now);
    if integration.status == IntegrationStatus::NeedsSignIn || standing.activity == Activity::NeedsSignIn {
        SyncState::NeedsSignIn
    } else if conflicts > 0 {
        SyncState::Conflict
    } else if counts.failed > 0 || is_refused {
        SyncState::Failed
    } else if !standing.troubles.is_empty() || !standing.reviews.is_empty() {
        SyncState::Review
    } else if is_overdue && !is_offline && !is_paused {
        SyncState::Overdue
    } else if is_offline {
        SyncState::Offline
    } else if is_paused {
        SyncState::Paused
    } else if matches!(standing.activity, Activity::BackingOff { .. }) {
        SyncState::BackingOff
    } else if matches!(standing.activity, Activity::Syncing(_)) {
        SyncState::Syncing
    } else if counts.pending + counts.processing > 0 {
        SyncState::Pending
    } else {
        SyncState::Synced
    }
}

fn message(
    state: SyncState,
    integration: &Integration,
    standing: &Standing,
    counts: QueueCounts,
) -> Option<String> {
    let of_links = || standing.troubles.values().next().map(|trouble| trouble.message.clone());
    let of_refused = || standing.troubles.values().find(|trouble| !trouble.is_review);
    match state {
        SyncState::NeedsSignIn => standing.message.clone().or_else(|| integration.last_error.clone()),
        // A calendar that is gone explains the edits that it did not take.
        SyncState::Failed => {
            of_refused().map(|trouble| trouble.message.clone()).or_else(|| match counts.failed {
                0 => None,
                1 => Some("One edit was refused. Look at it, then try it again or discard it.".to_owned()),
                refused => Some(format!(
                    "{refused} edits were refused. Look at them, then try them again or discard them."
                )),
            })
        }
        SyncState::Review => {
            of_links().or_else(|| standing.reviews.values().next().map(|review| review.message.clone()))
        }
        SyncState::Overdue | SyncState::Offline | SyncState::BackingOff => standing.message.clone(),
        SyncState::Conflict
        | SyncState::Paused
        | SyncState::Syncing
        | SyncState::Pending
        | SyncState::Synced
        | SyncState::NoAccount => None,
    }
}

impl Inner {
    /// Counts anew and publishes the snapshot when it differs from the last one.
    pub(crate) async fn refresh_snapshot(&self) {
        // One at a time, so that an older count never follows a newer one.
        let _turn = self.board.publishing.lock().await;
        match self.facts().await {
            Ok(facts) => {
                self.snapshot.send_if_modified(|snapshot| {
                    let next = assemble(facts, snapshot);
                    let is_news = next != SyncSnapshot { at: next.at, ..snapshot.clone() };
                    if is_news {
                        *snapshot = next;
                    }
                    is_news
                });
            }
            Err(error) => tracing::warn!(%error, "how sync stands could not be counted"),
        }
    }

    async fn facts(&self) -> Result<Facts, StoreError> {
        let paused = *self.pause.borrow();
        let now = self.clock.now();
        Ok(Facts {
            now,
            recovered: self.recovered.as_ref().and_then(|recovered| recovered.told_at(now)),
            integrations: self.store.integrations().await?,
            standings: self.board.all(),
            counts: self.store.queue_counts().await?,
            conflicts: self.store.conflict_counts().await?,
            unreadable: self.store.unreadable_counts().await?,
            paused,
            queue: self.store.queue_list(QUEUE_SHOWN).await?,
        })
    }
}

#[cfg(test)]
mod tests;
