//! The open replica: its connections, and how it comes and goes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, SqlitePool};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::connection::{Connection, Shelf};
use crate::{Boundary, Durability, StoreError, Transaction, Turnstile, backup, file};

/// How to open the replica.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// How long to wait for another process that holds the file.
    pub busy_timeout: Duration,
    /// How many reads may run at once.
    pub readers: u32,
    /// Lets one access through at a time, so that a history in a test happens in the same order again; reads run beside
    /// each other and beside the writer when absent.
    pub turnstile: Option<Turnstile>,
    /// Crossed before and after every commit.
    pub boundary: Boundary,
    /// How many pages the file may have at most, as if the disk had no room for more; as many as the disk takes when
    /// absent.
    pub max_pages: Option<u32>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            readers: 4,
            turnstile: None,
            boundary: Boundary::default(),
            max_pages: None,
        }
    }
}

/// The open replica. Cheap to clone; all clones are the same replica.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    connect: SqliteConnectOptions,
    ways: Ways,
    /// Whoever holds it writes. Fair, unlike SQLite's own lock, at which waiters knock at random.
    turn: Turnstile,
    boundary: Boundary,
    /// Whoever holds it makes the backup.
    backup: Mutex<()>,
}

/// How to get at the file.
#[derive(Debug)]
enum Ways {
    /// As usual. There are two connections to write over, for how a commit is made durable is a connection's affair;
    /// [`Inner::turn`] sees to it that only one of the two writes.
    Pools { edits: SqlitePool, pulled: SqlitePool, readers: SqlitePool },
    /// In a history: one connection, for one access at a time.
    Alone(Shelf),
}

impl Ways {
    async fn pools(connect: &SqliteConnectOptions, readers: u32, path: &Path) -> Result<Self, StoreError> {
        let edits = writer(connect.clone().synchronous(SqliteSynchronous::Full), path).await?;
        file::MIGRATIONS.run(&edits).await.map_err(|error| file::unmigrated(path, error))?;
        let pulled = connect.clone().synchronous(SqliteSynchronous::Normal).pragma(CACHE, FOR_MANY);
        let pulled = writer(pulled, path).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(connect.clone().pragma("query_only", "ON"))
            .await
            .map_err(|error| file::refusal(path, error))?;
        Ok(Self::Pools { edits, pulled, readers })
    }

    async fn alone(connect: &SqliteConnectOptions, path: &Path) -> Result<Self, StoreError> {
        let connected = connect.clone().synchronous(SqliteSynchronous::Full).connect().await;
        let mut connection = connected.map_err(|error| file::refusal(path, error))?;
        file::MIGRATIONS.run(&mut connection).await.map_err(|error| file::unmigrated(path, error))?;
        Ok(Self::Alone(Shelf::of(connection)))
    }

    /// Closes the file; its log is folded into it if that is asked for.
    async fn close(&self, is_to_fold: bool) {
        const FOLD: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
        let folded = match self {
            Self::Pools { edits, pulled, readers } => {
                readers.close().await;
                pulled.close().await;
                let folded =
                    if is_to_fold { sqlx::query(FOLD).execute(edits).await.map(drop) } else { Ok(()) };
                edits.close().await;
                folded
            }
            Self::Alone(shelf) => {
                let lent = shelf.lend().ok().filter(|_| is_to_fold).map(Connection::Lent);
                let folded = match lent {
                    Some(mut lent) => sqlx::query(FOLD).execute(&mut lent).await.map(drop),
                    None => Ok(()),
                };
                shelf.clear().await;
                folded
            }
        };
        if let Err(error) = folded {
            // Nothing is lost: the log is read again at the next start.
            tracing::warn!(%error, "the write-ahead log stays beside the replica");
        }
    }
}

/// How a transaction begins that is going to write.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";

/// How much of the file a connection keeps for itself: pages, or kibibytes when negative. What a person does touches few
/// pages, and the system keeps the file at hand for all connections at once.
const CACHE: &str = "cache_size";
const FOR_A_FEW: &str = "-1000";
/// The transactions of a first pull touch every index again and again.
const FOR_MANY: &str = "-8000";

/// How many rows SQLite's thread may read ahead. With the library's 50 the two threads stop and wake each other dozens
/// of times for one month's view, which costs more than the reading.
const ROWS_AHEAD: usize = 4096;

