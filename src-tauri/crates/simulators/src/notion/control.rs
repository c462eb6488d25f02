//! The rest of the world: the person in front of the application, the developer portal, the network.
//!
//! [`Control`] acts on a simulator in process. Pages, columns and blocks are written as the API writes them, and come back
//! as version 2026-03-11 shows them. The same abilities are served over HTTP:
//!
//! | request under `/control` | body | answer |
//! | --- | --- | --- |
//! | `GET`, `POST /people` | `{name, email}` | `[{id, name, email}]`, `{id}` |
//! | `GET`, `POST /connections` | `{name, capabilities?}` | `[{bot_id, name}]`, `{bot_id, access_token}` |
//! | `PUT /connections/{bot}/capabilities` | [`Capabilities`] as JSON | `{}` |
//! | `POST /tokens` | `{bot?}`; the first connection if absent | `{access_token}` |
//! | `GET`, `POST /databases` | a [`NewDatabase`] as JSON | `[{id, title, data_sources}]`, `{database_id, data_source_id}` |
//! | `POST /databases/{id}/data_sources` | `{title, properties}` | `{data_source_id}` |
//! | `GET`, `PATCH /data_sources/{id}` | as the API takes it | data source |
//! | `GET /data_sources/{id}/pages` | `?all=true` for trashed and archived ones too | `[page]` |
//! | `POST /data_sources/{id}/pages` | `{properties, children?, …}` | page |
//! | `GET`, `PATCH`, `DELETE /pages/{id}` | as the API takes it; `DELETE` is for good | page, page, `{}` |
//! | `POST /pages/{id}/duplicate`, `POST /pages/{id}/move` | nothing; `{parent}` | page |
//! | `GET`, `POST /pages/{id}/blocks` | `{children}`, added at the end | `[block]` |
//! | `PUT /sharing` | `{object, bot?, shared}` | `{}` |
//! | `GET`, `DELETE /requests` | | `[{method, path, query, status, at}]` |
//! | `GET`, `POST`, `DELETE /faults` | a [`Fault`] as JSON | `[fault]` |
//! | `PUT /quota` | [`Limits`] as JSON, or `null` for none | `{}` |
//! | `GET`, `POST /webhooks` | a [`NewSubscription`](super::webhook::NewSubscription) as JSON | `[subscription]`, subscription |
//! | `POST /webhooks/{id}/verify` | `{verification_token}` | `{}` |
//! | `POST /webhooks/{id}/resend`, `/pause`, `/resume`; `DELETE /webhooks/{id}` | | `{}` |
//! | `GET /webhooks/waiting` | | `[event]` |
//! | `POST /expire-access-tokens` | | `{}` |
//! | `POST /revoke` | `{bot?}` | `{}` |

mod webhooks;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::NotionSimulator;
use super::database::Object;
use super::error::ApiError;
use super::options::Limits;
use super::rich_text::RichText;
use super::state::{Author, Caller, Parent, State};
use super::user::{Capabilities, Connection, Person, Workspace};
use super::version::Version;
use super::writes::Writer;
use crate::fault::Fault;
use crate::record::RequestRecord;

/// A database to be added, with its first data source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewDatabase {
    /// The title of both.
    pub title: String,
    /// The columns as the API takes them: name to configuration. One must be a title, unless there are none.
    pub properties: BTreeMap<String, Value>,
    /// Whether it stays hidden from all connections until it is shared with one.
    pub private: bool,
    /// The page it is in; at the top of the workspace when absent.
    pub parent_page: Option<Uuid>,
    /// An emoji.
    pub icon: Option<String>,
}

/// Acts on a simulator from outside of the API.
///
/// Methods that take an id panic if there is no such thing: they are called by tests and demonstrations that made it
/// themselves. Those that can fail for other reasons have a `try_` form.
#[derive(Clone, Debug)]
pub struct Control {
    simulator: NotionSimulator,
}

impl Control {
    pub(crate) fn new(simulator: NotionSimulator) -> Self {
        Self { simulator }
    }

