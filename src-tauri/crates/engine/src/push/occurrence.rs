//! What is peculiar to one occurrence of a series: it may have no place in its series any more, or say no more than that.

use chrono::{DateTime, Utc};
use synodic_model::sync::{Link, Operation, PRIORITY_BACKGROUND, ProviderKind};
use synodic_model::{Event, EventId, EventStatus};
use synodic_providers::{NotifyAttendees, Provider, RemoteChange, RemoteEvent, RemoteOccurrence};
use synodic_store::{Durability, StoreError, Transaction};

use super::write::{Series, Subject};
use super::{Job, Push, Round, settle};
use crate::edit::series::occurrence_at;
use crate::error::CallFailed;
use crate::queue::{Mark, mark_dirty, may_be_there};

impl Push<'_> {
    /// Whether an occurrence that is to be brought back has a place in its series. A service calls off by itself what a
    /// new time leaves without one, and would bring it back all the same; so the series is looked at before.
    pub(super) async fn place_of(&self, job: &Job, subject: &Subject) -> Result<Place, CallFailed> {
        let Series::There { id, content } = &subject.series else { return Ok(Place::There) };
        let Some(key) = subject.event.as_ref().and_then(|event| event.occurrence_of) else {
            return Ok(Place::There);
        };
        let Some(series) = self.client.read((&job.link).into(), id).await? else { return Ok(Place::There) };
        let known = self.inner.store.event_sync(key.series_id, job.link.id).await?;
        if known.and_then(|row| row.remote_version).as_ref() != Some(&series.version) {
            self.meet(job, RemoteChange::Present(Box::new(series))).await?;
            return Ok(Place::Changed);
        }
        let has_place = occurrence_at(content, &key.original_start).is_some();
        Ok(if has_place { Place::There } else { Place::Gone })
    }

    /// Leaves an occurrence that says no more here than its series to that, unless the service says something of its own of
    /// it: then both meet. Nothing is written, for the series may say something else there by now, which is not to be
    /// written over with what it said before.
    pub(super) async fn leave_to_series(
        &self,
        job: &Job,
        subject: &Subject,
        event: &Event,
        occurrence: &RemoteOccurrence,
    ) -> Result<Round, CallFailed> {
        if subject.may_be_there
            && let Some(own) = self.client.own_occurrence((&job.link).into(), occurrence).await?
        {
            self.meet(job, RemoteChange::Present(Box::new(own))).await?;
            return Ok(Round::LookAgain);
        }
        Ok(self.leave_plain(job, event).await?)
    }

    /// Leaves an occurrence as the service makes it by itself. Whoever knew it under an id of its own would wait for news of
    /// it that never come: its series alone is spoken of. When no other remote has it apart either, nothing is left of it.
    async fn leave_plain(&self, job: &Job, seen: &Event) -> Result<Round, StoreError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let event = transaction.event(seen.id).await?;
        if event.is_none_or(|event| event.revision != seen.revision || event.deleted_at.is_some()) {
            return Ok(Round::LookAgain);
        }
        transaction.remove_event_sync(seen.id, job.link.id).await?;
        settle::complete(&mut transaction, job, self.inner.clock.now()).await?;
        let elsewhere = transaction.event_syncs(seen.id).await?;
        if !elsewhere.iter().any(|row| row.external_id.is_some() || may_be_there(row)) {
            transaction.remove_event(seen.id).await?;
        }
        transaction.commit().await?;
        Ok(Round::Settled)
    }
}

/// Marks the occurrences of a series that were left as it made them, now that it makes other ones.
pub(crate) async fn mark_plain(
    transaction: &mut Transaction,
    series: &Event,
    link: &Link,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if series.content.recurrence.is_none() {
        return Ok(());
    }
    let mut own = transaction.overrides(series.id).await?;
    own.retain(|event| event.deleted_at.is_none() && event.calendar_id == link.calendar_id);
    let ids: Vec<EventId> = own.iter().map(|event| event.id).collect();
    let known = transaction.event_syncs_at(link.id, &ids).await?;
    let unknown = ids.into_iter().filter(|id| !known.contains_key(id));
    let dirty: Vec<_> = unknown.map(|id| (id, Operation::Upsert)).collect();
    let mark = Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now };
    mark_dirty(transaction, &dirty, std::slice::from_ref(link), mark).await
}

/// Whether the remote goes on saying something of its own of an occurrence that was made again what its series makes of
/// it, and no pull would tell of that.
pub(super) fn stays_an_exception(job: &Job, subject: &Subject, returned: &RemoteEvent) -> bool {
    !job.link.direction.pulls()
        && job.provider != ProviderKind::Notion
        && returned.occurrence_of.is_some()
        && returned.content.status != EventStatus::Cancelled
        && matches!(subject.series, Series::There { .. })
}

/// Where an occurrence that was called off belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Its series has it.
    There,
    /// The series was changed at the remote, which is known now.
    Changed,
    /// Its series does not have it any more.
    Gone,
}
