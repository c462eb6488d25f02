//! `setting`: small things to remember.

use serde_json::Value;
use sqlx::types::Json;

use crate::connection::Connection;
use crate::{StoreError, Transaction};

reads! {
    /// The value kept under `key`.
    fn setting(key: &str) -> Option<Value>;
}

async fn setting(connection: &mut Connection, key: &str) -> Result<Option<Value>, StoreError> {
    let value =
        sqlx::query_scalar!(r#"SELECT value AS "value!: Json<Value>" FROM setting WHERE key = ?"#, key)
            .fetch_optional(connection)
            .await
            .map_err(StoreError::during("reading a setting"))?;
    Ok(value.map(|value| value.0))
}

impl Transaction {
    /// Keeps a value under `key`.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn set_setting(&mut self, key: &str, value: &Value) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO setting (key, value) VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            key,
            value,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("writing a setting"))?;
        Ok(())
    }
}
