//! A series with its overrides: what is on the screen.

use std::collections::BTreeSet;

use super::place::overlaps;
use super::{Occurrence, RecurrenceError, expand};
use crate::event::{Event, EventStatus, OccurrenceKey};
use crate::id::EventId;
use crate::recurrence::Recurrence;
use crate::time::{TimeWindow, When};

/// A row of the replica, as far as its place on the time line goes: an [`Event`], or what a view has read of one.
pub trait Scheduled {
    /// [`Event::id`]
    fn id(&self) -> EventId;
    /// [`Event::occurrence_of`]
    fn occurrence_of(&self) -> Option<OccurrenceKey>;
    /// [`EventContent::when`](crate::EventContent::when)
    fn when(&self) -> When;
    /// [`EventContent::recurrence`](crate::EventContent::recurrence)
    fn recurrence(&self) -> Option<&Recurrence>;
    /// [`EventContent::status`](crate::EventContent::status)
    fn status(&self) -> EventStatus;
    /// Whether [`Event::deleted_at`] is set.
    fn is_deleted(&self) -> bool;
}

impl Scheduled for Event {
    fn id(&self) -> EventId {
        self.id
    }

    fn occurrence_of(&self) -> Option<OccurrenceKey> {
        self.occurrence_of
    }

    fn when(&self) -> When {
        self.content.when
    }

    fn recurrence(&self) -> Option<&Recurrence> {
        self.content.recurrence.as_ref()
    }

    fn status(&self) -> EventStatus {
        self.content.status
    }

    fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }
}

/// One appearance of an event in a window, with the row that says what it looks like: the series' master, or the
/// override that stands for this occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appearance<'a, E = Event> {
    /// The master, the override, or the single event.
    pub event: &'a E,
    /// Which occurrence it is and when it takes place. Of an override, `original_start` is the one it stands for.
    pub occurrence: Occurrence,
}

/// What is seen of an event or a series within `window`, by start, at most `limit`.
///
/// `overrides` are the rows whose `occurrence_of` names `master`; rows of other series are passed over.
///
/// - An override takes the place of the occurrence whose start it names, and is shown when its *own* time is within
///   the window: it may have been moved in or out.
/// - A cancelled override shows nothing.
/// - An override is shown even if the rule does not yield its original start (any more): somebody has edited that
///   occurrence, and to hide it would lose the edit.
/// - A deleted row counts as absent: of an override, the occurrence goes back to what the rule says; of the master,
///   nothing is left of the series.
///
/// # Errors
/// [`RecurrenceError`] when the master's rule cannot be read.
pub fn appearances<'a, E: Scheduled>(
    master: &'a E,
    overrides: impl IntoIterator<Item = &'a E>,
    window: &TimeWindow,
    limit: usize,
) -> Result<Vec<Appearance<'a, E>>, RecurrenceError> {
    if master.is_deleted() {
        return Ok(Vec::new());
    }
    let mut replaced = BTreeSet::new();
    let mut shown = Vec::new();
    for event in overrides {
        let Some(key) = event.occurrence_of().filter(|key| key.series_id == master.id()) else { continue };
        if event.is_deleted() {
            continue;
        }
        replaced.insert(key.original_start.key());
        let occurrence = Occurrence { original_start: key.original_start, when: event.when() };
        let (start, end) = occurrence.when.instants(window.viewer);
        if event.status() != EventStatus::Cancelled && overlaps(start, end, window) {
            shown.push(Appearance { event, occurrence });
        }
    }
    let by_rule = match master.recurrence() {
        // Whatever is replaced may be among the first `limit`.
        Some(recurrence) => expand(&master.when(), recurrence, window, limit.saturating_add(replaced.len()))?,
        None => single(master.when(), window).into_iter().collect(),
    };
    let plain = |occurrence| Appearance { event: master, occurrence };
    if replaced.is_empty() {
        shown.extend(by_rule.into_iter().map(plain));
    } else {
        let left = |occurrence: &Occurrence| !replaced.contains(&occurrence.original_start.key());
        shown.extend(by_rule.into_iter().filter(left).map(plain));
        shown.sort_by_cached_key(|appearance| appearance.occurrence.when.instants(window.viewer).0);
    }
    shown.truncate(limit);
    Ok(shown)
}

/// What is seen of an event that does not repeat.
fn single(when: When, window: &TimeWindow) -> Option<Occurrence> {
    let (start, end) = when.instants(window.viewer);
    overlaps(start, end, window).then(|| Occurrence { original_start: when.original_start(), when })
}
