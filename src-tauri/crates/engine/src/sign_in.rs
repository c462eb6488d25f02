//! Signing in to Google: the person consents in their own browser, which comes back to a port on this machine.
//!
//! This is the flow of RFC 8252 for native programs. The redirect goes to a free loopback port that is open for this
//! one sign-in only; PKCE makes the code worthless to anybody else, and the state tells our redirect from one that a
//! web page has made up. Such a redirect is turned away and the wait goes on, so that nobody can break a sign-in off
//! from outside.

use std::time::Duration;

use synodic_model::IntegrationId;
use synodic_model::sync::{Integration, ProviderKind};
use synodic_providers::google::{self, GoogleClient, SignInRequest};
use synodic_providers::notion::{self, NotionClient, NotionSignIn};
use synodic_providers::transport::Surroundings;
use synodic_providers::{ProviderError, Tokens};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::wait_until;
use crate::engine::Engine;
use crate::error::EngineError;

pub(crate) mod ending;
mod redirect;

use self::redirect::{Answer, Page, RedirectListener};

/// How long a person has to consent.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Where the browser may come back to: at Google, to any port.
const ANY_PORT: u16 = 0;

/// A sign-in under way. Dropping it closes the port and gives the sign-in up.
pub struct SignIn {
    engine: Engine,
    request: Request,
    listener: RedirectListener,
    purpose: Purpose,
    given_up: CancellationToken,
}

/// Gives a sign-in up from elsewhere, as when the person closes the dialog.
#[derive(Clone, Debug)]
pub struct SignInCancel(CancellationToken);

impl SignInCancel {
    /// Gives the sign-in up; its [`SignIn::complete`] returns at once.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// Whom the person signs in to.
enum Request {
    Google { client: GoogleClient, request: SignInRequest },
    Notion { client: NotionClient, request: NotionSignIn },
}

/// What the new tokens are for.
enum Purpose {
    /// Whichever account the person chooses in the browser.
    AnyAccount,
    /// This one, which the service no longer lets us use.
    Renew(IntegrationId),
}

impl Engine {
    /// Prepares a sign-in to Google and opens the port that the browser will come back to. Nothing is connected until
    /// [`SignIn::complete`] returns.
    ///
    /// # Errors
    /// [`EngineError::Environment`] when no OAuth client is configured or no port can be opened.
    pub async fn begin_google_sign_in(&self) -> Result<SignIn, EngineError> {
        self.begin_sign_in(Purpose::AnyAccount, None).await
    }

    /// Prepares a sign-in that renews the access to an account which we have already. Completing it with another
    /// account is refused, for the events of the one must not be taken for those of the other.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such account, otherwise as [`Engine::begin_google_sign_in`].
    pub async fn sign_in_again(&self, integration: IntegrationId) -> Result<SignIn, EngineError> {
        let integration = self.integration(integration).await?;
        match integration.provider {
            ProviderKind::Google => {
                self.begin_sign_in(Purpose::Renew(integration.id), Some(&integration)).await
            }
            ProviderKind::Notion if self.inner.config.notion.client.is_some() => {
                self.begin_notion(Purpose::Renew(integration.id)).await
            }
            ProviderKind::Notion => Err(EngineError::SignIn {
                reason: "This account is signed in to with a token. Connect Notion again with a new one; the account \
                         stays what it is."
                    .into(),
            }),
            ProviderKind::Ics => Err(EngineError::SignIn {
                reason: "A calendar that is subscribed to has no sign-in; “synodic sync” asks for it again. If its address \
                         does not work any more, subscribe to the new one and remove this."
                    .into(),
            }),
            ProviderKind::Caldav => Err(EngineError::SignIn {
                reason: "This account is signed in to with a password. Connect it again with the new one; the account stays \
                         what it is."
                    .into(),
            }),
        }
    }

    async fn begin_sign_in(
        &self,
        purpose: Purpose,
        expected: Option<&Integration>,
    ) -> Result<SignIn, EngineError> {
        let client = self.google_client().await?;
        let given_up = self.inner.stop.child_token();
        let listener = RedirectListener::open(&self.inner.tasks, &given_up, ANY_PORT).await?;
        let endpoints = &self.inner.config.google_endpoints;
        let mut request = google::begin_sign_in(endpoints, &client, listener.address())?;
        if let Some(integration) = expected {
            // Lets Google offer the right account first.
            request.authorize_url.query_pairs_mut().append_pair("login_hint", &integration.account);
        }
        listener.expect(request.state.clone());
        let request = Request::Google { client, request };
        Ok(SignIn { engine: self.clone(), request, listener, purpose, given_up })
    }

