//! The whole state of one simulated Notion, behind one lock.
//!
//! Everything that happens to it is a short function without waiting: an HTTP handler takes the lock, calls one of them
//! and lets go. Webhooks are queued here and carried by a task of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use uuid::Uuid;

use super::block::Block;
use super::database::{DataSource, Database};
use super::date::{floor, timestamp};
use super::error::ApiError;
use super::oauth::Grants;
use super::options::{Limits, NotionOptions};
use super::page::Page;
use super::quota::Windows;
use super::user::{Capabilities, Connection, Person, Workspace};
use super::version::Version;
use super::webhook::Webhooks;
use crate::chance;

/// Who changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// Somebody in front of the application.
    Person(Uuid),
    /// A connection, by its bot.
    Bot(Uuid),
}

impl Author {
    pub(crate) fn id(self) -> Uuid {
        match self {
            Self::Person(id) | Self::Bot(id) => id,
        }
    }

    pub(crate) fn render(self) -> Value {
        let kind = if matches!(self, Self::Bot(_)) { "bot" } else { "person" };
        json!({ "id": self.id(), "type": kind })
    }
}

/// Who reads, and in which version of the API.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) bot: Uuid,
    pub(crate) workspace: Uuid,
    pub(crate) capabilities: Capabilities,
    pub(crate) version: Version,
}

impl Caller {
    pub(crate) fn author(&self) -> Author {
        Author::Bot(self.bot)
    }

    /// Refuses what the connection was not given the capability for.
    pub(crate) fn may(&self, allowed: bool) -> Result<(), ApiError> {
        if allowed { Ok(()) } else { Err(ApiError::restricted()) }
    }
}

/// Where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    Workspace,
    Page(Uuid),
    Database(Uuid),
    DataSource(Uuid),
    Block(Uuid),
}

/// When something was made and changed, and by whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) created: DateTime<Utc>,
    pub(crate) created_by: Uuid,
    pub(crate) edited: DateTime<Utc>,
    pub(crate) edited_by: Uuid,
}

impl Stamp {
    pub(crate) fn new(author: Author, now: DateTime<Utc>) -> Self {
        Self { created: now, created_by: author.id(), edited: now, edited_by: author.id() }
    }

    pub(crate) fn touch(&mut self, author: Author, now: DateTime<Utc>) {
        self.edited = now;
        self.edited_by = author.id();
    }

    /// Writes the four fields into an object.
    pub(crate) fn render_into(&self, object: &mut Value) {
        object["created_time"] = json!(timestamp(floor(self.created)));
        object["last_edited_time"] = json!(timestamp(floor(self.edited)));
        object["created_by"] = json!({ "object": "user", "id": self.created_by });
        object["last_edited_by"] = json!({ "object": "user", "id": self.edited_by });
    }
}

/// The whole state of one simulated Notion.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) options: Arc<NotionOptions>,
    pub(crate) limits: Option<Limits>,
    pub(crate) windows: Windows,
    pub(crate) workspaces: BTreeMap<Uuid, Workspace>,
    pub(crate) people: BTreeMap<Uuid, Person>,
    pub(crate) connections: BTreeMap<Uuid, Connection>,
    pub(crate) grants: Grants,
    pub(crate) databases: BTreeMap<Uuid, Database>,
    pub(crate) sources: BTreeMap<Uuid, DataSource>,
    pub(crate) pages: BTreeMap<Uuid, Page>,
    pub(crate) blocks: BTreeMap<Uuid, Block>,
    /// What was shared with a connection, or with all of them, and what was taken back.
    pub(crate) sharing: BTreeMap<(Option<Uuid>, Uuid), bool>,
    pub(crate) webhooks: Webhooks,
    /// The workspace that was there first.
    pub(crate) home: Uuid,
    /// Whoever edits by hand and consents: the person who was there first.
    pub(crate) hand: Option<Uuid>,
    /// The bots of internal connections, in the order in which they were added.
    pub(crate) internal: Vec<Uuid>,
    /// The number of the last change anywhere.
    pub(crate) revision: u64,
    answered: u64,
    random: StdRng,
}

impl State {
    /// Stands for whoever looks from outside of the API, and sees everything.
    pub(crate) const EYE: Uuid = Uuid::nil();

    pub(crate) fn new(options: Arc<NotionOptions>) -> Self {
        Self {
            limits: options.limits.clone(),
            random: StdRng::seed_from_u64(options.seed),
            options,
            windows: Windows::default(),
            workspaces: BTreeMap::new(),
            people: BTreeMap::new(),
            connections: BTreeMap::new(),
            grants: Grants::default(),
            databases: BTreeMap::new(),
            sources: BTreeMap::new(),
            pages: BTreeMap::new(),
            blocks: BTreeMap::new(),
            sharing: BTreeMap::new(),
            webhooks: Webhooks::default(),
            home: Uuid::nil(),
            hand: None,
            internal: Vec::new(),
            revision: 0,
            answered: 0,
        }
    }

