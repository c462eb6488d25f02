//! What follows from how a turn went: a success that is written down, or a rest.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::LinkId;
use synodic_model::sync::IntegrationStatus;
use synodic_store::{Durability, StoreError};

use super::schedule::Rest;
use super::{PassReport, TROUBLED_INTERVAL, Worker};
use crate::error::EngineError;
use crate::halt::Halt;
use crate::queue::backoff;
use crate::services::Client;
use crate::sign_in::ending::explain;
use crate::status::Activity;

/// The rests after failures: of the network, of the service, of the disk.
const OFFLINE_RESTS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
const SERVICE_RESTS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(600));
const DISK_RESTS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));
/// A success is written down when the last one that was is this old.
const SUCCESS_KEPT_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Worker {
    /// The service answered, and all that was due is done.
    pub(super) async fn succeeded(&mut self, due: &BTreeSet<LinkId>, report: &PassReport) {
        let now = self.inner.clock.now();
        self.schedule.answered();
        self.inner.board.update(self.id, |standing| standing.storage = None);
        let is_complete = report.links.iter().all(|link| link.error.is_none());
        if !due.is_empty() && is_complete {
            self.expect_success(now);
            self.inner.board.update(self.id, |standing| standing.last_success_at = Some(now));
            if let Err(error) = self.keep_success(now).await {
                tracing::warn!(integration = %self.id, %error, "a success could not be written down");
            }
        }
        self.show(Activity::Idle, None).await;
    }

    async fn keep_success(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let is_recent = self
            .integration
            .last_success_at
            .is_some_and(|last| now - last < SUCCESS_KEPT_EVERY && last <= now);
        if is_recent && self.integration.last_error.is_none() {
            return Ok(());
        }
        let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
        if let Some(mut integration) = transaction.integration(self.id).await? {
            integration.last_success_at = Some(now);
            integration.last_error = None;
            transaction.put_integration(&integration).await?;
            transaction.commit().await?;
            self.integration = integration;
        }
        Ok(())
    }

    /// The account cannot go on for now. Returns why, for whoever waits for the pass.
    pub(super) async fn halted(&mut self, halt: Halt) -> Option<String> {
        let now = self.inner.clock.now();
        let chance = self.inner.chance.fraction();
        let rest = |(first, longest)| move |failures| backoff(failures, first, longest, chance);
        let (activity, reason) = match halt {
            Halt::Stopping => return Some("Synodic is closing".to_owned()),
            Halt::Offline { reason } => {
                let retry_at = self.schedule.rest(Rest::Offline, now, rest(OFFLINE_RESTS));
                (Activity::Offline { retry_at }, reason)
            }
            Halt::Rest { at_least, reason } => {
                let wait = |failures| rest(SERVICE_RESTS)(failures).max(at_least.unwrap_or_default());
                (Activity::BackingOff { until: self.schedule.rest(Rest::BackingOff, now, wait) }, reason)
            }
            Halt::Stalled => {
                self.must_release = true;
                let until = self.schedule.rest(Rest::BackingOff, now, rest(SERVICE_RESTS));
                (Activity::BackingOff { until }, "the service did not answer for ten minutes".to_owned())
            }
            Halt::Store(error) => {
                self.must_release = true;
                self.inner.store.note_damage(&error);
                self.inner.board.update(self.id, |standing| standing.storage = Some(error.to_string()));
                let until = self.schedule.rest(Rest::BackingOff, now, rest(DISK_RESTS));
                (Activity::BackingOff { until }, error.to_string())
            }
            Halt::SignIn { reason } => {
                let reason = explain(&self.integration, &reason, now);
                if let Err(error) = self.keep_refusal(&reason).await {
                    tracing::warn!(integration = %self.id, %error, "a refused sign-in could not be written down");
                }
                (Activity::NeedsSignIn, reason)
            }
        };
        tracing::info!(integration = %self.id, ?activity, %reason, "an account cannot go on for now");
        self.show(activity, Some(reason.clone())).await;
        Some(reason)
    }

    /// As [`Worker::halted`], unless what was refused is a sign-in that the person has renewed meanwhile.
    pub(super) async fn halted_over(&mut self, client: &Client, halt: Halt) -> Option<String> {
        match halt {
            Halt::SignIn { reason } if !self.inner.clients.is_current(self.id, client) => Some(reason),
            halt => self.halted(halt).await,
        }
    }

    async fn keep_refusal(&mut self, reason: &str) -> Result<(), StoreError> {
        self.integration.status = IntegrationStatus::NeedsSignIn;
        self.integration.last_error = Some(reason.to_owned());
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        if let Some(mut integration) = transaction.integration(self.id).await? {
            integration.status = IntegrationStatus::NeedsSignIn;
            integration.last_error = Some(reason.to_owned());
            transaction.put_integration(&integration).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// The program is not set up for this account.
    pub(super) async fn cannot_connect(&mut self, error: &EngineError) {
        let now = self.inner.clock.now();
        let until = self.schedule.rest(Rest::BackingOff, now, |_| TROUBLED_INTERVAL);
        self.show(Activity::BackingOff { until }, Some(error.to_string())).await;
    }

    pub(super) async fn show(&self, activity: Activity, message: Option<String>) {
        let listening = self.listening();
        self.inner.board.update(self.id, |standing| {
            standing.activity = activity;
            standing.message = message;
            standing.listening = listening;
        });
        self.inner.refresh_snapshot().await;
    }
}
