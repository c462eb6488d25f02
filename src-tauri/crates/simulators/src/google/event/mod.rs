//! One event of a calendar: a single event, the master of a series, or an exception to one.

pub(crate) mod content;
pub(crate) mod fields;
pub(crate) mod recurrence;
pub(crate) mod time;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use self::content::{Content, Object};
use self::time::{EventTime, utc_millis};
use super::calendar::AccessRole;

/// An event as a calendar keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// Shared by all copies of an event and all occurrences of a series.
    pub(crate) ical_uid: String,
    pub(crate) content: Content,
    pub(crate) sequence: i64,
    pub(crate) creator: Value,
    pub(crate) organizer: Value,
    /// Whether it is an imported copy, whose changes nobody else sees.
    pub(crate) private_copy: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    /// The number of its last change. The etag shows it, and incremental listings go by it.
    pub(crate) revision: u64,
    /// Its place in listings without an order.
    pub(crate) rank: u64,
    /// The series that this is an exception to, and the start it would have had.
    pub(crate) exception_to: Option<(String, EventTime)>,
    /// When it was deleted, if it was.
    pub(crate) cancelled_at: Option<DateTime<Utc>>,
    /// What is shown instead of all of this: something that no real service should say, but a client must survive.
    pub(crate) verbatim: Option<Value>,
}

/// Who looks at an event, and how.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    /// The calendar through which it is seen.
    pub(crate) calendar: &'a str,
    /// The zone of the answer.
    pub(crate) zone: Tz,
    pub(crate) role: AccessRole,
    pub(crate) max_attendees: Option<usize>,
}

impl Event {
    /// The value of the `etag` field, quotes included.
    pub(crate) fn etag(&self) -> String {
        etag(self.revision)
    }

    /// Whether the calendar's owner organizes the event, rather than being invited to it.
    pub(crate) fn organized_by(&self, calendar: &str) -> bool {
        same_address(&self.organizer, calendar)
    }

    /// The id of an occurrence of this series.
    pub(crate) fn occurrence_id(&self, start: &EventTime) -> String {
        format!("{}_{}", self.id, start.stamp())
    }

    /// The occurrence of this series that starts at `start`, as it is while nobody has changed it.
    pub(crate) fn occurrence(&self, start: EventTime) -> Self {
        Self {
            id: self.occurrence_id(&start),
            content: self.content.occurrence(start),
            exception_to: Some((self.id.clone(), start)),
            ..self.clone()
        }
    }

    /// Writes the event as an answer shows it. `cancelled` may be so because of its series.
    pub(crate) fn render(&self, view: &View<'_>, cancelled: bool) -> Value {
        if let (Some(item), false) = (&self.verbatim, cancelled) {
            return item.clone();
        }
        let mut item = json!({ "kind": "calendar#event", "etag": self.etag(), "id": self.id });
        item["status"] =
            json!(if cancelled { "cancelled" } else { self.content.text("status").unwrap_or("confirmed") });
        if let Some((series, original)) = &self.exception_to {
            item["recurringEventId"] = json!(series);
            item["originalStartTime"] = original.render(view.zone);
        }
        if cancelled && (self.exception_to.is_some() || !self.organized_by(view.calendar)) {
            return item;
        }
        item["start"] = self.content.start.render(view.zone);
        item["end"] = self.content.end.render(view.zone);
        if !self.shows_details_to(view.role) {
            item["visibility"] = json!("private");
            return item;
        }
        self.render_details(&mut item, view);
        item
    }

    /// Whether someone with `role` sees more than when it is.
    fn shows_details_to(&self, role: AccessRole) -> bool {
        let hidden = matches!(self.content.text("visibility"), Some("private" | "confidential"));
        role > AccessRole::WriterWithoutPrivateAccess || (role > AccessRole::FreeBusyReader && !hidden)
    }

    fn render_details(&self, item: &mut Value, view: &View<'_>) {
        for (name, value) in &self.content.fields {
            if name != "status" {
                item[name] = value.clone();
            }
        }
        if !self.content.recurrence.is_empty() {
            item["recurrence"] = json!(self.content.recurrence);
        }
        item["htmlLink"] = json!(html_link(&self.id, view.calendar));
        item["created"] = json!(utc_millis(self.created));
        item["updated"] = json!(utc_millis(self.updated));
        item["creator"] = with_self(&self.creator, view.calendar);
        item["organizer"] = with_self(&self.organizer, view.calendar);
        item["iCalUID"] = json!(self.ical_uid);
        item["sequence"] = json!(self.sequence);
        item["eventType"] = json!(self.content.event_type());
        if item["reminders"].is_null() {
            item["reminders"] = json!({ "useDefault": true });
        }
        if self.private_copy {
            item["privateCopy"] = json!(true);
        }
        if let Some(link) = video_link(&self.content.fields) {
            item["hangoutLink"] = link;
        }
        self.render_attendees(item, view);
    }

    fn render_attendees(&self, item: &mut Value, view: &View<'_>) {
        let Some(guests) = item.get_mut("attendees").and_then(Value::as_array_mut) else {
            return;
        };
        for guest in guests.iter_mut() {
            *guest = with_self(guest, view.calendar);
            if guest["email"] == self.organizer["email"] {
                guest["organizer"] = json!(true);
            }
        }
        if let Some(most) = view.max_attendees.filter(|most| *most < guests.len()) {
            // The own entry is what a client asks such a short list for.
            guests.sort_by_key(|guest| guest["self"] != true);
            guests.truncate(most);
            item["attendeesOmitted"] = json!(true);
        }
    }
}

/// Writes a revision as an etag, quotes included. The real ones are such numbers too.
pub(crate) fn etag(revision: u64) -> String {
    format!("\"{}\"", 3_400_000_000_000_000 + 2 * revision)
}

/// Whether a person, organizer or guest is the one with this address.
pub(crate) fn same_address(person: &Value, address: &str) -> bool {
    person["email"].as_str().is_some_and(|email| email.eq_ignore_ascii_case(address))
}

fn with_self(person: &Value, calendar: &str) -> Value {
    let mut person = person.clone();
    if same_address(&person, calendar) {
        person["self"] = json!(true);
    }
    person
}

fn html_link(id: &str, calendar: &str) -> String {
    use base64::Engine as _;
    let eid = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{id} {calendar}"));
    format!("https://www.google.com/calendar/event?eid={eid}")
}

fn video_link(fields: &Object) -> Option<Value> {
    let entries = fields.get("conferenceData")?.get("entryPoints")?.as_array()?;
    let video = entries.iter().find(|entry| entry["entryPointType"] == "video")?;
    let link = video.get("uri")?;
    link.as_str().is_some_and(|uri| uri.starts_with("https://meet.google.com/")).then(|| link.clone())
}
