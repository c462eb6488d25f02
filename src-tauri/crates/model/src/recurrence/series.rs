//! A series with its overrides: what is on the screen.

use std::collections::BTreeSet;

use super::place::overlaps;
use super::{Occurrence, RecurrenceError, expand};
use crate::event::{Event, EventStatus};
use crate::recurrence::Recurrence;
use crate::time::TimeWindow;

/// One appearance of an event in a window, with the row that says what it looks like: the series' master, or the
/// override that stands for this occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appearance<'a> {
    /// The master, the override, or the single event.
    pub event: &'a Event,
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
pub fn appearances<'a>(
    master: &'a Event,
    overrides: impl IntoIterator<Item = &'a Event>,
    window: &TimeWindow,
    limit: usize,
) -> Result<Vec<Appearance<'a>>, RecurrenceError> {
    if master.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let mut replaced = BTreeSet::new();
    let mut shown = Vec::new();
    for event in overrides {
        let Some(key) = event.occurrence_of.filter(|key| key.series_id == master.id) else { continue };
        if event.deleted_at.is_some() {
            continue;
        }
        replaced.insert(key.original_start.key());
        let occurrence = Occurrence { original_start: key.original_start, when: event.content.when };
        let (start, end) = occurrence.when.instants(window.viewer);
        if event.content.status != EventStatus::Cancelled && overlaps(start, end, window) {
            shown.push(Appearance { event, occurrence });
        }
    }
    let single = Recurrence::default();
    let recurrence = master.content.recurrence.as_ref().unwrap_or(&single);
    // Whatever is replaced may be among the first `limit`.
    let room = limit.saturating_add(replaced.len());
    shown.extend(
        expand(&master.content.when, recurrence, window, room)?
            .into_iter()
            .filter(|occurrence| replaced.is_empty() || !replaced.contains(&occurrence.original_start.key()))
            .map(|occurrence| Appearance { event: master, occurrence }),
    );
    shown.sort_by_key(|appearance| appearance.occurrence.when.instants(window.viewer).0);
    shown.truncate(limit);
    Ok(shown)
}
