//! Time zones in calendar objects: which IANA zone a `TZID` means.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use synodic_model::recurrence::{Recurrence, expand};
use synodic_model::{TimeWindow, When};

use crate::text::{Component, Line};
use crate::windows;

/// The onsets of one rule that are looked at, within a little more than a year.
const ONSET_LIMIT: usize = 64;

/// The zones that an object's times may name: those that everybody knows, and those that it describes itself.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    described: BTreeMap<String, Meaning>,
}

/// What a `TZID` means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// A zone of the IANA's.
    Zone(Tz),
    /// None of those, but rules of its own.
    Own(Arc<Rules>),
}

/// A zone as a `VTIMEZONE` describes it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rules {
    observances: Vec<Observance>,
}

/// A `STANDARD` or `DAYLIGHT` (RFC 5545 §3.6.5).
#[derive(Clone, Debug, PartialEq)]
struct Observance {
    onset: NaiveDateTime,
    recurrence: Recurrence,
    before: TimeDelta,
    after: TimeDelta,
}

impl Zones {
    /// The zones of an object with these components.
    pub(crate) fn of<'a>(components: impl IntoIterator<Item = &'a Component>) -> Self {
        let mut zones = Self::default();
        for component in components.into_iter().filter(|component| component.name == "VTIMEZONE") {
            zones.add(component);
        }
        zones
    }

    /// Takes in a `VTIMEZONE`. What the name alone says counts for more than a description, which programs shorten.
    pub(crate) fn add(&mut self, described: &Component) {
        let Some(id) = described.text("TZID") else { return };
        if known(&id).is_some() || self.described.contains_key(&id) {
            return;
        }
        let place = described.text("X-LIC-LOCATION").and_then(|place| named(&place));
        let meaning = place.map(Meaning::Zone).or_else(|| {
            let rules = Rules::read(described)?;
            Some(rules.zone(&id).map_or_else(|| Meaning::Own(Arc::new(rules)), Meaning::Zone))
        });
        if let Some(meaning) = meaning {
            self.described.insert(id, meaning);
        }
    }

    /// What a `TZID` means; none when it cannot be told.
    pub(crate) fn meaning(&self, id: &str) -> Option<Meaning> {
        known(id).map(Meaning::Zone).or_else(|| self.described.get(id).cloned())
    }
}

/// The zone that everybody calls so.
fn known(id: &str) -> Option<Tz> {
    named(id).or_else(|| windows::zone(id.trim()))
}

/// The zone of an IANA name, also with something before it as in `/mozilla.org/20050126_1/Europe/Berlin`.
fn named(name: &str) -> Option<Tz> {
    let parts: Vec<&str> = name.trim().split('/').collect();
    (0..parts.len()).find_map(|from| parts.get(from..)?.join("/").parse().ok())
}

impl Rules {
    pub(crate) fn read(described: &Component) -> Option<Self> {
        let observances = described.children.iter().filter_map(Observance::read).take(1000);
        let observances: Vec<_> = observances.collect();
        (!observances.is_empty()).then_some(Self { observances })
    }

    /// What the clocks of UTC show when those of this zone show `local`.
    pub(crate) fn utc(&self, local: NaiveDateTime) -> NaiveDateTime {
        local.checked_sub_signed(self.offset(local)).unwrap_or(local)
    }

    /// The offset of the observance that began last; before all of them, that which the first one ended.
    fn offset(&self, local: NaiveDateTime) -> TimeDelta {
        let latest = self.observances.iter().filter_map(|one| Some((one.last_onset(local)?, one.after)));
        let first = || self.observances.iter().min_by_key(|one| one.onset).map(|one| one.before);
        latest.max_by_key(|(onset, _)| *onset).map(|(_, offset)| offset).or_else(first).unwrap_or_default()
    }

    /// When these begin, and when they end unless some of them repeat for ever.
    pub(crate) fn span(&self) -> Option<(NaiveDateTime, Option<NaiveDateTime>)> {
        let first = self.observances.iter().map(|one| one.onset).min()?;
        let last =
            self.observances.iter().map(Observance::last).try_fold(first, |last, one| Some(last.max(one?)));
        Some((first, last))
    }

