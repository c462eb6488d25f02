//! Creations that may be repeated, because each meets itself.

use synodic_model::{EventStatus, When};
use synodic_providers::{Class, Identity, Linked, NotifyAttendees, Provider, ProviderError};
use synodic_simulators::fault::Effect;

use super::{ADA, World, creation, entered, identity, local, lunch, said};

#[tokio::test]
async fn a_new_event_carries_our_mark_and_our_uid() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    assert_eq!(event.marker.as_ref().unwrap().identity, identity(1));
    assert_eq!(event.uid.as_deref(), Some("ours@example.org"));
    assert_eq!(said(&event), lunch());
    assert!(!event.read_only);
    assert_eq!(world.only_event()["id"], event.id.as_str());
    assert!(world.control.requests()[0].query.contains("sendUpdates=none"));
}

#[tokio::test]
async fn created_twice_is_there_once() {
    let world = World::new().await;
    let first = world.create(identity(1), &lunch()).await.unwrap();
    let second = world.create(identity(1), &lunch()).await.unwrap();
    assert_eq!(first, second);
    world.only_event();
}

#[tokio::test]
async fn an_answer_lost_after_the_event_was_made_makes_no_second_one() {
    let world = World::new().await;
    world.inject(Effect::DropAfter, "POST", "/events");
    let lost = world.create(identity(1), &lunch()).await.unwrap_err();
    assert_eq!(lost.class(), Class::Uncertain, "{lost}");
    world.create(identity(1), &lunch()).await.unwrap();
    world.only_event();
}

#[tokio::test]
async fn somebody_elses_edit_in_between_is_returned_for_the_caller_to_see() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    world.control.put_event(ADA, serde_json::json!({ "id": event.id.as_str(), "summary": "Brunch" }));
    let met = world.create(identity(1), &lunch()).await.unwrap();
    assert_eq!(met.content.title, "Brunch");
    assert_ne!(met.version, event.version);
}

#[tokio::test]
async fn an_identity_is_spent_with_the_event_it_made() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    world.delete(&event).await.unwrap();
    let spent = world.create(identity(1), &lunch()).await.unwrap_err();
    assert!(matches!(spent, ProviderError::IdentitySpent), "{spent}");
    let next = Identity { incarnation: 1, ..identity(1) };
    assert_ne!(world.create(next, &lunch()).await.unwrap().id, event.id);
}

#[tokio::test]
async fn an_id_that_belongs_to_something_else_is_spent_too() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    let theirs = format!("{}:{}:0", identity(2).event_id, identity(2).link);
    let mark = serde_json::json!({ "private": { "synodic": theirs } });
    world.control.put_event(ADA, serde_json::json!({ "id": event.id.as_str(), "extendedProperties": mark }));
    let spent = world.create(identity(1), &lunch()).await.unwrap_err();
    assert!(matches!(spent, ProviderError::IdentitySpent), "{spent}");
}

#[tokio::test]
async fn nobody_is_mailed_unless_a_person_wishes_it() {
    let world = World::new().await;
    let mut content = lunch();
    content.attendees = vec![synodic_tests::world::guest("bob@example.org")];
    world.create(identity(1), &content).await.unwrap();
    assert!(world.control.outbox().is_empty(), "{:?}", world.control.outbox());

    let wished =
        synodic_providers::Creation { notify: NotifyAttendees::Everybody, ..creation(identity(2), &content) };
    world.google.create(Linked::plain(&world.calendar()), &wished).await.unwrap();
    assert_eq!(world.control.outbox().len(), 1);
}

#[tokio::test]
async fn a_floating_event_is_sent_in_the_calendars_zone() {
    let world = World::new().await;
    let mut content = lunch();
    content.when = When::Floating { start: local("2026-07-01T09:00:00"), end: local("2026-07-01T10:00:00") };
    let event = world.create(identity(1), &content).await.unwrap();
    assert_eq!(said(&event), content);
    assert_eq!(world.only_event()["start"]["timeZone"], "Europe/Berlin");
    assert_eq!(said(&world.read(&event.id).await.unwrap()), content);
}

#[tokio::test]
async fn an_event_that_is_called_off_is_still_there() {
    let world = World::new().await;
    let mut content = lunch();
    content.status = EventStatus::Cancelled;
    let event = world.create(identity(1), &content).await.unwrap();
    assert_eq!(event.content.status, EventStatus::Cancelled);
    assert_eq!(world.only_event()["status"], "confirmed");
}

#[tokio::test]
async fn a_copy_made_at_google_is_a_new_event() {
    let world = World::new().await;
    let original = world.create(identity(1), &lunch()).await.unwrap();
    let mut copy = entered("copyofours", "Lunch");
    copy["extendedProperties"] = world.only_event()["extendedProperties"].clone();
    world.control.put_event(ADA, copy);
    let (changes, _) = world.pull(None).await.unwrap();
    let marked: Vec<_> = changes.iter().map(super::present).filter(|event| event.marker.is_some()).collect();
    assert_eq!(marked.len(), 1);
    assert_eq!(marked[0].id, original.id);
}
