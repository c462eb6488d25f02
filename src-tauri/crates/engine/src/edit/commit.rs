//! Writing an edit: the rows, how they stand with every link, and the marks in the outbox, in one transaction.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use synodic_model::history::{Author, line};
use synodic_model::sync::{Link, Operation, PRIORITY_INTERACTIVE};
use synodic_model::{CalendarId, Event};
use synodic_providers::NotifyAttendees;
use synodic_store::{StoreError, Transaction};

use super::moving;
use super::rows::RowChange;
use crate::engine::Inner;
use crate::queue::{Mark, mark_dirty};
use crate::view::Change;

/// Writes rows and marks them for every link that takes edits. The order stays: a series goes out before what belongs
/// to it. Returns the links that have something to send.
pub(crate) async fn write(
    transaction: &mut Transaction,
    rows: &[RowChange],
    notify: NotifyAttendees,
    now: DateTime<Utc>,
) -> Result<Vec<Link>, StoreError> {
    write_as(transaction, rows, Mark { priority: PRIORITY_INTERACTIVE, notify, now }).await
}

/// As [`write`], with a mark of the caller's.
pub(crate) async fn write_as(
    transaction: &mut Transaction,
    rows: &[RowChange],
    mark: Mark,
) -> Result<Vec<Link>, StoreError> {
    let lines: Vec<_> = rows
        .iter()
        .filter_map(|row| line(row.before.as_ref(), &row.after, Author::Person, None, mark.now))
        .collect();
    transaction.append_history(&lines).await?;
    let mut known: BTreeMap<CalendarId, Vec<Link>> = BTreeMap::new();
    // Rows of one calendar that stay there are written together: an import has thousands.
    let is_together = |left: &RowChange, right: &RowChange| {
        is_staying(left) && is_staying(right) && left.after.calendar_id == right.after.calendar_id
    };
    for some in rows.chunk_by(is_together) {
        let Some(RowChange { before, after: event }) = some.first() else { continue };
        let events: Vec<Event> = some.iter().map(|row| row.after.clone()).collect();
        transaction.put_events(&events).await?;
        let former = before.as_ref().map_or(event.calendar_id, |before| before.calendar_id);
        for calendar in [event.calendar_id, former] {
            if let Entry::Vacant(vacant) = known.entry(calendar) {
                vacant.insert(transaction.links_of_calendar(calendar).await?);
            }
        }
        let links = |calendar| known.get(&calendar).map(Vec::as_slice).unwrap_or_default();
        if former == event.calendar_id {
            let dirty: Vec<_> = events.iter().map(|event| (event.id, operation(event))).collect();
            mark_dirty(transaction, &dirty, links(former), mark).await?;
        } else {
            moving::mark(transaction, event, links(former), links(event.calendar_id), mark).await?;
        }
    }
    Ok(known.into_values().flatten().collect())
}

/// Whether the row stays in its calendar.
fn is_staying(row: &RowChange) -> bool {
    row.before.as_ref().is_none_or(|before| before.calendar_id == row.after.calendar_id)
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
    pub(crate) async fn tell_edited(&self, rows: &[RowChange], links: &[Link]) {
        self.edited(links);
        let calendar_ids: BTreeSet<CalendarId> = rows.iter().map(|row| row.after.calendar_id).collect();
        self.notify(Change::Events { calendar_ids: calendar_ids.into_iter().collect(), from_remote: false });
        self.refresh_snapshot().await;
    }
}
