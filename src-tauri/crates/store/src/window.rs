//! The events that a view needs.

use std::collections::BTreeSet;

use serde::Deserialize;
use sqlx::types::Json;
use synodic_model::recurrence::Scheduled;
use synodic_model::sync::EventSyncStatus;
use synodic_model::{
    CalendarId, ContentGlimpse, EventId, EventStatus, OccurrenceKey, OriginalStart, Recurrence, TimeWindow,
    When,
};

use crate::StoreError;
use crate::column::{Millis, json};
use crate::connection::Connection;
use crate::span;

/// A row of a view: as much of an event as is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The event.
    pub id: EventId,
    /// The calendar it belongs to.
    pub calendar_id: CalendarId,
    /// Set on an override.
    pub occurrence_of: Option<OccurrenceKey>,
    /// What it says.
    pub content: ContentGlimpse,
    /// How it stands, one status for each link that it has a row at.
    pub statuses: Vec<EventSyncStatus>,
}

impl Scheduled for Seen {
    fn id(&self) -> EventId {
        self.id
    }

    fn occurrence_of(&self) -> Option<OccurrenceKey> {
        self.occurrence_of
    }

    fn when(&self) -> When {
        self.content.when
    }

    fn recurrence(&self) -> Option<&Recurrence> {
        self.content.recurrence.as_ref()
    }

    fn status(&self) -> EventStatus {
        self.content.status
    }

    fn is_deleted(&self) -> bool {
        // What is deleted is not seen.
        false
    }
}

reads! {
    /// What a view of `window` is made of, by id: single events and overrides that overlap it, masters of series that
    /// may have an occurrence in it, and all overrides of those masters, wherever they were moved. Deleted events are
    /// left out, and so are other calendars when `calendars` names some.
    fn seen_in_window(window: &TimeWindow, calendars: Option<&[CalendarId]>) -> Vec<Seen>;
}

async fn seen_in_window(
    connection: &mut Connection,
    window: &TimeWindow,
    calendars: Option<&[CalendarId]>,
) -> Result<Vec<Seen>, StoreError> {
    const DOING: &str = "reading a window of events";
    let ranges = json(&span::ranges(window), DOING)?;
    let calendars = calendars.map(|calendars| json(calendars, DOING)).transpose()?;
    // The first step touches nothing but its index; the second reads only rows that are wanted. A single statement
    // sees a single state, so a master never comes without its overrides.
    //
    // Each row comes as one text, which is a JSON array (identifiers need no escaping): thousands of rows of a dozen
    // columns would cost more in being handed over column by column than in being found.
    let rows = sqlx::query_scalar!(
        r#"SELECT '["' || event.id || '","' || event.calendar_id || '",'
            || ifnull('"' || event.series_id || '",' || event.original_start, 'null,null') || ','
            || (SELECT json_group_array(event_sync.status) FROM event_sync WHERE event_sync.event_id = event.id)
            || ',' || event.content || ']' AS "row!: Json<SeenRow>"
        FROM event WHERE rowid IN (
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
        )"#,
        ranges,
        Millis(window.to),
        Millis(window.from),
        calendars
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during(DOING))?;

    let mut seen: Vec<_> = rows.into_iter().map(|row| Seen::from(row.0)).collect();
    keep_seen(&mut seen, window);
    seen.sort_unstable_by_key(|row| row.id);
    Ok(seen)
}

/// Drops what the index let through for readers elsewhere, except overrides, whose masters need them to know which
/// occurrences not to show.
fn keep_seen(seen: &mut Vec<Seen>, window: &TimeWindow) {
    let masters: BTreeSet<_> =
        seen.iter().filter(|row| row.content.recurrence.is_some()).map(|row| row.id).collect();
    seen.retain(|row| {
        let belongs = row.occurrence_of.is_some_and(|key| masters.contains(&key.series_id));
        belongs || masters.contains(&row.id) || span::is_seen(&row.content.when, window)
    });
}

/// A row as it comes out.
#[derive(Debug, Deserialize)]
pub(crate) struct SeenRow(
    EventId,
    CalendarId,
    Option<EventId>,
    Option<OriginalStart>,
    Vec<EventSyncStatus>,
    ContentGlimpse,
);

impl From<SeenRow> for Seen {
    fn from(row: SeenRow) -> Self {
        let SeenRow(id, calendar_id, series_id, original_start, statuses, content) = row;
        // The schema lets these two be missing together only.
        let occurrence_of = series_id
            .zip(original_start)
            .map(|(series_id, original_start)| OccurrenceKey { series_id, original_start });
        Self { id, calendar_id, occurrence_of, content, statuses }
    }
}
