//! What an edit that is to be sent is about: the event as it is now, and how it and its series stand with the remote.

use synodic_model::Event;
use synodic_model::sync::{Link, ProviderKind};
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
                    Some(series) => {
                        let row = store.event_sync(series.id, job.link.id).await?;
                        let content = decided(row.as_ref(), &series.content);
                        let has_place = |content| occurrence_at(content, &key.original_start).is_some();
                        match row.and_then(|row| row.external_id) {
                            None => Series::Unsent,
                            Some(_)
                                if content != series.content
                                    && !has_place(&content)
                                    && has_place(&series.content) =>
                            {
                                Series::Undecided
                            }
                            Some(id) => Series::There { id, content: Box::new(content) },
                        }
                    }
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
        Ok(Subject { event, sync, series, may_be_there, origin, elsewhere })
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

/// Whether the event is alive and in the calendar that the link is for.
fn is_here(event: &Event, link: &Link) -> bool {
    event.deleted_at.is_none() && event.calendar_id == link.calendar_id
}
