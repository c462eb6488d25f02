//! The sync snapshot in words and as a glyph, for the tray and the terminal: pure functions of the one value.
//!
//! The window has its own rendering of the same value with more room; the order of importance comes from the engine.

use chrono::{DateTime, TimeDelta, Utc};
use synodic_engine::snapshot::{IntegrationSnapshot, Pause, SyncSnapshot, SyncState};
use synodic_engine::view::{EventTarget, OccurrenceView};
use synodic_model::sync::ProviderKind;

/// The tray's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Glyph {
    Synced,
    Syncing,
    Pending,
    Offline,
    Paused,
    Attention,
    Failed,
    SignIn,
}

/// The picture for a state.
pub(crate) const fn glyph(state: SyncState) -> Glyph {
    match state {
        SyncState::NeedsSignIn => Glyph::SignIn,
        SyncState::Conflict | SyncState::Review | SyncState::Overdue => Glyph::Attention,
        SyncState::Failed => Glyph::Failed,
        SyncState::Offline => Glyph::Offline,
        SyncState::Paused => Glyph::Paused,
        SyncState::BackingOff | SyncState::Pending => Glyph::Pending,
        SyncState::Syncing => Glyph::Syncing,
        SyncState::Synced | SyncState::NoAccount => Glyph::Synced,
    }
}

/// One short line, as in “Offline, 3 wait”.
pub(crate) fn line(snapshot: &SyncSnapshot, now: DateTime<Utc>) -> String {
    let shown = snapshot.integrations.iter().find(|integration| integration.state == snapshot.state);
    words(snapshot, shown, now)
}

/// The same for one account.
pub(crate) fn account_line(
    account: &IntegrationSnapshot,
    paused: Option<Pause>,
    now: DateTime<Utc>,
) -> String {
    let alone = SyncSnapshot {
        at: now,
        state: account.state,
        integrations: Vec::new(),
        pending: account.pending,
        failed: account.failed,
        conflicts: account.conflicts,
        paused,
        last_success_at: account.last_success_at,
        storage: None,
        recovered: None,
        queue: Vec::new(),
    };
    match account.state {
        // The service is named beside it.
        SyncState::NeedsSignIn => "Sign in".into(),
        SyncState::Overdue => "No news".into(),
        _ => words(&alone, Some(account), now),
    }
}

/// What an edit or a look at an occurrence is about.
pub(crate) fn target_of(occurrence: &OccurrenceView) -> EventTarget {
    match occurrence.occurrence_of {
        Some(key) => EventTarget::Occurrence { key },
        None => EventTarget::Event { id: occurrence.event_id },
    }
}

fn words(snapshot: &SyncSnapshot, shown: Option<&IntegrationSnapshot>, now: DateTime<Utc>) -> String {
    match snapshot.state {
        SyncState::NeedsSignIn => format!("Sign in to {}", service(shown)),
        SyncState::Conflict => format!("{} to decide", snapshot.conflicts),
        SyncState::Failed => format!("{} could not be sent", snapshot.failed),
        SyncState::Review => "Waiting for your look".into(),
        SyncState::Overdue => format!("No news from {}", service(shown)),
        SyncState::Offline if snapshot.pending == 1 => "Offline, 1 waits".into(),
        SyncState::Offline if snapshot.pending > 0 => format!("Offline, {} wait", snapshot.pending),
        SyncState::Offline => "Offline".into(),
        SyncState::Paused => paused(snapshot),
        SyncState::BackingOff => retry(shown, now),
        SyncState::Syncing => syncing(shown),
        SyncState::Pending => format!("{} to send", snapshot.pending),
        SyncState::Synced => snapshot
            .last_success_at
            .map_or_else(|| "Synced".into(), |success| format!("Synced {}", ago(now - success))),
        SyncState::NoAccount => "No account connected".into(),
    }
}

/// A service's name as people know it.
pub(crate) const fn provider_name(provider: ProviderKind) -> &'static str {
    match provider {
        ProviderKind::Google => "Google",
        ProviderKind::Notion => "Notion",
        ProviderKind::Caldav => "CalDAV",
        ProviderKind::Ics => "the calendar file",
    }
}

fn service(shown: Option<&IntegrationSnapshot>) -> &'static str {
    shown.map_or("your account", |integration| provider_name(integration.provider))
}

fn paused(snapshot: &SyncSnapshot) -> String {
    snapshot.paused.and_then(|pause| pause.until).map_or_else(
        || "Paused".into(),
        |until| format!("Paused until {}", until.with_timezone(&chrono::Local).format("%H:%M")),
    )
}

