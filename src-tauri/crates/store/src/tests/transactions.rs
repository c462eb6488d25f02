//! All or nothing, one at a time.

use std::time::Duration;

use sqlx::Executor;
use tokio::time::timeout;

use super::{CALENDAR, GOOGLE, Replica, TO_GOOGLE, calendar, event_id, link, meeting, override_of, series};
use crate::{Durability, StoreError, Transaction};

async fn pragma(transaction: &mut Transaction, pragma: &'static str) -> String {
    sqlx::query_scalar::<_, String>(pragma).fetch_one(transaction.connection()).await.unwrap()
}

#[tokio::test]
async fn an_edit_is_on_the_disk_and_a_pull_may_be_lost() {
    let replica = Replica::empty().await;
    for (durability, synchronous) in [(Durability::Edit, 2), (Durability::Pulled, 1), (Durability::Edit, 2)] {
        let mut transaction = replica.store.begin(durability).await.unwrap();
        let set: i64 =
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(transaction.connection()).await.unwrap();
        assert_eq!(set, synchronous, "{durability:?}");
        assert_eq!(pragma(&mut transaction, "PRAGMA journal_mode").await, "wal");
        let foreign_keys: bool =
            sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(transaction.connection()).await.unwrap();
        assert!(foreign_keys);
    }
}

#[tokio::test]
async fn what_is_not_committed_is_taken_back() {
    let replica = Replica::new().await;
    let event = meeting(1, 1);
    for durability in [Durability::Edit, Durability::Pulled] {
        let mut transaction = replica.store.begin(durability).await.unwrap();
        transaction.put_event(&event).await.unwrap();
        assert!(transaction.event(event.id).await.unwrap().is_some(), "it does not see its own writes");
        assert!(replica.store.event(event.id).await.unwrap().is_none(), "others see what is not committed");
        drop(transaction);
    }
    let mut transaction = replica.edit().await;
    assert!(transaction.event(event.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_write_that_is_abandoned_half_way_is_taken_back() {
    let replica = Replica::new().await;
    let events: Vec<_> = (0..2000).map(|number| meeting(number, 1)).collect();
    for patience in [0, 1, 2, 5, 10, 20] {
        let mut transaction = replica.store.begin(Durability::Pulled).await.unwrap();
        let write = transaction.put_events(&events);
        let _ = timeout(Duration::from_millis(patience), write).await;
    }
    let mut transaction = replica.edit().await;
    assert!(transaction.event(event_id(0)).await.unwrap().is_none());
    transaction.put_event(&meeting(1, 1)).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn writers_take_turns_and_readers_go_on() {
    let replica = Replica::new().await;
    let mut first = replica.edit().await;
    first.put_event(&meeting(1, 1)).await.unwrap();
    let store = replica.store.clone();
    let second = tokio::spawn(async move {
        let mut second = store.begin(Durability::Pulled).await.unwrap();
        second.event(event_id(1)).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!second.is_finished());
    assert_eq!(replica.store.calendars().await.unwrap().len(), 1);
    first.commit().await.unwrap();
    assert!(second.await.unwrap().is_some());
}

#[tokio::test]
async fn a_full_disk_costs_this_edit_and_no_other() {
    let replica = Replica::new().await;
    let many: Vec<_> = (0..3000).map(|number| meeting(number, 1)).collect();
    let mut transaction = replica.edit().await;
    // The limit is of the connection, and so is only met by edits.
    let pages: i64 =
        sqlx::query_scalar("PRAGMA page_count").fetch_one(transaction.connection()).await.unwrap();
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 20));
    transaction.connection().execute(sqlx::query(limit)).await.unwrap();
    let error = transaction.put_events(&many).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    drop(transaction);

    for durability in [Durability::Edit, Durability::Pulled, Durability::Edit] {
        let mut transaction = replica.store.begin(durability).await.unwrap();
        assert!(transaction.event(event_id(0)).await.unwrap().is_none());
        transaction.put_event(&meeting(7000, 1)).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_override_without_a_series_fails_the_commit_and_nothing_else() {
    let replica = Replica::new().await;
    let series = series(1, 1, "FREQ=WEEKLY");
    let moved = override_of(&series, 2, 8, 9);

    let mut transaction = replica.edit().await;
    transaction.put_event(&moved).await.unwrap();
    assert!(matches!(transaction.commit().await, Err(StoreError::Constraint { .. })));

    let mut transaction = replica.edit().await;
    transaction.put_event(&moved).await.unwrap();
    transaction.put_event(&series).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(replica.store.overrides(series.id).await.unwrap(), [moved]);
}

#[tokio::test]
async fn what_a_row_hangs_on_has_to_be_there() {
    let replica = Replica::empty().await;
    let mut transaction = replica.edit().await;
    assert!(matches!(transaction.put_event(&meeting(1, 1)).await, Err(StoreError::Constraint { .. })));
    transaction.put_calendar(&calendar(CALENDAR)).await.unwrap();
    let link = link(TO_GOOGLE, CALENDAR, GOOGLE);
    assert!(matches!(transaction.put_link(&link).await, Err(StoreError::Constraint { .. })));
    // A refused row leaves the transaction as it was before.
    transaction.put_event(&meeting(1, 1)).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(replica.store.event(event_id(1)).await.unwrap().is_some());
}
