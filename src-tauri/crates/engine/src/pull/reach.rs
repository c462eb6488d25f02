//! Series that reach further than before.
//!
//! A listing of changes names a series whose rule was changed, but not what the service has had all along of occurrences
//! that the old rule did not yield and the new one does: one that was called off before the series was shortened is still
//! off when somebody makes it longer again. So the service is asked about the occurrences of a series whose rule has
//! changed. One that is moved to another time is not asked about: that gives up what was said of its occurrences.

use std::collections::BTreeMap;

use synodic_model::sync::{EventSync, Link};
use synodic_model::{ExternalId, Field, FieldSet};
use synodic_providers::{Class, Provider, ProviderError, RemoteChange, RemoteEvent};

use super::PullError;
use crate::engine::Inner;
use crate::error::CallFailed;
use crate::services::Client;

impl From<CallFailed> for PullError {
    fn from(error: CallFailed) -> Self {
        match error {
            CallFailed::Provider(error) => error.into(),
            CallFailed::Store(error) => error.into(),
        }
    }
}

/// What the service has of the occurrences of those series whose rule is another one than when both sides last agreed.
/// A series of which it will not say so is left to the next comparison.
pub(crate) async fn occurrences(
    inner: &Inner,
    client: &Client,
    link: &Link,
    changes: &[RemoteChange],
) -> Result<Vec<RemoteChange>, CallFailed> {
    let series: Vec<&RemoteEvent> = changes.iter().filter_map(series).collect();
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ExternalId> = series.iter().map(|series| series.id.clone()).collect();
    let known = inner.store.event_syncs_by_external(link.id, &ids).await?;
    let mut occurrences = Vec::new();
    for series in series.into_iter().filter(|series| has_another_rule(series, &known)) {
        match client.occurrences(link.into(), &series.id).await {
            Ok(named) => occurrences.extend(named),
            Err(error) if is_its_own(&error) => {
                tracing::warn!(link = %link.id, %error, "the occurrences of a series cannot be asked for");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(occurrences)
}

fn series(change: &RemoteChange) -> Option<&RemoteEvent> {
    match change {
        RemoteChange::Present(event) if event.content.recurrence.is_some() => Some(event),
        RemoteChange::Present(_)
        | RemoteChange::Removed { .. }
        | RemoteChange::Complete { .. }
        | RemoteChange::Unreadable { .. } => None,
    }
}

fn has_another_rule(series: &RemoteEvent, known: &BTreeMap<ExternalId, EventSync>) -> bool {
    let base = known.get(&series.id).and_then(|row| row.base.as_ref());
    let rule = FieldSet::NONE.with(Field::Recurrence);
    base.is_some_and(|base| !FieldSet::differing(rule, base, &series.content).is_empty())
}

/// Whether nothing but this question is refused, so that the pull may go on.
fn is_its_own(error: &ProviderError) -> bool {
    matches!(error.class(), Class::Permanent | Class::Conflict | Class::Resync)
        || matches!(error, ProviderError::Unreadable { .. })
}
