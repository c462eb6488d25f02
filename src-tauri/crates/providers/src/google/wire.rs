//! What Google sends, as it sends it.
//!
//! Every field is optional: Google omits defaults, a cancelled item holds little more than its id, and a reader of
//! somebody's free/busy times sees nothing else. Enumerations stay text, so that a value invented tomorrow does not
//! make an event unreadable today. Items of a page stay [`Value`]s until [`super::map`] reads them one by one.
//!
//! Field by field: <https://developers.google.com/workspace/calendar/api/v3/reference/events#resource>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The fields of an event that we read; the `fields` mask of every call that answers with events.
pub(super) const EVENT_FIELDS: &str = "id,etag,status,iCalUID,summary,description,location,start,end,\
    recurrence,recurringEventId,originalStartTime,transparency,visibility,colorId,reminders,attendees,organizer,\
    hangoutLink,conferenceData,source,extendedProperties,eventType,htmlLink,locked,privateCopy,updated,birthdayProperties,\
    guestsCanModify,guestsCanInviteOthers,guestsCanSeeOtherGuests,attachments,attendeesOmitted";

/// The fields of a calendar that we read.
pub(super) const CALENDAR_FIELDS: &str =
    "id,summary,summaryOverride,backgroundColor,timeZone,accessRole,primary,deleted,defaultReminders";

/// Answer of `events.list` and `events.instances`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EventsPage {
    pub(super) items: Vec<Value>,
    pub(super) next_page_token: Option<String>,
    pub(super) next_sync_token: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) access_role: Option<String>,
}

/// An event resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) id: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) status: Option<String>,
    #[serde(rename = "iCalUID")]
    pub(super) i_cal_uid: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) location: Option<String>,
    pub(super) start: Option<EventDateTime>,
    pub(super) end: Option<EventDateTime>,
    pub(super) recurrence: Option<Vec<String>>,
    pub(super) recurring_event_id: Option<String>,
    pub(super) original_start_time: Option<EventDateTime>,
    pub(super) transparency: Option<String>,
    pub(super) visibility: Option<String>,
    pub(super) color_id: Option<String>,
    pub(super) reminders: Option<Reminders>,
    pub(super) attendees: Option<Vec<Attendee>>,
    pub(super) organizer: Option<Organizer>,
    pub(super) hangout_link: Option<String>,
    pub(super) conference_data: Option<ConferenceData>,
    pub(super) source: Option<Source>,
    pub(super) extended_properties: Option<ExtendedProperties>,
    pub(super) event_type: Option<String>,
    pub(super) birthday_properties: Option<BirthdayProperties>,
    pub(super) html_link: Option<String>,
    pub(super) locked: Option<bool>,
    pub(super) private_copy: Option<bool>,
    pub(super) updated: Option<String>,
    pub(super) guests_can_modify: Option<bool>,
    pub(super) guests_can_invite_others: Option<bool>,
    pub(super) guests_can_see_other_guests: Option<bool>,
    pub(super) attachments: Option<Vec<Value>>,
}

impl Event {
    /// Whether the item says that something is not there (any more).
    pub(super) fn is_cancelled(&self) -> bool {
        self.status.as_deref() == Some("cancelled")
    }

    /// A private extended property.
    pub(super) fn private(&self, key: &str) -> Option<&str> {
        self.extended_properties.as_ref()?.private.as_ref()?.get(key).map(String::as_str)
    }
}

/// Whose birthday an event is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BirthdayProperties {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) contact: Option<String>,
}

/// A day or an instant with the zone it is meant in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EventDateTime {
    pub(super) date: Option<String>,
    pub(super) date_time: Option<String>,
    pub(super) time_zone: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Reminders {
    pub(super) use_default: Option<bool>,
    pub(super) overrides: Option<Vec<Reminder>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reminder {
    pub(super) method: Option<String>,
    pub(super) minutes: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Attendee {
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) optional: Option<bool>,
    pub(super) resource: Option<bool>,
    pub(super) response_status: Option<String>,
    #[serde(rename = "self")]
    pub(super) is_self: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Organizer {
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    #[serde(rename = "self")]
    pub(super) is_self: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ConferenceData {
    pub(super) entry_points: Option<Vec<EntryPoint>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EntryPoint {
    pub(super) entry_point_type: Option<String>,
    pub(super) uri: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Source {
    pub(super) url: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ExtendedProperties {
    pub(super) private: Option<BTreeMap<String, String>>,
}

/// Answer of `calendarList.list`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CalendarPage {
    pub(super) items: Vec<Calendar>,
    pub(super) next_page_token: Option<String>,
}

/// An entry of the calendar list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Calendar {
    pub(super) id: String,
    pub(super) summary: Option<String>,
    pub(super) summary_override: Option<String>,
    pub(super) background_color: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) access_role: Option<String>,
    pub(super) primary: Option<bool>,
    pub(super) deleted: Option<bool>,
    pub(super) default_reminders: Option<Vec<Reminder>>,
}

/// Answer of `events.watch`; `expiration` is Unix milliseconds in a string, as all 64-bit numbers are.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) resource_id: String,
    pub(super) expiration: Option<String>,
}
