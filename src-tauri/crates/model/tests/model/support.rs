//! Short ways to write times down.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use synodic_model::recurrence::{Occurrence, expand};
use synodic_model::{Recurrence, TimeWindow, When, ZonedTime};

pub(crate) const BERLIN: Tz = Tz::Europe__Berlin;

/// `2026-11-23T09:00` on the wall.
pub(crate) fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    local(text).and_utc()
}

pub(crate) fn zoned(start: &str, end: &str, zone: Tz) -> When {
    When::Zoned { start: ZonedTime::new(local(start), zone), end: ZonedTime::new(local(end), zone) }
}

pub(crate) fn hour_from(start: &str, zone: Tz) -> When {
    let start = local(start);
    When::Zoned { start: ZonedTime::new(start, zone), end: ZonedTime::new(start + TimeDelta::hours(1), zone) }
}

pub(crate) fn all_day(start: &str, end: &str) -> When {
    When::AllDay { start: day(start), end: day(end) }
}

pub(crate) fn window(from: &str, to: &str, viewer: Tz) -> TimeWindow {
    TimeWindow { from: utc(from), to: utc(to), viewer }
}

/// Reads lines and expands them in a window as wide as the tests look.
pub(crate) fn occurrences(first: &When, lines: &[&str]) -> Vec<Occurrence> {
    let recurrence = Recurrence::parse_lines(lines.iter().copied(), first);
    assert_eq!(recurrence.unread, [""; 0]);
    expand(first, &recurrence, &window("1990-01-01T00:00", "2040-01-01T00:00", BERLIN), 10_000).unwrap()
}

/// What the wall shows at the start of each occurrence.
pub(crate) fn walls(first: &When, lines: &[&str]) -> Vec<String> {
    occurrences(first, lines).iter().map(|occurrence| wall(&occurrence.when)).collect()
}

pub(crate) fn wall(when: &When) -> String {
    match when {
        When::AllDay { start, .. } => start.to_string(),
        When::Zoned { start, .. } => start.local.format("%Y-%m-%dT%H:%M").to_string(),
        When::Floating { start, .. } => start.format("%Y-%m-%dT%H:%M").to_string(),
    }
}
