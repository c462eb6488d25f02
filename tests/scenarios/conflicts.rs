//! Both sides change the same: what a policy decides can be taken back, and who is asked decides.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use synodic_engine::EngineError;
use synodic_engine::snapshot::SyncState;
use synodic_engine::view::{CalendarView, ConflictSide, ConflictView, Resolution};
use synodic_model::reconcile::Policy;
use synodic_model::{EventId, Field};
use synodic_tests::world::{ADA, World, guest, meeting};

/// An event that both sides have, and its id at Google.
async fn shared(world: &World) -> (CalendarView, EventId, String) {
    let calendar = world.linked().await;
    let event = world.create(calendar.id, meeting("Review", 3)).await;
    world.pass().await;
    let remote = world.remote("Review")["id"].as_str().unwrap().to_owned();
    (calendar, event.id, remote)
}

/// Both change the title, and one field more each.
async fn quarrel(world: &World, event: EventId, remote: &str) {
    world
        .change(event, |content| {
            content.title = "Mine".into();
            content.description = "with notes".into();
        })
        .await;
    world.phone_changes(remote, json!({ "summary": "Theirs", "location": "Room 2" }));
    world.pass().await;
    world.pass().await;
}

async fn only(world: &World) -> ConflictView {
    let mut conflicts = world.engine.conflicts().await.unwrap();
    assert_eq!(conflicts.len(), 1);
    conflicts.remove(0)
}

async fn resolve(world: &World, resolution: Resolution) {
    let conflict = only(world).await;
    world.engine.resolve_conflict(conflict.event_id, conflict.link_id, resolution).await.unwrap();
    world.pass().await;
    let last = world.pass().await;
    assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0));
    assert!(world.engine.conflicts().await.unwrap().is_empty());
    assert_eq!(world.titles().await, world.remote_titles());
}

#[tokio::test]
async fn who_is_asked_decides_and_meanwhile_the_rest_goes_on() {
    let world = World::new().await;
    let (calendar, event, remote) = shared(&world).await;
    world.engine.set_link_policy(calendar.links[0].id, Some(Policy::Ask)).await.unwrap();
    quarrel(&world, event, &remote).await;

    let conflict = only(&world).await;
    assert!(conflict.open);
    assert_eq!(conflict.fields, [Field::Title]);
    let title = |content: &Option<synodic_model::EventContent>| content.as_ref().unwrap().title.clone();
    assert_eq!(
        (title(&conflict.base), title(&conflict.local), title(&conflict.remote)),
        ("Review".to_owned(), "Mine".to_owned(), "Theirs".to_owned())
    );
    let snapshot = world.engine.snapshot();
    assert_eq!((snapshot.state, snapshot.conflicts), (SyncState::Conflict, 1));
    assert_eq!((world.titles().await, world.remote_titles()), (vec!["Mine".into()], vec!["Theirs".into()]));
    assert_eq!(world.remote("Theirs")["description"], "with notes", "what nobody disputes is sent");
    assert_eq!(world.find("Mine").await.content.location, "Room 2");

    // Further edits of either side leave the question open.
    world.change(event, |content| content.description = "with more notes".into()).await;
    world.phone_changes(&remote, json!({ "location": "Room 3" }));
    world.pass().await;
    world.pass().await;
    assert_eq!(world.remote("Theirs")["description"], "with more notes");
    assert_eq!(world.find("Mine").await.content.location, "Room 3");
    assert!(only(&world).await.open);
    let quiet = world.pass().await;
    assert_eq!((quiet.pushed, quiet.pending), (0, 0), "an open question is no reason to write");

    resolve(&world, Resolution::Keep { side: ConflictSide::Remote }).await;
    assert_eq!(world.titles().await, ["Theirs"]);
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);
}

