//! The calendar window: made once, hidden when closed, brought back by the tray or a second start.

use std::sync::PoisonError;

use synodic_engine::Engine;
use synodic_engine::desktop::Navigation;
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder, WindowEvent};

use crate::commands::Desk;
use crate::{notify, tray};

/// The window's label, which the capability names.
const LABEL: &str = "main";

/// Makes the window; `hidden` leaves it out of sight until somebody asks for it.
///
/// # Errors
/// When the desktop has no web view for us.
pub(crate) fn create(app: &AppHandle, hidden: bool) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Synodic")
        .inner_size(1280.0, 800.0)
        .min_inner_size(720.0, 480.0)
        .visible(!hidden)
        .build()?;
    let app = app.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            hide(&app);
            tell_where_it_went(&app);
        }
        WindowEvent::Focused(focused) => in_use(&app, *focused),
        _ => {}
    });
    Ok(())
}

/// Shows the window, gives it the focus, and has it go to a place.
pub(crate) fn raise(app: &AppHandle, place: Option<Navigation>) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the window could not be shown");
    }
    in_use(app, true);
    if let (Some(place), Some(desk)) = (place, app.try_state::<Desk>()) {
        // A window that is still loading asks for it when it is ready; one that is there is told to ask.
        desk.places.lock().unwrap_or_else(PoisonError::into_inner).push(place);
        emit(app, "navigate", &());
    }
}

fn hide(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window could not be hidden");
    }
    in_use(app, false);
}

/// Says once that the program goes on, where no tray shows it.
fn tell_where_it_went(app: &AppHandle) {
    let Some(Ok(engine)) = app.try_state::<Desk>().map(|desk| desk.inner().engine.clone()) else { return };
    tauri::async_runtime::spawn(async move {
        if !tray::is_shown().await && engine.is_first_time("goes on without a tray").await {
            let body = "This desktop has no tray to show it in. Start Synodic again to bring the window back; \
                        “Quit Synodic” among its commands (Ctrl K) ends it.";
            notify::say("Synodic goes on in the background", body);
        }
    });
}

/// While somebody looks, services are asked more often.
fn in_use(app: &AppHandle, in_use: bool) {
    if let Some(Ok(engine)) = app.try_state::<Desk>().map(|desk| desk.inner().engine.clone()) {
        engine.set_window_in_use(in_use);
    }
}

/// Tells the window of every new snapshot and every change, for as long as the engine runs.
pub(crate) fn forward(app: &AppHandle, engine: &Engine) {
    let (mut snapshots, mut changes) = (engine.snapshots(), engine.changes());
    let window = app.clone();
    tauri::async_runtime::spawn(async move {
        while snapshots.changed().await.is_ok() {
            let snapshot = snapshots.borrow_and_update().clone();
            emit(&window, "sync-snapshot", &snapshot);
        }
    });
    let window = app.clone();
    tauri::async_runtime::spawn(async move {
        use tokio::sync::broadcast::error::RecvError;
        loop {
            match changes.recv().await {
                Ok(change) => emit(&window, "replica-change", &change),
                // Too many to follow one by one: the window reads everything again.
                Err(RecvError::Lagged(_)) => {
                    emit(&window, "replica-change", &synodic_engine::view::Change::Calendars);
                }
                Err(RecvError::Closed) => break,
            }
        }
    });
}

fn emit<T: serde::Serialize + Clone>(app: &AppHandle, event: &str, payload: &T) {
    if let Err(error) = app.emit(event, payload) {
        tracing::warn!(%error, event, "the window could not be told");
    }
}
