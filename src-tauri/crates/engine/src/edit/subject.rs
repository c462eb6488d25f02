//! What an edit is about, as it is found in the replica.

use chrono::{DateTime, Utc};
use synodic_model::recurrence::Occurrence;
use synodic_model::validate::validate_change;
use synodic_model::{
    CalendarId, Event, EventContent, EventId, EventStatus, Field, FieldSet, OccurrenceKey, OriginalStart,
    Revision,
};
use synodic_store::{Store, StoreError, Transaction};

use super::rows::{RowChange, cancelled, is_alive, new_override};
use super::series::{change_series, occurrence_at, plain_content};
use super::shift::follow;
use super::tail::Tail;
use super::tidy::tidy;
use crate::error::EngineError;
use crate::view::EventTarget;

/// What an [`EventTarget`] turns out to be.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// A single event, or a series as a whole with the rows of its overrides, deleted ones too.
    Whole { event: Event, overrides: Vec<Event> },
    /// An occurrence that has a row of its own.
    Override { row: Event, master: Event },
    /// An occurrence as the rule gives it. A row of its own that was deleted comes back with the next edit.
    Occurrence { master: Event, key: OccurrenceKey, occurrence: Occurrence, deleted_row: Option<Event> },
    /// An occurrence that is not the first one, and all that follow it.
    Following(Box<Tail>),
}

/// The reads that finding a subject takes, beside a transaction or within one.
pub(crate) trait Rows {
    async fn event(&mut self, id: EventId) -> Result<Option<Event>, StoreError>;
    async fn overrides(&mut self, series_id: EventId) -> Result<Vec<Event>, StoreError>;
    async fn override_of(
        &mut self,
        series: EventId,
        start: &OriginalStart,
    ) -> Result<Option<Event>, StoreError>;
}

impl Rows for Transaction {
    async fn event(&mut self, id: EventId) -> Result<Option<Event>, StoreError> {
        Self::event(self, id).await
    }

    async fn overrides(&mut self, series_id: EventId) -> Result<Vec<Event>, StoreError> {
        Self::overrides(self, series_id).await
    }

    async fn override_of(
        &mut self,
        series: EventId,
        start: &OriginalStart,
    ) -> Result<Option<Event>, StoreError> {
        Self::override_of(self, series, start).await
    }
}

impl Rows for &Store {
    async fn event(&mut self, id: EventId) -> Result<Option<Event>, StoreError> {
        Store::event(self, id).await
    }

    async fn overrides(&mut self, series_id: EventId) -> Result<Vec<Event>, StoreError> {
        Store::overrides(self, series_id).await
    }

    async fn override_of(
        &mut self,
        series: EventId,
        start: &OriginalStart,
    ) -> Result<Option<Event>, StoreError> {
        Store::override_of(self, series, start).await
    }
}

impl Subject {
    /// Looks up what `target` names. What was deleted or called off is not there.
    pub(crate) async fn find(rows: &mut impl Rows, target: &EventTarget) -> Result<Self, EngineError> {
        match target {
            EventTarget::Event { id } => {
                let event = living(rows.event(*id).await?, "event")?;
                match event.occurrence_of {
                    Some(key) => {
                        let master = living(rows.event(key.series_id).await?, "event")?;
                        Ok(Self::Override { row: taking_place(event)?, master })
                    }
                    None => Ok(Self::Whole { overrides: rows.overrides(event.id).await?, event }),
                }
            }
            EventTarget::Occurrence { key } => Self::find_occurrence(rows, *key).await,
            EventTarget::Following { key } => {
                let master = living(rows.event(key.series_id).await?, "event")?;
                let overrides = rows.overrides(master.id).await?;
                Ok(match Tail::cut(&master, &overrides, &key.original_start)? {
                    Some(tail) => Self::Following(Box::new(tail)),
                    // The first one and all that follow it are all.
                    None => Self::Whole { event: master, overrides },
                })
            }
        }
    }

    async fn find_occurrence(rows: &mut impl Rows, key: OccurrenceKey) -> Result<Self, EngineError> {
        let master = living(rows.event(key.series_id).await?, "event")?;
        let row = rows.override_of(key.series_id, &key.original_start).await?;
        if let Some(row) = row.as_ref().filter(|row| is_alive(row)) {
            return Ok(Self::Override { row: taking_place(row.clone())?, master });
        }
        let occurrence = occurrence_at(&master.content, &key.original_start)
            .ok_or(EngineError::NotFound { what: "occurrence" })?;
        // The key as the rule spells it, whichever zone it was asked for in.
        let key = OccurrenceKey { original_start: occurrence.original_start, ..key };
        Ok(Self::Occurrence { master, key, occurrence, deleted_row: row })
    }

    pub(super) const fn calendar_id(&self) -> CalendarId {
        self.row().calendar_id
    }

    /// The row that the person was looking at.
    const fn row(&self) -> &Event {
        match self {
            Self::Whole { event, .. } => event,
            Self::Override { row, .. } => row,
            Self::Occurrence { master, .. } => master,
            Self::Following(tail) => tail.master(),
        }
    }

    /// The contents that decide whether it may be changed.
    pub(super) fn contents(&self) -> Vec<&EventContent> {
        match self {
            Self::Whole { event, .. } => vec![&event.content],
            Self::Override { row, master } => vec![&row.content, &master.content],
            Self::Occurrence { master, .. } => vec![&master.content],
            Self::Following(tail) => vec![&tail.master().content],
        }
    }

