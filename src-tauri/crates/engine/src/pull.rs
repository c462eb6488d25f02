//! How changes come in: pages are read one by one, and each is applied in one transaction.
//!
//! A pull that dies half-way is repeated, and changes nothing twice, for the cursor is stored with the last page, in
//! the same transaction. While a page is on its way the worker may do something more urgent; that is why fetching it
//! ([`Pull::fetch`]) and writing it down ([`Pull::apply`]) are two steps.
//!
//! When there is no cursor, or the service has forgotten it, everything is listed anew. Each such listing has a number
//! of its own, its *generation*, which every row that it names is marked with; what carries an older number at the end
//! was not named, so it is gone at the remote. Absence means deletion there and nowhere else: not on a page that was
//! cut off, not in a listing that never reached its end.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use synodic_model::history::RunKey;
use synodic_model::sync::{Link, LogAction, LogEntry, LogOutcome};
use synodic_model::{ExternalId, LinkId};
use synodic_providers::{Class, NextPull, Provider, ProviderError, PullPage, PullPosition, RemoteChange};
use synodic_store::{Durability, StoreError, Transaction};

use crate::engine::Inner;
use crate::review::approve_outgoing;
use crate::services::Client;
use crate::view::Way;

mod ahead;
mod apply;
mod base;
mod decide;
mod elsewhere;
pub(crate) mod guard;
mod held;
mod moved;
mod note;
mod occurrence;
mod patience;
mod plan;
pub(crate) mod reach;
mod removal;
mod revival;
mod rows;
mod terms;
mod unreadable;

use self::ahead::Ahead;
pub(crate) use self::apply::{apply_changes, tell};
use self::held::Held;
pub(crate) use self::patience::Patience;
use self::plan::{Strangers, Tally, Terms};
pub(crate) use self::terms::terms;
use self::terms::{delay, strangers};

/// More pages than any calendar has; a service that has more is going round in circles.
pub(crate) const PAGE_LIMIT: u32 = 10_000;

/// A listing may lag behind what was written just before it began; what is younger than this is asked for before it is
/// missed.
pub(crate) const LISTING_LAG: TimeDelta = TimeDelta::minutes(2);

/// Why a pull did not reach its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PullError {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Carrying it out would remove much; somebody has to look.
    #[error(
        "{removals} of {known} events are missing at the service; they are kept here until you have looked"
    )]
    Review {
        removals: usize,
        known: usize,
        /// What would be removed.
        titles: Vec<String>,
    },
    /// The service does not come to an end.
    #[error("the service sends the same pages again and again")]
    Endless,
}

/// What the service answered.
#[derive(Debug)]
pub(crate) enum Fetched {
    /// A page of changes; the last one with the cursor.
    Page {
        /// What it names.
        changes: Vec<RemoteChange>,
        /// Where the next pull goes on.
        cursor: Option<String>,
        /// After a complete listing: what became of the events that it did not name.
        missing: Vec<RemoteChange>,
        /// What was agreed on about the link when this was asked.
        settings: Value,
    },
    /// It does not know where we left off.
    CursorLost,
    /// Nothing was asked, for the link is gone.
    Unlinked,
}

/// What follows a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is more to read.
    More,
    /// The pull has reached its end.
    Done,
}

/// What becomes of what is missing at the service, when it is much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing before the person has looked.
    #[default]
    Ask,
    /// The person has looked, and it goes.
    Remove,
    /// The person has looked, and it stays.
    Keep,
}

/// How many delays one pull writes down; more say nothing new about it.
const DELAYS_KEPT: usize = 20;

/// Whether a change is not older than what we know to be there since.
fn is_current(inner: &Inner, link: LinkId, change: &RemoteChange) -> bool {
    match change {
        RemoteChange::Present(remote) => !inner.echoes.is_outdated(link, remote),
        RemoteChange::Removed { .. } | RemoteChange::Complete { .. } | RemoteChange::Unreadable { .. } => {
            true
        }
    }
}

/// What one pull did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PullOutcome {
    pub(crate) pages: u32,
    pub(crate) tally: Tally,
}

