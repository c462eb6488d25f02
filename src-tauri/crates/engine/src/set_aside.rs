//! What a merge set aside, as the history keeps it. A conflict waits with its event, and goes with it or gives way to the
//! next one; a line of history outlives both.

use chrono::{DateTime, Utc};
use synodic_model::EventId;
use synodic_model::sync::{ConflictData, Link, LogAction, LogEntry, LogOutcome};

/// The line about a conflict that was found over `link`.
pub(crate) fn line(
    link: &Link,
    event: EventId,
    action: LogAction,
    data: &ConflictData,
    now: DateTime<Utc>,
) -> LogEntry {
    LogEntry {
        at: now,
        integration_id: Some(link.integration_id),
        link_id: Some(link.id),
        event_id: Some(event),
        action,
        outcome: LogOutcome::Conflict,
        duration_ms: 0,
        detail: serde_json::json!(data),
    }
}
