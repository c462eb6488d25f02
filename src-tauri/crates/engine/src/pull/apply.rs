//! Decides about changes, carries the plan out within one transaction, and tells of it after the commit.

use std::collections::{BTreeMap, BTreeSet};

use synodic_model::history::{Author, HistoryEntry, line};
use synodic_model::sync::{Link, LogAction, Operation, PRIORITY_BACKGROUND};
use synodic_model::{CalendarId, Event, EventId, Revision};
use synodic_providers::{NotifyAttendees, RemoteChange, RemoteEvent};
use synodic_store::{StoreError, Transaction};

use super::moved;
use super::plan::{Plan, Tally, Terms, plan};
use super::rows::Rows;
use crate::engine::Inner;
use crate::push::mark_plain;
use crate::queue::{Mark, mark_dirty};
use crate::set_aside;
use crate::view::Change;

/// The revision of an event that was not changed since it came.
const FIRST_REVISION: Revision = Revision(1);

/// What a page did beyond the counts.
pub(crate) struct Applied {
    pub(crate) tally: Tally,
    pub(crate) held: Vec<RemoteEvent>,
    /// Links that have something to send now.
    pub(crate) woken: Vec<Link>,
    /// The titles of what was removed here.
    pub(super) removed: Vec<String>,
}

impl Applied {
    pub(super) fn add(&mut self, other: Self) {
        self.tally.add(other.tally);
        self.held.extend(other.held);
        self.woken.extend(other.woken);
        self.removed.extend(other.removed);
    }
}

/// Decides about changes and carries the decisions out, in the transaction given. `carried` is an event that is being
/// carried to the remote already, and needs no further mark for that.
pub(crate) async fn apply_changes(
    transaction: &mut Transaction,
    inner: &Inner,
    terms: &Terms,
    changes: Vec<RemoteChange>,
    carried: Option<EventId>,
) -> Result<Applied, StoreError> {
    let mut rows = Rows::gather(transaction, &terms.link, &terms.strangers, &changes).await?;
    rows.expect(moved::returning(transaction, inner, &terms.link, &changes).await?);
    let others: Vec<Link> = transaction
        .links_of_calendar(terms.link.calendar_id)
        .await?
        .into_iter()
        .filter(|link| link.id != terms.link.id)
        .collect();
    let mut new_id = || EventId::new(inner.chance.id(terms.now));
    let mut plan: Plan<'_> = plan(terms, rows, changes, &mut new_id);
    if let Some(carried) = carried {
        plan.send.remove(&carried);
    }
    let elsewhere = spread_elsewhere(transaction, terms, &mut plan).await?;
    apply(transaction, terms, &others, &plan).await?;
    for (external, departure) in &plan.departed {
        inner.departures.left(terms.link.integration_id, external.clone(), *departure);
    }
    let mut woken = Vec::new();
    if !plan.send.is_empty() {
        woken.push(terms.link.clone());
    }
    if !plan.spread.is_empty() {
        woken.extend(others);
    }
    for (links, dirty) in elsewhere {
        mark(transaction, terms, &links, &dirty).await?;
        woken.extend(links);
    }
    Ok(Applied { tally: plan.tally, removed: plan.removed_titles(), held: plan.held, woken })
}

/// Takes out of what is to be spread the events that are in another calendar by now, and returns them with that
/// calendar's links: whoever edited such an event where it was is heard where it is.
async fn spread_elsewhere(
    transaction: &mut Transaction,
    terms: &Terms,
    plan: &mut Plan<'_>,
) -> Result<Vec<(Vec<Link>, BTreeMap<EventId, Operation>)>, StoreError> {
    let mut by_calendar: BTreeMap<CalendarId, BTreeMap<EventId, Operation>> = BTreeMap::new();
    for (id, operation) in &plan.spread {
        if let Some(event) = plan.rows.event(*id)
            && event.calendar_id != terms.link.calendar_id
        {
            by_calendar.entry(event.calendar_id).or_default().insert(*id, *operation);
        }
    }
    let mut elsewhere = Vec::with_capacity(by_calendar.len());
    for (calendar, dirty) in by_calendar {
        plan.spread.retain(|id, _| !dirty.contains_key(id));
        elsewhere.push((transaction.links_of_calendar(calendar).await?, dirty));
    }
    Ok(elsewhere)
}

