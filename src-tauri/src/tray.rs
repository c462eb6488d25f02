//! The tray icon: its picture, its title and the first line of its menu follow the sync snapshot.
//!
//! Linux trays give no left click and no tooltip through this library, so everything that matters is in the picture
//! and the menu. A desktop without a tray is no failure: the window has it all.

use std::path::Path;

use chrono::Utc;
use synodic_engine::Engine;
use synodic_engine::snapshot::{SyncSnapshot, SyncState};
use tauri::image::Image;
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};

use crate::present::{self, Glyph};
use crate::{desktop, window};

const OPEN: &str = "open";
const SYNC_NOW: &str = "sync-now";
const PAUSE: &str = "pause";
const QUIT: &str = "quit";

/// The parts of the tray that change.
struct Tray {
    icon: TrayIcon,
    state_line: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    shown: Option<(Glyph, String, bool)>,
}

/// Puts the icon into the tray and lets it follow the engine.
///
/// # Errors
/// When the icon or its menu cannot be made; the program goes on without them.
pub(crate) fn start(app: &AppHandle, engine: &Engine, pictures: &Path) -> tauri::Result<()> {
    let mut tray = build(app, engine.clone(), pictures)?;
    let mut snapshots = engine.snapshots();
    tray.show(&snapshots.borrow_and_update());
    tauri::async_runtime::spawn(async move {
        loop {
            // The line says how long ago the last success was, so it ages even when nothing happens.
            let minute = tokio::time::sleep(std::time::Duration::from_secs(60));
            tokio::select! {
                changed = snapshots.changed() => if changed.is_err() { break },
                () = minute => {}
            }
            let snapshot = snapshots.borrow_and_update().clone();
            tray.show(&snapshot);
        }
    });
    Ok(())
}

fn build(app: &AppHandle, engine: Engine, pictures: &Path) -> tauri::Result<Tray> {
    let state_line = MenuItem::with_id(app, "state", "Starting", false, None::<&str>)?;
    let pause = MenuItem::with_id(app, PAUSE, "Pause", true, None::<&str>)?;
    let menu = Menu::with_items(
        app,
        &[
            &state_line,
            &PredefinedMenuItem::separator(app)?,
            &MenuItem::with_id(app, OPEN, "Open Synodic", true, None::<&str>)?,
            &MenuItem::with_id(app, SYNC_NOW, "Sync now", true, None::<&str>)?,
            &pause,
            &PredefinedMenuItem::separator(app)?,
            &MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?,
        ],
    )?;
    let icon = TrayIconBuilder::with_id("synodic")
        .menu(&menu)
        .temp_dir_path(pictures)
        .icon(picture(Glyph::Synced)?)
        .on_menu_event(move |app, event| chosen(app, &engine, &event))
        .build(app)?;
    Ok(Tray { icon, state_line, pause, shown: None })
}

impl Tray {
    /// Shows a snapshot; does nothing when it looks the same as the last one.
    fn show(&mut self, snapshot: &SyncSnapshot) {
        let glyph = present::glyph(snapshot.state);
        let line = present::line(snapshot, Utc::now());
        let paused = snapshot.paused.is_some() || snapshot.state == SyncState::Paused;
        let look = (glyph, line, paused);
        if self.shown.as_ref() == Some(&look) {
            return;
        }
        if let Err(error) = self.draw(&look) {
            tracing::warn!(%error, "the tray icon could not be changed");
        }
        self.shown = Some(look);
    }

    fn draw(&self, (glyph, line, paused): &(Glyph, String, bool)) -> tauri::Result<()> {
        if self.shown.as_ref().map(|shown| shown.0) != Some(*glyph) {
            self.icon.set_icon(Some(picture(*glyph)?))?;
        }
        self.icon.set_tooltip(Some(format!("Synodic: {line}")))?;
        self.icon.set_title(title(*glyph))?;
        self.state_line.set_text(line)?;
        self.pause.set_text(if *paused { "Resume" } else { "Pause" })
    }
}

/// A word beside the icon, where the tray has room for one; silent when all is well.
const fn title(glyph: Glyph) -> Option<&'static str> {
    match glyph {
        Glyph::Synced | Glyph::Syncing | Glyph::Pending => None,
        Glyph::Offline => Some("Offline"),
        Glyph::Paused => Some("Paused"),
        Glyph::Attention => Some("Look"),
        Glyph::Failed => Some("Failed"),
        Glyph::SignIn => Some("Sign in"),
    }
}

fn picture(glyph: Glyph) -> tauri::Result<Image<'static>> {
    let bytes: &[u8] = match glyph {
        Glyph::Synced => include_bytes!("../../icons/tray/synced.png"),
        Glyph::Syncing => include_bytes!("../../icons/tray/syncing.png"),
        Glyph::Pending => include_bytes!("../../icons/tray/pending.png"),
        Glyph::Offline => include_bytes!("../../icons/tray/offline.png"),
        Glyph::Paused => include_bytes!("../../icons/tray/paused.png"),
        Glyph::Attention => include_bytes!("../../icons/tray/attention.png"),
        Glyph::Failed => include_bytes!("../../icons/tray/failed.png"),
        Glyph::SignIn => include_bytes!("../../icons/tray/sign-in.png"),
    };
    Image::from_bytes(bytes)
}

fn chosen(app: &AppHandle, engine: &Engine, event: &MenuEvent) {
    match event.id().as_ref() {
        OPEN => window::raise(app),
        SYNC_NOW => engine.sync_now(),
        PAUSE => toggle_pause(engine.clone()),
        QUIT => desktop::quit(app),
        other => tracing::debug!(other, "a menu item without an action"),
    }
}

fn toggle_pause(engine: Engine) {
    tauri::async_runtime::spawn(async move {
        let changed = match engine.snapshot().paused {
            Some(_) => engine.resume().await,
            None => engine.pause(None).await,
        };
        if let Err(error) = changed {
            tracing::warn!(%error, "sync could not be paused or resumed");
        }
    });
}
