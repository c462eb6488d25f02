//! What a person does on a replica with 100,000 events, 2,000 of them series.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Months, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::json;
use synodic_engine::Engine;
use synodic_engine::view::{EventDraft, NotifyAttendees};
use synodic_model::sync::{
    Calendar, EventSync, EventSyncStatus, Integration, IntegrationStatus, Link, ProviderKind, SyncDirection,
};
use synodic_model::{
    CalendarId, Event, EventContent, EventId, ExternalId, IntegrationId, LinkId, Recurrence,
    RemoteCalendarId, RemoteVersion, Revision, TimeWindow, When, ZonedTime,
};
use synodic_store::{Durability, OpenOptions, Store};
use uuid::Uuid;

use crate::google::{Manner, engine};
use crate::report;

const EVENTS: usize = 100_000;
const SERIES: usize = 2_000;
pub(crate) const ZONE: chrono_tz::Tz = chrono_tz::Europe::Berlin;

pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("synodic.db");
    let calendar = fill(&path, EVENTS, SERIES).await;
    months(folder.path(), "").await;
    link(&path, calendar).await;
    months(folder.path(), ", linked").await;

    let engine = engine(folder.path(), None, Manner::Asked).await;
    let mut taken = Vec::new();
    for number in 0..200 {
        let draft =
            EventDraft { calendar_id: calendar, content: single(number), notify: NotifyAttendees::Nobody };
        let from = Instant::now();
        engine.create_event(draft).await.unwrap();
        taken.push(from.elapsed());
    }
    report::times(&format!("a local edit to acknowledged, {EVENTS} events stored"), taken, "10 ms");
    engine.shutdown().await.unwrap();
}

/// The month that is looked at again and again, and every month of ten years one after the other.
async fn months(folder: &Path, standing: &str) {
    let engine = engine(folder, None, Manner::Asked).await;
    let (mut shown, mut taken) = (0, Vec::new());
    for _ in 0..100 {
        let (count, time) = month(&engine, 2026, 11).await;
        shown = count;
        taken.push(time);
    }
    let what = format!("a month out of {EVENTS} events, {SERIES} series ({shown} shown{standing})");
    report::times(&what, taken, "20 ms");
    let mut taken = Vec::new();
    for year in 2017..2027 {
        for number in 1..=12 {
            taken.push(month(&engine, year, number).await.1);
        }
    }
    report::times(&format!("the same, another month each time{standing}"), taken, "20 ms");
    engine.shutdown().await.unwrap();
}

async fn month(engine: &Engine, year: i32, month: u32) -> (usize, Duration) {
    let from = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
    let midnight = |date: NaiveDate| ZonedTime::new(date.into(), ZONE).instant();
    let window = TimeWindow { from: midnight(from), to: midnight(from + Months::new(1)), viewer: ZONE };
    let begun = Instant::now();
    let shown = engine.occurrences(window).await.unwrap().len();
    (shown, begun.elapsed())
}

/// Makes a replica with one calendar that is linked to nothing, of so many events, the first of which are series.
pub(crate) async fn fill(path: &Path, events: usize, series: usize) -> CalendarId {
    let store = Store::open(path, OpenOptions::default()).await.unwrap();
    let calendar = Calendar {
        id: CalendarId::new(Uuid::now_v7()),
        name: "Everything".into(),
        color: "#4a6fa5".into(),
        time_zone: ZONE.name().into(),
        visible: true,
        position: 0,
        default_reminders: Vec::new(),
    };
    let mut transaction = store.begin(Durability::Pulled).await.unwrap();
    transaction.put_calendar(&calendar).await.unwrap();
    for chunk in (0..events).collect::<Vec<_>>().chunks(1000) {
        let events: Vec<Event> = chunk.iter().map(|&number| stored(calendar.id, number, series)).collect();
        transaction.put_events(&events).await.unwrap();
    }
    transaction.commit().await.unwrap();
    store.close().await;
    calendar.id
}

