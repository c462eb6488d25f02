//! Rules and dates as text: what is read, what is equal, what is written.

use proptest::prelude::{Just, Strategy, proptest};
use synodic_model::arbitrary;
use synodic_model::recurrence::RecurrenceError;
use synodic_model::{Recurrence, When};

use crate::support::{BERLIN, all_day, hour_from, local};

fn canonical(rule: &str) -> String {
    Recurrence::from_rule(rule).unwrap().rules.remove(0)
}

fn lines(given: &[&str], start: &When) -> Vec<String> {
    Recurrence::parse_lines(given.iter().copied(), start).to_lines(start)
}

fn monday() -> When {
    hour_from("2026-11-23T09:00", BERLIN)
}

#[test]
fn parts_have_one_order() {
    assert_eq!(canonical("BYDAY=WE,MO;INTERVAL=2;FREQ=WEEKLY"), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE");
    assert_eq!(canonical("RRULE:freq=monthly;bymonthday=-1,15, 3"), "FREQ=MONTHLY;BYMONTHDAY=-1,3,15");
    assert_eq!(canonical("FREQ=MONTHLY;BYDAY=MO,-1FR,+2TU;"), "FREQ=MONTHLY;BYDAY=MO,-1FR,2TU");
}

#[test]
fn what_says_nothing_is_left_out() {
    assert_eq!(canonical("FREQ=DAILY;INTERVAL=1;WKST=SU"), "FREQ=DAILY");
    assert_eq!(canonical("FREQ=WEEKLY;BYDAY=1MO,MO"), "FREQ=WEEKLY;BYDAY=MO");
    assert_eq!(canonical("FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=OMIT"), "FREQ=YEARLY");
    assert_eq!(
        canonical("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU"),
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU"
    );
}

#[test]
fn what_is_no_rule_is_refused_with_a_reason() {
    for (rule, reason) in [
        ("", "FREQ is missing"),
        ("FREQ=FORTNIGHTLY", "FREQ=FORTNIGHTLY is unknown"),
        ("FREQ=DAILY;COUNT=0", "COUNT wants numbers from 1 to 4294967295, not “0”"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "COUNT is given twice"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY counts from 1, not from 0"),
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY wants weekdays such as MO or -1FR, not “XX”"),
        ("FREQ=MONTHLY;BYDAY=é", "BYDAY wants weekdays such as MO or -1FR, not “é”"),
        ("FREQ=YEARLY;BYEASTER=0", "BYEASTER=0 is not supported"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL=tomorrow is no date"),
        ("FREQ=DAILY;HELLO", "“HELLO” has no value"),
    ] {
        let expected = RecurrenceError::Unreadable { rule: rule.to_owned(), reason: reason.to_owned() };
        assert_eq!(Recurrence::from_rule(rule), Err(expected));
    }
}

#[test]
fn until_takes_the_type_that_the_start_wants() {
    let until =
        |until: &str, start: &When| lines(&[&format!("RRULE:FREQ=DAILY;UNTIL={until}")], start).remove(0);
    let zoned = monday();
    assert_eq!(until("20261224T080000Z", &zoned), "RRULE:FREQ=DAILY;UNTIL=20261224T080000Z");
    assert_eq!(until("20261224T090000", &zoned), "RRULE:FREQ=DAILY;UNTIL=20261224T080000Z");
    assert_eq!(until("20261224", &zoned), "RRULE:FREQ=DAILY;UNTIL=20261224T225959Z");
    let days = all_day("2026-11-23", "2026-11-24");
    assert_eq!(until("20261224T225959Z", &days), "RRULE:FREQ=DAILY;UNTIL=20261224");
    assert_eq!(until("20261224T000000", &days), "RRULE:FREQ=DAILY;UNTIL=20261224");
    let floating = When::Floating { start: local("2026-11-23T09:00"), end: local("2026-11-23T10:00") };
    assert_eq!(until("20261224T090000Z", &floating), "RRULE:FREQ=DAILY;UNTIL=20261224T090000");
    assert_eq!(until("20261224", &floating), "RRULE:FREQ=DAILY;UNTIL=20261224T235959");
}

#[test]
fn dates_of_every_kind_are_read() {
    let given = [
        "RDATE;TZID=Europe/Berlin:20261201T090000,20261202T090000",
        "rdate:20261203T080000Z",
        "RDATE;TZID=\"W. Europe Standard Time\":20261204T090000",
        "RDATE:20261205T090000",
        "RDATE;TZID=America/New_York:20261206T030000",
        "EXDATE;VALUE=DATE:20261207",
    ];
    let expected = [
        "RDATE;TZID=Europe/Berlin:20261201T090000,20261202T090000,20261203T090000,20261204T090000,20261205T090000,\
         20261206T090000",
        "EXDATE;VALUE=DATE:20261207",
    ];
    assert_eq!(lines(&given, &monday()), expected);
}

#[test]
fn dates_beside_whole_days_are_days() {
    let given = [
        "EXDATE:20261201T000000Z",
        "EXDATE;TZID=Europe/Berlin:20261202T090000",
        "EXDATE;VALUE=DATE:20261203",
    ];
    assert_eq!(
        lines(&given, &all_day("2026-11-23", "2026-11-24")),
        ["EXDATE;VALUE=DATE:20261201,20261202,20261203"]
    );
}

#[test]
fn the_second_of_two_equal_readings_is_written_in_utc() {
    // 02:30 of that night is shown twice; 01:30 UTC is the second time.
    let given = ["EXDATE:20261025T013000Z", "EXDATE:20261025T003000Z"];
    assert_eq!(
        lines(&given, &hour_from("2026-10-01T02:30", BERLIN)),
        ["EXDATE;TZID=Europe/Berlin:20261025T023000", "EXDATE:20261025T013000Z"]
    );
}

#[test]
fn what_is_not_read_is_kept_as_it_came() {
    let given = [
        "RDATE;VALUE=PERIOD:20261201T090000Z/PT2H",
        "RRULE:FREQ=YEARLY;BYEASTER=0",
        "RRULE;X-A=\"a:b\":FREQ=DAILY",
        "X-WHAT:ever",
        "nonsense",
    ];
    let recurrence = Recurrence::parse_lines(given, &monday());
    assert_eq!(recurrence.rules, ["FREQ=DAILY"]);
    let mut unread = vec![given[0], given[1], given[3], given[4]];
    unread.sort_unstable();
    assert_eq!(recurrence.unread, unread);
    assert_eq!(recurrence.to_lines(&monday())[1..], unread);
}

#[test]
fn a_series_that_becomes_all_day_is_equal_to_what_a_provider_returns_of_it() {
    let mut recurrence = Recurrence::parse_lines(
        ["RRULE:FREQ=DAILY;UNTIL=20261224T080000Z", "EXDATE;TZID=Europe/Berlin:20261201T090000"],
        &monday(),
    );
    let days = all_day("2026-11-23", "2026-11-24");
    recurrence.fit_to(&days);
    let lines = recurrence.to_lines(&days);
    assert_eq!(lines, ["RRULE:FREQ=DAILY;UNTIL=20261224", "EXDATE;VALUE=DATE:20261201"]);
    assert_eq!(Recurrence::parse_lines(lines.iter().map(String::as_str), &days), recurrence);
}

#[test]
fn what_cannot_be_read_of_a_list_is_kept_without_the_spaces_around_it() {
    let lines = Recurrence::parse_lines(["EXDATE:some day \u{2003},20261201T090000, another"], &monday())
        .to_lines(&monday());
    assert!(
        lines.contains(&"EXDATE:some day".to_owned()) && lines.contains(&"EXDATE:another".to_owned()),
        "{lines:?}"
    );
    let again = Recurrence::parse_lines(lines.iter().map(String::as_str), &monday());
    assert_eq!(again.to_lines(&monday()), lines);
}

proptest! {
    #[test]
    fn lines_come_back_as_they_went(
        (when, recurrence) in arbitrary::when().prop_flat_map(|when| (Just(when), arbitrary::recurrence(when)))
    ) {
        let lines = recurrence.to_lines(&when);
        let again = Recurrence::parse_lines(lines.iter().map(String::as_str), &when);
        assert_eq!(again, recurrence);
        assert_eq!(again.to_lines(&when), lines);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", rule in "(FREQ=(DAILY|SECONDLY|WEEKLY|X);?)?[A-Z0-9=;,:+-]*") {
        let start = monday();
        for line in [text.clone(), format!("RRULE:{rule}"), format!("EXDATE:{text}"), format!("RDATE;{text}")] {
            let lines = Recurrence::parse_lines([line.as_str()], &start).to_lines(&start);
            assert_eq!(Recurrence::parse_lines(lines.iter().map(String::as_str), &start).to_lines(&start), lines);
        }
    }
}
