//! Creating, changing, moving and discarding pages.

use serde_json::Value;
use uuid::Uuid;

use super::database::Object;
use super::error::ApiError;
use super::markdown;
use super::page::{Page, lone_title};
use super::schema::{Kind, Property};
use super::state::{Author, Caller, Parent, Stamp, State, read_id};
use super::value::{self, Held, Names};
use super::version::Version;
use super::webhook::Happening;
use crate::chance;
use crate::clock::span;

/// Who writes, and by which rules: a person is bound by none but the form of what they write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) author: Author,
    pub(crate) caller: Option<&'a Caller>,
}

impl<'a> Writer<'a> {
    pub(crate) fn client(caller: &'a Caller) -> Self {
        Self { author: caller.author(), caller: Some(caller) }
    }

    pub(crate) fn person(id: Uuid) -> Self {
        Self { author: Author::Person(id), caller: None }
    }

    fn bot(&self) -> Option<Uuid> {
        self.caller.map(|caller| caller.bot)
    }
}

/// Lets values be read while the columns may still grow options.
struct Around<'a> {
    state: &'a State,
    bot: Option<Uuid>,
    made: u32,
}

impl Names for Around<'_> {
    fn name_of(&self, id: &str) -> String {
        Uuid::parse_str(id).map(|id| self.state.name_of(id)).unwrap_or_default()
    }

    fn knows_user(&self, id: Uuid) -> bool {
        self.state.people.contains_key(&id) || self.state.connections.contains_key(&id)
    }

    fn knows_page(&self, id: Uuid) -> bool {
        self.state.pages.contains_key(&id) && self.bot.is_none_or(|bot| self.state.sees(bot, id))
    }

    fn option_id(&mut self) -> String {
        self.made += 1;
        self.state.option_id(self.made)
    }
}

impl State {
    /// Finds a page that the caller can see.
    pub(crate) fn open_page(&self, who: &Caller, id: &str) -> Result<&Page, ApiError> {
        who.may(who.capabilities.read)?;
        let id = read_id("path", "page_id", id)?;
        let found = self.pages.get(&id).filter(|_| self.sees(who.bot, id));
        found.ok_or_else(|| ApiError::not_found("page", id))
    }

    /// Reads the parent that a body names, and checks that the writer can see it.
    fn read_parent(&self, writer: Writer<'_>, body: &Object) -> Result<(Uuid, Parent), ApiError> {
        let missing = || ApiError::body("body.parent", "defined", body.get("parent").unwrap_or(&Value::Null));
        let parent = body.get("parent").and_then(Value::as_object).ok_or_else(missing)?;
        let named = |key: &str| {
            let text = parent.get(key)?.as_str()?;
            Some(read_id("body.parent", key, text))
        };
        let visible = |id: Uuid| writer.bot().is_none_or(|bot| self.sees(bot, id));
        let old = writer.caller.is_some_and(|caller| caller.version < Version::DataSources);
        if let Some(id) = named("data_source_id").filter(|_| !old).transpose()? {
            let source = self.sources.get(&id).filter(|_| visible(id));
            let source = source.ok_or_else(|| ApiError::not_found("data_source", id))?;
            let database = self.databases.get(&source.database);
            let database = database.ok_or_else(|| ApiError::not_found("database", source.database))?;
            if source.in_trash || database.in_trash {
                return Err(ApiError::in_trash());
            }
            return Ok((database.workspace, Parent::DataSource(id)));
        }
        if let Some(id) = named("database_id").transpose()? {
            let database = self.databases.get(&id).filter(|_| visible(id));
            let database = database.ok_or_else(|| ApiError::not_found("database", id))?;
            return Ok((database.workspace, Parent::DataSource(self.only_source(database)?)));
        }
        if let Some(id) = named("page_id").transpose()? {
            let page = self.pages.get(&id).filter(|_| visible(id));
            let page = page.ok_or_else(|| ApiError::not_found("page", id))?;
            return Ok((page.workspace, Parent::Page(id)));
        }
        if parent.get("workspace") == Some(&Value::Bool(true)) && writer.caller.is_none() {
            let workspace = self.people.get(&writer.author.id()).map(|person| person.workspace);
            return workspace.map(|workspace| (workspace, Parent::Workspace)).ok_or_else(missing);
        }
        Err(missing())
    }

