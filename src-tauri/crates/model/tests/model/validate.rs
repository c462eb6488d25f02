//! What we refuse, and the sentence we do it with.

use chrono::DateTime;
use chrono_tz::Tz;
use proptest::prelude::proptest;
use synodic_model::validate::{
    DESCRIPTION_LIMIT, LOCATION_LIMIT, TITLE_LIMIT, validate, validate_change, validate_event,
};
use synodic_model::{
    Attendee, CalendarId, Event, EventContent, EventId, Field, OccurrenceKey, Recurrence, ResponseStatus,
    Revision, When, ZonedTime, arbitrary,
};

use crate::support::{BERLIN, all_day, hour_from, local, zoned};

fn plain() -> EventContent {
    EventContent::new("Stand-up", hour_from("2026-11-23T09:00", BERLIN))
}

/// The field and the sentence of the problem that `change` makes.
fn problem(change: impl FnOnce(&mut EventContent)) -> Option<(Field, String)> {
    let mut content = plain();
    change(&mut content);
    validate(&content).err().map(|problem| (problem.field, problem.message))
}

fn with_when(when: When) -> Option<(Field, String)> {
    problem(|content| content.when = when)
}

#[test]
fn a_plain_event_is_accepted() {
    assert_eq!(problem(|_| ()), None);
    assert_eq!(problem(|content| content.title.clear()), None);
}

#[test]
fn the_end_is_not_before_the_start() {
    let early = Some((Field::When, "The event ends before it begins; choose a later end.".to_owned()));
    assert_eq!(with_when(zoned("2026-11-23T09:00", "2026-11-23T08:00", BERLIN)), early);
    assert_eq!(
        with_when(When::Floating { start: local("2026-11-23T09:00"), end: local("2026-11-23T08:59") }),
        early
    );
    assert_eq!(with_when(zoned("2026-11-23T09:00", "2026-11-23T09:00", BERLIN)), None);
    // Lands “before” it took off.
    let end = ZonedTime::new(local("2026-11-23T08:00"), Tz::America__New_York);
    assert_eq!(
        with_when(When::Zoned { start: ZonedTime::new(local("2026-11-23T09:00"), BERLIN), end }),
        None
    );
    let days = Some((Field::When, "The event ends before it begins; choose a later last day.".to_owned()));
    assert_eq!(with_when(all_day("2026-11-23", "2026-11-23")), days);
    assert_eq!(with_when(all_day("2026-11-23", "2026-11-24")), None);
}

#[test]
fn what_was_strange_before_keeps_nobody_from_changing_the_rest() {
    let mut before = plain();
    before.description = "x".repeat(DESCRIPTION_LIMIT + 1);
    let with = |change: &dyn Fn(&mut EventContent)| {
        let mut content = before.clone();
        change(&mut content);
        validate_change(&before, &content).err().map(|problem| problem.field)
    };
    assert_eq!(with(&|content| content.title = "Retro".into()), None);
    assert_eq!(with(&|content| content.description.push('x')), Some(Field::Description));
    let backwards = zoned("2026-11-23T09:00", "2026-11-23T08:00", BERLIN);
    assert_eq!(with(&|content| content.when = backwards), Some(Field::When));
}

#[test]
fn texts_have_bearable_lengths() {
    let too_long = |name, length, limit| {
        format!("The {name} is too long ({length} of at most {limit} bytes); shorten it.")
    };
    let of = |length: usize| "x".repeat(length);
    assert_eq!(problem(|content| content.title = of(TITLE_LIMIT)), None);
    assert_eq!(
        problem(|content| content.title = of(TITLE_LIMIT + 1)),
        Some((Field::Title, too_long("title", 1025, 1024)))
    );
    assert_eq!(problem(|content| content.location = of(LOCATION_LIMIT + 1)).unwrap().0, Field::Location);
    assert_eq!(
        problem(|content| content.description = of(DESCRIPTION_LIMIT + 1)).unwrap().0,
        Field::Description
    );
}

