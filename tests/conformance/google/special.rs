//! Events that are not simply ours: what Google takes of them is offered, and what it refuses is not.

use serde_json::{Value, json};
use synodic_model::{
    Color, EventContent, EventStatus, ExternalId, Field, FieldSet, Reminder, ReminderMethod, Reminders,
    ResponseStatus, Transparency, Visibility,
};
use synodic_providers::{Class, Linked, NotifyAttendees, Provider, ProviderError, RemoteEvent};
use synodic_simulators::google::NewCalendar;
use synodic_tests::world::guest;

use super::{ADA, World, berlin, entered, identity, lunch, said};

fn special(kind: &str, more: Value) -> Value {
    let mut item = json!({ "id": "abcde", "summary": "Special", "eventType": kind });
    let (start, end) = if matches!(kind, "birthday" | "workingLocation") {
        (json!({ "date": "2026-11-24" }), json!({ "date": "2026-11-25" }))
    } else {
        (
            json!({ "dateTime": "2026-11-24T12:00:00+01:00" }),
            json!({ "dateTime": "2026-11-24T13:00:00+01:00" }),
        )
    };
    item["start"] = start;
    item["end"] = end;
    if let (Value::Object(item), Value::Object(more)) = (&mut item, more) {
        item.extend(more);
    }
    item
}

/// The fields that the window may offer.
fn offered(event: &RemoteEvent) -> FieldSet {
    if !event.read_only {
        return FieldSet::ALL.without(Field::Organizer);
    }
    let names = event.content.extras["google"].get("writable").cloned().unwrap_or_else(|| json!([]));
    serde_json::from_value::<Vec<Field>>(names).unwrap().into_iter().collect()
}

/// The event with one field made different.
fn edited(content: &EventContent, field: Field) -> EventContent {
    let mut edited = content.clone();
    match field {
        Field::Title => edited.title = "Edited".into(),
        Field::Description => edited.description = "Edited".into(),
        Field::Location => edited.location = "Edited".into(),
        Field::When if content.when.is_all_day() => {
            let day = "2026-12-24".parse().unwrap();
            edited.when = synodic_model::When::AllDay { start: day, end: day.succ_opt().unwrap() };
        }
        Field::When => edited.when = berlin("2026-12-24T12:00:00", "2026-12-24T13:30:00"),
        Field::Recurrence => {
            edited.recurrence = Some(synodic_model::Recurrence::from_rule("FREQ=DAILY;COUNT=3").unwrap());
        }
        Field::Status => edited.status = EventStatus::Tentative,
        Field::Transparency => edited.transparency = Transparency::Transparent,
        Field::Visibility => edited.visibility = Visibility::Private,
        Field::Reminders => {
            let soon = Reminder { minutes_before: 7, method: ReminderMethod::Popup };
            edited.reminders = Reminders::Custom { reminders: vec![soon] };
        }
        Field::Attendees => edited.attendees.push(guest("zoe@example.org")),
        Field::Organizer => {}
        Field::ConferenceUrl => edited.conference_url = Some("https://meet.example.org/edited".into()),
        Field::Color => edited.color = Some(Color("gold".into())),
        Field::Url => edited.url = Some("https://example.org/edited".into()),
    }
    edited
}

#[tokio::test]
async fn special_events_are_shown_and_written_as_far_as_google_goes() {
    let kinds = [
        (
            "birthday",
            json!({ "visibility": "private", "transparency": "transparent",
            "recurrence": ["RRULE:FREQ=YEARLY"], "birthdayProperties": { "type": "birthday" } }),
        ),
        ("fromGmail", json!({})),
        ("focusTime", json!({ "focusTimeProperties": {} })),
        ("outOfOffice", json!({ "outOfOfficeProperties": {} })),
        (
            "workingLocation",
            json!({ "visibility": "public", "transparency": "transparent",
            "workingLocationProperties": { "type": "homeOffice" } }),
        ),
    ];
    for (kind, more) in kinds {
        let world = World::new().await;
        world.control.put_event(ADA, special(kind, more));
        let (changes, _) = world.pull(None).await.unwrap();
        let mut event = super::present(&changes[0]).clone();
        assert_eq!(event.content.title, "Special");
        assert!(event.read_only, "{kind}");
        assert_eq!(event.content.extras["google"]["eventType"], kind);
        assert_eq!(offered(&event).contains(Field::When), kind == "birthday", "{kind}");
        for field in offered(&event).iter() {
            let desired = edited(&event.content, field);
            event = world
                .update(&event, &desired)
                .await
                .unwrap_or_else(|error| panic!("{kind} {field:?}: {error}"));
            assert!(field.is_equal(&event.content, &desired), "{kind} {field:?}");
        }
        let shown = offered(&event);
        assert_eq!(shown.is_empty(), !matches!(kind, "birthday" | "fromGmail"), "{kind}: {shown:?}");
    }
}

