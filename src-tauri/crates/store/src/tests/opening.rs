//! How a replica comes into being, and what is refused.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};
use tempfile::TempDir;

use super::{Replica, meeting};
use crate::{OpenOptions, Store, StoreError};

async fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, OpenOptions { busy_timeout: Duration::from_millis(50), ..OpenOptions::default() }).await
}

async fn plain(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.unwrap()
}

/// Opens what must not open, and sees that not a byte of it changes.
async fn refused(path: &Path) -> StoreError {
    let before = fs::read(path).unwrap();
    let Err(error) = open(path).await else { panic!("{} bytes were taken for a replica", before.len()) };
    assert_eq!(fs::read(path).unwrap(), before, "a refused file was altered");
    error
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
#[tokio::test]
async fn everything_belongs_to_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("deep/down/synodic.db");
    let store = open(&path).await.unwrap();
    store.begin(crate::Durability::Edit).await.unwrap().commit().await.unwrap();

    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        let file = path.with_file_name(format!("synodic.db{suffix}"));
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_could_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt;

    let replica = Replica::with_events(&[meeting(1, 1)]).await;
    replica.store.close().await;
    fs::set_permissions(replica.path(), fs::Permissions::from_mode(0o644)).unwrap();
    replica.reopen().await.unwrap();
    assert_eq!(mode(&replica.path()), 0o600);
}

#[tokio::test]
async fn what_was_written_is_there_again() {
    let written = meeting(1, 1);
    let replica = Replica::with_events(std::slice::from_ref(&written)).await;
    replica.store.close().await;
    assert!(!replica.path().with_file_name("synodic.db-wal").exists(), "the log was not folded in");

    let store = replica.reopen().await.unwrap();
    assert_eq!(store.event(written.id).await.unwrap(), Some(written));
}

#[tokio::test]
async fn a_write_survives_in_the_log_alone() {
    let written = meeting(1, 1);
    let replica = Replica::with_events(std::slice::from_ref(&written)).await;
    // As after a power cut: the two files as they are on the disk, without the closing that folds one into the other.
    let elsewhere = TempDir::new().unwrap();
    for suffix in ["", "-wal"] {
        let name = format!("synodic.db{suffix}");
        fs::copy(replica.folder.path().join(&name), elsewhere.path().join(&name)).unwrap();
    }
    let store = open(&elsewhere.path().join("synodic.db")).await.unwrap();
    assert_eq!(store.event(written.id).await.unwrap(), Some(written));
}

#[tokio::test]
async fn a_log_whose_file_is_empty_is_kept() {
    let replica = Replica::with_events(&[meeting(1, 1)]).await;
    let elsewhere = TempDir::new().unwrap();
    let path = elsewhere.path().join("synodic.db");
    let log = elsewhere.path().join("synodic.db-wal");
    fs::write(&path, "").unwrap();
    fs::copy(replica.folder.path().join("synodic.db-wal"), &log).unwrap();
    let before = fs::read(&log).unwrap();
    assert!(matches!(refused(&path).await, StoreError::Damaged { .. }));
    assert_eq!(fs::read(&log).unwrap(), before);
}

