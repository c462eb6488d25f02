//! `freebusy.query`: when somebody has no time, and nothing else.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::calendar::Calendar;
use super::error::ApiError;
use super::event::content::Object;
use super::event::time::utc_millis;
use super::event::{Event, same_address};
use super::listing::occurrences;
use super::scope::Need;
use super::state::{Identity, State};

/// No query is about more calendars than this.
const CALENDARS: usize = 50;

type Span = (DateTime<Utc>, DateTime<Utc>);

impl State {
    /// `freebusy.query`.
    pub(crate) fn free_busy(&self, who: &Identity, body: &Object) -> Result<Value, ApiError> {
        self.allow(who, Need::FreeBusy)?;
        let moment = |name: &str| {
            let text = body.get(name).and_then(Value::as_str);
            let text = text.ok_or_else(|| ApiError::required(format!("Missing {name}.")))?;
            let moment = DateTime::parse_from_rfc3339(text);
            moment.map(|moment| moment.to_utc()).map_err(|_| ApiError::bad_request("Bad Request"))
        };
        let window = (moment("timeMin")?, moment("timeMax")?);
        if window.0 >= window.1 {
            return Err(ApiError::time_range_empty());
        }
        let zone = match body.get("timeZone").and_then(Value::as_str) {
            Some(name) => name.parse().map_err(|_| ApiError::invalid("Invalid time zone definition."))?,
            None => Tz::UTC,
        };
        let items = body.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let ids = items.iter().filter_map(|item| item["id"].as_str());
        let calendars = ids.enumerate().map(|(number, id)| {
            let error = |reason: &str| json!({ "errors": [{ "domain": "global", "reason": reason }] });
            let real = if id == "primary" { who.email.as_str() } else { id };
            let entry = self.accounts.get(&who.email).and_then(|account| account.entries.get(real));
            let place =
                self.calendars.get(real).filter(|_| entry.is_some_and(|entry| entry.removed_at.is_none()));
            let answer = match place {
                _ if number >= CALENDARS => error("tooManyCalendarsRequested"),
                None => error("notFound"),
                Some(place) => json!({ "busy": busy(place, window, zone) }),
            };
            (id.to_owned(), answer)
        });
        Ok(json!({
            "kind": "calendar#freeBusy",
            "timeMin": utc_millis(window.0),
            "timeMax": utc_millis(window.1),
            "calendars": Value::Object(calendars.collect()),
        }))
    }
}

/// The times of a window in which something is on, each said once however much is on.
fn busy(place: &Calendar, window: Span, zone: Tz) -> Value {
    let mut spans = Vec::new();
    for event in place.events.values() {
        if event.content.recurrence.is_empty() {
            spans.extend(taken(place, event, window));
        } else {
            // Exceptions are events of their own, wherever they were moved to.
            let regular = occurrences(place, event, window.1);
            let regular = regular.iter().filter(|event| !place.events.contains_key(&event.id));
            spans.extend(regular.filter_map(|event| taken(place, event, window)));
        }
    }
    spans.sort_unstable();
    let mut whole: Vec<Span> = Vec::new();
    for (start, end) in spans {
        match whole.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => whole.push((start, end)),
        }
    }
    let text = |moment: DateTime<Utc>| moment.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true);
    whole.iter().map(|(start, end)| json!({ "start": text(*start), "end": text(*end) })).collect()
}

/// The part of a window that an event takes, if it takes any.
fn taken(place: &Calendar, event: &Event, window: Span) -> Option<Span> {
    let declined = event
        .content
        .attendees()
        .iter()
        .any(|guest| same_address(guest, &place.id) && guest["responseStatus"] == "declined");
    if declined || place.is_cancelled(event) || event.content.text("transparency") == Some("transparent") {
        return None;
    }
    let start = event.content.start.instant(place.time_zone).max(window.0);
    let end = event.content.end.instant(place.time_zone).min(window.1);
    (start < end).then_some((start, end))
}
