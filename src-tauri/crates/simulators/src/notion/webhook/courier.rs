//! Who carries webhooks.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::post::plain_client;

/// A webhook, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookMessage {
    /// Where it goes.
    pub url: String,
    /// Its headers besides those of any JSON.
    pub headers: Vec<(String, String)>,
    /// The bytes that were signed.
    pub body: String,
}

/// What became of a message: the status of the answer, or why there was none.
pub type Delivery = Pin<Box<dyn Future<Output = Result<u16, String>> + Send>>;

/// Carries webhooks. The default one speaks HTTP; a test without sockets brings its own.
pub trait Courier: Debug + Send + Sync {
    /// Delivers one message.
    fn deliver(&self, message: WebhookMessage) -> Delivery;
}

/// Delivers over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct HttpCourier(reqwest::Client);

impl HttpCourier {
    pub(crate) fn new() -> Self {
        Self(plain_client())
    }
}

impl Courier for HttpCourier {
    fn deliver(&self, message: WebhookMessage) -> Delivery {
        let mut request = self.0.post(&message.url).header("Content-Type", "application/json");
        for (name, value) in message.headers {
            request = request.header(name, value);
        }
        let request = request.body(message.body).timeout(Duration::from_secs(10));
        Box::pin(async move {
            match request.send().await {
                Ok(answer) => Ok(answer.status().as_u16()),
                Err(error) => Err(error.to_string()),
            }
        })
    }
}
