//! Invitations, answers to them, and who hears of an edit.

use serde_json::{Value, json};
use synodic_engine::view::{EventAnswer, EventChange, EventDraft, EventTarget, EventView, NotifyAttendees};
use synodic_model::{Color, Field, Reminder, ReminderMethod, Reminders, ResponseStatus};
use synodic_tests::world::{ADA, World, guest, meeting};

const BOB: &str = "bob@example.com";

/// Bob invites Ada and Cleo; what we know nothing of is in there, too.
fn invitation(world: &World) -> Value {
    let event = json!({
        "summary": "Talk",
        "start": { "dateTime": "2026-11-03T09:00:00+01:00", "timeZone": "Europe/Berlin" },
        "end": { "dateTime": "2026-11-03T10:00:00+01:00", "timeZone": "Europe/Berlin" },
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"],
        "attendees": [
            { "email": ADA, "responseStatus": "needsAction", "comment": "perhaps", "optional": true },
            { "email": "cleo@example.com", "responseStatus": "accepted", "additionalGuests": 2 },
        ],
        "extendedProperties": { "shared": { "room": "12" } },
    });
    world.google.invite(ADA, BOB, event)
}

async fn answer(world: &World, target: EventTarget, response: ResponseStatus, notify: NotifyAttendees) {
    world.engine.answer_event(EventAnswer { target, response, notify }).await.unwrap();
}

fn whole(event: &EventView) -> EventTarget {
    EventTarget::Event { id: event.id }
}

#[tokio::test]
async fn an_answer_changes_nothing_but_ones_own_entry() {
    let world = World::new().await;
    world.linked().await;
    let id = invitation(&world)["id"].as_str().unwrap().to_owned();
    world.pass().await;
    let talk = world.find("Talk").await;
    assert!(talk.read_only.as_ref().unwrap().contains("bob"), "{:?}", talk.read_only);
    assert!(talk.rights.answerable && talk.rights.deletable);
    assert_eq!(talk.rights.fields, [Field::Reminders, Field::Color]);

    let before = world.google.find(ADA, &id).unwrap();
    answer(&world, whole(&talk), ResponseStatus::Accepted, NotifyAttendees::Nobody).await;
    let report = world.pass().await;
    assert_eq!((report.pushed, report.failed), (1, 0));
    let after = world.google.find(ADA, &id).unwrap();
    let mut expected = before;
    expected["attendees"][0]["responseStatus"] = json!("accepted");
    for field in ["etag", "updated", "sequence"] {
        expected[field] = after[field].clone();
    }
    assert_eq!(after, expected);
    assert!(world.google.outbox().is_empty());
    let last = world.pass().await;
    assert_eq!(last.pushed, 0);
    assert_eq!(world.shown().await[0].response, Some(ResponseStatus::Accepted));
}

#[tokio::test]
async fn the_organiser_is_mailed_when_the_person_says_so() {
    let world = World::new().await;
    world.linked().await;
    invitation(&world);
    world.pass().await;
    let talk = world.find("Talk").await;
    answer(&world, whole(&talk), ResponseStatus::Declined, NotifyAttendees::Everybody).await;
    world.pass().await;
    let mails = world.google.outbox();
    assert_eq!((mails.len(), &mails[0]["to"]), (1, &json!([BOB])));
}

#[tokio::test]
async fn one_occurrence_is_answered_by_itself() {
    let world = World::new().await;
    world.linked().await;
    invitation(&world);
    world.pass().await;
    let second = EventTarget::Occurrence { key: world.shown().await[1].occurrence_of.unwrap() };
    answer(&world, second, ResponseStatus::Declined, NotifyAttendees::Nobody).await;
    for _ in 0..2 {
        world.pass().await;
    }
    let responses: Vec<_> = world.shown().await.iter().map(|shown| shown.response.unwrap()).collect();
    assert_eq!(
        responses,
        [ResponseStatus::NeedsAction, ResponseStatus::Declined, ResponseStatus::NeedsAction]
    );
    let exception = world.google.events(ADA).into_iter().find(|event| event["recurringEventId"].is_string());
    assert_eq!(exception.unwrap()["attendees"][0]["responseStatus"], "declined");
    let last = world.pass().await;
    assert_eq!((last.pushed, last.failed), (0, 0));
}

