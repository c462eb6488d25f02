//! Series, and the occurrences that somebody moved, renamed or left out.

use serde_json::json;
use synodic_model::{EventContent, EventStatus, ExternalId, OriginalStart, Recurrence, When};
use synodic_providers::{
    Creation, Linked, Provider, ProviderError, RemoteChange, RemoteEvent, RemoteOccurrence,
};

use super::{ADA, World, all_day, berlin, creation, identity, lunch, present, said};

/// A daily lunch.
fn series() -> EventContent {
    let mut content = lunch();
    content.recurrence = Some(Recurrence::parse_lines(["RRULE:FREQ=DAILY;COUNT=10"], &content.when));
    content
}

/// The occurrence that starts where `when` does.
fn at(series: &RemoteEvent, when: &When) -> RemoteOccurrence {
    RemoteOccurrence { series: series.id.clone(), original_start: when.original_start() }
}

async fn overridden(
    world: &World,
    occurrence: RemoteOccurrence,
    content: &EventContent,
) -> Result<RemoteEvent, ProviderError> {
    let creation = Creation { occurrence_of: Some(occurrence), ..creation(identity(2), content) };
    world.google.create(Linked::plain(&world.calendar()), &creation).await
}

fn third() -> When {
    berlin("2026-11-26T12:00:00", "2026-11-26T13:00:00")
}

#[tokio::test]
async fn a_series_is_one_item() {
    let world = World::new().await;
    let master = world.create(identity(1), &series()).await.unwrap();
    assert_eq!(said(&master), series());
    let (changes, _) = world.pull(None).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(said(present(&changes[0])), series());
}

#[tokio::test]
async fn an_occurrence_is_moved_and_renamed() {
    let world = World::new().await;
    let master = world.create(identity(1), &series()).await.unwrap();
    let content = EventContent::new("Late lunch", berlin("2026-11-26T14:00:00", "2026-11-26T15:00:00"));
    let made = overridden(&world, at(&master, &third()), &content).await.unwrap();
    assert_eq!(said(&made), content);
    assert_eq!(made.marker, None, "a mark inherited from the series means nothing");
    let occurrence = made.occurrence_of.clone().unwrap();
    assert_eq!(occurrence.series, master.id);
    assert_eq!(occurrence.original_start.key(), third().original_start().key());

    let (changes, _) = world.pull(None).await.unwrap();
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().map(present).any(|event| *event == made));
}

