//! Trap 8: a creation whose answer was lost is found again instead of repeated.

use std::time::Duration;

use synodic_providers::Class;

use super::*;

impl World {
    async fn create_again(&self, content: &EventContent) -> Result<RemoteEvent, ProviderError> {
        let creation = Creation { may_be_there: true, ..creation(identity(1), content) };
        self.notion.create(self.linked(), &creation).await
    }

    /// Asks again and again, as the engine does, and lets the time pass that it is told.
    async fn settle(&self, content: &EventContent) -> RemoteEvent {
        let mut waits = Vec::new();
        loop {
            match self.create_again(content).await {
                Ok(event) => return event,
                Err(error) => match error.class() {
                    Class::Unsettled { retry_after } => {
                        assert!(waits.len() < 10, "{waits:?}");
                        waits.push(retry_after);
                        self.clock.advance(retry_after);
                    }
                    other => panic!("{other:?}: {error}"),
                },
            }
        }
    }
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_page() {
    let world = World::new().await;
    world.inject(Effect::DropAfter, "POST", "/pages");
    assert_eq!(world.create(identity(1), &lunch()).await.unwrap_err().class(), Class::Uncertain);
    let found = world.create_again(&lunch()).await.unwrap();
    assert_eq!(world.as_known(&lunch(), &found), lunch());
    assert_eq!(world.titles(), ["Mittag"]);
}

#[tokio::test]
async fn a_lost_answer_is_found_through_a_lagging_query_too() {
    let world = World::with(|options| options.query_lag = Duration::from_secs(45)).await;
    world.inject(Effect::DropAfter, "POST", "/pages");
    world.create(identity(1), &lunch()).await.unwrap_err();
    let started = world.clock.now();
    world.settle(&lunch()).await;
    assert_eq!(world.titles(), ["Mittag"]);
    assert!(
        world.clock.now() - started >= chrono::TimeDelta::seconds(30),
        "it was looked for more than once"
    );
    let posts = world.control.requests().iter().filter(|request| request.path == "/v1/pages").count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn a_creation_that_was_not_carried_out_is_repeated_after_a_while() {
    let world = World::new().await;
    world.inject(Effect::DropBefore, "POST", "/pages");
    assert_eq!(world.create(identity(1), &lunch()).await.unwrap_err().class(), Class::Uncertain);
    let started = world.clock.now();
    world.settle(&lunch()).await;
    assert!(world.clock.now() - started >= chrono::TimeDelta::seconds(100));
    assert_eq!(world.titles(), ["Mittag"]);
}

#[tokio::test]
async fn the_doubt_outlives_the_program() {
    let world = World::with(|options| options.query_lag = Duration::from_secs(45)).await;
    world.inject(Effect::DropAfter, "POST", "/pages");
    world.create(identity(1), &lunch()).await.unwrap_err();
    let world = world.restarted();
    world.settle(&lunch()).await;
    assert_eq!(world.titles(), ["Mittag"]);
}

#[tokio::test]
async fn of_two_pages_that_came_to_light_too_late_the_younger_goes() {
    // So slow that the first page shows up only after the second one was made.
    let world = World::with(|options| options.query_lag = Duration::from_secs(110)).await;
    world.inject(Effect::DropAfter, "POST", "/pages");
    world.create(identity(1), &lunch()).await.unwrap_err();
    world.clock.advance(Duration::from_secs(60));
    world.settle(&lunch()).await;
    world.clock.advance(Duration::from_secs(200));
    assert_eq!(world.titles(), ["Mittag"]);
}

#[tokio::test]
async fn a_503_that_names_what_it_saved_is_a_success() {
    let world = World::new().await;
    let saved = || Effect::Status {
        status: 503,
        reason: "committed".into(),
        retry_after_seconds: None,
        applied: true,
    };
    world.inject(saved(), "POST", "/pages");
    let created = world.create(identity(1), &lunch()).await.unwrap();
    assert_eq!(world.titles(), ["Mittag"]);
    world.inject(saved(), "PATCH", "/pages");
    let desired = EventContent { title: "Abendessen".into(), ..lunch() };
    let updated = world.update(&created, &desired).await.unwrap();
    assert_eq!(updated.content.title, "Abendessen");
}

#[tokio::test]
async fn another_503_says_nothing_about_what_became_of_it() {
    let world = World::new().await;
    for applied in [true, false] {
        let effect = Effect::Status {
            status: 503,
            reason: "service_unavailable".into(),
            retry_after_seconds: None,
            applied,
        };
        world.inject(effect, "POST", "/pages");
        let error = world.create(identity(1), &lunch()).await.unwrap_err();
        assert_eq!(error.class(), Class::Uncertain);
        world.settle(&lunch()).await;
        assert_eq!(world.titles(), ["Mittag"]);
        for page in world.control.pages(world.source) {
            world.control.purge_page(page["id"].as_str().unwrap().parse().unwrap());
        }
        world.notion.pull(world.linked(), &PullPosition::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_page_that_lost_its_date_gets_it_back_instead_of_a_twin() {
    let world = World::new().await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    let page = created.id.as_str().parse().unwrap();
    world.edit(
        page,
        json!({ "Zeitraum": { "date": null }, "Ort": { "rich_text": [{ "text": { "content": "Hof" } }] } }),
    );
    let next_life = Identity { incarnation: 1, ..identity(1) };
    let again = world.create(next_life, &lunch()).await.unwrap();
    assert_eq!(again.id, created.id);
    assert_eq!(world.as_known(&lunch(), &again), lunch());
    assert_eq!(world.titles(), ["Mittag"]);
}

#[tokio::test]
async fn a_copy_that_somebody_makes_carries_our_mark_and_is_told_apart() {
    let world = World::new().await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    world.minutes_pass(1);
    let copy = world.control.try_duplicate_page(created.id.as_str().parse().unwrap()).unwrap();
    let (changes, _) = world.pull(None).await.unwrap();
    assert_eq!(changes.len(), 2);
    let ids: Vec<_> = changes.iter().map(|change| present(change).id.as_str().to_owned()).collect();
    assert!(ids.contains(&copy["id"].as_str().unwrap().to_owned()));
    // A repeated creation still means the first one.
    assert_eq!(world.create_again(&lunch()).await.unwrap().id, created.id);
}
