//! When a worker looks at which calendars its account has.

use chrono::TimeDelta;
use synodic_providers::Provider;

use super::Worker;
use crate::halt::Halt;
use crate::services::Client;

/// How often the account's calendars are listed. Only ever beside a pull, so that nobody is woken for it.
const LISTING_INTERVAL: TimeDelta = TimeDelta::minutes(15);

impl Worker {
    /// Whether the calendars are to be listed now: the person asks for everything, or it was a while ago.
    pub(super) fn wants_listing(&self, is_asked_for: bool, pulls: bool) -> bool {
        let now = self.inner.clock.now();
        let is_old = self
            .listed_at
            .is_none_or(|listed_at| !(TimeDelta::zero()..LISTING_INTERVAL).contains(&(now - listed_at)));
        is_asked_for || (self.inner.config.autonomous && pulls && is_old)
    }

    /// Lists the account's calendars, and lets links and calendars follow. A list that cannot be had keeps nobody.
    pub(super) async fn look_at_calendars(&mut self, client: &Client, pushed: &mut u32) -> Result<(), Halt> {
        let answer = self.beside_pushes(client, client.remote_calendars(), pushed).await?;
        match answer {
            Ok(listed) => {
                self.listed_at = Some(self.inner.clock.now());
                self.inner.take_listing(self.id, listed).await?;
                self.reload().await?;
            }
            Err(error) => match Halt::of(&error) {
                Some(halt) => return Err(halt),
                None => {
                    tracing::warn!(integration = %self.id, %error, "the calendars of an account cannot be listed");
                }
            },
        }
        Ok(())
    }
}
