//! Who we are, which data sources we can see, what they look like, and making a property that is missing.

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use synodic_model::RemoteCalendarId;
use ts_rs::TS;

use super::client::Call;
use super::error::{refused, unreadable};
use super::mapping::{Holder, Mapping, Slot};
use super::proposal::{examine, held_by};
use super::schema::{DataSource, Schema};
use super::{Notion, wire};
use crate::error::ProviderError;
use crate::{AccessRole, Linked, RemoteCalendar};

/// Pages of a search that are read; nobody looks through more than these 1000 data sources.
const SEARCH_PAGES: usize = 10;

/// Whom a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The connection's id in this workspace.
    pub bot_id: String,
    /// What the connection is called.
    pub bot_name: String,
    /// The workspace's id, if it is told.
    pub workspace_id: Option<String>,
    /// What the workspace is called, if it is told.
    pub workspace_name: Option<String>,
}

impl Owner {
    /// The account's name, as a person knows it.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.workspace_name {
            Some(workspace) if !workspace.is_empty() => workspace.clone(),
            _ if self.bot_name.is_empty() => format!("Notion {}", self.bot_id),
            _ => self.bot_name.clone(),
        }
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DataSources {
    /// The data sources, those changed last first.
    pub sources: Vec<DataSource>,
    /// What to do when nothing is there.
    pub hint: Option<String>,
}

impl DataSource {
    /// The data source as any other calendar.
    #[must_use]
    pub fn into_calendar(self) -> RemoteCalendar {
        let title = if self.title.is_empty() { "Untitled".to_owned() } else { self.title };
        let name = match self.icon.filter(|icon| !icon.contains("://")) {
            Some(emoji) => format!("{emoji} {title}"),
            None => title,
        };
        RemoteCalendar {
            id: self.id,
            name,
            color: None,
            time_zone: None,
            access: AccessRole::Writer,
            primary: false,
            default_reminders: Vec::new(),
        }
    }
}

