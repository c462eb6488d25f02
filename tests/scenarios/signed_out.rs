//! Google ends a sign-in: nothing is lost, nothing is asked twice, and the same account goes on where it was.

use std::sync::Arc;

use chrono::TimeDelta;
use synodic_engine::EngineError;
use synodic_engine::google::Tokens;
use synodic_engine::snapshot::SyncState;
use synodic_engine::view::ClientOrigin;
use synodic_model::IntegrationId;
use synodic_simulators::google::{Control, GoogleOptions};
use synodic_tests::leaping::Leaping;
use synodic_tests::world::{ADA, Setting, World, meeting};

fn tokens(google: &Control, email: &str) -> Tokens {
    let (access_token, refresh_token) = google.issue_tokens(email);
    Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None }
}

async fn account(world: &World) -> IntegrationId {
    world.engine.integrations().await.unwrap()[0].id
}

#[tokio::test]
async fn edits_wait_for_the_sign_in_and_go_out_under_a_new_grant() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Before", 3)).await;
    world.pass().await;
    let seen_until = world.engine.snapshot().last_success_at;
    world.google.revoke(ADA);
    world.create(calendar.id, meeting("Waits", 4)).await;
    world.pass().await;
    let snapshot = world.engine.snapshot();
    assert_eq!((snapshot.state, snapshot.pending, snapshot.failed), (SyncState::NeedsSignIn, 1, 0));
    let message = snapshot.integrations[0].message.clone().unwrap();
    assert!(message.contains("Sign in again") && message.contains("nothing is lost"), "{message}");
    assert!(!message.contains("Testing"), "it lasted for a moment only: {message}");

    // Offline and started anew, all of it is there to be read, and says since when it is.
    world.cut_off().await;
    world.restart().await;
    world.create(calendar.id, meeting("Waits, too", 5)).await;
    assert_eq!(world.titles().await, ["Before", "Waits", "Waits, too"]);
    let snapshot = world.engine.snapshot();
    assert_eq!((snapshot.state, snapshot.pending), (SyncState::NeedsSignIn, 2));
    let kept_until = snapshot.last_success_at.unwrap();
    assert_eq!(kept_until.timestamp(), seen_until.unwrap().timestamp());

    world.reconnect().await;
    world.google.clear_requests();
    world.pass().await;
    assert!(world.google.requests().is_empty(), "nobody is asked before the person has signed in");

    let before = account(&world).await;
    let again = world.engine.connect_google(tokens(&world.google, ADA)).await.unwrap();
    assert_eq!(again, before, "a new grant is still the same account");
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0));
    assert_eq!(world.remote_titles(), ["Before", "Waits", "Waits, too"]);
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);
}

#[tokio::test]
async fn a_refused_sign_in_is_asked_about_once() {
    let world = World::with(Setting { autonomous: true, ..Setting::default() }).await;
    world.linked().await;
    world.google.revoke(ADA);
    world.engine.sync_now();
    world.until_state(SyncState::NeedsSignIn).await;
    let mut snapshots = world.engine.snapshots();
    snapshots.mark_unchanged();
    world.google.clear_requests();
    for _ in 0..3 {
        world.engine.sync_now();
    }
    world.pass().await;
    assert!(world.google.requests().is_empty());
    assert_eq!(
        snapshots.borrow_and_update().state,
        SyncState::NeedsSignIn,
        "one state, hence one notification"
    );
}

#[tokio::test]
async fn a_client_in_testing_ends_the_sign_in_after_seven_days_and_nothing_is_lost() {
    let clock = Arc::new(Leaping::default());
    let google = GoogleOptions { clock: clock.clone(), oauth_testing: true, ..GoogleOptions::default() };
    let mut world = World::with(Setting { autonomous: true, google, ..Setting::default() }).await;
    let calendar = world.linked().await;
    world.restart_with(clock.clone(), None).await;
    for day in 1..=6 {
        world.phone_adds(&format!("Day {day}"), day);
        clock.leap(TimeDelta::days(1));
        // The next look may have been planned after the leap, and would not come for an hour.
        world.engine.sync_now();
        world.until("the day's event", async |world| world.titles().await.len() == day as usize).await;
        world.until_state(SyncState::Synced).await;
    }

    clock.leap(TimeDelta::days(1) + TimeDelta::minutes(10));
    let event = world.create(calendar.id, meeting("Waits", 20)).await;
    world.until_state(SyncState::NeedsSignIn).await;
    let message = world.engine.snapshot().integrations[0].message.clone().unwrap();
    assert!(message.contains("seven days") && message.contains("“Testing”"), "{message}");
    let mut snapshots = world.engine.snapshots();
    snapshots.mark_unchanged();
    world.google.clear_requests();
    world.change(event.id, |content| content.location = "Room 2".into()).await;
    for _ in 0..3 {
        clock.leap(TimeDelta::hours(6));
        world.engine.sync_now();
    }
    world.pass().await;
    assert!(world.google.requests().is_empty(), "nobody is asked before the person has signed in");
    let snapshot = snapshots.borrow_and_update().clone();
    assert_eq!(
        (snapshot.state, snapshot.pending),
        (SyncState::NeedsSignIn, 1),
        "one state, one notification"
    );
    assert_eq!(world.titles().await.len(), 7, "the replica is whole");

    let before = account(&world).await;
    assert_eq!(world.engine.connect_google(tokens(&world.google, ADA)).await.unwrap(), before);
    world.until_state(SyncState::Synced).await;
    assert_eq!(world.remote("Waits")["location"], "Room 2");
    assert_eq!(world.remote_titles(), world.titles().await);
    // The new grant lives for another seven days.
    world.phone_adds("Later", 21);
    clock.leap(TimeDelta::days(6));
    world.engine.sync_now();
    world.until("the later event", async |world| world.titles().await.len() == 8).await;
}

