use std::time::Duration;

use synodic_providers::Class;
use synodic_simulators::notion::Limits;

use super::*;

fn status(status: u16, reason: &str) -> Effect {
    Effect::Status { status, reason: reason.to_owned(), retry_after_seconds: None, applied: false }
}

#[tokio::test]
async fn each_failure_has_its_class() {
    let world = World::new().await;
    let table = [
        (status(500, "internal_server_error"), Class::Uncertain),
        (status(502, "bad_gateway"), Class::Uncertain),
        (status(503, "service_unavailable"), Class::Uncertain),
        (status(504, "gateway_timeout"), Class::Uncertain),
        (Effect::HtmlBadGateway { applied: false }, Class::Uncertain),
        (Effect::DropBefore, Class::Uncertain),
        (Effect::TruncatedBody, Class::Uncertain),
        (Effect::MalformedBody, Class::Uncertain),
        (status(403, "restricted_resource"), Class::Permanent),
        (status(401, "unauthorized"), Class::SignIn),
    ];
    for (effect, class) in table {
        world.inject(effect.clone(), "POST", "/query");
        let error = world.pull(None).await.unwrap_err();
        assert_eq!(error.class(), class, "{effect:?}: {error}");
    }
    world.pull(None).await.unwrap();
}

#[tokio::test]
async fn a_collision_of_writes_is_looked_at_again() {
    let world = World::new().await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    world.inject(status(409, "conflict_error"), "PATCH", "/pages");
    let desired = EventContent { title: "Abendessen".into(), ..lunch() };
    assert_eq!(world.update(&created, &desired).await.unwrap_err().class(), Class::Conflict);
    world.inject(status(409, "conflict_error"), "POST", "/pages");
    let error = world.create(identity(2), &lunch()).await.unwrap_err();
    assert!(matches!(error.class(), Class::Transient { .. }), "nothing was created: {error}");
}

/// Trap 20.
#[tokio::test]
async fn a_refusal_for_haste_stops_all_requests_of_the_connection_until_it_is_over() {
    let world = World::new().await;
    world.row("Zahnarzt", day("2026-11-25"));
    let rest = Effect::Status {
        status: 429,
        reason: "rate_limited".into(),
        retry_after_seconds: Some(30),
        applied: false,
    };
    world.inject(rest, "POST", "/query");
    let error = world.pull(None).await.unwrap_err();
    assert_eq!(error.class(), Class::Transient { retry_after: Some(Duration::from_secs(30)) });
    world.control.clear_requests();
    for _ in 0..5 {
        let error = world.create(identity(1), &lunch()).await.unwrap_err();
        assert!(matches!(error.class(), Class::Transient { retry_after: Some(_) }), "{error}");
        world.clock.advance(Duration::from_secs(5));
    }
    assert!(world.requests().is_empty(), "nothing was sent meanwhile: {:?}", world.requests());
    world.clock.advance(Duration::from_secs(6));
    world.pull(None).await.unwrap();
    world.inject(status(529, "service_overload"), "POST", "/query");
    let error = world.pull(None).await.unwrap_err();
    assert!(matches!(error.class(), Class::Transient { .. }), "{error}");
}

#[tokio::test]
async fn the_real_limit_of_a_minute_is_obeyed_by_waiting_as_told() {
    let world = World::new().await;
    world.control.set_limits(Some(Limits { per_connection: 2, ..Limits::default() }));
    world.pull(None).await.unwrap();
    world.pull(None).await.unwrap();
    let Class::Transient { retry_after: Some(wait) } = world.pull(None).await.unwrap_err().class() else {
        panic!("a limit says how long to wait")
    };
    world.clock.advance(wait);
    world.pull(None).await.unwrap();
}

#[tokio::test]
async fn a_full_workspace_refuses_a_new_page_for_good_and_takes_edits() {
    let world = World::with(|options| options.block_limit = Some(2)).await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    world.row("Zahnarzt", day("2026-11-25"));
    let error = world.create(identity(2), &lunch()).await.unwrap_err();
    assert_eq!(error.class(), Class::Permanent, "{error}");
    world.update(&created, &EventContent { title: "Abendessen".into(), ..lunch() }).await.unwrap();
}

#[tokio::test]
async fn a_conflict_of_the_servers_own_making_does_no_harm() {
    let world = World::with(|options| options.conflicts = 1.0).await;
    let created = world.create(identity(1), &lunch()).await.unwrap();
    let desired = EventContent { title: "Abendessen".into(), ..lunch() };
    match world.update(&created, &desired).await {
        Ok(_) => {}
        Err(error) => assert_eq!(error.class(), Class::Conflict),
    }
    world.clock.advance(Duration::from_secs(2));
    world.update(&created, &desired).await.unwrap();
    assert_eq!(world.titles(), ["Abendessen"]);
}
