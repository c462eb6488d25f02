//! The outbox.

use std::collections::BTreeMap;

use synodic_model::QueueId;
use synodic_model::sync::{Operation, PRIORITY_BACKGROUND, QueueEntry, QueueStatus};

use super::{CALENDAR, GOOGLE, NOTION, Replica, TO_GOOGLE, TO_NOTION, event_id, meeting, noon, upsert};
use crate::{NewQueueEntry, QueueCounts, QueueLine, StoreError, Transaction};

async fn replica() -> Replica {
    Replica::with_events(&(0..10).map(|number| meeting(number, 1)).collect::<Vec<_>>()).await
}

async fn entry(transaction: &mut Transaction, id: QueueId) -> QueueEntry {
    transaction.queue_entry(id).await.unwrap().unwrap()
}

async fn set(transaction: &mut Transaction, id: QueueId, status: QueueStatus) {
    let entry = QueueEntry { status, ..entry(transaction, id).await };
    transaction.update_queue_entry(&entry).await.unwrap();
}

#[tokio::test]
async fn a_row_comes_back_as_it_went() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let new = upsert(&meeting(1, 1), TO_GOOGLE);
    let id = transaction.enqueue(&new).await.unwrap();
    let mut expected = QueueEntry {
        id,
        event_id: new.event_id,
        link_id: TO_GOOGLE,
        operation: Operation::Upsert,
        payload: new.payload,
        status: QueueStatus::Pending,
        priority: new.priority,
        retry_count: 0,
        max_retries: 3,
        last_error: None,
        scheduled_for: noon(3),
        processed_at: None,
        created_at: noon(3),
    };
    assert_eq!(transaction.queue_entry(id).await.unwrap(), Some(expected.clone()));

    expected.status = QueueStatus::Failed;
    expected.retry_count = 3;
    expected.last_error = Some("503".to_owned());
    expected.scheduled_for = noon(4);
    expected.processed_at = Some(noon(5));
    transaction.update_queue_entry(&expected).await.unwrap();
    assert_eq!(transaction.queue_entry(id).await.unwrap(), Some(expected.clone()));
    assert_eq!(transaction.queue_entry_of(new.event_id, TO_GOOGLE).await.unwrap(), Some(expected));
    assert_eq!(transaction.queue_entry_of(new.event_id, TO_NOTION).await.unwrap(), None);

    transaction.remove_queue_entry(id).await.unwrap();
    assert_eq!(transaction.queue_entry(id).await.unwrap(), None);
    let next = transaction.enqueue(&upsert(&meeting(1, 1), TO_GOOGLE)).await.unwrap();
    assert!(next > id, "an id came back");
}

#[tokio::test]
async fn edits_of_one_event_become_one_row() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let edit = upsert(&meeting(1, 1), TO_GOOGLE);
    let quiet = NewQueueEntry { priority: PRIORITY_BACKGROUND, scheduled_for: noon(9), ..edit.clone() };
    let first = transaction.enqueue(&quiet).await.unwrap();
    assert_eq!(transaction.enqueue(&edit).await.unwrap(), first);
    let deletion = NewQueueEntry { operation: Operation::Delete, created_at: noon(7), ..quiet };
    assert_eq!(transaction.enqueue(&deletion).await.unwrap(), first);

    let row = entry(&mut transaction, first).await;
    assert_eq!(row.operation, Operation::Delete);
    assert_eq!(row.priority, edit.priority, "the higher priority stays");
    assert_eq!(row.scheduled_for, noon(3), "the earlier time stays");
    assert_eq!(row.created_at, noon(3), "it has been waiting since the first edit");
    assert_ne!(transaction.enqueue(&upsert(&meeting(1, 1), TO_NOTION)).await.unwrap(), first);
}

#[tokio::test]
async fn an_edit_gives_a_failed_row_new_tries() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let edit = upsert(&meeting(1, 1), TO_GOOGLE);
    let id = transaction.enqueue(&edit).await.unwrap();
    let failed = QueueEntry {
        status: QueueStatus::Failed,
        retry_count: 3,
        last_error: Some("400".to_owned()),
        processed_at: Some(noon(4)),
        ..entry(&mut transaction, id).await
    };
    transaction.update_queue_entry(&failed).await.unwrap();
    assert_eq!(transaction.enqueue(&edit).await.unwrap(), id);
    let row = entry(&mut transaction, id).await;
    assert_eq!((row.status, row.retry_count), (QueueStatus::Pending, 0));
    assert_eq!((row.last_error, row.processed_at), (None, None));
}

