//! Wall clocks and instants.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::{prop_assert_eq, proptest};
use synodic_model::{Fold, OriginalStart, When, ZonedTime, arbitrary};

use crate::support::{BERLIN, all_day, day, local, utc};

fn instant(text: &str, zone: Tz) -> DateTime<Utc> {
    ZonedTime::new(local(text), zone).instant()
}

#[test]
fn a_reading_that_is_skipped_is_taken_with_the_offset_before() {
    for (wall, zone, expected) in [
        ("2026-03-29T02:30", BERLIN, "2026-03-29T01:30"),
        ("2026-03-08T02:30", Tz::America__New_York, "2026-03-08T07:30"),
        // Half an hour is skipped, from 02:00 to 02:30.
        ("2026-10-04T02:15", Tz::Australia__Lord_Howe, "2026-10-03T15:45"),
        // Midnight itself was skipped.
        ("2018-11-04T00:00", Tz::America__Sao_Paulo, "2018-11-04T03:00"),
        // The whole of 30 December 2011 was.
        ("2011-12-30T12:00", Tz::Pacific__Apia, "2011-12-30T22:00"),
        ("1994-12-31T12:00", Tz::Pacific__Kiritimati, "1994-12-31T22:00"),
    ] {
        assert_eq!(instant(wall, zone), utc(expected), "{wall} {zone}");
        let (settled, at) = ZonedTime::settled(local(wall), zone);
        assert_eq!((settled.instant(), at), (utc(expected), utc(expected)));
        assert_ne!(settled.local, local(wall), "a clock never showed {wall}");
    }
}

#[test]
fn a_reading_shown_twice_is_the_first_unless_said_otherwise() {
    for (wall, zone, earlier, later) in [
        ("2026-10-25T02:30", BERLIN, "2026-10-25T00:30", "2026-10-25T01:30"),
        ("2026-11-01T01:30", Tz::America__New_York, "2026-11-01T05:30", "2026-11-01T06:30"),
        ("2026-04-05T01:45", Tz::Australia__Lord_Howe, "2026-04-04T14:45", "2026-04-04T15:15"),
        // Ireland's winter time is the one that deviates.
        ("2026-10-25T01:30", Tz::Europe__Dublin, "2026-10-25T00:30", "2026-10-25T01:30"),
    ] {
        let reading = ZonedTime::new(local(wall), zone);
        assert_eq!(reading.instant(), utc(earlier), "{wall} {zone}");
        assert_eq!(ZonedTime { fold: Fold::Later, ..reading }.instant(), utc(later), "{wall} {zone}");
    }
}

#[test]
fn a_fold_means_nothing_elsewhere() {
    let reading = ZonedTime::new(local("2026-11-23T09:00"), BERLIN);
    assert_eq!(ZonedTime { fold: Fold::Later, ..reading }.instant(), reading.instant());
}

#[test]
fn keys_are_equal_for_equal_occurrences_only() {
    let key = |text, zone| OriginalStart::Zoned { time: ZonedTime::new(local(text), zone) }.key();
    assert_eq!(key("2026-11-23T09:00", BERLIN), "20261123T080000Z");
    assert_eq!(key("2026-11-23T09:00", BERLIN), key("2026-11-23T03:00", Tz::America__New_York));
    assert_eq!(OriginalStart::Date { date: day("2026-11-23") }.key(), "20261123");
    assert_eq!(OriginalStart::Floating { time: local("2026-11-23T09:00") }.key(), "20261123T090000");
    let twice = ZonedTime::new(local("2026-10-25T02:30"), BERLIN);
    let later = ZonedTime { fold: Fold::Later, ..twice };
    assert_ne!(OriginalStart::Zoned { time: twice }.key(), OriginalStart::Zoned { time: later }.key());
}

#[test]
fn whole_days_last_from_midnight_to_midnight_where_the_reader_is() {
    // The day on which Berlin's clocks go back has 25 hours.
    assert_eq!(
        all_day("2026-10-25", "2026-10-26").instants(BERLIN),
        (utc("2026-10-24T22:00"), utc("2026-10-25T23:00"))
    );
    assert_eq!(
        all_day("2026-10-25", "2026-10-26").instants(Tz::Pacific__Kiritimati).0,
        utc("2026-10-24T10:00")
    );
}

#[test]
fn every_clock_change_of_every_zone_is_read_in_order() {
    // Around each change a later reading is never an earlier instant, but for what the clock shows twice.
    for zone in chrono_tz::TZ_VARIANTS {
        let mut at = utc("2005-01-01T00:00");
        while at < utc("2030-01-01T00:00") {
            let reading = ZonedTime::at(at, zone);
            assert_eq!(reading.instant(), at, "{zone} {at}");
            at += TimeDelta::hours(103);
        }
    }
}

proptest! {
    #[test]
    fn an_instant_survives_its_reading(seconds in 1_000_000_000..2_000_000_000_i64, zone in arbitrary::zone()) {
        let at = DateTime::from_timestamp(seconds, 0).unwrap();
        assert_eq!(ZonedTime::at(at, zone).instant(), at);
    }

    #[test]
    fn every_reading_is_close_to_its_instant(wall in arbitrary::local_time(), zone in arbitrary::zone()) {
        let (settled, at) = ZonedTime::settled(wall, zone);
        assert_eq!(at, ZonedTime::new(wall, zone).instant());
        assert_eq!(settled.instant(), at);
        let shift: TimeDelta = settled.local - wall;
        assert!(shift >= TimeDelta::zero() && shift <= TimeDelta::days(1), "{wall} in {zone} became {}", settled.local);
    }

    #[test]
    fn times_survive_json(when in arbitrary::when()) {
        let json = serde_json::to_string(&when).unwrap();
        assert_eq!(serde_json::from_str::<When>(&json).unwrap(), when);
    }

    #[test]
    fn times_are_read_in_whatever_order_they_are_written(when in arbitrary::when()) {
        let json = serde_json::to_value(when).unwrap();
        let [kind, start, end] = ["kind", "start", "end"].map(|name| &json[name]);
        let text = format!(r#"{{"end":{end},"more":[1],"start":{start},"kind":{kind}}}"#);
        prop_assert_eq!(serde_json::from_str::<When>(&text).unwrap(), when);
        prop_assert_eq!(serde_json::from_value::<When>(json).unwrap(), when);
    }

    #[test]
    fn a_later_reading_in_a_gap_is_a_later_instant(minutes in 0..60_i64) {
        let at = |minutes: i64| -> NaiveDateTime { local("2026-03-29T02:00") + TimeDelta::minutes(minutes) };
        assert!(ZonedTime::new(at(minutes), BERLIN).instant() < ZonedTime::new(at(minutes + 1), BERLIN).instant() || minutes == 59);
    }
}

#[test]
fn a_time_has_the_start_and_end_of_its_kind() {
    let zoned = r#"{"local":"2026-11-23T09:00:00","zone":"Europe/Berlin"}"#;
    for (kind, point) in [
        ("all_day", r#""2026-11-23T09:00:00""#),
        ("all_day", zoned),
        ("zoned", r#""2026-11-23""#),
        ("floating", r#""2026-11-23""#),
        ("floating", zoned),
        ("floating", r#""soon""#),
        ("all_day", "20261123"),
        ("someday", r#""2026-11-23""#),
    ] {
        let text = format!(r#"{{"kind":"{kind}","start":{point},"end":{point}}}"#);
        assert!(serde_json::from_str::<When>(&text).is_err(), "{text}");
    }
    assert!(serde_json::from_str::<When>(r#"{"kind":"all_day","start":"2026-11-23"}"#).is_err());
}
