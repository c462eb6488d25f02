//! What sync did over a stretch of time, counted from the history (`sync_log`) and the outbox.
//!
//! [`summarise`] is a pure function of the rows, so that every number can be tested and traced: `log_lines` lists the
//! rows behind it. The caller chooses the edges of the periods, for a day begins where the person is.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use synodic_model::sync::{Integration, Link, LogAction, LogEntry, LogOutcome, ProviderKind};
use synodic_model::{IntegrationId, LinkId};
use synodic_providers::Class;
use synodic_store::{LogFilter, QueueSpan};

use crate::audit::{self, Record};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{
    AccountHealth, ChannelState, DashboardView, DelayView, Drift, FailureCount, LogLineView, LogQuery,
    Percentiles, Period, Way,
};

/// The most lines that are counted.
const COUNTED: u32 = 100_000;
/// The most lines that a list shows.
const LISTED: u32 = 1_000;
/// The most edges: an hour each for a day, or a day each for a quarter, with room.
const EDGES: std::ops::RangeInclusive<usize> = 2..=100;

impl Engine {
    /// Counts what sync did between `edges`, which ascend; one period lies between each two.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] when the edges do not ascend or are too few or too many, [`EngineError::Store`] when
    /// the replica cannot be read.
    pub async fn dashboard(&self, edges: &[DateTime<Utc>]) -> Result<DashboardView, EngineError> {
        let (Some(from), Some(to)) = (edges.first(), edges.last()) else { return Err(refused()) };
        if !EDGES.contains(&edges.len()) || !edges.is_sorted() {
            return Err(refused());
        }
        let store = &self.inner.store;
        let filter = LogFilter::between(*from, *to);
        let lines = store.log_lines(&filter, COUNTED).await?;
        let mut audits = BTreeMap::new();
        for link in store.links().await? {
            audits.extend(audit::record(store, link.id).await?.map(|record| (link.id, record)));
        }
        Ok(summarise(
            &Rows {
                now: self.inner.clock.now(),
                is_cut: lines.len() >= COUNTED as usize,
                lines,
                spans: store.queue_spans(*from).await?,
                integrations: store.integrations().await?,
                links: store.links().await?,
                requests: self.inner.board.requests(),
                audits,
                restarts: self.inner.board.restarts(),
            },
            edges,
        ))
    }

    /// Lists the lines of the history that a query asks for, newest first, at most a thousand.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn log_lines(&self, query: LogQuery) -> Result<Vec<LogLineView>, EngineError> {
        let store = &self.inner.store;
        let LogQuery { from, to, integration_id, actions, outcomes, kind } = query;
        let filter = LogFilter { from, to, integration_id, actions, outcomes, kind };
        let lines = store.log_lines(&filter, LISTED).await?;
        let (links, accounts) = (store.links().await?, store.integrations().await?);
        let ids: Vec<_> = lines.iter().filter_map(|line| line.event_id).collect();
        let events = store.events_by_ids(&ids).await?;
        let views = lines.into_iter().map(|line| LogLineView {
            account: accounts
                .iter()
                .find(|account| Some(account.id) == line.integration_id)
                .map(|account| account.account.clone()),
            calendar: links
                .iter()
                .find(|link| Some(link.id) == line.link_id)
                .map(|link| link.remote_name.clone()),
            title: line.event_id.and_then(|id| events.get(&id)).map(|event| event.content.title.clone()),
            words: words(&line),
            at: line.at,
            event_id: line.event_id,
            action: line.action,
            outcome: line.outcome,
            duration_ms: line.duration_ms,
        });
        Ok(views.collect())
    }
}

fn refused() -> EngineError {
    EngineError::Unacceptable { reason: "Choose between two and a hundred edges, in order.".into() }
}

/// The word under which the history counts failures of a class.
pub(crate) const fn kind_of(class: Class) -> &'static str {
    match class {
        Class::Offline => "offline",
        Class::Transient { .. } => "transient",
        Class::Uncertain | Class::Unsettled { .. } => "uncertain",
        Class::Conflict => "conflict",
        Class::Resync => "resync",
        Class::SignIn => "sign_in",
        Class::Permanent => "permanent",
    }
}

/// What the numbers are drawn from.
#[derive(Debug)]
struct Rows {
    now: DateTime<Utc>,
    lines: Vec<LogEntry>,
    is_cut: bool,
    spans: Vec<QueueSpan>,
    integrations: Vec<Integration>,
    links: Vec<Link>,
    requests: BTreeMap<(IntegrationId, DateTime<Utc>), u32>,
    audits: BTreeMap<LinkId, Record>,
    restarts: BTreeMap<IntegrationId, u32>,
}