/// Wakes who has something to send, and tells the faces what to read again.
pub(crate) fn tell(inner: &Inner, terms: &Terms, woken: &[Link], tally: Tally) {
    inner.edited(woken);
    if tally.has_changes() {
        let calendars: BTreeSet<CalendarId> =
            woken.iter().map(|link| link.calendar_id).chain([terms.link.calendar_id]).collect();
        inner.notify(Change::Events { calendar_ids: calendars.into_iter().collect(), from_remote: true });
    }
}

/// Writes what was planned. `others` are the calendar's other links; the workers behind them, and our own, are to be
/// woken after the commit.
async fn apply(
    transaction: &mut Transaction,
    terms: &Terms,
    others: &[Link],
    plan: &Plan<'_>,
) -> Result<(), StoreError> {
    let events = plan.events();
    note_history(transaction, terms, &events, plan).await?;
    transaction.put_events(&events).await?;
    transaction.put_event_syncs(&plan.syncs()).await?;
    for event in &plan.dropped_syncs {
        if let Some(entry) = transaction.queue_entry_of(*event, terms.link.id).await? {
            transaction.remove_queue_entry(entry.id).await?;
        }
        transaction.remove_event_sync(*event, terms.link.id).await?;
    }
    let is_known = |event: &&Event| event.revision > FIRST_REVISION && event.deleted_at.is_none();
    for series in events.iter().filter(is_known) {
        mark_plain(transaction, series, &terms.link, terms.now).await?;
    }
    mark(transaction, terms, std::slice::from_ref(&terms.link), &plan.send).await?;
    mark(transaction, terms, others, &plan.spread).await?;
    for event in &plan.removed {
        if transaction.event_syncs(*event).await?.is_empty() {
            transaction.remove_event(*event).await?;
        }
    }
    for (event, data) in &plan.conflicts {
        let line = set_aside::line(&terms.link, *event, LogAction::Pull, data, terms.now);
        transaction.append_log(&line).await?;
    }
    Ok(())
}

/// Writes down what becomes of events. What a full listing finds new here says itself when it came.
async fn note_history(
    transaction: &mut Transaction,
    terms: &Terms,
    events: &[Event],
    plan: &Plan<'_>,
) -> Result<(), StoreError> {
    let known: Vec<_> =
        events.iter().filter(|event| event.revision > FIRST_REVISION).map(|event| event.id).collect();
    if known.is_empty() && terms.run.is_none() {
        return Ok(());
    }
    let before = transaction.events_by_ids(&known).await?;
    let account = Some(terms.link.integration_id);
    let is_told =
        |event: &&Event| before.contains_key(&event.id) || (terms.run.is_some() && plan.is_new(event.id));
    let lines: Vec<_> = events
        .iter()
        .filter(is_told)
        .filter_map(|event| {
            let author = if plan.merged.contains(&event.id) { Author::Merge } else { Author::Remote };
            let line = line(before.get(&event.id), event, author, account, terms.now)?;
            Some(HistoryEntry { run: terms.run, ..line })
        })
        .collect();
    transaction.append_history(&lines).await
}

async fn mark(
    transaction: &mut Transaction,
    terms: &Terms,
    links: &[Link],
    dirty: &BTreeMap<EventId, Operation>,
) -> Result<(), StoreError> {
    let dirty: Vec<_> = dirty.iter().map(|(event, operation)| (*event, *operation)).collect();
    let mark = Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now: terms.now };
    mark_dirty(transaction, &dirty, links, mark).await
}
