//! Events that somebody moved here from another calendar of the account.
//!
//! A listing names such an event as if it were new. When another link has it under the same id, that calendar is asked
//! whether it still does: where it is gone, it is taken out there first, and returns here as what it was
//! ([`crate::departed`]). A meeting to which both calendars are invited has one id in both, and stays in both.

use std::collections::BTreeMap;

use synodic_model::sync::Link;
use synodic_model::{EventId, ExternalId};
use synodic_providers::{Provider, RemoteChange};
use synodic_store::{Durability, StoreError, Transaction};

use super::{PullError, apply_changes, tell, terms};
use crate::departed::Departure;
use crate::engine::Inner;
use crate::services::Client;

/// Takes events that were moved to `link` out of the calendars that they have left.
pub(super) async fn let_go(
    inner: &Inner,
    client: &Client,
    link: &Link,
    changes: &[RemoteChange],
) -> Result<(), PullError> {
    let ids: Vec<ExternalId> = arrivals(changes).cloned().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let known = inner.store.event_syncs_by_external(link.id, &ids).await?;
    let ids: Vec<ExternalId> = ids.into_iter().filter(|id| !known.contains_key(id)).collect();
    for other in inner.store.links_of_integration(link.integration_id).await? {
        if other.id == link.id || other.calendar_id == link.calendar_id || !other.direction.pulls() {
            continue;
        }
        for id in inner.store.event_syncs_by_external(other.id, &ids).await?.into_keys() {
            if client.read((&other).into(), &id).await?.is_none() {
                let terms = terms(inner, client, other.clone()).await?;
                let mut transaction = inner.store.begin(Durability::Pulled).await?;
                let removal = vec![RemoteChange::Removed { id }];
                let applied = apply_changes(&mut transaction, inner, &terms, removal, None).await?;
                transaction.commit().await?;
                tell(inner, &terms, &applied.woken, applied.tally);
            }
        }
    }
    Ok(())
}

/// The ids of events and series that a page names.
fn arrivals(changes: &[RemoteChange]) -> impl Iterator<Item = &ExternalId> {
    changes.iter().filter_map(|change| match change {
        RemoteChange::Present(remote) if remote.occurrence_of.is_none() => Some(&remote.id),
        RemoteChange::Present(_)
        | RemoteChange::Removed { .. }
        | RemoteChange::Complete { .. }
        | RemoteChange::Unreadable { .. } => None,
    })
}

/// The events among `changes` that left another calendar of the account a moment ago, and are nowhere now.
pub(super) async fn returning(
    transaction: &mut Transaction,
    inner: &Inner,
    link: &Link,
    changes: &[RemoteChange],
) -> Result<BTreeMap<ExternalId, Departure>, StoreError> {
    let mut found: BTreeMap<ExternalId, Departure> = arrivals(changes)
        .filter_map(|id| Some((id.clone(), inner.departures.find(link.integration_id, id)?)))
        .collect();
    let ids: Vec<EventId> = found.values().map(|departure| departure.event).collect();
    if !ids.is_empty() {
        let there = transaction.events_by_ids(&ids).await?;
        found.retain(|_, departure| !there.contains_key(&departure.event));
    }
    Ok(found)
}
