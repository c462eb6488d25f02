//! From rules to occurrences. Which ones a rule yields is for the oracle; here is what we decided ourselves.

use std::time::{Duration, Instant};

use chrono::{Datelike, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::{Just, Strategy, prop_assert, proptest};
use synodic_model::recurrence::{RecurrenceError, expand};
use synodic_model::{Fold, OriginalStart, Recurrence, TimeWindow, When, ZonedTime, arbitrary};

use crate::support::{BERLIN, all_day, day, hour_from, local, occurrences, utc, wall, walls, window, zoned};

#[test]
fn a_gap_moves_an_occurrence_and_not_the_next() {
    let first = hour_from("2026-03-28T02:30", BERLIN);
    assert_eq!(
        walls(&first, &["RRULE:FREQ=DAILY;COUNT=3"]),
        ["2026-03-28T02:30", "2026-03-29T03:30", "2026-03-30T02:30"]
    );
}

#[test]
fn an_hour_shown_twice_is_visited_once_and_one_skipped_is_not_doubled() {
    let night = |start| walls(&hour_from(start, BERLIN), &["RRULE:FREQ=HOURLY;COUNT=5"]);
    assert_eq!(
        night("2026-10-25T00:30"),
        ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30", "2026-10-25T03:30", "2026-10-25T04:30"]
    );
    // 02:30 does not exist and is 03:30, which the rule yields as well: the set has it once.
    assert_eq!(
        night("2026-03-29T00:30"),
        ["2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T03:30", "2026-03-29T04:30"]
    );
}

#[test]
fn the_first_occurrence_keeps_the_reading_it_names() {
    let later = ZonedTime { fold: Fold::Later, ..ZonedTime::new(local("2026-10-25T02:30"), BERLIN) };
    let first = When::Zoned { start: later, end: ZonedTime::new(local("2026-10-25T03:30"), BERLIN) };
    let found = occurrences(&first, &["RRULE:FREQ=DAILY;COUNT=2"]);
    assert_eq!(found[0].when, first);
    assert_eq!(found.len(), 2);
}

#[test]
fn the_start_counts_even_if_the_rule_does_not_yield_it() {
    // A Monday, and a rule for Tuesdays.
    let first = hour_from("2026-11-23T09:00", BERLIN);
    assert_eq!(
        walls(&first, &["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3"]),
        ["2026-11-23T09:00", "2026-11-24T09:00", "2026-12-01T09:00"]
    );
    assert_eq!(walls(&first, &["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]), ["2026-11-23T09:00"]);
    assert_eq!(walls(&first, &["RRULE:FREQ=DAILY;UNTIL=20261122T000000Z"]), [""; 0]);
    assert_eq!(
        walls(&first, &["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20261123T090000"]),
        ["2026-11-24T09:00", "2026-11-25T09:00"]
    );
}

#[test]
fn until_is_an_instant_and_inclusive() {
    // Ten in the evening in New York is the next day in UTC.
    let first = hour_from("2026-11-23T22:00", Tz::America__New_York);
    let days = |until: &str| walls(&first, &[&format!("RRULE:FREQ=DAILY;UNTIL={until}")]).len();
    assert_eq!(days("20261126T030000Z"), 3);
    assert_eq!(days("20261126T025959Z"), 2);
    assert_eq!(days("20261125"), 3);
}

#[test]
fn a_day_excludes_all_of_its_occurrences() {
    let first = hour_from("2026-11-23T09:00", BERLIN);
    let lines = ["RRULE:FREQ=DAILY;BYHOUR=9,15;COUNT=6", "EXDATE;VALUE=DATE:20261124"];
    assert_eq!(
        walls(&first, &lines),
        ["2026-11-23T09:00", "2026-11-23T15:00", "2026-11-25T09:00", "2026-11-25T15:00"]
    );
}

#[test]
fn exclusion_rules_exclude_what_they_name() {
    let first = hour_from("2026-11-23T09:00", BERLIN);
    let lines = ["RRULE:FREQ=DAILY;COUNT=8", "EXRULE:FREQ=WEEKLY;BYDAY=TU,SA,SU"];
    assert_eq!(
        walls(&first, &lines),
        ["2026-11-23T09:00", "2026-11-25T09:00", "2026-11-26T09:00", "2026-11-27T09:00", "2026-11-30T09:00"]
    );
}

#[test]
fn added_dates_are_occurrences_once() {
    let first = hour_from("2026-11-23T09:00", BERLIN);
    let lines = ["RRULE:FREQ=DAILY;COUNT=2", "RDATE:20261124T080000Z", "RDATE;VALUE=DATE:20261201"];
    assert_eq!(walls(&first, &lines), ["2026-11-23T09:00", "2026-11-24T09:00", "2026-12-01T09:00"]);
    assert_eq!(walls(&first, &["RDATE:20261201T080000Z"]), ["2026-11-23T09:00", "2026-12-01T09:00"]);
}

#[test]
fn whole_days_repeat_as_days() {
    let first = all_day("2024-02-29", "2024-03-02");
    let found = occurrences(&first, &["RRULE:FREQ=YEARLY;COUNT=3;BYHOUR=9"]);
    assert_eq!(
        found.iter().map(|occurrence| wall(&occurrence.when)).collect::<Vec<_>>(),
        ["2024-02-29", "2028-02-29", "2032-02-29"]
    );
    assert_eq!(found[1].when, all_day("2028-02-29", "2028-03-02"));
    assert_eq!(walls(&first, &["RRULE:FREQ=HOURLY;INTERVAL=12;COUNT=4"]), ["2024-02-29", "2024-03-01"]);
}

#[test]
fn a_night_shift_ends_at_six_and_a_flight_takes_its_time() {
    let shift = zoned("2026-10-23T22:00", "2026-10-24T06:00", BERLIN);
    let ends: Vec<_> = occurrences(&shift, &["RRULE:FREQ=DAILY;COUNT=2"])
        .iter()
        .map(|o| o.when.instants(BERLIN).1)
        .collect();
    assert_eq!(ends, [utc("2026-10-24T04:00"), utc("2026-10-25T05:00")]);

    let start = ZonedTime::new(local("2026-10-24T22:00"), BERLIN);
    let flight = When::Zoned { start, end: ZonedTime::new(local("2026-10-25T01:00"), Tz::America__New_York) };
    let lengths: Vec<TimeDelta> = occurrences(&flight, &["RRULE:FREQ=WEEKLY;COUNT=3"])
        .iter()
        .map(|o| o.when.instants(BERLIN).1 - o.when.instants(BERLIN).0)
        .collect();
    assert_eq!(lengths, [TimeDelta::hours(9); 3]);
}

#[test]
fn no_occurrence_ends_before_it_starts_in_a_gap() {
    let first = zoned("2026-03-28T02:30", "2026-03-28T03:00", BERLIN);
    let moved = occurrences(&first, &["RRULE:FREQ=DAILY;COUNT=2"])[1].when;
    assert_eq!(moved, zoned("2026-03-29T03:30", "2026-03-29T04:00", BERLIN));
}

#[test]
fn the_window_decides_by_overlap() {
    let first = hour_from("2026-11-23T09:00", Tz::UTC);
    let daily = Recurrence::from_rule("FREQ=DAILY").unwrap();
    let count = |from, to| expand(&first, &daily, &window(from, to, BERLIN), 10).unwrap().len();
    assert_eq!(count("2026-11-24T09:59", "2026-11-24T12:00"), 1);
    assert_eq!(count("2026-11-24T10:00", "2026-11-24T12:00"), 0);
    assert_eq!(count("2026-11-24T08:00", "2026-11-24T09:00"), 0);
    assert_eq!(count("2026-11-24T08:00", "2026-11-24T09:01"), 1);
    assert_eq!(count("2026-11-01T00:00", "2026-11-23T09:00"), 0);
    assert_eq!(count("2026-12-01T00:00", "2027-12-01T00:00"), 10, "the limit holds");
}

#[test]
fn whole_days_and_floating_times_fall_where_the_reader_is() {
    let in_zone = |first: &When, viewer| {
        let window = window("2026-11-25T09:00", "2026-11-25T11:00", viewer);
        let daily = Recurrence::from_rule("FREQ=DAILY").unwrap();
        expand(first, &daily, &window, 10).unwrap().iter().map(|o| wall(&o.when)).collect::<Vec<_>>()
    };
    let day = all_day("2026-11-20", "2026-11-21");
    assert_eq!(in_zone(&day, Tz::UTC), ["2026-11-25"]);
    // 09:00 to 11:00 UTC is around midnight in Kiritimati (+14) and the evening before in Niue (-11), where the day ends as the window does.
    assert_eq!(in_zone(&day, Tz::Pacific__Kiritimati), ["2026-11-25", "2026-11-26"]);
    assert_eq!(in_zone(&day, Tz::Pacific__Niue), ["2026-11-24"]);
    let floating = When::Floating { start: local("2026-11-20T23:30"), end: local("2026-11-20T23:45") };
    assert_eq!(in_zone(&floating, Tz::Pacific__Kiritimati), ["2026-11-25T23:30"]);
    assert_eq!(in_zone(&floating, Tz::UTC), [""; 0]);
}

#[test]
fn a_rule_that_never_yields_is_named_so() {
    let first = hour_from("2026-11-23T09:00", BERLIN);
    let check = |rule: &str| Recurrence::from_rule(rule).unwrap().check(&first);
    assert_eq!(check("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), Err(RecurrenceError::NeverYields));
    assert_eq!(check("FREQ=MONTHLY;BYMONTHDAY=2;BYSETPOS=4"), Err(RecurrenceError::NeverYields));
    assert_eq!(check("FREQ=HOURLY;INTERVAL=24;BYHOUR=3"), Err(RecurrenceError::NeverYields));
    // Once in 28 years.
    assert_eq!(check("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"), Ok(()));
    let unread = Recurrence { rules: vec!["FREQ=WHAT".to_owned()], ..Recurrence::default() };
    assert!(matches!(unread.check(&first), Err(RecurrenceError::Unreadable { .. })));
    let window = window("2026-01-01T00:00", "2027-01-01T00:00", BERLIN);
    assert!(matches!(expand(&first, &unread, &window, 10), Err(RecurrenceError::Unreadable { .. })));
}

#[test]
fn the_end_of_a_series_is_never_put_too_early() {
    let first = hour_from("2026-11-23T09:00", BERLIN);
    let ends = |lines: &[&str]| Recurrence::parse_lines(lines.iter().copied(), &first).ends_before(&first);
    assert_eq!(ends(&["RRULE:FREQ=DAILY"]), None);
    assert_eq!(ends(&["RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY"]), None);
    assert_eq!(ends(&["RRULE:FREQ=SECONDLY;COUNT=4000000000"]), None);
    for (lines, last_end) in [
        (&["RRULE:FREQ=DAILY;COUNT=3"][..], "2026-11-25T09:00"),
        (&["RRULE:FREQ=DAILY;UNTIL=20261201T080000Z"], "2026-12-01T09:00"),
        (&["RDATE:20280101T080000Z"], "2028-01-01T09:00"),
        (&["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"], "2026-11-23T09:00"),
    ] {
        let end = ends(lines).unwrap();
        assert!(end > utc(last_end) && end < utc(last_end) + TimeDelta::days(6), "{lines:?} end at {end}");
    }
}

#[test]
fn no_rule_takes_long() {
    // Far more than an optimised build needs (0.1 to 15 ms each), far less than a search to the end of the calendar.
    const PATIENCE: Duration = Duration::from_millis(1500);
    let first = hour_from("1970-01-01T00:00", BERLIN);
    let window = window("2026-11-01T00:00", "2026-12-01T00:00", BERLIN);
    let numbers = |last: u8| (0..=last).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    let times = format!("BYHOUR={};BYMINUTE={};BYSECOND={}", numbers(23), numbers(59), numbers(59));
    let every_second_of_the_year = format!("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;{times}");
    for rule in [
        every_second_of_the_year.as_str(),
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=4000000000",
        "FREQ=SECONDLY;BYHOUR=9",
        "FREQ=SECONDLY;INTERVAL=100000000",
        "FREQ=SECONDLY;BYMONTH=2;BYSETPOS=3",
        "FREQ=MINUTELY;INTERVAL=7;BYHOUR=3;BYSETPOS=2",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=3;BYMONTHDAY=31",
        "FREQ=DAILY;COUNT=4000000000",
        "FREQ=DAILY;BYMONTHDAY=31;BYYEARDAY=1;COUNT=3",
        "FREQ=WEEKLY;BYDAY=WE,TU;BYSETPOS=3",
        "FREQ=MONTHLY;BYMONTHDAY=2;BYSETPOS=4",
        "FREQ=YEARLY;BYMONTH=6,3,8;BYWEEKNO=6,52;BYSETPOS=1",
        "FREQ=YEARLY;INTERVAL=100000000",
    ] {
        let recurrence = Recurrence::from_rule(rule).unwrap();
        let begun = Instant::now();
        let found = expand(&first, &recurrence, &window, 1000).unwrap();
        let _ = (recurrence.ends_before(&first), recurrence.check(&first));
        let taken = begun.elapsed();
        assert!(taken < PATIENCE, "{rule}: {} occurrences in {taken:?}", found.len());
        assert!(found.len() <= 1000);
    }
    for every_second in ["FREQ=SECONDLY", &every_second_of_the_year] {
        let found = expand(&first, &Recurrence::from_rule(every_second).unwrap(), &window, 1000).unwrap();
        assert_eq!(found.len(), 1000);
        // An hour long each: the first one seen began an hour before the window, but for a second.
        assert_eq!(found[0].when.instants(BERLIN).0, window.from - TimeDelta::seconds(3599));
    }
}

#[test]
fn weeks_are_numbered_as_iso_8601_numbers_them() {
    let first = all_day("2020-01-01", "2020-01-02");
    let window = window("2020-01-01T00:00", "2040-01-01T00:00", Tz::UTC);
    for number in [1, 2, 20, 52, 53] {
        let rule = format!("FREQ=YEARLY;BYWEEKNO={number};BYDAY=MO,TU,WE,TH,FR,SA,SU");
        let found = expand(&first, &Recurrence::from_rule(&rule).unwrap(), &window, usize::MAX).unwrap();
        let found: Vec<String> = found.iter().skip(usize::from(number != 1)).map(|o| wall(&o.when)).collect();
        let days = day("2020-01-01").iter_days().take_while(|date| *date < day("2040-01-01"));
        let expected: Vec<String> =
            days.filter(|date| date.iso_week().week() == number).map(|date| date.to_string()).collect();
        assert_eq!(found, expected, "{rule}");
    }
}

#[test]
fn windows_at_the_ends_of_the_calendar_are_survived() {
    let everything = TimeWindow {
        from: chrono::DateTime::<Utc>::MIN_UTC,
        to: chrono::DateTime::<Utc>::MAX_UTC,
        viewer: Tz::Pacific__Kiritimati,
    };
    for first in [hour_from("2026-11-23T09:00", BERLIN), all_day("2026-11-23", "2026-11-24")] {
        for rule in ["FREQ=DAILY", "FREQ=YEARLY", "FREQ=SECONDLY", "FREQ=DAILY;UNTIL=99991231T235959Z"] {
            assert_eq!(
                expand(&first, &Recurrence::from_rule(rule).unwrap(), &everything, 3).unwrap().len(),
                if first.is_all_day() && rule == "FREQ=SECONDLY" { 1 } else { 3 }
            );
        }
    }
}

fn series() -> impl Strategy<Value = (When, Recurrence)> {
    arbitrary::when().prop_flat_map(|when| (Just(when), arbitrary::recurrence(when)))
}

proptest! {
    /// Entering a series late finds what walking there finds.
    #[test]
    fn a_window_shows_its_part_of_the_whole((first, recurrence) in series(), weeks in 0..200_i64, viewer in arbitrary::zone()) {
        let start = first.instants(viewer).0;
        let whole = TimeWindow { from: start - TimeDelta::days(40), to: start + TimeDelta::days(7 * 220), viewer };
        let from = start + TimeDelta::days(7 * weeks);
        let part = TimeWindow { from, to: from + TimeDelta::days(30), viewer };
        let expected: Vec<_> = expand(&first, &recurrence, &whole, usize::MAX)
            .unwrap()
            .into_iter()
            .filter(|occurrence| {
                let (start, end) = occurrence.when.instants(viewer);
                start < part.to && (end > part.from || start >= part.from)
            })
            .collect();
        assert_eq!(expand(&first, &recurrence, &part, usize::MAX).unwrap(), expected);
    }

    #[test]
    fn occurrences_are_in_order_distinct_and_within_the_end((first, recurrence) in series(), viewer in arbitrary::zone()) {
        let window = TimeWindow { from: utc("2004-01-01T00:00"), to: utc("2040-01-01T00:00"), viewer };
        let found = expand(&first, &recurrence, &window, 2000).unwrap();
        let keys: Vec<String> = found.iter().map(|occurrence| occurrence.original_start.key()).collect();
        let distinct: std::collections::BTreeSet<&String> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
        prop_assert!(found.is_sorted_by_key(|occurrence| occurrence.when.instants(viewer).0));
        for occurrence in &found {
            let (start, end) = occurrence.when.instants(viewer);
            prop_assert!(start <= end);
            prop_assert!(recurrence.ends_before(&first).is_none_or(|last| end < last));
            prop_assert!(!recurrence.exclusion_dates.contains(&occurrence.original_start));
            assert_eq!(occurrence.original_start, occurrence.when.original_start());
            assert_eq!(matches!(occurrence.original_start, OriginalStart::Date { .. }), first.is_all_day());
        }
    }
}
