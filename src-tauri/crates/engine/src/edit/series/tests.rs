use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;
use synodic_model::{
    CalendarId, Event, EventContent, EventId, EventStatus, OccurrenceKey, OriginalStart, Recurrence,
    Revision, When, ZonedTime,
};
use uuid::Uuid;

use super::super::rows::{RowChange, cancelled, new_override};
use super::{change_series, occurrence_at, plain_content};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const MASTER: EventId = EventId::new(Uuid::from_u128(1));

fn at(text: &str) -> ZonedTime {
    ZonedTime::new(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap(), Berlin)
}

fn hour_from(start: &str) -> When {
    let start = at(start);
    When::Zoned { start, end: ZonedTime { local: start.local + TimeDelta::hours(1), ..start } }
}

fn start(text: &str) -> OriginalStart {
    OriginalStart::Zoned { time: at(text) }
}

/// Mondays at ten from 2 November 2026.
fn master() -> Event {
    let mut content = EventContent::new("Stand-up", hour_from("2026-11-02 10:00"));
    content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;BYDAY=MO").unwrap());
    Event {
        id: MASTER,
        calendar_id: CalendarId::new(Uuid::from_u128(2)),
        uid: "uid".into(),
        occurrence_of: None,
        content,
        revision: Revision(1),
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

/// The row of the occurrence at `original`, made different by `edit`.
fn edited(id: u128, original: &str, edit: impl FnOnce(&mut EventContent)) -> Event {
    let master = master();
    let original_start = start(original);
    let occurrence = occurrence_at(&master.content, &original_start).unwrap();
    let mut content = plain_content(&master.content, &occurrence);
    edit(&mut content);
    let key = OccurrenceKey { series_id: MASTER, original_start };
    new_override(EventId::new(Uuid::from_u128(id)), &master, key, content, NOW)
}

fn changed(overrides: &[Event], change: impl FnOnce(&mut EventContent)) -> Vec<RowChange> {
    let master = master();
    let mut content = master.content.clone();
    change(&mut content);
    super::super::shift::follow(&master.content, &mut content);
    let mut ids = 100..;
    change_series(&master, content, overrides, NOW, || EventId::new(Uuid::from_u128(ids.next().unwrap())))
}

/// What an edit leaves: key, title and local start of each living override row, and the keys of the deleted ones.
fn outcome(overrides: &[Event], rows: &[RowChange]) -> Vec<String> {
    let mut all: Vec<Event> = overrides.to_vec();
    for row in &rows[1..] {
        match all.iter_mut().find(|event| event.id == row.after.id) {
            Some(event) => *event = row.after.clone(),
            None => all.push(row.after.clone()),
        }
    }
    let mut lines: Vec<String> = all.iter().map(describe).collect();
    lines.sort();
    lines
}

fn describe(event: &Event) -> String {
    let key = event.occurrence_of.unwrap().original_start.key();
    if event.deleted_at.is_some() {
        return format!("{key} deleted");
    }
    let When::Zoned { start, .. } = event.content.when else { return format!("{key} whole day") };
    let status = if event.content.status == EventStatus::Cancelled { " cancelled" } else { "" };
    format!("{key} {} {}{status}", event.content.title, start.local.format("%a %d %H:%M"))
}

#[test]
fn what_is_changed_for_all_reaches_an_edited_occurrence_where_it_was_the_same() {
    let overrides = [edited(10, "2026-11-09 10:00", |content| content.location = "Roof".into())];
    let rows = changed(&overrides, |content| {
        content.title = "Daily".into();
        content.location = "Kitchen".into();
    });
    let [_, row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.after.content.title.as_str(), row.after.content.location.as_str()), ("Daily", "Roof"));
    assert_eq!(row.after.revision, overrides[0].revision.next());
}

#[test]
fn a_cancelled_occurrence_and_one_that_says_it_all_itself_are_left_alone() {
    let overrides = [
        edited(10, "2026-11-09 10:00", |content| *content = cancelled(content.clone())),
        edited(11, "2026-11-16 10:00", |content| content.title = "Retro".into()),
    ];
    assert_eq!(changed(&overrides, |content| content.title = "Daily".into()).len(), 1);
}

#[test]
fn a_later_hour_takes_edited_and_cancelled_occurrences_along() {
    let overrides = [
        edited(10, "2026-11-09 10:00", |content| content.title = "Retro".into()),
        edited(11, "2026-11-16 10:00", |content| *content = cancelled(content.clone())),
        edited(12, "2026-11-23 10:00", |content| content.when = hour_from("2026-11-24 15:00")),
    ];
    let rows = changed(&overrides, |content| content.when = hour_from("2026-11-02 11:00"));
    assert_eq!(
        outcome(&overrides, &rows),
        [
            "20261109T090000Z deleted",
            "20261109T100000Z Retro Mon 09 11:00",
            "20261116T090000Z deleted",
            "20261116T100000Z Stand-up Mon 16 11:00 cancelled",
            "20261123T090000Z deleted",
            // Moved by itself before, so it stays where it was put.
            "20261123T100000Z Stand-up Tue 24 15:00",
        ]
    );
}

#[test]
fn another_weekday_takes_the_rule_and_the_occurrences_along() {
    let overrides = [edited(10, "2026-11-09 10:00", |content| content.title = "Retro".into())];
    let rows = changed(&overrides, |content| content.when = hour_from("2026-11-03 10:00"));
    let rule = &rows[0].after.content.recurrence.as_ref().unwrap().rules;
    assert_eq!(rule, &["FREQ=WEEKLY;BYDAY=TU"]);
    assert_eq!(
        outcome(&overrides, &rows),
        ["20261109T090000Z deleted", "20261110T090000Z Retro Tue 10 10:00"]
    );
}

#[test]
fn a_move_by_a_whole_step_moves_contents_between_rows() {
    // The second Monday becomes the third, and the third has a row already.
    let overrides = [
        edited(10, "2026-11-09 10:00", |content| content.title = "Second".into()),
        edited(11, "2026-11-16 10:00", |content| content.title = "Third".into()),
    ];
    let rows = changed(&overrides, |content| content.when = hour_from("2026-11-09 10:00"));
    assert_eq!(
        outcome(&overrides, &rows),
        [
            // Yielded by the rule and edited by nobody: says again what the series says, for to delete it at a service
            // would call it off.
            "20261109T090000Z Stand-up Mon 09 10:00",
            "20261116T090000Z Second Mon 16 10:00",
            "20261123T090000Z Third Mon 23 10:00",
        ]
    );
    assert!(rows.iter().all(|row| row.after.deleted_at.is_none()));
}

#[test]
fn what_the_rule_no_longer_yields_goes_away() {
    let overrides = [
        edited(10, "2026-11-09 10:00", |content| content.title = "Kept".into()),
        edited(11, "2026-11-23 10:00", |content| content.title = "Gone".into()),
    ];
    let rows = changed(&overrides, |content| {
        content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;BYDAY=MO;COUNT=3").unwrap());
    });
    assert_eq!(
        outcome(&overrides, &rows),
        ["20261109T090000Z Kept Mon 09 10:00", "20261123T090000Z deleted"]
    );
}

#[test]
fn a_series_that_becomes_a_single_event_has_no_occurrences_left() {
    let overrides = [edited(10, "2026-11-02 10:00", |content| content.title = "First".into())];
    let rows = changed(&overrides, |content| content.recurrence = None);
    assert_eq!(outcome(&overrides, &rows), ["20261102T090000Z deleted"]);
}

#[test]
fn an_occurrence_that_was_never_one_of_the_rules_is_left_alone() {
    let mut stray = edited(10, "2026-11-09 10:00", |content| content.title = "Stray".into());
    stray.occurrence_of =
        Some(OccurrenceKey { series_id: MASTER, original_start: start("2026-11-11 10:00") });
    let rows = changed(&[stray], |content| content.when = hour_from("2026-11-02 11:00"));
    assert_eq!(rows.len(), 1);
}

#[test]
fn a_longer_series_makes_its_edited_occurrences_longer() {
    let overrides = [edited(10, "2026-11-09 10:00", |content| content.title = "Retro".into())];
    let long = When::Zoned { start: at("2026-11-02 10:00"), end: at("2026-11-02 12:00") };
    let rows = changed(&overrides, |content| content.when = long);
    let expected = When::Zoned { start: at("2026-11-09 10:00"), end: at("2026-11-09 12:00") };
    assert_eq!(rows[1].after.content.when, expected);
}

#[test]
fn whole_days_instead_of_hours_keep_the_occurrences() {
    let overrides = [edited(10, "2026-11-09 10:00", |content| content.title = "Retro".into())];
    let first = at("2026-11-02 10:00").local.date();
    let whole_day = When::AllDay { start: first, end: first + TimeDelta::days(1) };
    let rows = changed(&overrides, |content| content.when = whole_day);
    assert_eq!(outcome(&overrides, &rows), ["20261109 whole day", "20261109T090000Z deleted"]);
}

#[test]
fn a_deleted_row_comes_back_instead_of_a_second_one() {
    let mut deleted = edited(10, "2026-11-16 10:00", |_| {});
    deleted.deleted_at = Some(NOW);
    let retro = edited(11, "2026-11-09 10:00", |content| content.title = "Retro".into());
    let rows = changed(&[deleted.clone(), retro], |content| content.when = hour_from("2026-11-09 10:00"));
    let back = rows.iter().find(|row| row.after.id == deleted.id).unwrap();
    assert_eq!((back.after.deleted_at, back.after.content.title.as_str()), (None, "Retro"));
}

#[test]
fn an_occurrence_is_found_by_its_instant_in_any_zone() {
    let in_utc =
        OriginalStart::Zoned { time: ZonedTime::at(at("2026-11-09 10:00").instant(), chrono_tz::UTC) };
    let found = occurrence_at(&master().content, &in_utc).unwrap();
    assert_eq!(found.original_start, start("2026-11-09 10:00"));
    assert_eq!(occurrence_at(&master().content, &start("2026-11-10 10:00")), None);
}
