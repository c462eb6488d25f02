//! Reading: pages of changes, complete listings, and single pages.
//!
//! # Changes
//!
//! A page's time of change is rounded down to the minute, so a listing of changes begins some minutes before the last one
//! did, by Notion's clock, and includes that minute. What it names a second time has the same version and is no news.
//! Nothing is concluded from what it does not name: pages that were trashed, moved or hidden simply stop to appear. So
//! every now and then, and when Notion tells of a removal, everything is listed ([`ProviderError::ListingDue`]).
//!
//! # Going through pages
//!
//! Rows may move while a listing is under way, and a cursor then passes over some of them. So a listing is sorted by a
//! time and goes on from the last time it saw, including it, wherever that costs little; only where many rows have the
//! same time it follows Notion's cursor. The same way leads past the 10,000 rows that a query gives at most, where Notion
//! says `incomplete` and that there is no more.

use chrono::{DateTime, SubsecRound, TimeDelta, Timelike, Utc};
use http::{Method, StatusCode};
use serde_json::Value;
use synodic_model::{EventStatus, ExternalId};

use super::client::{Call, only};
use super::connect::no_access;
use super::error::{Answer, refused, unreadable};
use super::map::{self, Reading};
use super::mapping::{Mapping, PropertyKind, Slot};
use super::wire::{self, Page};
use super::{Notion, Written};
use crate::error::ProviderError;
use crate::{Linked, PullPage, PullPosition, RemoteChange, RemoteEvent};

mod listing;

use self::listing::{Cursor, Listing, Place};

const LISTING: &str = "listing pages";
const READING: &str = "reading a page";

/// The largest page that Notion gives.
const PAGE_SIZE: usize = 100;
/// How long a listing may lag behind a write of ours.
const LAG: TimeDelta = TimeDelta::minutes(2);
/// Pages that are looked at one by one when a listing has not named them; of more, somebody is asked anyway.
const CONFIRMED: usize = 110;
/// References that are shown with a page; of more, the property is read by itself.
const REFERENCES: usize = 25;

/// The text of a page, and until when it is known to be that.
#[derive(Clone, Debug)]
pub(super) struct Body {
    edited_at: Option<DateTime<Utc>>,
    text: String,
}

impl Notion {
    /// One page of changes, or of everything where there is no cursor.
    pub(super) async fn pull_page(
        &self,
        calendar: Linked<'_>,
        position: &PullPosition,
    ) -> Result<PullPage, ProviderError> {
        let cursor: Option<Cursor> = match &position.cursor {
            Some(text) => Some(serde_json::from_str(text).map_err(|_| ProviderError::CursorLost)?),
            None => None,
        };
        let place: Option<Place> = match &position.page {
            Some(text) => Some(serde_json::from_str(text).map_err(|_| ProviderError::CursorLost)?),
            None => None,
        };
        if let (Some(cursor), None) = (&cursor, &place)
            && cursor.list_at <= self.api.now()
        {
            return Err(ProviderError::ListingDue);
        }
        let has_faults = self.memory().faults.get(calendar.id).is_some_and(|faults| !faults.is_empty());
        if place.is_none() && has_faults {
            // What was gone may have been brought back.
            self.look_at_schema(calendar).await?;
        }
        let listing = Listing { calendar, cursor, place };
        match self.list(&listing).await {
            // A property in the query may be gone; what is left is asked for once more.
            Err(error) if is_refusal(&error, 400) && self.look_at_schema(calendar).await? => {
                self.list(&listing).await
            }
            Err(error) if is_refusal(&error, 404) => Err(no_access(LISTING)),
            other => other,
        }
    }

    async fn list(&self, listing: &Listing<'_>) -> Result<PullPage, ProviderError> {
        let mapping = self.mapping(listing.calendar);
        let when = mapping.property(Slot::When);
        let when = when.ok_or_else(|| self.no_date(listing.calendar))?;
        let answer = self.api.send(&listing.call(&mapping, when.kind, &when.id)).await?;
        let document: Value = answer.json(LISTING)?;
        let rows = document["results"].as_array().map(Vec::as_slice);
        let rows = rows.ok_or_else(|| unreadable(LISTING, "the listing has no results"))?;
        let mut changes = Vec::new();
        for row in rows {
            changes.extend(self.change(listing.calendar, row).await?);
        }
        let began = listing.place.as_ref().map_or_else(|| self.begin(&answer), |place| place.began);
        let next = listing.next(&document, rows, began, self.api.now())?;
        if listing.place.is_none() && listing.cursor.is_some() {
            changes.extend(self.look_at_suspects(listing.calendar).await?);
        }
        Ok(PullPage { changes, next })
    }