/// A pull of one link under way.
#[derive(Debug)]
pub(crate) struct Pull {
    link: LinkId,
    position: PullPosition,
    /// The page at the position, asked for while the one before it is written down.
    ahead: Option<Ahead>,
    /// Set while everything is listed anew: when that began.
    listing_since: Option<DateTime<Utc>>,
    verdict: Verdict,
    /// What this first pull may meet by its looks.
    strangers: Arc<Strangers>,
    /// Whether there is more than was named, so that the next pull has to list everything.
    is_incomplete: bool,
    began_at: DateTime<Utc>,
    held: Held,
    outcome: PullOutcome,
    /// What made us ask.
    way: Way,
    /// How long ago the changes that were met had been made at the service.
    delays: Vec<TimeDelta>,
}

impl Pull {
    /// Begins a pull of `link`.
    pub(crate) async fn begin(
        inner: &Inner,
        link: &Link,
        verdict: Verdict,
        way: Way,
    ) -> Result<Self, PullError> {
        let mut pull = Self {
            link: link.id,
            position: PullPosition { cursor: link.cursor.clone(), page: None },
            ahead: None,
            listing_since: None,
            verdict,
            strangers: strangers(inner, link).await?,
            is_incomplete: false,
            began_at: inner.clock.now(),
            held: Held::default(),
            outcome: PullOutcome::default(),
            way,
            delays: Vec::new(),
        };
        if link.cursor.is_none() {
            pull.begin_listing(inner).await?;
        }
        Ok(pull)
    }

    /// What was done so far.
    pub(crate) const fn outcome(&self) -> PullOutcome {
        self.outcome
    }

    /// Asks the service for the next page, and for the one after it as soon as it is known that there is one. Writes
    /// nothing, so that it may be dropped at any time, and other work may be done while it waits.
    pub(crate) async fn fetch(&mut self, inner: &Inner, client: &Client) -> Result<Fetched, PullError> {
        let Some(link) = inner.store.link(self.link).await? else { return Ok(Fetched::Unlinked) };
        let page = match self.patient_page(inner, client, &link).await {
            Ok(page) => page,
            Err(error) if error.class() == Class::Resync && self.listing_since.is_none() => {
                tracing::info!(link = %link.id, reason = %error, "everything is listed anew");
                return Ok(Fetched::CursorLost);
            }
            Err(error) => return Err(error.into()),
        };
        self.outcome.pages += 1;
        if self.outcome.pages > PAGE_LIMIT {
            return Err(PullError::Endless);
        }
        let mut changes = page.changes;
        changes.retain(|change| is_current(inner, link.id, change));
        if self.listing_since.is_none() {
            moved::let_go(inner, client, &link, &changes).await?;
            let occurrences = reach::occurrences(inner, client, &link, &changes).await?;
            changes.extend(occurrences.into_iter().filter(|change| is_current(inner, link.id, change)));
        }
        self.held.revive(&mut changes);
        let cursor = match page.next {
            NextPull::Page(next) if self.position.page.as_ref() == Some(&next) => {
                return Err(PullError::Endless);
            }
            NextPull::Page(next) => {
                self.position.page = Some(next);
                self.ahead = Some(Ahead::ask(client, &link, &self.position));
                None
            }
            NextPull::Done { cursor } => {
                changes = self.held.release(inner, client, &link, changes).await?;
                Some(cursor)
            }
        };
        let missing = match (&cursor, self.listing_since) {
            (Some(_), Some(since)) => self.missing(inner, client, &link, since, &changes).await?,
            _ => Vec::new(),
        };
        Ok(Fetched::Page { changes, cursor, missing, settings: link.settings })
    }

    /// The page at the position, asked for again after each short rest that the service wants in the middle of a listing.
    async fn patient_page(
        &mut self,
        inner: &Inner,
        client: &Client,
        link: &Link,
    ) -> Result<PullPage, ProviderError> {
        let mut patience = Patience::default();
        loop {
            match self.page(client, link).await {
                Err(error) if self.outcome.pages > 0 && patience.rest(inner, link, &error).await => {}
                answer => return answer,
            }
        }
    }

    /// The page at the position: the one that was asked for already, if that is it.
    async fn page(&mut self, client: &Client, link: &Link) -> Result<PullPage, ProviderError> {
        if let Some(ahead) = self.ahead.take()
            && let Some(answer) = ahead.answer(link, &self.position).await
        {
            return answer;
        }
        client.pull(link.into(), &self.position).await
    }

