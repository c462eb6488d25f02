//! Events: what is on screen, and a person's edits.

use chrono::{DateTime, Utc};
use synodic_engine::preview;
use synodic_engine::view::{
    DeletedView, EditReceipt, EditScopes, EventAnswer, EventChange, EventDraft, EventMove, EventTarget,
    EventView, Failure, HistoryView, MoveAnswer, NotifyAttendees, OccurrenceView, RunReverted, RunView,
    UndoToken,
};
use synodic_model::history::{HistoryId, RunKey};
use synodic_model::{EventId, OccurrenceKey, Recurrence, TimeWindow, When};

use super::{DeskState, reply};

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn occurrences(
    desk: DeskState<'_>,
    window: TimeWindow,
) -> Result<Vec<OccurrenceView>, Failure> {
    reply(desk.engine()?.occurrences(window).await)
}

/// Searches by words, as seen from the present moment.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn search(
    desk: DeskState<'_>,
    text: String,
    limit: usize,
) -> Result<Vec<OccurrenceView>, Failure> {
    reply(desk.engine()?.search(&text, Utc::now(), limit).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn event(desk: DeskState<'_>, target: EventTarget) -> Result<EventView, Failure> {
    reply(desk.engine()?.event(target).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn create_event(desk: DeskState<'_>, draft: EventDraft) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.create_event(draft).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn change_event(desk: DeskState<'_>, change: EventChange) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.change_event(change).await)
}

/// Nobody is told unless `notify` says so.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn delete_event(
    desk: DeskState<'_>,
    target: EventTarget,
    notify: Option<NotifyAttendees>,
) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.delete_event(target, notify.unwrap_or_default()).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn answer_event(desk: DeskState<'_>, answer: EventAnswer) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.answer_event(answer).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn move_event(desk: DeskState<'_>, wish: EventMove) -> Result<MoveAnswer, Failure> {
    reply(desk.engine()?.move_event(wish).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn edit_scopes(desk: DeskState<'_>, key: OccurrenceKey) -> Result<EditScopes, Failure> {
    reply(desk.engine()?.edit_scopes(key).await)
}

/// When a series that is being written takes place from an instant on.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn preview_series(
    desk: DeskState<'_>,
    first: When,
    recurrence: Recurrence,
    from: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<When>, Failure> {
    let viewer = desk.engine()?.config().viewer;
    reply(preview::preview_series(&first, &recurrence, from, limit, viewer))
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn undo(desk: DeskState<'_>, token: UndoToken) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.undo(token).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn event_history(
    desk: DeskState<'_>,
    event_id: EventId,
) -> Result<Vec<HistoryView>, Failure> {
    reply(desk.engine()?.event_history(event_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn deleted_events(desk: DeskState<'_>) -> Result<Vec<DeletedView>, Failure> {
    reply(desk.engine()?.deleted_events().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn revert_change(desk: DeskState<'_>, id: HistoryId) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.revert_change(id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn history_days(desk: DeskState<'_>) -> Result<i64, Failure> {
    reply(desk.engine()?.history_days().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_history_days(desk: DeskState<'_>, days: Option<i64>) -> Result<(), Failure> {
    reply(desk.engine()?.set_history_days(days).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn why(desk: DeskState<'_>, event_id: EventId) -> Result<Vec<String>, Failure> {
    reply(desk.engine()?.why(event_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn runs(desk: DeskState<'_>) -> Result<Vec<RunView>, Failure> {
    reply(desk.engine()?.runs().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn revert_run(desk: DeskState<'_>, run: RunKey) -> Result<RunReverted, Failure> {
    reply(desk.engine()?.revert_run(run).await)
}
