//! Overrides that came before their series. They are held until a page names it; what is held at the end of a pull is
//! settled before the cursor moves on, so that none is lost.

use std::collections::{BTreeMap, BTreeSet};

use synodic_model::sync::Link;
use synodic_model::{EventStatus, ExternalId};
use synodic_providers::{Provider, RemoteChange, RemoteEvent};

use super::PullError;
use super::unreadable::of_unreadable_series;
use crate::engine::Inner;
use crate::services::Client;

/// More overrides without their series than any calendar has.
const LIMIT: usize = 10_000;

/// The overrides that wait, and the series that are known to be gone or cannot be read.
#[derive(Debug, Default)]
pub(super) struct Held {
    waiting: Vec<RemoteEvent>,
    gone: BTreeSet<ExternalId>,
    unreadable: BTreeSet<ExternalId>,
}

impl Held {
    /// Holds overrides whose series is not known; false when they are too many to be true.
    pub(super) fn hold(&mut self, overrides: Vec<RemoteEvent>) -> bool {
        self.waiting.extend(overrides);
        self.waiting.len() <= LIMIT
    }

    /// Adds to a page the waiting overrides whose series it names.
    pub(super) fn revive(&mut self, changes: &mut Vec<RemoteChange>) {
        let named = named(changes);
        self.gone.extend(changes.iter().filter_map(|change| match change {
            RemoteChange::Removed { id } => Some(id.clone()),
            RemoteChange::Present(_) | RemoteChange::Complete { .. } | RemoteChange::Unreadable { .. } => {
                None
            }
        }));
        self.unreadable.extend(changes.iter().filter_map(|change| match change {
            RemoteChange::Unreadable { id, .. } => id.clone(),
            RemoteChange::Present(_) | RemoteChange::Removed { .. } | RemoteChange::Complete { .. } => None,
        }));
        let (ready, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|held| series_of(held).is_some_and(|series| named.contains(series)));
        self.waiting = waiting;
        changes.extend(present(ready));
    }

    /// Completes the last page: the series of overrides that still wait are read. An override whose series is not in
    /// this calendar, as when somebody is invited to one occurrence only, stands for itself.
    pub(super) async fn release(
        &mut self,
        inner: &Inner,
        client: &Client,
        link: &Link,
        changes: Vec<RemoteChange>,
    ) -> Result<Vec<RemoteChange>, PullError> {
        let named = named(&changes);
        let (mut changes, mut by_series) = apart(changes);
        for held in std::mem::take(&mut self.waiting) {
            if let Some(series) = series_of(&held).cloned() {
                by_series.entry(series).or_default().push(held);
            }
        }
        let ids: Vec<_> = by_series.keys().cloned().collect();
        let known = inner.store.event_syncs_by_external(link.id, &ids).await?;
        let mut unreadable = std::mem::take(&mut self.unreadable);
        unreadable.extend(inner.store.unreadable(link.id).await?);
        for (series, overrides) in by_series {
            if named.contains(&series) || known.contains_key(&series) {
                changes.extend(present(overrides));
                continue;
            }
            if unreadable.contains(&series) {
                changes.extend(overrides.into_iter().map(of_unreadable_series));
                continue;
            }
            let master =
                if self.gone.contains(&series) { None } else { client.read(link.into(), &series).await? };
            match master {
                Some(master) => changes.extend(present([master]).chain(present(overrides))),
                // They were listed before it was deleted, and are gone with it.
                None if inner.echoes.is_deleted(link.id, &series) => {}
                None => changes.extend(present(overrides.into_iter().filter_map(standing_alone))),
            }
        }
        Ok(changes)
    }
}

/// The events that are there, by id.
fn named(changes: &[RemoteChange]) -> BTreeSet<ExternalId> {
    let ids = changes.iter().filter_map(|change| match change {
        RemoteChange::Present(remote) => Some(remote.id.clone()),
        RemoteChange::Removed { .. } | RemoteChange::Complete { .. } | RemoteChange::Unreadable { .. } => {
            None
        }
    });
    ids.collect()
}

/// Takes a page's overrides out of it, by series.
fn apart(changes: Vec<RemoteChange>) -> (Vec<RemoteChange>, BTreeMap<ExternalId, Vec<RemoteEvent>>) {
    let mut others = Vec::new();
    let mut by_series: BTreeMap<ExternalId, Vec<RemoteEvent>> = BTreeMap::new();
    for change in changes {
        match change {
            RemoteChange::Present(remote) => match series_of(&remote).cloned() {
                Some(series) => by_series.entry(series).or_default().push(*remote),
                None => others.push(RemoteChange::Present(remote)),
            },
            RemoteChange::Removed { .. }
            | RemoteChange::Complete { .. }
            | RemoteChange::Unreadable { .. } => {
                others.push(change);
            }
        }
    }
    (others, by_series)
}

fn series_of(remote: &RemoteEvent) -> Option<&ExternalId> {
    remote.occurrence_of.as_ref().map(|occurrence| &occurrence.series)
}

/// An override without its series, as an event of its own; a cancelled one is nothing.
fn standing_alone(remote: RemoteEvent) -> Option<RemoteEvent> {
    let is_on = remote.content.status != EventStatus::Cancelled;
    is_on.then_some(RemoteEvent { occurrence_of: None, ..remote })
}

fn present(events: impl IntoIterator<Item = RemoteEvent>) -> impl Iterator<Item = RemoteChange> {
    events.into_iter().map(|event| RemoteChange::Present(Box::new(event)))
}
