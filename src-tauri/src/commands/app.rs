//! What the window has to know about the program around it, and what leaves it: links, and files that it was asked for.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use synodic_engine::diagnostics::Diagnostics;
use synodic_engine::view::{AppInfo, ClientOrigin, Failure, FailureCode};
use tauri::{AppHandle, Manager as _};
use url::Url;

use super::{DeskState, reply};
use crate::call::internal;

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn app_info(desk: DeskState<'_>) -> Result<AppInfo, Failure> {
    let engine = desk.engine()?;
    let config = engine.config();
    let client = reply(engine.google_client_view().await)?;
    Ok(AppInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        demo: desk.demo,
        time_zone: config.viewer.name().into(),
        data_dir: config.data_dir.display().to_string(),
        google_configured: client.origin != ClientOrigin::Nowhere,
        notion_configured: config.notion.client.is_some(),
    })
}

/// Opens a link from an event in the person's browser. Only http and https: an event must not be able to start a
/// program through some other scheme.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn open_link(url: String) -> Result<(), Failure> {
    let address = Url::parse(&url).ok().filter(|address| matches!(address.scheme(), "http" | "https"));
    let Some(address) = address else {
        let message = "This link is not a web address, so it was not opened.".into();
        return Err(Failure { code: FailureCode::Invalid, message, field: None });
    };
    open::that_detached(address.as_str()).map_err(|error| internal(&error))
}

/// What somebody who helps has to know, and nothing that is the person's own.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn diagnostics(desk: DeskState<'_>) -> Result<Diagnostics, Failure> {
    reply(desk.engine()?.diagnostics().await)
}

/// What the window may write: the page names no path, so that it can only ever add such a file to the downloads.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedFile {
    /// The person's choices.
    Settings,
    /// The diagnostics.
    Diagnostics,
}

/// The most that is written; both kinds are far smaller.
const LONGEST_FILE: usize = 4 << 20;
/// How often another name is tried before giving up.
const NAMES: u32 = 1000;

/// Writes a text into the person's downloads and answers where. What is there already is never written over.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn save_file(app: AppHandle, file: SavedFile, text: String) -> Result<String, Failure> {
    let folder = downloads(&app)?;
    said(save_in(&folder, file, &text), &folder)
}

/// The folder that files of ours are added to.
///
/// # Errors
/// When the person has no home.
pub(crate) fn downloads(app: &AppHandle) -> Result<PathBuf, Failure> {
    let paths = app.path();
    paths.download_dir().or_else(|_| paths.home_dir()).map_err(|error| internal(&error))
}

/// Where a file was written, or why it was not.
///
/// # Errors
/// When it was not.
pub(crate) fn said(written: io::Result<PathBuf>, folder: &Path) -> Result<String, Failure> {
    written.map(|path| path.display().to_string()).map_err(|error| Failure {
        code: FailureCode::Internal,
        message: format!("The file could not be written to {}: {error}.", folder.display()),
        field: None,
    })
}

fn save_in(folder: &Path, file: SavedFile, text: &str) -> io::Result<PathBuf> {
    if text.len() > LONGEST_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too long"));
    }
    let stem = match file {
        SavedFile::Settings => "synodic-settings",
        SavedFile::Diagnostics => "synodic-diagnostics",
    };
    add_to(folder, stem, "json", text)
}

/// Adds a file to a folder, under the first name that is free.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn add_to(folder: &Path, stem: &str, ending: &str, text: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for count in 1..=NAMES {
        let name = if count == 1 { format!("{stem}.{ending}") } else { format!("{stem}-{count}.{ending}") };
        let path = folder.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut open) => {
                open.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there are too many such files"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_of_the_same_kind_stands_beside_the_first() {
        let home = tempfile::tempdir().expect("a folder can be made");
        let folder = home.path().join("Downloads");
        let first = save_in(&folder, SavedFile::Settings, "{}").expect("it is written");
        let second = save_in(&folder, SavedFile::Settings, "[]").expect("it is written");
        assert_eq!(first, folder.join("synodic-settings.json"));
        assert_eq!(second, folder.join("synodic-settings-2.json"));
        assert_eq!(fs::read_to_string(first).expect("it can be read"), "{}");
        assert_eq!(fs::read_to_string(second).expect("it can be read"), "[]");
    }

    #[test]
    fn what_is_far_too_long_is_not_written() {
        let home = tempfile::tempdir().expect("a folder can be made");
        let text = "x".repeat(LONGEST_FILE + 1);
        save_in(home.path(), SavedFile::Diagnostics, &text).expect_err("it is refused");
        assert_eq!(fs::read_dir(home.path()).expect("it can be listed").count(), 0);
    }
}
