//! What another mapping of a linked data source would come to, told before anything is agreed on or written.

use std::collections::BTreeMap;

use synodic_model::sync::Link;
use synodic_model::{Event, EventContent, ExternalId, Field, FieldSet, LinkId};
use synodic_providers::notion::Mapping;
use synodic_providers::{Linked, Provider, RemoteEvent};

use super::{MappingChoice, Slot, blank};
use crate::calendars::parting::every_event;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::services::Client;
use crate::upcoming;
use crate::view::{MappingPlanView, count};

/// The most events of a kind that a plan names.
const NAMED: usize = 50;

impl Engine {
    /// What [`Engine::set_notion_mapping`] would do with the same arguments. Reads the whole data source, and writes
    /// nothing on either side.
    ///
    /// # Errors
    /// As [`Engine::set_notion_mapping`].
    pub async fn plan_notion_mapping(
        &self,
        link: LinkId,
        choice: MappingChoice,
    ) -> Result<MappingPlanView, EngineError> {
        let link = self.notion_link(link).await?;
        let client = self.notion_client(link.integration_id).await?;
        let (mapping, create) = self.settled_for(&link, &client, choice).await?;
        let settings = mapping.to_settings();
        let linked = Linked { id: &link.remote_calendar_id, settings: &settings };
        let moved = Mapping::of(&link.settings).moved(&mapping).intersection(client.expressible(linked));
        // A property that is made for it says nothing yet.
        let made: FieldSet = create.into_iter().filter_map(Slot::field).collect();
        let compared = moved.union(made).without(Field::When);
        let mut plan = if compared.is_empty() {
            MappingPlanView::default()
        } else {
            self.compare_places(&client, &link, linked, compared).await?
        };
        let pages = upcoming::change(&self.inner, &link, &mapping).await?;
        (plan.pages_made, plan.pages_removed) = (count(pages.made), count(pages.removed));
        Ok(plan)
    }

    /// Holds what the events of a link say against what their pages say in the places of another mapping.
    async fn compare_places(
        &self,
        client: &Client,
        link: &Link,
        linked: Linked<'_>,
        fields: FieldSet,
    ) -> Result<MappingPlanView, EngineError> {
        let there: BTreeMap<ExternalId, RemoteEvent> = every_event(client, linked)
            .await?
            .into_iter()
            .map(|remote| (remote.id.clone(), remote))
            .collect();
        let ids: Vec<ExternalId> = there.keys().cloned().collect();
        let rows = self.inner.store.event_syncs_by_external(link.id, &ids).await?;
        let ids: Vec<_> = rows.values().map(|row| row.event_id).collect();
        let here = self.inner.store.events_by_ids(&ids).await?;
        let mut plan = MappingPlanView::default();
        for (id, row) in &rows {
            let (Some(event), Some(remote)) = (here.get(&row.event_id), there.get(id)) else { continue };
            if event.deleted_at.is_none() {
                note(&mut plan, event, &remote.content, fields, link.direction.pushes());
            }
        }
        Ok(plan)
    }
}

/// Counts what becomes of one event.
fn note(plan: &mut MappingPlanView, event: &Event, there: &EventContent, fields: FieldSet, is_written: bool) {
    let here = &event.content;
    let blank = blank(here.when);
    let said = |content: &EventContent| FieldSet::differing(fields, content, &blank);
    let (ours, theirs) = (said(here), said(there));
    let name = |titles: &mut Vec<String>| {
        if titles.len() < NAMED {
            titles.push(here.title.clone());
        }
    };
    let both = ours.intersection(theirs);
    if !FieldSet::differing(both, here, there).is_empty() {
        plan.differing += 1;
        name(&mut plan.differing_titles);
    }
    if is_written && ours.iter().any(|field| !theirs.contains(field)) {
        plan.written_there += 1;
        name(&mut plan.written_there_titles);
    }
    if theirs.iter().any(|field| !ours.contains(field)) {
        plan.taken_here += 1;
        name(&mut plan.taken_here_titles);
    }
}
