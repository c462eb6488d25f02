//! A person's own edits: made in the replica at once, queued for every link, and taken back on request.
//!
//! # The life of an edit
//!
//! 1. [`subject`] finds what it is about: a whole event or series, one occurrence, or one and all that follow ([`tail`]).
//! 2. The edit is planned as plain data, a row before and after each ([`rows`]): [`tidy`] and
//!    [`validate`](synodic_model::validate) look at what was entered, [`series`] and [`shift`] let the occurrences of
//!    a series follow; [`moving`] brings an event into another calendar.
//! 3. [`commit`] writes the rows, their standing with each link and their marks in the outbox in one transaction.
//!    Either all of it is on the disk when the call returns, or none of it.
//! 4. The workers are woken and the faces told; [`undo`] remembers the rows.
//!
//! **Architecture invariant:** no network is on this path. A deleted event stays as a row with `deleted_at`, so that
//! its deletion can travel and be taken back, and so does every occurrence that was called off.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use synodic_model::sync::Calendar;
use synodic_model::validate::validate;
use synodic_model::{CalendarId, Event, EventContent, EventId, EventStatus, Revision};
use synodic_providers::NotifyAttendees;
use synodic_store::{Durability, Transaction};

use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::view::{Change, EditReceipt, EventAnswer, EventChange, EventDraft, EventTarget, UndoToken};

pub(crate) mod access;
pub(crate) mod commit;
pub(crate) mod moving;
mod outbox;
pub(crate) mod rows;
pub(crate) mod series;
mod shift;
pub(crate) mod subject;
mod tail;
mod tidy;
mod undo;

use self::access::Home;
use self::rows::{RowChange, is_alive};
use self::subject::Subject;
use self::tidy::tidy;
pub(crate) use self::undo::UndoStack;
use self::undo::{Current, Edit};

impl Engine {
    /// Makes an event. It is on the disk when this returns.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for what is not acceptable, [`EngineError::ReadOnly`] when the calendar is only read,
    /// [`EngineError::NotFound`] when there is no such calendar, [`EngineError::Store`] when it cannot be written.
    pub async fn create_event(&self, draft: EventDraft) -> Result<EditReceipt, EngineError> {
        let event = self.inner.new_event(draft.calendar_id, draft.content, self.inner.clock.now());
        validate(&event.content)?;
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let home = home(&mut transaction, event.calendar_id).await?;
        home.check(&[])?;
        self.finish(transaction, &home, vec![RowChange::created(event)], draft.notify).await
    }