impl Notion {
    /// Whom the token belongs to. Asked with any capability, so that a wrong token is known at once.
    ///
    /// # Errors
    /// [`ProviderError::SignInRefused`] when Notion does not know the token.
    pub async fn owner(&self) -> Result<Owner, ProviderError> {
        let call = Call::new(Method::GET, "users/me", "reading the account");
        let user = self.api.ask(&call).await?;
        let bot_id = user["id"].as_str().map(wire::id);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Owner {
            bot_id: bot_id.ok_or_else(|| unreadable(call.action, "the account has no id"))?,
            bot_name: text(&user["name"]).unwrap_or_default(),
            workspace_id: text(&user["bot"]["workspace_id"]),
            workspace_name: text(&user["bot"]["workspace_name"]),
        })
    }

    /// The data sources whose titles fit `query`; all of them when it is empty. Notion's search is no inventory: what was
    /// shared a moment ago may be missing, so the address of a database does as well. Each of a database's data sources
    /// is named, none is taken for granted.
    ///
    /// # Errors
    /// [`ProviderError`], as every call.
    pub async fn data_sources(&self, query: &str) -> Result<DataSources, ProviderError> {
        let query = query.trim();
        if let Some(id) = id_in(query) {
            let sources = self.by_address(&id).await?;
            let hint = sources.is_empty().then(|| NOT_SHARED.to_owned());
            return Ok(DataSources { sources, hint });
        }
        let mut sources: Vec<DataSource> = Vec::new();
        let mut cursor = Value::Null;
        for _ in 0..SEARCH_PAGES {
            let mut body = json!({
                "filter": { "property": "object", "value": "data_source" },
                "sort": { "timestamp": "last_edited_time", "direction": "descending" },
                "page_size": 100,
            });
            if !query.is_empty() {
                body["query"] = json!(query);
            }
            if cursor.is_string() {
                body["start_cursor"] = cursor;
            }
            let call = Call::new(Method::POST, "search", "looking for databases").json(body);
            let page = self.api.ask(&call).await?;
            let results = page["results"].as_array().map(Vec::as_slice).unwrap_or_default();
            for found in results.iter().filter(|found| !wire::is_in_trash(found)).filter_map(DataSource::read)
            {
                if !sources.iter().any(|known| known.id == found.id) {
                    sources.push(found);
                }
            }
            cursor = page["next_cursor"].clone();
            if page["has_more"] != true || !cursor.is_string() {
                break;
            }
        }
        let hint = match (sources.is_empty(), query.is_empty()) {
            (false, _) => None,
            (true, true) => Some(NOTHING_SHARED.to_owned()),
            (true, false) => Some(NOT_SHARED.to_owned()),
        };
        Ok(DataSources { sources, hint })
    }

    /// What stands at the address of a database or data source that a person has pasted.
    async fn by_address(&self, id: &str) -> Result<Vec<DataSource>, ProviderError> {
        let action = "reading a database";
        let answer = self.api.send(&Call::new(Method::GET, format!("databases/{id}"), action)).await?;
        if answer.status != StatusCode::NOT_FOUND {
            let database: Value = answer.json(action)?;
            let listed = database["data_sources"].as_array().map(Vec::as_slice).unwrap_or_default();
            let mut sources = Vec::new();
            for source in listed.iter().filter_map(|source| source["id"].as_str()) {
                sources.extend(self.schema_if_any(&RemoteCalendarId::new(wire::id(source))).await?);
            }
            return Ok(sources.into_iter().map(|schema| schema.source).collect());
        }
        let schema = self.schema_if_any(&RemoteCalendarId::new(id)).await?;
        Ok(schema.map(|schema| schema.source).into_iter().collect())
    }

    /// A data source with its properties.
    ///
    /// # Errors
    /// [`ProviderError::Refused`] when the connection cannot see it (any more).
    pub async fn schema(&self, id: &RemoteCalendarId) -> Result<Schema, ProviderError> {
        self.schema_if_any(id).await?.ok_or_else(|| no_access("reading a database"))
    }

    async fn schema_if_any(&self, id: &RemoteCalendarId) -> Result<Option<Schema>, ProviderError> {
        let call = Call::new(Method::GET, format!("data_sources/{id}"), "reading a database");
        let answer = self.api.send(&call).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let document: Value = answer.json(call.action)?;
        let schema = Schema::read(&document);
        schema.map(Some).ok_or_else(|| unreadable(call.action, "the database has no properties"))
    }

    /// Makes properties for `slots` and puts them into the mapping. One that is there already under its name and type is
    /// taken, so that a repeated request makes no second one.
    ///
    /// # Errors
    /// [`ProviderError::Refused`] when the connection may not change the database.
    pub async fn create_properties(
        &self,
        id: &RemoteCalendarId,
        slots: &[Slot],
        mut mapping: Mapping,
    ) -> Result<Mapping, ProviderError> {
        if slots.is_empty() {
            return Ok(mapping);
        }
        let schema = self.schema(id).await?;
        let proposal = examine(&schema, mapping.clone());
        let mut wanted = Vec::new();
        let mut properties = serde_json::Map::new();
        for proposed in proposal.slots.iter().filter(|proposed| slots.contains(&proposed.slot)) {
            let Some(name) = &proposed.creatable_as else { continue };
            let created_before = (proposed.slot == Slot::Marker)
                .then(|| schema.properties.iter().find(|property| property.name == "Synodic"))
                .flatten()
                .filter(|property| property.kind == super::mapping::PropertyKind::RichText);
            if let Some(property) = created_before {
                mapping.slots.insert(proposed.slot, held_by(property, proposed.slot));
                continue;
            }
            properties.insert(name.clone(), configuration(proposed.slot, id));
            wanted.push((proposed.slot, name.clone()));
        }
        if properties.is_empty() {
            return Ok(mapping);
        }
        let body = json!({ "properties": properties });
        let call = Call::new(Method::PATCH, format!("data_sources/{id}"), "creating a property").json(body);
        self.api.ask(&call).await?;
        let schema = self.schema(id).await?;
        for (slot, name) in wanted {
            let property = schema.properties.iter().find(|property| property.name == name);
            let property =
                property.ok_or_else(|| unreadable(call.action, "the new property is not there"))?;
            mapping.slots.insert(slot, held_by(property, slot));
        }
        Ok(mapping)
    }

    /// Looks at the data source, and notes which properties cannot be used. Returns whether that is news.
    pub(super) async fn look_at_schema(&self, calendar: Linked<'_>) -> Result<bool, ProviderError> {
        let schema = self.schema(calendar.id).await?;
        let mapping = Mapping::of(calendar.settings);
        let mut faults = std::collections::BTreeMap::new();
        for (slot, holder) in &mapping.slots {
            let Holder::Property { property } = holder else { continue };
            let fault = match schema.property(&property.id) {
                None => super::map::fault_sentence(&property.name, "is gone from Notion", *slot),
                Some(there) if there.kind != property.kind => {
                    super::map::fault_sentence(&there.name, "has another type now", *slot)
                }
                Some(_) => continue,
            };
            faults.insert(*slot, fault);
        }
        let mut memory = self.memory();
        let known = memory.faults.get(calendar.id).cloned().unwrap_or_default();
        let is_news = known.keys().ne(faults.keys());
        memory.faults.insert(calendar.id.clone(), faults);
        Ok(is_news)
    }
}

