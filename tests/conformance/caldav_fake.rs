//! A small calendar server that does as a test tells it, right or wrong. What it does of its own accord is the least that
//! makes a calendar server; a test adds the habit that it is about, by a fault, a habit, or a script that answers first.

mod said;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::CalendarView;
use synodic_model::RemoteCalendarId;
use synodic_model::sync::SyncDirection;
use synodic_tests::dav::{PASSWORD, USER};
use synodic_tests::world::World;

pub(crate) use self::said::{complaint, multistatus, respond, row, status_row, token};

/// How the server misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
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
    /// They are, and it tells versions by `Schedule-Tag` (RFC 6638 §3.2.10), which changes with everything.
    ScheduleTags,
    /// It hands out what somebody has left there in Latin-1.
    Latin,
    /// It answers a question about everything with nothing.
    NoQueries,
    /// It leaves some out where it is asked for everything.
    Forgetful,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Asked {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Answers a request before the server does, if it has something to say.
type Script = Box<dyn FnMut(&Asked, &mut Fake) -> Option<Response<Body>> + Send>;

/// What the server has, and how it behaves.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) fault: Fault,
    /// Where it leads to instead of answering.
    pub(crate) elsewhere: Option<String>,
    /// The texts by path.
    pub(crate) resources: BTreeMap<String, String>,
    /// After the next request of this method somebody else's text is in the place of all others.
    pub(crate) meanwhile: Option<(&'static str, String)>,
    /// Counts changes, and readings where tags are restless.
    pub(crate) count: u64,
    /// Whether changes can be followed by tokens.
    pub(crate) has_tokens: bool,
    /// Whether the answer to a write has the `ETag` of what was written.
    pub(crate) says_etags: bool,
    /// Whether it has an outbox for invitations.
    pub(crate) schedules: bool,
    /// Whether it moves resources.
    pub(crate) moves: bool,
    /// How many resources it names at most where it is asked for all with their texts, for changes, or for a list.
    pub(crate) most: Most,
    /// Whether it says so when it names fewer than there are.
    pub(crate) says_where_it_stops: bool,
    /// Whether a calendar is a member of itself, and has a folder in it.
    pub(crate) names_itself: bool,
    /// What its addresses begin with: nothing, or a host.
    pub(crate) origin: String,
    /// When each resource was changed or deleted for the last time, by `count`.
    touched: BTreeMap<String, u64>,
    asked: Vec<Asked>,
}

/// Most of what an answer names; everything when absent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Most {
    pub(crate) told: Option<usize>,
    pub(crate) reported: Option<usize>,
    pub(crate) listed: Option<usize>,
}

/// The server; it runs until the test ends.
#[derive(Clone)]
pub(crate) struct FakeServer {
    pub(crate) state: Arc<Mutex<Fake>>,
    script: Arc<Mutex<Option<Script>>>,
    pub(crate) address: SocketAddr,
}

/// The calendar that most tests are about, and another one.
pub(crate) const CALENDAR: &str = "/home/team/";
pub(crate) const OTHER: &str = "/home/other/";

pub(crate) fn work() -> RemoteCalendarId {
    RemoteCalendarId::new(CALENDAR)
}

