//! Reading: calendars, pages of changes, single events, and the channels that tell when to read.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use synodic_model::{EventStatus, ExternalId, RemoteCalendarId};

use super::error::{Answer, SERVICE};
use super::map::{self, Page};
use super::wire::{self, CALENDAR_FIELDS, EVENT_FIELDS};
use super::{Google, client::Call};
use crate::error::ProviderError;
use crate::{
    NextPull, PullPage, PullPosition, RemoteCalendar, RemoteChange, RemoteEvent, WatchChannel, WatchRequest,
};

/// The largest page that Google gives (API reference, `events.list`).
const EVENTS_PER_PAGE: &str = "2500";
/// The largest page that Google gives (API reference, `calendarList.list`).
const CALENDARS_PER_PAGE: &str = "250";
/// A server that hands out page tokens for ever is stopped here: 25,000 calendars.
const CALENDAR_PAGES_LIMIT: usize = 100;
/// A series whose exceptions do not come to an end is given up here: 250,000 of them.
const OCCURRENCE_PAGES_LIMIT: usize = 100;
/// How long a channel lives when Google does not say (guide “Push notifications”: seven days).
const CHANNEL_LIFETIME: TimeDelta = TimeDelta::days(7);

/// The calendar's zone by name; UTC for want of a better one, since every instant is still right in it.
pub(super) fn zone_or_utc(name: Option<&str>) -> Tz {
    name.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

impl Google {
    /// The address of the primary calendar, which is the account's.
    pub(super) async fn primary_address(&self) -> Result<String, ProviderError> {
        let action = "reading the account";
        let path = ["users", "me", "calendarList", "primary"];
        let call = self.api.call(Method::GET, &path, action).with("fields", CALENDAR_FIELDS);
        let entry: wire::Calendar = self.api.send(&call).await?.json(action)?;
        if entry.id.is_empty() {
            Err(unreadable(action, "the primary calendar has no id"))
        } else {
            Ok(entry.id)
        }
    }

    /// Every calendar on the person's list.
    pub(super) async fn list_calendars(&self) -> Result<Vec<RemoteCalendar>, ProviderError> {
        let action = "listing calendars";
        let fields = format!("nextPageToken,items({CALENDAR_FIELDS})");
        let mut calendars = Vec::new();
        let mut page_token = None;
        for _ in 0..CALENDAR_PAGES_LIMIT {
            let call = self
                .api
                .call(Method::GET, &["users", "me", "calendarList"], action)
                .with("maxResults", CALENDARS_PER_PAGE)
                // What the person has hidden in Google's own pages is there all the same.
                .with("showHidden", "true")
                .with("fields", &fields);
            let call = with_page(call, page_token.as_deref());
            let page: wire::CalendarPage = self.api.send(&call).await?.json(action)?;
            calendars.extend(page.items.into_iter().filter_map(map::calendar));
            page_token = page.next_page_token;
            if page_token.is_none() {
                return Ok(calendars);
            }
        }
        Err(unreadable(action, "the list of calendars does not end"))
    }

    /// One page of changes. Every request has the same parameters, for a cursor is bound to those it was made with
    /// (guide “Synchronize resources efficiently”); only the cursor and the page token come on top.
    pub(super) async fn list_events(
        &self,
        calendar: &RemoteCalendarId,
        position: &PullPosition,
    ) -> Result<PullPage, ProviderError> {
        let call = with_page(self.events_call(calendar), position.page.as_deref());
        let call = match &position.cursor {
            Some(cursor) => call.with("syncToken", cursor),
            None => call,
        };
        let answer = self.api.send(&call).await?;
        if position.cursor.is_some() && answer.refuses_cursor() {
            return Err(ProviderError::CursorLost);
        }
        self.read_page(calendar, answer.json(call.action)?, call.action)
    }

    fn events_call(&self, calendar: &RemoteCalendarId) -> Call {
        let fields = format!("nextPageToken,nextSyncToken,timeZone,accessRole,items({EVENT_FIELDS})");
        self.api
            .call(Method::GET, &["calendars", calendar.as_str(), "events"], "listing events")
            .with("singleEvents", "false")
            .with("maxResults", EVENTS_PER_PAGE)
            .with("fields", &fields)
    }

    /// The exceptions of a series: what has its UID and names it as the event that it recurs from. Without `singleEvents`,
    /// called-off occurrences are among them (API reference, `events.list`, `showDeleted`).
    pub(super) async fn list_occurrences(
        &self,
        calendar: &RemoteCalendarId,
        series: &ExternalId,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        // Of what we have made ourselves we know another UID than Google's.
        let document = self.get_document(calendar, series).await?;
        let Some(uid) = document.as_ref().and_then(|document| document["iCalUID"].as_str()) else {
            return Ok(Vec::new());
        };
        let is_of_series = |change: &RemoteChange| match change {
            RemoteChange::Present(event) => {
                event.occurrence_of.as_ref().is_some_and(|occurrence| occurrence.series == *series)
            }
            RemoteChange::Removed { .. }
            | RemoteChange::Complete { .. }
            | RemoteChange::Unreadable { .. } => false,
        };
        let mut occurrences = Vec::new();
        let mut page_token = None;
        for _ in 0..OCCURRENCE_PAGES_LIMIT {
            let call = with_page(self.events_call(calendar).with("iCalUID", uid), page_token.as_deref());
            let mut page: wire::EventsPage = self.api.send(&call).await?.json(call.action)?;
            page_token = page.next_page_token.take();
            occurrences.extend(self.changes(calendar, page).filter(is_of_series));
            // A filtered listing ends without a cursor.
            if page_token.is_none() {
                return Ok(occurrences);
            }
        }
        Err(unreadable("listing events", "the list of a series' occurrences does not end"))
    }

    /// A page may be empty while more follow; only the tokens say what comes next.
    fn read_page(
        &self,
        calendar: &RemoteCalendarId,
        mut page: wire::EventsPage,
        action: &'static str,
    ) -> Result<PullPage, ProviderError> {
        let next = match (page.next_page_token.take(), page.next_sync_token.take()) {
            (Some(token), _) => NextPull::Page(token),
            (None, Some(cursor)) => NextPull::Done { cursor },
            (None, None) => return Err(unreadable(action, "a page names neither a next one nor a cursor")),
        };
        Ok(PullPage { changes: self.changes(calendar, page).collect(), next })
    }

    /// What a page names, in our words.
    fn changes(
        &self,
        calendar: &RemoteCalendarId,
        page: wire::EventsPage,
    ) -> impl Iterator<Item = RemoteChange> + use<> {
        let zone = zone_or_utc(page.time_zone.as_deref());
        if page.time_zone.is_some() {
            self.remember_zone(calendar, zone);
        }
        let context = Page { zone, writable: map::may_write(page.access_role.as_deref()) };
        page.items.into_iter().map(move |item| map::change(item, context))
    }

    /// One event as it is now. A deleted one counts as not there; an occurrence that is left out is data.
    pub(super) async fn get_event(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        match self.get_document(calendar, id).await? {
            Some(document) => self.read_document(calendar, document, "reading an event").await,
            None => Ok(None),
        }
    }

    /// The event as Google words it, deleted or not; none when Google does not know the id.
    pub(super) async fn get_document(
        &self,
        calendar: &RemoteCalendarId,
        id: &ExternalId,
    ) -> Result<Option<Value>, ProviderError> {
        let call = self.api.event_call(Method::GET, calendar, id, "reading an event");
        let answer = self.api.send(&call.with("fields", EVENT_FIELDS)).await?;
        match answer.status {
            StatusCode::NOT_FOUND => self.missing(calendar, &answer, "reading an event").await.map(|()| None),
            StatusCode::GONE => Ok(None),
            _ => answer.json("reading an event").map(Some),
        }
    }

    /// Google says “not found” of an event that never was, and of all events of a calendar that the account cannot see
    /// any more. Only the first is an answer; the second would look as if everything had been deleted.
    pub(super) async fn missing(
        &self,
        calendar: &RemoteCalendarId,
        answer: &Answer,
        action: &'static str,
    ) -> Result<(), ProviderError> {
        match self.calendar_entry(calendar).await? {
            Some(_) => Ok(()),
            None => Err(answer.failure(action)),
        }
    }

    /// Reads the document of a single event; none when it is a deleted one.
    pub(super) async fn read_document(
        &self,
        calendar: &RemoteCalendarId,
        document: Value,
        action: &'static str,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        let item: wire::Event =
            serde_json::from_value(document).map_err(|error| unreadable(action, &error.to_string()))?;
        if item.is_cancelled() && item.recurring_event_id.is_none() {
            return Ok(None);
        }
        let zone = if map::zone_needed(&item) { self.zone(calendar).await? } else { Tz::UTC };
        // Whether the calendar may be written is told by its listing; a single answer does not say.
        let event =
            map::event(&item, Page { zone, writable: true }).map_err(|reason| unreadable(action, &reason))?;
        debug_assert!(
            event.occurrence_of.is_some()
                || event.content.status != EventStatus::Cancelled
                || !item.is_cancelled()
        );
        Ok(Some(event))
    }

    /// Opens a channel on the calendar's events.
    pub(super) async fn open_channel(
        &self,
        calendar: &RemoteCalendarId,
        request: &WatchRequest,
    ) -> Result<WatchChannel, ProviderError> {
        let action = "opening a notification channel";
        let path = ["calendars", calendar.as_str(), "events", "watch"];
        let call = self.api.call(Method::POST, &path, action).json(json!({
            "id": request.id,
            "type": "web_hook",
            "address": request.address,
            "token": request.token,
        }));
        let channel: wire::Channel = self.api.send(&call).await?.json(action)?;
        let stated = channel.expiration.as_deref().and_then(unix_millis);
        Ok(WatchChannel {
            id: channel.id,
            resource: channel.resource_id,
            expires_at: stated.unwrap_or_else(|| self.now() + CHANNEL_LIFETIME),
        })
    }

    /// Ends a channel; an unknown one has ended already.
    pub(super) async fn stop_channel(&self, channel: &WatchChannel) -> Result<(), ProviderError> {
        let action = "closing a notification channel";
        let body = json!({ "id": channel.id, "resourceId": channel.resource });
        let call = self.api.call(Method::POST, &["channels", "stop"], action).json(body);
        let answer = self.api.send(&call).await?;
        if answer.status == StatusCode::NOT_FOUND { Ok(()) } else { answer.accepted(action) }
    }

    fn now(&self) -> DateTime<Utc> {
        let clock = Arc::clone(&self.api.surroundings.clock);
        clock()
    }
}

fn with_page(call: Call, token: Option<&str>) -> Call {
    match token {
        Some(token) => call.with("pageToken", token),
        None => call,
    }
}

fn unix_millis(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(text.parse().ok()?)
}

pub(super) fn unreadable(action: &'static str, reason: &str) -> ProviderError {
    ProviderError::Unreadable { service: SERVICE.to_owned(), action, reason: reason.to_owned() }
}