#[test]
fn the_rule_reads_and_yields() {
    let with_rule = |rule: &str| {
        let rules = vec![rule.to_owned()];
        problem(|content| content.recurrence = Some(Recurrence { rules, ..Recurrence::default() }))
    };
    assert_eq!(with_rule("FREQ=WEEKLY"), None);
    let never = "The event would never take place with this repetition; choose other days.";
    assert_eq!(with_rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), Some((Field::Recurrence, never.to_owned())));
    let unreadable =
        "The repetition “FREQ=SOMETIMES” cannot be read (FREQ=SOMETIMES is unknown); choose it anew.";
    assert_eq!(with_rule("FREQ=SOMETIMES"), Some((Field::Recurrence, unreadable.to_owned())));
}

#[test]
fn attendees_have_addresses() {
    let with_attendee = |email: &str| {
        let response = ResponseStatus::NeedsAction;
        let email = email.to_owned();
        problem(|content| {
            content.attendees = vec![Attendee {
                email,
                name: String::new(),
                optional: false,
                resource: false,
                response,
                is_self: false,
            }];
        })
    };
    assert_eq!(with_attendee("ada@example.org"), None);
    assert_eq!(with_attendee("室@例え.jp"), None);
    for wrong in [
        "",
        "ada",
        "@example.org",
        "ada@",
        "a@b@c",
        "ada@example.org\r\nBCC: eve@example.org",
        "Ada <ada@example.org>",
        "a b@example.org",
        "ada@.org",
    ] {
        let message = format!("“{wrong}” is not an e-mail address; write it like ada@example.org.");
        assert_eq!(with_attendee(wrong), Some((Field::Attendees, message)));
    }
}

#[test]
fn links_lead_to_pages() {
    for good in ["https://example.org", "HTTP://example.org/a?b#c"] {
        assert_eq!(problem(|content| content.url = Some(good.to_owned())), None);
    }
    for wrong in [
        "",
        "example.org",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://a b",
        "data:text/html,x",
    ] {
        let message = format!("“{wrong}” is not a link; write it like https://example.org/room.");
        assert_eq!(
            problem(|content| content.url = Some(wrong.to_owned())),
            Some((Field::Url, message.clone()))
        );
        assert_eq!(
            problem(|content| content.conference_url = Some(wrong.to_owned())),
            Some((Field::ConferenceUrl, message))
        );
    }
    assert!(problem(|content| content.url = Some("x".repeat(100_000))).unwrap().1.len() < 300);
}

#[test]
fn an_override_does_not_repeat() {
    let mut event = Event {
        id: EventId::new(uuid::Uuid::from_u128(2)),
        calendar_id: CalendarId::new(uuid::Uuid::nil()),
        uid: "a@example.org".to_owned(),
        occurrence_of: None,
        content: plain(),
        revision: Revision::default(),
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        deleted_at: None,
    };
    event.content.recurrence = Some(Recurrence::from_rule("FREQ=DAILY").unwrap());
    assert_eq!(validate_event(&event), Ok(()));
    event.occurrence_of = Some(OccurrenceKey {
        series_id: EventId::new(uuid::Uuid::from_u128(1)),
        original_start: event.content.when.original_start(),
    });
    assert_eq!(validate_event(&event).unwrap_err().field, Field::Recurrence);
    event.content.recurrence = None;
    assert_eq!(validate_event(&event), Ok(()));
}

proptest! {
    #[test]
    fn random_events_are_acceptable_and_canonical(content in arbitrary::event_content()) {
        assert_eq!(validate(&content), Ok(()));
        let mut again = content.clone();
        again.canonicalize();
        assert_eq!(again, content);
    }

    #[test]
    fn contents_survive_json(content in arbitrary::event_content()) {
        let json = serde_json::to_string(&content).unwrap();
        assert_eq!(serde_json::from_str::<EventContent>(&json).unwrap(), content);
    }
}