    /// The IANA zone whose clocks agree with these for two years, of several the one that the name speaks of, else one
    /// that people know. Older years are not compared: descriptions seldom reach back.
    fn zone(&self, id: &str) -> Option<Tz> {
        let last = self.observances.iter().map(|one| one.onset.year()).max()?;
        let repeats = self.observances.iter().any(|one| !one.recurrence.rules.is_empty());
        let is_fixed = self.observances.len() == 1 && !repeats;
        let year = if repeats || is_fixed { last.max(2024) + 1 } else { last - 1 };
        let start = NaiveDate::from_ymd_opt(year, 1, 4)?.and_hms_opt(12, 0, 0)?;
        let samples: Vec<_> = (0..104)
            .filter_map(|week| {
                let local = start.checked_add_signed(TimeDelta::weeks(week))?;
                Some((self.utc(local), self.offset(local)))
            })
            .collect();
        let agrees = |zone: &Tz| samples.iter().all(|(utc, known)| offset(*zone, *utc) == *known);
        if is_fixed {
            let hours = (-14..=12)
                .map(|hours| if hours == 0 { "UTC".to_owned() } else { format!("Etc/GMT{hours:+}") });
            let mut hours = hours.filter_map(|name| name.parse().ok());
            if let Some(zone) = hours.find(agrees) {
                return Some(zone);
            }
        }
        let said = id.to_lowercase();
        let is_said = |zone: &Tz| {
            let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ").to_lowercase();
            city.len() > 3 && said.contains(&city)
        };
        let all: Vec<Tz> = chrono_tz::TZ_VARIANTS.into_iter().filter(agrees).collect();
        let spoken_of = all.iter().find(|zone| is_said(zone)).copied();
        let familiar = || windows::zones().find(|zone| all.contains(zone));
        spoken_of.or_else(familiar).or_else(|| all.first().copied())
    }
}

impl Observance {
    fn read(component: &Component) -> Option<Self> {
        let onset = component.line("DTSTART")?.value().trim().trim_end_matches('Z').to_owned();
        let onset = NaiveDateTime::parse_from_str(&onset, "%Y%m%dT%H%M%S").ok()?;
        let offset = |name: &str| component.line(name).and_then(|line| read_offset(line.value()));
        let after = offset("TZOFFSETTO")?;
        let lines =
            component.lines.iter().filter(|line| line.is("RRULE") || line.is("RDATE")).map(Line::as_str);
        let recurrence = Recurrence::parse_lines(lines, &When::Floating { start: onset, end: onset });
        Some(Self { onset, recurrence, before: offset("TZOFFSETFROM").unwrap_or(after), after })
    }

    /// When it begins for the last time, two days later at most; none when it does so for ever.
    fn last(&self) -> Option<NaiveDateTime> {
        let first = When::Floating { start: self.onset, end: self.onset };
        if self.recurrence.rules.is_empty() && self.recurrence.dates.is_empty() {
            return Some(self.onset);
        }
        self.recurrence.ends_before(&first).map(|end| end.naive_utc())
    }

    /// When it began for the last time before `local`, reckoned by the clocks that it ended.
    fn last_onset(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        if local < self.onset {
            return None;
        }
        // A yearly rule has an onset in each 400 days, and so has every other that is meant.
        let from = local.checked_sub_signed(TimeDelta::days(400))?.max(self.onset);
        let window =
            TimeWindow { from: from.and_utc(), to: local.and_utc() + TimeDelta::seconds(1), viewer: Tz::UTC };
        let first = When::Floating { start: self.onset, end: self.onset };
        let onsets = expand(&first, &self.recurrence, &window, ONSET_LIMIT).unwrap_or_default();
        let started = onsets.last().map_or(self.onset, |onset| match onset.when {
            When::Floating { start, .. } => start,
            When::Zoned { start, .. } => start.local,
            When::AllDay { start, .. } => start.and_time(chrono::NaiveTime::MIN),
        });
        // A rule with an end began for the last time long ago, which is still later than its first onset.
        Some(match self.recurrence.ends_before(&first) {
            Some(end) if onsets.is_empty() && !self.recurrence.rules.is_empty() => end.naive_utc().min(local),
            _ => started,
        })
    }
}

/// `+0100`, `-0330`, `+013000`.
fn read_offset(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let part = |at: usize| digits.get(at..at + 2)?.parse::<i64>().ok().filter(|part| (0..60).contains(part));
    let seconds = if digits.len() > 4 { part(4)? } else { 0 };
    let offset = TimeDelta::seconds(sign * (part(0)? * 3600 + part(2)? * 60 + seconds));
    (offset.abs() < TimeDelta::days(1)).then_some(offset)
}

pub(crate) fn offset(zone: Tz, utc: NaiveDateTime) -> TimeDelta {
    TimeDelta::seconds(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc().into())
}

