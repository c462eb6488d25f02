//! Data sources as Notion describes them: what they are called and what properties they have.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use synodic_model::RemoteCalendarId;
use ts_rs::TS;

use super::mapping::PropertyKind;
use super::wire;

/// A data source that the connection can see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DataSource {
    /// Its id; not that of the database that it is part of.
    pub id: RemoteCalendarId,
    /// Its title; may be empty.
    pub title: String,
    /// An emoji, or the address of a picture.
    pub icon: Option<String>,
    /// The id of the database that it is part of.
    pub database: Option<String>,
    /// Where it is shown in Notion.
    pub url: Option<String>,
}

/// A data source with its properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// What it is called.
    pub source: DataSource,
    /// Whether it is in the trash.
    pub in_trash: bool,
    /// Its properties, by name.
    pub properties: Vec<SchemaProperty>,
}

/// A property of a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaProperty {
    /// Its id, just as Notion writes it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: PropertyKind,
    /// The options of a select or status, with their ids.
    pub options: Vec<SchemaOption>,
    /// The data source whose pages a relation names.
    pub relates_to: Option<String>,
}

/// An option of a select or status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaOption {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of the group it is in, of a status.
    pub group: Option<String>,
}

impl DataSource {
    /// Reads a data source as search and schema show it; none when even the id is missing.
    pub(super) fn read(document: &Value) -> Option<Self> {
        let id = wire::id(document["id"].as_str()?);
        Some(Self {
            id: RemoteCalendarId::new(id),
            title: super::text::plain(&document["title"]),
            icon: icon(&document["icon"]),
            database: document["parent"]["database_id"].as_str().map(wire::id),
            url: document["url"].as_str().map(str::to_owned),
        })
    }
}

fn icon(icon: &Value) -> Option<String> {
    let text = icon["emoji"].as_str().or_else(|| icon["external"]["url"].as_str());
    // The address of a file at Notion ends after an hour, so it is no use to remember it.
    text.map(str::to_owned)
}

impl Schema {
    /// Reads a data source; none when it is no such thing.
    pub(super) fn read(document: &Value) -> Option<Self> {
        let source = DataSource::read(document)?;
        let named = document["properties"].as_object()?;
        let mut properties: Vec<_> =
            named.iter().filter_map(|(name, config)| SchemaProperty::read(name, config)).collect();
        properties.sort_by(|left, right| left.name.cmp(&right.name));
        Some(Self { source, in_trash: wire::is_in_trash(document), properties })
    }

    /// The property with this id.
    #[must_use]
    pub fn property(&self, id: &str) -> Option<&SchemaProperty> {
        self.properties.iter().find(|property| property.id == id)
    }
}

impl SchemaProperty {
    fn read(name: &str, config: &Value) -> Option<Self> {
        let kind = config["type"].as_str().unwrap_or_default();
        let details = &config[kind];
        let groups = details["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
        let group_of = |id: &str| {
            let holds = |group: &&Value| {
                group["option_ids"].as_array().is_some_and(|ids| ids.iter().any(|other| other == id))
            };
            groups.iter().find(holds).and_then(|group| group["name"].as_str()).map(str::to_owned)
        };
        let options = details["options"].as_array().map(Vec::as_slice).unwrap_or_default();
        let options = options.iter().filter_map(|option| {
            let id = option["id"].as_str()?.to_owned();
            let name = option["name"].as_str()?.to_owned();
            Some(SchemaOption { group: group_of(&id), id, name })
        });
        Some(Self {
            id: config["id"].as_str()?.to_owned(),
            name: name.to_owned(),
            kind: PropertyKind::named(kind),
            options: options.collect(),
            relates_to: details["data_source_id"].as_str().map(wire::id),
        })
    }
}
