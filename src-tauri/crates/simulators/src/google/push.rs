//! Watch channels: registering them, and sending their messages.
//!
//! A message says that something changed, never what. It is sent by a task of its own, so a slow receiver delays
//! nobody; messages may therefore overtake each other, as the real ones do.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use url::{Host, Url};

use super::error::ApiError;
use super::event::content::Object;
use super::options::PushOptions;
use super::scope::Need;
use super::state::{Identity, State};
use crate::chance;
use crate::clock::span;
use crate::post::plain_client;

/// A push message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushMessage {
    /// Where it goes.
    pub address: String,
    /// Its headers, `X-Goog-…`. There is no body.
    pub headers: Vec<(String, String)>,
}

/// What became of a push message: the status of the answer, or why there was none.
pub type Delivery = Pin<Box<dyn Future<Output = Result<u16, String>> + Send>>;

/// Carries push messages. The default one speaks HTTP; a test without sockets brings its own.
pub trait Courier: Debug + Send + Sync {
    /// Delivers one message.
    fn deliver(&self, message: PushMessage) -> Delivery;
}

/// Delivers over HTTP.
#[derive(Clone, Debug)]
struct HttpCourier(reqwest::Client);

impl HttpCourier {
    fn new() -> Self {
        Self(plain_client())
    }
}

impl Courier for HttpCourier {
    fn deliver(&self, message: PushMessage) -> Delivery {
        let mut request = self.0.post(&message.address).header("Content-Length", "0");
        for (name, value) in message.headers {
            request = request.header(name, value);
        }
        Box::pin(async move {
            match request.timeout(Duration::from_secs(10)).send().await {
                Ok(answer) => Ok(answer.status().as_u16()),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}

/// What a channel watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// The events of a calendar.
    Events(String),
    /// The calendar list of an account.
    CalendarList(String),
}

impl Resource {
    fn uri(&self) -> String {
        const BASE: &str = "https://www.googleapis.com/calendar/v3";
        match self {
            Self::Events(calendar) => {
                let encoded = url::form_urlencoded::byte_serialize(calendar.as_bytes()).collect::<String>();
                format!("{BASE}/calendars/{encoded}/events?alt=json")
            }
            Self::CalendarList(_) => format!("{BASE}/users/me/calendarList?alt=json"),
        }
    }

    /// An opaque name, the same for every channel that watches this.
    fn id(&self, seed: u64) -> String {
        use base64::Engine as _;
        let whose = match self {
            Self::Events(calendar) => ["events", calendar],
            Self::CalendarList(email) => ["calendarList", email],
        };
        let number = chance::number(seed, &whose);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(number.to_be_bytes().repeat(2))
    }
}

/// A watch channel.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) resource: Resource,
    pub(crate) resource_id: String,
    pub(crate) address: String,
    pub(crate) token: Option<String>,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) owner: String,
    /// The number of the last message.
    pub(crate) number: u64,
    /// Where its messages are sent from. Changes may come from outside of any runtime.
    runtime: Handle,
}

impl Channel {
    /// The `Channel` resource.
    pub(crate) fn render(&self) -> Value {
        let mut item = json!({
            "kind": "api#channel",
            "id": self.id,
            "resourceId": self.resource_id,
            "resourceUri": self.resource.uri(),
            "expiration": self.expires.timestamp_millis().to_string(),
        });
        if let Some(token) = &self.token {
            item["token"] = json!(token);
        }
        item
    }

    fn message(&self, state: &str) -> PushMessage {
        let mut headers = vec![
            ("X-Goog-Channel-ID".to_owned(), self.id.clone()),
            (
                "X-Goog-Channel-Expiration".to_owned(),
                self.expires.format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            ),
            ("X-Goog-Resource-ID".to_owned(), self.resource_id.clone()),
            ("X-Goog-Resource-URI".to_owned(), self.resource.uri()),
            ("X-Goog-Resource-State".to_owned(), state.to_owned()),
            ("X-Goog-Message-Number".to_owned(), self.number.to_string()),
        ];
        if let Some(token) = &self.token {
            headers.push(("X-Goog-Channel-Token".to_owned(), token.clone()));
        }
        PushMessage { address: self.address.clone(), headers }
    }
}

impl State {
    /// `events.watch` and `calendarList.watch`. Must be called within a runtime, from which messages will be sent.
    pub(crate) fn watch(
        &mut self,
        who: &Identity,
        resource: Resource,
        body: &Object,
    ) -> Result<Value, ApiError> {
        let resource = match resource {
            Resource::Events(calendar) => {
                Resource::Events(self.open(who, &calendar, Need::ReadEvents)?.0.id.clone())
            }
            list @ Resource::CalendarList(_) => list,
        };
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let id = text("id").filter(|id| !id.is_empty()).ok_or_else(|| ApiError::required("Required"))?;
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte);
        if id.len() > 64 || !id.bytes().all(legal) {
            return Err(ApiError::invalid("Invalid value for: channel.id"));
        }
        if !matches!(text("type"), Some("web_hook" | "webhook")) {
            return Err(ApiError::invalid("Invalid value for: channel.type"));
        }
        if text("token").is_some_and(|token| token.len() > 256) {
            return Err(ApiError::invalid("Invalid value for: channel.token"));
        }
        if self.channels.contains_key(id) {
            let message = format!("Channel id {id} not unique");
            return Err(ApiError::new(400, "global", "channelIdNotUnique", message));
        }
        let address = text("address").ok_or_else(|| ApiError::required("Required"))?;
        check_address(address, &self.options.push)?;
        let channel = Channel {
            id: id.to_owned(),
            resource_id: resource.id(self.options.seed),
            resource,
            address: address.to_owned(),
            token: text("token").map(str::to_owned),
            expires: self.expiry(body),
            owner: who.email.clone(),
            number: 1,
            runtime: Handle::current(),
        };
        let answer = channel.render();
        self.send(&channel, "sync");
        self.channels.insert(channel.id.clone(), channel);
        Ok(answer)
    }

