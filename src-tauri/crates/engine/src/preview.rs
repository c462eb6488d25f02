//! A series while it is being written: the dates that its rule would give, before anything is kept.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use synodic_model::recurrence::expand;
use synodic_model::validate::{Problem, check_series};
use synodic_model::{Field, Recurrence, TimeWindow, When};

use crate::error::EngineError;

/// The most dates that are told.
const DATES_LIMIT: usize = 50;

/// How many occurrences may be under way at once before the answer comes out short.
const UNDER_WAY: usize = 10;

/// How far ahead dates are looked for: a rule that is silent for longer is as good as ended.
const STRETCH: TimeDelta = TimeDelta::days(200 * 366);

/// When a series takes place: its occurrences that begin at `from` or later, in order, at most `limit`.
///
/// # Errors
/// [`EngineError::Invalid`] when its rule cannot be read or never yields a date.
pub fn preview_series(
    first: &When,
    recurrence: &Recurrence,
    from: DateTime<Utc>,
    limit: usize,
    viewer: Tz,
) -> Result<Vec<When>, EngineError> {
    let limit = limit.min(DATES_LIMIT);
    check_series(first, recurrence)?;
    let mut recurrence = recurrence.clone();
    recurrence.fit_to(first);
    let to = from.checked_add_signed(STRETCH).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let window = TimeWindow { from, to, viewer };
    // One that is under way overlaps the window, too, and is passed over.
    let found = expand(first, &recurrence, &window, limit + UNDER_WAY)
        .map_err(|error| Problem { field: Field::Recurrence, message: error.to_string() })?;
    let dates = found.into_iter().map(|occurrence| occurrence.when);
    Ok(dates.filter(|when| when.instants(viewer).0 >= from).take(limit).collect())
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate, NaiveDateTime};
    use chrono_tz::Europe::Berlin;
    use synodic_model::ZonedTime;

    use super::*;
    use crate::view::{Failure, FailureCode};

    fn at_ten(day: &str) -> When {
        let at = |time: &str| {
            let local = NaiveDateTime::parse_from_str(&format!("{day} {time}"), "%Y-%m-%d %H:%M").unwrap();
            ZonedTime::new(local, Berlin)
        };
        When::Zoned { start: at("10:00"), end: at("11:00") }
    }

    fn days(first: &When, rule: &str, from: &str, limit: usize) -> Result<Vec<NaiveDate>, Failure> {
        let recurrence = Recurrence { rules: vec![rule.to_owned()], ..Recurrence::default() };
        let dates = preview_series(first, &recurrence, from.parse().unwrap(), limit, Berlin)?;
        Ok(dates.iter().map(|when| when.instants(Berlin).0.date_naive()).collect())
    }

    fn numbers(rule: &str, from: &str) -> Vec<u32> {
        days(&at_ten("2026-11-02"), rule, from, 5).unwrap().iter().map(Datelike::day).collect()
    }

    #[test]
    fn the_next_dates_are_told_and_not_those_that_are_over() {
        assert_eq!(numbers("FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-02T00:00:00Z"), [2, 5, 9, 12, 16]);
        assert_eq!(numbers("FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-09T09:30:00Z"), [12, 16, 19, 23, 26]);
    }

    #[test]
    fn an_end_is_kept_however_it_is_written() {
        assert_eq!(numbers("FREQ=DAILY;COUNT=3", "2026-11-01T00:00:00Z"), [2, 3, 4]);
        assert_eq!(numbers("FREQ=DAILY;UNTIL=20261104", "2026-11-01T00:00:00Z"), [2, 3, 4]);
        assert_eq!(numbers("FREQ=DAILY;UNTIL=20261104", "2026-12-01T00:00:00Z"), [0; 0]);
    }

    #[test]
    fn whole_days_are_told_too() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        let first = When::AllDay { start: day, end: day.succ_opt().unwrap() };
        let found = days(&first, "FREQ=MONTHLY;BYMONTHDAY=2", "2026-11-01T00:00:00Z", 2).unwrap();
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn what_is_no_rule_is_refused_at_its_field() {
        for rule in ["every now and then", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] {
            let refused = days(&at_ten("2026-11-02"), rule, "2026-11-01T00:00:00Z", 5).unwrap_err();
            assert_eq!(
                (refused.code, refused.field),
                (FailureCode::Invalid, Some(Field::Recurrence)),
                "{rule}"
            );
        }
    }

    #[test]
    fn nobody_gets_an_endless_answer() {
        let found = days(&at_ten("2026-11-02"), "FREQ=MINUTELY", "2026-11-01T00:00:00Z", usize::MAX).unwrap();
        assert_eq!(found.len(), DATES_LIMIT);
    }
}
