//! The body of a write, which is an event in part.

use serde_json::{Map, Value, json};

/// Google cuts longer values without a word (guide “Extended properties”).
const PROPERTY_LIMIT: usize = 1024;

/// Fields to be written. A field that is `null` is to be cleared.
#[derive(Debug, Default)]
pub(in crate::google) struct Body {
    fields: Map<String, Value>,
    private: Map<String, Value>,
}

impl Body {
    /// Sets a field; `Value::Null` clears it.
    pub(in crate::google) fn set(&mut self, field: &str, value: Value) {
        self.fields.insert(field.to_owned(), value);
    }

    /// Sets a field of text; an empty one is cleared.
    pub(super) fn set_text(&mut self, field: &str, text: &str) {
        self.set(field, if text.is_empty() { Value::Null } else { json!(text) });
    }

    /// Sets or clears a private extended property. A value longer than Google keeps is not sent at all: half an
    /// address is worse than none.
    pub(in crate::google) fn set_private(&mut self, key: &str, value: Option<&str>) {
        let value = value.filter(|value| value.chars().count() <= PROPERTY_LIMIT);
        self.private.insert(key.to_owned(), value.map_or(Value::Null, Value::from));
    }

    /// Leaves all private extended properties alone.
    pub(super) fn keep_no_private(&mut self) {
        self.private.clear();
    }

    /// Whether `field` is to be written or cleared.
    pub(in crate::google) fn names(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// The guests to be written, if there are any.
    pub(in crate::google) fn guests(&self) -> Option<&Value> {
        self.fields.get("attendees").filter(|guests| guests.is_array())
    }

    /// Whether there is nothing to write.
    pub(in crate::google) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.private.is_empty()
    }

    /// The body of `events.patch`: absent fields are kept, `null` clears (guide “Performance tips”).
    pub(in crate::google) fn into_patch(mut self) -> Value {
        if !self.private.is_empty() {
            self.fields.insert("extendedProperties".to_owned(), json!({ "private": self.private }));
        }
        Value::Object(self.fields)
    }

    /// The body of `events.insert`, where there is nothing to clear yet.
    pub(in crate::google) fn into_insert(self) -> Value {
        without_nulls(self.into_patch())
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        other => other,
    }
}
