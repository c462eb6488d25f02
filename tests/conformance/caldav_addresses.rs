//! Where things are: servers that lead on, that spell addresses in ways of their own, and that do not know their own host.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Response as Answer;
use http::{Request, Response};
use synodic_engine::caldav::CaldavPlace;
use synodic_model::RemoteCalendarId;
use synodic_model::sync::SyncDirection;
use synodic_providers::caldav::{Caldav, CaldavAccount, discover};
use synodic_providers::transport::{Network, Surroundings, Transport, TransportError};
use synodic_providers::{Linked, Provider, PullPosition, RemoteChange, TokenVault};
use synodic_tests::dav::{PASSWORD, USER};
use synodic_tests::world::{World, meeting};

use crate::caldav::{Password, creation, event, found, object};
use crate::caldav_fake::{CALENDAR, FakeServer, OTHER, multistatus, respond, row, work};

const DAY: &str = "DTSTART;VALUE=DATE:20261104\nSUMMARY:Fine\n";

fn lead_to(status: u16, place: &str) -> Answer<Body> {
    Answer::builder().status(status).header("location", place).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn whoever_is_led_on_asks_there_what_they_asked_here() {
    for status in [301, 302, 303, 307, 308] {
        let server = FakeServer::usual().await;
        server.script(move |asked, _| match asked.path.as_str() {
            "/.well-known/caldav" => Some(lead_to(status, "/start")),
            // From there a whole address leads on.
            "/start" => Some(lead_to(status, &format!("http://{}/", asked.header("host").unwrap()))),
            _ => None,
        });
        let place = format!("{}.well-known/caldav", server.url());
        let provider = found(&place, PASSWORD).await.unwrap();
        assert_eq!(provider.remote_calendars().await.unwrap().len(), 2, "{status}");
        let asked = server.asked();
        let first: Vec<_> = asked.iter().take(3).collect();
        let paths: Vec<_> = first.iter().map(|asked| asked.path.as_str()).collect();
        assert_eq!(paths, ["/.well-known/caldav", "/start", "/"], "{status}");
        for asked in first {
            assert_eq!(asked.method, "PROPFIND", "{status}");
            assert_eq!(asked.header("depth"), Some("0"), "{status}");
            assert!(asked.body.contains("current-user-principal"), "{status}: {}", asked.body);
            assert!(asked.header("authorization").is_some(), "{status}: it is the same host");
        }
    }
}

#[tokio::test]
async fn a_write_that_is_led_on_is_the_same_write() {
    for status in [301, 302, 307, 308] {
        let server = FakeServer::usual().await;
        let provider = found(&server.url(), PASSWORD).await.unwrap();
        server.script(move |asked, _| {
            let name = asked.path.strip_prefix(CALENDAR)?;
            Some(lead_to(status, &format!("{OTHER}{name}")))
        });
        let content = meeting("Ours", 3);
        let id = work();
        provider.create(Linked::plain(&id), &creation(&content, "ours@synodic")).await.unwrap();
        let asked = server.asked();
        let last = asked.iter().rfind(|asked| asked.method == "PUT").unwrap();
        assert!(last.path.starts_with(OTHER), "{status}: {}", last.path);
        assert_eq!(last.header("if-none-match"), Some("*"), "{status}");
        assert!(server.texts()[0].contains("SUMMARY:Ours"), "{status}");
    }
}

/// Names as a server may spell them, each of which is another resource to it when it is spelled otherwise.
const SPELLED: [&str; 6] =
    ["plain.ics", "a%40example.org.ics", "b@example.org.ics", "c%3Ad.ics", "e%20f+g.ics", "%7Eh%2Bi.ics"];

#[tokio::test]
async fn an_address_is_asked_for_as_the_server_spells_it() {
    let server = FakeServer::usual().await;
    for (number, name) in SPELLED.iter().enumerate() {
        let lines = format!("DTSTART;VALUE=DATE:20261104\nSUMMARY:Event {number}\n");
        server.put(name, &object(&event(&format!("uid{number}"), &lines)));
    }
    let (mut world, _) = server.linked().await;
    world.pass().await;
    assert_eq!(world.titles().await.len(), SPELLED.len());
    for round in ["Changed", "Again"] {
        for number in 0..SPELLED.len() {
            let shown = world.shown().await;
            let shown = shown.iter().find(|shown| shown.title.ends_with(&number.to_string())).unwrap();
            world.change(shown.event_id, |content| content.title = format!("{round} {number}")).await;
        }
        let report = world.pass().await;
        assert_eq!((report.pending, report.failed), (0, 0), "{report:#?}");
        for (number, name) in SPELLED.iter().enumerate() {
            let text = server.text(name).unwrap_or_else(|| panic!("{name} is gone"));
            assert!(text.contains(&format!("SUMMARY:{round} {number}")), "{name}: {text}");
        }
        assert_eq!(server.texts().len(), SPELLED.len(), "none is there under another name");
        // What was learnt is forgotten, and an edit comes before any list.
        world.restart().await;
    }
    server.put(SPELLED[1], &object(&event("uid1", &DAY.replace("Fine", "Theirs 1"))));
    world.pass().await;
    assert!(world.titles().await.contains(&"Theirs 1".to_owned()), "{:?}", world.titles().await);
    for shown in world.shown().await {
        world.delete(shown.event_id).await;
    }
    world.pass().await;
    assert!(server.texts().is_empty(), "{:?}", server.texts());
}

#[tokio::test]
async fn one_address_in_two_spellings_is_one_event() {
    let server = FakeServer::usual().await;
    server.put("a%40b.ics", &object(&event("a", DAY)));
    let (world, _) = server.linked().await;
    // Where changes are reported the same address is spelled otherwise, and it does not matter to this server.
    server.script(|asked, fake| {
        if asked.body.contains("sync-collection") {
            let tag = fake.tag("/home/team/a%40b.ics");
            let count = fake.count;
            let rows = row("/home/team/a@b.ics", &format!("<D:getetag>{tag}</D:getetag>"));
            return Some(multistatus(&format!("{rows}{}", crate::caldav_fake::token(count))));
        }
        let path = asked.path.replace("a@b", "a%40b");
        let body = asked.body.replace("a@b", "a%40b");
        (path != asked.path || body != asked.body)
            .then(|| fake.answer(&crate::caldav_fake::Asked { path, body, ..asked.clone() }))
    });
    for title in ["Changed", "Again"] {
        server.put("a%40b.ics", &object(&event("a", &DAY.replace("Fine", title))));
        world.pass().await;
        assert_eq!(world.titles().await, [title]);
    }
    let event = world.find("Again").await;
    world.change(event.id, |content| content.title = "Ours".into()).await;
    world.pass().await;
    assert_eq!(server.texts().len(), 1);
    assert!(server.texts()[0].contains("SUMMARY:Ours"));
}

#[tokio::test]
async fn a_server_that_does_not_know_its_own_address_is_asked_where_it_was_found() {
    for origin in ["http://internal.example:8080", "https://old.example"] {
        let server = FakeServer::usual().await;
        server.state().origin = origin.to_owned();
        server.put("a.ics", &object(&event("a", DAY)));
        let provider = found(&server.url(), PASSWORD).await.unwrap();
        let ids: Vec<_> =
            provider.remote_calendars().await.unwrap().into_iter().map(|it| it.id.to_string()).collect();
        assert_eq!(ids, [CALENDAR, OTHER], "{origin}");
        let (world, calendar) = server.linked().await;
        world.pass().await;
        assert_eq!(world.titles().await, ["Fine"], "{origin}");
        let fine = world.find("Fine").await;
        world.change(fine.id, |content| content.title = "Changed".into()).await;
        world.create(calendar.id, meeting("Ours", 3)).await;
        server.put("b.ics", &object(&event("b", &DAY.replace("Fine", "Theirs"))));
        for _ in 0..2 {
            let report = world.pass().await;
            assert_eq!((report.pending, report.failed), (0, 0), "{report:#?}");
        }
        assert_eq!(world.titles().await, ["Changed", "Ours", "Theirs"], "{origin}");
        assert_eq!(server.texts().len(), 3, "{origin}");
    }
}

/// A network in which every host of a service is the server.
#[derive(Clone)]
struct Everywhere {
    server: String,
    network: Network,
    asked: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Transport for Everywhere {
    async fn send(&self, mut request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let path = request.uri().path().to_owned();
        self.asked.lock().unwrap().push(format!("{host}{path}"));
        *request.uri_mut() = format!("{}{path}", self.server).parse().unwrap();
        request.headers_mut().insert("x-host", host.parse().unwrap());
        self.network.send(request).await
    }
}

#[tokio::test]
async fn an_account_that_its_service_keeps_on_another_host_is_followed_there_and_on() {
    let server = FakeServer::usual().await;
    server.put("a.ics", &object(&event("a", DAY)));
    // The host on which the account is; its own lists still name the first one.
    let host = Arc::new(Mutex::new("p42-caldav.icloud.com"));
    server.state().origin = "https://p42-caldav.icloud.com:443".to_owned();
    let now_at = Arc::clone(&host);
    server.script(move |asked, _| {
        let host = *now_at.lock().unwrap();
        let at = asked.header("x-host").unwrap_or_default();
        if asked.path == "/me/" {
            let home = format!(
                "<C:calendar-home-set><D:href>https://{host}:443/home/</D:href></C:calendar-home-set>"
            );
            return Some(multistatus(&row("/me/", &home)));
        }
        (asked.path.starts_with("/home/") && at != host).then(|| respond(404, ""))
    });
    let transport = Everywhere {
        server: server.url().trim_end_matches('/').to_owned(),
        network: Network::patient(None).unwrap(),
        asked: Arc::default(),
    };
    let asked = Arc::clone(&transport.asked);
    let surroundings = Surroundings { transport: Arc::new(transport), ..Surroundings::real().unwrap() };
    let vault: Arc<dyn TokenVault> = Arc::new(Password(PASSWORD));
    let account = CaldavAccount::at("ada@icloud.com", Some("ada@icloud.com".to_owned()));
    let account = discover(account, Arc::clone(&vault), surroundings.clone()).await.unwrap();
    let provider = Caldav::with(account, vault, surroundings);
    for at in ["p42-caldav.icloud.com", "p43-caldav.icloud.com"] {
        *host.lock().unwrap() = at;
        let calendars = provider.remote_calendars().await.unwrap();
        let ids: Vec<_> = calendars.iter().map(|calendar| calendar.id.to_string()).collect();
        assert_eq!(ids, [CALENDAR, OTHER], "it is the same calendar wherever it is");
        asked.lock().unwrap().clear();
        let page = provider.pull(Linked::plain(&work()), &PullPosition::default()).await.unwrap();
        assert!(matches!(&page.changes[..], [RemoteChange::Present(_)]), "{:?}", page.changes);
        let asked = asked.lock().unwrap().clone();
        assert!(asked.iter().all(|asked| asked.starts_with(at)), "{asked:?}");
    }
}

#[tokio::test]
async fn a_calendar_elsewhere_is_not_offered() {
    let server = FakeServer::usual().await;
    server.script(|asked, _| {
        let kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
        let rows = [row(CALENDAR, kind), row("https://elsewhere.example/shared/", kind)].concat();
        (asked.path == "/home/").then(|| multistatus(&rows))
    });
    let world = World::new().await;
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
    let offered = world.engine.remote_calendars(Some(account)).await.unwrap();
    let ids: Vec<_> = offered.iter().map(|calendar| calendar.id.as_str()).collect();
    assert_eq!(ids, [CALENDAR]);
    let elsewhere = RemoteCalendarId::new("https://elsewhere.example/shared/");
    let link = world.engine.link_calendar(None, account, elsewhere, SyncDirection::Bidirectional).await;
    assert!(link.is_err(), "a password would go there");
}
