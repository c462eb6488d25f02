//! `link`: what ties a calendar to a remote calendar, and how far it has been pulled.

use serde_json::Value;
use sqlx::types::Json;
use synodic_model::sync::{Link, SyncDirection, Webhook};
use synodic_model::{CalendarId, IntegrationId, LinkId, RemoteCalendarId};

use crate::column::{Millis, Word};
use crate::connection::Connection;
use crate::{StoreError, Transaction};

reads! {
    /// All links.
    fn links() -> Vec<Link>;
    /// The link with this id.
    fn link(id: LinkId) -> Option<Link>;
    /// The links of one calendar.
    fn links_of_calendar(id: CalendarId) -> Vec<Link>;
    /// The links of one account.
    fn links_of_integration(id: IntegrationId) -> Vec<Link>;
}

macro_rules! select {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            LinkRow,
            r#"
            SELECT id AS "id!: _", calendar_id AS "calendar_id!: _", integration_id AS "integration_id!: _",
                remote_calendar_id AS "remote_calendar_id!: _", remote_name AS "remote_name!",
                direction AS "direction!: _", settings AS "settings!: _", cursor AS "cursor?", generation AS "generation!",
                webhook_id AS "webhook_id?", webhook_resource AS "webhook_resource?",
                webhook_token AS "webhook_token?", webhook_expires_at AS "webhook_expires_at?: _",
                last_pulled_at AS "last_pulled_at?: _"
            FROM link
            "# + $tail
            $(, $argument)*
        )
    };
}

async fn links(connection: &mut Connection) -> Result<Vec<Link>, StoreError> {
    let rows = select!("ORDER BY id").fetch_all(connection).await;
    Ok(rows.map_err(StoreError::during("reading the links"))?.into_iter().map(Link::from).collect())
}

async fn link(connection: &mut Connection, id: LinkId) -> Result<Option<Link>, StoreError> {
    let row = select!("WHERE id = ?", Word(id)).fetch_optional(connection).await;
    Ok(row.map_err(StoreError::during("reading a link"))?.map(Link::from))
}

async fn links_of_calendar(connection: &mut Connection, id: CalendarId) -> Result<Vec<Link>, StoreError> {
    let rows = select!("WHERE calendar_id = ? ORDER BY id", Word(id)).fetch_all(connection).await;
    Ok(rows.map_err(StoreError::during("reading a calendar's links"))?.into_iter().map(Link::from).collect())
}

async fn links_of_integration(
    connection: &mut Connection,
    id: IntegrationId,
) -> Result<Vec<Link>, StoreError> {
    let rows = select!("WHERE integration_id = ? ORDER BY id", Word(id)).fetch_all(connection).await;
    Ok(rows.map_err(StoreError::during("reading an account's links"))?.into_iter().map(Link::from).collect())
}

impl Transaction {
    /// Inserts or updates a link.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the calendar and the remote calendar are tied already, and others.
    pub async fn put_link(&mut self, link: &Link) -> Result<(), StoreError> {
        let webhook = link.webhook.as_ref();
        let settings = link.settings.to_string();
        sqlx::query!(
            "INSERT INTO link
                (id, calendar_id, integration_id, remote_calendar_id, remote_name, direction, settings, cursor,
                generation, webhook_id, webhook_resource, webhook_token, webhook_expires_at, last_pulled_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                calendar_id = excluded.calendar_id,
                integration_id = excluded.integration_id,
                remote_calendar_id = excluded.remote_calendar_id,
                remote_name = excluded.remote_name,
                direction = excluded.direction,
                settings = excluded.settings,
                cursor = excluded.cursor,
                generation = excluded.generation,
                webhook_id = excluded.webhook_id,
                webhook_resource = excluded.webhook_resource,
                webhook_token = excluded.webhook_token,
                webhook_expires_at = excluded.webhook_expires_at,
                last_pulled_at = excluded.last_pulled_at",
            Word(link.id),
            Word(link.calendar_id),
            Word(link.integration_id),
            link.remote_calendar_id.as_str(),
            link.remote_name,
            Word(link.direction),
            settings,
            link.cursor,
            link.generation,
            webhook.map(|webhook| &webhook.id),
            webhook.map(|webhook| &webhook.resource),
            webhook.map(|webhook| &webhook.token),
            webhook.map(|webhook| Millis(webhook.expires_at)),
            link.last_pulled_at.map(Millis),
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("writing a link"))?;
        Ok(())
    }

    /// Removes a link with its sync and queue rows; the events stay.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn remove_link(&mut self, id: LinkId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM link WHERE id = ?", Word(id))
            .execute(self.connection())
            .await
            .map_err(StoreError::during("removing a link"))?;
        Ok(())
    }
}

struct LinkRow {
    id: Word<LinkId>,
    calendar_id: Word<CalendarId>,
    integration_id: Word<IntegrationId>,
    remote_calendar_id: Word<RemoteCalendarId>,
    remote_name: String,
    direction: Word<SyncDirection>,
    settings: Json<Value>,
    cursor: Option<String>,
    generation: i64,
    webhook_id: Option<String>,
    webhook_resource: Option<String>,
    webhook_token: Option<String>,
    webhook_expires_at: Option<Millis>,
    last_pulled_at: Option<Millis>,
}

impl From<LinkRow> for Link {
    fn from(row: LinkRow) -> Self {
        // The schema lets these four be missing together only.
        let webhook = match (row.webhook_id, row.webhook_resource, row.webhook_token, row.webhook_expires_at)
        {
            (Some(id), Some(resource), Some(token), Some(Millis(expires_at))) => {
                Some(Webhook { id, resource, token, expires_at })
            }
            _ => None,
        };
        Self {
            id: row.id.0,
            calendar_id: row.calendar_id.0,
            integration_id: row.integration_id.0,
            remote_calendar_id: row.remote_calendar_id.0,
            remote_name: row.remote_name,
            direction: row.direction.0,
            settings: row.settings.0,
            cursor: row.cursor,
            generation: row.generation,
            webhook,
            last_pulled_at: row.last_pulled_at.map(|at| at.0),
        }
    }
}
