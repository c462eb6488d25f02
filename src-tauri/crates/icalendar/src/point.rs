//! Points in time and durations as lines have them (RFC 5545 §3.3.4 to §3.3.6).

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use synodic_model::{Fold, OriginalStart, When, ZonedTime};

use crate::error::Unreadable;
use crate::text::Line;
use crate::zones::{Meaning, Zones};

/// Our parameter for the zone of a time that has to be written in UTC, for only so it says which of two equal readings of
/// the wall clock is meant.
const ZONE: &str = "X-SYNODIC-ZONE";
/// Our parameter for a time that starts a series, which cannot be in UTC: the later of two equal readings is meant.
const FOLD: &str = "X-SYNODIC-FOLD";
const LATER: &str = "LATER";

/// In seconds, where no clock is set.
const A_DAY: i64 = 24 * 60 * 60;
/// The longest duration that is believed.
const A_CENTURY: TimeDelta = TimeDelta::days(36_525);

/// A point in time as a line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    Day(NaiveDate),
    Zoned(ZonedTime),
    Floating(NaiveDateTime),
}

impl Point {
    pub(crate) fn read(zones: &Zones, line: &Line) -> Result<Self, Unreadable> {
        let point = Self::read_value(zones, line.value(), line.parameter("TZID"))?;
        let Self::Zoned(time) = point else { return Ok(point) };
        let own = line.parameter(ZONE).and_then(|name| name.parse().ok());
        Ok(Self::Zoned(match own {
            Some(zone) if time.zone == Tz::UTC => ZonedTime::at(time.instant(), zone),
            _ if line.parameter(FOLD) == Some(LATER) => with_fold(time, Fold::Later),
            _ => time,
        }))
    }

    /// Reads one value, which is in the zone `id` unless it says otherwise.
    pub(crate) fn read_value(zones: &Zones, value: &str, id: Option<&str>) -> Result<Self, Unreadable> {
        let value = value.trim();
        let unreadable = || Unreadable::NoTime { value: value.chars().take(40).collect() };
        if value.len() == 8 {
            return NaiveDate::parse_from_str(value, "%Y%m%d").map(Self::Day).map_err(|_| unreadable());
        }
        let local =
            |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").map_err(|_| unreadable());
        if let Some(utc) = value.strip_suffix(['Z', 'z']) {
            return Ok(Self::Zoned(ZonedTime::new(local(utc)?, Tz::UTC)));
        }
        let Some(id) = id else { return Ok(Self::Floating(local(value)?)) };
        match zones.meaning(id) {
            None => Err(Unreadable::UnknownZone { id: id.to_owned() }),
            Some(Meaning::Zone(zone)) => Ok(Self::Zoned(ZonedTime::new(local(value)?, zone))),
            Some(Meaning::Own(rules)) => Ok(Self::Zoned(ZonedTime::new(rules.utc(local(value)?), Tz::UTC))),
        }
    }

    pub(crate) fn line(self, name: &str) -> Line {
        match self {
            Self::Day(date) => Line::new(&format!("{name};VALUE=DATE"), &date.format("%Y%m%d").to_string()),
            Self::Floating(local) => Line::new(name, &local.format("%Y%m%dT%H%M%S").to_string()),
            Self::Zoned(time) if time.zone == Tz::UTC => {
                Line::new(name, &time.local.format("%Y%m%dT%H%M%SZ").to_string())
            }
            Self::Zoned(time) if is_second_reading(time) => {
                let utc = time.instant().format("%Y%m%dT%H%M%SZ").to_string();
                Line::new(&format!("{name};{ZONE}={}", time.zone.name()), &utc)
            }
            Self::Zoned(time) => {
                let local = time.local.format("%Y%m%dT%H%M%S").to_string();
                Line::new(&format!("{name};TZID={}", time.zone.name()), &local)
            }
        }
    }

    /// The line for the start of a series, whose rules are about the clock in its zone.
    pub(crate) fn line_of_series(self, name: &str) -> Line {
        match self {
            Self::Zoned(time) if is_second_reading(time) => {
                Self::Zoned(with_fold(time, Fold::Earlier)).line(name).with_parameter(FOLD, Some(LATER))
            }
            _ => self.line(name),
        }
    }

