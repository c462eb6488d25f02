//! What a history puts in the place of the world around the engine: services in the same process, a keyring that
//! outlives the program, and a post that brings their messages.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use chrono::TimeDelta;
use http::Request;
use synodic_engine::EngineError;
use synodic_engine::google::{GoogleClient, GoogleEndpoints, Tokens};
use synodic_engine::services::Services;
use synodic_model::sync::{Integration, ProviderKind};
use synodic_providers::google::Google;
use synodic_providers::transport::{Pace, Surroundings};
use synodic_providers::{Provider, TokenVault, VaultError};
use synodic_simulators::google::push::{Courier, Delivery, PushMessage};
use tower::ServiceExt;

use super::hands::Hands;
use super::step::Post;
use super::wire::Wire;

/// Where the simulated Google is said to be.
///
/// # Panics
/// Never: these are addresses.
#[must_use]
pub fn google_endpoints() -> GoogleEndpoints {
    let at = |path: &str| format!("https://google.test{path}").parse().unwrap();
    GoogleEndpoints { api: at("/calendar/v3"), auth: at("/o/oauth2/v2/auth"), token: at("/token") }
}

/// The OAuth client.
#[must_use]
pub fn google_client() -> GoogleClient {
    GoogleClient { id: "desktop".to_owned(), secret: Some("not confidential".to_owned()) }
}

/// A keyring entry that outlives the program.
#[derive(Default)]
pub struct Vault(Mutex<Option<Tokens>>);

#[async_trait]
impl TokenVault for Vault {
    async fn load(&self) -> Result<Option<Tokens>, VaultError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn store(&self, tokens: &Tokens) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tokens.clone());
        Ok(())
    }

    async fn remove(&self) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }
}

/// The services of a history, and the keyring.
#[derive(Clone)]
pub struct Simulated {
    google: Wire,
    hands: Hands,
    vaults: Arc<Mutex<BTreeMap<String, Arc<Vault>>>>,
}

impl fmt::Debug for Simulated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Simulated")
    }
}

impl Simulated {
    /// The services behind these ways.
    #[must_use]
    pub fn new(google: Wire, hands: Hands) -> Self {
        Self { google, hands, vaults: Arc::default() }
    }

    /// The keyring's entry of an account.
    #[must_use]
    pub fn vault(&self, account: &str) -> Arc<Vault> {
        let mut vaults = self.vaults.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(vaults.entry(account.to_owned()).or_default())
    }
}

impl Services for Simulated {
    fn connect(
        &self,
        integration: &Integration,
        vault: Arc<dyn TokenVault>,
    ) -> Result<Arc<dyn Provider>, EngineError> {
        let vault = if integration.account.is_empty() { vault } else { self.vault(&integration.account) };
        match integration.provider {
            ProviderKind::Google => {
                let hands = self.hands.clone();
                let surroundings = Surroundings {
                    transport: Arc::new(self.google.clone()),
                    clock: Arc::new(move || hands.shown()),
                    pace: Pace::Unlimited,
                };
                Ok(Arc::new(Google::with(google_endpoints(), google_client(), vault, surroundings)))
            }
            ProviderKind::Notion | ProviderKind::Caldav | ProviderKind::Ics => {
                Err(EngineError::Environment { reason: "there is no such service here".to_owned() })
            }
        }
    }
}

/// Brings messages of services to the engine, more or less.
#[derive(Clone)]
pub struct PostOffice {
    hands: Hands,
    manners: Arc<Mutex<Post>>,
    recipient: Arc<Mutex<Option<Router>>>,
}

impl fmt::Debug for PostOffice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PostOffice")
    }
}

impl PostOffice {
    /// A reliable one; nobody lives at the address yet.
    #[must_use]
    pub fn new(hands: Hands) -> Self {
        Self { hands, manners: Arc::new(Mutex::new(Post::Prompt)), recipient: Arc::default() }
    }

    /// From now on messages fare like this.
    pub fn set(&self, manners: Post) {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner) = manners;
    }

    /// Somebody lives at the address now, or nobody any more.
    pub fn set_recipient(&self, recipient: Option<Router>) {
        *self.recipient.lock().unwrap_or_else(PoisonError::into_inner) = recipient;
    }

    async fn bring(self, message: PushMessage, delay: TimeDelta) {
        self.hands.after(delay).await;
        let recipient = self.recipient.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (Some(recipient), Ok(address)) = (recipient, url::Url::parse(&message.address)) else { return };
        let mut request = Request::post(address.path());
        for (name, value) in &message.headers {
            request = request.header(name, value);
        }
        let Ok(request) = request.body(Body::empty()) else { return };
        let Ok(_) = recipient.oneshot(request).await;
    }
}

impl Courier for PostOffice {
    fn deliver(&self, message: PushMessage) -> Delivery {
        let manners = *self.manners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hash = DefaultHasher::new();
        message.headers.hash(&mut hash);
        let some = i64::try_from(hash.finish() % 20_000).unwrap_or_default();
        let delays: &[i64] = match manners {
            Post::Prompt => &[10],
            Post::Lost => &[],
            Post::Doubled => &[10, 700],
            Post::Shuffled => &[some],
        };
        for delay in delays {
            tokio::spawn(self.clone().bring(message.clone(), TimeDelta::milliseconds(*delay)));
        }
        Box::pin(async { Ok(200) })
    }
}
