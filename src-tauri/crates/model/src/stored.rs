//! The form in which the replica stores a content: what is as usual is left out.
//!
//! Most events have a title, a time and little more. Without the names of what they do not have, a row is half as long,
//! and is written, found and read in half the time. Contents that were stored in full are read just the same.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::{
    Attendee, Color, EventContent, EventStatus, Organizer, Reminders, Transparency, Visibility,
};
use crate::recurrence::Recurrence;
use crate::time::{OriginalStart, When};

/// A content, to be stored; [`EventContent`] and [`ContentGlimpse`](crate::ContentGlimpse) read it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StoredContent<'a> {
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    location: &'a str,
    when: When,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<StoredRecurrence<'a>>,
    #[serde(skip_serializing_if = "is_usual")]
    status: EventStatus,
    #[serde(skip_serializing_if = "is_usual")]
    transparency: Transparency,
    #[serde(skip_serializing_if = "is_usual")]
    visibility: Visibility,
    #[serde(skip_serializing_if = "Option::is_none")]
    reminders: Option<&'a Reminders>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    attendees: &'a [Attendee],
    #[serde(skip_serializing_if = "Option::is_none")]
    organizer: Option<&'a Organizer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conference_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'a Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extras: &'a BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct StoredRecurrence<'a> {
    rules: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    exclusion_rules: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    dates: &'a [OriginalStart],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    exclusion_dates: &'a [OriginalStart],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unread: &'a [String],
}

impl<'a> From<&'a EventContent> for StoredContent<'a> {
    fn from(content: &'a EventContent) -> Self {
        // Part by part, so that a part which is added to contents is not forgotten here.
        let EventContent {
            title,
            description,
            location,
            when,
            recurrence,
            status,
            transparency,
            visibility,
            reminders,
            attendees,
            organizer,
            conference_url,
            color,
            url,
            extras,
        } = content;
        Self {
            title,
            description,
            location,
            when: *when,
            recurrence: recurrence.as_ref().map(StoredRecurrence::from),
            status: *status,
            transparency: *transparency,
            visibility: *visibility,
            reminders: Some(reminders).filter(|reminders| **reminders != Reminders::default()),
            attendees,
            organizer: organizer.as_ref(),
            conference_url: conference_url.as_deref(),
            color: color.as_ref(),
            url: url.as_deref(),
            extras,
        }
    }
}

impl<'a> From<&'a Recurrence> for StoredRecurrence<'a> {
    fn from(recurrence: &'a Recurrence) -> Self {
        let Recurrence { rules, exclusion_rules, dates, exclusion_dates, unread } = recurrence;
        Self { rules, exclusion_rules, dates, exclusion_dates, unread }
    }
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