#[tokio::test]
async fn the_answer_may_be_one_side_or_the_other_or_what_somebody_made_of_both() {
    let answers = [
        (Resolution::Keep { side: ConflictSide::Local }, "Mine"),
        (Resolution::Keep { side: ConflictSide::Remote }, "Theirs"),
        (Resolution::Fields { sides: BTreeMap::from([(Field::Title, ConflictSide::Remote)]) }, "Theirs"),
        (Resolution::Merged { content: Box::new(meeting("Ours", 5)) }, "Ours"),
        (Resolution::AsItIs, "Mine"),
    ];
    for (resolution, title) in answers {
        let world = World::new().await;
        let (calendar, event, remote) = shared(&world).await;
        world.engine.set_account_policy(calendar.links[0].integration_id, Some(Policy::Ask)).await.unwrap();
        quarrel(&world, event, &remote).await;
        resolve(&world, resolution.clone()).await;
        assert_eq!(world.titles().await, [title], "{resolution:?}");
    }
}

#[tokio::test]
async fn both_may_be_kept_and_the_second_invites_nobody() {
    let world = World::new().await;
    let (calendar, event, remote) = shared(&world).await;
    world.engine.set_link_policy(calendar.links[0].id, Some(Policy::Ask)).await.unwrap();
    world.change(event, |content| content.attendees = vec![guest("bob@example.com")]).await;
    world.pass().await;
    quarrel(&world, event, &remote).await;
    resolve(&world, Resolution::Both).await;

    assert_eq!(world.titles().await, ["Mine", "Theirs"]);
    let (mine, theirs) = (world.find("Mine").await, world.find("Theirs").await);
    assert_eq!((theirs.id, theirs.content.attendees.len()), (event, 1));
    assert_eq!((mine.content.attendees.len(), mine.content.location.as_str()), (0, "Room 2"));
    assert_eq!(mine.content.when, theirs.content.when);
    assert_eq!(world.google.outbox().len(), 0);
}

#[tokio::test]
async fn where_one_side_is_a_deletion_both_is_the_event() {
    let world = World::new().await;
    let (_, event, remote) = shared(&world).await;
    world.change(event, |content| content.title = "Mine".into()).await;
    world.google.delete_event(ADA, &remote);
    world.pass().await;
    resolve(&world, Resolution::Both).await;
    assert_eq!(world.titles().await, ["Mine"]);
}

#[tokio::test]
async fn what_a_policy_has_decided_can_be_taken_back() {
    for (policy, wins, other, side) in [
        (Policy::PreferRemote, "Theirs", "Mine", ConflictSide::Local),
        (Policy::PreferLocal, "Mine", "Theirs", ConflictSide::Remote),
    ] {
        let world = World::new().await;
        let (calendar, event, remote) = shared(&world).await;
        let link = calendar.links[0].id;
        world.engine.set_link_policy(link, Some(policy)).await.unwrap();
        assert_eq!(world.engine.conflict_policy(link).await.unwrap(), policy);
        quarrel(&world, event, &remote).await;
        assert_eq!(
            (world.titles().await, world.remote_titles()),
            (vec![wins.to_owned()], vec![wins.to_owned()])
        );
        let conflict = only(&world).await;
        assert!(!conflict.open);
        assert_ne!(world.engine.snapshot().state, SyncState::Conflict, "nobody has to do anything");
        resolve(&world, Resolution::Keep { side }).await;
        assert_eq!(world.titles().await, [other]);
        assert_eq!(world.find(other).await.content.location, "Room 2", "the rest of the merge stays");
        let again = world.engine.resolve_conflict(event, link, Resolution::AsItIs).await;
        assert!(matches!(again, Err(EngineError::NotFound { what: "conflict" })));
    }
}

