//! Every way in which a call fails, and what the engine is told about it.

use std::time::Duration;

use synodic_model::EventContent;
use synodic_providers::{Class, Provider};
use synodic_simulators::fault::Effect;
use synodic_simulators::google::Quota;

use super::{World, identity, lunch, said};

fn status(status: u16, reason: &str) -> Effect {
    Effect::Status { status, reason: reason.to_owned(), retry_after_seconds: None, applied: false }
}

#[tokio::test]
async fn nobody_listens_means_offline() {
    let (google, _) = World::new().await.stop_listening().await;
    assert_eq!(google.remote_calendars().await.unwrap_err().class(), Class::Offline);
}

#[tokio::test]
async fn each_fault_has_its_class() {
    let world = World::new().await;
    let waits = |seconds| Class::Transient { retry_after: Some(Duration::from_secs(seconds)) };
    let guided = Effect::Status {
        status: 503,
        reason: "backendError".to_owned(),
        retry_after_seconds: Some(7),
        applied: false,
    };
    let table = [
        (Effect::DropBefore, Class::Uncertain),
        (Effect::DropAfter, Class::Uncertain),
        (Effect::TruncatedBody, Class::Uncertain),
        (Effect::HtmlBadGateway { applied: true }, Class::Uncertain),
        (status(500, "backendError"), Class::Uncertain),
        (status(503, "backendError"), Class::Uncertain),
        (guided, waits(7)),
        (status(429, "rateLimitExceeded"), Class::Transient { retry_after: None }),
        (status(403, "userRateLimitExceeded"), Class::Transient { retry_after: None }),
        (status(403, "quotaExceeded"), waits(600)),
        (status(403, "forbiddenForNonOrganizer"), Class::Permanent),
        (status(403, "insufficientPermissions"), Class::SignIn),
        (status(400, "invalid"), Class::Permanent),
        (status(409, "conflict"), Class::Transient { retry_after: None }),
    ];
    for (number, (effect, class)) in (1..).zip(table) {
        world.inject(effect.clone(), "POST", "/events");
        let failure = world.create(identity(number), &lunch()).await.unwrap_err();
        assert_eq!(failure.class(), class, "{effect:?}: {failure}");
    }
    assert!(world.control.faults().is_empty());
}

#[tokio::test]
async fn an_uncertain_patch_can_be_looked_up() {
    let world = World::new().await;
    let event = world.create(identity(1), &lunch()).await.unwrap();
    let desired = EventContent { title: "Brunch".to_owned(), ..lunch() };
    world.inject(Effect::DropAfter, "PATCH", "/events");
    assert_eq!(world.update(&event, &desired).await.unwrap_err().class(), Class::Uncertain);
    let there = world.read(&event.id).await.unwrap();
    assert_eq!(said(&there), desired);
    assert_ne!(there.version, event.version);
    assert_eq!(world.update(&event, &desired).await.unwrap_err().class(), Class::Conflict);
}

#[tokio::test]
async fn a_refusal_is_given_in_googles_words_and_names_no_address() {
    let world = World::new().await;
    world.inject(status(400, "timeRangeEmpty"), "POST", "/events");
    let failure = world.create(identity(1), &lunch()).await.unwrap_err().to_string();
    assert!(failure.contains("The specified time range is empty"), "{failure}");
    assert!(!failure.contains('@') && !failure.contains("timeRangeEmpty"), "{failure}");
}

#[tokio::test]
async fn a_quota_of_googles_is_kept_to_when_it_is_said() {
    let world = World::new().await;
    world.control.set_quota(Some(Quota {
        per_user: 1,
        per_project: 1000,
        as_429: true,
        retry_after_seconds: Some(30),
    }));
    let mut last = Ok(Vec::new());
    for _ in 0..3 {
        last = world.google.remote_calendars().await;
    }
    let class = last.unwrap_err().class();
    assert_eq!(class, Class::Transient { retry_after: Some(Duration::from_secs(30)) });
}