    /// Carries out what was fetched, in one transaction.
    pub(crate) async fn apply(
        &mut self,
        inner: &Inner,
        client: &Client,
        fetched: Fetched,
    ) -> Result<Step, PullError> {
        match fetched {
            Fetched::Unlinked => Ok(Step::Done),
            Fetched::CursorLost => {
                self.begin_listing(inner).await?;
                Ok(Step::More)
            }
            Fetched::Page { changes, cursor, missing, settings } => {
                let step = if cursor.is_some() { Step::Done } else { Step::More };
                if self.apply_page(inner, client, (changes, missing), cursor, &settings).await? {
                    return Ok(step);
                }
                // What the page says was read under another agreement than the one that holds now.
                self.begin_listing(inner).await?;
                Ok(Step::More)
            }
        }
    }

    /// Starts to list everything, under a new generation. The old cursor is gone from here on, so that a listing that
    /// dies is followed by another one.
    async fn begin_listing(&mut self, inner: &Inner) -> Result<(), StoreError> {
        let mut transaction = inner.store.begin(Durability::Pulled).await?;
        if let Some(mut link) = transaction.link(self.link).await? {
            link.cursor = None;
            link.generation += 1;
            transaction.put_link(&link).await?;
            transaction.commit().await?;
        }
        self.position = PullPosition::default();
        self.ahead = None;
        self.listing_since = Some(inner.clock.now());
        self.held = Held::default();
        Ok(())
    }

    /// Applies a page; the last one with the cursor and, after a listing, with what it did not name. Applies nothing, and
    /// says so, when the link's settings are not those that the page was read with.
    async fn apply_page(
        &mut self,
        inner: &Inner,
        client: &Client,
        (mut changes, missing): (Vec<RemoteChange>, Vec<RemoteChange>),
        cursor: Option<String>,
        settings: &Value,
    ) -> Result<bool, PullError> {
        let Some(link) = inner.store.link(self.link).await? else { return Ok(true) };
        let terms = terms(inner, client, link).await?;
        let mut transaction = inner.store.begin(Durability::Pulled).await?;
        // More may have been written, or read, since the page came.
        changes.retain(|change| is_current(inner, self.link, change));
        let Some(link) = transaction.link(self.link).await? else { return Ok(true) };
        if link.settings != *settings {
            return Ok(false);
        }
        let terms = Terms {
            link,
            keeps_missing: self.verdict == Verdict::Keep,
            strangers: Arc::clone(&self.strangers),
            asked_at: self.began_at,
            run: self.listing_since.is_none().then_some(RunKey { link_id: self.link, at: self.began_at }),
            ..terms
        };
        let is_incomplete = unreadable::note(&mut transaction, &terms, &changes).await?
            | unreadable::note(&mut transaction, &terms, &missing).await?;
        self.is_incomplete |= is_incomplete && self.listing_since.is_none();
        if cursor.is_some() && self.listing_since.is_some() {
            transaction.forget_stale_unreadable(terms.link.id, terms.link.generation).await?;
        }
        if self.listing_since.is_none() {
            self.delays.extend(changes.iter().filter_map(|change| delay(inner, &terms, change)));
        }
        let mut applied = apply_changes(&mut transaction, inner, &terms, changes, None).await?;
        if !missing.is_empty() {
            applied.add(apply_changes(&mut transaction, inner, &terms, missing, None).await?);
        }
        // Whoever disagrees here takes the whole page back, for the transaction ends with it.
        self.look_at(&mut transaction, applied.tally.deleted, &mut applied.removed).await?;
        self.outcome.tally.add(applied.tally);
        self.close_page(&mut transaction, &terms, cursor).await?;
        if self.verdict == Verdict::Keep {
            // Whoever keeps what is missing there has said that it is to be put back.
            approve_outgoing(&mut transaction, terms.link.id).await?;
        }
        transaction.commit().await?;
        if !self.held.hold(applied.held) {
            return Err(PullError::Endless);
        }
        tell(inner, &terms, &applied.woken, applied.tally);
        Ok(true)
    }

    /// Has what was read of single events decided about and written down as if a page had named it. Where the last pull
    /// ended stays as it is.
    pub(crate) async fn repair(
        &mut self,
        inner: &Inner,
        client: &Client,
        changes: Vec<RemoteChange>,
        settings: &Value,
    ) -> Result<(), PullError> {
        // Read under another agreement, it says nothing any more.
        self.apply_page(inner, client, (changes, Vec::new()), None, settings).await.map(drop)
    }