const NOTHING_SHARED: &str = "Nothing is shared with this connection yet. Open the database in Notion, choose “•••”, \
    then “Connections”, and add it there.";
const NOT_SHARED: &str = "Nothing of that name is shared with this connection. Open the database in Notion, choose \
    “•••”, then “Connections”, and add it there; or paste the database's address here.";

/// The failure when a data source cannot be seen: it was taken from the connection, or deleted for good.
pub(super) fn no_access(action: &'static str) -> ProviderError {
    refused(
        action,
        404,
        "the database is not there, or not shared with the connection (any more); share it again in Notion, or unlink it",
    )
}

/// What a new property for `slot` looks like.
fn configuration(slot: Slot, source: &RemoteCalendarId) -> Value {
    match slot {
        Slot::When => json!({ "date": {} }),
        Slot::Url | Slot::ConferenceUrl => json!({ "url": {} }),
        Slot::Transparency => json!({ "checkbox": {} }),
        Slot::Status => json!({ "select": { "options": [
            { "name": "Confirmed", "color": "green" },
            { "name": "Tentative", "color": "yellow" },
            { "name": "Cancelled", "color": "red" },
        ] } }),
        Slot::Series => json!({ "relation": {
            "data_source_id": source.as_str(), "type": "single_property", "single_property": {},
        } }),
        Slot::Title
        | Slot::Description
        | Slot::Location
        | Slot::Attendees
        | Slot::Recurrence
        | Slot::Marker => json!({ "rich_text": {} }),
    }
}

/// The id in an address of Notion's, which ends with 32 hexadecimal digits, or the id itself.
fn id_in(text: &str) -> Option<String> {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let digits: String = last.chars().filter(|letter| *letter != '-').collect();
    let id = digits.get(digits.len().checked_sub(32)?..)?;
    let is_alone = text.len() <= 36 || text.contains("notion.");
    (is_alone && id.chars().all(|digit| digit.is_ascii_hexdigit())).then(|| wire::id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_in_an_address() {
        let id = "1f2104cd-477e-80a0-b1c2-d3e4f5a6b7c8";
        for text in [
            "https://www.notion.so/ada/Termine-1f2104cd477e80a0b1c2d3e4f5a6b7c8?v=abc",
            "https://www.notion.so/1f2104cd477e80a0b1c2d3e4f5a6b7c8",
            "1f2104cd477e80a0b1c2d3e4f5a6b7c8",
            id,
        ] {
            assert_eq!(id_in(text).as_deref(), Some(id), "{text}");
        }
        for text in ["", "Termine", "https://example.org/1f2104cd477e80a0b1c2d3e4f5a6b7c8"] {
            assert_eq!(id_in(text), None, "{text}");
        }
    }
}
