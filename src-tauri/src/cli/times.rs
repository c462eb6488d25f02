//! Times as people type them.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use synodic_engine::view::Failure;
use synodic_model::{TimeWindow, When, ZonedTime};

use super::invalid;

/// How typed times are to be read.
pub(super) struct Times<'a> {
    /// The zone that was named.
    pub(super) zone: Option<&'a str>,
    /// Whether whole days are meant whatever was typed.
    pub(super) all_day: bool,
    /// The machine's zone.
    pub(super) viewer: Tz,
}

/// One typed moment.
#[derive(Clone, Copy)]
enum Moment {
    Day(NaiveDate),
    Time(NaiveDateTime),
}

impl Times<'_> {
    /// The time of a new event. Without an end it lasts an hour, or a day.
    pub(super) fn when(&self, start: &str, end: Option<&str>) -> Result<When, Failure> {
        let (start, end) = (moment(start)?, end.map(moment).transpose()?);
        if self.all_day || matches!(start, Moment::Day(_)) {
            let start = start.day();
            return Ok(When::AllDay { start, end: end.map_or(start + Days::new(1), Moment::day) });
        }
        let zone = self.named_zone()?.unwrap_or(self.viewer);
        let start = start.time();
        let end = end.map_or(start + TimeDelta::hours(1), Moment::time);
        Ok(When::Zoned { start: ZonedTime::new(start, zone), end: ZonedTime::new(end, zone) })
    }

    /// The time of an event after an edit that names a new start, a new end, both or none. A start alone moves the
    /// event and keeps how long it lasts.
    pub(super) fn changed(&self, before: &When, start: Option<&str>, end: Option<&str>) -> Result<When, Failure> {
        if start.is_none() && end.is_none() && self.zone.is_none() && !self.all_day {
            return Ok(*before);
        }
        let typed_start = start.map(moment).transpose()?;
        let typed_end = end.map(moment).transpose()?;
        let (old_start, old_end, zones) = self.parts(before);
        let whole_days = self.all_day
            || match typed_start {
                Some(typed) => matches!(typed, Moment::Day(_)),
                None => before.is_all_day(),
            };
        let new_start = typed_start.map_or(old_start, Moment::time);
        let new_end = typed_end.map_or_else(|| new_start + (old_end - old_start), Moment::time);
        if whole_days {
            let (start, end) = (new_start.date(), new_end.date());
            let end = if end > start || typed_end.is_some() { end } else { start + Days::new(1) };
            return Ok(When::AllDay { start, end });
        }
        let named = self.named_zone()?;
        let zone = |old: Tz| named.unwrap_or(old);
        Ok(match before {
            When::Floating { .. } if named.is_none() => When::Floating { start: new_start, end: new_end },
            _ => When::Zoned {
                start: ZonedTime::new(new_start, zone(zones.0)),
                end: ZonedTime::new(new_end, zone(zones.1)),
            },
        })
    }

    fn parts(&self, when: &When) -> (NaiveDateTime, NaiveDateTime, (Tz, Tz)) {
        match *when {
            When::AllDay { start, end } => (start.into(), end.into(), (self.viewer, self.viewer)),
            When::Zoned { start, end } => (start.local, end.local, (start.zone, end.zone)),
            When::Floating { start, end } => (start, end, (self.viewer, self.viewer)),
        }
    }

    fn named_zone(&self) -> Result<Option<Tz>, Failure> {
        let unknown = |name| invalid(format!("“{name}” is not a time zone; write one as Europe/Berlin"));
        self.zone.map(|name| name.parse().map_err(|_| unknown(name))).transpose()
    }
}

impl Moment {
    fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Time(time) => time.date(),
        }
    }

    fn time(self) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.into(),
            Self::Time(time) => time,
        }
    }
}

/// Reads `2026-11-23`, `2026-11-23T09:00`, `2026-11-23 09:00` or either with seconds.
fn moment(text: &str) -> Result<Moment, Failure> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Moment::Day(day));
    }
    ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(Moment::Time)
        .ok_or_else(|| invalid(format!("“{text}” is not a time; write it as 2026-11-23T09:00, or 2026-11-23 for a day")))
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

    fn times(zone: Option<&str>) -> Times<'_> {
        Times { zone, all_day: false, viewer: BERLIN }
    }

    fn zoned(text: &str, zone: Tz) -> ZonedTime {
        ZonedTime::new(text.parse().unwrap(), zone)
    }

    #[test]
    fn a_day_is_a_whole_day_and_a_time_an_hour() {
        assert_eq!(
            times(None).when("2026-11-23", None).unwrap(),
            When::AllDay { start: "2026-11-23".parse().unwrap(), end: "2026-11-24".parse().unwrap() }
        );
        assert_eq!(
            times(None).when("2026-11-23T09:00", None).unwrap(),
            When::Zoned {
                start: zoned("2026-11-23T09:00:00", BERLIN),
                end: zoned("2026-11-23T10:00:00", BERLIN)
            }
        );
    }

    #[test]
    fn a_new_start_alone_moves_the_event() {
        let before = times(Some("America/New_York")).when("2026-11-23 09:00", Some("2026-11-23 10:30")).unwrap();
        let after = times(None).changed(&before, Some("2026-11-24T14:00"), None).unwrap();
        let new_york = chrono_tz::America::New_York;
        assert_eq!(
            after,
            When::Zoned {
                start: zoned("2026-11-24T14:00:00", new_york),
                end: zoned("2026-11-24T15:30:00", new_york)
            }
        );
    }

    #[test]
    fn what_is_no_time_or_no_zone_is_said() {
        let failure = times(None).when("tomorrow", None).unwrap_err();
        assert!(failure.message.contains("“tomorrow”") && failure.message.contains("2026-11-23T09:00"));
        assert!(times(Some("Europe/Berln")).when("2026-11-23T09:00", None).is_err());
    }
}
