//! One calendar: its events, its change counter, and how an account sees it in its list.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::event::time::EventTime;
use super::event::{Event, etag};

/// What an account may do with a calendar, from least to most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AccessRole {
    /// See when there are events.
    FreeBusyReader,
    /// Read events.
    Reader,
    /// Read and write events that are not private.
    WriterWithoutPrivateAccess,
    /// Read and write events.
    Writer,
    /// Everything.
    #[default]
    Owner,
}

impl AccessRole {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FreeBusyReader => "freeBusyReader",
            Self::Reader => "reader",
            Self::WriterWithoutPrivateAccess => "writerWithoutPrivateAccess",
            Self::Writer => "writer",
            Self::Owner => "owner",
        }
    }

    pub(crate) fn writes(self) -> bool {
        self >= Self::WriterWithoutPrivateAccess
    }
}

/// A change that incremental listings do not show before a certain time.
#[derive(Clone, Copy, Debug)]
struct Unseen {
    revision: u64,
    until: DateTime<Utc>,
}

/// The changes that are still on their way to incremental listings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lag(Vec<Unseen>);

impl Lag {
    /// Notes a change that is shown from `until` on.
    pub(crate) fn note(&mut self, revision: u64, until: DateTime<Utc>, now: DateTime<Utc>) {
        self.0.retain(|unseen| unseen.until > now);
        if until > now {
            self.0.push(Unseen { revision, until });
        }
    }

    /// The last revision of all, or the one before the first that is not shown yet.
    pub(crate) fn visible(&self, last: u64, now: DateTime<Utc>) -> u64 {
        let hidden = self.0.iter().filter(|unseen| unseen.until > now).map(|unseen| unseen.revision).min();
        hidden.map_or(last, |revision| revision.saturating_sub(1).min(last))
    }
}

/// A calendar and its events.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    pub(crate) id: String,
    pub(crate) summary: String,
    pub(crate) description: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) time_zone: Tz,
    /// The account that owns a secondary calendar.
    pub(crate) data_owner: Option<String>,
    /// Whether a client created it over the API, which matters to the scope `calendar.app.created`.
    pub(crate) created_by_app: bool,
    pub(crate) events: BTreeMap<String, Event>,
    /// The number of the last change to the calendar or one of its events.
    pub(crate) revision: u64,
    pub(crate) updated: DateTime<Utc>,
    pub(crate) lag: Lag,
    /// The highest revision among the tombstones that are gone: a listing since before that would miss them.
    pub(crate) forgotten: u64,
    /// Counts up when someone's access changes, which ends all sync tokens.
    pub(crate) epoch: u64,
}

impl Calendar {
    /// Whether an event is deleted, itself or through its series.
    pub(crate) fn is_cancelled(&self, event: &Event) -> bool {
        event.cancelled_at.is_some() || self.series_is_cancelled(event)
    }

    fn series_is_cancelled(&self, event: &Event) -> bool {
        let master = event.exception_to.as_ref().map(|(series, _)| self.events.get(series));
        master.is_some_and(|master| master.is_none_or(|master| master.cancelled_at.is_some()))
    }

    /// Whether an event is a cancelled occurrence of a series that lives: such a thing is data, not a tombstone.
    pub(crate) fn is_gap(&self, event: &Event) -> bool {
        let Some((series, original)) = &event.exception_to else {
            return false;
        };
        event.cancelled_at.is_some()
            && self.events.get(series).is_some_and(|master| {
                let occurs = || master.content.series().is_some_and(|series| series.contains(original));
                master.cancelled_at.is_none() && occurs()
            })
    }

    /// Finds an event, or the unchanged occurrence of a series with this id.
    pub(crate) fn find(&self, id: &str) -> Option<Event> {
        if let Some(event) = self.events.get(id) {
            return Some(event.clone());
        }
        let (series, stamp) = id.rsplit_once('_')?;
        let master = self.events.get(series)?;
        let start = master.content.start.read_stamp(stamp)?;
        master.content.series()?.contains(&start).then(|| master.occurrence(start))
    }

