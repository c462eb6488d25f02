//! A listing under way: what it asks for, and where it goes on.

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::client::{Call, only};
use super::super::error::refused;
use super::super::mapping::{Mapping, PropertyKind};
use super::super::wire;
use super::{LISTING, PAGE_SIZE, ids};
use crate::error::ProviderError;
use crate::{Linked, NextPull};

/// How far a listing of changes reaches back beyond the begin of the last one.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);
/// How long after everything was listed it is listed again.
const LISTED_EVERY: TimeDelta = TimeDelta::minutes(30);
/// A large data source is listed more seldom: so long for each request that it takes.
const LISTED_EVERY_PER_REQUEST: TimeDelta = TimeDelta::minutes(3);
/// Rows that a step by time may name a second time.
const REPEATED: usize = PAGE_SIZE / 4;

/// Where the next pull goes on; opaque to everybody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// When the last pull began, by Notion's clock.
    pub(super) since: DateTime<Utc>,
    /// When everything is to be listed again.
    pub(super) list_at: DateTime<Utc>,
}

/// Where a pull under way goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// When it began, by Notion's clock.
    pub(super) began: DateTime<Utc>,
    /// The time from which on rows are asked for.
    pub(super) from: Option<DateTime<Utc>>,
    /// Notion's own cursor beyond that.
    pub(super) cursor: Option<String>,
    /// Requests so far.
    pub(super) requests: u32,
}

/// A listing under way.
pub(super) struct Listing<'a> {
    pub(super) calendar: Linked<'a>,
    pub(super) cursor: Option<Cursor>,
    pub(super) place: Option<Place>,
}

impl Listing<'_> {
    /// The time that the rows are sorted by: of everything, when a row was made, for that never moves.
    pub(super) const fn timestamp(&self) -> &'static str {
        if self.cursor.is_some() { "last_edited_time" } else { "created_time" }
    }

    pub(super) fn from(&self) -> Option<DateTime<Utc>> {
        match (&self.place, &self.cursor) {
            (Some(place), _) => place.from,
            (None, Some(cursor)) => Some(cursor.since - OVERLAP),
            (None, None) => None,
        }
    }

    pub(super) fn call(&self, mapping: &Mapping, kind: PropertyKind, when: &str) -> Call {
        let timestamp = self.timestamp();
        let mut filters = Vec::new();
        if self.cursor.is_none() && kind == PropertyKind::Date {
            // Pages without a date are no events, and a database may hold many of them.
            filters.push(json!({ "property": when, "date": { "is_not_empty": true } }));
        }
        if let Some(from) = self.from() {
            let from = from.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
            filters.push(json!({ "timestamp": timestamp, timestamp: { "on_or_after": from } }));
        }
        let mut body = json!({
            "page_size": PAGE_SIZE,
            "sorts": [{ "timestamp": timestamp, "direction": "ascending" }],
        });
        match filters.len() {
            0 => {}
            1 => body["filter"] = filters.swap_remove(0),
            _ => body["filter"] = json!({ "and": filters }),
        }
        if let Some(cursor) = self.place.as_ref().and_then(|place| place.cursor.as_ref()) {
            body["start_cursor"] = json!(cursor);
        }
        let path = format!("data_sources/{}/query{}", self.calendar.id, only(&ids(mapping)));
        Call::new(Method::POST, path, LISTING).json(body)
    }

    /// What follows a page of rows.
    pub(super) fn next(
        &self,
        document: &Value,
        rows: &[Value],
        began: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<NextPull, ProviderError> {
        let requests = self.place.as_ref().map_or(0, |place| place.requests) + 1;
        let times: Vec<_> = rows.iter().filter_map(|row| wire::time(&row[self.timestamp()])).collect();
        let last = times.last().copied();
        let is_cut_off = document["request_status"]["type"] == "incomplete";
        let next_cursor = document["next_cursor"].as_str().filter(|_| document["has_more"] == true);
        let is_further = last.is_some() && last > self.from();
        let repeated = times.iter().filter(|time| Some(**time) == last).count();
        let place = match next_cursor {
            Some(_) if is_further && repeated <= REPEATED && rows.len() > REPEATED => {
                Place { began, from: last, cursor: None, requests }
            }
            Some(cursor) => Place { began, from: self.from(), cursor: Some(cursor.to_owned()), requests },
            None if is_cut_off && is_further => Place { began, from: last, cursor: None, requests },
            None if is_cut_off => {
                let reason =
                    "more pages than Notion gives out have the same time; the listing cannot be completed";
                return Err(refused(LISTING, 200, reason));
            }
            None => return Ok(NextPull::Done { cursor: to_text(&self.done(began, now, requests)) }),
        };
        Ok(NextPull::Page(to_text(&place)))
    }

    pub(super) fn done(&self, began: DateTime<Utc>, now: DateTime<Utc>, requests: u32) -> Cursor {
        let list_at = match &self.cursor {
            Some(cursor) => cursor.list_at,
            None => {
                let requests = i32::try_from(requests).unwrap_or(i32::MAX);
                now + LISTED_EVERY.max(LISTED_EVERY_PER_REQUEST * requests)
            }
        };
        Cursor { since: began, list_at }
    }
}

pub(super) fn to_text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
