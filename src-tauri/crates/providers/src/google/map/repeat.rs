//! How a series repeats.
//!
//! Google takes the content lines of RFC 5545 as they are. Only a floating series needs care: it is sent in the
//! calendar's zone (see [`super::time`]), and so are its dates and its UNTIL, which has to be UTC there (§3.3.10).

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde_json::{Value, json};
use synodic_model::{Recurrence, When, ZonedTime};

use super::{Body, time};
use crate::google::wire;

const LOCAL: &str = "%Y%m%dT%H%M%S";
const UTC: &str = "%Y%m%dT%H%M%SZ";

/// Reads the lines; `when` is the event's place, already read.
pub(super) fn read(event: &wire::Event, when: &When, calendar: Tz) -> Option<Recurrence> {
    let lines = event.recurrence.as_deref().filter(|lines| !lines.is_empty())?;
    let mut recurrence =
        Recurrence::parse_lines(lines.iter().map(String::as_str), &time::anchored(when, calendar));
    if matches!(when, When::Floating { .. }) {
        bring_home(&mut recurrence, when, calendar);
    }
    Some(recurrence)
}

/// Writes the lines, or clears them.
pub(super) fn write(recurrence: Option<&Recurrence>, when: &When, calendar: Tz, body: &mut Body) {
    let lines = recurrence.map(|recurrence| recurrence.to_lines(&time::anchored(when, calendar)));
    body.set("recurrence", lines.filter(|lines| !lines.is_empty()).map_or(Value::Null, |lines| json!(lines)));
}

/// Takes what was written in the calendar's zone back to the wall clock.
fn bring_home(recurrence: &mut Recurrence, when: &When, calendar: Tz) {
    let to_local = |until: &str| {
        let utc = NaiveDateTime::parse_from_str(until, UTC).ok()?.and_utc();
        Some(ZonedTime::at(utc, calendar).local.format(LOCAL).to_string())
    };
    for rule in recurrence.rules.iter_mut().chain(&mut recurrence.exclusion_rules) {
        *rule = with_until(rule, to_local);
    }
    recurrence.fit_to(when);
}

/// The rule with its UNTIL replaced; a value that `change` does not read stays.
fn with_until(rule: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let parts = rule.split(';').map(|part| {
        let until = part.strip_prefix("UNTIL=").and_then(&change);
        until.map_or_else(|| part.to_owned(), |until| format!("UNTIL={until}"))
    });
    parts.collect::<Vec<_>>().join(";")
}
