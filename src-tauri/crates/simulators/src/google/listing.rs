//! Listing events: `events.list` with paging, sync tokens and filters, and `events.instances`.
//!
//! Listings without an order come in the order of the events' ranks, which is fixed but arbitrary, so that no client
//! gets used to one. A page token remembers the sort key of the last item, not a position: events that come or go
//! meanwhile move nothing. The sync token on the last page goes back to the first page, so they are not lost either.
//!
//! A choice where the documentation is silent: incremental listings report every change, also outside the window of
//! the first listing. The window only bounds how far series are expanded.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::calendar::{AccessRole, Calendar};
use super::error::ApiError;
use super::event::time::{utc, utc_millis};
use super::event::{Event, View, etag};
use super::http::query::Query;
use super::paging::{Page, paginate};
use super::scope::Need;
use super::state::{Identity, State};
use super::token::{self, SyncToken};
use crate::clock::span;

/// Parameters that cannot be combined with a sync token.
const NOT_WITH_SYNC_TOKEN: [&str; 8] = [
    "timeMin",
    "timeMax",
    "updatedMin",
    "orderBy",
    "q",
    "iCalUID",
    "privateExtendedProperty",
    "sharedExtendedProperty",
];

/// Parameters after which there is no sync token.
const NO_SYNC_TOKEN_AFTER: [&str; 6] =
    ["updatedMin", "orderBy", "q", "iCalUID", "privateExtendedProperty", "sharedExtendedProperty"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Unspecified,
    StartTime,
    Updated,
}

/// The earliest end and the latest start, both excluded.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    min: Option<DateTime<Utc>>,
    max: Option<DateTime<Utc>>,
}

impl Window {
    fn read(query: &Query) -> Result<Self, ApiError> {
        let window = Self { min: query.instant("timeMin")?, max: query.instant("timeMax")? };
        if window.min.zip(window.max).is_some_and(|(min, max)| min >= max) {
            return Err(ApiError::time_range_empty().at("parameter", "timeMax"));
        }
        Ok(window)
    }

    fn holds(&self, event: &Event, zone: Tz) -> bool {
        let (start, end) = (event.content.start.instant(zone), event.content.end.instant(zone));
        self.min.is_none_or(|min| end > min || start == end && start >= min)
            && self.max.is_none_or(|max| start < max)
    }
}

/// What a client asks of `events.list`.
#[derive(Debug)]
struct Listing<'a> {
    query: &'a Query,
    single: bool,
    show_deleted: bool,
    window: Window,
    updated_min: Option<DateTime<Utc>>,
    order: Order,
    since: Option<SyncToken>,
    zone: Tz,
    now: DateTime<Utc>,
    horizon: TimeDelta,
}

/// One line of a listing before it is written out.
struct Line<'a> {
    key: String,
    event: Cow<'a, Event>,
    cancelled: bool,
}

impl State {
    /// `events.list`.
    pub(crate) fn list_events(
        &self,
        who: &Identity,
        calendar: &str,
        query: &Query,
    ) -> Result<Value, ApiError> {
        let (place, role) = self.open(who, calendar, Need::ReadEvents)?;
        let listing = self.read_listing(who, place, query)?;
        let page = Page::read(self.options.seed, query, &[&who.email, &place.id, "events"], 250, 2500)?;
        let snapshot =
            page.continued.as_ref().map_or_else(|| self.visible_revision(&place.lag), |from| from.revision);
        let lines = listing.lines(place, snapshot);
        let view = View {
            calendar: &place.id,
            zone: listing.zone,
            role,
            max_attendees: query.number("maxAttendees")?,
        };
        let lines = lines.iter().map(|line| (line.key.as_str(), line));
        let (lines, next_page) = paginate(&self.options, &page, snapshot, lines.collect());
        let items = lines.iter().map(|line| line.event.render(&view, line.cancelled)).collect::<Vec<_>>();
        let mut answer = self.envelope(who, place, role, listing.zone, items);
        if let Some(token) = next_page {
            answer["nextPageToken"] = json!(token);
        } else if !NO_SYNC_TOKEN_AFTER.iter().any(|name| query.get(name).is_some()) {
            let millis = |moment: Option<DateTime<Utc>>| moment.map(|moment| moment.timestamp_millis());
            answer["nextSyncToken"] = json!(token::seal(
                self.options.seed,
                &SyncToken {
                    fingerprint: self.sync_fingerprint(who, place, query),
                    revision: snapshot,
                    issued: listing.now.timestamp_millis(),
                    epoch: (self.epoch, place.epoch),
                    window: (millis(listing.window.min), millis(listing.window.max)),
                }
            ));
        }
        Ok(answer)
    }

