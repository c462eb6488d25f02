//! Our Google provider against the simulated Google, over real sockets.

mod create;
mod failures;
mod occurrences;
mod pull;
mod round_trip;
mod sign_in;
mod special;
mod update;
mod watch;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use synodic_model::{EventContent, EventId, ExternalId, RemoteCalendarId, When, ZonedTime};
use synodic_providers::google::{Google, GoogleClient, GoogleEndpoints};
use synodic_providers::transport::{Network, Pace, Surroundings};
use synodic_providers::{
    Creation, Identity, Linked, NextPull, NotifyAttendees, Provider, ProviderError, PullPage, PullPosition,
    RemoteChange, RemoteEvent, TokenVault, Tokens, Update, VaultError,
};
use synodic_simulators::clock::{Clock, ManualClock};
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::{Control, Endpoints, GoogleOptions, GoogleSimulator, RunningGoogle};
use url::Url;
use uuid::Uuid;

pub(crate) const ADA: &str = "ada@example.org";
pub(crate) const BERLIN: Tz = chrono_tz::Europe::Berlin;

/// A simulated Google that listens, with one account, and our client of that account.
pub(crate) struct World {
    pub(crate) simulator: GoogleSimulator,
    pub(crate) control: Control,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) endpoints: GoogleEndpoints,
    pub(crate) vault: Arc<MemoryVault>,
    pub(crate) google: Google,
    running: RunningGoogle,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose Google differs from the usual one.
    pub(crate) async fn with(change: impl FnOnce(&mut GoogleOptions)) -> Self {
        let clock = Arc::new(ManualClock::new(Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap()));
        let mut options =
            GoogleOptions { clock: clock.clone(), time_zone: BERLIN, seed: 7, ..GoogleOptions::default() };
        change(&mut options);
        let simulator = GoogleSimulator::new(options);
        let control = simulator.control();
        control.add_account(ADA, "Ada");
        let running = simulator.listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let endpoints = endpoints(&running);
        let (access_token, refresh_token) = control.issue_tokens(ADA);
        let expires_at = Some(clock.now() + chrono::TimeDelta::hours(1));
        let vault =
            MemoryVault::holding(Tokens { access_token, refresh_token: Some(refresh_token), expires_at });
        let google = Google::with(endpoints.clone(), client(), vault.clone(), surroundings(&clock));
        Self { simulator, control, clock, endpoints, vault, google, running }
    }

    /// Goes where nobody listens.
    pub(crate) async fn stop_listening(self) -> (Google, Control) {
        self.running.stop().await;
        (self.google, self.control)
    }

    /// Where the simulated Google listens, as it says itself.
    pub(crate) fn addresses(&self) -> &Endpoints {
        self.running.endpoints()
    }

    pub(crate) fn calendar(&self) -> RemoteCalendarId {
        RemoteCalendarId::new(ADA)
    }

    pub(crate) async fn create(
        &self,
        identity: Identity,
        content: &EventContent,
    ) -> Result<RemoteEvent, ProviderError> {
        self.google.create(Linked::plain(&self.calendar()), &creation(identity, content)).await
    }

    pub(crate) async fn update(
        &self,
        from: &RemoteEvent,
        desired: &EventContent,
    ) -> Result<RemoteEvent, ProviderError> {
        let update = Update {
            id: &from.id,
            version: Some(&from.version),
            base: Some(&from.content),
            desired,
            notify: NotifyAttendees::Nobody,
        };
        self.google.update(Linked::plain(&self.calendar()), &update).await
    }

    pub(crate) async fn delete(&self, event: &RemoteEvent) -> Result<(), ProviderError> {
        let version = Some(&event.version);
        self.google.delete(Linked::plain(&self.calendar()), &event.id, version, NotifyAttendees::Nobody).await
    }

    pub(crate) async fn read(&self, id: &ExternalId) -> Option<RemoteEvent> {
        self.google.read(Linked::plain(&self.calendar()), id).await.unwrap()
    }

    /// Pulls to the end, from a cursor or from nothing.
    pub(crate) async fn pull(
        &self,
        cursor: Option<&str>,
    ) -> Result<(Vec<RemoteChange>, String), ProviderError> {
        let pages = self.pages(cursor).await?;
        let cursor = match pages.last().map(|page| page.next.clone()) {
            Some(NextPull::Done { cursor }) => cursor,
            other => panic!("a pull that does not end: {other:?}"),
        };
        Ok((pages.into_iter().flat_map(|page| page.changes).collect(), cursor))
    }

    pub(crate) async fn pages(&self, cursor: Option<&str>) -> Result<Vec<PullPage>, ProviderError> {
        let mut position = PullPosition { cursor: cursor.map(str::to_owned), page: None };
        let mut pages = Vec::new();
        loop {
            let page = self.google.pull(Linked::plain(&self.calendar()), &position).await?;
            pages.push(page.clone());
            match page.next {
                NextPull::Page(next) => position.page = Some(next),
                NextPull::Done { .. } => return Ok(pages),
            }
        }
    }

    /// The only live event there is, as Google would show it to its owner.
    pub(crate) fn only_event(&self) -> Value {
        let mut events = self.control.events(ADA);
        assert_eq!(events.len(), 1, "{events:?}");
        events.remove(0)
    }

    pub(crate) fn inject(&self, effect: Effect, method: &str, path: &str) {
        self.control.inject(Fault::new(effect).on(method, path).times(1));
    }

    /// Requests so far, as `METHOD status`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.control
            .requests()
            .iter()
            .map(|request| format!("{} {}", request.method, request.status))
            .collect()
    }
}

