//! Random histories between the replica, a Google calendar and a calendar server that somebody else has written:
//! whatever is edited where, and whatever goes wrong on the way to the server, all three agree in the end and nothing is
//! there twice.
//!
//! Each history follows from its seed. A few run with every test run; `SYNODIC_CALDAV_SEEDS=1-100` runs more of them, and
//! `SYNODIC_CALDAV_SEEDS=17` one again. The server's clock is a real one, so how requests fall into its seconds may
//! differ from run to run; what has to come of it does not.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::{CalendarView, EventTarget};
use synodic_model::sync::SyncDirection;
use synodic_providers::NotifyAttendees;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::dav_proxy::{DavProxy, Mishap};
use synodic_tests::world::{ADA, World, meeting, titles};

use crate::three_way_histories::Chance;

/// The histories of every test run.
const USUAL: (u64, u64) = (1, 6);
/// What happens in one history.
const STEPS: u64 = 16;
/// Passes after which all has to be said.
const PATIENCE: usize = 20;

struct History {
    world: World,
    server: DavServer,
    proxy: DavProxy,
    calendar: CalendarView,
    chance: Chance,
    told: String,
    named: u32,
}

/// An event as the server has it.
struct There {
    name: String,
    text: String,
}

impl There {
    fn line(&self, name: &str) -> &str {
        let value = |line: &'_ str| line.strip_prefix(name)?.starts_with([':', ';']).then_some(());
        // A zone that is described before the event has lines of the same names.
        let lines = self.text.lines().skip_while(|line| *line != "BEGIN:VEVENT");
        let line = lines.into_iter().find(|line| value(line).is_some());
        line.and_then(|line| line.rsplit_once(':')).map_or("", |(_, value)| value)
    }

    /// The text with another value of a line.
    fn with(&self, line: &str) -> String {
        let name = line.split([':', ';']).next().unwrap_or_default();
        let is_it = |known: &str| known.split([':', ';']).next() == Some(name);
        let kept: Vec<&str> = self.text.lines().filter(|known| !is_it(known)).collect();
        kept.join("\n").replace("END:VEVENT", &format!("{line}\nEND:VEVENT")) + "\n"
    }
}

impl History {
    async fn new(seed: u64) -> Self {
        let world = World::new().await;
        let google = world.connect().await;
        let calendar = world.link(None, google, ADA, SyncDirection::Bidirectional).await;
        let server = DavServer::start(Kind::Radicale).await;
        let proxy = DavProxy::before(&server.url()).await;
        let place = CaldavPlace { place: proxy.url(), user: Some(USER.to_owned()), certificate: None };
        let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
        let work = server.calendar("work");
        world.link(Some(calendar.id), account, &work, SyncDirection::Bidirectional).await;
        world.pass().await;
        Self { world, server, proxy, calendar, chance: Chance(seed), told: String::new(), named: 0 }
    }

    fn name(&mut self, what: &str) -> String {
        self.named += 1;
        format!("{what} {}", self.named)
    }

    async fn step(&mut self) {
        let what = self.chance.below(15);
        let _ = write!(self.told, "{what} ");
        match what {
            0 | 1 => {
                let (name, day) = (self.name("here"), self.chance.day());
                self.world.create(self.calendar.id, meeting(&name, day)).await;
            }
            2 | 3 => self.change_here().await,
            4 => self.delete_here().await,
            5 | 6 => self.add_there().await,
            7 | 8 => self.change_there().await,
            9 => self.delete_there().await,
            10 => self.add_at_google(),
            11 => self.change_at_google(),
            12 | 13 => self.break_something(),
            _ => {
                self.world.pass().await;
            }
        }
        if self.chance.below(3) == 0 {
            self.world.pass().await;
        }
    }

    async fn change_here(&mut self) {
        let shown = self.world.shown().await;
        let Some(index) = self.chance.pick(&shown) else { return };
        let (name, day, field) = (self.name("edit"), self.chance.day(), self.chance.below(4));
        let change = |content: &mut synodic_model::EventContent| match field {
            0 => content.title = name,
            1 => content.location = name,
            2 => content.description = name,
            _ => content.when = meeting("", day).when,
        };
        self.world.change(shown[index].event_id, change).await;
    }

    async fn delete_here(&mut self) {
        let shown = self.world.shown().await;
        let Some(index) = self.chance.pick(&shown) else { return };
        let target = EventTarget::Event { id: shown[index].event_id };
        self.world.engine.delete_event(target, NotifyAttendees::Nobody).await.unwrap();
    }

    async fn there(&self) -> Vec<There> {
        let mut there = Vec::new();
        for name in self.server.names().await {
            if let Some(text) = self.server.get(&name).await {
                there.push(There { name, text });
            }
        }
        there
    }

    async fn add_there(&mut self) {
        let (name, day) = (self.name("server"), self.chance.day());
        let resource = format!("{}.ics", name.replace(' ', "-"));
        let text = format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Phone//EN\nBEGIN:VEVENT\nUID:{resource}\nDTSTAMP:20261101T000000Z\n\
             DTSTART;TZID=Europe/Berlin:202611{day:02}T140000\nDTEND;TZID=Europe/Berlin:202611{day:02}T150000\n\
             SUMMARY:{name}\nX-KEEP:{name}\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        self.server.put(&resource, &text).await;
    }

