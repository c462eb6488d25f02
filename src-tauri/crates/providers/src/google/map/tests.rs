//! What is written comes back as it was, for every content that Google can hold; and what Google sends can be read,
//! however odd.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use synodic_model::{
    Attendee, Color, EventContent, EventStatus, ExternalId, Field, FieldSet, OriginalStart, Recurrence,
    Reminder, ReminderMethod, Reminders, ResponseStatus, Transparency, Visibility, When, ZonedTime,
};

use super::{Page, Role, WRITABLE, canonical, change, changed, write};
use crate::google::identity;
use crate::{Identity, RemoteChange, RemoteEvent};

const BERLIN: Tz = chrono_tz::Europe::Berlin;
const ZONES: [Tz; 6] = [
    chrono_tz::Europe::Berlin,
    chrono_tz::America::St_Johns,
    chrono_tz::Pacific::Kiritimati,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Asia::Kolkata,
    Tz::UTC,
];

fn page() -> Page {
    Page { zone: BERLIN, writable: true }
}

/// Writes a content as a new event and reads it back, as a listing would.
fn through_google(content: &EventContent, role: Role) -> RemoteEvent {
    let mut json = write(content, WRITABLE, role, BERLIN).into_insert();
    json["id"] = json!("abcde");
    json["etag"] = json!("\"1\"");
    if role == Role::Occurrence {
        json["recurringEventId"] = json!("series");
        json["originalStartTime"] = json["start"].clone();
    }
    present(change(json, page()))
}

fn present(change: RemoteChange) -> RemoteEvent {
    match change {
        RemoteChange::Present(event) => *event,
        other => panic!("not an event: {other:?}"),
    }
}

fn dates() -> impl Strategy<Value = NaiveDate> {
    (0_u64..80_000).prop_map(|days| NaiveDate::from_ymd_opt(1890, 1, 1).unwrap() + Days::new(days))
}

fn readings() -> impl Strategy<Value = NaiveDateTime> {
    (dates(), 0_u32..86_400)
        .prop_map(|(date, second)| date.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::seconds(second.into()))
}

fn zoned_times() -> impl Strategy<Value = ZonedTime> {
    // Through the instant, so that readings which the wall skips or shows twice are what they come back as.
    (readings(), select(&ZONES[..])).prop_map(|(utc, zone)| ZonedTime::at(utc.and_utc(), zone))
}

fn whens() -> impl Strategy<Value = When> {
    let lengths = 0_i64..100_000;
    prop_oneof![
        (dates(), 1_u64..40).prop_map(|(start, days)| When::AllDay { start, end: start + Days::new(days) }),
        (zoned_times(), lengths, select(&ZONES[..])).prop_map(|(start, minutes, zone)| When::Zoned {
            start,
            end: ZonedTime::at(start.instant() + TimeDelta::minutes(minutes), zone),
        }),
    ]
}

fn recurrences(when: When) -> impl Strategy<Value = Option<Recurrence>> {
    let rules = select(vec![
        "RRULE:FREQ=DAILY;COUNT=10",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20301231T235959Z",
        "RRULE:FREQ=MONTHLY;BYDAY=-1SU",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
    ]);
    prop_oneof![
        Just(None),
        (rules, any::<bool>()).prop_map(move |(rule, skips)| {
            let mut recurrence = Recurrence::parse_lines([rule], &when);
            if skips {
                recurrence.exclusion_dates.push(when.original_start());
            }
            recurrence.fit_to(&when);
            Some(recurrence)
        }),
    ]
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[^\r]{0,40}", select(vec!["👩‍🚀 & <b>fett</b>\n\u{a0}".to_owned()])]
}

fn attendees() -> impl Strategy<Value = Vec<Attendee>> {
    let one = |email: &'static str| {
        let responses = select(vec![
            ResponseStatus::NeedsAction,
            ResponseStatus::Accepted,
            ResponseStatus::Tentative,
            ResponseStatus::Declined,
        ]);
        (texts(), any::<bool>(), any::<bool>(), responses).prop_map(
            move |(name, optional, resource, response)| Attendee {
                email: email.to_owned(),
                name,
                optional,
                resource,
                response,
                is_self: false,
            },
        )
    };
    subsequence(vec!["ada@example.org", "bob@example.org", "room@example.org"], 0..=3)
        .prop_flat_map(move |emails| emails.into_iter().map(one).collect::<Vec<_>>())
}

