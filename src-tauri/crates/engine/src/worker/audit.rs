//! Audits of an account's links: when they are due, and one from its listing to what is put right.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::sync::Link;
use synodic_model::{EventId, ExternalId, LinkId};
use synodic_providers::RemoteChange;
use synodic_store::{Durability, StoreError};

use super::{PassReport, Worker};
use crate::audit::listing::{Listing, compare, read};
use crate::audit::{EVERY, FEW, Record, keep, record};
use crate::halt::Interrupted;
use crate::pull::{Pull, Step, Verdict};
use crate::services::Client;
use crate::view::{AuditReport, AuditedLink, Drift, DriftView, Way, count};

/// How long after the start nothing is compared, and how soon it is tried again when there was something else to do.
const LATER: TimeDelta = TimeDelta::minutes(10);
/// How late an audit may be before it no longer makes way for the person.
const TOO_LATE: TimeDelta = TimeDelta::days(3);

/// When a link is to be compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    /// A day after the last time.
    at: DateTime<Utc>,
    /// Not while there is something else to do.
    not_before: DateTime<Utc>,
}

/// How a comparison ended.
enum Found {
    /// There was something more urgent.
    MadeWay,
    /// The link could not be pulled.
    Failed(String),
    /// It came to its end, with what had drifted.
    Drifted(Drifted),
}

/// What differed, how, and the event's title.
type Drifted = BTreeMap<ExternalId, DriftView>;

