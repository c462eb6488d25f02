//! Time zones in calendar objects: which IANA zone a `TZID` means, and a `VTIMEZONE` for a zone.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;

use super::text::{Component, Line};

/// Names that Windows has for zones, as Exchange and Outlook send them (CLDR `windowsZones`), the usual ones.
const WINDOWS: [(&str, Tz); 16] = [
    ("W. Europe Standard Time", chrono_tz::Europe::Berlin),
    ("Central Europe Standard Time", chrono_tz::Europe::Budapest),
    ("Romance Standard Time", chrono_tz::Europe::Paris),
    ("Central European Standard Time", chrono_tz::Europe::Warsaw),
    ("GMT Standard Time", chrono_tz::Europe::London),
    ("FLE Standard Time", chrono_tz::Europe::Kiev),
    ("GTB Standard Time", chrono_tz::Europe::Bucharest),
    ("Russian Standard Time", chrono_tz::Europe::Moscow),
    ("Eastern Standard Time", chrono_tz::America::New_York),
    ("Central Standard Time", chrono_tz::America::Chicago),
    ("Mountain Standard Time", chrono_tz::America::Denver),
    ("Pacific Standard Time", chrono_tz::America::Los_Angeles),
    ("India Standard Time", chrono_tz::Asia::Kolkata),
    ("China Standard Time", chrono_tz::Asia::Shanghai),
    ("Tokyo Standard Time", chrono_tz::Asia::Tokyo),
    ("AUS Eastern Standard Time", chrono_tz::Australia::Sydney),
];

/// The zone that a `TZID` of this object means; none when it cannot be told.
pub(super) fn zone_of(object: &Component, id: &str) -> Option<Tz> {
    let named = |name: &str| -> Option<Tz> {
        // As in `/mozilla.org/20050126_1/Europe/Berlin`.
        let parts: Vec<&str> = name.trim().split('/').collect();
        (0..parts.len()).find_map(|from| parts.get(from..)?.join("/").parse().ok())
    };
    let windows = || WINDOWS.iter().find(|(name, _)| name.eq_ignore_ascii_case(id)).map(|(_, zone)| *zone);
    let described = || {
        let zones = object.children.iter().filter(|child| child.name == "VTIMEZONE");
        let mut own = zones.filter(|zone| zone.text("TZID").as_deref() == Some(id));
        own.find_map(|zone| {
            zone.text("X-LIC-LOCATION").and_then(|place| named(&place)).or_else(|| fixed(zone))
        })
    };
    named(id).or_else(windows).or_else(described)
}

/// The zone of a description that knows no changes, by its offset in whole hours.
fn fixed(zone: &Component) -> Option<Tz> {
    let [only] = zone.children.as_slice() else { return None };
    let offset = only.text("TZOFFSETTO")?;
    let hours: i32 = offset.get(..3)?.parse().ok()?;
    if offset.get(3..5) != Some("00") {
        return None;
    }
    // The sign of these names is the other way round.
    if hours == 0 { Some(Tz::UTC) } else { format!("Etc/GMT{:+}", -hours).parse().ok() }
}

/// Describes a zone from the year before `from` on (RFC 5545 §3.6.5): by rules where its changes follow one, else each
/// change of the next ten years by itself.
pub(super) fn describe(zone: Tz, from: NaiveDate) -> Component {
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
        let before = offset(
            zone,
            NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(from).and_time(chrono::NaiveTime::MIN),
        );
        let start = Change {
            local: NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or(from).and_time(chrono::NaiveTime::MIN),
            before,
            after: before,
        };
        described.children.push(start.observance(None));
        described.children.extend(changes.iter().map(|change| change.observance(None)));
    }
    described
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
        let day = match weekday {
            Weekday::Mon => "MO",
            Weekday::Tue => "TU",
            Weekday::Wed => "WE",
            Weekday::Thu => "TH",
            Weekday::Fri => "FR",
            Weekday::Sat => "SA",
            Weekday::Sun => "SU",
        };
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

fn offset(zone: Tz, utc: NaiveDateTime) -> TimeDelta {
    TimeDelta::seconds(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc().into())
}

/// The changes of a year, found day by day and then to the second.
fn changes_in(zone: Tz, year: i32) -> Vec<Change> {
    let start = NaiveDate::from_ymd_opt(year, 1, 1).map(|date| date.and_time(chrono::NaiveTime::MIN));
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
    fn zones_are_known_by_all_their_names() {
        let object = Component::read(
            "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Mine\nX-LIC-LOCATION:Europe/Rome\nEND:VTIMEZONE\nBEGIN:VTIMEZONE\n\
             TZID:Plus2\nBEGIN:STANDARD\nTZOFFSETTO:+0200\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR",
        )
        .unwrap();
        let zone = |id| zone_of(&object, id).map(Tz::name);
        assert_eq!(zone("Europe/Berlin"), Some("Europe/Berlin"));
        assert_eq!(zone("/freeassociation.sourceforge.net/Europe/Berlin"), Some("Europe/Berlin"));
        assert_eq!(zone("Pacific Standard Time"), Some("America/Los_Angeles"));
        assert_eq!(zone("Mine"), Some("Europe/Rome"));
        assert_eq!(zone("Plus2"), Some("Etc/GMT-2"));
        assert_eq!(zone("Nowhere"), None);
    }
}