#[tokio::test]
async fn an_empty_file_becomes_a_replica() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("synodic.db");
    fs::write(&path, "").unwrap();
    assert!(open(&path).await.unwrap().calendars().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_replica_whose_first_migration_was_interrupted_is_finished() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("synodic.db");
    let mut connection = plain(&path).await;
    let table = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
        installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
        checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)";
    connection.execute(table).await.unwrap();
    connection.close().await.unwrap();
    assert!(open(&path).await.unwrap().calendars().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("synodic.db");
    for contents in ["hello", &"BEGIN:VCALENDAR\r\n".repeat(1000)] {
        fs::write(&path, contents).unwrap();
        let error = refused(&path).await;
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        assert!(error.is_damage());
    }
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_refused() {
    let replica = Replica::with_events(&(0..500).map(|number| meeting(number, 1)).collect::<Vec<_>>()).await;
    replica.store.close().await;
    let whole = fs::read(replica.path()).unwrap();
    for length in [50, 100, 4096, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        fs::write(replica.path(), &whole[..length]).unwrap();
        let error = refused(&replica.path()).await;
        assert!(matches!(error, StoreError::Damaged { .. }), "{length} of {} bytes: {error:?}", whole.len());
    }
}

#[tokio::test]
async fn a_file_whose_schema_was_overwritten_is_refused() {
    let replica = Replica::new().await;
    replica.store.close().await;
    let mut bytes = fs::read(replica.path()).unwrap();
    bytes[100..4096].fill(0xff);
    fs::write(replica.path(), bytes).unwrap();
    assert!(matches!(refused(&replica.path()).await, StoreError::Damaged { .. }));
}

#[tokio::test]
async fn damage_that_is_met_later_is_called_so() {
    let replica = Replica::with_events(&(0..3000).map(|number| meeting(number, 1)).collect::<Vec<_>>()).await;
    replica.store.close().await;
    let mut bytes = fs::read(replica.path()).unwrap();
    // The events came last, so the end of the file is theirs, and nothing of it is needed to open the replica.
    let end = bytes.len() - bytes.len() / 4;
    bytes[end..].fill(0xff);
    fs::write(replica.path(), bytes).unwrap();

    let store = replica.reopen().await.unwrap();
    let ids: Vec<_> = (0..3000).map(super::event_id).collect();
    let error = store.events_by_ids(&ids).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.is_damage());
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("synodic.db");
    let mut connection = plain(&path).await;
    connection.execute("CREATE TABLE moz_places (id INTEGER PRIMARY KEY)").await.unwrap();
    connection.close().await.unwrap();
    assert!(matches!(refused(&path).await, StoreError::Foreign { .. }));
}

#[tokio::test]
async fn a_newer_replica_is_refused() {
    let replica = Replica::new().await;
    replica.store.close().await;
    let mut connection = plain(&replica.path()).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9000, 'from later', TRUE, x'00', 0)";
    connection.execute(newer).await.unwrap();
    connection.close().await.unwrap();
    let error = refused(&replica.path()).await;
    assert!(matches!(error, StoreError::Newer { version: 9000, .. }), "{error:?}");
    assert!(error.to_string().contains("update Synodic"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    let error = open(&file.join("synodic.db")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_another_holds_is_named() {
    let replica = Replica::new().await;
    replica.store.close().await;
    let mut holder = SqliteConnectOptions::new()
        .filename(replica.path())
        .locking_mode(SqliteLockingMode::Exclusive)
        .connect()
        .await
        .unwrap();
    holder.execute("BEGIN EXCLUSIVE").await.unwrap();
    let error = open(&replica.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let replica = Replica::new().await;
    replica.store.close().await;
    assert!(matches!(replica.store.calendars().await, Err(StoreError::Closed { .. })));
    assert!(matches!(replica.store.begin(crate::Durability::Edit).await, Err(StoreError::Closed { .. })));
    replica.store.close().await;
}

/// The migrations before the one that makes the table of accounts anew.
fn older() -> sqlx::migrate::Migrator {
    let before: Vec<_> =
        crate::file::MIGRATIONS.iter().filter(|migration| migration.version < 1500).cloned().collect();
    sqlx::migrate::Migrator { migrations: before.into(), ..sqlx::migrate::Migrator::DEFAULT }
}

#[tokio::test]
async fn accounts_and_what_hangs_on_them_stay_when_their_table_is_made_anew() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("synodic.db");
    let mut before = plain(&path).await;
    older().run(&mut before).await.unwrap();
    let id = |number: u128| uuid::Uuid::from_u128(number).to_string();
    let rows = format!(
        "INSERT INTO calendar_integration (id, provider, account, created_at) VALUES ('{0}', 'google', 'ada', 0);
         INSERT INTO calendar (id, name, color) VALUES ('{1}', 'Mine', '#336699');
         INSERT INTO link (id, calendar_id, integration_id, remote_calendar_id) VALUES ('{2}', '{1}', '{0}', 'ada');",
        id(1),
        id(2),
        id(3)
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&mut before).await.unwrap();
    before.close().await.unwrap();

    let store = open(&path).await.unwrap();
    let mut transaction = store.begin(crate::Durability::Edit).await.unwrap();
    let links = transaction.links().await.unwrap();
    assert_eq!(links.len(), 1);
    let [account] = &*transaction.integrations().await.unwrap() else { panic!("the account is lost") };
    assert_eq!((account.id, &*account.account), (links[0].integration_id, "ada"));
    // What refers to the table refers to the new one.
    transaction.remove_integration(account.id).await.unwrap();
    assert!(transaction.links().await.unwrap().is_empty());
    transaction.commit().await.unwrap();
}
