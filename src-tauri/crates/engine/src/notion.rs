//! Notion: connecting a workspace, and agreeing with the person on which property holds what.
//!
//! What was agreed on is kept with the link ([`Link::settings`](synodic_model::sync::Link::settings)). When it changes,
//! what both sides last agreed on in the fields concerned says nothing any more: it was read from other properties. A field
//! whose place has changed is therefore treated as if both sides met for the first time in it. What only one of them says
//! is learnt by the other, and where they say different things it is a conflict to look at; nothing is taken for deleted
//! because it is not in its new place. All else stays as it is, an edit on its way included.

mod plan;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use synodic_model::listing::AccessRole;
use synodic_model::sync::{
    EventSyncStatus, Integration, Link, Operation, PRIORITY_BACKGROUND, ProviderKind, SyncDirection,
};
use synodic_model::{
    CalendarId, Event, EventContent, Field, FieldSet, IntegrationId, LinkId, RemoteCalendarId, Revision, When,
};
use synodic_providers::notion::{Schema, UPCOMING_LIMIT, examine, propose};
use synodic_providers::{NotifyAttendees, Provider, ProviderError, RemoteCalendar, Tokens};
use synodic_store::{Durability, Transaction};
use ts_rs::TS;

pub use synodic_providers::notion::{
    DataSource, DataSources, Holder, Mapping, MappingProposal, NotionClient, NotionEndpoint, Slot,
    SlotProposal,
};
pub use synodic_providers::transport::Pace;

use crate::accounts::Signed;
use crate::calendars::refuse_second_link;
use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::queue::{Mark, mark_dirty};
use crate::services::Client;
use crate::view::CalendarView;

/// What a person has chosen for a link: a mapping, and the properties that Synodic shall create for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MappingChoice {
    /// What holds what.
    pub mapping: Mapping,
    /// What is to be held by properties that are not there yet.
    #[serde(default)]
    pub create: Vec<Slot>,
}

impl Engine {
    /// Connects the workspace that `token` is for: the secret of an internal connection, as Notion shows it. It is tried
    /// at once, and kept in the keyring only.
    ///
    /// # Errors
    /// [`EngineError::SignIn`] when Notion does not know the token, [`EngineError::Provider`] when it cannot be reached
    /// or the keyring cannot be used.
    pub async fn connect_notion(&self, token: &str) -> Result<IntegrationId, EngineError> {
        let token = token.trim();
        if token.is_empty() || token.chars().any(char::is_whitespace) {
            return Err(unknown_token());
        }
        let tokens = Tokens { access_token: token.to_owned(), refresh_token: None, expires_at: None };
        self.connect_notion_with(tokens).await
    }

    /// Connects the workspace that `tokens` are for. One that is connected already gets the new tokens and stays the
    /// account that it was.
    pub(crate) async fn connect_notion_with(&self, tokens: Tokens) -> Result<IntegrationId, EngineError> {
        let signed = self.inner.identify_notion(tokens).await?;
        self.inner.keep(signed.integration, &signed.tokens).await
    }

    /// Gives new tokens to an account that is connected, if they are for that account.
    pub(crate) async fn renew_notion(
        &self,
        id: IntegrationId,
        tokens: Tokens,
    ) -> Result<IntegrationId, EngineError> {
        let mut expected = self.integration(id).await?;
        let signed = self.inner.identify_notion(tokens).await?;
        // Whoever had taken the connection away installs it anew, which is another bot in the same workspace.
        let workspace = &signed.integration.settings["workspace_id"];
        let is_same_place = workspace.is_string() && *workspace == expected.settings["workspace_id"];
        if is_same_place {
            expected.settings["bot_id"] = signed.integration.settings["bot_id"].clone();
        } else if signed.integration.account != expected.account {
            return Err(EngineError::SignIn {
                reason: format!(
                    "You signed in to {}, but this account is {}. Sign in again and choose that workspace in the \
                     browser, or add {} as an account of its own.",
                    signed.integration.account, expected.account, signed.integration.account
                ),
            });
        }
        self.inner.keep(expected, &signed.tokens).await
    }

