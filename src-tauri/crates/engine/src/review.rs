//! Plans that would change much, and what the person says to them. A link with such a plan is held up, in that
//! direction only, until somebody has looked; the answer is for what was looked at and for nothing that comes later.

use synodic_model::sync::{EventSyncStatus, Link, Operation, PRIORITY_BACKGROUND};
use synodic_model::{EventId, LinkId};
use synodic_providers::NotifyAttendees;
use synodic_store::{Durability, StoreError, Transaction};

use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::pull::guard;
use crate::queue::{Mark, Payload, mark_dirty};
use crate::view::{Change, ReviewSide, ReviewView};

/// The most events that a plan names.
pub(crate) const NAMED: usize = 200;

/// A plan that waits for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Review {
    /// How many events would be deleted.
    pub(crate) deletions: u32,
    /// How many would be made.
    pub(crate) creations: u32,
    /// How many the link has.
    pub(crate) known: u32,
    /// The titles of some of them.
    pub(crate) titles: Vec<String>,
    /// How many guests would be told.
    pub(crate) guests: u32,
    /// A sentence for the person.
    pub(crate) message: String,
}

impl Engine {
    /// The plans that wait for the person, each with what it would do on which side.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn reviews(&self) -> Result<Vec<ReviewView>, EngineError> {
        let mut views = Vec::new();
        for integration in self.inner.store.integrations().await? {
            for ((link, side), review) in self.inner.board.reviews(integration.id) {
                let Some(link) = self.inner.store.link(link).await? else { continue };
                let calendar = self.inner.store.calendar(link.calendar_id).await?;
                views.push(ReviewView {
                    link_id: link.id,
                    side,
                    calendar: calendar.map(|calendar| calendar.name).unwrap_or_default(),
                    remote_name: link.remote_name,
                    account: integration.account.clone(),
                    deletions: review.deletions,
                    creations: review.creations,
                    known: review.known,
                    titles: review.titles,
                    guests: review.guests,
                });
            }
        }
        Ok(views)
    }

    /// Agrees to the plans that a link waits with: what the next pull removes here, and what waits to be sent now. For
    /// that one run only.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such link, [`EngineError::Store`] when it cannot be written.
    pub async fn approve_review(&self, link: LinkId) -> Result<(), EngineError> {
        let link = self.inner.store.link(link).await?.ok_or(EngineError::NotFound { what: "link" })?;
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        approve_outgoing(&mut transaction, link.id).await?;
        transaction.commit().await?;
        self.inner.board.forget_review(link.integration_id, (link.id, ReviewSide::There));
        if let Some(worker) = self.inner.worker(link.integration_id) {
            worker.approve(link.id);
            worker.edited();
        }
        self.inner.refresh_snapshot().await;
        Ok(())
    }

    /// Refuses the plans that a link waits with. What is missing at the service stays here, and is put back there if
    /// the link sends; what was deleted here comes back; what would be made there stays here alone.
    ///
    /// # Errors
    /// As [`Engine::approve_review`].
    pub async fn discard_review(&self, link: LinkId) -> Result<(), EngineError> {
        let link = self.inner.store.link(link).await?.ok_or(EngineError::NotFound { what: "link" })?;
        let reviews = self.inner.board.reviews(link.integration_id);
        if reviews.contains_key(&(link.id, ReviewSide::There)) {
            self.inner.take_back_outgoing(&link).await?;
            self.inner.board.forget_review(link.integration_id, (link.id, ReviewSide::There));
            self.inner.notify(Change::Events { calendar_ids: vec![link.calendar_id], from_remote: false });
        }
        if let Some(worker) = self.inner.worker(link.integration_id) {
            if reviews.contains_key(&(link.id, ReviewSide::Here)) {
                worker.keep(link.id);
            }
            worker.edited();
        }
        self.inner.refresh_snapshot().await;
        Ok(())
    }
}

