//! The next occurrences of series as pages of their own, where a person wants them (Notion).
//!
//! The replica holds no rows for occurrences that nobody has edited, so neither do the rows of what was synced: which
//! pages follow their series, and what they said when we left them, is kept as a setting beside the link.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use synodic_model::recurrence::expand;
use synodic_model::sync::{Link, ProviderKind};
use synodic_model::{Event, EventContent, TimeWindow};
use synodic_providers::notion::{Followed, Mapping, Upcoming};
use synodic_providers::{Provider, RemoteOccurrence};
use synodic_store::{Durability, StoreError, Transaction};

use crate::engine::Inner;
use crate::pull::{PullError, apply_changes, tell, terms};
use crate::services::Client;

/// How far ahead the next occurrences are looked for.
const HORIZON: TimeDelta = TimeDelta::days(5 * 366);

/// Brings the pages of a link's next occurrences up to what their series say, and takes in what a person has made of
/// them.
pub(crate) async fn follow(inner: &Inner, client: &Client, link: &Link) -> Result<(), PullError> {
    if client.kind() != ProviderKind::Notion || !link.direction.pushes() {
        return Ok(());
    }
    let followed = followed(inner, link).await?;
    let mapping = Mapping::of(&link.settings);
    if mapping.upcoming == 0 && followed.is_empty() {
        return Ok(());
    }
    let Some(notion) = client.as_notion() else { return Ok(()) };
    let (wanted, own) = wanted(inner, link, &mapping).await?;
    let before = followed.clone();
    let following = notion.follow(link.into(), wanted, &own, followed).await?;
    if following.followed == before && following.changes.is_empty() {
        return Ok(());
    }
    let mut transaction = inner.store.begin(Durability::Edit).await?;
    let Some(link) = transaction.link(link.id).await? else { return Ok(()) };
    let terms = terms(inner, client, link.clone()).await?;
    let applied = apply_changes(&mut transaction, inner, &terms, following.changes, None).await?;
    keep(&mut transaction, &link, &following.followed).await?;
    transaction.commit().await?;
    tell(inner, &terms, &applied.woken, applied.tally);
    Ok(())
}

/// How many pages of next occurrences another mapping makes and removes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageChange {
    /// Pages to be made.
    pub(crate) made: usize,
    /// Pages to be put in the trash.
    pub(crate) removed: usize,
}

/// What [`follow`] would make and remove with another mapping, as far as is known here. Asks no service.
pub(crate) async fn change(inner: &Inner, link: &Link, mapping: &Mapping) -> Result<PageChange, StoreError> {
    if !link.direction.pushes() || mapping.upcoming == Mapping::of(&link.settings).upcoming {
        return Ok(PageChange::default());
    }
    let now = inner.clock.now();
    let (wanted, own) = wanted(inner, link, mapping).await?;
    let own: BTreeSet<_> = own.iter().map(|one| (&one.series, one.original_start.key())).collect();
    let wanted: BTreeSet<_> = wanted
        .iter()
        .map(|one| (&one.series, one.original_start.key()))
        .filter(|place| !own.contains(place))
        .collect();
    let followed = followed(inner, link).await?;
    let there: BTreeSet<_> = followed
        .iter()
        .filter(|one| one.ends_at > now)
        .map(|one| (&one.series, one.original_start.key()))
        .filter(|place| !own.contains(place))
        .collect();
    Ok(PageChange { made: wanted.difference(&there).count(), removed: there.difference(&wanted).count() })
}

/// Where the pages that follow their series are kept.
fn key(link: &Link) -> String {
    format!("upcoming:{}", link.id)
}

async fn followed(inner: &Inner, link: &Link) -> Result<Vec<Followed>, StoreError> {
    let known = inner.store.setting(&key(link)).await?;
    Ok(known.and_then(|known| serde_json::from_value(known).ok()).unwrap_or_default())
}

async fn keep(transaction: &mut Transaction, link: &Link, followed: &[Followed]) -> Result<(), StoreError> {
    transaction.set_setting(&key(link), &json!(followed)).await
}

/// The occurrences that shall have a page, and those that have been edited and are pages of the usual kind.
async fn wanted(
    inner: &Inner,
    link: &Link,
    mapping: &Mapping,
) -> Result<(Vec<Upcoming>, Vec<RemoteOccurrence>), StoreError> {
    let ids = inner.store.events_of_calendar(link.calendar_id).await?;
    let events = inner.store.events_by_ids(&ids).await?;
    let (mut wanted, mut own) = (Vec::new(), Vec::new());
    let now = inner.clock.now();
    for series in events.values().filter(|event| event.deleted_at.is_none()) {
        let Some(row) = inner.store.event_sync(series.id, link.id).await? else { continue };
        let (Some(page), Some(_)) = (row.external_id, &series.content.recurrence) else { continue };
        let edited: Vec<&Event> = events
            .values()
            .filter(|event| event.occurrence_of.is_some_and(|key| key.series_id == series.id))
            .collect();
        own.extend(edited.iter().filter_map(|event| {
            let original_start = event.occurrence_of?.original_start;
            Some(RemoteOccurrence { series: page.clone(), original_start })
        }));
        let next =
            next_occurrences(&series.content, now, inner.config.viewer, mapping.upcoming, edited.len());
        wanted.extend(next.into_iter().map(|(original_start, content)| Upcoming {
            series: page.clone(),
            original_start,
            content,
        }));
    }
    Ok((wanted, own))
}

fn next_occurrences(
    series: &EventContent,
    now: DateTime<Utc>,
    viewer: chrono_tz::Tz,
    count: u32,
    edited: usize,
) -> Vec<(synodic_model::OriginalStart, EventContent)> {
    let Some(recurrence) = &series.recurrence else { return Vec::new() };
    let count = usize::try_from(count).unwrap_or_default();
    if count == 0 {
        return Vec::new();
    }
    let window = TimeWindow { from: now, to: now + HORIZON, viewer };
    // A series that cannot be read has no occurrences to show.
    let occurrences = expand(&series.when, recurrence, &window, count + edited + 1).unwrap_or_default();
    let content = |when| EventContent { when, recurrence: None, ..series.clone() };
    // The first one is on the series' own page.
    let first = series.when.original_start().key();
    occurrences
        .into_iter()
        .filter(|occurrence| occurrence.original_start.key() != first)
        .take(count)
        .map(|occurrence| (occurrence.original_start, content(occurrence.when)))
        .collect()
}
