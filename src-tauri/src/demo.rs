//! The demo: the whole program on simulated accounts inside this process, in a throw-away data folder.
//!
//! Nothing is faked in between: the engine speaks HTTP to the simulator on loopback, receives its webhooks, and the
//! simulator now and then changes something by itself, so that a newcomer sees a change arrive.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace, WebhookConfig};
use synodic_engine::google::{GoogleClient, GoogleEndpoints, Tokens};
use synodic_engine::notion::{NotionEndpoint, Pace};
use synodic_engine::view::Failure;
use synodic_engine::{Engine, EngineConfig};
use synodic_model::RemoteCalendarId;
use synodic_model::sync::SyncDirection;
use synodic_simulators::google::{
    DemoWorld, GoogleOptions, GoogleSimulator, RunningGoogle, demo_life, seed_demo,
};
use synodic_simulators::notion::{self, DemoWorkspace, NotionOptions, NotionSimulator, RunningNotion};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::call::internal;
use crate::environment::viewer_zone;

/// What has to stay alive while the demo runs.
pub(crate) struct Demo {
    google: RunningGoogle,
    world: DemoWorld,
    notion: RunningNotion,
    workspace: DemoWorkspace,
    access_token: String,
    refresh_token: String,
    life: CancellationToken,
    folder: ThrowAway,
}

/// A data folder that is removed in the end.
struct ThrowAway(PathBuf);

impl Drop for ThrowAway {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "the demo's folder could not be removed");
        }
    }
}

impl Demo {
    /// Starts the simulated accounts and lets them live.
    ///
    /// # Errors
    /// When no loopback port or no temporary folder can be had.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let folder = ThrowAway(make_folder().map_err(|error| internal(&error))?);
        let simulator =
            GoogleSimulator::new(GoogleOptions { auto_consent: true, ..GoogleOptions::default() });
        let world = seed_demo(&simulator, Utc::now(), viewer_zone());
        let (access_token, refresh_token) = simulator.control().issue_tokens(&world.email);
        let google = simulator.listen(loopback()).await.map_err(|error| internal(&error))?;
        let workspaces =
            NotionSimulator::new(NotionOptions { time_zone: viewer_zone(), ..NotionOptions::default() });
        let workspace = notion::seed_demo(&workspaces, Utc::now(), viewer_zone());
        let notion = workspaces.listen(loopback()).await.map_err(|error| internal(&error))?;
        let life = CancellationToken::new();
        tokio::spawn(demo_life(simulator, world.clone(), life.clone().cancelled_owned()));
        Ok(Self { google, world, notion, workspace, access_token, refresh_token, life, folder })
    }

    /// The engine's configuration for this demo.
    ///
    /// # Errors
    /// When the simulator's addresses do not parse, which would be a fault of ours.
    pub(crate) fn engine_config(&self) -> Result<EngineConfig, Failure> {
        let endpoints = self.google.endpoints();
        let parse = |text: &str| text.parse().map_err(|error: url::ParseError| internal(&error));
        Ok(EngineConfig {
            data_dir: self.folder.0.clone(),
            secrets: SecretsPlace::Memory,
            google_endpoints: GoogleEndpoints {
                api: parse(&endpoints.api_url)?,
                auth: parse(&endpoints.auth_url)?,
                token: parse(&endpoints.token_url)?,
            },
            google_client: Some(GoogleClient { id: "demo".into(), secret: Some("demo".into()) }),
            notion: NotionConfig {
                endpoint: NotionEndpoint(parse(&self.notion.endpoints().api_url)?),
                polling: Duration::from_secs(15),
                pace: Pace::OfService,
                ..NotionConfig::default()
            },
            webhook: Some(WebhookConfig { public_url: None, listen: loopback() }),
            polling: Polling::default(),
            viewer: viewer_zone(),
            autonomous: true,
        })
    }

    /// Connects the simulated accounts and links all of their calendars and databases.
    ///
    /// # Errors
    /// The engine's failure.
    pub(crate) async fn connect(&self, engine: &Engine) -> Result<(), Failure> {
        let tokens = Tokens {
            access_token: self.access_token.clone(),
            refresh_token: Some(self.refresh_token.clone()),
            expires_at: None,
        };
        let failure = |error: synodic_engine::EngineError| Failure::from(&error);
        let account = engine.connect_google(tokens).await.map_err(failure)?;
        let mut remotes = engine.remote_calendars(Some(account)).await.map_err(failure)?;
        remotes.sort_by(|one, other| (!one.writable, &one.name).cmp(&(!other.writable, &other.name)));
        for remote in remotes {
            engine
                .link_calendar(None, account, remote.id, SyncDirection::Bidirectional)
                .await
                .map_err(failure)?;
        }
        let account = engine.connect_notion(&self.workspace.token).await.map_err(failure)?;
        for source in [self.workspace.projects, self.workspace.veranstaltungen] {
            let source = RemoteCalendarId::new(source.to_string());
            engine
                .link_notion(None, account, source, SyncDirection::Bidirectional, None)
                .await
                .map_err(failure)?;
        }
        Ok(())
    }

    /// Where a person can look at the simulated account in a browser.
    pub(crate) fn page(&self) -> String {
        format!("http://{}/", self.google.address())
    }

    /// The same of the simulated workspace.
    pub(crate) fn workspace_page(&self) -> String {
        format!("http://{}/", self.notion.address())
    }

    /// The simulated account's name.
    pub(crate) fn email(&self) -> &str {
        &self.world.email
    }

    /// Ends the simulated accounts and removes the folder.
    pub(crate) async fn stop(self) {
        self.life.cancel();
        self.google.stop().await;
        self.notion.stop().await;
    }
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn make_folder() -> std::io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("synodic-demo-{}", Uuid::new_v4().simple()));
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut builder = std::fs::DirBuilder::new();
    // Elsewhere the folder for temporary files is the person's own.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder)?;
    Ok(folder)
}

/// Shared with the desktop, which stops it in the end.
pub(crate) type SharedDemo = Arc<tokio::sync::Mutex<Option<Demo>>>;
