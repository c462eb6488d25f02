//! Being called by services: the receiver of their messages, and the channels they send them over.
//!
//! A message says that a calendar changed, never what; whoever sends one makes its link due and gets an answer at
//! once. The receiver listens on loopback; the person leads a public address to it.
//!
//! **Architecture invariant:** nobody makes the engine do work without the channel's token, and all the work that a
//! message can ever cause is one pull that would have come anyway.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::sync::{Link, LogAction, LogEntry, LogOutcome, Webhook};
use synodic_model::{IntegrationId, LinkId};
use synodic_providers::{Provider, WatchChannel, WatchRequest};
use synodic_store::{Durability, StoreError};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

use crate::config::WebhookConfig;
use crate::engine::Inner;
use crate::error::CallFailed;
use crate::error::EngineError;
use crate::services::Client;

mod notion;

pub(crate) use self::notion::NotionMessages;
pub use self::notion::NotionWebhook;

/// Where Google's messages arrive.
const GOOGLE_PATH: &str = "webhooks/google";
/// The longest message that is read, in bytes; real ones have a few hundred.
const LARGEST_MESSAGE: usize = 256 << 10;
/// Forged messages that are answered one by one before the rest is turned away, and how fast that number recovers.
const FORGERIES: u32 = 20;
const FORGERY_FADES: TimeDelta = TimeDelta::seconds(1);
/// The share of a channel's life after which it is renewed, in percent.
const RENEWED_AT: i32 = 80;