/// What the engine writes into a line's detail.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    created: u32,
    updated: u32,
    deleted: u32,
    unreadable: u32,
    full: bool,
    way: Option<Way>,
    delays_ms: Vec<i64>,
    kind: Option<String>,
    reason: Option<String>,
    checked: Option<u32>,
    drift: BTreeMap<Drift, u32>,
    cause: Option<Drift>,
}

impl Detail {
    fn of(line: &LogEntry) -> Self {
        Self::deserialize(&line.detail).unwrap_or_default()
    }
}

/// What one line counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    edits_in: u32,
    edits_out: u32,
    retried: u32,
    failed: u32,
    conflicts: u32,
}

impl Tally {
    fn of(line: &LogEntry) -> Self {
        let none = Self::default();
        match (line.action, line.outcome) {
            (_, LogOutcome::Conflict) => Self { conflicts: 1, ..none },
            (_, LogOutcome::Retried) => Self { retried: 1, ..none },
            (_, LogOutcome::Failed) => Self { failed: 1, ..none },
            (LogAction::Pull, LogOutcome::Succeeded) => {
                let detail = Detail::of(line);
                let changed = detail.created + detail.updated + detail.deleted;
                Self { edits_in: if detail.full { 0 } else { changed }, ..none }
            }
            (LogAction::Create | LogAction::Update | LogAction::Delete, LogOutcome::Succeeded) => {
                Self { edits_out: 1, ..none }
            }
            (LogAction::Webhook | LogAction::SignIn, LogOutcome::Succeeded) => none,
        }
    }

    const fn add(&mut self, other: Self) {
        self.edits_in += other.edits_in;
        self.edits_out += other.edits_out;
        self.retried += other.retried;
        self.failed += other.failed;
        self.conflicts += other.conflicts;
    }

    fn sum<'a>(lines: impl Iterator<Item = &'a LogEntry>) -> Self {
        lines.fold(Self::default(), |mut sum, line| {
            sum.add(Self::of(line));
            sum
        })
    }
}

fn summarise(rows: &Rows, edges: &[DateTime<Utc>]) -> DashboardView {
    let end = edges.last().copied().unwrap_or(rows.now);
    DashboardView {
        accounts: rows.integrations.iter().map(|account| health(rows, account, end)).collect(),
        periods: edges
            .windows(2)
            .filter_map(|edges| Some(period(rows, *edges.first()?, *edges.last()?)))
            .collect(),
        failures: failures(&rows.lines),
        is_cut: rows.is_cut,
    }
}

fn health(rows: &Rows, account: &Integration, end: DateTime<Utc>) -> AccountHealth {
    let own = || rows.lines.iter().filter(|line| line.integration_id == Some(account.id));
    let Tally { edits_in, edits_out, retried, failed, conflicts } = Tally::sum(own());
    let waits =
        rows.spans.iter().filter(|span| span.integration_id == account.id).filter_map(wait_before(end));
    let requests = rows.requests.iter().filter(|((id, _), _)| *id == account.id);
    let last_hour = requests.clone().filter(|((_, at), _)| *at > rows.now - TimeDelta::hours(1));
    AccountHealth {
        id: account.id,
        provider: account.provider,
        account: account.account.clone(),
        edits_in,
        edits_out,
        retried,
        failed,
        conflicts,
        latency: percentiles(waits.collect()),
        delay: delay(own()),
        channels: rows
            .links
            .iter()
            .filter(|link| link.integration_id == account.id)
            .map(|link| ChannelState {
                link_id: link.id,
                calendar: link.remote_name.clone(),
                expires_at: link.webhook.as_ref().map(|webhook| webhook.expires_at),
                compared_at: rows.audits.get(&link.id).map(|record| record.at),
                drifted: rows.audits.get(&link.id).map_or(0, Record::drifted),
                drifted_ever: rows.audits.get(&link.id).map_or(0, |record| record.total.values().sum()),
            })
            .collect(),
        requests_last_hour: last_hour.map(|(_, requests)| requests).sum(),
        busiest_minute: requests.map(|(_, requests)| *requests).max().unwrap_or_default(),
        allowed_per_minute: allowed_per_minute(account.provider),
        restarts: rows.restarts.get(&account.id).copied().unwrap_or_default(),
    }
}

/// What the services publish: Google's default quota of “queries per minute per user”, Notion's three a second.
const fn allowed_per_minute(provider: ProviderKind) -> Option<u32> {
    match provider {
        ProviderKind::Google => Some(600),
        ProviderKind::Notion => Some(180),
        ProviderKind::Caldav | ProviderKind::Ics => None,
    }
}

