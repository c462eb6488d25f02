//! Calendars and their links.

use synodic_engine::notion::MappingChoice;
use synodic_engine::view::{
    CalendarChange, CalendarView, ChosenView, CleanUpReport, Failure, LeavingView, LinkPlanView, Parting,
    RemoteCalendarView,
};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, IntegrationId, LinkId, RemoteCalendarId};

use super::{DeskState, reply};

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn calendars(desk: DeskState<'_>) -> Result<Vec<CalendarView>, Failure> {
    reply(desk.engine()?.calendars().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn create_calendar(
    desk: DeskState<'_>,
    name: String,
    color: String,
    time_zone: String,
) -> Result<CalendarView, Failure> {
    reply(desk.engine()?.create_calendar(name, color, time_zone).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn create_calendar_at(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
    name: String,
    color: String,
    time_zone: String,
) -> Result<CalendarView, Failure> {
    reply(desk.engine()?.create_calendar_at(integration_id, name, color, time_zone).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_calendar_visible(
    desk: DeskState<'_>,
    calendar_id: CalendarId,
    visible: bool,
) -> Result<(), Failure> {
    reply(desk.engine()?.set_calendar_visible(calendar_id, visible).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn remote_calendars(
    desk: DeskState<'_>,
    integration_id: Option<IntegrationId>,
) -> Result<Vec<RemoteCalendarView>, Failure> {
    reply(desk.engine()?.remote_calendars(integration_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn link_calendar(
    desk: DeskState<'_>,
    calendar_id: Option<CalendarId>,
    integration_id: IntegrationId,
    remote_calendar_id: RemoteCalendarId,
    direction: SyncDirection,
) -> Result<CalendarView, Failure> {
    reply(desk.engine()?.link_calendar(calendar_id, integration_id, remote_calendar_id, direction).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn plan_link(
    desk: DeskState<'_>,
    calendar_id: Option<CalendarId>,
    integration_id: IntegrationId,
    remote_calendar_id: RemoteCalendarId,
    direction: SyncDirection,
    choice: Option<MappingChoice>,
) -> Result<LinkPlanView, Failure> {
    reply(desk.engine()?.plan_link(calendar_id, integration_id, remote_calendar_id, direction, choice).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn change_calendar(
    desk: DeskState<'_>,
    calendar_id: CalendarId,
    change: CalendarChange,
) -> Result<CalendarView, Failure> {
    reply(desk.engine()?.change_calendar(calendar_id, change).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn known_remote_calendars(desk: DeskState<'_>) -> Result<Vec<RemoteCalendarView>, Failure> {
    reply(desk.engine()?.known_remote_calendars().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn dismiss_new_calendars(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
) -> Result<(), Failure> {
    reply(desk.engine()?.dismiss_new_calendars(integration_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn choose_calendars(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
    remote_calendar_ids: Vec<RemoteCalendarId>,
    parting: Parting,
) -> Result<Vec<ChosenView>, Failure> {
    reply(desk.engine()?.choose_calendars(integration_id, remote_calendar_ids, parting).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn leaving_link(desk: DeskState<'_>, link_id: LinkId) -> Result<LeavingView, Failure> {
    reply(desk.engine()?.leaving_link(link_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn unlink_calendar(
    desk: DeskState<'_>,
    link_id: LinkId,
    parting: Parting,
) -> Result<CleanUpReport, Failure> {
    reply(desk.engine()?.unlink_calendar(link_id, parting).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn clean_up(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
    remote_calendar_id: RemoteCalendarId,
    rehearsal: bool,
) -> Result<CleanUpReport, Failure> {
    reply(desk.engine()?.clean_up(integration_id, remote_calendar_id, rehearsal).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn read_anew(desk: DeskState<'_>, link_id: Option<LinkId>) -> Result<(), Failure> {
    reply(desk.engine()?.read_anew(link_id).await)
}