    /// What `events.list` and `events.instances` wrap their items in.
    fn envelope(
        &self,
        who: &Identity,
        place: &Calendar,
        role: AccessRole,
        zone: Tz,
        items: Vec<Value>,
    ) -> Value {
        let entry = self.accounts.get(&who.email).and_then(|account| account.entries.get(&place.id));
        let reminders = entry.map_or_else(|| json!([]), |entry| entry.default_reminders.clone());
        let mut answer = json!({
            "kind": "calendar#events",
            "etag": etag(place.revision),
            "summary": place.summary,
            "updated": utc_millis(place.updated),
            "timeZone": zone.name(),
            "accessRole": role.name(),
            "defaultReminders": reminders,
        });
        answer["items"] = Value::Array(items);
        if let Some(description) = &place.description {
            answer["description"] = json!(description);
        }
        answer
    }

    fn read_listing<'a>(
        &self,
        who: &Identity,
        place: &Calendar,
        query: &'a Query,
    ) -> Result<Listing<'a>, ApiError> {
        let now = self.now();
        let since = self.read_sync_token(who, place, query)?;
        let single = query.flag("singleEvents")?.unwrap_or(false);
        let order = match query.get("orderBy") {
            None => Order::Unspecified,
            Some("updated") => Order::Updated,
            Some("startTime") if single => Order::StartTime,
            Some("startTime") => {
                let message = "The requested ordering is not available for the particular query.";
                return Err(ApiError::bad_request(message));
            }
            Some(other) => {
                return Err(ApiError::bad_parameter("orderBy", format!("Invalid string value: '{other}'.")));
            }
        };
        let updated_min = query.instant("updatedMin")?;
        if updated_min.is_some_and(|moment| moment < now - span(self.options.updated_min_horizon)) {
            let message = "The requested minimum modification time lies too far in the past.";
            let error = ApiError::new(410, "calendar", "updatedMinTooLongAgo", message);
            return Err(error.at("parameter", "updatedMin"));
        }
        let window = match &since {
            None => Window::read(query)?,
            Some(token) => {
                let moment = |millis: Option<i64>| millis.and_then(DateTime::from_timestamp_millis);
                Window { min: moment(token.window.0), max: moment(token.window.1) }
            }
        };
        Ok(Listing {
            single,
            show_deleted: query.flag("showDeleted")?.unwrap_or(false),
            window,
            updated_min,
            order,
            since,
            zone: query.zone("timeZone")?.unwrap_or(place.time_zone),
            now,
            horizon: span(self.options.expansion_horizon),
            query,
        })
    }

    /// What a sync token is bound to, apart from its age.
    fn sync_fingerprint(&self, who: &Identity, place: &Calendar, query: &Query) -> u64 {
        let single = if query.flag("singleEvents").ok().flatten() == Some(true) { "single" } else { "" };
        let mut types = query.all("eventTypes").collect::<Vec<_>>();
        types.sort_unstable();
        crate::chance::number(self.options.seed, &["sync", &who.email, &place.id, single, &types.join(",")])
    }

    fn read_sync_token(
        &self,
        who: &Identity,
        place: &Calendar,
        query: &Query,
    ) -> Result<Option<SyncToken>, ApiError> {
        let Some(text) = query.get("syncToken") else {
            return Ok(None);
        };
        if let Some(name) = NOT_WITH_SYNC_TOKEN.iter().find(|name| query.get(name).is_some()) {
            let message = format!("Sync token cannot be combined with the parameter {name}.");
            return Err(ApiError::bad_request(message).at("parameter", *name));
        }
        if query.flag("showDeleted")? == Some(false) {
            let message = "Sync token cannot be combined with showDeleted=false.";
            return Err(ApiError::bad_request(message).at("parameter", "showDeleted"));
        }
        let token =
            token::open::<SyncToken>(self.options.seed, text).ok_or_else(ApiError::invalid_sync_token)?;
        if token.fingerprint != self.sync_fingerprint(who, place, query) {
            return Err(ApiError::invalid_sync_token());
        }
        let oldest = self.now() - span(self.options.sync_token_lifetime);
        let too_old = token.issued < oldest.timestamp_millis() || token.revision < place.forgotten;
        if too_old || token.epoch != (self.epoch, place.epoch) {
            return Err(ApiError::full_sync_required());
        }
        Ok(Some(token))
    }

    /// `events.instances`.
    pub(crate) fn list_instances(
        &self,
        who: &Identity,
        calendar: &str,
        id: &str,
        query: &Query,
    ) -> Result<Value, ApiError> {
        let (place, role) = self.open(who, calendar, Need::ReadEvents)?;
        let master = place.events.get(id).ok_or_else(ApiError::not_found)?;
        let window = Window::read(query)?;
        let zone = query.zone("timeZone")?.unwrap_or(place.time_zone);
        let show_deleted = query.flag("showDeleted")?.unwrap_or(false);
        let original = query.instant("originalStart")?;
        let last =
            window.max.unwrap_or_else(|| horizon(master, self.now(), span(self.options.expansion_horizon)));
        let mut lines = Vec::new();
        for event in occurrences(place, master, last) {
            let cancelled = place.is_cancelled(&event);
            let starts = event.exception_to.as_ref().map(|(_, start)| start.instant(zone));
            let ends_in_time = window.min.is_none_or(|min| event.content.end.instant(zone) >= min);
            let wanted = original.is_none_or(|original| starts == Some(original));
            if wanted && ends_in_time && (show_deleted || !cancelled) {
                lines.push(Line {
                    key: key(&event, Order::StartTime, zone),
                    event: Cow::Owned(event),
                    cancelled,
                });
            }
        }
        lines.sort_by(|one, two| one.key.cmp(&two.key));
        let page =
            Page::read(self.options.seed, query, &[&who.email, &place.id, id, "instances"], 250, 2500)?;
        let snapshot = page.continued.as_ref().map_or(self.revision, |from| from.revision);
        let keyed = lines.iter().map(|line| (line.key.as_str(), line)).collect();
        let (lines, next_page) = paginate(&self.options, &page, snapshot, keyed);
        let view = View { calendar: &place.id, zone, role, max_attendees: query.number("maxAttendees")? };
        let items = lines.iter().map(|line| line.event.render(&view, line.cancelled)).collect();
        let mut answer = self.envelope(who, place, role, zone, items);
        if let Some(token) = next_page {
            answer["nextPageToken"] = json!(token);
        }
        Ok(answer)
    }
}

