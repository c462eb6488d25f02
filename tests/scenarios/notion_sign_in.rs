//! Signing in to Notion through the browser: a public connection, the person's choice of databases, and what is left of it
//! when it ends.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use synodic_engine::clock::SystemClock;
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace};
use synodic_engine::google::GoogleEndpoints;
use synodic_engine::notion::{NotionClient, NotionEndpoint, Pace};
use synodic_engine::sign_in::SignIn;
use synodic_engine::snapshot::SyncState;
use synodic_engine::{Engine, EngineConfig, EngineError};
use synodic_model::sync::SyncDirection;
use synodic_model::{IntegrationId, RemoteCalendarId};
use synodic_simulators::notion::{
    Control, DemoWorkspace, NotionOptions, NotionSimulator, RunningNotion, seed_demo,
};
use tempfile::TempDir;
use url::Url;

const CLIENT: &str = "public-connection";
const SECRET: &str = "secret_of_the_connection";

struct Desk {
    engine: Engine,
    notion: Control,
    workspace: DemoWorkspace,
    folder: TempDir,
    browser: Client,
    running: RunningNotion,
}

impl Desk {
    async fn new() -> Self {
        // Notion knows redirect addresses to the letter, so the port is always the same one; here one that is free.
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let simulator = NotionSimulator::new(NotionOptions {
            oauth_client: Some((CLIENT.into(), SECRET.into())),
            redirect_uris: vec![format!("http://127.0.0.1:{port}/")],
            token_lifetime: Some(Duration::from_secs(3600)),
            ..NotionOptions::default()
        });
        let workspace = seed_demo(&simulator, chrono::Utc::now(), chrono_tz::Europe::Berlin);
        let notion = simulator.control();
        let running = simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let seldom = Duration::from_secs(3600);
        let config = EngineConfig {
            data_dir: folder.path().to_owned(),
            secrets: SecretsPlace::File,
            google_endpoints: GoogleEndpoints::public(),
            google_client: None,
            notion: NotionConfig {
                endpoint: NotionEndpoint(running.endpoints().api_url.parse().unwrap()),
                client: Some(NotionClient { id: CLIENT.into(), secret: SECRET.into() }),
                redirect_port: port,
                pace: Pace::Unlimited,
                ..NotionConfig::default()
            },
            webhook: None,
            polling: Polling { active: seldom, idle: seldom },
            viewer: chrono_tz::Europe::Berlin,
            autonomous: false,
        };
        let engine = Engine::start(config, Arc::new(SystemClock)).await.unwrap();
        let browser = synodic_simulators::client_builder().no_proxy().build().unwrap();
        Self { engine, notion, workspace, folder, browser, running }
    }

    /// Opens the consent page and presses one of its buttons, with all databases ticked but those that are not `wanted`.
    async fn decide(&self, address: &Url, decision: &str, wanted: &[&str]) -> (StatusCode, String) {
        let page = self.browser.get(address.clone()).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        let page = page.text().await.unwrap();
        assert!(page.contains(CLIENT), "it says who asks: {page}");
        let mut form: Vec<(String, String)> =
            address.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        for (id, title) in self.notion.top() {
            assert!(page.contains(&title), "{title} can be chosen");
            if wanted.contains(&title.as_str()) {
                form.push(("picked".into(), id.to_string()));
            }
        }
        form.push(("decision".into(), decision.into()));
        let button = address.join("/v1/oauth/decide").unwrap();
        let answer = self.browser.post(button).form(&form).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn consent(
        &self,
        sign_in: SignIn,
        wanted: &[&str],
    ) -> (Result<IntegrationId, EngineError>, StatusCode, String) {
        let address = sign_in.authorize_url().clone();
        let (connected, (status, page)) =
            tokio::join!(sign_in.complete(), self.decide(&address, "allow", wanted));
        (connected, status, page)
    }

    fn secrets(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("secrets.json")).unwrap()
    }
}

#[tokio::test]
async fn a_person_chooses_what_synodic_may_see_and_nothing_else_is_shown() {
    let desk = Desk::new().await;
    let sign_in = desk.engine.begin_notion_sign_in().await.unwrap();
    let (connected, status, page) = desk.consent(sign_in, &["Veranstaltungen"]).await;
    let account = connected.unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("You can close this window"), "{page}");
    let sources = desk.engine.notion_data_sources(account, "").await.unwrap();
    let titles: Vec<_> = sources.sources.iter().map(|source| source.title.as_str()).collect();
    assert_eq!(titles, ["Veranstaltungen"]);

    let source = RemoteCalendarId::new(desk.workspace.veranstaltungen.to_string());
    desk.engine.link_notion(None, account, source, SyncDirection::Bidirectional, None).await.unwrap();
    let report = desk.engine.sync_pass(None).await.unwrap();
    assert_eq!(report.links[0].error, None);
    assert!(report.links[0].created >= 8, "{report:#?}");

    // A token that has run out is renewed without a word, and the one that takes its place is kept.
    let before = desk.secrets();
    desk.notion.expire_access_tokens();
    let report = desk.engine.sync_pass(None).await.unwrap();
    assert_eq!((report.links[0].error.as_ref(), desk.engine.snapshot().state), (None, SyncState::Synced));
    assert_ne!(desk.secrets(), before);
    let replica = std::fs::read(desk.folder.path().join("synodic.db")).unwrap();
    assert!(!replica.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
}

#[tokio::test]
async fn a_connection_that_was_taken_away_is_signed_in_to_again_and_stays_the_same_account() {
    let desk = Desk::new().await;
    let sign_in = desk.engine.begin_notion_sign_in().await.unwrap();
    let account = desk.consent(sign_in, &["Veranstaltungen"]).await.0.unwrap();
    let source = RemoteCalendarId::new(desk.workspace.veranstaltungen.to_string());
    desk.engine.link_notion(None, account, source, SyncDirection::Bidirectional, None).await.unwrap();
    desk.engine.sync_pass(None).await.unwrap();

    desk.notion.try_revoke(None).unwrap();
    for (bot, _) in desk.notion.connections() {
        desk.notion.try_revoke(Some(bot)).unwrap();
    }
    desk.engine.sync_pass(None).await.unwrap();
    assert_eq!(desk.engine.snapshot().state, SyncState::NeedsSignIn);
    let sign_in = desk.engine.sign_in_again(account).await.unwrap();
    assert_eq!(desk.consent(sign_in, &["Veranstaltungen"]).await.0.unwrap(), account);
    let report = desk.engine.sync_pass(None).await.unwrap();
    assert_eq!((report.links[0].error.as_ref(), desk.engine.snapshot().state), (None, SyncState::Synced));
}

#[tokio::test]
async fn who_declines_is_not_connected() {
    let desk = Desk::new().await;
    let sign_in = desk.engine.begin_notion_sign_in().await.unwrap();
    let address = sign_in.authorize_url().clone();
    let (connected, (_, page)) = tokio::join!(sign_in.complete(), desk.decide(&address, "cancel", &[]));
    assert!(connected.unwrap_err().to_string().contains("declined"));
    assert!(page.contains("You are not signed in"), "{page}");
    assert!(desk.engine.integrations().await.unwrap().is_empty());
    assert!(!desk.running.endpoints().api_url.is_empty());
}