/// What the offset is at a time by a description alone.
#[cfg(test)]
pub(crate) fn offset_described(described: &Component, local: NaiveDateTime) -> Option<TimeDelta> {
    Some(Rules::read(described)?.offset(local))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::describe;

    fn meanings(zones: &str) -> impl Fn(&str) -> Option<Meaning> + use<> {
        let text = format!("BEGIN:VCALENDAR\n{zones}END:VCALENDAR");
        let zones = Zones::of(&Component::read(&text).unwrap().children);
        move |id| zones.meaning(id)
    }

    #[test]
    fn zones_are_known_by_all_their_names() {
        let meaning = meanings(
            "BEGIN:VTIMEZONE\nTZID:Mine\nX-LIC-LOCATION:Europe/Rome\nEND:VTIMEZONE\nBEGIN:VTIMEZONE\nTZID:Plus2\n\
             BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0200\nEND:STANDARD\nEND:VTIMEZONE\n",
        );
        let zone = |id| match meaning(id) {
            Some(Meaning::Zone(zone)) => Some(zone.name()),
            _ => None,
        };
        assert_eq!(zone("Europe/Berlin"), Some("Europe/Berlin"));
        assert_eq!(zone("/freeassociation.sourceforge.net/Europe/Berlin"), Some("Europe/Berlin"));
        assert_eq!(zone("Pacific Standard Time"), Some("America/Los_Angeles"));
        assert_eq!(zone("Mine"), Some("Europe/Rome"));
        assert_eq!(zone("Plus2"), Some("Etc/GMT-2"));
        assert_eq!(zone("Nowhere"), None);
    }

    /// As Outlook writes it: a name of its own, rules since 1601.
    fn outlook(id: &str, standard: &str, summer: &str, to_standard: &str, to_summer: &str) -> String {
        format!(
            "BEGIN:VTIMEZONE\nTZID:{id}\nBEGIN:STANDARD\nDTSTART:16011028T030000\nRRULE:FREQ=YEARLY;{to_standard}\n\
             TZOFFSETFROM:{summer}\nTZOFFSETTO:{standard}\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010325T020000\n\
             RRULE:FREQ=YEARLY;{to_summer}\nTZOFFSETFROM:{standard}\nTZOFFSETTO:{summer}\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
        )
    }

    #[test]
    fn a_zone_of_unknown_name_is_the_one_whose_clocks_agree() {
        let europe = ("+0100", "+0200", "BYDAY=-1SU;BYMONTH=10", "BYDAY=-1SU;BYMONTH=3");
        let zones = ["Customized Time Zone", "(UTC+01:00) Amsterdam\\, Berlin\\, Rome"]
            .map(|id| outlook(id, europe.0, europe.1, europe.2, europe.3))
            .concat();
        let america = outlook("Ours", "-0500", "-0400", "BYDAY=1SU;BYMONTH=11", "BYDAY=2SU;BYMONTH=3");
        let meaning = meanings(&format!("{zones}{america}"));
        assert_eq!(meaning("Customized Time Zone"), Some(Meaning::Zone(chrono_tz::Europe::Berlin)));
        assert_eq!(
            meaning("(UTC+01:00) Amsterdam, Berlin, Rome"),
            Some(Meaning::Zone(chrono_tz::Europe::Amsterdam))
        );
        assert_eq!(meaning("Ours"), Some(Meaning::Zone(chrono_tz::America::New_York)));
    }

    #[test]
    fn a_zone_of_nowhere_has_its_own_summer_time() {
        let meaning =
            meanings(&outlook("Moon", "+0117", "+0317", "BYDAY=1MO;BYMONTH=9", "BYDAY=1MO;BYMONTH=5"));
        let Some(Meaning::Own(rules)) = meaning("Moon") else { panic!("there is no such place") };
        let utc = |local: &str| rules.utc(local.parse().unwrap()).to_string();
        assert_eq!(utc("2026-01-15T12:00:00"), "2026-01-15 10:43:00");
        assert_eq!(utc("2026-07-15T12:00:00"), "2026-07-15 08:43:00");
    }

    #[test]
    fn what_we_describe_we_understand() {
        for zone in [chrono_tz::Europe::Berlin, chrono_tz::America::Sao_Paulo, chrono_tz::Asia::Kolkata] {
            let mut described = describe(zone, "2026-11-02".parse().unwrap());
            described.set("TZID", Some(Line::text("TZID", "It")));
            let Some(Meaning::Zone(found)) = Zones::of([&described]).meaning("It") else { panic!("{zone}") };
            for day in 0..700 {
                let at = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN)
                    + TimeDelta::days(day);
                assert_eq!(offset(found, at), offset(zone, at), "{zone} as {found}");
            }
        }
    }
}
