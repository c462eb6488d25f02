//! What can happen, and how a subscriber is told.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::subscription::Subscription;
use crate::notion::date::timestamp;
use crate::notion::state::{Author, Parent, State};
use crate::notion::version::Version;

/// Something that happened to a page, a data source or a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    PageCreated,
    PageDeleted,
    PageUndeleted,
    PageMoved,
    PageLocked,
    PageUnlocked,
    /// The columns whose values changed.
    PageProperties(Vec<String>),
    /// The blocks that changed.
    PageContent(Vec<Uuid>),
    SourceCreated,
    SourceDeleted,
    SourceUndeleted,
    /// The rows that came or went.
    SourceContent(Vec<Uuid>),
    /// Id, name and fate of each column.
    SchemaUpdated(Vec<(String, String, &'static str)>),
    DatabaseCreated,
    DatabaseDeleted,
    DatabaseUndeleted,
}

impl Happening {
    /// The type of the event. Before there were data sources, theirs were those of databases.
    pub(crate) fn name(&self, version: Version) -> &'static str {
        let old = version < Version::DataSources;
        match self {
            Self::PageCreated => "page.created",
            Self::PageDeleted => "page.deleted",
            Self::PageUndeleted => "page.undeleted",
            Self::PageMoved => "page.moved",
            Self::PageLocked => "page.locked",
            Self::PageUnlocked => "page.unlocked",
            Self::PageProperties(_) => "page.properties_updated",
            Self::PageContent(_) => "page.content_updated",
            Self::SourceContent(_) if old => "database.content_updated",
            Self::SchemaUpdated(_) if old => "database.schema_updated",
            Self::SourceCreated | Self::SourceDeleted | Self::SourceUndeleted if old => "",
            Self::SourceCreated => "data_source.created",
            Self::SourceDeleted => "data_source.deleted",
            Self::SourceUndeleted => "data_source.undeleted",
            Self::SourceContent(_) => "data_source.content_updated",
            Self::SchemaUpdated(_) => "data_source.schema_updated",
            Self::DatabaseCreated => "database.created",
            Self::DatabaseDeleted => "database.deleted",
            Self::DatabaseUndeleted => "database.undeleted",
        }
    }

    /// Whether several of them become one event.
    pub(crate) fn is_aggregated(&self) -> bool {
        !matches!(self, Self::PageLocked | Self::PageUnlocked)
    }

    /// The types of events that this makes as good as not happened.
    pub(crate) fn undoes(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::PageDeleted => Some(&["page.created", "page.undeleted"]),
            Self::PageUndeleted => Some(&["page.deleted"]),
            Self::SourceDeleted => Some(&["data_source.created", "data_source.undeleted"]),
            Self::SourceUndeleted => Some(&["data_source.deleted"]),
            _ => None,
        }
    }
}

/// An event for one subscription.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: Uuid,
    pub(crate) subscription: Uuid,
    pub(crate) kind: &'static str,
    pub(crate) entity: Uuid,
    pub(crate) happening: Happening,
    pub(crate) authors: Vec<Author>,
    pub(crate) parent: Value,
    pub(crate) timestamp: DateTime<Utc>,
    pub(crate) due: DateTime<Utc>,
    pub(crate) attempt: u32,
}

impl Event {
    /// Takes in a later event of the same kind about the same thing.
    pub(crate) fn absorb(&mut self, later: Self) {
        let lists = (&mut self.happening, later.happening);
        match lists {
            (Happening::PageProperties(all), Happening::PageProperties(more)) => add(all, more),
            (Happening::PageContent(all), Happening::PageContent(more))
            | (Happening::SourceContent(all), Happening::SourceContent(more)) => add(all, more),
            (Happening::SchemaUpdated(all), Happening::SchemaUpdated(more)) => add(all, more),
            _ => {}
        }
        add(&mut self.authors, later.authors);
        self.timestamp = later.timestamp;
    }
}

fn add<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !all.contains(&item) {
            all.push(item);
        }
    }
}

impl State {
    /// The parent of something as events show it.
    pub(crate) fn webhook_parent(&self, entity: Uuid, version: Version) -> Value {
        match self.parent_of(entity) {
            Some(Parent::DataSource(source)) => {
                let database = self.sources.get(&source).map(|source| source.database);
                let mut parent = json!({ "id": database, "type": "database" });
                if version >= Version::DataSources {
                    parent["data_source_id"] = json!(source);
                }
                parent
            }
            Some(Parent::Database(id)) => json!({ "id": id, "type": "database" }),
            Some(Parent::Page(id)) => json!({ "id": id, "type": "page" }),
            Some(Parent::Block(id)) => json!({ "id": id, "type": "block" }),
            Some(Parent::Workspace) | None => {
                json!({ "id": self.first_workspace(), "type": "space" })
            }
        }
    }

    /// What is sent.
    pub(crate) fn webhook_body(&self, subscription: &Subscription, event: &Event) -> Value {
        let connection = self.connections.get(&subscription.bot);
        let workspace = connection.map(|connection| connection.workspace);
        let name = workspace.and_then(|id| self.workspaces.get(&id)).map(|workspace| workspace.name.as_str());
        let (kind, _) = event.kind.split_once('.').unwrap_or((event.kind, ""));
        let old = subscription.version < Version::DataSources;
        let entity = match self.sources.get(&event.entity) {
            Some(source) if old => source.database,
            _ => event.entity,
        };
        let mut data = json!({ "parent": event.parent });
        let page = |id: &Uuid| json!({ "id": id, "type": "page" });
        let block = |id: &Uuid| json!({ "id": id, "type": "block" });
        match &event.happening {
            Happening::PageProperties(ids) => data["updated_properties"] = json!(ids),
            Happening::PageContent(ids) => data["updated_blocks"] = ids.iter().map(block).collect(),
            Happening::SourceContent(ids) => data["updated_blocks"] = ids.iter().map(page).collect(),
            Happening::SchemaUpdated(columns) => {
                let column = |(id, name, action): &(String, String, &str)| json!({ "id": id, "name": name, "action": action });
                data["updated_properties"] = columns.iter().map(column).collect();
            }
            _ => {}
        }
        let mut body = json!({
            "id": event.id,
            "timestamp": timestamp(event.timestamp),
            "workspace_id": workspace,
            "workspace_name": name,
            "subscription_id": subscription.id,
            "integration_id": subscription.integration,
            "type": event.kind,
            "authors": event.authors.iter().map(|author| author.render()).collect::<Value>(),
            "attempt_number": event.attempt,
            "api_version": subscription.version.name(),
            "entity": { "id": entity, "type": kind },
            "data": data,
        });
        // Only a connection that somebody let in by OAuth is told through whom it sees the object.
        if let Some(owner) = connection.and_then(|connection| connection.owner) {
            body["accessible_by"] = json!([
                { "id": owner, "type": "person" },
                { "id": subscription.bot, "type": "bot" },
            ]);
        }
        body
    }
}
