//! What changed at a calendar, and from where the next pull goes on.
//!
//! The first pull, and any after the server has forgotten where we left off, asks for everything in one question
//! (`calendar-query`), because that is what servers answer quickest. A mark from which changes can be followed often costs
//! a server more than all of its events, so the second pull asks for that: the report of changes since nothing names
//! every resource with its tag, which is compared with the tags that the events were read under. What the first answer
//! left out, and what changed since, is fetched then.
//!
//! Later pulls ask what changed since a token (RFC 6578), or, where a server has no tokens, compare the calendar's tag and
//! then the tags of its resources with those of the last time.
//!
//! Tokens are not believed blindly. A server whose report leaves out resources that its list has loses some, and is asked by
//! tags from then on. What a list does not name any more is asked for by name before it is taken for gone. And once a day
//! everything is listed anew, the only defence against a server that forgets to speak of a change.
//!
//! Radicale reckons each token anew from all of its events. It also says when any of them was last changed, which is the
//! newest of its files and costs it next to nothing: as long as that stands still it is not asked for more, though never
//! for longer than [`STILL_FOR`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Caldav;
use super::account::properties;
use super::client::{Answer, Call};
use super::xml::{self, Element, Multistatus, Row, Space};
use crate::error::ProviderError;

/// How long changes alone are believed.
const LISTING_EVERY: TimeDelta = TimeDelta::hours(24);
/// Answers in a row that were cut off before that is a circle.
const TRUNCATION_LIMIT: usize = 1000;
/// What tokens of Radicale begin with.
const RADICALE: &str = "http://radicale.org/ns/sync/";
/// How long a calendar is believed to stand still by its time of change alone: a clock that was set back hides changes.
const STILL_FOR: TimeDelta = TimeDelta::minutes(10);
/// How much older than the answer a time of change must be before nothing more can happen within it.
const SETTLED: TimeDelta = TimeDelta::seconds(2);

const LISTING: &str = "listing events";

/// Where a pull has left off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// When everything was last listed.
    listed_at: DateTime<Utc>,
    /// How what changed since is found.
    mark: Mark,
    /// Since when nothing has changed, where the server says that cheaply.
    #[serde(default)]
    still: Option<Still>,
}

/// How changes are found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mark {
    /// By the server's token, which is still to be asked for: the tags under which everything was read, by name.
    Read(BTreeMap<String, String>),
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

/// A calendar that stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Still {
    /// When it was last changed, in the server's words.
    changed_at: String,
    /// When changes were last asked for in earnest.
    asked_at: DateTime<Utc>,
}

/// What is to be told.
#[derive(Debug)]
pub(super) struct Found {
    /// Resources that were read already, with their texts.
    pub(super) read: Vec<(String, String)>,
    /// Resources that are to be fetched.
    pub(super) names: Vec<String>,
    /// Resources that are gone.
    pub(super) removed: Vec<String>,
    /// From where the next pull goes on.
    pub(super) cursor: Cursor,
}

/// Everything in a calendar as one answer shows it.
#[derive(Debug, Default)]
struct Contents {
    read: Vec<(String, String)>,
    /// Named without a text.
    names: Vec<String>,
    tags: BTreeMap<String, String>,
}

impl Cursor {
    /// Reads one that was stored. One of another version of this program is as good as none.
    pub(super) fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, ProviderError> {
        let cursor: Self = serde_json::from_str(text).map_err(|_| ProviderError::CursorLost)?;
        let age = now - cursor.listed_at;
        if age > LISTING_EVERY || age < -LISTING_EVERY { Err(ProviderError::ListingDue) } else { Ok(cursor) }
    }
}

