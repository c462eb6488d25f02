//! Creating, changing, deleting and moving events.
//!
//! All writes go through here, whether a client sends them over HTTP or a test makes them "on the phone". The phone may
//! do what clients may not: write to read-only calendars, make special events, set who organizes them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::error::ApiError;
use super::event::Event;
use super::event::content::{Content, Object, Reading};
use super::mail::{Mail, SendUpdates};
use super::rules;
use super::scope::Need;
use super::state::{Identity, State};

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Author<'a> {
    /// A client of the API.
    Client(&'a Identity),
    /// A person with another device, or Google itself.
    Phone,
}

/// What a request says besides its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteOptions {
    pub(crate) conference: bool,
    pub(crate) attachments: bool,
    pub(crate) send_updates: SendUpdates,
    /// The `If-Match` header.
    pub(crate) if_match: Option<String>,
}

/// How a body changes an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Absent fields stay.
    Patch,
    /// Absent fields are cleared.
    Replace,
}

impl State {
    /// Finds the calendar that an author may write to; returns its real id.
    pub(crate) fn writable(&self, author: Author<'_>, id: &str, need: Need) -> Result<String, ApiError> {
        match author {
            Author::Phone => Ok(self.calendars.get(id).ok_or_else(ApiError::not_found)?.id.clone()),
            Author::Client(who) => {
                let (calendar, role) = self.open(who, id, need)?;
                if role.writes() { Ok(calendar.id.clone()) } else { Err(ApiError::writer_required()) }
            }
        }
    }

    /// Whether a calendar is the primary one of an account of an organisation.
    fn at_work(&self, calendar: &str) -> bool {
        self.accounts.get(calendar).is_some_and(|account| account.workspace)
    }

    fn reading(&self, calendar: &str, options: &WriteOptions, occurrence: bool) -> Reading {
        Reading {
            zone: self.calendars.get(calendar).map_or(self.options.time_zone, |calendar| calendar.time_zone),
            conference: options.conference,
            attachments: options.attachments,
            normalise_rules: self.options.normalise_rules,
            occurrence,
        }
    }

    /// `events.insert`.
    pub(crate) fn insert_event(
        &mut self,
        author: Author<'_>,
        calendar: &str,
        body: &Object,
        options: &WriteOptions,
    ) -> Result<Event, ApiError> {
        let calendar = self.writable(author, calendar, Need::WriteEvents)?;
        let chosen = self.chosen_id(author, &calendar, body)?;
        let mut content = Content::read(body, None, &self.reading(&calendar, options, false))?;
        content.check_alive()?;
        if let Author::Client(_) = author {
            rules::check_creation(&content, self.at_work(&calendar))?;
        }
        self.hold_conference(&mut content);
        let id = chosen.unwrap_or_else(|| self.random_event_id());
        let event = self.new_event(author, &calendar, id, body, content);
        self.mail(Mail::Invitation, &calendar, &event, None, options.send_updates);
        Ok(self.store(&calendar, event))
    }