impl FakeServer {
    pub(crate) async fn start(fault: Fault) -> Self {
        let state = Arc::new(Mutex::new(Fake { fault, ..Fake::default() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { state, script: Arc::default(), address };
        let app = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        server
    }

    /// One that has tokens and says `ETag`s, as most do.
    pub(crate) async fn usual() -> Self {
        let server = Self::start(Fault::None).await;
        let mut state = server.state();
        (state.has_tokens, state.says_etags) = (true, true);
        drop(state);
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, Fake> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a test answer requests from now on, those that it has an answer for.
    pub(crate) fn script(
        &self,
        script: impl FnMut(&Asked, &mut Fake) -> Option<Response<Body>> + Send + 'static,
    ) {
        *self.script.lock().unwrap() = Some(Box::new(script));
    }

    /// Lets the server answer for itself again.
    pub(crate) fn unscript(&self) {
        *self.script.lock().unwrap() = None;
    }

    /// Writes a resource as somebody else.
    pub(crate) fn put(&self, name: &str, text: &str) {
        self.state().put(&format!("{CALENDAR}{name}"), text);
    }

    /// Deletes a resource as somebody else.
    pub(crate) fn remove(&self, name: &str) {
        self.state().remove(&format!("{CALENDAR}{name}"));
    }

    /// The text of a resource, lines unfolded.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self.state().resources.get(&format!("{CALENDAR}{name}")).cloned();
        text.map(|text| unfolded(&text))
    }

    /// The texts of all resources, lines unfolded.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.state().resources.values().map(|text| unfolded(text)).collect()
    }

    /// What was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state().asked)
    }

    /// Synodic beside the server, its calendar linked and read once.
    pub(crate) async fn linked(&self) -> (World, CalendarView) {
        let world = World::new().await;
        let place = CaldavPlace { place: self.url(), user: Some(USER.to_owned()), certificate: None };
        let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
        let calendar = world.link(None, account, CALENDAR, SyncDirection::Bidirectional).await;
        world.pass().await;
        (world, calendar)
    }

    /// How often a method was asked for since the last time.
    pub(crate) fn requests(&self, method: &str) -> usize {
        self.asked().iter().filter(|asked| asked.method == method).count()
    }
}

fn unfolded(text: &str) -> String {
    text.replace("\r\n", "\n").replace("\n ", "")
}

async fn answer(State(server): State<FakeServer>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let mut script = server.script.lock().unwrap_or_else(PoisonError::into_inner);
    let mut state = server.state();
    state.asked.push(asked.clone());
    let scripted = script.as_mut().and_then(|script| script(&asked, &mut state));
    let answer = scripted.unwrap_or_else(|| state.answer(&asked));
    if let Some((_, text)) = state.meanwhile.take_if(|(method, _)| asked.method == *method) {
        let paths: Vec<String> = state.resources.keys().cloned().collect();
        paths.iter().for_each(|path| state.put(path, &text));
    }
    answer
}

impl Fake {
    pub(crate) fn put(&mut self, path: &str, text: &str) {
        self.count += 1;
        self.touched.insert(path.to_owned(), self.count);
        self.resources.insert(path.to_owned(), text.to_owned());
    }

    pub(crate) fn remove(&mut self, path: &str) {
        self.count += 1;
        self.touched.insert(path.to_owned(), self.count);
        self.resources.remove(path);
    }

    /// The `ETag` of what is at a path.
    pub(crate) fn tag(&mut self, path: &str) -> String {
        if self.fault == Fault::RestlessTags {
            self.count += 1;
            return format!("\"{}\"", self.count);
        }
        let text = self.resources.get(path).cloned().unwrap_or_default();
        let sum: u64 = text.bytes().zip(1..).map(|(byte, place)| u64::from(byte) * place).sum();
        let is_weak = matches!(self.fault, Fault::WeakTags | Fault::Dated | Fault::ScheduleTags);
        format!("{}\"{sum}\"", if is_weak { "W/" } else { "" })
    }

    /// When something was changed for the last time.
    fn modified(&self) -> String {
        format!("Sun, 01 Nov 2026 00:00:{:02} GMT", self.count)
    }

    fn schedule_tag(&self, path: &str) -> String {
        format!("\"s{}\"", self.touched.get(path).copied().unwrap_or_default())
    }

    fn members(&self, calendar: &str) -> Vec<String> {
        self.resources.keys().filter(|path| path.starts_with(calendar)).cloned().collect()
    }

    /// Whether a question is about a resource; one about all may leave some out.
    fn is_asked_for(&self, path: &str, body: &str) -> bool {
        if body.contains("prop-filter") {
            let uid = body.split("octet\">").nth(1).and_then(|rest| rest.split('<').next());
            return uid.is_some_and(|uid| self.resources[path].contains(&format!("UID:{uid}")));
        }
        if body.contains("calendar-query") {
            return match self.fault {
                Fault::NoQueries => false,
                Fault::Forgetful => !path.ends_with("9.ics"),
                _ => true,
            };
        }
        body.contains(&format!("{path}<"))
    }

