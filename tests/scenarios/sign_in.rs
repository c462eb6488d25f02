//! Signing in through the browser, on a simulated Google that consents at once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use synodic_engine::clock::{Clock, SystemClock};
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace};
use synodic_engine::google::{GoogleClient, GoogleEndpoints, Tokens};
use synodic_engine::sign_in::SignIn;
use synodic_engine::{Engine, EngineConfig, EngineError};
use synodic_model::IntegrationId;
use synodic_model::sync::IntegrationStatus;
use synodic_simulators::google::{Control, GoogleOptions, GoogleSimulator, RunningGoogle};
use tempfile::TempDir;
use url::Url;

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const BEA: &str = "bea@example.com";

/// A simulated Google with two accounts, and an engine that acts only when asked.
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) google: Control,
    pub(crate) folder: TempDir,
    _running: RunningGoogle,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock)).await
    }

    async fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let simulator =
            GoogleSimulator::new(GoogleOptions { auto_consent: true, ..GoogleOptions::default() });
        let google = simulator.control();
        google.add_account(ADA, "Ada");
        google.add_account(BEA, "Bea");
        let running = simulator.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::start(config(folder.path(), &running), clock).await.unwrap();
        Self { engine, google, folder, _running: running }
    }

    /// Connects an account with tokens that the simulator hands out without a browser.
    pub(crate) async fn connect(&self, email: &str) -> IntegrationId {
        let (access_token, refresh_token) = self.google.issue_tokens(email);
        let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None };
        self.engine.connect_google(tokens).await.unwrap()
    }

    async fn accounts(&self) -> Vec<String> {
        let accounts = self.engine.integrations().await.unwrap();
        accounts.into_iter().map(|account| account.account).collect()
    }
}

fn config(data_dir: &Path, google: &RunningGoogle) -> EngineConfig {
    let endpoints = google.endpoints();
    EngineConfig {
        data_dir: data_dir.to_owned(),
        secrets: SecretsPlace::File,
        google_endpoints: GoogleEndpoints {
            api: endpoints.api_url.parse().unwrap(),
            auth: endpoints.auth_url.parse().unwrap(),
            token: endpoints.token_url.parse().unwrap(),
        },
        google_client: Some(GoogleClient { id: "desktop".into(), secret: Some("not a secret".into()) }),
        notion: NotionConfig::default(),
        webhook: None,
        polling: Polling { active: Duration::from_secs(3600), idle: Duration::from_secs(3600) },
        viewer: chrono_tz::Europe::Berlin,
        autonomous: false,
    }
}

