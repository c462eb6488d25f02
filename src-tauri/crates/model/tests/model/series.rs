//! Series with overrides: what is on the screen.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use synodic_model::recurrence::{appearances, expand};
use synodic_model::{
    CalendarId, Event, EventContent, EventId, EventStatus, OccurrenceKey, OriginalStart, Recurrence,
    Revision, TimeWindow, When, ZonedTime, arbitrary,
};

use crate::support::{BERLIN, all_day, day, hour_from, local, wall, window};

const MASTER: u128 = 1;

fn event(id: u128, title: &str, when: When) -> Event {
    Event {
        id: EventId::new(uuid::Uuid::from_u128(id)),
        calendar_id: CalendarId::new(uuid::Uuid::nil()),
        uid: "series@example.org".to_owned(),
        occurrence_of: None,
        content: EventContent::new(title, when),
        revision: Revision::default(),
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        updated_at: DateTime::<Utc>::UNIX_EPOCH,
        deleted_at: None,
    }
}

/// Every day at nine, from a Monday on.
fn daily() -> Event {
    let mut master = event(MASTER, "daily", hour_from("2026-11-23T09:00", BERLIN));
    master.content.recurrence = Some(Recurrence::from_rule("FREQ=DAILY;COUNT=10").unwrap());
    master
}

fn instead_of(original: OriginalStart, id: u128, title: &str, when: When) -> Event {
    let series_id = EventId::new(uuid::Uuid::from_u128(MASTER));
    Event {
        occurrence_of: Some(OccurrenceKey { series_id, original_start: original }),
        ..event(id, title, when)
    }
}

fn at(text: &str, zone: Tz) -> OriginalStart {
    OriginalStart::Zoned { time: ZonedTime::new(local(text), zone) }
}

fn week() -> TimeWindow {
    window("2026-11-23T00:00", "2026-11-28T00:00", BERLIN)
}

fn shown(master: &Event, overrides: &[Event], window: &TimeWindow) -> Vec<String> {
    appearances(master, overrides, window, 100)
        .unwrap()
        .iter()
        .map(|appearance| format!("{} {}", wall(&appearance.occurrence.when), appearance.event.content.title))
        .collect()
}

#[test]
fn an_override_takes_the_place_of_its_occurrence() {
    // Named by the same instant in another zone, as some servers do.
    let edited = instead_of(
        at("2026-11-24T03:00", Tz::America__New_York),
        2,
        "longer",
        hour_from("2026-11-24T11:00", BERLIN),
    );
    let expected = [
        "2026-11-23T09:00 daily",
        "2026-11-24T11:00 longer",
        "2026-11-25T09:00 daily",
        "2026-11-26T09:00 daily",
        "2026-11-27T09:00 daily",
    ];
    assert_eq!(shown(&daily(), &[edited], &week()), expected);
}

#[test]
fn an_override_may_move_into_the_window_and_out_of_it() {
    let out = instead_of(at("2026-11-24T09:00", BERLIN), 2, "out", hour_from("2027-01-05T09:00", BERLIN));
    let into = instead_of(at("2026-12-01T09:00", BERLIN), 3, "in", hour_from("2026-11-26T20:00", BERLIN));
    let expected = [
        "2026-11-23T09:00 daily",
        "2026-11-25T09:00 daily",
        "2026-11-26T09:00 daily",
        "2026-11-26T20:00 in",
        "2026-11-27T09:00 daily",
    ];
    assert_eq!(shown(&daily(), &[out.clone(), into.clone()], &week()), expected);
    assert_eq!(
        shown(&daily(), &[out, into], &window("2027-01-01T00:00", "2027-02-01T00:00", BERLIN)),
        ["2027-01-05T09:00 out"]
    );
}

#[test]
fn a_cancelled_override_shows_nothing() {
    let mut cancelled =
        instead_of(at("2026-11-24T09:00", BERLIN), 2, "off", hour_from("2026-11-24T09:00", BERLIN));
    cancelled.content.status = EventStatus::Cancelled;
    assert_eq!(shown(&daily(), &[cancelled], &week()).len(), 4);
}

#[test]
fn an_override_without_its_occurrence_is_shown() {
    let stray = instead_of(at("2026-11-24T15:00", BERLIN), 2, "stray", hour_from("2026-11-24T16:00", BERLIN));
    assert_eq!(shown(&daily(), &[stray], &week())[2], "2026-11-24T16:00 stray");
}

