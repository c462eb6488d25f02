//! Dates: whole days with an inclusive end there and an exclusive one here, and times in zones that Notion forgets.
//!
//! | Notion | here |
//! | --- | --- |
//! | a day, or a range of days (the last one included) | whole days, the end excluded |
//! | a time with an offset, or in a named zone | the wall clock in that zone, or in the one we know of the page |
//! | a time without either | UTC, as Notion takes it |
//! | no end | a day, or the length that the person chose; an end is never invented there |
//! | a time that ends on a day | to the end of that day |
//! | an end before its start | cannot be read, and is left alone |
//!
//! Notion keeps instants and tells no more than the offset when asked again, so that the name of the zone is kept on our
//! side: in the page's marker ([`super::marker`]) and in what both sides last agreed on ([`super::known`]).

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use synodic_model::{Fold, When, ZonedTime};

/// What is known of a page's times beyond what Notion says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zones {
    /// Where it begins.
    pub(super) start: Tz,
    /// Where it ends.
    pub(super) end: Tz,
    /// Whether it is meant wherever the reader is.
    pub(super) is_floating: bool,
}

impl Zones {
    /// One zone for both.
    pub(super) const fn of(zone: Tz) -> Self {
        Self { start: zone, end: zone, is_floating: false }
    }
}

/// Reads a `date` value. `minutes` is how long something lasts that has no end.
pub(super) fn read(date: &Value, zones: Zones, minutes: u32) -> Result<When, String> {
    let start = date["start"].as_str().ok_or("the date has no start")?;
    let end = date["end"].as_str();
    let named: Option<Tz> = date["time_zone"].as_str().and_then(|name| name.parse().ok());
    if let Some(start) = day(start) {
        let last = match end {
            None => start,
            Some(end) => day(end.get(..10).unwrap_or(end)).ok_or_else(|| unreadable(end))?,
        };
        return match last.succ_opt().filter(|_| last >= start) {
            Some(end) => Ok(When::AllDay { start, end }),
            None => Err(too_early()),
        };
    }
    let zones = match named {
        Some(zone) => Zones::of(zone),
        None => zones,
    };
    let begins = instant(start, named).ok_or_else(|| unreadable(start))?;
    let ends = match end {
        None => begins + TimeDelta::minutes(i64::from(minutes)),
        Some(end) => match day(end) {
            Some(last) => {
                let after = last.succ_opt().ok_or_else(|| unreadable(end))?;
                ZonedTime::new(after.into(), zones.end).instant()
            }
            None => instant(end, named).ok_or_else(|| unreadable(end))?,
        },
    };
    if ends < begins {
        return Err(too_early());
    }
    let (start, end) = (ZonedTime::at(begins, zones.start), ZonedTime::at(ends, zones.end));
    if zones.is_floating {
        return Ok(When::Floating { start: start.local, end: end.local });
    }
    Ok(When::Zoned { start, end })
}

/// The zone that a `date` names, if it does.
pub(super) fn named_zone(date: &Value) -> Option<Tz> {
    date["time_zone"].as_str().and_then(|name| name.parse().ok())
}

fn too_early() -> String {
    "the date ends before it begins".to_owned()
}

fn unreadable(text: &str) -> String {
    format!("“{text}” is not a date")
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// The instant that a text names; without an offset it is meant in the zone beside it, or in UTC.
fn instant(text: &str, zone: Option<Tz>) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    Some(ZonedTime::new(local, zone.unwrap_or(Tz::UTC)).instant())
}

/// Writes a `date` value. Floating times are written as `home` reads them; with `is_open` the end is left out.
pub(super) fn write(when: &When, home: Tz, is_open: bool) -> Value {
    match *when {
        When::AllDay { start, end } => {
            let last = end.pred_opt().filter(|last| *last > start);
            json!({ "start": start.to_string(), "end": last.map(|last| last.to_string()) })
        }
        When::Zoned { start, end } => timed(start, end, is_open),
        When::Floating { start, end } => {
            timed(ZonedTime::new(start, home), ZonedTime::new(end, home), is_open)
        }
    }
}

