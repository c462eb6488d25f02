//! The desktop's notification daemon, over D-Bus; elsewhere what the system has for it.

use notify_rust::error::Result;
use notify_rust::{Notification, NotificationResponse, Timeout};
use tokio_util::sync::CancellationToken;
use zbus::Proxy;

use crate::bus;

/// A notification to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) summary: String,
    pub(super) body: String,
    /// Names of actions and what their buttons say. A click on the notification itself is called “default”.
    pub(super) actions: Vec<(String, String)>,
    /// Whether it waits for the person instead of going away by itself.
    pub(super) stays: bool,
}

/// Shows a notification until the person acts, it is closed, or it is `withdrawn`. Returns the action that was chosen.
pub(super) async fn show(notice: &Notice, withdrawn: &CancellationToken) -> Option<String> {
    let mut notification = Notification::new();
    notification.appname("Synodic").icon("synodic").summary(&notice.summary).body(&escaped(&notice.body));
    notification.timeout(if notice.stays { Timeout::Never } else { Timeout::Default });
    if !notice.actions.is_empty() {
        notification.action("default", "Open");
    }
    for (name, label) in &notice.actions {
        notification.action(name, label);
    }
    match answer(notification, withdrawn).await {
        Ok(chosen) => chosen,
        Err(error) => {
            tracing::warn!(%error, "a notification could not be shown; the window says the same");
            None
        }
    }
}

/// Shows it, and waits for what is chosen.
#[cfg(target_os = "linux")]
async fn answer(mut notification: Notification, withdrawn: &CancellationToken) -> Result<Option<String>> {
    notification.urgency(notify_rust::Urgency::Normal);
    // Packages call the desktop entry after the product.
    notification.hint(notify_rust::Hint::DesktopEntry("Synodic".into()));
    let handle = notification.show_async().await?;
    let mut chosen = None;
    tokio::select! {
        () = handle.wait_for_action_async(|response| chosen = name_of(response)) => {}
        () = withdrawn.cancelled() => handle.close_async().await,
    }
    Ok(chosen)
}

/// Shows it, and waits for what is chosen. These systems can be asked only by a thread that waits, and take nothing back.
#[cfg(not(target_os = "linux"))]
async fn answer(notification: Notification, withdrawn: &CancellationToken) -> Result<Option<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut chosen = None;
        let waited = notification.show().and_then(|handle| {
            handle.wait_for_response(|response: &NotificationResponse| chosen = name_of(response))
        });
        // Nobody listens where it was withdrawn.
        let _ = tell.send(waited.map(|()| chosen));
    });
    tokio::select! {
        answer = told => answer.unwrap_or(Ok(None)),
        () = withdrawn.cancelled() => Ok(None),
    }
}

fn name_of(response: &NotificationResponse) -> Option<String> {
    match response {
        NotificationResponse::Default => Some("default".to_owned()),
        NotificationResponse::Action(name) => Some(name.to_owned()),
        _ => None,
    }
}

/// Bodies may hold simple markup, so what an event says must not be taken for any.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Whether the person does not want to be disturbed, where the daemon tells: the property `Inhibited`, which Plasma has.
/// Other desktops keep notifications back by themselves.
pub(super) async fn is_quiet() -> bool {
    let Some(bus) = bus::session().await else { return false };
    let asked: zbus::Result<bool> = async {
        let path = "/org/freedesktop/Notifications";
        let daemon =
            Proxy::new(bus, "org.freedesktop.Notifications", path, "org.freedesktop.Notifications").await?;
        daemon.get_property("Inhibited").await
    }
    .await;
    asked.unwrap_or(false)
}
