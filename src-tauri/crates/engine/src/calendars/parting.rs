//! Ending links, and starting over: what stays on either side is the person's choice, never a side effect.

use std::collections::BTreeMap;

use synodic_model::sync::{Link, ProviderKind, SyncDirection};
use synodic_model::{CalendarId, IntegrationId, LinkId, RemoteCalendarId};
use synodic_providers::{
    Linked, NextPull, NotifyAttendees, Provider, ProviderError, PullPosition, RemoteChange, RemoteEvent,
};
use synodic_store::Durability;

use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::services::Client;
use crate::snapshot::QueueItem;
use crate::view::{ChosenView, CleanUpReport, LeavingView, Parting};

/// More pages than any calendar has.
const PAGE_LIMIT: usize = 10_000;

impl Engine {
    /// What a link takes with it when it ends: edits that were not sent yet, each by its title.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such link, [`EngineError::Store`] when the replica cannot be read.
    pub async fn leaving_link(&self, id: LinkId) -> Result<LeavingView, EngineError> {
        let link = self.inner.store.link(id).await?.ok_or(EngineError::NotFound { what: "link" })?;
        let name = link.remote_name.clone();
        let unsent = self.unsent(|item| item.link_id == id).await?;
        Ok(LeavingView { name, calendars: self.inner.only_of(&[link]).await?, unsent })
    }

    pub(crate) async fn unsent(
        &self,
        is_theirs: impl Fn(&QueueItem) -> bool,
    ) -> Result<Vec<QueueItem>, EngineError> {
        Ok(self.queue_list().await?.into_iter().filter(is_theirs).collect())
    }

    /// Ends a link. Edits that were not sent over it yet are not sent any more; what becomes of the events is
    /// `parting`'s to say.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such link, [`EngineError::Store`] when it cannot be removed. When
    /// what was written there is to be removed, [`EngineError::Provider`] when the service cannot be reached: the link
    /// has ended then, and [`Engine::clean_up`] does the rest.
    pub async fn unlink_calendar(&self, id: LinkId, parting: Parting) -> Result<CleanUpReport, EngineError> {
        let link = self.inner.store.link(id).await?.ok_or(EngineError::NotFound { what: "link" })?;
        let integration = self.integration(link.integration_id).await?;
        if parting == Parting::RemoveWritten {
            check_marks(integration.provider)?;
        }
        let worker = self.inner.worker(link.integration_id);
        if let Some(worker) = &worker {
            worker.close_channels(vec![link.clone()]).await;
        }
        self.inner.part(&link, parting).await?;
        if let Some(worker) = &worker {
            worker.reload();
        }
        self.inner.tell_links_changed().await;
        match parting {
            Parting::KeepBoth | Parting::RemoveHere => Ok(CleanUpReport::default()),
            Parting::RemoveWritten => {
                let client = self.inner.provider(&integration).await?;
                let is_ours = |remote: &RemoteEvent| {
                    remote.marker.as_ref().is_some_and(|marker| marker.identity.link == id.uuid())
                };
                clean_up(&client, Linked::from(&link), is_ours, false).await
            }
        }
    }

    /// Deletes from a calendar at a service what Synodic has written there, and nothing else: the events that carry our
    /// mark under the id that goes with it. Needs no memory of them, so it serves after a replica was lost as well. A
    /// `rehearsal` only tells which they are.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] while the calendar is linked, for the deletions would come back over the link;
    /// [`EngineError::Provider`] when the service cannot be reached, [`EngineError::NotFound`] when there is no such
    /// account.
    pub async fn clean_up(
        &self,
        integration: IntegrationId,
        remote: RemoteCalendarId,
        rehearsal: bool,
    ) -> Result<CleanUpReport, EngineError> {
        let integration = self.integration(integration).await?;
        let links = self.inner.store.links_of_integration(integration.id).await?;
        if let Some(link) = links.iter().find(|link| link.remote_calendar_id == remote) {
            return Err(EngineError::Unacceptable {
                reason: format!(
                    "“{}” is linked. Unlink it first, or its events would be deleted here as well.",
                    link.remote_name
                ),
            });
        }
        check_marks(integration.provider)?;
        let client = self.inner.provider(&integration).await?;
        let settings = self.settings_before_linking(&integration, &remote).await?;
        let linked = Linked { id: &remote, settings: &settings };
        clean_up(&client, linked, |remote| remote.marker.is_some(), rehearsal).await
    }

