//! What may have been on its way when the program ended without warning.
//!
//! A service may have taken it, and then has what we wrote; when it is met, after the person has perhaps edited the event
//! once more or taken the edit back, that is to be known as ours and not taken for somebody else's edit
//! ([`crate::echo`]). The outbox still says what was not settled, and the history what those events said before.

use synodic_model::history::HistoryEntry;
use synodic_model::sync::QueueEntry;
use synodic_model::{Event, EventContent, Revision};
use synodic_store::StoreError;

use crate::engine::Inner;

/// More rows than wait as a rule; the first to go out are looked at.
const ROWS: u32 = 1000;
/// The most changes of one event that are looked through.
pub(crate) const CHANGES: u32 = 50;

/// Remembers what may have been taken from us before the program ended. To be called before anything is sent again. What
/// cannot be read is left out: whether the file is damaged is looked at elsewhere.
pub(crate) async fn recall(inner: &Inner) {
    let lines = inner.store.queue_list(ROWS).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "it cannot be read what was on its way");
        Vec::new()
    });
    for line in lines {
        if let Err(error) = recall_row(inner, &line.entry).await {
            tracing::warn!(event = %line.entry.event_id, %error, "it cannot be read whether an event was on its way");
        }
    }
}

async fn recall_row(inner: &Inner, entry: &QueueEntry) -> Result<(), StoreError> {
    let now = inner.clock.now();
    let (event, link) = (entry.event_id, entry.link_id);
    let Some(row) = inner.store.event_sync(event, link).await? else { return Ok(()) };
    let Some(id) = &row.external_id else { return Ok(()) };
    let stored = inner.store.event(event).await?;
    if stored.as_ref().is_some_and(|stored| stored.deleted_at.is_some()) {
        inner.echoes.tries_to_delete(link, id, now);
    }
    let changes = inner.store.history_of(event, CHANGES).await?;
    for content in said_since(changes, stored, row.local_version) {
        inner.echoes.tries(link, id, &content, now);
    }
    Ok(())
}

/// What an event has said here after a revision, the oldest first; `stored` is what it says now.
pub(crate) fn said_since(
    changes: Vec<HistoryEntry>,
    stored: Option<Event>,
    revision: Revision,
) -> Vec<EventContent> {
    let before = changes.into_iter().rev().filter_map(|change| change.before);
    let is_meant = |event: &Event| event.deleted_at.is_none() && event.revision > revision;
    before.chain(stored).filter(is_meant).map(|event| event.content).collect()
}
