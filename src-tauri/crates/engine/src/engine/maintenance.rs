//! What is done by the day: a copy of the replica, and an end to what is old. And by the minute: a look at whether an
//! account should have answered by now.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use synodic_store::{Durability, StoreError};

use super::Inner;

/// How often the snapshot is looked at although nothing happened.
const TICK: TimeDelta = TimeDelta::minutes(1);
/// The setting that keeps the day on which refused edits were tried again.
const REFUSED_TRIED: &str = "refused_tried";
/// How long completed rows and history are kept.
const HISTORY: TimeDelta = TimeDelta::days(30);

/// Runs until the engine stops.
pub(super) async fn run(inner: Arc<Inner>) {
    let mut last_day: Option<NaiveDate> = None;
    let mut pause = inner.pause.subscribe();
    loop {
        let now = inner.clock.now();
        if last_day != Some(now.date_naive()) {
            last_day = Some(now.date_naive());
            daily(&inner, now).await;
        }
        end_pause(&inner, now).await;
        inner.refresh_snapshot().await;
        let tick = pause_end(&inner).map_or(now + TICK, |end| end.min(now + TICK));
        tokio::select! {
            biased;
            () = inner.stop.cancelled() => return,
            changed = pause.changed() => if changed.is_err() { return },
            () = inner.clock.sleep_until(tick) => {}
        }
    }
}

async fn daily(inner: &Inner, now: DateTime<Utc>) {
    match inner.store.backup_if_due(now).await {
        Ok(Some(path)) => tracing::info!(path = %path.display(), "the replica was copied"),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the replica could not be copied"),
    }
    if let Err(error) = inner.store.audit().await {
        tracing::warn!(%error, "the database was found to be damaged; it is repaired at the next start");
    }
    if let Err(error) = inner.prune_history().await {
        tracing::warn!(%error, "the old history of events could not be removed");
    }
    if let Err(error) = try_refused(inner, now).await {
        tracing::warn!(%error, "what was refused could not be tried again");
    }
    if let Err(error) = prune(inner, now).await {
        tracing::warn!(%error, "old history could not be removed");
    }
}

/// Has what was refused tried again, once a day however often the program is started.
async fn try_refused(inner: &Inner, now: DateTime<Utc>) -> Result<(), StoreError> {
    let today = serde_json::json!(now.date_naive());
    let last = inner.store.setting(REFUSED_TRIED).await?;
    if last.as_ref() == Some(&today) {
        return Ok(());
    }
    let mut transaction = inner.store.begin(Durability::Pulled).await?;
    transaction.set_setting(REFUSED_TRIED, &today).await?;
    transaction.commit().await?;
    if last.is_some() {
        for worker in inner.all_workers().into_values() {
            worker.try_refused();
        }
    }
    Ok(())
}

async fn prune(inner: &Inner, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut transaction = inner.store.begin(Durability::Pulled).await?;
    transaction.prune(now - HISTORY).await?;
    transaction.commit().await
}

fn pause_end(inner: &Inner) -> Option<DateTime<Utc>> {
    inner.pause.borrow().and_then(|pause| pause.until)
}

async fn end_pause(inner: &Inner, now: DateTime<Utc>) {
    if pause_end(inner).is_some_and(|end| end <= now)
        && let Err(error) = inner.set_pause(None).await
    {
        tracing::warn!(%error, "a pause could not be ended");
    }
}
