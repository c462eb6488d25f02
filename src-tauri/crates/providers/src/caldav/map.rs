//! An event between the lines of a component and our words, both ways, field by field.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use synodic_model::{
    Attendee, Color, EventContent, EventStatus, Field, FieldSet, Organizer, OriginalStart, Recurrence,
    Reminder, ReminderMethod, Reminders, ResponseStatus, Transparency, Visibility, When, ZonedTime,
};

use super::text::{Component, Line};
use super::zones::zone_of;

/// The longest duration that is believed.
const A_CENTURY: TimeDelta = TimeDelta::days(36_525);

/// The lines that make up a recurrence.
const RECURRENCE: [&str; 4] = ["RRULE", "EXRULE", "RDATE", "EXDATE"];
/// Longer than any reminder that is meant: ten years.
const REMINDER_LIMIT: i64 = 10 * 366 * 24 * 60;

/// A point in time as a line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    Day(NaiveDate),
    Zoned(ZonedTime),
    Floating(NaiveDateTime),
}

impl Point {
    pub(super) fn read(object: &Component, line: &Line) -> Result<Self, String> {
        let value = line.value().trim();
        let unreadable = || format!("“{value}” is no time");
        if value.len() == 8 {
            return NaiveDate::parse_from_str(value, "%Y%m%d").map(Self::Day).map_err(|_| unreadable());
        }
        let local =
            |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").map_err(|_| unreadable());
        if let Some(utc) = value.strip_suffix(['Z', 'z']) {
            return Ok(Self::Zoned(ZonedTime::new(local(utc)?, Tz::UTC)));
        }
        match line.parameter("TZID") {
            None => Ok(Self::Floating(local(value)?)),
            Some(id) => {
                let zone = zone_of(object, id).ok_or_else(|| format!("the time zone “{id}” is not known"))?;
                Ok(Self::Zoned(ZonedTime::new(local(value)?, zone)))
            }
        }
    }

    fn line(self, name: &str) -> Line {
        match self {
            Self::Day(date) => Line::new(&format!("{name};VALUE=DATE"), &date.format("%Y%m%d").to_string()),
            Self::Floating(local) => Line::new(name, &local.format("%Y%m%dT%H%M%S").to_string()),
            Self::Zoned(time) if time.zone == Tz::UTC => {
                Line::new(name, &time.local.format("%Y%m%dT%H%M%SZ").to_string())
            }
            Self::Zoned(time) => {
                let local = time.local.format("%Y%m%dT%H%M%S").to_string();
                Line::new(&format!("{name};TZID={}", time.zone.name()), &local)
            }
        }
    }

    /// The point as it names an occurrence of a series that starts at `when`.
    pub(super) fn original_start(self, when: &When) -> OriginalStart {
        match (self, when) {
            (Self::Day(date), _) => OriginalStart::Date { date },
            (Self::Zoned(time), When::Zoned { start, .. }) => {
                OriginalStart::Zoned { time: ZonedTime::at(time.instant(), start.zone) }
            }
            (Self::Zoned(time), When::AllDay { .. }) => OriginalStart::Date { date: time.local.date() },
            (Self::Zoned(time), When::Floating { .. }) => OriginalStart::Floating { time: time.local },
            (Self::Floating(local), When::Zoned { start, .. }) => {
                OriginalStart::Zoned { time: ZonedTime::new(local, start.zone) }
            }
            (Self::Floating(local), When::AllDay { .. }) => OriginalStart::Date { date: local.date() },
            (Self::Floating(time), When::Floating { .. }) => OriginalStart::Floating { time },
        }
    }
}

/// The line that names an occurrence.
pub(super) fn recurrence_id(original: &OriginalStart) -> Line {
    match *original {
        OriginalStart::Date { date } => Point::Day(date),
        OriginalStart::Zoned { time } => Point::Zoned(time),
        OriginalStart::Floating { time } => Point::Floating(time),
    }
    .line("RECURRENCE-ID")
}