#[tokio::test]
async fn who_leaves_takes_the_consent_and_the_channels_along() {
    let world = World::lively().await;
    let calendar = world.linked().await;
    world.until("the channel", async |world| !world.google.channels().is_empty()).await;
    let id = calendar.links[0].integration_id;
    let (access_token, _) = world.google.issue_tokens(ADA);
    let gone = world.engine.remove_account(id, true).await.unwrap();
    assert_eq!((gone.account.as_str(), gone.consent_ended), (ADA, true));
    assert!(world.google.channels().is_empty());
    let requests = world.google.requests();
    assert!(requests.iter().any(|request| request.path.ends_with("/revoke")), "{requests:#?}");
    assert!(!access_token.is_empty());
    assert_eq!(world.engine.calendars().await.unwrap()[0].links, []);
}

#[tokio::test]
async fn who_leaves_offline_is_told_that_the_consent_stays() {
    let mut world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, meeting("Unsent", 3)).await;
    world.cut_off().await;
    let id = calendar.links[0].integration_id;
    let leaving = world.engine.leaving_account(id).await.unwrap();
    let unsent: Vec<_> = leaving.unsent.iter().map(|item| item.title.as_str()).collect();
    assert_eq!((leaving.name.as_str(), leaving.calendars.as_slice()), (ADA, &[ADA.to_owned()][..]));
    assert_eq!(unsent, ["Unsent"], "what would not be sent any more is named before");
    assert!(!world.engine.remove_account(id, true).await.unwrap().consent_ended);
    assert_eq!(world.titles().await, ["Unsent"]);
}

#[tokio::test]
async fn the_client_of_the_settings_is_kept_over_a_restart() {
    let mut world = World::new().await;
    let refused = world.engine.set_google_client(Some("mine".into()), None).await.unwrap_err();
    assert!(refused.to_string().contains("environment"), "what the environment says goes first: {refused}");
    assert_eq!(world.engine.google_client_view().await.unwrap().origin, ClientOrigin::Environment);

    world.setting_mut().no_client = true;
    world.restart().await;
    assert_eq!(world.engine.google_client_view().await.unwrap().origin, ClientOrigin::Nowhere);
    let refused = world.engine.begin_google_sign_in().await.unwrap_err();
    assert!(matches!(refused, EngineError::Environment { .. }), "{refused}");
    let secret = "GOCSPX-kept-apart";
    world.engine.set_google_client(Some("mine".into()), Some(secret.into())).await.unwrap();
    world.linked().await;

    world.restart().await;
    let view = world.engine.google_client_view().await.unwrap();
    assert_eq!(
        (view.origin, view.id.as_deref(), view.has_secret),
        (ClientOrigin::Settings, Some("mine"), true)
    );
    world.pass().await;
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);
    let sign_in = world.engine.begin_google_sign_in().await.unwrap();
    assert!(sign_in.authorize_url().query().unwrap().contains("client_id=mine"));
    drop(sign_in);
    let replica = std::fs::read(world.folder.path().join("synodic.db")).unwrap();
    assert!(
        !replica.windows(secret.len()).any(|part| part == secret.as_bytes()),
        "the secret is not in the replica"
    );

    world.engine.set_google_client(None, None).await.unwrap();
    assert_eq!(world.engine.google_client_view().await.unwrap().origin, ClientOrigin::Nowhere);
    let secrets = std::fs::read_to_string(world.folder.path().join("secrets.json")).unwrap();
    assert!(!secrets.contains(secret));
}
