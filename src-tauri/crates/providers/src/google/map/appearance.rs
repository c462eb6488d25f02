//! How an event shows: status, transparency, visibility, reminders and colour.

use serde_json::{Value, json};
use synodic_model::{Color, EventStatus, Reminder, ReminderMethod, Reminders, Transparency, Visibility};

use super::{Body, Role, property};
use crate::google::wire;

/// Google takes no more overrides than these (API reference, `reminders.overrides`).
const REMINDERS_LIMIT: usize = 5;
/// Four weeks, the earliest reminder that Google takes.
const MINUTES_LIMIT: u32 = 40_320;

/// Google's event palette, and the CSS3 colour that comes nearest to each by sight or by name. A bijection: what is
/// read is written back as the same id.
const PALETTE: [(&str, &str); 11] = [
    ("1", "mediumpurple"),   // Lavender  #7986cb
    ("2", "mediumseagreen"), // Sage      #33b679
    ("3", "darkorchid"),     // Grape     #8e24aa
    ("4", "lightcoral"),     // Flamingo  #e67c73
    ("5", "gold"),           // Banana    #f6bf26
    ("6", "orangered"),      // Tangerine #f4511e
    ("7", "dodgerblue"),     // Peacock   #039be5
    ("8", "dimgray"),        // Graphite  #616161
    ("9", "royalblue"),      // Blueberry #3f51b5
    ("10", "seagreen"),      // Basil     #0b8043
    ("11", "crimson"),       // Tomato    #d50000
];

pub(super) fn read_status(event: &wire::Event, warnings: &mut Vec<String>) -> EventStatus {
    match event.status.as_deref() {
        Some("cancelled") => EventStatus::Cancelled,
        Some("tentative") => EventStatus::Tentative,
        None | Some("confirmed") if event.private(property::STATUS) == Some("cancelled") => {
            EventStatus::Cancelled
        }
        None | Some("confirmed") => EventStatus::Confirmed,
        Some(other) => {
            warnings.push(format!("the status “{other}” is not known and was read as confirmed"));
            EventStatus::Confirmed
        }
    }
}

/// Only an occurrence may be cancelled in Google's sense; for anything else that word means deletion.
pub(super) fn write_status(status: EventStatus, role: Role, body: &mut Body) {
    let (word, kept) = match (status, role) {
        (EventStatus::Confirmed, _) => ("confirmed", None),
        (EventStatus::Tentative, _) => ("tentative", None),
        (EventStatus::Cancelled, Role::Occurrence) => ("cancelled", None),
        (EventStatus::Cancelled, Role::Event) => ("confirmed", Some("cancelled")),
    };
    body.set("status", json!(word));
    body.set_private(property::STATUS, kept);
}

pub(super) fn read_transparency(event: &wire::Event, warnings: &mut Vec<String>) -> Transparency {
    match event.transparency.as_deref() {
        None | Some("opaque") => Transparency::Opaque,
        Some("transparent") => Transparency::Transparent,
        Some(other) => {
            warnings.push(format!("the transparency “{other}” is not known and was read as opaque"));
            Transparency::Opaque
        }
    }
}

pub(super) fn write_transparency(transparency: Transparency, body: &mut Body) {
    let word = match transparency {
        Transparency::Opaque => "opaque",
        Transparency::Transparent => "transparent",
    };
    body.set("transparency", json!(word));
}

pub(super) fn read_visibility(event: &wire::Event, warnings: &mut Vec<String>) -> Visibility {
    match event.visibility.as_deref() {
        None | Some("default") => Visibility::Default,
        Some("public") => Visibility::Public,
        Some("private") => Visibility::Private,
        Some("confidential") => Visibility::Confidential,
        Some(other) => {
            warnings.push(format!("the visibility “{other}” is not known and was read as private"));
            // Of all mistakes, showing too little is the one that can be taken back.
            Visibility::Private
        }
    }
}