    /// The id that the body asks for, if it is a proper one and free. The ids of deleted events are not free.
    fn chosen_id(
        &self,
        author: Author<'_>,
        calendar: &str,
        body: &Object,
    ) -> Result<Option<String>, ApiError> {
        let events = self.calendars.get(calendar).map(|calendar| &calendar.events);
        let uid = body.get("iCalUID").and_then(Value::as_str);
        let uid_taken = |uid: &str| {
            let mut known = events.iter().flat_map(|events| events.values());
            known.any(|event| event.ical_uid == uid && event.cancelled_at.is_none())
        };
        let id = match body.get("id") {
            None | Some(Value::Null) if uid.is_some_and(uid_taken) => return Err(ApiError::duplicate()),
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(id)) => id,
            Some(_) => return Err(ApiError::invalid("Invalid resource id value.")),
        };
        if let Author::Client(_) = author {
            let proper = (5..=1024).contains(&id.len())
                && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'v'));
            if !proper {
                return Err(ApiError::invalid("Invalid resource id value."));
            }
            if uid.is_some() {
                return Err(ApiError::invalid("Only one of id and iCalUID can be specified."));
            }
        }
        if events.is_some_and(|events| events.contains_key(id)) {
            return Err(ApiError::duplicate());
        }
        Ok(Some(id.clone()))
    }

    /// Makes an event that is not in its calendar yet.
    fn new_event(
        &mut self,
        author: Author<'_>,
        calendar: &str,
        id: String,
        body: &Object,
        content: Content,
    ) -> Event {
        let (now, rank) = (self.now(), self.next_rank());
        let place = self.calendars.get(calendar);
        let own = |name: &str| body.get(name).filter(|person| person["email"].is_string()).cloned();
        let itself = || match place {
            Some(place) if place.data_owner.is_some() => {
                json!({ "email": calendar, "displayName": place.summary })
            }
            _ => json!({ "email": calendar }),
        };
        let (creator, organizer) = match author {
            Author::Client(who) => (json!({ "email": who.email }), itself()),
            Author::Phone => {
                let owner = place.and_then(|place| place.data_owner.as_deref()).unwrap_or(calendar);
                let organizer = own("organizer").unwrap_or_else(itself);
                (own("creator").unwrap_or_else(|| json!({ "email": owner })), organizer)
            }
        };
        let uid = body.get("iCalUID").and_then(Value::as_str).map(str::to_owned);
        Event {
            ical_uid: uid.unwrap_or_else(|| format!("{id}@google.com")),
            sequence: body.get("sequence").and_then(Value::as_i64).unwrap_or(0).max(0),
            private_copy: false,
            created: now,
            updated: now,
            revision: 0,
            rank,
            exception_to: None,
            cancelled_at: None,
            verbatim: None,
            id,
            content,
            creator,
            organizer,
        }
    }

    /// `events.import`: a private copy of an event that exists elsewhere; importing it again updates the copy.
    pub(crate) fn import_event(
        &mut self,
        author: Author<'_>,
        calendar: &str,
        body: &Object,
        options: &WriteOptions,
    ) -> Result<Event, ApiError> {
        let calendar = self.writable(author, calendar, Need::WriteEvents)?;
        let uid = body.get("iCalUID").and_then(Value::as_str).filter(|uid| !uid.is_empty());
        let uid = uid.ok_or_else(|| ApiError::required("Missing iCalUID."))?;
        let place = self.calendars.get(&calendar);
        let known = place.and_then(|place| {
            let mut events = place.events.values();
            events.find(|event| event.ical_uid == uid && event.exception_to.is_none()).cloned()
        });
        let before = known.as_ref().map(|event| &event.content);
        let content = Content::read(body, before, &self.reading(&calendar, options, false))?;
        content.check_alive()?;
        if content.event_type() != "default" {
            return Err(ApiError::event_type("Only events of type default can be imported."));
        }
        let mut event = match known {
            Some(event) => Event { content, updated: self.now(), cancelled_at: None, ..event },
            None => {
                let id = self.random_event_id();
                self.new_event(author, &calendar, id, body, content)
            }
        };
        if let Some(organizer) = body.get("organizer").filter(|organizer| organizer["email"].is_string()) {
            event.organizer = organizer.clone();
        }
        event.private_copy = true;
        Ok(self.store(&calendar, event))
    }

    /// `events.patch` and `events.update`.
    pub(crate) fn change_event(
        &mut self,
        author: Author<'_>,
        (calendar, id): (&str, &str),
        (change, body): (Change, &Object),
        options: &WriteOptions,
    ) -> Result<Event, ApiError> {
        let calendar = self.writable(author, calendar, Need::WriteEvents)?;
        let before = self.existing(&calendar, id)?;
        let restored = self.restores(&calendar, &before, body)?;
        check_match(&before, options)?;
        let mut content = self.changed_content(&calendar, &before, (change, body), options)?;
        if content.text("status") == Some("cancelled") {
            return self.cancel(&calendar, before, options);
        }
        if let Author::Client(_) = author {
            content = rules::check_change(&before, content, &calendar, self.at_work(&calendar))?;
        }
        self.hold_conference(&mut content);
        self.hold_visibility(&calendar, &before, &mut content);
        let changed = content.changes(&before.content);
        let sequence = body.get("sequence").and_then(Value::as_i64).unwrap_or(0);
        let is_mended = before.verbatim.is_some() && matches!(author, Author::Phone);
        if changed.is_empty() && !restored && !is_mended && sequence <= before.sequence {
            return Ok(before);
        }
        let shifted = ["start", "end", "recurrence"].iter().any(|name| changed.contains(*name));
        let only_reminders = !restored && changed.iter().all(|name| name == "reminders");
        let event = Event {
            content,
            verbatim: before.verbatim.clone().filter(|_| !is_mended),
            sequence: sequence.max(before.sequence + i64::from(shifted)),
            updated: if only_reminders { before.updated } else { self.now() },
            cancelled_at: None,
            ..before.clone()
        };
        let kind = if restored { Mail::Invitation } else { Mail::Update };
        self.mail(kind, &calendar, &event, Some(&before), options.send_updates);
        let event = self.store(&calendar, event);
        if shifted {
            self.cancel_orphans(&calendar, &event);
        }
        Ok(event)
    }

    fn existing(&self, calendar: &str, id: &str) -> Result<Event, ApiError> {
        self.calendars.get(calendar).and_then(|calendar| calendar.find(id)).ok_or_else(ApiError::not_found)
    }

    /// Says whether a change brings a deleted event back; an error if the event is deleted and stays so.
    fn restores(&self, calendar: &str, before: &Event, body: &Object) -> Result<bool, ApiError> {
        let Some(place) = self.calendars.get(calendar).filter(|place| place.is_cancelled(before)) else {
            return Ok(false);
        };
        let asks = matches!(body.get("status").and_then(Value::as_str), Some("confirmed" | "tentative"));
        let series_lives = before.cancelled_at.is_some()
            && !place.is_cancelled(&Event { cancelled_at: None, ..before.clone() });
        if asks && series_lives && before.organized_by(calendar) {
            Ok(true)
        } else {
            Err(ApiError::deleted())
        }
    }

    fn changed_content(
        &self,
        calendar: &str,
        before: &Event,
        (change, body): (Change, &Object),
        options: &WriteOptions,
    ) -> Result<Content, ApiError> {
        let whole = match change {
            Change::Patch => before.content.patched(body),
            Change::Replace => {
                let sequence = body.get("sequence").and_then(Value::as_i64);
                if sequence.is_some_and(|sequence| sequence < before.sequence) {
                    let message = "Invalid sequence value. The specified sequence number is below the current sequence \
                                   number of the resource. Re-fetch the resource and use its sequence number on the \
                                   following request.";
                    return Err(ApiError::invalid(message));
                }
                body.clone()
            }
        };
        let reading = self.reading(calendar, options, before.exception_to.is_some());
        let content = Content::read(&whole, Some(&before.content), &reading)?;
        if body.get("attendeesOmitted") != Some(&Value::Bool(true)) {
            return Ok(content);
        }
        // The list of guests is known to be incomplete: only the writer's own entry counts.
        let mut kept = content.clone();
        match before.content.fields.get("attendees") {
            Some(guests) => kept.fields.insert("attendees".to_owned(), guests.clone()),
            None => kept.fields.remove("attendees"),
        };
        rules::answer(&mut kept, &content, calendar);
        Ok(kept)
    }

    /// On one occurrence a stricter visibility spreads to the whole series, and a looser one is ignored.
    fn hold_visibility(&mut self, calendar: &str, before: &Event, content: &mut Content) {
        let Some((series, _)) = &before.exception_to else {
            return;
        };
        let (old, new) = (rules::strictness(&before.content), rules::strictness(content));
        if new < old {
            if let Some(value) = before.content.fields.get("visibility") {
                content.fields.insert("visibility".to_owned(), value.clone());
            }
        } else if new > old {
            let master = self.calendars.get(calendar).and_then(|place| place.events.get(series)).cloned();
            if let (Some(mut master), Some(value)) = (master, content.fields.get("visibility")) {
                master.content.fields.insert("visibility".to_owned(), value.clone());
                master.updated = self.now();
                self.store(calendar, master);
            }
        }
    }

    /// Answers a request for a new conference: at once, and only the first time for each request id.
    fn hold_conference(&mut self, content: &mut Content) {
        let Some(Value::Object(data)) = content.fields.get_mut("conferenceData") else {
            return;
        };
        if !data.get("createRequest").is_some_and(|request| request["requestId"].is_string())
            || data.contains_key("conferenceId")
        {
            return;
        }
        let mut letters = |count| self.random_text(b"abcdefghijklmnopqrstuvwxyz", count);
        let code = format!("{}-{}-{}", letters(3), letters(4), letters(3));
        let link = format!("https://meet.google.com/{code}");
        data.insert("conferenceId".to_owned(), json!(code));
        data.insert(
            "conferenceSolution".to_owned(),
            json!({ "key": { "type": "hangoutsMeet" }, "name": "Google Meet" }),
        );
        let label = link.trim_start_matches("https://");
        data.insert(
            "entryPoints".to_owned(),
            json!([{ "entryPointType": "video", "uri": link, "label": label }]),
        );
        if let Some(request) = data.get_mut("createRequest") {
            request["status"] = json!({ "statusCode": "success" });
        }
    }

    /// Cancels the exceptions to occurrences that a series does not have any more.
    fn cancel_orphans(&mut self, calendar: &str, master: &Event) {
        let Some(place) = self.calendars.get(calendar) else {
            return;
        };
        let series = master.content.series();
        let lost = |event: &&Event| {
            let original = event.exception_to.as_ref().map(|(_, original)| original);
            let occurs =
                series.as_ref().zip(original).is_some_and(|(series, original)| series.contains(original));
            event.cancelled_at.is_none() && !occurs
        };
        let orphans = place.exceptions(&master.id).filter(lost).cloned().collect::<Vec<_>>();
        let now = self.now();
        for orphan in orphans {
            self.store(calendar, cancelled(orphan, now));
        }
    }

    /// `events.delete`.
    pub(crate) fn delete_event(
        &mut self,
        author: Author<'_>,
        (calendar, id): (&str, &str),
        options: &WriteOptions,
    ) -> Result<(), ApiError> {
        let calendar = self.writable(author, calendar, Need::WriteEvents)?;
        let event = self.existing(&calendar, id)?;
        if self.calendars.get(&calendar).is_some_and(|place| place.is_cancelled(&event)) {
            return Err(ApiError::deleted());
        }
        check_match(&event, options)?;
        self.cancel(&calendar, event, options).map(|_| ())
    }

    fn cancel(&mut self, calendar: &str, event: Event, options: &WriteOptions) -> Result<Event, ApiError> {
        let now = self.now();
        self.mail(Mail::Cancellation, calendar, &event, None, options.send_updates);
        let event = self.store(calendar, cancelled(event, now));
        if self.options.cascade_in_feed
            && let Some(place) = self.calendars.get(calendar)
        {
            let exceptions = place.exceptions(&event.id).cloned().collect::<Vec<_>>();
            for exception in exceptions {
                self.store(calendar, exception);
            }
        }
        Ok(event)
    }

    /// `events.move`: the event changes its calendar and organizer, and leaves a cancelled stub behind.
    pub(crate) fn move_event(
        &mut self,
        author: Author<'_>,
        (source, id): (&str, &str),
        destination: &str,
        options: &WriteOptions,
    ) -> Result<Event, ApiError> {
        let source = self.writable(author, source, Need::MoveEvents)?;
        let destination = self.writable(author, destination, Need::MoveEvents)?;
        let event = self.existing(&source, id)?;
        let place = self.calendars.get(&source).ok_or_else(ApiError::not_found)?;
        if place.is_cancelled(&event) {
            return Err(ApiError::deleted());
        }
        check_match(&event, options)?;
        if event.content.event_type() != "default" {
            return Err(ApiError::event_type("Only events of type default can be moved."));
        }
        if event.exception_to.is_some() {
            let message = "Cannot change the organizer of an instance.";
            return Err(ApiError::new(400, "calendar", "cannotChangeOrganizerOfInstance", message));
        }
        if !event.organized_by(&source) {
            let message = "The operation can only be performed by the organizer of the event.";
            return Err(ApiError::new(403, "calendar", "forbiddenForNonOrganizer", message));
        }
        let target = self.calendars.get(&destination).ok_or_else(ApiError::not_found)?;
        if target.events.get(id).is_some_and(|event| event.cancelled_at.is_none()) {
            return Err(ApiError::duplicate());
        }
        if source == destination {
            return Ok(event);
        }
        let organizer = match &target.data_owner {
            Some(_) => json!({ "email": destination, "displayName": target.summary }),
            None => json!({ "email": destination }),
        };
        let exceptions = place.exceptions(id).cloned().collect::<Vec<_>>();
        self.mail(Mail::Update, &source, &event, None, options.send_updates);
        for exception in exceptions {
            self.carry_over(&source, &destination, exception, &organizer);
        }
        Ok(self.carry_over(&source, &destination, event, &organizer))
    }

    fn carry_over(&mut self, source: &str, destination: &str, event: Event, organizer: &Value) -> Event {
        let now = self.now();
        let moved = Event { organizer: organizer.clone(), updated: now, ..event };
        // A cancelled occurrence stays the gap that it was; everything else is cancelled here and lives there.
        let stub = cancelled(moved.clone(), now);
        self.store(source, stub);
        self.store(destination, moved)
    }
}

fn cancelled(event: Event, now: DateTime<Utc>) -> Event {
    Event { cancelled_at: Some(now), updated: now, ..event }
}

/// Checks the `If-Match` header against what is stored.
fn check_match(event: &Event, options: &WriteOptions) -> Result<(), ApiError> {
    match options.if_match.as_deref() {
        None | Some("*") => Ok(()),
        Some(tags) if tags.split(',').any(|tag| tag.trim() == event.etag()) => Ok(()),
        Some(_) => Err(ApiError::condition_not_met()),
    }
}
