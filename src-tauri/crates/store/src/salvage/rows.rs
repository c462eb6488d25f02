//! What is carried over from a damaged database, row by row where it cannot be had at once.
//!
//! A table is copied with one statement, which is all there is to do when its pages are whole. Where that meets damage,
//! the table is walked from its beginning until a page cannot be read, then from behind that page on, and back to it
//! from the other side; and each row that was seen is copied by itself.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::StoreError;

/// The tables of a replica that are looked for.
pub(super) const TABLES: [&str; 10] = [
    "calendar",
    "calendar_integration",
    "link",
    "remote_calendar",
    "setting",
    "event",
    "event_sync",
    "sync_queue",
    "event_history",
    "sync_log",
];
/// How often a walk over one table goes on behind damage.
const WALKS: u32 = 200;
const DOING: &str = "carrying over what can be read";

/// Where rows are carried over from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The damaged replica itself.
    Damaged,
    /// A copy of it from before: good for what is connected, and for events that nobody else has.
    Backup,
}

/// Carries over into the new replica `to` what can be read of `from`. Says whether that is all that was looked for.
pub(super) async fn carry_over(to: &Path, from: &Path, source: Source) -> Result<bool, StoreError> {
    let failed = StoreError::during(DOING);
    let options = SqliteConnectOptions::new()
        .filename(to)
        .foreign_keys(true)
        // The new replica has no name yet, and is brought to the disk before it gets one.
        .synchronous(SqliteSynchronous::Off)
        .pragma("writable_schema", "ON")
        .pragma("temp_store", "FILE")
        .disable_statement_logging();
    let mut connection = options.connect().await.map_err(failed)?;
    let path = from.to_string_lossy().into_owned();
    let attached = sqlx::query("ATTACH ? AS damaged").bind(path).execute(&mut connection).await;
    let carried = match attached {
        Err(error) => {
            tracing::warn!(%error, "the database cannot be read at all");
            Ok(false)
        }
        Ok(_) => Rows { connection: &mut connection, is_whole: true }.carry_over(source).await,
    };
    let closed = connection.close().await.map_err(StoreError::during(DOING));
    let is_whole = match carried {
        // Its schema cannot be read, and nothing can be found without it.
        Err(error) if error.is_damage() => {
            tracing::warn!(%error, "nothing can be found in the database");
            false
        }
        carried => carried?,
    };
    closed.map(|()| is_whole)
}

struct Rows<'a> {
    connection: &'a mut SqliteConnection,
    is_whole: bool,
}

