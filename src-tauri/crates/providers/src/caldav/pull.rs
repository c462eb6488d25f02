//! Reading what changed.
//!
//! The first pull, and any after the server has forgotten where we left off, lists the names of all resources and then
//! fetches them in batches, a page each. Later ones ask for what changed since a token (RFC 6578), or, where a server
//! has no tokens, compare the calendar's tag and then the tags of its resources with those of the last time.
//!
//! Tokens are not believed blindly. The list by names is what counts at first: a server whose token leads to fewer
//! resources than the list has loses some, and is asked by tags from then on. And once a day everything is listed anew,
//! the only defence against a server that forgets to speak of a change.
//!
//! What a batch holds is contained to itself: when an answer cannot be read, or is larger than can be taken, the batch is
//! cut in half until the one resource is found that it is about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use synodic_model::RemoteCalendarId;
use url::Url;

use super::account::properties;
use super::client::Call;
use super::names::{self, resource_at, url_of};
use super::xml::{self, Element, Multistatus, Row, Space};
use super::{Caldav, resource};
use crate::error::ProviderError;
use crate::{NextPull, PullPage, PullPosition, RemoteChange};

/// Resources of one request; long ones time out on small servers.
const BATCH: usize = 200;
/// How long changes alone are believed.
const LISTING_EVERY: TimeDelta = TimeDelta::hours(24);
/// Answers in a row that were cut off before that is a circle.
const TRUNCATION_LIMIT: usize = 1000;
/// The largest resource that is taken: a thousand times a usual one.
const RESOURCE_LIMIT: usize = 8 << 20;

const LISTING: &str = "listing events";
const READING: &str = "reading events";

/// Where a pull has left off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// When everything was last listed.
    listed_at: DateTime<Utc>,
    /// How what changed since is found.
    mark: Mark,
}

/// How changes are found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mark {
    /// By the server's token.
    Token(String),
    /// By comparing tags: the calendar's, if it has one, and those of its resources by name.
    Tags {
        /// `getctag`
        calendar: Option<String>,
        /// `getetag`
        resources: BTreeMap<String, String>,
    },
}

