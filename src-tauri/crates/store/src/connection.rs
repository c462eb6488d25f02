//! What statements are given to, and how their answers are waited for.
//!
//! SQLite works in threads of its own, and usually whoever waits for one lets others go on. In a history that is to happen
//! in the same order again (see [`crate::Turnstile`]) nobody goes on: an answer would come at a moment of its own choosing,
//! between any two other things. There a connection is lent out instead of taken from a pool, which would look after it
//! beside everything else, and its thread is waited for on the spot.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_executor::block_on;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo};
use sqlx::{Either, Execute, Executor, SqlStr, SqliteConnection};

/// A connection for as long as somebody needs it.
#[derive(Debug)]
pub(crate) enum Connection {
    /// To read over.
    Reading(PoolConnection<Sqlite>),
    /// To write over, in a transaction that is taken back when this is dropped.
    Writing(sqlx::Transaction<'static, Sqlite>),
    /// Either, in a history.
    Lent(Lent),
}

impl Connection {
    /// Makes all writes last.
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Reading(_) => Ok(()),
            Self::Writing(transaction) => transaction.commit().await,
            Self::Lent(mut lent) => {
                lent.is_in_transaction = false;
                block_on(sqlx::query("COMMIT").execute(lent.sqlite())).map(drop).inspect_err(|_| {
                    // As sqlx does with a transaction that could not be committed.
                    let _ = block_on(sqlx::query("ROLLBACK").execute(lent.sqlite()));
                })
            }
        }
    }

    fn sqlite(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Reading(connection) => connection,
            Self::Writing(transaction) => transaction,
            Self::Lent(lent) => lent.sqlite(),
        }
    }
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<SqliteQueryResult, SqliteRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let is_lent = matches!(self, Connection::Lent(_));
        let rows = self.sqlite().fetch_many(query);
        if is_lent { Box::pin(AtOnce(rows)) } else { rows }
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<SqliteRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let is_lent = matches!(self, Connection::Lent(_));
        let row = self.sqlite().fetch_optional(query);
        if is_lent { Box::pin(AtOnce(row)) } else { row }
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, Result<SqliteStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        let is_lent = matches!(self, Connection::Lent(_));
        let statement = self.sqlite().prepare_with(sql, parameters);
        if is_lent { Box::pin(AtOnce(statement)) } else { statement }
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<sqlx::Describe<Sqlite>, sqlx::Error>>
    where
        'c: 'e,
    {
        self.sqlite().describe(sql)
    }
}

/// A place for one connection, which is there whenever nobody has it.
#[derive(Clone, Default)]
pub(crate) struct Shelf(Arc<Mutex<Option<SqliteConnection>>>);

impl fmt::Debug for Shelf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shelf")
    }
}

impl Shelf {
    /// A place for this connection.
    pub(crate) fn of(connection: SqliteConnection) -> Self {
        Self(Arc::new(Mutex::new(Some(connection))))
    }

    /// Takes the connection, to read over. Whoever has the turn finds it there until the replica is closed.
    pub(crate) fn lend(&self) -> Result<Lent, sqlx::Error> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let connection = Some(connection.ok_or(sqlx::Error::PoolClosed)?);
        Ok(Lent { connection, is_in_transaction: false, shelf: self.clone() })
    }

    /// Takes the connection, to write over.
    pub(crate) fn lend_to_write(&self) -> Result<Lent, sqlx::Error> {
        let mut lent = self.lend()?;
        block_on(sqlx::query(crate::store::BEGIN).execute(lent.sqlite()))?;
        lent.is_in_transaction = true;
        Ok(lent)
    }

    /// Closes the connection.
    pub(crate) async fn clear(&self) {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(connection) = connection {
            // What was committed is on the disk.
            let _ = sqlx::Connection::close(connection).await;
        }
    }
}

/// A connection that goes back to its shelf.
#[derive(Debug)]
pub(crate) struct Lent {
    /// There until this is dropped.
    connection: Option<SqliteConnection>,
    is_in_transaction: bool,
    shelf: Shelf,
}

impl Lent {
    #[allow(clippy::expect_used, reason = "it is taken out only when this is dropped")]
    fn sqlite(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("a connection that was lent is there")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.is_in_transaction {
            // One that SQLite has taken back itself needs no more.
            let _ = block_on(sqlx::query("ROLLBACK").execute(self.sqlite()));
        }
        *self.shelf.0.lock().unwrap_or_else(PoisonError::into_inner) = self.connection.take();
    }
}

/// What is done as soon as somebody asks for it.
struct AtOnce<T>(T);

impl<T: Future + Unpin> Future for AtOnce<T> {
    type Output = T::Output;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(block_on(&mut self.0))
    }
}

impl<T: Stream + Unpin> Stream for AtOnce<T> {
    type Item = T::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(block_on(self.0.next()))
    }
}
