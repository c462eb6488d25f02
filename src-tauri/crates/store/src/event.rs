//! `event`: what people have in their calendars.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::types::Json;
use synodic_model::{
    CalendarId, Event, EventContent, EventId, LinkId, OccurrenceKey, OriginalStart, Revision, StoredContent,
};

use crate::column::{Millis, Word, json, millis};
use crate::connection::Connection;
use crate::span::Span;
use crate::{StoreError, Transaction};

reads! {
    /// The event with this id; a deleted one too, see [`Event::deleted_at`].
    fn event(id: EventId) -> Option<Event>;
    /// The events with these ids, deleted ones too; unknown ids are left out.
    fn events_by_ids(ids: &[EventId]) -> BTreeMap<EventId, Event>;
    /// The ids of what a calendar has, a series before its overrides. Deleted events are left out.
    fn events_of_calendar(calendar_id: CalendarId) -> Vec<EventId>;
    /// The single events and masters with these iCalendar UIDs, unless they are deleted; of each UID the oldest, should
    /// there be several.
    fn events_by_uids(calendar_id: CalendarId, uids: &[&str]) -> BTreeMap<String, Event>;
    /// The override of one occurrence of a series; a deleted one too, when there is no other.
    fn override_of(series_id: EventId, original_start: &OriginalStart) -> Option<Event>;
    /// The overrides of these occurrences, by the same rule.
    fn overrides_of(occurrences: &[OccurrenceKey]) -> Vec<Event>;
    /// The single events and masters of a calendar that a link's remote is not known to have, the oldest first.
    fn events_unknown_to(calendar_id: CalendarId, link_id: LinkId) -> Vec<Event>;
    /// All overrides of a series, deleted ones too, by original start.
    fn overrides(series_id: EventId) -> Vec<Event>;
}

/// Reads whole events; what comes after FROM is the caller's.
macro_rules! select_events {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            EventRow,
            r#"
            SELECT event.id AS "id!: _", event.calendar_id AS "calendar_id!: _", event.uid AS "uid!",
                event.series_id AS "series_id?: _", event.original_start AS "original_start?: _",
                event.content AS "content!: _", event.revision AS "revision!", event.created_at AS "created_at!: _",
                event.updated_at AS "updated_at!: _", event.deleted_at AS "deleted_at?: _"
            FROM
            "# + $tail
            $(, $argument)*
        )
    };
}

async fn event(connection: &mut Connection, id: EventId) -> Result<Option<Event>, StoreError> {
    let row = select_events!("event WHERE id = ?", Word(id)).fetch_optional(connection).await;
    Ok(row.map_err(StoreError::during("reading an event"))?.map(Event::from))
}

async fn events_by_ids(
    connection: &mut Connection,
    ids: &[EventId],
) -> Result<BTreeMap<EventId, Event>, StoreError> {
    const DOING: &str = "reading events by their ids";
    let rows = select_events!("event WHERE id IN (SELECT value FROM json_each(?))", json(ids, DOING)?)
        .fetch_all(connection)
        .await
        .map_err(StoreError::during(DOING))?;
    Ok(rows.into_iter().map(|row| (row.id.0, Event::from(row))).collect())
}

async fn events_of_calendar(
    connection: &mut Connection,
    calendar_id: CalendarId,
) -> Result<Vec<EventId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id!: Word<EventId>" FROM event
        WHERE calendar_id = ? AND deleted_at IS NULL
        ORDER BY series_id IS NOT NULL, id"#,
        Word(calendar_id)
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("listing a calendar's events"))?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

async fn events_by_uids(
    connection: &mut Connection,
    calendar_id: CalendarId,
    uids: &[&str],
) -> Result<BTreeMap<String, Event>, StoreError> {
    const DOING: &str = "reading events by their UIDs";
    let rows = select_events!(
        "event WHERE calendar_id = ? AND uid IN (SELECT value FROM json_each(?))
            AND series_id IS NULL AND deleted_at IS NULL
        ORDER BY created_at DESC, id DESC",
        Word(calendar_id),
        json(uids, DOING)?
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during(DOING))?;
    // The oldest comes last, and stays.
    Ok(rows.into_iter().map(|row| (row.uid.clone(), Event::from(row))).collect())
}

