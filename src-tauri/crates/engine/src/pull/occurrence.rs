//! What is peculiar to the occurrences of a series: what a cancelled one would have been, for services often tell no more
//! of it than its place in the series; and what an edited one takes from its series.

use chrono::{NaiveDateTime, TimeDelta};
use synodic_model::{EventContent, EventId, EventStatus, OriginalStart, When, ZonedTime};

use super::plan::Plan;
use crate::edit::series::{inherited, occurrence_at};

impl Plan<'_> {
    /// What was changed there of a series as a whole reaches the occurrences that were edited here and of which the remote
    /// has nothing of its own, as if it had been changed here. What the remote has of the others it says itself.
    pub(super) fn pass_on(&mut self) {
        for (series, before) in std::mem::take(&mut self.reworded) {
            let Some(after) = self.rows.event(series).map(|series| series.content.clone()) else { continue };
            for id in self.rows.overrides(series) {
                let is_there = self.rows.sync(id).is_some_and(|row| row.external_id.is_some());
                let own = self.rows.event(id).filter(|own| !is_there && own.deleted_at.is_none());
                let Some((content, edited_at)) =
                    own.map(|own| (inherited(&before, &after, &own.content), own.updated_at))
                else {
                    continue;
                };
                self.change_event(id, content, Some(edited_at));
            }
        }
    }

    /// Whether an occurrence is called off that its series does not have. There is nothing to tell others of it before the
    /// series has it again.
    pub(super) fn is_off_without_place(&self, id: EventId) -> bool {
        let event = self.rows.event(id).filter(|event| event.content.status == EventStatus::Cancelled);
        let key = event.and_then(|event| event.occurrence_of);
        let series = key.and_then(|key| Some((key, self.rows.event(key.series_id)?)));
        series.is_some_and(|(key, series)| occurrence_at(&series.content, &key.original_start).is_none())
    }
}

/// The occurrence as the series has it, called off.
pub(crate) fn cancelled_occurrence(master: &EventContent, original_start: &OriginalStart) -> EventContent {
    EventContent { status: EventStatus::Cancelled, ..plain_occurrence(master, original_start) }
}

/// The occurrence as the series has it.
pub(crate) fn plain_occurrence(master: &EventContent, original_start: &OriginalStart) -> EventContent {
    EventContent { when: moved_to(&master.when, original_start), recurrence: None, ..master.clone() }
}

/// `when`, of the same length on the wall clock but starting at `start`.
fn moved_to(when: &When, start: &OriginalStart) -> When {
    match (*start, *when) {
        (OriginalStart::Date { date }, _) => {
            let days = match *when {
                When::AllDay { start, end } => end - start,
                When::Zoned { .. } | When::Floating { .. } => TimeDelta::days(1),
            };
            When::AllDay { start: date, end: date.checked_add_signed(days).unwrap_or(date) }
        }
        (OriginalStart::Zoned { time }, When::Zoned { start, end }) => {
            let length = end.local - start.local;
            When::Zoned { start: time, end: ZonedTime::new(later(time.local, length), end.zone) }
        }
        (OriginalStart::Zoned { time }, When::AllDay { .. } | When::Floating { .. }) => {
            When::Zoned { start: time, end: time }
        }
        (OriginalStart::Floating { time }, When::Floating { start, end }) => {
            When::Floating { start: time, end: later(time, end - start) }
        }
        (OriginalStart::Floating { time }, When::AllDay { .. } | When::Zoned { .. }) => {
            When::Floating { start: time, end: time }
        }
    }
}

fn later(time: NaiveDateTime, by: TimeDelta) -> NaiveDateTime {
    time.checked_add_signed(by).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use synodic_model::Recurrence;

    use super::*;

    #[test]
    fn a_cancelled_occurrence_has_the_length_of_its_series_and_no_rule() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let at = |date: NaiveDate, hour| {
            ZonedTime::new(date.and_hms_opt(hour, 0, 0).unwrap(), chrono_tz::Europe::Berlin)
        };
        let mut master =
            EventContent::new("Stand-up", When::Zoned { start: at(day(2), 9), end: at(day(2), 10) });
        master.recurrence = Some(Recurrence::default());
        let gone = cancelled_occurrence(&master, &OriginalStart::Zoned { time: at(day(9), 9) });
        assert_eq!(gone.when, When::Zoned { start: at(day(9), 9), end: at(day(9), 10) });
        assert_eq!(gone.status, EventStatus::Cancelled);
        assert_eq!(gone.recurrence, None);
        assert_eq!(gone.title, "Stand-up");
    }
}
