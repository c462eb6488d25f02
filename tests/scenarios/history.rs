//! What became of an event can be looked at, and taken back.

use serde_json::json;
use synodic_engine::EngineError;
use synodic_engine::view::{EventChange, EventTarget, NotifyAttendees};
use synodic_model::history::{Author, ChangeKind, HistoryId};
use synodic_model::{EventId, Field, OccurrenceKey, Recurrence};
use synodic_tests::world::{ADA, World, meeting};

async fn kinds(world: &World, event: EventId) -> Vec<(Author, ChangeKind, Vec<Field>)> {
    let history = world.engine.event_history(event).await.unwrap();
    history.into_iter().rev().map(|line| (line.author, line.change, line.fields)).collect()
}

async fn settle(world: &World) {
    world.pass().await;
    world.pass().await;
    let last = world.pass().await;
    assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0));
    assert_eq!(world.titles().await, world.remote_titles());
}

#[tokio::test]
async fn the_history_names_who_changed_what() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Review", 3)).await;
    world.pass().await;
    let remote = world.remote("Review")["id"].as_str().unwrap().to_owned();
    world.phone_changes(&remote, json!({ "location": "Room 2" }));
    world.pass().await;
    world.change(event.id, |content| content.title = "Design review".into()).await;
    world.phone_changes(&remote, json!({ "description": "with notes" }));
    settle(&world).await;
    assert_eq!(
        kinds(&world, event.id).await,
        [
            (Author::Person, ChangeKind::Created, vec![]),
            (Author::Remote, ChangeKind::Changed, vec![Field::Location]),
            (Author::Person, ChangeKind::Changed, vec![Field::Title]),
            (Author::Merge, ChangeKind::Changed, vec![Field::Description]),
        ]
    );
    let history = world.engine.event_history(event.id).await.unwrap();
    assert_eq!(history[2].account.as_deref(), Some(ADA));
    assert_eq!(history[1].before.as_ref().unwrap().title, "Review");
}

#[tokio::test]
async fn an_old_change_is_taken_back_and_later_ones_stay() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Review", 3)).await;
    world.pass().await;
    let remote = world.remote("Review")["id"].as_str().unwrap().to_owned();
    world.phone_changes(&remote, json!({ "summary": "Vandalised" }));
    world.pass().await;
    world.change(event.id, |content| content.location = "Room 2".into()).await;
    settle(&world).await;
    let history = world.engine.event_history(event.id).await.unwrap();
    let vandalism = history.iter().find(|line| line.author == Author::Remote).unwrap().id;
    world.engine.revert_change(vandalism).await.unwrap();
    settle(&world).await;
    assert_eq!(world.remote_titles(), ["Review"]);
    assert_eq!(world.find("Review").await.content.location, "Room 2");
    assert_eq!(world.remote("Review")["location"], "Room 2");
    let unknown = world.engine.revert_change(HistoryId(999)).await;
    assert!(matches!(unknown, Err(EngineError::NotFound { what: "change" })));
}

#[tokio::test]
async fn what_was_deleted_here_or_there_is_restored_on_both_sides() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let mine = world.create(calendar.id, meeting("Deleted here", 3)).await;
    let theirs = world.phone_adds("Deleted there", 4);
    world.pass().await;
    world.delete(mine.id).await;
    world.google.delete_event(ADA, &theirs);
    settle(&world).await;
    assert!(world.titles().await.is_empty());

    let deleted = world.engine.deleted_events().await.unwrap();
    let mut listed: Vec<_> = deleted.iter().map(|line| (line.title.as_str(), line.author)).collect();
    listed.sort_by_key(|line| line.0);
    assert_eq!(listed, [("Deleted here", Author::Person), ("Deleted there", Author::Remote)]);
    for line in &deleted {
        world.engine.revert_change(line.history_id).await.unwrap();
    }
    settle(&world).await;
    assert_eq!(world.titles().await, ["Deleted here", "Deleted there"]);
    assert!(world.engine.deleted_events().await.unwrap().is_empty());
    assert_eq!(world.find("Deleted here").await.id, mine.id, "it is the same event");
    assert!(world.google.outbox().is_empty(), "nobody is mailed");
}

#[tokio::test]
async fn a_series_comes_back_with_its_exceptions() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let mut weekly = meeting("Weekly", 3);
    weekly.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=4").unwrap());
    let series = world.create(calendar.id, weekly).await;
    let second = world.shown().await[1].clone();
    let key: OccurrenceKey = second.occurrence_of.unwrap();
    let target = EventTarget::Occurrence { key };
    let mut content = world.engine.event(target).await.unwrap().content;
    content.title = "Moved".into();
    let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
    world.engine.change_event(change).await.unwrap();
    world.pass().await;
    let before = world.titles().await;
    assert_eq!(before, ["Moved", "Weekly", "Weekly", "Weekly"]);
    world.delete(series.id).await;
    world.pass().await;
    world.pass().await;
    assert!(world.titles().await.is_empty() && world.remote_titles().is_empty());

    let deleted = world.engine.deleted_events().await.unwrap();
    assert_eq!(deleted.len(), 1, "the exceptions go with the series: {deleted:#?}");
    world.engine.revert_change(deleted[0].history_id).await.unwrap();
    world.pass().await;
    world.pass().await;
    assert_eq!(world.titles().await, before);
    assert_eq!(world.remote_titles(), ["Moved", "Weekly"]);
}

#[tokio::test]
async fn how_long_changes_are_kept_is_the_persons_choice() {
    let world = World::new().await;
    assert_eq!(world.engine.history_days().await.unwrap(), 90);
    world.engine.set_history_days(Some(7)).await.unwrap();
    assert_eq!(world.engine.history_days().await.unwrap(), 7);
    for days in [0, -1, 4000] {
        let refused = world.engine.set_history_days(Some(days)).await;
        assert!(matches!(refused, Err(EngineError::Unacceptable { .. })));
    }
    world.engine.set_history_days(None).await.unwrap();
    assert_eq!(world.engine.history_days().await.unwrap(), 90);
}

#[tokio::test]
async fn what_one_pull_did_is_taken_back_together() {
    let world = World::new().await;
    world.linked().await;
    let kept = world.phone_adds("Changed", 3);
    let gone = world.phone_adds("Deleted", 4);
    let edited = world.phone_adds("Edited since", 5);
    world.pass().await;
    assert_eq!(world.engine.runs().await.unwrap().len(), 1);

    world.phone_changes(&kept, json!({ "summary": "Vandalised" }));
    world.phone_changes(&edited, json!({ "location": "Nowhere" }));
    world.google.delete_event(ADA, &gone);
    world.phone_adds("Spam", 6);
    world.pass().await;
    let edited_here = world.find("Edited since").await.id;
    world.change(edited_here, |content| content.location = "Room 2".into()).await;
    world.pass().await;

    let runs = world.engine.runs().await.unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((runs[0].created, runs[0].changed, runs[0].deleted), (1, 2, 1));
    let reverted = world.engine.revert_run(runs[0].run).await.unwrap();
    assert_eq!((reverted.reverted, reverted.skipped), (3, vec!["Edited since".to_owned()]));
    settle(&world).await;
    assert_eq!(world.titles().await, ["Changed", "Deleted", "Edited since"]);
    assert_eq!(world.find("Edited since").await.content.location, "Room 2");

    world.engine.undo(reverted.undo).await.unwrap();
    settle(&world).await;
    assert_eq!(world.titles().await, ["Edited since", "Spam", "Vandalised"]);
}