impl Listing<'_> {
    /// Everything that is asked for, in order.
    fn lines<'a>(&self, place: &'a Calendar, snapshot: u64) -> Vec<Line<'a>> {
        let mut lines = Vec::new();
        for event in place.events.values().filter(|event| self.has_wanted_type(event)) {
            if self
                .since
                .as_ref()
                .is_some_and(|token| event.revision <= token.revision || event.revision > snapshot)
            {
                continue;
            }
            if self.single && !event.content.recurrence.is_empty() {
                self.expand(place, event, &mut lines);
            } else {
                self.add(place, Cow::Borrowed(event), &mut lines);
            }
        }
        lines.sort_by(|one, two| one.key.cmp(&two.key));
        lines
    }

    /// Adds the occurrences of a series that are not exceptions; those are listed for themselves.
    fn expand(&self, place: &Calendar, master: &Event, lines: &mut Vec<Line<'_>>) {
        let last = self.window.max.unwrap_or_else(|| horizon(master, self.now, self.horizon));
        for event in occurrences(place, master, last) {
            if !place.events.contains_key(&event.id) && self.window.holds(&event, self.zone) {
                self.add(place, Cow::Owned(event), lines);
            }
        }
    }

    fn add<'a>(&self, place: &Calendar, event: Cow<'a, Event>, lines: &mut Vec<Line<'a>>) {
        let cancelled = place.is_cancelled(&event);
        let gap = || !self.single && place.is_gap(&event);
        let deleted_wanted = self.since.is_some() || self.show_deleted || self.updated_min.is_some();
        if cancelled && !deleted_wanted && !gap() {
            return;
        }
        if self.since.is_none()
            && !(self.is_in_window(place, &event) && self.passes_filters(&event, cancelled))
        {
            return;
        }
        lines.push(Line { key: key(&event, self.order, self.zone), event, cancelled });
    }

    fn has_wanted_type(&self, event: &Event) -> bool {
        let mut types = self.query.all("eventTypes").peekable();
        types.peek().is_none() || types.any(|kind| kind == event.content.event_type())
    }

    fn is_in_window(&self, place: &Calendar, event: &Event) -> bool {
        if event.content.recurrence.is_empty() || (self.window.min.is_none() && self.window.max.is_none()) {
            return self.window.holds(event, self.zone);
        }
        let last = self.window.max.unwrap_or_else(|| horizon(event, self.now, self.horizon));
        occurrences(place, event, last).iter().any(|occurrence| self.window.holds(occurrence, self.zone))
    }

    fn passes_filters(&self, event: &Event, cancelled: bool) -> bool {
        if self.updated_min.is_some_and(|min| event.updated < min) {
            return false;
        }
        if cancelled && self.updated_min.is_some() {
            return true;
        }
        self.query.get("iCalUID").is_none_or(|uid| event.ical_uid == uid)
            && self.query.get("q").is_none_or(|text| contains_text(event, text))
            && ["private", "shared"].iter().all(|kind| {
                let name = format!("{kind}ExtendedProperty");
                self.query.all(&name).all(|wanted| has_property(event, kind, wanted))
            })
    }
}