    /// Changes an event, a series as a whole, or one occurrence.
    ///
    /// # Errors
    /// [`EngineError::Stale`] when it is not what the person was looking at, otherwise as [`Engine::create_event`].
    pub async fn change_event(&self, change: EventChange) -> Result<EditReceipt, EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let subject = Subject::find(&mut transaction, &change.target).await?;
        let home = home(&mut transaction, subject.calendar_id()).await?;
        home.check_change(&subject.contents(), subject.touched(&change.content))?;
        subject.check_seen(change.seen_revision)?;
        self.change(transaction, &home, subject, change.content, change.notify).await
    }

    /// Says whether the person comes to what they are invited to.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] when they are not invited, otherwise as [`Engine::create_event`].
    pub async fn answer_event(&self, answer: EventAnswer) -> Result<EditReceipt, EngineError> {
        if matches!(answer.target, EventTarget::Following { .. }) {
            let reason = "Answer for one occurrence, or for all of them.".into();
            return Err(EngineError::Unacceptable { reason });
        }
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let subject = Subject::find(&mut transaction, &answer.target).await?;
        let home = home(&mut transaction, subject.calendar_id()).await?;
        let mut content = subject.clone().into_shown().content;
        home.check_answer(&content)?;
        for attendee in content.attendees.iter_mut().filter(|attendee| attendee.is_self) {
            attendee.response = answer.response;
        }
        self.change(transaction, &home, subject, content, answer.notify).await
    }

    /// Gives a subject the contents that were entered.
    async fn change(
        &self,
        transaction: Transaction,
        home: &Home,
        subject: Subject,
        entered: EventContent,
        notify: NotifyAttendees,
    ) -> Result<EditReceipt, EngineError> {
        let rows = subject.change(entered, self.inner.clock.now(), || self.inner.new_event_id())?;
        if rows.is_empty() {
            drop(transaction);
            let event = self.inner.event_view(home, subject.into_shown()).await?;
            return Ok(EditReceipt { event: Some(event), undo: self.inner.remember(Vec::new(), notify) });
        }
        self.finish(transaction, home, rows, notify).await
    }

    /// Deletes an event, a series as a whole, one occurrence, or one and all that follow.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when it is not there, otherwise as [`Engine::create_event`].
    pub async fn delete_event(
        &self,
        target: EventTarget,
        notify: NotifyAttendees,
    ) -> Result<EditReceipt, EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let subject = Subject::find(&mut transaction, &target).await?;
        let home = home(&mut transaction, subject.calendar_id()).await?;
        match subject {
            // To end a series earlier is to change it.
            Subject::Following(_) => home.check(&subject.contents())?,
            _ => home.check_deletion(&subject.contents())?,
        }
        let rows = subject.delete(self.inner.clock.now(), || self.inner.new_event_id());
        self.finish(transaction, &home, rows, notify).await
    }

    /// Takes an edit back. The receipt's token takes that back again.
    ///
    /// # Errors
    /// [`EngineError::Stale`] when what it changed has changed since, [`EngineError::NotFound`] when the edit is no
    /// longer known, otherwise as [`Engine::create_event`].
    pub async fn undo(&self, token: UndoToken) -> Result<EditReceipt, EngineError> {
        let edit = self.inner.undo.lock().unwrap_or_else(PoisonError::into_inner).get(token);
        let edit = edit.ok_or(EngineError::NotFound { what: "edit" })?;
        let receipt = self.take_back(edit).await?;
        self.inner.undo.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
        Ok(receipt)
    }

    async fn take_back(&self, edit: Edit) -> Result<EditReceipt, EngineError> {
        let Edit { rows, notify, made } = edit;
        let Some(first) = rows.first() else {
            return Ok(EditReceipt { event: None, undo: self.inner.remember_with(rows, notify, made) });
        };
        let calendar_id = first.before.as_ref().map_or(first.after.calendar_id, |before| before.calendar_id);
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        if let Some(made) = &made
            && transaction.calendar(made.id).await?.is_none()
        {
            transaction.put_calendar(made).await?;
        }
        let home = home(&mut transaction, calendar_id).await?;
        home.check(&[])?;
        let current = Current::read(&mut transaction, &rows).await?;
        let rows = undo::take_back(&rows, &current, self.inner.clock.now(), || self.inner.new_event_id())?;
        let Some(made) = made else {
            // Whoever was told of the edit is told that it was taken back.
            return self.finish(transaction, &home, rows, notify).await;
        };
        let links = commit::write(&mut transaction, &rows, notify, self.inner.clock.now()).await?;
        // As it is called and coloured by now, should it come back.
        let made = transaction.calendar(made.id).await?.unwrap_or(made);
        if home.links.is_empty() && transaction.is_empty_calendar(made.id).await? {
            transaction.remove_calendar(made.id).await?;
        }
        transaction.commit().await?;
        self.inner.notify(Change::Calendars);
        self.inner.tell_edited(&rows, &links).await;
        Ok(EditReceipt { event: None, undo: self.inner.remember_with(rows, notify, Some(made)) })
    }

    /// Writes, commits, wakes, tells, and remembers how to take it back.
    pub(crate) async fn finish(
        &self,
        mut transaction: Transaction,
        home: &Home,
        rows: Vec<RowChange>,
        notify: NotifyAttendees,
    ) -> Result<EditReceipt, EngineError> {
        let links = commit::write(&mut transaction, &rows, notify, self.inner.clock.now()).await?;
        transaction.commit().await?;
        self.inner.tell_edited(&rows, &links).await;
        let shown = rows.first().map(|row| &row.after).filter(|event| is_shown(event)).cloned();
        let undo = self.inner.remember(rows, notify);
        let event = match shown {
            Some(event) => Some(self.inner.event_view(home, event).await?),
            None => None,
        };
        Ok(EditReceipt { event, undo })
    }
}

impl Inner {
    pub(crate) fn new_event_id(&self) -> EventId {
        EventId::new(self.chance.id(self.clock.now()))
    }

    /// An event that nobody has had before.
    pub(crate) fn new_event(
        &self,
        calendar_id: CalendarId,
        content: EventContent,
        now: DateTime<Utc>,
    ) -> Event {
        let mut content = tidy(content, &BTreeMap::new());
        let when = content.when;
        if let Some(recurrence) = &mut content.recurrence {
            recurrence.fit_to(&when);
        }
        Event {
            id: self.new_event_id(),
            calendar_id,
            uid: self.chance.id(now).to_string(),
            occurrence_of: None,
            content,
            revision: Revision::default().next(),
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    pub(crate) fn remember(&self, rows: Vec<RowChange>, notify: NotifyAttendees) -> UndoToken {
        self.remember_with(rows, notify, None)
    }

    /// As [`Inner::remember`], of an edit for which a calendar may have been made.
    pub(crate) fn remember_with(
        &self,
        rows: Vec<RowChange>,
        notify: NotifyAttendees,
        made: Option<Calendar>,
    ) -> UndoToken {
        let edit = Edit { rows, notify, made };
        self.undo.lock().unwrap_or_else(PoisonError::into_inner).push(edit)
    }
}

/// The calendar that an edit takes place in.
pub(crate) async fn home(transaction: &mut Transaction, id: CalendarId) -> Result<Home, EngineError> {
    let calendar = transaction.calendar(id).await?.ok_or(EngineError::NotFound { what: "calendar" })?;
    Ok(Home { calendar, links: transaction.links_of_calendar(id).await? })
}

fn is_shown(event: &Event) -> bool {
    is_alive(event) && !(event.occurrence_of.is_some() && event.content.status == EventStatus::Cancelled)
}

#[cfg(test)]
pub(crate) mod tests;