    /// Reads the `properties` of a body against the columns, which may grow options by it.
    fn read_properties(
        &self,
        writer: Writer<'_>,
        columns: &mut [Property],
        body: &Object,
    ) -> Result<Vec<(String, Option<Held>)>, ApiError> {
        let Some(written) = body.get("properties") else {
            return Ok(Vec::new());
        };
        let written =
            written.as_object().ok_or_else(|| ApiError::body("body.properties", "an object", written))?;
        let mut around = Around { state: self, bot: writer.bot(), made: 0 };
        let mut read = Vec::new();
        for (key, value) in written {
            let by_id = columns.iter().position(|column| column.id == *key);
            let position = by_id.or_else(|| columns.iter().position(|column| column.answers_to(key)));
            let Some(column) = position.and_then(|position| columns.get_mut(position)) else {
                if self.options.ignore_unknown_properties {
                    continue;
                }
                return Err(ApiError::validation(format!("{key} is not a property that exists.")));
            };
            if writer.caller.is_none() && column.kind.is_computed() {
                // What the service computes can be put there by hand, to stand for more than this simulator computes.
                let shown = value.get(column.kind.name()).cloned();
                read.push((column.id.clone(), shown.map(Held::Verbatim)));
                continue;
            }
            let held = value::read(column, value, &format!("body.properties.{key}"), &mut around)?;
            read.push((column.id.clone(), held));
        }
        Ok(read)
    }

    /// Keeps the options that values brought with them.
    fn keep_columns(&mut self, author: Author, parent: Parent, columns: Vec<Property>) {
        let Parent::DataSource(id) = parent else {
            return;
        };
        let Some(source) = self.sources.get_mut(&id).filter(|source| source.properties != columns) else {
            return;
        };
        let changed = columns.iter().filter(|column| !source.properties.contains(column));
        let told = changed.map(|column| (column.id.clone(), column.name.clone(), "updated")).collect();
        source.properties = columns;
        self.happened(author, Happening::SchemaUpdated(told), id);
    }

    fn columns_in(&self, parent: Parent) -> Vec<Property> {
        match parent {
            Parent::DataSource(id) => {
                self.sources.get(&id).map(|source| source.properties.clone()).unwrap_or_default()
            }
            _ => vec![lone_title()],
        }
    }

    /// `POST pages`, or a person's new page.
    pub(crate) fn create_page(&mut self, writer: Writer<'_>, body: &Object) -> Result<Uuid, ApiError> {
        let (workspace, parent) = self.read_parent(writer, body)?;
        let mut columns = self.columns_in(parent);
        self.next_revision();
        let values = self.read_properties(writer, &mut columns, body)?;
        let template = self.read_template(parent, body.get("template"))?;
        let (mut children, markdown) = (body.get("children").cloned(), body.get("markdown"));
        if children.is_some() && (template.is_some() || markdown.is_some()) {
            let message = "body failed validation: body.children should be not present.";
            return Err(ApiError::validation(message));
        }
        if let Some(text) = markdown {
            let text = text.as_str().ok_or_else(|| ApiError::body("body.markdown", "a string", text))?;
            children = Some(markdown::blocks(text));
        }
        let blocks = children.map(|list| self.read_children(&list, "body.children")).transpose()?;
        if writer.caller.is_some() {
            self.room_for(1 + blocks.as_ref().map_or(0, |blocks| super::block::count(blocks)))?;
        }
        let (id, now) = (self.new_id(), self.now());
        let mut page = Page::new(id, self.rank(id), (workspace, parent), Stamp::new(writer.author, now));
        page.icon = body.get("icon").cloned().unwrap_or_default();
        page.cover = body.get("cover").cloned().unwrap_or_default();
        page.values = values.into_iter().filter_map(|(column, held)| Some((column, held?))).collect();
        page.is_template = body.get("is_template") == Some(&Value::Bool(true)) && writer.caller.is_none();
        page.filling = template.map(|template| (template, now + span(self.options.template_delay)));
        if let Some(until) = self.lag_until() {
            page.lagging.push((until, None));
        }
        if let Parent::DataSource(source) = parent
            && let Some(source) = self.sources.get_mut(&source)
        {
            if page.is_template {
                source.templates.push(id);
            } else if let Some(column) =
                columns.iter().find(|column| matches!(column.kind, Kind::UniqueId { .. }))
            {
                source.numbered += 1;
                page.values.insert(column.id.clone(), Held::Number(source.numbered.into()));
            }
        }
        let is_template = page.is_template;
        self.pages.insert(id, page);
        self.keep_columns(writer.author, parent, columns);
        if let Some(blocks) = blocks {
            self.put_children(writer.author, Parent::Page(id), blocks, None);
        }
        if !is_template {
            self.happened(writer.author, Happening::PageCreated, id);
            self.tell_source(writer.author, parent, id);
        }
        Ok(id)
    }

    /// The time until which a change made now does not show in queries.
    fn lag_until(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        let lag = self.options.query_lag;
        (!lag.is_zero()).then(|| self.now() + span(lag))
    }

