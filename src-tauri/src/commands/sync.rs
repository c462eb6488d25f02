//! Sync: the one value that tells how it stands, and what a person may do about it.

use chrono::{DateTime, Utc};
use synodic_engine::snapshot::SyncSnapshot;
use synodic_engine::view::Failure;
use synodic_model::{IntegrationId, LinkId, QueueId};

use super::{DeskState, reply};

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn sync_snapshot(desk: DeskState<'_>) -> Result<SyncSnapshot, Failure> {
    Ok(desk.engine()?.snapshot())
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn sync_now(desk: DeskState<'_>) -> Result<(), Failure> {
    desk.engine()?.sync_now();
    Ok(())
}

/// One account alone; answers when its pass has come to an end.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn sync_account(desk: DeskState<'_>, integration_id: IntegrationId) -> Result<(), Failure> {
    reply(desk.engine()?.sync_pass(Some(integration_id)).await).map(|_| ())
}

/// Agrees to what a link's next pull removes here.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn approve_removals(desk: DeskState<'_>, link_id: LinkId) -> Result<(), Failure> {
    reply(desk.engine()?.approve_removals(link_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn pause(desk: DeskState<'_>, until: Option<DateTime<Utc>>) -> Result<(), Failure> {
    reply(desk.engine()?.pause(until).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn resume(desk: DeskState<'_>) -> Result<(), Failure> {
    reply(desk.engine()?.resume().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn retry_edit(desk: DeskState<'_>, queue_id: QueueId) -> Result<(), Failure> {
    reply(desk.engine()?.queue_retry(queue_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn discard_edit(desk: DeskState<'_>, queue_id: QueueId) -> Result<(), Failure> {
    reply(desk.engine()?.queue_discard(queue_id).await)
}
