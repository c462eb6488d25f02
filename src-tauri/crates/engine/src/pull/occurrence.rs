//! What a cancelled occurrence would have been; services often tell no more of it than its place in the series.

use chrono::{NaiveDateTime, TimeDelta};
use synodic_model::{EventContent, EventStatus, OriginalStart, When, ZonedTime};

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
