//! Calendars, accounts, links, events, history and settings, in and out.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;
use synodic_model::sync::{
    IntegrationStatus, LogAction, LogEntry, LogOutcome, ProviderKind, SyncDirection, Webhook,
};
use synodic_model::{
    Attendee, CalendarId, Color, Event, EventContent, EventStatus, LinkId, OccurrenceKey, Organizer,
    Reminder, ReminderMethod, Reminders, ResponseStatus, Transparency, Visibility, When,
};
use uuid::Uuid;

use super::{
    CALENDAR, GOOGLE, NOTION, Replica, TO_GOOGLE, TO_NOTION, calendar, date, event, event_id, integration,
    link, meeting, noon, original_start, override_of, series, standing, upsert,
};
use crate::StoreError;

#[tokio::test]
async fn calendars_come_in_their_order() {
    let replica = Replica::empty().await;
    let reminder = Reminder { minutes_before: 10, method: ReminderMethod::Popup };
    let mut first = calendar(CALENDAR);
    first.default_reminders = vec![reminder];
    let mut second = calendar(CalendarId::new(Uuid::from_u128(9)));
    second.position = 0;

    let mut transaction = replica.edit().await;
    transaction.put_calendar(&first).await.unwrap();
    transaction.put_calendar(&second).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(replica.store.calendars().await.unwrap(), [second.clone(), first.clone()]);

    first.visible = false;
    let mut transaction = replica.edit().await;
    transaction.put_calendar(&first).await.unwrap();
    assert_eq!(transaction.calendar(CALENDAR).await.unwrap(), Some(first));
    transaction.remove_calendar(second.id).await.unwrap();
    assert_eq!(transaction.calendar(second.id).await.unwrap(), None);
}