/// The channels that are open, and where they lead.
#[derive(Debug)]
pub(crate) struct Channels {
    /// The public address of the receiver.
    base: Option<Url>,
    open: Mutex<BTreeMap<String, Channel>>,
    forgeries: Mutex<Forgeries>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Channel {
    integration: IntegrationId,
    link: LinkId,
    token: String,
    /// Known once the service has answered; its first message may come before that.
    resource: Option<String>,
}

/// How many forged messages came lately.
#[derive(Clone, Copy, Debug, Default)]
struct Forgeries {
    lately: u32,
    faded_at: Option<DateTime<Utc>>,
}

impl Forgeries {
    /// Counts one more; false when there are too many.
    fn count(&mut self, now: DateTime<Utc>) -> bool {
        let since = self.faded_at.map_or(TimeDelta::zero(), |faded_at| now - faded_at);
        let faded = since.num_milliseconds() / FORGERY_FADES.num_milliseconds();
        self.lately = self.lately.saturating_sub(u32::try_from(faded).unwrap_or(0));
        if faded != 0 || self.faded_at.is_none() {
            self.faded_at = Some(now);
        }
        self.lately = self.lately.saturating_add(1).min(FORGERIES + 1);
        self.lately <= FORGERIES
    }
}

impl Channels {
    /// No channels yet; `base` is where services find the receiver, if they can.
    pub(crate) const fn new(base: Option<Url>) -> Self {
        Self {
            base,
            open: Mutex::new(BTreeMap::new()),
            forgeries: Mutex::new(Forgeries { lately: 0, faded_at: None }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Channel>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a service shall call; none when it cannot.
    pub(crate) fn address(&self) -> Option<Url> {
        self.base.as_ref().map(|base| joined(base, GOOGLE_PATH))
    }

    /// Where Notion is to call; none when it cannot.
    pub(crate) fn notion_address(&self) -> Option<Url> {
        self.base.as_ref().map(notion::address)
    }

    /// Whether services can call us at all.
    pub(crate) const fn can_be_called(&self) -> bool {
        self.base.is_some()
    }

    /// Lets messages over a stored channel in, as after a start.
    pub(crate) fn admit(&self, link: &Link) {
        if let Some(webhook) = &link.webhook {
            let channel = Channel {
                integration: link.integration_id,
                link: link.id,
                token: webhook.token.clone(),
                resource: Some(webhook.resource.clone()),
            };
            self.lock().insert(webhook.id.clone(), channel);
        }
    }

    fn forget(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Whether a link's channel leads here and is young enough.
    pub(crate) fn is_live(&self, link: &Link, now: DateTime<Utc>) -> bool {
        let Some(address) = self.address() else { return false };
        link.webhook
            .as_ref()
            .is_some_and(|webhook| webhook.expires_at > now && webhook.id.ends_with(&mark_of(&address)))
    }

    /// When a link's channel is to be opened or renewed; none when services cannot call us.
    pub(crate) fn due(&self, link: &Link, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.can_be_called() || !link.direction.pulls() {
            return None;
        }
        match &link.webhook {
            Some(webhook) if self.is_live(link, now) => Some(renewal(webhook)),
            Some(_) | None => Some(now),
        }
    }
}

/// When a channel has lived through most of its time.
fn renewal(webhook: &Webhook) -> DateTime<Utc> {
    match opened_at(&webhook.id) {
        Some(opened_at) => opened_at + (webhook.expires_at - opened_at) * RENEWED_AT / 100,
        None => webhook.expires_at - TimeDelta::days(1),
    }
}

/// Channel ids tell when they were made, and by their end which address they lead to: an address that was changed in
/// the settings needs new channels.
fn channel_id(id: Uuid, address: &Url) -> String {
    format!("{id}{}", mark_of(address))
}

fn opened_at(id: &str) -> Option<DateTime<Utc>> {
    let id = Uuid::parse_str(id.get(..36)?).ok()?;
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

fn mark_of(address: &Url) -> String {
    let name = Uuid::new_v5(&Uuid::NAMESPACE_URL, address.as_str().as_bytes());
    format!("-{}", &name.simple().to_string()[..8])
}

fn joined(base: &Url, path: &str) -> Url {
    let mut joined = base.clone();
    let folder = base.path().trim_end_matches('/');
    joined.set_path(&format!("{folder}/{path}"));
    joined
}

/// Opens a channel for a link and stores it. Returns the channel that it replaces, which is to be stopped a little
/// later: in between both tell us, so that nothing is missed.
pub(crate) async fn open(
    inner: &Inner,
    client: &Client,
    link: &Link,
) -> Result<Option<WatchChannel>, CallFailed> {
    let Some(address) = inner.channels.address() else { return Ok(None) };
    let now = inner.clock.now();
    let request = WatchRequest {
        id: channel_id(inner.chance.id(now), &address),
        token: inner.chance.token(),
        address: address.into(),
    };
    let channel = Channel {
        integration: link.integration_id,
        link: link.id,
        token: request.token.clone(),
        resource: None,
    };
    inner.channels.lock().insert(request.id.clone(), channel);
    let opened = client.watch(link.into(), &request).await;
    let stored = match opened {
        Ok(opened) => keep(inner, link, &request, &opened, now).await.map_err(CallFailed::from),
        Err(error) => Err(error.into()),
    };
    if stored.is_err() {
        inner.channels.forget(&request.id);
    }
    stored
}

async fn keep(
    inner: &Inner,
    link: &Link,
    request: &WatchRequest,
    opened: &WatchChannel,
    now: DateTime<Utc>,
) -> Result<Option<WatchChannel>, StoreError> {
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let Some(mut stored) = transaction.link(link.id).await? else { return Ok(Some(opened.clone())) };
    let former = stored.webhook.replace(Webhook {
        id: opened.id.clone(),
        resource: opened.resource.clone(),
        token: request.token.clone(),
        expires_at: opened.expires_at,
    });
    transaction.put_link(&stored).await?;
    transaction
        .append_log(&LogEntry {
            at: now,
            integration_id: Some(link.integration_id),
            link_id: Some(link.id),
            event_id: None,
            action: LogAction::Webhook,
            outcome: LogOutcome::Succeeded,
            duration_ms: (inner.clock.now() - now).num_milliseconds(),
            detail: serde_json::json!({ "expires_at": opened.expires_at }),
        })
        .await?;
    transaction.commit().await?;
    inner.channels.admit(&stored);
    Ok(former.map(watched))
}

/// Ends a channel at the service and lets no more messages over it in.
pub(crate) async fn stop(inner: &Inner, client: &Client, channel: &WatchChannel) {
    inner.channels.forget(&channel.id);
    if let Err(error) = client.stop_watch(channel).await {
        tracing::info!(channel = %channel.id, %error, "a notification channel could not be stopped; it will end by itself");
    }
}

/// A stored channel in the provider's words.
pub(crate) fn watched(webhook: Webhook) -> WatchChannel {
    WatchChannel { id: webhook.id, resource: webhook.resource, expires_at: webhook.expires_at }
}

/// Binds the receiver's address, before anything else is begun. Returns the socket and its public address.
pub(crate) async fn bind(config: &WebhookConfig) -> Result<(TcpListener, Url), EngineError> {
    let unusable = |reason: String| EngineError::Environment { reason };
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
        unusable(format!(
            "The address {} for webhooks cannot be listened on: {error}. Choose another one with SYNODIC_WEBHOOK_LISTEN.",
            config.listen
        ))
    })?;
    let local = listener.local_addr().map_err(|error| unusable(error.to_string()))?;
    let base = match &config.public_url {
        Some(url) => url.clone(),
        None => loopback_address(local)?,
    };
    Ok((listener, base))
}

fn loopback_address(local: SocketAddr) -> Result<Url, EngineError> {
    Url::parse(&format!("http://{local}"))
        .map_err(|error| EngineError::Environment { reason: error.to_string() })
}

/// What messages are sent to.
pub(crate) fn router(inner: Weak<Inner>) -> Router {
    Router::new()
        .route(&format!("/{GOOGLE_PATH}"), post(google))
        .route(&format!("/{}", notion::PATH), post(notion::receive))
        .layer(DefaultBodyLimit::max(LARGEST_MESSAGE))
        .with_state(inner)
}

/// Answers messages until the engine stops.
pub(crate) async fn serve(
    inner: Weak<Inner>,
    listener: TcpListener,
    stop: tokio_util::sync::CancellationToken,
) {
    let router = router(inner);
    let stopped = async move { stop.cancelled().await };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
        tracing::error!(%error, "the webhook receiver ended");
    }
}

/// A message of Google's. Its body is empty and is not read.
async fn google(State(inner): State<Weak<Inner>>, headers: HeaderMap) -> StatusCode {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE };
    let message = Message::of_google(&headers);
    match inner.channels.judge(&message, inner.clock.now()) {
        Verdict::Pull { integration, link } => {
            if let Some(worker) = inner.worker(integration) {
                worker.told(link);
            }
            StatusCode::NO_CONTENT
        }
        Verdict::Greeting => StatusCode::NO_CONTENT,
        Verdict::Refused(status) => status,
    }
}

/// What a message says of itself.
#[derive(Clone, Copy, Debug, Default)]
struct Message<'a> {
    channel: &'a str,
    token: &'a str,
    resource: &'a str,
    state: &'a str,
}

impl<'a> Message<'a> {
    fn of_google(headers: &'a HeaderMap) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            channel: header("x-goog-channel-id"),
            token: header("x-goog-channel-token"),
            resource: header("x-goog-resource-id"),
            state: header("x-goog-resource-state"),
        }
    }
}

