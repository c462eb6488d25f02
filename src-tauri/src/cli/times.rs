//! The times of events as the command line's options say them.

use chrono::{Days, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use synodic_engine::view::Failure;
use synodic_model::input::{InputError, Moment, parse_moment, parse_when, parse_zone};
use synodic_model::{TimeWindow, When, ZonedTime};

use super::invalid;

/// How typed times are to be read.
pub(super) struct Times<'a> {
    /// The zone that was named.
    pub(super) zone: Option<&'a str>,
    /// Whether whole days are meant.
    pub(super) all_day: bool,
    /// The machine's zone.
    pub(super) viewer: Tz,
}

impl Times<'_> {
    /// The time of a new event. Without an end it lasts an hour, or a day.
    pub(super) fn when(&self, start: &str, end: Option<&str>) -> Result<When, Failure> {
        let zone = self.named_zone()?.unwrap_or(self.viewer);
        parse_when(start, end, self.all_day, zone).map_err(unreadable)
    }

    /// The time of an event after an edit that names a new start, a new end, both or none. A start alone moves the
    /// event and keeps how long it lasts.
    pub(super) fn changed(
        &self,
        before: &When,
        start: Option<&str>,
        end: Option<&str>,
    ) -> Result<When, Failure> {
        let named = self.named_zone()?;
        let before = self.rezoned(before, named);
        let (start_zone, end_zone) = self.zones(&before);
        match (start, end) {
            (None, None) => Ok(before),
            (Some(start), None) => {
                let start = parse_moment(start, start_zone).map_err(unreadable)?;
                self.moved(&before, start, end_zone)
            }
            (None, Some(end)) => self.ending(&before, parse_moment(end, end_zone).map_err(unreadable)?),
            (Some(start), Some(end)) => {
                parse_when(start, Some(end), self.all_day, start_zone).map_err(unreadable)
            }
        }
    }

    /// The same wall-clock times in the zone that was named, or the same days as whole ones when that was asked.
    fn rezoned(&self, when: &When, named: Option<Tz>) -> When {
        match (*when, named) {
            (When::Zoned { start, end }, _) if self.all_day => {
                whole_days(start.local.date(), end.local.date())
            }
            (When::Floating { start, end }, _) if self.all_day => whole_days(start.date(), end.date()),
            (When::Zoned { start, end }, Some(zone)) => {
                When::Zoned { start: ZonedTime::new(start.local, zone), end: ZonedTime::new(end.local, zone) }
            }
            (When::Floating { start, end }, Some(zone)) => {
                When::Zoned { start: ZonedTime::new(start, zone), end: ZonedTime::new(end, zone) }
            }
            (when, _) => when,
        }
    }

    /// The zones in which a new start and a new end are read.
    fn zones(&self, when: &When) -> (Tz, Tz) {
        match when {
            When::Zoned { start, end } => (start.zone, end.zone),
            When::AllDay { .. } | When::Floating { .. } => (self.viewer, self.viewer),
        }
    }

    fn moved(&self, before: &When, start: Moment, end_zone: Tz) -> Result<When, Failure> {
        let (old_start, old_end) = before.instants(self.viewer);
        let too_far = || invalid("that is too far away");
        match (start, before) {
            (Moment::Day(day), When::AllDay { start, end }) => {
                let end = day.checked_add_signed(*end - *start).ok_or_else(too_far)?;
                Ok(When::AllDay { start: day, end })
            }
            (Moment::Day(day), When::Zoned { .. } | When::Floating { .. }) => Ok(whole_days(day, day)),
            (Moment::Time(start), When::AllDay { .. }) => {
                let end = start.instant().checked_add_signed(TimeDelta::hours(1)).ok_or_else(too_far)?;
                Ok(When::Zoned { start, end: ZonedTime::at(end, start.zone) })
            }
            (Moment::Time(start), When::Floating { start: from, end }) => {
                let end = start.local.checked_add_signed(*end - *from).ok_or_else(too_far)?;
                Ok(When::Floating { start: start.local, end })
            }
            (Moment::Time(start), When::Zoned { .. }) => {
                let end = start.instant().checked_add_signed(old_end - old_start).ok_or_else(too_far)?;
                Ok(When::Zoned { start, end: ZonedTime::at(end, end_zone) })
            }
        }
    }

    fn ending(&self, before: &When, end: Moment) -> Result<When, Failure> {
        match (*before, end) {
            (When::AllDay { start, .. }, Moment::Day(end)) => Ok(When::AllDay { start, end }),
            (When::Zoned { start, .. }, Moment::Time(end)) => Ok(When::Zoned { start, end }),
            (When::Floating { start, .. }, Moment::Time(end)) => Ok(When::Floating { start, end: end.local }),
            (When::AllDay { .. }, Moment::Time(_)) => Err(invalid(
                "this event lasts whole days, so its end is a day; name a start with a time too to change that",
            )),
            (When::Zoned { .. } | When::Floating { .. }, Moment::Day(_)) => {
                Err(invalid("this event has times, so its end needs one too, as 2026-11-23T10:00"))
            }
        }
    }

    fn named_zone(&self) -> Result<Option<Tz>, Failure> {
        self.zone.map(parse_zone).transpose().map_err(unreadable)
    }
}

