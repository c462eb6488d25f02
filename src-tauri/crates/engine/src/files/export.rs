//! Giving events out as a calendar file.

use std::collections::{BTreeMap, BTreeSet};

use synodic_icalendar::file;
use synodic_model::{Event, EventId};

use super::count;
use crate::edit::rows::is_alive;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{ExportWish, ExportedFile};

/// Events that are read at once.
const BATCH: usize = 1000;
/// The longest name that is proposed without its ending, in bytes: file systems take 255, and a number may be added.
const NAME_LIMIT: usize = 200;

impl Engine {
    /// Writes calendars, or some events, as the text of an iCalendar file: series with all of their occurrences, and the
    /// zones that are named.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when a calendar or event is not there, [`EngineError::Store`] when it cannot be read.
    pub async fn export(&self, wish: ExportWish) -> Result<ExportedFile, EngineError> {
        let store = &self.inner.store;
        let (name, ids) = match wish {
            ExportWish::Calendars { ids } => {
                let (mut names, mut events) = (Vec::new(), Vec::new());
                for id in ids {
                    let missing = EngineError::NotFound { what: "calendar" };
                    names.push(store.calendar(id).await?.ok_or(missing)?.name);
                    events.extend(store.events_of_calendar(id).await?);
                }
                (names.join(", "), events)
            }
            ExportWish::Events { ids } => self.with_their_series(&ids).await?,
        };
        let mut events: Vec<Event> = Vec::with_capacity(ids.len());
        for some in ids.chunks(BATCH) {
            events.extend(store.events_by_ids(some).await?.into_values().filter(is_alive));
        }
        let now = self.inner.clock.now();
        let written = tokio::task::spawn_blocking(move || write(&name, &events, now)).await;
        written.map_err(|_| EngineError::Closing)
    }

    /// The series or single events that events belong to, with all of their occurrences, and a name for them.
    async fn with_their_series(&self, ids: &[EventId]) -> Result<(String, Vec<EventId>), EngineError> {
        let store = &self.inner.store;
        let (mut wanted, mut names) = (BTreeSet::new(), Vec::new());
        for id in ids {
            let missing = EngineError::NotFound { what: "event" };
            let event = store.event(*id).await?.filter(is_alive).ok_or(missing)?;
            let master = event.occurrence_of.map_or(event.id, |key| key.series_id);
            if wanted.insert(master) {
                names.push(event.content.title);
                wanted.extend(store.overrides(master).await?.into_iter().map(|event| event.id));
            }
        }
        let name = match names.as_slice() {
            [name] if !name.is_empty() => name.clone(),
            _ => "Events".to_owned(),
        };
        Ok((name, wanted.into_iter().collect()))
    }
}

fn write(name: &str, events: &[Event], now: chrono::DateTime<chrono::Utc>) -> ExportedFile {
    let mut occurrences: BTreeMap<EventId, Vec<&Event>> = BTreeMap::new();
    for event in events {
        if let Some(key) = event.occurrence_of {
            occurrences.entry(key.series_id).or_default().push(event);
        }
    }
    let masters = events.iter().filter(|event| event.occurrence_of.is_none());
    let entries: Vec<_> =
        masters.map(|event| (event, occurrences.remove(&event.id).unwrap_or_default())).collect();
    let events = count(entries.len());
    ExportedFile { name: file_name(name), text: file::write(Some(name), entries, now), events }
}

/// A name that every system takes for a file.
fn file_name(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|letter| if letter.is_control() || "/\\:*?\"<>|".contains(letter) { ' ' } else { letter })
        .collect();
    let mut name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    name.truncate(name.floor_char_boundary(NAME_LIMIT));
    // One that begins with a dot would not be shown.
    let name = name.trim_matches(['.', ' ']);
    format!("{}.ics", if name.is_empty() { "Calendar" } else { name })
}
