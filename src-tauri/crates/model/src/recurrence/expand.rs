//! From a recurrence set to the occurrences within a window.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::lines::{Moment, fit};
use super::place::{Identity, Placed, Series, local_start, longest};
use super::rule::Rule;
use super::steps::Steps;
use super::{Occurrence, Recurrence, RecurrenceError, read_rule};
use crate::time::{OriginalStart, TimeWindow, When};

/// Wall clocks differ from UTC by 14 hours at most, and no zone has skipped more than a day.
const WALL_CLOCK_MARGIN: TimeDelta = TimeDelta::days(2);

/// The most starts of one rule that are looked at; a series of more occurrences than this before the window shows none
/// in it. Reached only by rules with a COUNT that no person has use for.
const START_LIMIT: usize = 100_000;

/// The occurrences of a series whose first one is `first` that overlap `window`, in order, at most `limit`.
///
/// An occurrence without length is within the window when it starts there.
///
/// # Errors
/// [`RecurrenceError`] when the rule cannot be read.
pub fn expand(
    first: &When,
    recurrence: &Recurrence,
    window: &TimeWindow,
    limit: usize,
) -> Result<Vec<Occurrence>, RecurrenceError> {
    let series = Series::new(first, window.viewer);
    let stretch = Stretch::around(window, &series);
    let excluded = Excluded::new(recurrence, &series, &stretch)?;
    let mut found: Vec<Placed> = Vec::new();
    let mut first_is_due = recurrence.rules.is_empty();
    for text in &recurrence.rules {
        let (rule, bound) = read(text, first)?;
        first_is_due |= matches!(bound, Bound::None) || bound.admits(&series.place(series.first_local));
        let starts = starts(&rule, series.first_local, &stretch, bound, FirstCounts::Yes);
        let shown = starts
            .map(|local| series.place(local))
            .filter(|placed| bound.admits(placed) && placed.is_within(window) && !excluded.contains(placed));
        found.extend(shown.take(limit));
    }
    let added = recurrence.dates.iter().map(|date| series.place_date(*date));
    let first_is_near = (stretch.from..=stretch.to).contains(&series.first_local);
    let first = (first_is_due && first_is_near).then(|| series.place(series.first_local));
    found.extend(added.chain(first).filter(|placed| placed.is_within(window) && !excluded.contains(placed)));
    found.sort_by_key(|placed| (placed.start, placed.local));
    found.dedup_by_key(|placed| placed.identity());
    found.truncate(limit);
    Ok(found.into_iter().map(|placed| placed.occurrence).collect())
}

/// Whether the rule yields anything for such a series.
pub(super) fn yields(rule: &Rule, first: &When) -> bool {
    let first_local = local_start(first);
    Steps::new(rule, first_local, first_local, NaiveDateTime::MAX).any(|step| step >= first_local)
}

/// The wall-clock time at which the last occurrence starts, or a later one; none when there is no last one.
pub(super) fn last_start(recurrence: &Recurrence, first: &When) -> Option<NaiveDateTime> {
    let series = Series::new(first, Tz::UTC);
    let mut last = series.first_local;
    for text in &recurrence.rules {
        let (rule, bound) = read(text, first).ok()?;
        last = last.max(match (bound.last_local(), rule.count) {
            (Some(local), _) => local,
            (None, Some(count)) if is_countable(count) => last_counted(&rule, &series),
            (None, _) => return None,
        });
    }
    Some(recurrence.dates.iter().map(|date| series.place_date(*date).local).fold(last, NaiveDateTime::max))
}

/// The last start of a rule with a COUNT.
fn last_counted(rule: &Rule, series: &Series<'_>) -> NaiveDateTime {
    let everything = Stretch { from: series.first_local, to: NaiveDateTime::MAX };
    let starts = starts(rule, series.first_local, &everything, Bound::None, FirstCounts::Yes);
    starts.last().unwrap_or(series.first_local)
}

/// How far a rule has come before a start.
pub(super) struct Begun {
    /// The starts that its COUNT has counted by then, the first one of the series included.
    pub(super) count: usize,
    /// Whether its UNTIL lies before that start.
    pub(super) ended: bool,
    /// Whether it yields that very start.
    pub(super) yields_next: bool,
}

/// How far a rule of a series has come before the occurrence at `at` on the wall clock; none when it cannot be read or
/// is beyond counting.
pub(super) fn starts_before(text: &str, first: &When, at: NaiveDateTime) -> Option<Begun> {
    let (rule, bound) = read(text, first).ok()?;
    let series = Series::new(first, Tz::UTC);
    let endless = Rule { count: None, until: None, ..rule.clone() };
    let yields_next = Steps::new(&endless, series.first_local, at, at).any(|step| step == at);
    let ended = !bound.admits(&series.place(at));
    if rule.count.is_none() {
        return Some(Begun { count: 0, ended, yields_next });
    }
    let later = Steps::new(&endless, series.first_local, series.first_local, at)
        .filter(|step| *step > series.first_local)
        .take_while(|step| *step < at)
        .take(START_LIMIT)
        .count();
    (later < START_LIMIT).then_some(Begun { count: later + 1, ended, yields_next })
}

/// Whether we walk that far to see the end.
fn is_countable(count: u32) -> bool {
    usize::try_from(count).is_ok_and(|count| count < START_LIMIT)
}

