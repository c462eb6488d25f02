//! Taking an edit back.
//!
//! To take back is to edit again: the rows get a next revision and travel out like any other edit, so it does not
//! matter whether the first edit has been sent meanwhile. Only what the edit changed is taken back. What has changed
//! since in other fields, here or at a service, stays; what has changed since in the same ones makes the edit
//! [stale](EngineError::Stale), for taking it back would overwrite something that the person has not seen.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use synodic_model::sync::Calendar;
use synodic_model::{Event, EventContent, EventId, FieldSet, OccurrenceKey};
use synodic_providers::NotifyAttendees;
use synodic_store::{StoreError, Transaction};

use super::is_shown;
use super::rows::{RowChange, is_alive};
use super::series::{change_series, occurrence_at, plain_content};
use crate::error::EngineError;
use crate::view::UndoToken;

/// The most edits that can be taken back.
const DEPTH: usize = 200;

/// An edit that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// The rows that it wrote.
    pub(super) rows: Vec<RowChange>,
    /// Whether guests were told of it.
    pub(super) notify: NotifyAttendees,
    /// The calendar that was made for it: it goes when the edit is taken back, unless something else has come into it.
    pub(super) made: Option<Calendar>,
}

/// Edits that can be taken back, as long as the program runs.
#[derive(Debug, Default)]
pub(crate) struct UndoStack {
    edits: BTreeMap<u64, Edit>,
    last: u64,
}

impl UndoStack {
    /// Remembers an edit, and forgets the oldest one when there are too many.
    pub(super) fn push(&mut self, edit: Edit) -> UndoToken {
        self.last += 1;
        self.edits.insert(self.last, edit);
        if self.edits.len() > DEPTH {
            self.edits.pop_first();
        }
        UndoToken(self.last)
    }

    /// The edit, unless it is forgotten.
    pub(super) fn get(&self, token: UndoToken) -> Option<Edit> {
        self.edits.get(&token.0).cloned()
    }

    /// Forgets an edit that was taken back; the edit that did so can be taken back in turn.
    pub(super) fn remove(&mut self, token: UndoToken) {
        self.edits.remove(&token.0);
    }
}

/// What an edit wrote, as it is now.
#[derive(Debug)]
pub(super) struct Current {
    /// The rows and their series, by id; a row that is gone for good is missing.
    rows: BTreeMap<EventId, Event>,
    /// The living rows of the occurrences that the edit was about, by series and original start.
    overrides: BTreeMap<(EventId, String), Event>,
    /// The series among the rows of which single occurrences were edited that the edit was not about.
    divided: BTreeSet<EventId>,
    /// The rows of occurrences of its series that the edit was not about, deleted ones too.
    companions: BTreeMap<EventId, Vec<Event>>,
}

impl Current {
    /// Reads what `rows` are about.
    ///
    /// # Errors
    /// When the replica cannot be read.
    pub(super) async fn read(transaction: &mut Transaction, rows: &[RowChange]) -> Result<Self, StoreError> {
        let keys: Vec<_> = rows.iter().filter_map(|row| row.after.occurrence_of).collect();
        let ids: Vec<_> =
            rows.iter().map(|row| row.after.id).chain(keys.iter().map(|key| key.series_id)).collect();
        let overrides = transaction.overrides_of(&keys).await?.into_iter().filter(is_alive);
        let overrides = overrides.filter_map(|event| Some((named(&event.occurrence_of?), event))).collect();
        let mut divided = BTreeSet::new();
        let mut companions = BTreeMap::new();
        for row in rows.iter().filter(|row| row.after.content.recurrence.is_some()) {
            let mut own = transaction.overrides(row.after.id).await?;
            own.retain(|own| !rows.iter().any(|row| row.after.id == own.id));
            if own.iter().any(is_shown) {
                divided.insert(row.after.id);
            }
            companions.insert(row.after.id, own);
        }
        Ok(Self { rows: transaction.events_by_ids(&ids).await?, overrides, divided, companions })
    }

    /// The row in which to take back what was written as `written`.
    fn of<'a>(&'a self, written: &'a Event) -> Option<&'a Event> {
        let same = self.rows.get(&written.id);
        // An occurrence has one living row. What a service says of one whose row is deleted comes as another row.
        let instead = written.occurrence_of.and_then(|key| self.living(&key));
        // A row goes for good only after every remote has confirmed that it is deleted, or when it says nothing of its own.
        instead
            .or(same)
            .or_else(|| (written.deleted_at.is_some() || self.is_plain(written)).then_some(written))
    }