    async fn change_there(&mut self) {
        let there = self.there().await;
        let Some(index) = self.chance.pick(&there) else { return };
        let (name, field) = (self.name("phone"), self.chance.below(3));
        let line = ["SUMMARY", "LOCATION", "DESCRIPTION"][usize::try_from(field).unwrap()];
        let event = &there[index];
        self.server.put(&event.name, &event.with(&format!("{line}:{name}"))).await;
    }

    async fn delete_there(&mut self) {
        let there = self.there().await;
        let Some(index) = self.chance.pick(&there) else { return };
        self.server.delete(&there[index].name).await;
    }

    fn add_at_google(&mut self) {
        let (name, day) = (self.name("google"), self.chance.day());
        self.world.google.put_event(
            ADA,
            json!({
                "summary": name,
                "start": { "dateTime": format!("2026-11-{day:02}T11:00:00+01:00"), "timeZone": "Europe/Berlin" },
                "end": { "dateTime": format!("2026-11-{day:02}T12:00:00+01:00"), "timeZone": "Europe/Berlin" },
            }),
        );
    }

    fn change_at_google(&mut self) {
        let events = self.world.google.events(ADA);
        let Some(index) = self.chance.pick(&events) else { return };
        let name = self.name("remote");
        let field = if self.chance.below(2) == 0 { "summary" } else { "location" };
        self.world.google.put_event(ADA, json!({ "id": events[index]["id"], field: name }));
    }

    /// The next request of a kind to the server goes wrong.
    fn break_something(&mut self) {
        let mishaps = [
            Mishap::ResetBefore,
            Mishap::ResetAfter,
            Mishap::Truncated,
            Mishap::StatusAfter(500),
            Mishap::StatusAfter(503),
            Mishap::Status(502),
            Mishap::Wait(503, 1),
            Mishap::Status(429),
        ];
        let methods = ["PUT", "PUT", "DELETE", "GET", "REPORT", "PROPFIND"];
        let mishap = mishaps[self.chance.pick(&mishaps).unwrap()];
        let method = methods[self.chance.pick(&methods).unwrap()];
        let _ = write!(self.told, "({method} {mishap:?}) ");
        self.proxy.meet(method, mishap, 1);
    }

    /// Lets everybody say what they have to say, and sees that they agree.
    async fn end(self, seed: u64) {
        self.proxy.meet("", Mishap::ResetBefore, 0);
        let mut quiet = 0;
        let mut last = None;
        for _ in 0..PATIENCE {
            let report = self.world.pass().await;
            let is_quiet = report.pushed == 0
                && report.pending == 0
                && report.links.iter().all(|link| link.created + link.updated + link.deleted == 0);
            quiet = if is_quiet { quiet + 1 } else { 0 };
            if quiet > 2 {
                break;
            }
            last = Some(report);
        }
        let history = format!("seed {seed}, steps {}", self.told.trim());
        assert!(quiet > 2, "{history}: it does not come to rest, but ended with {last:#?}");
        let here = self.world.titles().await;
        assert_eq!(titles(&self.world.google.events(ADA)), here, "{history}: Google and the replica");
        let there = self.there().await;
        let mut names: Vec<&str> = there.iter().map(|event| event.line("SUMMARY")).collect();
        names.sort_unstable();
        assert_eq!(names, here, "{history}: the server and the replica");
        let by_title: BTreeMap<&str, &There> =
            there.iter().map(|event| (event.line("SUMMARY"), event)).collect();
        assert_eq!(by_title.len(), here.len(), "{history}: something is there twice: {here:#?}");
        for event in self.world.google.events(ADA) {
            let title = event["summary"].as_str().unwrap();
            let there = by_title[title];
            let said = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
            assert_eq!(there.line("LOCATION"), said("location"), "{history}: the place of {title}");
            assert_eq!(there.line("DESCRIPTION"), said("description"), "{history}: the text of {title}");
            assert_eq!(there.line("DTSTART")[..8], day_at_google(&event), "{history}: the day of {title}");
            let is_theirs = there.name.starts_with("server-");
            assert_eq!(
                there.text.contains("X-KEEP:server"),
                is_theirs,
                "{history}: what is not ours of {title}"
            );
        }
        self.world.engine.shutdown().await.unwrap();
    }
}

fn day_at_google(event: &Value) -> String {
    let start = event["start"]["dateTime"].as_str().unwrap_or_default();
    start.chars().take(10).filter(|letter| *letter != '-').collect()
}

fn seeds() -> Vec<u64> {
    let Ok(wanted) = std::env::var("SYNODIC_CALDAV_SEEDS") else {
        return (USUAL.0..=USUAL.1).collect();
    };
    let (first, last) = wanted.split_once('-').unwrap_or((&wanted, &wanted));
    (first.parse().unwrap()..=last.parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_the_server_google_and_the_replica_agree_in_the_end() {
    for seed in seeds() {
        let mut history = History::new(seed).await;
        for _ in 0..STEPS {
            history.step().await;
        }
        history.end(seed).await;
    }
}