async fn events_unknown_to(
    connection: &mut Connection,
    calendar_id: CalendarId,
    link_id: LinkId,
) -> Result<Vec<Event>, StoreError> {
    let rows = select_events!(
        "event WHERE calendar_id = ? AND series_id IS NULL AND deleted_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM event_sync AS sync
            WHERE sync.event_id = event.id AND sync.link_id = ? AND sync.external_id IS NOT NULL)
        ORDER BY created_at, id",
        Word(calendar_id),
        Word(link_id)
    )
    .fetch_all(connection)
    .await;
    let rows = rows.map_err(StoreError::during("reading what a remote is not known to have"))?;
    Ok(rows.into_iter().map(Event::from).collect())
}

async fn override_of(
    connection: &mut Connection,
    series_id: EventId,
    original_start: &OriginalStart,
) -> Result<Option<Event>, StoreError> {
    let row = select_events!(
        "event WHERE series_id = ? AND original_start_key = ?
        ORDER BY deleted_at IS NOT NULL, deleted_at DESC, id LIMIT 1",
        Word(series_id),
        original_start.key()
    )
    .fetch_optional(connection)
    .await;
    Ok(row.map_err(StoreError::during("reading an override"))?.map(Event::from))
}

async fn overrides_of(
    connection: &mut Connection,
    occurrences: &[OccurrenceKey],
) -> Result<Vec<Event>, StoreError> {
    const DOING: &str = "reading overrides";
    let wanted: Vec<_> = occurrences.iter().map(|key| (key.series_id, key.original_start.key())).collect();
    let rows = select_events!(
        "json_each(?) AS wanted
        CROSS JOIN event ON event.series_id = wanted.value ->> 0 AND event.original_start_key = wanted.value ->> 1
        ORDER BY event.deleted_at IS NULL, event.deleted_at, event.id DESC",
        json(&wanted, DOING)?
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during(DOING))?;
    // The one that counts comes last, and stays.
    let by_occurrence = rows.into_iter().map(Event::from).filter_map(|event| {
        let key = event.occurrence_of?;
        Some(((key.series_id, key.original_start.key()), event))
    });
    Ok(by_occurrence.collect::<BTreeMap<_, _>>().into_values().collect())
}

async fn overrides(connection: &mut Connection, series_id: EventId) -> Result<Vec<Event>, StoreError> {
    let rows = select_events!("event WHERE series_id = ? ORDER BY original_start_key, id", Word(series_id))
        .fetch_all(connection)
        .await;
    Ok(rows.map_err(StoreError::during("reading overrides"))?.into_iter().map(Event::from).collect())
}

impl Transaction {
    /// Inserts or updates an event.
    ///
    /// # Errors
    /// As [`Transaction::put_events`].
    pub async fn put_event(&mut self, event: &Event) -> Result<(), StoreError> {
        self.put_events(std::slice::from_ref(event)).await
    }