#[tokio::test]
async fn accounts_and_links_come_back_as_they_went() {
    let replica = Replica::new().await;
    let mut account = integration(GOOGLE, ProviderKind::Caldav);
    account.status = IntegrationStatus::NeedsSignIn;
    account.direction = SyncDirection::PullOnly;
    account.settings = json!({ "url": "https://dav.example.com/", "properties": ["a", 1, null] });
    account.last_success_at = Some(noon(5));
    account.last_error = Some("refused".to_owned());
    let mut tie = link(TO_GOOGLE, CALENDAR, GOOGLE);
    tie.direction = SyncDirection::PushOnly;
    tie.cursor = Some("CPjW==".to_owned());
    tie.generation = 3;
    tie.last_pulled_at = Some(noon(6));
    tie.webhook = Some(Webhook {
        id: "channel".to_owned(),
        resource: "resource".to_owned(),
        token: "secret".to_owned(),
        expires_at: noon(13),
    });

    let mut transaction = replica.edit().await;
    transaction.put_integration(&account).await.unwrap();
    transaction.put_link(&tie).await.unwrap();
    transaction.commit().await.unwrap();

    let store = &replica.store;
    assert_eq!(store.integration(GOOGLE).await.unwrap(), Some(account));
    assert_eq!(store.integrations().await.unwrap().len(), 2);
    assert_eq!(store.link(TO_GOOGLE).await.unwrap(), Some(tie.clone()));
    assert_eq!(store.links_of_integration(GOOGLE).await.unwrap(), [tie.clone()]);
    assert_eq!(store.links_of_calendar(CALENDAR).await.unwrap(), [tie, link(TO_NOTION, CALENDAR, NOTION)]);
    assert_eq!(store.links().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_remote_calendar_is_tied_to_a_calendar_once() {
    let replica = Replica::new().await;
    let mut transaction = replica.edit().await;
    let again = link(LinkId::new(Uuid::from_u128(99)), CALENDAR, GOOGLE);
    assert!(matches!(transaction.put_link(&again).await, Err(StoreError::Constraint { .. })));
}

#[tokio::test]
async fn every_part_of_an_event_comes_back() {
    let attendee = Attendee {
        email: "bea@example.com".to_owned(),
        name: "Bea \"B\" Ö \u{1F389}".to_owned(),
        optional: true,
        resource: false,
        response: ResponseStatus::Tentative,
        is_self: false,
    };
    let content = EventContent {
        title: "Fête 'd' \\ \"été\" \u{0} \u{1F1E9}\u{1F1EA}\r\n".to_owned(),
        description: "<b>1 < 2</b>\t\u{2028}".to_owned(),
        location: "Straße 1".to_owned(),
        status: EventStatus::Tentative,
        transparency: Transparency::Transparent,
        visibility: Visibility::Confidential,
        reminders: Reminders::Custom {
            reminders: vec![Reminder { minutes_before: 5, method: ReminderMethod::Email }],
        },
        attendees: vec![attendee],
        organizer: Some(Organizer {
            email: "ada@example.com".to_owned(),
            name: String::new(),
            is_self: true,
        }),
        conference_url: Some("https://meet.example.com/x?y=1&z=2".to_owned()),
        color: Some(Color("tomato".to_owned())),
        url: Some("https://example.com".to_owned()),
        extras: BTreeMap::from([(
            "google".to_owned(),
            json!({ "big": u64::MAX, "small": i64::MIN, "float": 0.1, "deep": [[{ "a": null }]], "": "" }),
        )]),
        ..meeting(1, 1).content
    };
    let single = event(1, content);
    let whole_day = event(2, EventContent::new("", When::AllDay { start: date(1), end: date(2) }));
    let floating_time = |hour| date(1).and_hms_opt(hour, 0, 0).unwrap();
    let floating =
        event(3, EventContent::new("", When::Floating { start: floating_time(9), end: floating_time(10) }));
    let series = series(4, 1, "FREQ=WEEKLY;COUNT=10");
    let moved = override_of(&series, 5, 8, 9);
    let all = [single, whole_day, floating, series, moved];
    let replica = Replica::with_events(&all).await;

    for written in &all {
        assert_eq!(replica.store.event(written.id).await.unwrap().as_ref(), Some(written));
    }
    let mut ids: Vec<_> = all.iter().map(|event| event.id).collect();
    ids.push(event_id(1000));
    let read = replica.store.events_by_ids(&ids).await.unwrap();
    assert!(read.into_values().eq(all));
    assert!(replica.store.events_by_ids(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn instants_are_cut_to_milliseconds() {
    let mut event = meeting(1, 1);
    event.updated_at = noon(0) + TimeDelta::nanoseconds(1_999_999);
    let replica = Replica::with_events(&[event]).await;
    let read = replica.store.event(event_id(1)).await.unwrap().unwrap();
    assert_eq!(read.updated_at, noon(0) + TimeDelta::milliseconds(1));
}

#[tokio::test]
async fn more_events_than_one_statement_takes_are_written_and_updated() {
    let mut events: Vec<_> = (0..2500).map(|number| meeting(number, 1)).collect();
    let replica = Replica::with_events(&events).await;
    for event in &mut events {
        event.content.title.push('!');
        event.revision = event.revision.next();
    }
    let mut transaction = replica.edit().await;
    transaction.put_events(&events).await.unwrap();
    transaction.put_events(&[]).await.unwrap();
    transaction.commit().await.unwrap();
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    assert!(replica.store.events_by_ids(&ids).await.unwrap().into_values().eq(events));
}

#[tokio::test]
async fn a_uid_finds_the_master_that_lives() {
    let series = series(1, 1, "FREQ=WEEKLY");
    let moved = override_of(&series, 2, 8, 9);
    let deleted = Event { uid: "gone".to_owned(), deleted_at: Some(noon(2)), ..meeting(3, 1) };
    let older = Event { uid: "twice".to_owned(), ..meeting(5, 1) };
    let newer = Event { uid: "twice".to_owned(), created_at: noon(9), ..meeting(4, 1) };
    let replica = Replica::with_events(&[series.clone(), moved, deleted.clone(), newer, older.clone()]).await;
    let store = &replica.store;
    let uids = [&series.uid, "gone", "twice", "unknown"];
    let expected = [(series.uid.clone(), series.clone()), ("twice".to_owned(), older)];
    assert_eq!(store.events_by_uids(CALENDAR, &uids).await.unwrap(), expected.into());
    assert!(store.events_by_uids(CalendarId::new(Uuid::nil()), &uids).await.unwrap().is_empty());
    assert_eq!(store.event(deleted.id).await.unwrap(), Some(deleted));
}

#[tokio::test]
async fn a_calendar_lists_a_series_before_its_overrides() {
    let series = series(4, 1, "FREQ=WEEKLY");
    let moved = override_of(&series, 2, 8, 9);
    let deleted = Event { deleted_at: Some(noon(2)), ..meeting(3, 1) };
    let replica = Replica::with_events(&[series, moved, deleted, meeting(1, 1)]).await;
    let listed = replica.store.events_of_calendar(CALENDAR).await.unwrap();
    assert_eq!(listed, [event_id(1), event_id(4), event_id(2)]);
    assert!(replica.store.events_of_calendar(CalendarId::new(Uuid::nil())).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_override_is_found_by_what_it_stands_for() {
    let series = series(1, 1, "FREQ=WEEKLY");
    let second = override_of(&series, 2, 15, 16);
    let first = override_of(&series, 3, 8, 9);
    let deleted = Event { deleted_at: Some(noon(9)), ..override_of(&series, 4, 8, 10) };
    let gone = Event { deleted_at: Some(noon(9)), ..override_of(&series, 5, 22, 22) };
    let replica =
        Replica::with_events(&[series.clone(), second.clone(), first.clone(), deleted.clone(), gone.clone()])
            .await;
    let store = &replica.store;
    assert_eq!(store.override_of(series.id, &original_start(8)).await.unwrap(), Some(first.clone()));
    assert_eq!(store.override_of(series.id, &original_start(22)).await.unwrap(), Some(gone.clone()));
    assert_eq!(store.override_of(series.id, &original_start(29)).await.unwrap(), None);
    let of = |day| OccurrenceKey { series_id: series.id, original_start: original_start(day) };
    let found = store.overrides_of(&[of(29), of(22), of(8), of(8)]).await.unwrap();
    assert_eq!(found, [first.clone(), gone.clone()]);
    assert_eq!(store.overrides(series.id).await.unwrap(), [first, deleted, second, gone]);

    let mut transaction = replica.edit().await;
    let again = override_of(&series, 6, 8, 8);
    assert!(matches!(transaction.put_event(&again).await, Err(StoreError::Constraint { .. })));
}

#[tokio::test]
async fn what_hangs_on_a_row_goes_with_it() {
    let series = series(1, 1, "FREQ=WEEKLY");
    let moved = override_of(&series, 2, 8, 9);
    let replica = Replica::with_events(&[series.clone(), moved.clone()]).await;
    let write = async || {
        let mut transaction = replica.edit().await;
        transaction
            .put_event_syncs(&[standing(&series, TO_GOOGLE), standing(&series, TO_NOTION)])
            .await
            .unwrap();
        let entry = transaction.enqueue(&upsert(&moved, TO_GOOGLE)).await.unwrap();
        (transaction, entry)
    };

    let (mut transaction, entry) = write().await;
    transaction.remove_event(series.id).await.unwrap();
    assert_eq!(transaction.event(moved.id).await.unwrap(), None);
    assert!(transaction.event_syncs(series.id).await.unwrap().is_empty());
    assert_eq!(transaction.queue_entry(entry).await.unwrap(), None);
    drop(transaction);

    let (mut transaction, entry) = write().await;
    transaction.remove_integration(GOOGLE).await.unwrap();
    assert_eq!(transaction.link(TO_GOOGLE).await.unwrap(), None);
    assert_eq!(transaction.event_syncs(series.id).await.unwrap(), [standing(&series, TO_NOTION)]);
    assert_eq!(transaction.queue_entry(entry).await.unwrap(), None);
    assert!(transaction.event(moved.id).await.unwrap().is_some(), "an account took events with it");
    drop(transaction);

    let (mut transaction, _) = write().await;
    transaction.remove_link(TO_NOTION).await.unwrap();
    assert_eq!(transaction.event_syncs(series.id).await.unwrap(), [standing(&series, TO_GOOGLE)]);
    drop(transaction);

    let (mut transaction, _) = write().await;
    transaction.remove_calendar(CALENDAR).await.unwrap();
    assert_eq!(transaction.event(series.id).await.unwrap(), None);
    assert!(transaction.links().await.unwrap().is_empty());
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn settings_are_remembered() {
    let replica = Replica::empty().await;
    assert_eq!(replica.store.setting("sync.interval").await.unwrap(), None);
    for value in [json!(120), json!({ "policy": "ask" }), json!(null), json!("a \"word\"")] {
        let mut transaction = replica.edit().await;
        transaction.set_setting("sync.interval", &value).await.unwrap();
        assert_eq!(transaction.setting("sync.interval").await.unwrap().as_ref(), Some(&value));
        transaction.commit().await.unwrap();
        assert_eq!(replica.store.setting("sync.interval").await.unwrap(), Some(value));
    }
}

#[tokio::test]
async fn history_is_read_backwards_and_pruned() {
    let replica = Replica::empty().await;
    let line = |days, action| LogEntry {
        at: noon(days),
        integration_id: Some(GOOGLE),
        link_id: None,
        event_id: Some(event_id(1)),
        action,
        outcome: LogOutcome::Retried,
        duration_ms: 12,
        detail: json!({ "pages": 3 }),
    };
    let lines = [line(1, LogAction::Pull), line(2, LogAction::SignIn), line(3, LogAction::Webhook)];
    let mut transaction = replica.edit().await;
    for line in &lines {
        transaction.append_log(line).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let [first, second, third] = lines;
    let store = &replica.store;
    assert_eq!(store.log_entries(2, None).await.unwrap(), [third.clone(), second.clone()]);
    assert_eq!(store.log_entries(9, Some(noon(2))).await.unwrap(), [first]);

    let mut transaction = replica.edit().await;
    transaction.prune(noon(2)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.log_entries(9, None).await.unwrap(), [third, second]);
}
