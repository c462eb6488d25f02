//! The store on real files. Each test has a folder of its own, which goes when it ends.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;
use synodic_model::sync::{
    Calendar, EventSync, EventSyncStatus, Integration, IntegrationStatus, Link, Operation,
    PRIORITY_INTERACTIVE, ProviderKind, SyncDirection,
};
use synodic_model::{
    CalendarId, Event, EventContent, EventId, ExternalId, IntegrationId, LinkId, OccurrenceKey,
    OriginalStart, Recurrence, RemoteCalendarId, RemoteVersion, Revision, When, ZonedTime,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Durability, NewQueueEntry, OpenOptions, Store, StoreError, Transaction};

mod backup;
mod events;
mod opening;
mod plans;
mod queue;
mod search;
mod standing;
mod transactions;
mod window;

/// A replica in a folder of its own, with one calendar, two accounts, and a link to each.
struct Replica {
    store: Store,
    folder: TempDir,
}

const CALENDAR: CalendarId = CalendarId::new(Uuid::from_u128(1));
const GOOGLE: IntegrationId = IntegrationId::new(Uuid::from_u128(2));
const NOTION: IntegrationId = IntegrationId::new(Uuid::from_u128(3));
const TO_GOOGLE: LinkId = LinkId::new(Uuid::from_u128(4));
const TO_NOTION: LinkId = LinkId::new(Uuid::from_u128(5));

impl Replica {
    /// An empty one.
    async fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("synodic.db"), OpenOptions::default()).await.unwrap();
        Self { store, folder }
    }

    async fn new() -> Self {
        let replica = Self::empty().await;
        let mut transaction = replica.edit().await;
        transaction.put_calendar(&calendar(CALENDAR)).await.unwrap();
        for (id, link_id, provider) in
            [(GOOGLE, TO_GOOGLE, ProviderKind::Google), (NOTION, TO_NOTION, ProviderKind::Notion)]
        {
            transaction.put_integration(&integration(id, provider)).await.unwrap();
            transaction.put_link(&link(link_id, CALENDAR, id)).await.unwrap();
        }
        transaction.commit().await.unwrap();
        replica
    }

    async fn with_events(events: &[Event]) -> Self {
        let replica = Self::new().await;
        let mut transaction = replica.edit().await;
        transaction.put_events(events).await.unwrap();
        transaction.commit().await.unwrap();
        replica
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("synodic.db")
    }

    async fn edit(&self) -> Transaction {
        self.store.begin(Durability::Edit).await.unwrap()
    }

    async fn reopen(&self) -> Result<Store, StoreError> {
        Store::open(&self.path(), OpenOptions::default()).await
    }
}

/// Noon in UTC, `days` after the first of June 2026.
fn noon(days: i64) -> DateTime<Utc> {
    date(days).and_hms_opt(12, 0, 0).unwrap().and_utc()
}

fn date(days: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + TimeDelta::days(days)
}

fn event_id(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(0x100 + number))
}

fn calendar(id: CalendarId) -> Calendar {
    Calendar {
        id,
        name: "Work".to_owned(),
        color: "#336699".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        visible: true,
        position: 1,
        default_reminders: Vec::new(),
    }
}

fn integration(id: IntegrationId, provider: ProviderKind) -> Integration {
    Integration {
        id,
        provider,
        account: "ada@example.com".to_owned(),
        status: IntegrationStatus::Active,
        settings: json!({ "endpoint": null }),
        direction: SyncDirection::Bidirectional,
        created_at: noon(0),
        last_success_at: None,
        last_error: None,
    }
}

fn link(id: LinkId, calendar_id: CalendarId, integration_id: IntegrationId) -> Link {
    Link {
        id,
        calendar_id,
        integration_id,
        remote_calendar_id: RemoteCalendarId::new("primary"),
        remote_name: "Ada".to_owned(),
        direction: SyncDirection::Bidirectional,
        settings: serde_json::Value::Null,
        cursor: None,
        generation: 0,
        webhook: None,
        last_pulled_at: None,
    }
}

/// An hour in Berlin, at ten in the morning.
fn meeting(number: u128, days: i64) -> Event {
    let start = ZonedTime::new(date(days).and_hms_opt(10, 0, 0).unwrap(), Tz::Europe__Berlin);
    let end = ZonedTime::new(date(days).and_hms_opt(11, 0, 0).unwrap(), Tz::Europe__Berlin);
    event(number, EventContent::new(format!("Meeting {number}"), When::Zoned { start, end }))
}

/// The same every week.
fn series(number: u128, days: i64, rule: &str) -> Event {
    let mut event = meeting(number, days);
    event.content.recurrence = Some(Recurrence::from_rule(rule).unwrap());
    event
}

/// The occurrence of a series at `original`, moved to `days`.
fn override_of(series: &Event, number: u128, original: i64, days: i64) -> Event {
    let original_start = meeting(0, original).content.when.original_start();
    let occurrence_of = Some(OccurrenceKey { series_id: series.id, original_start });
    Event { uid: series.uid.clone(), occurrence_of, ..meeting(number, days) }
}

fn event(number: u128, content: EventContent) -> Event {
    Event {
        id: event_id(number),
        calendar_id: CALENDAR,
        uid: format!("{number}@synodic"),
        occurrence_of: None,
        content,
        revision: Revision(1),
        created_at: noon(0),
        updated_at: noon(1),
        deleted_at: None,
    }
}

fn standing(event: &Event, link_id: LinkId) -> EventSync {
    EventSync {
        event_id: event.id,
        link_id,
        external_id: Some(ExternalId::new(format!("remote-{}", event.uid))),
        status: EventSyncStatus::Synced,
        last_synced_at: Some(noon(2)),
        last_error: None,
        retry_count: 0,
        local_version: event.revision,
        remote_version: Some(RemoteVersion::new("\"1\"")),
        base: Some(event.content.clone()),
        conflict_data: None,
        generation: 1,
        incarnation: 0,
    }
}

fn upsert(event: &Event, link_id: LinkId) -> NewQueueEntry {
    NewQueueEntry {
        event_id: event.id,
        link_id,
        operation: Operation::Upsert,
        payload: json!({}),
        priority: PRIORITY_INTERACTIVE,
        scheduled_for: noon(3),
        created_at: noon(3),
        max_retries: 3,
    }
}

fn original_start(days: i64) -> OriginalStart {
    meeting(0, days).content.when.original_start()
}
