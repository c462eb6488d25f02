//! What an edit that is to be sent is about: the event as it is now, and how it and its series stand with the remote.

use synodic_model::sync::{Link, ProviderKind};
use synodic_model::{Event, EventContent, OriginalStart};
use synodic_store::StoreError;

use super::write::{Elsewhere, Series, Subject, decided};
use super::{Job, Push};
use crate::edit::series::occurrence_at;
use crate::queue::{Payload, may_be_there};

impl Push<'_> {
    /// The event as it is now.
    pub(super) async fn subject(&self, job: &Job) -> Result<Subject, StoreError> {
        let store = &self.inner.store;
        let event = store.event(job.entry.event_id).await?;
        let sync = store.event_sync(job.entry.event_id, job.link.id).await?;
        let series = match event.as_ref().and_then(|event| event.occurrence_of) {
            None => Series::None,
            Some(key) => {
                match store.event(key.series_id).await?.filter(|series| is_here(series, &job.link)) {
                    // A page of its own does not go with the series' page.
                    None if job.provider == ProviderKind::Notion
                        && event.as_ref().is_some_and(|event| !is_here(event, &job.link)) =>
                    {
                        Series::None
                    }
                    None => {
                        let row = store.event_sync(key.series_id, job.link.id).await?;
                        let is_there = row.is_some_and(|row| row.external_id.is_some());
                        if is_there { Series::Going } else { Series::Gone }
                    }
                    Some(series) => self.series(job, &series, &key.original_start).await?,
                }
            }
        };
        let may_be_there = job.may_be_there && sync.as_ref().is_some_and(may_be_there);
        let entry = store.queue_entry(job.entry.id).await?;
        let origin = entry.and_then(|entry| Payload::read(&entry.payload).origin);
        let elsewhere = match &event {
            Some(event) if event.deleted_at.is_none() && event.calendar_id != job.link.calendar_id => {
                self.elsewhere(event, &job.link).await?
            }
            _ => Elsewhere::Settled,
        };
        let is_copy = match &event {
            Some(event) if !event.content.attendees.is_empty() => self.is_copy(event, job).await?,
            Some(_) | None => false,
        };
        Ok(Subject { event, sync, series, may_be_there, origin, elsewhere, is_copy })
    }

    /// How a living series stands with the remote, as its occurrence at `start` sees it.
    async fn series(&self, job: &Job, series: &Event, start: &OriginalStart) -> Result<Series, StoreError> {
        let store = &self.inner.store;
        let row = store.event_sync(series.id, job.link.id).await?;
        let content = decided(row.as_ref(), &series.content);
        let Some(id) = row.and_then(|row| row.external_id) else { return Ok(Series::Unsent) };
        let has_place = |content: &EventContent| occurrence_at(content, start).is_some();
        if !has_place(&content) {
            // As long as it is not decided over some link when the series takes place, no side is right: what one of them
            // has may get its place here yet.
            let rows = store.event_syncs(series.id).await?;
            let may_have = has_place(&series.content)
                || rows.iter().any(|row| has_place(&decided(Some(row), &series.content)));
            if may_have {
                return Ok(Series::Undecided);
            }
        }
        Ok(Series::There { id, content: Box::new(content) })
    }

    /// Whether another link is the one over which the event's guests are invited. Who is invited over two has it twice in
    /// their calendar, and is mailed twice. Where nobody has been invited yet, that is the oldest link's to do.
    async fn is_copy(&self, event: &Event, job: &Job) -> Result<bool, StoreError> {
        if !can_invite(job.provider) || self.invites(event, &job.link).await? {
            return Ok(false);
        }
        let store = &self.inner.store;
        let mut is_older = false;
        for other in store.links_of_calendar(job.link.calendar_id).await? {
            if other.id == job.link.id {
                continue;
            }
            let account = store.integration(other.integration_id).await?;
            if !account.is_some_and(|account| can_invite(account.provider)) {
                continue;
            }
            if self.invites(event, &other).await? {
                return Ok(true);
            }
            is_older |= other.id < job.link.id && other.direction.pushes();
        }
        Ok(is_older)
    }

    /// Whether the event, or its series, invites somebody over a link.
    async fn invites(&self, event: &Event, link: &Link) -> Result<bool, StoreError> {
        for id in [Some(event.id), event.occurrence_of.map(|key| key.series_id)].into_iter().flatten() {
            let row = self.inner.store.event_sync(id, link.id).await?;
            // Whoever was invited was invited by somebody.
            if row
                .and_then(|row| row.base)
                .is_some_and(|base| !base.attendees.is_empty() && base.organizer.is_some())
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How an event that has left the calendar of `former` stands at the one that it is in now.
    async fn elsewhere(&self, event: &Event, former: &Link) -> Result<Elsewhere, StoreError> {
        let store = &self.inner.store;
        let root = event.occurrence_of.map_or(event.id, |key| key.series_id);
        let mut elsewhere = Elsewhere::Settled;
        for link in store.links_of_calendar(event.calendar_id).await? {
            if !link.direction.pushes() {
                continue;
            }
            let row = store.event_sync(root, link.id).await?;
            if row.is_none_or(|row| row.external_id.is_some()) {
                continue;
            }
            elsewhere = Elsewhere::Unsent;
            let entry = store.queue_entry_of(root, link.id).await?;
            let origin = entry.and_then(|entry| Payload::read(&entry.payload).origin);
            if origin.is_some_and(|origin| origin.link == former.id) {
                return Ok(Elsewhere::MovesFromHere);
            }
        }
        Ok(elsewhere)
    }
}

/// Whether an event at such a service invites its guests; elsewhere they are a text.
const fn can_invite(provider: ProviderKind) -> bool {
    matches!(provider, ProviderKind::Google | ProviderKind::Caldav)
}

/// Whether the event is alive and in the calendar that the link is for.
fn is_here(event: &Event, link: &Link) -> bool {
    event.deleted_at.is_none() && event.calendar_id == link.calendar_id
}