/// With a zone Notion wants no offset, and only one zone for both ends. What that cannot say is written with offsets:
/// a flight, and the hour that clocks show twice.
fn timed(start: ZonedTime, end: ZonedTime, is_open: bool) -> Value {
    let is_plain =
        |time: ZonedTime| ZonedTime::at(time.instant(), time.zone) == time && time.fold == Fold::Earlier;
    if start.zone == end.zone && is_plain(start) && is_plain(end) {
        let text = |time: ZonedTime| time.local.format("%Y-%m-%dT%H:%M:%S").to_string();
        let end = (!is_open).then(|| text(end));
        return json!({ "start": text(start), "end": end, "time_zone": start.zone.name() });
    }
    let text =
        |time: ZonedTime| time.instant().with_timezone(&time.zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string();
    json!({ "start": text(start), "end": (!is_open).then(|| text(end)) })
}

/// Whether Notion shows both as the same: it knows instants to the minute and forgets zones.
pub(super) fn looks_same(left: &When, right: &When, home: Tz) -> bool {
    match (left, right) {
        (When::AllDay { .. }, _) | (_, When::AllDay { .. }) => left == right,
        _ => {
            let minute = |when: &When| {
                let (start, end) = when.instants(home);
                (floor(start), floor(end))
            };
            minute(left) == minute(right)
        }
    }
}

fn floor(time: DateTime<Utc>) -> DateTime<Utc> {
    time.with_second(0).and_then(|time| time.with_nanosecond(0)).unwrap_or(time)
}

/// `when` as somebody means it who has always said `known`: the same instants, in the zones of `known`.
pub(super) fn in_zones_of(known: &When, when: &When, home: Tz) -> When {
    let (When::Zoned { start, end }, false) = (when, known.is_all_day()) else { return *when };
    match known {
        When::Zoned { start: known_start, end: known_end } => When::Zoned {
            start: ZonedTime::at(start.instant(), known_start.zone),
            end: ZonedTime::at(end.instant(), known_end.zone),
        },
        When::Floating { .. } => When::Floating {
            start: ZonedTime::at(start.instant(), home).local,
            end: ZonedTime::at(end.instant(), home).local,
        },
        When::AllDay { .. } => *when,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    const BERLIN: Tz = chrono_tz::Europe::Berlin;
    const TOKYO: Tz = chrono_tz::Asia::Tokyo;
    const NEW_YORK: Tz = chrono_tz::America::New_York;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn zoned(local: &str, zone: Tz) -> ZonedTime {
        ZonedTime::new(local.parse().unwrap(), zone)
    }

    fn read_in(zone: Tz, value: &Value) -> Result<When, String> {
        read(value, Zones::of(zone), 45)
    }

    /// What Notion makes of a date that it was sent, seen from outside: it keeps the instants and forgets the zone.
    fn kept(value: &Value) -> Value {
        let read = |text: &Value| {
            let text = text.as_str()?;
            if day(text).is_some() {
                return Some(text.to_owned());
            }
            let zone = value["time_zone"].as_str().and_then(|name| name.parse().ok());
            let at = instant(text, zone)?;
            let shown = at.with_timezone(&zone.unwrap_or(Tz::UTC));
            Some(shown.format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string())
        };
        json!({ "start": read(&value["start"]), "end": read(&value["end"]), "time_zone": null })
    }

    /// Trap 9.
    #[test]
    fn the_last_day_is_included_there_and_excluded_here() {
        let one = When::AllDay { start: date("2026-09-15"), end: date("2026-09-16") };
        assert_eq!(write(&one, BERLIN, false), json!({ "start": "2026-09-15", "end": null }));
        let many = When::AllDay { start: date("2026-09-15"), end: date("2026-09-19") };
        let value = write(&many, BERLIN, false);
        assert_eq!(value, json!({ "start": "2026-09-15", "end": "2026-09-18" }));
        assert_eq!(read_in(BERLIN, &value), Ok(many));
        assert_eq!(read_in(BERLIN, &json!({ "start": "2026-09-15", "end": "2026-09-15" })), Ok(one));
    }

    /// Trap 10.
    #[test]
    fn a_zone_and_an_offset_are_never_sent_together_nor_a_zone_with_a_day_nor_neither() {
        let samples = [
            When::AllDay { start: date("2026-09-15"), end: date("2026-09-18") },
            When::Zoned {
                start: zoned("2026-09-15T09:00:00", BERLIN),
                end: zoned("2026-09-15T10:00:00", BERLIN),
            },
            When::Zoned {
                start: zoned("2026-09-15T09:00:00", BERLIN),
                end: zoned("2026-09-15T22:00:00", TOKYO),
            },
            When::Floating {
                start: "2026-09-15T09:00:00".parse().unwrap(),
                end: "2026-09-15T10:00:00".parse().unwrap(),
            },
            // The hour that Berlin shows twice.
            When::Zoned {
                start: ZonedTime { fold: Fold::Later, ..zoned("2026-10-25T02:30:00", BERLIN) },
                end: zoned("2026-10-25T04:00:00", BERLIN),
            },
        ];
        for when in samples {
            let value = write(&when, NEW_YORK, false);
            let start = value["start"].as_str().unwrap();
            let has_time = start.len() > 10;
            let has_offset = DateTime::parse_from_rfc3339(start).is_ok();
            let has_zone = value["time_zone"].is_string();
            assert_eq!(has_time, has_offset || has_zone, "{value}");
            assert!(!(has_offset && has_zone), "{value}");
            let (starts, ends) = read(&kept(&value), Zones::of(Tz::UTC), 60).unwrap().instants(NEW_YORK);
            assert_eq!((starts, ends), when.instants(NEW_YORK), "{value}");
        }
    }

    /// Trap 11.
    #[test]
    fn the_spelling_of_an_instant_does_not_matter_and_the_zone_is_not_expected_back() {
        let spellings = [
            "2026-09-15T07:00:00Z",
            "2026-09-15T07:00:00.000+00:00",
            "2026-09-15T09:00:00.000+02:00",
            "2026-09-15T07:00:00",
        ];
        let expected = When::Zoned {
            start: zoned("2026-09-15T09:00:00", BERLIN),
            end: zoned("2026-09-15T09:45:00", BERLIN),
        };
        for start in spellings {
            assert_eq!(
                read_in(BERLIN, &json!({ "start": start, "end": null, "time_zone": null })),
                Ok(expected),
                "{start}"
            );
        }
        let named = json!({ "start": "2026-09-15T16:00:00", "end": null, "time_zone": "Asia/Tokyo" });
        let When::Zoned { start, .. } = read_in(BERLIN, &named).unwrap() else { panic!() };
        assert_eq!(start, zoned("2026-09-15T16:00:00", TOKYO), "where a name comes back, it counts");
    }

    #[test]
    fn every_kind_of_end_is_defined() {
        let start = "2026-09-15T09:00:00.000+02:00";
        let length = |end: Value| match read_in(BERLIN, &json!({ "start": start, "end": end })).unwrap() {
            When::Zoned { start, end } => end.instant() - start.instant(),
            other => panic!("{other:?}"),
        };
        assert_eq!(length(Value::Null), TimeDelta::minutes(45));
        assert_eq!(length(json!("2026-09-15T11:00:00.000+02:00")), TimeDelta::hours(2));
        assert_eq!(length(json!(start)), TimeDelta::zero());
        assert_eq!(length(json!("2026-09-15")), TimeDelta::hours(15), "to the end of the day");
        let day_to_time = json!({ "start": "2026-09-15", "end": "2026-09-16T10:00:00.000+02:00" });
        assert_eq!(
            read_in(BERLIN, &day_to_time),
            Ok(When::AllDay { start: date("2026-09-15"), end: date("2026-09-17") })
        );
    }

    #[test]
    fn an_end_before_the_start_is_refused() {
        for (start, end) in [
            ("2026-09-15", "2026-09-14"),
            ("2026-09-15T09:00:00Z", "2026-09-15T08:59:00Z"),
            ("2026-09-15T09:00:00Z", "2026-09-14"),
        ] {
            let reason = read_in(Tz::UTC, &json!({ "start": start, "end": end })).unwrap_err();
            assert!(reason.contains("before"), "{reason}");
        }
        assert!(read_in(Tz::UTC, &json!({ "start": "tomorrow", "end": null })).is_err());
        assert!(read_in(Tz::UTC, &json!({})).is_err());
    }

    #[test]
    fn an_open_end_stays_open() {
        let when = When::Zoned {
            start: zoned("2026-09-15T09:00:00", BERLIN),
            end: zoned("2026-09-15T09:45:00", BERLIN),
        };
        let value = write(&when, BERLIN, true);
        assert_eq!(value["end"], Value::Null);
        assert_eq!(read_in(BERLIN, &kept(&value)), Ok(when));
    }

    fn times() -> impl Strategy<Value = ZonedTime> {
        let zones =
            prop_oneof![Just(BERLIN), Just(TOKYO), Just(NEW_YORK), Just(chrono_tz::Australia::Lord_Howe)];
        (0i64..40_000_000, zones)
            .prop_map(|(minutes, zone)| ZonedTime::at(Utc.timestamp_opt(minutes * 60, 0).unwrap(), zone))
    }

    proptest! {
        #[test]
        fn whatever_is_written_comes_back(start in times(), minutes in 0i64..10_000, end_zone in times(), days in 1i64..400) {
            let end = ZonedTime::at(start.instant() + TimeDelta::minutes(minutes), end_zone.zone);
            let zoned = When::Zoned { start, end };
            let zones = Zones { start: start.zone, end: end.zone, is_floating: false };
            prop_assert_eq!(read(&kept(&write(&zoned, NEW_YORK, false)), zones, 30), Ok(zoned));
            // Without our marker the instants are right all the same, and what is known makes up for the zones.
            let bare = read(&kept(&write(&zoned, NEW_YORK, false)), Zones::of(BERLIN), 30).unwrap();
            prop_assert!(looks_same(&bare, &zoned, NEW_YORK));
            prop_assert_eq!(in_zones_of(&zoned, &bare, NEW_YORK), zoned);
            let day = start.local.date();
            let all_day = When::AllDay { start: day, end: day + TimeDelta::days(days) };
            prop_assert_eq!(read(&kept(&write(&all_day, NEW_YORK, false)), Zones::of(TOKYO), 30), Ok(all_day));
        }
    }
}