/// Tokens for an account, good for an hour.
pub(crate) fn tokens(control: &Control, clock: &dyn Clock, account: &str) -> Tokens {
    let (access_token, refresh_token) = control.issue_tokens(account);
    let expires_at = Some(clock.now() + chrono::TimeDelta::hours(1));
    Tokens { access_token, refresh_token: Some(refresh_token), expires_at }
}

pub(crate) fn client() -> GoogleClient {
    GoogleClient { id: "synodic".to_owned(), secret: Some("not confidential".to_owned()) }
}

fn endpoints(running: &RunningGoogle) -> GoogleEndpoints {
    let addresses = running.endpoints();
    let address = |text: &str| Url::parse(text).unwrap();
    GoogleEndpoints {
        api: address(&addresses.api_url),
        auth: address(&addresses.auth_url),
        token: address(&addresses.token_url),
    }
}

pub(crate) fn surroundings(clock: &Arc<ManualClock>) -> Surroundings {
    let clock = Arc::clone(clock);
    Surroundings {
        transport: Arc::new(Network::new().unwrap()),
        clock: Arc::new(move || clock.now()),
        pace: Pace::Unlimited,
    }
}

/// The identity of the `number`th event.
pub(crate) fn identity(number: u128) -> Identity {
    Identity { event_id: EventId::new(Uuid::from_u128(number)), link: Uuid::from_u128(99), incarnation: 0 }
}

pub(crate) fn creation(identity: Identity, content: &EventContent) -> Creation<'_> {
    Creation {
        identity,
        uid: "ours@example.org",
        content,
        occurrence_of: None,
        may_be_there: false,
        notify: NotifyAttendees::Nobody,
    }
}

pub(crate) fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

pub(crate) fn berlin(start: &str, end: &str) -> When {
    When::Zoned { start: ZonedTime::new(local(start), BERLIN), end: ZonedTime::new(local(end), BERLIN) }
}

pub(crate) fn all_day(start: &str, end: &str) -> When {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    When::AllDay { start: day(start), end: day(end) }
}

pub(crate) fn lunch() -> EventContent {
    EventContent::new("Lunch", berlin("2026-11-24T12:00:00", "2026-11-24T13:00:00"))
}

/// An event as somebody enters it at Google.
pub(crate) fn entered(id: &str, summary: &str) -> Value {
    json!({
        "id": id, "summary": summary,
        "start": { "dateTime": "2026-11-24T12:00:00+01:00" }, "end": { "dateTime": "2026-11-24T13:00:00+01:00" },
    })
}

pub(crate) fn present(change: &RemoteChange) -> &RemoteEvent {
    match change {
        RemoteChange::Present(event) => event,
        other => panic!("not an event: {other:?}"),
    }
}

/// What an event says, but for the extras that only Google sets.
pub(crate) fn said(event: &RemoteEvent) -> EventContent {
    EventContent { extras: BTreeMap::new(), ..event.content.clone() }
}

/// A vault in memory, which can be made to fail.
#[derive(Debug, Default)]
pub(crate) struct MemoryVault {
    tokens: Mutex<Option<Tokens>>,
    broken: Mutex<bool>,
}

impl MemoryVault {
    pub(crate) fn holding(tokens: Tokens) -> Arc<Self> {
        Arc::new(Self { tokens: Mutex::new(Some(tokens)), broken: Mutex::default() })
    }

    pub(crate) fn held(&self) -> Option<Tokens> {
        self.tokens.lock().unwrap().clone()
    }

    pub(crate) fn put(&self, tokens: Tokens) {
        *self.tokens.lock().unwrap() = Some(tokens);
    }

    pub(crate) fn set_broken(&self, broken: bool) {
        *self.broken.lock().unwrap() = broken;
    }

    fn usable(&self) -> Result<(), VaultError> {
        if *self.broken.lock().unwrap() { Err(VaultError { reason: "locked".to_owned() }) } else { Ok(()) }
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn load(&self) -> Result<Option<Tokens>, VaultError> {
        self.usable().map(|()| self.held())
    }

    async fn store(&self, tokens: &Tokens) -> Result<(), VaultError> {
        self.usable().map(|()| self.put(tokens.clone()))
    }

    async fn remove(&self) -> Result<(), VaultError> {
        self.tokens.lock().unwrap().take();
        Ok(())
    }
}

/// A moment of the world's clock.
pub(crate) fn now(world: &World) -> DateTime<Utc> {
    world.clock.now()
}
