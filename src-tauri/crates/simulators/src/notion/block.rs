//! Blocks, of which the bodies of pages are made.

use serde_json::{Value, json};
use uuid::Uuid;

use super::database::{Object, render_parent};
use super::error::ApiError;
use super::listing::{self, Listing};
use super::rich_text::RichText;
use super::state::{Author, Caller, Parent, Stamp, State, read_id};
use super::version::Version;
use super::webhook::Happening;
use super::writes::Writer;

/// How many children one array may have.
const MOST_CHILDREN: usize = 100;
/// How many blocks one request may bring.
const MOST_BLOCKS: usize = 1000;
/// How deeply the children of one request may be nested.
const MOST_LEVELS: usize = 2;

/// The types that hold rich text.
const TEXTUAL: [&str; 11] = [
    "paragraph",
    "heading_1",
    "heading_2",
    "heading_3",
    "bulleted_list_item",
    "numbered_list_item",
    "to_do",
    "toggle",
    "quote",
    "callout",
    "code",
];
/// The types that are kept as they are written.
const OTHERS: [&str; 12] = [
    "divider",
    "equation",
    "bookmark",
    "embed",
    "image",
    "video",
    "pdf",
    "file",
    "table",
    "table_row",
    "breadcrumb",
    "table_of_contents",
];

/// A block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) id: Uuid,
    pub(crate) parent: Parent,
    pub(crate) kind: String,
    pub(crate) text: RichText,
    /// What the type holds besides text and children.
    pub(crate) rest: Object,
    pub(crate) children: Vec<Uuid>,
    pub(crate) in_trash: bool,
    pub(crate) stamp: Stamp,
}

/// A block that was read and has no place yet.
#[derive(Clone, Debug)]
pub(crate) struct NewBlock {
    kind: String,
    text: RichText,
    rest: Object,
    children: Vec<Self>,
}

/// The number of blocks, children and all.
pub(crate) fn count(blocks: &[NewBlock]) -> usize {
    blocks.iter().map(|block| 1 + count(&block.children)).sum()
}

fn depth(blocks: &[NewBlock]) -> usize {
    blocks.iter().map(|block| 1 + depth(&block.children)).max().unwrap_or_default()
}

impl State {
    /// Reads the children of a request.
    pub(crate) fn read_children(&self, value: &Value, path: &str) -> Result<Vec<NewBlock>, ApiError> {
        let blocks = self.read_blocks(value, path)?;
        let total = count(&blocks);
        if total > MOST_BLOCKS {
            return Err(ApiError::too_long(path, MOST_BLOCKS, total));
        }
        if depth(&blocks) > 1 + MOST_LEVELS {
            let message = format!(
                "body failed validation: {path}[0] is nested too deeply: at most {MOST_LEVELS} levels."
            );
            return Err(ApiError::validation(message));
        }
        Ok(blocks)
    }

    fn read_blocks(&self, value: &Value, path: &str) -> Result<Vec<NewBlock>, ApiError> {
        let list = value.as_array().ok_or_else(|| ApiError::body(path, "an array", value))?;
        if list.len() > MOST_CHILDREN {
            return Err(ApiError::too_long(path, MOST_CHILDREN, list.len()));
        }
        let read = |(index, item): (usize, &Value)| self.read_block(item, &format!("{path}[{index}]"));
        list.iter().enumerate().map(read).collect()
    }

    fn read_block(&self, value: &Value, path: &str) -> Result<NewBlock, ApiError> {
        let named = value["type"].as_str();
        let mut known = TEXTUAL.iter().chain(&OTHERS).copied();
        let kind = named.or_else(|| known.clone().find(|kind| value.get(kind).is_some()));
        let kind = kind.filter(|kind| known.any(|known| known == *kind));
        let kind = kind
            .ok_or_else(|| ApiError::body(&format!("{path}.type"), "a known block type", &value["type"]))?;
        let place = format!("{path}.{kind}");
        let content =
            value[kind].as_object().ok_or_else(|| ApiError::body(&place, "defined", &value[kind]))?;
        let (text, rest) = self.read_content(kind, content, &place)?;
        let children = content.get("children").or_else(|| value.get("children"));
        let children =
            children.map(|list| self.read_blocks(list, &format!("{place}.children"))).transpose()?;
        Ok(NewBlock { kind: kind.to_owned(), text, rest, children: children.unwrap_or_default() })
    }

