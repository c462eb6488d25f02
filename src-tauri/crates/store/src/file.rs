//! The file itself: made for its owner alone, and looked at before anything is done to it.
//!
//! A file that we cannot use is refused with the reason and left as it was, byte for byte: it may be the only copy of
//! somebody's edits. So it is examined over a connection that can only read, before one is opened that can write.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::path::Path;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::StoreError;
use crate::error::{
    SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_CORRUPT, SQLITE_ERROR, SQLITE_IOERR, SQLITE_LOCKED, SQLITE_NOTADB,
    SQLITE_PERM, code,
};

/// The history of the schema.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../../migrations");

/// What the first look at a file said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// There was nothing; an empty file is there now.
    New,
    /// It begins like a database of the length that the file has.
    Sound,
    /// It begins like a database of some other length.
    Odd,
}

/// Makes sure that the file is there, can be written, and begins like a database.
pub(crate) fn prepare(path: &Path) -> Result<Look, StoreError> {
    let unwritable = |source| StoreError::Unwritable { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        make_folder(folder).map_err(unwritable)?;
    }
    let file = for_owner(File::options().read(true).write(true).create(true).truncate(false))
        .open(path)
        .map_err(unwritable)?;
    let length = file.metadata().map_err(unwritable)?.len();
    let mut header = Vec::new();
    file.take(HEADER).read_to_end(&mut header).map_err(unwritable)?;
    let logs = Logs { wal: is_beside(path, "-wal"), journal: is_beside(path, "-journal") };
    look(&header, length, logs).ok_or_else(|| damaged(path, "it is not a whole database"))
}

/// The logs beside a file, from which SQLite may yet make it whole.
#[derive(Clone, Copy, Debug)]
struct Logs {
    wal: bool,
    journal: bool,
}

fn is_beside(path: &Path, suffix: &str) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push(suffix);
    fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Refuses what is damaged, not ours, or of a later time.
pub(crate) async fn examine(
    path: &Path,
    look: Look,
    options: &SqliteConnectOptions,
) -> Result<(), StoreError> {
    if look == Look::New {
        return Ok(());
    }
    let examined = match options.clone().read_only(true).connect().await {
        Ok(mut connection) => {
            let examined = examine_with(&mut connection, path, look).await;
            // Nothing was written, so there is nothing that closing could fail to keep.
            let _ = connection.close().await;
            examined
        }
        Err(error) => Err(refusal(path, error)),
    };
    match examined {
        // An unfinished write has to be undone first, which a connection that only reads must not do.
        Err(StoreError::ReadOnly { .. }) => Ok(()),
        other => other,
    }
}

/// Takes away what others may do with a file that was there before.
pub(crate) fn close_to_others(path: &Path) -> Result<(), StoreError> {
    restrict(path).map_err(|source| StoreError::Unwritable { path: path.to_owned(), source })
}

/// Says why a database that does not open does not.
pub(crate) fn refusal(path: &Path, error: sqlx::Error) -> StoreError {
    match code(&error) {
        Some(SQLITE_NOTADB | SQLITE_CORRUPT) => damaged(path, &error.to_string()),
        Some(SQLITE_BUSY | SQLITE_LOCKED) => StoreError::Locked { path: path.to_owned() },
        Some(SQLITE_CANTOPEN | SQLITE_PERM | SQLITE_IOERR) => {
            StoreError::Unwritable { path: path.to_owned(), source: io::Error::other(error) }
        }
        _ => StoreError::during("opening the replica")(error),
    }
}

/// Says why the schema could not be brought up to date.
pub(crate) fn unmigrated(path: &Path, error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(source) => refusal(path, source),
        // A full disk or another writer is no fault of the migration.
        MigrateError::ExecuteMigration(source, _) if code(&source) != Some(SQLITE_ERROR) => {
            refusal(path, source)
        }
        other => StoreError::Migrate(Box::new(other)),
    }
}

/// Makes a folder, and those above it, for its owner alone; one that is there is left as it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Has a new file belong to its owner alone. SQLite gives its `-wal` and `-shm` the mode of the database.
pub(crate) fn for_owner(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

async fn examine_with(connection: &mut SqliteConnection, path: &Path, look: Look) -> Result<(), StoreError> {
    if look == Look::Odd {
        let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| refusal(path, error))?;
        if verdict != "ok" {
            return Err(damaged(path, &verdict));
        }
    }
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| refusal(path, error))?;
    if tables.is_empty() {
        return Ok(());
    }
    if !tables.iter().any(|table| table == "_sqlx_migrations") {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    let version: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| refusal(path, error))?;
    match version {
        Some(version) if !MIGRATIONS.version_exists(version) => {
            Err(StoreError::Newer { path: path.to_owned(), version })
        }
        _ => Ok(()),
    }
}

fn damaged(path: &Path, reason: &str) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), reason: reason.to_owned() }
}

/// The part of a database that tells how long it is (<https://sqlite.org/fileformat.html#the_database_header>).
const HEADER: u64 = 100;

fn look(header: &[u8], length: u64, logs: Logs) -> Option<Look> {
    if length == 0 {
        // Beside an empty file SQLite deletes the log, which may be all that is left of a replica.
        return (!logs.wal).then_some(Look::New);
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return None;
    }
    // Its versions, the bytes kept free on each page, and the fractions, of which only one choice was ever made. SQLite
    // opens a file of a later version for reading only.
    let versions = header.get(18..24)?;
    if !matches!(versions, [1 | 2, 1 | 2, 0, 64, 32, 32]) {
        return None;
    }
    // The schema's format and the encoding of texts: SQLite refuses others as if they were of the future.
    if !matches!(header.get(44..48)?, [0, 0, 0, 0..=4]) || !matches!(header.get(56..60)?, [0, 0, 0, 0..=3]) {
        return None;
    }
    let page_size = match u16::from_be_bytes(*header.get(16..)?.first_chunk()?) {
        1 => 65536,
        size => u64::from(size),
    };
    // SQLite takes a file of less than one page for an empty one and would begin anew in it, and a page that is cut off
    // for one that ends in zeros.
    let is_torn = !length.is_multiple_of(page_size) && !logs.wal && !logs.journal;
    if length < page_size || is_torn {
        return None;
    }
    let pages = u64::from(u32::from_be_bytes(*header.get(28..)?.first_chunk()?));
    Some(if page_size * pages == length { Look::Sound } else { Look::Odd })
}

fn restrict(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