/// What a message is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The link is to be read.
    Pull { integration: IntegrationId, link: LinkId },
    /// The channel says that it is open.
    Greeting,
    /// It is not for us, or not from whom it says.
    Refused(StatusCode),
}

impl Channels {
    fn judge(&self, message: &Message<'_>, now: DateTime<Utc>) -> Verdict {
        let channel = self.lock().get(message.channel).cloned();
        let Some(channel) = channel else { return self.forged(StatusCode::NOT_FOUND, now) };
        if !is_same_secret(&channel.token, message.token) {
            return self.forged(StatusCode::FORBIDDEN, now);
        }
        if message.state == "sync" {
            return Verdict::Greeting;
        }
        if channel.resource.is_some_and(|resource| resource != message.resource) {
            return self.forged(StatusCode::FORBIDDEN, now);
        }
        match message.state {
            "exists" | "not_exists" => Verdict::Pull { integration: channel.integration, link: channel.link },
            _ => Verdict::Refused(StatusCode::BAD_REQUEST),
        }
    }

    fn forged(&self, status: StatusCode, now: DateTime<Utc>) -> Verdict {
        Verdict::Refused(self.turned_away(status, now))
    }

    /// The answer to a message that is not what it says.
    fn turned_away(&self, status: StatusCode, now: DateTime<Utc>) -> StatusCode {
        let is_bearable = self.forgeries.lock().unwrap_or_else(PoisonError::into_inner).count(now);
        if is_bearable { status } else { StatusCode::TOO_MANY_REQUESTS }
    }
}

/// Compares two secrets in a time that does not tell where they differ.
fn is_same_secret(ours: &str, theirs: &str) -> bool {
    let differences = ours.bytes().zip(theirs.bytes()).fold(0, |seen, (left, right)| seen | (left ^ right));
    ours.len() == theirs.len() && std::hint::black_box(differences) == 0
}

/// Starts the receiver on a socket that was bound before.
pub(crate) fn spawn(inner: &Arc<Inner>, listener: TcpListener) {
    let (weak, stop) = (Arc::downgrade(inner), inner.stop.clone());
    inner.tasks.spawn(serve(weak, listener, stop));
}

#[cfg(test)]
mod tests;
