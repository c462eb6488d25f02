//! Items of an answer, each read for itself: one that cannot be read harms no other.

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::Value;
use synodic_model::{EventContent, EventStatus, ExternalId, RemoteCalendarId, RemoteVersion};

use super::{WRITABLE, appearance, extras, people, property, repeat, rights, texts, time};
use crate::google::{identity, wire};
use crate::{AccessRole, RemoteCalendar, RemoteChange, RemoteEvent, RemoteOccurrence};

/// What an answer says about all its items.
#[derive(Clone, Copy, Debug)]
pub(in crate::google) struct Page {
    /// The calendar's zone.
    pub(in crate::google) zone: Tz,
    /// Whether the calendar may be written.
    pub(in crate::google) writable: bool,
}

/// Reads one item of a listing.
pub(in crate::google) fn change(item: Value, page: Page) -> RemoteChange {
    let id = item.get("id").and_then(Value::as_str).map(ExternalId::new);
    match serde_json::from_value::<wire::Event>(item) {
        Ok(item) if item.is_cancelled() && item.recurring_event_id.is_none() => match id {
            Some(id) => RemoteChange::Removed { id },
            None => RemoteChange::Unreadable { id, reason: "a deleted event has no id".to_owned() },
        },
        Ok(item) => match event(&item, page) {
            Ok(event) => RemoteChange::Present(Box::new(event)),
            Err(reason) => RemoteChange::Unreadable { id, reason },
        },
        Err(error) => RemoteChange::Unreadable { id, reason: format!("it is malformed: {error}") },
    }
}

/// Reads an event that is there, or an occurrence that is left out; or says why it cannot be read.
pub(in crate::google) fn event(item: &wire::Event, page: Page) -> Result<RemoteEvent, String> {
    let id = item.id.as_ref().map(ExternalId::new).ok_or("it has no id")?;
    let mut warnings = Vec::new();
    let occurrence_of = occurrence_of(item, page.zone, &mut warnings)?;
    let mut content = match &occurrence_of {
        Some(occurrence) if item.is_cancelled() => left_out(occurrence),
        _ => content(item, page.zone, &mut warnings)?,
    };
    let fields = rights::writable(item).filter(|_| page.writable);
    if let Some(fields) = fields.filter(|fields| *fields != WRITABLE && !item.is_cancelled()) {
        extras::note_writable(&mut content, fields);
    }
    let is_original = occurrence_of.is_none();
    let marker =
        item.private(property::MARKER).filter(|_| is_original).and_then(|text| identity::marker(text, &id));
    let own_uid = item.private(property::UID).filter(|_| marker.is_some()).map(str::to_owned);
    Ok(RemoteEvent {
        // A cancelled occurrence may come without an ETag; then its state cannot be named.
        version: RemoteVersion::new(item.etag.as_deref().unwrap_or_default()),
        uid: own_uid.or_else(|| item.i_cal_uid.clone()),
        marker,
        occurrence_of,
        content,
        updated_at: item
            .updated
            .as_deref()
            .and_then(|text| Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())),
        read_only: fields != Some(WRITABLE),
        warnings,
        id,
    })
}

fn occurrence_of(
    item: &wire::Event,
    zone: Tz,
    warnings: &mut Vec<String>,
) -> Result<Option<RemoteOccurrence>, String> {
    let Some(series) = &item.recurring_event_id else { return Ok(None) };
    let original_start = time::read_original_start(item, zone, warnings)?;
    Ok(Some(RemoteOccurrence { series: ExternalId::new(series), original_start }))
}

/// Of an occurrence that is left out, Google guarantees no more than which one it is (guide “Recurring events”).
fn left_out(occurrence: &RemoteOccurrence) -> EventContent {
    let when = time::at_original_start(&occurrence.original_start);
    EventContent { status: EventStatus::Cancelled, ..EventContent::new("", when) }
}

/// Reads all fields.
pub(super) fn content(
    item: &wire::Event,
    zone: Tz,
    warnings: &mut Vec<String>,
) -> Result<EventContent, String> {
    let when = time::read(item, zone, warnings)?;
    Ok(EventContent {
        title: texts::read_text(item.summary.as_ref()),
        description: texts::read_text(item.description.as_ref()),
        location: texts::read_text(item.location.as_ref()),
        recurrence: repeat::read(item, &when, zone),
        when,
        status: appearance::read_status(item, warnings),
        transparency: appearance::read_transparency(item, warnings),
        visibility: appearance::read_visibility(item, warnings),
        reminders: appearance::read_reminders(item, warnings),
        attendees: people::read_attendees(item, warnings),
        organizer: people::read_organizer(item),
        conference_url: texts::read_conference(item),
        color: appearance::read_color(item, warnings),
        url: texts::read_url(item),
        extras: extras::read(item),
    })
}

/// Reads an entry of the calendar list; `None` when it was taken off the list.
pub(in crate::google) fn calendar(entry: wire::Calendar) -> Option<RemoteCalendar> {
    if entry.deleted == Some(true) || entry.id.is_empty() {
        return None;
    }
    let reminders = entry.default_reminders.unwrap_or_default();
    Some(RemoteCalendar {
        name: entry.summary_override.or(entry.summary).unwrap_or_else(|| entry.id.clone()),
        id: RemoteCalendarId::new(entry.id),
        color: entry.background_color.map(|color| color.to_ascii_lowercase()).filter(|color| is_rgb(color)),
        time_zone: entry.time_zone,
        access: access(entry.access_role.as_deref()),
        primary: entry.primary.unwrap_or_default(),
        default_reminders: appearance::reminder_list(&reminders, &mut Vec::new()),
    })
}

/// What a role lets us do. Of one that we do not know, Google itself has to tell when we write.
fn access(role: Option<&str>) -> AccessRole {
    match role {
        Some("freeBusyReader" | "none") => AccessRole::FreeBusy,
        Some("reader") => AccessRole::Reader,
        Some("owner") => AccessRole::Owner,
        Some(_) | None => AccessRole::Writer,
    }
}

/// Whether a role lets us write events.
pub(in crate::google) fn may_write(role: Option<&str>) -> bool {
    access(role).may_write()
}

fn is_rgb(color: &str) -> bool {
    color.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.chars().all(|c| c.is_ascii_hexdigit()))
}
