//! Edits of a whole series, and what becomes of the occurrences that were edited by themselves.
//!
//! - What is changed for all (title, place, guests, …) reaches an edited occurrence too, unless that very field was
//!   edited there.
//! - When the series is moved, its edited and cancelled occurrences move along: the second one stays the second one.
//!   An occurrence that had been moved by itself keeps the time that it was given.
//! - What the new rule does not yield any more goes away, edited or not, as in Google Calendar and Outlook. Undo
//!   brings it back.
//! - An edited occurrence that the former rule did not yield either (services send such) is left alone.
//!
//! An override is addressed at a service by its original start, so contents move between rows instead of rows
//! changing their start. The row at a start that is an ordinary occurrence now is not deleted (to delete an
//! occurrence means to call it off) but says again what the series says.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::recurrence::{Occurrence, expand};
use synodic_model::{
    Event, EventContent, EventId, EventStatus, Field, OccurrenceKey, OriginalStart, Recurrence, TimeWindow,
};

use super::rows::{RowChange, is_alive, new_override};
use super::shift::Shift;

/// The most occurrences of one series that are looked at around one instant.
const CROWD: usize = 1000;

/// The occurrence that the series yields at `start`, before overrides; none when the rule does not yield it.
pub(crate) fn occurrence_at(series: &EventContent, start: &OriginalStart) -> Option<Occurrence> {
    let single = Recurrence::default();
    let recurrence = series.recurrence.as_ref().unwrap_or(&single);
    let viewer = chrono_tz::UTC;
    let from = match *start {
        OriginalStart::Date { date } => date.and_time(chrono::NaiveTime::MIN).and_utc(),
        OriginalStart::Zoned { time } => time.instant(),
        OriginalStart::Floating { time } => time.and_utc(),
    };
    let window = TimeWindow { from, to: from + TimeDelta::seconds(1), viewer };
    let key = start.key();
    let occurrences = expand(&series.when, recurrence, &window, CROWD).unwrap_or_default();
    occurrences.into_iter().find(|occurrence| occurrence.original_start.key() == key)
}

/// What an occurrence says that nobody edited.
pub(crate) fn plain_content(series: &EventContent, occurrence: &Occurrence) -> EventContent {
    EventContent { when: occurrence.when, recurrence: None, ..series.clone() }
}

/// What an edited occurrence says once its series says `after` instead of `before`: what was changed for all reaches it
/// where it said the same as the series before. When it takes place is its own.
pub(crate) fn inherited(before: &EventContent, after: &EventContent, own: &EventContent) -> EventContent {
    let mut content = own.clone();
    if content.status == EventStatus::Cancelled {
        return content;
    }
    for field in Field::ALL {
        let is_shared = !matches!(field, Field::When | Field::Recurrence);
        if is_shared && !field.is_equal(before, after) && field.is_equal(own, before) {
            field.copy(after, &mut content);
        }
    }
    content
}

/// Rewrites a series' master, and its overrides as far as they follow. The master is the first row.
pub(super) fn change_series(
    master: &Event,
    content: EventContent,
    overrides: &[Event],
    now: DateTime<Utc>,
    new_id: impl FnMut() -> EventId,
) -> Vec<RowChange> {
    let change = RowChange::rewritten(master, content, now);
    let series = Series { before: master, after: change.after.clone(), now };
    let mut rows = vec![change];
    rows.extend(series.change_overrides(overrides, new_id));
    rows
}

struct Series<'a> {
    before: &'a Event,
    after: Event,
    now: DateTime<Utc>,
}

/// Where an override's contents belong after the change.
enum Place {
    /// At this start.
    At(OriginalStart),
    /// Nowhere: the occurrence is gone.
    Gone,
    /// Where it is; it never was one of the rule's.
    Alone,
}

impl Series<'_> {
    fn change_overrides(&self, overrides: &[Event], mut new_id: impl FnMut() -> EventId) -> Vec<RowChange> {
        let mut wanted = BTreeMap::new();
        for (event, key) in alive(overrides) {
            if let Place::At(start) = self.place_of(&key.original_start) {
                wanted.insert(start.key(), (start, self.content_at(event, &key.original_start, &start)));
            }
        }
        let mut rows = Vec::new();
        for (event, key) in alive(overrides) {
            if let Some((_, content)) = wanted.remove(&key.original_start.key()) {
                rows.extend(self.rewritten(event, content));
            } else if matches!(self.place_of(&key.original_start), Place::Alone) {
                rows.extend(self.rewritten(event, self.inherited(event)));
            } else if let Some(occurrence) = self.occurrence(&key.original_start) {
                rows.extend(self.rewritten(event, plain_content(&self.after.content, &occurrence)));
            } else {
                rows.push(RowChange::deleted(event, self.now));
            }
        }
        for (_, (start, content)) in wanted {
            rows.push(self.put_at(start, content, overrides, &mut new_id));
        }
        rows
    }

    fn place_of(&self, start: &OriginalStart) -> Place {
        let moved = Shift::between(&self.before.content.when, &self.after.content.when)
            .map_or(*start, |shift| shift.moved(start));
        if occurrence_at(&self.before.content, start).is_none() {
            Place::Alone
        } else if self.occurrence(&moved).is_some() {
            Place::At(moved)
        } else {
            Place::Gone
        }
    }

    /// The occurrence after the change; a series that became a single event has none.
    fn occurrence(&self, start: &OriginalStart) -> Option<Occurrence> {
        self.after.content.recurrence.as_ref()?;
        occurrence_at(&self.after.content, start)
    }

    /// What the override at `from` says once it stands for the occurrence at `to`.
    fn content_at(&self, event: &Event, from: &OriginalStart, to: &OriginalStart) -> EventContent {
        let mut content = self.inherited(event);
        let was_at_its_time =
            occurrence_at(&self.before.content, from).is_some_and(|former| former.when == event.content.when);
        if was_at_its_time || event.content.status == EventStatus::Cancelled {
            content.when = self.occurrence(to).map_or(content.when, |occurrence| occurrence.when);
        }
        content
    }

    /// The override's contents with what was changed for all, where it said the same as the series before.
    fn inherited(&self, event: &Event) -> EventContent {
        inherited(&self.before.content, &self.after.content, &event.content)
    }

    fn rewritten(&self, event: &Event, content: EventContent) -> Option<RowChange> {
        let content = EventContent { extras: event.content.extras.clone(), ..content };
        (content != event.content).then(|| RowChange::rewritten(event, content, self.now))
    }

    /// Stores contents under a start that no living row has; a deleted row of that start comes back.
    fn put_at(
        &self,
        original_start: OriginalStart,
        content: EventContent,
        overrides: &[Event],
        new_id: &mut impl FnMut() -> EventId,
    ) -> RowChange {
        let name = original_start.key();
        let deleted = overrides
            .iter()
            .find(|event| event.occurrence_of.is_some_and(|key| key.original_start.key() == name));
        if let Some(event) = deleted {
            return RowChange::rewritten(event, content, self.now);
        }
        let key = OccurrenceKey { series_id: self.before.id, original_start };
        // What a service said of another occurrence is not true of this one.
        let content = EventContent { extras: BTreeMap::new(), ..content };
        RowChange::created(new_override(new_id(), &self.after, key, content, self.now))
    }
}

fn alive(overrides: &[Event]) -> impl Iterator<Item = (&Event, OccurrenceKey)> {
    overrides.iter().filter(|event| is_alive(event)).filter_map(|event| Some((event, event.occurrence_of?)))
}

#[cfg(test)]
mod tests;
