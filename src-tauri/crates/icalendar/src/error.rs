//! Why text could not be read.

/// What is wrong with a calendar object or an event in it, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is no `BEGIN:VCALENDAR` around it.
    #[error("it is no calendar object")]
    NoCalendar,
    /// The text ends before what it has begun.
    #[error("it is no calendar object, or is cut off")]
    CutOff,
    /// Components within components beyond any use.
    #[error("the event is nested too deeply")]
    TooDeep,
    /// An `END` without its `BEGIN`.
    #[error("“END:{name}” ends what was not begun")]
    Misplaced {
        /// What was to be ended.
        name: String,
    },
    /// A `VEVENT` without `DTSTART`.
    #[error("the event has no start")]
    NoStart,
    /// A value that should be a day or a time.
    #[error("“{value}” is no time")]
    NoTime {
        /// As it is written.
        value: String,
    },
    /// A `TZID` that is neither known nor described.
    #[error("the time zone “{id}” is not known")]
    UnknownZone {
        /// As it is written.
        id: String,
    },
    /// At the end of all calendars.
    #[error("the event is too far away in time")]
    TooFar,
    /// An occurrence is to be written into an object that has no series.
    #[error("the series is not there")]
    NoSeries,
}