    fn read_content(&self, kind: &str, content: &Object, path: &str) -> Result<(RichText, Object), ApiError> {
        let name_of = |id: &str| Uuid::parse_str(id).map(|id| self.name_of(id)).unwrap_or_default();
        let text = match content.get("rich_text") {
            Some(text) => RichText::read(text, &format!("{path}.rich_text"), &name_of)?,
            None if TEXTUAL.contains(&kind) => {
                return Err(ApiError::body(&format!("{path}.rich_text"), "defined", &Value::Null));
            }
            None => RichText::default(),
        };
        let kept = content.iter().filter(|(key, _)| !matches!(key.as_str(), "rich_text" | "children"));
        let mut rest = kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Object>();
        let mut default = |key: &str, value: Value| {
            rest.entry(key).or_insert(value);
        };
        match kind {
            "code" => {
                default("language", json!("plain text"));
                default("caption", json!([]));
            }
            "to_do" => default("checked", json!(false)),
            "heading_1" | "heading_2" | "heading_3" => default("is_toggleable", json!(false)),
            _ => {}
        }
        if TEXTUAL.contains(&kind) && kind != "code" {
            default("color", json!("default"));
        }
        Ok((text, rest))
    }

    /// Puts new blocks into a page or a block, after one of its children or at the end. Returns the ids of those on top.
    pub(crate) fn put_children(
        &mut self,
        author: Author,
        parent: Parent,
        blocks: Vec<NewBlock>,
        at: Option<usize>,
    ) -> Vec<Uuid> {
        let stamp = Stamp::new(author, self.now());
        let mut ids = Vec::new();
        for new in blocks {
            let id = self.new_id();
            let block = Block {
                id,
                parent,
                kind: new.kind,
                text: new.text,
                rest: new.rest,
                children: Vec::new(),
                in_trash: false,
                stamp,
            };
            self.blocks.insert(id, block);
            self.put_children(author, Parent::Block(id), new.children, None);
            ids.push(id);
        }
        if let Some(children) = self.children_mut(parent) {
            let at = at.unwrap_or(children.len()).min(children.len());
            children.splice(at..at, ids.iter().copied());
        }
        ids
    }

    fn children_mut(&mut self, parent: Parent) -> Option<&mut Vec<Uuid>> {
        match parent {
            Parent::Page(id) => self.pages.get_mut(&id).map(|page| &mut page.children),
            Parent::Block(id) => self.blocks.get_mut(&id).map(|block| &mut block.children),
            _ => None,
        }
    }

    /// Copies blocks without giving the copies a place.
    pub(crate) fn copy_children(&self, ids: &[Uuid]) -> Vec<NewBlock> {
        let blocks = ids.iter().filter_map(|id| self.blocks.get(id)).filter(|block| !block.in_trash);
        let copy = |block: &Block| NewBlock {
            kind: block.kind.clone(),
            text: block.text.clone(),
            rest: block.rest.clone(),
            children: self.copy_children(&block.children),
        };
        blocks.map(copy).collect()
    }

    /// Forgets blocks and all in them.
    pub(crate) fn forget_blocks(&mut self, ids: &[Uuid]) {
        for id in ids {
            if let Some(block) = self.blocks.remove(id) {
                self.forget_blocks(&block.children);
            }
        }
    }

    /// Empties a page's body.
    pub(crate) fn clear_children(&mut self, author: Author, page: Uuid) {
        let Some(children) = self.children_mut(Parent::Page(page)).map(std::mem::take) else {
            return;
        };
        self.forget_blocks(&children);
        self.happened(author, Happening::PageContent(children), page);
    }

    /// A block as the API shows it. A page is a block too, seen from the one it is in.
    pub(crate) fn render_block(&self, who: &Caller, block: &Block) -> Value {
        let mut content = block.rest.clone();
        if TEXTUAL.contains(&block.kind.as_str()) {
            content.insert("rich_text".to_owned(), block.text.render());
        }
        let has_children =
            block.children.iter().any(|id| self.blocks.get(id).is_some_and(|child| !child.in_trash));
        let mut object = json!({
            "object": "block",
            "id": block.id,
            "parent": render_parent(block.parent),
            "type": block.kind,
            "has_children": has_children,
            "in_trash": block.in_trash,
        });
        block.stamp.render_into(&mut object);
        if who.version < Version::Trash {
            object["archived"] = json!(block.in_trash);
        }
        object[&block.kind] = Value::Object(content);
        object
    }