impl Caldav {
    /// Everything that is there, and a mark from which changes can be followed. Marks are taken before what they mark, so
    /// that what changes in between is spoken of again.
    pub(super) async fn list_all(&self, url: &Url) -> Result<Found, ProviderError> {
        let (row, _) = properties(&self.dav, url.clone(), &["D:supported-report-set"]).await?;
        let listed_at = self.dav.now();
        if offers_tokens(&row) {
            let found = match self.contents(url).await? {
                Some(Contents { read, names, tags }) => (read, names, Mark::Read(tags)),
                None => self.list_names(url).await?,
            };
            let (read, names, mark) = found;
            let cursor = Cursor { listed_at, mark, still: None };
            return Ok(Found { read, names, removed: Vec::new(), cursor });
        }
        let (row, _) = properties(&self.dav, url.clone(), &["CS:getctag", "D:sync-token"]).await?;
        let tags = self.list_tags(url).await?;
        let read = self.contents(url).await?.map(|contents| contents.read).unwrap_or_default();
        let known: BTreeSet<&String> = read.iter().map(|(name, _)| name).collect();
        let names = tags.keys().filter(|name| !known.contains(name)).cloned().collect();
        // Some servers advertise the report and some only the property.
        let mark = if row.property(Space::Dav, "sync-token").is_some_and(|token| !token.trimmed().is_empty())
        {
            Mark::Read(tags)
        } else {
            Mark::Tags { calendar: ctag(&row), resources: tags }
        };
        Ok(Found { read, names, removed: Vec::new(), cursor: Cursor { listed_at, mark, still: None } })
    }

    /// The names of everything that is there. Where a list is cut off, the report of changes tells the same in parts that
    /// have an end.
    async fn list_names(
        &self,
        url: &Url,
    ) -> Result<(Vec<(String, String)>, Vec<String>, Mark), ProviderError> {
        let (tags, token) = match self.list_tags(url).await {
            Ok(tags) => (tags, None),
            Err(ProviderError::Unreadable { .. }) => {
                let Changes { present, token, .. } = self.report_changes(url, None).await?;
                (present, token)
            }
            Err(error) => return Err(error),
        };
        let names = tags.keys().cloned().collect();
        Ok((Vec::new(), names, token.map_or(Mark::Read(tags), Mark::Token)))
    }

    /// What changed since, and where that leaves us.
    pub(super) async fn list_changes(&self, url: &Url, cursor: Cursor) -> Result<Found, ProviderError> {
        let Cursor { listed_at, mark, still } = cursor;
        match mark {
            Mark::Read(tags) => self.follow(url, listed_at, &tags).await,
            Mark::Token(token) => {
                let changed_at = self.changed_at(url, &token).await?;
                if let Some(still) = still.filter(|still| changed_at.as_ref() == Some(&still.changed_at))
                    && (TimeDelta::zero()..STILL_FOR).contains(&(self.dav.now() - still.asked_at))
                {
                    let cursor = Cursor { listed_at, mark: Mark::Token(token), still: Some(still) };
                    return Ok(Found { read: Vec::new(), names: Vec::new(), removed: Vec::new(), cursor });
                }
                let changes = self.report_changes(url, Some(&token)).await?;
                let mark = Mark::Token(changes.token.unwrap_or(token));
                let still = changed_at.map(|changed_at| Still { changed_at, asked_at: self.dav.now() });
                Ok(Found {
                    read: Vec::new(),
                    names: changes.present.into_keys().collect(),
                    removed: changes.gone.into_iter().collect(),
                    cursor: Cursor { listed_at, mark, still },
                })
            }
            Mark::Tags { calendar, resources } => {
                let (row, _) = properties(&self.dav, url.clone(), &["CS:getctag"]).await?;
                let now = ctag(&row);
                if now.is_some() && now == calendar {
                    let mark = Mark::Tags { calendar, resources };
                    let cursor = Cursor { listed_at, mark, still: None };
                    return Ok(Found { read: Vec::new(), names: Vec::new(), removed: Vec::new(), cursor });
                }
                Ok(differing(listed_at, &resources, self.list_tags(url).await?, now))
            }
        }
    }

