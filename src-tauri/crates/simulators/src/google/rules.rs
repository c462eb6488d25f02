//! What may be written to events that are not simply one's own: special types, invitations, single occurrences.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::error::ApiError;
use super::event::content::Content;
use super::event::time::EventTime;
use super::event::{Event, same_address};

/// Fields of an invitation that belong to the invited person; `attendees` only as far as the own answer goes.
const OWN_FIELDS: [&str; 5] = ["attendees", "colorId", "extendedProperties", "reminders", "transparency"];

/// Fields of an event made from a mail that can be changed.
const FROM_MAIL_FIELDS: [&str; 7] =
    ["attendees", "colorId", "extendedProperties", "reminders", "status", "transparency", "visibility"];

const BIRTHDAY_FIELDS: [&str; 5] = ["colorId", "end", "reminders", "start", "summary"];

/// Checks whether a client may create an event of this type. `at_work` says that the calendar is the primary one of an
/// account of an organisation: only there is somebody in the office, or out of it.
pub(crate) fn check_creation(content: &Content, at_work: bool) -> Result<(), ApiError> {
    match content.event_type() {
        "default" => Ok(()),
        "birthday" => check_birthday(content),
        "focusTime" | "outOfOffice" | "workingLocation" if at_work => check_work(content),
        // What is made from a mail, Google makes.
        other => {
            Err(ApiError::event_type(format!("Events of type {other} cannot be created on this calendar.")))
        }
    }
}

/// Checks what must be so of a time of focus, an absence or a place of work.
fn check_work(content: &Content) -> Result<(), ApiError> {
    let kind = content.event_type();
    let refuse = |why: &str| Err(ApiError::event_type(format!("An event of type {kind} {why}.")));
    if kind == "workingLocation" {
        if !content.fields.contains_key("workingLocationProperties") {
            return refuse("needs workingLocationProperties");
        }
        let is_open = content.text("visibility") == Some("public");
        if !is_open || content.text("transparency") != Some("transparent") {
            return refuse("must be public and transparent");
        }
    } else if content.start.is_day() {
        return refuse("cannot be an all-day event");
    }
    Ok(())
}

fn check_birthday(content: &Content) -> Result<(), ApiError> {
    let refuse = |why: &str| Err(ApiError::event_type(format!("A birthday event {why}.")));
    let EventTime::Day(day) = content.start else {
        return refuse("must be an all-day event");
    };
    if content.duration() != TimeDelta::days(1) {
        return refuse("must last exactly one day");
    }
    let leap_day = day.format("%m%d").to_string() == "0229";
    let rule = if leap_day { "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1" } else { "RRULE:FREQ=YEARLY" };
    if content.recurrence != [rule] {
        return refuse("must recur yearly");
    }
    if content.text("visibility") != Some("private") || content.text("transparency") != Some("transparent") {
        return refuse("must be private and transparent");
    }
    let properties = content.fields.get("birthdayProperties").unwrap_or(&Value::Null);
    if !properties.is_null() && (properties["type"] != "birthday" || !properties["contact"].is_null()) {
        return refuse("can only be of type birthday and without a contact");
    }
    let known =
        ["birthdayProperties", "colorId", "eventType", "reminders", "summary", "transparency", "visibility"];
    if content.fields.keys().any(|name| !known.contains(&name.as_str())) {
        return refuse("has no other properties");
    }
    Ok(())
}

/// Checks a client's change, and takes back what it has no say in. Returns what is to be stored.
pub(crate) fn check_change(
    before: &Event,
    after: Content,
    calendar: &str,
    at_work: bool,
) -> Result<Content, ApiError> {
    let changed = after.changes(&before.content);
    check_type(before, &after, &changed, at_work)?;
    if before.organized_by(calendar) || before.content.fields.get("guestsCanModify") == Some(&json!(true)) {
        return Ok(after);
    }
    let shared =
        |content: &Content| content.fields.get("extendedProperties").map(|kinds| kinds["shared"].clone());
    if shared(&after).unwrap_or_default() != shared(&before.content).unwrap_or_default() {
        return Err(ApiError::forbidden_for_non_organizer());
    }
    Ok(as_guest(&before.content, &after, calendar))
}

fn check_type(
    before: &Event,
    after: &Content,
    changed: &BTreeSet<String>,
    at_work: bool,
) -> Result<(), ApiError> {
    if changed.contains("eventType") {
        return Err(ApiError::event_type("The type of an event cannot be changed."));
    }
    let allowed: &[&str] = match after.event_type() {
        "default" => return Ok(()),
        "fromGmail" => &FROM_MAIL_FIELDS,
        "birthday" => {
            let properties = before.content.fields.get("birthdayProperties").unwrap_or(&Value::Null);
            let fixed = !properties["contact"].is_null() || properties["type"] == "self";
            if fixed { &["colorId", "reminders", "summary"] } else { &BIRTHDAY_FIELDS }
        }
        "focusTime" | "outOfOffice" | "workingLocation" if at_work => return check_work(after),
        _ => &[],
    };
    match changed.iter().find(|name| !allowed.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let kind = after.event_type();
            Err(ApiError::event_type(format!(
                "The field {name} of an event of type {kind} cannot be changed."
            )))
        }
    }
}

/// The part of a guest's change that lasts: the own answer and the own settings. The rest is lost without a word.
fn as_guest(before: &Content, after: &Content, calendar: &str) -> Content {
    let mut kept = before.clone();
    for name in OWN_FIELDS {
        if name == "attendees" {
            continue;
        }
        match after.fields.get(name) {
            Some(value) => kept.fields.insert(name.to_owned(), value.clone()),
            None => kept.fields.remove(name),
        };
    }
    answer(&mut kept, after, calendar);
    kept
}

/// Takes over one guest's own entry, and no other.
pub(crate) fn answer(kept: &mut Content, sent: &Content, guest: &str) {
    let Some(own) = sent.attendees().iter().find(|entry| same_address(entry, guest)) else {
        return;
    };
    let entries = kept.fields.get_mut("attendees").and_then(Value::as_array_mut);
    let entry = entries.and_then(|entries| entries.iter_mut().find(|entry| same_address(entry, guest)));
    if let Some(entry) = entry {
        *entry = own.clone();
    }
}

/// How strictly an event is hidden.
pub(crate) fn strictness(content: &Content) -> u8 {
    match content.text("visibility") {
        Some("private" | "confidential") => 1,
        _ => 0,
    }
}
