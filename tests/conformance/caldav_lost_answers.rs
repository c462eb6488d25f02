//! Requests that do not arrive and answers that get lost, between Synodic and a calendar server that somebody else has
//! written: whatever goes wrong with a creation, a change or a deletion, it is carried out once in the end.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, Response};
use synodic_engine::EngineError;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::clock::{Clock, SystemClock};
use synodic_engine::services::Services;
use synodic_engine::view::{CalendarView, EventView};
use synodic_model::sync::{Integration, SyncDirection};
use synodic_providers::caldav::Caldav;
use synodic_providers::transport::{Network, Pace, Surroundings, Transport, TransportError};
use synodic_providers::{Provider, TokenVault};
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::dav_proxy::{DavProxy, Mishap};
use synodic_tests::world::{World, meeting};

/// How long an answer is waited for here; a person's Synodic waits two minutes.
const PATIENCE: Duration = Duration::from_secs(4);
/// Passes after which everything has to be where it belongs.
const PASSES: usize = 6;

/// What may happen to one request; none stands for a server that is not there for one pass.
const MISHAPS: [Option<Mishap>; 13] = [
    None,
    Some(Mishap::ResetBefore),
    Some(Mishap::ResetAfter),
    Some(Mishap::SilentAfter),
    Some(Mishap::Truncated),
    Some(Mishap::StatusAfter(500)),
    Some(Mishap::StatusAfter(502)),
    Some(Mishap::StatusAfter(503)),
    Some(Mishap::Status(500)),
    Some(Mishap::Status(429)),
    Some(Mishap::Wait(429, 1)),
    Some(Mishap::Status(503)),
    Some(Mishap::Wait(503, 1)),
];

/// The network of somebody who does not wait for long.
struct Impatient(Network);

#[async_trait]
impl Transport for Impatient {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let late = |_| TransportError::NoAnswer { reason: "timed out".to_owned() };
        tokio::time::timeout(PATIENCE, self.0.send(request)).await.map_err(late)?
    }
}

#[derive(Debug)]
struct ImpatientServices;

impl Services for ImpatientServices {
    fn connect(
        &self,
        integration: &Integration,
        vault: Arc<dyn TokenVault>,
    ) -> Result<Arc<dyn Provider>, EngineError> {
        let account = serde_json::from_value(integration.settings.clone()).unwrap();
        let transport = Arc::new(Impatient(Network::patient(None).unwrap()));
        let clock = Arc::new(|| SystemClock.now());
        let surroundings = Surroundings { transport, clock, pace: Pace::OfService };
        Ok(Arc::new(Caldav::with(account, vault, surroundings)))
    }
}

/// A calendar here and at the server, and what stands in between.
struct Story {
    server: DavServer,
    proxy: DavProxy,
    world: World,
    calendar: CalendarView,
}

impl Story {
    async fn new() -> Self {
        let server = DavServer::start(Kind::Radicale).await;
        let proxy = DavProxy::before(&server.url()).await;
        let mut world = World::new().await;
        world.restart_with(Arc::new(SystemClock), Some(Arc::new(ImpatientServices))).await;
        let place = CaldavPlace { place: proxy.url(), user: Some(USER.to_owned()), certificate: None };
        let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
        let calendar =
            world.link(None, account, &server.calendar("work"), SyncDirection::Bidirectional).await;
        world.pass().await;
        Self { server, proxy, world, calendar }
    }

    /// An event that is here and there.
    async fn event(&self, title: &str) -> EventView {
        let event = self.world.create(self.calendar.id, meeting(title, 3)).await;
        self.world.pass().await;
        assert_eq!(self.count(title).await, 1, "{title}");
        event
    }

    /// How many events of this title are at the server.
    async fn count(&self, title: &str) -> usize {
        let line = format!("SUMMARY:{title}");
        let texts = self.server.texts().await;
        texts.iter().map(|text| text.lines().filter(|known| *known == line).count()).sum()
    }

