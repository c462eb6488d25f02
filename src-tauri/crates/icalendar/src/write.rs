//! From an event to the lines of a component, field by field; other lines stay.

use chrono::{DateTime, Utc};
use synodic_model::{
    Attendee, EventContent, EventStatus, Field, FieldSet, OriginalStart, ReminderMethod, Reminders,
    ResponseStatus, Transparency, Visibility, When,
};

use crate::point::Point;
use crate::read::{RECURRENCE, address, read_alarm};
use crate::text::{Component, Line};

/// Writes the fields `changed` of `desired` into an event that says `current`. `off` are occurrences that are called off
/// and have to stay so; new guests are mailed by the server only when `invites`.
pub(crate) fn write(
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
            Field::When => write_when(event, &desired.when, desired.recurrence.is_some()),
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

fn write_when(event: &mut Component, when: &When, is_series: bool) {
    let (start, end) = match *when {
        When::AllDay { start, end } => (Point::Day(start), Point::Day(end)),
        When::Zoned { start, end } => (Point::Zoned(start), Point::Zoned(end)),
        When::Floating { start, end } => (Point::Floating(start), Point::Floating(end)),
    };
    let start = if is_series { start.line_of_series("DTSTART") } else { start.line("DTSTART") };
    event.set("DTSTART", Some(start));
    event.replace(&["DTEND", "DURATION"], vec![end.line("DTEND")]);
}

/// Writes the rules of a series, with the occurrences that are called off.
pub(crate) fn write_recurrence(event: &mut Component, desired: &EventContent, off: &[OriginalStart]) {
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
pub(crate) fn stamp(event: &mut Component, now: DateTime<Utc>, is_moved: bool) {
    let at = now.format("%Y%m%dT%H%M%SZ").to_string();
    event.set("DTSTAMP", Some(Line::new("DTSTAMP", &at)));
    event.set("LAST-MODIFIED", Some(Line::new("LAST-MODIFIED", &at)));
    if is_moved {
        let sequence: u32 =
            event.line("SEQUENCE").and_then(|line| line.value().trim().parse().ok()).unwrap_or(0);
        event.set("SEQUENCE", Some(Line::new("SEQUENCE", &sequence.saturating_add(1).to_string())));
    }
}
