//! Recurrence rules: reading them, listing the occurrences.
//!
//! A series recurs on the wall clock of its zone, so everything here is computed in wall-clock time and turned into
//! instants at the end. For the rule engine the wall clock is pretended to be UTC, which has no gaps and no repeats.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use rrule::{RRule, RRuleSet, Unvalidated};

use super::time::EventTime;
use crate::google::error::ApiError;

/// No listing expands a series further than this many occurrences.
const LIMIT: usize = 20_000;

/// The occurrences of one series.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    start: EventTime,
    rules: Option<RRuleSet>,
    added: BTreeSet<NaiveDateTime>,
    excluded: BTreeSet<NaiveDateTime>,
}

impl Series {
    /// Reads the `recurrence` lines of an event that starts at `start`.
    pub(crate) fn read(lines: &[String], start: EventTime) -> Result<Self, ApiError> {
        let invalid = || ApiError::invalid("Invalid recurrence rule.");
        let first = start.wall().and_utc().with_timezone(&rrule::Tz::UTC);
        let mut set = RRuleSet::new(first);
        let mut series = Self { start, rules: None, added: BTreeSet::new(), excluded: BTreeSet::new() };
        let mut has_rule = false;
        for line in lines {
            let (head, value) = line.split_once(':').ok_or_else(invalid)?;
            let name = head.split(';').next().unwrap_or_default().to_ascii_uppercase();
            match name.as_str() {
                "RRULE" | "EXRULE" => {
                    let rule = wall_clock_rule(value, &start).ok_or_else(invalid)?;
                    let rule = rule.parse::<RRule<Unvalidated>>().map_err(|_| invalid())?;
                    let rule = rule.validate(first).map_err(|_| invalid())?;
                    has_rule |= name == "RRULE";
                    set = if name == "RRULE" { set.rrule(rule) } else { set.exrule(rule) };
                }
                "RDATE" | "EXDATE" => {
                    let dates = dates(head, value, &start).ok_or_else(invalid)?;
                    let known = if name == "RDATE" { &mut series.added } else { &mut series.excluded };
                    known.extend(dates);
                }
                _ => return Err(invalid()),
            }
        }
        if has_rule {
            series.rules = Some(set);
        } else {
            // Dates alone repeat an event that also happens once where it starts.
            series.added.insert(start.wall());
        }
        Ok(series)
    }

    /// Lists the starts of occurrences from the first on, until `last` (inclusive).
    pub(crate) fn until(&self, last: NaiveDateTime) -> Vec<EventTime> {
        let mut walls = self.added.range(..=last).copied().collect::<BTreeSet<_>>();
        if let Some(rules) = self.rules.clone() {
            let generated = rules.limit().into_iter().map(|moment| moment.naive_utc());
            walls.extend(generated.take_while(|wall| *wall <= last).take(LIMIT));
        }
        walls.difference(&self.excluded).map(|wall| self.start.at_wall(*wall)).collect()
    }

    /// Says whether an occurrence starts at `time`.
    pub(crate) fn contains(&self, time: &EventTime) -> bool {
        self.until(time.wall()).last().is_some_and(|last| last == time)
    }
}

/// Puts the parts of a rule into the order in which Google returns them. Clients that compare rules as text notice.
pub(crate) fn normalise(line: &str) -> String {
    const ORDER: [&str; 5] = ["FREQ", "WKST", "UNTIL", "COUNT", "INTERVAL"];
    let Some((head @ ("RRULE" | "EXRULE"), value)) = line.split_once(':') else {
        return line.to_owned();
    };
    let mut parts = value.split(';').filter(|part| *part != "INTERVAL=1").collect::<Vec<_>>();
    parts.sort_by_key(|part| {
        let name = part.split('=').next().unwrap_or_default();
        ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len())
    });
    format!("{head}:{}", parts.join(";"))
}

/// Rewrites `UNTIL`, which is in UTC for timed series, to the wall clock. A local time is taken for UTC as well, and a
/// day for its first moment, which is how a careless client loses the last occurrence.
fn wall_clock_rule(rule: &str, start: &EventTime) -> Option<String> {
    let mut parts = Vec::new();
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        if name.eq_ignore_ascii_case("UNTIL") {
            let until = match (moment(value)?, start) {
                (Moment::Day(day), _) | (Moment::At(day, _), EventTime::Day(_)) => day,
                (Moment::At(utc, _), EventTime::At(_, zone)) => {
                    utc.and_utc().with_timezone(zone).naive_local()
                }
            };
            parts.push(format!("UNTIL={}Z", until.format("%Y%m%dT%H%M%S")));
        } else {
            parts.push(part.to_ascii_uppercase());
        }
    }
    Some(parts.join(";"))
}

/// A date in a recurrence line.
enum Moment {
    Day(NaiveDateTime),
    /// A time of day, and whether it is marked as UTC.
    At(NaiveDateTime, bool),
}

