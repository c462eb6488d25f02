//! Changing calendars: what they say of themselves, and how an account sees them in its list.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calendar::AccessRole;
use super::error::ApiError;
use super::event::content::Object;
use super::event::fields;
use super::push::Resource;
use super::state::State;
use super::writes::Change;

/// What is to be different about a calendar; what is absent stays, and an empty text clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalendarChange {
    /// The title.
    pub summary: Option<String>,
    /// A longer text.
    pub description: Option<String>,
    /// Where it is, as free text.
    pub location: Option<String>,
    /// The zone.
    pub time_zone: Option<Tz>,
    /// The account's own title for it.
    pub summary_override: Option<String>,
    /// A colour of the calendar palette, "1" to "24", for the account.
    pub color_id: Option<String>,
    /// Whether the account has hidden it from its list.
    pub hidden: Option<bool>,
    /// Whether the account has its events shown.
    pub selected: Option<bool>,
    /// The reminders of the account's events that ask for the calendar's own.
    pub default_reminders: Option<Vec<Value>>,
}

impl CalendarChange {
    /// Reads the body of `calendars.patch` or `calendars.update`.
    pub(crate) fn of_calendar(body: &Object, change: Change) -> Result<Self, ApiError> {
        let invalid_zone = |_| ApiError::invalid("Invalid time zone definition.");
        let zone = body.get("timeZone").and_then(Value::as_str);
        let summary = text(body, "summary", Change::Patch)?;
        let is_blank = summary.as_deref().map_or(change == Change::Replace, str::is_empty);
        if is_blank {
            return Err(ApiError::required("Missing summary."));
        }
        Ok(Self {
            summary,
            description: text(body, "description", change)?,
            location: text(body, "location", change)?,
            time_zone: zone.map(|zone| zone.parse().map_err(invalid_zone)).transpose()?,
            ..Self::default()
        })
    }

    /// Reads the body of `calendarList.patch` or `calendarList.update`.
    pub(crate) fn of_list_entry(body: &Object, change: Change) -> Result<Self, ApiError> {
        let color_id = text(body, "colorId", Change::Patch)?;
        let is_known = |id: &str| id.parse::<u8>().is_ok_and(|id| (1..=24).contains(&id));
        if color_id.as_deref().is_some_and(|id| !is_known(id)) {
            return Err(ApiError::invalid("Invalid value for: colorId"));
        }
        let default_reminders = match body.get("defaultReminders") {
            None | Some(Value::Null) => None,
            Some(list) => Some(fields::reminder_list("defaultReminders", list)?),
        };
        Ok(Self {
            summary_override: text(body, "summaryOverride", change)?,
            color_id,
            hidden: flag(body, "hidden", change)?,
            selected: flag(body, "selected", change)?,
            default_reminders,
            ..Self::default()
        })
    }

    fn touches_calendar(&self) -> bool {
        self.summary.is_some()
            || self.description.is_some()
            || self.location.is_some()
            || self.time_zone.is_some()
    }

    fn touches_entry(&self) -> bool {
        self.summary_override.is_some()
            || self.color_id.is_some()
            || self.hidden.is_some()
            || self.selected.is_some()
            || self.default_reminders.is_some()
    }
}

/// A text of a body. What an update leaves out is cleared by it, as is what a patch sets to null.
fn text(body: &Object, name: &str, change: Change) -> Result<Option<String>, ApiError> {
    match body.get(name) {
        None if change == Change::Patch => Ok(None),
        None | Some(Value::Null) => Ok(Some(String::new())),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::invalid(format!("Invalid value for: {name}"))),
    }
}

fn flag(body: &Object, name: &str, change: Change) -> Result<Option<bool>, ApiError> {
    match body.get(name) {
        None if change == Change::Patch => Ok(None),
        None | Some(Value::Null) => Ok(Some(false)),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(ApiError::invalid(format!("Invalid value for: {name}"))),
    }
}

impl State {
    /// Changes a calendar, as an account sees it and as it is for everybody.
    ///
    /// What a calendar says of itself is read-only for those who do not own it, and a change of read-only fields
    /// makes no entry in their incremental listings (API reference, `calendarList.list`, `syncToken`).
    pub(crate) fn change_calendar(
        &mut self,
        email: &str,
        id: &str,
        change: &CalendarChange,
    ) -> Result<(), ApiError> {
        let (revision, now) = (self.next_revision(), self.now());
        let place = self.calendars.get_mut(id).ok_or_else(ApiError::not_found)?;
        if change.touches_calendar() {
            let kept = |old: Option<String>, new: &Option<String>| match new {
                None => old,
                Some(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            };
            place.summary = change.summary.clone().unwrap_or_else(|| place.summary.clone());
            place.description = kept(place.description.take(), &change.description);
            place.location = kept(place.location.take(), &change.location);
            place.time_zone = change.time_zone.unwrap_or(place.time_zone);
            (place.revision, place.updated) = (revision, now);
        }
        let account = self.accounts.get_mut(email).ok_or_else(ApiError::not_found)?;
        let entry = account.entries.get_mut(id).ok_or_else(ApiError::not_found)?;
        if change.touches_entry() {
            entry.revision = revision;
            entry.color_id = change.color_id.clone().unwrap_or_else(|| entry.color_id.clone());
            entry.hidden = change.hidden.unwrap_or(entry.hidden);
            entry.selected = change.selected.unwrap_or(entry.selected);
            if let Some(text) = &change.summary_override {
                entry.summary_override = Some(text.clone()).filter(|text| !text.is_empty());
            }
            if let Some(reminders) = &change.default_reminders {
                entry.default_reminders = json!(reminders);
            }
        }
        let mut told = Vec::new();
        for (email, account) in &mut self.accounts {
            if let Some(entry) = account.entries.get_mut(id) {
                if change.touches_calendar() && entry.role == AccessRole::Owner {
                    entry.revision = revision;
                }
                if entry.revision == revision {
                    told.push(email.clone());
                }
            }
        }
        for email in told {
            self.notify(&Resource::CalendarList(email), "exists");
        }
        Ok(())
    }
}
