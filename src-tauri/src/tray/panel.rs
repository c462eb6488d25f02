//! Which pictures the panel wants: bright ones on a dark panel, dark ones on a light one.

use futures_util::StreamExt;
use synodic_engine::desktop::Panel;
use tokio::sync::watch;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Proxy, proxy};

use crate::bus;

/// Where desktops tell whether the person likes it dark (XDG Desktop Portal, interface Settings).
const PORTAL: (&str, &str) = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop");
const APPEARANCE: (&str, &str) = ("org.freedesktop.appearance", "color-scheme");

/// How bright a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Bright,
    Dark,
}

/// What the desktop says of its colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Nothing, or that it does not care.
    #[default]
    Unknown,
    /// The panel is dark, whatever windows are.
    DarkPanel,
    Dark,
    Light,
}

/// The pictures for what the person chose and what the desktop says. Most panels are dark, so that is what is taken
/// for granted.
pub(super) const fn tone(chosen: Panel, scheme: Scheme) -> Tone {
    match (chosen, scheme) {
        (Panel::Light, _) | (Panel::Auto, Scheme::Light) => Tone::Dark,
        (Panel::Dark, _) | (Panel::Auto, _) => Tone::Bright,
    }
}

/// What the desktop says of its colours, now and from now on.
pub(super) fn follow_scheme() -> watch::Receiver<Scheme> {
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let (sender, receiver) = watch::channel(Scheme::Unknown);
    if is_dark_by_nature(&desktop) {
        sender.send_replace(Scheme::DarkPanel);
    } else {
        tauri::async_runtime::spawn(async move {
            if let Err(error) = listen(&sender).await {
                tracing::debug!(%error, "the desktop does not tell whether it is dark");
            }
            if *sender.borrow() == Scheme::Unknown {
                sender.send_replace(asked_of_gsettings().await);
            }
            sender.closed().await;
        });
    }
    receiver
}

/// GNOME's panel is dark in its light style, too.
fn is_dark_by_nature(desktop: &str) -> bool {
    desktop.split(':').any(|name| name.eq_ignore_ascii_case("gnome"))
}

async fn listen(sender: &watch::Sender<Scheme>) -> zbus::Result<()> {
    let Some(connection) = bus::session().await else { return Ok(()) };
    let portal: Proxy<'_> = proxy::Builder::new(connection)
        .destination(PORTAL.0)?
        .path(PORTAL.1)?
        .interface("org.freedesktop.portal.Settings")?
        .cache_properties(proxy::CacheProperties::No)
        .build()
        .await?;
    let mut changes = portal.receive_signal("SettingChanged").await?;
    let said: OwnedValue = portal.call("Read", &APPEARANCE).await?;
    sender.send_replace(scheme_in(&said));
    while let Some(change) = changes.next().await {
        let (space, key, said): (String, String, OwnedValue) = change.body().deserialize()?;
        if (space.as_str(), key.as_str()) == APPEARANCE {
            sender.send_replace(scheme_in(&said));
        }
    }
    Ok(())
}

/// Reads the answer, which older portals wrap once more.
fn scheme_in(said: &Value<'_>) -> Scheme {
    match said {
        Value::Value(inner) => scheme_in(inner),
        Value::U32(1) => Scheme::Dark,
        Value::U32(2) => Scheme::Light,
        _ => Scheme::Unknown,
    }
}

/// What GNOME's settings say, on desktops that have them and no portal.
async fn asked_of_gsettings() -> Scheme {
    let mut command = tokio::process::Command::new("gsettings");
    command.args(["get", "org.gnome.desktop.interface", "color-scheme"]).kill_on_drop(true);
    let asked = tokio::time::timeout(std::time::Duration::from_secs(5), command.output()).await;
    let said =
        asked.ok().and_then(Result::ok).map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match said.as_deref().map(str::trim) {
        Some("'prefer-dark'") => Scheme::Dark,
        Some("'prefer-light'") => Scheme::Light,
        _ => Scheme::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_persons_choice_goes_before_the_desktops() {
        for scheme in [Scheme::Unknown, Scheme::Dark, Scheme::Light, Scheme::DarkPanel] {
            assert_eq!(tone(Panel::Dark, scheme), Tone::Bright);
            assert_eq!(tone(Panel::Light, scheme), Tone::Dark);
        }
        assert_eq!(tone(Panel::Auto, Scheme::Light), Tone::Dark);
        assert_eq!(tone(Panel::Auto, Scheme::Dark), Tone::Bright);
        assert_eq!(tone(Panel::Auto, Scheme::DarkPanel), Tone::Bright);
    }

    #[test]
    fn the_portals_answer_is_read_wrapped_or_not() {
        let wrapped = Value::Value(Box::new(Value::U32(2)));
        assert_eq!(scheme_in(&wrapped), Scheme::Light);
        assert_eq!(scheme_in(&Value::U32(1)), Scheme::Dark);
        assert_eq!(scheme_in(&Value::U32(0)), Scheme::Unknown);
        assert_eq!(scheme_in(&Value::from("dark")), Scheme::Unknown);
    }

    #[test]
    fn gnomes_panel_is_dark_whatever_its_windows_are() {
        assert!(is_dark_by_nature("ubuntu:GNOME") && !is_dark_by_nature("KDE") && !is_dark_by_nature(""));
    }
}
