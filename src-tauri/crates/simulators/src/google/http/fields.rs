//! Partial answers: `fields=items(id,etag,start/dateTime),nextPageToken`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::google::error::ApiError;

/// Which parts of an answer are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask {
    /// The wanted fields, each with what is wanted of it; nothing in particular means all of it.
    fields: BTreeMap<String, Self>,
}

impl Mask {
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut rest = text;
        let mask = Self::list(&mut rest, 0).filter(|_| rest.is_empty());
        mask.ok_or_else(|| ApiError::bad_parameter("fields", format!("Invalid field selection {text}")))
    }

    /// `path,path,…` up to the end or a closing parenthesis.
    fn list(rest: &mut &str, depth: usize) -> Option<Self> {
        let mut mask = Self::default();
        loop {
            mask.path(rest, depth)?;
            match rest.strip_prefix(',') {
                Some(more) => *rest = more,
                None => return Some(mask),
            }
        }
    }

    /// `name`, `name/path` or `name(list)`.
    fn path(&mut self, rest: &mut &str, depth: usize) -> Option<()> {
        let end = rest.find(['/', '(', ')', ',']).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        // Nothing in the API is nested this deeply; a mask that is would only exhaust the stack.
        if name.is_empty() || depth > 16 {
            return None;
        }
        let inner = self.fields.entry(name.to_owned()).or_default();
        *rest = after;
        if let Some(path) = rest.strip_prefix('/') {
            *rest = path;
            inner.path(rest, depth + 1)?;
        } else if let Some(list) = rest.strip_prefix('(') {
            *rest = list;
            inner.fields.extend(Self::list(rest, depth + 1)?.fields);
            *rest = rest.strip_prefix(')')?;
        }
        Some(())
    }

    /// Keeps the wanted parts of a value; in arrays, of each item.
    pub(crate) fn apply(&self, value: &Value) -> Value {
        match value {
            _ if self.fields.is_empty() => value.clone(),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.apply(item)).collect()),
            Value::Object(object) => {
                let wanted = |name: &String| self.fields.get(name).or_else(|| self.fields.get("*"));
                let kept = object
                    .iter()
                    .filter_map(|(name, value)| Some((name.clone(), wanted(name)?.apply(value))));
                Value::Object(kept.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_asked_for_remains() {
        let answer = json!({
            "kind": "calendar#events",
            "items": [{ "id": "1", "etag": "x", "start": { "dateTime": "t", "timeZone": "z" } }],
            "nextSyncToken": "s",
        });
        let apply = |mask: &str| Mask::parse(mask).unwrap().apply(&answer);
        assert_eq!(
            apply("items(id,start/dateTime),nextSyncToken"),
            json!({ "items": [{ "id": "1", "start": { "dateTime": "t" } }], "nextSyncToken": "s" })
        );
        assert_eq!(apply("items/id"), json!({ "items": [{ "id": "1" }] }));
        assert_eq!(apply("*"), answer);
        assert_eq!(apply("items"), json!({ "items": answer["items"] }));
    }

    #[test]
    fn broken_masks_are_refused() {
        for mask in ["", "items(", "items(id", "items)", ",", "items//id", &"a/".repeat(50)] {
            assert_eq!(Mask::parse(mask).unwrap_err().status(), 400, "{mask}");
        }
    }
}
