use serde_json::json;
use synodic_model::sync::SyncDirection;
use synodic_model::{Attendee, EventContent, Field, Organizer, ResponseStatus};
use synodic_store::Durability;

use super::super::access::mark_read_only;
use super::world::{World, mondays, on, single, whole};
use crate::error::EngineError;
use crate::queue::Payload;
use crate::view::{EventAnswer, EventTarget, NotifyAttendees};
use synodic_model::sync::ProviderKind;

fn guest(email: &str, is_self: bool) -> Attendee {
    Attendee {
        email: email.into(),
        name: String::new(),
        optional: false,
        resource: false,
        response: ResponseStatus::NeedsAction,
        is_self,
    }
}

/// Bob's meeting, to which Ada is invited; of its fields the service takes colour and reminders.
fn invitation(mut content: EventContent) -> EventContent {
    content.organizer =
        Some(Organizer { email: "bob@example.com".into(), name: "Bob".into(), is_self: false });
    content.attendees = vec![guest("ada@example.com", true), guest("cleo@example.com", false)];
    content.extras.insert("google".into(), json!({ "writable": ["color", "reminders"] }));
    mark_read_only(&mut content, ProviderKind::Google, true);
    content
}

/// Puts it into the replica as a pull would.
async fn invited(world: &World, content: EventContent) -> synodic_model::EventId {
    let id = world.made(EventContent { extras: std::collections::BTreeMap::new(), ..content.clone() }).await;
    let mut row = world.row(id).await;
    row.content = invitation(row.content);
    let mut transaction = world.engine.inner.store.begin(Durability::Pulled).await.unwrap();
    transaction.put_event(&row).await.unwrap();
    transaction.commit().await.unwrap();
    id
}

async fn answered(world: &World, target: EventTarget, response: ResponseStatus) -> Result<(), EngineError> {
    let answer = EventAnswer { target, response, notify: NotifyAttendees::Nobody };
    world.engine.answer_event(answer).await.map(drop)
}

#[tokio::test]
async fn an_invitation_says_who_runs_it_and_what_is_ones_own() {
    let world = World::new().await;
    let id = invited(&world, single("Talk", "2026-11-03 12:00")).await;
    let seen = world.see(whole(id)).await;
    assert!(seen.read_only.unwrap().starts_with("Only Bob"));
    assert_eq!(seen.rights.fields, [Field::Reminders, Field::Color]);
    assert!(seen.rights.deletable && seen.rights.answerable);

    world
        .change(whole(id), |content| content.color = Some(synodic_model::Color("tomato".into())))
        .await
        .unwrap();
    let refused = world.change(whole(id), |content| content.title = "Mine".into()).await;
    assert!(matches!(refused, Err(EngineError::ReadOnly { reason }) if reason.contains("Bob")));
    world.engine.delete_event(whole(id), NotifyAttendees::Nobody).await.unwrap();
}

#[tokio::test]
async fn an_answer_is_ones_own_and_nothing_else() {
    let world = World::new().await;
    let id = invited(&world, single("Talk", "2026-11-03 12:00")).await;
    let before = world.row(id).await.content;
    answered(&world, whole(id), ResponseStatus::Accepted).await.unwrap();
    let mut expected = before;
    expected.attendees[0].response = ResponseStatus::Accepted;
    assert_eq!(world.row(id).await.content, expected);

    let own = world.made(single("Lunch", "2026-11-04 12:00")).await;
    assert!(matches!(
        answered(&world, whole(own), ResponseStatus::Declined).await,
        Err(EngineError::Unacceptable { .. })
    ));
}

#[tokio::test]
async fn one_occurrence_is_answered_by_itself() {
    let world = World::new().await;
    let id = invited(&world, mondays("Stand-up")).await;
    let second = on(id, "2026-11-09 10:00");
    answered(&world, second, ResponseStatus::Declined).await.unwrap();
    let response = async |target| world.see(target).await.content.attendees[0].response;
    assert_eq!(response(second).await, ResponseStatus::Declined);
    assert_eq!(response(whole(id)).await, ResponseStatus::NeedsAction);
    let EventTarget::Occurrence { key } = on(id, "2026-11-16 10:00") else { panic!("no occurrence") };
    let following = answered(&world, EventTarget::Following { key }, ResponseStatus::Accepted).await;
    assert!(matches!(following, Err(EngineError::Unacceptable { .. })));
}

#[tokio::test]
async fn guests_are_told_when_the_person_says_so_and_of_taking_it_back() {
    let world = World::new().await;
    let link = world.link(SyncDirection::Bidirectional).await;
    let id = world.made(single("Talk", "2026-11-03 12:00")).await;
    let told = async || {
        let entry = world.engine.inner.store.queue_entry_of(id, link).await.unwrap().unwrap();
        Payload::read(&entry.payload).notify
    };
    assert_eq!(told().await, NotifyAttendees::Nobody);
    let deleted = world.engine.delete_event(whole(id), NotifyAttendees::Everybody).await.unwrap();
    assert_eq!(told().await, NotifyAttendees::Everybody);
    // As if it had been sent meanwhile.
    let mut transaction = world.engine.inner.store.begin(Durability::Edit).await.unwrap();
    let entry = transaction.queue_entry_of(id, link).await.unwrap().unwrap();
    transaction.remove_queue_entry(entry.id).await.unwrap();
    transaction.commit().await.unwrap();
    world.engine.undo(deleted.undo).await.unwrap();
    assert_eq!(told().await, NotifyAttendees::Everybody);
}
