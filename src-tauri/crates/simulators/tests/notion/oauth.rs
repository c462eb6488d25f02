//! OAuth as a public connection meets it.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use serde_json::{Value, json};
use synodic_simulators::notion::NotionOptions;
use url::Url;

use crate::bench::{Answer, Bench};

const REDIRECT: &str = "http://127.0.0.1:4321/back";

fn auto() -> Bench {
    Bench::with(NotionOptions { auto_consent: true, ..NotionOptions::default() })
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

const ASKED: [(&str, &str); 5] = [
    ("client_id", "client"),
    ("redirect_uri", REDIRECT),
    ("response_type", "code"),
    ("owner", "user"),
    ("state", "a state & more"),
];

async fn authorize(bench: &Bench, pairs: &[(&str, &str)]) -> Answer {
    let request = Request::get(format!("/v1/oauth/authorize?{}", form(pairs)));
    bench.raw(request.body(Body::empty()).unwrap()).await
}

/// A value of the address that a browser is sent to.
fn redirected(answer: &Answer, name: &str) -> String {
    assert_eq!(answer.status, 302, "{answer:?}");
    let url = Url::parse(answer.header("location")).unwrap();
    assert_eq!(url.port(), Some(4321));
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn code(bench: &Bench) -> String {
    redirected(&authorize(bench, &ASKED).await, "code")
}

async fn post(bench: &Bench, path: &str, client: &str, body: Value) -> Answer {
    let basic = base64::engine::general_purpose::STANDARD.encode(client);
    let request = Request::post(format!("/v1/oauth/{path}"))
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/json");
    bench.raw(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn exchange(bench: &Bench, code: &str) -> Answer {
    let body = json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT });
    post(bench, "token", "client:secret", body).await
}

async fn refresh(bench: &Bench, token: &Value) -> Answer {
    post(bench, "token", "client:secret", json!({ "grant_type": "refresh_token", "refresh_token": token }))
        .await
}

/// Whether a token opens the API.
async fn opens(bench: &Bench, token: &Value) -> bool {
    let request = Request::get("/v1/users/me")
        .header("authorization", format!("Bearer {}", token.as_str().unwrap()))
        .header("notion-version", "2026-03-11");
    let answer = bench.raw(request.body(Body::empty()).unwrap()).await;
    assert!(answer.status == 200 || answer.status == 401, "{answer:?}");
    answer.status == 200
}

#[tokio::test]
async fn the_whole_way_to_a_token_and_its_renewal() {
    let bench = auto();
    let back = authorize(&bench, &ASKED).await;
    assert_eq!(redirected(&back, "state"), "a state & more");
    let tokens = exchange(&bench, &redirected(&back, "code")).await.ok();
    assert_eq!((&tokens["token_type"], tokens.get("expires_in")), (&json!("bearer"), None));
    assert_eq!(
        (&tokens["workspace_name"], &tokens["owner"]["user"]["id"]),
        (&json!("Home"), &json!(bench.ada))
    );
    assert!(tokens["bot_id"].is_string() && tokens["duplicated_template_id"].is_null());
    assert!(opens(&bench, &tokens["access_token"]).await);
    let renewed = refresh(&bench, &tokens["refresh_token"]).await.ok();
    assert_eq!(renewed["bot_id"], tokens["bot_id"]);
    assert!(opens(&bench, &renewed["access_token"]).await);
    assert!(!opens(&bench, &tokens["access_token"]).await);
    refresh(&bench, &tokens["refresh_token"]).await.refused(400, "invalid_grant");
    bench.control.expire_access_tokens();
    assert!(!opens(&bench, &renewed["access_token"]).await);
    refresh(&bench, &renewed["refresh_token"]).await.ok();
    assert!(opens(&bench, &json!(bench.token)).await, "internal tokens do not end with the others");
}

#[tokio::test]
async fn a_code_is_good_once_for_a_while_and_for_one_client() {
    let bench = auto();
    let first = code(&bench).await;
    exchange(&bench, &first).await.ok();
    exchange(&bench, &first).await.refused(400, "invalid_grant");
    let late = code(&bench).await;
    bench.clock.advance(Duration::from_secs(601));
    exchange(&bench, &late).await.refused(400, "invalid_grant");
    let body =
        |code: &str| json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT });
    let other = code(&bench).await;
    post(&bench, "token", "stranger:secret", body(&other)).await.refused(400, "invalid_grant");
    let bare = code(&bench).await;
    let without = json!({ "grant_type": "authorization_code", "code": bare });
    post(&bench, "token", "client:secret", without).await.refused(400, "invalid_grant");
    let grant = json!({ "grant_type": "password" });
    post(&bench, "token", "client:secret", grant).await.refused(400, "validation_error");
}

