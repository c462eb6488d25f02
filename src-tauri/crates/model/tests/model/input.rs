//! What people type.

use chrono_tz::Tz;
use synodic_model::input::{InputError, Moment, parse_moment, parse_when, parse_zone};
use synodic_model::{Fold, ZonedTime};

use crate::support::{BERLIN, all_day, day, hour_from, local, zoned};

fn complaint<T: std::fmt::Debug>(result: Result<T, InputError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn zones_are_named_in_any_case_or_by_their_city() {
    for name in ["Europe/Berlin", "europe/berlin", " berlin ", "Berlin"] {
        assert_eq!(parse_zone(name), Ok(BERLIN));
    }
    assert_eq!(parse_zone("new york"), Ok(Tz::America__New_York));
    assert_eq!(parse_zone("UTC"), Ok(Tz::UTC));
}

#[test]
fn a_mistyped_zone_is_guessed() {
    assert_eq!(
        complaint(parse_zone("Europe/Berlni")),
        "“Europe/Berlni” is not a time zone; did you mean Europe/Berlin?"
    );
    assert_eq!(complaint(parse_zone("Tokio")), "“Tokio” is not a time zone; did you mean Asia/Tokyo?");
    assert_eq!(
        complaint(parse_zone("W. Europe Standard Time")),
        "“W. Europe Standard Time” is not a time zone"
    );
    assert_eq!(complaint(parse_zone("")), "“” is not a time zone");
}

#[test]
fn days_and_times_are_read() {
    let nine = Moment::Time(ZonedTime::new(local("2026-11-23T09:00"), BERLIN));
    assert_eq!(parse_moment("2026-11-23", BERLIN), Ok(Moment::Day(day("2026-11-23"))));
    for text in [
        "2026-11-23T09:00",
        "2026-11-23 09:00",
        "2026-11-23T09:00:00",
        "2026-11-23T08:00Z",
        "2026-11-23T03:00-05:00",
        " 2026-11-23T08:00:00Z",
    ] {
        assert_eq!(parse_moment(text, BERLIN), Ok(nine), "{text}");
    }
    let Ok(Moment::Time(second)) = parse_moment("2026-10-25T02:30+01:00", BERLIN) else {
        panic!("not a time")
    };
    assert_eq!(second.fold, Fold::Later);
    let Ok(Moment::Time(moved)) = parse_moment("2026-03-29T02:30", BERLIN) else { panic!("not a time") };
    assert_eq!(moved.local, local("2026-03-29T03:30"));
}

#[test]
fn what_is_no_time_is_refused_with_an_example() {
    for text in ["", "tomorrow", "23.11.2026", "2026-02-30", "2026-11-23T25:00", "2026-11-23T09"] {
        let expected = format!("“{text}” is neither a day nor a time; write 2026-11-23 or 2026-11-23T09:00");
        assert_eq!(complaint(parse_moment(text, BERLIN)), expected);
    }
}

#[test]
fn a_start_and_an_end_make_a_time() {
    assert_eq!(parse_when("2026-11-23", None, false, BERLIN), Ok(all_day("2026-11-23", "2026-11-24")));
    assert_eq!(
        parse_when("2026-11-23", Some("2026-11-25"), true, BERLIN),
        Ok(all_day("2026-11-23", "2026-11-25"))
    );
    assert_eq!(
        parse_when("2026-11-23T09:00", None, false, BERLIN),
        Ok(hour_from("2026-11-23T09:00", BERLIN))
    );
    assert_eq!(
        parse_when("2026-11-23T09:00", Some("2026-11-23T09:30"), false, BERLIN),
        Ok(zoned("2026-11-23T09:00", "2026-11-23T09:30", BERLIN))
    );
}

#[test]
fn days_and_times_do_not_mix() {
    assert_eq!(
        complaint(parse_when("2026-11-23", Some("2026-11-23T10:00"), false, BERLIN)),
        "“2026-11-23” and “2026-11-23T10:00” do not go together; write two days for an all-day event, or two times"
    );
    assert_eq!(
        complaint(parse_when("2026-11-23", Some("2026-11-24T10:00"), true, BERLIN)),
        "an all-day event has days and no times; leave “T…” out of “2026-11-24T10:00”"
    );
}
