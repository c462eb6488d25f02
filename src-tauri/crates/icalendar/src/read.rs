//! From the lines of a component to an event, field by field.

use chrono::TimeDelta;
use synodic_model::{
    Attendee, Color, EventContent, EventStatus, Organizer, Recurrence, Reminder, ReminderMethod, Reminders,
    ResponseStatus, Transparency, Visibility, When, ZonedTime,
};

use crate::error::Unreadable;
use crate::point::{Point, read_days_and_time, read_duration};
use crate::text::{Component, Line};
use crate::zones::{Meaning, Zones};

/// The lines that make up a recurrence.
pub(crate) const RECURRENCE: [&str; 4] = ["RRULE", "EXRULE", "RDATE", "EXDATE"];
/// Longer than any reminder that is meant: ten years.
const REMINDER_LIMIT: i64 = 10 * 366 * 24 * 60;

/// Reads an event. `own` are the person's addresses.
pub(crate) fn read(zones: &Zones, event: &Component, own: &[String]) -> Result<EventContent, Unreadable> {
    let when = read_when(zones, event)?;
    let mut content = EventContent::new(event.text("SUMMARY").unwrap_or_default(), when);
    content.description = event.text("DESCRIPTION").unwrap_or_default();
    content.location = event.text("LOCATION").unwrap_or_default();
    content.recurrence = read_recurrence(zones, event, &when);
    let word = |name: &str| event.line(name).map(|line| line.value().trim().to_ascii_uppercase());
    content.status = match word("STATUS").as_deref() {
        Some("TENTATIVE") => EventStatus::Tentative,
        Some("CANCELLED") => EventStatus::Cancelled,
        _ => EventStatus::Confirmed,
    };
    content.transparency = match word("TRANSP").as_deref() {
        Some("TRANSPARENT") => Transparency::Transparent,
        _ => Transparency::Opaque,
    };
    content.visibility = match word("CLASS").as_deref() {
        Some("PUBLIC") => Visibility::Public,
        Some("PRIVATE") => Visibility::Private,
        Some("CONFIDENTIAL") => Visibility::Confidential,
        _ => Visibility::Default,
    };
    let reminders: Vec<Reminder> = event.children.iter().filter_map(read_alarm).collect();
    if !reminders.is_empty() {
        content.reminders = Reminders::Custom { reminders };
    }
    content.attendees = event.each("ATTENDEE").filter_map(|line| read_attendee(line, own)).collect();
    content.organizer = event.line("ORGANIZER").and_then(|line| {
        let email = address(line)?;
        let name = line.text_parameter("CN").unwrap_or_default();
        Some(Organizer { is_self: own.contains(&email), email, name })
    });
    let link = |name: &str| {
        event.line(name).map(|line| line.value().trim().to_owned()).filter(|url| !url.is_empty())
    };
    content.conference_url = link("CONFERENCE");
    content.url = link("URL");
    content.color = event.text("COLOR").filter(|color| !color.is_empty()).map(Color);
    content.canonicalize();
    Ok(content)
}

fn read_when(zones: &Zones, event: &Component) -> Result<When, Unreadable> {
    let start = event.line("DTSTART").ok_or(Unreadable::NoStart)?;
    let start = Point::read(zones, start)?;
    let end = event.line("DTEND").map(|line| Point::read(zones, line)).transpose()?;
    let duration = event.line("DURATION").map(|line| read_duration(line.value())).unwrap_or_default();
    Ok(match start {
        Point::Day(start) => {
            let end = match end {
                Some(Point::Day(end)) => end,
                Some(Point::Zoned(ZonedTime { local, .. }) | Point::Floating(local)) => local.date(),
                None => start + duration.unwrap_or(TimeDelta::days(1)),
            };
            let next = start.succ_opt().ok_or(Unreadable::TooFar)?;
            When::AllDay { start, end: end.max(next) }
        }
        Point::Zoned(start) => {
            let end = match end {
                Some(Point::Zoned(end)) => end,
                Some(Point::Floating(local)) => ZonedTime::new(local, start.zone),
                Some(Point::Day(date)) => ZonedTime::new(date.and_time(chrono::NaiveTime::MIN), start.zone),
                None => after(start, event),
            };
            When::Zoned { start, end: if end.instant() < start.instant() { start } else { end } }
        }
        Point::Floating(start) => {
            let end = match end {
                Some(Point::Floating(end) | Point::Zoned(ZonedTime { local: end, .. })) => end,
                Some(Point::Day(date)) => date.and_time(chrono::NaiveTime::MIN),
                None => start + duration.unwrap_or_default(),
            };
            When::Floating { start, end: end.max(start) }
        }
    })
}