impl Worker {
    /// Knows when each link is to be compared next.
    pub(super) async fn plan_audits(&mut self) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        let mut planned = BTreeMap::new();
        for link in self.links.iter().filter(|link| link.direction.pulls()) {
            let due = match self.audits.get(&link.id) {
                Some(due) => *due,
                None => {
                    let record = record(&self.inner.store, link.id).await?;
                    self.show_audit(link.id, record.as_ref());
                    // What was just connected has just been listed.
                    let last = record.map_or(self.integration.created_at, |record| record.at);
                    Due { at: last + EVERY, not_before: now + LATER }
                }
            };
            planned.insert(link.id, due);
        }
        self.audits = planned;
        Ok(())
    }

    /// When the next link is to be compared.
    pub(super) fn next_audit(&self) -> Option<DateTime<Utc>> {
        self.audits.values().map(|due| due.at.max(due.not_before)).min()
    }

    /// After the clock was set, no audit is further away than it would be at most.
    pub(super) fn bring_audits_near(&mut self, now: DateTime<Utc>) {
        for due in self.audits.values_mut() {
            *due = Due { at: due.at.min(now + EVERY), not_before: due.not_before.min(now + LATER) };
        }
    }

    /// Compares one link that is due, if there is nothing else to do.
    pub(super) async fn audit_when_idle(&mut self, client: &Client) {
        let now = self.inner.clock.now();
        let due = self.audits.iter_mut().find(|(_, due)| due.at.max(due.not_before) <= now);
        let Some((id, due)) = due else { return };
        due.not_before = now + LATER;
        let (id, is_late) = (*id, now - due.at > TOO_LATE);
        let Some(link) = self.links.iter().find(|link| link.id == id).cloned() else { return };
        if (*self.in_use.borrow() && !is_late) || !self.can_be_audited(&link) {
            return;
        }
        let audited = Box::pin(self.audit(client, &link, is_late)).await;
        if let Some(error) = audited.and_then(|audited| audited.error) {
            tracing::info!(link = %id, error, "a link could not be compared");
        }
    }

    /// Compares all links, because the person asks.
    pub(super) async fn audit_all(&mut self, pass: &PassReport) -> AuditReport {
        if let Some(error) = &pass.error {
            return AuditReport { error: Some(error.clone()), ..AuditReport::default() };
        }
        let client = match self.inner.provider(&self.integration).await {
            Ok(client) => client,
            Err(error) => return AuditReport { error: Some(error.to_string()), ..AuditReport::default() },
        };
        let mut report = AuditReport::default();
        for link in self.links.clone().iter().filter(|link| link.direction.pulls()) {
            let failed = pass.links.iter().find(|pulled| pulled.link_id == link.id);
            if let Some(error) = failed.and_then(|pulled| pulled.error.clone()) {
                report.links.push(AuditedLink { error: Some(error), ..self.unaudited(link) });
            } else if self.can_be_audited(link) {
                let audited = Box::pin(self.audit(&client, link, true)).await;
                report.links.extend(audited);
            } else {
                let error = "It has not been read yet, or rests.".to_owned();
                report.links.push(AuditedLink { error: Some(error), ..self.unaudited(link) });
            }
        }
        report
    }

    /// A link that has never been read to the end has nothing to be compared, and what rests or waits for the person is
    /// left alone.
    fn can_be_audited(&self, link: &Link) -> bool {
        self.is_pulled(link)
            && link.cursor.is_some()
            && link.last_pulled_at.is_some()
            && !self.inner.board.reviews(self.id).keys().any(|(waiting, _)| *waiting == link.id)
    }

    fn unaudited(&self, link: &Link) -> AuditedLink {
        AuditedLink {
            link_id: link.id,
            calendar: link.remote_name.clone(),
            account: self.integration.account.clone(),
            checked: 0,
            drift: Vec::new(),
            drifted: 0,
            error: None,
        }
    }

    /// Compares one link and puts right what has drifted. None when it made way for something else.
    async fn audit(&mut self, client: &Client, link: &Link, has_time: bool) -> Option<AuditedLink> {
        let calls_before = client.calls();
        let mut listing = Listing::begin(&self.inner, link);
        let mut pass = PassReport::default();
        let found = self.look_for_drift(client, link, &mut listing, has_time, &mut pass).await;
        let mut audited = AuditedLink { checked: listing.checked, ..self.unaudited(link) };
        match found {
            Ok(Found::MadeWay) => return None,
            Ok(Found::Failed(error)) => audited.error = Some(error),
            Ok(Found::Drifted(drifted)) => {
                audited.drifted = count(drifted.len());
                audited.drift = drifted.into_values().take(FEW).collect();
            }
            Err(Interrupted::Halt(halt)) => audited.error = self.halted_over(client, halt).await,
            Err(Interrupted::Pull(error)) => {
                audited.error = Some(error.to_string());
                if let Err(halt) = self.link_failed(link, error) {
                    audited.error = self.halted_over(client, halt).await;
                }
            }
        }
        let requests = client.calls().wrapping_sub(calls_before);
        self.inner.board.count_requests(self.id, requests, self.inner.clock.now());
        self.inner.refresh_snapshot().await;
        Some(audited)
    }

    async fn look_for_drift(
        &mut self,
        client: &Client,
        link: &Link,
        listing: &mut Listing,
        has_time: bool,
        pass: &mut PassReport,
    ) -> Result<Found, Interrupted> {
        let inner = Arc::clone(&self.inner);
        loop {
            let page = listing.page(&inner, client);
            if self.beside_pushes(client, page, &mut pass.pushed).await?? == Step::Done {
                break;
            }
            if !has_time && self.marks.are_waiting() {
                return Ok(Found::MadeWay);
            }
        }
        let mut memory = record(&inner.store, link.id).await?.unwrap_or_default();
        memory.left.retain(|id| listing.suspects.contains_key(id));
        listing.suspects.retain(|id, _| !memory.left.contains(id));
        let mut drifted = Drifted::new();
        if !listing.suspects.is_empty() {
            // What the service tells of meanwhile is no drift.
            if self.pull(client, link, (Verdict::Ask, Way::SlowPoll), pass).await?.is_none() {
                return Ok(Found::Failed(why(pass)));
            }
            let link = self.links.iter().find(|known| known.id == link.id).unwrap_or(link).clone();
            if listing.suspects.len() <= FEW {
                drifted = self.put_right(client, &link, listing, &mut memory, &mut pass.pushed).await?;
            } else {
                drifted = self.name_all(&link, listing).await?;
                self.forget_cursor(link.id).await?;
                let link = self.links.iter().find(|known| known.id == link.id).unwrap_or(&link).clone();
                if self.pull(client, &link, (Verdict::Ask, Way::SlowPoll), pass).await?.is_none() {
                    return Ok(Found::Failed(why(pass)));
                }
            }
        }
        let now = inner.clock.now();
        let mut found: BTreeMap<Drift, u32> = BTreeMap::new();
        for drift in drifted.values() {
            tracing::warn!(link = %link.id, cause = ?drift.cause, "an event had drifted apart");
            *found.entry(drift.cause).or_default() += 1;
        }
        memory.add(now, listing.checked, found);
        let views: Vec<DriftView> = drifted.values().cloned().collect();
        let mut transaction = inner.store.begin(Durability::Pulled).await?;
        keep(&mut transaction, link, &memory, &views, listing.began_at).await?;
        transaction.commit().await?;
        self.audits.insert(link.id, Due { at: now + EVERY, not_before: now });
        self.show_audit(link.id, Some(&memory));
        Ok(Found::Drifted(drifted))
    }

    /// Reads the suspects one by one, and has the planner decide about those that differ still.
    async fn put_right(
        &mut self,
        client: &Client,
        link: &Link,
        listing: &Listing,
        memory: &mut Record,
        pushed: &mut u32,
    ) -> Result<Drifted, Interrupted> {
        let inner = Arc::clone(&self.inner);
        let read_at = inner.clock.now();
        let changes = self.beside_pushes(client, read(client, link, &listing.suspects), pushed).await??;
        let differing = compare(&inner, client, link, &changes, read_at).await?;
        if differing.is_empty() {
            return Ok(Drifted::new());
        }
        let mut drifted = Drifted::new();
        for (id, (cause, event_id)) in &differing {
            let title = self.title(&changes, id, *event_id).await?;
            drifted.insert(id.clone(), DriftView { cause: *cause, event_id: *event_id, title });
        }
        let altered: Vec<_> = drifted
            .values()
            .filter(|drift| drift.cause == Drift::AlteredHere)
            .filter_map(|drift| drift.event_id)
            .collect();
        let wanted: Vec<RemoteChange> =
            changes.iter().filter(|change| is_about(change, &differing)).cloned().collect();
        let repair = async {
            if !altered.is_empty() {
                let mut transaction = inner.store.begin(Durability::Pulled).await?;
                transaction.doubt_events(link.id, &altered).await?;
                transaction.commit().await?;
            }
            let mut pull = Pull::begin(&inner, link, Verdict::Ask, Way::SlowPoll).await?;
            pull.repair(&inner, client, wanted, &link.settings).await
        };
        if let Err(error) = repair.await {
            // Whatever keeps it from being put right is seen to by a full listing, with its guards.
            self.forget_cursor(link.id).await?;
            return Err(error.into());
        }
        // What the planner has left as it was is no drift, and not to be found again tomorrow.
        let left = compare(&inner, client, link, &changes, read_at).await?;
        for id in left.into_keys() {
            drifted.remove(&id);
            memory.left.insert(id);
        }
        let ids: Vec<_> = drifted.keys().cloned().collect();
        let rows = inner.store.event_syncs_by_external(link.id, &ids).await?;
        for (id, drift) in &mut drifted {
            drift.event_id = drift.event_id.or(rows.get(id).map(|row| row.event_id));
        }
        Ok(drifted)
    }

    /// Names all that differed, which is left to a full listing to put right.
    async fn name_all(&self, link: &Link, listing: &Listing) -> Result<Drifted, StoreError> {
        let ids: Vec<_> = listing.suspects.keys().cloned().collect();
        let rows = self.inner.store.event_syncs_by_external(link.id, &ids).await?;
        let events: Vec<_> = rows.values().map(|row| row.event_id).collect();
        let events = self.inner.store.events_by_ids(&events).await?;
        let named = listing.suspects.iter().map(|(id, cause)| {
            let event_id = rows.get(id).map(|row| row.event_id);
            let event = event_id.and_then(|id| events.get(&id));
            let title = event.map(|event| event.content.title.clone()).unwrap_or_default();
            (id.clone(), DriftView { cause: *cause, event_id, title })
        });
        Ok(named.collect())
    }

    async fn forget_cursor(&mut self, id: LinkId) -> Result<(), StoreError> {
        let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
        if let Some(link) = transaction.link(id).await? {
            transaction.put_link(&Link { cursor: None, ..link }).await?;
            transaction.commit().await?;
        }
        self.refresh_link(id).await
    }

    async fn title(
        &self,
        changes: &[RemoteChange],
        id: &ExternalId,
        event: Option<EventId>,
    ) -> Result<String, StoreError> {
        if let Some(event) = event
            && let Some(event) = self.inner.store.event(event).await?
        {
            return Ok(event.content.title);
        }
        let there = changes.iter().find_map(|change| match change {
            RemoteChange::Present(remote) if remote.id == *id => Some(remote.content.title.clone()),
            _ => None,
        });
        Ok(there.unwrap_or_default())
    }

    /// Says what the last audit has found, as long as that is news.
    fn show_audit(&self, link: LinkId, record: Option<&Record>) {
        let told = record.filter(|record| record.drifted() > 0).cloned();
        self.inner.board.update(self.id, |standing| match told {
            Some(record) => drop(standing.audits.insert(link, record)),
            None => drop(standing.audits.remove(&link)),
        });
    }
}

fn is_about(change: &RemoteChange, differing: &BTreeMap<ExternalId, (Drift, Option<EventId>)>) -> bool {
    match change {
        RemoteChange::Present(remote) => differing.contains_key(&remote.id),
        RemoteChange::Removed { id } => differing.contains_key(id),
        RemoteChange::Complete { .. } | RemoteChange::Unreadable { .. } => false,
    }
}

/// Why the last pull of a pass did not reach its end.
fn why(pass: &PassReport) -> String {
    pass.links.last().and_then(|link| link.error.clone()).unwrap_or_default()
}