    /// Adds a person to the workspace and returns their id. The first one added is whoever edits by hand.
    pub fn add_person(&self, name: &str, email: &str) -> Uuid {
        let mut state = self.simulator.state();
        let (id, workspace) = (state.new_id(), state.first_workspace());
        let person = Person { workspace, name: name.to_owned(), email: email.to_owned() };
        state.people.insert(id, person);
        state.hand.get_or_insert(id);
        id
    }

    /// Returns id, name and address of all people.
    pub fn people(&self) -> Vec<(Uuid, String, String)> {
        let state = self.simulator.state();
        state.people.iter().map(|(id, person)| (*id, person.name.clone(), person.email.clone())).collect()
    }

    /// Adds another workspace, with one internal connection. Returns the workspace's id and the connection's token.
    pub fn add_workspace(&self, name: &str) -> (Uuid, String) {
        let mut state = self.simulator.state();
        let workspace = state.add_workspace(name);
        let bot = state.add_connection(workspace, name, Capabilities::default());
        let token = state.issue_token(bot);
        (workspace, token)
    }

    /// Adds an internal connection. Returns the id of its bot and a token.
    pub fn add_connection(&self, name: &str, capabilities: Capabilities) -> (Uuid, String) {
        let mut state = self.simulator.state();
        let workspace = state.first_workspace();
        let bot = state.add_connection(workspace, name, capabilities);
        let token = state.issue_token(bot);
        (bot, token)
    }

    /// Returns the ids and names of all connections' bots.
    pub fn connections(&self) -> Vec<(Uuid, String)> {
        let state = self.simulator.state();
        state.connections.iter().map(|(id, connection)| (*id, connection.name.clone())).collect()
    }

    /// Changes what a connection may do.
    pub fn set_capabilities(&self, bot: Uuid, capabilities: Capabilities) {
        if let Some(connection) = self.simulator.state().connections.get_mut(&bot) {
            connection.capabilities = capabilities;
        }
    }

    /// Issues another token for a connection; for the first one when `bot` is absent.
    pub fn try_issue_token(&self, bot: Option<Uuid>) -> Result<String, ApiError> {
        let mut state = self.simulator.state();
        let bot = state.bot_or_first(bot)?;
        Ok(state.issue_token(bot))
    }

    /// Adds a database with one data source, and returns the ids of both.
    ///
    /// # Panics
    ///
    /// If a column is not a valid one.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the database down in place")]
    pub fn add_database(&self, database: NewDatabase) -> (Uuid, Uuid) {
        must(self.try_add_database(&database), "add a database")
    }

    /// Like [`Control::add_database`], with the reason if it fails.
    pub fn try_add_database(&self, new: &NewDatabase) -> Result<(Uuid, Uuid), ApiError> {
        let mut state = self.simulator.state();
        let columns = new.properties.clone().into_iter().collect::<Object>();
        let (author, workspace) = (state.hand(), state.first_workspace());
        let parent = new.parent_page.map_or(Parent::Workspace, Parent::Page);
        let title = RichText::plain(&new.title);
        let (database, source) = state.add_database(author, (workspace, parent), title, &columns, None)?;
        if !new.private {
            state.sharing.insert((None, database), true);
        }
        if let Some(icon) = &new.icon {
            let icon = json!({ "type": "emoji", "emoji": icon });
            state.databases.entry(database).and_modify(|database| database.icon = icon.clone());
            state.sources.entry(source).and_modify(|source| source.icon = icon);
        }
        Ok((database, source))
    }

    /// Adds another data source to a database.
    pub fn try_add_data_source(
        &self,
        database: Uuid,
        title: &str,
        properties: &BTreeMap<String, Value>,
    ) -> Result<Uuid, ApiError> {
        let mut state = self.simulator.state();
        if !state.databases.contains_key(&database) {
            return Err(ApiError::not_found("database", database));
        }
        let (author, columns) = (state.hand(), properties.clone().into_iter().collect());
        state.add_source(author, database, RichText::plain(title), &columns, None)
    }

