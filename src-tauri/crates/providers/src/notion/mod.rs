//! Notion databases: the rows of a data source that have a date are events.
//!
//! * [`connect`](self) finds data sources and makes missing properties; `schema` is what they look like, `proposal` which
//!   property could hold what, `mapping` what was agreed on; `date`, `text` and `marker` are the three values with rules of
//!   their own, `map` turns a page into an event and back, `known` sees through what Notion cannot say; `pull`, `push` and
//!   `lookup` are the calls of [`Provider`](crate::Provider).
//! * Properties are named by their ids. One that is gone or has another type turns its field off, with a sentence about
//!   it ([`Provider::notices`](crate::Provider::notices)), and not the whole calendar; only without the date nothing can
//!   be read.
//! * A page's version is a hash of what it says, for its time of change tells the minute only.
//!
//! # What Notion cannot promise
//!
//! There are no ids to choose, no keys for safe repetition, no versions and no conditional writes.
//!
//! - A creation carries our mark and is looked for by it before it is repeated, with growing waits, since queries lag
//!   behind writes. Should a page of an earlier attempt come to light after the second one, the younger goes to the trash.
//! - Before each change the page is read and compared with what both sides last agreed on. Between that reading and the
//!   write, some tenths of a second, somebody else's change of *the same property* is overwritten unseen; changes of
//!   other properties survive, for only what differs is sent. Nothing in Notion's API closes this window.
//! - Within the minute of a write of ours a query may still show the page as it was before. A page that was written a
//!   moment ago is therefore read by its id before a listing is believed that shows it otherwise.
//!
//! **Architecture invariant:** absence from a query never means deletion. What a complete listing does not name is read
//! by its id, and only a page that says that it is in the trash, has no date or is elsewhere has left the calendar.
//! Losing access, or a listing that Notion cuts off, removes nothing.

mod client;
mod connect;
mod date;
mod error;
mod follow;
mod known;
mod lookup;
mod map;
mod mapping;
mod marker;
mod oauth;
mod proposal;
mod pull;
mod push;
mod schema;
mod text;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use synodic_model::sync::ProviderKind;
use synodic_model::{ExternalId, FieldSet, RemoteCalendarId, RemoteVersion};
use url::Url;

pub use connect::{DataSources, Owner};
pub use follow::{Followed, Following, Upcoming};
pub use known::recognise;
pub use mapping::{DEFAULT_MINUTES, Holder, Mapping, Meaning, Property, PropertyKind, Slot, UPCOMING_LIMIT};
pub use oauth::{NotionSignIn, begin_sign_in, complete_sign_in};
pub use proposal::{Candidate, MappingProposal, SlotProposal, examine, held_by, propose};
pub use schema::{DataSource, Schema, SchemaOption, SchemaProperty};

use crate::error::ProviderError;
use crate::transport::Surroundings;
use crate::vault::TokenVault;
use crate::{
    Creation, Identity, Linked, NotifyAttendees, Provider, PullPage, PullPosition, RemoteCalendar,
    RemoteChange, RemoteEvent, Update,
};
use client::Api;
use error::SERVICE;

/// Where Notion is: the public service, a simulator, or a proxy. The base of the API, `https://api.notion.com/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotionEndpoint(pub Url);

impl NotionEndpoint {
    /// The public service.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a constant, which a test reads")]
    pub fn public() -> Self {
        Self(Url::parse("https://api.notion.com/v1").expect("an address"))
    }

    /// A place below the base.
    fn at(&self, path: &str) -> Url {
        let text = format!("{}/{path}", self.0.as_str().trim_end_matches('/'));
        Url::parse(&text).unwrap_or_else(|_| self.0.clone())
    }
}

/// The OAuth client that a person (or the build) registered with Notion. Its `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotionClient {
    /// `NOTION_CLIENT_ID`
    pub id: String,
    /// `NOTION_CLIENT_SECRET`
    pub secret: String,
}

impl fmt::Debug for NotionClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NotionClient").field("id", &self.id).finish_non_exhaustive()
    }
}

/// One connection to one workspace.
pub struct Notion {
    api: Api,
    memory: Mutex<Memory>,
}