/// When an event without an end is over: days last until the same time of the clock, hours as long as they are (RFC 5545
/// §3.3.6).
fn after(start: ZonedTime, event: &Component) -> ZonedTime {
    let duration = event.line("DURATION").and_then(|line| read_days_and_time(line.value()));
    let (days, time) = duration.unwrap_or_default();
    let day = if days.is_zero() { start } else { ZonedTime::new(start.local + days, start.zone) };
    ZonedTime::at(day.instant() + time, start.zone)
}

/// Reads the recurrence; dates in zones that are called otherwise get their IANA name first, and those in a zone that
/// has none become UTC.
fn read_recurrence(zones: &Zones, event: &Component, when: &When) -> Option<Recurrence> {
    let lines = event.lines.iter().filter(|line| RECURRENCE.iter().any(|name| line.is(name)));
    let lines: Vec<String> = lines
        .map(|line| match line.parameter("TZID").and_then(|id| zones.meaning(id)) {
            Some(Meaning::Zone(zone)) => line.with_parameter("TZID", Some(zone.name())).as_str().to_owned(),
            Some(Meaning::Own(_)) => in_utc(zones, line).unwrap_or_else(|| line.as_str().to_owned()),
            None => line.as_str().to_owned(),
        })
        .collect();
    (!lines.is_empty()).then(|| Recurrence::parse_lines(lines.iter().map(String::as_str), when))
}

/// A line of dates in UTC; none when one of them cannot be read.
fn in_utc(zones: &Zones, line: &Line) -> Option<String> {
    let id = line.parameter("TZID");
    let dates = line.value().split(',').map(|value| match Point::read_value(zones, value, id) {
        Ok(Point::Zoned(time)) => Some(time.local.format("%Y%m%dT%H%M%SZ").to_string()),
        _ => None,
    });
    let name = line.as_str().split([';', ':']).next()?;
    Some(format!("{name}:{}", dates.collect::<Option<Vec<_>>>()?.join(",")))
}

/// What was read with some doubt, each a sentence: times whose zone no calendar knows.
pub(crate) fn doubts(zones: &Zones, event: &Component) -> Vec<String> {
    let named = ["DTSTART", "DTEND", "RECURRENCE-ID"].into_iter().filter_map(|name| event.line(name));
    let mut ids: Vec<&str> = named.filter_map(|line| line.parameter("TZID")).collect();
    ids.sort_unstable();
    ids.dedup();
    let own = ids.into_iter().filter(|id| matches!(zones.meaning(id), Some(Meaning::Own(_))));
    own.map(|id| format!("The time zone “{id}” is that of no place; its times were taken over in UTC."))
        .collect()
}

/// An alarm as a reminder; none when it is one that we have no word for, which stays as it is.
pub(crate) fn read_alarm(alarm: &Component) -> Option<Reminder> {
    let trigger = alarm.line("TRIGGER").filter(|_| alarm.name == "VALARM")?;
    let is_of_start =
        trigger.parameter("RELATED").is_none_or(|related| related.eq_ignore_ascii_case("START"));
    let before = -read_duration(trigger.value()).filter(|_| is_of_start)?.num_seconds();
    if before % 60 != 0 || !(0..REMINDER_LIMIT).contains(&(before / 60)) {
        return None;
    }
    let method = match alarm.line("ACTION")?.value().trim().to_ascii_uppercase().as_str() {
        "DISPLAY" | "AUDIO" => ReminderMethod::Popup,
        "EMAIL" => ReminderMethod::Email,
        _ => return None,
    };
    Some(Reminder { minutes_before: u32::try_from(before / 60).ok()?, method })
}