#[tokio::test]
async fn an_edit_waits_behind_the_one_that_is_carried_out() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let edit = upsert(&meeting(1, 1), TO_GOOGLE);
    let first = transaction.enqueue(&edit).await.unwrap();
    set(&mut transaction, first, QueueStatus::Processing).await;
    let second = transaction.enqueue(&edit).await.unwrap();
    assert_ne!(second, first);
    assert_eq!(transaction.enqueue(&edit).await.unwrap(), second);

    let waiting = transaction.queue_entry_of(edit.event_id, TO_GOOGLE).await.unwrap().unwrap();
    assert_eq!(waiting.id, second);
    assert!(transaction.queue_due(GOOGLE, noon(9), 9).await.unwrap().is_empty(), "it must not overtake");
    assert_eq!(transaction.next_queue_time(GOOGLE).await.unwrap(), None);

    set(&mut transaction, first, QueueStatus::Completed).await;
    assert_eq!(transaction.queue_due(GOOGLE, noon(9), 9).await.unwrap(), [waiting]);
    assert_eq!(transaction.next_queue_time(GOOGLE).await.unwrap(), Some(noon(3)));
}

#[tokio::test]
async fn many_edits_go_out_in_the_order_in_which_they_came() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let waiting = transaction.enqueue(&upsert(&meeting(2, 1), TO_GOOGLE)).await.unwrap();
    let carried = transaction.enqueue(&upsert(&meeting(1, 1), TO_GOOGLE)).await.unwrap();
    set(&mut transaction, carried, QueueStatus::Processing).await;
    let edits = [3, 1, 2].map(|number| upsert(&meeting(number, 1), TO_GOOGLE));
    let ids = transaction.enqueue_all(&edits).await.unwrap();
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[2], waiting, "the row that waits is renewed");
    assert!(ids[0] < ids[1], "{ids:?}");

    let found: Vec<_> = edits.iter().map(|edit| edit.event_id).chain([event_id(9)]).collect();
    let found = transaction.queue_entries_of(&found, TO_GOOGLE).await.unwrap();
    assert_eq!(found.len(), 3);
    for (edit, id) in edits.iter().zip(ids) {
        assert_eq!(found[&edit.event_id], entry(&mut transaction, id).await);
        let alone = transaction.queue_entry_of(edit.event_id, TO_GOOGLE).await.unwrap();
        assert_eq!(alone.as_ref(), found.get(&edit.event_id));
    }
    assert!(transaction.queue_entries_of(&[edits[0].event_id], TO_NOTION).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_rows_of_one_event_are_never_carried_out_at_once() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let edit = upsert(&meeting(1, 1), TO_GOOGLE);
    let first = transaction.enqueue(&edit).await.unwrap();
    set(&mut transaction, first, QueueStatus::Processing).await;
    let second = transaction.enqueue(&edit).await.unwrap();
    let overtaking = QueueEntry { status: QueueStatus::Processing, ..entry(&mut transaction, second).await };
    let refused = transaction.update_queue_entry(&overtaking).await;
    assert!(matches!(refused, Err(StoreError::Constraint { .. })));
}

#[tokio::test]
async fn a_failing_row_gives_way_to_the_one_behind_it() {
    for status in [QueueStatus::Pending, QueueStatus::Failed] {
        let replica = replica().await;
        let mut transaction = replica.edit().await;
        let edit = upsert(&meeting(1, 1), TO_GOOGLE);
        let first = transaction.enqueue(&edit).await.unwrap();
        set(&mut transaction, first, QueueStatus::Processing).await;
        let second = transaction.enqueue(&edit).await.unwrap();
        set(&mut transaction, first, status).await;
        assert_eq!(transaction.queue_entry(first).await.unwrap(), None);
        assert_eq!(entry(&mut transaction, second).await.status, QueueStatus::Pending);
    }
}

#[tokio::test]
async fn what_was_interrupted_is_taken_up_again() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let edit = upsert(&meeting(1, 1), TO_GOOGLE);
    let superseded = transaction.enqueue(&edit).await.unwrap();
    set(&mut transaction, superseded, QueueStatus::Processing).await;
    let behind = transaction.enqueue(&edit).await.unwrap();
    let google = transaction.enqueue(&upsert(&meeting(2, 1), TO_GOOGLE)).await.unwrap();
    let notion = transaction.enqueue(&upsert(&meeting(2, 1), TO_NOTION)).await.unwrap();
    set(&mut transaction, google, QueueStatus::Processing).await;
    set(&mut transaction, notion, QueueStatus::Processing).await;

    transaction.release_processing(Some(GOOGLE)).await.unwrap();
    assert_eq!(transaction.queue_entry(superseded).await.unwrap(), None);
    let due: Vec<_> = transaction.queue_due(GOOGLE, noon(9), 9).await.unwrap();
    assert_eq!(due.iter().map(|row| row.id).collect::<Vec<_>>(), [behind, google]);
    assert_eq!(entry(&mut transaction, notion).await.status, QueueStatus::Processing);
    transaction.release_processing(None).await.unwrap();
    assert_eq!(entry(&mut transaction, notion).await.status, QueueStatus::Pending);
}

