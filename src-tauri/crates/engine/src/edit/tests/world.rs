use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Europe::Berlin;
use serde_json::json;
use std::sync::Arc;
use synodic_model::sync::{
    EventSync, Integration, IntegrationStatus, Link, Operation, ProviderKind, QueueStatus, SyncDirection,
};
use synodic_model::{
    CalendarId, Event, EventContent, EventId, IntegrationId, LinkId, OccurrenceKey, OriginalStart,
    Recurrence, RemoteCalendarId, TimeWindow, When, ZonedTime,
};
use synodic_providers::google::{GoogleClient, GoogleEndpoints};
use synodic_store::{Durability, OpenOptions, Turnstile};
use tempfile::TempDir;
use uuid::Uuid;

use crate::clock::SystemClock;
use crate::config::{EngineConfig, NotionConfig, Polling, SecretsPlace};
use crate::engine::{Engine, Surroundings};
use crate::error::EngineError;
use crate::view::{EditReceipt, EventChange, EventDraft, EventTarget, EventView, NotifyAttendees};

/// An engine that acts only when asked, on a replica that goes when the test ends.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) calendar: CalendarId,
    _folder: TempDir,
}

impl World {
    /// With one calendar that is linked to nothing.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = || "http://127.0.0.1:9/".parse().unwrap();
        let config = EngineConfig {
            data_dir: folder.path().to_owned(),
            secrets: SecretsPlace::Memory,
            google_endpoints: GoogleEndpoints { api: nowhere(), auth: nowhere(), token: nowhere() },
            google_client: Some(GoogleClient { id: "test".into(), secret: None }),
            notion: NotionConfig::default(),
            webhook: None,
            polling: Polling::default(),
            viewer: Berlin,
            autonomous: false,
        };
        // Whoever reads beside a transaction that they hold waits for ever at the turnstile.
        let replica = OpenOptions { turnstile: Some(Turnstile::default()), ..OpenOptions::default() };
        let surroundings = Surroundings { clock: Arc::new(SystemClock), services: None, seed: None, replica };
        let engine = Engine::start_within(config, surroundings).await.unwrap();
        let calendar = engine.create_calendar("Home".into(), "#336699".into(), "Europe/Berlin".into()).await;
        Self { calendar: calendar.unwrap().id, engine, _folder: folder }
    }

    /// Links the calendar to one of an account that nobody can reach.
    pub(crate) async fn link(&self, direction: SyncDirection) -> LinkId {
        let integration = Integration {
            id: IntegrationId::new(Uuid::new_v4()),
            provider: ProviderKind::Google,
            account: format!("{}@example.com", Uuid::new_v4()),
            status: IntegrationStatus::Active,
            settings: json!({}),
            direction,
            created_at: Utc::now(),
            last_success_at: None,
            last_error: None,
        };
        let link = Link {
            id: LinkId::new(Uuid::new_v4()),
            calendar_id: self.calendar,
            integration_id: integration.id,
            remote_calendar_id: RemoteCalendarId::new("remote"),
            remote_name: "Remote".into(),
            direction,
            settings: serde_json::Value::Null,
            cursor: None,
            generation: 0,
            webhook: None,
            last_pulled_at: None,
        };
        let mut transaction = self.engine.inner.store.begin(Durability::Edit).await.unwrap();
        transaction.put_integration(&integration).await.unwrap();
        transaction.put_link(&link).await.unwrap();
        transaction.commit().await.unwrap();
        link.id
    }

    pub(crate) async fn create(&self, content: EventContent) -> EditReceipt {
        self.engine
            .create_event(EventDraft { calendar_id: self.calendar, content, notify: NotifyAttendees::Nobody })
            .await
            .unwrap()
    }

    /// Makes the event and returns its id.
    pub(crate) async fn made(&self, content: EventContent) -> EventId {
        self.create(content).await.event.unwrap().id
    }

    /// Lets a person look at something and change what they see.
    pub(crate) async fn change(
        &self,
        target: EventTarget,
        edit: impl FnOnce(&mut EventContent),
    ) -> Result<EditReceipt, EngineError> {
        let seen = self.engine.event(target).await?;
        let mut content = seen.content;
        edit(&mut content);
        self.engine
            .change_event(EventChange {
                target,
                content,
                seen_revision: Some(seen.revision),
                notify: NotifyAttendees::Nobody,
            })
            .await
    }

    pub(crate) async fn see(&self, target: EventTarget) -> EventView {
        self.engine.event(target).await.unwrap()
    }

    /// What November 2026 shows: local start and title of each.
    pub(crate) async fn november(&self) -> Vec<String> {
        let window =
            TimeWindow { from: utc("2026-10-31 23:00"), to: utc("2026-11-30 23:00"), viewer: Berlin };
        let shown = self.engine.occurrences(window).await.unwrap();
        let line = |start: DateTime<Utc>, title: &str| {
            format!("{} {title}", start.with_timezone(&Berlin).format("%d %H:%M")).trim_end().to_owned()
        };
        shown.iter().map(|view| line(view.starts_at, &view.title)).collect()
    }

    /// The row as it is stored, deleted or not.
    pub(crate) async fn row(&self, id: EventId) -> Event {
        self.engine.inner.store.event(id).await.unwrap().unwrap()
    }

    pub(crate) async fn syncs(&self, id: EventId) -> Vec<EventSync> {
        self.engine.inner.store.event_syncs(id).await.unwrap()
    }

    /// What waits to be sent: title, operation and status.
    pub(crate) async fn queue(&self) -> Vec<(String, Operation, QueueStatus)> {
        let items = self.engine.queue_list().await.unwrap();
        items.into_iter().map(|item| (item.title, item.operation, item.status)).collect()
    }
}

pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    local(text).and_utc()
}

pub(crate) fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// An hour in Berlin.
pub(crate) fn hour_from(start: &str) -> When {
    let start = local(start);
    let end = start + TimeDelta::hours(1);
    When::Zoned { start: ZonedTime::new(start, Berlin), end: ZonedTime::new(end, Berlin) }
}

pub(crate) fn whole_day(day: &str) -> When {
    let start: NaiveDate = day.parse().unwrap();
    When::AllDay { start, end: start + TimeDelta::days(1) }
}

pub(crate) fn single(title: &str, start: &str) -> EventContent {
    EventContent::new(title, hour_from(start))
}

/// Mondays at ten from 2 November 2026: the 2nd, 9th, 16th, 23rd and 30th of that month.
pub(crate) fn mondays(title: &str) -> EventContent {
    let mut content = single(title, "2026-11-02 10:00");
    content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;BYDAY=MO").unwrap());
    content
}

pub(crate) fn whole(id: EventId) -> EventTarget {
    EventTarget::Event { id }
}

/// The occurrence of a series that would start then in Berlin.
pub(crate) fn on(series_id: EventId, start: &str) -> EventTarget {
    let time = ZonedTime::new(local(start), Berlin);
    EventTarget::Occurrence {
        key: OccurrenceKey { series_id, original_start: OriginalStart::Zoned { time } },
    }
}
