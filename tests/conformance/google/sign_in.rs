//! Signing in, staying signed in, and being signed out.

use std::time::Duration;

use futures_util::future::join_all;
use synodic_providers::google::{self, SignInRequest};
use synodic_providers::{Class, Provider, Tokens};
use synodic_simulators::fault::{Effect, Fault};
use url::Url;

use super::{ADA, World, client, now, surroundings};

fn redirect() -> Url {
    Url::parse("http://127.0.0.1:49152/").unwrap()
}

/// Plays the browser: opens the page and returns the address to which it is sent back.
async fn consent(request: &SignInRequest) -> Url {
    let browser =
        synodic_simulators::client_builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(request.authorize_url.clone()).send().await.unwrap();
    let location =
        answer.headers().get("location").unwrap_or_else(|| panic!("no redirect: {}", answer.status()));
    Url::parse(location.to_str().unwrap()).unwrap()
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn token_requests(world: &World) -> usize {
    world.control.requests().iter().filter(|request| request.path == "/token").count()
}

#[tokio::test]
async fn a_person_signs_in_through_the_browser() {
    let world = World::with(|options| options.auto_consent = true).await;
    let request = google::begin_sign_in(&world.endpoints, &client(), &redirect()).unwrap();
    assert_eq!(parameter(&request.authorize_url, "code_challenge_method"), "S256");
    assert_eq!(parameter(&request.authorize_url, "access_type"), "offline");
    assert_eq!(parameter(&request.authorize_url, "prompt"), "consent");
    let back = consent(&request).await;
    assert_eq!(parameter(&back, "state"), request.state);
    let code = parameter(&back, "code");
    let surroundings = surroundings(&world.clock);
    let tokens = google::complete_sign_in_with(&surroundings, &world.endpoints, &client(), &request, &code)
        .await
        .unwrap();
    assert!(tokens.refresh_token.is_some());
    assert!(tokens.expires_at.unwrap() > now(&world));
    world.vault.put(tokens);
    assert_eq!(world.google.account().await.unwrap(), ADA);

    let again = google::complete_sign_in(&world.endpoints, &client(), &request, &code).await.unwrap_err();
    assert_eq!(again.class(), Class::SignIn, "a code serves once");
}

#[tokio::test]
async fn a_code_is_of_no_use_without_the_verifier() {
    let world = World::with(|options| options.auto_consent = true).await;
    let request = google::begin_sign_in(&world.endpoints, &client(), &redirect()).unwrap();
    let code = parameter(&consent(&request).await, "code");
    let other = google::begin_sign_in(&world.endpoints, &client(), &redirect()).unwrap();
    let stolen = google::complete_sign_in(&world.endpoints, &client(), &other, &code).await.unwrap_err();
    assert_eq!(stolen.class(), Class::SignIn);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let world = World::new().await;
    world.google.account().await.unwrap();
    world.clock.advance(Duration::from_secs(3600 - 30));
    world.google.account().await.unwrap();
    assert_eq!(token_requests(&world), 1);
    assert!(!world.requests().contains(&"GET 401".to_owned()));
    assert!(world.vault.held().unwrap().expires_at.unwrap() > now(&world) + chrono::TimeDelta::minutes(50));
}

#[tokio::test]
async fn however_many_calls_wait_one_renewal_serves_all() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(7200));
    let calls = (0..20).map(|_| world.google.account());
    for result in join_all(calls).await {
        result.unwrap();
    }
    assert_eq!(token_requests(&world), 1);
}

#[tokio::test]
async fn a_failed_renewal_is_shared_too_and_does_no_harm() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(7200));
    world.control.inject(Fault::new(Effect::HtmlBadGateway { applied: false }).on("POST", "/token").times(1));
    let calls = (0..20).map(|_| world.google.account());
    for result in join_all(calls).await {
        assert_eq!(result.unwrap_err().class(), Class::Offline);
    }
    assert_eq!(token_requests(&world), 1);
    world.google.account().await.unwrap();
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_repeated() {
    let world = World::new().await;
    world.control.expire_access_tokens();
    let calls = (0..5).map(|_| world.google.account());
    for result in join_all(calls).await {
        result.unwrap();
    }
    assert_eq!(token_requests(&world), 1);
}

#[tokio::test]
async fn trouble_at_the_token_endpoint_is_no_invalid_grant() {
    let world = World::new().await;
    for (status, class) in [
        (500, Class::Offline),
        (503, Class::Transient { retry_after: Some(Duration::from_secs(9)) }),
        (429, Class::Transient { retry_after: Some(Duration::from_secs(9)) }),
    ] {
        world.clock.advance(Duration::from_secs(7200));
        let retry_after_seconds = (status != 500).then_some(9);
        let effect =
            Effect::Status { status, reason: "backendError".to_owned(), retry_after_seconds, applied: false };
        world.inject(effect, "POST", "/token");
        assert_eq!(world.google.account().await.unwrap_err().class(), class, "{status}");
        world.google.account().await.unwrap();
    }
    world.clock.advance(Duration::from_secs(7200));
    world.inject(Effect::DropBefore, "POST", "/token");
    assert_eq!(world.google.account().await.unwrap_err().class(), Class::Offline);
}

#[tokio::test]
async fn a_grant_taken_back_is_noticed_and_asked_about_once() {
    let world = World::new().await;
    world.control.revoke(ADA);
    for _ in 0..3 {
        assert_eq!(world.google.account().await.unwrap_err().class(), Class::SignIn);
    }
    assert_eq!(token_requests(&world), 1);

    let (access_token, refresh_token) = world.control.issue_tokens(ADA);
    world.vault.put(Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None });
    assert_eq!(world.google.account().await.unwrap(), ADA, "a new sign-in is found in the vault");
}

#[tokio::test]
async fn a_renewed_token_that_cannot_be_kept_is_not_used() {
    let world = World::new().await;
    world.google.account().await.unwrap();
    world.clock.advance(Duration::from_secs(7200));
    world.vault.set_broken(true);
    for _ in 0..2 {
        assert_eq!(world.google.account().await.unwrap_err().class(), Class::Transient { retry_after: None });
    }
    world.vault.set_broken(false);
    world.google.account().await.unwrap();
    assert_eq!(token_requests(&world), 1);
    assert!(world.vault.held().unwrap().expires_at.unwrap() > now(&world));
}

#[tokio::test]
async fn consent_can_be_taken_back_from_here() {
    let world = World::new().await;
    world.google.revoke().await.unwrap();
    assert_eq!(world.google.account().await.unwrap_err().class(), Class::SignIn);
}
