//! `calendar_integration`: the connected accounts.

use serde_json::Value;
use sqlx::types::Json;
use synodic_model::IntegrationId;
use synodic_model::sync::{Integration, IntegrationStatus, ProviderKind, SyncDirection};

use crate::column::{Millis, Word};
use crate::connection::Connection;
use crate::{StoreError, Transaction};

reads! {
    /// All connected accounts, in the order in which they were connected.
    fn integrations() -> Vec<Integration>;
    /// The account with this id.
    fn integration(id: IntegrationId) -> Option<Integration>;
}

macro_rules! select {
    ($tail:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            IntegrationRow,
            r#"
            SELECT id AS "id!: _", provider AS "provider!: _", account AS "account!", status AS "status!: _",
                direction AS "direction!: _", settings AS "settings!: _", created_at AS "created_at!: _",
                last_success_at AS "last_success_at?: _", last_error AS "last_error?"
            FROM calendar_integration
            "# + $tail
            $(, $argument)*
        )
    };
}

async fn integrations(connection: &mut Connection) -> Result<Vec<Integration>, StoreError> {
    let rows = select!("ORDER BY created_at, id").fetch_all(connection).await;
    Ok(rows.map_err(StoreError::during("reading the accounts"))?.into_iter().map(Integration::from).collect())
}

async fn integration(
    connection: &mut Connection,
    id: IntegrationId,
) -> Result<Option<Integration>, StoreError> {
    let row = select!("WHERE id = ?", Word(id)).fetch_optional(connection).await;
    Ok(row.map_err(StoreError::during("reading an account"))?.map(Integration::from))
}

impl Transaction {
    /// Inserts or updates an account.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn put_integration(&mut self, integration: &Integration) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO calendar_integration
                (id, provider, account, status, direction, settings, created_at, last_success_at, last_error)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                provider = excluded.provider,
                account = excluded.account,
                status = excluded.status,
                direction = excluded.direction,
                settings = excluded.settings,
                created_at = excluded.created_at,
                last_success_at = excluded.last_success_at,
                last_error = excluded.last_error",
            Word(integration.id),
            Word(integration.provider),
            integration.account,
            Word(integration.status),
            Word(integration.direction),
            integration.settings,
            Millis(integration.created_at),
            integration.last_success_at.map(Millis),
            integration.last_error,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("writing an account"))?;
        Ok(())
    }

    /// Removes an account with its links and all that hangs on them; calendars and events stay.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn remove_integration(&mut self, id: IntegrationId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM calendar_integration WHERE id = ?", Word(id))
            .execute(self.connection())
            .await
            .map_err(StoreError::during("removing an account"))?;
        Ok(())
    }
}

struct IntegrationRow {
    id: Word<IntegrationId>,
    provider: Word<ProviderKind>,
    account: String,
    status: Word<IntegrationStatus>,
    direction: Word<SyncDirection>,
    settings: Json<Value>,
    created_at: Millis,
    last_success_at: Option<Millis>,
    last_error: Option<String>,
}

impl From<IntegrationRow> for Integration {
    fn from(row: IntegrationRow) -> Self {
        Self {
            id: row.id.0,
            provider: row.provider.0,
            account: row.account,
            status: row.status.0,
            settings: row.settings.0,
            direction: row.direction.0,
            created_at: row.created_at.0,
            last_success_at: row.last_success_at.map(|at| at.0),
            last_error: row.last_error,
        }
    }
}
