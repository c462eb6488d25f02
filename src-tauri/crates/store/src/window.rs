//! The events that a view needs.

use synodic_model::{CalendarId, Event, TimeWindow};

reads! {
    /// What a view of `window` is made of, by id: single events and overrides that overlap it, masters of series that
    /// may have an occurrence in it, and all overrides of those masters, wherever they were moved. Deleted events are
    /// left out, and so are other calendars when `calendars` names some.
    fn events_in_window(window: &TimeWindow, calendars: Option<&[CalendarId]>) -> Vec<Event>;
}
