//! (Being written.)
use chrono::{DateTime, Utc};
use serde_json::Value;
use synodic_model::sync::{Calendar, EventSync, Integration, Link, LogEntry, QueueEntry};
use synodic_model::{CalendarId, Event, EventId, IntegrationId, LinkId, QueueId};

use crate::{NewQueueEntry, StoreError, Transaction};

macro_rules! writes {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        impl Transaction {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// [`StoreError`] when it cannot be written.
                pub async fn $name(&mut self, $($argument: $type),*) -> Result<$output, StoreError> {
                    $(let _ = $argument;)*
                    Err(StoreError::unwritten())
                }
            )*
        }
    };
}

writes! {
    /// Inserts or updates.
    fn put_calendar(calendar: &Calendar) -> ();
    /// Removes it with all its events and links.
    fn remove_calendar(id: CalendarId) -> ();
    /// Inserts or updates.
    fn put_integration(integration: &Integration) -> ();
    /// Removes it with its links.
    fn remove_integration(id: IntegrationId) -> ();
    /// Inserts or updates.
    fn put_link(link: &Link) -> ();
    /// Removes it with its sync and queue rows.
    fn remove_link(id: LinkId) -> ();
    /// Inserts or updates.
    fn put_event(event: &Event) -> ();
    /// Inserts or updates all, masters and overrides in any order.
    fn put_events(events: &[Event]) -> ();
    /// Removes the row for good, with its overrides and their sync and queue rows.
    fn remove_event(id: EventId) -> ();
    /// Inserts or updates.
    fn put_event_sync(row: &EventSync) -> ();
    /// Inserts or updates all.
    fn put_event_syncs(rows: &[EventSync]) -> ();
    /// Removes the row.
    fn remove_event_sync(event_id: EventId, link_id: LinkId) -> ();
    /// Puts a row into the outbox, or renews the pending or failed one of the same event and link: the operation and
    /// payload are replaced, tries start again, the earlier time and the higher priority stay. A row that is being
    /// carried out is left alone; the new one waits behind it.
    fn enqueue(entry: &NewQueueEntry) -> QueueId;
    /// Writes a row's status, tries, last error and times. A row that goes back to pending or failed while a newer one
    /// of the same event and link waits is removed instead, for the newer one asks for the same and more.
    fn update_queue_entry(entry: &QueueEntry) -> ();
    /// Removes a row.
    fn remove_queue_entry(id: QueueId) -> ();
    /// Makes all processing rows pending again, of one account or of all; for the start, when nobody carries them out.
    fn release_processing(integration_id: Option<IntegrationId>) -> ();
    /// Adds a line to the history.
    fn append_log(entry: &LogEntry) -> ();
    /// Keeps a value under `key`.
    fn set_setting(key: &str, value: &Value) -> ();
    /// Removes completed queue rows and history from before `before`.
    fn prune(before: DateTime<Utc>) -> ();
}
