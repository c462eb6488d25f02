//! Messages from Notion.
//!
//! A subscription is made by hand in Notion's developer portal. Notion first sends a token, which cannot be told from one
//! that anybody else sends; so one is taken only while the person has said that they are about to make a subscription
//! ([`ENROLMENT`]), and is shown to them to paste back. From then on it signs every message, over the bytes as they came.
//!
//! A message marks links as due and names pages to look at, for a listing of changes does not show what was trashed. It
//! says nothing else that is believed: duplicates, reorderings and messages about what is not ours do no harm.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use synodic_model::sync::{Integration, Link, ProviderKind};
use synodic_model::{ExternalId, IntegrationId};
use synodic_providers::{Provider, Tokens};
use ts_rs::TS;
use url::Url;
use uuid::Uuid;

use super::is_same_secret;
use crate::engine::{Engine, Inner};
use crate::error::EngineError;

/// Where Notion's messages arrive.
pub(super) const PATH: &str = "webhooks/notion";
/// How long a token is waited for.
const ENROLMENT: TimeDelta = TimeDelta::minutes(15);
/// How long the ids of messages are remembered: longer than Notion repeats them.
const REMEMBERED: TimeDelta = TimeDelta::hours(50);
/// And how many at most.
const REMEMBERED_LIMIT: usize = 20_000;
/// The longest token that is taken.
const TOKEN_LIMIT: usize = 500;

/// A subscription at Notion, as the person who makes it sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NotionWebhook {
    /// The address to enter in Notion's developer portal.
    pub address: String,
    /// Until when Notion's token is waited for; none when nobody waits.
    pub open_until: Option<DateTime<Utc>>,
    /// The token to paste back; there while it is waited for, once Notion has sent it.
    pub token: Option<String>,
    /// Whether signed messages arrive.
    pub live: bool,
}

/// What is known of Notion's messages.
#[derive(Debug, Default)]
pub(crate) struct NotionMessages {
    state: Mutex<Messages>,
}

#[derive(Debug, Default)]
struct Messages {
    enrolments: BTreeMap<IntegrationId, Enrolment>,
    /// The tokens that sign messages, as far as they were looked up.
    tokens: BTreeMap<IntegrationId, Option<String>>,
    live: BTreeMap<IntegrationId, DateTime<Utc>>,
    seen: BTreeMap<String, DateTime<Utc>>,
}

#[derive(Clone, Debug)]
struct Enrolment {
    until: DateTime<Utc>,
    token: Option<String>,
}

impl NotionMessages {
    fn lock(&self) -> MutexGuard<'_, Messages> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a token is waited for.
    pub(crate) fn is_enrolling(&self, now: DateTime<Utc>) -> bool {
        self.lock().enrolments.values().any(|enrolment| enrolment.until > now)
    }

    /// Whether signed messages arrive for an account.
    pub(crate) fn are_coming(&self, integration: IntegrationId) -> bool {
        self.lock().live.contains_key(&integration)
    }

    /// A change was found that no message spoke of: messages are no longer counted on until the next one arrives.
    pub(crate) fn missed(&self, integration: IntegrationId) {
        if self.lock().live.remove(&integration).is_some() {
            tracing::info!(%integration, "Notion no longer tells of changes; it is asked instead");
        }
    }

    /// Notes a message; false when it has come before.
    fn is_new(&self, id: &str, now: DateTime<Utc>) -> bool {
        let mut messages = self.lock();
        messages.seen.retain(|_, at| now - *at < REMEMBERED);
        if messages.seen.len() >= REMEMBERED_LIMIT {
            let oldest = messages.seen.iter().min_by_key(|(_, at)| **at).map(|(id, _)| id.clone());
            oldest.map(|id| messages.seen.remove(&id));
        }
        messages.seen.insert(id.to_owned(), now).is_none()
    }
}

