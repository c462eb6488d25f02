use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;
use synodic_model::sync::{Calendar, EventSyncStatus, Link, SyncDirection};
use synodic_model::{
    Attendee, CalendarId, Event, EventContent, EventId, EventStatus, IntegrationId, LinkId, OccurrenceKey,
    OriginalStart, Recurrence, RemoteCalendarId, ResponseStatus, Revision, TimeWindow, When, ZonedTime,
};
use synodic_store::Seen;
use uuid::Uuid;

use super::occurrences_of;
use crate::edit::access::{Home, homes};
use crate::view::{OccurrenceView, SyncMark};

const CALENDAR: CalendarId = CalendarId::new(Uuid::from_u128(1));

fn id(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(number))
}

fn at(text: &str) -> ZonedTime {
    ZonedTime::new(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap(), Berlin)
}

fn hours(start: &str, hours: i64) -> When {
    let start = at(start);
    When::Zoned { start, end: ZonedTime { local: start.local + TimeDelta::hours(hours), ..start } }
}

fn event(number: u128, title: &str, when: When) -> Event {
    Event {
        id: id(number),
        calendar_id: CALENDAR,
        uid: number.to_string(),
        occurrence_of: None,
        content: EventContent::new(title, when),
        revision: Revision(1),
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        deleted_at: None,
    }
}

fn mondays(number: u128, title: &str) -> Event {
    let mut event = event(number, title, hours("2026-11-02 10:00", 1));
    event.content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;BYDAY=MO").unwrap());
    event
}

fn override_of(series: u128, original: &str, number: u128, title: &str, when: When) -> Event {
    let original_start = OriginalStart::Zoned { time: at(original) };
    let mut event = event(number, title, when);
    event.occurrence_of = Some(OccurrenceKey { series_id: id(series), original_start });
    event
}

fn calendar(links: Vec<Link>) -> BTreeMap<CalendarId, Home> {
    let calendar = Calendar {
        id: CALENDAR,
        name: "Work".into(),
        color: "#336699".into(),
        time_zone: "Europe/Berlin".into(),
        visible: true,
        position: 0,
        default_reminders: Vec::new(),
    };
    homes(vec![calendar], links)
}

fn link(direction: SyncDirection) -> Link {
    Link {
        id: LinkId::new(Uuid::from_u128(5)),
        calendar_id: CALENDAR,
        integration_id: IntegrationId::new(Uuid::from_u128(6)),
        remote_calendar_id: RemoteCalendarId::new("remote"),
        remote_name: "Remote".into(),
        direction,
        settings: serde_json::Value::Null,
        cursor: None,
        generation: 0,
        webhook: None,
        last_pulled_at: None,
    }
}

fn november() -> TimeWindow {
    let utc = |text: &str| -> DateTime<Utc> { at(text).instant() };
    TimeWindow { from: utc("2026-11-01 00:00"), to: utc("2026-12-01 00:00"), viewer: Berlin }
}

fn seen(event: &Event, statuses: &[EventSyncStatus]) -> Seen {
    Seen {
        id: event.id,
        calendar_id: event.calendar_id,
        occurrence_of: event.occurrence_of,
        content: (&event.content).into(),
        statuses: statuses.to_vec(),
    }
}

fn shown(events: &[Event]) -> Vec<OccurrenceView> {
    let rows: Vec<_> = events.iter().map(|event| seen(event, &[])).collect();
    occurrences_of(&rows, &calendar(Vec::new()), &november())
}

fn titles(views: &[OccurrenceView]) -> Vec<&str> {
    views.iter().map(|view| view.title.as_str()).collect()
}

#[test]
fn everything_stands_by_its_start_and_what_lasts_longer_first() {
    let day = at("2026-11-03 00:00").local.date();
    let events = [
        event(12, "Lunch", hours("2026-11-03 12:00", 1)),
        event(11, "Fair", hours("2026-11-03 12:00", 5)),
        event(10, "Holiday", When::AllDay { start: day, end: day + TimeDelta::days(1) }),
    ];
    let views = shown(&events);
    assert_eq!(titles(&views), ["Holiday", "Fair", "Lunch"]);
    assert_eq!(views[0].starts_at, at("2026-11-03 00:00").instant());
    assert_eq!(views[0].occurrence_of, None);
}

#[test]
fn every_occurrence_of_a_series_has_its_own_name() {
    let series = mondays(10, "Stand-up");
    let views = shown(&[series]);
    let keys: Vec<String> =
        views.iter().map(|view| view.occurrence_of.unwrap().original_start.key()).collect();
    assert_eq!(keys.len(), 5);
    assert_eq!(keys[1], "20261109T090000Z");
    assert!(views.iter().all(|view| view.event_id == id(10)));
}

