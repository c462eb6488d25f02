//! What people write in an event: reading it, merging a patch into it, and the rules each field obeys.
//!
//! The whole of an event is checked after a patch was merged into it, so a patch can break a rule only in what it leads
//! to, not in what it says. Unknown and read-only fields are ignored, defaults are not kept.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::fields;
use super::recurrence::{self, Series};
use super::time::{EventTime, Side};
use crate::google::error::ApiError;

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// What people write in an event, checked and without defaults.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    pub(crate) start: EventTime,
    pub(crate) end: EventTime,
    /// The recurrence lines; empty on single events and on occurrences.
    pub(crate) recurrence: Vec<String>,
    /// All other fields by name.
    pub(crate) fields: Object,
}

/// What a write says about how its body is to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// The zone of the calendar.
    pub(crate) zone: Tz,
    /// Whether conference data in the body is honoured; otherwise what was there is kept.
    pub(crate) conference: bool,
    /// Whether attachments in the body are honoured; otherwise what was there is kept.
    pub(crate) attachments: bool,
    /// Whether rules are put into Google's order.
    pub(crate) normalise_rules: bool,
    /// Whether the event is one occurrence of a series, which cannot recur itself.
    pub(crate) occurrence: bool,
}

impl Content {
    /// Reads the whole of an event. `before` is what it replaces.
    pub(crate) fn read(body: &Object, before: Option<&Self>, reading: &Reading) -> Result<Self, ApiError> {
        let recurrence = match body.get("recurrence") {
            Some(lines) if !reading.occurrence => fields::strings("recurrence", lines)?,
            _ => Vec::new(),
        };
        let null = Value::Null;
        let recurs = !recurrence.is_empty();
        let time =
            |name: &str, side| EventTime::read(body.get(name).unwrap_or(&null), side, reading.zone, recurs);
        let (end, start) = (time("end", Side::End)?, time("start", Side::Start)?);
        if start.is_day() != end.is_day() {
            let message = "Start and end times must either both be date or both be dateTime.";
            return Err(ApiError::invalid(message));
        }
        // Compared as instants: a flight may end earlier than it began, going by the two clocks on the walls.
        let lasts = end.instant(Tz::UTC) - start.instant(Tz::UTC);
        if lasts < TimeDelta::zero() || (start.is_day() && lasts.is_zero()) {
            return Err(ApiError::time_range_empty());
        }
        if recurs {
            Series::read(&recurrence, start)?;
        }
        let ordered = recurrence
            .iter()
            .map(|line| if reading.normalise_rules { recurrence::normalise(line) } else { line.clone() });
        let mut content = Self { start, end, recurrence: ordered.collect(), fields: fields::read(body)? };
        content.keep("conferenceData", before, !reading.conference);
        content.keep("attachments", before, !reading.attachments);
        Ok(content)
    }

    /// Puts back a field of the event before, if `keep` says that the body has no say in it.
    fn keep(&mut self, name: &str, before: Option<&Self>, keep: bool) {
        if !keep {
            return;
        }
        self.fields.remove(name);
        if let Some(value) = before.and_then(|before| before.fields.get(name)) {
            self.fields.insert(name.to_owned(), value.clone());
        }
    }

    /// The content as a client would send it.
    pub(crate) fn input(&self) -> Object {
        let mut body = self.fields.clone();
        body.insert("start".to_owned(), self.start.input());
        body.insert("end".to_owned(), self.end.input());
        if !self.recurrence.is_empty() {
            body.insert("recurrence".to_owned(), json!(self.recurrence));
        }
        body
    }

    /// The content with a patch merged into it, still to be read and checked.
    pub(crate) fn patched(&self, patch: &Object) -> Object {
        let mut body = self.input();
        merge(&mut body, patch);
        // Turning the default reminders on puts one's own aside, without having to say so.
        let turned_on =
            patch.get("reminders").is_some_and(|new| new["useDefault"] == true && new["overrides"].is_null());
        if let (true, Some(Value::Object(reminders))) = (turned_on, body.get_mut("reminders")) {
            reminders.remove("overrides");
        }
        body
    }

    /// The content of the occurrence of this series that starts at `start`.
    pub(crate) fn occurrence(&self, start: EventTime) -> Self {
        let end = self.end.moved(&self.start, &start);
        Self { start, end, recurrence: Vec::new(), fields: self.fields.clone() }
    }

    /// How long the event lasts, in days for whole days.
    pub(crate) fn duration(&self) -> TimeDelta {
        self.end.instant(Tz::UTC) - self.start.instant(Tz::UTC)
    }

    /// The occurrences, if the event recurs.
    pub(crate) fn series(&self) -> Option<Series> {
        if self.recurrence.is_empty() {
            return None;
        }
        // It was read before it was stored, so it can be read again.
        Series::read(&self.recurrence, self.start).ok()
    }