/// What is remembered as long as the program runs; all of it can be learnt again.
#[derive(Debug, Default)]
struct Memory {
    /// Properties that cannot be used (any more), with a sentence each.
    faults: BTreeMap<RemoteCalendarId, BTreeMap<Slot, String>>,
    /// What we have written lately, against listings that lag behind.
    written: BTreeMap<String, Written>,
    /// Creations of which we do not know whether they were carried out.
    doubts: BTreeMap<Identity, Doubt>,
    /// Pages to be looked at with the next pull, because Notion has told of them.
    suspects: BTreeMap<RemoteCalendarId, BTreeSet<ExternalId>>,
    /// Texts of pages, as they were after the minute in which they were last changed.
    bodies: BTreeMap<String, pull::Body>,
}

#[derive(Clone, Debug)]
struct Written {
    at: DateTime<Utc>,
    version: RemoteVersion,
}

#[derive(Clone, Copy, Debug)]
struct Doubt {
    since: DateTime<Utc>,
    looks: u32,
}

impl Notion {
    /// Makes a client; nothing is sent yet. `client` renews tokens that end; an internal connection's does not.
    ///
    /// # Errors
    /// [`ProviderError`] when the TLS library cannot start.
    pub fn new(
        endpoint: NotionEndpoint,
        client: Option<NotionClient>,
        vault: Arc<dyn TokenVault>,
    ) -> Result<Self, ProviderError> {
        let surroundings =
            Surroundings::real().map_err(|error| ProviderError::unanswered(SERVICE, "starting", error))?;
        Ok(Self::with(endpoint, client, vault, surroundings))
    }

    /// Makes a client in surroundings of the caller's choice: its clock, its transport, its pace.
    pub fn with(
        endpoint: NotionEndpoint,
        client: Option<NotionClient>,
        vault: Arc<dyn TokenVault>,
        surroundings: Surroundings,
    ) -> Self {
        Self { api: Api::new(endpoint, client, vault, surroundings), memory: Mutex::default() }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was agreed on about a link, without what cannot be used at the moment.
    fn mapping(&self, calendar: Linked<'_>) -> Mapping {
        let mut mapping = Mapping::of(calendar.settings);
        if let Some(faults) = self.memory().faults.get(calendar.id) {
            mapping.slots.retain(|slot, _| !faults.contains_key(slot));
        }
        mapping
    }
}

impl fmt::Debug for Notion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Notion(…)")
    }
}

#[async_trait]
impl Provider for Notion {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Notion
    }

    fn expressible(&self, calendar: Linked<'_>) -> FieldSet {
        self.mapping(calendar).fields()
    }

    async fn account(&self) -> Result<String, ProviderError> {
        Ok(self.owner().await?.name())
    }

    async fn remote_calendars(&self) -> Result<Vec<RemoteCalendar>, ProviderError> {
        let found = self.data_sources("").await?;
        Ok(found.sources.into_iter().map(DataSource::into_calendar).collect())
    }

    async fn pull(&self, calendar: Linked<'_>, position: &PullPosition) -> Result<PullPage, ProviderError> {
        self.pull_page(calendar, position).await
    }

    async fn read(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        self.read_event(calendar, id).await
    }

    async fn create(
        &self,
        calendar: Linked<'_>,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        self.create_event(calendar, creation).await
    }

    async fn update(&self, calendar: Linked<'_>, update: &Update<'_>) -> Result<RemoteEvent, ProviderError> {
        self.update_event(calendar, update).await
    }

    async fn delete(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
        _notify: NotifyAttendees,
    ) -> Result<(), ProviderError> {
        self.trash_event(calendar, id, version).await
    }

    async fn confirm_removed(
        &self,
        calendar: Linked<'_>,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        self.confirm(calendar, ids).await
    }

    fn suspect(&self, calendar: &RemoteCalendarId, id: ExternalId) {
        self.memory().suspects.entry(calendar.clone()).or_default().insert(id);
    }

    fn notices(&self, calendar: Linked<'_>) -> Vec<String> {
        let mapped = Mapping::of(calendar.settings);
        let memory = self.memory();
        let faults = memory.faults.get(calendar.id).into_iter().flatten();
        faults.filter(|(slot, _)| mapped.slots.contains_key(slot)).map(|(_, fault)| fault.clone()).collect()
    }

    fn as_notion(&self) -> Option<&Notion> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_one() {
        assert_eq!(
            NotionEndpoint::public().at("oauth/token").as_str(),
            "https://api.notion.com/v1/oauth/token"
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        let client = NotionClient { id: "id".to_owned(), secret: "hidden".to_owned() };
        assert!(!format!("{client:?}").contains("hidden"));
    }
}