    /// The data sources of an account whose titles fit `query`, or all of them; with a sentence on what to do when there
    /// is none.
    ///
    /// # Errors
    /// [`EngineError::Provider`] when Notion cannot be reached, [`EngineError::NotFound`] when there is no such account.
    pub async fn notion_data_sources(
        &self,
        integration: IntegrationId,
        query: &str,
    ) -> Result<DataSources, EngineError> {
        let client = self.notion_client(integration).await?;
        Ok(notion_of(&client)?.data_sources(query).await?)
    }

    /// Which property of a data source could hold what, for the person to correct.
    ///
    /// # Errors
    /// As [`Engine::notion_data_sources`]; [`ProviderError::Refused`] when the data source is not shared.
    pub async fn propose_notion_mapping(
        &self,
        integration: IntegrationId,
        data_source: &RemoteCalendarId,
    ) -> Result<MappingProposal, EngineError> {
        let client = self.notion_client(integration).await?;
        let schema = notion_of(&client)?.schema(data_source).await?;
        Ok(propose(&schema, self.inner.config.viewer))
    }

    /// What was agreed on about a link, held against the data source as it is now.
    ///
    /// # Errors
    /// As [`Engine::propose_notion_mapping`].
    pub async fn notion_mapping(&self, link: LinkId) -> Result<MappingProposal, EngineError> {
        let link = self.notion_link(link).await?;
        let client = self.notion_client(link.integration_id).await?;
        let schema = notion_of(&client)?.schema(&link.remote_calendar_id).await?;
        Ok(examine(&schema, Mapping::of(&link.settings)))
    }

    /// Links a calendar to a data source, as [`Engine::link_calendar`] does. Without a choice the proposal is taken; the
    /// property for our mark is created then, unless the link only pulls.
    ///
    /// # Errors
    /// As [`Engine::link_calendar`]; [`EngineError::Unacceptable`] when the choice does not fit the data source.
    pub async fn link_notion(
        &self,
        calendar: Option<CalendarId>,
        integration: IntegrationId,
        data_source: RemoteCalendarId,
        direction: SyncDirection,
        choice: Option<MappingChoice>,
    ) -> Result<CalendarView, EngineError> {
        let account = self.integration(integration).await?;
        refuse_second_link(&self.inner.store.links().await?, &account, &data_source)?;
        let client = self.notion_client(integration).await?;
        let notion = notion_of(&client)?;
        let schema = notion.schema(&data_source).await?;
        let mut choice = choice.unwrap_or_else(|| MappingChoice {
            mapping: propose(&schema, self.inner.config.viewer).mapping,
            create: Vec::new(),
        });
        let is_read_only = choice.mapping.is_read_only();
        if direction.pushes() && !is_read_only && !choice.mapping.slots.contains_key(&Slot::Marker) {
            choice.create.push(Slot::Marker);
        }
        let mapping = settled(&schema, choice.mapping, &choice.create)?;
        let mapping = notion.create_properties(&data_source, &choice.create, mapping).await?;
        let remote = remote_calendar(&schema.source, !is_read_only);
        self.link_with(calendar, &account, remote, direction, mapping.to_settings()).await
    }

    /// Agrees on another mapping for a link. Returns how it fits.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] when the choice does not fit the data source, or names another date;
    /// [`EngineError::Store`] when it cannot be written; then everything is as before.
    pub async fn set_notion_mapping(
        &self,
        link: LinkId,
        choice: MappingChoice,
    ) -> Result<MappingProposal, EngineError> {
        let link = self.notion_link(link).await?;
        let client = self.notion_client(link.integration_id).await?;
        let (mapping, create) = self.settled_for(&link, &client, choice).await?;
        let mapping =
            notion_of(&client)?.create_properties(&link.remote_calendar_id, &create, mapping).await?;
        self.inner.agree_on(&link, &mapping).await?;
        if let Some(worker) = self.inner.worker(link.integration_id) {
            worker.reload();
            worker.pull(Some(link.id));
            worker.edited();
        }
        self.inner.tell_links_changed().await;
        self.notion_mapping(link.id).await
    }

    /// A choice in a form that a link can be given, and what has to be created for it.
    async fn settled_for(
        &self,
        link: &Link,
        client: &Client,
        choice: MappingChoice,
    ) -> Result<(Mapping, Vec<Slot>), EngineError> {
        let schema = notion_of(client)?.schema(&link.remote_calendar_id).await?;
        let mapping = settled(&schema, choice.mapping, &choice.create)?;
        if Mapping::of(&link.settings).moved(&mapping).contains(Field::When) {
            return Err(EngineError::Unacceptable {
                reason: "The date decides which pages are events at all. To follow another one, unlink the database and \
                         link it again."
                    .into(),
            });
        }
        Ok((mapping, choice.create))
    }