    /// Keeps a page as it is for the queries of the next while. Called before each change.
    pub(crate) fn remember(&mut self, id: Uuid) {
        let (until, now) = (self.lag_until(), self.now());
        if let Some(until) = until
            && let Some(page) = self.pages.get_mut(&id)
        {
            let mut before = Box::new(page.clone());
            before.lagging.clear();
            page.lagging.retain(|(until, _)| *until > now);
            page.lagging.push((until, Some(before)));
        }
    }

    fn tell_source(&mut self, author: Author, parent: Parent, page: Uuid) {
        if let Parent::DataSource(source) = parent {
            self.happened(author, Happening::SourceContent(vec![page]), source);
        }
    }

    fn read_template(&self, parent: Parent, template: Option<&Value>) -> Result<Option<Uuid>, ApiError> {
        let Some(template) = template else {
            return Ok(None);
        };
        if let Some(zone) = template["timezone"].as_str()
            && zone.parse::<chrono_tz::Tz>().is_err()
        {
            let place = "body.template.timezone";
            return Err(ApiError::body(place, "a valid IANA time zone", &template["timezone"]));
        }
        let known = match parent {
            Parent::DataSource(id) => self.sources.get(&id).map(|source| source.templates.as_slice()),
            _ => None,
        };
        let known = known.unwrap_or_default();
        let found = match template["type"].as_str() {
            Some("none") => return Ok(None),
            Some("default") => known.first(),
            Some("template_id") => {
                let id = read_id(
                    "body.template",
                    "template_id",
                    template["template_id"].as_str().unwrap_or_default(),
                )?;
                known.iter().find(|known| **known == id)
            }
            _ => None,
        };
        let missing = || ApiError::body("body.template", "a template of this data source", template);
        found.copied().map(Some).ok_or_else(missing)
    }

    /// Fills the pages whose templates are due. What the page holds already is overwritten, as the service does it.
    pub(crate) fn fill_pages(&mut self) {
        let now = self.now();
        let due = |page: &&Page| page.filling.is_some_and(|(_, at)| at <= now);
        let due = self.pages.values().filter(due).filter_map(|page| Some((page.id, page.filling?.0)));
        let due = due.collect::<Vec<_>>();
        for (id, template) in due {
            self.remember(id);
            let Some(pattern) = self.pages.get(&template).cloned() else {
                continue;
            };
            let body = self.copy_children(&pattern.children);
            let Some(page) = self.pages.get_mut(&id) else {
                continue;
            };
            page.filling = None;
            let changed = pattern.values.keys().cloned().collect::<Vec<_>>();
            page.values.extend(pattern.values);
            let author = Author::Bot(page.stamp.created_by);
            page.stamp.touch(author, now);
            self.next_revision();
            self.put_children(author, Parent::Page(id), body, None);
            self.happened(author, Happening::PageProperties(changed), id);
        }
    }

    /// Two writes to one page at almost the same time may collide.
    fn collide(&mut self, writer: Writer<'_>, id: Uuid) -> Result<(), ApiError> {
        let now = self.now();
        let edited = self.pages.get(&id).map(|page| page.stamp.edited);
        let close = edited.is_some_and(|edited| now - edited <= span(self.options.conflict_window));
        let attempt = self.next_revision().to_string();
        let question = ["conflict", &id.to_string(), &attempt];
        let unlucky = chance::happens(self.options.seed, self.options.conflicts, &question);
        if writer.caller.is_some() && close && unlucky { Err(ApiError::conflict()) } else { Ok(()) }
    }

