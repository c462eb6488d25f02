//! Notes what was decided about one event: what it says now, a conflict, and how it stands with the link.

use chrono::{DateTime, Utc};
use synodic_model::reconcile::Policy;
use synodic_model::sync::{ConflictData, EventSync, EventSyncStatus, Operation};
use synodic_model::{Event, EventContent, EventId, ExternalId, FieldSet, RemoteVersion};

use super::plan::{Plan, There};
use crate::conflict::set_status;
use crate::queue::unsent;

impl Plan<'_> {
    /// Gives an event the content that was decided.
    pub(super) fn change_event(
        &mut self,
        id: EventId,
        content: EventContent,
        edited_at: Option<DateTime<Utc>>,
    ) {
        let Some(mut event) = self.rows.event(id).cloned() else { return };
        if event.content == content {
            return;
        }
        // Extras alone are nobody's edit.
        if !FieldSet::differing(FieldSet::ALL, &event.content, &content).is_empty() {
            event.revision = event.revision.next();
            event.updated_at = edited_at.unwrap_or(self.terms.now);
            self.spread.insert(id, Operation::Upsert);
            self.tally.updated += 1;
        }
        let before = std::mem::replace(&mut event.content, content);
        if before.recurrence.is_some() {
            self.reworded.push((id, before));
        }
        self.rows.add_event(event);
        self.changed_events.insert(id);
    }

    /// Keeps both sides of a conflict until the person has looked.
    pub(super) fn conflict(
        &mut self,
        event: &Event,
        base: Option<EventContent>,
        remote: Option<EventContent>,
        fields: FieldSet,
    ) {
        // What is to leave this remote is nothing to decide about over its link.
        let open = self.terms.policy == Policy::Ask && !fields.is_empty() && !self.is_gone(event.id);
        // While the person has not decided, what both had agreed on before the first quarrel is what they compare with.
        let former =
            self.rows.sync(event.id).and_then(|row| row.conflict_data.as_ref()).filter(|data| data.open);
        let (base, fields) = match former {
            Some(former) => (former.base.clone(), fields.union(former.fields.iter().copied().collect())),
            None => (base, fields),
        };
        let data = ConflictData {
            found_at: self.terms.now,
            base,
            local: event.deleted_at.is_none().then(|| event.content.clone()),
            remote,
            fields: fields.iter().collect(),
            open,
        };
        self.conflicts.insert(event.id, data.clone());
        self.update_sync(event.id, |row| row.conflict_data = Some(data));
        self.tally.conflicts += 1;
    }

    /// Notes that both sides have the same now.
    pub(super) fn agree(
        &mut self,
        id: EventId,
        external: &ExternalId,
        base: EventContent,
        version: RemoteVersion,
    ) {
        let Some(event) = self.rows.event(id).cloned() else { return };
        let now = self.terms.now;
        self.update_sync(id, |row| {
            row.external_id = Some(external.clone());
            row.base = Some(base);
            row.remote_version = Some(version);
            row.local_version = event.revision;
            set_status(row, &event.content, EventSyncStatus::Synced);
            row.last_synced_at = Some(now);
            row.last_error = None;
            row.retry_count = 0;
        });
    }

    /// Notes what the remote has, while the replica has something else that is still to be sent.
    pub(super) fn disagree(&mut self, id: EventId, there: &There) {
        let content = self.rows.event(id).map(|event| event.content.clone());
        self.update_sync(id, |row| {
            row.external_id = Some(there.id.clone());
            row.base = Some(there.content.clone());
            row.remote_version = Some(there.version.clone());
            if matches!(row.status, EventSyncStatus::Synced | EventSyncStatus::Conflict) {
                row.status = EventSyncStatus::Pending;
                if let Some(content) = &content {
                    set_status(row, content, EventSyncStatus::Pending);
                }
            }
        });
    }

    /// Changes the link's row of an event, and notes that the listing has named it.
    pub(super) fn update_sync(&mut self, id: EventId, change: impl FnOnce(&mut EventSync)) {
        let before = self.rows.sync(id);
        let mut row = before.cloned().unwrap_or_else(|| unsent(id, &self.terms.link));
        change(&mut row);
        row.generation = self.terms.link.generation;
        if before == Some(&row) {
            return;
        }
        self.rows.add_sync(row);
        self.dropped_syncs.remove(&id);
        self.changed_syncs.insert(id);
    }
}