    /// Has the request that comes next meet a mishap, and lets everything come to rest. Returns how often it was sent.
    async fn meet(&mut self, method: &str, mishap: Option<Mishap>) -> usize {
        self.proxy.requests();
        match mishap {
            None => {
                self.proxy.close().await;
                self.world.pass().await;
                self.proxy.open().await;
            }
            Some(mishap) => self.proxy.meet(method, mishap, 1),
        }
        let mut report = self.world.pass().await;
        if let Some(mishap) = mishap {
            assert_eq!(self.proxy.met(), 1, "{method} meets {mishap:?}");
        }
        for _ in 0..PASSES {
            if (report.pushed, report.pending, report.failed) == (0, 0, 0) {
                break;
            }
            report = self.world.pass().await;
        }
        assert_eq!(
            (report.pushed, report.pending, report.failed),
            (0, 0, 0),
            "{method}, {mishap:?}: {report:#?}"
        );
        assert!(self.world.engine.conflicts().await.unwrap().is_empty(), "{method}, {mishap:?}");
        self.proxy.requests().iter().filter(|request| *request == method).count()
    }
}

/// Whether the server has done what it was asked before the mishap.
const fn is_done(mishap: Option<Mishap>) -> bool {
    matches!(
        mishap,
        Some(Mishap::ResetAfter | Mishap::SilentAfter | Mishap::Truncated | Mishap::StatusAfter(_))
    )
}

#[tokio::test]
async fn a_creation_happens_once_whatever_becomes_of_its_answer() {
    let mut story = Story::new().await;
    for (number, mishap) in (0..).zip(MISHAPS) {
        let title = format!("Created {number}");
        story.world.create(story.calendar.id, meeting(&title, 3)).await;
        story.meet("PUT", mishap).await;
        assert_eq!(story.count(&title).await, 1, "{mishap:?}");
        assert_eq!(story.server.names().await.len(), number + 1, "{mishap:?}");
        assert_eq!(story.world.titles().await.len(), number + 1, "{mishap:?}");
    }
}

#[tokio::test]
async fn a_change_happens_once_whatever_becomes_of_its_answer() {
    let mut story = Story::new().await;
    for (number, mishap) in (0..).zip(MISHAPS) {
        let event = story.event(&format!("Before {number}")).await;
        let title = format!("After {number}");
        story.world.change(event.id, |content| content.title.clone_from(&title)).await;
        let sent = story.meet("PUT", mishap).await;
        assert_eq!(story.count(&title).await, 1, "{mishap:?}");
        assert_eq!(story.server.names().await.len(), number + 1, "{mishap:?}");
        assert_eq!(story.world.find(&title).await.id, event.id, "{mishap:?}");
        if is_done(mishap) {
            assert_eq!(sent, 1, "{mishap:?}: it is looked up, not sent again");
        }
    }
}

#[tokio::test]
async fn a_deletion_happens_once_whatever_becomes_of_its_answer() {
    let mut story = Story::new().await;
    story.event("Stays").await;
    for (number, mishap) in (0..).zip(MISHAPS) {
        let event = story.event(&format!("Goes {number}")).await;
        story.world.delete(event.id).await;
        let sent = story.meet("DELETE", mishap).await;
        assert_eq!(story.server.names().await.len(), 1, "{mishap:?}");
        assert_eq!(story.world.titles().await, ["Stays"], "{mishap:?}");
        if is_done(mishap) {
            assert_eq!(sent, 1, "{mishap:?}: it is looked up, not sent again");
        }
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_deletes_nothing() {
    let story = Story::new().await;
    for number in 0..5 {
        story.event(&format!("Here {number}")).await;
    }
    for mishap in [Mishap::Truncated, Mishap::StatusAfter(502), Mishap::ResetAfter] {
        // What changes there is asked for, and the answer does not arrive.
        let name = story.server.names().await.remove(0);
        let text = story.server.get(&name).await.unwrap();
        story.server.put(&name, &text.replace("END:VEVENT", "X-TOUCHED:1\nEND:VEVENT")).await;
        story.proxy.meet("REPORT", mishap, 1);
        story.world.pass().await;
        assert_eq!(story.proxy.met(), 1, "{mishap:?}");
        assert_eq!(story.world.titles().await.len(), 5, "{mishap:?}");
        let report = story.world.pass().await;
        assert_eq!((report.pushed, report.pending, report.failed), (0, 0, 0), "{mishap:?}: {report:#?}");
        assert_eq!(story.server.names().await.len(), 5, "{mishap:?}");
    }
}
