//! Reading events: what `changes` has found is told page by page.
//!
//! What was not read already is fetched in batches, a page each. What a batch holds is contained to itself: when an
//! answer cannot be read, or is larger than can be taken, the batch is cut in half until the one resource is found that it
//! is about.

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use synodic_model::{ExternalId, RemoteCalendarId};
use url::Url;

use super::changes::{Cursor, Found};
use super::client::Call;
use super::names::{self, Name};
use super::xml::{self, Space};
use super::{Caldav, resource};
use crate::error::ProviderError;
use crate::{NextPull, PullPage, PullPosition, RemoteChange};

/// Resources of one request; long ones time out on small servers.
const BATCH: usize = 200;
/// Resources of one page where no request is needed for it.
const PAGE: usize = 1000;
/// The largest resource that is taken: a thousand times a usual one.
const RESOURCE_LIMIT: usize = 8 << 20;

const READING: &str = "reading events";

/// A pull under way: what is still to be told.
#[derive(Debug)]
pub(super) struct Listing {
    number: u64,
    /// Resources that were read already, with their texts.
    read: Vec<(String, String)>,
    /// Resources that are to be fetched after those.
    names: Vec<String>,
    stored: Stored,
}

/// What is kept between two pulls.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    cursor: Cursor,
    /// Occurrences whose series is not there, by resource. Each is an event of its own, and a server speaks only of the
    /// resource.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    detached: Detached,
}

type Detached = BTreeMap<String, BTreeSet<ExternalId>>;

impl Caldav {
    pub(super) async fn pull_page(
        &self,
        calendar: &RemoteCalendarId,
        position: &PullPosition,
    ) -> Result<PullPage, ProviderError> {
        let url = self.calendar_url(calendar)?;
        if let Some(page) = &position.page {
            return self.next_page(calendar, &url, page).await;
        }
        let (found, mut detached) = match &position.cursor {
            None => (self.list_all(&url).await?, Detached::new()),
            Some(text) => {
                let cursor = Cursor::parse(text, self.dav.now())?;
                let stored: Result<Stored, _> = serde_json::from_str(text);
                let detached = stored.map(|stored| stored.detached).unwrap_or_default();
                (self.list_changes(&url, cursor).await?, detached)
            }
        };
        let Found { read, names, removed, cursor } = found;
        let gone = |name: &String| RemoteChange::Removed { id: names::whole(name) };
        let mut removed: Vec<RemoteChange> = removed.iter().map(gone).collect();
        tell_detached(&mut removed, &mut detached);
        let stored = Stored { cursor, detached };
        let listing = Listing { number: self.next_number(), read, names, stored };
        let mut page = self.page_of(calendar, &url, listing, 0).await?;
        page.changes.splice(0..0, removed);
        Ok(page)
    }

    /// Goes on with a pull. What is still to be fetched is remembered as long as the program runs, and so is the place in
    /// it: neither outlives the other.
    async fn next_page(
        &self,
        calendar: &RemoteCalendarId,
        url: &Url,
        page: &str,
    ) -> Result<PullPage, ProviderError> {
        let place =
            page.split_once(':').and_then(|(number, from)| Some((number.parse().ok()?, from.parse().ok()?)));
        let (number, from): (u64, usize) = place.ok_or(ProviderError::CursorLost)?;
        let listing = self.memory().listings.remove(calendar);
        let listing = listing.filter(|listing| listing.number == number).ok_or(ProviderError::CursorLost)?;
        self.page_of(calendar, url, listing, from).await
    }

    async fn page_of(
        &self,
        calendar: &RemoteCalendarId,
        url: &Url,
        mut listing: Listing,
        from: usize,
    ) -> Result<PullPage, ProviderError> {
        let (read, names) = (listing.read.len(), listing.names.len());
        let to = if from < read { read.min(from + PAGE) } else { (read + names).min(from + BATCH) };
        let mut fetched = match listing.read.get(from..to) {
            Some(texts) if !texts.is_empty() => {
                Ok(texts.iter().flat_map(|(name, text)| self.read_resource(name, text)).collect())
            }
            _ => self.fetch(url, listing.names.get(from - read..to - read).unwrap_or_default()).await,
        };
        if let Ok(changes) = &mut fetched {
            tell_detached(changes, &mut listing.stored.detached);
        }
        let next = if to < read + names {
            NextPull::Page(format!("{}:{to}", listing.number))
        } else {
            NextPull::Done { cursor: serde_json::to_string(&listing.stored).unwrap_or_default() }
        };
        if fetched.is_err() || matches!(next, NextPull::Page(_)) {
            // Kept also when it failed, so that the page can be asked for again.
            self.memory().listings.insert(calendar.clone(), listing);
        }
        Ok(PullPage { changes: fetched?, next })
    }

