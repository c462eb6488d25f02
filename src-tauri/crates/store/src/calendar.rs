//! `calendar`: the local collections of events.

use sqlx::types::Json;
use synodic_model::sync::Calendar;
use synodic_model::{CalendarId, Reminder};

use crate::column::Word;
use crate::connection::Connection;
use crate::{StoreError, Transaction};

reads! {
    /// All calendars, in the order in which they are shown.
    fn calendars() -> Vec<Calendar>;
    /// The calendar with this id.
    fn calendar(id: CalendarId) -> Option<Calendar>;
    /// Whether a calendar has no event that is not deleted.
    fn is_empty_calendar(id: CalendarId) -> bool;
}

macro_rules! select {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            CalendarRow,
            r#"
            SELECT id AS "id!: _", name AS "name!", color AS "color!", time_zone AS "time_zone!",
                visible AS "visible!: _", position AS "position!", default_reminders AS "default_reminders!: _"
            FROM calendar
            "# + $tail
            $(, $argument)*
        )
    };
}

async fn calendars(connection: &mut Connection) -> Result<Vec<Calendar>, StoreError> {
    let rows = select!("ORDER BY position, id").fetch_all(connection).await;
    Ok(rows.map_err(StoreError::during("reading the calendars"))?.into_iter().map(Calendar::from).collect())
}

async fn calendar(connection: &mut Connection, id: CalendarId) -> Result<Option<Calendar>, StoreError> {
    let row = select!("WHERE id = ?", Word(id)).fetch_optional(connection).await;
    Ok(row.map_err(StoreError::during("reading a calendar"))?.map(Calendar::from))
}

async fn is_empty_calendar(connection: &mut Connection, id: CalendarId) -> Result<bool, StoreError> {
    let one = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM event WHERE calendar_id = ? AND deleted_at IS NULL) AS "is_there!: bool""#,
        Word(id)
    );
    let is_there = one.fetch_one(connection).await.map_err(StoreError::during("looking into a calendar"))?;
    Ok(!is_there)
}

impl Transaction {
    /// Inserts or updates a calendar.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn put_calendar(&mut self, calendar: &Calendar) -> Result<(), StoreError> {
        let default_reminders = Json(&calendar.default_reminders);
        sqlx::query!(
            "INSERT INTO calendar (id, name, color, time_zone, visible, position, default_reminders)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                name = excluded.name,
                color = excluded.color,
                time_zone = excluded.time_zone,
                visible = excluded.visible,
                position = excluded.position,
                default_reminders = excluded.default_reminders",
            Word(calendar.id),
            calendar.name,
            calendar.color,
            calendar.time_zone,
            calendar.visible,
            calendar.position,
            default_reminders,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("writing a calendar"))?;
        Ok(())
    }

    /// Removes a calendar with its events and links and all that hangs on them.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn remove_calendar(&mut self, id: CalendarId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM calendar WHERE id = ?", Word(id))
            .execute(self.connection())
            .await
            .map_err(StoreError::during("removing a calendar"))?;
        Ok(())
    }
}

struct CalendarRow {
    id: Word<CalendarId>,
    name: String,
    color: String,
    time_zone: String,
    visible: bool,
    position: i64,
    default_reminders: Json<Vec<Reminder>>,
}

impl From<CalendarRow> for Calendar {
    fn from(row: CalendarRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            color: row.color,
            time_zone: row.time_zone,
            visible: row.visible,
            position: row.position,
            default_reminders: row.default_reminders.0,
        }
    }
}
