//! Keeping up with an account's calendars: which there are, what they are called, and what the account may do with
//! them. What follows from a list is decided in [`synodic_model::listing`]; here it is carried out.

use std::collections::BTreeMap;

use synodic_model::IntegrationId;
use synodic_model::listing::{ListUpdate, ListedCalendar, Listing, RemoteCalendar, take_listing};
use synodic_model::sync::{Link, SyncDirection};
use synodic_store::{Durability, StoreError};

use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::view::{Change, RemoteCalendarView};

impl Engine {
    /// The calendars of all accounts as they were last listed. Asks nobody, so it may be called at any time.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn known_remote_calendars(&self) -> Result<Vec<RemoteCalendarView>, EngineError> {
        let mut views = Vec::new();
        for integration in self.inner.store.integrations().await? {
            views.extend(self.inner.listed_views(integration.id).await?);
        }
        Ok(views)
    }

    /// Notes that the person has seen which calendars are new at an account; they are not offered any more.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be written.
    pub async fn dismiss_new_calendars(&self, integration: IntegrationId) -> Result<(), EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
        for listed in transaction.listed_calendars(integration).await? {
            if listed.is_new {
                transaction.put_listed_calendar(&ListedCalendar { is_new: false, ..listed }).await?;
            }
        }
        transaction.commit().await?;
        self.inner.notify(Change::RemoteCalendars);
        Ok(())
    }
}

impl Inner {
    /// Takes in what a service lists: writes it down, and lets links and calendars follow.
    pub(crate) async fn take_listing(
        &self,
        integration: IntegrationId,
        listed: Vec<RemoteCalendar>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin(Durability::Edit).await?;
        let known = transaction.listed_calendars(integration).await?;
        let links = transaction.links_of_integration(integration).await?;
        let calendars = transaction.calendars().await?;
        let refused = self.board.refused(integration);
        let update = take_listing(&Listing {
            integration_id: integration,
            known: &known,
            listed,
            links: &links,
            refused: &refused,
            calendars: &calendars,
            now,
        });
        if update.is_empty() {
            return Ok(());
        }
        for row in &update.rows {
            transaction.put_listed_calendar(row).await?;
        }
        for id in &update.forgotten {
            transaction.remove_listed_calendar(integration, id).await?;
        }
        for calendar in &update.calendars {
            transaction.put_calendar(calendar).await?;
        }
        for link in &update.links {
            transaction.put_link(link).await?;
            if !link.direction.pushes() && update.closed.contains(&link.id) {
                transaction.park_link(link.id, &refusal_of_edits(link), now).await?;
            }
        }
        for link in &update.reopened {
            transaction.unpark_link(*link, now).await?;
        }
        transaction.commit().await?;
        self.tell_listed(integration, &update).await;
        Ok(())
    }

    async fn tell_listed(&self, integration: IntegrationId, update: &ListUpdate) {
        if !update.closed.is_empty() || !update.reopened.is_empty() {
            tracing::info!(
                integration = %integration,
                closed = update.closed.len(),
                reopened = update.reopened.len(),
                "what an account may do with its calendars has changed"
            );
        }
        if let Some(worker) = self.worker(integration)
            && !(update.links.is_empty() && update.closed.is_empty() && update.reopened.is_empty())
        {
            worker.reload();
            for link in &update.reopened {
                worker.pull(Some(*link));
            }
            worker.edited();
        }
        self.notify(Change::RemoteCalendars);
        if !update.links.is_empty() || !update.calendars.is_empty() {
            self.tell_links_changed().await;
        }
    }

    /// An account's calendars as they were last listed, with what they are linked to. One that only its link
    /// remembers is left out: there is nothing to be chosen.
    pub(crate) async fn listed_views(
        &self,
        integration: IntegrationId,
    ) -> Result<Vec<RemoteCalendarView>, StoreError> {
        let links = self.store.links_of_integration(integration).await?;
        let linked: BTreeMap<_, _> = links.iter().map(|link| (&link.remote_calendar_id, link)).collect();
        let listed = self.store.listed_calendars(integration).await?;
        let views = listed.into_iter().filter_map(|listed| {
            let link = linked.get(&listed.calendar.id);
            if listed.resting_since.is_some() && !is_there(&listed) {
                return None;
            }
            let remote = listed.calendar;
            Some(RemoteCalendarView {
                integration_id: integration,
                linked_to: link.map(|link| link.calendar_id),
                link_id: link.map(|link| link.id),
                is_new: listed.is_new && link.is_none(),
                writable: remote.access.may_write(),
                access: remote.access,
                primary: remote.primary,
                time_zone: remote.time_zone,
                id: remote.id,
                name: remote.name,
                color: remote.color,
            })
        });
        Ok(views.collect())
    }

    /// The account's links that rest, each with a sentence on why.
    pub(crate) async fn resting_links(
        &self,
        integration: IntegrationId,
        links: &[Link],
    ) -> Result<BTreeMap<synodic_model::LinkId, String>, StoreError> {
        let listed = self.store.listed_calendars(integration).await?;
        let resting = listed.iter().filter(|listed| listed.resting_since.is_some()).filter_map(|listed| {
            let link = links.iter().find(|link| link.remote_calendar_id == listed.calendar.id)?;
            Some((link.id, why_it_rests(link, listed)))
        });
        Ok(resting.collect())
    }
}

/// Whether a calendar whose link rests is on the list all the same.
fn is_there(listed: &ListedCalendar) -> bool {
    listed.held_back.is_some() || !listed.calendar.access.may_write()
}

fn why_it_rests(link: &Link, listed: &ListedCalendar) -> String {
    if link.direction == SyncDirection::PushOnly && !listed.calendar.access.may_write() {
        format!(
            "“{}” may only be read now, so nothing can be sent to it. Ask its owner for access, or unlink it.",
            link.remote_name
        )
    } else {
        format!(
            "“{}” is not on your list at the service any more, or not shared with you. Its events stay here, and \
             edits wait until it is back. If it is gone for good, unlink it.",
            link.remote_name
        )
    }
}

fn refusal_of_edits(link: &Link) -> String {
    format!(
        "“{}” may only be read now, so this edit was not sent. Ask its owner for access, or discard the edit.",
        link.remote_name
    )
}
