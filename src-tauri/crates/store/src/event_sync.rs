//! `event_sync`: how each event stands with each link.

use std::collections::BTreeMap;

use synodic_model::sync::{EventSync, EventSyncStatus};
use synodic_model::{EventId, ExternalId, IntegrationId, LinkId};

reads! {
    /// How one event stands with one link.
    fn event_sync(event_id: EventId, link_id: LinkId) -> Option<EventSync>;
    /// How one event stands with all its links.
    fn event_syncs(event_id: EventId) -> Vec<EventSync>;
    /// The row of what a remote calls by this id.
    fn event_sync_by_external(link_id: LinkId, external_id: &ExternalId) -> Option<EventSync>;
    /// The rows of what a remote calls by these ids; unknown ids are left out.
    fn event_syncs_by_external(link_id: LinkId, external_ids: &[ExternalId]) -> BTreeMap<ExternalId, EventSync>;
    /// The rows that exist at the remote but were not named by the full listing `generation`.
    fn stale_event_syncs(link_id: LinkId, generation: i64) -> Vec<EventSync>;
    /// How these events stand, one status for each link; events without links are left out.
    fn sync_statuses(event_ids: &[EventId]) -> BTreeMap<EventId, Vec<EventSyncStatus>>;
    /// How many conflicts wait for the person; accounts without any are left out.
    fn conflict_counts() -> BTreeMap<IntegrationId, u32>;
    /// The rows in conflict, oldest event first, at most `limit`.
    fn conflicts(limit: u32) -> Vec<EventSync>;
}
