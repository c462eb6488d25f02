use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use synodic_model::sync::SyncDirection;
use synodic_model::{
    CalendarId, EventId, IntegrationId, LinkId, OccurrenceKey, OriginalStart, Recurrence, RemoteCalendarId,
    Revision, When, ZonedTime,
};
use uuid::Uuid;

use super::*;
use crate::queue::unsent;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn link() -> Link {
    Link {
        id: LinkId::new(Uuid::from_u128(1)),
        calendar_id: CalendarId::new(Uuid::from_u128(2)),
        integration_id: IntegrationId::new(Uuid::from_u128(3)),
        remote_calendar_id: RemoteCalendarId::new("ada@example.com"),
        remote_name: "Ada".into(),
        direction: SyncDirection::Bidirectional,
        settings: serde_json::Value::Null,
        cursor: None,
        generation: 0,
        webhook: None,
        last_pulled_at: Some(NOW),
    }
}

fn at(day: u32) -> ZonedTime {
    let local = NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(9, 0, 0).unwrap();
    ZonedTime::new(local, chrono_tz::Europe::Berlin)
}

fn content(title: &str) -> EventContent {
    let end = ZonedTime::new(at(2).local + TimeDelta::hours(1), at(2).zone);
    EventContent::new(title, When::Zoned { start: at(2), end })
}

