//! What becomes of a damaged replica: it is moved aside, and what can be read of it goes into a new one.
//!
//! Whatever the services have is read from them again, so only what they do not have is looked for: which accounts and
//! calendars there are and how they are linked, the edits that were not sent, what was never linked, the history. Every
//! link is read from the beginning afterwards, as one whose replica was lost: what is there already is recognised and
//! not created once more, and edits wait until that is done.
//!
//! The new replica is complete on the disk before the damaged one is touched. Its name then says where the damaged one
//! is going, so that a program that ends half-way is followed by one that finishes the move.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::damage::{self, beside};
use crate::{OpenOptions, Store, StoreError, backup, file};

mod mend;
mod rows;
mod understand;

/// Suffixes of the replica's name: the copy that is read, the new one while it is made, the new one when it is whole.
const COPY: &str = "-salvaged-from";
const UNFINISHED: &str = "-unfinished";
const WHOLE: &str = "-whole-";
/// What SQLite keeps beside a database. The log goes first, for the file without its log is missing edits.
const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What was done about a damaged replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvage {
    /// Where the damaged file is now.
    pub aside: PathBuf,
    /// What was wrong with it.
    pub reason: String,
    /// Accounts that are connected still.
    pub accounts: u32,
    /// Unsent edits that were found.
    pub unsent: u32,
    /// Whether all of what was looked for could be read.
    pub is_whole: bool,
}

impl Store {
    /// Opens the replica as [`Store::open`] does; when it is damaged, moves it aside and opens a new one with all that can
    /// be read of it. Only for whoever holds the lock that keeps every other program from the replica.
    ///
    /// # Errors
    /// As [`Store::open`], [`StoreError::Damaged`] only when nothing tells that the file is a replica; a file that is
    /// refused is left as it was.
    pub async fn open_or_salvage(
        path: &Path,
        options: OpenOptions,
        now: DateTime<Utc>,
    ) -> Result<(Self, Option<Salvage>), StoreError> {
        let unwritable = |source| StoreError::Unwritable { path: path.to_owned(), source };
        let finished = finish_move(path).map_err(unwritable)?;
        let damage = match Self::open(path, options.clone()).await {
            Ok(store) => match store.look_for_damage(damage::is_suspect(path)).await {
                Ok(()) => {
                    damage::clear(path);
                    let salvage = match finished {
                        Some(aside) => Some(store.counted(aside, "it was damaged", true).await?),
                        None => None,
                    };
                    return Ok((store, salvage));
                }
                Err(error) => {
                    store.abandon().await;
                    error
                }
            },
            Err(error) => error,
        };
        let StoreError::Damaged { reason, .. } = &damage else { return Err(damage) };
        tracing::warn!(path = %path.display(), reason, "the database is damaged; what can be read of it is salvaged");
        if !mend::may_be_ours(path).map_err(unwritable)? {
            return Err(damage);
        }
        let aside = beside(path, &format!(".damaged-{}", now.format("%Y%m%d-%H%M%S")));
        let is_whole = rebuild(path, &aside).await?;
        finish_move(path).map_err(unwritable)?;
        damage::clear(path);
        let store = Self::open(path, options).await?;
        let salvage = store.counted(aside, reason, is_whole).await?;
        Ok((store, Some(salvage)))
    }

    async fn counted(&self, aside: PathBuf, reason: &str, is_whole: bool) -> Result<Salvage, StoreError> {
        let counts = self.queue_counts().await?;
        Ok(Salvage {
            aside,
            reason: reason.to_owned(),
            accounts: u32::try_from(self.integrations().await?.len()).unwrap_or(u32::MAX),
            unsent: counts.values().map(|counts| counts.pending + counts.processing + counts.failed).sum(),
            is_whole,
        })
    }
}