#[tokio::test]
async fn the_client_must_be_the_known_one_where_one_is_known() {
    let known = Some(("client".to_owned(), "other".to_owned()));
    let bench =
        Bench::with(NotionOptions { auto_consent: true, oauth_client: known, ..NotionOptions::default() });
    exchange(&bench, &code(&bench).await).await.refused(401, "unauthorized");
    let body =
        json!({ "grant_type": "authorization_code", "code": code(&bench).await, "redirect_uri": REDIRECT });
    post(&bench, "token", "client:other", body).await.ok();
    let stranger = [("client_id", "stranger"), ("redirect_uri", REDIRECT), ("response_type", "code")];
    assert_eq!(authorize(&bench, &stranger).await.status, 400);
}

#[tokio::test]
async fn tokens_can_be_looked_at_and_taken_back() {
    let bench = auto();
    let tokens = exchange(&bench, &code(&bench).await).await.ok();
    let token = json!({ "token": tokens["access_token"] });
    let seen = post(&bench, "introspect", "client:secret", token.clone()).await.ok();
    assert_eq!((&seen["active"], &seen["iat"]), (&json!(true), &json!(crate::bench::start().timestamp())));
    post(&bench, "revoke", "client:secret", token.clone()).await.ok();
    assert_eq!(post(&bench, "introspect", "client:secret", token.clone()).await.ok()["active"], false);
    assert!(!opens(&bench, &tokens["access_token"]).await);
    refresh(&bench, &tokens["refresh_token"]).await.refused(400, "invalid_grant");
    post(&bench, "revoke", "client:secret", token).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn the_consent_page_asks_and_takes_no_for_an_answer() {
    let bench = Bench::new();
    let mut asked = ASKED;
    asked[0].1 = "<b>client</b>";
    let page = authorize(&bench, &asked).await;
    let html = page.body.as_str().unwrap();
    assert!(
        html.contains("&lt;b&gt;client&lt;/b&gt;") && html.contains("Events") && !html.contains("<b>client")
    );
    let decide = async |more: &[(&str, &str)]| {
        let pairs = [ASKED.as_slice(), more].concat();
        let request = Request::post("/v1/oauth/decide");
        bench.raw(request.body(Body::from(form(&pairs))).unwrap()).await
    };
    assert_eq!(redirected(&decide(&[("decision", "cancel")]).await, "error"), "access_denied");
    // Sharing with all connections would hide what was picked.
    bench.control.share(bench.database, None, false);
    let picked = bench.database.to_string();
    for (picked, status) in [(None, 404), (Some(picked.as_str()), 200)] {
        let more = [("decision", "allow"), ("picked", picked.unwrap_or_default())];
        let tokens = exchange(&bench, &redirected(&decide(&more).await, "code")).await.ok();
        let request = Request::get(format!("/v1/data_sources/{}", bench.source))
            .header("authorization", format!("Bearer {}", tokens["access_token"].as_str().unwrap()))
            .header("notion-version", "2026-03-11");
        assert_eq!(bench.raw(request.body(Body::empty()).unwrap()).await.status, status);
    }
}

#[tokio::test]
async fn a_request_that_is_not_trusted_is_not_sent_back() {
    let bench = auto();
    for (name, value) in [
        ("redirect_uri", "http://evil.example.com/"),
        ("redirect_uri", "http://127.0.0.1.example.com/"),
        ("response_type", "token"),
        ("client_id", ""),
    ] {
        let changed = ASKED.map(|pair| if pair.0 == name { (name, value) } else { pair });
        assert_eq!(authorize(&bench, &changed).await.status, 400, "{name}={value}");
    }
}