/// The zones that an event's times name.
pub(super) fn zones(when: &When) -> Vec<(Tz, NaiveDate)> {
    match when {
        When::Zoned { start, end } => {
            let named = [(start.zone, start.local.date()), (end.zone, end.local.date())];
            named.into_iter().filter(|(zone, _)| *zone != Tz::UTC).collect()
        }
        When::AllDay { .. } | When::Floating { .. } => Vec::new(),
    }
}

/// Reads an event. `own` are the person's addresses. The error says what cannot be read.
pub(super) fn read(object: &Component, event: &Component, own: &[String]) -> Result<EventContent, String> {
    let when = read_when(object, event)?;
    let mut content = EventContent::new(event.text("SUMMARY").unwrap_or_default(), when);
    content.description = event.text("DESCRIPTION").unwrap_or_default();
    content.location = event.text("LOCATION").unwrap_or_default();
    content.recurrence = read_recurrence(object, event, &when);
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
        let name = line.parameter("CN").unwrap_or_default().to_owned();
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

fn read_when(object: &Component, event: &Component) -> Result<When, String> {
    let start = event.line("DTSTART").ok_or("the event has no start")?;
    let start = Point::read(object, start)?;
    let end = event.line("DTEND").map(|line| Point::read(object, line)).transpose()?;
    let duration = event.line("DURATION").map(|line| read_duration(line.value())).unwrap_or_default();
    Ok(match start {
        Point::Day(start) => {
            let end = match end {
                Some(Point::Day(end)) => end,
                Some(Point::Zoned(ZonedTime { local, .. }) | Point::Floating(local)) => local.date(),
                None => start + duration.unwrap_or(TimeDelta::days(1)),
            };
            let next = start.succ_opt().ok_or("the event is too far away in time")?;
            When::AllDay { start, end: end.max(next) }
        }
        Point::Zoned(start) => {
            let end = match end {
                Some(Point::Zoned(end)) => end,
                Some(Point::Floating(local)) => ZonedTime::new(local, start.zone),
                Some(Point::Day(date)) => ZonedTime::new(date.and_time(chrono::NaiveTime::MIN), start.zone),
                None => ZonedTime::at(start.instant() + duration.unwrap_or_default(), start.zone),
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

/// Reads the recurrence; dates in zones that are called otherwise get their IANA name first.
fn read_recurrence(object: &Component, event: &Component, when: &When) -> Option<Recurrence> {
    let lines = event.lines.iter().filter(|line| RECURRENCE.iter().any(|name| line.is(name)));
    let lines: Vec<String> = lines
        .map(|line| match line.parameter("TZID").and_then(|id| zone_of(object, id)) {
            Some(zone) => line.with_parameter("TZID", Some(zone.name())).as_str().to_owned(),
            None => line.as_str().to_owned(),
        })
        .collect();
    (!lines.is_empty()).then(|| Recurrence::parse_lines(lines.iter().map(String::as_str), when))
}

/// `P1DT2H`, `-PT15M`, `P2W` (RFC 5545 §3.3.6). None also for what is longer than a century: no event is, and times so
/// far away cannot be reckoned with.
fn read_duration(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut seconds: i64 = 0;
    let mut number = String::new();
    for character in rest.strip_prefix(['P', 'p'])?.chars() {
        if character.is_ascii_digit() {
            number.push(character);
            continue;
        }
        let unit = match character.to_ascii_uppercase() {
            'T' => continue,
            'W' => 7 * 24 * 60 * 60,
            'D' => 24 * 60 * 60,
            'H' => 60 * 60,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        number.clear();
    }
    TimeDelta::try_seconds(sign * seconds).filter(|duration| duration.abs() <= A_CENTURY)
}

/// An alarm as a reminder; none when it is one that we have no word for, which stays as it is.
fn read_alarm(alarm: &Component) -> Option<Reminder> {
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

fn address(line: &Line) -> Option<String> {
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
        name: line.parameter("CN").unwrap_or_default().to_owned(),
        optional: is("ROLE", &["OPT-PARTICIPANT"]),
        resource: is("CUTYPE", &["RESOURCE", "ROOM"]),
        response,
    })
}

/// Writes the fields `changed` of `desired` into an event that says `current`. `off` are occurrences that are called off
/// and have to stay so; new guests are mailed by the server only when `invites`.
pub(super) fn write(
    event: &mut Component,
    current: &EventContent,
    desired: &EventContent,
    changed: FieldSet,
    off: &[OriginalStart],
    invites: bool,
) {
    let text = |name: &str, value: &str| (!value.is_empty()).then(|| Line::text(name, value));
    for field in changed.iter() {
        match field {
            Field::Title => event.set("SUMMARY", text("SUMMARY", &desired.title)),
            Field::Description => {
                event.replace(
                    &["DESCRIPTION", "X-ALT-DESC"],
                    text("DESCRIPTION", &desired.description).into_iter().collect(),
                );
            }
            Field::Location => event.set("LOCATION", text("LOCATION", &desired.location)),
            Field::When => write_when(event, &desired.when),
            Field::Recurrence => {}
            Field::Status => {
                let word = match desired.status {
                    EventStatus::Confirmed => "CONFIRMED",
                    EventStatus::Tentative => "TENTATIVE",
                    EventStatus::Cancelled => "CANCELLED",
                };
                event.set("STATUS", Some(Line::new("STATUS", word)));
            }
            Field::Transparency => {
                let word = match desired.transparency {
                    Transparency::Opaque => "OPAQUE",
                    Transparency::Transparent => "TRANSPARENT",
                };
                event.set("TRANSP", Some(Line::new("TRANSP", word)));
            }
            Field::Visibility => {
                let word = match desired.visibility {
                    Visibility::Default => None,
                    Visibility::Public => Some("PUBLIC"),
                    Visibility::Private => Some("PRIVATE"),
                    Visibility::Confidential => Some("CONFIDENTIAL"),
                };
                event.set("CLASS", word.map(|word| Line::new("CLASS", word)));
            }
            Field::Reminders => write_reminders(event, &desired.reminders, &desired.title),
            Field::Attendees => write_attendees(event, current, desired, invites),
            Field::Organizer => {
                let line = desired.organizer.as_ref().map(|organizer| {
                    let name = (!organizer.name.is_empty()).then_some(&*organizer.name);
                    Line::new("ORGANIZER", &format!("mailto:{}", organizer.email)).with_parameter("CN", name)
                });
                event.set("ORGANIZER", line);
            }
            Field::ConferenceUrl => {
                let line = desired.conference_url.as_ref().map(|url| Line::new("CONFERENCE;VALUE=URI", url));
                event.set("CONFERENCE", line);
            }
            Field::Color => {
                event.set("COLOR", desired.color.as_ref().map(|color| Line::text("COLOR", &color.0)));
            }
            Field::Url => event.set("URL", desired.url.as_ref().map(|url| Line::new("URL", url))),
        }
    }
    if changed.contains(Field::Recurrence) || changed.contains(Field::When) {
        write_recurrence(event, desired, off);
    }
}

fn write_when(event: &mut Component, when: &When) {
    let (start, end) = match *when {
        When::AllDay { start, end } => (Point::Day(start), Point::Day(end)),
        When::Zoned { start, end } => (Point::Zoned(start), Point::Zoned(end)),
        When::Floating { start, end } => (Point::Floating(start), Point::Floating(end)),
    };
    event.set("DTSTART", Some(start.line("DTSTART")));
    event.replace(&["DTEND", "DURATION"], vec![end.line("DTEND")]);
}

/// Writes the rules of a series, with the occurrences that are called off.
pub(super) fn write_recurrence(event: &mut Component, desired: &EventContent, off: &[OriginalStart]) {
    let mut recurrence = desired.recurrence.clone();
    if let Some(recurrence) = &mut recurrence {
        recurrence.exclusion_dates.extend_from_slice(off);
    }
    let lines = recurrence.map(|recurrence| recurrence.to_lines(&desired.when)).unwrap_or_default();
    event.replace(&RECURRENCE, lines.into_iter().map(Line::raw).collect());
}

/// Alarms that we have no word for stay as they are.
fn write_reminders(event: &mut Component, reminders: &Reminders, title: &str) {
    let mut wanted = match reminders {
        Reminders::CalendarDefault => Vec::new(),
        Reminders::Custom { reminders } => reminders.clone(),
    };
    event.children.retain(|child| match read_alarm(child) {
        None => true,
        Some(known) => match wanted.iter().position(|reminder| *reminder == known) {
            Some(at) => {
                wanted.remove(at);
                true
            }
            None => false,
        },
    });
    for reminder in wanted {
        let mut alarm = Component::new("VALARM");
        let action = match reminder.method {
            ReminderMethod::Popup => "DISPLAY",
            ReminderMethod::Email => "EMAIL",
        };
        let minutes = reminder.minutes_before;
        alarm.lines = vec![
            Line::new("ACTION", action),
            Line::new("TRIGGER", &format!("-PT{minutes}M")),
            Line::text("DESCRIPTION", if title.is_empty() { "Reminder" } else { title }),
        ];
        if reminder.method == ReminderMethod::Email {
            alarm.lines.push(Line::text("SUMMARY", title));
        }
        event.children.push(alarm);
    }
}

/// Each guest's line stays but for what has changed of them.
fn write_attendees(event: &mut Component, current: &EventContent, desired: &EventContent, invites: bool) {
    let lines = desired.attendees.iter().map(|attendee| {
        let there = event.each("ATTENDEE").find(|line| address(line).as_deref() == Some(&*attendee.email));
        let before = current.attendees.iter().find(|known| known.email == attendee.email);
        let line = there.cloned().unwrap_or_else(|| {
            let line = Line::new("ATTENDEE", &format!("mailto:{}", attendee.email));
            line.with_parameter("SCHEDULE-AGENT", (!invites).then_some("CLIENT"))
        });
        with_changes(line, attendee, before)
    });
    let lines = lines.collect();
    event.replace(&["ATTENDEE"], lines);
}

fn with_changes(mut line: Line, attendee: &Attendee, before: Option<&Attendee>) -> Line {
    if before.is_none_or(|before| before.name != attendee.name) {
        line = line.with_parameter("CN", (!attendee.name.is_empty()).then_some(&*attendee.name));
    }
    if before.is_none_or(|before| before.response != attendee.response) {
        let word = match attendee.response {
            ResponseStatus::NeedsAction => "NEEDS-ACTION",
            ResponseStatus::Accepted => "ACCEPTED",
            ResponseStatus::Tentative => "TENTATIVE",
            ResponseStatus::Declined => "DECLINED",
        };
        line = line.with_parameter("PARTSTAT", Some(word));
        if attendee.is_self {
            line = line.with_parameter("RSVP", None);
        }
    }
    if before.map(|before| before.optional) != Some(attendee.optional)
        && (before.is_some() || attendee.optional)
    {
        line = line.with_parameter("ROLE", attendee.optional.then_some("OPT-PARTICIPANT"));
    }
    if before.is_none() && attendee.resource {
        line = line.with_parameter("CUTYPE", Some("RESOURCE"));
    }
    line
}

/// Marks an event as changed now; in time, if that is what changed (RFC 5545 §3.8.7.4).
pub(super) fn stamp(event: &mut Component, now: DateTime<Utc>, is_moved: bool) {
    let at = now.format("%Y%m%dT%H%M%SZ").to_string();
    event.set("DTSTAMP", Some(Line::new("DTSTAMP", &at)));
    event.set("LAST-MODIFIED", Some(Line::new("LAST-MODIFIED", &at)));
    if is_moved {
        let sequence: u32 =
            event.line("SEQUENCE").and_then(|line| line.value().trim().parse().ok()).unwrap_or(0);
        event.set("SEQUENCE", Some(Line::new("SEQUENCE", &sequence.saturating_add(1).to_string())));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_as_far_as_they_can_be_reckoned_with() {
        assert_eq!(read_duration("PT1H30M"), Some(TimeDelta::minutes(90)));
        assert_eq!(read_duration("-P2W"), Some(TimeDelta::weeks(-2)));
        for beyond in ["P100000000W", "-P5218000W", "P9223372036854775807S", "P1Y", "1D", ""] {
            assert_eq!(read_duration(beyond), None, "{beyond}");
        }
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
                    let _ = read_when(&object, event);
                }
            }
        }
    }
}
