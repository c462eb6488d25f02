//! Moving an event to another calendar.
//!
//! In the replica that is one field of its rows. Beyond it, it depends: within one account a service may be able to move
//! the event itself, which then keeps its id, its guests and what we do not know of it; otherwise it is made anew in the
//! one place and deleted in the other, once the copy is safe. The outbox is told which ([`Origin`]), for by the time it is
//! carried out the event is no longer where it was.

use std::collections::BTreeSet;

use synodic_model::sync::{Link, Operation, ProviderKind, QueueStatus};
use synodic_model::{Event, EventContent, EventId, LinkId};
use synodic_providers::NotifyAttendees;
use synodic_store::{Durability, StoreError, Transaction};

use super::access::Home;
use super::home;
use super::rows::{RowChange, is_alive};
use super::subject::Subject;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::queue::{Mark, Origin, mark_dirty, mark_moved, may_be_there};
use crate::view::{EditReceipt, EventMove, EventTarget, MoveAnswer};

impl Engine {
    /// Moves an event, a series with all of its occurrences, to another calendar; or says what that would mean, where the
    /// services cannot move it.
    ///
    /// # Errors
    /// [`EngineError::ReadOnly`] when it may not leave the one calendar or enter the other, otherwise as
    /// [`Engine::create_event`].
    pub async fn move_event(&self, wish: EventMove) -> Result<MoveAnswer, EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let Subject::Whole { event, overrides } =
            Subject::find(&mut transaction, &EventTarget::Event { id: wish.id }).await?
        else {
            let reason = "One occurrence cannot leave its series. Move the whole series.".into();
            return Err(EngineError::Unacceptable { reason });
        };
        let from = home(&mut transaction, event.calendar_id).await?;
        let to = home(&mut transaction, wish.calendar_id).await?;
        from.check(&[&event.content])?;
        to.check(&[])?;
        if from.calendar.id == to.calendar.id {
            drop(transaction);
            let event = Some(self.inner.event_view(&to, event).await?);
            let undo = self.inner.remember(Vec::new(), NotifyAttendees::Nobody);
            return Ok(MoveAnswer::Moved { receipt: Box::new(EditReceipt { event, undo }) });
        }
        let left_behind = left_behind(&mut transaction, event.id, &from.links, &to.links).await?;
        if !left_behind.is_empty() && !wish.confirmed {
            return Ok(MoveAnswer::Confirm { message: message(&event, &from, &to) });
        }
        let now = self.inner.clock.now();
        let living = overrides.iter().filter(|row| is_alive(row));
        let mut rows = Vec::new();
        for row in std::iter::once(&event).chain(living) {
            let invited = still_invited(&mut transaction, row, &to.links).await?;
            rows.push(RowChange::revised(row, now, |row| {
                row.calendar_id = to.calendar.id;
                if let Some(invited) = invited {
                    row.content.attendees = invited.attendees;
                    row.content.organizer = invited.organizer;
                } else if !left_behind.is_empty() {
                    // A copy is the person's own: it invites nobody a second time.
                    row.content.attendees.clear();
                    row.content.organizer = None;
                }
            }));
        }
        let receipt = self.finish(transaction, &to, rows, wish.notify).await?;
        Ok(MoveAnswer::Moved { receipt: Box::new(receipt) })
    }
}

/// What the event says of its guests, if one of `links` still has it: then it comes back instead of being copied, and
/// nobody is to be uninvited because a copy of it went to and fro.
async fn still_invited(
    transaction: &mut Transaction,
    event: &Event,
    links: &[Link],
) -> Result<Option<EventContent>, StoreError> {
    for link in links.iter().filter(|link| link.direction.pushes()) {
        let row = transaction.event_sync(event.id, link.id).await?;
        if let Some(base) = row.filter(|row| row.external_id.is_some()).and_then(|row| row.base) {
            let is_copy = event.content.attendees.is_empty();
            return Ok(Some(if is_copy { base } else { event.content.clone() }));
        }
    }
    Ok(None)
}

