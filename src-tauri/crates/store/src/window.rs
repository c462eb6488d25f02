//! The events that a view needs.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;
use synodic_model::{CalendarId, Event, TimeWindow};

use crate::StoreError;
use crate::column::{Millis, json};
use crate::event::select_events;
use crate::span;

reads! {
    /// What a view of `window` is made of, by id: single events and overrides that overlap it, masters of series that
    /// may have an occurrence in it, and all overrides of those masters, wherever they were moved. Deleted events are
    /// left out, and so are other calendars when `calendars` names some.
    fn events_in_window(window: &TimeWindow, calendars: Option<&[CalendarId]>) -> Vec<Event>;
}

async fn events_in_window(
    connection: &mut SqliteConnection,
    window: &TimeWindow,
    calendars: Option<&[CalendarId]>,
) -> Result<Vec<Event>, StoreError> {
    const DOING: &str = "reading a window of events";
    let ranges = json(&span::ranges(window), DOING)?;
    let calendars = calendars.map(|calendars| json(calendars, DOING)).transpose()?;
    // The first step touches nothing but its index; the second reads only rows that are wanted. A single statement
    // sees a single state, so a master never comes without its overrides.
    let rows = select_events!(
        "event WHERE rowid IN (
            WITH hit AS MATERIALIZED (
                SELECT found.rowid AS number
                FROM json_each(?1) AS range
                CROSS JOIN event AS found INDEXED BY event_by_span
                WHERE found.deleted_at IS NULL
                    AND found.span_class = range.value ->> 0
                    AND found.starts_at BETWEEN range.value ->> 1 AND ?2
                    AND (found.ends_at IS NULL OR found.ends_at >= ?3)
                    AND (?4 IS NULL OR found.calendar_id IN (SELECT value FROM json_each(?4)))
            )
            SELECT number FROM hit
            UNION ALL
            SELECT moved.rowid
            FROM hit
            CROSS JOIN event AS master ON master.rowid = hit.number
            CROSS JOIN event AS moved ON moved.series_id = master.id
            WHERE master.is_series AND moved.deleted_at IS NULL
        )",
        ranges,
        Millis(window.to),
        Millis(window.from),
        calendars
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during(DOING))?;

    let mut events: Vec<_> = rows.into_iter().map(Event::from).collect();
    keep_seen(&mut events, window);
    events.sort_unstable_by_key(|event| event.id);
    Ok(events)
}

/// Drops what the index let through for readers elsewhere, except overrides, whose masters need them to know which
/// occurrences not to show.
fn keep_seen(events: &mut Vec<Event>, window: &TimeWindow) {
    let masters: BTreeSet<_> =
        events.iter().filter(|event| event.content.recurrence.is_some()).map(|event| event.id).collect();
    events.retain(|event| {
        let belongs = event.occurrence_of.is_some_and(|key| masters.contains(&key.series_id));
        belongs || masters.contains(&event.id) || span::is_seen(&event.content.when, window)
    });
}
