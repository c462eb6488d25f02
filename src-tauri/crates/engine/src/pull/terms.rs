//! On which terms changes over a link are judged.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::matching::likeness;
use synodic_model::sync::Link;
use synodic_providers::{Provider, RemoteChange, ServerTime};
use synodic_store::StoreError;

use super::plan::{Strangers, Terms};
use crate::clock;
use crate::engine::Inner;
use crate::services::Client;

/// Less than this is how exactly services tell the time.
const LEAST_SKEW: TimeDelta = TimeDelta::seconds(2);

/// The terms on which changes over `link` are judged now.
pub(crate) async fn terms(inner: &Inner, client: &Client, link: Link) -> Result<Terms, StoreError> {
    let now = inner.clock.now();
    Ok(Terms {
        provider: client.kind(),
        expressible: client.expressible((&link).into()),
        policy: inner.policy_of(&link).await?,
        skew: skew(client.server_time(), now),
        keeps_missing: false,
        strangers: Arc::default(),
        in_doubt: inner.echoes.in_doubt(link.id),
        deletions_in_doubt: inner.echoes.deletions_in_doubt(link.id),
        run: None,
        asked_at: now,
        now,
        link,
    })
}

/// How far the service's clock is ahead of ours. It tells the second only, so little is nothing.
fn skew(server: Option<ServerTime>, now: DateTime<Utc>) -> TimeDelta {
    let Some(server) = server else { return TimeDelta::zero() };
    let since = Duration::from_secs(server.heard.elapsed().as_secs());
    let skew = clock::after(server.at, since) - now;
    if skew.abs() < LEAST_SKEW { TimeDelta::zero() } else { skew }
}

/// What a first pull may meet by its looks: events that the remote is not known to have.
pub(super) async fn strangers(inner: &Inner, link: &Link) -> Result<Arc<Strangers>, StoreError> {
    if link.last_pulled_at.is_some() {
        return Ok(Arc::default());
    }
    let mut strangers = Strangers::default();
    for event in inner.store.events_unknown_to(link.calendar_id, link.id).await? {
        if let Some(likeness) = likeness(&event.content) {
            strangers.entry(likeness).or_default().push(event.id);
        }
    }
    Ok(Arc::new(strangers))
}

/// How long ago the service took a change that we meet now. Our own writes come back too, and are none.
pub(super) fn delay(inner: &Inner, terms: &Terms, change: &RemoteChange) -> Option<TimeDelta> {
    let RemoteChange::Present(remote) = change else { return None };
    let delay = terms.now - remote.updated_at?;
    (delay >= TimeDelta::zero() && !inner.echoes.is_own(terms.link.id, remote)).then_some(delay)
}
