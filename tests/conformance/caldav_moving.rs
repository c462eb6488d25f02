//! Events that are moved between two calendars of one account: they stay what they are, are never nowhere and never twice,
//! whether the server can move them or not.

use axum::http::Response;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::{CalendarView, EventMove, MoveAnswer, NotifyAttendees};
use synodic_model::EventId;
use synodic_model::sync::SyncDirection;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::dav_proxy::{DavProxy, Mishap};
use synodic_tests::world::World;

use crate::caldav::{event, object};
use crate::caldav_fake::{CALENDAR, FakeServer, OTHER, complaint, respond};

const TALK: &str = "DTSTART:20261103T090000Z\nDTEND:20261103T100000Z\nSUMMARY:Talk\nX-KEEP:1\n";
const GUESTS: &str = "ORGANIZER:mailto:ada@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org\n";

/// Synodic with two calendars of an account.
struct Two {
    world: World,
    here: CalendarView,
    there: CalendarView,
}

impl Two {
    async fn at(url: String, here: &str, there: &str) -> Self {
        let world = World::new().await;
        let place = CaldavPlace { place: url, user: Some(USER.to_owned()), certificate: None };
        let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
        let here = world.link(None, account, here, SyncDirection::Bidirectional).await;
        let there = world.link(None, account, there, SyncDirection::Bidirectional).await;
        for _ in 0..2 {
            world.pass().await;
        }
        Self { world, here, there }
    }

    async fn fake(server: &FakeServer) -> Self {
        Self::at(server.url(), CALENDAR, OTHER).await
    }

    /// Moves an event to the other calendar, about which nothing has to be confirmed.
    async fn carry(&self, id: EventId) {
        let wish =
            EventMove { id, calendar_id: self.there.id, confirmed: false, notify: NotifyAttendees::Nobody };
        let answer = self.world.engine.move_event(wish).await.unwrap();
        assert!(matches!(answer, MoveAnswer::Moved { .. }), "{answer:?}");
    }

