//! What sync did over a stretch of time, in numbers, and the lines of history behind each of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::sync::{LogAction, LogOutcome, ProviderKind};
use synodic_model::{EventId, IntegrationId, LinkId};
use ts_rs::TS;

/// What sync did between the first and the last edge that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DashboardView {
    /// Each connected account.
    pub accounts: Vec<AccountHealth>,
    /// What happened between each two edges, in order.
    pub periods: Vec<Period>,
    /// Why edits were not taken, the most frequent reason first.
    pub failures: Vec<FailureCount>,
    /// Whether there was more history than was counted; the oldest part is missing then.
    pub is_cut: bool,
}

/// How well one account has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AccountHealth {
    /// Which.
    pub id: IntegrationId,
    /// The service.
    pub provider: ProviderKind,
    /// The account's name at the service.
    pub account: String,
    /// Events that changed here because they had changed there. Complete listings do not count.
    pub edits_in: u32,
    /// Edits that the service took.
    pub edits_out: u32,
    /// Attempts that are tried again.
    pub retried: u32,
    /// Edits that the service refused.
    pub failed: u32,
    /// Events over which both sides disagreed.
    pub conflicts: u32,
    /// From an edit here until the service has it; none when nothing was sent.
    pub latency: Option<Percentiles>,
    /// From a change there until it is here; none when none came.
    pub delay: Option<DelayView>,
    /// Its calendars, and whether the service tells us of changes in each.
    pub channels: Vec<ChannelState>,
    /// Requests of the last hour, as far as this program has been running.
    pub requests_last_hour: u32,
    /// The most requests within one minute of the last day.
    pub busiest_minute: u32,
    /// How many requests the service allows a minute; none where it does not say.
    pub allowed_per_minute: Option<u32>,
    /// How often its work broke down, or came to nothing, and was started again since the program began.
    pub restarts: u32,
}

/// A distribution of durations, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Percentiles {
    /// How many were measured.
    pub count: u32,
    /// Half of them were no longer.
    #[ts(type = "number")]
    pub p50_ms: i64,
    /// 95 of 100 were no longer.
    #[ts(type = "number")]
    pub p95_ms: i64,
    /// 99 of 100 were no longer.
    #[ts(type = "number")]
    pub p99_ms: i64,
}

/// The measured delay of changes at a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DelayView {
    /// The median from a change there until it was here, in milliseconds.
    #[ts(type = "number")]
    pub median_ms: i64,
    /// How most of them came.
    pub way: Way,
    /// How many were measured.
    pub count: u32,
}

/// What made us ask a service for changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Way {
    /// The service told us.
    Push,
    /// We ask often, for the window is in use.
    FastPoll,
    /// We ask now and then.
    SlowPoll,
}

/// Whether a service tells us of changes in one calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChannelState {
    /// The link.
    pub link_id: LinkId,
    /// The remote calendar's name.
    pub calendar: String,
    /// When its channel ends unless it is renewed; none when there is no channel.
    pub expires_at: Option<DateTime<Utc>>,
    /// When all of it was last compared with what is here; none before the first time.
    pub compared_at: Option<DateTime<Utc>>,
    /// How many events that comparison found to have drifted apart, and put right.
    pub drifted: u32,
    /// How many all comparisons have found.
    pub drifted_ever: u32,
}

/// What happened between two edges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Period {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The instant after the last.
    pub to: DateTime<Utc>,
    /// Events that changed here because they had changed there.
    pub edits_in: u32,
    /// Edits that services took.
    pub edits_out: u32,
    /// Edits that were refused, and attempts that are tried again.
    pub failures: u32,
    /// Events over which both sides disagreed.
    pub conflicts: u32,
    /// The most edits that waited at once.
    pub queue_depth: u32,
    /// From edits until the services had them.
    pub latency: Option<Percentiles>,
}

/// How often edits were not taken for one kind of reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FailureCount {
    /// The kind: `offline`, `transient`, `uncertain`, `conflict`, `resync`, `sign_in`, `permanent`, `other`.
    pub kind: String,
    /// How often.
    pub count: u32,
}

/// Which lines of the history are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LogQuery {
    /// From this instant on.
    pub from: DateTime<Utc>,
    /// Before this one.
    pub to: DateTime<Utc>,
    /// Of this account; none for all.
    pub integration_id: Option<IntegrationId>,
    /// About these actions; none for all.
    pub actions: Vec<LogAction>,
    /// That ended so; none for all.
    pub outcomes: Vec<LogOutcome>,
    /// That failed for this kind of reason; none for all.
    pub kind: Option<String>,
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LogLineView {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The account's name, while it is connected.
    pub account: Option<String>,
    /// The remote calendar's name, while it is linked.
    pub calendar: Option<String>,
    /// The event.
    pub event_id: Option<EventId>,
    /// The event's title, while there is one.
    pub title: Option<String>,
    /// What was done.
    pub action: LogAction,
    /// How it ended.
    pub outcome: LogOutcome,
    /// How long it took, in milliseconds.
    #[ts(type = "number")]
    pub duration_ms: i64,
    /// Why it failed, or what a pull brought, in words; empty when there is nothing to add.
    pub words: String,
}
