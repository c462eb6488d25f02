//! Conflicts: what a merge set aside, and what waits for the person to decide.
//!
//! A conflict is *closed* when a policy has decided it: one side has won, and the other is kept here until the person
//! has looked and perhaps taken it back. It is *open* when the policy is to ask: then both sides keep their own in the
//! fields in question, everything else goes on, and nothing of those fields is sent until somebody decides.

use std::collections::BTreeMap;

use serde_json::json;
use synodic_model::reconcile::{Policy, overlay};
use synodic_model::sync::{ConflictData, EventSync, EventSyncStatus, Integration, Link};
use synodic_model::{Event, EventContent, EventId, FieldSet, IntegrationId, LinkId};
use synodic_providers::NotifyAttendees;
use synodic_store::{Durability, StoreError};

use crate::edit::home;
use crate::edit::rows::RowChange;
use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::view::{ConflictSide, ConflictView, EditReceipt, EventTarget, Resolution};

/// The most conflicts that a list shows.
const LIST_LIMIT: u32 = 500;

impl Engine {
    /// All conflicts that the person has not answered yet, those that wait for a decision first; five hundred at most.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn conflicts(&self) -> Result<Vec<ConflictView>, EngineError> {
        let store = &self.inner.store;
        let rows = store.conflicts(LIST_LIMIT).await?;
        let ids: Vec<EventId> = rows.iter().map(|row| row.event_id).collect();
        let events = store.events_by_ids(&ids).await?;
        let links: BTreeMap<_, _> = store.links().await?.into_iter().map(|link| (link.id, link)).collect();
        let calendars: BTreeMap<_, _> =
            store.calendars().await?.into_iter().map(|calendar| (calendar.id, calendar.name)).collect();
        let accounts: BTreeMap<_, _> =
            store.integrations().await?.into_iter().map(|account| (account.id, account)).collect();
        let mut views: Vec<_> = rows
            .into_iter()
            .filter_map(|row| {
                let (event, link) = (events.get(&row.event_id)?, links.get(&row.link_id)?);
                let account = accounts.get(&link.integration_id)?;
                let calendar = calendars.get(&event.calendar_id).cloned().unwrap_or_default();
                view_of(event, link, account, calendar, row)
            })
            .collect();
        views.sort_by_key(|view| (!view.open, view.found_at));
        Ok(views)
    }

    /// Answers a conflict. What was chosen is an edit like any other, and travels to every link; it can be undone.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such conflict (any more), otherwise as [`Engine::change_event`].
    pub async fn resolve_conflict(
        &self,
        event: EventId,
        link: LinkId,
        resolution: Resolution,
    ) -> Result<EditReceipt, EngineError> {
        let missing = || EngineError::NotFound { what: "conflict" };
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let mut row = transaction.event_sync(event, link).await?.ok_or_else(missing)?;
        let data = row.conflict_data.take().ok_or_else(missing)?;
        let event = transaction.event(event).await?.ok_or(EngineError::NotFound { what: "event" })?;
        let chosen = choose(&event, &data, &resolution);
        if row.status == EventSyncStatus::Conflict {
            row.status = EventSyncStatus::Pending;
        }
        transaction.put_event_sync(&row).await?;
        let Some(content) = chosen else {
            transaction.commit().await?;
            return self.delete_event(EventTarget::Event { id: event.id }, NotifyAttendees::Nobody).await;
        };
        if !data.open && content == event.content {
            transaction.commit().await?;
            self.inner.refresh_snapshot().await;
            let event = self.event(EventTarget::Event { id: event.id }).await?;
            return Ok(EditReceipt {
                event: Some(event),
                undo: self.inner.remember(Vec::new(), NotifyAttendees::Nobody),
            });
        }
        let home = home(&mut transaction, event.calendar_id).await?;
        home.check(&[])?;
        let now = self.inner.clock.now();
        let mut rows = vec![RowChange::rewritten(&event, content, now)];
        if let Some(content) = beside(&event, &data, &resolution) {
            rows.push(RowChange::created(self.inner.new_event(event.calendar_id, content, now)));
        }
        self.finish(transaction, &home, rows, NotifyAttendees::Nobody).await
    }

    /// Who wins over a link where both sides changed the same.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such link, [`EngineError::Store`] when the settings cannot be read.
    pub async fn conflict_policy(&self, link: LinkId) -> Result<Policy, EngineError> {
        let link = self.inner.store.link(link).await?.ok_or(EngineError::NotFound { what: "link" })?;
        Ok(self.inner.policy_of(&link).await?)
    }

    /// Decides for the future who wins over a link; none leaves it to the account's setting.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be written.
    pub async fn set_link_policy(&self, link: LinkId, policy: Option<Policy>) -> Result<(), EngineError> {
        self.inner.keep_policy(&link_key(link), policy).await
    }

    /// Decides for the future who wins over all links of an account that say nothing else.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be written.
    pub async fn set_account_policy(
        &self,
        account: IntegrationId,
        policy: Option<Policy>,
    ) -> Result<(), EngineError> {
        self.inner.keep_policy(&account_key(account), policy).await
    }
}

