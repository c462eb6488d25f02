//! `settings.list` and `settings.get`: what an account has chosen for itself.

use serde_json::{Value, json};

use super::error::ApiError;
use super::event::etag;
use super::scope::Need;
use super::state::{Identity, State};

/// What nobody has changed, apart from the zone.
const DEFAULTS: [(&str, &str); 9] = [
    ("autoAddHangouts", "false"),
    ("dateFieldOrder", "DMY"),
    ("defaultEventLength", "60"),
    ("format24HourTime", "true"),
    ("hideWeekends", "false"),
    ("locale", "en"),
    ("showDeclinedEvents", "true"),
    ("useKeyboardShortcuts", "true"),
    ("weekStart", "1"),
];

fn setting(id: &str, value: &str) -> Value {
    json!({ "kind": "calendar#setting", "etag": etag(0), "id": id, "value": value })
}

impl State {
    fn settings(&self, who: &Identity) -> Result<Vec<Value>, ApiError> {
        self.allow(who, Need::ReadSettings)?;
        let zone = self.calendars.get(&who.email).map_or(self.options.time_zone, |place| place.time_zone);
        let defaults = DEFAULTS.iter().map(|(id, value)| setting(id, value));
        Ok(defaults.chain([setting("timezone", zone.name())]).collect())
    }

    /// `settings.list`. There are too few for a second page.
    pub(crate) fn list_settings(&self, who: &Identity) -> Result<Value, ApiError> {
        let items = self.settings(who)?;
        Ok(json!({ "kind": "calendar#settings", "etag": etag(0), "items": items }))
    }

    /// `settings.get`.
    pub(crate) fn get_setting(&self, who: &Identity, id: &str) -> Result<Value, ApiError> {
        self.settings(who)?.into_iter().find(|item| item["id"] == id).ok_or_else(ApiError::not_found)
    }
}