impl Engine {
    /// Waits for the token of a subscription that the person is about to make in Notion's developer portal.
    ///
    /// # Errors
    /// [`EngineError::Environment`] when Notion cannot call us, [`EngineError::NotFound`] when there is no such account.
    pub async fn begin_notion_webhook(
        &self,
        integration: IntegrationId,
    ) -> Result<NotionWebhook, EngineError> {
        self.integration(integration).await?;
        let until = self.inner.clock.now() + ENROLMENT;
        let enrolment = Enrolment { until, token: None };
        self.inner.notion_messages.lock().enrolments.insert(integration, enrolment);
        self.notion_webhook(integration).await
    }

    /// How a subscription stands.
    ///
    /// # Errors
    /// As [`Engine::begin_notion_webhook`].
    pub async fn notion_webhook(&self, integration: IntegrationId) -> Result<NotionWebhook, EngineError> {
        self.integration(integration).await?;
        let address = self.inner.channels.notion_address().ok_or_else(|| EngineError::Environment {
            reason: "Notion cannot reach Synodic. Set SYNODIC_WEBHOOK_URL to a public https address that leads here, and \
                     start Synodic again."
                .into(),
        })?;
        let now = self.inner.clock.now();
        let messages = self.inner.notion_messages.lock();
        let enrolment = messages.enrolments.get(&integration).filter(|enrolment| enrolment.until > now);
        Ok(NotionWebhook {
            address: address.into(),
            open_until: enrolment.map(|enrolment| enrolment.until),
            token: enrolment.and_then(|enrolment| enrolment.token.clone()),
            live: messages.live.contains_key(&integration),
        })
    }
}

/// What Notion sends, as far as it is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    verification_token: Option<String>,
    id: String,
    #[serde(rename = "type")]
    kind: String,
    entity: Named,
    data: Data,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Data {
    parent: Named,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data_source_id: Option<String>,
}

/// A message of Notion's.
pub(super) async fn receive(State(inner): State<Weak<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some(inner) = inner.upgrade() else { return StatusCode::SERVICE_UNAVAILABLE };
    let Ok(message) = serde_json::from_slice::<Message>(&body) else {
        return inner.channels.turned_away(StatusCode::BAD_REQUEST, inner.clock.now());
    };
    if let Some(token) = message.verification_token {
        return greet(&inner, &token).await;
    }
    let signature =
        headers.get("x-notion-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match signed_by(&inner, &body, signature).await {
        Some(integration) => {
            believe(&inner, &integration, &message).await;
            StatusCode::OK
        }
        None => inner.channels.turned_away(StatusCode::FORBIDDEN, inner.clock.now()),
    }
}

