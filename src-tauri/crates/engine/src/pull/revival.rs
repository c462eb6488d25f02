//! What comes back: somebody edited there what was deleted here.

use synodic_model::sync::Operation;
use synodic_model::{Event, EventId, FieldSet};

use super::plan::Plan;
use crate::edit::series::occurrence_at;

impl Plan<'_> {
    /// Brings a series back that was deleted here, where it was last, while somebody edited one of its occurrences there.
    /// Returns whether it is there then.
    pub(super) fn bring_back(&mut self, series: EventId) -> bool {
        if let Some(event) = self.rows.event(series).cloned()
            && event.deleted_at.is_some()
        {
            let base = self.rows.sync(series).and_then(|row| row.base.clone());
            self.conflict(&event, base.clone(), base, FieldSet::NONE);
            self.undelete(series);
        }
        !self.is_deleted(series)
    }

    /// Brings an event back, a series with the overrides that went with it and those that the remote still has, if the series
    /// still has a place for them.
    pub(super) fn undelete(&mut self, root: EventId) {
        let left = self.rows.event(root).map(|event| (event.calendar_id, event.deleted_at));
        for id in self.rows.overrides(root).into_iter().chain([root]) {
            let Some(mut event) = self.rows.event(id).cloned() else { continue };
            let has_remote = self.rows.sync(id).is_some_and(|row| row.external_id.is_some());
            let was_deleted = event.deleted_at.is_some();
            // What is in another calendar had gone before its series was moved.
            let went_along = left == Some((event.calendar_id, event.deleted_at));
            if was_deleted && !went_along && !(has_remote && self.has_place(&event)) {
                continue;
            }
            // Other remotes have let go of the occurrences together with their series.
            if was_deleted || event.occurrence_of.is_some() {
                self.spread.insert(id, Operation::Upsert);
            }
            // The event itself is there, though perhaps nobody has heard of that before.
            if was_deleted && !has_remote && id != root && !self.is_elsewhere(id) {
                self.send.insert(id, Operation::Upsert);
            }
            if was_deleted {
                event.deleted_at = None;
                event.calendar_id = left.map_or(event.calendar_id, |(calendar, _)| calendar);
                event.revision = event.revision.next();
                self.rows.add_event(event);
                self.changed_events.insert(id);
            }
        }
    }

    /// Whether an occurrence is one of its series' as that is here.
    fn has_place(&self, event: &Event) -> bool {
        let Some(key) = event.occurrence_of else { return true };
        let series = self.rows.event(key.series_id);
        series.is_some_and(|series| occurrence_at(&series.content, &key.original_start).is_some())
    }
}