#[tokio::test]
async fn rows_fall_due_by_urgency_then_age() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let mut ids = Vec::new();
    for (number, priority, days) in [(1, 0, 3), (2, 0, 2), (3, 10, 3), (4, 10, 8), (5, 10, 1)] {
        let edit =
            NewQueueEntry { priority, scheduled_for: noon(days), ..upsert(&meeting(number, 1), TO_GOOGLE) };
        ids.push(transaction.enqueue(&edit).await.unwrap());
    }
    transaction.enqueue(&upsert(&meeting(1, 1), TO_NOTION)).await.unwrap();
    let due = transaction.queue_due(GOOGLE, noon(3), 9).await.unwrap();
    assert_eq!(due.iter().map(|row| row.id).collect::<Vec<_>>(), [ids[2], ids[4], ids[0], ids[1]]);
    assert_eq!(transaction.queue_due(GOOGLE, noon(3), 1).await.unwrap(), due[..1]);
    assert_eq!(transaction.next_queue_time(GOOGLE).await.unwrap(), Some(noon(1)));
    assert_eq!(transaction.next_queue_time(NOTION).await.unwrap(), Some(noon(3)));
}

#[tokio::test]
async fn the_outbox_is_listed_and_counted() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let mut ids = Vec::new();
    for number in 1..=4 {
        let edit = NewQueueEntry { created_at: noon(10), ..upsert(&meeting(number, 1), TO_GOOGLE) };
        ids.push(transaction.enqueue(&edit).await.unwrap());
    }
    let quiet = NewQueueEntry { priority: PRIORITY_BACKGROUND, ..upsert(&meeting(5, 1), TO_NOTION) };
    let notion = transaction.enqueue(&quiet).await.unwrap();
    set(&mut transaction, ids[0], QueueStatus::Failed).await;
    set(&mut transaction, ids[1], QueueStatus::Completed).await;
    set(&mut transaction, ids[3], QueueStatus::Processing).await;
    transaction.commit().await.unwrap();

    let store = &replica.store;
    let lines = store.queue_list(9).await.unwrap();
    let order: Vec<_> = lines.iter().map(|line| line.entry.id).collect();
    assert_eq!(order, [ids[3], ids[2], notion, ids[0]]);
    let expected = QueueLine {
        entry: store.queue_entry(notion).await.unwrap().unwrap(),
        title: "Meeting 5".to_owned(),
        calendar_id: CALENDAR,
        integration_id: NOTION,
    };
    assert_eq!(lines[2], expected);
    assert_eq!(store.queue_list(1).await.unwrap(), lines[..1]);

    let google = QueueCounts { pending: 1, processing: 1, failed: 1, oldest: Some(noon(10)) };
    let notion = QueueCounts { pending: 1, oldest: Some(noon(3)), ..QueueCounts::default() };
    assert_eq!(store.queue_counts().await.unwrap(), BTreeMap::from([(GOOGLE, google), (NOTION, notion)]));
}

#[tokio::test]
async fn what_was_completed_long_ago_is_pruned() {
    let replica = replica().await;
    let mut transaction = replica.edit().await;
    let mut ids = Vec::new();
    for (number, days) in [(1, 1), (2, 5)] {
        let id = transaction.enqueue(&upsert(&meeting(number, 1), TO_GOOGLE)).await.unwrap();
        let done = QueueEntry {
            status: QueueStatus::Completed,
            processed_at: Some(noon(days)),
            ..entry(&mut transaction, id).await
        };
        transaction.update_queue_entry(&done).await.unwrap();
        ids.push(id);
    }
    ids.push(transaction.enqueue(&upsert(&meeting(3, 1), TO_GOOGLE)).await.unwrap());
    transaction.prune(noon(5)).await.unwrap();
    assert_eq!(transaction.queue_entry(ids[0]).await.unwrap(), None);
    assert!(transaction.queue_entry(ids[1]).await.unwrap().is_some());
    assert!(transaction.queue_entry(ids[2]).await.unwrap().is_some());
}
