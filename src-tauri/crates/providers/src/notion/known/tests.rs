use chrono::NaiveDate;
use serde_json::json;
use synodic_model::{Attendee, Recurrence, ResponseStatus, When, ZonedTime};

use super::super::map::tests::mapping;
use super::*;

fn at(hour: u32, zone: chrono_tz::Tz) -> ZonedTime {
    ZonedTime::new(NaiveDate::from_ymd_opt(2026, 9, 15).unwrap().and_hms_opt(hour, 0, 0).unwrap(), zone)
}

fn known() -> EventContent {
    let mut known = EventContent::new(
        "Flight",
        When::Zoned { start: at(9, chrono_tz::Europe::Berlin), end: at(23, chrono_tz::Asia::Tokyo) },
    );
    known.description = "<p>Bring <b>both</b> passports &amp; tickets</p>".into();
    known.status = EventStatus::Tentative;
    known.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;UNTIL=20261231T100000Z").unwrap());
    known.attendees = vec![Attendee {
        email: "ada@example.org".into(),
        name: "Ada".into(),
        optional: true,
        resource: false,
        response: ResponseStatus::Accepted,
        is_self: false,
    }];
    known.canonicalize();
    known
}

/// What Notion shows of it: instants in the mapping's zone, plain text, no answers.
fn seen(known: &EventContent) -> EventContent {
    let mut seen = known.clone();
    let When::Zoned { start, end } = known.when else { panic!() };
    let home = chrono_tz::Europe::Berlin;
    seen.when =
        When::Zoned { start: ZonedTime::at(start.instant(), home), end: ZonedTime::at(end.instant(), home) };
    seen.description = text::without_markup(&known.description);
    seen.status = EventStatus::Confirmed;
    seen.attendees[0].optional = false;
    seen.attendees[0].response = ResponseStatus::NeedsAction;
    seen.canonicalize();
    seen
}

#[test]
fn what_notion_shows_of_an_event_is_that_event() {
    let (known, mut seen) = (known(), seen(&known()));
    assert_ne!(known, seen);
    recognise(&mapping().to_settings(), &known, &mut seen);
    assert_eq!(seen, known);
}

#[test]
fn an_edit_there_is_an_edit_and_the_rest_stays_known() {
    let known = known();
    let mut edited = seen(&known);
    edited.description = "Bring both passports & a pen".into();
    let When::Zoned { start, end } = edited.when else { panic!() };
    let later = |time: ZonedTime| ZonedTime::at(time.instant() + chrono::TimeDelta::hours(1), time.zone);
    edited.when = When::Zoned { start: later(start), end: later(end) };
    recognise(&mapping().to_settings(), &known, &mut edited);
    assert_eq!(edited.description, "Bring both passports & a pen");
    let expected =
        When::Zoned { start: at(10, chrono_tz::Europe::Berlin), end: later(at(23, chrono_tz::Asia::Tokyo)) };
    assert_eq!(edited.when, expected, "moved by an hour, and each end in its own zone still");
    assert_eq!(edited.attendees, known.attendees);
    assert_eq!(edited.status, known.status);
}

#[test]
fn a_zone_that_notion_names_itself_counts() {
    let known = known();
    let mut named = seen(&known);
    named.when =
        When::Zoned { start: at(8, chrono_tz::Europe::London), end: at(16, chrono_tz::Europe::London) };
    named.extras.insert(EXTRAS.into(), json!({ NAMED_ZONE: "Europe/London" }));
    let stated = named.when;
    recognise(&mapping().to_settings(), &known, &mut named);
    assert_eq!(named.when, stated);
}

#[test]
fn one_guest_more_leaves_the_answers_of_the_others() {
    let known = known();
    let mut more = seen(&known);
    more.attendees.push(Attendee {
        email: "bob@example.org".into(),
        name: String::new(),
        ..more.attendees[0].clone()
    });
    more.canonicalize();
    recognise(&mapping().to_settings(), &known, &mut more);
    assert_eq!(more.attendees.len(), 2);
    assert_eq!(more.attendees[0], known.attendees[0]);
}
