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
    }
    let dirty: Vec<_> = rows.iter().map(|row| (row.after.id, operation(&row.after))).collect();
    // Nobody outside is mailed.
    let mark = Mark { priority: PRIORITY_INTERACTIVE, notify: NotifyAttendees::Nobody, now };
    mark_dirty(transaction, &dirty, links, mark).await
}

/// What the outbox is told of an event: to bring it to where it is here.
const fn operation(event: &Event) -> Operation {
    match event.deleted_at {
        None => Operation::Upsert,
        Some(_) => Operation::Delete,
    }
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
