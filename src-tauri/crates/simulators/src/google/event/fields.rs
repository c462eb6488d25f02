//! The writable fields of an event, one rule each.
//!
//! [`read`] goes through the table at its beginning; a field that is not in the table does not exist for a writer. What
//! a rule returns is kept; `None` means that the value is the default and is not worth keeping.

use serde_json::{Map, Value, json};

use super::content::Object;
use crate::google::error::ApiError;

type Rule = fn(&str, &Value) -> Result<Option<Value>, ApiError>;

/// Every writable field apart from the times and the recurrence.
const RULES: &[(&str, Rule)] = &[
    ("anyoneCanAddSelf", off_by_default),
    ("attachments", attachments),
    ("attendees", attendees),
    ("birthdayProperties", object),
    ("colorId", color),
    ("conferenceData", object),
    ("description", text),
    ("eventLabelId", text),
    ("eventType", event_type),
    ("extendedProperties", extended_properties),
    ("focusTimeProperties", object),
    ("guestsCanInviteOthers", on_by_default),
    ("guestsCanModify", off_by_default),
    ("guestsCanSeeOtherGuests", on_by_default),
    ("location", text),
    ("outOfOfficeProperties", object),
    ("reminders", reminders),
    ("source", source),
    ("status", status),
    ("summary", text),
    ("transparency", transparency),
    ("visibility", visibility),
    ("workingLocationProperties", object),
];

/// Reads all fields that can be written.
pub(crate) fn read(body: &Object) -> Result<Object, ApiError> {
    let mut fields = Map::new();
    for (name, rule) in RULES {
        match body.get(*name) {
            None | Some(Value::Null) => {}
            Some(value) => {
                if let Some(value) = rule(name, value)? {
                    fields.insert((*name).to_owned(), value);
                }
            }
        }
    }
    Ok(fields)
}

fn wrong(name: &str) -> ApiError {
    ApiError::invalid(format!("Invalid value for: {name}"))
}

/// Reads a list of strings.
pub(crate) fn strings(name: &str, value: &Value) -> Result<Vec<String>, ApiError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong(name))).collect()
        }
        _ => Err(wrong(name)),
    }
}

fn text(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let text = value.as_str().ok_or_else(|| wrong(name))?;
    Ok((!text.is_empty()).then(|| json!(text)))
}

fn object(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let object = value.as_object().ok_or_else(|| wrong(name))?;
    Ok((!object.is_empty()).then(|| value.clone()))
}

fn flag(name: &str, value: &Value, default: bool) -> Result<Option<Value>, ApiError> {
    let flag = value.as_bool().ok_or_else(|| wrong(name))?;
    Ok((flag != default).then_some(Value::Bool(flag)))
}

fn off_by_default(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    flag(name, value, false)
}

fn on_by_default(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    flag(name, value, true)
}

/// One of several words, the first of which is the default.
fn word(name: &str, value: &Value, words: &[&str]) -> Result<Option<Value>, ApiError> {
    let word = value.as_str().filter(|word| words.contains(word)).ok_or_else(|| wrong(name))?;
    Ok((Some(&word) != words.first()).then(|| json!(word)))
}

fn status(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    word(name, value, &["confirmed", "tentative", "cancelled"])
}

fn transparency(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    word(name, value, &["opaque", "transparent"])
}

fn visibility(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    word(name, value, &["default", "public", "private", "confidential"])
}

fn event_type(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let kinds = ["default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation"];
    word(name, value, &kinds)
}

fn color(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let known = value.as_str().and_then(|id| id.parse::<u8>().ok()).is_some_and(|id| (1..=11).contains(&id));
    if known { Ok(Some(value.clone())) } else { Err(wrong(name)) }
}

fn source(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let url = value.get("url").and_then(Value::as_str).unwrap_or_default();
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(wrong("source.url"));
    }
    object(name, value)
}

fn attachments(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let items = value.as_array().ok_or_else(|| wrong(name))?;
    if items.len() > 25 || items.iter().any(|item| !item["fileUrl"].is_string()) {
        return Err(wrong(name));
    }
    Ok((!items.is_empty()).then(|| value.clone()))
}

