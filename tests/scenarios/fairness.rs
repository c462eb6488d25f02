//! One account has much to send, or is slow: the others do not wait for it.

use synodic_engine::google::Tokens;
use synodic_model::sync::SyncDirection;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{Setting, World, meeting};

const BOB: &str = "bob@example.com";

#[tokio::test]
async fn a_slow_account_with_much_to_send_holds_up_no_other() {
    let world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    let slow = world.linked().await;
    world.google.add_account(BOB, "Bob");
    let (access_token, refresh_token) = world.google.issue_tokens(BOB);
    let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None };
    let bob = world.engine.connect_google(tokens).await.unwrap();
    let quick = world.link(None, bob, BOB, SyncDirection::Bidirectional).await;
    world
        .until("both are read", async |world| {
            let calendars = world.engine.calendars().await.unwrap();
            calendars.iter().all(|calendar| calendar.links[0].last_pulled_at.is_some())
        })
        .await;
    let wait = Fault::new(Effect::Latency { millis: 400 });
    world.google.inject(wait.on("POST", "/calendars/ada"));
    for number in 0..60 {
        world.create(slow.id, meeting(&format!("Slow {number:02}"), 1 + number % 28)).await;
    }
    world.create(quick.id, meeting("Quick", 3)).await;
    world.until("Bob’s event", async |world| !world.google.events(BOB).is_empty()).await;
    assert!(world.engine.snapshot().pending > 10, "Ada’s are still on their way");
    world.google.clear_faults();
    world.until("all of Ada’s", async |world| world.remote_titles().len() == 60).await;
}
