//! `calendar`: the local collections of events.

use synodic_model::CalendarId;
use synodic_model::sync::Calendar;

reads! {
    /// All calendars, in the order in which they are shown.
    fn calendars() -> Vec<Calendar>;
    /// The calendar with this id.
    fn calendar(id: CalendarId) -> Option<Calendar>;
}
