//! What the window may show of an event beyond our model. Kept small, and never written back: a patch leaves it alone.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use synodic_model::{EventContent, Field, FieldSet};

use crate::google::wire;

/// The part of the extras that is Google's.
const PART: &str = "google";

/// Everything under the key `google`: the page at Google, the kind of event when it is a special one, what guests may
/// do when it differs from Google's defaults, and the number of attachments.
pub(super) fn read(event: &wire::Event) -> BTreeMap<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    put("htmlLink", event.html_link.as_ref().map(|link| json!(link)));
    put("eventType", event.event_type.as_ref().filter(|kind| *kind != "default").map(|kind| json!(kind)));
    put("guestsCanModify", event.guests_can_modify.filter(|allowed| *allowed).map(Value::Bool));
    put("guestsCanInviteOthers", event.guests_can_invite_others.filter(|allowed| !allowed).map(Value::Bool));
    put(
        "guestsCanSeeOtherGuests",
        event.guests_can_see_other_guests.filter(|allowed| !allowed).map(Value::Bool),
    );
    put(
        "attachments",
        event.attachments.as_ref().map(Vec::len).filter(|count| *count > 0).map(|count| json!(count)),
    );
    put("locked", event.locked.filter(|locked| *locked).map(Value::Bool));
    if fields.is_empty() {
        BTreeMap::new()
    } else {
        BTreeMap::from([(PART.to_owned(), Value::Object(fields))])
    }
}

/// Notes the fields that Google takes although the event as a whole is not ours to change.
pub(super) fn note_writable(content: &mut EventContent, fields: FieldSet) {
    let names: Vec<Field> = fields.iter().collect();
    let part = content.extras.entry(PART.to_owned()).or_insert_with(|| json!({}));
    if let Value::Object(part) = part {
        part.insert("writable".to_owned(), json!(names));
    }
}

/// Whether the event was read as a birthday.
pub(super) fn is_birthday(content: &EventContent) -> bool {
    content.extras.get(PART).is_some_and(|part| part["eventType"] == "birthday")
}