fn retry(shown: Option<&IntegrationSnapshot>, now: DateTime<Utc>) -> String {
    shown.and_then(|integration| integration.retry_at).map_or_else(
        || "Waiting to retry".into(),
        |at| {
            let left = (at - now).max(TimeDelta::zero());
            if left < TimeDelta::minutes(2) {
                format!("Retry in {} s", left.num_seconds())
            } else {
                format!("Retry in {} min", left.num_minutes())
            }
        },
    )
}

fn syncing(shown: Option<&IntegrationSnapshot>) -> String {
    match shown.and_then(|integration| integration.progress) {
        Some(progress) => match progress.total {
            Some(total) => format!("Syncing {} of {total}", progress.done),
            None if progress.done > 0 => format!("Syncing {}", progress.done),
            None => "Syncing".into(),
        },
        None => "Syncing".into(),
    }
}

/// A stretch of past time in words: “just now”, “2 min ago”, “3 h ago”, “4 days ago”.
pub(crate) fn ago(past: TimeDelta) -> String {
    match past {
        past if past < TimeDelta::minutes(1) => "just now".into(),
        past if past < TimeDelta::hours(1) => format!("{} min ago", past.num_minutes()),
        past if past < TimeDelta::days(2) => format!("{} h ago", past.num_hours()),
        past => format!("{} days ago", past.num_days()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use synodic_engine::snapshot::{Listening, Phase, Progress};
    use synodic_engine::view::SyncMark;
    use synodic_model::{CalendarId, EventId, EventStatus, Transparency, When};

    use super::*;

    pub(crate) fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    /// An hour that begins at `start`.
    pub(crate) fn occurrence(title: &str, start: DateTime<Utc>) -> OccurrenceView {
        let (starts_at, ends_at) = (start, start + TimeDelta::hours(1));
        OccurrenceView {
            event_id: EventId::new(uuid::Uuid::nil()),
            occurrence_of: None,
            calendar_id: CalendarId::new(uuid::Uuid::nil()),
            title: title.into(),
            location: String::new(),
            when: When::Floating { start: starts_at.naive_utc(), end: ends_at.naive_utc() },
            starts_at,
            ends_at,
            status: EventStatus::Confirmed,
            transparency: Transparency::default(),
            response: None,
            color: None,
            has_attendees: false,
            read_only: false,
            sync: SyncMark::Local,
        }
    }

    pub(crate) fn snapshot(state: SyncState) -> SyncSnapshot {
        let integration = IntegrationSnapshot {
            id: synodic_model::IntegrationId::new(uuid::Uuid::nil()),
            provider: ProviderKind::Google,
            account: "ada@example.org".into(),
            state,
            progress: Some(Progress { phase: Phase::Pulling, done: 340, total: Some(1200) }),
            retry_at: Some(now() + TimeDelta::seconds(40)),
            since: now(),
            last_success_at: Some(now() - TimeDelta::minutes(2)),
            message: None,
            pending: 3,
            failed: 2,
            conflicts: 1,
            unreadable: 0,
            listening: Listening::Webhook,
            troubles: Vec::new(),
        };
        SyncSnapshot {
            at: now(),
            state,
            integrations: vec![integration],
            pending: 3,
            failed: 2,
            conflicts: 1,
            paused: None,
            last_success_at: Some(now() - TimeDelta::minutes(2)),
            storage: None,
            recovered: None,
            queue: Vec::new(),
        }
    }

    #[test]
    fn every_state_has_its_line() {
        for (state, expected) in [
            (SyncState::NeedsSignIn, "Sign in to Google"),
            (SyncState::Conflict, "1 to decide"),
            (SyncState::Failed, "2 could not be sent"),
            (SyncState::Review, "Waiting for your look"),
            (SyncState::Overdue, "No news from Google"),
            (SyncState::Offline, "Offline, 3 wait"),
            (SyncState::Paused, "Paused"),
            (SyncState::BackingOff, "Retry in 40 s"),
            (SyncState::Syncing, "Syncing 340 of 1200"),
            (SyncState::Pending, "3 to send"),
            (SyncState::Synced, "Synced 2 min ago"),
            (SyncState::NoAccount, "No account connected"),
        ] {
            assert_eq!(line(&snapshot(state), now()), expected);
        }
    }

    #[test]
    fn distances_are_told_in_one_unit() {
        assert_eq!(ago(TimeDelta::seconds(59)), "just now");
        assert_eq!(ago(TimeDelta::minutes(59)), "59 min ago");
        assert_eq!(ago(TimeDelta::hours(47)), "47 h ago");
        assert_eq!(ago(TimeDelta::days(3)), "3 days ago");
    }
}
