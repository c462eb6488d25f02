//! Google Calendar API v3.
//!
//! * [`oauth`](self) signs in and keeps tokens fresh; `client` sends single requests; `error` says what an answer
//!   means; `wire` is what Google sends, `map` what that means in our words; `identity` makes ids that can be made again;
//!   `pull`, `push` and `occurrence` are the calls of [`Provider`](crate::Provider).
//! * Events are listed with `singleEvents=false`: masters and exceptions, never the occurrences of an unchanged series.
//! * Writes are patches of the fields that differ, so that what we do not model (attachments, conference data, guests'
//!   rights) stays as it is.
//!
//! **Architecture invariant:** no call here is repeated, but for one renewal of a refused token. Whether and when to
//! try again is the engine's decision, which it takes from [`ProviderError::class`].

mod client;
mod error;
mod identity;
mod map;
mod oauth;
mod occurrence;
mod pull;
mod push;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono_tz::Tz;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use synodic_model::sync::ProviderKind;
use synodic_model::{ExternalId, FieldSet, RemoteCalendarId, RemoteVersion};
use url::Url;

pub use oauth::{SCOPES, SignInRequest, begin_sign_in, complete_sign_in, complete_sign_in_with};

use crate::error::ProviderError;
use crate::transport::Surroundings;
use crate::vault::TokenVault;
use crate::{
    Creation, Linked, NotifyAttendees, Provider, PullPage, PullPosition, RemoteCalendar, RemoteChange,
    RemoteEvent, RemoteOccurrence, ServerTime, Update, WatchChannel, WatchRequest,
};
use client::Api;

/// Where Google is: the public service, a simulator, or a proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoogleEndpoints {
    /// Base of the Calendar API, `https://www.googleapis.com/calendar/v3`.
    pub api: Url,
    /// Where a person consents, `https://accounts.google.com/o/oauth2/v2/auth`.
    pub auth: Url,
    /// Where codes and refresh tokens are exchanged, `https://oauth2.googleapis.com/token`.
    pub token: Url,
}

impl GoogleEndpoints {
    /// The public service.
    #[must_use]
    pub fn public() -> Self {
        Self {
            api: constant("https://www.googleapis.com/calendar/v3"),
            auth: constant("https://accounts.google.com/o/oauth2/v2/auth"),
            token: constant("https://oauth2.googleapis.com/token"),
        }
    }

    /// The public service, but for the addresses that `lookup` gives for `SYNODIC_GOOGLE_API_URL`,
    /// `SYNODIC_GOOGLE_AUTH_URL` and `SYNODIC_GOOGLE_TOKEN_URL`, each for itself. An empty text counts as none.
    ///
    /// # Errors
    /// [`EndpointError`] when one of them is not an address.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, EndpointError> {
        let mut endpoints = Self::public();
        for (variable, endpoint) in [
            ("SYNODIC_GOOGLE_API_URL", &mut endpoints.api),
            ("SYNODIC_GOOGLE_AUTH_URL", &mut endpoints.auth),
            ("SYNODIC_GOOGLE_TOKEN_URL", &mut endpoints.token),
        ] {
            let Some(text) = lookup(variable).filter(|text| !text.trim().is_empty()) else { continue };
            let address = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
            *endpoint = address.ok_or(EndpointError { variable, text })?;
        }
        Ok(endpoints)
    }

    /// Where a grant is taken back: beside the token endpoint, as at Google.
    fn revoke(&self) -> Url {
        self.token.join("revoke").unwrap_or_else(|_| self.token.clone())
    }
}

#[expect(clippy::expect_used, reason = "called with constants only, and a test calls it with each of them")]
fn constant(address: &str) -> Url {
    Url::parse(address).expect("an address")
}

/// A setting that should be an address is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is not an http or https address: “{text}”")]
pub struct EndpointError {
    /// The setting.
    pub variable: &'static str,
    /// What it says.
    pub text: String,
}

/// The OAuth client that a person (or the build) registered with Google. Its `Debug` does not show the secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoogleClient {
    /// `GOOGLE_CLIENT_ID`
    pub id: String,
    /// `GOOGLE_CLIENT_SECRET`; for desktop clients not a secret, but asked for.
    pub secret: Option<String>,
}

impl fmt::Debug for GoogleClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("GoogleClient").field("id", &self.id).finish_non_exhaustive()
    }
}

/// One Google account.
pub struct Google {
    api: Api,
    /// Each calendar's zone as last heard of, for events that do not name theirs.
    zones: Mutex<BTreeMap<RemoteCalendarId, Tz>>,
}

