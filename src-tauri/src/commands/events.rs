//! Events: what is on screen, and a person's edits.

use synodic_engine::view::{
    EditReceipt, EventChange, EventDraft, EventTarget, EventView, Failure, OccurrenceView, UndoToken,
};
use synodic_model::TimeWindow;

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

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn delete_event(desk: DeskState<'_>, target: EventTarget) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.delete_event(target).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn undo(desk: DeskState<'_>, token: UndoToken) -> Result<EditReceipt, Failure> {
    reply(desk.engine()?.undo(token).await)
}
