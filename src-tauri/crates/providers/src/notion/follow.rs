//! Occurrences of a series as pages of their own, which follow the series until somebody edits one.
//!
//! Such a page carries a mark that names its series and its place in it, and says that nobody has edited it. A listing of
//! changes passes it over ([`super::pull`]): what it says is what the series says. Here it is compared with what we last
//! wrote: as long as it is that, it is brought up to what the series says now; once it is something else, a person has
//! made an occurrence of their own, and the page stands for that from then on. One that was put into the trash calls its
//! occurrence off.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use synodic_model::{EventContent, ExternalId, OriginalStart, RemoteVersion};

use super::Notion;
use super::client::Call;
use super::known::looks_same;
use super::lookup::Found;
use super::map::{self, Reading};
use super::mapping::{Mapping, Slot};
use super::marker::{self, Mark};
use super::pull::Unread;
use crate::error::ProviderError;
use crate::{Linked, RemoteChange, RemoteOccurrence};

const FOLLOWING: &str = "keeping an occurrence's page in step";

/// An occurrence that shall have a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upcoming {
    /// The series' page.
    pub series: ExternalId,
    /// Which occurrence.
    pub original_start: OriginalStart,
    /// What the series says of it.
    pub content: EventContent,
}

/// A page that follows its series, as we have left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// The page.
    pub page: ExternalId,
    /// Its series' page.
    pub series: ExternalId,
    /// Which occurrence it is.
    pub original_start: OriginalStart,
    /// When that ends; what is past is left as it was.
    pub ends_at: DateTime<Utc>,
    /// What it said.
    pub version: RemoteVersion,
}

/// What came of following.
#[derive(Clone, Debug, Default)]
pub struct Following {
    /// The pages that follow now.
    pub followed: Vec<Followed>,
    /// Occurrences that a person has edited or called off.
    pub changes: Vec<RemoteChange>,
}

/// Names an occurrence within a data source.
type Place = (ExternalId, String);

impl Notion {
    /// Brings the pages of occurrences up to what their series say. `own` are occurrences that have been edited here, which
    /// are pages of the usual kind.
    ///
    /// # Errors
    /// [`ProviderError`], as every call; what was done until then is found again the next time.
    pub async fn follow(
        &self,
        calendar: Linked<'_>,
        wanted: Vec<Upcoming>,
        own: &[RemoteOccurrence],
        followed: Vec<Followed>,
    ) -> Result<Following, ProviderError> {
        let mapping = self.mapping(calendar);
        let mut following = Following::default();
        if mapping.property(Slot::Marker).is_none() || mapping.is_read_only() {
            return Ok(following);
        }
        let mut pages = self.pages_that_follow(calendar, &mapping).await?;
        let mut wanted: BTreeMap<Place, Upcoming> = wanted
            .into_iter()
            .map(|upcoming| ((upcoming.series.clone(), upcoming.original_start.key()), upcoming))
            .collect();
        for occurrence in own {
            wanted.remove(&(occurrence.series.clone(), occurrence.original_start.key()));
        }
        let is_own = |place: &Place| {
            own.iter().any(|other| other.series == place.0 && other.original_start.key() == place.1)
        };
        for known in followed {
            let place = (known.series.clone(), known.original_start.key());
            if is_own(&place) {
                pages.remove(&place);
                continue;
            }
            match pages.remove(&place).filter(|found| found.page.id == known.page.as_str()) {
                Some(found) => {
                    let upcoming = wanted.remove(&place);
                    self.go_along(calendar, &mapping, known, found, upcoming, &mut following).await?;
                }
                None => {
                    // It may be in the trash, or have become an occurrence of its own; then it is no longer followed.
                    wanted.remove(&place);
                    let became = self.confirm(calendar, vec![known.page.clone()]).await?;
                    following.changes.extend(became.into_iter().filter(is_occurrence));
                }
            }
        }
        for (place, upcoming) in wanted {
            let written = match pages.remove(&place) {
                // Made before, by a replica that is lost or a request whose answer is.
                Some(found) => self.rewrite(calendar, &mapping, found, &upcoming).await?,
                None => self.write_new(calendar, &mapping, &upcoming).await?,
            };
            following.followed.extend(written);
        }
        Ok(following)
    }

    /// The pages that say that nobody has edited them.
    async fn pages_that_follow(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
    ) -> Result<BTreeMap<Place, Found>, ProviderError> {
        let found = self.look(calendar, mapping, json!({ "contains": "plain=" })).await?;
        let placed = found.into_iter().filter(|found| found.mark.plain.is_some()).filter_map(|found| {
            let occurrence = found.mark.occurrence.clone()?;
            Some(((occurrence.series, occurrence.original_start.key()), found))
        });
        // Somebody may have duplicated one; the oldest is ours.
        let mut pages = BTreeMap::new();
        for (place, found) in placed {
            pages.entry(place).or_insert(found);
        }
        Ok(pages)
    }

