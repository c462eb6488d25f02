//! Somebody is away for longer than anything is kept that need not be: what was deleted meanwhile stays deleted.

use serde_json::json;
use synodic_engine::view::EventTarget;
use synodic_model::{EventContent, Recurrence};
use synodic_providers::NotifyAttendees;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{ADA, World, meeting};

use crate::three_way::Three;

/// Longer than lines of the log and rows of the queue are kept.
const DAYS_AWAY: u64 = 40;

fn out_of_order() -> Fault {
    Fault::new(Effect::Status {
        status: 503,
        reason: "service_unavailable".into(),
        retry_after_seconds: None,
        applied: false,
    })
}

async fn a_long_time_passes(three: &Three) {
    for _ in 0..DAYS_AWAY {
        three.minutes_pass(60 * 24);
        three.pass().await;
    }
}

fn weekly(title: &str) -> EventContent {
    let mut content = meeting(title, 9);
    content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=5").unwrap());
    content
}

#[tokio::test]
async fn what_was_deleted_while_notion_was_away_is_not_brought_back_by_it() {
    let three = Three::new().await;
    let here = three.create(meeting("Deleted here", 3)).await;
    three.create(meeting("Deleted at Google", 4)).await;
    three.create(meeting("Kept", 5)).await;
    let series = three.create(weekly("Choir")).await;
    three.pass().await;
    assert_eq!(three.notion_titles(), ["Choir", "Deleted at Google", "Deleted here", "Kept"]);

    three.notion.inject(out_of_order());
    let gone = three.remote("Deleted at Google")["id"].as_str().unwrap().to_owned();
    three.google.delete_event(ADA, &gone);
    for id in [here.id, series.id] {
        three.engine.delete_event(EventTarget::Event { id }, NotifyAttendees::Nobody).await.unwrap();
    }
    a_long_time_passes(&three).await;
    assert_eq!(three.titles().await, ["Kept"]);
    assert_eq!(three.google_titles(), ["Kept"]);
    assert_eq!(three.notion_titles().len(), 4, "Notion has heard nothing");

    three.notion.clear_faults();
    // What was refused for so long is tried again when the person wants it.
    for refused in three.engine.queue_list().await.unwrap() {
        three.engine.queue_retry(refused.id).await.unwrap();
    }
    three.settle().await;
    assert_eq!(three.titles().await, ["Kept"]);
    assert_eq!(three.notion_titles(), ["Kept"]);
}

#[tokio::test]
async fn a_computer_that_was_off_for_forty_days_takes_deletions_and_keeps_its_own_edits() {
    let here = World::new().await;
    let calendar = here.linked().await;
    let gone = here.create(calendar.id, meeting("Gone", 3)).await;
    let edited = here.create(calendar.id, meeting("Edited on both", 4)).await;
    here.pass().await;
    let mut away = here.another_computer().await;
    let theirs = away.linked().await;
    let offline = away.find("Edited on both").await;
    away.change(offline.id, |content| content.location = "On the ship".into()).await;
    away.create(theirs.id, meeting("Made on the ship", 5)).await;
    away.leave().await;

    here.delete(gone.id).await;
    here.change(edited.id, |content| content.description = "At home".into()).await;
    here.pass().await;
    // Google tells nobody for so long what has changed since.
    here.google.expire_sync_tokens_of(ADA);
    away.come_back().await;
    for _ in 0..2 {
        away.pass().await;
        here.pass().await;
    }
    for world in [&here, &away] {
        assert_eq!(world.titles().await, ["Edited on both", "Made on the ship"]);
        let both = world.find("Edited on both").await.content;
        assert_eq!((both.location.as_str(), both.description.as_str()), ("On the ship", "At home"));
    }
    assert_eq!(here.remote("Edited on both")["location"], json!("On the ship"));
    assert_eq!(here.remote_titles(), ["Edited on both", "Made on the ship"]);
}
