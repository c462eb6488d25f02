//! Events: what is on screen, and a person's edits.

use chrono::{DateTime, Utc};
use synodic_engine::preview;
use synodic_engine::view::{
    EditReceipt, EditScopes, EventAnswer, EventChange, EventDraft, EventMove, EventTarget, EventView,
    Failure, MoveAnswer, NotifyAttendees, OccurrenceView, UndoToken,
};
use synodic_model::{OccurrenceKey, Recurrence, TimeWindow, When};

use super::{DeskState, reply};

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn occurrences(
    desk: DeskState<'_>,
    window: TimeWindow,
) -> Result<Vec<OccurrenceView>, Failure> {
    reply(desk.engine()?.occurrences(window).await)
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