#[tokio::test]
async fn what_the_later_edit_has_overwritten_can_be_had_back() {
    let world = World::new().await;
    let (calendar, event, remote) = shared(&world).await;
    assert_eq!(
        world.engine.conflict_policy(calendar.links[0].id).await.unwrap(),
        Policy::LastWriteWins,
        "nobody has chosen anything else"
    );
    quarrel(&world, event, &remote).await;
    let won = world.titles().await.remove(0);
    assert_eq!(world.remote_titles(), [won.as_str()]);
    let (side, lost) =
        if won == "Mine" { (ConflictSide::Remote, "Theirs") } else { (ConflictSide::Local, "Mine") };
    resolve(&world, Resolution::Keep { side }).await;
    assert_eq!(world.titles().await, [lost]);
    let content = world.find(lost).await.content;
    assert_eq!((content.description.as_str(), content.location.as_str()), ("with notes", "Room 2"));
}

#[tokio::test]
async fn a_question_ends_when_both_say_the_same() {
    let world = World::new().await;
    let (calendar, event, remote) = shared(&world).await;
    world.engine.set_link_policy(calendar.links[0].id, Some(Policy::Ask)).await.unwrap();
    quarrel(&world, event, &remote).await;
    assert_eq!(world.engine.snapshot().state, SyncState::Conflict);
    world.phone_changes(&remote, json!({ "summary": "Mine" }));
    world.pass().await;
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);
    assert!(!only(&world).await.open);
}

#[tokio::test]
async fn a_deletion_that_lost_can_be_had_after_all() {
    let world = World::new().await;
    let (_, event, remote) = shared(&world).await;
    world.change(event, |content| content.title = "Still wanted".into()).await;
    world.google.delete_event(ADA, &remote);
    world.pass().await;
    world.pass().await;
    assert_eq!(world.remote_titles(), ["Still wanted"]);
    assert_eq!(only(&world).await.remote, None, "there it was deleted");
    resolve(&world, Resolution::Keep { side: ConflictSide::Remote }).await;
    assert!(world.titles().await.is_empty());
}

#[tokio::test]
async fn guests_and_lines_of_both_sides_are_kept() {
    let world = World::new().await;
    let (_, event, remote) = shared(&world).await;
    world.change(event, |content| content.description = "Agenda\n- Budget\n- Hiring".into()).await;
    world.pass().await;
    world.change(event, |content| content.description = "Agenda\n- Budget\n- Hiring\n- Party".into()).await;
    world.phone_changes(&remote, json!({ "description": "Agenda for Monday\n- Budget\n- Hiring" }));
    world.pass().await;
    world.pass().await;
    let both = "Agenda for Monday\n- Budget\n- Hiring\n- Party";
    assert_eq!(world.find("Review").await.content.description, both);
    assert_eq!(world.remote("Review")["description"], both);
    assert!(world.engine.conflicts().await.unwrap().is_empty());
}

/// A clock that somebody has set wrong.
#[derive(Debug)]
struct Skewed(TimeDelta);

#[async_trait::async_trait]
impl synodic_engine::clock::Clock for Skewed {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.0
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        let left = deadline - self.now();
        tokio::time::sleep(left.to_std().unwrap_or_default()).await;
    }
}

#[tokio::test]
async fn the_later_edit_wins_whatever_our_clock_says() {
    for hours in [-2, 2] {
        for is_ours_later in [false, true] {
            let mut world = World::new().await;
            let (_, event, remote) = shared(&world).await;
            world.restart_with(std::sync::Arc::new(Skewed(TimeDelta::hours(hours))), None).await;
            let here = async |world: &World| {
                world.change(event, |content| content.title = "Mine".into()).await;
            };
            if !is_ours_later {
                here(&world).await;
                // Google tells its time by the second.
                tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
            }
            world.phone_changes(&remote, json!({ "summary": "Theirs" }));
            if is_ours_later {
                tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
                here(&world).await;
            }
            world.pass().await;
            world.pass().await;
            let winner = if is_ours_later { "Mine" } else { "Theirs" };
            assert_eq!(world.titles().await, [winner], "our clock is {hours} hours ahead");
            assert_eq!(world.remote_titles(), [winner]);
        }
    }
}