    /// A page that follows and is there: edited, to be brought up to date, to go, or as it should be.
    async fn go_along(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        known: Followed,
        found: Found,
        upcoming: Option<Upcoming>,
        following: &mut Following,
    ) -> Result<(), ProviderError> {
        let Some(reading) = self.read_found(calendar, found.clone()).await? else { return Ok(()) };
        if reading.event.version != known.version {
            following.changes.push(self.release(calendar, mapping, reading).await?);
            return Ok(());
        }
        match upcoming {
            Some(upcoming) if is_as_wanted(&reading, &upcoming, mapping) => following.followed.push(known),
            Some(upcoming) => {
                following.followed.extend(self.rewrite(calendar, mapping, found, &upcoming).await?);
            }
            None if known.ends_at <= self.api.now() => {}
            None => {
                let call = Call::new(Method::PATCH, format!("pages/{}", known.page), FOLLOWING);
                self.api.ask(&call.json(json!({ "in_trash": true }))).await?;
            }
        }
        Ok(())
    }

    /// Lets a page that a person has edited stand for an occurrence of its own.
    async fn release(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        reading: Reading,
    ) -> Result<RemoteChange, ProviderError> {
        let mut properties = Map::new();
        map::put_mark(&mut properties, mapping, &Mark { plain: None, ..reading.mark.clone() });
        let id = reading.event.id.as_str().to_owned();
        let document = self
            .write_page(Method::PATCH, &format!("pages/{id}"), json!({ "properties": properties }))
            .await?;
        let written = self.written(calendar, &document).await?;
        Ok(RemoteChange::Present(Box::new(written.event)))
    }

    async fn rewrite(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        found: Found,
        upcoming: &Upcoming,
    ) -> Result<Option<Followed>, ProviderError> {
        let Ok(properties) = map::new_page(&upcoming.content, mapping, &mark(mapping, upcoming)) else {
            return Ok(None);
        };
        let path = format!("pages/{}", found.page.id);
        let document = self.write_page(Method::PATCH, &path, json!({ "properties": properties })).await?;
        self.followed(calendar, mapping, &document, upcoming).await.map(Some)
    }

    async fn write_new(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        upcoming: &Upcoming,
    ) -> Result<Option<Followed>, ProviderError> {
        let Ok(properties) = map::new_page(&upcoming.content, mapping, &mark(mapping, upcoming)) else {
            return Ok(None);
        };
        let parent = json!({ "type": "data_source_id", "data_source_id": calendar.id.as_str() });
        let body = json!({ "parent": parent, "properties": properties });
        let document = self.write_page(Method::POST, "pages", body).await?;
        self.followed(calendar, mapping, &document, upcoming).await.map(Some)
    }

    async fn write_page(&self, method: Method, path: &str, body: Value) -> Result<Value, ProviderError> {
        self.api.ask(&Call::new(method, path, FOLLOWING).json(body)).await
    }

    async fn followed(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        document: &Value,
        upcoming: &Upcoming,
    ) -> Result<Followed, ProviderError> {
        let written = self.written(calendar, document).await?;
        Ok(Followed {
            page: written.event.id,
            series: upcoming.series.clone(),
            original_start: upcoming.original_start,
            ends_at: upcoming.content.when.instants(mapping.zone()).1,
            version: written.event.version,
        })
    }

    /// What a write has left on a page.
    async fn written(&self, calendar: Linked<'_>, document: &Value) -> Result<Reading, ProviderError> {
        let unreadable = |reason: &str| super::error::unreadable(FOLLOWING, reason);
        let page = super::wire::Page::read(document).map_err(|reason| unreadable(&reason))?;
        match self.reading(calendar, page).await {
            Ok(Some(reading)) => Ok(reading),
            Ok(None) => Err(unreadable("the page has no date")),
            Err(Unread::Reason(reason)) => Err(unreadable(&reason)),
            Err(Unread::Failed(error)) => Err(error),
        }
    }
}

/// The mark of a page that follows.
fn mark(mapping: &Mapping, upcoming: &Upcoming) -> Mark {
    Mark {
        identity: None,
        zones: marker::zones_of(&upcoming.content.when, mapping.zone()),
        occurrence: Some(RemoteOccurrence {
            series: upcoming.series.clone(),
            original_start: upcoming.original_start,
        }),
        plain: Some("1".to_owned()),
        uid: None,
    }
}

/// Whether a page says what the series says of its occurrence.
fn is_as_wanted(reading: &Reading, upcoming: &Upcoming, mapping: &Mapping) -> bool {
    let there = &reading.event.content;
    mapping.fields().iter().all(|field| {
        field == synodic_model::Field::Recurrence || looks_same(field, &upcoming.content, there, mapping)
    })
}

fn is_occurrence(change: &RemoteChange) -> bool {
    matches!(change, RemoteChange::Present(event) if event.occurrence_of.is_some())
}
