//! The channels over which Google calls: renewed in time, replaced when nothing comes over them, and not missed when they
//! cannot be had.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use synodic_engine::snapshot::Listening;
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::{GoogleOptions, PushOptions};
use synodic_tests::leaping::Leaping;
use synodic_tests::world::{Setting, World};

async fn leaping(push: PushOptions, polling: Option<Duration>) -> (World, Arc<Leaping>) {
    let clock = Arc::new(Leaping::default());
    // Long enough for every leap: signing in is another story.
    let token_lifetime = Duration::from_secs(30 * 24 * 60 * 60);
    let google = GoogleOptions { clock: clock.clone(), push, token_lifetime, ..GoogleOptions::default() };
    let setting = Setting { autonomous: true, webhooks: true, polling, google, ..Setting::default() };
    let mut world = World::with(setting).await;
    world.linked().await;
    world.restart_with(clock.clone(), None).await;
    called(&world).await;
    (world, clock)
}

async fn called(world: &World) {
    world.until("the channel", async |world| listening(world) == Listening::Webhook).await;
}

fn listening(world: &World) -> Listening {
    world.engine.snapshot().integrations[0].listening
}

/// The channel that the engine counts on.
async fn channel(world: &World) -> String {
    let store = world.replica().await;
    let links = store.links().await.unwrap();
    store.close().await;
    links[0].webhook.clone().unwrap().id
}

fn open(world: &World) -> Vec<String> {
    world.google.channels().iter().map(|channel| channel["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_channel_is_renewed_before_it_ends_and_both_are_open_for_a_while() {
    let (world, clock) = leaping(PushOptions::default(), None).await;
    let first = channel(&world).await;
    // Seven days, of which four fifths are over.
    clock.leap(TimeDelta::hours(24 * 7 * 8 / 10 + 1));
    world.until("the renewal", async |world| channel(world).await != first).await;
    let second = channel(&world).await;
    let both = open(&world);
    assert!(both.contains(&first) && both.contains(&second), "{both:?}");
    world.phone_adds("Told twice", 3);
    world.until("the event", async |world| world.titles().await == ["Told twice"]).await;
    clock.leap(TimeDelta::minutes(2));
    world.until("the end of the first", async |world| !open(world).contains(&first)).await;
    assert!(open(&world).contains(&second));
}

#[tokio::test]
async fn nine_days_asleep_cost_nothing_but_a_new_channel() {
    let (world, clock) = leaping(PushOptions::default(), None).await;
    let first = channel(&world).await;
    clock.leap(TimeDelta::days(9));
    world.phone_adds("While asleep", 3);
    world.until("the event", async |world| world.titles().await == ["While asleep"]).await;
    world.until("a new channel", async |world| channel(world).await != first).await;
    called(&world).await;
    world.phone_adds("Awake", 4);
    world.until("the message", async |world| world.titles().await.len() == 2).await;
}

#[tokio::test]
async fn without_a_new_channel_google_is_asked_more_often() {
    let quickly = Some(Duration::from_millis(100));
    let (world, clock) = leaping(PushOptions::default(), quickly).await;
    let refused = Effect::Status {
        status: 500,
        reason: "backendError".into(),
        retry_after_seconds: None,
        applied: false,
    };
    world.google.inject(Fault::new(refused).on("POST", "/watch"));
    clock.leap(TimeDelta::days(9));
    world.until("asking", async |world| matches!(listening(world), Listening::Polling { .. })).await;
    world.phone_adds("Asked for", 3);
    world.until("the event", async |world| world.titles().await == ["Asked for"]).await;
    world.google.clear_faults();
    clock.leap(TimeDelta::minutes(11));
    called(&world).await;
}

#[tokio::test]
async fn a_channel_over_which_nothing_comes_is_replaced() {
    let deaf = PushOptions { lost: 1.0, ..PushOptions::default() };
    let (world, clock) = leaping(deaf, None).await;
    let first = channel(&world).await;
    world.phone_adds("Nobody tells", 3);
    clock.leap(TimeDelta::minutes(12));
    world.until("the event", async |world| world.titles().await == ["Nobody tells"]).await;
    world.until("another channel", async |world| channel(world).await != first).await;
}

#[tokio::test]
async fn a_message_that_is_quicker_than_the_change_is_believed_all_the_same() {
    let google =
        GoogleOptions { visibility_lag: Duration::from_secs(3), seed: 5, ..GoogleOptions::default() };
    let world = World::with(Setting { autonomous: true, webhooks: true, google, ..Setting::default() }).await;
    world.linked().await;
    called(&world).await;
    for number in 1..=5 {
        world.phone_adds(&format!("Late {number}"), number);
    }
    world.until("all of them", async |world| world.titles().await.len() == 5).await;
}
