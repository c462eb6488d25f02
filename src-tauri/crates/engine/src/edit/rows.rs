//! One row of the replica as an edit found it and as the edit leaves it.

use chrono::{DateTime, Utc};
use synodic_model::{Event, EventContent, EventId, EventStatus, OccurrenceKey};

/// A row before and after an edit. Both are kept whole, so that the edit can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowChange {
    /// None when the edit made the row.
    pub(crate) before: Option<Event>,
    pub(crate) after: Event,
}

impl RowChange {
    /// A new row.
    pub(crate) const fn created(event: Event) -> Self {
        Self { before: None, after: event }
    }

    /// The same row with other contents; a deleted one comes back.
    pub(crate) fn rewritten(before: &Event, content: EventContent, now: DateTime<Utc>) -> Self {
        Self::revised(before, now, |event| {
            event.content = content;
            event.deleted_at = None;
        })
    }

    /// The same row, deleted. It stays until every remote has heard of it.
    pub(crate) fn deleted(before: &Event, now: DateTime<Utc>) -> Self {
        Self::revised(before, now, |event| event.deleted_at = Some(now))
    }

    /// The same row with any change, under its next revision.
    pub(crate) fn revised(before: &Event, now: DateTime<Utc>, change: impl FnOnce(&mut Event)) -> Self {
        let mut after = Event { revision: before.revision.next(), updated_at: now, ..before.clone() };
        change(&mut after);
        Self { before: Some(before.clone()), after }
    }
}

/// A new row that stands for one occurrence of `master`.
pub(crate) fn new_override(
    id: EventId,
    master: &Event,
    key: OccurrenceKey,
    content: EventContent,
    now: DateTime<Utc>,
) -> Event {
    Event {
        id,
        calendar_id: master.calendar_id,
        uid: master.uid.clone(),
        occurrence_of: Some(key),
        content: EventContent { recurrence: None, ..content },
        revision: synodic_model::Revision::default().next(),
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// The contents of an occurrence that was called off.
pub(super) fn cancelled(content: EventContent) -> EventContent {
    EventContent { status: EventStatus::Cancelled, recurrence: None, ..content }
}

/// Whether the row is shown: not deleted, and not an occurrence that was called off.
pub(crate) fn is_alive(event: &Event) -> bool {
    event.deleted_at.is_none()
}
