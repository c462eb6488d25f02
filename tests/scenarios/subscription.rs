//! A calendar file at an address: read again, shown as it is, and never taken for empty when it only fails.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use synodic_engine::snapshot::{IntegrationSnapshot, Listening, SyncState};
use synodic_engine::view::CalendarView;
use synodic_model::sync::ProviderKind;
use synodic_tests::world::{World, meeting};

/// What the server does.
#[derive(Clone)]
enum Manner {
    /// Sends a file, and says when it has not changed.
    File(String),
    /// Sends a file without saying what state it is in.
    Plain(String),
    Fails(u16),
    Page,
    LeadsTo(String),
}

/// A server with one file, and what it was asked.
#[derive(Clone)]
struct Server {
    manner: Arc<Mutex<Manner>>,
    asked: Arc<Mutex<Vec<HeaderMap>>>,
    address: String,
}

impl Server {
    async fn start(manner: Manner) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}/secret-7f3a/holidays.ics", listener.local_addr().unwrap());
        let server = Self { manner: Arc::new(Mutex::new(manner)), asked: Arc::default(), address };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    fn now(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn asked(&self) -> Vec<HeaderMap> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn answer(State(server): State<Server>, headers: HeaderMap) -> Response {
    server.asked.lock().unwrap().push(headers.clone());
    let manner = server.manner.lock().unwrap().clone();
    match manner {
        Manner::File(text) => {
            let etag = format!("\"{}\"", text.len());
            if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag) {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            ([(header::ETAG, etag), (header::CONTENT_TYPE, "text/calendar".to_owned())], text).into_response()
        }
        Manner::Plain(text) => text.into_response(),
        Manner::Fails(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Manner::Page => ([(header::CONTENT_TYPE, "text/html")], "<!doctype html><p>Sign in").into_response(),
        Manner::LeadsTo(place) => (StatusCode::FOUND, [(header::LOCATION, place)]).into_response(),
    }
}

fn event(uid: &str, title: &str, day: u32) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{title}\r\nDTSTART;VALUE=DATE:202611{day:02}\r\nEND:VEVENT\r\n"
    )
}

fn file(events: &[String]) -> String {
    format!("BEGIN:VCALENDAR\r\nX-WR-CALNAME:Holidays\r\n{}END:VCALENDAR\r\n", events.concat())
}

fn three() -> [String; 3] {
    [event("a", "All Saints", 1), event("b", "Martinmas", 11), event("c", "Penance", 18)]
}

const ALL: [&str; 3] = ["All Saints", "Martinmas", "Penance"];

async fn subscribed(server: &Server) -> (World, CalendarView) {
    let world = World::new().await;
    let calendar = world.engine.subscribe(&server.address).await.unwrap();
    world.pass().await;
    (world, calendar)
}

async fn titles(world: &World) -> Vec<String> {
    let mut titles = world.titles().await;
    titles.sort();
    titles
}

fn account(world: &World) -> IntegrationSnapshot {
    let accounts = world.engine.snapshot().integrations;
    accounts.into_iter().find(|account| account.provider == ProviderKind::Ics).unwrap()
}

#[tokio::test]
async fn the_file_is_shown_followed_and_only_read() {
    let server = Server::start(Manner::File(file(&three()))).await;
    let (world, calendar) = subscribed(&server).await;
    assert_eq!((&*calendar.name, calendar.writable), ("Holidays", false));
    assert_eq!(titles(&world).await, ALL);
    assert_eq!(account(&world).account, "Holidays (127.0.0.1)");

    server.asked();
    let report = world.pass().await;
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains_key(header::IF_NONE_MATCH), "{asked:?}");
    assert_eq!((report.links[0].created, report.links[0].updated, report.links[0].deleted), (0, 0, 0));

    let before = world.find("Martinmas").await;
    server.now(Manner::File(file(&[
        event("a", "All Saints", 1),
        event("b", "Saint Martin’s Day", 12),
        event("d", "Advent", 29),
    ])));
    let report = world.pass().await;
    assert_eq!((report.links[0].created, report.links[0].updated, report.links[0].deleted), (1, 1, 1));
    assert_eq!(server.asked().len(), 1, "what is missing is not asked for by fetching the file again");
    assert_eq!(titles(&world).await, ["Advent", "All Saints", "Saint Martin’s Day"]);
    assert_eq!(world.find("Saint Martin’s Day").await.id, before.id, "it is the same event");

    let refused = world.engine.create_event(synodic_engine::view::EventDraft {
        calendar_id: calendar.id,
        content: meeting("Mine", 3),
        notify: synodic_engine::view::NotifyAttendees::Nobody,
    });
    assert!(refused.await.unwrap_err().to_string().contains("only read"));
}