/// What a move that is none means for the person.
fn message(event: &Event, from: &Home, to: &Home) -> String {
    let title = if event.content.title.is_empty() { "This event" } else { &event.content.title };
    let (here, there) = (&from.calendar.name, &to.calendar.name);
    let guests = if event.content.attendees.is_empty() { "" } else { " Its guests are not invited again." };
    if to.links.is_empty() {
        format!(
            "“{title}” is deleted where “{here}” is kept, and stays on this computer in “{there}”.{guests}"
        )
    } else {
        format!(
            "“{here}” and “{there}” are kept at different accounts: “{title}” is made anew in the one and deleted in the other.{guests}"
        )
    }
}

/// The links that the event leaves without being moved by the service: it is deleted there.
async fn left_behind(
    transaction: &mut Transaction,
    event: EventId,
    former: &[Link],
    links: &[Link],
) -> Result<BTreeSet<LinkId>, StoreError> {
    let mut left_behind = BTreeSet::new();
    for link in former.iter().filter(|link| link.direction.pushes()) {
        let row = transaction.event_sync(event, link.id).await?;
        if row.is_some_and(|row| row.external_id.is_some() || may_be_there(&row)) {
            left_behind.insert(link.id);
        }
    }
    for link in links {
        if let Some(origin) = origin(transaction, event, former, link).await? {
            left_behind.remove(&origin.link);
        }
    }
    Ok(left_behind)
}

/// Where the service that `link` leads to has the event now, if it can move it from there.
async fn origin(
    transaction: &mut Transaction,
    event: EventId,
    former: &[Link],
    link: &Link,
) -> Result<Option<Origin>, StoreError> {
    let integration = transaction.integration(link.integration_id).await?;
    let can_move = integration.is_some_and(|integration| match integration.provider {
        ProviderKind::Google | ProviderKind::Caldav => true,
        ProviderKind::Notion | ProviderKind::Ics => false,
    });
    if !can_move || !link.direction.pushes() {
        return Ok(None);
    }
    for other in former {
        if other.integration_id == link.integration_id && other.direction.pushes() {
            let row = transaction.event_sync(event, other.id).await?;
            if let Some(id) = row.and_then(|row| row.external_id) {
                let calendar = other.remote_calendar_id.clone();
                return Ok(Some(Origin { link: other.id, calendar, id }));
            }
        }
    }
    Ok(None)
}

/// Marks an event that has left a calendar with `former` links for one with `links`.
pub(crate) async fn mark(
    transaction: &mut Transaction,
    event: &Event,
    former: &[Link],
    links: &[Link],
    mark: Mark,
) -> Result<(), StoreError> {
    let mut moved = BTreeSet::new();
    for link in links {
        let origin = origin(transaction, event.id, former, link).await?;
        moved.extend(origin.as_ref().map(|origin| origin.link));
        // Occurrences go with their series.
        match origin.filter(|_| event.occurrence_of.is_none()) {
            Some(origin) => mark_moved(transaction, event.id, link, mark, origin).await?,
            None => {
                let link = std::slice::from_ref(link);
                mark_dirty(transaction, &[(event.id, Operation::Upsert)], link, mark).await?;
            }
        }
    }
    let left: Vec<Link> = former.iter().filter(|link| !moved.contains(&link.id)).cloned().collect();
    for link in left.iter().filter(|link| !link.direction.pushes()) {
        give_up(transaction, event.id, link).await?;
    }
    mark_dirty(transaction, &[(event.id, Operation::Delete)], &left, mark).await
}

/// Forgets what was to be sent over a link that takes no edits any more, to where the event no longer goes.
async fn give_up(transaction: &mut Transaction, event: EventId, link: &Link) -> Result<(), StoreError> {
    if let Some(entry) = transaction.queue_entry_of(event, link.id).await?
        && entry.status == QueueStatus::Failed
    {
        transaction.remove_queue_entry(entry.id).await?;
        if transaction.event_sync(event, link.id).await?.is_some_and(|row| row.external_id.is_none()) {
            transaction.remove_event_sync(event, link.id).await?;
        }
    }
    Ok(())
}
