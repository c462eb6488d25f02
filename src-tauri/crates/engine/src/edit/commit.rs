//! Writing an edit: the rows, how they stand with every link, and the marks in the outbox, in one transaction.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use synodic_model::sync::{Link, Operation, PRIORITY_INTERACTIVE};
use synodic_model::{CalendarId, Event};
use synodic_providers::NotifyAttendees;
use synodic_store::{StoreError, Transaction};

use super::rows::RowChange;
use crate::engine::Inner;
use crate::queue::{Mark, mark_dirty};
use crate::view::Change;

/// Writes rows and marks them for every link that takes edits. The order stays: a series goes out before what belongs
/// to it.
pub(super) async fn write(
    transaction: &mut Transaction,
    rows: &[RowChange],
    links: &[Link],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for RowChange { after: event, .. } in rows {
        transaction.put_event(event).await?;
        mark_dirty(transaction, event.id, links, mark(event, PRIORITY_INTERACTIVE, now)).await?;
    }
    Ok(())
}

/// What the outbox is told of an event: to bring it to where it is here. Nobody outside is mailed.
pub(crate) const fn mark(event: &Event, priority: i64, now: DateTime<Utc>) -> Mark {
    let operation = match event.deleted_at {
        None => Operation::Upsert,
        Some(_) => Operation::Delete,
    };
    Mark { operation, priority, notify: NotifyAttendees::Nobody, now }
}

impl Inner {
    /// Wakes whoever carries an edit out, and tells the faces. To be called after the commit.
    pub(super) async fn tell_edited(&self, rows: &[RowChange], links: &[Link]) {
        self.edited(links);
        let calendar_ids: BTreeSet<CalendarId> = rows.iter().map(|row| row.after.calendar_id).collect();
        self.notify(Change::Events { calendar_ids: calendar_ids.into_iter().collect(), from_remote: false });
        self.refresh_snapshot().await;
    }
}
