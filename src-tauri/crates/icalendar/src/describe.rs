//! A `VTIMEZONE` for a zone, and what one by others lacks.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use chrono_tz::Tz;
use synodic_model::recurrence::weekday_name;

use crate::text::{Component, Line};
use crate::zones::{Rules, offset};

/// As far as a description is extended by each change; clocks were not changed before that.
const YEARS_BACK: i32 = 150;

/// Describes a zone from the year before `from` on (RFC 5545 §3.6.5): by rules where its changes follow one, else each
/// change of the next ten years by itself.
pub(crate) fn describe(zone: Tz, from: NaiveDate) -> Component {
    let mut described = Component::new("VTIMEZONE");
    described.lines.push(Line::new("TZID", zone.name()));
    let year = from.year() - 1;
    let changes: Vec<Change> = (year..year + 11).flat_map(|year| changes_in(zone, year)).collect();
    let of_year = |year: i32| changes.iter().filter(move |change| change.local.year() == year);
    let first: Vec<&Change> = of_year(year).collect();
    let is_regular = first.len() == 2
        && (year..year + 11).all(|other| {
            of_year(other).count() == 2
                && of_year(other).zip(&first).all(|(there, first)| there.follows(first))
        });
    if is_regular {
        described.children.extend(first.into_iter().map(|change| change.observance(Some(change.rule()))));
    } else {
        let start = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(from);
        let before = offset(zone, start.and_time(NaiveTime::MIN));
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or(from);
        described.children.push(Change::start(start.min(epoch), before).observance(None));
        described.children.extend(changes.iter().map(|change| change.observance(None)));
    }
    described
}

/// Adds to a description what it lacks at `from`, each change by itself; what it has stays, whoever wrote it.
pub(crate) fn extend(described: &mut Component, zone: Tz, from: NaiveDate) {
    let Some((first, last)) = Rules::read(described).and_then(|rules| rules.span()) else {
        described.children = describe(zone, from).children;
        return;
    };
    if from < first.date() {
        let year = from.year() - 1;
        let start = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(from);
        let known =
            (year.max(first.year() - YEARS_BACK)..=first.year()).flat_map(|year| changes_in(zone, year));
        let begun = Change::start(start, offset(zone, start.and_time(NaiveTime::MIN)));
        let changes = std::iter::once(begun).chain(known.filter(|change| change.local < first));
        described.children.extend(changes.map(|change| change.observance(None)));
    }
    if let Some(last) = last.filter(|last| last.year() < from.year()) {
        let years = last.year().max(from.year() - YEARS_BACK)..from.year() + 10;
        let changes = years.flat_map(|year| changes_in(zone, year)).filter(|change| change.local > last);
        described.children.extend(changes.map(|change| change.observance(None)));
    }
}

/// A change of a zone's offset.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// What the clock shows when it is changed.
    local: NaiveDateTime,
    before: TimeDelta,
    after: TimeDelta,
}

impl Change {
    /// The offset that a description starts with, which changes nothing.
    fn start(on: NaiveDate, offset: TimeDelta) -> Self {
        Self { local: on.and_time(NaiveTime::MIN), before: offset, after: offset }
    }

    /// Whether it comes on the last such weekday of its month; else on which one, counted from one.
    fn place(&self) -> (u32, Weekday, i32) {
        let date = self.local.date();
        let is_last = date.checked_add_days(Days::new(7)).is_none_or(|next| next.month() != date.month());
        let nth = i32::try_from(date.day0() / 7).unwrap_or_default() + 1;
        (date.month(), date.weekday(), if is_last { -1 } else { nth })
    }

    fn follows(&self, first: &Self) -> bool {
        self.place() == first.place()
            && self.local.time() == first.local.time()
            && (self.before, self.after) == (first.before, first.after)
    }

    fn rule(&self) -> String {
        let (month, weekday, nth) = self.place();
        let day = weekday_name(weekday);
        format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{day}")
    }

    fn observance(&self, rule: Option<String>) -> Component {
        let kind = if self.after > self.before { "DAYLIGHT" } else { "STANDARD" };
        let mut observance = Component::new(kind);
        observance.lines = vec![
            Line::new("DTSTART", &self.local.format("%Y%m%dT%H%M%S").to_string()),
            Line::new("TZOFFSETFROM", &written(self.before)),
            Line::new("TZOFFSETTO", &written(self.after)),
        ];
        observance.lines.extend(rule.map(|rule| Line::new("RRULE", &rule)));
        observance
    }
}

fn written(offset: TimeDelta) -> String {
    let seconds = offset.num_seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

/// The changes of a year, found day by day and then to the second.
fn changes_in(zone: Tz, year: i32) -> Vec<Change> {
    let start = NaiveDate::from_ymd_opt(year, 1, 1).map(|date| date.and_time(NaiveTime::MIN));
    let days = start.into_iter().flat_map(|start| (0..366).map(move |day| start + TimeDelta::days(day)));
    let mut changes = Vec::new();
    for day in days.filter(|day| day.year() == year) {
        let (mut low, mut high) = (day, day + TimeDelta::days(1));
        let (before, after) = (offset(zone, low), offset(zone, high));
        if before == after {
            continue;
        }
        while high - low > TimeDelta::seconds(1) {
            let middle = low + (high - low) / 2;
            if offset(zone, middle) == before { low = middle } else { high = middle }
        }
        changes.push(Change { local: high + before, before, after });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zones::offset_described;

    #[test]
    fn a_zone_is_described_by_its_rules() {
        let berlin = describe(chrono_tz::Europe::Berlin, "2026-11-02".parse().unwrap()).write();
        assert!(berlin.contains("BEGIN:DAYLIGHT\r\nDTSTART:20250330T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"), "{berlin}");
        assert!(berlin.contains("BYMONTH=10;BYDAY=-1SU"));
        let kolkata = describe(chrono_tz::Asia::Kolkata, "2026-11-02".parse().unwrap()).write();
        assert!(kolkata.contains("TZOFFSETTO:+0530") && !kolkata.contains("RRULE"), "{kolkata}");
        let new_york = describe(chrono_tz::America::New_York, "2026-11-02".parse().unwrap()).write();
        assert!(
            new_york.contains("BYMONTH=3;BYDAY=2SU") && new_york.contains("BYMONTH=11;BYDAY=1SU"),
            "{new_york}"
        );
    }

    #[test]
    fn a_list_of_changes_that_has_run_out_is_continued() {
        let zone = chrono_tz::Africa::Casablanca;
        let mut described = describe(zone, "2016-11-02".parse().unwrap());
        extend(&mut described, zone, "2016-12-02".parse().unwrap());
        assert_eq!(described, describe(zone, "2016-11-02".parse().unwrap()), "it reaches so far");
        extend(&mut described, zone, "2040-01-15".parse().unwrap());
        for day in ["2017-07-01", "2030-01-15", "2040-01-15", "2040-07-15"] {
            let local = day.parse::<NaiveDate>().unwrap().and_hms_opt(12, 0, 0).unwrap();
            let there = offset_described(&described, local).unwrap();
            assert_eq!(there, offset(zone, local - there), "{day}");
        }
    }

    #[test]
    fn a_zone_that_never_changes_needs_no_more() {
        let zone = chrono_tz::Asia::Kolkata;
        let mut described = describe(zone, "2026-11-02".parse().unwrap());
        let once = described.clone();
        extend(&mut described, zone, "2040-11-02".parse().unwrap());
        assert_eq!(described, once);
    }
}
