//! The audit: whether the replica still has what the services have.
//!
//! A pull asks for what has changed. Should a service ever fail to tell of a change, or should a row here be altered by
//! anything but us, no pull would notice. So once a day, when there is nothing else to do, a link's calendar is listed
//! from beginning to end and compared with what the replica has agreed on about each event ([`judge`]). Nothing is
//! written for that, and a listing that breaks off means nothing.
//!
//! What differs may have changed since the last pull; so the link is pulled as usual, each event that differed is read
//! by itself, and what differs still has *drifted*. It is given to the planner as if it had come with a page of changes:
//! edits that were not sent are merged with it, guards hold up what would delete much, and it can be taken back. What the
//! planner leaves as it is (a copy that we keep apart, a series that is on its way) is no drift and is remembered, so
//! that it is not found again every day. Much that differs is left to a full listing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::sync::{Link, LogAction, LogEntry, LogOutcome};
use synodic_model::{EventId, ExternalId, IntegrationId, LinkId};
use synodic_store::{LogFilter, Store, StoreError, Transaction};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AuditReport, Drift, DriftView};

pub(crate) mod judge;
pub(crate) mod listing;

/// How much time lies between two audits of one link.
pub(crate) const EVERY: TimeDelta = TimeDelta::days(1);
/// How much may be read event by event; more is left to a full listing.
pub(crate) const FEW: usize = 50;
/// The most lines of history that one audit writes about single events.
const NAMED: usize = 20;
/// The kind under which the history has what audits found.
const KIND: &str = "audit";
/// The most lines that are looked through for one event.
const LOOKED_THROUGH: u32 = 1_000;
/// How long what was found is told of.
const TOLD_FOR: TimeDelta = TimeDelta::days(1);

/// What is remembered of the audits of one link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// When the last one ended.
    pub(crate) at: DateTime<Utc>,
    /// How many events it compared.
    pub(crate) checked: u32,
    /// What it found.
    pub(crate) found: BTreeMap<Drift, u32>,
    /// What all of them have found.
    pub(crate) total: BTreeMap<Drift, u32>,
    /// What differs and is left as it is.
    pub(crate) left: BTreeSet<ExternalId>,
}

impl Record {
    /// How many events had drifted when the last audit looked.
    pub(crate) fn drifted(&self) -> u32 {
        self.found.values().sum()
    }

    /// What the person is told of it, while it is news.
    pub(crate) fn told_at(&self, now: DateTime<Utc>) -> Option<String> {
        let drifted = self.drifted();
        if drifted == 0 || now - self.at >= TOLD_FOR {
            return None;
        }
        let events =
            if drifted == 1 { "one event that was".into() } else { format!("{drifted} events that were") };
        Some(format!("A comparison with the service found {events} not the same here. It was put right."))
    }

    /// Adds what another audit has found.
    pub(crate) fn add(&mut self, at: DateTime<Utc>, checked: u32, found: BTreeMap<Drift, u32>) {
        for (cause, count) in &found {
            *self.total.entry(*cause).or_default() += count;
        }
        (self.at, self.checked, self.found) = (at, checked, found);
    }
}

/// The setting that keeps the record of a link.
fn setting(link: LinkId) -> String {
    format!("audit:{link}")
}

/// What is remembered of a link; none before its first audit.
pub(crate) async fn record(store: &Store, link: LinkId) -> Result<Option<Record>, StoreError> {
    let stored = store.setting(&setting(link)).await?;
    Ok(stored.and_then(|value| serde_json::from_value(value).ok()))
}

/// Remembers it, and writes a line of history about the audit and one about each of the first events that had drifted.
pub(crate) async fn keep(
    transaction: &mut Transaction,
    link: &Link,
    record: &Record,
    drifted: &[DriftView],
    began_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction.set_setting(&setting(link.id), &serde_json::json!(record)).await?;
    let line = |event_id, detail| LogEntry {
        at: record.at,
        integration_id: Some(link.integration_id),
        link_id: Some(link.id),
        event_id,
        action: LogAction::Pull,
        outcome: LogOutcome::Succeeded,
        duration_ms: (record.at - began_at).num_milliseconds(),
        detail,
    };
    let whole = serde_json::json!({ "kind": KIND, "checked": record.checked, "drift": record.found });
    transaction.append_log(&line(None, whole)).await?;
    for drift in drifted.iter().filter(|drift| drift.event_id.is_some()).take(NAMED) {
        let detail = serde_json::json!({ "kind": KIND, "cause": drift.cause });
        transaction.append_log(&line(drift.event_id, detail)).await?;
    }
    Ok(())
}

/// What audits have found out about one event, the latest first.
pub(crate) async fn findings(
    store: &Store,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, Drift)>, StoreError> {
    let filter = LogFilter {
        actions: vec![LogAction::Pull],
        kind: Some(KIND.to_owned()),
        ..LogFilter::between(DateTime::UNIX_EPOCH, now + EVERY)
    };
    let lines = store.log_lines(&filter, LOOKED_THROUGH).await?;
    let own = lines.into_iter().filter(|line| line.event_id == Some(event));
    let found = own.filter_map(|line| {
        let cause = serde_json::from_value(line.detail.get("cause")?.clone()).ok()?;
        Some((line.at, cause))
    });
    Ok(found.collect())
}

impl Engine {
    /// Compares the replica with complete listings of one account's calendars, or of all, and puts right what has
    /// drifted apart. Everything that is due is sent and read first.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such account.
    pub async fn audit(&self, account: Option<IntegrationId>) -> Result<AuditReport, EngineError> {
        let mut workers = self.inner.all_workers();
        if let Some(account) = account {
            workers.retain(|id, _| *id == account);
            if workers.is_empty() {
                return Err(EngineError::NotFound { what: "account" });
            }
        }
        let mut report = AuditReport::default();
        for worker in workers.into_values() {
            let audited = worker.audit().await;
            report.links.extend(audited.links);
            report.error = report.error.or(audited.error);
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_news_for_a_day_and_is_counted_for_ever() {
        let mut record = Record::default();
        let at = DateTime::UNIX_EPOCH;
        assert_eq!(record.told_at(at), None);
        record.add(at, 10, [(Drift::GoneThere, 1)].into());
        assert!(record.told_at(at).is_some_and(|told| told.contains("one event that was")));
        record.add(at, 10, [(Drift::GoneThere, 1), (Drift::NewThere, 2)].into());
        assert!(record.told_at(at).is_some_and(|told| told.contains("3 events that were")));
        assert_eq!(record.told_at(at + TOLD_FOR), None);
        record.add(at + EVERY, 12, BTreeMap::new());
        assert_eq!((record.drifted(), record.told_at(at + EVERY)), (0, None));
        assert_eq!(record.total, [(Drift::GoneThere, 2), (Drift::NewThere, 2)].into());
    }
}