    async fn notion_link(&self, id: LinkId) -> Result<Link, EngineError> {
        self.inner.store.link(id).await?.ok_or(EngineError::NotFound { what: "link" })
    }

    async fn notion_client(&self, integration: IntegrationId) -> Result<Client, EngineError> {
        let integration = self.integration(integration).await?;
        self.inner.provider(&integration).await
    }

    /// The settings of a link with this choice, before the properties are made that it asks for: nothing is in them yet.
    pub(crate) async fn chosen_notion_settings(
        &self,
        integration: IntegrationId,
        data_source: &RemoteCalendarId,
        choice: MappingChoice,
    ) -> Result<serde_json::Value, EngineError> {
        let client = self.notion_client(integration).await?;
        let schema = notion_of(&client)?.schema(data_source).await?;
        Ok(settled(&schema, choice.mapping, &choice.create)?.to_settings())
    }

    /// The settings under which a data source could be read before anything is agreed on.
    pub(crate) async fn proposed_notion_settings(
        &self,
        integration: IntegrationId,
        data_source: &RemoteCalendarId,
    ) -> Result<serde_json::Value, EngineError> {
        let proposal = self.propose_notion_mapping(integration, data_source).await?;
        match proposal.problem {
            Some(reason) => Err(EngineError::Unacceptable { reason }),
            None => Ok(proposal.mapping.to_settings()),
        }
    }
}

fn notion_of(client: &Client) -> Result<&synodic_providers::notion::Notion, EngineError> {
    client
        .as_notion()
        .ok_or_else(|| EngineError::Unacceptable { reason: "This account is not one at Notion.".into() })
}

fn unknown_token() -> EngineError {
    EngineError::SignIn {
        reason: "Notion does not know this token. Copy the secret of your connection from Notion's settings, all of it, \
                 and paste it again."
            .into(),
    }
}

/// A data source as any other calendar.
fn remote_calendar(source: &DataSource, writable: bool) -> RemoteCalendar {
    let access = if writable { AccessRole::Writer } else { AccessRole::Reader };
    RemoteCalendar { access, ..source.clone().into_calendar() }
}

/// Brings a choice into a form that fits the data source.
fn settled(schema: &Schema, chosen: Mapping, create: &[Slot]) -> Result<Mapping, EngineError> {
    let unacceptable = |reason: String| EngineError::Unacceptable { reason };
    let examined = examine(schema, chosen.clone());
    let mut mapping = Mapping { slots: std::collections::BTreeMap::new(), ..chosen };
    let mut taken = BTreeSet::new();
    for proposed in &examined.slots {
        let Some(holder) = &proposed.chosen else { continue };
        if create.contains(&proposed.slot) {
            continue;
        }
        let Holder::Property { property } = holder else {
            mapping.slots.insert(proposed.slot, holder.clone());
            continue;
        };
        let fits = proposed.candidates.iter().any(|candidate| match &candidate.holder {
            Holder::Property { property: other } => other.id == property.id && other.kind == property.kind,
            Holder::PageBody => false,
        });
        // What is gone stays agreed on, so that an undone deletion undoes itself.
        let is_gone = schema.property(&property.id).is_none_or(|there| there.kind != property.kind);
        if !fits && !is_gone {
            return Err(unacceptable(format!(
                "“{}” cannot hold that. Choose another property.",
                property.name
            )));
        }
        if !taken.insert(property.id.clone()) {
            return Err(unacceptable(format!(
                "“{}” can hold one thing only. Choose another property.",
                property.name
            )));
        }
        mapping.slots.insert(proposed.slot, holder.clone());
    }
    if !mapping.slots.contains_key(&Slot::When) && !create.contains(&Slot::When) {
        let reason =
            examined.problem.unwrap_or_else(|| "Choose the property that holds the date.".to_owned());
        return Err(unacceptable(reason));
    }
    if mapping.zone.parse::<chrono_tz::Tz>().is_err() {
        return Err(unacceptable(format!(
            "There is no time zone “{}”. Name one like Europe/Berlin.",
            mapping.zone
        )));
    }
    mapping.default_minutes = mapping.default_minutes.min(24 * 60);
    mapping.upcoming = mapping.upcoming.min(UPCOMING_LIMIT);
    Ok(mapping)
}

