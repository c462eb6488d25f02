//! Makes the client of an account, one each, so that all who talk to the account share its rate limit.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, Response};
use synodic_model::sync::{Integration, ProviderKind};
use synodic_model::{ExternalId, FieldSet, IntegrationId, RemoteCalendarId, RemoteVersion};
use synodic_providers::caldav::{Caldav, CaldavAccount};
use synodic_providers::google::{Google, GoogleEndpoints};
use synodic_providers::notion::Notion;
use synodic_providers::transport::{Pace, Surroundings, Transport, TransportError};
use synodic_providers::{
    CalendarWish, Creation, Linked, NotifyAttendees, Provider, ProviderError, PullPage, PullPosition,
    RemoteCalendar, RemoteChange, RemoteEvent, RemoteOccurrence, ServerTime, TokenVault, Update,
    WatchChannel, WatchRequest,
};
use synodic_store::Boundary;

use crate::client_settings::ClientInUse;
use crate::clock::Clock;
use crate::config::{EngineConfig, NotionConfig};
use crate::error::EngineError;

/// Makes the client of an account. Tests and the demo may supply one of their own.
pub trait Services: Send + Sync + Debug {
    /// Makes the client; nothing is sent yet.
    ///
    /// # Errors
    /// [`EngineError`] when the program is not set up for that service.
    fn connect(
        &self,
        integration: &Integration,
        vault: Arc<dyn TokenVault>,
    ) -> Result<Arc<dyn Provider>, EngineError>;
}

/// The services at the addresses of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct ConfiguredServices {
    google_endpoints: GoogleEndpoints,
    google_client: ClientInUse,
    notion: NotionConfig,
    clock: Arc<dyn Clock>,
    boundary: Boundary,
}

impl ConfiguredServices {
    pub(crate) fn new(
        config: &EngineConfig,
        google_client: ClientInUse,
        clock: Arc<dyn Clock>,
        boundary: Boundary,
    ) -> Self {
        Self {
            google_endpoints: config.google_endpoints.clone(),
            google_client,
            notion: config.notion.clone(),
            clock,
            boundary,
        }
    }

    fn surroundings(&self, pace: Pace) -> Result<Surroundings, EngineError> {
        let clock = Arc::clone(&self.clock);
        let real = Surroundings::real().map_err(unable)?;
        let transport = Arc::new(Bounded { inner: real.transport, boundary: self.boundary.clone() });
        Ok(Surroundings { transport, clock: Arc::new(move || clock.now()), pace })
    }
}

/// Carries requests, and crosses a boundary before and after each.
struct Bounded {
    inner: Arc<dyn Transport>,
    boundary: Boundary,
}

#[async_trait]
impl Transport for Bounded {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.boundary.cross();
        let answer = self.inner.send(request).await;
        self.boundary.cross();
        answer
    }
}

impl Services for ConfiguredServices {
    fn connect(
        &self,
        integration: &Integration,
        vault: Arc<dyn TokenVault>,
    ) -> Result<Arc<dyn Provider>, EngineError> {
        match integration.provider {
            ProviderKind::Google => {
                let client = self.google_client.get().ok_or_else(|| EngineError::Environment {
                    reason: "no Google OAuth client is configured; enter its id in the settings, or set \
                             GOOGLE_CLIENT_ID and start Synodic again"
                        .to_owned(),
                })?;
                let surroundings = self.surroundings(Pace::OfService)?;
                Ok(Arc::new(Google::with(self.google_endpoints.clone(), client, vault, surroundings)))
            }
            ProviderKind::Notion => {
                let surroundings = self.surroundings(self.notion.pace)?;
                let NotionConfig { endpoint, client, .. } = self.notion.clone();
                Ok(Arc::new(Notion::with(endpoint, client, vault, surroundings)))
            }
            ProviderKind::Caldav => {
                let account: CaldavAccount =
                    serde_json::from_value(integration.settings.clone()).map_err(|_| {
                        EngineError::Environment {
                            reason: "It is not known any more where this account is. Connect it again."
                                .to_owned(),
                        }
                    })?;
                let surroundings = crate::caldav::surroundings(&account, &self.clock)?;
                Ok(Arc::new(Caldav::with(account, vault, surroundings)))
            }
            ProviderKind::Ics => crate::subscription::client(&integration.settings, vault, &self.clock),
        }
    }
}

/// Why a service cannot be spoken to at all.
// By value because `map_err` hands it over.
#[expect(clippy::needless_pass_by_value)]
pub(crate) fn unable(error: TransportError) -> EngineError {
    EngineError::Environment { reason: format!("The network cannot be used: {error}.") }
}

/// The clients that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    made: Mutex<BTreeMap<IntegrationId, Client>>,
}