impl Inner {
    /// Who wins over a link: as it says itself, else as its account does, else the later edit.
    pub(crate) async fn policy_of(&self, link: &Link) -> Result<Policy, StoreError> {
        for key in [link_key(link.id), account_key(link.integration_id)] {
            let setting = self.store.setting(&key).await?.unwrap_or_default();
            if let Ok(Some(policy)) = serde_json::from_value::<Option<Policy>>(setting) {
                return Ok(policy);
            }
        }
        Ok(Policy::default())
    }

    async fn keep_policy(&self, key: &str, policy: Option<Policy>) -> Result<(), EngineError> {
        let mut transaction = self.store.begin(Durability::Edit).await?;
        transaction.set_setting(key, &json!(policy)).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn link_key(link: LinkId) -> String {
    format!("policy:link:{link}")
}

fn account_key(account: IntegrationId) -> String {
    format!("policy:account:{account}")
}

/// The fields over which the person still has to decide: both sides keep their own until then.
pub(crate) fn undecided(row: &EventSync, content: &EventContent) -> FieldSet {
    match (&row.conflict_data, &row.base) {
        (Some(data), Some(base)) if data.open => {
            FieldSet::differing(data.fields.iter().copied().collect(), base, content)
        }
        _ => FieldSet::NONE,
    }
}

/// Gives a row its status, unless a decision is open. One that has become pointless, because both sides say the same
/// by now, is closed.
pub(crate) fn set_status(row: &mut EventSync, content: &EventContent, status: EventSyncStatus) {
    if undecided(row, content).is_empty() {
        if let Some(data) = &mut row.conflict_data {
            data.open = false;
        }
        row.status = status;
    } else {
        row.status = EventSyncStatus::Conflict;
    }
}

/// What the event becomes; none when the chosen side had deleted it.
fn choose(event: &Event, data: &ConflictData, resolution: &Resolution) -> Option<EventContent> {
    let side = |side| match side {
        ConflictSide::Local => data.local.as_ref(),
        ConflictSide::Remote => data.remote.as_ref(),
    };
    match resolution {
        Resolution::AsItIs => Some(event.content.clone()),
        Resolution::Merged { content } => Some((**content).clone()),
        Resolution::Keep { side: chosen } => {
            side(*chosen).map(|content| overlay(&event.content, content, in_question(data)))
        }
        Resolution::Both => {
            let kept = data.remote.as_ref().or(data.local.as_ref());
            kept.map(|content| overlay(&event.content, content, in_question(data)))
        }
        Resolution::Fields { sides } => {
            let mut content = event.content.clone();
            for (field, chosen) in sides {
                if let Some(from) = side(*chosen) {
                    field.copy(from, &mut content);
                }
            }
            Some(content)
        }
    }
}

/// What becomes an event of its own beside the one that was in conflict.
fn beside(event: &Event, data: &ConflictData, resolution: &Resolution) -> Option<EventContent> {
    let (Resolution::Both, Some(local), Some(_)) = (resolution, &data.local, &data.remote) else {
        return None;
    };
    let mut content = overlay(&event.content, local, in_question(data));
    // Whoever is invited is invited to the other one.
    content.attendees.clear();
    content.organizer = None;
    Some(content)
}

/// The fields that a choice of one side is about. Where one side was a deletion, the other is chosen as a whole.
fn in_question(data: &ConflictData) -> FieldSet {
    if data.fields.is_empty() { FieldSet::ALL } else { data.fields.iter().copied().collect() }
}

fn view_of(
    event: &Event,
    link: &Link,
    account: &Integration,
    calendar: String,
    row: EventSync,
) -> Option<ConflictView> {
    let data = row.conflict_data?;
    let sides = [Some(&event.content), data.local.as_ref(), data.remote.as_ref()];
    let title = sides.into_iter().flatten().map(|content| &content.title).find(|title| !title.is_empty());
    Some(ConflictView {
        event_id: event.id,
        link_id: link.id,
        title: title.cloned().unwrap_or_default(),
        calendar_id: event.calendar_id,
        calendar,
        provider: account.provider,
        account: account.account.clone(),
        remote_name: link.remote_name.clone(),
        found_at: data.found_at,
        open: data.open,
        fields: data.fields,
        base: data.base,
        local: data.local,
        remote: data.remote,
        now: event.deleted_at.is_none().then(|| event.content.clone()),
    })
}