    /// Returns the databases and lone pages at the top of the workspace.
    pub fn top(&self) -> BTreeMap<Uuid, String> {
        let state = self.simulator.state();
        let databases = state.databases.values().filter(|database| database.parent == Parent::Workspace);
        let pages = state.pages.values().filter(|page| page.parent == Parent::Workspace);
        let databases = databases.map(|database| (database.id, database.title.plain_text()));
        databases.chain(pages.map(|page| (page.id, page.title()))).collect()
    }

    /// Returns all databases with their data sources.
    pub fn databases(&self) -> Vec<Value> {
        let state = self.simulator.state();
        let shown = state.databases.values().map(|database| {
            let named = |id: &Uuid| {
                let source = state.sources.get(id)?;
                Some(json!({ "id": id, "name": source.title.plain_text() }))
            };
            let sources = database.sources.iter().filter_map(named).collect::<Value>();
            json!({ "id": database.id, "title": database.title.plain_text(), "data_sources": sources })
        });
        shown.collect()
    }

    /// Returns a data source with its columns.
    ///
    /// # Panics
    ///
    /// If there is no such data source.
    pub fn data_source(&self, id: Uuid) -> Value {
        must(self.try_data_source(id), "show a data source")
    }

    /// Like [`Control::data_source`], with the reason if it fails.
    pub fn try_data_source(&self, id: Uuid) -> Result<Value, ApiError> {
        let state = self.simulator.state();
        let source = state.sources.get(&id).ok_or_else(|| ApiError::not_found("data_source", id))?;
        Ok(state.render_source(&eye(&state), source))
    }

    /// Changes a data source by hand: title, columns (renamed, retyped, removed, added), trash.
    ///
    /// # Panics
    ///
    /// If there is no such data source, or a column is not a valid one.
    pub fn edit_data_source(&self, id: Uuid, body: Value) -> Value {
        must(self.try_edit_data_source(id, body), "edit a data source")
    }

    /// Like [`Control::edit_data_source`], with the reason if it fails.
    pub fn try_edit_data_source(&self, id: Uuid, body: Value) -> Result<Value, ApiError> {
        let body = object(body)?;
        let mut state = self.simulator.state();
        let author = state.hand();
        state.change_source(author, id, &body, None)?;
        drop(state);
        self.try_data_source(id)
    }

    /// Returns the rows of a data source, without those in the trash or archived.
    pub fn pages(&self, source: Uuid) -> Vec<Value> {
        self.rows(source, false)
    }

    /// Returns the rows of a data source, with those in the trash or archived.
    pub fn all_pages(&self, source: Uuid) -> Vec<Value> {
        self.rows(source, true)
    }

    fn rows(&self, source: Uuid, all: bool) -> Vec<Value> {
        let state = self.simulator.state();
        let here = state.pages.values().filter(|page| {
            page.parent == Parent::DataSource(source)
                && !page.is_template
                && (all || !(page.in_trash || page.is_archived))
        });
        let mut rows = here.collect::<Vec<_>>();
        rows.sort_by_key(|page| (page.stamp.created, page.id));
        rows.into_iter().map(|page| state.render_page(&eye(&state), page, &[])).collect()
    }

    /// Returns a page.
    ///
    /// # Panics
    ///
    /// If there is no such page.
    pub fn page(&self, id: Uuid) -> Value {
        must(self.try_page(id), "show a page")
    }

    /// Like [`Control::page`], with the reason if it fails.
    pub fn try_page(&self, id: Uuid) -> Result<Value, ApiError> {
        let state = self.simulator.state();
        let page = state.pages.get(&id).ok_or_else(|| ApiError::not_found("page", id))?;
        Ok(state.render_page(&eye(&state), page, &[]))
    }

    /// Adds a row as a person does, from `{properties, children?, icon?, is_template?}`. What the service computes, such as
    /// a formula, may be written too, to stand for more than the simulator can compute.
    ///
    /// # Panics
    ///
    /// If there is no such data source, or the page is not a valid one.
    pub fn add_page(&self, source: Uuid, page: Value) -> Value {
        must(self.try_add_page(source, page), "add a page")
    }

