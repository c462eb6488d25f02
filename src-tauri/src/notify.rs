//! Notifications of the operating system: one per incident, none for being offline, with a way to what is wrong.

use notify_rust::{Notification, Timeout, Urgency};
use synodic_engine::Engine;
use synodic_engine::snapshot::{IntegrationSnapshot, SyncSnapshot, SyncState};
use synodic_model::IntegrationId;
use tokio::sync::mpsc;

use crate::present::provider_name;

/// What a person is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Incident {
    summary: String,
    body: String,
}

/// What was already told, so that it is not told again before it was well in between.
#[derive(Debug, Default)]
struct Told(Vec<(IntegrationId, SyncState)>);

impl Told {
    /// The incidents in `snapshot` that are new.
    fn news(&mut self, snapshot: &SyncSnapshot) -> Vec<Incident> {
        let now: Vec<_> = snapshot
            .integrations
            .iter()
            .filter_map(|integration| incident(integration).map(|incident| (integration, incident)))
            .collect();
        let news = now
            .iter()
            .filter(|(integration, _)| !self.0.contains(&(integration.id, integration.state)))
            .map(|(_, incident)| incident.clone())
            .collect();
        self.0 = now.iter().map(|(integration, _)| (integration.id, integration.state)).collect();
        news
    }
}

/// What to say about an account, if its state asks for the person.
fn incident(integration: &IntegrationSnapshot) -> Option<Incident> {
    let service = provider_name(integration.provider);
    let waiting = match integration.pending {
        0 => String::new(),
        1 => " One edit waits meanwhile; nothing is lost.".into(),
        many => format!(" {many} edits wait meanwhile; nothing is lost."),
    };
    let reason = integration.message.as_deref().unwrap_or_default();
    let (summary, body) = match integration.state {
        SyncState::NeedsSignIn => (
            format!("{service} needs you to sign in again"),
            format!("Open Synodic and sign in to {}.{waiting}", integration.account),
        ),
        SyncState::Failed => (
            format!("{service} did not take an edit"),
            format!("{reason} Open Synodic to try again or to discard it."),
        ),
        SyncState::Review => (
            format!("{service} would change much"),
            format!("{reason} Nothing was changed; open Synodic to have a look."),
        ),
        SyncState::Conflict
        | SyncState::Overdue
        | SyncState::Offline
        | SyncState::Paused
        | SyncState::BackingOff
        | SyncState::Syncing
        | SyncState::Pending
        | SyncState::Synced
        | SyncState::NoAccount => return None,
    };
    Some(Incident { summary, body: body.trim_start().to_owned() })
}

/// Shows a notification for every new incident; opening one raises the window.
pub(crate) fn follow(engine: &Engine, raise: mpsc::UnboundedSender<()>) {
    let mut snapshots = engine.snapshots();
    tauri::async_runtime::spawn(async move {
        let mut told = Told::default();
        loop {
            let news = told.news(&snapshots.borrow_and_update());
            for incident in news {
                let raise = raise.clone();
                // The library waits for the person's answer on the thread it is called from.
                std::thread::spawn(move || show(&incident, &raise));
            }
            if snapshots.changed().await.is_err() {
                break;
            }
        }
    });
}

fn show(incident: &Incident, raise: &mpsc::UnboundedSender<()>) {
    let shown = Notification::new()
        .appname("Synodic")
        .icon("synodic")
        .summary(&incident.summary)
        .body(&incident.body)
        .urgency(Urgency::Normal)
        .timeout(Timeout::Default)
        .action("default", "Open")
        .action("open", "Open Synodic")
        .show();
    match shown {
        Ok(notification) => notification.wait_for_action(|action| {
            if matches!(action, "default" | "open") {
                // The desktop may be closing; then there is no window to raise.
                let _ = raise.send(());
            }
        }),
        Err(error) => tracing::warn!(%error, "a notification could not be shown; the window says the same"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use synodic_engine::snapshot::Listening;
    use synodic_model::sync::ProviderKind;

    use super::*;

    fn at() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn snapshot(state: SyncState, failed: u32) -> SyncSnapshot {
        let integration = IntegrationSnapshot {
            id: IntegrationId::new(uuid::Uuid::nil()),
            provider: ProviderKind::Google,
            account: "ada@example.org".into(),
            state,
            progress: None,
            retry_at: None,
            since: at(),
            last_success_at: None,
            message: None,
            pending: 2,
            failed,
            conflicts: 0,
            unreadable: 0,
            listening: Listening::Webhook,
            troubles: Vec::new(),
        };
        SyncSnapshot {
            at: at(),
            state,
            integrations: vec![integration],
            pending: 2,
            failed,
            conflicts: 0,
            paused: None,
            last_success_at: None,
            queue: Vec::new(),
        }
    }

    #[test]
    fn a_hundred_failures_are_one_incident() {
        let mut told = Told::default();
        assert_eq!(told.news(&snapshot(SyncState::Failed, 1)).len(), 1);
        for failed in 2..=100 {
            assert_eq!(told.news(&snapshot(SyncState::Failed, failed)), []);
        }
    }

    #[test]
    fn an_incident_is_told_again_after_it_was_well_in_between() {
        let mut told = Told::default();
        assert_eq!(told.news(&snapshot(SyncState::NeedsSignIn, 0)).len(), 1);
        assert_eq!(told.news(&snapshot(SyncState::Synced, 0)), []);
        assert_eq!(told.news(&snapshot(SyncState::NeedsSignIn, 0)).len(), 1);
    }

    #[test]
    fn being_offline_is_no_incident() {
        assert_eq!(Told::default().news(&snapshot(SyncState::Offline, 0)), []);
    }

    #[test]
    fn a_sign_in_names_the_account_and_what_waits() {
        let news = Told::default().news(&snapshot(SyncState::NeedsSignIn, 0));
        assert_eq!(news[0].summary, "Google needs you to sign in again");
        assert!(news[0].body.contains("ada@example.org") && news[0].body.contains("2 edits wait"));
    }
}
