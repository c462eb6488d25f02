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

/// What the service says of the events, but for what it numbers and stamps itself, and for `other` fields.
fn said(world: &World, other: &[&str]) -> Vec<serde_json::Value> {
    let own = ["id", "etag", "updated", "created", "htmlLink", "sequence", "recurringEventId", "iCalUID"];
    let mut said = world.google.events(ADA);
    for event in &mut said {
        let fields = event.as_object_mut().unwrap();
        fields.retain(|name, _| !own.contains(&name.as_str()) && !other.contains(&name.as_str()));
        if let Some(properties) = event["extendedProperties"]["private"].as_object_mut() {
            properties.retain(|name, _| !name.starts_with("synodic"));
        }
    }
    said.sort_by_key(ToString::to_string);
    said
}

/// What only Google knows of an event, which goes with what is deleted there.
const ITS_OWN: [&str; 3] = ["attachments", "guestsCanModify", "extendedProperties"];

/// A series with all that can be said of it, an occurrence that was changed, and one that was called off.
fn choir(world: &World) {
    let at = |hour: u32| json!({ "dateTime": format!("2026-11-03T{hour:02}:00:00+01:00"), "timeZone": "Europe/Berlin" });
    let series = json!({
        "summary": "Choir 🎼", "description": "<b>Bring</b> scores &amp; pencils ", "location": "Hall",
        "start": at(18), "end": at(20),
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20261201T180000"],
        "colorId": "5", "transparency": "transparent", "visibility": "private",
        "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 90 }] },
        "attachments": [{ "fileUrl": "https://example.org/score", "title": "Score" }],
        "extendedProperties": { "private": { "theirs": "1" } }, "guestsCanModify": true,
    });
    let series = world.google.put_event(ADA, series)["id"].as_str().unwrap().to_owned();
    let concert = json!({ "summary": "Concert", "start": at(19), "end": at(22), "colorId": "7" });
    world.phone_changes(&format!("{series}_20261110T170000Z"), concert);
    world.google.delete_event(ADA, &format!("{series}_20261117T170000Z"));
}

async fn contents(world: &World) -> Vec<synodic_model::EventContent> {
    let mut contents = Vec::new();
    for shown in world.shown().await {
        let target = EventTarget::Event { id: shown.event_id };
        contents.push(world.engine.event(target).await.unwrap().content);
    }
    contents
}

#[tokio::test]
async fn a_series_that_is_had_back_is_the_same_to_the_letter() {
    let world = World::new().await;
    world.linked().await;
    choir(&world);
    for _ in 0..2 {
        world.pass().await;
    }
    let here = contents(&world).await;
    assert_eq!(here.len(), 3, "{here:#?}");
    let id = world.shown().await[0].occurrence_of.unwrap().series_id;

    // Before anybody has heard of it nothing is sent at all; afterwards it is made anew.
    for (is_heard, other) in [(false, &[][..]), (true, &ITS_OWN)] {
        let there = said(&world, other);
        let target = EventTarget::Event { id };
        let deleted = world.engine.delete_event(target, NotifyAttendees::Nobody).await.unwrap();
        if is_heard {
            for _ in 0..2 {
                world.pass().await;
            }
            assert!(world.google.events(ADA).is_empty());
        }
        world.engine.undo(deleted.undo).await.unwrap();
        assert_eq!(contents(&world).await, here, "here, heard of: {is_heard}");
        for _ in 0..3 {
            world.pass().await;
        }
        let last = world.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0));
        assert_eq!(said(&world, other), there, "there, heard of: {is_heard}");
        assert_eq!(world.shown().await.len(), 3);
    }
}