/// Reminders: at most five of one's own, and either those or the calendar's.
fn reminders(_: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let use_default = value.get("useDefault").and_then(Value::as_bool).unwrap_or(false);
    let overrides = match value.get("overrides") {
        None | Some(Value::Null) => &Vec::new(),
        Some(Value::Array(overrides)) => overrides,
        Some(_) => return Err(wrong("reminders.overrides")),
    };
    if use_default && !overrides.is_empty() {
        let message = "Cannot specify both default reminders and overrides at the same time.";
        return Err(ApiError::new(400, "calendar", "cannotUseDefaultRemindersAndSpecifyOverride", message));
    }
    if use_default {
        return Ok(None);
    }
    if overrides.len() > 5 {
        return Err(ApiError::invalid("Too many reminder overrides: at most 5 are allowed."));
    }
    let kept = reminder_list("reminders.overrides", &Value::Array(overrides.clone()))?;
    let mut reminders = json!({ "useDefault": false });
    if !kept.is_empty() {
        reminders["overrides"] = Value::Array(kept);
    }
    Ok(Some(reminders))
}

/// Reads reminders, apart from how many there may be.
pub(crate) fn reminder_list(name: &str, list: &Value) -> Result<Vec<Value>, ApiError> {
    let list = list.as_array().ok_or_else(|| wrong(name))?;
    let mut kept = Vec::new();
    for reminder in list {
        let method = reminder["method"].as_str().filter(|method| ["email", "popup"].contains(method));
        let minutes = reminder["minutes"].as_u64().filter(|minutes| *minutes <= 40_320);
        let (Some(method), Some(minutes)) = (method, minutes) else {
            return Err(wrong(name));
        };
        kept.push(json!({ "method": method, "minutes": minutes }));
    }
    Ok(kept)
}

/// Guests: known fields only, defaults dropped.
fn attendees(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let guests = value.as_array().ok_or_else(|| wrong(name))?;
    let guests = guests.iter().map(attendee).collect::<Result<Vec<_>, _>>()?;
    Ok((!guests.is_empty()).then_some(Value::Array(guests)))
}

fn attendee(guest: &Value) -> Result<Value, ApiError> {
    let email = guest.get("email").and_then(Value::as_str).filter(|email| !email.is_empty());
    let email = email.ok_or_else(|| ApiError::required("Missing attendee email."))?;
    if !email.contains('@') {
        return Err(ApiError::invalid("Invalid attendee email."));
    }
    let response = guest.get("responseStatus").and_then(Value::as_str).unwrap_or("needsAction");
    if !["needsAction", "declined", "tentative", "accepted"].contains(&response) {
        return Err(wrong("attendees.responseStatus"));
    }
    let mut kept = json!({ "email": email, "responseStatus": response });
    for name in ["displayName", "comment"] {
        if let Some(text) = guest.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
            kept[name] = json!(text);
        }
    }
    for name in ["optional", "resource"] {
        if guest.get(name) == Some(&Value::Bool(true)) {
            kept[name] = json!(true);
        }
    }
    if let Some(count) = guest.get("additionalGuests").and_then(Value::as_u64).filter(|count| *count > 0) {
        kept["additionalGuests"] = json!(count);
    }
    Ok(kept)
}

const KEY_LENGTH: usize = 44;
const VALUE_LENGTH: usize = 1024;
const PROPERTY_COUNT: usize = 300;
const PROPERTY_BYTES: usize = 32 * 1024;