/// Makes the new replica, under the name that says where the damaged one is to go. Says whether all of what was looked
/// for could be read.
async fn rebuild(path: &Path, aside: &Path) -> Result<bool, StoreError> {
    let unwritable = |source| StoreError::Unwritable { path: path.to_owned(), source };
    let (copy, unfinished) = (beside(path, COPY), beside(path, UNFINISHED));
    for leftover in [&copy, &unfinished] {
        remove(leftover).map_err(unwritable)?;
    }
    let made = async {
        mend::copy(path, &copy).map_err(unwritable)?;
        refuse_what_is_not_ours(path, &copy).await?;
        let store = Store::open(&unfinished, OpenOptions::default()).await?;
        store.close().await;
        if !has_contents(&copy).await {
            tracing::warn!("the database has no table of contents; that of a new one is tried");
            mend::lend_contents(&copy, &unfinished).map_err(unwritable)?;
        }
        let mut is_whole = rows::carry_over(&unfinished, &copy, rows::Source::Damaged).await?;
        if !is_whole && let Some(backup) = backup::latest(path) {
            // What is only in the backup may be out of date; it is better than an account that has to be set up anew.
            match rows::carry_over(&unfinished, &backup, rows::Source::Backup).await {
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the latest backup could not be read either"),
            }
        }
        let store = Store::open(&unfinished, OpenOptions::default()).await?;
        is_whole &= store.drop_what_cannot_be_understood().await?;
        store.mark_what_is_unsent().await?;
        store.close().await;
        Ok(is_whole)
    }
    .await;
    remove(&copy).map_err(unwritable)?;
    if made.is_err() {
        // The cause matters more than what is left over, which the next attempt removes.
        let _ = remove(&unfinished);
    }
    let is_whole = made?;
    let stamp = aside.file_name().and_then(OsStr::to_str).and_then(|name| name.rsplit_once(".damaged-"));
    let (_, stamp) = stamp.unwrap_or(("", "before"));
    publish(&unfinished, &beside(path, &format!("{WHOLE}{stamp}"))).map_err(unwritable)?;
    Ok(is_whole)
}

/// Leaves alone what another program or a newer version has written, as far as that can be told.
async fn refuse_what_is_not_ours(path: &Path, copy: &Path) -> Result<(), StoreError> {
    let mut connection = match reading(copy).connect().await {
        Ok(connection) => connection,
        Err(error) => {
            tracing::warn!(%error, "nothing of the damaged database can be read");
            return Ok(());
        }
    };
    let verdict = owner(&mut connection, path).await;
    let _ = connection.close().await;
    verdict
}

async fn owner(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let tables: Result<Vec<String>, _> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(&mut *connection)
            .await;
    let Ok(tables) = tables else { return Ok(()) };
    if !tables.is_empty() && !tables.iter().any(|table| rows::TABLES.contains(&table.as_str())) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    let version: Result<Option<i64>, _> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut *connection).await;
    match version {
        Ok(Some(version)) if !file::MIGRATIONS.version_exists(version) => {
            Err(StoreError::Newer { path: path.to_owned(), version })
        }
        _ => Ok(()),
    }
}

/// Whether the tables that edits are in can be found.
async fn has_contents(copy: &Path) -> bool {
    let Ok(mut connection) = reading(copy).connect().await else { return false };
    let tables: Result<Vec<String>, _> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(&mut connection)
            .await;
    let _ = connection.close().await;
    tables.is_ok_and(|tables| {
        ["event", "sync_queue", "link"].iter().all(|table| tables.iter().any(|known| known == table))
    })
}

/// How a damaged database is read: what SQLite finds wrong with its schema or its length is no reason to stop.
fn reading(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).pragma("writable_schema", "ON").disable_statement_logging()
}

/// Gives a new replica its next name once the disk has it.
fn publish(from: &Path, to: &Path) -> io::Result<()> {
    File::options().write(true).open(from)?.sync_all()?;
    fs::rename(from, to)
}

/// Moves the damaged replica out of the way of the whole one, if there is one; goes on where an earlier program stopped.
/// Returns where the damaged one is.
fn finish_move(path: &Path) -> io::Result<Option<PathBuf>> {
    let Some((whole, stamp)) = whole_beside(path)? else { return Ok(None) };
    let aside = beside(path, &format!(".damaged-{stamp}"));
    for suffix in LOGS.into_iter().chain([""]) {
        let (from, to) = (beside(path, suffix), beside(&aside, suffix));
        if from.exists() && !to.exists() {
            fs::rename(from, to)?;
        }
    }
    fs::rename(whole, path)?;
    // The names as well have to reach the disk; Windows cannot open folders, and does it by itself.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(Some(aside))
}

/// A new replica that is whole and waits for its name, and when the damaged one was found.
fn whole_beside(path: &Path) -> io::Result<Option<(PathBuf, String)>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
        return Ok(None);
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    for entry in entries {
        let found = entry?.path();
        let stamp = found.file_name().and_then(OsStr::to_str).and_then(|found| found.strip_prefix(name));
        if let Some(stamp) = stamp.and_then(|rest| rest.strip_prefix(WHOLE)).map(str::to_owned) {
            return Ok(Some((found, stamp)));
        }
    }
    Ok(None)
}

/// Removes a database and what belongs to it.
fn remove(path: &Path) -> io::Result<()> {
    for suffix in LOGS.into_iter().chain([""]) {
        match fs::remove_file(beside(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
