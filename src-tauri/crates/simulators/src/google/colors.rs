//! The palette. Ids and values are those that the real service has shown for years.

use serde_json::{Map, Value, json};

const EVENT: [&str; 11] = [
    "#a4bdfc", "#7ae7bf", "#dbadff", "#ff887c", "#fbd75b", "#ffb878", "#46d6db", "#e1e1e1", "#5484ed",
    "#51b749", "#dc2127",
];

const CALENDAR: [&str; 24] = [
    "#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46", "#42d692", "#16a765", "#7bd148",
    "#b3dc6c", "#fbe983", "#fad165", "#92e1c0", "#9fe1e7", "#9fc6e7", "#4986e7", "#9a9cff", "#b99aff",
    "#c2c2c2", "#cabdbf", "#cca6ac", "#f691b2", "#cd74e6", "#a47ae2",
];

const FOREGROUND: &str = "#1d1d1d";

/// Returns the background and foreground of a calendar colour; those of the first one if there is none of that id.
pub(crate) fn calendar_color(id: &str) -> (&'static str, &'static str) {
    let index = id.parse::<usize>().unwrap_or(1).saturating_sub(1);
    (CALENDAR.get(index).copied().unwrap_or("#ac725e"), FOREGROUND)
}

/// Returns the background of an event colour, if there is one of that id.
pub(crate) fn event_color(id: &str) -> Option<&'static str> {
    EVENT.get(id.parse::<usize>().ok()?.checked_sub(1)?).copied()
}

/// The `Colors` resource.
pub(crate) fn render() -> Value {
    let palette = |colors: &[&str]| {
        let entries = colors.iter().enumerate().map(|(index, background)| {
            ((index + 1).to_string(), json!({ "background": background, "foreground": FOREGROUND }))
        });
        Value::Object(entries.collect::<Map<_, _>>())
    };
    json!({
        "kind": "calendar#colors",
        "updated": "2012-02-14T00:00:00.000Z",
        "calendar": palette(&CALENDAR),
        "event": palette(&EVENT),
    })
}
