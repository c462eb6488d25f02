//! When an event takes place.
//!
//! Google renders `dateTime` with the offset of the *response's* zone, while `timeZone` is the event's own (API
//! reference, `events.list`). So the offset only serves to find the instant, which is then read off the wall in the
//! event's zone. A floating event has no form at Google: it is sent in the calendar's zone, and the name of that zone
//! is kept in a private property. While the event still is in that zone it is read as floating; once somebody has put
//! it into another zone at Google, it is not floating any more.

use chrono::{DateTime, Days, NaiveDate, Offset, SecondsFormat, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use synodic_model::{OriginalStart, When, ZonedTime};

use super::{Body, property};
use crate::google::wire;

/// A point of time as Google says it.
#[derive(Clone, Copy)]
enum Point {
    Day(NaiveDate),
    Time(ZonedTime),
}

/// Whether an event can only be read by somebody who knows its calendar's zone.
pub(in crate::google) fn zone_needed(event: &wire::Event) -> bool {
    let is_bare = |point: &wire::EventDateTime| {
        point.date_time.is_some() && point.time_zone.as_deref().is_none_or(|name| name.parse::<Tz>().is_err())
    };
    [&event.start, &event.end, &event.original_start_time].into_iter().flatten().any(is_bare)
}

/// Reads start and end, or says why they cannot be read.
pub(super) fn read(event: &wire::Event, calendar: Tz, warnings: &mut Vec<String>) -> Result<When, String> {
    let start = event.start.as_ref().ok_or("it has no start")?;
    let start = point(start, calendar, warnings)?;
    let end = match &event.end {
        Some(end) => point(end, calendar, warnings)?,
        None => start,
    };
    match (start, end) {
        (Point::Day(start), Point::Day(end)) => Ok(whole_days(start, end)),
        (Point::Time(start), Point::Time(end)) => {
            let when = zoned(start, end);
            let floats = event.private(property::FLOATING) == Some(start.zone.name());
            Ok(if floats { floating(when) } else { when })
        }
        (Point::Day(_), Point::Time(_)) | (Point::Time(_), Point::Day(_)) => {
            Err("it starts with a day and ends with a time, or the reverse".to_owned())
        }
    }
}

/// Reads which occurrence of its series an item stands for.
pub(super) fn read_original_start(
    event: &wire::Event,
    calendar: Tz,
    warnings: &mut Vec<String>,
) -> Result<OriginalStart, String> {
    let original = event.original_start_time.as_ref().ok_or("it does not say which occurrence it is")?;
    let start = match point(original, calendar, warnings)? {
        Point::Day(date) => OriginalStart::Date { date },
        Point::Time(time) if event.private(property::FLOATING) == Some(time.zone.name()) => {
            OriginalStart::Floating { time: time.local }
        }
        Point::Time(time) => OriginalStart::Zoned { time },
    };
    Ok(start)
}

/// The place of an occurrence that is left out, of which Google says no more than its original start.
pub(super) fn at_original_start(original: &OriginalStart) -> When {
    match *original {
        OriginalStart::Date { date } => whole_days(date, date),
        OriginalStart::Zoned { time } => When::Zoned { start: time, end: time },
        OriginalStart::Floating { time } => When::Floating { start: time, end: time },
    }
}

fn point(point: &wire::EventDateTime, calendar: Tz, warnings: &mut Vec<String>) -> Result<Point, String> {
    match (point.date.as_deref(), point.date_time.as_deref()) {
        (Some(date), None) => {
            let date = date.parse().map_err(|_| format!("“{date}” is not a day"))?;
            Ok(Point::Day(date))
        }
        (None, Some(time)) => {
            let zone = zone(point.time_zone.as_deref(), calendar, warnings);
            let time = instant(time, zone).ok_or_else(|| format!("“{time}” is not a time"))?;
            Ok(Point::Time(ZonedTime::at(whole_second(time), zone)))
        }
        (None, None) => Err("a start or end is neither a day nor a time".to_owned()),
        (Some(_), Some(_)) => Err("a start or end is both a day and a time".to_owned()),
    }
}

/// The instant of an RFC 3339 time; one without an offset is read off the wall.
fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let with_offset = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    with_offset.ok().or_else(|| Some(ZonedTime::new(text.parse().ok()?, zone).instant()))
}

