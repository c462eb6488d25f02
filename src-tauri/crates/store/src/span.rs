//! Where on the time line an event can be seen by anybody, drawn so that an index finds it.
//!
//! The question of every view is which spans overlap a window, and an index over starts alone answers it badly: what
//! began long ago may still go on, so everything before the window would have to be looked at. Spans are therefore
//! sorted into classes by length. A span of a class that is at most an hour long and overlaps the window begins less
//! than an hour before it; so for each class one short range of starts is read, and hardly anything in vain.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use synodic_model::{EventContent, OriginalStart, TimeWindow, When};

/// Further than any zone has ever been from UTC (Manila before 1845 comes nearest), so a whole day or a floating time
/// widened by this holds what every reader sees.
const READERS_APART: TimeDelta = TimeDelta::hours(16);

/// The class of spans that are longer than all others, or endless.
const LONGEST: u32 = 11;

/// The stretch in which an event, or every occurrence of a series, takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// First instant.
    pub(crate) starts_at: DateTime<Utc>,
    /// First instant after it, unless it is endless.
    pub(crate) ends_at: Option<DateTime<Utc>>,
}

impl Span {
    /// The span of a single event, an override, or a series.
    pub(crate) fn of(content: &EventContent) -> Self {
        let (starts_at, ends_at) = everywhere(&content.when);
        let Some(recurrence) = &content.recurrence else {
            return Self { starts_at, ends_at: Some(ends_at) };
        };
        // A date that was added to a series may precede its first occurrence.
        let added = recurrence.dates.iter().map(readers_first).min();
        let last = recurrence.ends_before(&content.when);
        Self {
            starts_at: added.map_or(starts_at, |added| added.min(starts_at)),
            ends_at: last.map(|last| last.max(ends_at)),
        }
    }

    /// The class of the span's length.
    pub(crate) fn class(&self) -> u32 {
        let Some(ends_at) = self.ends_at else { return LONGEST };
        let length = ends_at - self.starts_at;
        (0..LONGEST).find(|class| length <= longest_of(*class)).unwrap_or(LONGEST)
    }
}

/// One range of the index: the spans of `class` that begin at `earliest` or later.
#[derive(Debug, Serialize)]
pub(crate) struct Range(u32, i64);

/// The ranges that together hold every span that reaches into `window`, provided that it begins before its end.
pub(crate) fn ranges(window: &TimeWindow) -> Vec<Range> {
    let bounded = (0..LONGEST).map(|class| earlier(window.from, longest_of(class)));
    bounded
        .chain([DateTime::<Utc>::MIN_UTC])
        .zip(0..)
        // Stored starts are cut to milliseconds, so the range begins with the millisecond.
        .map(|(earliest, class)| Range(class, earliest.timestamp_millis()))
        .collect()
}

/// Whether the reader of `window` sees an event at `when` in it. One without duration is seen at its start.
pub(crate) fn is_seen(when: &When, window: &TimeWindow) -> bool {
    let (start, end) = when.instants(window.viewer);
    start < window.to && (end > window.from || start >= window.from)
}

/// One hour, four hours, sixteen, … up to 120 years.
fn longest_of(class: u32) -> TimeDelta {
    TimeDelta::hours(1 << (2 * class))
}

fn everywhere(when: &When) -> (DateTime<Utc>, DateTime<Utc>) {
    let (start, end) = when.instants(Tz::UTC);
    match when {
        When::Zoned { .. } => (start, end.max(start)),
        When::AllDay { .. } | When::Floating { .. } => {
            (earlier(start, READERS_APART), later(end.max(start), READERS_APART))
        }
    }
}

fn readers_first(start: &OriginalStart) -> DateTime<Utc> {
    match *start {
        OriginalStart::Zoned { time } => time.instant(),
        OriginalStart::Date { date } => {
            earlier(date.and_time(chrono::NaiveTime::MIN).and_utc(), READERS_APART)
        }
        OriginalStart::Floating { time } => earlier(time.and_utc(), READERS_APART),
    }
}

fn earlier(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    instant.checked_sub_signed(by).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn later(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    instant.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