impl Rows<'_> {
    async fn carry_over(mut self, source: Source) -> Result<bool, StoreError> {
        // Not in one transaction: within one, SQLite takes no more rows once it has met a page that it cannot read.
        for table in ["setting", "calendar", "calendar_integration", "remote_calendar", "link"] {
            self.copy(table, "true").await?;
        }
        // What was read of a link is read anew, as if it had never been: everything is recognised then, and edits wait.
        self.run("UPDATE link SET cursor = NULL, last_pulled_at = NULL").await?;
        match source {
            Source::Damaged => self.carry_over_edits().await?,
            Source::Backup => self.carry_over_what_nobody_has().await?,
        }
        Ok(self.is_whole)
    }

    async fn carry_over_edits(&mut self) -> Result<(), StoreError> {
        self.stage("open", "sync_queue", "event_id, link_id", "status <> 'COMPLETED'").await?;
        self.stage(
            "known",
            "event_sync",
            "event_id, link_id, local_version, conflict_data IS NOT NULL AS is_conflict",
            "true",
        )
        .await?;
        self.stage("met", "event", "id, calendar_id, series_id, revision", "true").await?;
        self.run(
            "CREATE TEMP TABLE wanted AS SELECT id FROM met
            WHERE id IN (SELECT event_id FROM open)
                OR id IN (SELECT event_id FROM known WHERE is_conflict)
                OR id NOT IN (SELECT event_id FROM known)
                OR calendar_id NOT IN (SELECT calendar_id FROM main.link)
                OR EXISTS (SELECT 1 FROM known WHERE known.event_id = met.id AND local_version < met.revision)",
        )
        .await?;
        // A series is one thing.
        self.run("INSERT INTO wanted SELECT series_id FROM met WHERE id IN wanted AND series_id IS NOT NULL")
            .await?;
        self.run("INSERT INTO wanted SELECT id FROM met WHERE series_id IN wanted").await?;
        let rows =
            |of: &str| format!("rowid IN (SELECT number FROM met WHERE id IN wanted AND series_id {of})");
        self.copy("event", &rows("IS NULL")).await?;
        self.copy("event", &rows("IN (SELECT id FROM main.event)")).await?;
        let held = "event_id IN (SELECT id FROM main.event) AND link_id IN (SELECT id FROM main.link)";
        for (table, staged) in [("event_sync", "known"), ("sync_queue", "open")] {
            self.copy(table, &format!("rowid IN (SELECT number FROM {staged} WHERE {held})")).await?;
        }
        for table in ["event_history", "sync_log"] {
            self.copy(table, "true").await?;
        }
        // Numbers that were given once do not come back as others'.
        let numbers = "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(former.seq)
            FROM damaged.sqlite_sequence AS former WHERE former.name = sqlite_sequence.name), 0))";
        if let Err(error) = self.run(numbers).await {
            self.pass_over(error)?;
        }
        Ok(())
    }

    /// Events of calendars that are kept nowhere else, when nothing of them could be read.
    async fn carry_over_what_nobody_has(&mut self) -> Result<(), StoreError> {
        let events: i64 = sqlx::query_scalar("SELECT count(*) FROM main.event")
            .fetch_one(&mut *self.connection)
            .await
            .map_err(StoreError::during(DOING))?;
        if events > 0 {
            return Ok(());
        }
        let alone = "calendar_id IN (SELECT id FROM main.calendar
            WHERE id NOT IN (SELECT calendar_id FROM main.link))";
        self.copy("event", &format!("series_id IS NULL AND {alone}")).await?;
        self.copy("event", &format!("series_id IN (SELECT id FROM main.event) AND {alone}")).await
    }

    /// Notes of each row of `table` its number and some `columns`, under another name.
    async fn stage(&mut self, name: &str, table: &str, columns: &str, which: &str) -> Result<(), StoreError> {
        let empty = format!(
            "CREATE TEMP TABLE {name} AS SELECT rowid AS number, {columns} FROM main.{table} LIMIT 0"
        );
        self.run(&empty).await?;
        let insert = format!(
            "INSERT INTO {name} SELECT rowid, {columns} FROM damaged.{table} NOT INDEXED WHERE ({which})"
        );
        self.take(&insert, table).await
    }

    /// Copies the rows of `table` for which `which` holds, and which the schema takes.
    async fn copy(&mut self, table: &str, which: &str) -> Result<(), StoreError> {
        let columns = "SELECT group_concat(main.name, ', ') FROM pragma_table_info(?1, 'main') AS main
            JOIN pragma_table_info(?1, 'damaged') AS damaged ON damaged.name = main.name";
        let columns = sqlx::query_scalar(columns).bind(table).fetch_one(&mut *self.connection).await;
        let columns: Option<String> = match columns {
            Ok(columns) => columns,
            Err(error) => return self.pass_over(StoreError::during(DOING)(error)),
        };
        let Some(columns) = columns else {
            self.is_whole = false;
            return Ok(());
        };
        let insert = format!(
            "INSERT OR IGNORE INTO main.{table} ({columns})
            SELECT {columns} FROM damaged.{table} NOT INDEXED WHERE ({which})"
        );
        self.take(&insert, table).await
    }

    /// Carries out a statement that takes rows of `table`, for all of them or for each that can be read.
    async fn take(&mut self, insert: &str, table: &str) -> Result<(), StoreError> {
        let Err(error) = self.run(insert).await else { return Ok(()) };
        self.pass_over(error)?;
        if ["setting", "remote_calendar"].contains(&table) {
            return self.take_by_key(insert, table).await;
        }
        let one = format!("{insert} AND rowid = ?");
        for number in self.numbers(table).await {
            let taken =
                sqlx::query(AssertSqlSafe(one.as_str())).bind(number).execute(&mut *self.connection).await;
            if let Err(error) = taken {
                self.pass_over(StoreError::during(DOING)(error))?;
            }
        }
        Ok(())
    }

    /// The same for a table whose rows have no numbers.
    async fn take_by_key(&mut self, insert: &str, table: &str) -> Result<(), StoreError> {
        let key = if table == "setting" { "key" } else { "integration_id || ' ' || id" };
        let mut keys: BTreeSet<String> = BTreeSet::new();
        for way in ["ASC", "DESC"] {
            let order = if table == "setting" {
                format!("key {way}")
            } else {
                format!("integration_id {way}, id {way}")
            };
            let walk = format!("SELECT {key} FROM damaged.{table} ORDER BY {order}");
            let mut rows = sqlx::query_scalar(AssertSqlSafe(walk)).fetch(&mut *self.connection);
            while let Ok(Some(key)) = rows.try_next().await {
                keys.insert(key);
            }
        }
        let one = format!("{insert} AND {key} = ?");
        for key in keys {
            let taken =
                sqlx::query(AssertSqlSafe(one.as_str())).bind(key).execute(&mut *self.connection).await;
            if let Err(error) = taken {
                self.pass_over(StoreError::during(DOING)(error))?;
            }
        }
        Ok(())
    }

    /// The numbers of all rows that can be reached.
    async fn numbers(&mut self, table: &str) -> BTreeSet<i64> {
        let up = format!(
            "SELECT rowid FROM damaged.{table} NOT INDEXED WHERE rowid >= ? AND rowid < ? ORDER BY rowid"
        );
        let down = format!("{up} DESC");
        let mut numbers = BTreeSet::new();
        let (mut from, mut leap) = (1_i64, 1_i64);
        for _ in 0..WALKS {
            let (above, is_end) = self.walk(&up, from, i64::MAX).await;
            let first = above.first().copied();
            if from > 1
                && let Some(first) = first
            {
                numbers.extend(self.walk(&down, from - leap, first).await.0);
            }
            leap = if above.is_empty() { leap.saturating_mul(2) } else { 1 };
            from = above.last().copied().unwrap_or(from).saturating_add(leap);
            numbers.extend(above);
            if is_end {
                break;
            }
        }
        // What comes after the last damage is reached from the end, when it was leapt over.
        let last = numbers.last().copied().unwrap_or_default();
        numbers.extend(self.walk(&down, last.saturating_add(1), i64::MAX).await.0);
        numbers
    }

    /// Walks until the end, which it tells, or until a page cannot be read.
    async fn walk(&mut self, statement: &str, from: i64, to: i64) -> (Vec<i64>, bool) {
        let mut numbers = Vec::new();
        let mut rows =
            sqlx::query_scalar(AssertSqlSafe(statement)).bind(from).bind(to).fetch(&mut *self.connection);
        loop {
            match rows.try_next().await {
                Ok(Some(number)) => numbers.push(number),
                Ok(None) => return (numbers, true),
                Err(_) => return (numbers, false),
            }
        }
    }

    async fn run(&mut self, statement: &str) -> Result<(), StoreError> {
        let ran = sqlx::query(AssertSqlSafe(statement)).execute(&mut *self.connection).await;
        ran.map(drop).map_err(StoreError::during(DOING))
    }

    /// Goes on after a row or a table that cannot be had; but not on a full disk, where nothing can be written.
    fn pass_over(&mut self, error: StoreError) -> Result<(), StoreError> {
        if matches!(error, StoreError::Full { .. } | StoreError::Busy { .. } | StoreError::Closed { .. }) {
            return Err(error);
        }
        tracing::warn!(%error, "something in the damaged database cannot be read");
        self.is_whole = false;
        Ok(())
    }
}
