//! Recurrence sets (RFC 5545 §3.8.5): how a series repeats, and which occurrences fall into a window.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::time::{OriginalStart, TimeWindow, When};

/// How a series repeats. Equal when the rules mean the same, however their parts were ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Recurrence {
    /// RRULE values without the name, in canonical order of parts (`FREQ=WEEKLY;BYDAY=MO`).
    pub rules: Vec<String>,
    /// EXRULE values; deprecated by RFC 5545 but still sent by Google.
    #[serde(default)]
    pub exclusion_rules: Vec<String>,
    /// RDATE: further starts, ordered.
    #[serde(default)]
    pub dates: Vec<OriginalStart>,
    /// EXDATE: starts that are left out, ordered.
    #[serde(default)]
    pub exclusion_dates: Vec<OriginalStart>,
    /// Lines that we could not read, kept to be sent back as they came.
    #[serde(default)]
    pub unread: Vec<String>,
}

/// Why a recurrence is refused or cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// The text is not a rule.
    #[error("“{rule}” is not a recurrence rule: {reason}")]
    Unreadable {
        /// The rule as it came.
        rule: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The rule can never happen, such as a 30th of February.
    #[error("the recurrence rule never yields a date")]
    NeverYields,
}

/// One appearance of an event on the time line, before overrides are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The start which the rule gave.
    pub original_start: OriginalStart,
    /// When it takes place.
    pub when: When,
}

impl Recurrence {
    /// Reads content lines such as `RRULE:FREQ=DAILY` and `EXDATE;TZID=Europe/Berlin:20261123T090000`, as Google's
    /// `recurrence` array and iCalendar have them. Lines that cannot be read are kept in [`Recurrence::unread`].
    pub fn parse_lines<'a>(_lines: impl IntoIterator<Item = &'a str>, _start: &When) -> Self {
        Self::default()
    }

    /// Reads a single rule, with or without its `RRULE:`.
    ///
    /// # Errors
    /// [`RecurrenceError::Unreadable`] when it is none.
    pub fn from_rule(rule: &str) -> Result<Self, RecurrenceError> {
        Ok(Self { rules: vec![rule.to_owned()], ..Self::default() })
    }

    /// Writes the content lines again; `start` decides their value types and zone.
    #[must_use]
    pub fn to_lines(&self, _start: &When) -> Vec<String> {
        Vec::new()
    }

    /// An instant after the end of the last occurrence, or none when the series never ends. Serves as an index: it
    /// may be too late, never too early.
    #[must_use]
    pub fn ends_before(&self, _first: &When) -> Option<DateTime<Utc>> {
        None
    }
}

/// The occurrences of a series whose first one is `first` that overlap `window`, in order, at most `limit`.
///
/// # Errors
/// [`RecurrenceError`] when the rule cannot be read.
pub fn expand(
    _first: &When,
    _recurrence: &Recurrence,
    _window: &TimeWindow,
    _limit: usize,
) -> Result<Vec<Occurrence>, RecurrenceError> {
    Ok(Vec::new())
}