    fn render_page_block(&self, who: &Caller, id: Uuid) -> Value {
        let Some(page) = self.pages.get(&id) else {
            return Value::Null;
        };
        let mut object = json!({
            "object": "block",
            "id": id,
            "parent": render_parent(page.parent),
            "type": "child_page",
            "child_page": { "title": page.title() },
            "has_children": !page.children.is_empty(),
            "in_trash": page.in_trash,
        });
        page.stamp.render_into(&mut object);
        if who.version < Version::Trash {
            object["archived"] = json!(page.in_trash);
        }
        object
    }

    /// Finds a block, or a page in its place, that the caller can see.
    fn open_block(&self, who: &Caller, id: &str) -> Result<Parent, ApiError> {
        let id = read_id("path", "block_id", id)?;
        if !self.sees(who.bot, id) {
            return Err(ApiError::not_found("block", id));
        }
        if self.pages.contains_key(&id) {
            Ok(Parent::Page(id))
        } else if self.blocks.contains_key(&id) {
            Ok(Parent::Block(id))
        } else {
            Err(ApiError::not_found("block", id))
        }
    }

    /// The page that a block is in.
    fn page_of(&self, mut at: Parent) -> Option<Uuid> {
        loop {
            match at {
                Parent::Page(id) => return Some(id),
                Parent::Block(id) => at = self.blocks.get(&id)?.parent,
                _ => return None,
            }
        }
    }

    /// Refuses changes in what is in the trash.
    fn editable(&self, at: Parent) -> Result<(), ApiError> {
        let block = if let Parent::Block(id) = at { self.blocks.get(&id) } else { None };
        let page = self.page_of(at).and_then(|id| self.pages.get(&id));
        if block.is_some_and(|block| block.in_trash) || page.is_some_and(|page| page.in_trash) {
            return Err(ApiError::in_trash());
        }
        Ok(())
    }

    /// Notes that something in a page's body changed.
    pub(crate) fn body_changed(&mut self, author: Author, at: Parent, blocks: Vec<Uuid>) {
        let Some(id) = self.page_of(at) else {
            return;
        };
        self.next_revision();
        if self.options.body_edits_touch_page || matches!(author, Author::Person(_)) {
            self.remember(id);
            let now = self.now();
            if let Some(page) = self.pages.get_mut(&id) {
                page.stamp.touch(author, now);
            }
        }
        self.happened(author, Happening::PageContent(blocks), id);
    }

    /// `GET blocks/{id}`.
    pub(crate) fn block(&self, who: &Caller, id: &str) -> Result<Value, ApiError> {
        who.may(who.capabilities.read)?;
        Ok(self.shown(who, self.open_block(who, id)?))
    }

    fn shown(&self, who: &Caller, at: Parent) -> Value {
        match at {
            Parent::Page(id) => self.render_page_block(who, id),
            Parent::Block(id) => {
                self.blocks.get(&id).map(|block| self.render_block(who, block)).unwrap_or_default()
            }
            _ => Value::Null,
        }
    }

    /// `GET blocks/{id}/children`.
    pub(crate) fn list_children(&self, who: &Caller, id: &str, listing: &Listing) -> Result<Value, ApiError> {
        who.may(who.capabilities.read)?;
        let children = match self.open_block(who, id)? {
            Parent::Page(id) => self.pages.get(&id).map(|page| &page.children),
            Parent::Block(id) => self.blocks.get(&id).map(|block| &block.children),
            _ => None,
        };
        let blocks = children.into_iter().flatten().filter_map(|id| self.blocks.get(id));
        let blocks = blocks.filter(|block| !block.in_trash).collect::<Vec<_>>();
        Ok(listing::cut(&self.options, listing, blocks)
            .render("block", |block| self.render_block(who, block)))
    }

