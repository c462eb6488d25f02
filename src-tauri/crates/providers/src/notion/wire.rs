//! What Notion sends, as far as every object has it in common.
//!
//! Documents stay [`Value`]s: a page says what its properties are, properties of a type that nobody knows yet are passed
//! over, and nothing here fails because Notion has learnt something new.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

/// The version of the API that all requests speak (guide “Versioning”).
pub(super) const VERSION: &str = "2026-03-11";

/// Ids come with and without hyphens; ours have them.
pub(super) fn id(text: &str) -> String {
    Uuid::parse_str(text).map_or_else(|_| text.to_owned(), |id| id.hyphenated().to_string())
}

/// Whether an object is in the trash. Versions before 2026-03-11 called that `archived`; where both words are there,
/// the newer one counts, for `is_archived` has become a state of its own.
pub(super) fn is_in_trash(document: &Value) -> bool {
    document["in_trash"].as_bool().or_else(|| document["archived"].as_bool()).unwrap_or(false)
}

/// A page of a data source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Page {
    pub(super) id: String,
    pub(super) created_at: Option<DateTime<Utc>>,
    /// Rounded down to the minute by Notion.
    pub(super) edited_at: Option<DateTime<Utc>>,
    pub(super) in_trash: bool,
    /// The data source that it is in now.
    pub(super) data_source: Option<String>,
    /// Its properties, as Notion names them.
    properties: Vec<Value>,
}

impl Page {
    /// Reads a page; the reason when it is none. Where access is limited, Notion sends an id and nothing else.
    pub(super) fn read(document: &Value) -> Result<Self, String> {
        let id = document["id"].as_str().map(id).ok_or("the page has no id")?;
        let Some(properties) = document["properties"].as_object() else {
            return Err("Notion shows no more than the page's id".to_owned());
        };
        Ok(Self {
            id,
            created_at: time(&document["created_time"]),
            edited_at: time(&document["last_edited_time"]),
            in_trash: is_in_trash(document),
            data_source: document["parent"]["data_source_id"].as_str().map(self::id),
            properties: properties.values().cloned().collect(),
        })
    }

    /// The property with this id, whatever it is called.
    pub(super) fn property(&self, id: &str) -> Option<&Value> {
        self.properties.iter().find(|property| property["id"] == id)
    }

    /// Puts the whole of a property in the place of the part that was shown with the page.
    pub(super) fn complete(&mut self, id: &str, kind: &str, value: Value) {
        if let Some(property) = self.properties.iter_mut().find(|property| property["id"] == id) {
            property[kind] = value;
        }
    }

    /// The last instant at which the page may have been changed: Notion tells the minute only.
    pub(super) fn edited_before(&self) -> Option<DateTime<Utc>> {
        self.edited_at.map(|at| at + TimeDelta::milliseconds(59_999))
    }
}

/// A point in time as Notion writes it.
pub(super) fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_the_same_with_and_without_hyphens() {
        let plain = "1f2104cd477e80a0b1c2d3e4f5a6b7c8";
        assert_eq!(id(plain), "1f2104cd-477e-80a0-b1c2-d3e4f5a6b7c8");
        assert_eq!(id(&id(plain)), id(plain));
        assert_eq!(id("not an id"), "not an id");
    }

    /// Trap 16.
    #[test]
    fn trash_and_archive_are_told_apart_in_every_version() {
        let trashed = |document: Value| is_in_trash(&document);
        assert!(trashed(json!({ "in_trash": true })));
        assert!(trashed(json!({ "archived": true })), "before 2026-03-11");
        assert!(!trashed(json!({ "in_trash": false, "archived": true })), "the newer word counts");
        assert!(!trashed(json!({ "in_trash": false, "is_archived": true })), "archived is not deleted");
        assert!(!trashed(json!({ "is_archived": true })));
    }

    #[test]
    fn a_page_that_shows_only_its_id_is_no_page() {
        assert!(Page::read(&json!({ "object": "page", "id": "a" })).is_err());
        assert!(Page::read(&json!({ "object": "page" })).is_err());
    }
}