impl Inner {
    /// Asks Notion whose tokens these are. The name of a workspace is not unique, so a second one of the same name gets a
    /// number: the name is what its secrets are kept under.
    async fn identify_notion(&self, tokens: Tokens) -> Result<Signed, EngineError> {
        let mut integration = self.new_integration(ProviderKind::Notion);
        let vault = crate::secrets::Secrets::passing(tokens.clone());
        let client = self.services.connect(&integration, vault.clone())?;
        let owner = match client.as_notion() {
            Some(notion) => notion.owner().await,
            None => {
                return Err(EngineError::Unacceptable {
                    reason: "This account is not one at Notion.".into(),
                });
            }
        };
        let owner = owner.map_err(|error| match error {
            ProviderError::SignInRefused { .. } => unknown_token(),
            error => error.into(),
        })?;
        integration.settings = json!({ "bot_id": owner.bot_id, "workspace_id": owner.workspace_id });
        let known = self.store.integrations().await?;
        let known: Vec<&Integration> =
            known.iter().filter(|known| known.provider == ProviderKind::Notion).collect();
        let same = known.iter().find(|known| known.settings["bot_id"] == owner.bot_id.as_str());
        integration.account = match same {
            Some(same) => same.account.clone(),
            None => {
                let name = owner.name();
                let numbered = (2..).map(|number| format!("{name} ({number})"));
                let is_free =
                    |name: &String| known.iter().all(|known| !known.account.eq_ignore_ascii_case(name));
                std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
            }
        };
        let tokens = vault.load().await?.unwrap_or(tokens);
        Ok(Signed { integration, tokens })
    }

    /// Keeps a new mapping, and forgets what was agreed on in the fields whose place it changes.
    async fn agree_on(&self, link: &Link, mapping: &Mapping) -> Result<(), EngineError> {
        let mut transaction = self.store.begin(Durability::Edit).await?;
        let Some(stored) = transaction.link(link.id).await? else {
            return Err(EngineError::NotFound { what: "link" });
        };
        let before = Mapping::of(&stored.settings);
        let moved = before.moved(mapping);
        let is_same = stored.settings == mapping.to_settings();
        if is_same {
            return Ok(());
        }
        let agreed = Link { settings: mapping.to_settings(), cursor: None, ..stored };
        transaction.put_link(&agreed).await?;
        self.meet_anew(&mut transaction, &agreed, moved).await?;
        Ok(transaction.commit().await?)
    }

    /// Lets both sides meet for the first time in the fields `moved`.
    async fn meet_anew(
        &self,
        transaction: &mut Transaction,
        link: &Link,
        moved: FieldSet,
    ) -> Result<(), EngineError> {
        if moved.is_empty() {
            return Ok(());
        }
        // Every row that the remote has is older than the last of all generations.
        let rows = transaction.stale_event_syncs(link.id, i64::MAX).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.event_id).collect();
        let events = transaction.events_by_ids(&ids).await?;
        let mut dirty = Vec::new();
        for mut row in rows {
            let Some(base) = &mut row.base else { continue };
            let blank = blank(base.when);
            moved.iter().for_each(|field| field.copy(&blank, base));
            let event = events.get(&row.event_id).filter(|event| event.deleted_at.is_none());
            let has_something = event.is_some_and(|event| says_something(event, moved, &blank));
            if has_something && link.direction.pushes() {
                // It counts as edited here, so that what the new place says is compared and not just taken.
                row.local_version = Revision(0);
                row.status = EventSyncStatus::Pending;
            }
            transaction.put_event_sync(&row).await?;
            if has_something && link.direction.pushes() {
                dirty.push((row.event_id, Operation::Upsert));
            }
        }
        let mark =
            Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now: self.clock.now() };
        mark_dirty(transaction, &dirty, std::slice::from_ref(link), mark).await?;
        Ok(())
    }
}

fn blank(when: When) -> EventContent {
    EventContent::new("", when)
}

fn says_something(event: &Event, fields: FieldSet, blank: &EventContent) -> bool {
    !FieldSet::differing(fields.without(Field::When), &event.content, blank).is_empty()
}
