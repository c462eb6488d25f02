//! What becomes of each event of a file, and the rows that make it so.

use std::collections::BTreeMap;

use synodic_icalendar::file::Entry;
use synodic_model::{
    CalendarId, Event, EventContent, EventStatus, Field, OccurrenceKey, OriginalStart, Revision,
};
use synodic_store::Transaction;

use super::compare::{differing, replaced};
use crate::edit::access::Home;
use crate::edit::rows::{RowChange, is_alive, new_override};
use crate::edit::series::{occurrence_at, plain_content};
use crate::engine::Inner;
use crate::error::EngineError;
use crate::view::{ImportChoice, ImportFate};

/// What is to be done with an entry.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) fate: ImportFate,
    /// The rows to write; the series before its occurrences. None for what stays as it is.
    pub(super) rows: Vec<RowChange>,
}

/// Plans for each entry, in their order.
///
/// # Errors
/// When the replica cannot be read.
pub(super) async fn plan(
    inner: &Inner,
    transaction: &mut Transaction,
    home: &Home,
    entries: &[Entry],
    choice: ImportChoice,
) -> Result<Vec<Plan>, EngineError> {
    let uids: Vec<&str> = entries.iter().map(|entry| entry.uid.as_str()).collect();
    let known = transaction.events_by_uids(home.calendar.id, &uids).await?;
    let mut plans = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(own) = known.get(&entry.uid) else {
            plans.push(Plan { fate: ImportFate::New, rows: created(inner, home.calendar.id, entry) });
            continue;
        };
        let overrides = if own.content.recurrence.is_some() || !entry.occurrences.is_empty() {
            transaction.overrides(own.id).await?
        } else {
            Vec::new()
        };
        let rows = changed(inner, own, &overrides, entry);
        let is_allowed = rows.iter().all(|row| {
            let Some(before) = &row.before else {
                return home.check_change(&[&own.content], changed_fields(row)).is_ok();
            };
            home.check_change(&[&before.content], changed_fields(row)).is_ok()
        });
        let fate = match rows.is_empty() {
            true => ImportFate::Same,
            false if is_allowed => ImportFate::Changed,
            false => ImportFate::Refused,
        };
        let is_wanted = fate == ImportFate::Changed && choice == ImportChoice::Replace;
        plans.push(Plan { fate, rows: if is_wanted { rows } else { Vec::new() } });
    }
    Ok(plans)
}

fn changed_fields(row: &RowChange) -> synodic_model::FieldSet {
    match &row.before {
        // Who organises an event is nothing that makes it somebody else's to change.
        Some(before) => differing(&before.content, &row.after.content).without(Field::Organizer),
        None => synodic_model::FieldSet::NONE.with(Field::When),
    }
}

/// The rows of an event or series that is not there yet.
fn created(inner: &Inner, calendar_id: CalendarId, entry: &Entry) -> Vec<RowChange> {
    let now = inner.clock.now();
    let event = Event {
        id: inner.new_event_id(),
        calendar_id,
        uid: entry.uid.clone(),
        occurrence_of: None,
        content: entry.content.clone(),
        revision: Revision::default().next(),
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    let mut rows = Vec::with_capacity(1 + entry.occurrences.len());
    let overrides: BTreeMap<String, &(OriginalStart, EventContent)> =
        entry.occurrences.iter().map(|occurrence| (occurrence.0.key(), occurrence)).collect();
    rows.extend(overrides.into_values().map(|(original_start, content)| {
        let key = OccurrenceKey { series_id: event.id, original_start: *original_start };
        let content = called_off(&event.content, original_start, content);
        RowChange::created(new_override(inner.new_event_id(), &event, key, content, now))
    }));
    rows.insert(0, RowChange::created(event));
    rows
}

/// What an occurrence says. A file tells of one that is called off when it would have been and no more.
fn called_off(series: &EventContent, start: &OriginalStart, told: &EventContent) -> EventContent {
    if told.status != EventStatus::Cancelled {
        return told.clone();
    }
    let ordinary = occurrence_at(series, start).map(|occurrence| plain_content(series, &occurrence));
    EventContent { status: EventStatus::Cancelled, ..ordinary.unwrap_or_else(|| told.clone()) }
}

/// The rows that make an event and its occurrences what the file says; none when they are.
fn changed(inner: &Inner, own: &Event, overrides: &[Event], entry: &Entry) -> Vec<RowChange> {
    let now = inner.clock.now();
    let content = replaced(&own.content, &entry.content);
    let mut rows = Vec::new();
    if !differing(&own.content, &content).is_empty() {
        rows.push(RowChange::rewritten(own, content.clone(), now));
    }
    let series = Event { content, ..own.clone() };
    let mut told: BTreeMap<String, &(OriginalStart, EventContent)> =
        entry.occurrences.iter().map(|occurrence| (occurrence.0.key(), occurrence)).collect();
    let living = overrides.iter().filter(|event| is_alive(event));
    for (event, key) in living.filter_map(|event| Some((event, event.occurrence_of?))) {
        let content = match told.remove(&key.original_start.key()) {
            Some((_, told)) if told.status == EventStatus::Cancelled => {
                EventContent { status: EventStatus::Cancelled, ..event.content.clone() }
            }
            Some((_, told)) => replaced(&event.content, told),
            None => {
                let ordinary = series.content.recurrence.as_ref();
                match ordinary.and_then(|_| occurrence_at(&series.content, &key.original_start)) {
                    // To delete an occurrence would mean to call it off.
                    Some(occurrence) => {
                        replaced(&event.content, &plain_content(&series.content, &occurrence))
                    }
                    None => {
                        rows.push(RowChange::deleted(event, now));
                        continue;
                    }
                }
            }
        };
        if !differing(&event.content, &content).is_empty() {
            rows.push(RowChange::rewritten(event, content, now));
        }
    }
    for (name, (original_start, content)) in told {
        let content = called_off(&series.content, original_start, content);
        let deleted = overrides
            .iter()
            .find(|event| event.occurrence_of.is_some_and(|key| key.original_start.key() == name));
        rows.push(match deleted {
            Some(event) => RowChange::rewritten(event, replaced(&event.content, &content), now),
            None => {
                let key = OccurrenceKey { series_id: own.id, original_start: *original_start };
                RowChange::created(new_override(inner.new_event_id(), &series, key, content, now))
            }
        });
    }
    rows
}
