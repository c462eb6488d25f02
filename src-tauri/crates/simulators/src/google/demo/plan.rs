//! A small vocabulary for writing weeks down.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::google::Control;

/// Days of the first week; add [`NEXT`] for the second, subtract it for the one before.
pub(super) const MON: i64 = 0;
pub(super) const TUE: i64 = 1;
pub(super) const WED: i64 = 2;
pub(super) const THU: i64 = 3;
pub(super) const FRI: i64 = 4;
pub(super) const SAT: i64 = 5;
pub(super) const SUN: i64 = 6;
/// A week.
pub(super) const NEXT: i64 = 7;

/// A week that begins on a Monday, and the control to write it down with.
pub(super) struct Plan {
    control: Control,
    pub(super) monday: NaiveDate,
    pub(super) zone: Tz,
}

impl Plan {
    /// The week that `today` is in.
    pub(super) fn new(control: Control, today: NaiveDate, zone: Tz) -> Self {
        let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
        Self { control, monday, zone }
    }

    pub(super) fn day(&self, day: i64) -> NaiveDate {
        self.monday + TimeDelta::days(day)
    }

    /// A time of that day.
    pub(super) fn at(&self, day: i64, (hour, minute): (u32, u32)) -> NaiveDateTime {
        self.day(day).and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default())
    }

    /// An event with a beginning and a duration in minutes.
    pub(super) fn timed(&self, summary: &str, day: i64, from: (u32, u32), minutes: i64) -> Value {
        let start = self.at(day, from);
        let end = start + TimeDelta::minutes(minutes);
        json!({ "summary": summary, "start": local(start, self.zone), "end": local(end, self.zone) })
    }

    /// A time of that day at home, as people in Lisbon would write it down; in Berlin, if home is Lisbon.
    pub(super) fn seen_abroad(&self, day: i64, time: (u32, u32)) -> Value {
        let there = if self.zone == Tz::Europe__Lisbon { Tz::Europe__Berlin } else { Tz::Europe__Lisbon };
        let instant = crate::google::event::time::from_wall(self.at(day, time), self.zone);
        local(instant.with_timezone(&there).naive_local(), there)
    }

    /// An all-day event of so many days.
    pub(super) fn all_day(&self, summary: &str, day: i64, days: i64) -> Value {
        json!({
            "summary": summary,
            "start": { "date": self.day(day).to_string() },
            "end": { "date": self.day(day + days).to_string() },
        })
    }

    /// Writes an event down and returns its id.
    pub(super) fn put(&self, calendar: &str, event: Value) -> String {
        let written = self.control.put_event(calendar, event);
        written["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Writes an event down with further fields.
    pub(super) fn put_with(&self, calendar: &str, mut event: Value, more: Value) -> String {
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
            event.extend(more);
        }
        self.put(calendar, event)
    }

    /// The id of an occurrence of a timed series.
    pub(super) fn occurrence(&self, series: &str, day: i64, from: (u32, u32)) -> String {
        let start = crate::google::event::time::from_wall(self.at(day, from), self.zone);
        format!("{series}_{}", start.format("%Y%m%dT%H%M%SZ"))
    }
}

/// A local time with its zone, as the API takes it.
pub(super) fn local(time: NaiveDateTime, zone: Tz) -> Value {
    json!({ "dateTime": time.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": zone.name() })
}

/// A guest with an answer.
pub(super) fn guest(name: &str, email: &str, response: &str) -> Value {
    json!({ "displayName": name, "email": email, "responseStatus": response })
}