    /// `PATCH pages/{id}`, or a person's edit.
    pub(crate) fn update_page(
        &mut self,
        writer: Writer<'_>,
        id: Uuid,
        body: &Object,
    ) -> Result<(), ApiError> {
        self.collide(writer, id)?;
        let page = self.pages.get(&id).ok_or_else(|| ApiError::not_found("page", id))?;
        let flag = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_bool()
                .map(Some)
                .ok_or_else(|| ApiError::body(&format!("body.{name}"), "a boolean", value)),
        };
        let in_trash = flag("in_trash")?.or(flag("archived")?);
        let (is_archived, is_locked) = (flag("is_archived")?, flag("is_locked")?);
        if page.in_trash && in_trash != Some(false) {
            return Err(ApiError::in_trash());
        }
        let (parent, was) = (page.parent, (page.in_trash, page.is_locked));
        let mut columns = self.columns(page);
        let values = self.read_properties(writer, &mut columns, body)?;
        let template = self.read_template(parent, body.get("template"))?;
        let now = self.now();
        let filled_at = now + span(self.options.template_delay);
        self.remember(id);
        let mut changed = Vec::new();
        if let Some(page) = self.pages.get_mut(&id) {
            for (column, held) in values {
                if page.values.get(&column) != held.as_ref() {
                    changed.push(column.clone());
                }
                match held {
                    Some(held) => page.values.insert(column, held),
                    None => page.values.remove(&column),
                };
            }
            for (name, slot) in [("icon", &mut page.icon), ("cover", &mut page.cover)] {
                if let Some(value) = body.get(name) {
                    *slot = value.clone();
                }
            }
            page.in_trash = in_trash.unwrap_or(page.in_trash);
            page.is_archived = is_archived.unwrap_or(page.is_archived);
            page.is_locked = is_locked.unwrap_or(page.is_locked);
            page.filling = template.map(|template| (template, filled_at)).or(page.filling);
            page.stamp.touch(writer.author, now);
        }
        self.keep_columns(writer.author, parent, columns);
        if body.get("erase_content") == Some(&Value::Bool(true)) {
            self.clear_children(writer.author, id);
        }
        if !changed.is_empty() {
            self.happened(writer.author, Happening::PageProperties(changed), id);
        }
        match in_trash.filter(|in_trash| *in_trash != was.0) {
            Some(true) => self.happened(writer.author, Happening::PageDeleted, id),
            Some(false) => self.happened(writer.author, Happening::PageUndeleted, id),
            None => {}
        }
        match is_locked.filter(|is_locked| *is_locked != was.1) {
            Some(true) => self.happened(writer.author, Happening::PageLocked, id),
            Some(false) => self.happened(writer.author, Happening::PageUnlocked, id),
            None => {}
        }
        if in_trash.is_some_and(|in_trash| in_trash != was.0) {
            self.tell_source(writer.author, parent, id);
        }
        Ok(())
    }

    /// `POST pages/{id}/move`, or a person's dragging it there. Columns of the same name and type keep their values.
    pub(crate) fn move_page(&mut self, writer: Writer<'_>, id: Uuid, body: &Object) -> Result<(), ApiError> {
        let (_, parent) = self.read_parent(writer, body)?;
        let page = self.pages.get(&id).cloned().ok_or_else(|| ApiError::not_found("page", id))?;
        if page.in_trash {
            return Err(ApiError::in_trash());
        }
        let there = self.columns_in(parent);
        let carried = self.columns(&page).into_iter().filter_map(|column| {
            let held = page.values.get(&column.id)?;
            let same = there
                .iter()
                .find(|other| other.name == column.name || (other.id == "title" && column.id == "title"));
            let target = same.filter(|other| !other.kind.is_computed())?;
            Some((target.id.clone(), held.retyped(&column, &target.kind)?))
        });
        let carried = carried.collect();
        self.remember(id);
        let now = self.now();
        self.next_revision();
        if let Some(page) = self.pages.get_mut(&id) {
            page.parent = parent;
            page.values = carried;
            page.stamp.touch(writer.author, now);
        }
        self.happened(writer.author, Happening::PageMoved, id);
        self.tell_source(writer.author, page.parent, id);
        self.tell_source(writer.author, parent, id);
        Ok(())
    }

    /// What a person does with "Duplicate": the copy holds everything, markers of programs too.
    pub(crate) fn duplicate_page(&mut self, writer: Writer<'_>, id: Uuid) -> Result<Uuid, ApiError> {
        let page = self.pages.get(&id).cloned().ok_or_else(|| ApiError::not_found("page", id))?;
        let body = self.copy_children(&page.children);
        let (copy, now) = (self.new_id(), self.now());
        self.next_revision();
        let (rank, stamp) = (self.rank(copy), Stamp::new(writer.author, now));
        let mut twin = Page { id: copy, rank, stamp, children: Vec::new(), ..page };
        twin.lagging = self.lag_until().map(|until| (until, None)).into_iter().collect();
        let numbers = self.columns(&twin);
        if let Parent::DataSource(source) = twin.parent
            && let Some(column) = numbers.iter().find(|column| matches!(column.kind, Kind::UniqueId { .. }))
            && let Some(source) = self.sources.get_mut(&source)
        {
            source.numbered += 1;
            twin.values.insert(column.id.clone(), Held::Number(source.numbered.into()));
        }
        let parent = twin.parent;
        self.pages.insert(copy, twin);
        self.put_children(writer.author, Parent::Page(copy), body, None);
        self.happened(writer.author, Happening::PageCreated, copy);
        self.tell_source(writer.author, parent, copy);
        Ok(copy)
    }

    /// Removes a page for good, as emptying the trash does.
    pub(crate) fn purge_page(&mut self, id: Uuid) -> Result<(), ApiError> {
        let page = self.pages.remove(&id).ok_or_else(|| ApiError::not_found("page", id))?;
        self.next_revision();
        self.forget_blocks(&page.children);
        Ok(())
    }
}