#[tokio::test]
async fn colour_and_reminders_of_an_invitation_are_ones_own() {
    let world = World::new().await;
    world.linked().await;
    let id = invitation(&world)["id"].as_str().unwrap().to_owned();
    world.pass().await;
    let talk = world.find("Talk").await;
    let before = world.google.find(ADA, &id).unwrap();
    world
        .change(talk.id, |content| {
            content.color = Some(Color("seagreen".into()));
            let soon = Reminder { minutes_before: 5, method: ReminderMethod::Popup };
            content.reminders = Reminders::Custom { reminders: vec![soon] };
        })
        .await;
    let report = world.pass().await;
    assert_eq!((report.pushed, report.failed), (1, 0));
    let after = world.google.find(ADA, &id).unwrap();
    assert_eq!(after["colorId"], "10");
    assert_eq!(after["reminders"]["overrides"][0]["minutes"], 5);
    assert_eq!((&after["summary"], &after["attendees"]), (&before["summary"], &before["attendees"]));

    let mut content = world.find("Talk").await.content;
    content.title = "My talk".into();
    let change =
        EventChange { target: whole(&talk), content, seen_revision: None, notify: NotifyAttendees::Nobody };
    assert!(world.engine.change_event(change).await.is_err(), "it is prevented here, not lost there");
    world.delete(talk.id).await;
    world.pass().await;
    assert!(world.google.events(ADA).is_empty(), "whoever does not want it takes it out of the calendar");
}

#[tokio::test]
async fn guests_hear_of_an_edit_only_when_the_person_says_so() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let mut content = meeting("With guests", 3);
    content.attendees = vec![guest(BOB)];
    let draft = EventDraft { calendar_id: calendar.id, content, notify: NotifyAttendees::Everybody };
    let event = world.engine.create_event(draft).await.unwrap().event.unwrap();
    world.pass().await;
    assert_eq!(world.google.outbox().len(), 1, "the invitation");
    world.change(event.id, |content| content.location = "Room 12".into()).await;
    world.pass().await;
    assert_eq!(world.google.outbox().len(), 1, "a quiet edit");

    let target = EventTarget::Event { id: event.id };
    let seen = world.engine.event(target).await.unwrap();
    let mut content = seen.content;
    content.title = "With guests, later".into();
    let told = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Everybody };
    world.engine.change_event(told).await.unwrap();
    // A quiet edit beside one that guests are told of does not make that one quiet.
    world.change(event.id, |content| content.location = "Room 13".into()).await;
    world.pass().await;
    assert_eq!(world.google.outbox().len(), 2);
    world.engine.delete_event(target, NotifyAttendees::Everybody).await.unwrap();
    world.pass().await;
    let kinds: Vec<_> = world.google.outbox().iter().map(|mail| mail["kind"].clone()).collect();
    assert_eq!(kinds, ["invitation", "update", "cancellation"]);
}

#[tokio::test]
async fn two_answers_at_once_are_merged_person_by_person() {
    let world = World::new().await;
    world.linked().await;
    let id = invitation(&world)["id"].as_str().unwrap().to_owned();
    world.pass().await;
    let talk = world.find("Talk").await;
    answer(&world, whole(&talk), ResponseStatus::Accepted, NotifyAttendees::Nobody).await;
    world.google.answer(ADA, &id, "cleo@example.com", "declined");
    for _ in 0..2 {
        world.pass().await;
    }
    let guests = world.google.find(ADA, &id).unwrap()["attendees"].clone();
    let answers: Vec<_> = guests.as_array().unwrap().iter().map(|guest| &guest["responseStatus"]).collect();
    assert_eq!(answers, ["accepted", "declined", "accepted"], "{guests:#}");
    assert_eq!((&guests[0]["comment"], &guests[1]["additionalGuests"]), (&json!("perhaps"), &json!(2)));
    let here = world.find("Talk").await.content.attendees;
    let response = |email| here.iter().find(|guest| guest.email == email).unwrap().response;
    assert_eq!(
        (response(ADA), response("cleo@example.com")),
        (ResponseStatus::Accepted, ResponseStatus::Declined)
    );
    assert_eq!(world.standing(talk.id).await.conflict_data, None, "nobody was overruled");
}

#[tokio::test]
async fn a_guest_who_answers_while_another_is_invited_keeps_the_answer() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let mut content = meeting("With guests", 3);
    content.attendees = vec![guest(BOB), guest("cleo@example.com")];
    let event = world.create(calendar.id, content).await;
    world.pass().await;
    let id = world.remote("With guests")["id"].as_str().unwrap().to_owned();
    world
        .change(event.id, |content| {
            content.attendees.retain(|guest| guest.email == BOB);
            content.attendees.push(guest("dora@example.com"));
        })
        .await;
    world.google.answer(ADA, &id, BOB, "accepted");
    for _ in 0..2 {
        world.pass().await;
    }
    let guests = world.google.find(ADA, &id).unwrap()["attendees"].clone();
    let mut answers: Vec<_> = guests
        .as_array()
        .unwrap()
        .iter()
        .map(|guest| (guest["email"].as_str().unwrap(), guest["responseStatus"].as_str().unwrap()))
        .collect();
    answers.sort_unstable();
    assert_eq!(answers, [(BOB, "accepted"), ("dora@example.com", "needsAction")]);
    assert_eq!(world.standing(event.id).await.conflict_data, None, "nobody was overruled");
}
