//! Daily copies of the replica.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::{StoreError, file};

/// How many copies are kept.
const KEPT: usize = 7;

/// Writes the copy of `today` unless it is there. It appears under its name only when it is whole.
pub(crate) async fn backup_if_due(
    replica: &Path,
    connect: &SqliteConnectOptions,
    today: NaiveDate,
) -> Result<Option<PathBuf>, StoreError> {
    let folder = replica.with_file_name("backups");
    let copy = folder.join(name(today));
    if copy.exists() {
        return Ok(None);
    }
    let failed = |source| StoreError::Backup { path: copy.clone(), source };
    let partial = folder.join("unfinished.db");
    begin(&folder, &partial).map_err(failed)?;
    copy_into(connect, &partial).await.map_err(|error| failed(io::Error::other(error)))?;
    let (from, to) = (partial, copy.clone());
    let finished = tokio::task::spawn_blocking(move || finish(&folder, &from, &to)).await;
    finished.map_err(io::Error::other).flatten().map_err(failed)?;
    Ok(Some(copy))
}

/// The latest copy that there is of `replica`.
pub(crate) fn latest(replica: &Path) -> Option<PathBuf> {
    copies(&replica.with_file_name("backups")).ok()?.into_iter().max()
}

fn name(day: NaiveDate) -> String {
    format!("synodic-{}.db", day.format("%Y-%m-%d"))
}

/// Makes an empty file, for SQLite would make one that others can read.
fn begin(folder: &Path, partial: &Path) -> io::Result<()> {
    file::make_folder(folder)?;
    match fs::remove_file(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    file::for_owner(File::options().write(true).create_new(true)).open(partial)?;
    Ok(())
}

/// Writes a compact copy of one state of the replica, while others read and write it.
async fn copy_into(connect: &SqliteConnectOptions, partial: &Path) -> Result<(), sqlx::Error> {
    let path = partial.to_str().ok_or_else(|| io::Error::other("its path is not Unicode"))?;
    let mut connection = connect.connect().await?;
    let copied = sqlx::query("VACUUM INTO ?").bind(path).execute(&mut connection).await;
    connection.close().await?;
    copied.map(drop)
}

/// Gives the copy its name once the disk has it, and removes the oldest ones.
fn finish(folder: &Path, partial: &Path, copy: &Path) -> io::Result<()> {
    File::options().write(true).open(partial)?.sync_all()?;
    fs::rename(partial, copy)?;
    // The name as well has to reach the disk; Windows cannot open folders, and does it by itself.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    let mut copies = copies(folder)?;
    copies.sort_unstable();
    let surplus = copies.len().saturating_sub(KEPT);
    copies.into_iter().take(surplus).try_for_each(fs::remove_file)
}

fn copies(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut copies = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().and_then(OsStr::to_str).is_some_and(is_copy) {
            copies.push(path);
        }
    }
    Ok(copies)
}

fn is_copy(file_name: &str) -> bool {
    let day = file_name.strip_prefix("synodic-").and_then(|rest| rest.strip_suffix(".db"));
    day.is_some_and(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok())
}
