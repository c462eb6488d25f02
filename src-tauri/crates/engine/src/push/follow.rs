//! An event that somebody moved to another calendar of the account while it was edited here. Where the edit was to go it
//! is gone, and under the same id it is somewhere else: the edit follows it there, and nothing is made a second time.

use std::slice;

use synodic_model::history::{self, Author};
use synodic_model::sync::{Link, Operation, PRIORITY_INTERACTIVE};
use synodic_model::{Event, ExternalId};
use synodic_providers::{NotifyAttendees, Provider, RemoteChange};
use synodic_store::{Durability, StoreError};

use super::moved::take_over;
use super::{Job, Push, Round, settle};
use crate::error::CallFailed;
use crate::halt::Halt;
use crate::queue::{Mark, mark_dirty};

impl Push<'_> {
    /// The remote does not have `id` any more where the edit was to go: it was moved, or it was deleted.
    pub(super) async fn gone(&self, job: &Job, id: &ExternalId) -> Result<Round, Halt> {
        match self.moved_to(job, id).await {
            Ok(Some(to)) => {
                self.follow(job, &to).await?;
                Ok(Round::Settled)
            }
            Ok(None) => {
                self.meet(job, RemoteChange::Removed { id: id.clone() }).await?;
                Ok(Round::LookAgain)
            }
            Err(CallFailed::Store(error)) => Err(error.into()),
            Err(CallFailed::Provider(error)) => self.wait(job, &error).await,
        }
    }

    /// The link to the calendar that the event of `job` was moved to; none when it was not moved, or to where we do not
    /// see it.
    async fn moved_to(&self, job: &Job, id: &ExternalId) -> Result<Option<Link>, CallFailed> {
        let store = &self.inner.store;
        let event = store.event(job.entry.event_id).await?;
        let is_wanted = event.is_some_and(|event| {
            event.deleted_at.is_none()
                && event.occurrence_of.is_none()
                && event.calendar_id == job.link.calendar_id
        });
        let row = store.event_sync(job.entry.event_id, job.link.id).await?;
        if !is_wanted || row.and_then(|row| row.external_id).as_ref() != Some(id) {
            return Ok(None);
        }
        for other in store.links_of_integration(job.link.integration_id).await? {
            let is_elsewhere = other.calendar_id != job.link.calendar_id;
            if !is_elsewhere || !other.direction.pulls() || !other.direction.pushes() {
                continue;
            }
            // A meeting to which both calendars are invited was there before, and stays.
            let known = store.event_syncs_by_external(other.id, slice::from_ref(id)).await?;
            if known.is_empty() && self.client.read((&other).into(), id).await?.is_some() {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// Lets the event, a series with its occurrences, go on over the link `to`. What was known of it stays known; that the
    /// remote may have changed it as well is found out by sending the edit.
    async fn follow(&self, job: &Job, to: &Link) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let Some(event) = transaction.event(job.entry.event_id).await? else { return Ok(()) };
        let former = transaction.links_of_calendar(job.link.calendar_id).await?;
        let left: Vec<Link> = former.into_iter().filter(|link| link.id != job.link.id).collect();
        let links = transaction.links_of_calendar(to.calendar_id).await?;
        let mark = Mark { priority: PRIORITY_INTERACTIVE, notify: job.notify(), now };
        let quiet = Mark { notify: NotifyAttendees::Nobody, ..mark };
        let overrides = transaction.overrides(event.id).await?;
        for before in std::iter::once(event).chain(overrides) {
            let moved =
                Event { calendar_id: to.calendar_id, revision: before.revision.next(), ..before.clone() };
            let account = Some(job.link.integration_id);
            let line = history::line(Some(&before), &moved, Author::Remote, account, now);
            transaction.append_history(&line.into_iter().collect::<Vec<_>>()).await?;
            transaction.put_event(&moved).await?;
            take_over(&mut transaction, moved.id, job.link.id, to).await?;
            if moved.deleted_at.is_none() {
                mark_dirty(&mut transaction, &[(moved.id, Operation::Upsert)], &links, mark).await?;
            }
            mark_dirty(&mut transaction, &[(moved.id, Operation::Delete)], &left, quiet).await?;
        }
        settle::complete(&mut transaction, job, now).await?;
        transaction.commit().await?;
        tracing::info!(event = %job.entry.event_id, from = %job.link.id, to = %to.id, "an edit follows an event that was moved");
        self.inner.edited(&links);
        self.inner.edited(&left);
        Ok(())
    }
}