/// How far an endless series is expanded.
fn horizon(master: &Event, now: DateTime<Utc>, reach: TimeDelta) -> DateTime<Utc> {
    now.max(master.content.start.instant(Tz::UTC)) + reach
}

/// All occurrences of a series that start before `last`, exceptions in their places.
pub(super) fn occurrences(place: &Calendar, master: &Event, last: DateTime<Utc>) -> Vec<Event> {
    let Some(series) = master.content.series() else {
        return Vec::new();
    };
    // The wall clock is at most a day away from UTC.
    let starts = series.until(last.naive_utc() + TimeDelta::days(1));
    let starts = starts.into_iter().filter(|start| start.instant(place.time_zone) < last);
    starts
        .map(|start| place.exception(master, &start).cloned().unwrap_or_else(|| master.occurrence(start)))
        .collect()
}

fn key(event: &Event, order: Order, zone: Tz) -> String {
    match order {
        Order::Unspecified => format!("{:020} {}", event.rank, event.id),
        Order::StartTime => format!("{} {}", utc(event.content.start.instant(zone)), event.id),
        Order::Updated => format!("{} {}", utc_millis(event.updated), event.id),
    }
}

fn contains_text(event: &Event, text: &str) -> bool {
    let text = text.to_lowercase();
    let own = ["summary", "description", "location"].iter().filter_map(|name| event.content.text(name));
    let people = event
        .content
        .attendees()
        .iter()
        .flat_map(|guest| ["email", "displayName"].into_iter().filter_map(|name| guest[name].as_str()));
    own.chain(people).any(|field| field.to_lowercase().contains(&text))
}

fn has_property(event: &Event, kind: &str, wanted: &str) -> bool {
    let (key, value) = wanted.split_once('=').unwrap_or((wanted, ""));
    event.content.fields.get("extendedProperties").is_some_and(|properties| properties[kind][key] == value)
}