    /// Whether `written` is an occurrence that says no more than its series says now.
    fn is_plain(&self, written: &Event) -> bool {
        let series = written.occurrence_of.and_then(|key| Some((key, self.rows.get(&key.series_id)?)));
        series.filter(|(_, series)| is_alive(series)).is_some_and(|(key, series)| {
            occurrence_at(&series.content, &key.original_start).is_some_and(|occurrence| {
                changed_fields(&plain_content(&series.content, &occurrence), &written.content).is_empty()
            })
        })
    }

    /// The occurrences that were edited by themselves since follow their series to where and when it takes place again,
    /// and go with it when it goes: whoever brings it back then has them back as well.
    fn follow(
        &self,
        series: &RowChange,
        taken_back: &[RowChange],
        now: DateTime<Utc>,
        mut new_id: impl FnMut() -> EventId,
    ) -> Vec<RowChange> {
        let RowChange { before: Some(before), after } = series else { return Vec::new() };
        let Some(own) = self.companions.get(&after.id) else { return Vec::new() };
        let is_left = |own: &&Event| !taken_back.iter().any(|change| change.after.id == own.id);
        let own: Vec<Event> = own.iter().filter(is_left).cloned().collect();
        if !is_alive(after) {
            return own.iter().filter(|own| is_alive(own)).map(|own| RowChange::deleted(own, now)).collect();
        }
        let changes = change_series(before, after.content.clone(), &own, now, &mut new_id);
        let mut changes: Vec<_> = changes.into_iter().skip(1).collect();
        let is_changed = |own: &Event| changes.iter().any(|change| change.after.id == own.id);
        let moved: Vec<_> = own
            .iter()
            .filter(|own| is_alive(own) && own.calendar_id != after.calendar_id && !is_changed(own))
            .map(|own| RowChange::revised(own, now, |_| {}))
            .collect();
        // What a service has told of the series while it was deleted here is true of it again.
        let went_along =
            |own: &&Event| !is_alive(own) && own.deleted_at == before.deleted_at && !is_changed(own);
        let returned = own.iter().filter(went_along);
        let returned: Vec<_> =
            returned.map(|own| RowChange::revised(own, now, |own| own.deleted_at = None)).collect();
        changes.extend(moved.into_iter().chain(returned));
        for change in &mut changes {
            change.after.calendar_id = after.calendar_id;
        }
        changes
    }

    fn living(&self, key: &OccurrenceKey) -> Option<&Event> {
        self.overrides.get(&named(key))
    }
}

fn named(key: &OccurrenceKey) -> (EventId, String) {
    (key.series_id, key.original_start.key())
}

/// What takes `rows` back. `new_id` makes ids for occurrences that get rows of their own.
///
/// # Errors
/// [`EngineError::Stale`] when what they changed has changed since.
pub(super) fn take_back(
    rows: &[RowChange],
    current: &Current,
    now: DateTime<Utc>,
    mut new_id: impl FnMut() -> EventId,
) -> Result<Vec<RowChange>, EngineError> {
    let mut taken_back: Vec<RowChange> = Vec::new();
    for row in rows {
        let is_making = row.before.as_ref().is_none_or(|before| before.deleted_at.is_some());
        let is_divided = is_making && current.divided.contains(&row.after.id);
        let Some(present) =
            current.of(&row.after).filter(|present| !is_divided && is_untouched(row, present))
        else {
            return Err(EngineError::Stale { title: row.after.content.title.clone() });
        };
        let change = match row.before.as_ref().filter(|before| !is_deleted_override(before)) {
            Some(before) => restored(before, &row.after, present, now),
            None => unmade(present, series_of(present, &taken_back, &current.rows), now),
        };
        taken_back.push(change);
    }
    if let Some(RowChange { after, .. }) = taken_back.iter().find(|change| {
        is_alive(&change.after) && is_without_series(&change.after, &taken_back, &current.rows)
    }) {
        return Err(EngineError::Stale { title: after.content.title.clone() });
    }
    let followed = taken_back.iter().flat_map(|series| current.follow(series, &taken_back, now, &mut new_id));
    let followed: Vec<_> = followed.collect();
    // What was said since of an occurrence that would not be there any more is not to go unseen. One that takes place at
    // another time has another row.
    let is_shown_before = |change: &RowChange| change.before.as_ref().is_some_and(is_shown);
    let mut gone = followed.iter().filter(|change| is_shown_before(change) && !is_shown(&change.after));
    let come = followed.iter().filter(|change| !is_shown_before(change) && is_shown(&change.after)).count();
    if let Some(RowChange { after, .. }) = gone.nth(come) {
        return Err(EngineError::Stale { title: after.content.title.clone() });
    }
    taken_back.extend(followed);
    Ok(taken_back)
}