    /// When this pull began, by Notion's clock if it tells.
    fn begin(&self, answer: &Answer) -> DateTime<Utc> {
        let now = answer.date.unwrap_or_else(|| self.api.now());
        now.with_second(0).map_or(now, |minute| minute.trunc_subsecs(0))
    }

    /// The failure without the one property that makes a page an event.
    fn no_date(&self, calendar: Linked<'_>) -> ProviderError {
        let fault = self.memory().faults.get(calendar.id).and_then(|faults| faults.get(&Slot::When)).cloned();
        let reason = fault.unwrap_or_else(|| "no property is chosen that holds the date".to_owned());
        refused(LISTING, 400, reason)
    }

    /// What a row of a listing means. A page that shows nothing of itself is passed over; one that has no date has left the
    /// calendar, if it was ever in it.
    async fn change(&self, calendar: Linked<'_>, row: &Value) -> Result<Option<RemoteChange>, ProviderError> {
        if row["object"].as_str().is_some_and(|object| object != "page") {
            return Ok(None);
        }
        let page = match Page::read(row) {
            Ok(page) => page,
            Err(reason) => {
                let id = row["id"].as_str().map(|id| ExternalId::new(wire::id(id)));
                return Ok(Some(RemoteChange::Unreadable { id, reason }));
            }
        };
        let change = self.change_of(calendar, page).await?;
        if let Some(RemoteChange::Present(event)) = &change
            && self.was_written_otherwise(event)
        {
            // The listing may be older than our write; the page itself is not.
            return self.change_by_id(calendar, &event.id).await;
        }
        Ok(change)
    }

    async fn change_of(
        &self,
        calendar: Linked<'_>,
        page: Page,
    ) -> Result<Option<RemoteChange>, ProviderError> {
        let id = ExternalId::new(page.id.clone());
        if page.in_trash {
            return Ok(Some(self.removed(calendar, &page, id)));
        }
        match self.reading(calendar, page).await {
            Ok(Some(reading)) if is_follower(&reading) => Ok(None),
            Ok(Some(reading)) => Ok(Some(RemoteChange::Present(Box::new(reading.event)))),
            Ok(None) => Ok(Some(RemoteChange::Removed { id })),
            Err(Unread::Reason(reason)) => Ok(Some(RemoteChange::Unreadable { id: Some(id), reason })),
            Err(Unread::Failed(error)) => Err(error),
        }
    }

    /// A page in the trash: an event that is gone, or an occurrence that is called off.
    fn removed(&self, calendar: Linked<'_>, page: &Page, id: ExternalId) -> RemoteChange {
        let read = map::read(page, &self.mapping(calendar), None).ok().flatten();
        match read.map(cancelled) {
            Some(Some(event)) => RemoteChange::Present(Box::new(event)),
            Some(None) | None => RemoteChange::Removed { id },
        }
    }

    /// Reads a page with all that belongs to it; none when it has no date.
    pub(super) async fn reading(
        &self,
        calendar: Linked<'_>,
        mut page: Page,
    ) -> Result<Option<Reading>, Unread> {
        self.note_faults(calendar, &page)?;
        let mapping = self.mapping(calendar);
        self.complete(&mut page, &mapping).await?;
        let reading = map::read(&page, &mapping, None).map_err(Unread::Reason)?;
        if reading.is_none() || !mapping.has_body() {
            return Ok(reading);
        }
        // The text is asked for only once it is known that the page is an event.
        let body = self.body(&page).await?;
        map::read(&page, &mapping, Some(&body)).map_err(Unread::Reason)
    }

    /// Notes which properties a page does not have as agreed. Without the date nothing can be concluded from it at all.
    fn note_faults(&self, calendar: Linked<'_>, page: &Page) -> Result<(), ProviderError> {
        let faults = map::faults(page, &self.mapping(calendar));
        if faults.is_empty() {
            return Ok(());
        }
        let is_fatal = faults.contains_key(&Slot::When);
        self.memory().faults.entry(calendar.id.clone()).or_default().extend(faults);
        if is_fatal { Err(self.no_date(calendar)) } else { Ok(()) }
    }

