//! Subscriptions, which a person makes by hand in the developer portal.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::courier::WebhookMessage;
use crate::notion::version::Version;

/// A subscription to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSubscription {
    /// Where events go.
    pub url: String,
    /// The types of events; all of them when empty.
    #[serde(default)]
    pub events: Vec<String>,
    /// The bot of the connection it belongs to; the first one when absent.
    #[serde(default)]
    pub bot: Option<Uuid>,
    /// The version of the API in which events are written; the newest when absent.
    #[serde(default)]
    pub api_version: Option<String>,
}

/// How far a subscription has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// The token was sent and has not come back yet.
    Pending,
    /// Events are sent.
    Active,
    /// A person stopped it for a while.
    Paused,
}

/// A subscription.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) id: Uuid,
    pub(crate) bot: Uuid,
    pub(crate) integration: Uuid,
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) events: Vec<String>,
    pub(crate) version: Version,
    pub(crate) state: SubscriptionState,
}

impl Subscription {
    /// Whether events of this type are sent.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.state == SubscriptionState::Active
            && !kind.is_empty()
            && (self.events.is_empty() || self.events.iter().any(|wanted| wanted == kind))
    }

    /// The first message, which cannot be signed: the receiver does not know the token yet.
    pub(crate) fn handshake(&self) -> WebhookMessage {
        let body = json!({ "verification_token": self.token }).to_string();
        WebhookMessage { url: self.url.clone(), headers: Vec::new(), body }
    }

    /// A message with the signature of its bytes.
    pub(crate) fn signed(&self, body: String) -> WebhookMessage {
        let signature = hmac_sha256(self.token.as_bytes(), body.as_bytes());
        let hex = signature.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let header = ("X-Notion-Signature".to_owned(), format!("sha256={hex}"));
        WebhookMessage { url: self.url.clone(), headers: vec![header], body }
    }

    /// As the portal shows it.
    pub(crate) fn render(&self) -> Value {
        json!({
            "id": self.id,
            "bot": self.bot,
            "url": self.url,
            "events": self.events,
            "api_version": self.version.name(),
            "state": self.state,
            "verification_token": self.token,
        })
    }
}

/// HMAC-SHA256 as RFC 2104 describes it.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    let short = if key.len() > block.len() { Sha256::digest(key).to_vec() } else { key.to_vec() };
    for (slot, byte) in block.iter_mut().zip(short) {
        *slot = byte;
    }
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<_>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn signatures_are_those_of_rfc_4231() {
        // Test cases 2 and 6.
        assert_eq!(
            hex(&hmac_sha256(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex(&hmac_sha256(&[0xaa; 131], message)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