/// Whether what the edit changed is still as it left it.
fn is_untouched(row: &RowChange, present: &Event) -> bool {
    let is_elsewhere = present.calendar_id != row.after.calendar_id;
    // An occurrence that a service calls off is as gone as the one that was deleted here.
    if is_elsewhere || is_shown(present) != is_shown(&row.after) {
        return false;
    }
    match row.before.as_ref().filter(|before| is_shown(before) || !is_shown(present)) {
        Some(before) => changed_fields(&before.content, &row.after.content)
            .iter()
            .all(|field| field.is_equal(&row.after.content, &present.content)),
        // It would go. What a service adds to a new event (an organizer, a link) is no reason to keep it.
        None => present.revision == row.after.revision,
    }
}

/// A row that an edit brought back is as good as new.
fn is_deleted_override(event: &Event) -> bool {
    event.occurrence_of.is_some() && event.deleted_at.is_some()
}

fn changed_fields(before: &EventContent, after: &EventContent) -> FieldSet {
    FieldSet::differing(FieldSet::ALL, before, after)
}

fn restored(before: &Event, after: &Event, present: &Event, now: DateTime<Utc>) -> RowChange {
    // What is called off says nothing of its own.
    let says_something = is_shown(present) || !is_alive(present);
    let fields = if says_something { changed_fields(&before.content, &after.content) } else { FieldSet::ALL };
    RowChange::revised(present, now, |event| {
        for field in fields.iter() {
            field.copy(&before.content, &mut event.content);
        }
        // An event that was deleted stays deleted from the same moment on.
        event.deleted_at = before.deleted_at;
        event.calendar_id = before.calendar_id;
    })
}

/// Takes back that a row was made. An edited occurrence of a series says again what the series says; anything else is
/// deleted.
fn unmade(present: &Event, series: Option<&Event>, now: DateTime<Utc>) -> RowChange {
    let ordinary = present
        .occurrence_of
        .zip(series)
        .and_then(|(key, series)| Some((series, occurrence_at(&series.content, &key.original_start)?)));
    match ordinary {
        Some((series, occurrence)) => {
            let extras = present.content.extras.clone();
            let content = EventContent { extras, ..plain_content(&series.content, &occurrence) };
            RowChange::rewritten(present, content, now)
        }
        None => RowChange::deleted(present, now),
    }
}

/// Whether an occurrence would be there while its series is deleted. What went with the series comes back with it alone.
fn is_without_series(event: &Event, done: &[RowChange], current: &BTreeMap<EventId, Event>) -> bool {
    event.occurrence_of.is_some() && living_series(event, done, current).is_none()
}

/// The series that an override belongs to, as the edits before it in the same step leave it.
fn series_of<'a>(
    event: &Event,
    done: &'a [RowChange],
    current: &'a BTreeMap<EventId, Event>,
) -> Option<&'a Event> {
    living_series(event, done, current).filter(|series| series.content.recurrence.is_some())
}

/// The same, whether it repeats or not.
fn living_series<'a>(
    event: &Event,
    done: &'a [RowChange],
    current: &'a BTreeMap<EventId, Event>,
) -> Option<&'a Event> {
    let id = event.occurrence_of?.series_id;
    let done = done.iter().map(|change| &change.after).find(|event| event.id == id);
    done.or_else(|| current.get(&id)).filter(|series| is_alive(series))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_edits_are_forgotten() {
        let mut stack = UndoStack::default();
        let edit = Edit { rows: Vec::new(), notify: NotifyAttendees::Nobody, made: None };
        let tokens: Vec<_> = (0..=DEPTH).map(|_| stack.push(edit.clone())).collect();
        assert_eq!(stack.get(tokens[0]), None);
        assert_eq!(stack.get(tokens[1]), Some(edit));
        stack.remove(tokens[1]);
        assert_eq!(stack.get(tokens[1]), None);
    }
}