    /// What the server does of its own accord.
    pub(crate) fn answer(&mut self, asked: &Asked) -> Response<Body> {
        let path = asked.path.as_str();
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
            | Fault::ScheduleTags
            | Fault::Latin
            | Fault::NoQueries
            | Fault::Forgetful => {}
        }
        match (asked.method.as_str(), path) {
            ("PROPFIND", CALENDAR | OTHER) => self.listed(asked),
            ("PROPFIND", _) => self.found(path),
            ("REPORT", CALENDAR | OTHER) if asked.body.contains("sync-collection") => self.reported(asked),
            ("REPORT", CALENDAR | OTHER) => self.told(asked),
            ("GET", _) => self.got(path),
            ("PUT", _) => self.written(asked),
            ("DELETE", _) => match self.resources.contains_key(path) {
                true if self.refuses(asked) => respond(412, ""),
                true => {
                    self.remove(path);
                    respond(204, "")
                }
                false => respond(404, ""),
            },
            ("MOVE", _) if self.moves => self.moved(asked),
            _ => respond(405, ""),
        }
    }

    fn moved(&mut self, asked: &Asked) -> Response<Body> {
        let to = asked.header("destination").unwrap().split('/').skip(3).collect::<Vec<_>>().join("/");
        let to = format!("/{to}");
        let Some(text) = self.resources.get(&asked.path).cloned() else { return respond(404, "") };
        if self.resources.contains_key(&to) && asked.header("overwrite") == Some("F") {
            return respond(412, "");
        }
        self.remove(&asked.path);
        self.put(&to, &text);
        respond(201, "")
    }

    /// Where the account is, and what it has.
    fn found(&self, path: &str) -> Response<Body> {
        let href = |name: &str, to: &str| format!("<{name}><D:href>{to}</D:href></{name}>");
        match path {
            "/" => multistatus(&row("/", &href("D:current-user-principal", "/me/"))),
            "/me/" => {
                let outbox = href("C:schedule-outbox-URL", "/outbox/");
                let outbox = if self.schedules { outbox } else { String::new() };
                let own = href("C:calendar-user-address-set", "mailto:ada@example.org");
                let home = href("C:calendar-home-set", "/home/");
                multistatus(&row("/me/", &format!("{home}{own}{outbox}")))
            }
            "/home/" => {
                let kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
                let origin = &self.origin;
                let calendars = [CALENDAR, OTHER].map(|path| row(&format!("{origin}{path}"), kind));
                multistatus(&calendars.concat())
            }
            _ => respond(404, ""),
        }
    }

    /// A calendar, and at depth 1 what is in it.
    fn listed(&mut self, asked: &Asked) -> Response<Body> {
        let path = asked.path.as_str();
        let reports = "<D:supported-report-set><D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report></D:supported-report-set>";
        let reports = if self.has_tokens { reports } else { "" };
        let kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
        let count = self.count;
        let mut rows = row(path, &format!("<CS:getctag>{count}</CS:getctag>{kind}{reports}"));
        if asked.headers["depth"] == "1" {
            let members = self.members(path);
            let most = self.most.listed.unwrap_or(members.len());
            for member in members.iter().take(most) {
                let tag = self.tag(member);
                rows += &self.row(member, &format!("<D:getetag>{tag}</D:getetag>"));
            }
            rows += &self.end(path, most < members.len());
        }
        multistatus(&rows)
    }

    /// Resources with their texts.
    fn told(&mut self, asked: &Asked) -> Response<Body> {
        let mut rows = String::new();
        let mut members = self.members(&asked.path);
        members.retain(|path| self.is_asked_for(path, &asked.body));
        let is_about_all = asked.body.contains("calendar-query");
        let most = self.most.told.filter(|_| is_about_all).unwrap_or(members.len());
        for path in members.iter().take(most) {
            let (tag, text) = (self.tag(path), self.resources[path].clone());
            let data =
                format!("<D:getetag>{tag}</D:getetag><C:calendar-data><![CDATA[{text}]]></C:calendar-data>");
            rows += &self.row(path, &data);
        }
        rows += &self.end(&asked.path, most < members.len());
        multistatus(&rows)
    }

