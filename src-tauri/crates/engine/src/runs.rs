//! Single pulls: what each brought in, and taking all of it back.

use std::collections::BTreeSet;

use synodic_model::history::{ChangeKind, HistoryEntry, RunKey, without};
use synodic_model::{EventId, Revision};
use synodic_providers::NotifyAttendees;
use synodic_store::{Durability, Transaction};

use crate::edit::home;
use crate::edit::rows::RowChange;
use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::view::{RunReverted, RunView};

/// The most pulls that a list shows.
const LIST_LIMIT: u32 = 200;

impl Engine {
    /// What pulls have changed here, the latest first. Those that changed nothing, and first listings, are left out.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn runs(&self) -> Result<Vec<RunView>, EngineError> {
        let store = &self.inner.store;
        let (links, accounts) = (store.links().await?, store.integrations().await?);
        let runs = store.runs(LIST_LIMIT).await?.into_iter().filter_map(|run| {
            let link = links.iter().find(|link| link.id == run.key.link_id)?;
            let account = accounts.iter().find(|account| account.id == link.integration_id)?;
            Some(RunView {
                run: run.key,
                remote_name: link.remote_name.clone(),
                account: account.account.clone(),
                created: run.created,
                changed: run.changed,
                deleted: run.deleted,
            })
        });
        Ok(runs.collect())
    }

    /// Takes back all that one pull changed here, in one edit that travels to every link and can be undone. What was
    /// changed since is left as it is, and named.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when nothing is known of such a pull (any more), otherwise as
    /// [`Engine::change_event`].
    pub async fn revert_run(&self, run: RunKey) -> Result<RunReverted, EngineError> {
        let missing = || EngineError::NotFound { what: "change" };
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let entries = transaction.history_of_run(run).await?;
        let last = entries.iter().map(|entry| entry.id).max().ok_or_else(missing)?;
        let link = transaction.link(run.link_id).await?.ok_or(EngineError::NotFound { what: "link" })?;
        let home = home(&mut transaction, link.calendar_id).await?;
        home.check(&[])?;
        let ids: Vec<EventId> = entries.iter().map(|entry| entry.event_id).collect();
        let since = transaction.changed_since(&ids, last).await?;
        let (mut rows, mut skipped, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        // A series before its exceptions: they were written down behind it.
        for entry in entries.iter().rev() {
            if !seen.insert(entry.event_id) {
                continue;
            }
            let row = if since.contains(&entry.event_id) {
                None
            } else {
                self.inner.taken_back(&mut transaction, entry).await?
            };
            match row {
                Some(row) => rows.push(row),
                None => skipped.push(self.inner.title_of(&mut transaction, entry).await?),
            }
        }
        if rows.is_empty() {
            return Ok(RunReverted {
                reverted: 0,
                skipped,
                undo: self.inner.remember(Vec::new(), NotifyAttendees::Nobody),
            });
        }
        let reverted = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let receipt = self.finish(transaction, &home, rows, NotifyAttendees::Nobody).await?;
        Ok(RunReverted { reverted, skipped, undo: receipt.undo })
    }
}

impl Inner {
    /// What takes one change back; none when there is nothing to be taken back any more.
    async fn taken_back(
        &self,
        transaction: &mut Transaction,
        entry: &HistoryEntry,
    ) -> Result<Option<RowChange>, EngineError> {
        let now = self.clock.now();
        let current = transaction.event(entry.event_id).await?;
        let is_there = current.as_ref().is_some_and(|event| event.deleted_at.is_none());
        Ok(match (entry.change, current, &entry.before) {
            (ChangeKind::Created | ChangeKind::Restored, Some(event), _) if is_there => {
                Some(RowChange::deleted(&event, now))
            }
            (ChangeKind::Changed, Some(event), _) if is_there => {
                Some(RowChange::rewritten(&event, without(entry, &event.content), now))
            }
            (ChangeKind::Deleted, Some(event), Some(before)) if !is_there => {
                Some(RowChange::rewritten(&event, before.content.clone(), now))
            }
            (ChangeKind::Deleted, None, Some(before)) => {
                let revision = Revision::default().next();
                let event =
                    synodic_model::Event { revision, updated_at: now, deleted_at: None, ..before.clone() };
                Some(RowChange::created(event))
            }
            _ => None,
        })
    }

    async fn title_of(
        &self,
        transaction: &mut Transaction,
        entry: &HistoryEntry,
    ) -> Result<String, EngineError> {
        let current = transaction.event(entry.event_id).await?;
        let known = current.as_ref().or(entry.before.as_ref());
        Ok(known.map(|event| event.content.title.clone()).unwrap_or_default())
    }
}
