//! What the window may show of an event beyond our model. Kept small, and never written back: a patch leaves it alone.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::google::wire;

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
        BTreeMap::from([("google".to_owned(), Value::Object(fields))])
    }
}