/// Extended properties: keys that are too long vanish, values that are too long are cut, both without a word.
fn extended_properties(name: &str, value: &Value) -> Result<Option<Value>, ApiError> {
    let kinds = value.as_object().ok_or_else(|| wrong(name))?;
    let mut kept = Map::new();
    for kind in ["private", "shared"] {
        let properties = match kinds.get(kind) {
            None | Some(Value::Null) => continue,
            Some(Value::Object(properties)) => properties,
            Some(_) => return Err(wrong(name)),
        };
        let mut of_kind = Map::new();
        let mut bytes = 0;
        for (key, value) in properties.iter().filter(|(key, _)| key.chars().count() <= KEY_LENGTH) {
            if value.is_null() {
                continue;
            }
            let value = value.as_str().ok_or_else(|| wrong(name))?;
            let value = value.chars().take(VALUE_LENGTH).collect::<String>();
            bytes += key.len() + value.len();
            of_kind.insert(key.clone(), Value::String(value));
        }
        if of_kind.len() > PROPERTY_COUNT || bytes > PROPERTY_BYTES {
            return Err(ApiError::invalid("Extended properties exceed the size limit."));
        }
        if !of_kind.is_empty() {
            kept.insert(kind.to_owned(), Value::Object(of_kind));
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: Value) -> Result<Option<Value>, ApiError> {
        let body = Map::from_iter([(name.to_owned(), value)]);
        Ok(read(&body)?.remove(name))
    }

    #[test]
    fn defaults_and_unknown_fields_are_not_kept() {
        for (name, value) in [
            ("status", json!("confirmed")),
            ("transparency", json!("opaque")),
            ("visibility", json!("default")),
            ("guestsCanModify", json!(false)),
            ("guestsCanInviteOthers", json!(true)),
            ("eventType", json!("default")),
            ("reminders", json!({ "useDefault": true })),
            ("description", json!("")),
            ("htmlLink", json!("https://example.com")),
            ("madeUp", json!(1)),
        ] {
            assert_eq!(one(name, value).unwrap(), None, "{name}");
        }
        assert_eq!(one("transparency", json!("transparent")).unwrap(), Some(json!("transparent")));
    }

    #[test]
    fn wrong_values_are_refused() {
        for (name, value) in [
            ("summary", json!(7)),
            ("status", json!("maybe")),
            ("colorId", json!("12")),
            ("attendees", json!([{ "displayName": "No address" }])),
            ("attendees", json!([{ "email": "nonsense" }])),
            ("reminders", json!({ "overrides": [{ "method": "popup", "minutes": 40321 }] })),
            ("reminders", json!({ "overrides": [{ "method": "sms", "minutes": 1 }] })),
            ("source", json!({ "url": "ftp://example.com" })),
        ] {
            assert_eq!(one(name, value).unwrap_err().status(), 400, "{name}");
        }
    }

    #[test]
    fn reminders_are_ones_own_or_the_calendars_and_at_most_five() {
        let popup = json!({ "method": "popup", "minutes": 10 });
        let both = json!({ "useDefault": true, "overrides": [popup] });
        let error = one("reminders", both).unwrap_err();
        assert_eq!(error.reason(), "cannotUseDefaultRemindersAndSpecifyOverride");
        assert!(one("reminders", json!({ "overrides": vec![popup.clone(); 6] })).is_err());
        let five = json!({ "useDefault": false, "overrides": vec![popup; 5] });
        assert_eq!(one("reminders", five.clone()).unwrap(), Some(five));
    }

    #[test]
    fn extended_properties_are_cut_without_a_word() {
        let long_key = "k".repeat(45);
        let value = json!({ "private": { long_key: "x", "kept": "é".repeat(2000) } });
        let kept = one("extendedProperties", value).unwrap().unwrap();
        assert_eq!(kept["private"].as_object().unwrap().len(), 1);
        assert_eq!(kept["private"]["kept"].as_str().unwrap().chars().count(), 1024);
        let many = (0..301).map(|n| (format!("k{n}"), json!("v"))).collect::<Map<_, _>>();
        assert!(one("extendedProperties", json!({ "shared": many })).is_err());
    }

    #[test]
    fn read_only_parts_of_guests_are_dropped() {
        let guest = json!({ "email": "a@example.com", "self": true, "organizer": true, "id": "7", "optional": false });
        let kept = one("attendees", json!([guest])).unwrap().unwrap();
        assert_eq!(kept, json!([{ "email": "a@example.com", "responseStatus": "needsAction" }]));
    }
}