fn period(rows: &Rows, from: DateTime<Utc>, to: DateTime<Utc>) -> Period {
    let within = |at: DateTime<Utc>| from <= at && at < to;
    let tally = Tally::sum(rows.lines.iter().filter(|line| within(line.at)));
    let sent = rows.spans.iter().filter(|span| span.completed_at.is_some_and(within));
    Period {
        from,
        to,
        edits_in: tally.edits_in,
        edits_out: tally.edits_out,
        failures: tally.retried + tally.failed,
        conflicts: tally.conflicts,
        queue_depth: depth(&rows.spans, from, to),
        latency: percentiles(sent.filter_map(wait_before(to)).collect()),
    }
}

/// How long an edit waited, if it arrived before `end`.
fn wait_before(end: DateTime<Utc>) -> impl Fn(&QueueSpan) -> Option<i64> {
    move |span| {
        let completed_at = span.completed_at.filter(|at| *at < end)?;
        Some((completed_at - span.created_at).num_milliseconds().max(0))
    }
}

/// The most rows that waited at one instant between the edges.
fn depth(spans: &[QueueSpan], from: DateTime<Utc>, to: DateTime<Utc>) -> u32 {
    let mut steps: Vec<(DateTime<Utc>, i64)> = Vec::new();
    for span in spans {
        let ends_at = span.completed_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
        if span.created_at < to && ends_at >= from {
            steps.push((span.created_at.max(from), 1));
            steps.push((ends_at, -1));
        }
    }
    // What begins counts before what ends at the same instant: an edit that is sent at once has waited, too.
    steps.sort_by_key(|(at, step)| (*at, -step));
    let depths = steps.into_iter().scan(0_i64, |waiting, (_, step)| {
        *waiting += step;
        Some(*waiting)
    });
    u32::try_from(depths.max().unwrap_or_default()).unwrap_or_default()
}

/// By the nearest rank: the smallest value that the share of all is not above.
fn percentiles(mut measured: Vec<i64>) -> Option<Percentiles> {
    measured.sort_unstable();
    let at = |share: usize| {
        let rank = (measured.len() * share).div_ceil(100);
        measured.get(rank.saturating_sub(1)).copied()
    };
    Some(Percentiles {
        count: u32::try_from(measured.len()).unwrap_or(u32::MAX),
        p50_ms: at(50)?,
        p95_ms: at(95)?,
        p99_ms: at(99)?,
    })
}

fn delay<'a>(lines: impl Iterator<Item = &'a LogEntry>) -> Option<DelayView> {
    let mut ways: BTreeMap<Way, usize> = BTreeMap::new();
    let mut delays = Vec::new();
    for line in lines.filter(|line| line.action == LogAction::Pull && line.outcome == LogOutcome::Succeeded) {
        let detail = Detail::of(line);
        if let Some(way) = detail.way {
            *ways.entry(way).or_default() += detail.delays_ms.len();
            delays.extend(detail.delays_ms);
        }
    }
    let measured = percentiles(delays)?;
    let (way, _) = ways.into_iter().max_by_key(|(_, count)| *count)?;
    Some(DelayView { median_ms: measured.p50_ms, way, count: measured.count })
}

fn failures(lines: &[LogEntry]) -> Vec<FailureCount> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for line in lines.iter().filter(|line| matches!(line.outcome, LogOutcome::Failed | LogOutcome::Retried)) {
        *counts.entry(Detail::of(line).kind.unwrap_or_else(|| "other".into())).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(kind, count)| FailureCount { kind, count }).collect();
    counts.sort_by_key(|failure| std::cmp::Reverse(failure.count));
    counts
}

/// How something had drifted apart.
pub(crate) const fn drifted(cause: Drift) -> &'static str {
    match cause {
        Drift::ChangedThere => "changed there without being told",
        Drift::NewThere => "new there without being told",
        Drift::GoneThere => "gone there without being told",
        Drift::AlteredHere => "altered here by nobody’s edit",
    }
}

fn words(line: &LogEntry) -> String {
    let detail = Detail::of(line);
    if let Some(reason) = detail.reason {
        return reason;
    }
    if let Some(cause) = detail.cause {
        return format!("had drifted apart: {}", drifted(cause));
    }
    if let Some(checked) = detail.checked {
        let causes = detail.drift.iter().map(|(cause, count)| format!("{count} {}", drifted(*cause)));
        let found = causes.collect::<Vec<_>>().join(", ");
        let found = if found.is_empty() { "nothing had drifted apart".to_owned() } else { found };
        return format!("{checked} compared, {found}");
    }
    if line.action != LogAction::Pull || line.outcome != LogOutcome::Succeeded {
        return String::new();
    }
    let counts = [
        (detail.created, "new"),
        (detail.updated, "changed"),
        (detail.deleted, "deleted"),
        (detail.unreadable, "unreadable"),
    ];
    let counted =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let all = detail.full.then(|| "complete listing".to_owned());
    all.into_iter().chain(counted).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
