//! What linking two calendars would come to, told before anything is written.

use serde_json::Value;
use synodic_model::matching::{Candidate, match_up};
use synodic_model::sync::{Integration, ProviderKind, SyncDirection};
use synodic_model::{CalendarId, Event, EventStatus, FieldSet, IntegrationId, RemoteCalendarId};
use synodic_providers::{Linked, Provider, RemoteEvent};
use synodic_store::Durability;

use super::parting::every_event;
use super::{acceptable_direction, former_calendar, refuse_second_link};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::notion::{MappingChoice, Slot};
use crate::view::{LinkPlanView, count};

/// The most events of a kind that a plan names.
const NAMED: usize = 50;
/// How many events may be made at the service without a further look.
const FEW: u32 = 10;

impl Engine {
    /// What [`Engine::link_calendar`] would do with the same arguments, or [`Engine::link_notion`] with this choice of
    /// what holds what. Reads the whole calendar at the service, and writes nothing on either side.
    ///
    /// # Errors
    /// As [`Engine::link_calendar`] and [`Engine::link_notion`].
    pub async fn plan_link(
        &self,
        calendar: Option<CalendarId>,
        integration: IntegrationId,
        remote: RemoteCalendarId,
        direction: SyncDirection,
        choice: Option<MappingChoice>,
    ) -> Result<LinkPlanView, EngineError> {
        let inner = &self.inner;
        let integration = self.integration(integration).await?;
        refuse_second_link(&inner.store.links().await?, &integration, &remote)?;
        let remote = inner.remote_calendar(&integration, &remote).await?;
        let direction = acceptable_direction(&remote, direction)?;
        let known = match calendar {
            Some(id) => {
                Some(inner.store.calendar(id).await?.ok_or(EngineError::NotFound { what: "calendar" })?)
            }
            None => {
                let mut transaction = inner.store.begin(Durability::Pulled).await?;
                former_calendar(&mut transaction, integration.id, &remote.id).await?
            }
        };
        let here = match &known {
            Some(calendar) => {
                let ids = inner.store.events_of_calendar(calendar.id).await?;
                inner.store.events_by_ids(&ids).await?.into_values().collect()
            }
            None => Vec::new(),
        };
        let client = inner.provider(&integration).await?;
        // A date that is made when they are linked is in no page yet, and without a date nothing is an event.
        let is_dated = choice.as_ref().is_none_or(|choice| !choice.create.contains(&Slot::When));
        let settings = match choice {
            Some(choice) => self.chosen_notion_settings(integration.id, &remote.id, choice).await?,
            None => self.settings_before_linking(&integration, &remote.id).await?,
        };
        let linked = Linked { id: &remote.id, settings: &settings };
        let there = if is_dated { every_event(&client, linked).await? } else { Vec::new() };
        let counts = compare(&here, &there, direction, client.expressible(linked));
        Ok(LinkPlanView {
            calendar: known.map_or_else(|| remote.name.clone(), |calendar| calendar.name),
            remote_name: remote.name,
            direction,
            ..counts
        })
    }
}

impl Engine {
    /// What a calendar can be read with as long as nothing is agreed on about it.
    pub(super) async fn settings_before_linking(
        &self,
        integration: &Integration,
        remote: &RemoteCalendarId,
    ) -> Result<Value, EngineError> {
        match integration.provider {
            ProviderKind::Notion => self.proposed_notion_settings(integration.id, remote).await,
            ProviderKind::Google | ProviderKind::Caldav | ProviderKind::Ics => Ok(Value::Null),
        }
    }
}

/// Counts what two calendars have in common and what they do not. Overrides go with their series.
fn compare(
    here: &[Event],
    there: &[RemoteEvent],
    direction: SyncDirection,
    expressible: FieldSet,
) -> LinkPlanView {
    let here: Vec<_> = here.iter().filter(|event| event.occurrence_of.is_none()).collect();
    let there: Vec<_> = there
        .iter()
        .filter(|remote| remote.occurrence_of.is_none() && remote.content.status != EventStatus::Cancelled)
        .collect();
    let ours: Vec<_> = here
        .iter()
        .map(|event| Candidate { id: Some(event.id), uid: Some(&event.uid), content: &event.content })
        .collect();
    let theirs: Vec<_> = there
        .iter()
        .map(|remote| Candidate {
            id: remote.marker.as_ref().map(|marker| marker.identity.event_id),
            uid: remote.uid.as_deref(),
            content: &remote.content,
        })
        .collect();
    let matching = match_up(&ours, &theirs);
    let title = |place: &usize, list: &[Candidate<'_>]| {
        list.get(*place).map(|candidate| candidate.content.title.clone()).unwrap_or_default()
    };
    let named = |places: &[usize], list: &[Candidate<'_>]| -> Vec<String> {
        places.iter().take(NAMED).map(|place| title(place, list)).collect()
    };
    let differing = matching.pairs.iter().filter(|(one, other)| {
        let sides = ours.get(*one).zip(theirs.get(*other));
        sides.is_some_and(|(one, other)| {
            !FieldSet::differing(expressible, one.content, other.content).is_empty()
        })
    });
    let new_there = if direction.pushes() { matching.only_here.as_slice() } else { &[] };
    let new_here = if direction.pulls() { matching.only_there.as_slice() } else { &[] };
    let ambiguous: Vec<_> = matching.ambiguous.iter().map(|(one, _)| *one).collect();
    LinkPlanView {
        calendar: String::new(),
        remote_name: String::new(),
        direction,
        matched: count(matching.pairs.len()),
        differing: count(differing.count()),
        ambiguous: count(ambiguous.len()),
        new_here: count(new_here.len()),
        new_there: count(new_there.len()),
        wants_a_look: !ambiguous.is_empty() || count(new_there.len()) > FEW,
        ambiguous_titles: named(&ambiguous, &ours),
        new_here_titles: named(new_here, &theirs),
        new_there_titles: named(new_there, &ours),
    }
}