    /// Prepares a sign-in to Notion in the browser, for which an OAuth client is needed. A pasted token needs none
    /// ([`Engine::connect_notion`]).
    ///
    /// # Errors
    /// [`EngineError::Environment`] when no OAuth client is configured or the port is in use.
    pub async fn begin_notion_sign_in(&self) -> Result<SignIn, EngineError> {
        self.begin_notion(Purpose::AnyAccount).await
    }

    async fn begin_notion(&self, purpose: Purpose) -> Result<SignIn, EngineError> {
        let config = &self.inner.config.notion;
        let client = config.client.clone().ok_or_else(|| EngineError::Environment {
            reason: "No Notion client is configured. Paste the token of an internal connection, or set NOTION_CLIENT_ID \
                     and NOTION_CLIENT_SECRET as the README describes and start Synodic again."
                .into(),
        })?;
        let given_up = self.inner.stop.child_token();
        let listener = RedirectListener::open(&self.inner.tasks, &given_up, config.redirect_port).await?;
        let request = notion::begin_sign_in(&config.endpoint, &client, listener.address());
        listener.expect(request.state.clone());
        let request = Request::Notion { client, request };
        Ok(SignIn { engine: self.clone(), request, listener, purpose, given_up })
    }
}

impl SignIn {
    /// The page that the person opens in their browser.
    #[must_use]
    pub const fn authorize_url(&self) -> &Url {
        match &self.request {
            Request::Google { request, .. } => &request.authorize_url,
            Request::Notion { request, .. } => &request.authorize_url,
        }
    }

    /// A handle to give the sign-in up with while [`SignIn::complete`] waits.
    #[must_use]
    pub fn cancel_handle(&self) -> SignInCancel {
        SignInCancel(self.given_up.clone())
    }

    /// Waits for the browser to come back, at most five minutes, and connects the account. The browser is answered
    /// only then, so that its page tells the truth.
    ///
    /// # Errors
    /// [`EngineError::SignIn`] when the person declined, waited too long, gave up or chose another account than the
    /// one to be renewed; [`EngineError::Provider`] when Google could not be reached.
    pub async fn complete(mut self) -> Result<IntegrationId, EngineError> {
        let Answer { outcome, page } = self.wait_for_browser().await?;
        let connected = match outcome {
            Ok(code) => self.connect(&code).await,
            Err(reason) => Err(EngineError::SignIn { reason }),
        };
        // An error only means that the browser has gone.
        let _ = page.send(if connected.is_ok() { Page::SignedIn } else { Page::NotSignedIn });
        connected
    }

    async fn wait_for_browser(&mut self) -> Result<Answer, EngineError> {
        let clock = &self.engine.inner.clock;
        let too_late = clock.now() + PATIENCE;
        tokio::select! {
            answer = self.listener.answer() => answer,
            () = self.given_up.cancelled() => Err(self.why_given_up()),
            () = wait_until(&**clock, too_late) => Err(EngineError::SignIn {
                reason: "The sign-in was not completed within five minutes. Start it again.".into(),
            }),
        }
    }

    fn why_given_up(&self) -> EngineError {
        if self.engine.inner.stop.is_cancelled() {
            EngineError::Closing
        } else {
            EngineError::SignIn { reason: "The sign-in was cancelled.".into() }
        }
    }

    async fn connect(&self, code: &str) -> Result<IntegrationId, EngineError> {
        let tokens = self.exchange(code).await?;
        match (&self.request, &self.purpose) {
            (Request::Google { .. }, Purpose::AnyAccount) => self.engine.connect_google(tokens).await,
            (Request::Google { .. }, Purpose::Renew(integration)) => {
                self.engine.renew_google(*integration, tokens).await
            }
            (Request::Notion { .. }, Purpose::AnyAccount) => self.engine.connect_notion_with(tokens).await,
            (Request::Notion { .. }, Purpose::Renew(integration)) => {
                self.engine.renew_notion(*integration, tokens).await
            }
        }
    }

    async fn exchange(&self, code: &str) -> Result<Tokens, ProviderError> {
        let config = &self.engine.inner.config;
        match &self.request {
            Request::Google { client, request } => {
                google::complete_sign_in(&config.google_endpoints, client, request, code).await
            }
            Request::Notion { client, request } => {
                let surroundings = Surroundings::real().map_err(|error| ProviderError::Unreachable {
                    service: "Notion".to_owned(),
                    reason: error.to_string(),
                })?;
                notion::complete_sign_in(&surroundings, &config.notion.endpoint, client, request, code).await
            }
        }
    }
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The request holds the state and the verifier.
        formatter.write_str("SignIn(…)")
    }
}
