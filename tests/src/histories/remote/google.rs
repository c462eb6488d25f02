//! A calendar at the simulated Google.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Berlin;
use http::{Method, Request};
use serde_json::{Value, json};
use synodic_simulators::google::Control;

use super::{Change, Remote, Row, Shown};
use crate::histories::step::{Said, Time, Verb, count, stride};
use crate::histories::wire::Wire;

/// A calendar at the simulated Google.
pub struct GoogleCalendar {
    control: Control,
    wire: Wire,
    account: String,
    calendar: String,
    strange: Strange,
}

/// What was put into events that a program like ours has no word for, by their ids. It goes with an event that is moved to
/// another calendar.
pub type Strange = Arc<Mutex<BTreeMap<String, Value>>>;

impl GoogleCalendar {
    /// The calendar of an account, reached over `wire` when it is to be looked at.
    #[must_use]
    pub fn new(control: Control, wire: Wire, account: &str, calendar: &str, strange: Strange) -> Self {
        Self { control, wire, account: account.to_owned(), calendar: calendar.to_owned(), strange }
    }

    fn put(&self, event: Value) -> Option<Value> {
        self.control.try_put_event(&self.calendar, event).ok()
    }
}

/// What kind of request to Google this is.
#[must_use]
pub fn verb(method: &Method, path: &str) -> Verb {
    match *method {
        Method::POST if path.ends_with("/token") => Verb::Token,
        Method::POST if path.ends_with("/events") => Verb::Create,
        Method::PATCH | Method::PUT => Verb::Update,
        Method::DELETE => Verb::Delete,
        _ => Verb::Read,
    }
}

/// What an error of Google's looks like.
///
/// # Panics
/// Never: it is a plain text.
#[must_use]
pub fn error(status: u16) -> Vec<u8> {
    let reason = match status {
        400 => "invalid",
        401 => "authError",
        403 | 429 => "rateLimitExceeded",
        410 => "fullSyncRequired",
        _ => "backendError",
    };
    let error = json!({ "domain": "usageLimits", "reason": reason, "message": "No." });
    let body = json!({ "error": { "code": status, "message": "No.", "errors": [error] } });
    serde_json::to_vec(&body).unwrap()
}

#[async_trait::async_trait]
impl Remote for GoogleCalendar {
    fn account(&self) -> &str {
        &self.account
    }

    fn calendar(&self) -> &str {
        &self.calendar
    }

    fn rows(&self) -> Vec<Row> {
        let events = self.control.all_events(&self.calendar);
        let lives =
            |id: &Value| events.iter().any(|event| event["id"] == *id && event["status"] != "cancelled");
        let mut rows: Vec<_> = events
            .iter()
            .filter(|event| match &event["recurringEventId"] {
                Value::Null => event["status"] != "cancelled",
                series => lives(series),
            })
            .map(row)
            .collect();
        // Of an occurrence that is called off Google says no more than that.
        let places: BTreeMap<String, String> =
            rows.iter().map(|row| (row.id.clone(), row.place.clone())).collect();
        for row in &mut rows {
            if let Some(place) = row.series.as_ref().and_then(|series| places.get(series)) {
                row.place.clone_from(place);
            }
        }
        rows
    }

    async fn shown(&self) -> Vec<Shown> {
        let (access_token, _) = self.control.issue_tokens(&self.account);
        let calendar: String = url::form_urlencoded::byte_serialize(self.calendar.as_bytes()).collect();
        let mut shown = Vec::new();
        let mut page = String::new();
        loop {
            let request = Request::get(format!(
                "https://google.test/calendar/v3/calendars/{calendar}/events?singleEvents=true\
                 &timeMin=2026-01-01T00:00:00Z&timeMax=2028-01-01T00:00:00Z{page}"
            ))
            .header("Authorization", format!("Bearer {access_token}"))
            .body(Vec::new())
            .unwrap();
            let answer = self.wire.ask(request).await;
            let answer: Value = serde_json::from_slice(answer.body()).unwrap();
            let items = answer["items"].as_array().unwrap_or_else(|| panic!("{answer}"));
            shown.extend(items.iter().map(|event| Shown {
                place: text(&event["location"]),
                start: moment(&event["start"]),
                end: moment(&event["end"]),
                title: text(&event["summary"]),
            }));
            match answer["nextPageToken"].as_str() {
                Some(next) => page = format!("&pageToken={next}"),
                None => return shown,
            }
        }
    }

