//! Patches of what differs, and deletions that may already have happened.

use serde_json::json;
use synodic_model::{Color, EventContent, EventStatus, ExternalId, Reminder, ReminderMethod, Reminders};
use synodic_providers::{Class, Linked, NotifyAttendees, Provider, ProviderError, Update};
use synodic_tests::world::guest;

use super::{ADA, World, all_day, berlin, entered, identity, lunch, said};

#[tokio::test]
async fn only_what_differs_is_written() {
    let world = World::new().await;
    world.control.put_event(ADA, entered("abcde", "Lunch"));
    let event = world.read(&ExternalId::new("abcde")).await.unwrap();
    let before = world.only_event();
    let mut desired = event.content.clone();
    desired.title = "Brunch".to_owned();
    let after = world.update(&event, &desired).await.unwrap();
    assert_eq!(after.content, desired);

    let mut expected = before;
    let shown = world.only_event();
    for field in ["summary", "etag", "updated", "sequence"] {
        expected[field] = shown[field].clone();
    }
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn what_we_do_not_know_survives_our_edit() {
    let world = World::new().await;
    let mut item = entered("abcde", "Review");
    item["attachments"] = json!([{ "fileUrl": "https://example.org/notes", "title": "Notes" }]);
    item["guestsCanModify"] = json!(true);
    item["attendees"] = json!([{ "email": "bob@example.org", "comment": "by train", "additionalGuests": 2 }]);
    item["extendedProperties"] = json!({ "private": { "other": "x" }, "shared": { "more": "y" } });
    world.control.put_event(ADA, item);
    let event = world.read(&ExternalId::new("abcde")).await.unwrap();
    let mut desired = event.content.clone();
    desired.title = "Retrospective".to_owned();
    desired.attendees.push(guest("carol@example.org"));
    world.update(&event, &desired).await.unwrap();

    let after = world.only_event();
    assert_eq!(after["attachments"][0]["title"], "Notes");
    assert_eq!(after["guestsCanModify"], true);
    assert_eq!(after["extendedProperties"]["private"]["other"], "x");
    assert_eq!(after["extendedProperties"]["shared"]["more"], "y");
    let bob = after["attendees"]
        .as_array()
        .unwrap()
        .iter()
        .find(|guest| guest["email"] == "bob@example.org")
        .unwrap();
    assert_eq!((&bob["comment"], &bob["additionalGuests"]), (&json!("by train"), &json!(2)));
    assert_eq!(after["attendees"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_edit_based_on_a_former_state_is_refused() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    world.control.put_event(ADA, json!({ "id": event.id.as_str(), "summary": "Brunch" }));
    let desired = EventContent { location: "Canteen".to_owned(), ..lunch() };
    let refused = world.update(&event, &desired).await.unwrap_err();
    assert!(matches!(refused, ProviderError::VersionMismatch), "{refused}");
    let with_guests = EventContent { attendees: vec![guest("bob@example.org")], ..lunch() };
    let refused = world.update(&event, &with_guests).await.unwrap_err();
    assert!(matches!(refused, ProviderError::VersionMismatch), "{refused}");
    let refused = world.delete(&event).await.unwrap_err();
    assert!(matches!(refused, ProviderError::VersionMismatch), "{refused}");
    assert_eq!(world.only_event()["summary"], "Brunch");
}

#[tokio::test]
async fn everything_can_be_set_changed_and_cleared() {
    let world = World::new().await;
    let plain = lunch();
    let full = EventContent {
        description: "Soup\n<b>and</b> bread".to_owned(),
        location: "Canteen".to_owned(),
        when: all_day("2026-11-24", "2026-11-26"),
        recurrence: None,
        status: EventStatus::Tentative,
        transparency: synodic_model::Transparency::Transparent,
        visibility: synodic_model::Visibility::Confidential,
        reminders: Reminders::Custom {
            reminders: vec![
                Reminder { minutes_before: 5, method: ReminderMethod::Popup },
                Reminder { minutes_before: 60, method: ReminderMethod::Email },
            ],
        },
        conference_url: Some("https://meet.example.org/lunch".to_owned()),
        color: Some(Color("gold".to_owned())),
        url: Some("https://example.org/menu".to_owned()),
        ..EventContent::new("Long lunch", plain.when)
    };
    let other = EventContent {
        color: Some(Color("rebeccapurple".to_owned())),
        url: Some("mailto:cook@example.org".to_owned()),
        reminders: Reminders::Custom { reminders: Vec::new() },
        status: EventStatus::Cancelled,
        ..full.clone()
    };
    let mut event = world.create(identity(1), &plain).await.unwrap();
    for desired in [&full, &other, &plain, &other, &full, &plain] {
        event = world.update(&event, desired).await.unwrap();
        assert_eq!(&said(&event), desired);
        assert_eq!(&said(&world.read(&event.id).await.unwrap()), desired);
    }
}

#[tokio::test]
async fn guests_come_and_go() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    let invited = EventContent { attendees: vec![guest("bob@example.org")], ..lunch() };
    let event = world.update(&event, &invited).await.unwrap();
    assert_eq!(event.content.attendees, invited.attendees);
    assert!(event.content.organizer.as_ref().unwrap().is_self);
    let event = world.update(&event, &lunch()).await.unwrap();
    assert_eq!(said(&event), lunch());
    assert!(world.control.outbox().is_empty());
}

#[tokio::test]
async fn an_edit_that_google_cannot_tell_from_none_writes_nothing() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    world.control.clear_requests();
    let same = world.update(&event, &EventContent { description: String::new(), ..lunch() }).await.unwrap();
    assert_eq!(same, event);
    assert_eq!(world.requests(), ["GET 200"]);
}

#[tokio::test]
async fn without_a_base_everything_is_written() {
    let world = World::new().await;
    world.control.put_event(ADA, entered("abcde", "Lunch"));
    let desired = EventContent::new("Dinner", berlin("2026-11-24T19:00:00", "2026-11-24T20:00:00"));
    let id = ExternalId::new("abcde");
    let update =
        Update { id: &id, version: None, base: None, desired: &desired, notify: NotifyAttendees::Nobody };
    assert_eq!(said(&world.google.update(Linked::plain(&world.calendar()), &update).await.unwrap()), desired);
}

#[tokio::test]
async fn what_was_deleted_there_is_gone_and_stays_so() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    world.control.delete_event(ADA, event.id.as_str());
    assert_eq!(world.read(&event.id).await, None);
    let desired = EventContent { title: "Brunch".to_owned(), ..lunch() };
    for version in [Some(&event.version), None] {
        let update =
            Update { id: &event.id, version, base: None, desired: &desired, notify: NotifyAttendees::Nobody };
        let failure = world.google.update(Linked::plain(&world.calendar()), &update).await.unwrap_err();
        assert_eq!(failure.class(), Class::Conflict, "{failure}");
    }
    assert!(world.control.events(ADA).is_empty());
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    world.delete(&event).await.unwrap();
    world.delete(&event).await.unwrap();
    let never = ExternalId::new("neverwashere");
    world
        .google
        .delete(Linked::plain(&world.calendar()), &never, None, NotifyAttendees::Nobody)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_calendar_out_of_sight_is_no_proof_that_its_events_are_gone() {
    let world = World::new().await;
    let other = world.control.add_calendar(
        ADA,
        synodic_simulators::google::NewCalendar { summary: "Club".to_owned(), ..Default::default() },
    );
    world.control.put_event(&other, entered("abcde", "Chess"));
    world.control.set_access(&other, ADA, None);
    let calendar = synodic_model::RemoteCalendarId::new(other);
    let id = ExternalId::new("abcde");
    let failure =
        world.google.delete(Linked::plain(&calendar), &id, None, NotifyAttendees::Nobody).await.unwrap_err();
    assert_eq!(failure.class(), Class::Permanent, "{failure}");
    assert!(world.google.read(Linked::plain(&calendar), &id).await.is_err());
}

#[tokio::test]
async fn a_conference_of_googles_can_be_taken_away() {
    let world = World::new().await;
    let mut item = entered("abcde", "Call");
    item["conferenceData"] =
        json!({ "createRequest": { "requestId": "1", "conferenceSolutionKey": { "type": "hangoutsMeet" } } });
    world.control.put_event(ADA, item);
    let event = world.read(&ExternalId::new("abcde")).await.unwrap();
    assert!(event.content.conference_url.as_deref().unwrap().starts_with("https://meet.google.com/"));
    let desired = EventContent { conference_url: None, ..event.content.clone() };
    assert_eq!(world.update(&event, &desired).await.unwrap().content.conference_url, None);
}
