//! The program's place on the desktop: notifications, the tray's pictures, starting at login, and where the window was
//! asked to go.

use std::sync::PoisonError;

use synodic_engine::desktop::{DesktopSettings, Navigation};
use synodic_engine::view::Failure;
use tauri::AppHandle;

use super::{DeskState, reply};
use crate::{autostart, desktop};

/// Where the window was asked to go and has not been yet, in order. Each is given out once.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn navigations(desk: DeskState<'_>) -> Result<Vec<Navigation>, Failure> {
    let places = std::mem::take(&mut *desk.places.lock().unwrap_or_else(PoisonError::into_inner));
    for place in &places {
        if let Navigation::Import { path } = place {
            desk.files.allow(path);
        }
    }
    Ok(places)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn desktop_settings(desk: DeskState<'_>) -> Result<DesktopSettings, Failure> {
    reply(desk.engine()?.desktop_settings().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_desktop_settings(
    desk: DeskState<'_>,
    settings: DesktopSettings,
) -> Result<(), Failure> {
    reply(desk.engine()?.set_desktop_settings(settings).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn starts_at_login() -> Result<bool, Failure> {
    Ok(autostart::is_on())
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_starts_at_login(on: bool) -> Result<(), Failure> {
    autostart::set(on)
}

/// Ends the program, where there is no tray to do it from.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn quit(app: AppHandle) -> Result<(), Failure> {
    desktop::quit(&app);
    Ok(())
}