pub(super) fn write_visibility(visibility: Visibility, body: &mut Body) {
    let word = match visibility {
        Visibility::Default => "default",
        Visibility::Public => "public",
        Visibility::Private => "private",
        Visibility::Confidential => "confidential",
    };
    body.set("visibility", json!(word));
}

pub(super) fn read_reminders(event: &wire::Event, warnings: &mut Vec<String>) -> Reminders {
    let Some(reminders) = &event.reminders else { return Reminders::CalendarDefault };
    if reminders.use_default == Some(true) {
        return Reminders::CalendarDefault;
    }
    let overrides = reminders.overrides.as_deref().unwrap_or_default();
    Reminders::Custom { reminders: reminder_list(overrides, warnings) }
}

/// Reads reminders into their canonical order; those of a kind that we do not know are left out with a warning.
pub(super) fn reminder_list(list: &[wire::Reminder], warnings: &mut Vec<String>) -> Vec<Reminder> {
    let mut read = Vec::with_capacity(list.len());
    for reminder in list {
        match one_reminder(reminder) {
            Some(reminder) => read.push(reminder),
            None => warnings.push(format!(
                "a reminder of kind “{}” cannot be kept",
                reminder.method.as_deref().unwrap_or_default()
            )),
        }
    }
    read.sort_unstable();
    read.dedup();
    read
}

fn one_reminder(reminder: &wire::Reminder) -> Option<Reminder> {
    let method = match reminder.method.as_deref()? {
        "popup" => ReminderMethod::Popup,
        "email" => ReminderMethod::Email,
        _ => return None,
    };
    Some(Reminder { minutes_before: u32::try_from(reminder.minutes?).ok()?, method })
}

/// `overrides` is cleared along with `useDefault: true`, for Google refuses the two together.
pub(super) fn write_reminders(reminders: &Reminders, body: &mut Body) {
    let value = match reminders {
        Reminders::CalendarDefault => json!({ "useDefault": true, "overrides": Value::Null }),
        Reminders::Custom { reminders } => {
            json!({ "useDefault": false, "overrides": acceptable(reminders) })
        }
    };
    body.set("reminders", value);
}

/// What Google takes of a list of reminders: the last five before the start, none earlier than four weeks.
fn acceptable(reminders: &[Reminder]) -> Vec<Value> {
    let mut reminders: Vec<_> = reminders
        .iter()
        .map(|reminder| Reminder { minutes_before: reminder.minutes_before.min(MINUTES_LIMIT), ..*reminder })
        .collect();
    reminders.sort_unstable();
    reminders.dedup();
    reminders.truncate(REMINDERS_LIMIT);
    reminders.into_iter().map(reminder_value).collect()
}

fn reminder_value(reminder: Reminder) -> Value {
    let method = match reminder.method {
        ReminderMethod::Popup => "popup",
        ReminderMethod::Email => "email",
    };
    json!({ "method": method, "minutes": reminder.minutes_before })
}

/// A colour chosen at Google wins over one that we kept for want of a place.
pub(super) fn read_color(event: &wire::Event, warnings: &mut Vec<String>) -> Option<Color> {
    let kept = || event.private(property::COLOR).map(|name| Color(name.to_owned()));
    let Some(id) = event.color_id.as_deref() else { return kept() };
    let name = PALETTE.iter().find(|(known, _)| *known == id).map(|(_, name)| Color((*name).to_owned()));
    if name.is_none() {
        warnings.push(format!("the colour “{id}” is not in the palette"));
    }
    name.or_else(kept)
}

pub(super) fn write_color(color: Option<&Color>, body: &mut Body) {
    let name = color.map(|color| color.0.to_ascii_lowercase());
    let id = name.as_ref().and_then(|name| PALETTE.iter().find(|(_, known)| known == name));
    body.set("colorId", id.map_or(Value::Null, |(id, _)| json!(id)));
    body.set_private(property::COLOR, name.as_deref().filter(|_| id.is_none()));
}
