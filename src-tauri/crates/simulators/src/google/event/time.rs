//! The start or end of an event: a day, or an instant with the zone it was meant in.

use chrono::{
    DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::google::error::ApiError;

/// The start or end of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventTime {
    /// A whole day, wherever one is.
    Day(NaiveDate),
    /// A moment, and the zone in which it recurs.
    At(DateTime<Utc>, Tz),
}

/// Which end of an event is being read; error messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Start,
    End,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

impl EventTime {
    /// Reads what a client sent. `recurring` makes the zone obligatory, as it decides where daylight saving applies.
    pub(crate) fn read(value: &Value, side: Side, fallback: Tz, recurring: bool) -> Result<Self, ApiError> {
        let side_name = side.name();
        let text = |name: &str| match value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(ApiError::invalid(format!("Invalid value for: {side_name}.{name}"))),
        };
        let zone = match text("timeZone")? {
            Some(name) => Some(name.parse::<Tz>().map_err(|_| {
                ApiError::invalid(format!("Invalid time zone definition for {side_name} time."))
            })?),
            None => None,
        };
        match (text("date")?, text("dateTime")?) {
            (None, None) => Err(ApiError::required(format!("Missing {side_name} time."))),
            (Some(_), Some(_)) => Err(ApiError::invalid(format!("Invalid {side_name} time."))),
            (Some(day), None) => day
                .parse()
                .map(Self::Day)
                .map_err(|_| ApiError::invalid(format!("Invalid value for: Invalid format: \"{day}\""))),
            (None, Some(moment)) => {
                let zone_missing =
                    || ApiError::required(format!("Missing time zone definition for {side_name} time."));
                if recurring && zone.is_none() {
                    return Err(zone_missing());
                }
                let instant = match DateTime::parse_from_rfc3339(moment) {
                    Ok(instant) => instant.to_utc(),
                    Err(_) => {
                        let local = moment.parse::<NaiveDateTime>().map_err(|_| {
                            ApiError::invalid(format!("Invalid value for: Invalid format: \"{moment}\""))
                        })?;
                        from_wall(local, zone.ok_or_else(zone_missing)?)
                    }
                };
                Ok(Self::At(instant.with_nanosecond(0).unwrap_or(instant), zone.unwrap_or(fallback)))
            }
        }
    }

    /// The form that [`EventTime::read`] accepts, for merging a patch into it.
    pub(crate) fn input(&self) -> Value {
        match self {
            Self::Day(day) => json!({ "date": day.to_string() }),
            Self::At(instant, zone) => json!({ "dateTime": utc(*instant), "timeZone": zone.name() }),
        }
    }

    /// The form of an answer: with the offset of the zone of the answer, but the name of its own zone.
    pub(crate) fn render(&self, answer_zone: Tz) -> Value {
        match self {
            Self::Day(day) => json!({ "date": day.to_string() }),
            Self::At(instant, zone) => {
                let there = instant.with_timezone(&answer_zone);
                json!({ "dateTime": there.to_rfc3339_opts(SecondsFormat::Secs, true), "timeZone": zone.name() })
            }
        }
    }

    /// When it is, taking days to begin at midnight in `zone`.
    pub(crate) fn instant(&self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Day(day) => from_wall(day.and_time(NaiveTime::MIN), zone),
            Self::At(instant, _) => *instant,
        }
    }

    /// What a clock on the wall of its own zone shows.
    pub(crate) fn wall(&self) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN),
            Self::At(instant, zone) => instant.with_timezone(zone).naive_local(),
        }
    }

    /// The time of the same kind and zone at which the wall clock shows `wall`.
    pub(crate) fn at_wall(&self, wall: NaiveDateTime) -> Self {
        match self {
            Self::Day(_) => Self::Day(wall.date()),
            Self::At(_, zone) => Self::At(from_wall(wall, *zone), *zone),
        }
    }

    /// Moves the time by as much as lies between `from` and `to`: whole days for days, exact time otherwise.
    pub(crate) fn moved(&self, from: &Self, to: &Self) -> Self {
        match (self, from, to) {
            (Self::Day(day), Self::Day(from), Self::Day(to)) => Self::Day(*day + (*to - *from)),
            (Self::At(instant, zone), Self::At(from, _), Self::At(to, _)) => {
                Self::At(*instant + (*to - *from), *zone)
            }
            // A series has one kind of time throughout; there is no distance between a day and a moment.
            _ => *self,
        }
    }

    /// The last part of the id of an occurrence that begins at this time.
    pub(crate) fn stamp(&self) -> String {
        match self {
            Self::Day(day) => day.format("%Y%m%d").to_string(),
            Self::At(instant, _) => instant.format("%Y%m%dT%H%M%SZ").to_string(),
        }
    }

    /// Reads such a part of an id back, in the kind and zone of this time.
    pub(crate) fn read_stamp(&self, stamp: &str) -> Option<Self> {
        match self {
            Self::Day(_) => NaiveDate::parse_from_str(stamp, "%Y%m%d").ok().map(Self::Day),
            Self::At(_, zone) => {
                let moment = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").ok()?;
                Some(Self::At(moment.and_utc(), *zone))
            }
        }
    }

    pub(crate) fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }
}

