//! The history of events: every change can be looked at and taken back, deletions included, for as long as it is kept.

use chrono::TimeDelta;
use synodic_model::history::{ChangeKind, HistoryEntry, HistoryId, without};
use synodic_model::{Event, EventId, Revision};
use synodic_providers::NotifyAttendees;
use synodic_store::{Durability, StoreError, Transaction};

use crate::edit::home;
use crate::edit::rows::{RowChange, is_alive};
use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::view::{DeletedView, EditReceipt, EventTarget, HistoryView};

/// The most lines that a list shows.
const LIST_LIMIT: u32 = 500;
/// How long changes are kept when the person says nothing else, and the longest that they may say.
const KEPT_DAYS: i64 = 90;
const LONGEST_DAYS: i64 = 3650;
/// The setting that says otherwise.
const SETTING: &str = "history_days";

impl Engine {
    /// What became of an event, the latest change first; also of one that is deleted.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn event_history(&self, event: EventId) -> Result<Vec<HistoryView>, EngineError> {
        let store = &self.inner.store;
        let entries = store.history_of(event, LIST_LIMIT).await?;
        let accounts = store.integrations().await?;
        let views = entries.into_iter().map(|entry| HistoryView {
            id: entry.id,
            at: entry.at,
            author: entry.author,
            account: entry.integration_id.and_then(|id| {
                accounts.iter().find(|account| account.id == id).map(|account| account.account.clone())
            }),
            change: entry.change,
            fields: entry.fields,
            before: entry.before.map(|before| before.content),
        });
        Ok(views.collect())
    }

    /// Events and series that were deleted and can be had back, the latest first.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn deleted_events(&self) -> Result<Vec<DeletedView>, EngineError> {
        let store = &self.inner.store;
        let entries = store.history_of_deletions(LIST_LIMIT).await?;
        let ids: Vec<_> = entries.iter().map(|entry| entry.event_id).collect();
        let events = store.events_by_ids(&ids).await?;
        let calendars = store.calendars().await?;
        let mut seen = std::collections::BTreeSet::new();
        let views = entries.into_iter().filter_map(|entry| {
            let is_back = events.get(&entry.event_id).is_some_and(|event| event.deleted_at.is_none());
            let before = entry.before?;
            let calendar = calendars.iter().find(|calendar| calendar.id == before.calendar_id)?;
            (!is_back && seen.insert(entry.event_id)).then(|| DeletedView {
                history_id: entry.id,
                event_id: entry.event_id,
                title: before.content.title,
                when: before.content.when,
                calendar_id: calendar.id,
                calendar: calendar.name.clone(),
                deleted_at: entry.at,
                author: entry.author,
            })
        });
        Ok(views.collect())
    }

    /// Takes a change back, whoever made it and however long ago: what it changed is as before, and what has changed
    /// since elsewhere in the event stays. A deleted event is restored, a series with what was deleted with it; an event
    /// that was made is deleted. Like any other edit it travels to every link, and can be undone.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when the change is not known (any more), or its calendar is gone; otherwise as
    /// [`Engine::change_event`].
    pub async fn revert_change(&self, id: HistoryId) -> Result<EditReceipt, EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let entry = transaction.history_entry(id).await?.ok_or(EngineError::NotFound { what: "change" })?;
        let current = transaction.event(entry.event_id).await?;
        let rows = match (entry.change, current) {
            (ChangeKind::Created | ChangeKind::Restored, Some(event)) if event.deleted_at.is_none() => {
                drop(transaction);
                return self.delete_event(EventTarget::Event { id: event.id }, NotifyAttendees::Nobody).await;
            }
            (ChangeKind::Changed, Some(event)) if event.deleted_at.is_none() => {
                vec![RowChange::rewritten(&event, without(&entry, &event.content), self.inner.clock.now())]
            }
            (ChangeKind::Deleted, current)
                if current.as_ref().is_none_or(|event| event.deleted_at.is_some()) =>
            {
                self.inner.restored(&mut transaction, &entry).await?
            }
            _ => return Err(EngineError::NotFound { what: "event" }),
        };
        let calendar = rows.first().map(|row| row.after.calendar_id);
        let calendar = calendar.ok_or(EngineError::NotFound { what: "change" })?;
        let home = home(&mut transaction, calendar).await?;
        home.check(&[])?;
        self.finish(transaction, &home, rows, NotifyAttendees::Nobody).await
    }

    /// For how many days changes are kept.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the settings cannot be read.
    pub async fn history_days(&self) -> Result<i64, EngineError> {
        Ok(self.inner.history_days().await?)
    }

    /// Says for how many days changes are kept; none is the ninety that it is by itself.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] for none at all or more than ten years, [`EngineError::Store`] when it cannot be
    /// written.
    pub async fn set_history_days(&self, days: Option<i64>) -> Result<(), EngineError> {
        if days.is_some_and(|days| !(1..=LONGEST_DAYS).contains(&days)) {
            return Err(EngineError::Unacceptable {
                reason: format!("Changes can be kept for 1 to {LONGEST_DAYS} days."),
            });
        }
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        transaction.set_setting(SETTING, &serde_json::json!(days)).await?;
        transaction.commit().await?;
        Ok(())
    }
}

impl Inner {
    async fn history_days(&self) -> Result<i64, StoreError> {
        let setting = self.store.setting(SETTING).await?;
        Ok(setting.and_then(|days| days.as_i64()).unwrap_or(KEPT_DAYS))
    }

    /// Removes what is older than the person wishes.
    pub(crate) async fn prune_history(&self) -> Result<(), StoreError> {
        let before = self.clock.now() - TimeDelta::days(self.history_days().await?);
        let mut transaction = self.store.begin(Durability::Pulled).await?;
        transaction.prune_history(before).await?;
        transaction.commit().await
    }

    /// The rows that bring a deleted event back, a series with what was deleted together with it.
    async fn restored(
        &self,
        transaction: &mut Transaction,
        entry: &HistoryEntry,
    ) -> Result<Vec<RowChange>, EngineError> {
        let mut rows = Vec::new();
        if let Some(key) = entry.before.as_ref().and_then(|before| before.occurrence_of)
            && !transaction.event(key.series_id).await?.as_ref().is_some_and(is_alive)
        {
            let reason = "Its series is deleted. Restore the series, and it comes back as well.".into();
            return Err(EngineError::Unacceptable { reason });
        }
        let together = transaction.history_of_overrides(entry.event_id, entry.at).await?;
        let together = together.iter().filter(|other| other.change == ChangeKind::Deleted);
        for entry in std::iter::once(entry).chain(together) {
            let Some(before) = &entry.before else { continue };
            rows.push(match place_of(transaction, before).await? {
                Some(present) => RowChange::rewritten(&present, before.content.clone(), self.clock.now()),
                // Every remote has confirmed the deletion, so the row is gone, and made anew under its own id.
                None => RowChange::created(Event {
                    revision: Revision::default().next(),
                    updated_at: self.clock.now(),
                    deleted_at: None,
                    ..before.clone()
                }),
            });
        }
        Ok(rows)
    }
}

/// The row in which a deleted event comes back. An occurrence may have been given another row since, and has but one.
async fn place_of(transaction: &mut Transaction, before: &Event) -> Result<Option<Event>, StoreError> {
    if let Some(key) = before.occurrence_of {
        let another = transaction.overrides_of(&[key]).await?.into_iter().find(is_alive);
        if another.is_some() {
            return Ok(another);
        }
    }
    transaction.event(before.id).await
}