    /// Takes the token that follows what was read under these tags, and finds what was not.
    async fn follow(
        &self,
        url: &Url,
        listed_at: DateTime<Utc>,
        tags: &BTreeMap<String, String>,
    ) -> Result<Found, ProviderError> {
        let followed = match self.report_changes(url, None).await {
            Ok(changes) => Some(changes),
            Err(
                ProviderError::CursorLost | ProviderError::Refused { .. } | ProviderError::Unreadable { .. },
            ) => None,
            Err(error) => return Err(error),
        };
        let (row, _) = properties(&self.dav, url.clone(), &["CS:getctag"]).await?;
        let listed = self.list_tags(url).await;
        if let Some(Changes { present, token: Some(token), .. }) = followed {
            // A server whose report leaves out what its list has loses some of it. One that says where its list is cut off
            // says so of its reports, too.
            let is_whole = match &listed {
                Ok(listed) => listed.keys().all(|name| present.contains_key(name)),
                Err(ProviderError::Unreadable { .. }) => true,
                Err(error) => return Err(error.clone()),
            };
            if is_whole {
                let found = differing(listed_at, tags, present, None);
                let cursor = Cursor { mark: Mark::Token(token), ..found.cursor };
                return Ok(Found { cursor, ..found });
            }
        }
        Ok(differing(listed_at, tags, listed?, ctag(&row)))
    }

    /// When the calendar was last changed, where that can be relied on: at Radicale, once that second is over.
    async fn changed_at(&self, url: &Url, token: &str) -> Result<Option<String>, ProviderError> {
        if !token.starts_with(RADICALE) {
            return Ok(None);
        }
        let body = xml::propfind(&["D:getlastmodified"]);
        let answer = self.dav.send(Call::ask("PROPFIND", url.clone(), "0", body, LISTING)).await?;
        let answered_at = answer.headers.get(header::DATE).and_then(|date| date.to_str().ok());
        let answered_at = answered_at.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        let read = xml::multistatus(&answer.body).ok();
        let row = read.as_ref().and_then(|read| read.rows.first());
        let changed_at =
            row.and_then(|row| row.property(Space::Dav, "getlastmodified")).map(Element::trimmed);
        let is_settled =
            changed_at.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).is_some_and(|changed_at| {
                answered_at.is_some_and(|answered_at| answered_at - changed_at > SETTLED)
            });
        Ok(changed_at.filter(|_| is_settled).map(str::to_owned))
    }

    /// All events with their texts, in one answer; none when the server does not give them so, and has to be asked for
    /// names first.
    async fn contents(&self, url: &Url) -> Result<Option<Contents>, ProviderError> {
        let is_too_much = self.memory().piecemeal.contains(url);
        if is_too_much {
            return Ok(None);
        }
        let answer = self.dav.send(Call::ask("REPORT", url.clone(), "1", xml::query_all(), LISTING)).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(ProviderError::Unreadable { .. }) => return Ok(None),
            Err(error @ ProviderError::NoAnswer { .. }) => {
                // Next time in pieces, for this may have been too much at once.
                self.memory().piecemeal.insert(url.clone());
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        match answer.status {
            StatusCode::MULTI_STATUS => {}
            StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                return Err(answer.failure());
            }
            _ => return Ok(None),
        }
        let mut contents = Contents::default();
        let mut is_cut_off = false;
        let read = xml::each_row(&answer.body, |mut row| {
            is_cut_off |= row.status == Some(507);
            let Some(name) = self.name_of(url, &row).filter(|_| row.status.is_none_or(|status| status < 400))
            else {
                return;
            };
            contents.tags.insert(name.clone(), row.etag().unwrap_or_default().to_owned());
            match row.take_text(Space::Caldav, "calendar-data").filter(|text| !text.trim().is_empty()) {
                Some(text) => contents.read.push((name, text)),
                None => contents.names.push(name),
            }
        });
        // An answer without anything may be that of a server that has not understood the question.
        let is_whole = read.is_ok() && !is_cut_off && !contents.tags.is_empty();
        if is_whole {
            self.memory().listed.insert(url.clone());
        }
        Ok(is_whole.then_some(contents))
    }

    /// Asks what changed since a token, on and on while the server cuts its answer off.
    async fn report_changes(&self, url: &Url, token: Option<&str>) -> Result<Changes, ProviderError> {
        let mut changes = Changes::default();
        let mut token = token.map(str::to_owned);
        for _ in 0..TRUNCATION_LIMIT {
            let body = xml::sync_collection(token.as_deref());
            let answer = self.dav.send(Call::ask("REPORT", url.clone(), "0", body, LISTING)).await?;
            if answer.status != StatusCode::MULTI_STATUS {
                return Err(self.unreported(url, token.is_some(), &answer));
            }
            self.memory().doubtful.remove(url);
            let read = xml::multistatus(&answer.body).map_err(|reason| answer.unreadable(&reason))?;
            let is_cut_off = self.take(&mut changes, url, &read);
            let is_same = read.sync_token.is_none() || read.sync_token == token;
            token.clone_from(&read.sync_token);
            changes.token = read.sync_token;
            if !is_cut_off {
                return Ok(changes);
            }
            if is_same {
                // There is more, and no way to get to it.
                break;
            }
        }
        Err(ProviderError::CursorLost)
    }

    /// Why there is no report of changes. That a token is void servers say under many numbers; whatever else they may mean
    /// by one, listing anew is the answer. Some fail at a token that they cannot read, each time that they meet it.
    fn unreported(&self, url: &Url, has_token: bool, answer: &Answer) -> ProviderError {
        let is_void = match answer.status.as_u16() {
            _ if answer.violates("valid-sync-token") => true,
            400 | 403 | 405 | 409 | 410 | 412 | 415 | 501 | 507 => has_token,
            500 => has_token && !self.memory().doubtful.insert(url.clone()),
            _ => false,
        };
        if !is_void {
            return answer.failure();
        }
        self.memory().doubtful.remove(url);
        ProviderError::CursorLost
    }

    /// The tags of all resources by name.
    pub(super) async fn list_tags(&self, url: &Url) -> Result<BTreeMap<String, String>, ProviderError> {
        let body = xml::propfind(&["D:getetag", "D:resourcetype"]);
        let (answer, _) = self.dav.list(Call::ask("PROPFIND", url.clone(), "1", body, LISTING)).await?;
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
            if let Some(name) = self.name_of(url, row) {
                tags.insert(name, row.etag().unwrap_or_default().to_owned());
            }
        }
        self.memory().listed.insert(url.clone());
        Ok(tags)
    }

    /// Takes an answer in; of a resource that is named twice the last counts. Returns whether the answer was cut off.
    fn take(&self, changes: &mut Changes, url: &Url, answer: &Multistatus) -> bool {
        let mut is_cut_off = false;
        for row in &answer.rows {
            is_cut_off |= row.status == Some(507);
            let Some(name) = self.name_of(url, row) else { continue };
            match row.status {
                Some(404 | 410) => {
                    changes.present.remove(&name);
                    changes.gone.insert(name);
                }
                Some(status) if status >= 400 => {}
                _ => {
                    changes.gone.remove(&name);
                    changes.present.insert(name, row.etag().unwrap_or_default().to_owned());
                }
            }
        }
        is_cut_off
    }
}

