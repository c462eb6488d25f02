//! Finding what we have made ourselves, by our mark.
//!
//! A creation whose answer was lost may have been carried out. The page is looked for by its mark, at once and then with
//! growing waits, for a query lags behind writes; only when it has not come to light for [`GIVEN_UP_AFTER`] and
//! [`LOOKS`] looks the creation is repeated.

use std::time::Duration;

use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use super::client::{Call, only};
use super::error::SERVICE;
use super::map;
use super::mapping::{Mapping, Slot};
use super::marker::{self, Mark};
use super::pull::{Unread, ids};
use super::wire::Page;
use super::{Doubt, Notion};
use crate::error::ProviderError;
use crate::{Identity, Linked, RemoteOccurrence};

const LOOKING: &str = "looking for a page that was created";

/// How long, and how often, a page is looked for before it is created a second time (guide “Writing safely”).
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::seconds(100);
const LOOKS: u32 = 3;
/// The wait after the first look; each further one is longer by as much.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// A page that carries our mark.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) page: Page,
    pub(super) mark: Mark,
}

impl Notion {
    /// The pages that were made for the event and link of `identity`, whatever the incarnation; the oldest first.
    pub(super) async fn look_for(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        identity: &Identity,
    ) -> Result<Vec<Found>, ProviderError> {
        let beginning = marker::beginning(identity);
        let mut found = self.look(calendar, mapping, json!({ "starts_with": beginning })).await?;
        found.retain(|found| {
            let carried = found.mark.identity;
            carried
                .is_some_and(|carried| carried.event_id == identity.event_id && carried.link == identity.link)
        });
        Ok(found)
    }

    /// The page of an occurrence, if it has one.
    pub(super) async fn look_for_occurrence(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        occurrence: &RemoteOccurrence,
    ) -> Result<Option<Found>, ProviderError> {
        let found = self.look_for_series(calendar, mapping, occurrence).await?;
        let key = occurrence.original_start.key();
        Ok(found.into_iter().find(|found| {
            found.mark.occurrence.as_ref().is_some_and(|other| other.original_start.key() == key)
        }))
    }

    async fn look_for_series(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        occurrence: &RemoteOccurrence,
    ) -> Result<Vec<Found>, ProviderError> {
        let series = marker::of_series(&occurrence.series);
        let mut found = self.look(calendar, mapping, json!({ "contains": series.trim() })).await?;
        found.retain(|found| {
            found.mark.occurrence.as_ref().is_some_and(|other| other.series == occurrence.series)
        });
        Ok(found)
    }

    pub(super) async fn look(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        condition: Value,
    ) -> Result<Vec<Found>, ProviderError> {
        let Some(property) = mapping.property(Slot::Marker) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let mut body = json!({
                "filter": { "property": property.id, "rich_text": condition },
                "sorts": [{ "timestamp": "created_time", "direction": "ascending" }],
                "page_size": 100,
            });
            if cursor.is_string() {
                body["start_cursor"] = cursor;
            }
            let path = format!("data_sources/{}/query{}", calendar.id, only(&ids(mapping)));
            let answer = self.api.ask(&Call::new(Method::POST, path, LOOKING).json(body)).await?;
            let rows = answer["results"].as_array().map(Vec::as_slice).unwrap_or_default();
            for page in rows.iter().filter_map(|row| Page::read(row).ok()).filter(|page| !page.in_trash) {
                let text = page.property(&property.id).map(|value| super::text::plain(&value["rich_text"]));
                if let Some(mark) = text.and_then(|text| Mark::read(&text)) {
                    found.push(Found { page, mark });
                }
            }
            cursor = answer["next_cursor"].clone();
            if answer["has_more"] != true || !cursor.is_string() {
                return Ok(found);
            }
        }
    }

    /// Notes that a creation may or may not have been carried out.
    pub(super) fn doubt(&self, identity: Identity) {
        let now = self.api.now();
        self.memory().doubts.entry(identity).or_insert(Doubt { since: now, looks: 0 });
    }

    /// Forgets a doubt, because the page is there.
    pub(super) fn is_settled(&self, identity: &Identity) {
        self.memory().doubts.remove(identity);
    }

    /// Whether a creation that has not come to light may be repeated now.
    ///
    /// # Errors
    /// [`ProviderError::Unsettled`] with the wait until the next look.
    pub(super) fn may_repeat(&self, identity: &Identity) -> Result<(), ProviderError> {
        let now = self.api.now();
        let mut memory = self.memory();
        let doubt = memory.doubts.entry(*identity).or_insert(Doubt { since: now, looks: 0 });
        doubt.looks += 1;
        if doubt.looks >= LOOKS && now - doubt.since >= GIVEN_UP_AFTER {
            return Ok(());
        }
        Err(ProviderError::Unsettled {
            service: SERVICE.to_owned(),
            action: LOOKING,
            retry_after: FIRST_WAIT.saturating_mul(doubt.looks),
        })
    }

    /// Trashes the younger of two pages that one creation has made, after it had to be repeated.
    pub(super) async fn trash_twins(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        identity: &Identity,
        kept: &str,
    ) -> Result<Option<Found>, ProviderError> {
        let twins = self.look_for(calendar, mapping, identity).await?;
        let mut twins = twins.into_iter().filter(|twin| twin.mark.identity == Some(*identity));
        let Some(oldest) = twins.next() else { return Ok(None) };
        let mut younger: Vec<String> = twins.map(|twin| twin.page.id).collect();
        if oldest.page.id != kept && !younger.iter().any(|id| id == kept) {
            younger.push(kept.to_owned());
        }
        for id in younger {
            let call = Call::new(Method::PATCH, format!("pages/{id}"), "deleting a page");
            self.api.ask(&call.json(json!({ "in_trash": true }))).await?;
        }
        Ok(Some(oldest))
    }

    /// A found page as an event; none when it has no date.
    pub(super) async fn read_found(
        &self,
        calendar: Linked<'_>,
        found: Found,
    ) -> Result<Option<map::Reading>, ProviderError> {
        match self.reading(calendar, found.page).await {
            Ok(reading) => Ok(reading),
            Err(Unread::Reason(_)) => Ok(None),
            Err(Unread::Failed(error)) => Err(error),
        }
    }
}
