//! `remote_calendar`: the calendars of an account as its service last listed them.

use sqlx::types::Json;
use synodic_model::listing::{AccessRole, ListedCalendar, RemoteCalendar};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, IntegrationId, Reminder, RemoteCalendarId};

use crate::column::{Millis, Word};
use crate::connection::Connection;
use crate::{StoreError, Transaction};

reads! {
    /// The calendars of one account as they were last listed, the main one first, then by name.
    fn listed_calendars(id: IntegrationId) -> Vec<ListedCalendar>;
}

async fn listed_calendars(
    connection: &mut Connection,
    id: IntegrationId,
) -> Result<Vec<ListedCalendar>, StoreError> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT integration_id AS "integration_id!: _", id AS "id!: _", name AS "name!", color AS "color?",
            time_zone AS "time_zone?", access AS "access!: _", is_primary AS "is_primary!: _",
            default_reminders AS "default_reminders!: _", is_new AS "is_new!: _",
            resting_since AS "resting_since?: _", held_back AS "held_back?: _",
            former_calendar_id AS "former_calendar_id?: _"
        FROM remote_calendar
        WHERE integration_id = ?
        ORDER BY is_primary DESC, name, id"#,
        Word(id)
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("reading the calendars of an account"))?;
    Ok(rows.into_iter().map(ListedCalendar::from).collect())
}

impl Transaction {
    /// Inserts or updates a calendar as it was listed.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn put_listed_calendar(&mut self, listed: &ListedCalendar) -> Result<(), StoreError> {
        let calendar = &listed.calendar;
        sqlx::query!(
            "INSERT INTO remote_calendar
                (integration_id, id, name, color, time_zone, access, is_primary, default_reminders, is_new,
                resting_since, held_back, former_calendar_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (integration_id, id) DO UPDATE SET
                name = excluded.name,
                color = excluded.color,
                time_zone = excluded.time_zone,
                access = excluded.access,
                is_primary = excluded.is_primary,
                default_reminders = excluded.default_reminders,
                is_new = excluded.is_new,
                resting_since = excluded.resting_since,
                held_back = excluded.held_back,
                former_calendar_id = excluded.former_calendar_id",
            Word(listed.integration_id),
            calendar.id.as_str(),
            calendar.name,
            calendar.color,
            calendar.time_zone,
            Word(calendar.access),
            calendar.primary,
            Json(&calendar.default_reminders),
            listed.is_new,
            listed.resting_since.map(Millis),
            listed.held_back.map(Word),
            listed.former.map(Word),
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("writing a calendar of an account"))?;
        Ok(())
    }

    /// Forgets a calendar that is not listed any more.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn remove_listed_calendar(
        &mut self,
        integration_id: IntegrationId,
        id: &RemoteCalendarId,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM remote_calendar WHERE integration_id = ? AND id = ?",
            Word(integration_id),
            id.as_str()
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("forgetting a calendar of an account"))?;
        Ok(())
    }
}

struct ListedRow {
    integration_id: Word<IntegrationId>,
    id: Word<RemoteCalendarId>,
    name: String,
    color: Option<String>,
    time_zone: Option<String>,
    access: Word<AccessRole>,
    is_primary: bool,
    default_reminders: Json<Vec<Reminder>>,
    is_new: bool,
    resting_since: Option<Millis>,
    held_back: Option<Word<SyncDirection>>,
    former_calendar_id: Option<Word<CalendarId>>,
}

impl From<ListedRow> for ListedCalendar {
    fn from(row: ListedRow) -> Self {
        Self {
            integration_id: row.integration_id.0,
            calendar: RemoteCalendar {
                id: row.id.0,
                name: row.name,
                color: row.color,
                time_zone: row.time_zone,
                access: row.access.0,
                primary: row.is_primary,
                default_reminders: row.default_reminders.0,
            },
            is_new: row.is_new,
            resting_since: row.resting_since.map(|at| at.0),
            held_back: row.held_back.map(|direction| direction.0),
            former: row.former_calendar_id.map(|id| id.0),
        }
    }
}