    /// What became of what a list of everything has not named: gone is what the server does not know by name either.
    pub(super) async fn confirm(
        &self,
        calendar: &RemoteCalendarId,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        let url = self.calendar_url(calendar)?;
        let mut kept: BTreeMap<String, Vec<ExternalId>> = BTreeMap::new();
        let mut changes = Vec::new();
        for id in ids {
            kept.entry(Name::of(&id).resource).or_default().push(id);
        }
        let names: Vec<String> = kept.keys().cloned().collect();
        for batch in names.chunks(BATCH) {
            let fetched = self.fetch(&url, batch).await?;
            let unreadable: BTreeSet<&ExternalId> = fetched
                .iter()
                .filter_map(|change| match change {
                    RemoteChange::Unreadable { id, .. } => id.as_ref(),
                    _ => None,
                })
                .collect();
            let named: BTreeSet<&ExternalId> = fetched
                .iter()
                .filter_map(|change| match change {
                    RemoteChange::Present(event) => Some(&event.id),
                    _ => None,
                })
                .collect();
            let gone = batch.iter().filter(|name| !unreadable.contains(&names::whole(name)));
            let gone = gone.filter_map(|name| kept.get(name)).flatten().filter(|id| !named.contains(id));
            let gone: Vec<_> = gone.map(|id| RemoteChange::Removed { id: id.clone() }).collect();
            // Of what is gone each id is told, not just the resource's.
            changes.extend(fetched.into_iter().filter(|it| !matches!(it, RemoteChange::Removed { .. })));
            changes.extend(gone);
        }
        Ok(changes)
    }

    /// Reads resources by name. Of each there is at least one change to tell.
    async fn fetch(&self, url: &Url, batch: &[String]) -> Result<Vec<RemoteChange>, ProviderError> {
        let mut changes = Vec::new();
        let mut waiting = vec![batch];
        while let Some(names) = waiting.pop() {
            if names.is_empty() {
                continue;
            }
            match self.multiget(url, names).await {
                Ok(read) => changes.extend(read),
                Err(ProviderError::Unreadable { reason, .. }) => match names {
                    [name] => {
                        changes.push(RemoteChange::Unreadable { id: Some(names::whole(name)), reason });
                    }
                    _ => {
                        let (first, second) = names.split_at(names.len() / 2);
                        waiting.extend([second, first]);
                    }
                },
                Err(error) => return Err(error),
            }
        }
        Ok(changes)
    }

    async fn multiget(&self, url: &Url, names: &[String]) -> Result<Vec<RemoteChange>, ProviderError> {
        let hrefs: Vec<Url> = names.iter().map(|name| self.url_of(url, name)).collect();
        let body = xml::multiget(hrefs.iter().map(Url::path));
        let (answer, _) = self.dav.multistatus(Call::ask("REPORT", url.clone(), "1", body, READING)).await?;
        let mut missing: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let mut changes = Vec::new();
        for row in &answer.rows {
            let Some(name) = self.name_of(url, row).filter(|name| missing.remove(&**name)) else { continue };
            let data = row.property(Space::Caldav, "calendar-data");
            match data.map(|data| &*data.text).filter(|text| !text.trim().is_empty()) {
                Some(text) => changes.extend(self.read_resource(&name, text)),
                None if matches!(row.status, Some(404 | 410)) && !names::has_spellings(&name) => {
                    changes.push(RemoteChange::Removed { id: names::whole(&name) });
                }
                None => changes.extend(self.fetch_one(url, &name).await?),
            }
        }
        for name in missing {
            changes.extend(self.fetch_one(url, name).await?);
        }
        Ok(changes)
    }

    /// What became of a resource that a multiget had nothing to say of.
    async fn fetch_one(&self, url: &Url, name: &str) -> Result<Vec<RemoteChange>, ProviderError> {
        let answer = self.ask_for(url, name, |at| Call::new(Method::GET, at, READING)).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Ok(vec![RemoteChange::Removed { id: names::whole(name) }])
            }
            status if status.is_success() => {
                Ok(self.read_resource(name, &String::from_utf8_lossy(&answer.body)))
            }
            _ => Err(answer.failure()),
        }
    }

    /// What the text of a resource says.
    fn read_resource(&self, name: &str, text: &str) -> Vec<RemoteChange> {
        let unreadable =
            |reason: String| vec![RemoteChange::Unreadable { id: Some(names::whole(name)), reason }];
        if text.len() > RESOURCE_LIMIT {
            return unreadable(format!("the event is larger than {} MB", RESOURCE_LIMIT >> 20));
        }
        match resource::changes(&self.place(), name, text) {
            Ok(changes) => changes,
            Err(reason) => unreadable(reason),
        }
    }
}

/// Adds which of the occurrences without a series are gone that `known` says were in the resources of `changes`, and notes
/// which there are now.
fn tell_detached(changes: &mut Vec<RemoteChange>, known: &mut Detached) {
    let mut now = Detached::new();
    let mut unreadable = BTreeSet::new();
    for change in &*changes {
        match change {
            RemoteChange::Present(event) => {
                let name = Name::of(&event.id);
                let there = now.entry(name.resource).or_default();
                if name.occurrence.is_some() && event.occurrence_of.is_none() {
                    there.insert(event.id.clone());
                }
            }
            RemoteChange::Removed { id } => drop(now.entry(Name::of(id).resource).or_default()),
            RemoteChange::Unreadable { id, .. } => {
                unreadable.extend(id.as_ref().map(|id| Name::of(id).resource));
            }
            RemoteChange::Complete { .. } => {}
        }
    }
    for (name, there) in now.into_iter().filter(|(name, _)| !unreadable.contains(name)) {
        let before = known.remove(&name).unwrap_or_default();
        let gone = before.into_iter().filter(|id| !there.contains(id));
        changes.extend(gone.map(|id| RemoteChange::Removed { id }));
        if !there.is_empty() {
            known.insert(name, there);
        }
    }
}
