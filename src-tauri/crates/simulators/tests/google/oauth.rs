//! Signing in: the consent page, codes, tokens, revocation, scopes.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use synodic_simulators::google::GoogleOptions;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::bench::{ADA, Answer, Bench};

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";
const REDIRECT: &str = "http://127.0.0.1:4321";
const EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";
const LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";

fn auto() -> Bench {
    Bench::with(GoogleOptions { auto_consent: true, ..GoogleOptions::default() })
}

fn form(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn parameters(challenge: &str) -> Vec<(&'static str, String)> {
    vec![
        ("client_id", "client".into()),
        ("redirect_uri", REDIRECT.into()),
        ("response_type", "code".into()),
        ("scope", format!("{EVENTS} {LIST}")),
        ("state", "a state & more".into()),
        ("code_challenge", challenge.into()),
        ("code_challenge_method", "S256".into()),
    ]
}

async fn authorize(bench: &Bench, parameters: &[(&str, String)]) -> Answer {
    let pairs = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
    let uri = format!("/o/oauth2/v2/auth?{}", form(&pairs));
    bench.raw(Request::get(uri).body(Body::empty()).unwrap()).await
}

async fn post(bench: &Bench, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    bench.raw(request.body(Body::from(form(pairs))).unwrap()).await
}

fn redirected(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 302, "{answer:?}");
    let url = Url::parse(answer.header("location")).unwrap();
    assert_eq!(url.port(), Some(4321));
    url.query_pairs().into_owned().collect()
}

fn value(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

async fn code(bench: &Bench) -> String {
    value(&redirected(&authorize(bench, &parameters(&challenge())).await), "code")
}

async fn exchange(bench: &Bench, code: &str, verifier: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", "client"),
        ("client_secret", "secret"),
        ("redirect_uri", REDIRECT),
        ("code_verifier", verifier),
    ];
    post(bench, "/token", &pairs).await
}

async fn refresh(bench: &Bench, token: &Value) -> Answer {
    let token = token.as_str().unwrap();
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", "client"),
        ("client_secret", "secret"),
    ];
    post(bench, "/token", &pairs).await
}

/// The same bench with another access token.
fn signed_in(bench: &Bench, tokens: &Value) -> Bench {
    Bench {
        token: tokens["access_token"].as_str().unwrap().to_owned(),
        simulator: bench.simulator.clone(),
        control: bench.control.clone(),
        clock: bench.clock.clone(),
    }
}