/// What a report of changes names.
#[derive(Debug, Default)]
struct Changes {
    /// By name, with their tags.
    present: BTreeMap<String, String>,
    gone: BTreeSet<String>,
    token: Option<String>,
}

fn ctag(row: &Row) -> Option<String> {
    let tag = row.property(Space::CalendarServer, "getctag").map(Element::trimmed);
    tag.filter(|tag| !tag.is_empty()).map(str::to_owned)
}

/// Whether the calendar can report changes since a token.
fn offers_tokens(row: &Row) -> bool {
    let set = row.property(Space::Dav, "supported-report-set");
    set.is_some_and(|set| names_report(set, "sync-collection"))
}

fn names_report(element: &Element, local: &str) -> bool {
    element.is(Space::Dav, local) || element.children.iter().any(|child| names_report(child, local))
}

/// What is not as it was, by tags; followed by tags. What the list leaves out is asked for by name, for it may be the list
/// that ends too early.
fn differing(
    listed_at: DateTime<Utc>,
    before: &BTreeMap<String, String>,
    now: BTreeMap<String, String>,
    calendar: Option<String>,
) -> Found {
    let is_new = |(name, tag): &(&String, &String)| before.get(*name) != Some(tag);
    let new = now.iter().filter(is_new).map(|(name, _)| name.clone());
    let missing = before.keys().filter(|name| !now.contains_key(*name)).cloned();
    let names = missing.chain(new).collect();
    let mark = Mark::Tags { calendar, resources: now };
    Found { read: Vec::new(), names, removed: Vec::new(), cursor: Cursor { listed_at, mark, still: None } }
}