/// A pull under way: what is still to be fetched.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    number: u64,
    names: Vec<String>,
    cursor: Cursor,
}

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
        let (names, removed, cursor) = match &position.cursor {
            None => self.list_all(&url).await?,
            Some(text) => {
                // One of another version of this program is as good as none.
                let cursor: Cursor = serde_json::from_str(text).map_err(|_| ProviderError::CursorLost)?;
                let age = self.dav.now() - cursor.listed_at;
                if age > LISTING_EVERY || age < -LISTING_EVERY {
                    return Err(ProviderError::ListingDue);
                }
                self.list_changes(&url, cursor).await?
            }
        };
        let listing = Listing { number: self.next_number(), names, cursor };
        let mut page = self.page_of(calendar, &url, listing, 0).await?;
        let removed = removed.into_iter().map(|name| RemoteChange::Removed { id: names::whole(&name) });
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
        listing: Listing,
        from: usize,
    ) -> Result<PullPage, ProviderError> {
        let to = listing.names.len().min(from + BATCH);
        let batch = listing.names.get(from..to).unwrap_or_default();
        let fetched = self.fetch(url, batch).await;
        let next = if to < listing.names.len() {
            NextPull::Page(format!("{}:{to}", listing.number))
        } else {
            NextPull::Done { cursor: serde_json::to_string(&listing.cursor).unwrap_or_default() }
        };
        if fetched.is_err() || matches!(next, NextPull::Page(_)) {
            // Kept also when it failed, so that the page can be asked for again.
            self.memory().listings.insert(calendar.clone(), listing);
        }
        Ok(PullPage { changes: fetched?, next })
    }

    /// The names of all resources, and a mark from which changes can be followed. The token is taken first, so that what
    /// changes in between is spoken of again.
    async fn list_all(&self, url: &Url) -> Result<(Vec<String>, Vec<String>, Cursor), ProviderError> {
        let wanted = ["D:sync-token", "CS:getctag", "D:supported-report-set"];
        let (row, _) = properties(&self.dav, url.clone(), &wanted).await?;
        let followed = if offers_tokens(&row) {
            match self.report_changes(url, None).await {
                Ok(changes) => Some(changes),
                Err(ProviderError::CursorLost | ProviderError::Refused { .. }) => None,
                Err(error) => return Err(error),
            }
        } else {
            None
        };
        let resources = self.list_tags(url).await?;
        let mark = match followed {
            Some(Changes { present, token: Some(token), .. })
                if resources.keys().all(|name| present.contains(name)) =>
            {
                Mark::Token(token)
            }
            _ => Mark::Tags { calendar: ctag(&row), resources: resources.clone() },
        };
        let names = resources.into_keys().collect();
        Ok((names, Vec::new(), Cursor { listed_at: self.dav.now(), mark }))
    }

    /// The names of what changed, of what is gone, and where that leaves us.
    async fn list_changes(
        &self,
        url: &Url,
        cursor: Cursor,
    ) -> Result<(Vec<String>, Vec<String>, Cursor), ProviderError> {
        let Cursor { listed_at, mark } = cursor;
        match mark {
            Mark::Token(token) => {
                let changes = self.report_changes(url, Some(&token)).await?;
                let mark = Mark::Token(changes.token.unwrap_or(token));
                let removed = changes.gone.into_iter().collect();
                Ok((changes.present.into_iter().collect(), removed, Cursor { listed_at, mark }))
            }
            Mark::Tags { calendar, resources } => {
                let (row, _) = properties(&self.dav, url.clone(), &["CS:getctag"]).await?;
                let now = ctag(&row);
                if now.is_some() && now == calendar {
                    let mark = Mark::Tags { calendar, resources };
                    return Ok((Vec::new(), Vec::new(), Cursor { listed_at, mark }));
                }
                let there = self.list_tags(url).await?;
                let is_new = |(name, tag): &(&String, &String)| resources.get(*name) != Some(tag);
                let changed = there.iter().filter(is_new).map(|(name, _)| name.clone()).collect();
                let removed = resources.into_keys().filter(|name| !there.contains_key(name)).collect();
                let mark = Mark::Tags { calendar: now, resources: there };
                Ok((changed, removed, Cursor { listed_at, mark }))
            }
        }
    }

    /// Asks what changed since a token, on and on while the server cuts its answer off.
    async fn report_changes(&self, url: &Url, token: Option<&str>) -> Result<Changes, ProviderError> {
        let mut changes = Changes::default();
        let mut token = token.map(str::to_owned);
        for _ in 0..TRUNCATION_LIMIT {
            let body = xml::sync_collection(token.as_deref());
            let answer = self.dav.send(Call::ask("REPORT", url.clone(), "0", body, LISTING)).await?;
            if answer.status != StatusCode::MULTI_STATUS {
                let is_known = token.is_none();
                // Servers say this under many numbers; whatever else they may mean by one, listing anew is the answer.
                let is_void = answer.violates("valid-sync-token")
                    || matches!(answer.status.as_u16(), 400 | 403 | 405 | 409 | 412 | 415 | 501) && !is_known;
                return Err(if is_void { ProviderError::CursorLost } else { answer.failure() });
            }
            let read = xml::multistatus(&answer.body).map_err(|reason| answer.unreadable(&reason))?;
            let is_cut_off = changes.take(url, &read);
            let is_same = read.sync_token.is_none() || read.sync_token == token;
            token.clone_from(&read.sync_token);
            changes.token = read.sync_token;
            if !is_cut_off || is_same {
                return Ok(changes);
            }
        }
        Err(ProviderError::CursorLost)
    }

    /// The tags of all resources by name.
    async fn list_tags(&self, url: &Url) -> Result<BTreeMap<String, String>, ProviderError> {
        let body = xml::propfind(&["D:getetag", "D:resourcetype"]);
        let (answer, _) =
            self.dav.multistatus(Call::ask("PROPFIND", url.clone(), "1", body, LISTING)).await?;
        let mut tags = BTreeMap::new();
        for row in &answer.rows {
            if row.status == Some(507) {
                return Err(ProviderError::Unreadable {
                    service: url.host_str().unwrap_or_default().to_owned(),
                    action: LISTING,
                    reason: "the server cut its list off".to_owned(),
                });
            }
            let kinds = row.property(Space::Dav, "resourcetype");
            let is_collection = kinds.is_some_and(|kinds| kinds.child(Space::Dav, "collection").is_some());
            if is_collection || row.status.is_some_and(|status| status >= 400) {
                continue;
            }
            if let Some(name) = name_of(url, row) {
                tags.insert(name, row.etag().unwrap_or_default().to_owned());
            }
        }
        Ok(tags)
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
        let hrefs: Vec<Url> = names.iter().map(|name| url_of(url, name)).collect();
        let body = xml::multiget(hrefs.iter().map(Url::path));
        let (answer, _) = self.dav.multistatus(Call::ask("REPORT", url.clone(), "1", body, READING)).await?;
        let mut missing: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let mut changes = Vec::new();
        for row in &answer.rows {
            let Some(name) = name_of(url, row).filter(|name| missing.remove(&**name)) else { continue };
            let data = row.property(Space::Caldav, "calendar-data");
            match data.map(|data| &*data.text).filter(|text| !text.trim().is_empty()) {
                Some(text) => changes.extend(self.read_resource(&name, text)),
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
        let answer = self.dav.send(Call::new(Method::GET, url_of(url, name), READING)).await?;
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

/// What a report of changes names.
#[derive(Debug, Default)]
struct Changes {
    present: BTreeSet<String>,
    gone: BTreeSet<String>,
    token: Option<String>,
}

impl Changes {
    /// Takes an answer in; of a resource that is named twice the last counts. Returns whether the answer was cut off.
    fn take(&mut self, url: &Url, answer: &Multistatus) -> bool {
        let mut is_cut_off = false;
        for row in &answer.rows {
            is_cut_off |= row.status == Some(507);
            let Some(name) = name_of(url, row) else { continue };
            match row.status {
                Some(404 | 410) => {
                    self.present.remove(&name);
                    self.gone.insert(name);
                }
                Some(status) if status >= 400 => {}
                _ => {
                    self.gone.remove(&name);
                    self.present.insert(name);
                }
            }
        }
        is_cut_off
    }
}

/// The name of the resource that a row is about.
fn name_of(url: &Url, row: &Row) -> Option<String> {
    resource_at(url, &url.join(&row.href).ok()?)
}

fn ctag(row: &Row) -> Option<String> {
    let tag = row.property(Space::CalendarServer, "getctag").map(Element::trimmed);
    tag.filter(|tag| !tag.is_empty()).map(str::to_owned)
}

/// Whether the calendar speaks of tokens. Some servers advertise the report and some the property.
fn offers_tokens(row: &Row) -> bool {
    let token = row.property(Space::Dav, "sync-token").map(Element::trimmed);
    token.is_some_and(|token| !token.is_empty())
        || row
            .property(Space::Dav, "supported-report-set")
            .is_some_and(|set| names_report(set, "sync-collection"))
}

fn names_report(element: &Element, local: &str) -> bool {
    element.is(Space::Dav, local) || element.children.iter().any(|child| names_report(child, local))
}