    /// The exceptions to a series.
    pub(crate) fn exceptions(&self, series: &str) -> impl Iterator<Item = &Event> {
        self.events
            .values()
            .filter(move |event| event.exception_to.as_ref().is_some_and(|(master, _)| master == series))
    }

    /// The exception to a series at an occurrence, if there is one.
    pub(crate) fn exception(&self, master: &Event, start: &EventTime) -> Option<&Event> {
        self.events.get(&master.occurrence_id(start))
    }

    /// Forgets what was deleted before `horizon`, apart from the gaps in living series.
    pub(crate) fn forget(&mut self, horizon: DateTime<Utc>) {
        let is_old = |event: &Event| event.cancelled_at.is_some_and(|at| at < horizon);
        let old = self.events.values().filter(|event| is_old(event) && !self.is_gap(event));
        let mut gone = old.map(|event| event.id.clone()).collect::<Vec<_>>();
        for series in gone.clone() {
            gone.extend(self.exceptions(&series).map(|event| event.id.clone()));
        }
        for id in gone {
            if let Some(event) = self.events.remove(&id) {
                self.forgotten = self.forgotten.max(event.revision);
            }
        }
    }

    /// The `Calendar` resource.
    pub(crate) fn render(&self) -> Value {
        let mut item = json!({
            "kind": "calendar#calendar",
            "etag": etag(self.revision),
            "id": self.id,
            "summary": self.summary,
            "timeZone": self.time_zone.name(),
            "conferenceProperties": { "allowedConferenceSolutionTypes": ["hangoutsMeet"] },
        });
        for (name, value) in [
            ("description", &self.description),
            ("location", &self.location),
            ("dataOwner", &self.data_owner),
        ] {
            if let Some(text) = value {
                item[name] = json!(text);
            }
        }
        item
    }
}

/// A calendar in the list of an account.
#[derive(Clone, Debug)]
pub(crate) struct ListEntry {
    pub(crate) role: AccessRole,
    pub(crate) primary: bool,
    pub(crate) hidden: bool,
    pub(crate) selected: bool,
    pub(crate) default_reminders: Value,
    pub(crate) color_id: String,
    pub(crate) summary_override: Option<String>,
    pub(crate) revision: u64,
    pub(crate) rank: u64,
    /// When it left the list, if it did.
    pub(crate) removed_at: Option<DateTime<Utc>>,
}

impl ListEntry {
    /// The `CalendarListEntry` resource.
    pub(crate) fn render(&self, id: &str, calendar: Option<&Calendar>) -> Value {
        let mut item = json!({ "kind": "calendar#calendarListEntry", "etag": etag(self.revision), "id": id });
        let Some(calendar) = calendar.filter(|_| self.removed_at.is_none()) else {
            item["deleted"] = json!(true);
            return item;
        };
        let (background, foreground) = super::colors::calendar_color(&self.color_id);
        item["summary"] = json!(calendar.summary);
        item["timeZone"] = json!(calendar.time_zone.name());
        item["colorId"] = json!(self.color_id);
        item["backgroundColor"] = json!(background);
        item["foregroundColor"] = json!(foreground);
        item["accessRole"] = json!(self.role.name());
        item["defaultReminders"] = self.default_reminders.clone();
        item["conferenceProperties"] = json!({ "allowedConferenceSolutionTypes": ["hangoutsMeet"] });
        for (name, value) in [
            ("description", &calendar.description),
            ("location", &calendar.location),
            ("dataOwner", &calendar.data_owner),
            ("summaryOverride", &self.summary_override),
        ] {
            if let Some(text) = value {
                item[name] = json!(text);
            }
        }
        for (name, flag) in
            [("primary", self.primary), ("hidden", self.hidden), ("selected", self.selected && !self.hidden)]
        {
            if flag {
                item[name] = json!(true);
            }
        }
        item
    }
}

/// The reminders of events that ask for the calendar's own, as long as nobody has chosen others.
pub(crate) fn default_reminders(primary: bool) -> Value {
    if primary { json!([{ "method": "popup", "minutes": 10 }]) } else { json!([]) }
}
