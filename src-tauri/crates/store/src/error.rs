//! What can go wrong with the replica, in words that say what to do.

use std::io;
use std::path::PathBuf;

use sqlx::error::DatabaseError;

/// A failed call of the store. A refusal to open has left the file as it was, byte for byte.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not a whole SQLite database.
    #[error("{} is damaged ({reason}); move it aside, or put a backup in its place", path.display())]
    Damaged {
        /// The replica.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is a database of some other program.
    #[error("{} belongs to another program; name another folder", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program has changed the file's schema.
    #[error("{} was written by a newer version of Synodic (schema {version}); update Synodic to open it", path.display())]
    Newer {
        /// The replica.
        path: PathBuf,
        /// The newest migration in it.
        version: i64,
    },
    /// The file or its folder cannot be created, read or written.
    #[error("{} cannot be written; check its folder and permissions, or name another folder", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another program holds the file and does not let go.
    #[error("{} is locked by another program; close that one, then try again", path.display())]
    Locked {
        /// The replica.
        path: PathBuf,
    },
    /// A step from an older schema to ours failed; the file is as it was before that step.
    #[error("the replica cannot be brought to the present schema; restore a backup, or report this")]
    Migrate(#[source] Box<sqlx::migrate::MigrateError>),
    /// The disk is full. Nothing was written.
    #[error("the disk is full: free some space, then try again (while {doing})")]
    Full {
        /// What was being done.
        doing: &'static str,
    },
    /// The file may only be read. Nothing was written.
    #[error(
        "the database may only be read: let Synodic write to it and its folder, then try again (while {doing})"
    )]
    ReadOnly {
        /// What was being done.
        doing: &'static str,
    },
    /// The disk did not do what it was asked for. Nothing was written.
    #[error("the disk cannot be read or written: look after it, then try again (while {doing})")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// Somebody else wrote for longer than we wait. Nothing was written.
    #[error("another program keeps the replica busy; try again (while {doing})")]
    Busy {
        /// What was being done.
        doing: &'static str,
    },
    /// The replica has been closed.
    #[error("the replica is closed (while {doing})")]
    Closed {
        /// What was being done.
        doing: &'static str,
    },
    /// SQLite found the open file to be damaged.
    #[error("the replica was found to be damaged while {doing}; close Synodic and start it again")]
    Corrupt {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A row would break a rule of the schema: a missing calendar, a second event of one identity. A fault of the
    /// caller; nothing was written.
    #[error("the replica refuses a row while {doing}")]
    Constraint {
        /// What was being done.
        doing: &'static str,
        /// Which rule.
        #[source]
        source: sqlx::Error,
    },
    /// Anything else that SQLite or a row's contents had to say.
    #[error("the replica failed while {doing}")]
    Failed {
        /// What was being done.
        doing: &'static str,
        /// What SQLite said.
        #[source]
        source: sqlx::Error,
    },
    /// A value could not be written as JSON.
    #[error("a value cannot be stored while {doing}")]
    Encode {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The daily copy failed; the replica itself is unharmed.
    #[error("the backup {} could not be written", path.display())]
    Backup {
        /// The copy.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl StoreError {
    /// Whether the replica is damaged and has to be moved aside and rebuilt. A value that is not what was written is
    /// damage too, though SQLite does not see it.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::Corrupt { .. } => true,
            Self::Failed { source, .. } => {
                matches!(source, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
            }
            _ => false,
        }
    }

    /// Adds to SQLite's error what was being done, as in `.map_err(StoreError::during("reading an event"))`.
    pub(crate) fn during(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| match code(&source) {
            None if matches!(source, sqlx::Error::PoolClosed) => Self::Closed { doing },
            None if matches!(source, sqlx::Error::PoolTimedOut) => Self::Busy { doing },
            Some(SQLITE_BUSY | SQLITE_LOCKED) => Self::Busy { doing },
            Some(SQLITE_FULL) => Self::Full { doing },
            Some(SQLITE_READONLY | SQLITE_PERM) => Self::ReadOnly { doing },
            Some(SQLITE_IOERR) => Self::Disk { doing, source },
            Some(SQLITE_CORRUPT | SQLITE_NOTADB) => Self::Corrupt { doing, source },
            Some(SQLITE_CONSTRAINT) => Self::Constraint { doing, source },
            _ => Self::Failed { doing, source },
        }
    }
}

/// SQLite's primary result code, if the error is one of SQLite's.
pub(crate) fn code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error().and_then(DatabaseError::code)?.parse().ok()?;
    Some(extended & 0xff)
}

// Primary result codes (https://sqlite.org/rescode.html) that mean something to a person.
pub(crate) const SQLITE_ERROR: i32 = 1;
pub(crate) const SQLITE_PERM: i32 = 3;
pub(crate) const SQLITE_BUSY: i32 = 5;
pub(crate) const SQLITE_LOCKED: i32 = 6;
pub(crate) const SQLITE_READONLY: i32 = 8;
pub(crate) const SQLITE_IOERR: i32 = 10;
pub(crate) const SQLITE_CORRUPT: i32 = 11;
pub(crate) const SQLITE_FULL: i32 = 13;
pub(crate) const SQLITE_CANTOPEN: i32 = 14;
pub(crate) const SQLITE_CONSTRAINT: i32 = 19;
pub(crate) const SQLITE_NOTADB: i32 = 26;