/// All days from the first to the last, both included.
fn whole_days(first: NaiveDate, last: NaiveDate) -> When {
    When::AllDay { start: first, end: last.checked_add_days(Days::new(1)).unwrap_or(last) }
}

#[allow(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unreadable(error: InputError) -> Failure {
    invalid(error.to_string())
}

/// The days from `from` up to and without `to`, as `viewer` sees them.
pub(super) fn day_window(from: NaiveDate, to: NaiveDate, viewer: Tz) -> Result<TimeWindow, Failure> {
    if to <= from {
        return Err(invalid("--to has to be after --from; it is the day after the last one"));
    }
    let at = |day: NaiveDate| ZonedTime::new(day.into(), viewer).instant();
    Ok(TimeWindow { from: at(from), to: at(to), viewer })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Tz = chrono_tz::Europe::Berlin;
    const NEW_YORK: Tz = chrono_tz::America::New_York;

    fn times(zone: Option<&str>) -> Times<'_> {
        Times { zone, all_day: false, viewer: BERLIN }
    }

    fn zoned(start: &str, end: &str, zone: Tz) -> When {
        let time = |text: &str| ZonedTime::new(text.parse().unwrap(), zone);
        When::Zoned { start: time(start), end: time(end) }
    }

    fn days(start: &str, end: &str) -> When {
        When::AllDay { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    #[test]
    fn a_new_start_alone_moves_the_event_in_its_own_zone() {
        let before = zoned("2026-11-23T09:00:00", "2026-11-23T10:30:00", NEW_YORK);
        let after = times(None).changed(&before, Some("2026-11-24T14:00"), None).unwrap();
        assert_eq!(after, zoned("2026-11-24T14:00:00", "2026-11-24T15:30:00", NEW_YORK));
        let trip = days("2026-11-23", "2026-11-26");
        assert_eq!(
            times(None).changed(&trip, Some("2026-12-01"), None).unwrap(),
            days("2026-12-01", "2026-12-04")
        );
    }

    #[test]
    fn a_zone_alone_keeps_the_wall_clock() {
        let before = zoned("2026-11-23T09:00:00", "2026-11-23T10:30:00", NEW_YORK);
        let after = times(Some("Europe/Berlin")).changed(&before, None, None).unwrap();
        assert_eq!(after, zoned("2026-11-23T09:00:00", "2026-11-23T10:30:00", BERLIN));
    }

    #[test]
    fn an_end_of_another_kind_is_refused_with_what_would_do() {
        let before = zoned("2026-11-23T09:00:00", "2026-11-23T10:30:00", BERLIN);
        let failure = times(None).changed(&before, None, Some("2026-11-24")).unwrap_err();
        assert!(failure.message.contains("2026-11-23T10:00"), "{}", failure.message);
    }

    #[test]
    fn days_can_become_times_and_back() {
        let trip = days("2026-11-23", "2026-11-26");
        let timed = times(None).changed(&trip, Some("2026-11-23T09:00"), None).unwrap();
        assert_eq!(timed, zoned("2026-11-23T09:00:00", "2026-11-23T10:00:00", BERLIN));
        let whole = Times { all_day: true, ..times(None) }.changed(&timed, None, None).unwrap();
        assert_eq!(whole, days("2026-11-23", "2026-11-24"));
    }

    #[test]
    fn what_is_no_time_or_no_zone_is_said() {
        assert!(times(None).when("tomorrow", None).unwrap_err().message.contains("“tomorrow”"));
        let failure = times(Some("Europe/Berln")).when("2026-11-23T09:00", None).unwrap_err();
        assert!(failure.message.contains("Europe/Berlin"), "{}", failure.message);
    }
}