fn reminders() -> impl Strategy<Value = Reminders> {
    let one = (0_u32..=40_320, select(vec![ReminderMethod::Popup, ReminderMethod::Email]))
        .prop_map(|(minutes_before, method)| Reminder { minutes_before, method });
    prop_oneof![
        Just(Reminders::CalendarDefault),
        proptest::collection::btree_set(one, 0..=5)
            .prop_map(|set| Reminders::Custom { reminders: set.into_iter().collect() }),
    ]
}

fn contents() -> impl Strategy<Value = EventContent> {
    let looks = (
        select(vec![EventStatus::Confirmed, EventStatus::Tentative, EventStatus::Cancelled]),
        select(vec![Transparency::Opaque, Transparency::Transparent]),
        select(vec![Visibility::Default, Visibility::Public, Visibility::Private, Visibility::Confidential]),
        proptest::option::of(select(vec!["gold", "crimson", "rebeccapurple"])),
    );
    let addresses = (
        proptest::option::of(select(vec!["https://meet.example/1", "tel:+4930"])),
        proptest::option::of(select(vec![
            "https://example.org/",
            "http://example.org/a?b#c",
            "mailto:a@example.org",
        ])),
    );
    let timing = whens().prop_flat_map(|when| (Just(when), recurrences(when)));
    (timing, (texts(), texts(), texts()), looks, addresses, attendees(), reminders()).prop_map(
        |(
            (when, recurrence),
            (title, description, location),
            (status, transparency, visibility, color),
            (conference_url, url),
            attendees,
            reminders,
        )| EventContent {
            description,
            location,
            recurrence,
            status,
            transparency,
            visibility,
            reminders,
            attendees,
            conference_url: conference_url.map(str::to_owned),
            color: color.map(|name| Color(name.to_owned())),
            url: url.map(str::to_owned),
            ..EventContent::new(title, when)
        },
    )
}

proptest! {
    #[test]
    fn nothing_is_lost_on_the_way_there_and_back(content in contents()) {
        prop_assert_eq!(&canonical(&content, Role::Event, BERLIN), &content);
        let event = through_google(&content, Role::Event);
        prop_assert_eq!(&event.content, &content);
        prop_assert_eq!(event.warnings, Vec::<String>::new());
    }

    #[test]
    fn what_came_back_is_not_sent_again(content in contents()) {
        let there = through_google(&content, Role::Event).content;
        prop_assert!(changed(Some(&there), &content, Role::Event, BERLIN).is_empty());
    }

    #[test]
    fn whatever_is_written_has_one_canonical_form(
        content in contents(), start in readings(), minutes in 0_i64..3000, email in "[A-Za-z]{1,5}@EXAMPLE.org",
    ) {
        let when = When::Floating { start, end: start + TimeDelta::minutes(minutes) };
        let attendees = vec![Attendee { email, name: String::new(), optional: false, resource: false,
            response: ResponseStatus::Accepted, is_self: false }];
        let odd = EventContent { when, attendees, description: "a\r\nb".to_owned(), ..content };
        let once = canonical(&odd, Role::Event, BERLIN);
        prop_assert_eq!(&canonical(&once, Role::Event, BERLIN), &once);
        prop_assert_eq!(&once.description, "a\nb");
        let floats = matches!(once.when, When::Floating { .. });
        prop_assert!(floats);
    }

    #[test]
    fn a_patch_names_what_differs_and_nothing_else(base in contents(), desired in contents()) {
        let fields = changed(Some(&base), &desired, Role::Event, BERLIN);
        let mut patched = write(&base, WRITABLE, Role::Event, BERLIN).into_insert();
        merge(&mut patched, write(&desired, fields, Role::Event, BERLIN).into_patch());
        patched["id"] = json!("abcde");
        prop_assert_eq!(&present(change(patched, page())).content, &desired);
        for field in fields.iter().filter(|field| *field != Field::Recurrence) {
            prop_assert!(!field.is_equal(&base, &desired), "{:?}", field);
        }
    }

    #[test]
    fn no_document_stops_the_reader(noise in noise()) {
        // A page holds what it holds; each item becomes something.
        let _ = change(noise, page());
    }
}

/// JSON merge patch (RFC 7386), as `events.patch` applies it.
fn merge(into: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else { return *into = patch };
    if !into.is_object() {
        *into = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(&key);
        } else {
            merge(&mut into[&key], value);
        }
    }
}