impl Clients {
    /// The client of `id`, made by `make` at first use.
    pub(crate) fn client(
        &self,
        id: IntegrationId,
        make: impl FnOnce() -> Result<Arc<dyn Provider>, EngineError>,
    ) -> Result<Client, EngineError> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&id) {
            return Ok(client.clone());
        }
        let client = Client { inner: make()?, calls: Arc::default() };
        made.insert(id, client.clone());
        Ok(client)
    }

    /// The client of `id`, if it was made already.
    pub(crate) fn made(&self, id: IntegrationId) -> Option<Client> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Whether `client` is the one of `id` still: whoever signs in again gets another one.
    pub(crate) fn is_current(&self, id: IntegrationId, client: &Client) -> bool {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(&id).is_some_and(|made| Arc::ptr_eq(&made.calls, &client.calls))
    }

    /// Forgets a client, so that the next one is made with what has changed.
    pub(crate) fn forget(&self, id: IntegrationId) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// A client that counts what is asked of it.
#[derive(Clone)]
pub(crate) struct Client {
    inner: Arc<dyn Provider>,
    calls: Arc<AtomicU32>,
}

impl Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("kind", &self.inner.kind()).finish_non_exhaustive()
    }
}

impl Client {
    /// Calls so far, as long as the program runs; wraps around.
    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    fn counted(&self) -> &dyn Provider {
        self.calls.fetch_add(1, Ordering::Relaxed);
        &*self.inner
    }
}

#[async_trait]
impl Provider for Client {
    fn kind(&self) -> ProviderKind {
        self.inner.kind()
    }

    fn expressible(&self, calendar: Linked<'_>) -> FieldSet {
        self.inner.expressible(calendar)
    }

    fn refresh_interval(&self) -> Option<Duration> {
        self.inner.refresh_interval()
    }

    fn server_time(&self) -> Option<ServerTime> {
        self.inner.server_time()
    }

    async fn account(&self) -> Result<String, ProviderError> {
        self.counted().account().await
    }

    async fn remote_calendars(&self) -> Result<Vec<RemoteCalendar>, ProviderError> {
        self.counted().remote_calendars().await
    }

    async fn create_calendar(&self, wish: &CalendarWish<'_>) -> Result<RemoteCalendar, ProviderError> {
        self.counted().create_calendar(wish).await
    }

    async fn rename_calendar(&self, calendar: &RemoteCalendarId, name: &str) -> Result<(), ProviderError> {
        self.counted().rename_calendar(calendar, name).await
    }

    async fn pull(&self, calendar: Linked<'_>, position: &PullPosition) -> Result<PullPage, ProviderError> {
        self.counted().pull(calendar, position).await
    }

    async fn read(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        self.counted().read(calendar, id).await
    }

    async fn create(
        &self,
        calendar: Linked<'_>,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        self.counted().create(calendar, creation).await
    }

    async fn update(&self, calendar: Linked<'_>, update: &Update<'_>) -> Result<RemoteEvent, ProviderError> {
        self.counted().update(calendar, update).await
    }

    async fn delete(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
        notify: NotifyAttendees,
    ) -> Result<(), ProviderError> {
        self.counted().delete(calendar, id, version, notify).await
    }

    async fn move_event(
        &self,
        from: &RemoteCalendarId,
        id: &ExternalId,
        to: Linked<'_>,
        notify: NotifyAttendees,
    ) -> Result<RemoteEvent, ProviderError> {
        self.counted().move_event(from, id, to, notify).await
    }

    async fn watch(
        &self,
        calendar: Linked<'_>,
        request: &WatchRequest,
    ) -> Result<WatchChannel, ProviderError> {
        self.counted().watch(calendar, request).await
    }

    async fn stop_watch(&self, channel: &WatchChannel) -> Result<(), ProviderError> {
        self.counted().stop_watch(channel).await
    }

    async fn confirm_removed(
        &self,
        calendar: Linked<'_>,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        self.counted().confirm_removed(calendar, ids).await
    }

    async fn occurrences(
        &self,
        calendar: Linked<'_>,
        series: &ExternalId,
    ) -> Result<Vec<RemoteChange>, ProviderError> {
        self.counted().occurrences(calendar, series).await
    }

    async fn own_occurrence(
        &self,
        calendar: Linked<'_>,
        occurrence: &RemoteOccurrence,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        self.counted().own_occurrence(calendar, occurrence).await
    }

    fn suspect(&self, calendar: &RemoteCalendarId, id: ExternalId) {
        self.inner.suspect(calendar, id);
    }

    fn notices(&self, calendar: Linked<'_>) -> Vec<String> {
        self.inner.notices(calendar)
    }

    fn as_notion(&self) -> Option<&Notion> {
        self.inner.as_notion()
    }

    async fn sign_out(&self) -> Result<(), ProviderError> {
        self.counted().sign_out().await
    }
}