fn event() -> Event {
    Event {
        id: EventId::new(Uuid::from_u128(9)),
        calendar_id: link().calendar_id,
        uid: "9@synodic".into(),
        occurrence_of: None,
        content: content("Talk"),
        revision: Revision(2),
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

fn known(base: &str) -> EventSync {
    EventSync {
        external_id: Some(ExternalId::new("e1")),
        base: Some(content(base)),
        ..unsent(event().id, &link())
    }
}

fn subject(event: Event, sync: EventSync) -> Subject {
    Subject {
        event: Some(event),
        sync: Some(sync),
        series: Series::None,
        may_be_there: false,
        origin: None,
        elsewhere: Elsewhere::Settled,
        is_copy: false,
    }
}

fn write(subject: &Subject) -> Write {
    subject.write(&link(), FieldSet::ALL)
}

fn gone() -> Event {
    Event { deleted_at: Some(NOW), ..event() }
}

fn id() -> ExternalId {
    ExternalId::new("e1")
}

#[test]
fn the_latest_state_decides() {
    let update = Write::Update { id: id(), desired: Box::new(content("Talk")) };
    assert_eq!(write(&subject(event(), unsent(event().id, &link()))), Write::Create { occurrence_of: None });
    assert_eq!(write(&subject(event(), known("Before"))), update);
    assert_eq!(write(&subject(event(), known("Talk"))), Write::Nothing);
    assert_eq!(write(&subject(gone(), known("Talk"))), Write::Delete { id: id() });
    assert_eq!(write(&subject(gone(), unsent(event().id, &link()))), Write::Forget);
    let nothing = Subject { event: None, ..subject(event(), known("Talk")) };
    assert_eq!(write(&nothing), Write::Forget);
}

#[test]
fn what_the_service_cannot_hold_is_no_difference() {
    let mut blue = event();
    blue.content.color = Some(synodic_model::Color("blue".into()));
    let subject = subject(blue, known("Talk"));
    let colourless = FieldSet::ALL.without(synodic_model::Field::Color);
    assert_eq!(subject.write(&link(), colourless), Write::Nothing);
}

#[test]
fn a_copy_says_nothing_of_guests_and_mails_nobody() {
    let mut with_guests = event();
    with_guests.content.attendees = vec![synodic_model::Attendee {
        email: "bob@example.com".into(),
        name: String::new(),
        optional: false,
        resource: false,
        response: synodic_model::ResponseStatus::NeedsAction,
        is_self: false,
    }];
    let invites = subject(with_guests.clone(), known("Talk"));
    assert!(matches!(write(&invites), Write::Update { desired, .. } if desired.attendees.len() == 1));
    assert_eq!(invites.notify(NotifyAttendees::Everybody), NotifyAttendees::Everybody);
    let copy = Subject { is_copy: true, ..invites };
    assert_eq!(write(&copy), Write::Nothing);
    assert_eq!(copy.notify(NotifyAttendees::Everybody), NotifyAttendees::Nobody);
    let renamed = Subject { sync: Some(known("Before")), ..copy };
    assert!(matches!(write(&renamed), Write::Update { desired, .. } if desired.attendees.is_empty()));
}

#[test]
fn a_creation_that_may_have_arrived_is_looked_up_before_it_is_forgotten() {
    let lost = Subject { may_be_there: true, ..subject(gone(), unsent(event().id, &link())) };
    assert_eq!(write(&lost), Write::Recover);
}

#[test]
fn an_event_that_moved_to_another_calendar_leaves_this_one() {
    let moved = Event { calendar_id: CalendarId::new(Uuid::from_u128(77)), ..event() };
    assert_eq!(write(&subject(moved, known("Talk"))), Write::Delete { id: id() });
}

#[test]
fn a_link_that_only_pulls_sends_nothing() {
    let pulls = Link { direction: SyncDirection::PullOnly, ..link() };
    for event in [event(), gone()] {
        assert_eq!(subject(event, known("Before")).write(&pulls, FieldSet::ALL), Write::Nothing);
    }
}

fn override_of(day: u32) -> Event {
    let key = OccurrenceKey {
        series_id: EventId::new(Uuid::from_u128(8)),
        original_start: OriginalStart::Zoned { time: at(day) },
    };
    Event { occurrence_of: Some(key), ..event() }
}

fn there() -> Series {
    let mut series = content("Series");
    series.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=3").unwrap());
    Series::There { id: ExternalId::new("s1"), content: Box::new(series) }
}

#[test]
fn a_series_goes_before_its_overrides() {
    let new = subject(override_of(9), unsent(event().id, &link()));
    for waiting in [Series::Unsent, Series::Undecided] {
        assert_eq!(write(&Subject { series: waiting, ..new.clone() }), Write::AwaitSeries);
    }
    let occurrence_of = Some(RemoteOccurrence {
        series: ExternalId::new("s1"),
        original_start: OriginalStart::Zoned { time: at(9) },
    });
    assert_eq!(write(&Subject { series: there(), ..new.clone() }), Write::Create { occurrence_of });
    assert_eq!(write(&Subject { series: Series::Gone, ..new }), Write::Forget);
}

#[test]
fn an_override_that_is_gone_gives_the_occurrence_back_to_its_series() {
    let gone = Event { deleted_at: Some(NOW), ..override_of(9) };
    let subject = Subject { series: there(), ..subject(gone.clone(), known("Talk")) };
    let Write::Update { desired, .. } = write(&subject) else { panic!("{:?}", write(&subject)) };
    assert_eq!(desired.title, "Series");
    assert_eq!(desired.when.original_start(), OriginalStart::Zoned { time: at(9) });
    assert_eq!(desired.recurrence, None);

    let beyond =
        Subject { event: Some(Event { deleted_at: Some(NOW), ..override_of(30) }), ..subject.clone() };
    assert_eq!(write(&beyond), Write::Delete { id: id() }, "the series has no such occurrence any more");
    let going = Subject { series: Series::Going, ..subject.clone() };
    assert_eq!(write(&going), Write::AwaitSeries, "it may come back with the series");
    assert!(Write::AwaitSeries.is_sweeping(&going), "and the series does not go unlooked at");
    assert_eq!(write(&Subject { series: Series::Gone, ..subject }), Write::Forget, "it goes with the series");
}

#[test]
fn what_the_service_can_move_is_neither_made_anew_nor_deleted() {
    let origin =
        Origin { link: LinkId::new(Uuid::from_u128(7)), calendar: RemoteCalendarId::new("old"), id: id() };
    let arriving = Subject { origin: Some(origin.clone()), ..subject(event(), unsent(event().id, &link())) };
    assert_eq!(write(&arriving), Write::Move { origin: origin.clone() });
    // Once it has arrived, the difference is sent as ever.
    let arrived = Subject { origin: Some(origin), ..subject(event(), known("Talk")) };
    assert_eq!(write(&arrived), Write::Nothing);

    let elsewhere = Event { calendar_id: CalendarId::new(Uuid::from_u128(8)), ..event() };
    let leaving =
        |elsewhere_is| Subject { elsewhere: elsewhere_is, ..subject(elsewhere.clone(), known("Talk")) };
    assert_eq!(write(&leaving(Elsewhere::MovesFromHere)), Write::Nothing);
    assert_eq!(write(&leaving(Elsewhere::Unsent)), Write::AwaitCopy);
    assert_eq!(write(&leaving(Elsewhere::Settled)), Write::Delete { id: id() });
}
