//! Calendar files in the window.
//!
//! The page names no path that the person has not opened with Synodic, and reads none: a file that was dropped or chosen is
//! handed in as bytes, one that the desktop asked to open is read here, and either is known by a number from then on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use synodic_engine::view::{
    ExportWish, Failure, FailureCode, ImportChoice, ImportPlace, ImportPreview, ImportReport, SavedExport,
};
use synodic_model::CalendarId;
use tauri::AppHandle;
use tauri::ipc::{InvokeBody, Request};

use super::app::{add_to, downloads, said};
use super::{DeskState, reply};
use crate::call::internal;
use crate::{calendar_file, window};

/// The calendar file that is being looked at, and those that may be.
#[derive(Debug, Default)]
pub(crate) struct Files(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// Those that the person opened with Synodic.
    asked: BTreeSet<PathBuf>,
    /// The last one that was handed in.
    file: Option<Arc<Vec<u8>>>,
    /// Its number.
    number: u32,
}

impl Files {
    /// Lets the window look at a file that the person opened with Synodic.
    pub(crate) fn allow(&self, path: &Path) {
        self.held().asked.insert(path.to_owned());
    }

    fn is_allowed(&self, path: &Path) -> bool {
        self.held().asked.contains(path)
    }

    fn keep(&self, bytes: Vec<u8>) -> u32 {
        let mut held = self.held();
        held.number = held.number.wrapping_add(1);
        held.file = Some(Arc::new(bytes));
        held.number
    }

    fn bytes(&self, number: u32) -> Result<Vec<u8>, Failure> {
        let file = {
            let held = self.held();
            held.file.clone().filter(|_| held.number == number)
        };
        let bytes = file.ok_or_else(|| refused("This file has been put away. Choose it again."))?;
        Ok(bytes.to_vec())
    }

    fn forget(&self, number: u32) {
        let mut held = self.held();
        if held.number == number {
            held.file = None;
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(message: &str) -> Failure {
    Failure { code: FailureCode::Invalid, message: message.into(), field: None }
}

/// Takes a file that the person dropped or chose, as it is; answers its number.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn hand_in_file(desk: DeskState<'_>, request: Request<'_>) -> Result<u32, Failure> {
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(desk.files.keep(bytes.clone())),
        InvokeBody::Json(_) => Err(refused("A file is handed in as bytes.")),
    }
}

/// Reads a file that the person opened with Synodic; answers its number.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn open_file(desk: DeskState<'_>, path: PathBuf) -> Result<u32, Failure> {
    if !desk.files.is_allowed(&path) {
        return Err(refused("This file was not opened with Synodic."));
    }
    Ok(desk.files.keep(calendar_file::read(path).await?))
}

/// What an import of it would do; without a calendar, into a new one.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn plan_import(
    desk: DeskState<'_>,
    file: u32,
    calendar_id: Option<CalendarId>,
) -> Result<ImportPreview, Failure> {
    reply(desk.engine()?.plan_import(desk.files.bytes(file)?, calendar_id).await)
}

/// Takes its events into a calendar; the window hears how far that is.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn import_file(
    app: AppHandle,
    desk: DeskState<'_>,
    file: u32,
    place: ImportPlace,
    choice: ImportChoice,
) -> Result<ImportReport, Failure> {
    let mut told = |progress| window::emit(&app, "import-progress", &progress);
    reply(desk.engine()?.import(desk.files.bytes(file)?, place, choice, &mut told).await)
}

/// Lets go of a file.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn put_file_away(desk: DeskState<'_>, file: u32) -> Result<(), Failure> {
    desk.files.forget(file);
    Ok(())
}

/// Writes calendars or events as a calendar file into the downloads. What is there already is never written over.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn export_calendar(
    app: AppHandle,
    desk: DeskState<'_>,
    wish: ExportWish,
) -> Result<SavedExport, Failure> {
    let file = reply(desk.engine()?.export(wish).await)?;
    let folder = downloads(&app)?;
    let stem = file.name.strip_suffix(".ics").unwrap_or(&file.name).to_owned();
    let (events, into) = (file.events, folder.clone());
    let writing = tokio::task::spawn_blocking(move || add_to(&into, &stem, "ics", &file.text));
    let written = writing.await.map_err(|error| internal(&error))?;
    Ok(SavedExport { path: said(written, &folder)?, events })
}

/// Shows the folder that files are written to.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn show_downloads(app: AppHandle) -> Result<(), Failure> {
    open::that_detached(downloads(&app)?).map_err(|error| internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_file_at_hand_can_be_read_and_only_what_was_opened_may_be() {
        let files = Files::default();
        let first = files.keep(b"one".to_vec());
        let second = files.keep(b"two".to_vec());
        assert_eq!(files.bytes(second).expect("it is at hand"), b"two");
        files.bytes(first).expect_err("it gave way to the second");
        files.forget(first);
        files.bytes(second).expect("what is forgotten is another one");
        files.forget(second);
        files.bytes(second).expect_err("it is forgotten");

        let opened = Path::new("/home/ada/club.ics");
        files.allow(opened);
        assert!(files.is_allowed(opened));
        assert!(!files.is_allowed(Path::new("/home/ada/.ssh/id_ed25519")));
    }
}
