//! What became of an event over time, and what takes a change of it back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::{Event, EventContent, Field, FieldSet};
use crate::id::{EventId, IntegrationId, LinkId};

/// Names one change of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct HistoryId(pub i64);

/// Names one pull of one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RunKey {
    /// The link.
    pub link_id: LinkId,
    /// When the pull began.
    pub at: DateTime<Utc>,
}

/// Who changed an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The person, here.
    Person,
    /// Somebody at a service.
    Remote,
    /// Both: what each had changed was put together.
    Merge,
}

/// What a change did to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was made.
    Created,
    /// It says something else.
    Changed,
    /// It was deleted.
    Deleted,
    /// It came back.
    Restored,
}

/// One change of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Our own id, ascending; the store gives it.
    pub id: HistoryId,
    /// When.
    pub at: DateTime<Utc>,
    /// Which event.
    pub event_id: EventId,
    /// The series that it is an override of.
    pub series_id: Option<EventId>,
    /// Who.
    pub author: Author,
    /// The account, when the change came from one.
    pub integration_id: Option<IntegrationId>,
    /// The pull that brought it in.
    pub run: Option<RunKey>,
    /// What became of it.
    pub change: ChangeKind,
    /// The fields that changed.
    pub fields: Vec<Field>,
    /// The event as it was before; none when it was made.
    pub before: Option<Event>,
}

/// The line that a change leaves in the history; none when nobody would call it a change.
#[must_use]
pub fn line(
    before: Option<&Event>,
    after: &Event,
    author: Author,
    integration_id: Option<IntegrationId>,
    at: DateTime<Utc>,
) -> Option<HistoryEntry> {
    let fields = before
        .map(|before| FieldSet::differing(FieldSet::ALL, &before.content, &after.content))
        .unwrap_or_default();
    let was_there = before.is_some_and(|before| before.deleted_at.is_none());
    let change = match (before, was_there, after.deleted_at.is_none()) {
        (None, _, true) => ChangeKind::Created,
        (Some(_), true, true) if !fields.is_empty() => ChangeKind::Changed,
        (Some(_), true, false) => ChangeKind::Deleted,
        (Some(_), false, true) => ChangeKind::Restored,
        (Some(_), true, true) | (Some(_), false, false) | (None, _, false) => return None,
    };
    Some(HistoryEntry {
        id: HistoryId(0),
        at,
        event_id: after.id,
        series_id: after.occurrence_of.map(|key| key.series_id),
        author,
        integration_id,
        run: None,
        change,
        fields: fields.iter().collect(),
        before: before.cloned(),
    })
}

/// What an event says when a change of it is taken back: what it changed is as before, and what has changed since in
/// other fields stays.
#[must_use]
pub fn without(entry: &HistoryEntry, now: &EventContent) -> EventContent {
    let mut content = now.clone();
    if let Some(before) = &entry.before {
        entry.fields.iter().for_each(|field| field.copy(&before.content, &mut content));
    }
    content
}