    /// Stores the cursor and a line of history with the last page.
    async fn close_page(
        &self,
        transaction: &mut Transaction,
        terms: &Terms,
        cursor: Option<String>,
    ) -> Result<(), StoreError> {
        let Some(cursor) = cursor else { return Ok(()) };
        let cursor = Some(cursor).filter(|_| !self.is_incomplete);
        let link = Link { cursor, last_pulled_at: Some(terms.now), ..terms.link.clone() };
        transaction.put_link(&link).await?;
        if self.outcome.tally.has_changes() || self.listing_since.is_some() {
            transaction.append_log(&self.log_line(terms)).await?;
        }
        Ok(())
    }

    fn log_line(&self, terms: &Terms) -> LogEntry {
        let PullOutcome { pages, tally } = self.outcome;
        let delays = self.delays.iter().take(DELAYS_KEPT).map(TimeDelta::num_milliseconds);
        LogEntry {
            at: terms.now,
            integration_id: Some(terms.link.integration_id),
            link_id: Some(terms.link.id),
            event_id: None,
            action: LogAction::Pull,
            outcome: LogOutcome::Succeeded,
            duration_ms: (terms.now - self.began_at).num_milliseconds(),
            detail: serde_json::json!({
                "pages": pages,
                "created": tally.created,
                "updated": tally.updated,
                "deleted": tally.deleted,
                "conflicts": tally.conflicts,
                "unreadable": tally.unreadable,
                "full": self.listing_since.is_some(),
                "way": self.way,
                "delays_ms": delays.collect::<Vec<_>>(),
            }),
        }
    }

    /// What became of what the link has but the listing did not name; `last` is its last page, which is not written down
    /// yet. Asked for here, where no transaction waits for the answer.
    async fn missing(
        &self,
        inner: &Inner,
        client: &Client,
        link: &Link,
        since: DateTime<Utc>,
        last: &[RemoteChange],
    ) -> Result<Vec<RemoteChange>, PullError> {
        let named: BTreeSet<&ExternalId> = last.iter().filter_map(id_of).collect();
        let stale = inner.store.stale_event_syncs(link.id, link.generation).await?;
        let (mut missing, mut old) = (Vec::new(), Vec::new());
        for row in stale {
            let Some(id) = row.external_id.filter(|id| !named.contains(id)) else { continue };
            if is_old(row.last_synced_at, since) && !inner.echoes.knows(link.id, &id) {
                old.push(id);
                continue;
            }
            // The listing may have come too early to name it, or it is gone, and no later pull would speak of that: only
            // asking tells.
            missing.push(match client.read(link.into(), &id).await? {
                Some(remote) => RemoteChange::Present(Box::new(remote)),
                None => RemoteChange::Removed { id },
            });
        }
        if !old.is_empty() {
            missing.extend(client.confirm_removed(link.into(), old).await?);
        }
        Ok(missing)
    }

    /// Refuses to remove much that nobody has agreed to; `removed` is what this page has removed.
    async fn look_at(
        &self,
        transaction: &mut Transaction,
        removed: u32,
        titles: &mut Vec<String>,
    ) -> Result<(), PullError> {
        let removals = to_size(self.outcome.tally.deleted + removed);
        if self.verdict != Verdict::Ask || removed == 0 || guard::is_few(removals) {
            return Ok(());
        }
        // Every row that the remote has is older than the last of all generations.
        let left = transaction.stale_event_syncs(self.link, i64::MAX).await?.len();
        let known = left + removals;
        if guard::is_too_much(removals, known) {
            return Err(PullError::Review { removals, known, titles: std::mem::take(titles) });
        }
        Ok(())
    }
}

/// The event that a change is about.
fn id_of(change: &RemoteChange) -> Option<&ExternalId> {
    match change {
        RemoteChange::Present(remote) => Some(&remote.id),
        RemoteChange::Removed { id } => Some(id),
        RemoteChange::Complete { .. } => None,
        RemoteChange::Unreadable { id, .. } => id.as_ref(),
    }
}

/// Whether a listing that began at `since` must know of what was written at `synced_at`.
fn is_old(synced_at: Option<DateTime<Utc>>, since: DateTime<Utc>) -> bool {
    synced_at.is_none_or(|synced_at| synced_at < since - LISTING_LAG)
}

fn to_size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