    /// Has a link, or all of them, read anew from the beginning. What the service has goes before what is here, but
    /// for edits that were not sent yet; nothing is sent because of this.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such link, [`EngineError::Store`] when it cannot be written.
    pub async fn read_anew(&self, link: Option<LinkId>) -> Result<(), EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let mut links = transaction.links().await?;
        links.retain(|known| link.is_none_or(|link| link == known.id) && known.direction.pulls());
        if links.is_empty() && link.is_some() {
            return Err(EngineError::NotFound { what: "link" });
        }
        for link in &links {
            transaction.doubt_link(link.id).await?;
            transaction.put_link(&Link { cursor: None, ..link.clone() }).await?;
        }
        transaction.commit().await?;
        for link in links {
            if let Some(worker) = self.inner.worker(link.integration_id) {
                worker.reload();
                worker.pull(Some(link.id));
            }
        }
        Ok(())
    }

    /// Makes `chosen` the calendars of an account that are kept in step: links those that are not yet, and ends the
    /// other links as `parting` says. A calendar that was linked before takes up where it was left, so that nothing is
    /// made twice. Each goes by itself; one that fails leaves the others be.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such account, [`EngineError::Store`] when the replica cannot be read.
    pub async fn choose_calendars(
        &self,
        integration: IntegrationId,
        chosen: Vec<RemoteCalendarId>,
        parting: Parting,
    ) -> Result<Vec<ChosenView>, EngineError> {
        self.integration(integration).await?;
        let links = self.inner.store.links_of_integration(integration).await?;
        let mut outcomes = Vec::new();
        for link in links.iter().filter(|link| !chosen.contains(&link.remote_calendar_id)) {
            let failure = self.unlink_calendar(link.id, parting).await.err();
            outcomes.push(ChosenView {
                remote_calendar_id: link.remote_calendar_id.clone(),
                name: link.remote_name.clone(),
                linked_to: None,
                failure: failure.map(Into::into),
            });
        }
        let linked = |id: &RemoteCalendarId| links.iter().any(|link| link.remote_calendar_id == *id);
        for id in chosen.into_iter().filter(|id| !linked(id)) {
            let answer =
                self.link_calendar(None, integration, id.clone(), SyncDirection::Bidirectional).await;
            outcomes.push(match answer {
                Ok(calendar) => ChosenView {
                    remote_calendar_id: id,
                    name: calendar.name,
                    linked_to: Some(calendar.id),
                    failure: None,
                },
                Err(error) => ChosenView {
                    name: id.to_string(),
                    remote_calendar_id: id,
                    linked_to: None,
                    failure: Some(error.into()),
                },
            });
        }
        Ok(outcomes)
    }
}

impl Inner {
    /// Removes a link, and the calendar here with it if that is wished and nothing else feeds it.
    async fn part(&self, link: &Link, parting: Parting) -> Result<(), EngineError> {
        let mut transaction = self.store.begin(Durability::Edit).await?;
        let listed = transaction.listed_calendars(link.integration_id).await?;
        transaction.remove_link(link.id).await?;
        for mut listed in listed.into_iter().filter(|listed| listed.calendar.id == link.remote_calendar_id) {
            listed.former = Some(link.calendar_id);
            listed.held_back = None;
            listed.resting_since = None;
            transaction.put_listed_calendar(&listed).await?;
        }
        let is_linked_elsewhere = !transaction.links_of_calendar(link.calendar_id).await?.is_empty();
        if parting == Parting::RemoveHere && !is_linked_elsewhere {
            transaction.remove_calendar(link.calendar_id).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The names of the calendars that these links feed and no other.
    pub(crate) async fn only_of(&self, links: &[Link]) -> Result<Vec<String>, EngineError> {
        let all = self.store.links().await?;
        let is_shared = |id: CalendarId| {
            all.iter().any(|other| other.calendar_id == id && !links.iter().any(|link| link.id == other.id))
        };
        let calendars = self.store.calendars().await?.into_iter();
        let theirs = calendars.filter(|calendar| {
            links.iter().any(|link| link.calendar_id == calendar.id) && !is_shared(calendar.id)
        });
        Ok(theirs.map(|calendar| calendar.name).collect())
    }
}

/// Refuses to tell what Synodic wrote where events carry no mark that says so.
fn check_marks(provider: ProviderKind) -> Result<(), EngineError> {
    match provider {
        ProviderKind::Google | ProviderKind::Notion => Ok(()),
        ProviderKind::Caldav | ProviderKind::Ics => Err(EngineError::Unacceptable {
            reason: "This service does not tell which events Synodic wrote there. Unlink it with its events kept, and \
                     delete there what you do not want."
                .into(),
        }),
    }
}

/// Lists a whole calendar and deletes what `is_ours`. Nobody outside is mailed. Where several events carry one mark, all
/// but one are copies that somebody made, and nobody can say which: they stay.
async fn clean_up(
    client: &Client,
    calendar: Linked<'_>,
    is_ours: impl Fn(&RemoteEvent) -> bool,
    rehearsal: bool,
) -> Result<CleanUpReport, EngineError> {
    let mut report = CleanUpReport::default();
    let ours: Vec<_> = every_event(client, calendar).await?.into_iter().filter(is_ours).collect();
    let mark = |remote: &RemoteEvent| remote.marker.as_ref().map(|marker| marker.identity);
    let mut carriers: BTreeMap<_, u32> = BTreeMap::new();
    for remote in &ours {
        *carriers.entry(mark(remote)).or_default() += 1;
    }
    for remote in ours {
        if carriers.get(&mark(&remote)).is_some_and(|carriers| *carriers > 1) {
            report.titles.push(remote.content.title);
            report.kept += 1;
            continue;
        }
        report.titles.push(remote.content.title);
        if rehearsal {
            continue;
        }
        match client.delete(calendar, &remote.id, Some(&remote.version), NotifyAttendees::Nobody).await {
            Ok(()) => report.removed += 1,
            // Somebody has just changed it, so it is not only ours any more.
            Err(ProviderError::VersionMismatch | ProviderError::Refused { .. }) => report.kept += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(report)
}

/// Everything that a calendar has now, page by page.
pub(crate) async fn every_event(
    client: &Client,
    calendar: Linked<'_>,
) -> Result<Vec<RemoteEvent>, EngineError> {
    let mut events = Vec::new();
    let mut position = PullPosition::default();
    for _ in 0..PAGE_LIMIT {
        let page = client.pull(calendar, &position).await?;
        events.extend(page.changes.into_iter().filter_map(|change| match change {
            RemoteChange::Present(remote) => Some(*remote),
            RemoteChange::Removed { .. }
            | RemoteChange::Complete { .. }
            | RemoteChange::Unreadable { .. } => None,
        }));
        match page.next {
            NextPull::Page(next) => position.page = Some(next),
            NextPull::Done { .. } => return Ok(events),
        }
    }
    Err(EngineError::Environment { reason: "The service's list of events does not come to an end.".into() })
}
