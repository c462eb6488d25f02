//! “This and following”: a series cut in two before one of its occurrences.
//!
//! No service has such an operation; everybody ends the series before the occurrence and begins a second one with it
//! (RFC 5545 knows RANGE=THISANDFUTURE, which nobody sends). What is left of a COUNT goes with the second one.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::expand::starts_before;
use super::lines::{Moment, fit};
use super::place::Series;
use super::rule::Rule;
use super::{Recurrence, expand};
use crate::time::{OriginalStart, TimeWindow, When};

/// A series in two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// How the series repeats until then; its start stays.
    pub front: Recurrence,
    /// How the second series repeats, which starts with the occurrence.
    pub rest: Recurrence,
}

impl Recurrence {
    /// Cuts the series that starts at `first` in two before the occurrence at `at`. None when it cannot be cut there so
    /// that both parts together are what the series was: at a further date beside a rule that goes on (the rule would
    /// count its steps from that date), or where an EXRULE leaves occurrences out.
    #[must_use]
    pub fn split(&self, first: &When, at: &OriginalStart) -> Option<Split> {
        let series = Series::new(first, chrono_tz::UTC);
        let cut = Cut { first, at: series.place_date(*at).local, last: last_before(at) };
        if !self.exclusion_rules.is_empty() {
            return None;
        }
        let mut front = Self { unread: self.unread.clone(), ..Self::default() };
        let mut rest = front.clone();
        for text in &self.rules {
            let (before, after) = cut.rule(text)?;
            front.rules.push(before);
            rest.rules.extend(after);
        }
        for date in &self.dates {
            let local = series.place_date(*date).local;
            if local < cut.at {
                front.dates.push(*date);
            } else if local > cut.at {
                rest.dates.push(*date);
            }
        }
        for date in &self.exclusion_dates {
            let (is_before, is_after) = cut.sides(date);
            front.exclusion_dates.extend(is_before.then_some(*date));
            rest.exclusion_dates.extend(is_after.then_some(*date));
        }
        front.settle();
        rest.settle();
        Some(Split { front, rest })
    }

    /// How many occurrences the series has, overrides not considered; none when it never ends or has more than `limit`.
    #[must_use]
    pub fn count(&self, first: &When, limit: usize) -> Option<usize> {
        let to = self.ends_before(first)?;
        let window = TimeWindow { from: DateTime::<Utc>::MIN_UTC, to, viewer: chrono_tz::UTC };
        let found = expand(first, self, &window, limit.saturating_add(1)).ok()?;
        (found.len() <= limit).then_some(found.len())
    }
}

/// Where a series is cut.
struct Cut<'a> {
    first: &'a When,
    /// The occurrence on the series' wall clock.
    at: NaiveDateTime,
    /// The last moment before it, as UNTIL says it.
    last: Moment,
}

impl Cut<'_> {
    /// What is left of a rule before the cut, and after it.
    fn rule(&self, text: &str) -> Option<(String, Option<String>)> {
        let rule = Rule::read(text).ok()?;
        let begun = starts_before(text, self.first, self.at)?;
        let before = Rule { count: None, until: Some(self.last), ..rule.clone() };
        let is_over =
            rule.count.is_some_and(|count| begun.count >= usize::try_from(count).unwrap_or(usize::MAX));
        if is_over || begun.ended {
            return Some((text.to_owned(), None));
        }
        if !begun.yields_next {
            return None;
        }
        let begun_count = u32::try_from(begun.count).ok()?;
        let after = Rule { count: rule.count.map(|count| count.saturating_sub(begun_count)), ..rule };
        Some((before.to_string(), Some(after.to_string())))
    }

    /// Whether an exclusion matters before the cut, and whether it does after it. A day beside a timed series may have
    /// occurrences on both sides.
    fn sides(&self, date: &OriginalStart) -> (bool, bool) {
        match fit(*date, self.first) {
            OriginalStart::Date { date } if !self.first.is_all_day() => {
                (date <= self.at.date(), date >= self.at.date())
            }
            OriginalStart::Date { date } => (date < self.at.date(), date >= self.at.date()),
            OriginalStart::Zoned { time } => (time.local < self.at, time.local >= self.at),
            OriginalStart::Floating { time } => (time < self.at, time >= self.at),
        }
    }
}

/// The last moment before an occurrence, in the type that UNTIL has beside it.
fn last_before(at: &OriginalStart) -> Moment {
    let second = TimeDelta::seconds(1);
    match *at {
        OriginalStart::Date { date } => Moment::Date(date.pred_opt().unwrap_or(date)),
        OriginalStart::Zoned { time } => Moment::Utc((time.instant() - second).naive_utc()),
        OriginalStart::Floating { time } => Moment::Local(time - second),
    }
}