    /// Inserts or updates events, all with one statement; an override may come before its master, whose presence is
    /// asked for when the transaction commits.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the calendar is missing or a second override of one occurrence would appear,
    /// and others.
    pub async fn put_events(&mut self, events: &[Event]) -> Result<(), StoreError> {
        const DOING: &str = "writing events";
        // More at once saves nothing and would hold all of it in memory once more.
        for some in events.chunks(1000) {
            let rows: Vec<_> = some.iter().map(NewRow::from).collect();
            sqlx::query!(
                "INSERT INTO event
                    (id, calendar_id, uid, series_id, original_start_key, original_start, is_series, title, content,
                    starts_at, ends_at, span_class, revision, created_at, updated_at, deleted_at)
                SELECT
                    value ->> 'id', value ->> 'calendar_id', value ->> 'uid', value ->> 'series_id',
                    value ->> 'original_start_key', value ->> 'original_start', value ->> 'is_series',
                    value ->> 'title', value ->> 'content', value ->> 'starts_at', value ->> 'ends_at',
                    value ->> 'span_class', value ->> 'revision', value ->> 'created_at', value ->> 'updated_at',
                    value ->> 'deleted_at'
                FROM json_each(?)
                WHERE true
                ON CONFLICT (id) DO UPDATE SET
                    calendar_id = excluded.calendar_id,
                    uid = excluded.uid,
                    series_id = excluded.series_id,
                    original_start_key = excluded.original_start_key,
                    original_start = excluded.original_start,
                    is_series = excluded.is_series,
                    title = excluded.title,
                    content = excluded.content,
                    starts_at = excluded.starts_at,
                    ends_at = excluded.ends_at,
                    span_class = excluded.span_class,
                    revision = excluded.revision,
                    created_at = excluded.created_at,
                    updated_at = excluded.updated_at,
                    deleted_at = excluded.deleted_at",
                json(&rows, DOING)?,
            )
            .execute(self.connection())
            .await
            .map_err(StoreError::during(DOING))?;
        }
        Ok(())
    }

    /// Removes an event for good, with its overrides and all their sync and queue rows.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn remove_event(&mut self, id: EventId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM event WHERE id = ?", Word(id))
            .execute(self.connection())
            .await
            .map_err(StoreError::during("removing an event"))?;
        Ok(())
    }
}

/// An event as it comes out.
struct EventRow {
    id: Word<EventId>,
    calendar_id: Word<CalendarId>,
    uid: String,
    series_id: Option<Word<EventId>>,
    original_start: Option<Json<OriginalStart>>,
    content: Json<EventContent>,
    revision: i64,
    created_at: Millis,
    updated_at: Millis,
    deleted_at: Option<Millis>,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        // The schema lets these two be missing together only.
        let occurrence_of = row.series_id.zip(row.original_start).map(|(series_id, original_start)| {
            OccurrenceKey { series_id: series_id.0, original_start: original_start.0 }
        });
        Self {
            id: row.id.0,
            calendar_id: row.calendar_id.0,
            uid: row.uid,
            occurrence_of,
            content: row.content.0,
            revision: Revision(row.revision),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            deleted_at: row.deleted_at.map(|at| at.0),
        }
    }
}

/// An event as it goes in, with what is drawn from it to be searched.
#[derive(Serialize)]
struct NewRow<'a> {
    id: EventId,
    calendar_id: CalendarId,
    uid: &'a str,
    series_id: Option<EventId>,
    original_start_key: Option<String>,
    original_start: Option<OriginalStart>,
    is_series: bool,
    title: &'a str,
    content: StoredContent<'a>,
    starts_at: i64,
    ends_at: Option<i64>,
    span_class: u32,
    revision: Revision,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
}

impl<'a> From<&'a Event> for NewRow<'a> {
    fn from(event: &'a Event) -> Self {
        let span = Span::of(&event.content);
        let original_start = event.occurrence_of.map(|key| key.original_start);
        Self {
            id: event.id,
            calendar_id: event.calendar_id,
            uid: &event.uid,
            series_id: event.occurrence_of.map(|key| key.series_id),
            original_start_key: original_start.map(|start| start.key()),
            original_start,
            is_series: event.content.recurrence.is_some(),
            title: &event.content.title,
            content: (&event.content).into(),
            starts_at: span.starts_at.timestamp_millis(),
            ends_at: millis(span.ends_at),
            span_class: span.class(),
            revision: event.revision,
            created_at: event.created_at.timestamp_millis(),
            updated_at: event.updated_at.timestamp_millis(),
            deleted_at: millis(event.deleted_at),
        }
    }
}