/// Takes the token of a new subscription, if one is waited for.
async fn greet(inner: &Inner, token: &str) -> StatusCode {
    let now = inner.clock.now();
    let is_sound =
        (1..=TOKEN_LIMIT).contains(&token.len()) && token.chars().all(|letter| letter.is_ascii_graphic());
    let waiting = {
        let messages = inner.notion_messages.lock();
        let mut waiting = messages.enrolments.iter().filter(|(_, enrolment)| enrolment.until > now);
        waiting.next().map(|(integration, _)| *integration)
    };
    let Some(integration) = waiting.filter(|_| is_sound) else {
        return inner.channels.turned_away(StatusCode::FORBIDDEN, now);
    };
    if let Err(error) = keep_token(inner, integration, token).await {
        tracing::warn!(%integration, %error, "the token of a webhook subscription could not be kept");
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let mut messages = inner.notion_messages.lock();
    if let Some(enrolment) = messages.enrolments.get_mut(&integration) {
        enrolment.token = Some(token.to_owned());
    }
    messages.tokens.insert(integration, Some(token.to_owned()));
    tracing::info!(%integration, "Notion has sent the token of a webhook subscription");
    StatusCode::OK
}

async fn keep_token(inner: &Inner, integration: IntegrationId, token: &str) -> Result<(), EngineError> {
    let Some(integration) = inner.store.integration(integration).await? else {
        return Err(EngineError::NotFound { what: "account" });
    };
    let tokens = Tokens { access_token: token.to_owned(), refresh_token: None, expires_at: None };
    Ok(inner.secrets.vault(ProviderKind::Notion, &secret_name(&integration)).store(&tokens).await?)
}

fn secret_name(integration: &Integration) -> String {
    format!("webhook:{}", integration.account)
}

/// The account whose subscription has signed a message.
async fn signed_by(inner: &Inner, body: &[u8], signature: &str) -> Option<Integration> {
    let integrations = inner.store.integrations().await.ok()?;
    for integration in integrations.into_iter().filter(|known| known.provider == ProviderKind::Notion) {
        if let Some(token) = token_of(inner, &integration).await
            && is_same_secret(&format!("sha256={}", hex(&hmac(token.as_bytes(), body))), signature)
        {
            return Some(integration);
        }
    }
    None
}

async fn token_of(inner: &Inner, integration: &Integration) -> Option<String> {
    if let Some(known) = inner.notion_messages.lock().tokens.get(&integration.id) {
        return known.clone();
    }
    let vault = inner.secrets.vault(ProviderKind::Notion, &secret_name(integration));
    let token = match vault.load().await {
        Ok(tokens) => tokens.map(|tokens| tokens.access_token),
        // A keyring that is locked now may be open at the next message.
        Err(_) => return None,
    };
    inner.notion_messages.lock().tokens.insert(integration.id, token.clone());
    token
}

/// Marks what a message is about.
async fn believe(inner: &Inner, integration: &Integration, message: &Message) {
    let now = inner.clock.now();
    {
        let mut messages = inner.notion_messages.lock();
        messages.live.insert(integration.id, now);
        // The subscription works; no other token is waited for.
        messages.enrolments.remove(&integration.id);
    }
    if message.id.is_empty() || !inner.notion_messages.is_new(&message.id, now) {
        return;
    }
    let Ok(links) = inner.store.links_of_integration(integration.id).await else { return };
    let Some(worker) = inner.worker(integration.id) else { return };
    for link in concerned(&links, message) {
        if message.kind.starts_with("page.")
            && let Some(page) = id(&message.entity.id)
            && let Ok(client) = inner.provider(integration).await
        {
            client.suspect(&link.remote_calendar_id, ExternalId::new(page));
        }
        worker.told(link.id);
    }
}

/// The links that a message may be about. A page that has moved, or of which not even the data source is told, may have
/// been anywhere.
fn concerned<'a>(links: &'a [Link], message: &Message) -> Vec<&'a Link> {
    let parent = &message.data.parent;
    let source = match message.kind.split('.').next() {
        Some("data_source") => id(&message.entity.id),
        Some("page") if matches!(message.kind.as_str(), "page.moved" | "page.deleted" | "page.undeleted") => {
            None
        }
        Some("page") => {
            let named =
                parent.data_source_id.as_deref().or((parent.kind == "data_source").then_some(&parent.id));
            named.and_then(id)
        }
        _ => return Vec::new(),
    };
    let is_concerned = |link: &&Link| {
        source.as_ref().is_none_or(|source| id(link.remote_calendar_id.as_str()).as_ref() == Some(source))
    };
    links.iter().filter(|link| link.direction.pulls()).filter(is_concerned).collect()
}

