//! Sync: the one value that tells how it stands, and what a person may do about it.

use chrono::{DateTime, Utc};
use synodic_engine::snapshot::SyncSnapshot;
use synodic_engine::view::{
    ConflictView, DashboardView, EditReceipt, Failure, LogLineView, LogQuery, Resolution, ReviewView,
};
use synodic_model::reconcile::Policy;
use synodic_model::{EventId, IntegrationId, LinkId, QueueId};

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

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn reviews(desk: DeskState<'_>) -> Result<Vec<ReviewView>, Failure> {
    reply(desk.engine()?.reviews().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn approve_review(desk: DeskState<'_>, link_id: LinkId) -> Result<(), Failure> {
    reply(desk.engine()?.approve_review(link_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn discard_review(desk: DeskState<'_>, link_id: LinkId) -> Result<(), Failure> {
    reply(desk.engine()?.discard_review(link_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn conflicts(desk: DeskState<'_>) -> Result<Vec<ConflictView>, Failure> {
    reply(desk.engine()?.conflicts().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn resolve_conflict(
    desk: DeskState<'_>,
    event_id: EventId,
    link_id: LinkId,
    resolution: Resolution,
) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.resolve_conflict(event_id, link_id, resolution).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn conflict_policy(desk: DeskState<'_>, link_id: LinkId) -> Result<Policy, Failure> {
    reply(desk.engine()?.conflict_policy(link_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_link_policy(
    desk: DeskState<'_>,
    link_id: LinkId,
    policy: Option<Policy>,
) -> Result<(), Failure> {
    reply(desk.engine()?.set_link_policy(link_id, policy).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_account_policy(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
    policy: Option<Policy>,
) -> Result<(), Failure> {
    reply(desk.engine()?.set_account_policy(integration_id, policy).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn dashboard(
    desk: DeskState<'_>,
    edges: Vec<DateTime<Utc>>,
) -> Result<DashboardView, Failure> {
    reply(desk.engine()?.dashboard(&edges).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn sync_log(desk: DeskState<'_>, query: LogQuery) -> Result<Vec<LogLineView>, Failure> {
    reply(desk.engine()?.log_lines(query).await)
}
