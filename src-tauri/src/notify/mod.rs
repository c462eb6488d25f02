//! Notifications of the operating system: what needs the person, and reminders of events.
//!
//! [`plan`] decides what of the sync snapshot is told, [`reminders`] how reminders read; [`daemon`] shows. A desktop
//! without a notification daemon is no failure: the window says the same.

mod daemon;
mod plan;
mod reminders;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Utc;
use synodic_engine::Engine;
use synodic_engine::desktop::Navigation;
use synodic_model::IntegrationId;
use synodic_model::sync::QueueStatus;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::daemon::Notice;
use self::plan::{Cause, Incident, Kind, Remedy, Step, Told};
use crate::call;
use crate::holds::{Held, Holds};

/// How often is looked whether to tell again, or whether the person may be disturbed by now.
const LOOK: Duration = Duration::from_secs(60);

/// Asks for the window, and for what it shall show. Nobody listens where there is no window (`synodic serve`).
pub(crate) type Raise = mpsc::UnboundedSender<Option<Navigation>>;

/// Shows notifications for as long as the engine runs.
pub(crate) fn follow(engine: &Engine, raise: &Raise, holds: &Holds) {
    tokio_spawn(tell_incidents(engine.clone(), raise.clone(), holds.clone()));
    tokio_spawn(remind(engine.clone(), raise.clone(), holds.clone()));
}

/// Says something that is no one's fault and needs no answer.
pub(crate) fn say(holds: &Holds, summary: &str, body: &str) {
    let notice = Notice { summary: summary.into(), body: body.into(), ..Notice::default() };
    let held = holds.hold();
    tokio_spawn(async move {
        let _held = held;
        daemon::show(&notice, &CancellationToken::new()).await;
    });
}

fn tokio_spawn(work: impl Future<Output = ()> + Send + 'static) {
    tauri::async_runtime::spawn(work);
}

async fn tell_incidents(engine: Engine, raise: Raise, holds: Holds) {
    let mut snapshots = engine.snapshots();
    let mut settings = match engine.follow_desktop_settings().await {
        Ok(settings) => settings,
        Err(error) => return tracing::warn!(%error, "no notifications will be shown"),
    };
    let mut told = Told::default();
    // What was told is known to this process alone: another one would tell it again.
    let mut held = Some(holds.hold());
    let mut shown: BTreeMap<Cause, CancellationToken> = BTreeMap::new();
    loop {
        let (snapshot, wanted) = (snapshots.borrow_and_update().clone(), *settings.borrow_and_update());
        let (mut steps, mut next) = told.steps(&snapshot, &wanted, false, Utc::now());
        if steps.iter().any(|step| matches!(step, Step::Show(..))) && daemon::is_quiet().await {
            (steps, next) = told.steps(&snapshot, &wanted, true, Utc::now());
        }
        told = next;
        for step in steps {
            match step {
                Step::Withdraw(cause) => {
                    if let Some(shown) = shown.remove(&cause) {
                        shown.cancel();
                    }
                }
                Step::Show(cause, incident) => {
                    let withdrawn = CancellationToken::new();
                    if let Some(former) = shown.insert(cause, withdrawn.clone()) {
                        former.cancel();
                    }
                    tokio_spawn(tell(engine.clone(), raise.clone(), cause, incident, withdrawn));
                }
            }
        }
        held = (!told.is_empty()).then(|| held.unwrap_or_else(|| holds.hold()));
        tokio::select! {
            changed = snapshots.changed() => if changed.is_err() { break },
            changed = settings.changed() => if changed.is_err() { break },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Shows one incident and does what the person chooses.
async fn tell(engine: Engine, raise: Raise, cause: Cause, incident: Incident, withdrawn: CancellationToken) {
    let remedy = incident.remedy.map(|remedy| {
        let name = match remedy {
            Remedy::SignIn(_) => "Sign in",
            Remedy::Retry(_) => "Retry",
            Remedy::Sync(_) => "Sync now",
        };
        ("remedy".to_owned(), name.to_owned())
    });
    let notice = Notice {
        summary: incident.summary,
        body: incident.body,
        actions: remedy.into_iter().chain([("open".to_owned(), "Open Synodic".to_owned())]).collect(),
        stays: true,
    };
    let chosen = daemon::show(&notice, &withdrawn).await;
    match (chosen.as_deref(), incident.remedy) {
        (Some("remedy"), Some(remedy)) => mend(&engine, &raise, remedy).await,
        (Some("default" | "open"), _) => {
            let place = if cause.kind == Kind::SignIn { Navigation::Settings } else { Navigation::Sync };
            // The desktop may be closing; then there is no window to raise.
            let _ = raise.send(Some(place));
        }
        _ => {}
    }
}

async fn mend(engine: &Engine, raise: &Raise, remedy: Remedy) {
    let failed = match remedy {
        Remedy::SignIn(account) => sign_in(engine, account).await.err(),
        Remedy::Retry(account) => retry(engine, account).await.err().map(|error| error.to_string()),
        Remedy::Sync(account) => engine.sync_pass(Some(account)).await.err().map(|error| error.to_string()),
    };
    if let Some(reason) = failed {
        tracing::warn!(reason, "what a notification offered could not be done; the window can show why");
        let _ = raise.send(Some(Navigation::Settings));
    }
}

/// Signs in to an account again, in the browser.
pub(crate) async fn sign_in(engine: &Engine, account: IntegrationId) -> Result<(), String> {
    let sign_in = engine.sign_in_again(account).await;
    call::in_browser(sign_in, true, &mut |_| {}).await.map(drop).map_err(|failure| failure.message)
}

async fn retry(engine: &Engine, account: IntegrationId) -> Result<(), synodic_engine::EngineError> {
    let refused = engine.queue_list().await?;
    for item in refused.iter().filter(|item| item.integration_id == account) {
        if item.status == QueueStatus::Failed {
            engine.queue_retry(item.id).await?;
        }
    }
    Ok(())
}

/// Shows reminders as they come due.
async fn remind(engine: Engine, raise: Raise, holds: Holds) {
    loop {
        let due = match engine.next_reminders().await {
            Ok(Some(due)) => due,
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "reminders could not be looked for");
                tokio::time::sleep(LOOK).await;
                continue;
            }
        };
        // What is switched off is passed over, and not told all at once when it is switched on again.
        if !engine.desktop_settings().await.is_ok_and(|settings| settings.reminders) {
            continue;
        }
        for reminder in reminders::notices(&due, Utc::now(), engine.config().viewer) {
            tokio_spawn(remind_of(engine.clone(), raise.clone(), reminder, holds.hold()));
        }
    }
}

/// Shows one reminder, and holds it for as long as it is on the screen.
async fn remind_of(engine: Engine, raise: Raise, reminder: reminders::Notified, _held: Held) {
    let chosen = daemon::show(&reminder.notice, &CancellationToken::new()).await;
    let Some(chosen) = chosen else { return };
    if matches!(chosen.as_str(), "default" | "open") {
        let _ = raise.send(Some(reminder.place));
        return;
    }
    let Some(wait) = reminders::snooze_of(&chosen) else { return };
    for key in reminder.keys {
        if let Err(error) = engine.snooze_reminder(key, wait).await {
            tracing::warn!(%error, "a reminder could not be snoozed");
        }
    }
}
