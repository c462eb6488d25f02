//! Events are found by their words, as they are now.

use proptest::prelude::*;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use synodic_model::{Attendee, Event, EventId, ResponseStatus};
use tempfile::TempDir;

use super::{CALENDAR, Replica, event_id, meeting, noon, override_of, series};
use crate::file::MIGRATIONS;
use crate::{OpenOptions, Store};

async fn found_in(store: &Store, text: &str) -> Vec<EventId> {
    store.search(text, &[CALENDAR], noon(0), 100).await.unwrap().saying.into_iter().collect()
}

async fn found(replica: &Replica, text: &str) -> Vec<EventId> {
    found_in(&replica.store, text).await
}

async fn put(replica: &Replica, event: &Event) {
    let mut transaction = replica.edit().await;
    transaction.put_event(event).await.unwrap();
    transaction.commit().await.unwrap();
}

/// A meeting with something in every part that is searched.
fn dinner() -> Event {
    let mut event = meeting(1, 3);
    event.content.title = "Dîner à l’Élysée".into();
    event.content.location = "Großer Saal, Łódź".into();
    event.content.description = "Bring the <b>crème brûlée</b>".into();
    event.content.attendees = vec![Attendee {
        email: "bea.smith@example.com".into(),
        name: "Beatrix Ångström".into(),
        optional: false,
        resource: false,
        response: ResponseStatus::Accepted,
        is_self: false,
    }];
    event
}

#[tokio::test]
async fn title_place_description_and_guests_are_found_without_case_accents_or_endings() {
    let replica = Replica::with_events(&[dinner(), meeting(2, 4)]).await;
    let all_parts = "diner, DÎN, elysee, saal, großer, creme brulee, brû, beatrix, angstrom, bea.smith@example.com, smith, \
        example, diner saal bea,   saal\n";
    for text in all_parts.split(',') {
        assert_eq!(found(&replica, text).await, [event_id(1)], "{text:?}");
    }
    for text in ["lysee", "diner lunch", "bea@example.com", "diner 2"] {
        assert_eq!(found(&replica, text).await, [], "{text:?}");
    }
    assert_eq!(found(&replica, "meet").await, [event_id(2)]);
}

#[tokio::test]
async fn what_was_changed_or_deleted_is_found_as_it_is_now() {
    let mut event = dinner();
    let replica = Replica::with_events(&[event.clone()]).await;
    event.content.title = "Supper".into();
    event.content.attendees.clear();
    put(&replica, &event).await;
    assert_eq!(found(&replica, "supper").await, [event.id]);
    assert_eq!(found(&replica, "saal").await, [event.id]);
    assert!(found(&replica, "diner").await.is_empty());
    assert!(found(&replica, "beatrix").await.is_empty());

    event.deleted_at = Some(noon(2));
    put(&replica, &event).await;
    assert!(found(&replica, "supper").await.is_empty());
    event.deleted_at = None;
    put(&replica, &event).await;
    assert_eq!(found(&replica, "supper").await, [event.id], "it was restored");

    let mut transaction = replica.edit().await;
    transaction.remove_event(event.id).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(found(&replica, "supper").await.is_empty());
    put(&replica, &event).await;
    assert_eq!(found(&replica, "supper").await, [event.id], "it came back");
}

#[tokio::test]
async fn what_goes_with_its_series_or_its_calendar_leaves_no_words_behind() {
    let weekly = series(1, 1, "FREQ=WEEKLY");
    let replica =
        Replica::with_events(&[weekly.clone(), override_of(&weekly, 2, 8, 9), dinner_numbered(3)]).await;
    assert_eq!(words(&replica).await, 3);
    let mut transaction = replica.edit().await;
    transaction.remove_event(weekly.id).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(words(&replica).await, 1);
    let mut transaction = replica.edit().await;
    transaction.remove_calendar(CALENDAR).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(words(&replica).await, 0);
}

fn dinner_numbered(number: u128) -> Event {
    Event { content: dinner().content, ..meeting(number, 3) }
}

/// How many events the index knows; it and the numbers agree.
async fn words(replica: &Replica) -> i64 {
    let mut transaction = replica.edit().await;
    let connection = transaction.connection();
    let count = "SELECT count(*) FROM event_search";
    let words: i64 = sqlx::query_scalar(count).fetch_one(&mut *connection).await.unwrap();
    let count = "SELECT count(*) FROM event_search_number";
    let numbers: i64 = sqlx::query_scalar(count).fetch_one(&mut *connection).await.unwrap();
    assert_eq!(words, numbers);
    // Fails when the index says anything else than its rows.
    let check = "INSERT INTO event_search (event_search) VALUES ('integrity-check')";
    sqlx::query(check).execute(connection).await.unwrap();
    words
}