fn read(text: &str, first: &When) -> Result<(Rule, Bound), RecurrenceError> {
    let mut rule = read_rule(text)?;
    rule.fit_until(first);
    if first.is_all_day() {
        // RFC 5545 §3.3.10: these are to be ignored beside a DTSTART that is a date.
        rule.by_hour.clear();
        rule.by_minute.clear();
        rule.by_second.clear();
    }
    let bound = match rule.until {
        None => Bound::None,
        Some(Moment::Utc(time)) => Bound::Instant(time.and_utc()),
        Some(Moment::Local(time)) => Bound::Local(time),
        Some(Moment::Date(date)) => Bound::Local(date.and_time(NaiveTime::default())),
    };
    Ok((rule, bound))
}

/// UNTIL, which is inclusive.
#[derive(Clone, Copy)]
enum Bound {
    None,
    Instant(DateTime<Utc>),
    Local(NaiveDateTime),
}

impl Bound {
    fn admits(self, placed: &Placed) -> bool {
        match self {
            Self::None => true,
            Self::Instant(last) => placed.start <= last,
            Self::Local(last) => placed.local <= last,
        }
    }

    /// A wall-clock time after which nothing is admitted.
    fn last_local(self) -> Option<NaiveDateTime> {
        match self {
            Self::None => None,
            Self::Instant(last) => last.naive_utc().checked_add_signed(WALL_CLOCK_MARGIN),
            Self::Local(last) => Some(last),
        }
    }
}

/// A stretch of wall-clock time that contains the starts of all occurrences within a window, and little more: a rule by
/// the second would make much of a day too many.
struct Stretch {
    from: NaiveDateTime,
    to: NaiveDateTime,
}

impl Stretch {
    fn around(window: &TimeWindow, series: &Series<'_>) -> Self {
        let longest = longest(series.first);
        let zone = series.start_zone();
        // An occurrence that lasts into the window may do so by the clock at its end or by the one at its start.
        let by_end = wall_clocks(window.from, zone).min().and_then(|wall| wall.checked_sub_signed(longest));
        let start = window.from.checked_sub_signed(longest);
        let by_start = start.and_then(|start| wall_clocks(start, zone).min());
        Self {
            from: by_end.zip(by_start).map_or(NaiveDateTime::MIN, |(by_end, by_start)| by_end.min(by_start)),
            to: wall_clocks(window.to, zone).max().unwrap_or(NaiveDateTime::MAX),
        }
    }
}

/// What a clock shows at `instant`, by the rules in force then and those shortly before and after. A start in a gap is
/// read by the rule before it, and a clock that is put back shows again what is past.
fn wall_clocks(instant: DateTime<Utc>, zone: Tz) -> impl Iterator<Item = NaiveDateTime> {
    [-WALL_CLOCK_MARGIN, TimeDelta::zero(), WALL_CLOCK_MARGIN].into_iter().filter_map(move |shift| {
        let nearby = instant.naive_utc().checked_add_signed(shift)?;
        instant.naive_utc().checked_add_offset(zone.offset_from_utc_datetime(&nearby).fix())
    })
}

/// Whether COUNT counts the series' start although the rule may not yield it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FirstCounts {
    Yes,
    /// In an EXRULE, which excludes only what it names.
    No,
}

/// The starts within `stretch` that a rule yields for a series which starts at `first`, COUNT considered. The first one
/// of the series may or may not be among them.
fn starts(
    rule: &Rule,
    first: NaiveDateTime,
    stretch: &Stretch,
    bound: Bound,
    first_counts: FirstCounts,
) -> impl Iterator<Item = NaiveDateTime> + use<> {
    // Whoever counts must begin at the beginning.
    let from = if rule.count.is_some() { first } else { stretch.from };
    let count = rule.count.map_or(START_LIMIT, |count| usize::try_from(count).unwrap_or(START_LIMIT));
    // The first one has been counted already; what remains to be counted comes after it.
    let (least, count) = match first_counts {
        FirstCounts::Yes if rule.count.is_some() => {
            (first + TimeDelta::nanoseconds(1), count.saturating_sub(1))
        }
        FirstCounts::Yes | FirstCounts::No => (first, count),
    };
    let to = bound.last_local().map_or(stretch.to, |last| last.min(stretch.to));
    let shown_from = stretch.from;
    Steps::new(rule, first, from, to)
        .skip_while(move |local| *local < least)
        .take(count.min(START_LIMIT))
        .take_while(move |local| *local <= to)
        .skip_while(move |local| *local < shown_from)
}

/// What EXDATE and EXRULE leave out.
struct Excluded {
    starts: BTreeSet<Identity>,
    days: BTreeSet<NaiveDate>,
}

impl Excluded {
    fn new(recurrence: &Recurrence, series: &Series<'_>, stretch: &Stretch) -> Result<Self, RecurrenceError> {
        let mut excluded = Self { starts: BTreeSet::new(), days: BTreeSet::new() };
        for date in &recurrence.exclusion_dates {
            match fit(*date, series.first) {
                OriginalStart::Date { date } => drop(excluded.days.insert(date)),
                timed => drop(excluded.starts.insert(series.place_date(timed).identity())),
            }
        }
        for text in &recurrence.exclusion_rules {
            let (rule, bound) = read(text, series.first)?;
            let starts = starts(&rule, series.first_local, stretch, bound, FirstCounts::No);
            let placed = starts.map(|local| series.place(local)).filter(|placed| bound.admits(placed));
            excluded.starts.extend(placed.map(|placed| placed.identity()));
        }
        Ok(excluded)
    }

    fn contains(&self, placed: &Placed) -> bool {
        !self.days.is_empty() && self.days.contains(&placed.local.date())
            || !self.starts.is_empty() && self.starts.contains(&placed.identity())
    }
}