/// Links the calendar, as if all its events had been sent long ago.
async fn link(path: &Path, calendar_id: CalendarId) {
    let store = Store::open(path, OpenOptions::default()).await.unwrap();
    let integration = integration();
    let link = link_of(calendar_id, integration.id);
    let mut transaction = store.begin(Durability::Pulled).await.unwrap();
    transaction.put_integration(&integration).await.unwrap();
    transaction.put_link(&link).await.unwrap();
    let events = transaction.events_of_calendar(calendar_id).await.unwrap();
    for ids in events.chunks(1000) {
        let events = transaction.events_by_ids(ids).await.unwrap();
        let rows: Vec<_> = events.values().map(|event| standing(event, link.id)).collect();
        transaction.put_event_syncs(&rows).await.unwrap();
    }
    transaction.commit().await.unwrap();
    store.close().await;
}

fn integration() -> Integration {
    Integration {
        id: IntegrationId::new(Uuid::now_v7()),
        provider: ProviderKind::Google,
        account: crate::google::ACCOUNT.into(),
        status: IntegrationStatus::Active,
        settings: json!({}),
        direction: SyncDirection::Bidirectional,
        created_at: start_of_time(),
        last_success_at: None,
        last_error: None,
    }
}

fn link_of(calendar_id: CalendarId, integration_id: IntegrationId) -> Link {
    Link {
        id: LinkId::new(Uuid::now_v7()),
        calendar_id,
        integration_id,
        remote_calendar_id: RemoteCalendarId::new("everything"),
        remote_name: "Everything".into(),
        direction: SyncDirection::Bidirectional,
        cursor: None,
        generation: 1,
        webhook: None,
        last_pulled_at: Some(start_of_time()),
        settings: json!({}),
    }
}

fn standing(event: &Event, link_id: LinkId) -> EventSync {
    EventSync {
        event_id: event.id,
        link_id,
        external_id: Some(ExternalId::new(event.id.to_string())),
        status: EventSyncStatus::Synced,
        last_synced_at: Some(start_of_time()),
        last_error: None,
        retry_count: 0,
        local_version: event.revision,
        remote_version: Some(RemoteVersion::new("\"3489273486234000\"")),
        base: Some(event.content.clone()),
        conflict_data: None,
        generation: 1,
        incarnation: 0,
    }
}

fn stored(calendar_id: CalendarId, number: usize, series: usize) -> Event {
    let mut content = single(number);
    if number < series {
        let rules =
            ["FREQ=WEEKLY;BYDAY=MO", "FREQ=DAILY;COUNT=400", "FREQ=MONTHLY;BYMONTHDAY=15", "FREQ=YEARLY"];
        content.recurrence = Some(Recurrence::from_rule(rules[number % rules.len()]).unwrap());
    }
    Event {
        id: EventId::new(Uuid::now_v7()),
        calendar_id,
        uid: Uuid::now_v7().to_string(),
        occurrence_of: None,
        content,
        revision: Revision::default(),
        created_at: start_of_time(),
        updated_at: start_of_time(),
        deleted_at: None,
    }
}

pub(crate) fn single(number: usize) -> EventContent {
    let (start, end) = start_of(number);
    let when = When::Zoned { start: ZonedTime::new(start, ZONE), end: ZonedTime::new(end, ZONE) };
    EventContent::new(format!("Event {number}"), when)
}

/// Spreads events over ten years, a handful a day.
pub(crate) fn start_of(number: usize) -> (NaiveDateTime, NaiveDateTime) {
    let days = i64::try_from(number % 3650).unwrap();
    let hours = i64::try_from(number % 10).unwrap();
    let start = NaiveDate::from_ymd_opt(2017, 1, 2).unwrap().and_hms_opt(8, 0, 0).unwrap()
        + TimeDelta::days(days)
        + TimeDelta::hours(hours);
    (start, start + TimeDelta::minutes(45))
}

fn start_of_time() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}