#[test]
fn an_edited_occurrence_stands_in_for_the_rules_and_a_cancelled_one_for_nothing() {
    let mut cancelled = override_of(10, "2026-11-16 10:00", 12, "Off", hours("2026-11-16 10:00", 1));
    cancelled.content.status = EventStatus::Cancelled;
    let moved = override_of(10, "2026-11-09 10:00", 11, "Retro", hours("2026-11-12 15:00", 1));
    let views = shown(&[mondays(10, "Stand-up"), moved, cancelled]);
    assert_eq!(titles(&views), ["Stand-up", "Retro", "Stand-up", "Stand-up"]);
    assert_eq!(views[1].event_id, id(11));
}

#[test]
fn an_occurrence_moved_here_from_elsewhere_is_shown_without_its_series() {
    let moved = override_of(10, "2026-06-01 10:00", 11, "Retro", hours("2026-11-12 15:00", 1));
    let views = shown(&[moved]);
    assert_eq!(titles(&views), ["Retro"]);
    assert_eq!(views[0].occurrence_of.unwrap().series_id, id(10));
}

#[test]
fn a_series_whose_rule_cannot_be_read_shows_at_least_its_first_time() {
    let mut broken = mondays(10, "Odd");
    broken.content.recurrence =
        Some(Recurrence { rules: vec!["FREQ=SOMETIMES".into()], ..Recurrence::default() });
    assert_eq!(titles(&shown(&[broken])), ["Odd"]);
}

#[test]
fn an_invitation_shows_the_persons_own_answer() {
    let mut meeting = event(10, "Board", hours("2026-11-03 12:00", 1));
    meeting.content.attendees = vec![Attendee {
        email: "me@example.com".into(),
        name: String::new(),
        optional: false,
        resource: false,
        response: ResponseStatus::Tentative,
        is_self: true,
    }];
    let views = shown(&[meeting]);
    assert_eq!((views[0].response, views[0].has_attendees), (Some(ResponseStatus::Tentative), true));
}

#[test]
fn the_mark_shows_the_worst_of_all_links() {
    use EventSyncStatus::{Conflict, Failed, Pending, Synced};
    let lunch = event(10, "Lunch", hours("2026-11-03 12:00", 1));
    let mark = |links: Vec<Link>, statuses: &[EventSyncStatus]| {
        occurrences_of(&[seen(&lunch, statuses)], &calendar(links), &november())[0].sync
    };
    let linked = || vec![link(SyncDirection::Bidirectional)];
    assert_eq!(mark(Vec::new(), &[]), SyncMark::Local);
    assert_eq!(mark(linked(), &[]), SyncMark::Local);
    assert_eq!(mark(linked(), &[Synced]), SyncMark::Synced);
    assert_eq!(mark(linked(), &[Pending, Synced]), SyncMark::Pending);
    assert_eq!(mark(linked(), &[Conflict, Pending]), SyncMark::Conflict);
    assert_eq!(mark(linked(), &[Synced, Failed, Conflict]), SyncMark::Failed);
}

#[test]
fn what_is_only_pulled_cannot_be_changed() {
    let lunch = [seen(&event(10, "Lunch", hours("2026-11-03 12:00", 1)), &[])];
    let is_read_only =
        |direction| occurrences_of(&lunch, &calendar(vec![link(direction)]), &november())[0].read_only;
    assert!(is_read_only(SyncDirection::PullOnly));
    assert!(!is_read_only(SyncDirection::PushOnly));
}

/// A month that shows all of 2,000 series beside 1,000 single events. Prints its time; the limit is generous, for it
/// also holds unoptimised on a busy machine.
#[test]
fn a_full_month_is_computed_at_once() {
    let series = (0..2000).map(|number| mondays(1000 + number, "Series"));
    let singles = (0..1000).map(|number| event(10_000 + number, "Single", hours("2026-11-03 12:00", 1)));
    let rows: Vec<Seen> = series.chain(singles).map(|event| seen(&event, &[])).collect();
    let begun = Instant::now();
    let views = occurrences_of(&rows, &calendar(Vec::new()), &november());
    let taken = begun.elapsed();
    println!("{} occurrences in {taken:?}", views.len());
    assert_eq!(views.len(), 11_000);
    assert!(taken.as_secs() < 5, "{taken:?}");
}
