//! `event`: what people have in their calendars.

use std::collections::BTreeMap;

use synodic_model::{CalendarId, Event, EventId, OriginalStart};

reads! {
    /// The event with this id; a deleted one too, see [`Event::deleted_at`].
    fn event(id: EventId) -> Option<Event>;
    /// The events with these ids, deleted ones too; unknown ids are left out.
    fn events_by_ids(ids: &[EventId]) -> BTreeMap<EventId, Event>;
    /// The single event or master with this iCalendar UID, unless it is deleted; the oldest, should there be several.
    fn event_by_uid(calendar_id: CalendarId, uid: &str) -> Option<Event>;
    /// The override of one occurrence of a series; a deleted one too, when there is no other.
    fn override_of(series_id: EventId, original_start: &OriginalStart) -> Option<Event>;
    /// All overrides of a series, deleted ones too, by original start.
    fn overrides(series_id: EventId) -> Vec<Event>;
}