/// The zone by its IANA name. Windows names and offsets (“W. Europe Standard Time”, “GMT+01:00”), which some clients
/// leave behind, are read in the calendar's zone: the instant is right, a series may be an hour off after a clock change.
fn zone(name: Option<&str>, calendar: Tz, warnings: &mut Vec<String>) -> Tz {
    let Some(name) = name else { return calendar };
    name.parse().unwrap_or_else(|_| {
        let warning = format!("the time zone “{name}” is not known; {} is used instead", calendar.name());
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
        calendar
    })
}

/// An all-day event has at least one day: Google refuses less, though old events may hold it.
fn whole_days(start: NaiveDate, end: NaiveDate) -> When {
    When::AllDay { start, end: end.max(start.checked_add_days(Days::new(1)).unwrap_or(start)) }
}

fn zoned(start: ZonedTime, end: ZonedTime) -> When {
    let end = if end.instant() < start.instant() { ZonedTime::at(start.instant(), end.zone) } else { end };
    When::Zoned { start, end }
}

fn floating(when: When) -> When {
    match when {
        When::Zoned { start, end } => When::Floating { start: start.local, end: end.local.max(start.local) },
        When::AllDay { .. } | When::Floating { .. } => when,
    }
}

/// The event's place with floating times read off the wall in `calendar`.
pub(super) fn anchored(when: &When, calendar: Tz) -> When {
    match *when {
        When::Floating { start, end } => {
            zoned(ZonedTime::new(start, calendar), ZonedTime::new(end, calendar))
        }
        When::AllDay { start, end } => whole_days(start, end),
        When::Zoned { start, end } => zoned(start, end),
    }
}

/// Writes start and end, each with the form that it does not have as `null`: a patch keeps what it does not name, and
/// a start with both a day and a time is refused.
pub(super) fn write(when: &When, calendar: Tz, body: &mut Body) {
    let kept = matches!(when, When::Floating { .. }).then(|| calendar.name());
    let (start, end) = match anchored(when, calendar) {
        When::Zoned { start, end } => (time_value(start), time_value(end)),
        When::AllDay { start, end } => (day_value(start), day_value(end)),
        // `anchored` leaves none.
        When::Floating { start, end } => {
            (time_value(ZonedTime::new(start, calendar)), time_value(ZonedTime::new(end, calendar)))
        }
    };
    body.set("start", start);
    body.set("end", end);
    body.set_private(property::FLOATING, kept);
}

fn day_value(day: NaiveDate) -> Value {
    json!({ "date": day.to_string(), "dateTime": Value::Null, "timeZone": Value::Null })
}

fn time_value(time: ZonedTime) -> Value {
    json!({ "date": Value::Null, "dateTime": rfc3339(time), "timeZone": time.zone.name() })
}

/// With the zone's own offset, as Google writes it; in UTC where that offset has seconds (before about 1900), which
/// RFC 3339 cannot say.
fn rfc3339(time: ZonedTime) -> String {
    let instant = whole_second(time.instant());
    let offset = time.zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    if offset.local_minus_utc() % 60 == 0 {
        instant.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::Secs, true)
    } else {
        instant.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

/// Google drops fractions of a second; so do we, or our own time would come back changed.
fn whole_second(time: DateTime<Utc>) -> DateTime<Utc> {
    time.with_nanosecond(0).unwrap_or(time)
}

/// An occurrence's original start as `events.instances` asks for it. The reference does not say how a day is to be
/// written; as the instant at which it begins in the calendar's zone it is a time like any other.
pub(in crate::google) fn original_start_text(original: &OriginalStart, calendar: Tz) -> String {
    rfc3339(match *original {
        OriginalStart::Date { date } => ZonedTime::new(date.into(), calendar),
        OriginalStart::Zoned { time } => time,
        OriginalStart::Floating { time } => ZonedTime::new(time, calendar),
    })
}

/// The name of an occurrence within its series, with a floating start read off the wall in `calendar`.
pub(in crate::google) fn occurrence_key(original: &OriginalStart, calendar: Tz) -> String {
    match *original {
        OriginalStart::Floating { time } => {
            OriginalStart::Zoned { time: ZonedTime::new(time, calendar) }.key()
        }
        OriginalStart::Date { .. } | OriginalStart::Zoned { .. } => original.key(),
    }
}