    /// The kind of event: `default` unless it says otherwise.
    pub(crate) fn event_type(&self) -> &str {
        self.text("eventType").unwrap_or("default")
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// Refuses an event that is cancelled before it exists.
    pub(crate) fn check_alive(&self) -> Result<(), ApiError> {
        match self.text("status") {
            Some("cancelled") => Err(ApiError::invalid("Invalid value for: status")),
            _ => Ok(()),
        }
    }

    /// The guests.
    pub(crate) fn attendees(&self) -> &[Value] {
        self.fields.get("attendees").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The names of the fields in which two contents differ.
    pub(crate) fn changes(&self, other: &Self) -> BTreeSet<String> {
        let (one, two) = (self.input(), other.input());
        one.keys().chain(two.keys()).filter(|name| one.get(*name) != two.get(*name)).cloned().collect()
    }
}

/// Merges a patch: absent keeps, null clears, objects merge, everything else (arrays too) replaces.
fn merge(target: &mut Object, patch: &Object) {
    for (name, value) in patch {
        match (target.get_mut(name), value) {
            (_, Value::Null) => {
                target.remove(name);
            }
            (Some(Value::Object(inner)), Value::Object(patch)) => merge(inner, patch),
            (_, value) => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READING: Reading = Reading {
        zone: Tz::UTC,
        conference: false,
        attachments: false,
        normalise_rules: true,
        occurrence: false,
    };

    fn object(value: Value) -> Object {
        match value {
            Value::Object(object) => object,
            other => panic!("not an object: {other}"),
        }
    }

    fn timed() -> Value {
        json!({
            "summary": "Tea",
            "start": { "dateTime": "2026-05-01T09:00:00Z", "timeZone": "Europe/Paris" },
            "end": { "dateTime": "2026-05-01T10:00:00Z", "timeZone": "Europe/Paris" },
        })
    }

    fn read(value: Value) -> Result<Content, ApiError> {
        Content::read(&object(value), None, &READING)
    }

    #[test]
    fn an_event_needs_both_ends_in_one_kind_and_in_order() {
        assert_eq!(read(json!({ "summary": "x" })).unwrap_err().reason(), "required");
        let mut mixed = timed();
        mixed["end"] = json!({ "date": "2026-05-02" });
        assert_eq!(read(mixed).unwrap_err().reason(), "invalid");
        let mut backwards = timed();
        backwards["end"]["dateTime"] = json!("2026-05-01T08:00:00Z");
        assert_eq!(read(backwards).unwrap_err().reason(), "timeRangeEmpty");
        let mut instantaneous = timed();
        instantaneous["end"] = instantaneous["start"].clone();
        assert!(read(instantaneous).is_ok(), "an event without duration is accepted");
        let day = json!({ "date": "2026-05-01" });
        assert!(read(json!({ "start": day, "end": day })).is_err(), "but a day without duration is not");
    }

    #[test]
    fn a_patch_keeps_clears_and_replaces() {
        let mut body = timed();
        body["location"] = json!("Kitchen");
        body["attendees"] = json!([{ "email": "a@example.com" }, { "email": "b@example.com" }]);
        body["extendedProperties"] = json!({ "private": { "one": "1", "two": "2" } });
        let before = read(body).unwrap();
        let patch = object(json!({
            "location": null,
            "attendees": [{ "email": "c@example.com" }],
            "extendedProperties": { "private": { "one": null, "three": "3" } },
        }));
        let after = Content::read(&before.patched(&patch), Some(&before), &READING).unwrap();
        assert_eq!(after.text("summary"), Some("Tea"));
        assert_eq!(after.text("location"), None);
        assert_eq!(after.attendees().len(), 1);
        assert_eq!(after.fields["extendedProperties"], json!({ "private": { "two": "2", "three": "3" } }));
        let changed = after.changes(&before);
        assert_eq!(
            changed.iter().map(String::as_str).collect::<Vec<_>>(),
            ["attendees", "extendedProperties", "location"]
        );
    }

    #[test]
    fn going_from_timed_to_all_day_needs_the_old_form_cleared() {
        let before = read(timed()).unwrap();
        let naive = object(json!({ "start": { "date": "2026-05-01" }, "end": { "date": "2026-05-02" } }));
        assert!(Content::read(&before.patched(&naive), None, &READING).is_err());
        let clear = |day: &str| json!({ "date": day, "dateTime": null, "timeZone": null });
        let patch = object(json!({ "start": clear("2026-05-01"), "end": clear("2026-05-02") }));
        assert!(Content::read(&before.patched(&patch), None, &READING).unwrap().start.is_day());
    }

    #[test]
    fn conference_data_is_kept_unless_the_request_says_it_knows_about_it() {
        let knowing = Reading { conference: true, ..READING };
        let mut body = timed();
        body["conferenceData"] = json!({ "conferenceId": "abc" });
        assert!(!read(body.clone()).unwrap().fields.contains_key("conferenceData"));
        let before = Content::read(&object(body), None, &knowing).unwrap();
        let replaced = Content::read(&object(timed()), Some(&before), &READING).unwrap();
        assert_eq!(replaced.fields["conferenceData"]["conferenceId"], "abc");
        let cleared = Content::read(&object(timed()), Some(&before), &knowing).unwrap();
        assert!(!cleared.fields.contains_key("conferenceData"));
    }

    #[test]
    fn default_reminders_put_ones_own_aside() {
        let mut body = timed();
        body["reminders"] =
            json!({ "useDefault": false, "overrides": [{ "method": "popup", "minutes": 5 }] });
        let before = read(body).unwrap();
        let patch = object(json!({ "reminders": { "useDefault": true } }));
        let after = Content::read(&before.patched(&patch), Some(&before), &READING).unwrap();
        assert!(!after.fields.contains_key("reminders"), "which is the default, and not kept");
    }
}