    /// The point as a time that takes no time.
    pub(crate) fn when(self) -> When {
        match self {
            Self::Day(date) => When::AllDay { start: date, end: date.succ_opt().unwrap_or(date) },
            Self::Zoned(time) => When::Zoned { start: time, end: time },
            Self::Floating(time) => When::Floating { start: time, end: time },
        }
    }

    /// The point as it names an occurrence of a series that starts at `when`.
    pub(crate) fn original_start(self, when: &When) -> OriginalStart {
        match (self, when) {
            (Self::Day(date), _) => OriginalStart::Date { date },
            (Self::Zoned(time), When::Zoned { start, .. }) => {
                OriginalStart::Zoned { time: ZonedTime::at(time.instant(), start.zone) }
            }
            (Self::Zoned(time), When::AllDay { .. }) => OriginalStart::Date { date: time.local.date() },
            (Self::Zoned(time), When::Floating { .. }) => OriginalStart::Floating { time: time.local },
            (Self::Floating(local), When::Zoned { start, .. }) => {
                OriginalStart::Zoned { time: ZonedTime::new(local, start.zone) }
            }
            (Self::Floating(local), When::AllDay { .. }) => OriginalStart::Date { date: local.date() },
            (Self::Floating(time), When::Floating { .. }) => OriginalStart::Floating { time },
        }
    }
}

const fn with_fold(time: ZonedTime, fold: Fold) -> ZonedTime {
    ZonedTime { fold, ..time }
}

/// Whether the wall shows the time twice, and the second one is meant.
fn is_second_reading(time: ZonedTime) -> bool {
    time.fold == Fold::Later && with_fold(time, Fold::Earlier).instant() != time.instant()
}

/// The line that names an occurrence.
pub(crate) fn recurrence_id(original: &OriginalStart) -> Line {
    match *original {
        OriginalStart::Date { date } => Point::Day(date),
        OriginalStart::Zoned { time } => Point::Zoned(time),
        OriginalStart::Floating { time } => Point::Floating(time),
    }
    .line("RECURRENCE-ID")
}

/// The zones that an event's times name.
pub(crate) fn zones_named(when: &When) -> Vec<(Tz, NaiveDate)> {
    match when {
        When::Zoned { start, end } => {
            let named = [(start.zone, start.local.date()), (end.zone, end.local.date())];
            named.into_iter().filter(|(zone, _)| *zone != Tz::UTC).collect()
        }
        When::AllDay { .. } | When::Floating { .. } => Vec::new(),
    }
}

/// `P1DT2H`, `-PT15M`, `P2W` (RFC 5545 §3.3.6). None also for what is longer than a century: no event is, and times so
/// far away cannot be reckoned with.
pub(crate) fn read_duration(text: &str) -> Option<TimeDelta> {
    read_days_and_time(text).map(|(days, time)| days + time)
}

/// The days of a duration, which are as long as they are where the clock is set, and its hours, minutes and seconds.
pub(crate) fn read_days_and_time(text: &str) -> Option<(TimeDelta, TimeDelta)> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mut days, mut time): (i64, i64) = (0, 0);
    let mut number = String::new();
    for character in rest.strip_prefix(['P', 'p'])?.chars() {
        if character.is_ascii_digit() {
            number.push(character);
            continue;
        }
        let unit = match character.to_ascii_uppercase() {
            'T' => continue,
            'W' => 7 * A_DAY,
            'D' => A_DAY,
            'H' => 60 * 60,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        let sum = if unit < A_DAY { &mut time } else { &mut days };
        *sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    let part = |seconds: i64| TimeDelta::try_seconds(sign * seconds);
    let (days, time) = (part(days)?, part(time)?);
    days.checked_add(&time).filter(|duration| duration.abs() <= A_CENTURY)?;
    Some((days, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_far_as_they_can_be_reckoned_with() {
        assert_eq!(read_duration("PT1H30M"), Some(TimeDelta::minutes(90)));
        assert_eq!(read_duration("-P2W"), Some(TimeDelta::weeks(-2)));
        for beyond in ["P100000000W", "-P5218000W", "P9223372036854775807S", "P1Y", "1D", ""] {
            assert_eq!(read_duration(beyond), None, "{beyond}");
        }
    }
}
