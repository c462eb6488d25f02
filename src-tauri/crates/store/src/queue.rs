//! `sync_queue`: the outbox.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use synodic_model::sync::{Operation, QueueEntry};
use synodic_model::{CalendarId, EventId, IntegrationId, LinkId, QueueId};

/// What is to be put into the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQueueEntry {
    /// The event.
    pub event_id: EventId,
    /// The link it is to be brought to.
    pub link_id: LinkId,
    /// What is to be done.
    pub operation: Operation,
    /// Anything the operation needs beyond the event's latest state.
    pub payload: serde_json::Value,
    /// Larger goes first.
    pub priority: i64,
    /// Not before this.
    pub scheduled_for: DateTime<Utc>,
    /// Now.
    pub created_at: DateTime<Utc>,
    /// Attempts before it is given up.
    pub max_retries: u32,
}

/// A row of the outbox with what a list shows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueLine {
    /// The row.
    pub entry: QueueEntry,
    /// The event's title.
    pub title: String,
    /// The event's calendar.
    pub calendar_id: CalendarId,
    /// The account it goes to.
    pub integration_id: IntegrationId,
}

/// What waits for one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Rows that wait for their time.
    pub pending: u32,
    /// Rows being carried out.
    pub processing: u32,
    /// Rows given up.
    pub failed: u32,
    /// When the oldest row that is still to be carried out was put here.
    pub oldest: Option<DateTime<Utc>>,
}

reads! {
    /// The next rows of one account to be carried out: pending, due at `now`, most urgent first, at most `limit`. A
    /// row whose event is just being carried to the same link waits for that.
    fn queue_due(integration_id: IntegrationId, now: DateTime<Utc>, limit: u32) -> Vec<QueueEntry>;
    /// When the next pending row of one account falls due, by the same rule; may lie in the past.
    fn next_queue_time(integration_id: IntegrationId) -> Option<DateTime<Utc>>;
    /// The row with this id.
    fn queue_entry(id: QueueId) -> Option<QueueEntry>;
    /// The pending, failed or processing row of one event and link; a row that waits behind a processing one is the
    /// one returned.
    fn queue_entry_of(event_id: EventId, link_id: LinkId) -> Option<QueueEntry>;
    /// What is being carried out, then what waits, in the order in which it will go, then what was given up.
    fn queue_list(limit: u32) -> Vec<QueueLine>;
    /// What waits for each account; accounts for which nothing waits are left out.
    fn queue_counts() -> BTreeMap<IntegrationId, QueueCounts>;
}