/// Writes an instant as clients send it.
pub(crate) fn utc(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Writes an instant as `created` and `updated` show it.
pub(crate) fn utc_millis(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Finds the instant at which a wall clock shows `wall`. An hour that comes twice means its first coming; one that is
/// skipped is read with the offset before the gap (RFC 5545, section 3.3.5).
pub(crate) fn from_wall(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    if let Some(instant) = zone.from_local_datetime(&wall).earliest() {
        return instant.to_utc();
    }
    // The longest gap ever was a day, when Samoa changed sides of the date line.
    let before =
        wall.checked_sub_days(Days::new(1)).and_then(|day| zone.from_local_datetime(&day).earliest());
    let elapsed = TimeDelta::days(1);
    before.map_or_else(|| wall.and_utc(), |day| day.to_utc() + elapsed)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;

    fn read(value: &Value) -> Result<EventTime, ApiError> {
        EventTime::read(value, Side::Start, Tz::UTC, false)
    }

    #[test]
    fn an_offset_or_a_zone_is_needed_and_the_answer_has_both() {
        let at = read(&json!({ "dateTime": "2026-07-01T09:00:00.250", "timeZone": "Europe/Paris" })).unwrap();
        assert_eq!(at.input(), json!({ "dateTime": "2026-07-01T07:00:00Z", "timeZone": "Europe/Paris" }));
        let tokyo = at.render(chrono_tz::Asia::Tokyo);
        assert_eq!(tokyo, json!({ "dateTime": "2026-07-01T16:00:00+09:00", "timeZone": "Europe/Paris" }));
        assert_eq!(read(&json!({ "dateTime": "2026-07-01T09:00:00" })).unwrap_err().reason(), "required");
        assert_eq!(
            read(&json!({ "dateTime": "2026-07-01T09:00:00+02:00" })).unwrap().input()["timeZone"],
            "UTC"
        );
    }

    #[test]
    fn a_day_and_a_moment_exclude_each_other() {
        let both = json!({ "date": "2026-07-01", "dateTime": "2026-07-01T09:00:00Z" });
        assert_eq!(read(&both).unwrap_err().reason(), "invalid");
        let cleared = json!({ "date": "2026-07-01", "dateTime": null, "timeZone": null });
        assert!(read(&cleared).unwrap().is_day());
        assert_eq!(read(&json!({})).unwrap_err().reason(), "required");
        assert!(read(&json!({ "date": "2026-02-30" })).is_err());
        assert!(read(&json!({ "dateTime": "2026-07-01T09:00:00Z", "timeZone": "Mars/Base" })).is_err());
    }

    #[test]
    fn recurring_times_need_a_zone() {
        let value = json!({ "dateTime": "2026-07-01T09:00:00+02:00" });
        let error = EventTime::read(&value, Side::Start, Tz::UTC, true).unwrap_err();
        assert_eq!((error.status(), error.reason()), (400, "required"));
    }

    #[test]
    fn skipped_and_repeated_hours_follow_the_standard() {
        let wall = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert_eq!(utc(from_wall(wall("2026-03-29T02:30:00"), Paris)), "2026-03-29T01:30:00Z");
        assert_eq!(utc(from_wall(wall("2026-10-25T02:30:00"), Paris)), "2026-10-25T00:30:00Z");
    }

    #[test]
    fn stamps_are_read_back() {
        let at = read(&json!({ "dateTime": "2026-07-01T09:00:00", "timeZone": "Europe/Paris" })).unwrap();
        assert_eq!(at.stamp(), "20260701T070000Z");
        assert_eq!(at.read_stamp(&at.stamp()), Some(at));
        let day = read(&json!({ "date": "2026-07-01" })).unwrap();
        assert_eq!(day.read_stamp("20260708").unwrap().stamp(), "20260708");
        assert_eq!(day.read_stamp("20260708T000000Z"), None);
    }
}
