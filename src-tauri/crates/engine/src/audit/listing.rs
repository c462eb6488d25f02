//! A complete listing that is compared with the replica page by page, and writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use synodic_model::sync::{EventSync, Link};
use synodic_model::{EventContent, EventId, EventStatus, ExternalId};
use synodic_providers::{
    NextPull, Provider, ProviderError, PullPage, PullPosition, RemoteChange, RemoteEvent, recognise,
};
use synodic_store::StoreError;

use super::judge::{Agreed, Listed, judge};
use crate::engine::Inner;
use crate::pull::{LISTING_LAG, PAGE_LIMIT, Patience, PullError, Step};
use crate::services::Client;
use crate::view::Drift;

/// A listing under way.
#[derive(Debug)]
pub(crate) struct Listing {
    link: Link,
    position: PullPosition,
    pages: u32,
    /// When it began.
    pub(crate) began_at: DateTime<Utc>,
    named: BTreeSet<ExternalId>,
    /// What differed when it was listed.
    pub(crate) suspects: BTreeMap<ExternalId, Drift>,
    /// How many events were compared.
    pub(crate) checked: u32,
}

impl Listing {
    /// Begins to list everything.
    pub(crate) fn begin(inner: &Inner, link: &Link) -> Self {
        Self {
            link: link.clone(),
            position: PullPosition::default(),
            pages: 0,
            began_at: inner.clock.now(),
            named: BTreeSet::new(),
            suspects: BTreeMap::new(),
            checked: 0,
        }
    }

    /// Reads a page and compares it. After the last one, what was not named is a suspect as well.
    pub(crate) async fn page(&mut self, inner: &Inner, client: &Client) -> Result<Step, PullError> {
        let page = self.patient_page(inner, client).await?;
        self.pages += 1;
        if self.pages > PAGE_LIMIT {
            return Err(PullError::Endless);
        }
        self.compare(inner, client, &page.changes).await?;
        match page.next {
            NextPull::Page(next) if self.position.page.as_ref() == Some(&next) => Err(PullError::Endless),
            NextPull::Page(next) => {
                self.position.page = Some(next);
                Ok(Step::More)
            }
            NextPull::Done { .. } => {
                self.miss(inner).await?;
                Ok(Step::Done)
            }
        }
    }

    /// The page at the position, asked for again after each short rest that the service wants in the middle of the listing.
    async fn patient_page(&self, inner: &Inner, client: &Client) -> Result<PullPage, ProviderError> {
        let mut patience = Patience::default();
        loop {
            match client.pull((&self.link).into(), &self.position).await {
                Err(error) if self.pages > 0 && patience.rest(inner, &self.link, &error).await => {}
                answer => return answer,
            }
        }
    }

    async fn compare(
        &mut self,
        inner: &Inner,
        client: &Client,
        changes: &[RemoteChange],
    ) -> Result<(), StoreError> {
        let remotes: Vec<&RemoteEvent> = changes.iter().filter_map(present).collect();
        let ids: Vec<_> = remotes.iter().map(|remote| remote.id.clone()).collect();
        let rows = inner.store.event_syncs_by_external(self.link.id, &ids).await?;
        for remote in remotes {
            self.named.insert(remote.id.clone());
            self.checked += 1;
            let drift = judge_one(&self.link, client, rows.get(&remote.id), Some(remote), self.began_at);
            if let Some(drift) = drift {
                self.suspects.insert(remote.id.clone(), drift);
            }
        }
        for change in changes {
            // It is there, though nobody can read it.
            if let RemoteChange::Unreadable { id: Some(id), .. } = change {
                self.named.insert(id.clone());
            }
        }
        Ok(())
    }

    /// Suspects what the link has and the listing did not name.
    async fn miss(&mut self, inner: &Inner) -> Result<(), StoreError> {
        let sure_until = self.began_at - LISTING_LAG;
        for (id, at) in inner.store.known_remotely(self.link.id).await? {
            if !self.named.contains(&id) && at.is_none_or(|at| at <= sure_until) {
                self.checked += 1;
                self.suspects.insert(id, Drift::GoneThere);
            }
        }
        Ok(())
    }
}

/// Reads suspects one by one.
pub(crate) async fn read(
    client: &Client,
    link: &Link,
    suspects: &BTreeMap<ExternalId, Drift>,
) -> Result<Vec<RemoteChange>, PullError> {
    let mut changes = Vec::new();
    let mut missing = Vec::new();
    for id in suspects.keys() {
        match client.read(link.into(), id).await? {
            Some(remote) => changes.push(RemoteChange::Present(Box::new(remote))),
            None => missing.push(id.clone()),
        }
    }
    if !missing.is_empty() {
        changes.extend(client.confirm_removed(link.into(), missing).await?);
    }
    Ok(changes)
}

/// Compares with the replica what was read of single events at `at`. Says of each that differs how, and which it is here.
pub(crate) async fn compare(
    inner: &Inner,
    client: &Client,
    link: &Link,
    changes: &[RemoteChange],
    at: DateTime<Utc>,
) -> Result<BTreeMap<ExternalId, (Drift, Option<EventId>)>, StoreError> {
    let sides: Vec<(&ExternalId, Option<&RemoteEvent>)> = changes.iter().filter_map(side).collect();
    let ids: Vec<_> = sides.iter().map(|(id, _)| (*id).clone()).collect();
    let rows = inner.store.event_syncs_by_external(link.id, &ids).await?;
    let differing = sides.into_iter().filter_map(|(id, remote)| {
        let row = rows.get(id);
        // What was read by itself is no older than when it was asked for.
        let drift = judge_one(link, client, row, remote, at + LISTING_LAG)?;
        Some((id.clone(), (drift, row.map(|row| row.event_id))))
    });
    Ok(differing.collect())
}

/// Compares one event with its row; it was asked for at `asked_at`.
fn judge_one(
    link: &Link,
    client: &Client,
    row: Option<&EventSync>,
    remote: Option<&RemoteEvent>,
    asked_at: DateTime<Utc>,
) -> Option<Drift> {
    let content = remote.map(|remote| content(link, client, row, remote));
    let listed =
        remote.zip(content.as_ref()).map(|(remote, content)| Listed { version: &remote.version, content });
    judge(row.map(Agreed::from), listed, client.expressible(link.into()), asked_at - LISTING_LAG)
}

/// What a remote event says, as the replica would read it.
fn content(link: &Link, client: &Client, row: Option<&EventSync>, remote: &RemoteEvent) -> EventContent {
    let Some(base) = row.and_then(|row| row.base.as_ref()) else { return remote.content.clone() };
    if remote.occurrence_of.is_some() && remote.content.status == EventStatus::Cancelled {
        return EventContent { status: EventStatus::Cancelled, ..base.clone() };
    }
    let mut content = remote.content.clone();
    recognise(client.kind(), &link.settings, base, &mut content);
    content
}

fn present(change: &RemoteChange) -> Option<&RemoteEvent> {
    side(change).and_then(|(_, remote)| remote)
}

/// What a change says of one event: that it is there, or that it is not.
fn side(change: &RemoteChange) -> Option<(&ExternalId, Option<&RemoteEvent>)> {
    match change {
        RemoteChange::Present(remote) => Some((&remote.id, Some(remote))),
        RemoteChange::Removed { id } => Some((id, None)),
        RemoteChange::Complete { .. } | RemoteChange::Unreadable { .. } => None,
    }
}