    /// Fetches what Notion shows only the beginning of: texts with many mentions, and long lists of people.
    async fn complete(&self, page: &mut Page, mapping: &Mapping) -> Result<(), ProviderError> {
        for slot in Slot::ALL {
            let Some(property) = mapping.property(slot) else { continue };
            let kind = match property.kind {
                PropertyKind::Title => "title",
                PropertyKind::RichText => "rich_text",
                PropertyKind::People => "people",
                _ => continue,
            };
            let shown = page.property(&property.id).map(|value| value[kind].clone()).unwrap_or_default();
            let is_reference = |item: &&Value| kind == "people" || item["type"] == "mention";
            let shown = shown.as_array().map(Vec::as_slice).unwrap_or_default();
            if shown.iter().filter(is_reference).count() < REFERENCES {
                continue;
            }
            let whole = self.whole_property(&page.id, &property.id, kind).await?;
            page.complete(&property.id, kind, Value::Array(whole));
        }
        Ok(())
    }

    async fn whole_property(&self, page: &str, id: &str, kind: &str) -> Result<Vec<Value>, ProviderError> {
        let mut whole = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("pages/{page}/properties/{id}?page_size={PAGE_SIZE}{after}");
            let answer = self.api.ask(&Call::new(Method::GET, path, READING)).await?;
            let items = answer["results"].as_array().map(Vec::as_slice).unwrap_or_default();
            whole.extend(items.iter().map(|item| item[kind].clone()));
            match answer["next_cursor"].as_str() {
                Some(cursor) if answer["has_more"] == true && !items.is_empty() => {
                    after = format!("&start_cursor={cursor}");
                }
                _ => return Ok(whole),
            }
        }
    }

    /// The text of a page. It is remembered once the minute in which the page was last changed is over.
    pub(super) async fn body(&self, page: &Page) -> Result<String, ProviderError> {
        if let Some(known) =
            self.memory().bodies.get(&page.id).filter(|known| known.edited_at == page.edited_at)
        {
            return Ok(known.text.clone());
        }
        let call =
            Call::new(Method::GET, format!("pages/{}/markdown", page.id), "reading the text of a page");
        let document = self.api.ask(&call).await?;
        let text = document["markdown"].as_str().unwrap_or_default().to_owned();
        if page.edited_before().is_some_and(|last| last < self.api.now()) {
            let body = Body { edited_at: page.edited_at, text: text.clone() };
            self.memory().bodies.insert(page.id.clone(), body);
        }
        Ok(text)
    }

    /// Reads a page by its id; none when Notion does not show it.
    pub(super) async fn page(&self, calendar: Linked<'_>, id: &str) -> Result<Option<Page>, ProviderError> {
        let mapping = self.mapping(calendar);
        let call = Call::new(Method::GET, format!("pages/{id}{}", only(&ids(&mapping))), READING);
        let mut answer = self.api.send(&call).await?;
        if answer.status == StatusCode::BAD_REQUEST && self.look_at_schema(calendar).await? {
            let mapping = self.mapping(calendar);
            answer = self
                .api
                .send(&Call::new(Method::GET, format!("pages/{id}{}", only(&ids(&mapping))), READING))
                .await?;
        }
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let document: Value = answer.json(READING)?;
        Page::read(&document).map(Some).map_err(|reason| unreadable(READING, &reason))
    }

    /// One event as it is now; none when it has left the calendar. A page that is not shown although its data source is
    /// may have been deleted for good or hidden from us, which nobody can tell; so it has not left the calendar.
    pub(super) async fn read_event(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        let Some(page) = self.page(calendar, id.as_str()).await? else {
            return Err(self.not_shown(calendar).await);
        };
        if is_elsewhere(&page, calendar) {
            return Ok(None);
        }
        if page.in_trash {
            return Ok(match self.removed(calendar, &page, id.clone()) {
                RemoteChange::Present(event) => Some(*event),
                RemoteChange::Removed { .. }
                | RemoteChange::Complete { .. }
                | RemoteChange::Unreadable { .. } => None,
            });
        }
        match self.reading(calendar, page).await {
            Ok(reading) => Ok(reading.map(|reading| reading.event)),
            Err(Unread::Reason(reason)) => Err(refused(READING, 400, reason)),
            Err(Unread::Failed(error)) => Err(error),
        }
    }

    /// Why a page is not shown.
    pub(super) async fn not_shown(&self, calendar: Linked<'_>) -> ProviderError {
        match self.schema(calendar.id).await {
            Ok(_) => refused(READING, 404, NOT_SHOWN),
            Err(error) => error,
        }
    }

    /// What became of pages that a complete listing has not named.
    pub(super) async fn confirm(
        &self,
        calendar: Linked<'_>,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        let mut changes = Vec::with_capacity(ids.len());
        for (index, id) in ids.into_iter().enumerate() {
            if index < CONFIRMED {
                changes.extend(self.change_by_id(calendar, &id).await?);
            } else {
                // So many are removed only after somebody has looked.
                changes.push(RemoteChange::Removed { id });
            }
        }
        Ok(changes)
    }

    async fn look_at_suspects(&self, calendar: Linked<'_>) -> Result<Vec<RemoteChange>, ProviderError> {
        let suspects = self.memory().suspects.remove(calendar.id).unwrap_or_default();
        let mut changes = Vec::new();
        let mut left = suspects.clone();
        for id in suspects {
            match self.change_by_id(calendar, &id).await {
                Ok(change) => {
                    left.remove(&id);
                    changes.extend(change);
                }
                Err(error) => {
                    self.memory().suspects.entry(calendar.id.clone()).or_default().append(&mut left);
                    return Err(error);
                }
            }
        }
        Ok(changes)
    }

    /// What a page is now, asked for by its id.
    async fn change_by_id(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
    ) -> Result<Option<RemoteChange>, ProviderError> {
        let Some(page) = self.page(calendar, id.as_str()).await? else {
            return Ok(Some(RemoteChange::Unreadable { id: Some(id.clone()), reason: NOT_SHOWN.to_owned() }));
        };
        if is_elsewhere(&page, calendar) {
            return Ok(Some(RemoteChange::Removed { id: id.clone() }));
        }
        self.change_of(calendar, page).await
    }

    /// Whether we have written this page a moment ago and it now looks otherwise.
    fn was_written_otherwise(&self, event: &RemoteEvent) -> bool {
        let now = self.api.now();
        let mut memory = self.memory();
        memory.written.retain(|_, written| (now - written.at).abs() < LAG);
        memory.written.get(event.id.as_str()).is_some_and(|written| written.version != event.version)
    }

    /// Remembers a write of ours, against listings that lag behind it.
    pub(super) fn remember_write(&self, event: &RemoteEvent) {
        let written = Written { at: self.api.now(), version: event.version.clone() };
        let mut memory = self.memory();
        memory.written.insert(event.id.as_str().to_owned(), written);
        memory.bodies.remove(event.id.as_str());
    }
}