impl Google {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ProviderError`] when the TLS library cannot start.
    pub fn new(
        endpoints: GoogleEndpoints,
        client: GoogleClient,
        vault: Arc<dyn TokenVault>,
    ) -> Result<Self, ProviderError> {
        let surroundings = Surroundings::real()
            .map_err(|error| ProviderError::unanswered(error::SERVICE, "starting", error))?;
        Ok(Self::with(endpoints, client, vault, surroundings))
    }

    /// Makes a client in surroundings of the caller's choice: its clock, its transport, its pace.
    pub fn with(
        endpoints: GoogleEndpoints,
        client: GoogleClient,
        vault: Arc<dyn TokenVault>,
        surroundings: Surroundings,
    ) -> Self {
        Self { api: Api::new(endpoints, client, vault, surroundings), zones: Mutex::default() }
    }

    /// Tells Google that the person's consent ends here. The stored tokens are the caller's to remove, also when this
    /// fails.
    ///
    /// # Errors
    /// [`ProviderError`] when Google cannot be told.
    pub async fn revoke(&self) -> Result<(), ProviderError> {
        self.api.session().revoke().await
    }

    /// The calendar's zone, asked for once.
    async fn zone(&self, calendar: &RemoteCalendarId) -> Result<Tz, ProviderError> {
        let known = self.zones.lock().unwrap_or_else(PoisonError::into_inner).get(calendar).copied();
        if let Some(zone) = known {
            return Ok(zone);
        }
        let entry = self.calendar_entry(calendar).await?;
        let zone = pull::zone_or_utc(entry.and_then(|entry| entry.time_zone).as_deref());
        self.remember_zone(calendar, zone);
        Ok(zone)
    }

    fn remember_zone(&self, calendar: &RemoteCalendarId, zone: Tz) {
        self.zones.lock().unwrap_or_else(PoisonError::into_inner).insert(calendar.clone(), zone);
    }

    /// The calendar's entry in the list; none when the account cannot see it (any more).
    async fn calendar_entry(
        &self,
        calendar: &RemoteCalendarId,
    ) -> Result<Option<wire::Calendar>, ProviderError> {
        let path = ["users", "me", "calendarList", calendar.as_str()];
        let call =
            self.api.call(Method::GET, &path, "reading a calendar").with("fields", wire::CALENDAR_FIELDS);
        let answer = self.api.send(&call).await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        answer.json(call.action).map(Some)
    }
}

#[async_trait]
impl Provider for Google {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Google
    }

    fn expressible(&self, _calendar: Linked<'_>) -> FieldSet {
        map::EXPRESSIBLE
    }

    fn server_time(&self) -> Option<ServerTime> {
        self.api.server_time()
    }

    async fn account(&self) -> Result<String, ProviderError> {
        self.primary_address().await
    }

    async fn remote_calendars(&self) -> Result<Vec<RemoteCalendar>, ProviderError> {
        self.list_calendars().await
    }

    async fn pull(&self, calendar: Linked<'_>, position: &PullPosition) -> Result<PullPage, ProviderError> {
        self.list_events(calendar.id, position).await
    }

    async fn read(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        self.get_event(calendar.id, id).await
    }

    async fn occurrences(
        &self,
        calendar: Linked<'_>,
        series: &ExternalId,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        self.list_occurrences(calendar.id, series).await
    }

    async fn own_occurrence(
        &self,
        calendar: Linked<'_>,
        occurrence: &RemoteOccurrence,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        self.exception(calendar.id, occurrence).await
    }

    async fn create(
        &self,
        calendar: Linked<'_>,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        match &creation.occurrence_of {
            Some(occurrence) => self.override_occurrence(calendar.id, occurrence, creation).await,
            None => self.insert_event(calendar.id, creation).await,
        }
    }

    async fn update(&self, calendar: Linked<'_>, update: &Update<'_>) -> Result<RemoteEvent, ProviderError> {
        self.patch_event(calendar.id, update).await
    }

    async fn delete(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
        notify: NotifyAttendees,
    ) -> Result<(), ProviderError> {
        self.delete_event(calendar.id, id, version, notify).await
    }

    async fn move_event(
        &self,
        from: &RemoteCalendarId,
        id: &ExternalId,
        to: Linked<'_>,
        notify: NotifyAttendees,
    ) -> Result<RemoteEvent, ProviderError> {
        self.relocate_event(from, id, to.id, notify).await
    }

    async fn watch(
        &self,
        calendar: Linked<'_>,
        request: &WatchRequest,
    ) -> Result<WatchChannel, ProviderError> {
        self.open_channel(calendar.id, request).await
    }

    async fn stop_watch(&self, channel: &WatchChannel) -> Result<(), ProviderError> {
        self.stop_channel(channel).await
    }

    async fn sign_out(&self) -> Result<(), ProviderError> {
        self.revoke().await
    }
}
