//! What the person chose about the program's place on the desktop, and where the window is asked to go.
//!
//! The engine only keeps these; the shell acts on them.

use std::path::PathBuf;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use synodic_model::When;
use synodic_store::Durability;
use ts_rs::TS;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::EventTarget;

/// The setting that keeps the choices.
const SETTING: &str = "desktop";

/// What the person chose about notifications and the tray.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct DesktopSettings {
    /// Remind of events.
    pub reminders: bool,
    /// Tell when an account has to be signed in again.
    pub sign_in: bool,
    /// Tell when a service refused an edit for good.
    pub refused: bool,
    /// Tell when somebody has to choose between two versions.
    pub conflict: bool,
    /// Tell when a plan that would change much waits for a look.
    pub review: bool,
    /// Tell when a service's allowance is used up.
    pub quota: bool,
    /// Tell when nothing was heard of an account for too long.
    pub overdue: bool,
    /// Tell when the replica cannot be read or written.
    pub database: bool,
    /// Which panel the tray's pictures are made for.
    pub panel: Panel,
}

impl Default for DesktopSettings {
    fn default() -> Self {
        Self {
            reminders: true,
            sign_in: true,
            refused: true,
            conflict: true,
            review: true,
            quota: true,
            overdue: true,
            database: true,
            panel: Panel::Auto,
        }
    }
}

/// The panel that the tray's pictures stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Panel {
    /// As the desktop says.
    #[default]
    Auto,
    /// Bright pictures for a dark panel.
    Dark,
    /// Dark pictures for a light panel.
    Light,
}

/// Where the window is asked to go, by the tray, a notification, a link or a second start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Navigation {
    /// Shows an event.
    Event {
        /// Which.
        target: EventTarget,
    },
    /// Shows a day.
    Day {
        /// Which.
        #[ts(type = "string")]
        date: NaiveDate,
    },
    /// Begins an event that is not saved until the person does.
    NewEvent {
        /// Its title; may be empty.
        title: String,
        /// Its time; the window proposes one when there is none.
        when: Option<When>,
    },
    /// Opens the settings.
    Settings,
    /// Opens the sync panel, which has what is refused, in conflict, or waits for a look.
    Sync,
    /// Offers the events of a file for import.
    Import {
        /// An absolute path.
        #[ts(type = "string")]
        path: PathBuf,
    },
}

impl Engine {
    /// What the person chose; the defaults where nothing was.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the settings cannot be read.
    pub async fn desktop_settings(&self) -> Result<DesktopSettings, EngineError> {
        let stored = self.inner.store.setting(SETTING).await?;
        Ok(stored.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default())
    }

    /// Keeps what the person chose.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be written.
    pub async fn set_desktop_settings(&self, settings: DesktopSettings) -> Result<(), EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        transaction.set_setting(SETTING, &serde_json::json!(settings)).await?;
        transaction.commit().await?;
        self.inner.desktop.send_replace(settings);
        Ok(())
    }

    /// What the person chose, now and from now on; read from the replica at the first call.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the settings cannot be read.
    pub async fn follow_desktop_settings(
        &self,
    ) -> Result<tokio::sync::watch::Receiver<DesktopSettings>, EngineError> {
        let stored = self.desktop_settings().await?;
        self.inner.desktop.send_if_modified(|settings| std::mem::replace(settings, stored) != stored);
        Ok(self.inner.desktop.subscribe())
    }

    /// Returns true the first time that it is asked about `what`, ever. What cannot be remembered counts as said before,
    /// so that nobody is told the same over and over.
    pub async fn is_first_time(&self, what: &str) -> bool {
        let key = format!("said:{what}");
        let said: Result<bool, EngineError> = async {
            let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
            if transaction.setting(&key).await?.is_some() {
                return Ok(true);
            }
            transaction.set_setting(&key, &serde_json::Value::Bool(true)).await?;
            transaction.commit().await?;
            Ok(false)
        }
        .await;
        !said.unwrap_or_else(|error| {
            tracing::warn!(%error, what, "it could not be remembered that this was said");
            true
        })
    }
}