/// Everything that an event may hold beyond our model, and much of what it holds within.
fn rich() -> Value {
    let mut item = entered("abcde", "Review");
    for (field, value) in [
        ("description", json!("<b>Notes</b>")),
        ("location", json!("Room 12")),
        (
            "attachments",
            json!([{ "fileUrl": "https://example.org/notes", "title": "Notes", "mimeType": "text/plain" }]),
        ),
        (
            "attendees",
            json!([
                { "email": "bob@example.org", "comment": "by train", "additionalGuests": 2, "optional": true },
                { "email": "room@example.org", "resource": true, "displayName": "Room 12" },
            ]),
        ),
        ("guestsCanModify", json!(true)),
        ("guestsCanInviteOthers", json!(false)),
        ("anyoneCanAddSelf", json!(true)),
        ("gadget", json!({ "title": "Weather", "display": "icon" })),
        ("source", json!({ "title": "The ticket", "url": "https://example.org/ticket" })),
        (
            "conferenceData",
            json!({
                "entryPoints": [{ "entryPointType": "video", "uri": "https://meet.google.com/abc", "label": "abc" }],
                "conferenceSolution": { "name": "Google Meet", "key": { "type": "hangoutsMeet" } },
                "conferenceId": "abc",
            }),
        ),
        ("extendedProperties", json!({ "private": { "other": "x" }, "shared": { "more": "y" } })),
        ("colorId", json!("5")),
    ] {
        item[field] = value;
    }
    item
}

/// The wire fields that an edit of a field may change.
fn touched(field: Field) -> &'static [&'static str] {
    match field {
        Field::Title => &["summary"],
        Field::Description => &["description"],
        Field::Location => &["location"],
        Field::When => &["start", "end", "extendedProperties.private.synodicFloating"],
        Field::Recurrence => &["recurrence"],
        Field::Status => &["status"],
        Field::Transparency => &["transparency"],
        Field::Visibility => &["visibility"],
        Field::Reminders => &["reminders"],
        Field::Attendees => &["attendees"],
        Field::Organizer => &[],
        Field::ConferenceUrl => &["extendedProperties.private.synodicConference"],
        Field::Color => &["colorId"],
        Field::Url => &["source"],
    }
}

fn forget(item: &mut Value, path: &str) {
    let (parent, name) = path.rsplit_once('.').map_or(("", path), |(parent, name)| (parent, name));
    let pointer = if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
    if let Some(Value::Object(fields)) = item.pointer_mut(&pointer) {
        fields.remove(name);
    }
}

/// Every field, edited by itself and in each pair with another, leaves all others as they were, byte for byte.
#[tokio::test]
async fn what_is_not_edited_stays_as_it_was_byte_for_byte() {
    for first in Field::ALL {
        for second in Field::ALL.into_iter().filter(|second| *second as u16 >= first as u16) {
            let world = World::new().await;
            world.control.put_event(ADA, rich());
            let mut before = world.only_event();
            let event = world.read(&ExternalId::new("abcde")).await.unwrap();
            let desired = edited(&event.content, first);
            let desired = if first == second { desired } else { edited(&desired, second) };
            let after = world.update(&event, &desired).await.unwrap();
            assert_eq!(said(&after), said(&RemoteEvent { content: desired, ..after.clone() }));
            let mut shown = world.only_event();
            let mine = [first, second].into_iter().flat_map(touched);
            for path in mine.copied().chain(["etag", "updated", "sequence"]) {
                forget(&mut before, path);
                forget(&mut shown, path);
            }
            assert_eq!(shown.to_string(), before.to_string(), "{first:?} and {second:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_reaches_the_list_and_nothing_else_does() {
    let world = World::new().await;
    let mut invitation = rich();
    invitation["guestsCanModify"] = json!(false);
    invitation["attendees"] = json!([
        { "email": "bob@example.org", "comment": "by train", "additionalGuests": 2 },
        { "email": ADA, "responseStatus": "needsAction", "comment": "perhaps" },
    ]);
    world.control.invite(ADA, "boss@example.org", invitation);
    let mut before = world.only_event();
    let event = world.read(&ExternalId::new("abcde")).await.unwrap();
    let mut desired = event.content.clone();
    let own = desired.attendees.iter_mut().find(|attendee| attendee.is_self).unwrap();
    own.response = ResponseStatus::Tentative;
    let after = world.update(&event, &desired).await.unwrap();
    assert_eq!(after.content, desired);
    let mut shown = world.only_event();
    before["attendees"][1]["responseStatus"] = json!("tentative");
    for path in ["etag", "updated", "sequence"] {
        forget(&mut before, path);
        forget(&mut shown, path);
    }
    assert_eq!(shown, before);
    // Said again, it is no write.
    world.control.clear_requests();
    world.update(&after, &desired).await.unwrap();
    assert_eq!(world.requests(), ["GET 200"]);
}

#[tokio::test]
async fn an_event_moves_with_its_id_and_leaves_a_stub() {
    let world = World::new().await;
    let work =
        world.control.add_calendar(ADA, NewCalendar { summary: "Work".into(), ..NewCalendar::default() });
    let to = synodic_model::RemoteCalendarId::new(&work);
    let event = world.create(identity(1), &lunch()).await.unwrap();
    let from = world.calendar();
    let relocate = || world.google.move_event(&from, &event.id, Linked::plain(&to), NotifyAttendees::Nobody);
    let moved = relocate().await.unwrap();
    assert_eq!((moved.id.clone(), said(&moved)), (event.id.clone(), lunch()));
    assert_eq!(world.read(&event.id).await, None, "what is left is a stub");
    let (changes, _) = world.pull(None).await.unwrap();
    assert!(changes.is_empty(), "{changes:?}");
    assert_eq!(relocate().await.unwrap().version, moved.version, "moved twice is moved once");
    world.control.delete_event(&work, event.id.as_str());
    assert!(matches!(relocate().await.unwrap_err(), ProviderError::Gone));
    world.control.put_event(ADA, special("fromGmail", json!({})));
    let special = ExternalId::new("abcde");
    let refused = world.google.move_event(&from, &special, Linked::plain(&to), NotifyAttendees::Nobody);
    assert_eq!(refused.await.unwrap_err().class(), Class::Permanent);
}