impl Inner {
    /// The plan of what waits to be sent over a link, if it is one that the person has to look at.
    pub(crate) async fn outgoing_review(&self, link: &Link) -> Result<Option<Review>, StoreError> {
        let approved = approved_until(&self.store.setting(&approval_key(link.id)).await?);
        let outgoing = self.store.outgoing(link.id, approved).await?;
        if guard::is_few(to_size(outgoing.deletions + outgoing.creations)) {
            return Ok(None);
        }
        let known = self.store.known_at(link.id).await?;
        let deletes_much = guard::is_too_much(to_size(outgoing.deletions), to_size(known));
        if !deletes_much && !guard::is_many(to_size(outgoing.creations)) {
            return Ok(None);
        }
        let lines = self.store.outgoing_lines(link.id, approved).await?;
        let mut guests = 0;
        for line in &lines {
            if Payload::read(&line.entry.payload).notify == NotifyAttendees::Everybody
                && let Some(event) = self.store.event(line.entry.event_id).await?
            {
                guests += event.content.attendees.iter().filter(|guest| !guest.is_self).count();
            }
        }
        let message = format!(
            "{}: {} of {known} events would be deleted there and {} would be made. Nothing is sent until you have \
             looked.",
            link.remote_name, outgoing.deletions, outgoing.creations
        );
        Ok(Some(Review {
            deletions: outgoing.deletions,
            creations: outgoing.creations,
            known,
            titles: lines.into_iter().map(|line| line.title).take(NAMED).collect(),
            guests: u32::try_from(guests).unwrap_or(u32::MAX),
            message,
        }))
    }

    /// Takes back what waits to be sent over a link and was not agreed to: deleted events come back on every link, and
    /// new ones are not sent over this one.
    async fn take_back_outgoing(&self, link: &Link) -> Result<(), EngineError> {
        let now = self.clock.now();
        let mut transaction = self.store.begin(Durability::Edit).await?;
        let approved = approved_until(&transaction.setting(&approval_key(link.id)).await?);
        for line in transaction.outgoing_lines(link.id, approved).await? {
            match line.entry.operation {
                Operation::Delete => revive(&mut transaction, line.entry.event_id, now).await?,
                Operation::Upsert => {
                    transaction.remove_queue_entry(line.entry.id).await?;
                    if let Some(mut row) = transaction.event_sync(line.entry.event_id, link.id).await? {
                        row.status = EventSyncStatus::Failed;
                        row.last_error = Some("You kept this event here only. Edit it to send it.".into());
                        transaction.put_event_sync(&row).await?;
                    }
                }
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Brings a deleted event back, a series with all that belongs to it, and has every link hear of it.
async fn revive(
    transaction: &mut Transaction,
    id: EventId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), StoreError> {
    let Some(event) = transaction.event(id).await? else { return Ok(()) };
    let deleted_at = event.deleted_at;
    let overrides = transaction.overrides(id).await?;
    let together = overrides.into_iter().filter(|other| other.deleted_at == deleted_at);
    for mut event in std::iter::once(event).chain(together) {
        let links = transaction.links_of_calendar(event.calendar_id).await?;
        event.deleted_at = None;
        event.revision = event.revision.next();
        event.updated_at = now;
        transaction.put_event(&event).await?;
        let mark = Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now };
        mark_dirty(transaction, &[(event.id, Operation::Upsert)], &links, mark).await?;
    }
    Ok(())
}

/// Agrees to everything that waits for a link by now.
pub(crate) async fn approve_outgoing(transaction: &mut Transaction, link: LinkId) -> Result<(), StoreError> {
    let last = transaction.last_queue_id().await?;
    transaction.set_setting(&approval_key(link), &serde_json::json!(last.0)).await
}

fn approval_key(link: LinkId) -> String {
    format!("approved:{link}")
}

fn approved_until(setting: &Option<serde_json::Value>) -> synodic_model::QueueId {
    let last = setting.as_ref().and_then(serde_json::Value::as_i64).unwrap_or_default();
    synodic_model::QueueId(last)
}

fn to_size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
