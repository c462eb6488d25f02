//! Notion: connecting a workspace, finding databases, and agreeing on what holds what.

use synodic_engine::notion::{DataSources, MappingChoice, MappingProposal};
use synodic_engine::view::{CalendarView, Failure, MappingPlanView};
use synodic_engine::webhook::NotionWebhook;
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, IntegrationId, LinkId, RemoteCalendarId};

use super::accounts::in_browser;
use super::{DeskState, reply};

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn add_notion_account(desk: DeskState<'_>, token: String) -> Result<IntegrationId, Failure> {
    reply(desk.engine()?.connect_notion(&token).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn add_notion_account_in_browser(desk: DeskState<'_>) -> Result<IntegrationId, Failure> {
    let sign_in = reply(desk.engine()?.begin_notion_sign_in().await)?;
    in_browser(&desk, sign_in).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn notion_data_sources(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
    query: String,
) -> Result<DataSources, Failure> {
    reply(desk.engine()?.notion_data_sources(integration_id, &query).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn propose_notion_mapping(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
    data_source_id: RemoteCalendarId,
) -> Result<MappingProposal, Failure> {
    reply(desk.engine()?.propose_notion_mapping(integration_id, &data_source_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn notion_mapping(desk: DeskState<'_>, link_id: LinkId) -> Result<MappingProposal, Failure> {
    reply(desk.engine()?.notion_mapping(link_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn link_notion(
    desk: DeskState<'_>,
    calendar_id: Option<CalendarId>,
    integration_id: IntegrationId,
    data_source_id: RemoteCalendarId,
    direction: SyncDirection,
    choice: MappingChoice,
) -> Result<CalendarView, Failure> {
    let choice = Some(choice);
    reply(desk.engine()?.link_notion(calendar_id, integration_id, data_source_id, direction, choice).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn plan_notion_mapping(
    desk: DeskState<'_>,
    link_id: LinkId,
    choice: MappingChoice,
) -> Result<MappingPlanView, Failure> {
    reply(desk.engine()?.plan_notion_mapping(link_id, choice).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_notion_mapping(
    desk: DeskState<'_>,
    link_id: LinkId,
    choice: MappingChoice,
) -> Result<MappingProposal, Failure> {
    reply(desk.engine()?.set_notion_mapping(link_id, choice).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn begin_notion_webhook(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
) -> Result<NotionWebhook, Failure> {
    reply(desk.engine()?.begin_notion_webhook(integration_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn notion_webhook(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
) -> Result<NotionWebhook, Failure> {
    reply(desk.engine()?.notion_webhook(integration_id).await)
}