    fn expiry(&self, body: &Object) -> DateTime<Utc> {
        let (now, push) = (self.now(), &self.options.push);
        // Both may come as numbers or as strings.
        let number =
            |value: &Value| value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        let ttl = body.get("params").and_then(|params| number(&params["ttl"]));
        let ttl = ttl.and_then(|seconds| chrono::TimeDelta::try_seconds(seconds.clamp(0, 1_000_000_000)));
        let until = body.get("expiration").and_then(number).and_then(DateTime::from_timestamp_millis);
        let wanted = until.or_else(|| ttl.map(|ttl| now + ttl)).unwrap_or(now + span(push.default_lifetime));
        wanted.min(now + span(push.longest_lifetime))
    }

    /// `channels.stop`.
    pub(crate) fn stop_channel(&mut self, who: &Identity, body: &Object) -> Result<(), ApiError> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let id = text("id");
        let known = self
            .channels
            .get(id)
            .is_some_and(|channel| channel.resource_id == text("resourceId") && channel.owner == who.email);
        if !known {
            let message = format!("Channel '{id}' not found for project");
            return Err(ApiError::new(404, "global", "notFound", message));
        }
        self.channels.remove(id);
        Ok(())
    }

    /// Tells everyone who watches a resource that it changed.
    pub(crate) fn notify(&mut self, resource: &Resource, state: &str) {
        let (now, seed) = (self.now(), self.options.seed);
        let watching = |channel: &&mut Channel| channel.resource == *resource && channel.expires > now;
        let told = self.channels.values_mut().filter(watching).map(|channel| {
            // The real numbers have gaps, and large ones.
            channel.number += 1 + chance::number(seed, &[&channel.id, &channel.number.to_string()]) % 5000;
            channel.clone()
        });
        let told = told.collect::<Vec<_>>();
        for channel in told {
            self.send(&channel, state);
        }
    }

    fn send(&mut self, channel: &Channel, state: &str) {
        let message = channel.message(state);
        let push = self.options.push.clone();
        let courier = match &push.courier {
            Some(courier) => Arc::clone(courier),
            None => Arc::clone(self.http_courier.get_or_insert_with(|| Arc::new(HttpCourier::new()))),
        };
        let question = [channel.id.as_str(), &channel.number.to_string()].concat();
        let happens = |share, what| chance::happens(self.options.seed, share, &[what, &question]);
        let copies = match (happens(push.lost, "lost"), happens(push.duplicated, "duplicated")) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        };
        for _ in 0..copies {
            channel.runtime.spawn(deliver(message.clone(), push.clone(), Arc::clone(&courier)));
        }
    }
}

/// Delivers a message, and tries again as long as the receiver asks for it with its status.
async fn deliver(message: PushMessage, push: PushOptions, courier: Arc<dyn Courier>) {
    let mut wait = push.delay;
    for attempt in 0..=push.retries {
        // Even a wait of nothing would be one for the machine's clock.
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        match courier.deliver(message.clone()).await {
            Ok(500 | 502 | 503 | 504) | Err(_) => {
                wait = push.first_retry.saturating_mul(2_u32.saturating_pow(attempt));
            }
            Ok(_) => return,
        }
    }
    tracing::debug!(address = %message.address, "gave up on a push message");
}

/// Accepts what the real service accepts, and plain-http loopback addresses where that is allowed.
fn check_address(address: &str, push: &PushOptions) -> Result<(), ApiError> {
    let not_https = || {
        let message = format!("WebHook callback must be HTTPS: {address}");
        ApiError::new(400, "global", "push.webhookUrlNotHttps", message)
    };
    let url = Url::parse(address).map_err(|_| ApiError::invalid("Invalid value for: channel.address"))?;
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback && push.allow_loopback => Ok(()),
        _ => Err(not_https()),
    }
}
