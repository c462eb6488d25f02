//! The calendar window: made when somebody wants to see it, gone when it is closed.
//!
//! A web view costs some hundred megabytes, so none is kept for a window that nobody looks at. The tray, a notification,
//! a link or a second start makes it anew, where and as large as it was.

use std::sync::PoisonError;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicU32, Ordering};
#[cfg(target_os = "linux")]
use std::time::Duration;

use synodic_engine::Engine;
use synodic_engine::desktop::Navigation;
use tauri::plugin::TauriPlugin;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Emitter, Manager, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent, Wry};
use tauri_plugin_window_state::{AppHandleExt, StateFlags};

use crate::commands::Desk;
#[cfg(target_os = "linux")]
use crate::web_process;
use crate::{anew, notify, tray};

/// The window's label, which the capability names.
const LABEL: &str = "main";

/// How long after the window the web view's last process is ended.
#[cfg(target_os = "linux")]
const LINGERING: Duration = Duration::from_secs(10);

/// What is remembered of the window.
const REMEMBERED: StateFlags = StateFlags::SIZE.union(StateFlags::POSITION).union(StateFlags::MAXIMIZED);

/// Remembers the window's place and size, in `window.json` in the folder for settings.
pub(crate) fn memory() -> TauriPlugin<Wry> {
    let memory = tauri_plugin_window_state::Builder::new();
    memory.with_state_flags(REMEMBERED).with_filename("window.json").build()
}

/// Makes the window and shows it.
///
/// # Errors
/// When the desktop has no web view for us.
pub(crate) fn create(app: &AppHandle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Synodic")
        .inner_size(1280.0, 800.0)
        .min_inner_size(720.0, 480.0)
        // It is put where it was before anybody sees it.
        .visible(false)
        // A file that is dropped comes to the page, which shows where it may fall.
        .disable_drag_drop_handler()
        // Whatever an event's text may bring about, the page stays ours; links go through `open_link`, which looks at them.
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    #[cfg(target_os = "linux")]
    window.with_webview(|view| web_process::revive(&view.inner()))?;
    let handle = app.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::CloseRequested { .. } => {
            remember(&handle);
            tell_where_it_went(&handle);
        }
        WindowEvent::Destroyed => {
            in_use(&handle, false);
            #[cfg(target_os = "linux")]
            clean_up(&handle);
            anew::follow(&handle);
        }
        WindowEvent::Focused(focused) => in_use(&handle, *focused),
        _ => {}
    });
    window.show()
}

/// Whether an address is a page of the program itself.
fn is_ours(address: &Url) -> bool {
    match address.scheme() {
        "tauri" => address.host_str() == Some("localhost"),
        // As it is called on Windows.
        "http" | "https" => address.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// Shows the window, gives it the focus, and has it go to a place. On the main thread only.
pub(crate) fn raise(app: &AppHandle, place: Option<Navigation>) {
    if anew::show(app) {
        return;
    }
    if let (Some(place), Some(desk)) = (place, app.try_state::<Desk>()) {
        // A window that is made or still loading asks for it when it is ready; one that is there is told to ask.
        desk.places.lock().unwrap_or_else(PoisonError::into_inner).push(place);
        emit(app, "navigate", &());
    }
    let shown = match app.get_webview_window(LABEL) {
        Some(window) => window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus()),
        None => create(app),
    };
    if let Err(error) = shown {
        tracing::warn!(%error, "the window could not be shown");
    }
    in_use(app, true);
}

/// Whether there is a window, shown or not.
pub(crate) fn is_there(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some()
}

/// Writes the window's place down at once, for the program may go on for weeks and end with the battery. The demo keeps
/// nothing.
fn remember(app: &AppHandle) {
    if app.try_state::<Desk>().is_some_and(|desk| desk.demo) {
        return;
    }
    if let Err(error) = app.save_window_state(REMEMBERED) {
        tracing::warn!(%error, "the window's place could not be remembered");
    }
}

/// Says once that the program goes on, where no tray shows it.
fn tell_where_it_went(app: &AppHandle) {
    let Some(desk) = app.try_state::<Desk>() else { return };
    let (Ok(engine), holds) = (desk.engine.clone(), desk.holds.clone()) else { return };
    tauri::async_runtime::spawn(async move {
        if !tray::is_shown().await && engine.is_first_time("goes on without a tray").await {
            let body = "This desktop has no tray to show it in. Start Synodic again to bring the window back; \
                        “Quit Synodic” among its commands (Ctrl K) ends it.";
            notify::say(&holds, "Synodic goes on in the background", body);
        }
    });
}

/// Ends what the web view leaves behind, unless the window is opened again soon.
#[cfg(target_os = "linux")]
fn clean_up(app: &AppHandle) {
    static CLOSED: AtomicU32 = AtomicU32::new(0);
    let time = CLOSED.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(LINGERING).await;
        let handle = app.clone();
        // On the main thread, for a window is made there. Where that has ended there is nothing left to end.
        let _ = app.run_on_main_thread(move || {
            let is_last = CLOSED.load(Ordering::Relaxed) == time;
            if is_last && !is_there(&handle) {
                crate::leftover::end();
            }
        });
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

/// Tells the window something.
pub(crate) fn emit<T: serde::Serialize + Clone>(app: &AppHandle, event: &str, payload: &T) {
    if let Err(error) = app.emit(event, payload) {
        tracing::warn!(%error, event, "the window could not be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_can_go_nowhere_else() {
        for (address, expected) in [
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/", true),
            ("tauri://elsewhere/", false),
            ("https://example.org/", false),
            ("https://tauri.localhost.example.org/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,hello", false),
            ("about:blank", false),
        ] {
            assert_eq!(is_ours(&address.parse().unwrap()), expected, "{address}");
        }
    }
}