pub(crate) fn address(line: &Line) -> Option<String> {
    let value = line.value().trim();
    let mail = match value.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => value.get(7..)?,
        _ => line.parameter("EMAIL")?,
    };
    Some(mail.to_lowercase()).filter(|mail| !mail.is_empty())
}

fn read_attendee(line: &Line, own: &[String]) -> Option<Attendee> {
    let email = address(line)?;
    let is = |name: &str, values: &[&str]| {
        line.parameter(name).is_some_and(|value| values.iter().any(|known| value.eq_ignore_ascii_case(known)))
    };
    let response = match line.parameter("PARTSTAT").map(str::to_ascii_uppercase).as_deref() {
        Some("ACCEPTED") => ResponseStatus::Accepted,
        Some("TENTATIVE") => ResponseStatus::Tentative,
        Some("DECLINED") => ResponseStatus::Declined,
        _ => ResponseStatus::NeedsAction,
    };
    Some(Attendee {
        is_self: own.contains(&email),
        email,
        name: line.text_parameter("CN").unwrap_or_default(),
        optional: is("ROLE", &["OPT-PARTICIPANT"]),
        resource: is("CUTYPE", &["RESOURCE", "ROOM"]),
        response,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn when(lines: &str) -> When {
        let text =
            format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n{lines}END:VEVENT\nEND:VCALENDAR\n");
        let object = Component::read(&text).unwrap();
        read_when(&Zones::of(&object.children), &object.children[0]).unwrap()
    }

    #[test]
    fn what_has_no_end_ends_when_the_standard_says() {
        let day = |lines: &str| match when(lines) {
            When::AllDay { start, end } => (end - start).num_days(),
            other => panic!("{other:?}"),
        };
        assert_eq!(day("DTSTART;VALUE=DATE:20261104\n"), 1);
        assert_eq!(day("DTSTART;VALUE=DATE:20261104\nDURATION:P3D\n"), 3);
        let minutes = |lines: &str| match when(lines) {
            When::Zoned { start, end } => (end.instant() - start.instant()).num_minutes(),
            When::Floating { start, end } => (end - start).num_minutes(),
            When::AllDay { .. } => panic!("{lines}"),
        };
        assert_eq!(minutes("DTSTART:20261104T090000Z\n"), 0);
        assert_eq!(minutes("DTSTART:20261104T090000Z\nDURATION:PT90M\n"), 90);
        assert_eq!(minutes("DTSTART:20261104T090000\nDURATION:PT90M\n"), 90);
        assert_eq!(minutes("DTSTART:20261104T090000Z\nDTEND:20261104T080000Z\n"), 0);
    }

    #[test]
    fn a_day_lasts_until_the_same_time_and_an_hour_an_hour_where_the_clock_is_set() {
        let end = |duration: &str| match when(&format!(
            "DTSTART;TZID=Europe/Berlin:20261024T120000\nDURATION:{duration}\n"
        )) {
            When::Zoned { end, .. } => end.local.format("%d %H:%M").to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(end("P1D"), "25 12:00");
        assert_eq!(end("P1DT1H"), "25 13:00");
        assert_eq!(end("PT24H"), "25 11:00");
        assert_eq!(end("P1W"), "31 12:00");
    }

    proptest! {
        #[test]
        fn an_event_is_read_or_refused_whatever_its_duration(
            start in "[0-9]{8}(T[0-9]{6}Z?)?",
            duration in "[+-]?P[0-9]{1,12}[WD](T[0-9]{1,12}[HMS])?",
        ) {
            let text = format!(
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:{start}\r\nDURATION:{duration}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            );
            if let Ok(object) = Component::read(&text) {
                for event in &object.children {
                    let _ = read_when(&Zones::of(&object.children), event);
                }
            }
        }
    }
}