    /// `PATCH blocks/{id}/children`. Returns the ids of the new blocks, too.
    pub(crate) fn append_children(
        &mut self,
        who: &Caller,
        id: &str,
        body: &Object,
    ) -> Result<(Value, Vec<Uuid>), ApiError> {
        who.may(who.capabilities.insert)?;
        let parent = self.open_block(who, id)?;
        self.editable(parent)?;
        let children = body.get("children").unwrap_or(&Value::Null);
        let blocks = self.read_children(children, "body.children")?;
        self.room_for(count(&blocks))?;
        let at = self.read_position(who, parent, body)?;
        let ids = self.put_children(who.author(), parent, blocks, at);
        self.body_changed(who.author(), parent, ids.clone());
        let new = ids.iter().filter_map(|id| self.blocks.get(id));
        let list = json!({
            "object": "list",
            "type": "block",
            "block": {},
            "results": new.map(|block| self.render_block(who, block)).collect::<Value>(),
            "next_cursor": null,
            "has_more": false,
        });
        Ok((list, ids))
    }

    /// Where appended blocks go: the place among the children, or the end.
    fn read_position(&self, who: &Caller, parent: Parent, body: &Object) -> Result<Option<usize>, ApiError> {
        let children = match parent {
            Parent::Page(id) => self.pages.get(&id).map(|page| page.children.as_slice()),
            Parent::Block(id) => self.blocks.get(&id).map(|block| block.children.as_slice()),
            _ => None,
        };
        let behind = |id: &Value| {
            let wanted = id.as_str().and_then(|id| Uuid::parse_str(id).ok());
            let found = children.unwrap_or_default().iter().position(|child| Some(*child) == wanted);
            let missing = || ApiError::body("body.position.after_block.id", "a child of the block", id);
            found.map(|position| Some(position + 1)).ok_or_else(missing)
        };
        if who.version < Version::Trash {
            return body.get("after").map_or(Ok(None), behind);
        }
        if let Some(after) = body.get("after") {
            return Err(ApiError::body("body.after", "not present", after));
        }
        match body.get("position") {
            None => Ok(None),
            Some(position) => match position["type"].as_str() {
                Some("start") => Ok(Some(0)),
                Some("end") => Ok(None),
                Some("after_block") => behind(&position["after_block"]["id"]),
                _ => Err(ApiError::body("body.position.type", "`start`, `end` or `after_block`", position)),
            },
        }
    }

    /// `PATCH blocks/{id}`.
    pub(crate) fn update_block(&mut self, who: &Caller, id: &str, body: &Object) -> Result<Value, ApiError> {
        who.may(who.capabilities.update)?;
        let at = self.open_block(who, id)?;
        let back = body.get("in_trash").or_else(|| body.get("archived")).and_then(Value::as_bool);
        let id = match at {
            Parent::Block(id) => id,
            Parent::Page(id) => {
                let flags = back.map(|back| ("in_trash".to_owned(), json!(back))).into_iter().collect();
                self.update_page(Writer::client(who), id, &flags)?;
                return Ok(self.shown(who, at));
            }
            _ => return Err(ApiError::not_found("block", id)),
        };
        if back != Some(false) {
            self.editable(at)?;
        }
        let block = self.blocks.get(&id).ok_or_else(|| ApiError::not_found("block", id))?;
        let kind = block.kind.clone();
        let given = body.get(&kind).and_then(Value::as_object);
        let content = given.map(|given| {
            let mut content = given.clone();
            if TEXTUAL.contains(&kind.as_str()) {
                content.entry("rich_text").or_insert_with(|| block.text.render());
            }
            self.read_content(&kind, &content, &format!("body.{kind}"))
        });
        let content = content.transpose()?;
        let now = self.now();
        if let Some(block) = self.blocks.get_mut(&id) {
            if let Some((text, rest)) = content {
                block.text = text;
                // What the client did not name stays as it is, and does not fall back to what new blocks have.
                let named = |key: &String| given.is_some_and(|given| given.contains_key(key));
                block.rest.extend(rest.into_iter().filter(|(key, _)| named(key)));
            }
            block.in_trash = back.unwrap_or(block.in_trash);
            block.stamp.touch(who.author(), now);
        }
        self.body_changed(who.author(), at, vec![id]);
        Ok(self.shown(who, at))
    }

    /// `DELETE blocks/{id}`: into the trash.
    pub(crate) fn delete_block(&mut self, who: &Caller, id: &str) -> Result<Value, ApiError> {
        let trash = [("in_trash".to_owned(), json!(true))].into_iter().collect();
        self.update_block(who, id, &trash)
    }
}
