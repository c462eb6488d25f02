//! Items that cannot be read: told to the log, counted in the account's state, and left as they are at the service.
//!
//! One such item stops no other. What the replica has of it stays, for it is not gone; and an override whose series
//! cannot be read waits with it, for it cannot be shown in its place.

use synodic_model::ExternalId;
use synodic_providers::{RemoteChange, RemoteEvent};
use synodic_store::{StoreError, Transaction, UnreadableItem};

use super::plan::Terms;

/// Notes which items of a page cannot be read, and which can again. Returns whether a series can: then everything has
/// to be listed anew, for its overrides waited with it and are not named again by themselves.
pub(super) async fn note(
    transaction: &mut Transaction,
    terms: &Terms,
    changes: &[RemoteChange],
) -> Result<bool, StoreError> {
    let link = terms.link.id;
    let known = transaction.unreadable(link).await?;
    let mut has_series_again = false;
    for change in changes {
        match change {
            RemoteChange::Unreadable { id, reason } => {
                let external_id = id.clone().unwrap_or_else(|| ExternalId::new(""));
                if !known.contains(&external_id) {
                    let shown = id.as_ref().map_or("unknown", ExternalId::as_str);
                    tracing::warn!(%link, external = shown, %reason, "an item could not be read");
                }
                let (found_at, generation) = (terms.now, terms.link.generation);
                let item = UnreadableItem {
                    link_id: link,
                    external_id,
                    reason: reason.clone(),
                    found_at,
                    generation,
                };
                transaction.put_unreadable(&item).await?;
            }
            RemoteChange::Present(remote) if !remote.warnings.is_empty() && !known.contains(&remote.id) => {
                tell_of_warnings(terms, remote);
            }
            RemoteChange::Present(remote) if known.contains(&remote.id) => {
                has_series_again |= remote.content.recurrence.is_some();
                transaction.forget_unreadable(link, &remote.id).await?;
            }
            RemoteChange::Removed { id } if known.contains(id) => {
                transaction.forget_unreadable(link, id).await?;
            }
            RemoteChange::Present(_) | RemoteChange::Removed { .. } | RemoteChange::Complete { .. } => {}
        }
    }
    Ok(has_series_again)
}

/// What an event says that is not known was read as something else.
fn tell_of_warnings(terms: &Terms, remote: &RemoteEvent) {
    let (link, external) = (terms.link.id, remote.id.as_str());
    tracing::info!(%link, external, warnings = remote.warnings.len(), "an event was read with some doubt");
    tracing::debug!(%link, external, doubts = ?remote.warnings, "what was in doubt");
}

/// An override whose series cannot be read.
pub(super) fn of_unreadable_series(remote: RemoteEvent) -> RemoteChange {
    RemoteChange::Unreadable { id: Some(remote.id), reason: "its series could not be read".to_owned() }
}
