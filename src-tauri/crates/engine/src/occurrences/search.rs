//! Searching: what was meant is most often still to come, so that is first, and then what is past, the latest first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::recurrence::{Appearance, appearances};
use synodic_model::{CalendarId, EventId, EventStatus, TimeWindow};
use synodic_store::{Found, Seen};

use super::{OCCURRENCE_LIMIT, Series, first_appearance, order, series_of};
use crate::edit::access::{Home, homes};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::OccurrenceView;

/// How far ahead a series is looked for: a 29 February may be eight years away.
const AHEAD: TimeDelta = TimeDelta::days(9 * 366);
/// How far back it is looked for at first; it becomes more until something is found.
const BEHIND: TimeDelta = TimeDelta::days(32);

impl Engine {
    /// The events of the calendars that are shown which say every word of `text` in their title, place, description or
    /// guests, at most `limit`. Of a word its beginning is enough; case and accents make no difference.
    ///
    /// What goes on after `now` comes first, the next one first; then what is past, the latest first. A series is there
    /// once: with its next occurrence, or with its last one when there is no next. An occurrence that says it while
    /// its series does not stands for itself.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn search(
        &self,
        text: &str,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<OccurrenceView>, EngineError> {
        let store = &self.inner.store;
        let mut homes = homes(store.calendars().await?, store.links().await?);
        homes.retain(|_, home| home.calendar.visible);
        let shown: Vec<CalendarId> = homes.keys().copied().collect();
        let most = u32::try_from(limit).unwrap_or(u32::MAX);
        let found = store.search(text, &shown, now, most).await?;
        Ok(hits(&found, &homes, now, self.inner.config.viewer, limit))
    }
}

/// What is shown of what was found.
pub(super) fn hits(
    found: &Found,
    homes: &BTreeMap<CalendarId, Home>,
    now: DateTime<Utc>,
    viewer: chrono_tz::Tz,
    limit: usize,
) -> Vec<OccurrenceView> {
    let window = TimeWindow { from: now, to: now, viewer };
    let mut hits = Vec::with_capacity(found.rows.len());
    for series in series_of(&found.rows).values() {
        let shown = series.hits(&found.saying, &window);
        hits.extend(shown.iter().filter_map(|shown| series.view_of(shown, homes, &window)));
    }
    let (mut coming, mut past): (Vec<_>, Vec<_>) = hits.into_iter().partition(|hit| hit.ends_at > now);
    coming.sort_unstable_by(|left, right| order(left).cmp(&order(right)));
    past.sort_unstable_by(|left, right| {
        (Reverse(left.starts_at), order(left)).cmp(&(Reverse(right.starts_at), order(right)))
    });
    coming.append(&mut past);
    coming.truncate(limit);
    coming
}

impl<'a> Series<'a> {
    /// Where this is found; `now` is the beginning of `window`.
    fn hits(&self, saying: &BTreeSet<EventId>, window: &TimeWindow) -> Vec<Appearance<'a, Seen>> {
        let says = |row: &Seen| saying.contains(&row.id);
        match self.master {
            Some(master) if master.content.recurrence.is_some() => {
                let next = self.next(&says, window).or_else(|| self.last(&says, window));
                // A rule that cannot be read, or one that leaves nothing, has its first time.
                vec![next.unwrap_or_else(|| first_appearance(master))]
            }
            Some(single) => vec![first_appearance(single)],
            None => {
                let takes_place = |row: &&&Seen| says(row) && row.content.status != EventStatus::Cancelled;
                self.overrides.iter().filter(takes_place).map(|row| first_appearance(row)).collect()
            }
        }
    }

    fn next(&self, says: &impl Fn(&Seen) -> bool, window: &TimeWindow) -> Option<Appearance<'a, Seen>> {
        let ahead = TimeWindow { to: window.from.checked_add_signed(AHEAD)?, ..*window };
        // All that is edited may come first and say something else.
        let shown = self.within(&ahead, self.overrides.len() + 1);
        shown.into_iter().find(|shown| says(shown.event))
    }

    fn last(&self, says: &impl Fn(&Seen) -> bool, window: &TimeWindow) -> Option<Appearance<'a, Seen>> {
        let begun = self.master?.content.when.instants(window.viewer).0;
        let edited = self.overrides.iter().map(|row| row.content.when.instants(window.viewer).0);
        let earliest = edited.fold(begun, DateTime::min);
        let (mut to, mut back) = (window.from, BEHIND);
        while to > earliest {
            let from = to.checked_sub_signed(back).map_or(earliest, |from| from.max(earliest));
            let shown = self.within(&TimeWindow { from, to, ..*window }, OCCURRENCE_LIMIT);
            if let Some(last) = shown.into_iter().rfind(|shown| says(shown.event)) {
                return Some(last);
            }
            (to, back) = (from, back * 4);
        }
        None
    }

    fn within(&self, window: &TimeWindow, limit: usize) -> Vec<Appearance<'a, Seen>> {
        let Some(master) = self.master else { return Vec::new() };
        appearances(master, self.overrides.iter().copied(), window, limit).unwrap_or_default()
    }
}