    /// The time, in the precision in which it is kept.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.options.clock.now().trunc_subsecs(3)
    }

    /// Makes up an id.
    pub(crate) fn new_id(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.random()).into_uuid()
    }

    /// Makes up a secret with a beginning that tells what it is.
    pub(crate) fn random_secret(&mut self, prefix: &str, length: usize) -> String {
        format!(
            "{prefix}{}",
            self.random_text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length)
        )
    }

    fn random_text(&mut self, alphabet: &[u8], length: usize) -> String {
        let letter = |random: &mut StdRng| {
            alphabet.get(random.random_range(0..alphabet.len())).map_or('0', |byte| char::from(*byte))
        };
        (0..length).map(|_| letter(&mut self.random)).collect()
    }

    /// Makes up the id of a column: four characters, of which many must be percent-encoded in addresses.
    pub(crate) fn new_property_id(&mut self) -> String {
        let raw =
            self.random_text(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:;<=>?@[\\]^_`{|}~", 4);
        url::form_urlencoded::byte_serialize(raw.as_bytes()).collect()
    }

    /// Counts a change and gives it a number.
    pub(crate) fn next_revision(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Gives something its place in listings without an order: fixed, but not the order of creation.
    pub(crate) fn rank(&self, id: Uuid) -> u64 {
        chance::number(self.options.seed, &["rank", &id.to_string()])
    }

    /// Makes up the id of an answer.
    pub(crate) fn next_request_id(&mut self) -> Uuid {
        self.answered += 1;
        let number = |part| chance::number(self.options.seed, &["request", part, &self.answered.to_string()]);
        let bytes = (u128::from(number("high")) << 64 | u128::from(number("low"))).to_be_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Where something is; `None` if there is no such thing.
    pub(crate) fn parent_of(&self, id: Uuid) -> Option<Parent> {
        self.pages
            .get(&id)
            .map(|page| page.parent)
            .or_else(|| self.sources.get(&id).map(|source| Parent::Database(source.database)))
            .or_else(|| self.databases.get(&id).map(|database| database.parent))
            .or_else(|| self.blocks.get(&id).map(|block| block.parent))
    }

    /// Whether a connection can see something: it was shared, or the nearest thing above it that says so.
    pub(crate) fn sees(&self, bot: Uuid, id: Uuid) -> bool {
        if bot == Self::EYE {
            return true;
        }
        let Some(connection) = self.connections.get(&bot) else {
            return false;
        };
        let mut at = id;
        // No simulated workspace is nested this deeply; a circle would be.
        for _ in 0..64 {
            let said = self.said_of(bot, at);
            if said == Some(false) {
                return false;
            }
            let Some(parent) = self.parent_of(at) else {
                return false;
            };
            if said == Some(true) {
                return self.workspace_of(at) == Some(connection.workspace);
            }
            at = match parent {
                Parent::Workspace => return false,
                Parent::Page(id) | Parent::Database(id) | Parent::DataSource(id) | Parent::Block(id) => id,
            };
        }
        false
    }

    /// Whether something was shared by itself and not only by what it is in.
    pub(crate) fn is_shared_directly(&self, bot: Uuid, id: Uuid) -> bool {
        self.said_of(bot, id) == Some(true)
    }

    /// What was said about one object: for this connection, or for all that nobody picks anything for.
    fn said_of(&self, bot: Uuid, id: Uuid) -> Option<bool> {
        let own = self.sharing.get(&(Some(bot), id));
        // Who consents in the browser picks what an installation sees.
        let is_picked_for = self.connections.get(&bot).is_some_and(|connection| connection.owner.is_some());
        own.or_else(|| self.sharing.get(&(None, id)).filter(|_| !is_picked_for)).copied()
    }

    fn workspace_of(&self, id: Uuid) -> Option<Uuid> {
        let mut at = id;
        for _ in 0..64 {
            if let Some(page) = self.pages.get(&at) {
                return Some(page.workspace);
            }
            if let Some(database) = self.databases.get(&at) {
                return Some(database.workspace);
            }
            at = match self.parent_of(at)? {
                Parent::Workspace => return None,
                Parent::Page(id) | Parent::Database(id) | Parent::DataSource(id) | Parent::Block(id) => id,
            };
        }
        None
    }

    /// The name of a person, a connection, a page or a database.
    pub(crate) fn name_of(&self, id: Uuid) -> String {
        if let Some(person) = self.people.get(&id) {
            return person.name.clone();
        }
        if let Some(connection) = self.connections.get(&id) {
            return connection.name.clone();
        }
        if let Some(page) = self.pages.get(&id) {
            return page.title();
        }
        self.databases.get(&id).map(|database| database.title.plain_text()).unwrap_or_default()
    }

    /// Refuses new blocks and pages once the workspace is full.
    pub(crate) fn room_for(&self, more: usize) -> Result<(), ApiError> {
        match self.options.block_limit {
            Some(limit) if self.pages.len() + self.blocks.len() + more > limit => {
                Err(ApiError::block_limit(limit))
            }
            _ => Ok(()),
        }
    }
}

/// Reads an id from a path or a body, with hyphens or without.
pub(crate) fn read_id(place: &str, name: &str, text: &str) -> Result<Uuid, ApiError> {
    let bare = matches!(text.len(), 32 | 36);
    Uuid::parse_str(text).ok().filter(|_| bare).ok_or_else(|| ApiError::not_an_id(place, name, text))
}
