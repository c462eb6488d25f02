//! What the engine is told at start.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use synodic_providers::google::{GoogleClient, GoogleEndpoints};
use synodic_providers::notion::{NotionClient, NotionEndpoint};
use synodic_providers::transport::Pace;
use url::Url;

/// Everything that the engine takes from its surroundings.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Where the replica, its lock, its backups and its socket are.
    pub data_dir: PathBuf,
    /// Where secrets are kept.
    pub secrets: SecretsPlace,
    /// Google's addresses.
    pub google_endpoints: GoogleEndpoints,
    /// The OAuth client for Google; none until somebody configures one.
    pub google_client: Option<GoogleClient>,
    /// Notion's address, and what a person may choose about it.
    pub notion: NotionConfig,
    /// How services can call us; none when there is no public address.
    pub webhook: Option<WebhookConfig>,
    /// How often services are asked.
    pub polling: Polling,
    /// The machine's zone, for whole days and floating times.
    pub viewer: chrono_tz::Tz,
    /// Whether workers act of their own accord: pull at start, on the interval and on webhooks, push when woken, make
    /// backups. A single command (`synodic sync`, `synodic event list`) turns this off; then workers do exactly what
    /// they are asked (`Engine::sync_pass`), and nothing else is sent.
    pub autonomous: bool,
}

/// What the engine is told about Notion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotionConfig {
    /// Where it is.
    pub endpoint: NotionEndpoint,
    /// The OAuth client; none until somebody configures one. A pasted token needs none.
    pub client: Option<NotionClient>,
    /// The loopback port that the browser comes back to after signing in: Notion knows addresses to the letter, so it is
    /// always the same one.
    pub redirect_port: u16,
    /// How often data sources are asked for changes.
    pub polling: Duration,
    /// How fast requests may follow each other.
    pub pace: Pace,
}

impl Default for NotionConfig {
    fn default() -> Self {
        Self {
            endpoint: NotionEndpoint::public(),
            client: None,
            redirect_port: 8738,
            polling: Duration::from_secs(120),
            pace: Pace::OfService,
        }
    }
}

/// Where secrets are kept (`SYNODIC_SECRETS`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretsPlace {
    /// The operating system's keyring.
    #[default]
    Keyring,
    /// A file with mode 0600 in the data folder; only ever by explicit choice.
    File,
    /// Nowhere: gone when the program ends. For the demo and for tests.
    Memory,
}

/// How services can call us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookConfig {
    /// The base of the public address that leads to `listen` (`SYNODIC_WEBHOOK_URL`). When none is set, the address
    /// that we listen on is used, which only a simulator on the same machine can reach.
    pub public_url: Option<Url>,
    /// The loopback address of the receiver (`SYNODIC_WEBHOOK_LISTEN`).
    pub listen: SocketAddr,
}

/// How often services are asked for changes when they cannot call us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// While the window is in use.
    pub active: Duration,
    /// Otherwise.
    pub idle: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Self { active: Duration::from_secs(15), idle: Duration::from_secs(300) }
    }
}

impl crate::Engine {
    /// What this engine was told at start.
    #[must_use]
    pub fn config(&self) -> &EngineConfig {
        &self.inner.config
    }
}
