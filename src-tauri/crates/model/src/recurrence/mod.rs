//! Recurrence sets (RFC 5545 §3.8.5): how a series repeats, and which occurrences fall into a window.
//!
//! # How a series is expanded
//!
//! Rules are walked in wall-clock time and the zone is applied to each start afterwards, which is how the RFC reads
//! and how people think: “every Monday at ten”. What follows from it:
//!
//! - A start that the clocks skip in spring is taken with the offset from before the gap (02:30 becomes 03:30), one
//!   that they show twice in autumn is the first of the two (§3.3.5, §3.3.10).
//! - Rules by the hour, minute and second step along the wall clock too. Where the clocks skip an hour, two steps may
//!   fall on one instant and are one occurrence; the hour that clocks repeat is visited once. The RFC leaves this
//!   open; such rules mean “at every full hour on the clock” more often than they mean a stopwatch.
//! - UNTIL is an instant for a series in a zone and is compared as one.
//! - DTSTART is the first occurrence even if the rule would not yield it, and COUNT counts it (§3.8.5.3: “the DTSTART
//!   property value always counts as the first occurrence”), unless UNTIL lies before it.
//! - BYSETPOS counts within whole periods, the first one included.
//! - An occurrence lasts as long on the wall clock as the first one when that begins and ends in one zone: a night
//!   shift from 22:00 to 06:00 ends at six on the night of the change, too, though RFC 5545 would have it last eight
//!   hours exactly if it was written with DTEND. An event that ends in another zone than it begins in, such as a
//!   flight, keeps its exact duration.
//!
//! # Why there is no library in here
//!
//! `rrule` 0.14 and `calcard` 0.3 were both tried. They share their ancestry and, asked about 10,000 random rules in
//! wall-clock time, gave the same answers: those of `python-dateutil`, except for 68 rules by the minute and second,
//! where they lose their step when BYHOUR or BYMINUTE passes over hours. `calcard` cannot be asked for a window. `rrule`
//! can be entered anywhere, but not stopped: it searches a rule that is silent (`BYMONTHDAY=2;BYSETPOS=4`) to the year
//! 10,000, and anybody may send such a rule in an invitation. A month of 2000 ordinary series took it 40 ms.
//!
//! The algorithm is small (`days.rs`, `steps.rs`), is bounded by the window, and takes 14 ms for that month.
//! `tests/oracle` asks `python-dateutil` about 20,000 random rules in twelve zones, clock changes included.

mod days;
mod expand;
mod lines;
mod place;
mod rule;
mod series;
mod split;
mod steps;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use self::rule::Rule;
use crate::time::{OriginalStart, When};

pub use self::expand::expand;
pub use self::rule::{read_weekday, weekday_name};
pub use self::series::{Appearance, Scheduled, appearances};
pub use self::split::Split;

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
    /// EXDATE: starts that are left out, ordered. A day beside a timed series leaves out all that starts on that day.
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
    ///
    /// Values of another type than `start` wants (a local UNTIL beside a zone, a time beside whole days) are read as
    /// what they must have meant.
    pub fn parse_lines<'a>(lines: impl IntoIterator<Item = &'a str>, start: &When) -> Self {
        let mut recurrence = Self::default();
        for line in lines {
            recurrence.read_line(line, start);
        }
        recurrence.settle();
        recurrence
    }

    /// Reads a single rule, with or without its `RRULE:`.
    ///
    /// # Errors
    /// [`RecurrenceError::Unreadable`] when it is none.
    pub fn from_rule(rule: &str) -> Result<Self, RecurrenceError> {
        let text = rule.trim();
        let text = match text.split_at_checked("RRULE:".len()) {
            Some((name, value)) if name.eq_ignore_ascii_case("RRULE:") => value,
            _ => text,
        };
        let read = read_rule(text)?;
        Ok(Self { rules: vec![read.to_string()], ..Self::default() })
    }

    /// Writes the content lines again; `start` decides their value types and zone.
    #[must_use]
    pub fn to_lines(&self, start: &When) -> Vec<String> {
        let mut lines = Vec::new();
        let mut fitted = self.clone();
        fitted.fit_to(start);
        lines.extend(fitted.rules.iter().map(|rule| format!("RRULE:{rule}")));
        lines.extend(fitted.exclusion_rules.iter().map(|rule| format!("EXRULE:{rule}")));
        Self::write_dates("RDATE", &fitted.dates, start, &mut lines);
        Self::write_dates("EXDATE", &fitted.exclusion_dates, start, &mut lines);
        lines.extend(fitted.unread);
        lines
    }

    /// Brings every part into the one form that means it beside `start`: UNTIL in UTC for a series in a zone and as a
    /// date for whole days, dates in the series' zone, everything in order. To be called when a person has changed
    /// the start or the rule, so that what a provider sends back is equal to what was kept.
    pub fn fit_to(&mut self, start: &When) {
        for rule in self.rules.iter_mut().chain(&mut self.exclusion_rules) {
            if let Ok(mut read) = Rule::read(rule) {
                read.fit_until(start);
                *rule = read.to_string();
            }
        }
        for date in self.dates.iter_mut().chain(&mut self.exclusion_dates) {
            *date = lines::fit(*date, start);
        }
        self.settle();
    }

    /// Checks that every rule can be read and yields at least one date.
    ///
    /// # Errors
    /// [`RecurrenceError`] of the first rule that does not.
    pub fn check(&self, first: &When) -> Result<(), RecurrenceError> {
        for text in &self.rules {
            let rule = read_rule(text)?;
            if !expand::yields(&rule, first) {
                return Err(RecurrenceError::NeverYields);
            }
        }
        self.exclusion_rules.iter().try_for_each(|text| read_rule(text).map(drop))
    }

    /// An instant after the end of the last occurrence, or none when the series never ends. Serves as an index: it
    /// may be too late, never too early. Overrides are not considered; one that was moved beyond it is an event with
    /// a time of its own.
    #[must_use]
    pub fn ends_before(&self, first: &When) -> Option<DateTime<Utc>> {
        // Wherever the reader is and however a clock change stretches the last occurrence, two days cover it.
        const MARGIN: TimeDelta = TimeDelta::days(2);
        let last = expand::last_start(self, first)?;
        last.checked_add_signed(place::longest(first))?.checked_add_signed(MARGIN).map(|end| end.and_utc())
    }

    fn settle(&mut self) {
        for rules in [&mut self.rules, &mut self.exclusion_rules, &mut self.unread] {
            rules.sort_unstable();
            rules.dedup();
        }
        lines::order(&mut self.dates);
        lines::order(&mut self.exclusion_dates);
    }
}

fn read_rule(text: &str) -> Result<Rule, RecurrenceError> {
    Rule::read(text).map_err(|reason| RecurrenceError::Unreadable { rule: text.to_owned(), reason })
}