/// An id in the one form in which ours are kept.
fn id(text: &str) -> Option<String> {
    Uuid::parse_str(text).ok().map(|id| id.hyphenated().to_string())
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block.iter_mut().zip(Sha256::digest(key)).for_each(|(place, byte)| *place = byte);
    } else {
        block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
    }
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where Notion is to call.
pub(super) fn address(base: &Url) -> Url {
    super::joined(base, PATH)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    use serde_json::{Value, json};
    use synodic_model::sync::SyncDirection;

    use super::*;
    use crate::edit::tests::world::World;

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let table: [(&[u8], &[u8], &str); 3] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, expected) in table {
            assert_eq!(hex(&hmac(key, message)), expected);
        }
    }

    #[test]
    fn a_message_that_comes_twice_counts_once_and_is_forgotten_in_time() {
        let messages = NotionMessages::default();
        let now = DateTime::UNIX_EPOCH;
        assert!(messages.is_new("a", now));
        assert!(!messages.is_new("a", now + TimeDelta::hours(24)), "the last repetition comes a day later");
        assert!(messages.is_new("a", now + TimeDelta::hours(100)));
    }

    /// A message with members that are missing, of another kind, or odd; or bytes that are none.
    fn body() -> impl Strategy<Value = Vec<u8>> {
        let word = prop_oneof![
            Just(json!("page.content_updated")),
            Just(json!("page.moved")),
            Just(json!("data_source.schema_updated")),
            Just(json!("page")),
            Just(json!("data_source")),
            Just(json!("5f0c1ed1-4d0e-8c3f-a2b1-000000000001")),
            Just(json!("{5f0c1ed14d0e8c3fa2b1000000000001}")),
            "\\PC{0,40}".prop_map(Value::from),
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            Just(json!([{}])),
        ];
        let members = prop::collection::vec(prop::option::weighted(0.8, word), 8);
        let message = members.prop_map(|members| {
            let [token, id, kind, page, entity, parent, parents, source] = members.try_into().unwrap();
            let own = |members: Vec<(&str, Option<Value>)>| {
                let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
                Value::Object(members.collect())
            };
            let parent = own(vec![("id", parent), ("type", parents), ("data_source_id", source)]);
            let message = own(vec![
                ("verification_token", token.filter(|_| id.is_none())),
                ("id", id),
                ("type", kind),
                ("entity", Some(own(vec![("id", page), ("type", entity)]))),
                ("data", Some(json!({ "parent": parent }))),
            ]);
            message.to_string().into_bytes()
        });
        prop_oneof![4 => message, 1 => prop::collection::vec(any::<u8>(), 0..200)]
    }

    #[test]
    fn whatever_comes_is_answered_and_only_what_is_signed_is_believed() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let world = runtime.block_on(World::new());
        let inner = &world.engine.inner;
        let (links, account) = runtime.block_on(async {
            let link = world.link(SyncDirection::Bidirectional).await;
            let links = vec![inner.store.link(link).await.unwrap().unwrap()];
            let account = inner.store.integration(links[0].integration_id).await.unwrap().unwrap();
            let account = Integration { provider: ProviderKind::Notion, ..account };
            let mut transaction = inner.store.begin(synodic_store::Durability::Edit).await.unwrap();
            transaction.put_integration(&account).await.unwrap();
            transaction.commit().await.unwrap();
            (links, account)
        });
        inner.notion_messages.lock().tokens.insert(account.id, Some("token".to_owned()));
        let mut runner = TestRunner::new(Config::default());
        let outcome = runner.run(&(body(), any::<bool>()), |(body, is_signed)| {
            let key: &[u8] = if is_signed { b"token" } else { b"tokem" };
            let mut headers = HeaderMap::new();
            let signature = format!("sha256={}", hex(&hmac(key, &body)));
            headers.insert("x-notion-signature", signature.parse().unwrap());
            let answer = receive(State(Arc::downgrade(inner)), headers, Bytes::from(body.clone()));
            let status = runtime.block_on(answer);
            let read = serde_json::from_slice::<Message>(&body);
            let is_message = read.as_ref().is_ok_and(|message| message.verification_token.is_none());
            prop_assert_eq!(status == StatusCode::OK, is_message && is_signed, "{}", status);
            if let Ok(message) = read {
                prop_assert!(concerned(&links, &message).len() <= links.len());
            }
            Ok(())
        });
        outcome.unwrap();
    }
}