    /// Like [`Control::add_page`], with the reason if it fails.
    pub fn try_add_page(&self, source: Uuid, page: Value) -> Result<Value, ApiError> {
        let mut body = object(page)?;
        body.insert("parent".to_owned(), json!({ "data_source_id": source }));
        self.try_add(&body)
    }

    /// Adds a page that is in no data source: at the top of the workspace, or in another page. It is shared with all
    /// connections unless it is in another.
    pub fn add_lone_page(&self, title: &str, parent: Option<Uuid>) -> Uuid {
        let place = parent.map_or_else(|| json!({ "workspace": true }), |id| json!({ "page_id": id }));
        let title = json!({ "title": { "title": [{ "text": { "content": title } }] } });
        let body = json!({ "parent": place, "properties": title });
        let page = must(object(body).and_then(|body| self.try_add(&body)), "add a page");
        let id = page["id"].as_str().and_then(|id| Uuid::parse_str(id).ok()).unwrap_or_default();
        if parent.is_none() {
            self.simulator.state().sharing.insert((None, id), true);
        }
        id
    }

    fn try_add(&self, body: &Object) -> Result<Value, ApiError> {
        let mut state = self.simulator.state();
        let author = state.hand().id();
        let id = state.create_page(Writer::person(author), body)?;
        drop(state);
        self.try_page(id)
    }

    /// Changes a page as a person does: properties, icon, `in_trash`, `is_archived`, `is_locked`.
    ///
    /// # Panics
    ///
    /// If there is no such page, or a value is not a valid one.
    pub fn edit_page(&self, id: Uuid, body: Value) -> Value {
        must(self.try_edit_page(id, body), "edit a page")
    }

    /// Like [`Control::edit_page`], with the reason if it fails.
    pub fn try_edit_page(&self, id: Uuid, body: Value) -> Result<Value, ApiError> {
        let body = object(body)?;
        let mut state = self.simulator.state();
        let author = state.hand().id();
        state.update_page(Writer::person(author), id, &body)?;
        drop(state);
        self.try_page(id)
    }

    /// Puts a page into the trash.
    pub fn trash_page(&self, id: Uuid) -> Value {
        self.edit_page(id, json!({ "in_trash": true }))
    }

    /// Takes a page out of the trash.
    pub fn restore_page(&self, id: Uuid) -> Value {
        self.edit_page(id, json!({ "in_trash": false }))
    }

    /// Deletes a page for good. Returns whether there was one.
    pub fn purge_page(&self, id: Uuid) -> bool {
        self.simulator.state().purge_page(id).is_ok()
    }

    /// Duplicates a row with all it holds.
    pub fn try_duplicate_page(&self, id: Uuid) -> Result<Value, ApiError> {
        let mut state = self.simulator.state();
        let author = state.hand().id();
        let copy = state.duplicate_page(Writer::person(author), id)?;
        drop(state);
        self.try_page(copy)
    }

    /// Moves a row: `parent` is as the API takes it.
    pub fn try_move_page(&self, id: Uuid, parent: &Value) -> Result<Value, ApiError> {
        let body = object(json!({ "parent": parent }))?;
        let mut state = self.simulator.state();
        let author = state.hand().id();
        state.move_page(Writer::person(author), id, &body)?;
        drop(state);
        self.try_page(id)
    }

    /// Returns the top blocks of a page's body.
    pub fn blocks(&self, page: Uuid) -> Vec<Value> {
        let state = self.simulator.state();
        let ids = state.pages.get(&page).map(|page| page.children.clone()).unwrap_or_default();
        let blocks = ids.iter().filter_map(|id| state.blocks.get(id)).filter(|block| !block.in_trash);
        blocks.map(|block| state.render_block(&eye(&state), block)).collect()
    }

