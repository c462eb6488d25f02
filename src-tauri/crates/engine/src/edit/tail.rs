//! “This and following”: the series ends before the occurrence, and a second one begins with it.
//!
//! The edited occurrences that follow become occurrences of the second series, where a change for all reaches them as in
//! [`super::series`]. Services know nothing of all this: to them it is a series that ends earlier, and a new one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use synodic_model::recurrence::{Split, appearances};
use synodic_model::validate::validate_change;
use synodic_model::{
    Event, EventContent, EventId, EventStatus, OccurrenceKey, OriginalStart, Recurrence, Revision, TimeWindow,
};

use super::rows::{RowChange, cancelled, is_alive, new_override};
use super::series::{change_series, occurrence_at, plain_content};
use super::shift::follow;
use super::tidy::tidy;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::EditScopes;

/// More occurrences are not counted one by one.
const COUNT_LIMIT: usize = 10_000;

/// A series from one of its occurrences on.
#[derive(Clone, Debug)]
pub(crate) struct Tail {
    master: Event,
    /// The living rows of occurrences that follow.
    overrides: Vec<Event>,
    key: OccurrenceKey,
    /// How the series repeats up to then.
    front: Recurrence,
    /// What the second series says before anything is changed.
    head: EventContent,
}

impl Tail {
    /// Cuts a series before the occurrence at `start`; none when nothing would be left of it.
    pub(super) fn cut(
        master: &Event,
        overrides: &[Event],
        start: &OriginalStart,
    ) -> Result<Option<Self>, EngineError> {
        let missing = EngineError::NotFound { what: "occurrence" };
        let recurrence = master.content.recurrence.as_ref().ok_or(missing)?;
        let occurrence =
            occurrence_at(&master.content, start).ok_or(EngineError::NotFound { what: "occurrence" })?;
        let original_start = occurrence.original_start;
        let when = &master.content.when;
        if original_start.key() == when.original_start().key() {
            return Ok(None);
        }
        let Some(Split { front, rest }) = recurrence.split(when, &original_start) else {
            return Err(EngineError::Unacceptable {
                reason:
                    "This series cannot be divided here. Change this occurrence by itself, or all of them."
                        .into(),
            });
        };
        if front.count(when, COUNT_LIMIT) == Some(0) {
            return Ok(None);
        }
        let begins = order(&original_start);
        let follows = |event: &&Event| {
            let key = event.occurrence_of.filter(|_| is_alive(event));
            key.is_some_and(|key| order(&key.original_start) >= begins)
        };
        let rest = Some(rest).filter(|rest| *rest != Recurrence::default());
        Ok(Some(Self {
            overrides: overrides.iter().filter(follows).cloned().collect(),
            key: OccurrenceKey { series_id: master.id, original_start },
            front,
            head: EventContent {
                when: occurrence.when,
                recurrence: rest,
                extras: BTreeMap::new(),
                ..master.content.clone()
            },
            master: master.clone(),
        }))
    }

    pub(super) const fn master(&self) -> &Event {
        &self.master
    }

    /// The series from here on, as if it were one of its own.
    pub(super) fn into_shown(self) -> Event {
        let content = EventContent { extras: self.master.content.extras.clone(), ..self.head };
        Event { content, occurrence_of: Some(self.key), ..self.master }
    }

    /// The rows that give this and all that follow the contents which a person entered. The new series comes first.
    pub(super) fn change(
        &self,
        entered: EventContent,
        now: DateTime<Utc>,
        mut new_id: impl FnMut() -> EventId,
    ) -> Result<Vec<RowChange>, EngineError> {
        let mut content = tidy(entered, &self.head.extras);
        follow(&self.head, &mut content);
        validate_change(&self.head, &content)?;
        if content == self.head {
            return Ok(Vec::new());
        }
        let second = Event {
            id: new_id(),
            uid: new_id().uuid().to_string(),
            occurrence_of: None,
            content: self.head.clone(),
            revision: Revision::default().next(),
            created_at: now,
            updated_at: now,
            ..self.master.clone()
        };
        let taken_along = self.taken_along(&second, now, &mut new_id);
        let mut after: BTreeMap<EventId, Event> =
            taken_along.iter().map(|event| (event.id, event.clone())).collect();
        let mut changes = change_series(&second, content, &taken_along, now, new_id).into_iter();
        let second = changes.next().map_or(second, |row| row.after);
        after.extend(changes.map(|row| (row.after.id, row.after)));
        let as_new = |event: Event| {
            RowChange::created(Event { revision: Revision::default().next(), deleted_at: None, ..event })
        };
        let own = after.into_values().filter(is_alive).map(|event| as_called_off(&second, event));
        let mut rows: Vec<_> = std::iter::once(second.clone()).chain(own).map(as_new).collect();
        rows.extend(self.delete(now));
        Ok(rows)
    }

