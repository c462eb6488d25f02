//! Databases, and the data sources in them.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::rich_text::RichText;
use super::schema::{self, Kind, Property, Surroundings};
use super::state::{Author, Caller, Parent, Stamp, State, read_id};
use super::version::Version;
use super::webhook::Happening;
use crate::chance;

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// A container of data sources.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) id: Uuid,
    pub(crate) workspace: Uuid,
    pub(crate) parent: Parent,
    pub(crate) title: RichText,
    pub(crate) description: RichText,
    pub(crate) icon: Value,
    pub(crate) cover: Value,
    pub(crate) is_inline: bool,
    pub(crate) is_locked: bool,
    pub(crate) in_trash: bool,
    pub(crate) stamp: Stamp,
    pub(crate) sources: Vec<Uuid>,
}

/// A table: its columns, and by them its rows.
#[derive(Clone, Debug)]
pub(crate) struct DataSource {
    pub(crate) id: Uuid,
    pub(crate) database: Uuid,
    pub(crate) title: RichText,
    pub(crate) icon: Value,
    pub(crate) in_trash: bool,
    pub(crate) stamp: Stamp,
    pub(crate) properties: Vec<Property>,
    /// The last number that a `unique_id` column gave away.
    pub(crate) numbered: u64,
    /// The pages that new rows can begin as; the first is the default one.
    pub(crate) templates: Vec<Uuid>,
}

impl DataSource {
    /// Finds a column by its name or by its id in either form.
    pub(crate) fn property(&self, key: &str) -> Option<&Property> {
        let exact = self.properties.iter().find(|property| property.id == key);
        exact.or_else(|| self.properties.iter().find(|property| property.answers_to(key)))
    }

    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        let id = &self.property(key)?.id;
        self.properties.iter().position(|property| property.id == *id)
    }
}

/// Lets configurations be read while the columns themselves are being changed.
struct Around<'a> {
    state: &'a State,
    source: Option<&'a DataSource>,
    bot: Option<Uuid>,
    made: Cell<u32>,
}

impl Surroundings for Around<'_> {
    fn option_id(&mut self) -> String {
        self.made.set(self.made.get() + 1);
        self.state.option_id(self.made.get())
    }

    fn knows_source(&self, id: Uuid) -> bool {
        self.state.sources.contains_key(&id) && self.bot.is_none_or(|bot| self.state.sees(bot, id))
    }

    fn takes_any_type(&self) -> bool {
        // People can have columns that were invented after their clients were written.
        self.bot.is_none()
    }

    fn column(&self, relation: Option<&str>, key: &str) -> Option<String> {
        let source = self.source?;
        let place = match relation {
            None => source,
            Some(relation) => match &source.property(relation)?.kind {
                Kind::Relation { source } => self.state.sources.get(source)?,
                _ => return None,
            },
        };
        place.property(key).map(|property| property.id.clone())
    }
}