#[tokio::test]
async fn overriding_twice_is_overriding_once() {
    let world = World::new().await;
    let master = world.create(identity(1), &series()).await.unwrap();
    let content = EventContent::new("Late lunch", berlin("2026-11-26T14:00:00", "2026-11-26T15:00:00"));
    let first = overridden(&world, at(&master, &third()), &content).await.unwrap();
    let second = overridden(&world, at(&master, &third()), &content).await.unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn an_occurrence_that_somebody_changed_before_is_returned_as_it_is() {
    let world = World::new().await;
    let master = world.create(identity(1), &series()).await.unwrap();
    let instance = format!("{}_20261126T110000Z", master.id);
    world.control.put_event(ADA, json!({ "id": instance, "summary": "Theirs" }));
    let content = EventContent::new("Ours", third());
    let met = overridden(&world, at(&master, &third()), &content).await.unwrap();
    assert_eq!(met.content.title, "Theirs");
}

#[tokio::test]
async fn an_occurrence_is_left_out_and_taken_back() {
    let world = World::new().await;
    let master = world.create(identity(1), &series()).await.unwrap();
    let left_out = EventContent { status: EventStatus::Cancelled, ..EventContent::new("", third()) };
    let made = overridden(&world, at(&master, &third()), &left_out).await.unwrap();
    assert_eq!(made.content.status, EventStatus::Cancelled);
    assert!(made.occurrence_of.is_some());

    let (changes, cursor) = world.pull(None).await.unwrap();
    let cancelled = changes.iter().map(present).find(|event| event.occurrence_of.is_some()).unwrap();
    assert_eq!(cancelled.content.status, EventStatus::Cancelled);
    assert_eq!(cancelled.occurrence_of, made.occurrence_of);

    let back = EventContent::new("Lunch", third());
    let restored = world.update(cancelled, &back).await.unwrap();
    assert_eq!(said(&restored), back);
    let (changes, _) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(said(present(&changes[0])), back);
}

#[tokio::test]
async fn the_occurrences_of_a_series_are_asked_for_page_by_page() {
    let world = World::with(|options| options.page_size_cap = Some(1)).await;
    world.create(identity(3), &series()).await.unwrap();
    let master = world.create(identity(1), &series()).await.unwrap();
    let moved = EventContent::new("Late lunch", berlin("2026-11-26T14:00:00", "2026-11-26T15:00:00"));
    let made = overridden(&world, at(&master, &third()), &moved).await.unwrap();
    world.control.delete_event(ADA, &format!("{}_20261127T110000Z", master.id));
    let calendar = world.calendar();
    let named = world.google.occurrences(Linked::plain(&calendar), &master.id).await.unwrap();
    let statuses: Vec<_> = named.iter().map(|change| present(change).content.status).collect();
    assert_eq!(
        statuses,
        [made.content.status, EventStatus::Cancelled],
        "not the series, and nothing of another one"
    );
    let nowhere = ExternalId::new("nowhere");
    assert!(world.google.occurrences(Linked::plain(&calendar), &nowhere).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_override_is_left_out_later() {
    let world = World::new().await;
    let master = world.create(identity(1), &series()).await.unwrap();
    let content = EventContent::new("Late lunch", berlin("2026-11-26T14:00:00", "2026-11-26T15:00:00"));
    let made = overridden(&world, at(&master, &third()), &content).await.unwrap();
    let left_out = EventContent { status: EventStatus::Cancelled, ..content };
    let after = world.update(&made, &left_out).await.unwrap();
    assert_eq!(after.content.status, EventStatus::Cancelled);
    assert_eq!(world.control.events(ADA).len(), 1);
}

#[tokio::test]
async fn whole_days_repeat_too() {
    let world = World::new().await;
    let mut content = EventContent::new("Watch", all_day("2026-11-24", "2026-11-25"));
    content.recurrence = Some(Recurrence::parse_lines(["RRULE:FREQ=WEEKLY;COUNT=4"], &content.when));
    let master = world.create(identity(1), &content).await.unwrap();
    let moved = EventContent::new("Watch", all_day("2026-12-02", "2026-12-04"));
    let occurrence = at(&master, &all_day("2026-12-01", "2026-12-02"));
    let made = overridden(&world, occurrence.clone(), &moved).await.unwrap();
    assert_eq!(said(&made), moved);
    assert_eq!(made.occurrence_of, Some(occurrence));
}

#[tokio::test]
async fn an_occurrence_that_the_rule_does_not_make_is_gone() {
    let world = World::new().await;
    let master = world.create(identity(1), &series()).await.unwrap();
    let never = berlin("2026-11-26T18:00:00", "2026-11-26T19:00:00");
    let failure = overridden(&world, at(&master, &never), &EventContent::new("", never)).await.unwrap_err();
    assert!(matches!(failure, ProviderError::Gone), "{failure}");
    let nowhere =
        RemoteOccurrence { series: ExternalId::new("nowhere"), original_start: never.original_start() };
    let failure = overridden(&world, nowhere, &EventContent::new("", never)).await.unwrap_err();
    assert!(matches!(failure, ProviderError::Gone), "{failure}");
}

#[tokio::test]
async fn a_series_that_is_deleted_takes_its_exceptions_along() {
    let world = World::with(|options| options.cascade_in_feed = true).await;
    let master = world.create(identity(1), &series()).await.unwrap();
    let content = EventContent::new("Late lunch", third());
    let made = overridden(&world, at(&master, &third()), &content).await.unwrap();
    let (_, cursor) = world.pull(None).await.unwrap();
    world.delete(&world.read(&master.id).await.unwrap()).await.unwrap();
    let (changes, _) = world.pull(Some(&cursor)).await.unwrap();
    assert!(changes.contains(&RemoteChange::Removed { id: master.id }));
    for change in changes.iter().filter(|change| matches!(change, RemoteChange::Present(_))) {
        assert_eq!(present(change).id, made.id);
        assert_eq!(present(change).content.status, EventStatus::Cancelled);
    }
}

#[tokio::test]
async fn the_rule_may_change_and_end() {
    let world = World::new().await;
    let master = world.create(identity(1), &series()).await.unwrap();
    let mut weekly = series();
    let lines =
        ["RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270101T000000Z", "EXDATE;TZID=Europe/Berlin:20261201T120000"];
    weekly.recurrence = Some(Recurrence::parse_lines(lines, &weekly.when));
    let master = world.update(&master, &weekly).await.unwrap();
    assert_eq!(said(&master), weekly);
    let master = world.update(&master, &lunch()).await.unwrap();
    assert_eq!(said(&master), lunch());
    let OriginalStart::Zoned { .. } = master.content.when.original_start() else { panic!("not zoned") };
}