fn noise() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        select(vec!["cancelled", "2026-11-23", "2026-11-23T09:00:00Z", "Mars/Olympus"]).prop_map(Value::from),
    ];
    let keys = select(vec![
        "id",
        "status",
        "start",
        "end",
        "date",
        "dateTime",
        "timeZone",
        "recurrence",
        "recurringEventId",
        "originalStartTime",
        "attendees",
        "email",
        "reminders",
        "overrides",
        "extendedProperties",
        "private",
    ]);
    leaf.prop_recursive(3, 32, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(keys.clone(), inner, 0..8)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

fn timed(start: &str, end: &str, zone: &str) -> Value {
    json!({
        "id": "abcde", "etag": "\"1\"",
        "start": { "dateTime": start, "timeZone": zone }, "end": { "dateTime": end, "timeZone": zone },
    })
}

fn zoned(local: &str, zone: Tz) -> ZonedTime {
    ZonedTime::new(local.parse().unwrap(), zone)
}

#[test]
fn the_offset_is_the_responses_and_the_zone_the_events() {
    let event = present(change(
        timed("2026-11-23T09:00:00+01:00", "2026-11-23T10:00:00+01:00", "America/New_York"),
        page(),
    ));
    let new_york = chrono_tz::America::New_York;
    assert_eq!(
        event.content.when,
        When::Zoned {
            start: zoned("2026-11-23T03:00:00", new_york),
            end: zoned("2026-11-23T04:00:00", new_york)
        }
    );
}

#[test]
fn a_windows_zone_is_read_in_the_calendars_with_one_warning() {
    let item = timed("2026-11-23T09:00:00+01:00", "2026-11-23T10:00:00+01:00", "W. Europe Standard Time");
    let event = present(change(item, page()));
    assert_eq!(
        event.content.when.original_start(),
        OriginalStart::Zoned { time: zoned("2026-11-23T09:00:00", BERLIN) }
    );
    assert_eq!(
        event.warnings,
        ["the time zone “W. Europe Standard Time” is not known; Europe/Berlin is used instead"]
    );
}

#[test]
fn a_floating_event_stays_floating_until_somebody_gives_it_a_zone() {
    let reading = |text: &str| text.parse::<NaiveDateTime>().unwrap();
    let when = When::Floating { start: reading("2026-07-01T09:00:00"), end: reading("2026-07-01T10:00:00") };
    let mut content = EventContent::new("Breakfast", when);
    content.recurrence = Some(Recurrence::parse_lines(["RRULE:FREQ=DAILY;UNTIL=20260710T090000"], &when));
    let mut json = write(&content, WRITABLE, Role::Event, BERLIN).into_insert();
    assert_eq!(
        json["start"],
        json!({ "dateTime": "2026-07-01T09:00:00+02:00", "timeZone": "Europe/Berlin" })
    );
    assert_eq!(json["recurrence"], json!(["RRULE:FREQ=DAILY;UNTIL=20260710T070000Z"]));
    assert_eq!(canonical(&content, Role::Event, BERLIN), content);

    json["id"] = json!("abcde");
    json["start"]["timeZone"] = json!("Europe/London");
    let moved = present(change(json, page())).content.when;
    assert_eq!(
        moved.original_start(),
        OriginalStart::Zoned { time: zoned("2026-07-01T08:00:00", chrono_tz::Europe::London) }
    );
}

#[test]
fn whole_days_and_times_leave_nothing_of_each_other_in_a_patch() {
    let day = "2026-05-01".parse().unwrap();
    let all_day = EventContent::new("", When::AllDay { start: day, end: day + Days::new(1) });
    let patch = write(&all_day, FieldSet::NONE.with(Field::When), Role::Event, BERLIN).into_patch();
    assert_eq!(patch["start"], json!({ "date": "2026-05-01", "dateTime": null, "timeZone": null }));
    assert_eq!(patch["end"], json!({ "date": "2026-05-02", "dateTime": null, "timeZone": null }));
}

#[test]
fn called_off_is_not_deleted_but_an_occurrence_is_left_out() {
    let day = "2026-05-01".parse().unwrap();
    let when = When::AllDay { start: day, end: day + Days::new(1) };
    let content = EventContent { status: EventStatus::Cancelled, ..EventContent::new("", when) };
    let body = |role| write(&content, FieldSet::NONE.with(Field::Status), role, BERLIN).into_insert();
    assert_eq!(
        body(Role::Event),
        json!({ "status": "confirmed", "extendedProperties": { "private": { "synodicStatus": "cancelled" } } })
    );
    assert_eq!(body(Role::Occurrence)["status"], json!("cancelled"));
    assert_eq!(through_google(&content, Role::Event).content.status, EventStatus::Cancelled);
}

#[test]
fn a_tombstone_needs_no_more_than_its_id() {
    let removed = change(json!({ "id": "abcde", "status": "cancelled" }), page());
    assert_eq!(removed, RemoteChange::Removed { id: ExternalId::new("abcde") });
}

#[test]
fn an_occurrence_left_out_needs_no_more_than_which_one_it_is() {
    let item = json!({
        "id": "abcde_20261123T080000Z", "status": "cancelled", "recurringEventId": "abcde",
        "originalStartTime": { "dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin" },
    });
    let event = present(change(item, page()));
    let occurrence = event.occurrence_of.unwrap();
    assert_eq!(occurrence.series, ExternalId::new("abcde"));
    assert_eq!(
        occurrence.original_start,
        OriginalStart::Zoned { time: zoned("2026-11-23T09:00:00", BERLIN) }
    );
    assert_eq!(event.content.status, EventStatus::Cancelled);
}

#[test]
fn one_malformed_item_harms_no_other() {
    for (item, reason) in [
        (json!({ "id": "abcde", "summary": 5 }), "malformed"),
        (json!({ "id": "abcde" }), "no start"),
        (json!({ "id": "abcde", "start": { "date": "soon" }, "end": {} }), "not a day"),
        (
            json!({ "id": "abcde", "start": { "date": "2026-05-01" }, "end": { "dateTime": "2026-05-02T00:00:00Z" } }),
            "reverse",
        ),
    ] {
        match change(item, page()) {
            RemoteChange::Unreadable { id, reason: given } => {
                assert_eq!(id, Some(ExternalId::new("abcde")));
                assert!(given.contains(reason), "{given}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(change(json!("noise"), page()), RemoteChange::Unreadable { id: None, .. }));
}

#[test]
fn values_invented_tomorrow_are_read_with_a_warning() {
    let mut item = timed("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", "UTC");
    for (field, value) in
        [("status", "maybe"), ("transparency", "glass"), ("visibility", "family"), ("colorId", "12")]
    {
        item[field] = json!(value);
    }
    item["reminders"] = json!({ "useDefault": false, "overrides": [{ "method": "sms", "minutes": 5 }] });
    let event = present(change(item, page()));
    assert_eq!(event.warnings.len(), 5, "{:?}", event.warnings);
    assert_eq!(event.content.visibility, Visibility::Private);
}

#[test]
fn a_copy_made_at_google_is_not_taken_for_the_original() {
    let identity = Identity {
        event_id: synodic_model::EventId::new(uuid::Uuid::from_u128(7)),
        link: uuid::Uuid::from_u128(8),
        incarnation: 0,
    };
    let mut item = timed("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", "UTC");
    item["extendedProperties"] = json!({ "private": {
        "synodic": identity::marker_text(&identity), "synodicUid": "ours@example.org",
    }});
    item["iCalUID"] = json!("theirs@google.com");
    let copy = present(change(item.clone(), page()));
    assert_eq!((copy.marker, copy.uid.as_deref()), (None, Some("theirs@google.com")));

    item["id"] = json!(identity::event_id(&identity).as_str());
    let original = present(change(item.clone(), page()));
    assert_eq!(original.marker.unwrap().identity, identity);
    assert_eq!(original.uid.as_deref(), Some("ours@example.org"));

    item["recurringEventId"] = json!("series");
    item["originalStartTime"] = item["start"].clone();
    assert_eq!(present(change(item, page())).marker, None);
}

#[test]
fn what_google_would_refuse_is_read_only() {
    let is_read_only = |field: &str, value: Value| {
        let mut item = timed("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", "UTC");
        item[field] = value;
        present(change(item, page())).read_only
    };
    assert!(!is_read_only("eventType", json!("default")));
    assert!(is_read_only("eventType", json!("birthday")));
    assert!(is_read_only("locked", json!(true)));
    assert!(is_read_only("organizer", json!({ "email": "boss@example.org" })));
    assert!(!is_read_only("organizer", json!({ "email": "me@example.org", "self": true })));

    let shared = Page { writable: false, ..page() };
    assert!(present(change(timed("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", "UTC"), shared)).read_only);
}

#[test]
fn guests_of_somebody_elses_meeting_are_never_written() {
    let day = "2026-05-01".parse().unwrap();
    let mut content = EventContent::new("", When::AllDay { start: day, end: day + Days::new(1) });
    content.attendees = vec![Attendee {
        email: "ada@example.org".to_owned(),
        name: String::new(),
        optional: false,
        resource: false,
        response: ResponseStatus::NeedsAction,
        is_self: false,
    }];
    content.organizer = Some(synodic_model::Organizer {
        email: "boss@example.org".to_owned(),
        name: String::new(),
        is_self: false,
    });
    assert!(!write(&content, WRITABLE, Role::Event, BERLIN).names("attendees"));
}
