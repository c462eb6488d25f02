//! How events stand with links.

use std::collections::{BTreeMap, BTreeSet};

use synodic_model::sync::{ConflictData, EventSyncStatus};
use synodic_model::{Event, ExternalId, Field, Revision};

use super::{GOOGLE, NOTION, Replica, TO_GOOGLE, TO_NOTION, event_id, meeting, noon, standing};
use crate::{StoreError, UnreadableItem};

fn three() -> [Event; 3] {
    [meeting(1, 1), meeting(2, 2), meeting(3, 3)]
}

#[tokio::test]
async fn every_part_of_a_standing_comes_back() {
    let events = three();
    let replica = Replica::with_events(&events).await;
    let [first, second, _] = &events;
    let mut row = standing(first, TO_GOOGLE);
    row.status = EventSyncStatus::Conflict;
    row.last_error = Some("409".to_owned());
    row.retry_count = 2;
    row.local_version = Revision(7);
    row.generation = 4;
    row.incarnation = 1;
    row.conflict_data = Some(ConflictData {
        found_at: noon(4),
        base: Some(first.content.clone()),
        local: Some(second.content.clone()),
        remote: None,
        fields: vec![Field::Title, Field::When],
        open: false,
    });
    let mut transaction = replica.edit().await;
    transaction.put_event_sync(&row).await.unwrap();
    assert_eq!(transaction.event_sync(first.id, TO_GOOGLE).await.unwrap(), Some(row.clone()));

    row.external_id = None;
    row.remote_version = None;
    row.base = None;
    row.conflict_data = None;
    row.last_synced_at = None;
    transaction.put_event_sync(&row).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(replica.store.event_sync(first.id, TO_GOOGLE).await.unwrap(), Some(row.clone()));
    assert_eq!(replica.store.event_syncs(first.id).await.unwrap(), [row]);
    assert_eq!(replica.store.event_sync(first.id, TO_NOTION).await.unwrap(), None);

    let mut transaction = replica.edit().await;
    transaction.remove_event_sync(first.id, TO_GOOGLE).await.unwrap();
    assert!(transaction.event_syncs(first.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_remote_id_names_one_event_of_a_link() {
    let events = three();
    let replica = Replica::with_events(&events).await;
    let [first, second, third] = &events;
    let rows = [standing(first, TO_GOOGLE), standing(second, TO_GOOGLE), standing(first, TO_NOTION)];
    let mut transaction = replica.edit().await;
    transaction.put_event_syncs(&rows).await.unwrap();
    let mut thief = standing(third, TO_GOOGLE);
    thief.external_id = standing(first, TO_GOOGLE).external_id;
    assert!(matches!(transaction.put_event_sync(&thief).await, Err(StoreError::Constraint { .. })));
    // Rows that do not exist at the remote yet do not get into each other's way.
    for event in [second, third] {
        let mut unborn = standing(event, TO_NOTION);
        unborn.external_id = None;
        transaction.put_event_sync(&unborn).await.unwrap();
    }
    transaction.commit().await.unwrap();

    let store = &replica.store;
    let [first_id, second_id] = [&rows[0], &rows[1]].map(|row| row.external_id.clone().unwrap());
    let unknown = ExternalId::new("unknown");
    let found = store
        .event_syncs_by_external(TO_GOOGLE, &[unknown, second_id.clone(), first_id.clone()])
        .await
        .unwrap();
    assert_eq!(found, BTreeMap::from([(first_id, rows[0].clone()), (second_id, rows[1].clone())]));
}

#[tokio::test]
async fn what_a_listing_did_not_name_is_stale() {
    let events = three();
    let replica = Replica::with_events(&events).await;
    let mut rows: Vec<_> = events.iter().map(|event| standing(event, TO_GOOGLE)).collect();
    rows[0].generation = 2;
    rows[2].external_id = None;
    let mut transaction = replica.edit().await;
    transaction.put_event_syncs(&rows).await.unwrap();
    transaction.put_event_sync(&standing(&events[0], TO_NOTION)).await.unwrap();
    assert_eq!(transaction.stale_event_syncs(TO_GOOGLE, 2).await.unwrap(), rows[1..2]);
    assert!(transaction.stale_event_syncs(TO_GOOGLE, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn conflicts_are_counted_and_rows_found_by_link() {
    let events = three();
    let replica = Replica::with_events(&events).await;
    let mut rows: Vec<_> = events.iter().map(|event| standing(event, TO_GOOGLE)).collect();
    rows[0].status = EventSyncStatus::Conflict;
    rows[1].status = EventSyncStatus::Conflict;
    rows.push(standing(&events[0], TO_NOTION));
    // The last one was decided already, and is kept for the person to look at.
    for (row, open) in rows.iter_mut().zip([true, true, false]) {
        row.conflict_data = Some(ConflictData {
            found_at: noon(4),
            base: None,
            local: None,
            remote: None,
            fields: vec![Field::Title],
            open,
        });
    }
    let mut transaction = replica.edit().await;
    transaction.put_event_syncs(&rows).await.unwrap();
    transaction.commit().await.unwrap();

    let store = &replica.store;
    let found = store.event_syncs_at(TO_GOOGLE, &[event_id(1), event_id(3), event_id(9)]).await.unwrap();
    assert_eq!(found, BTreeMap::from([(event_id(1), rows[0].clone()), (event_id(3), rows[2].clone())]));
    assert_eq!(store.conflict_counts().await.unwrap(), BTreeMap::from([(GOOGLE, 2)]));
    assert!(!store.conflict_counts().await.unwrap().contains_key(&NOTION));
    assert_eq!(store.conflicts(9).await.unwrap(), rows[..3]);
    assert_eq!(store.conflicts(1).await.unwrap(), rows[..1]);
}

#[tokio::test]
async fn what_could_not_be_read_is_counted_until_it_can_or_is_gone() {
    let replica = Replica::with_events(&[]).await;
    let item = |link_id, id: &str, generation| UnreadableItem {
        link_id,
        external_id: ExternalId::new(id),
        reason: "it has no start".into(),
        found_at: noon(1),
        generation,
    };
    let mut transaction = replica.edit().await;
    for item in
        [item(TO_GOOGLE, "a", 1), item(TO_GOOGLE, "b", 1), item(TO_NOTION, "a", 1), item(TO_GOOGLE, "a", 2)]
    {
        transaction.put_unreadable(&item).await.unwrap();
    }
    let ids = |ids: &[&str]| ids.iter().map(|id| ExternalId::new(*id)).collect::<BTreeSet<_>>();
    assert_eq!(transaction.unreadable(TO_GOOGLE).await.unwrap(), ids(&["a", "b"]));
    assert_eq!(transaction.unreadable_counts().await.unwrap(), BTreeMap::from([(GOOGLE, 2), (NOTION, 1)]));
    transaction.forget_stale_unreadable(TO_GOOGLE, 2).await.unwrap();
    assert_eq!(transaction.unreadable(TO_GOOGLE).await.unwrap(), ids(&["a"]));
    transaction.forget_unreadable(TO_GOOGLE, &ExternalId::new("a")).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(replica.store.unreadable_counts().await.unwrap(), BTreeMap::from([(NOTION, 1)]));
}
