//! Calendar servers that do what no server should, made for the purpose: each fault stays with the resource or the
//! account that it is about, and says what is wrong.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use synodic_engine::caldav::CaldavPlace;
use synodic_model::sync::SyncDirection;
use synodic_model::{EventContent, RemoteCalendarId};
use synodic_providers::{
    Class, Linked, NextPull, NotifyAttendees, Provider, ProviderError, PullPosition, RemoteChange, Update,
};
use synodic_tests::dav::{PASSWORD, USER};
use synodic_tests::world::{World, meeting};

use crate::caldav::{creation, event, found, object};

/// How the server misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fault {
    #[default]
    None,
    /// It answers everything with a page for people.
    Page,
    /// It answers everything with entities that grow.
    Bomb,
    /// It leads back to itself.
    Circle,
    /// Every reading of a resource has another `ETag`.
    RestlessTags,
    /// All its `ETag`s are weak.
    WeakTags,
    /// They are, and it says when a resource was changed.
    Dated,
    /// It hands out what somebody has left there in Latin-1.
    Latin,
    /// It answers a question about everything with nothing.
    NoQueries,
    /// It leaves some out where it is asked for everything.
    Forgetful,
}

#[derive(Debug, Default)]
struct Fake {
    fault: Fault,
    /// Where it leads to instead of answering.
    elsewhere: Option<String>,
    resources: BTreeMap<String, String>,
    /// After the next request of this method somebody else's text is in the place of all others.
    meanwhile: Option<(&'static str, String)>,
    /// Counts changes, and readings where tags are restless.
    count: u64,
    requests: Vec<String>,
}

#[derive(Clone, Debug)]
struct FakeServer {
    state: Arc<Mutex<Fake>>,
    address: SocketAddr,
}

const CALENDAR: &str = "/home/team/";

impl FakeServer {
    async fn start(fault: Fault) -> Self {
        let state = Arc::new(Mutex::new(Fake { fault, ..Fake::default() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { state, address }
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn put(&self, name: &str, text: &str) {
        let mut state = self.state.lock().unwrap();
        state.count += 1;
        state.resources.insert(name.to_owned(), text.to_owned());
    }

    /// How often a method was asked for since the last time.
    fn requests(&self, method: &str) -> usize {
        let requests = std::mem::take(&mut self.state.lock().unwrap().requests);
        requests.iter().filter(|request| *request == method).count()
    }
}

async fn answer(State(state): State<Arc<Mutex<Fake>>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut state = state.lock().unwrap();
    state.requests.push(parts.method.to_string());
    let answer = state.answer(parts.method.as_str(), parts.uri.path(), &parts.headers, &body);
    if let Some((_, text)) = state.meanwhile.take_if(|(method, _)| parts.method == *method) {
        state.count += 1;
        state.resources.values_mut().for_each(|there| there.clone_from(&text));
    }
    answer
}

fn respond(status: u16, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).body(body.into()).unwrap()
}

fn multistatus(rows: &str) -> Response<Body> {
    let body = format!(
        "<D:multistatus xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:CS=\"http://calendarserver.org/ns/\">{rows}</D:multistatus>"
    );
    respond(207, body)
}

fn row(href: &str, properties: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}

impl Fake {
    fn tag(&mut self, name: &str) -> String {
        if self.fault == Fault::RestlessTags {
            self.count += 1;
            return format!("\"{}\"", self.count);
        }
        let text = self.resources.get(name).cloned().unwrap_or_default();
        let sum: u64 = text.bytes().zip(1..).map(|(byte, place)| u64::from(byte) * place).sum();
        let weak = if matches!(self.fault, Fault::WeakTags | Fault::Dated) { "W/" } else { "" };
        format!("{weak}\"{sum}\"")
    }

    /// When something was changed for the last time.
    fn modified(&self) -> String {
        format!("Sun, 01 Nov 2026 00:00:{:02} GMT", self.count)
    }

    /// Whether a question is about a resource; one about all may leave some out.
    fn is_asked_for(&self, name: &str, body: &str) -> bool {
        if body.contains("calendar-query") {
            return match self.fault {
                Fault::NoQueries => false,
                Fault::Forgetful => !name.ends_with("9.ics"),
                _ => true,
            };
        }
        body.contains(&format!("{CALENDAR}{name}<"))
    }

    fn answer(&mut self, method: &str, path: &str, headers: &HeaderMap, body: &str) -> Response<Body> {
        if let Some(elsewhere) = &self.elsewhere {
            return Response::builder()
                .status(302)
                .header("location", elsewhere)
                .body(Body::empty())
                .unwrap();
        }
        match self.fault {
            Fault::Page => {
                return respond(200, "<!DOCTYPE html><html><body>Welcome! Please log in.</body></html>");
            }
            Fault::Bomb => {
                let bomb = "<?xml version=\"1.0\"?><!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                            <!ENTITY c SYSTEM \"file:///etc/passwd\">]><D:multistatus xmlns:D=\"DAV:\">&b;&c;</D:multistatus>";
                return respond(207, bomb);
            }
            Fault::Circle => {
                return Response::builder().status(301).header("location", path).body(Body::empty()).unwrap();
            }
            Fault::None
            | Fault::RestlessTags
            | Fault::WeakTags
            | Fault::Dated
            | Fault::Latin
            | Fault::NoQueries
            | Fault::Forgetful => {}
        }
        let name = path.strip_prefix(CALENDAR).unwrap_or_default().to_owned();
        match (method, path) {
            ("PROPFIND", "/") => multistatus(&row(
                "/",
                "<D:current-user-principal><D:href>/me/</D:href></D:current-user-principal>",
            )),
            ("PROPFIND", "/me/") => multistatus(&row(
                "/me/",
                "<C:calendar-home-set><D:href>/home/</D:href></C:calendar-home-set>",
            )),
            ("PROPFIND", "/home/") => {
                let kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
                multistatus(&row(CALENDAR, kind))
            }
            ("PROPFIND", CALENDAR) if headers["depth"] == "0" => {
                multistatus(&row(CALENDAR, &format!("<CS:getctag>{}</CS:getctag>", self.count)))
            }
            ("PROPFIND", CALENDAR) => {
                let names: Vec<String> = self.resources.keys().cloned().collect();
                let mut rows = row(CALENDAR, "<D:resourcetype><D:collection/></D:resourcetype>");
                for name in names {
                    let tag = self.tag(&name);
                    rows += &row(&format!("{CALENDAR}{name}"), &format!("<D:getetag>{tag}</D:getetag>"));
                }
                multistatus(&rows)
            }
            ("REPORT", CALENDAR) => {
                let mut rows = String::new();
                for (name, text) in self.resources.clone() {
                    if self.is_asked_for(&name, body) {
                        let tag = self.tag(&name);
                        let data = format!(
                            "<D:getetag>{tag}</D:getetag><C:calendar-data><![CDATA[{text}]]></C:calendar-data>"
                        );
                        rows += &row(&format!("{CALENDAR}{name}"), &data);
                    }
                }
                multistatus(&rows)
            }
            ("GET", _) => match self.resources.get(&name).cloned() {
                Some(text) => {
                    let tag = self.tag(&name);
                    let dated = Response::builder().header("etag", tag);
                    let dated = match self.fault {
                        Fault::Dated => dated.header("last-modified", self.modified()),
                        _ => dated,
                    };
                    let body = match self.fault {
                        Fault::Latin => text.chars().map(|char| char as u8).collect(),
                        _ => text.into_bytes(),
                    };
                    dated.body(Body::from(body)).unwrap()
                }
                None => respond(404, ""),
            },
            ("PUT", _) => {
                let is_there = self.resources.contains_key(&name);
                let tag = self.tag(&name);
                let refuses =
                    headers.get("if-match").is_some_and(|asked| *asked != *tag || tag.starts_with("W/"))
                        || headers.contains_key("if-none-match") && is_there
                        || headers.get("if-unmodified-since").is_some_and(|at| *at != *self.modified());
                if refuses {
                    return respond(412, "");
                }
                self.count += 1;
                self.resources.insert(name, body.to_owned());
                respond(if is_there { 204 } else { 201 }, "")
            }
            _ => respond(405, ""),
        }
    }
}

fn work() -> RemoteCalendarId {
    RemoteCalendarId::new(CALENDAR)
}

const DAY: &str = "DTSTART;VALUE=DATE:20261104\nSUMMARY:Fine\n";

#[tokio::test]
async fn a_page_for_people_is_no_list() {
    let server = FakeServer::start(Fault::Page).await;
    let error = found(&server.url(), PASSWORD).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("no multistatus"), "{error}");
}

#[tokio::test]
async fn entities_do_not_grow() {
    let server = FakeServer::start(Fault::Bomb).await;
    let error = found(&server.url(), PASSWORD).await.unwrap_err();
    assert!(error.to_string().contains("document type"), "{error}");
}

#[tokio::test]
async fn a_circle_is_left() {
    let server = FakeServer::start(Fault::Circle).await;
    let error = found(&server.url(), PASSWORD).await.unwrap_err();
    assert!(error.to_string().contains("circle"), "{error}");
    assert!(server.requests("PROPFIND") < 20);
}

#[tokio::test]
async fn a_password_does_not_follow_to_another_host() {
    let stranger = FakeServer::start(Fault::None).await;
    let server = FakeServer::start(Fault::None).await;
    server.state.lock().unwrap().elsewhere = Some(format!("http://localhost:{}/", stranger.address.port()));
    let error = found(&server.url(), PASSWORD).await.unwrap_err();
    assert!(error.to_string().contains("localhost"), "{error}");
    assert_eq!(stranger.requests("PROPFIND"), 0);
}

#[tokio::test]
async fn what_cannot_be_read_or_is_huge_is_alone_in_that() {
    let server = FakeServer::start(Fault::None).await;
    server.put("a.ics", &object(&event("a", DAY)));
    server.put(
        "broken.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:b\nDTSTART:yesterday\nEND:VEVENT\nEND:VCALENDAR\n",
    );
    server.put("cut.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:c");
    server.put("huge.ics", &object(&event("huge", &format!("{DAY}DESCRIPTION:{}\n", "x".repeat(20 << 20)))));
    server.put("z.ics", &object(&event("z", DAY)));
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let page = provider.pull(Linked::plain(&work()), &PullPosition::default()).await.unwrap();
    let (mut fine, mut unreadable) = (Vec::new(), Vec::new());
    for change in page.changes {
        match change {
            RemoteChange::Present(event) => fine.push(event.id.to_string()),
            RemoteChange::Unreadable { id, .. } => unreadable.push(id.unwrap().to_string()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(fine, ["a.ics", "z.ics"]);
    assert_eq!(unreadable, ["broken.ics", "cut.ics", "huge.ics"]);
}

#[tokio::test]
async fn a_server_without_tokens_is_asked_by_its_tags() {
    asked_by_tags(Fault::None).await;
}

#[tokio::test]
async fn what_a_question_about_everything_leaves_out_is_fetched_by_name() {
    asked_by_tags(Fault::Forgetful).await;
    asked_by_tags(Fault::NoQueries).await;
}

async fn asked_by_tags(fault: Fault) {
    let server = FakeServer::start(fault).await;
    for number in 0..500 {
        server.put(&format!("e{number}.ics"), &object(&event(&format!("e{number}"), DAY)));
    }
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let mut position = PullPosition::default();
    let mut count = 0;
    let cursor = loop {
        let page = provider.pull(Linked::plain(&work()), &position).await.unwrap();
        count += page.changes.len();
        match page.next {
            NextPull::Page(page) => position.page = Some(page),
            NextPull::Done { cursor } => break cursor,
        }
    };
    assert_eq!(count, 500);
    server.requests("");
    let position = PullPosition { cursor: Some(cursor), page: None };
    let quiet = provider.pull(Linked::plain(&work()), &position).await.unwrap();
    assert!(quiet.changes.is_empty());
    assert_eq!(server.state.lock().unwrap().requests.len(), 1, "nothing has changed: one question");

    server.put("e7.ics", &object(&event("e7", &DAY.replace("Fine", "Finer"))));
    server.state.lock().unwrap().resources.remove("e8.ics");
    let changed = provider.pull(Linked::plain(&work()), &position).await.unwrap().changes;
    assert_eq!(changed.len(), 2, "{changed:?}");
    assert!(matches!(&changed[0], RemoteChange::Removed { id } if id.as_str() == "e8.ics"));
    assert!(matches!(&changed[1], RemoteChange::Present(event) if event.content.title == "Finer"));
}

/// Changes the title of the only event.
async fn change(server: &FakeServer) -> Result<(), ProviderError> {
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let id = work();
    let calendar = Linked::plain(&id);
    let content = meeting("Ours", 3);
    let made = provider.create(calendar, &creation(&content, "ours@synodic")).await?;
    let mut desired = content.clone();
    desired.title = "Changed".into();
    let update = Update {
        id: &made.id,
        version: Some(&made.version),
        base: Some(&made.content),
        desired: &desired,
        notify: NotifyAttendees::Nobody,
    };
    let changed = provider.update(calendar, &update).await?;
    assert_eq!(changed.content.title, "Changed");
    let stale = provider.update(calendar, &update).await.unwrap_err();
    assert!(matches!(stale, ProviderError::VersionMismatch), "{stale}");
    Ok(())
}

#[tokio::test]
async fn weak_tags_are_not_sent_and_versions_are_compared_all_the_same() {
    let server = FakeServer::start(Fault::WeakTags).await;
    change(&server).await.unwrap();
}

/// Another client's text of the event, which does not have our title.
fn of_the_phone() -> String {
    let lines = "LAST-MODIFIED:20261101T120000Z\nDTSTART;VALUE=DATE:20261104\nSUMMARY:Of the phone\n";
    object(&event("ours@synodic", lines))
}

/// Changes an event that somebody else's text replaces after the first request of a method.
async fn change_beside(fault: Fault, method: &'static str) -> (FakeServer, ProviderError) {
    let server = FakeServer::start(fault).await;
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let content = meeting("Ours", 3);
    let id = work();
    let calendar = Linked::plain(&id);
    let made = provider.create(calendar, &creation(&content, "ours@synodic")).await.unwrap();
    server.state.lock().unwrap().meanwhile = Some((method, of_the_phone()));
    let desired = EventContent { title: "Changed".into(), ..content };
    let update = Update {
        id: &made.id,
        version: Some(&made.version),
        base: Some(&made.content),
        desired: &desired,
        notify: NotifyAttendees::Nobody,
    };
    let error = provider.update(calendar, &update).await.unwrap_err();
    (server, error)
}

#[tokio::test]
async fn without_strong_tags_the_time_of_the_last_change_guards_anothers_edit() {
    let (server, error) = change_beside(Fault::Dated, "GET").await;
    assert!(matches!(error, ProviderError::VersionMismatch), "{error}");
    let state = server.state.lock().unwrap();
    assert!(state.resources.values().all(|text| text.contains("Of the phone")), "{:?}", state.resources);
}

#[tokio::test]
async fn an_edit_that_another_client_writes_over_is_not_taken_for_sent() {
    let (_, error) = change_beside(Fault::WeakTags, "PUT").await;
    assert!(matches!(error, ProviderError::VersionMismatch), "{error}");
}

#[tokio::test]
async fn a_text_that_is_not_utf_8_is_not_written_back() {
    let server = FakeServer::start(Fault::Latin).await;
    let text = object(&event("ours", &format!("{DAY}LOCATION:Caf\u{e9}\n")));
    server.put("ours.ics", &text);
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let id = work();
    let page = provider.pull(Linked::plain(&id), &PullPosition::default()).await.unwrap();
    let [RemoteChange::Present(shown)] = page.changes.as_slice() else { panic!("{:?}", page.changes) };
    let desired = EventContent { title: "Changed".into(), ..shown.content.clone() };
    let update = Update {
        id: &shown.id,
        version: Some(&shown.version),
        base: Some(&shown.content),
        desired: &desired,
        notify: NotifyAttendees::Nobody,
    };
    let error = provider.update(Linked::plain(&id), &update).await.unwrap_err();
    assert_eq!(error.class(), Class::Permanent, "{error}");
    assert!(error.to_string().contains("not in UTF-8"), "{error}");
    assert_eq!(server.requests("PUT"), 0);
    assert_eq!(server.state.lock().unwrap().resources["ours.ics"], text);
}

#[tokio::test]
async fn tags_that_change_with_each_reading_overwrite_nothing() {
    let server = FakeServer::start(Fault::RestlessTags).await;
    let error = change(&server).await.unwrap_err();
    assert_eq!(error.class(), Class::Conflict, "{error}");
    assert!(server.state.lock().unwrap().resources.values().all(|text| text.contains("SUMMARY:Ours")));
}

#[tokio::test]
async fn two_events_with_one_uid_are_both_there() {
    let server = FakeServer::start(Fault::None).await;
    server.put("a.ics", &object(&event("same", DAY)));
    server.put("b.ics", &object(&event("same", &DAY.replace("Fine", "Fine as well"))));
    let world = World::new().await;
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
    world.link(None, account, CALENDAR, SyncDirection::Bidirectional).await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Fine", "Fine as well"]);
    let again = world.pass().await;
    assert_eq!((again.pushed, again.failed), (0, 0), "{again:#?}");
}