    /// Writes blocks at the end of a page's body, as a person does.
    pub fn try_write_blocks(&self, page: Uuid, children: &Value) -> Result<(), ApiError> {
        let mut state = self.simulator.state();
        if !state.pages.contains_key(&page) {
            return Err(ApiError::not_found("page", page));
        }
        let author = state.hand();
        let blocks = state.read_children(children, "body.children")?;
        let ids = state.put_children(author, Parent::Page(page), blocks, None);
        state.body_changed(author, Parent::Page(page), ids);
        Ok(())
    }

    /// Shares something with a connection, or with all when `bot` is absent; or takes it back.
    pub fn share(&self, object: Uuid, bot: Option<Uuid>, shared: bool) {
        self.simulator.state().sharing.insert((bot, object), shared);
    }

    /// Returns the requests to the API and the OAuth endpoints, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.simulator.shared.wire.log.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.simulator.shared.wire.log.clear();
    }

    /// Adds a fault. It acts on requests to the API and the OAuth endpoints.
    ///
    /// The reason of a status is the error's code, such as `service_unavailable`. With the reason `committed`, a 503 that
    /// carries the request out names what it saved; with `query_timeout`, it asks for a smaller query.
    pub fn inject(&self, fault: Fault) {
        self.simulator.shared.wire.faults.inject(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.simulator.shared.wire.faults.clear();
    }

    /// Returns the faults in force, with what is left of their counts.
    pub fn faults(&self) -> Vec<Fault> {
        self.simulator.shared.wire.faults.all()
    }

    /// Switches the request limits on or off.
    pub fn set_limits(&self, limits: Option<Limits>) {
        let mut state = self.simulator.state();
        state.limits = limits;
        state.windows = super::quota::Windows::default();
    }

    /// Makes all access tokens from OAuth invalid: they are answered with 401. Refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        self.simulator.state().expire_access_tokens();
    }

    /// Takes back all tokens of a connection; of the first one when `bot` is absent.
    pub fn try_revoke(&self, bot: Option<Uuid>) -> Result<(), ApiError> {
        let mut state = self.simulator.state();
        let bot = state.bot_or_first(bot)?;
        state.end_tokens(bot);
        Ok(())
    }
}

impl State {
    pub(crate) fn add_workspace(&mut self, name: &str) -> Uuid {
        let id = self.new_id();
        self.workspaces.insert(id, Workspace { name: name.to_owned() });
        if self.home.is_nil() {
            self.home = id;
        }
        id
    }

    pub(crate) fn first_workspace(&self) -> Uuid {
        self.home
    }

    pub(crate) fn add_connection(&mut self, workspace: Uuid, name: &str, capabilities: Capabilities) -> Uuid {
        let (bot, integration) = (self.new_id(), self.new_id());
        let connection =
            Connection { workspace, name: name.to_owned(), integration, capabilities, owner: None };
        self.connections.insert(bot, connection);
        self.internal.push(bot);
        bot
    }

    /// The bots of internal connections, in the order in which they were added.
    pub(crate) fn internal_bots(&self) -> impl Iterator<Item = Uuid> {
        self.internal.clone().into_iter()
    }

    fn bot_or_first(&self, bot: Option<Uuid>) -> Result<Uuid, ApiError> {
        let bot = bot.or_else(|| self.internal.first().copied()).unwrap_or_default();
        if self.connections.contains_key(&bot) { Ok(bot) } else { Err(ApiError::not_found("user", bot)) }
    }

    /// Whoever edits by hand: the first person, or nobody in particular.
    pub(crate) fn hand(&self) -> Author {
        Author::Person(self.hand.unwrap_or_default())
    }
}

/// Sees everything, in the newest version.
pub(crate) fn eye(state: &State) -> Caller {
    Caller {
        bot: State::EYE,
        workspace: state.first_workspace(),
        capabilities: Capabilities::default(),
        version: Version::Trash,
    }
}

fn object(value: Value) -> Result<Object, ApiError> {
    let Value::Object(object) = value else { return Err(ApiError::invalid_json()) };
    Ok(object)
}

/// The caller named something that it did not make; going on would hide the mistake.
fn must<T>(result: Result<T, ApiError>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("cannot {what}: {error}"))
}