    /// All comes to rest, the event in the other calendar.
    async fn arrives(&self, title: &str) {
        for _ in 0..3 {
            self.world.pass().await;
        }
        let last = self.world.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "{last:#?}");
        assert_eq!(self.world.titles().await, [title]);
        let event = self.world.find(title).await;
        assert_eq!(event.calendar_id, self.there.id, "not in {}", self.here.name);
        assert!(self.world.engine.conflicts().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_event_is_moved_as_it_is() {
    for kind in [Kind::Radicale, Kind::Xandikos] {
        let server = DavServer::start(kind).await;
        server.make_calendar("home").await;
        server.put("talk.ics", &object(&event("talk", &format!("{TALK}{GUESTS}")))).await;
        let two = Two::at(server.url(), &server.calendar("work"), &server.calendar("home")).await;
        let talk = two.world.find("Talk").await;
        two.carry(talk.id).await;
        // What is edited besides goes along.
        two.world.change(talk.id, |content| content.title = "Long talk".into()).await;
        two.arrives("Long talk").await;
        assert_eq!(two.world.find("Long talk").await.id, talk.id, "{kind:?}");
        assert!(server.names().await.is_empty(), "{kind:?}");
        let path = format!("{}talk.ics", server.calendar("home"));
        let text = server.ask("GET", &path, &[], "").await.body.replace("\r\n ", "");
        for part in ["SUMMARY:Long talk", "X-KEEP:1", "UID:talk", "bob@example.org"] {
            assert!(text.contains(part), "{kind:?}: {part} is missing in {text}");
        }
    }
}

#[tokio::test]
async fn a_series_is_moved_with_its_occurrences() {
    for kind in [Kind::Radicale, Kind::Xandikos] {
        let server = DavServer::start(kind).await;
        server.make_calendar("home").await;
        let series = format!("{TALK}RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261105T090000Z\n");
        let edited = "RECURRENCE-ID:20261104T090000Z\nDTSTART:20261104T120000Z\nDTEND:20261104T130000Z\nSUMMARY:Later\n";
        let text = object(&format!("{}{}", event("talk", &series), event("talk", edited)));
        server.put("talk.ics", &text).await;
        let two = Two::at(server.url(), &server.calendar("work"), &server.calendar("home")).await;
        two.carry(two.world.find("Talk").await.id).await;
        for _ in 0..3 {
            two.world.pass().await;
        }
        let last = two.world.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "{kind:?}: {last:#?}");
        assert_eq!(two.world.titles().await, ["Later", "Talk"], "{kind:?}");
        assert!(server.names().await.is_empty(), "{kind:?}");
        let path = format!("{}talk.ics", server.calendar("home"));
        let text = server.ask("GET", &path, &[], "").await.body;
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{kind:?}: {text}");
    }
}

#[tokio::test]
async fn a_service_that_wants_each_event_once_moves_it() {
    for status in [403, 409, 400] {
        let server = FakeServer::usual().await;
        server.state().moves = true;
        server.put("talk.ics", &object(&event("talk", TALK)));
        let two = Two::fake(&server).await;
        // It takes no copy of what it has in another calendar.
        server.script(move |asked, fake| {
            let is_there = fake.resources.values().any(|text| text.contains("UID:talk"));
            let is_new = asked.method == "PUT" && !fake.resources.contains_key(&asked.path);
            (is_new && is_there).then(|| complaint(status, "<C:unique-scheduling-object-resource/>"))
        });
        two.carry(two.world.find("Talk").await.id).await;
        two.arrives("Talk").await;
        let paths: Vec<_> = server.state().resources.keys().cloned().collect();
        assert_eq!(paths, [format!("{OTHER}talk.ics")], "{status}");
    }
}

#[tokio::test]
async fn what_a_server_cannot_move_is_copied_before_it_is_deleted() {
    let refusals: [fn() -> Response<axum::body::Body>; 4] =
        [|| respond(405, ""), || respond(501, ""), || respond(502, "another server"), || respond(403, "")];
    for refusal in refusals {
        let server = FakeServer::usual().await;
        server.put("talk.ics", &object(&event("talk", TALK)));
        let two = Two::fake(&server).await;
        server.script(move |asked, _| (asked.method == "MOVE").then(refusal));
        server.asked();
        two.carry(two.world.find("Talk").await.id).await;
        two.arrives("Talk").await;
        let paths: Vec<_> = server.state().resources.keys().cloned().collect();
        assert_eq!(paths, [format!("{OTHER}talk.ics")]);
        assert!(server.texts()[0].contains("X-KEEP:1"));
        let writes: Vec<_> = server.asked().into_iter().filter(|asked| asked.method != "PROPFIND").collect();
        let at = |method: &str| writes.iter().position(|asked| asked.method == method).unwrap();
        assert!(at("PUT") < at("DELETE"), "it is never nowhere");
        assert_eq!(writes[at("PUT")].header("if-none-match"), Some("*"));
        assert!(writes[at("DELETE")].header("if-match").is_some(), "what is deleted is what was copied");
    }
}

#[tokio::test]
async fn an_edit_of_the_original_while_it_is_copied_is_in_the_copy() {
    let server = FakeServer::usual().await;
    server.put("talk.ics", &object(&event("talk", TALK)));
    let two = Two::fake(&server).await;
    let mut is_first = true;
    server.script(move |asked, fake| {
        if asked.method == "DELETE" && std::mem::take(&mut is_first) {
            fake.put(&asked.path, &object(&event("talk", &TALK.replace("Talk", "Speech"))));
        }
        None
    });
    two.carry(two.world.find("Talk").await.id).await;
    two.arrives("Speech").await;
    assert_eq!(server.texts().len(), 1);
}

#[tokio::test]
async fn guests_are_not_mailed_because_a_server_cannot_move() {
    let server = FakeServer::usual().await;
    server.state().schedules = true;
    server.put("talk.ics", &object(&event("talk", &format!("{TALK}{GUESTS}"))));
    let two = Two::fake(&server).await;
    server.asked();
    two.carry(two.world.find("Talk").await.id).await;
    let report = two.world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 1), "{report:#?}");
    let asked = server.asked();
    assert!(asked.iter().all(|asked| !["PUT", "DELETE"].contains(&&*asked.method)), "nobody hears of it");
    assert!(server.text("talk.ics").is_some(), "it is where it was");
    assert_eq!(two.world.titles().await, ["Talk"]);
}

#[tokio::test]
async fn a_move_happens_once_whatever_becomes_of_its_answer() {
    let mishaps = [
        Mishap::ResetBefore,
        Mishap::ResetAfter,
        Mishap::Truncated,
        Mishap::Status(500),
        Mishap::Status(503),
        Mishap::StatusAfter(500),
        Mishap::StatusAfter(502),
        Mishap::StatusAfter(503),
    ];
    for mishap in mishaps {
        let server = DavServer::start(Kind::Radicale).await;
        server.make_calendar("home").await;
        server.put("talk.ics", &object(&event("talk", TALK))).await;
        let proxy = DavProxy::before(&server.url()).await;
        let two = Two::at(proxy.url(), &server.calendar("work"), &server.calendar("home")).await;
        two.carry(two.world.find("Talk").await.id).await;
        proxy.meet("MOVE", mishap, 1);
        two.arrives("Talk").await;
        assert_eq!(proxy.met(), 1, "{mishap:?}");
        assert!(server.names().await.is_empty(), "{mishap:?}");
        let home = server.ask("PROPFIND", &server.calendar("home"), &[("Depth", "1")], "").await;
        assert_eq!(home.body.matches("talk.ics").count(), 1, "{mishap:?}: {}", home.body);
    }
}