    fn add(&self, said: &Said) -> bool {
        let strange = json!({
            "extendedProperties": {
                "private": { "other-program": format!("its own of {}", said.place) },
                "shared": { "team": "äöü ✓" },
            },
            "guestsCanModify": true,
            "guestsCanInviteOthers": false,
            "attachments": [{ "fileUrl": "https://example.com/plan", "title": "Plan", "mimeType": "text/plain" }],
            "source": { "title": "Mail", "url": "https://example.com/mail" },
            "attendees": [{ "email": "guest@example.net", "responseStatus": "accepted", "comment": "with joy" }],
        });
        let mut event = strange.clone();
        event["summary"] = json!(said.title);
        event["description"] = json!(said.description);
        event["location"] = json!(said.place);
        set_time(&mut event, said.time);
        if let Some(rule) = said.rule {
            event["recurrence"] = json!([format!("RRULE:{rule}")]);
        }
        let Some(made) = self.put(event) else { return false };
        let kept = strange.as_object().unwrap().keys().map(|name| (name.clone(), made[name].clone()));
        let id = text(&made["id"]);
        self.strange.lock().unwrap_or_else(PoisonError::into_inner).insert(id, kept.collect());
        true
    }

    fn change(&self, row: &Row, change: &Change) -> bool {
        let mut event = json!({ "id": row.id });
        match change {
            Change::Title(title) => event["summary"] = json!(title),
            Change::Description(description) => event["description"] = json!(description),
            Change::Time(time) => set_time(&mut event, *time),
            Change::Rule(rule) => event["recurrence"] = json!([format!("RRULE:{rule}")]),
        }
        self.put(event).is_some()
    }

    fn occurrence(&self, series: &Row, nth: u8) -> Option<Row> {
        let rule = series.rule.as_deref()?;
        let days = TimeDelta::days(stride(rule) * (i64::from(nth) % count(rule)));
        // The clocks do not change in the weeks of a history.
        let (original_start, key) = match DateTime::parse_from_rfc3339(&series.start) {
            Ok(start) => {
                let start = start.to_utc() + days;
                (instant(start), start.format("%Y%m%dT%H%M%SZ").to_string())
            }
            Err(_) => {
                let date: NaiveDate = series.start.parse().ok()?;
                let date = date + days;
                (date.to_string(), date.format("%Y%m%d").to_string())
            }
        };
        let id = format!("{}_{key}", series.id);
        let own = self.rows().into_iter().find(|row| row.id == id);
        let plain = || Row {
            id,
            original_start: Some(original_start.clone()),
            series: Some(series.id.clone()),
            start: original_start,
            rule: None,
            ..series.clone()
        };
        Some(own.unwrap_or_else(plain))
    }

    fn call_off(&self, occurrence: &Row) -> bool {
        self.control.delete_event(&self.calendar, &occurrence.id)
    }

    fn delete(&self, row: &Row) -> bool {
        self.control.delete_event(&self.calendar, &row.id)
    }

    fn damage(&self) -> Vec<String> {
        let strange = self.strange.lock().unwrap_or_else(PoisonError::into_inner);
        let mut damage = Vec::new();
        for event in self.control.events(&self.calendar) {
            let Some(kept) = strange.get(&text(&event["id"])).and_then(Value::as_object) else { continue };
            for (name, value) in kept.iter().filter(|(name, value)| event[name.as_str()] != **value) {
                damage.push(format!(
                    "{}: {name} was {value} and is {}",
                    text(&event["location"]),
                    event[name.as_str()]
                ));
            }
        }
        damage
    }
}

fn row(event: &Value) -> Row {
    let rules = event["recurrence"].as_array().map(Vec::as_slice).unwrap_or_default();
    let original_start = &event["originalStartTime"];
    Row {
        place: text(&event["location"]),
        original_start: original_start.is_object().then(|| moment(original_start)),
        id: text(&event["id"]),
        series: event["recurringEventId"].as_str().map(str::to_owned),
        title: text(&event["summary"]),
        description: text(&event["description"]),
        start: moment(&event["start"]),
        rule: rules.iter().find_map(|line| line.as_str()?.strip_prefix("RRULE:").map(ordered)),
        called_off: event["status"] == "cancelled",
    }
}

/// The parts of a rule in an order of their own, for services like another one.
#[must_use]
pub fn ordered(rule: &str) -> String {
    let mut parts: Vec<_> = rule.split(';').filter(|part| *part != "INTERVAL=1").collect();
    parts.sort_unstable();
    parts.join(";")
}

fn set_time(event: &mut Value, time: Time) {
    let (start, end) = match time {
        Time::Hour { start, minutes } => {
            let at = |local| {
                let time = Berlin.from_local_datetime(&local).earliest().unwrap();
                json!({ "dateTime": time.to_rfc3339(), "timeZone": "Europe/Berlin", "date": null })
            };
            (at(start), at(start + TimeDelta::minutes(minutes)))
        }
        Time::Day { date } => {
            let on =
                |date: NaiveDate| json!({ "date": date.to_string(), "dateTime": null, "timeZone": null });
            (on(date), on(date + TimeDelta::days(1)))
        }
    };
    event["start"] = start;
    event["end"] = end;
}

fn moment(time: &Value) -> String {
    match time["dateTime"].as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok()) {
        Some(time) => instant(time.to_utc()),
        None => text(&time["date"]),
    }
}

/// An instant as rows have it.
#[must_use]
pub fn instant(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
