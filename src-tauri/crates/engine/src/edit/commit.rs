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
pub(super) async fn write(
    transaction: &mut Transaction,
    rows: &[RowChange],
    notify: NotifyAttendees,
    now: DateTime<Utc>,
) -> Result<Vec<Link>, StoreError> {
    let lines: Vec<_> = rows
        .iter()
        .filter_map(|row| line(row.before.as_ref(), &row.after, Author::Person, None, now))
        .collect();
    transaction.append_history(&lines).await?;
    let mut known: BTreeMap<CalendarId, Vec<Link>> = BTreeMap::new();
    for RowChange { before, after: event } in rows {
        transaction.put_event(event).await?;
        let former = before.as_ref().map_or(event.calendar_id, |before| before.calendar_id);
        for calendar in [event.calendar_id, former] {
            if let Entry::Vacant(vacant) = known.entry(calendar) {
                vacant.insert(transaction.links_of_calendar(calendar).await?);
            }
        }
        let links = |calendar| known.get(&calendar).map(Vec::as_slice).unwrap_or_default();
        let mark = Mark { priority: PRIORITY_INTERACTIVE, notify, now };
        if former == event.calendar_id {
            mark_dirty(transaction, &[(event.id, operation(event))], links(former), mark).await?;
        } else {
            moving::mark(transaction, event, links(former), links(event.calendar_id), mark).await?;
        }
    }
    Ok(known.into_values().flatten().collect())
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