#[tokio::test]
async fn a_server_that_says_nothing_of_states_changes_nothing_by_sending_the_same() {
    let server = Server::start(Manner::Plain(file(&three()))).await;
    let (world, _) = subscribed(&server).await;
    let before = world.find("Martinmas").await;
    let report = world.pass().await;
    assert_eq!((report.links[0].created, report.links[0].updated, report.links[0].deleted), (0, 0, 0));
    // Written anew at every turn, as Google does it.
    let stamped = file(&three()).replace("SUMMARY:", "DTSTAMP:20261105T101010Z\r\nSUMMARY:");
    server.now(Manner::Plain(stamped));
    let report = world.pass().await;
    assert_eq!((report.links[0].created, report.links[0].updated, report.links[0].deleted), (0, 0, 0));
    assert_eq!(world.find("Martinmas").await.revision, before.revision);
}

#[tokio::test]
async fn what_is_no_whole_calendar_takes_nothing_away_and_is_said() {
    let server = Server::start(Manner::File(file(&three()))).await;
    let (world, _) = subscribed(&server).await;
    let whole = file(&three());
    let (half, _) = whole.split_at(whole.find("UID:c").unwrap());
    let between = file(&three()[..1]).replace("END:VCALENDAR\r\n", "");
    for (manner, words) in [
        (Manner::Plain(half.to_owned()), "cut off"),
        (Manner::Plain(between), "cut off"),
        (Manner::Page, "a web page"),
        (Manner::Plain(String::new()), "empty"),
        (Manner::Fails(404), "no calendar at this address any more"),
        (Manner::Fails(401), "wants a name and a password"),
        (Manner::Fails(500), "HTTP 500"),
        (Manner::LeadsTo("ftp://elsewhere.example/".into()), "not safe"),
        (Manner::LeadsTo("/round".into()), "circle"),
    ] {
        server.now(manner);
        let report = world.pass().await;
        let account = account(&world);
        let said = format!("{:?} {:?} {:?}", account.message, account.troubles, report.links);
        assert!(said.contains(words), "{words:?}: {said}");
        assert!(!said.contains("secret-7f3a"), "the address is nobody’s to see: {said}");
        assert!(said.contains("what came before stays"), "{said}");
        assert_ne!(account.state, SyncState::NeedsSignIn, "there is nothing to sign in to: {said}");
        assert_eq!(titles(&world).await, ALL, "{words}");
    }
    server.now(Manner::File(file(&three()[1..])));
    world.pass().await;
    assert_eq!(titles(&world).await, ALL[1..], "and it goes on from there");
    assert_eq!((account(&world).message, account(&world).troubles.len()), (None, 0));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_any_more_stays_as_it_was() {
    let server = Server::start(Manner::File(file(&three()))).await;
    let (world, _) = subscribed(&server).await;
    let [first, second, third] = three();
    server.now(Manner::File(file(&[first, second.replace("DATE:20261111", "DATE:soon"), third])));
    world.pass().await;
    assert_eq!(titles(&world).await, ALL);
    assert_eq!(account(&world).unreadable, 1);
}

#[tokio::test]
async fn the_file_says_how_often_it_is_asked_for_within_bounds() {
    for (line, seconds) in [
        ("", 3600),
        ("X-PUBLISHED-TTL:PT12H\r\n", 12 * 3600),
        ("REFRESH-INTERVAL;VALUE=DURATION:PT1M\r\n", 300),
        ("X-PUBLISHED-TTL:P30D\r\n", 24 * 3600),
    ] {
        let text = file(&three()).replace("X-WR-CALNAME", &format!("{line}X-WR-CALNAME"));
        let server = Server::start(Manner::File(text)).await;
        let (world, _) = subscribed(&server).await;
        world.pass().await;
        assert_eq!(account(&world).listening, Listening::Polling { every_seconds: seconds }, "{line:?}");
    }
}

#[tokio::test]
async fn an_address_is_one_account_however_often_it_is_entered() {
    let first = Server::start(Manner::File(file(&three()))).await;
    let second = Server::start(Manner::File(file(&three()[..1]))).await;
    let (world, calendar) = subscribed(&first).await;
    let again = world.engine.subscribe(&format!(" {} ", first.address)).await.unwrap();
    assert_eq!(again.id, calendar.id);
    let other = world.engine.subscribe(&second.address).await.unwrap();
    assert_ne!(other.id, calendar.id);
    world.pass().await;
    let accounts = world.engine.integrations().await.unwrap();
    let names: Vec<_> = accounts.iter().map(|account| account.account.as_str()).collect();
    assert_eq!(names, ["Holidays (127.0.0.1)", "Holidays (127.0.0.1) 2"]);
}

#[tokio::test]
async fn what_is_no_calendar_is_not_subscribed_to() {
    let world = World::new().await;
    let server = Server::start(Manner::Page).await;
    for (manner, words) in
        [(Manner::Page, "web page"), (Manner::Fails(404), "404"), (Manner::Fails(401), "name and a password")]
    {
        server.now(manner);
        let error = world.engine.subscribe(&server.address).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("stays"), "nothing came before: {error}");
    }
    let error = world.engine.subscribe("file:///etc/passwd").await.unwrap_err().to_string();
    assert!(error.contains("https://"), "{error}");
    assert!(world.engine.integrations().await.unwrap().is_empty());
}