impl Store {
    /// Opens the replica at `path`, creating it and its folder for this user alone, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Foreign`], [`StoreError::Newer`], [`StoreError::Unwritable`],
    /// [`StoreError::Locked`] and others; a file that is refused is left as it was.
    pub async fn open(path: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let look = file::prepare(path)?;
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(options.busy_timeout)
            .row_buffer_size(ROWS_AHEAD)
            .disable_statement_logging();
        file::examine(path, look, &connect).await?;
        file::close_to_others(path)?;

        let connect = connect
            .journal_mode(SqliteJournalMode::Wal)
            .foreign_keys(true)
            .statement_cache_capacity(128)
            // On macOS a plain fsync leaves the data in the disk's own cache.
            .pragma("fullfsync", "ON")
            // What a large pull has made of the log is given back at the next checkpoint.
            .pragma("journal_size_limit", "16777216")
            .pragma(CACHE, FOR_A_FEW);
        let connect = match options.max_pages {
            Some(pages) => connect.pragma("max_page_count", pages.to_string()),
            None => connect,
        };
        let ways = if options.turnstile.is_some() {
            Ways::alone(&connect, path).await?
        } else {
            Ways::pools(&connect, options.readers, path).await?
        };
        let inner = Inner {
            path: path.to_owned(),
            connect,
            ways,
            turn: options.turnstile.unwrap_or_default(),
            boundary: options.boundary,
            backup: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Waits for the present writer, folds the write-ahead log into the file, and closes it. Whatever is called
    /// afterwards answers with [`StoreError::Closed`].
    pub async fn close(&self) {
        let _turn = self.inner.turn.pass().await;
        self.inner.ways.close(true).await;
    }

    /// Waits for its turn and begins to write.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process writes for longer than we wait, and others.
    pub async fn begin(&self, durability: Durability) -> Result<Transaction, StoreError> {
        let turn = self.inner.turn.pass().await;
        let begun = match (&self.inner.ways, durability) {
            (Ways::Pools { edits, .. }, Durability::Edit) => {
                edits.begin_with(BEGIN).await.map(Connection::Writing)
            }
            (Ways::Pools { pulled, .. }, Durability::Pulled) => {
                pulled.begin_with(BEGIN).await.map(Connection::Writing)
            }
            (Ways::Alone(shelf), _) => shelf.lend_to_write().map(Connection::Lent),
        };
        let inner = begun.map_err(StoreError::during("waiting to write"))?;
        Ok(Transaction::new(inner, turn, self.inner.boundary.clone()))
    }

    /// Writes today's copy (by UTC) into `backups/` beside the replica, unless it is there, and keeps the latest
    /// seven. Reads and writes go on meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Backup`] and others; the replica itself is unharmed.
    pub async fn backup_if_due(&self, now: DateTime<Utc>) -> Result<Option<PathBuf>, StoreError> {
        let _one_at_a_time = self.inner.backup.lock().await;
        backup::backup_if_due(&self.inner.path, &self.inner.connect, now.date_naive()).await
    }

    /// Closes it without writing anything more, as far as SQLite lets us.
    pub(crate) async fn abandon(&self) {
        let _turn = self.inner.turn.pass().await;
        self.inner.ways.close(false).await;
    }

    pub(crate) fn path(&self) -> &Path {
        &self.inner.path
    }

    pub(crate) async fn reader(&self) -> Result<Reader, StoreError> {
        let (connection, turn) = match &self.inner.ways {
            Ways::Pools { readers, .. } => (readers.acquire().await.map(Connection::Reading), None),
            Ways::Alone(shelf) => {
                let turn = self.inner.turn.pass().await;
                (shelf.lend().map(Connection::Lent), Some(turn))
            }
        };
        let connection = connection.map_err(StoreError::during("waiting to read"))?;
        Ok(Reader { connection, _turn: turn })
    }
}

/// A connection to read with, and the turn that it takes where reads take turns.
pub(crate) struct Reader {
    connection: Connection,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Reader {
    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

async fn writer(connect: SqliteConnectOptions, path: &Path) -> Result<SqlitePool, StoreError> {
    SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // When SQLite itself has taken a transaction back, as it does on a full disk, sqlx believes that it is still
        // in one. Such a connection is of no more use.
        .before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        })
        .connect_with(connect)
        .await
        .map_err(|error| file::refusal(path, error))
}
