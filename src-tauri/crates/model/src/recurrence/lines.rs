//! Content lines: `RRULE:…`, `RDATE…`, `EXDATE…` in and out.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::Recurrence;
use super::rule::Rule;
use crate::time::{Fold, OriginalStart, When, ZonedTime};

/// A date or date-time value as it is written (RFC 5545 §3.3.4 and §3.3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// `20261123`
    Date(NaiveDate),
    /// `20261123T090000`
    Local(NaiveDateTime),
    /// `20261123T080000Z`
    Utc(NaiveDateTime),
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(formatter, "{}", date.format("%Y%m%d")),
            Self::Local(time) => write!(formatter, "{}", time.format("%Y%m%dT%H%M%S")),
            Self::Utc(time) => write!(formatter, "{}", time.format("%Y%m%dT%H%M%SZ")),
        }
    }
}

/// Reads a date or date-time value. Seconds may be missing, and a leap second counts as the one before it.
pub(super) fn read_moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(date, time)| (date, Some(time)));
    if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let date = NaiveDate::parse_from_str(date, "%Y%m%d").ok()?;
    let Some(time) = time else { return Some(Moment::Date(date)) };
    let digits = time.trim_end_matches(['Z', 'z']);
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let two = |from: usize| digits.get(from..from + 2).map_or(Some(0), |pair| pair.parse::<u32>().ok());
    let at = date.and_time(NaiveTime::from_hms_opt(two(0)?, two(2)?, two(4)?.min(59))?);
    Some(if digits.len() == time.len() { Moment::Local(at) } else { Moment::Utc(at) })
}

/// The zone that a TZID parameter names.
enum LineZone {
    /// There is no TZID.
    Absent,
    /// An IANA zone.
    Named(Tz),
    /// Some other name. Whoever writes such names writes the same one on DTSTART, so the series' own zone is meant.
    Foreign,
}

/// What a content line's value says under its zone, as the start of an occurrence of a series that starts at `start`.
fn read_start(text: &str, zone: &LineZone, start: &When) -> Option<OriginalStart> {
    let read = match read_moment(text)? {
        Moment::Date(date) => OriginalStart::Date { date },
        Moment::Utc(time) => OriginalStart::Zoned { time: ZonedTime::new(time, Tz::UTC) },
        Moment::Local(time) => match zone {
            LineZone::Named(zone) => OriginalStart::Zoned { time: ZonedTime::new(time, *zone) },
            LineZone::Absent | LineZone::Foreign => OriginalStart::Floating { time },
        },
    };
    Some(fit(read, start))
}

/// The same start in the terms of a series that starts at `start`, so that equal starts are equal values. A whole day
/// beside a timed series stays a day: as an exclusion it means every occurrence of that day.
pub(super) fn fit(date: OriginalStart, start: &When) -> OriginalStart {
    match (start, date) {
        (When::AllDay { .. }, OriginalStart::Zoned { time }) => {
            OriginalStart::Date { date: time.local.date() }
        }
        (When::AllDay { .. }, OriginalStart::Floating { time }) => OriginalStart::Date { date: time.date() },
        (When::Floating { .. }, OriginalStart::Zoned { time }) => {
            OriginalStart::Floating { time: time.local }
        }
        (When::Zoned { start, .. }, OriginalStart::Zoned { time }) => {
            OriginalStart::Zoned { time: ZonedTime::at(time.instant(), start.zone) }
        }
        (When::Zoned { start, .. }, OriginalStart::Floating { time }) => {
            OriginalStart::Zoned { time: ZonedTime::settled(time, start.zone).0 }
        }
        (_, OriginalStart::Date { .. } | OriginalStart::Floating { .. }) => date,
    }
}

/// Sorts dates along the time line and drops repetitions.
pub(super) fn order(dates: &mut Vec<OriginalStart>) {
    dates.sort_by_cached_key(OriginalStart::key);
    dates.dedup_by_key(|date| date.key());
}

impl Recurrence {
    /// Takes one content line in, or puts it among the unread ones.
    pub(super) fn read_line(&mut self, line: &str, start: &When) {
        let line = line.trim();
        let Some((head, value)) = split_head(line) else {
            if !line.is_empty() {
                self.unread.push(line.to_owned());
            }
            return;
        };
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        match name.trim().to_ascii_uppercase().as_str() {
            "RRULE" => read_rule(value, line, start, &mut self.rules, &mut self.unread),
            "EXRULE" => read_rule(value, line, start, &mut self.exclusion_rules, &mut self.unread),
            "RDATE" => read_dates(head, parameters, value, start, &mut self.dates, &mut self.unread),
            "EXDATE" => {
                read_dates(head, parameters, value, start, &mut self.exclusion_dates, &mut self.unread);
            }
            _ => self.unread.push(line.to_owned()),
        }
    }

    /// Writes the lines of one list of dates.
    pub(super) fn write_dates(name: &str, dates: &[OriginalStart], start: &When, lines: &mut Vec<String>) {
        let mut grouped: Vec<(String, Vec<String>)> = Vec::new();
        for date in dates {
            let (parameters, value) = write_start(fit(*date, start));
            match grouped.iter_mut().find(|(other, _)| *other == parameters) {
                Some((_, values)) => values.push(value),
                None => grouped.push((parameters, vec![value])),
            }
        }
        for (parameters, values) in grouped {
            lines.push(format!("{name}{parameters}:{}", values.join(",")));
        }
    }
}

/// The parameters and the value that name a start.
fn write_start(date: OriginalStart) -> (String, String) {
    match date {
        OriginalStart::Date { date } => (";VALUE=DATE".to_owned(), Moment::Date(date).to_string()),
        OriginalStart::Floating { time } => (String::new(), Moment::Local(time).to_string()),
        // A wall-clock reading cannot say that its second occurrence is meant; UTC can.
        OriginalStart::Zoned { time } if time.zone == Tz::UTC || time.fold == Fold::Later => {
            (String::new(), Moment::Utc(time.instant().naive_utc()).to_string())
        }
        OriginalStart::Zoned { time } => {
            (format!(";TZID={}", time.zone.name()), Moment::Local(time.local).to_string())
        }
    }
}

fn read_rule(value: &str, line: &str, start: &When, rules: &mut Vec<String>, unread: &mut Vec<String>) {
    match Rule::read(value) {
        Ok(mut rule) => {
            rule.fit_until(start);
            rules.push(rule.to_string());
        }
        Err(_) => unread.push(line.to_owned()),
    }
}

fn read_dates(
    head: &str,
    parameters: &str,
    values: &str,
    start: &When,
    dates: &mut Vec<OriginalStart>,
    unread: &mut Vec<String>,
) {
    let zone = zone_of(parameters);
    for value in values.split(',').map(str::trim).filter(|value| !value.is_empty()) {
        match read_start(value, &zone, start) {
            Some(date) => dates.push(date),
            // Periods among them: an occurrence with a length of its own is more than our model holds.
            None => unread.push(format!("{head}:{value}")),
        }
    }
}

fn zone_of(parameters: &str) -> LineZone {
    let tzid = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("TZID").then(|| value.trim().trim_matches('"'))
    });
    match tzid {
        None => LineZone::Absent,
        Some(name) => name.parse().map_or(LineZone::Foreign, LineZone::Named),
    }
}

/// Splits a content line at its first colon that is not within a quoted parameter.
fn split_head(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = line.char_indices().find_map(|(index, letter)| {
        quoted ^= letter == '"';
        (letter == ':' && !quoted).then_some(index)
    })?;
    Some((line.get(..at)?, line.get(at + 1..)?))
}