    /// The edited occurrences that follow, as occurrences of the second series.
    fn taken_along(
        &self,
        second: &Event,
        now: DateTime<Utc>,
        new_id: &mut impl FnMut() -> EventId,
    ) -> Vec<Event> {
        let rows = self.overrides.iter().filter_map(|event| {
            let key = OccurrenceKey { series_id: second.id, ..event.occurrence_of? };
            // What a service said of the former row is not true of this one.
            let content = EventContent { extras: BTreeMap::new(), ..event.content.clone() };
            Some(new_override(new_id(), second, key, content, now))
        });
        rows.collect()
    }

    /// The rows that end the series before this occurrence, and let go of the edited ones that follow.
    pub(super) fn delete(&self, now: DateTime<Utc>) -> Vec<RowChange> {
        let content = EventContent { recurrence: Some(self.front.clone()), ..self.master.content.clone() };
        let ended = RowChange::rewritten(&self.master, content, now);
        let gone = self.overrides.iter().map(|event| RowChange::deleted(event, now));
        std::iter::once(ended).chain(gone).collect()
    }
}

/// An occurrence of `series`; one that is called off says of itself what the series says now.
fn as_called_off(series: &Event, event: Event) -> Event {
    let key = event.occurrence_of.filter(|_| event.content.status == EventStatus::Cancelled);
    match key.and_then(|key| occurrence_at(&series.content, &key.original_start)) {
        Some(occurrence) => {
            Event { content: cancelled(plain_content(&series.content, &occurrence)), ..event }
        }
        None => event,
    }
}

/// Orders the starts of one series along the time line.
fn order(start: &OriginalStart) -> impl Ord + use<> {
    match *start {
        OriginalStart::Date { date } => date.and_time(chrono::NaiveTime::MIN),
        OriginalStart::Zoned { time } => time.instant().naive_utc(),
        OriginalStart::Floating { time } => time,
    }
}

impl Engine {
    /// How many occurrences “this and following” and “all” would change, for whoever asks a person to choose.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such occurrence, [`EngineError::Store`] when the replica cannot be read.
    pub async fn edit_scopes(&self, key: OccurrenceKey) -> Result<EditScopes, EngineError> {
        let store = &self.inner.store;
        let master = store.event(key.series_id).await?.filter(is_alive);
        let master = master.ok_or(EngineError::NotFound { what: "event" })?;
        let overrides = store.overrides(master.id).await?;
        let shown = shown(&master, &overrides);
        let begins = order(&key.original_start);
        let count = |is_counted: &dyn Fn(&OriginalStart) -> bool| {
            let shown = shown.as_ref()?;
            u32::try_from(shown.iter().filter(|start| is_counted(start)).count()).ok()
        };
        let is_first = key.original_start.key() == master.content.when.original_start().key();
        Ok(EditScopes { following: count(&|start| order(start) >= begins), all: count(&|_| true), is_first })
    }
}

/// The original starts of all occurrences that take place; none when they are too many or never end.
fn shown(master: &Event, overrides: &[Event]) -> Option<Vec<OriginalStart>> {
    let when = &master.content.when;
    let recurrence = master.content.recurrence.as_ref()?;
    recurrence.count(when, COUNT_LIMIT)?;
    let window =
        TimeWindow { from: DateTime::<Utc>::MIN_UTC, to: DateTime::<Utc>::MAX_UTC, viewer: chrono_tz::UTC };
    let shown = appearances(master, overrides, &window, COUNT_LIMIT).ok()?;
    Some(shown.into_iter().map(|shown| shown.occurrence.original_start).collect())
}