    /// The fields that a change to what was entered would touch. A series that is cut in two changes as a whole.
    pub(super) fn touched(&self, entered: &EventContent) -> FieldSet {
        let shown = self.clone().into_shown().content;
        let fields = match self {
            Self::Whole { .. } => FieldSet::ALL,
            Self::Override { .. } | Self::Occurrence { .. } => FieldSet::ALL.without(Field::Recurrence),
            Self::Following(_) => return FieldSet::ALL,
        };
        FieldSet::differing(fields, &shown, &tidy(entered.clone(), &shown.extras))
    }

    /// Refuses an edit by somebody who looked at an earlier revision.
    pub(super) fn check_seen(&self, seen: Option<Revision>) -> Result<(), EngineError> {
        let row = self.row();
        match seen {
            Some(seen) if seen != row.revision => {
                Err(EngineError::Stale { title: row.content.title.clone() })
            }
            _ => Ok(()),
        }
    }

    /// The event as it is shown. An occurrence without a row of its own shows the row of its series, with its own time.
    pub(crate) fn into_shown(self) -> Event {
        match self {
            Self::Whole { event, .. } => event,
            Self::Override { row, .. } => row,
            Self::Occurrence { master, key, occurrence, .. } => Event {
                content: plain_content(&master.content, &occurrence),
                occurrence_of: Some(key),
                ..master
            },
            Self::Following(tail) => tail.into_shown(),
        }
    }

    /// The rows that give it the contents which a person entered; none when it says so already.
    pub(super) fn change(
        &self,
        entered: EventContent,
        now: DateTime<Utc>,
        mut new_id: impl FnMut() -> EventId,
    ) -> Result<Vec<RowChange>, EngineError> {
        match self {
            Self::Whole { event, overrides } => {
                let mut content = tidy(entered, &event.content.extras);
                follow(&event.content, &mut content);
                validate_change(&event.content, &content)?;
                if content == event.content {
                    return Ok(Vec::new());
                }
                Ok(change_series(event, content, overrides, now, new_id))
            }
            Self::Override { row, .. } => {
                let content = occurrence_content(entered, &row.content)?;
                let is_same = content == row.content;
                Ok(if is_same { Vec::new() } else { vec![RowChange::rewritten(row, content, now)] })
            }
            Self::Occurrence { master, key, occurrence, deleted_row } => {
                let plain = plain_content(&master.content, occurrence);
                let content = occurrence_content(entered, &plain)?;
                if content == plain {
                    return Ok(Vec::new());
                }
                Ok(vec![own_row(master, *key, content, deleted_row.as_ref(), now, &mut new_id)])
            }
            Self::Following(tail) => tail.change(entered, now, new_id),
        }
    }

    /// The rows that delete it: an event or a series with all that belongs to it, or one occurrence, which is called
    /// off. The row that the person meant comes first.
    pub(super) fn delete(&self, now: DateTime<Utc>, mut new_id: impl FnMut() -> EventId) -> Vec<RowChange> {
        match self {
            Self::Whole { event, overrides } => {
                let living = overrides.iter().filter(|event| is_alive(event));
                std::iter::once(event).chain(living).map(|event| RowChange::deleted(event, now)).collect()
            }
            Self::Override { row, .. } => {
                vec![RowChange::rewritten(row, cancelled(row.content.clone()), now)]
            }
            Self::Occurrence { master, key, occurrence, deleted_row } => {
                let content = cancelled(plain_content(&master.content, occurrence));
                vec![own_row(master, *key, content, deleted_row.as_ref(), now, &mut new_id)]
            }
            Self::Following(tail) => tail.delete(now),
        }
    }
}

fn living(event: Option<Event>, what: &'static str) -> Result<Event, EngineError> {
    event.filter(is_alive).ok_or(EngineError::NotFound { what })
}

/// An override that was called off is no more there than a deleted event.
fn taking_place(row: Event) -> Result<Event, EngineError> {
    match row.content.status {
        EventStatus::Cancelled => Err(EngineError::NotFound { what: "occurrence" }),
        EventStatus::Confirmed | EventStatus::Tentative => Ok(row),
    }
}

/// What was entered for one occurrence; the series' rule is not part of it.
fn occurrence_content(entered: EventContent, former: &EventContent) -> Result<EventContent, EngineError> {
    let content = EventContent { recurrence: None, ..tidy(entered, &former.extras) };
    validate_change(former, &content)?;
    Ok(content)
}

/// Gives an occurrence a row of its own.
fn own_row(
    master: &Event,
    key: OccurrenceKey,
    content: EventContent,
    deleted_row: Option<&Event>,
    now: DateTime<Utc>,
    new_id: &mut impl FnMut() -> EventId,
) -> RowChange {
    match deleted_row {
        Some(row) => {
            let extras = row.content.extras.clone();
            RowChange::rewritten(row, EventContent { extras, ..content }, now)
        }
        None => {
            // What the service says of the series is not true of this occurrence.
            let content = EventContent { extras: std::collections::BTreeMap::new(), ..content };
            RowChange::created(new_override(new_id(), master, key, content, now))
        }
    }
}