#[test]
fn deleted_rows_count_as_absent() {
    let mut reverted =
        instead_of(at("2026-11-24T09:00", BERLIN), 2, "gone", hour_from("2026-11-24T11:00", BERLIN));
    reverted.deleted_at = Some(DateTime::UNIX_EPOCH);
    assert_eq!(shown(&daily(), std::slice::from_ref(&reverted), &week())[1], "2026-11-24T09:00 daily");
    let mut master = daily();
    master.deleted_at = Some(DateTime::UNIX_EPOCH);
    reverted.deleted_at = None;
    assert_eq!(shown(&master, &[reverted], &week()), [""; 0]);
}

#[test]
fn overrides_of_other_series_are_passed_over() {
    let mut other =
        instead_of(at("2026-11-24T09:00", BERLIN), 2, "other", hour_from("2026-11-24T11:00", BERLIN));
    other.occurrence_of.as_mut().unwrap().series_id = EventId::new(uuid::Uuid::from_u128(99));
    assert_eq!(shown(&daily(), &[other], &week()).len(), 5);
}

#[test]
fn the_limit_holds_and_replaced_occurrences_do_not_use_it_up() {
    let master = daily();
    let out = instead_of(at("2026-11-23T09:00", BERLIN), 2, "out", hour_from("2027-01-05T09:00", BERLIN));
    let found = appearances(&master, [&out], &week(), 2).unwrap();
    let starts: Vec<_> = found.iter().map(|appearance| wall(&appearance.occurrence.when)).collect();
    assert_eq!(starts, ["2026-11-24T09:00", "2026-11-25T09:00"]);
}

#[test]
fn whole_days_are_overridden_by_day() {
    let mut master = event(MASTER, "bins", all_day("2026-11-23", "2026-11-24"));
    master.content.recurrence = Some(Recurrence::from_rule("FREQ=DAILY;COUNT=3").unwrap());
    let original = OriginalStart::Date { date: day("2026-11-24") };
    let timed = instead_of(original, 2, "bins, late", hour_from("2026-11-24T18:00", BERLIN));
    assert_eq!(
        shown(&master, &[timed], &week()),
        ["2026-11-23 bins", "2026-11-24T18:00 bins, late", "2026-11-25 bins"]
    );
}

#[test]
fn a_single_event_appears_once() {
    let single = event(5, "once", hour_from("2026-11-24T09:00", BERLIN));
    assert_eq!(shown(&single, &[], &week()), ["2026-11-24T09:00 once"]);
    assert_eq!(shown(&single, &[], &window("2026-11-25T00:00", "2026-11-26T00:00", BERLIN)), [""; 0]);
}

proptest! {
    /// An event that does not repeat is seen where a series of the same one time is, at both edges of every window.
    #[test]
    fn a_single_event_is_a_series_of_one(
        when in arbitrary::when(),
        viewer in arbitrary::zone(),
        from in -1500..1500_i64,
        minutes in 0..1500_i64,
    ) {
        let from = when.instants(viewer).0 + TimeDelta::minutes(from);
        let window = TimeWindow { from, to: from + TimeDelta::minutes(minutes), viewer };
        let master = event(MASTER, "once", when);
        let seen = appearances(&master, [], &window, 9).unwrap();
        let seen: Vec<_> = seen.into_iter().map(|appearance| appearance.occurrence).collect();
        prop_assert_eq!(&seen, &expand(&when, &Recurrence::default(), &window, 9).unwrap());
        let (start, end) = when.instants(viewer);
        let is_seen = start < window.to && (end > window.from || start >= window.from);
        prop_assert_eq!(!seen.is_empty(), is_seen);
    }

    /// The first occurrence is where it is, whatever the rule says and wherever the window begins.
    #[test]
    fn a_series_begins_where_it_begins(
        when in arbitrary::when(),
        viewer in arbitrary::zone(),
        from in -1500..1500_i64,
        minutes in 0..1500_i64,
        rule in proptest::sample::select(vec!["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=DAILY;COUNT=1"]),
    ) {
        let from = when.instants(viewer).0 + TimeDelta::minutes(from);
        let window = TimeWindow { from, to: from + TimeDelta::minutes(minutes), viewer };
        let recurrence = Recurrence::from_rule(rule).unwrap();
        let found = expand(&when, &recurrence, &window, 9).unwrap();
        let (start, end) = when.instants(viewer);
        let is_seen = start < window.to && (end > window.from || start >= window.from);
        prop_assert_eq!(found.iter().any(|occurrence| occurrence.when == when), is_seen);
    }
}
