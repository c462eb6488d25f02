//! Series that are cut in two.

use chrono_tz::Tz;
use proptest::prelude::*;
use synodic_model::arbitrary;
use synodic_model::recurrence::{Occurrence, Split, expand};
use synodic_model::{OriginalStart, Recurrence, TimeWindow, When, ZonedTime};

use crate::support::{BERLIN, all_day, day, hour_from, local, utc, walls};

fn at(text: &str, zone: Tz) -> OriginalStart {
    OriginalStart::Zoned { time: ZonedTime::new(local(text), zone) }
}

/// The parts as lines, cut at `at`.
fn parts(first: &When, lines: &[&str], at: &OriginalStart) -> Option<(Vec<String>, Vec<String>)> {
    let Split { front, rest } = Recurrence::parse_lines(lines.iter().copied(), first).split(first, at)?;
    Some((front.to_lines(first), rest.to_lines(first)))
}

fn lines(list: &[&str]) -> Vec<String> {
    list.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn a_series_without_end_goes_on_without_end() {
    let first = hour_from("2026-11-02T10:00", BERLIN);
    let cut = parts(&first, &["RRULE:FREQ=WEEKLY;BYDAY=MO"], &at("2026-11-16T10:00", BERLIN)).unwrap();
    assert_eq!(cut.0, lines(&["RRULE:FREQ=WEEKLY;UNTIL=20261116T085959Z;BYDAY=MO"]));
    assert_eq!(cut.1, lines(&["RRULE:FREQ=WEEKLY;BYDAY=MO"]));
}

#[test]
fn what_is_left_of_a_count_goes_along() {
    let first = hour_from("2026-11-02T10:00", BERLIN);
    let cut = parts(&first, &["RRULE:FREQ=WEEKLY;COUNT=5"], &at("2026-11-16T10:00", BERLIN)).unwrap();
    assert_eq!(cut.0, lines(&["RRULE:FREQ=WEEKLY;UNTIL=20261116T085959Z"]));
    assert_eq!(cut.1, lines(&["RRULE:FREQ=WEEKLY;COUNT=3"]));
    assert_eq!(walls(&first, &["RRULE:FREQ=WEEKLY;UNTIL=20261116T085959Z"]).len(), 2);
}

#[test]
fn whole_days_end_on_a_day() {
    let first = all_day("2026-11-02", "2026-11-03");
    let at = OriginalStart::Date { date: day("2026-11-05") };
    let cut = parts(&first, &["RRULE:FREQ=DAILY;UNTIL=20261110"], &at).unwrap();
    assert_eq!(cut.0, lines(&["RRULE:FREQ=DAILY;UNTIL=20261104"]));
    assert_eq!(cut.1, lines(&["RRULE:FREQ=DAILY;UNTIL=20261110"]));
}

#[test]
fn further_dates_and_exclusions_go_where_they_belong() {
    let first = hour_from("2026-11-02T10:00", BERLIN);
    let cut = parts(
        &first,
        &[
            "RRULE:FREQ=WEEKLY",
            "RDATE;TZID=Europe/Berlin:20261105T100000,20261119T100000",
            "EXDATE;TZID=Europe/Berlin:20261109T100000,20261123T100000",
        ],
        &at("2026-11-16T10:00", BERLIN),
    )
    .unwrap();
    assert_eq!(
        cut.0,
        lines(&[
            "RRULE:FREQ=WEEKLY;UNTIL=20261116T085959Z",
            "RDATE;TZID=Europe/Berlin:20261105T100000",
            "EXDATE;TZID=Europe/Berlin:20261109T100000",
        ])
    );
    assert_eq!(
        cut.1,
        lines(&[
            "RRULE:FREQ=WEEKLY",
            "RDATE;TZID=Europe/Berlin:20261119T100000",
            "EXDATE;TZID=Europe/Berlin:20261123T100000",
        ])
    );
}

#[test]
fn a_further_date_is_no_place_to_cut_a_rule_that_goes_on() {
    let first = hour_from("2026-11-02T10:00", BERLIN);
    let further = "RDATE;TZID=Europe/Berlin:20261105T100000";
    let on = at("2026-11-05T10:00", BERLIN);
    assert_eq!(parts(&first, &["RRULE:FREQ=WEEKLY", further], &on), None);
    // A rule that is over by then is no obstacle.
    let cut = parts(&first, &["RRULE:FREQ=DAILY;COUNT=2", further], &on).unwrap();
    assert_eq!(cut, (lines(&["RRULE:FREQ=DAILY;COUNT=2"]), Vec::new()));
}

#[test]
fn occurrences_are_counted_where_there_is_an_end() {
    let first = hour_from("2026-11-02T10:00", BERLIN);
    let count = |rule: &str, limit| Recurrence::from_rule(rule).unwrap().count(&first, limit);
    assert_eq!(count("FREQ=WEEKLY;COUNT=5", 100), Some(5));
    assert_eq!(count("FREQ=WEEKLY;UNTIL=20261130T090000Z", 100), Some(5));
    assert_eq!(count("FREQ=WEEKLY", 100), None);
    assert_eq!(count("FREQ=DAILY;COUNT=500", 100), None);
    assert_eq!(Recurrence::default().count(&first, 100), Some(1));
}

fn starts(first: &When, recurrence: &Recurrence, window: &TimeWindow) -> Vec<String> {
    let found = expand(first, recurrence, window, 500).unwrap();
    found.iter().map(|occurrence| occurrence.original_start.key()).collect()
}

proptest! {
    #[test]
    fn both_parts_are_what_the_whole_was(
        (first, recurrence) in arbitrary::when()
            .prop_flat_map(|when| (Just(when), arbitrary::recurrence(when))),
        which in 1_usize..20,
    ) {
        let from = first.instants(chrono_tz::UTC).0;
        let window = TimeWindow { from, to: from + chrono::TimeDelta::days(1500), viewer: chrono_tz::UTC };
        let whole = expand(&first, &recurrence, &window, 500).unwrap();
        let Some(Occurrence { original_start, when }) = whole.get(which).copied() else { return Ok(()) };
        let Some(Split { front, rest }) = recurrence.split(&first, &original_start) else { return Ok(()) };
        let mut parts = starts(&first, &front, &window);
        parts.extend(starts(&when, &rest, &window));
        let mut whole: Vec<_> = whole.iter().map(|occurrence| occurrence.original_start.key()).collect();
        // Where the clocks skip a whole day (Apia, 2011) two dates are one occurrence, so that a list which is cut off at
        // a number of dates may be shorter than that.
        parts.truncate(400);
        whole.truncate(400);
        prop_assert_eq!(parts, whole, "{:?} and {:?}", front, rest);
        prop_assert!(front.ends_before(&first).is_some());
    }
}

#[test]
fn most_series_can_be_cut() {
    let first = hour_from("2026-11-02T10:00", BERLIN);
    for rule in ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=YEARLY"]
    {
        let recurrence = Recurrence::from_rule(rule).unwrap();
        let window =
            TimeWindow { from: utc("2026-11-01T00:00"), to: utc("2030-01-01T00:00"), viewer: BERLIN };
        let third = expand(&first, &recurrence, &window, 3).unwrap().remove(2);
        assert!(recurrence.split(&first, &third.original_start).is_some(), "{rule}");
    }
}
