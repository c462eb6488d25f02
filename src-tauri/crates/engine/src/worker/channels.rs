//! The upkeep of an account's notification channels.

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::sync::{Link, ProviderKind};
use synodic_providers::Class;

use super::Worker;
use crate::error::CallFailed;
use crate::halt::Halt;
use crate::services::Client;
use crate::webhook;

/// How long a channel that was replaced is kept beside the new one.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// How long a service that would not open a channel is left alone; until then it is asked instead.
const CHANNEL_REST: TimeDelta = TimeDelta::minutes(10);
/// The same for one that has no channels.
const LONG_CHANNEL_REST: TimeDelta = TimeDelta::days(1);

impl Worker {
    /// Whether the service opens channels on request. At Notion a person makes one by hand, for all data sources.
    fn has_channels(&self) -> bool {
        self.integration.provider == ProviderKind::Google
    }

    /// When a channel is to be opened, renewed or stopped.
    pub(super) fn next_channel(&self) -> Option<DateTime<Utc>> {
        if !self.has_channels() {
            return None;
        }
        let now = self.inner.clock.now();
        let watched = self.links.iter().filter(|link| self.is_pulled(link));
        let due = watched.filter_map(|link| self.channel_due(link, now));
        let due = due.map(|due| due.max(self.channels_rest_until));
        let retired = self.retiring.iter().map(|(at, _)| *at);
        let next = due.chain(retired).min()?;
        // An account that rests is left alone with channels, too.
        Some(self.schedule.rests_until(now).map_or(next, |until| next.max(until)))
    }

    /// When a link's channel is to be opened or renewed; one over which nothing comes at once.
    fn channel_due(&self, link: &Link, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.deaf.contains(&link.id) { Some(now) } else { self.inner.channels.due(link, now) }
    }

    /// Opens and renews the channels that are due, and stops those that were replaced a while ago.
    pub(super) async fn keep_channels(&mut self, client: &Client, pushed: &mut u32) -> Result<(), Halt> {
        if !self.inner.config.autonomous || !self.has_channels() {
            return Ok(());
        }
        let now = self.inner.clock.now();
        for link in self.links.clone() {
            let is_due = self.is_pulled(&link) && self.channel_due(&link, now).is_some_and(|due| due <= now);
            if is_due && self.channels_rest_until <= now {
                self.open_channel(client, &link, now, pushed).await?;
            }
        }
        let (over, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.retiring).into_iter().partition(|(at, _)| *at <= now);
        self.retiring = kept;
        for (_, channel) in over {
            self.beside_pushes(client, webhook::stop(&self.inner, client, &channel), pushed).await?;
        }
        Ok(())
    }

    async fn open_channel(
        &mut self,
        client: &Client,
        link: &Link,
        now: DateTime<Utc>,
        pushed: &mut u32,
    ) -> Result<(), Halt> {
        let opening = webhook::open(&self.inner, client, link);
        match self.beside_pushes(client, opening, pushed).await? {
            Ok(former) => {
                self.deaf.remove(&link.id);
                self.retiring.extend(former.map(|channel| (now + OVERLAP, channel)));
                // What changed before the channel was open is told by nobody.
                self.marks.mark(|work| work.pull.mark(Some(link.id)));
                if let Err(error) = self.reload().await {
                    tracing::warn!(integration = %self.id, %error, "an account cannot be read");
                }
            }
            Err(error) => {
                tracing::info!(link = %link.id, %error, "no notification channel; the service is asked instead");
                let has_none =
                    matches!(&error, CallFailed::Provider(error) if error.class() == Class::Permanent);
                self.channels_rest_until = now + if has_none { LONG_CHANNEL_REST } else { CHANNEL_REST };
            }
        }
        Ok(())
    }

    /// Ends the channels of links that are about to go.
    pub(super) async fn close(&self, links: Vec<Link>) {
        let Ok(client) = self.inner.provider(&self.integration).await else { return };
        for link in links {
            // A channel may have been opened since whoever asks has looked.
            let latest = self.inner.store.link(link.id).await.ok().flatten();
            if let Some(webhook) = latest.unwrap_or(link).webhook {
                webhook::stop(&self.inner, &client, &webhook::watched(webhook)).await;
            }
        }
    }
}
