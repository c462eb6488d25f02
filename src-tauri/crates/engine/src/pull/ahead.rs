//! Asks for the next page while the last one is written down: a service takes its time to answer, and so does the disk.

use serde_json::Value;
use synodic_model::sync::Link;
use synodic_providers::{Provider, ProviderError, PullPage, PullPosition};
use tokio_util::task::AbortOnDropHandle;

use crate::services::Client;

/// A page that was asked for before it is needed. Nobody waits for it any more when this is dropped.
#[derive(Debug)]
pub(super) struct Ahead {
    position: PullPosition,
    /// What was agreed on about the link when this was asked.
    settings: Value,
    answer: AbortOnDropHandle<Result<PullPage, ProviderError>>,
}

impl Ahead {
    /// Asks for the page of `link` at `position`.
    pub(super) fn ask(client: &Client, link: &Link, position: &PullPosition) -> Self {
        let (client, asked, at) = (client.clone(), link.clone(), position.clone());
        let answer = tokio::spawn(async move { client.pull((&asked).into(), &at).await });
        Self {
            position: position.clone(),
            settings: link.settings.clone(),
            answer: AbortOnDropHandle::new(answer),
        }
    }

    /// The answer, if it is the one to what would be asked now.
    pub(super) async fn answer(
        self,
        link: &Link,
        position: &PullPosition,
    ) -> Option<Result<PullPage, ProviderError>> {
        if self.position != *position || self.settings != link.settings {
            return None;
        }
        // An answer that cannot be had is asked for once more, by whoever needs it.
        self.answer.await.ok()
    }
}