fn moment(text: &str) -> Option<Moment> {
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y%m%d") {
        return Some(Moment::Day(day.and_time(NaiveTime::MIN)));
    }
    let (bare, is_utc) = text.strip_suffix(['Z', 'z']).map_or((text, false), |bare| (bare, true));
    NaiveDateTime::parse_from_str(bare, "%Y%m%dT%H%M%S").ok().map(|time| Moment::At(time, is_utc))
}

/// Reads the dates of an `RDATE` or `EXDATE` line as wall-clock times of the series.
fn dates(head: &str, value: &str, start: &EventTime) -> Option<Vec<NaiveDateTime>> {
    let zone = match head.split(';').find_map(|part| part.strip_prefix("TZID=")) {
        Some(name) => Some(name.parse::<Tz>().ok()?),
        None => None,
    };
    let read = |text: &str| {
        // Of a period only the start matters here: all occurrences last equally long.
        let text = text.split('/').next().unwrap_or_default();
        let wall = match (moment(text)?, start) {
            (Moment::Day(day) | Moment::At(day, _), EventTime::Day(_)) => day.date().and_time(NaiveTime::MIN),
            (Moment::Day(day), EventTime::At(..)) => day.date().and_time(start.wall().time()),
            (Moment::At(time, true), EventTime::At(_, own)) => {
                time.and_utc().with_timezone(own).naive_local()
            }
            (Moment::At(time, false), EventTime::At(_, own)) => {
                let there = zone.unwrap_or(*own);
                super::time::from_wall(time, there).with_timezone(own).naive_local()
            }
        };
        Some(wall)
    };
    value.split(',').map(read).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::google::event::time::Side;

    fn start(date_time: &str, zone: &str) -> EventTime {
        let value = json!({ "dateTime": date_time, "timeZone": zone });
        EventTime::read(&value, Side::Start, Tz::UTC, true).unwrap()
    }

    fn stamps(lines: &[&str], start: EventTime, last: &str) -> Vec<String> {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let series = Series::read(&lines, start).unwrap();
        series.until(last.parse().unwrap()).iter().map(EventTime::stamp).collect()
    }

    #[test]
    fn the_wall_clock_stays_when_the_offset_changes() {
        let weekly = start("2026-03-22T09:00:00", "Europe/Paris");
        let found = stamps(&["RRULE:FREQ=WEEKLY;COUNT=3"], weekly, "2027-01-01T00:00:00");
        assert_eq!(found, ["20260322T080000Z", "20260329T070000Z", "20260405T070000Z"]);
    }

    #[test]
    fn exclusions_and_additions_are_honoured_in_any_notation() {
        let daily = start("2026-05-01T09:00:00", "Europe/Paris");
        let lines = [
            "RRULE:FREQ=DAILY;COUNT=4",
            "EXDATE:20260502T070000Z",
            "EXDATE;TZID=Europe/London:20260503T080000",
            "RDATE;TZID=Europe/Paris:20260510T120000",
        ];
        let found = stamps(&lines, daily, "2027-01-01T00:00:00");
        assert_eq!(found, ["20260501T070000Z", "20260504T070000Z", "20260510T100000Z"]);
    }

    #[test]
    fn until_is_utc_and_a_local_time_loses_the_last_occurrence() {
        let daily = start("2026-05-01T09:00:00", "America/New_York");
        let right = stamps(&["RRULE:FREQ=DAILY;UNTIL=20260503T130000Z"], daily, "2027-01-01T00:00:00");
        assert_eq!(right.len(), 3);
        let wrong = stamps(&["RRULE:FREQ=DAILY;UNTIL=20260503T090000"], daily, "2027-01-01T00:00:00");
        assert_eq!(wrong.len(), 2);
    }

    #[test]
    fn whole_days_recur_as_days() {
        let day = EventTime::Day("2026-05-01".parse().unwrap());
        let lines = ["RRULE:FREQ=WEEKLY;UNTIL=20260515", "EXDATE;VALUE=DATE:20260508"];
        assert_eq!(stamps(&lines, day, "2027-01-01T00:00:00"), ["20260501", "20260515"]);
    }

    #[test]
    fn other_lines_and_broken_rules_are_refused() {
        let day = EventTime::Day("2026-05-01".parse().unwrap());
        for line in ["DTSTART:20260501", "RRULE:FREQ=SOMETIMES", "RRULE", "EXDATE:yesterday"] {
            assert!(Series::read(&[line.to_owned()], day).is_err(), "{line}");
        }
    }

    #[test]
    fn rules_come_back_in_googles_order() {
        let sent = "RRULE:BYDAY=MO,WE;INTERVAL=1;COUNT=5;FREQ=WEEKLY";
        assert_eq!(normalise(sent), "RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=MO,WE");
        assert_eq!(normalise("EXDATE:20260501T070000Z"), "EXDATE:20260501T070000Z");
    }
}