const NOT_SHOWN: &str = "Notion does not show the page any more: it was deleted for good, or is no longer shared with the connection";

/// Why a page was not read.
pub(super) enum Unread {
    /// There is something wrong with the page itself.
    Reason(String),
    /// There was no asking.
    Failed(ProviderError),
}

impl From<ProviderError> for Unread {
    fn from(error: ProviderError) -> Self {
        Self::Failed(error)
    }
}

/// The properties that are asked for.
pub(super) fn ids(mapping: &Mapping) -> Vec<&str> {
    Slot::ALL
        .into_iter()
        .filter_map(|slot| mapping.property(slot))
        .map(|property| property.id.as_str())
        .collect()
}

/// Whether a page has moved to another data source.
pub(super) fn is_elsewhere(page: &Page, calendar: Linked<'_>) -> bool {
    page.data_source.as_deref().is_some_and(|source| source != wire::id(calendar.id.as_str()))
}

/// Whether a page follows its series ([`super::follow`]): then it is the series that speaks, not the page.
const fn is_follower(reading: &Reading) -> bool {
    reading.mark.plain.is_some()
}

/// An occurrence whose page is in the trash; none when the page is no occurrence's.
fn cancelled(reading: Reading) -> Option<RemoteEvent> {
    let mut event = reading.event;
    event.occurrence_of.as_ref()?;
    event.content.status = EventStatus::Cancelled;
    event.version = synodic_model::RemoteVersion::new("trash");
    Some(event)
}

fn is_refusal(error: &ProviderError, wanted: u16) -> bool {
    matches!(error, ProviderError::Refused { status, .. } if *status == wanted)
}