async fn fetch(address: &Url) -> (StatusCode, String) {
    let browser = synodic_simulators::client_builder().no_proxy().build().unwrap();
    let answer = browser.get(address.clone()).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// Lets the person's browser open the page while the engine waits.
async fn consent(
    sign_in: SignIn,
    address: Url,
) -> (Result<IntegrationId, EngineError>, (StatusCode, String)) {
    tokio::join!(sign_in.complete(), fetch(&address))
}

/// The value of a parameter in an address.
fn parameter(address: &Url, name: &str) -> String {
    address.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

/// The address that the browser comes back to, with `query`.
fn redirect(address: &Url, query: &[(&str, &str)]) -> Url {
    let mut redirect: Url = parameter(address, "redirect_uri").parse().unwrap();
    redirect.query_pairs_mut().extend_pairs(query);
    redirect
}

fn reason(answer: Result<IntegrationId, EngineError>) -> String {
    match answer {
        Err(EngineError::SignIn { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_person_signs_in() {
    let desk = Desk::new().await;
    let sign_in = desk.engine.begin_google_sign_in().await.unwrap();
    let address = sign_in.authorize_url().clone();
    assert_eq!(parameter(&address, "code_challenge_method"), "S256");
    let (connected, (status, page)) = consent(sign_in, address).await;
    let id = connected.unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("You can close this window"), "{page}");

    let accounts = desk.engine.integrations().await.unwrap();
    assert_eq!((accounts.len(), accounts[0].id, accounts[0].account.as_str()), (1, id, ADA));
    assert_eq!(accounts[0].status, IntegrationStatus::Active);
    let calendars = desk.engine.remote_calendars(Some(id)).await.unwrap();
    assert_eq!(calendars[0].name, ADA, "the tokens work");

    let secrets = std::fs::read_to_string(desk.folder.path().join("secrets.json")).unwrap();
    assert!(secrets.contains("google:ada@example.com") && !secrets.contains("\"refresh_token\": null"));
}

#[tokio::test]
async fn signing_in_twice_is_one_account() {
    let desk = Desk::new().await;
    let first = desk.connect(ADA).await;
    let sign_in = desk.engine.begin_google_sign_in().await.unwrap();
    let address = sign_in.authorize_url().clone();
    assert_eq!(consent(sign_in, address).await.0.unwrap(), first);
    assert_eq!(desk.accounts().await, [ADA]);
    desk.connect(BEA).await;
    assert_eq!(desk.accounts().await, [ADA, BEA]);
}

#[tokio::test]
async fn a_redirect_that_somebody_made_up_is_turned_away_and_the_wait_goes_on() {
    let desk = Desk::new().await;
    let sign_in = desk.engine.begin_google_sign_in().await.unwrap();
    let address = sign_in.authorize_url().clone();
    let waiting = tokio::spawn(sign_in.complete());
    for query in
        [&[("state", "guessed"), ("code", "stolen")][..], &[("code", "stolen")], &[("error", "no")], &[]]
    {
        let (status, page) = fetch(&redirect(&address, query)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(page.contains("You are not signed in"));
    }
    assert_eq!(desk.accounts().await, [""; 0]);
    assert_eq!(fetch(&address).await.0, StatusCode::OK);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn declining_in_the_browser_ends_the_sign_in() {
    let desk = Desk::new().await;
    let sign_in = desk.engine.begin_google_sign_in().await.unwrap();
    let address = sign_in.authorize_url().clone();
    let state = parameter(&address, "state");
    let declined = redirect(&address, &[("state", &state), ("error", "access_denied")]);
    let (answer, (_, page)) = consent(sign_in, declined).await;
    assert!(reason(answer).contains("declined"));
    assert!(page.contains("You are not signed in"));
}

#[tokio::test]
async fn a_code_that_google_does_not_take_is_no_sign_in() {
    let desk = Desk::new().await;
    let sign_in = desk.engine.begin_google_sign_in().await.unwrap();
    let address = sign_in.authorize_url().clone();
    let state = parameter(&address, "state");
    let made_up = redirect(&address, &[("state", &state), ("code", "made-up")]);
    let (answer, (_, page)) = consent(sign_in, made_up).await;
    assert!(matches!(answer, Err(EngineError::Provider(_))), "{answer:?}");
    assert!(page.contains("You are not signed in"));
    assert_eq!(desk.accounts().await, [""; 0]);
}

#[tokio::test]
async fn giving_up_closes_the_port() {
    let desk = Desk::new().await;
    let sign_in = desk.engine.begin_google_sign_in().await.unwrap();
    let redirect = redirect(sign_in.authorize_url(), &[]);
    let cancel = sign_in.cancel_handle();
    let waiting = tokio::spawn(sign_in.complete());
    cancel.cancel();
    assert!(reason(waiting.await.unwrap()).contains("cancelled"));
    closed(&redirect).await;

    // So does losing interest without a word.
    let forgotten = desk.engine.begin_google_sign_in().await.unwrap();
    let redirect = self::redirect(forgotten.authorize_url(), &[]);
    drop(forgotten);
    closed(&redirect).await;
}

async fn closed(address: &Url) {
    let port = address.port().unwrap();
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("port {port} is still open");
}

/// A clock on which nobody has five minutes.
#[derive(Debug, Default)]
struct Impatient {
    has_leapt: AtomicBool,
}

#[async_trait]
impl Clock for Impatient {
    fn now(&self) -> DateTime<Utc> {
        let leap = if self.has_leapt.load(Ordering::Relaxed) { 300 } else { 0 };
        Utc::now() + TimeDelta::seconds(leap)
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        let left = deadline - self.now();
        let is_patience = left > TimeDelta::seconds(299) && left <= TimeDelta::seconds(300);
        let wait = if is_patience { Duration::from_millis(50) } else { left.to_std().unwrap_or_default() };
        tokio::time::sleep(wait).await;
        if is_patience {
            self.has_leapt.store(true, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let desk = Desk::with_clock(Arc::new(Impatient::default())).await;
    let sign_in = desk.engine.begin_google_sign_in().await.unwrap();
    assert!(reason(sign_in.complete().await).contains("five minutes"));
}

#[tokio::test]
async fn signing_in_again_renews_the_account_and_no_other() {
    let desk = Desk::new().await;
    let ada = desk.connect(ADA).await;
    desk.google.revoke(ADA);
    assert!(desk.engine.remote_calendars(Some(ada)).await.is_err());

    let sign_in = desk.engine.sign_in_again(ada).await.unwrap();
    let address = sign_in.authorize_url().clone();
    assert_eq!(parameter(&address, "login_hint"), ADA);
    let as_bea: Url = address.as_str().replace("ada%40", "bea%40").parse().unwrap();
    let sentence = reason(consent(sign_in, as_bea).await.0);
    assert!(sentence.contains(ADA) && sentence.contains(BEA), "{sentence}");
    assert_eq!(desk.accounts().await, [ADA]);
    assert!(desk.engine.remote_calendars(Some(ada)).await.is_err());

    let sign_in = desk.engine.sign_in_again(ada).await.unwrap();
    let address = sign_in.authorize_url().clone();
    assert_eq!(consent(sign_in, address).await.0.unwrap(), ada);
    desk.engine.remote_calendars(Some(ada)).await.unwrap();
}

#[tokio::test]
async fn without_a_client_the_person_is_told_how_to_get_one() {
    let desk = Desk::new().await;
    let folder = tempfile::tempdir().unwrap();
    let config = EngineConfig { google_client: None, ..config(folder.path(), &desk._running) };
    let engine = Engine::start(config, Arc::new(SystemClock)).await.unwrap();
    let refused = engine.begin_google_sign_in().await.unwrap_err();
    assert!(refused.to_string().contains("GOOGLE_CLIENT_ID"), "{refused}");
}
