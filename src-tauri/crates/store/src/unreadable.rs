//! `unreadable`: the items of a remote calendar that could not be read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use synodic_model::{ExternalId, IntegrationId, LinkId};

use crate::column::{Millis, Word};
use crate::connection::Connection;
use crate::{StoreError, Transaction};

/// An item that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableItem {
    /// Where it is.
    pub link_id: LinkId,
    /// Its id there; empty when it has none.
    pub external_id: ExternalId,
    /// Why it could not be read.
    pub reason: String,
    /// When that was.
    pub found_at: DateTime<Utc>,
    /// The full listing that last named it.
    pub generation: i64,
}

reads! {
    /// The ids of what could not be read at a link.
    fn unreadable(link_id: LinkId) -> BTreeSet<ExternalId>;
    /// How many items could not be read; accounts without any are left out.
    fn unreadable_counts() -> BTreeMap<IntegrationId, u32>;
}

async fn unreadable(
    connection: &mut Connection,
    link_id: LinkId,
) -> Result<BTreeSet<ExternalId>, StoreError> {
    let rows = sqlx::query_as!(
        IdRow,
        r#"SELECT external_id AS "external_id!: _" FROM unreadable WHERE link_id = ?"#,
        Word(link_id)
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("reading what could not be read"))?;
    Ok(rows.into_iter().map(|row| row.external_id.0).collect())
}

async fn unreadable_counts(connection: &mut Connection) -> Result<BTreeMap<IntegrationId, u32>, StoreError> {
    let rows = sqlx::query_as!(
        CountRow,
        r#"SELECT link.integration_id AS "integration_id!: _", count(*) AS "count!: _"
        FROM unreadable
        JOIN link ON link.id = unreadable.link_id
        GROUP BY link.integration_id"#
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during("counting what could not be read"))?;
    Ok(rows.into_iter().map(|row| (row.integration_id.0, row.count)).collect())
}

impl Transaction {
    /// Notes an item that could not be read, in place of what was known of it.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn put_unreadable(&mut self, item: &UnreadableItem) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO unreadable (link_id, external_id, reason, found_at, generation) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET reason = excluded.reason, found_at = excluded.found_at,
                generation = excluded.generation",
            Word(item.link_id),
            Word(&item.external_id),
            item.reason,
            Millis(item.found_at),
            item.generation,
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("noting what could not be read"))?;
        Ok(())
    }

    /// Forgets an item that can be read again, or is gone.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn forget_unreadable(&mut self, link_id: LinkId, id: &ExternalId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM unreadable WHERE link_id = ? AND external_id = ?", Word(link_id), Word(id))
            .execute(self.connection())
            .await
            .map_err(StoreError::during("forgetting what could not be read"))?;
        Ok(())
    }

    /// Forgets what a full listing, `generation`, did not name.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub async fn forget_stale_unreadable(
        &mut self,
        link_id: LinkId,
        generation: i64,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM unreadable WHERE link_id = ? AND generation < ?",
            Word(link_id),
            generation
        )
        .execute(self.connection())
        .await
        .map_err(StoreError::during("forgetting what could not be read"))?;
        Ok(())
    }
}

struct IdRow {
    external_id: Word<ExternalId>,
}

struct CountRow {
    integration_id: Word<IntegrationId>,
    count: u32,
}