#[tokio::test]
async fn what_was_there_before_there_was_a_search_is_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("synodic.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut old = options.connect().await.unwrap();
    let earlier = MIGRATIONS.iter().filter(|migration| migration.version < 1400).cloned().collect();
    Migrator::with_migrations(earlier).run_direct(None, &mut old, false).await.unwrap();
    let rows = "INSERT INTO calendar (id) VALUES ('00000000-0000-0000-0000-000000000001');
        INSERT INTO event (id, calendar_id, uid, title, content, starts_at, span_class, created_at, updated_at, deleted_at)
        SELECT value ->> 0, '00000000-0000-0000-0000-000000000001', value ->> 0, 'Old times',
            '{\"title\":\"Old times\",\"location\":\"Attic\",
            \"when\":{\"kind\":\"all_day\",\"start\":\"2026-06-09\",\"end\":\"2026-06-10\"}}', 0, 0, 0, 0, value ->> 1
        FROM json_each('[[\"00000000-0000-0000-0000-000000000101\",null],[\"00000000-0000-0000-0000-000000000102\",0]]')";
    sqlx::raw_sql(rows).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    let store = Store::open(&path, OpenOptions::default()).await.unwrap();
    assert_eq!(found_in(&store, "attic").await, [event_id(1)]);
}

#[tokio::test]
async fn a_backup_finds_the_same() {
    let mut many: Vec<_> = (1..40).map(|number| meeting(number, 3)).collect();
    many.push(dinner_numbered(77));
    let replica = Replica::with_events(&many).await;
    // Gaps are what VACUUM closes.
    let mut transaction = replica.edit().await;
    for number in 1..30 {
        transaction.remove_event(event_id(number)).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let backup = replica.store.backup_if_due(noon(1)).await.unwrap().unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("synodic.db");
    std::fs::copy(backup, &path).unwrap();
    let restored = Store::open(&path, OpenOptions::default()).await.unwrap();
    assert_eq!(found_in(&restored, "elysee").await, [event_id(77)]);
    assert_eq!(found_in(&restored, "meeting").await, (30..40).map(event_id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_series_comes_with_its_overrides_and_a_limit_keeps_what_is_near() {
    let weekly = series(1, -70, "FREQ=WEEKLY");
    let mut moved = override_of(&weekly, 2, 7, 9);
    moved.content.title = "Something else".into();
    let mut all = vec![weekly.clone(), moved];
    all.extend((0..20).map(|day| meeting(10 + u128::try_from(day).unwrap(), day - 10)));
    let replica = Replica::with_events(&all).await;
    let search = async |text| replica.store.search(text, &[CALENDAR], noon(0), 2).await.unwrap();

    let near = search("meeting").await;
    let ids: Vec<_> = near.rows.iter().map(|row| row.id).collect();
    // Day 0 is past at noon: its meeting was at ten.
    assert_eq!(ids, [1, 2, 19, 20, 21, 22].map(event_id));
    assert_eq!(near.saying, [1, 19, 20, 21, 22].map(event_id).into());
    let other = search("something").await;
    assert_eq!((other.rows.len(), other.saying), (1, [event_id(2)].into()));
    let nowhere = replica.store.search("meeting", &[], noon(0), 2).await.unwrap();
    assert!(nowhere.rows.is_empty(), "other calendars were not asked for");
}

/// Whatever is typed is searched for; nothing is an error.
#[test]
fn nothing_that_can_be_typed_is_an_error() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let replica = runtime.block_on(Replica::with_events(&[dinner()]));
    let odd = prop_oneof![
        any::<String>(),
        "[\"'*^:(){}+\\-,. ~<>=]{0,20}",
        "(AND|OR|NOT|NEAR|title|guests|\"|\\(|\\)|:|\\*|\\^|[a-z ]){0,12}",
        "[\u{0}-\u{1f}a-c\"\u{301}\u{1F389}\u{200d}日本 ]{0,20}",
    ];
    proptest!(ProptestConfig::with_cases(400), |(text in odd)| {
        let answer = runtime.block_on(replica.store.search(&text, &[CALENDAR], noon(0), 10));
        prop_assert!(answer.is_ok(), "{:?}", answer);
    });
}