#[tokio::test]
async fn the_whole_way_to_a_token_and_its_renewal() {
    let bench = auto();
    let back = redirected(&authorize(&bench, &parameters(&challenge())).await);
    assert_eq!(value(&back, "state"), "a state & more");
    let tokens = exchange(&bench, &value(&back, "code"), VERIFIER).await.ok();
    assert_eq!((tokens["expires_in"].as_u64(), &tokens["token_type"]), (Some(3599), &"Bearer".into()));
    assert_eq!(tokens["scope"], format!("{LIST} {EVENTS}"));
    signed_in(&bench, &tokens).get("/users/me/calendarList").await.ok();
    bench.clock.advance(Duration::from_secs(3600));
    signed_in(&bench, &tokens).get("/users/me/calendarList").await.refused(401, "authError");
    let renewed = refresh(&bench, &tokens["refresh_token"]).await.ok();
    assert!(renewed.get("refresh_token").is_none(), "the old one stays");
    signed_in(&bench, &renewed).get("/users/me/calendarList").await.ok();
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier() {
    let bench = auto();
    let code_one = code(&bench).await;
    exchange(&bench, &code_one, VERIFIER).await.ok();
    let again = exchange(&bench, &code_one, VERIFIER).await;
    assert_eq!((again.status, &again.body["error"]), (400, &"invalid_grant".into()));
    let code_two = code(&bench).await;
    let wrong = exchange(&bench, &code_two, &VERIFIER.replace('a', "b")).await;
    assert_eq!((wrong.status, &wrong.body["error_description"]), (400, &"Invalid code verifier.".into()));
    assert_eq!(exchange(&bench, &code_two, VERIFIER).await.status, 400, "a failed exchange uses the code up");
    let late = code(&bench).await;
    bench.clock.advance(Duration::from_secs(601));
    assert_eq!(exchange(&bench, &late, VERIFIER).await.status, 400);
}

#[tokio::test]
async fn revoked_access_ends_everything() {
    let bench = auto();
    let tokens = exchange(&bench, &code(&bench).await, VERIFIER).await.ok();
    bench.control.revoke(ADA);
    signed_in(&bench, &tokens).get("/users/me/calendarList").await.refused(401, "authError");
    let answer = refresh(&bench, &tokens["refresh_token"]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.body,
        serde_json::json!({ "error": "invalid_grant", "error_description": "Token has been expired or revoked." })
    );

    let tokens = exchange(&bench, &code(&bench).await, VERIFIER).await.ok();
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(post(&bench, "/revoke", &[("token", access)]).await.status, 200);
    assert_eq!(post(&bench, "/revoke", &[("token", access)]).await.status, 400);
    assert_eq!(refresh(&bench, &tokens["refresh_token"]).await.status, 400);
}

#[tokio::test]
async fn a_project_in_testing_forgets_after_a_week() {
    let bench =
        Bench::with(GoogleOptions { auto_consent: true, oauth_testing: true, ..GoogleOptions::default() });
    let tokens = exchange(&bench, &code(&bench).await, VERIFIER).await.ok();
    bench.clock.advance(Duration::from_secs(6 * 24 * 3600));
    refresh(&bench, &tokens["refresh_token"]).await.ok();
    bench.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(refresh(&bench, &tokens["refresh_token"]).await.body["error"], "invalid_grant");
}

#[tokio::test]
async fn the_consent_page_asks_and_takes_no_for_an_answer() {
    let bench = Bench::new();
    let mut asked = parameters(&challenge());
    asked[0].1 = "<b>client</b>".into();
    let page = authorize(&bench, &asked).await;
    let html = page.body.as_str().unwrap();
    assert!(
        html.contains("&lt;b&gt;client&lt;/b&gt;") && html.contains("Allow") && !html.contains("<b>client")
    );
    let answer = |decision: &'static str, granted: &'static [&'static str]| {
        let mut pairs = parameters(&challenge());
        pairs.extend([("account", ADA.to_owned()), ("decision", decision.to_owned())]);
        pairs.extend(granted.iter().map(|scope| ("granted", (*scope).to_owned())));
        pairs
    };
    let decide = async |pairs: Vec<(&str, String)>| {
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        redirected(&post(&bench, "/o/oauth2/v2/decide", &pairs).await)
    };
    let refused = decide(answer("cancel", &[EVENTS])).await;
    assert_eq!((value(&refused, "error"), value(&refused, "code")), ("access_denied".into(), String::new()));
    let allowed = decide(answer("allow", &[EVENTS])).await;
    let tokens = exchange(&bench, &value(&allowed, "code"), VERIFIER).await.ok();
    assert_eq!(tokens["scope"], EVENTS, "what was unticked is not granted");
    let partial = signed_in(&bench, &tokens);
    partial.get("/calendars/primary/events").await.ok();
    let answer = partial.get("/users/me/calendarList").await;
    answer.refused(403, "insufficientPermissions");
    assert_eq!(answer.body["error"]["details"][0]["reason"], "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
}

#[tokio::test]
async fn a_request_that_is_not_trusted_is_not_sent_back() {
    let bench = auto();
    let with = |name: &str, value: &str| {
        let mut pairs = parameters(&challenge());
        pairs.retain(|(key, _)| *key != name);
        pairs.push((
            ["redirect_uri", "scope", "response_type", "code_challenge_method"]
                .into_iter()
                .find(|known| *known == name)
                .unwrap(),
            value.into(),
        ));
        pairs
    };
    for pairs in [
        with("redirect_uri", "https://evil.example.com"),
        with("redirect_uri", "http://192.168.0.7:80"),
        with("scope", "everything"),
        with("response_type", "token"),
        with("code_challenge_method", "plain"),
    ] {
        assert_eq!(authorize(&bench, &pairs).await.status, 400, "{pairs:?}");
    }
}

#[tokio::test]
async fn the_client_must_be_the_known_one_where_one_is_known() {
    let known = Some(("client".to_owned(), "other secret".to_owned()));
    let bench =
        Bench::with(GoogleOptions { auto_consent: true, oauth_client: known, ..GoogleOptions::default() });
    let answer = exchange(&bench, &code(&bench).await, VERIFIER).await;
    assert_eq!((answer.status, &answer.body["error"]), (401, &"invalid_client".into()));
    let answer = post(
        &bench,
        "/token",
        &[("grant_type", "password"), ("client_id", "client"), ("client_secret", "other secret")],
    )
    .await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &"unsupported_grant_type".into()));
}