    /// What changed since a token.
    fn reported(&mut self, asked: &Asked) -> Response<Body> {
        if !self.has_tokens {
            return respond(415, "");
        }
        let said = asked.body.split("sync-token>").nth(1).and_then(|rest| rest.split('<').next());
        let since: Option<u64> = said.and_then(|said| said.strip_prefix("token ")?.parse().ok());
        let mut touched: Vec<(u64, String)> =
            self.touched.iter().map(|(path, at)| (*at, path.clone())).collect();
        touched.retain(|(at, path)| path.starts_with(&asked.path) && since.is_none_or(|since| *at > since));
        touched.sort();
        let most = self.most.reported.unwrap_or(touched.len());
        let is_cut_off = most < touched.len();
        let mut rows = String::new();
        let mut reached = self.count;
        for (at, path) in touched.iter().take(most) {
            if is_cut_off && self.says_where_it_stops {
                reached = *at;
            }
            if self.resources.contains_key(path) {
                let tag = self.tag(path);
                rows += &self.row(path, &format!("<D:getetag>{tag}</D:getetag>"));
            } else {
                rows += &status_row(path, 404);
            }
        }
        if self.names_itself {
            rows += &row(&asked.path, "<D:getetag>\"own\"</D:getetag>");
            rows += &row(asked.path.trim_end_matches('/'), "<D:getetag>\"own\"</D:getetag>");
            rows += &row(&format!("{}folder/", asked.path), "<D:getetag>\"folder\"</D:getetag>");
        }
        rows += &self.end(&asked.path, is_cut_off);
        multistatus(&format!("{rows}{}", token(reached)))
    }

    /// A row about a resource, its address as this server writes it.
    fn row(&self, path: &str, properties: &str) -> String {
        row(&format!("{}{path}", self.origin), properties)
    }

    /// How an answer ends that names fewer than there are.
    fn end(&self, path: &str, is_cut_off: bool) -> String {
        if is_cut_off && self.says_where_it_stops { status_row(path, 507) } else { String::new() }
    }

    fn got(&mut self, path: &str) -> Response<Body> {
        let Some(text) = self.resources.get(path).cloned() else { return respond(404, "") };
        let tag = self.tag(path);
        let answer = Response::builder().header("etag", tag);
        let answer = match self.fault {
            Fault::Dated => answer.header("last-modified", self.modified()),
            Fault::ScheduleTags => answer.header("schedule-tag", self.schedule_tag(path)),
            _ => answer,
        };
        let body = match self.fault {
            Fault::Latin => text.chars().map(|char| char as u8).collect(),
            _ => text.into_bytes(),
        };
        answer.body(Body::from(body)).unwrap()
    }

    /// Whether a condition of a write does not hold.
    fn refuses(&mut self, asked: &Asked) -> bool {
        let tag = self.tag(&asked.path);
        asked.header("if-match").is_some_and(|said| said != tag || tag.starts_with("W/"))
            || asked.header("if-none-match").is_some() && self.resources.contains_key(&asked.path)
            || asked.header("if-unmodified-since").is_some_and(|at| at != self.modified())
            || asked
                .header("if-schedule-tag-match")
                .is_some_and(|said| said != self.schedule_tag(&asked.path))
    }

    fn written(&mut self, asked: &Asked) -> Response<Body> {
        if self.refuses(asked) {
            return respond(412, "");
        }
        let is_there = self.resources.contains_key(&asked.path);
        self.put(&asked.path, &asked.body);
        let answer = Response::builder().status(if is_there { 204 } else { 201 });
        let tag = self.tag(&asked.path);
        let answer = if self.says_etags { answer.header("etag", tag) } else { answer };
        answer.body(Body::empty()).unwrap()
    }
}