impl State {
    /// The id of an option, which depends on nothing but the number of changes so far.
    pub(crate) fn option_id(&self, made: u32) -> String {
        let question = ["option", &self.revision.to_string(), &made.to_string()];
        let number = |part| chance::number(self.options.seed, &[question.as_slice(), &[part]].concat());
        let bytes = (u128::from(number("high")) << 64 | u128::from(number("low"))).to_be_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// Finds a database that the caller can see.
    pub(crate) fn open_database(&self, who: &Caller, id: &str) -> Result<&Database, ApiError> {
        who.may(who.capabilities.read)?;
        let id = read_id("path", "database_id", id)?;
        let found = self.databases.get(&id).filter(|_| self.sees(who.bot, id));
        found.ok_or_else(|| ApiError::not_found("database", id))
    }

    /// Finds a data source that the caller can see.
    pub(crate) fn open_source(&self, who: &Caller, id: &str) -> Result<&DataSource, ApiError> {
        who.may(who.capabilities.read)?;
        if who.version < Version::DataSources {
            return Err(ApiError::invalid_url());
        }
        let id = read_id("path", "data_source_id", id)?;
        let found = self.sources.get(&id).filter(|_| self.sees(who.bot, id));
        found.ok_or_else(|| ApiError::not_found("data_source", id))
    }

    /// The only data source of a database, which is what a database was before there were several.
    pub(crate) fn only_source(&self, database: &Database) -> Result<Uuid, ApiError> {
        match database.sources.as_slice() {
            [source] => Ok(*source),
            several => Err(ApiError::several_sources(database.id, several)),
        }
    }

    /// A database as the API shows it.
    pub(crate) fn render_database(&self, who: &Caller, database: &Database) -> Result<Value, ApiError> {
        let mut object = json!({
            "object": "database",
            "id": database.id,
            "title": database.title.render(),
            "description": database.description.render(),
            "parent": render_parent(database.parent),
            "is_inline": database.is_inline,
            "is_locked": database.is_locked,
            "in_trash": database.in_trash,
            "icon": database.icon,
            "cover": database.cover,
            "url": format!("https://www.notion.so/{}", database.id.simple()),
            "public_url": null,
        });
        database.stamp.render_into(&mut object);
        if who.version < Version::Trash {
            object["archived"] = json!(database.in_trash);
        }
        if who.version < Version::DataSources {
            let source = self.only_source(database)?;
            object["properties"] = self.sources.get(&source).map(|source| self.render_columns(source)).into();
        } else {
            let named = |id: &Uuid| {
                let source = self.sources.get(id)?;
                Some(json!({ "id": id, "name": source.title.plain_text() }))
            };
            object["data_sources"] = database.sources.iter().filter_map(named).collect();
        }
        Ok(object)
    }

    /// A data source as the API shows it.
    pub(crate) fn render_source(&self, who: &Caller, source: &DataSource) -> Value {
        let database = self.databases.get(&source.database);
        let mut object = json!({
            "object": "data_source",
            "id": source.id,
            "title": source.title.render(),
            "description": [],
            "parent": { "type": "database_id", "database_id": source.database },
            "database_parent": database.map(|database| render_parent(database.parent)),
            "is_inline": database.is_some_and(|database| database.is_inline),
            "in_trash": source.in_trash || database.is_some_and(|database| database.in_trash),
            "icon": source.icon,
            "cover": null,
            "url": format!("https://www.notion.so/{}", source.database.simple()),
            "public_url": null,
            "properties": self.render_columns(source),
        });
        source.stamp.render_into(&mut object);
        if who.version < Version::Trash {
            object["archived"] = object["in_trash"].clone();
        }
        object
    }

    fn render_columns(&self, source: &DataSource) -> Value {
        let database_of = |id: Uuid| self.sources.get(&id).map(|source| source.database);
        let name_of = |id: &str| {
            let near = source.properties.iter();
            let everywhere = near.chain(self.sources.values().flat_map(|source| &source.properties));
            everywhere
                .clone()
                .find(|property| property.id == id)
                .map(|property| property.name.clone())
                .unwrap_or_default()
        };
        let column = |property: &Property| (property.name.clone(), property.render(&database_of, &name_of));
        Value::Object(source.properties.iter().map(column).collect())
    }

    /// Makes a database with its first data source; the columns are as a client writes them.
    pub(crate) fn add_database(
        &mut self,
        author: Author,
        place: (Uuid, Parent),
        title: RichText,
        properties: &Object,
        bot: Option<Uuid>,
    ) -> Result<(Uuid, Uuid), ApiError> {
        let (workspace, parent) = place;
        let (id, now) = (self.new_id(), self.now());
        let database = Database {
            id,
            workspace,
            parent,
            title: title.clone(),
            description: RichText::default(),
            icon: Value::Null,
            cover: Value::Null,
            is_inline: false,
            is_locked: false,
            in_trash: false,
            stamp: Stamp::new(author, now),
            sources: Vec::new(),
        };
        self.databases.insert(id, database);
        match self.add_source(author, id, title, properties, bot) {
            Ok(source) => {
                self.happened(author, Happening::DatabaseCreated, id);
                Ok((id, source))
            }
            Err(error) => {
                self.databases.remove(&id);
                Err(error)
            }
        }
    }

    /// Adds a data source to a database.
    pub(crate) fn add_source(
        &mut self,
        author: Author,
        database: Uuid,
        title: RichText,
        properties: &Object,
        bot: Option<Uuid>,
    ) -> Result<Uuid, ApiError> {
        self.next_revision();
        let (id, now) = (self.new_id(), self.now());
        let mut source = DataSource {
            id,
            database,
            title,
            icon: Value::Null,
            in_trash: false,
            stamp: Stamp::new(author, now),
            properties: Vec::new(),
            numbered: 0,
            templates: Vec::new(),
        };
        // Rollups look at relations, so they come last.
        let is_rollup = |config: &Value| config.get("rollup").is_some();
        let mut ordered = properties.iter().collect::<Vec<_>>();
        ordered.sort_by_key(|(_, config)| is_rollup(config));
        for (name, config) in ordered {
            self.change_column(&mut source, name, config, bot)?;
        }
        if !source.properties.iter().any(|property| property.kind == Kind::Title) {
            if !properties.is_empty() {
                let message = "Title is not provided: one property must be of type title.";
                return Err(ApiError::validation(message));
            }
            self.change_column(&mut source, "Name", &json!({ "title": {} }), bot)?;
        }
        self.sources.insert(id, source);
        if let Some(database) = self.databases.get_mut(&database) {
            database.sources.push(id);
        }
        self.happened(author, Happening::SourceCreated, id);
        Ok(id)
    }

    /// Adds, changes, renames or removes a column. Returns its id and what was done to it.
    fn change_column(
        &mut self,
        source: &mut DataSource,
        key: &str,
        config: &Value,
        bot: Option<Uuid>,
    ) -> Result<Option<(String, String, &'static str)>, ApiError> {
        let path = format!("body.properties.{key}");
        let position = source.position(key);
        let known = position.and_then(|position| source.properties.get(position)).cloned();
        if config.is_null() {
            let Some((position, property)) = position.zip(known) else {
                return Err(ApiError::validation(format!("{key} is not a property that exists.")));
            };
            if property.kind == Kind::Title {
                return Err(ApiError::validation("Cannot delete the title property."));
            }
            source.properties.remove(position);
            return Ok(Some((property.id, property.name, "deleted")));
        }
        let config =
            config.as_object().ok_or_else(|| ApiError::body(&path, "an object or `null`", config))?;
        let before = known.as_ref().map(|property| &property.kind);
        let kind = {
            let mut around = Around { state: self, source: Some(source), bot, made: Cell::new(0) };
            schema::read_kind(config, before, &path, &mut around)?
        };
        self.next_revision();
        let name = config.get("name").and_then(Value::as_str);
        let description = config.get("description").map(|text| text.as_str().map(str::to_owned));
        if let Some(name) = name
            && source
                .properties
                .iter()
                .any(|other| other.name == name && known.as_ref().is_none_or(|known| known.id != other.id))
        {
            return Err(ApiError::validation(format!("A property named {name} exists already.")));
        }
        let Some((position, mut property)) = position.zip(known) else {
            let kind =
                kind.ok_or_else(|| ApiError::validation(format!("{key} is not a property that exists.")))?;
            if kind == Kind::Title && source.properties.iter().any(|other| other.kind == Kind::Title) {
                return Err(ApiError::validation("A data source has exactly one title property."));
            }
            let id = if kind == Kind::Title { "title".to_owned() } else { self.new_property_id() };
            let name = name.unwrap_or(key).to_owned();
            let property =
                Property { id: id.clone(), name: name.clone(), description: description.flatten(), kind };
            source.properties.push(property);
            return Ok(Some((id, name, "created")));
        };
        if let Some(kind) = kind {
            if (property.kind == Kind::Title) != (kind == Kind::Title) {
                return Err(ApiError::validation("The title property cannot have another type."));
            }
            self.retype(source.id, &property, &kind);
            property.kind = kind;
        }
        if let Some(name) = name {
            name.clone_into(&mut property.name);
        }
        if let Some(description) = description {
            property.description = description;
        }
        let told = (property.id.clone(), property.name.clone(), "updated");
        let unchanged = source.properties.get(position) == Some(&property);
        if let Some(slot) = source.properties.get_mut(position) {
            *slot = property;
        }
        Ok((!unchanged).then_some(told))
    }

    /// Turns the values of all rows into those of another type, as far as they can be.
    fn retype(&mut self, source: Uuid, from: &Property, to: &Kind) {
        if from.kind.name() == to.name() {
            return;
        }
        for page in self.pages.values_mut().filter(|page| page.parent == Parent::DataSource(source)) {
            if let Some(held) = page.values.remove(&from.id)
                && let Some(kept) = held.retyped(from, to)
            {
                page.values.insert(from.id.clone(), kept);
            }
        }
    }

    /// `PATCH data_sources/{id}`, or the same by hand.
    pub(crate) fn change_source(
        &mut self,
        author: Author,
        id: Uuid,
        body: &Object,
        bot: Option<Uuid>,
    ) -> Result<(), ApiError> {
        let mut source =
            self.sources.get(&id).cloned().ok_or_else(|| ApiError::not_found("data_source", id))?;
        let back = body.get("in_trash").or_else(|| body.get("archived")).and_then(Value::as_bool);
        if source.in_trash && back != Some(false) {
            return Err(ApiError::in_trash());
        }
        let mut told = Vec::new();
        if let Some(properties) = body.get("properties") {
            let properties = properties
                .as_object()
                .ok_or_else(|| ApiError::body("body.properties", "an object", properties))?;
            let before = self.pages.clone_rows(id);
            for (key, config) in properties {
                match self.change_column(&mut source, key, config, bot) {
                    Ok(change) => told.extend(change),
                    Err(error) => {
                        self.pages.extend(before);
                        return Err(error);
                    }
                }
            }
        }
        if let Some(title) = body.get("title") {
            source.title = RichText::read(title, "body.title", &|_| String::new())?;
        }
        if let Some(icon) = body.get("icon") {
            source.icon = icon.clone();
        }
        let trashed = back.filter(|back| *back != source.in_trash);
        source.in_trash = back.unwrap_or(source.in_trash);
        source.stamp.touch(author, self.now());
        self.next_revision();
        self.sources.insert(id, source);
        match trashed {
            Some(true) => self.happened(author, Happening::SourceDeleted, id),
            Some(false) => self.happened(author, Happening::SourceUndeleted, id),
            None => {}
        }
        if !told.is_empty() {
            self.happened(author, Happening::SchemaUpdated(told), id);
        }
        Ok(())
    }

    /// `PATCH databases/{id}`, or the same by hand.
    pub(crate) fn change_database(
        &mut self,
        author: Author,
        id: Uuid,
        body: &Object,
    ) -> Result<(), ApiError> {
        let now = self.now();
        let database = self.databases.get_mut(&id).ok_or_else(|| ApiError::not_found("database", id))?;
        let back = body.get("in_trash").or_else(|| body.get("archived")).and_then(Value::as_bool);
        if database.in_trash && back != Some(false) {
            return Err(ApiError::in_trash());
        }
        if let Some(title) = body.get("title") {
            database.title = RichText::read(title, "body.title", &|_| String::new())?;
        }
        if let Some(description) = body.get("description") {
            database.description = RichText::read(description, "body.description", &|_| String::new())?;
        }
        for (name, slot) in [("icon", &mut database.icon), ("cover", &mut database.cover)] {
            if let Some(value) = body.get(name) {
                *slot = value.clone();
            }
        }
        for (name, slot) in [("is_inline", &mut database.is_inline), ("is_locked", &mut database.is_locked)] {
            if let Some(value) = body.get(name).and_then(Value::as_bool) {
                *slot = value;
            }
        }
        let trashed = back.filter(|back| *back != database.in_trash);
        database.in_trash = back.unwrap_or(database.in_trash);
        database.stamp.touch(author, now);
        match trashed {
            Some(true) => self.happened(author, Happening::DatabaseDeleted, id),
            Some(false) => self.happened(author, Happening::DatabaseUndeleted, id),
            None => {}
        }
        Ok(())
    }
}

/// The rows of a data source, to put them back if a change of it fails half-way.
trait Rows {
    fn clone_rows(&self, source: Uuid) -> BTreeMap<Uuid, super::page::Page>;
}

impl Rows for BTreeMap<Uuid, super::page::Page> {
    fn clone_rows(&self, source: Uuid) -> BTreeMap<Uuid, super::page::Page> {
        let rows = self.iter().filter(|(_, page)| page.parent == Parent::DataSource(source));
        rows.map(|(id, page)| (*id, page.clone())).collect()
    }
}

/// A parent as the API shows it; that of a row names the database too and is written elsewhere.
pub(crate) fn render_parent(parent: Parent) -> Value {
    match parent {
        Parent::Workspace => json!({ "type": "workspace", "workspace": true }),
        Parent::Page(id) => json!({ "type": "page_id", "page_id": id }),
        Parent::Database(id) => json!({ "type": "database_id", "database_id": id }),
        Parent::DataSource(id) => json!({ "type": "data_source_id", "data_source_id": id }),
        Parent::Block(id) => json!({ "type": "block_id", "block_id": id }),
    }
}
