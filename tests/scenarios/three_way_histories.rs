//! Random histories between the replica, a Google calendar and a Notion database: whatever is edited where, and whatever
//! goes wrong on the way, all three agree in the end and nothing is there twice.
//!
//! Each history follows from its seed. A few run with every test run; `SYNODIC_THREE_WAY_SEEDS=1-1000` runs the whole
//! list, and `SYNODIC_THREE_WAY_SEEDS=17` one again.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};
use synodic_engine::view::EventTarget;
use synodic_providers::NotifyAttendees;
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{ADA, meeting};

use crate::three_way::{Three, rich, text};

/// The histories of every test run.
const USUAL: (u64, u64) = (1, 12);
/// Histories that once ended badly: a page that was made anew in place of a trashed one, and whose answer was lost, was
/// made twice.
const KEPT: [u64; 1] = [263];
/// What happens in one history.
const STEPS: u64 = 14;
/// Passes after which all has to be said.
const PATIENCE: usize = 40;

/// A small generator of chance, the same for ever (`SplitMix64`).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn day(&mut self) -> u32 {
        3 + u32::try_from(self.below(20)).unwrap()
    }

    pub(crate) fn pick<T>(&mut self, among: &[T]) -> Option<usize> {
        let count = u64::try_from(among.len()).unwrap();
        (count > 0).then(|| usize::try_from(self.below(count)).unwrap())
    }
}

struct History {
    three: Three,
    chance: Chance,
    told: String,
    named: u32,
}

impl History {
    async fn new(seed: u64) -> Self {
        let three = Three::with(false, |options| {
            options.seed = seed;
            options.query_lag = Duration::from_secs(seed % 3 * 10);
            options.ragged_pages = seed.is_multiple_of(2);
        })
        .await;
        Self { three, chance: Chance(seed), told: String::new(), named: 0 }
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
                self.three.create(meeting(&name, day)).await;
            }
            2 | 3 => self.change_here().await,
            4 => self.delete_here().await,
            5 => self.add_page(),
            6..=8 => self.change_page(),
            9 => self.trash_page(),
            10 => self.add_at_google(),
            11 => self.change_at_google(),
            12 => self.break_something(),
            _ => {
                self.three.pass().await;
                self.three.minutes_pass(1 + self.chance.below(20));
            }
        }
        if self.chance.below(3) == 0 {
            self.three.pass().await;
        }
        self.three.clock.advance(Duration::from_secs(self.chance.below(90)));
    }

    async fn change_here(&mut self) {
        let shown = self.three.shown().await;
        let Some(index) = self.chance.pick(&shown) else { return };
        let (name, day, field) = (self.name("edit"), self.chance.day(), self.chance.below(4));
        self.three
            .change(shown[index].event_id, |content| match field {
                0 => content.title = name,
                1 => content.location = name,
                2 => content.description = name,
                _ => content.when = meeting("", day).when,
            })
            .await;
    }

    async fn delete_here(&mut self) {
        let shown = self.three.shown().await;
        let Some(index) = self.chance.pick(&shown) else { return };
        self.three
            .engine
            .delete_event(EventTarget::Event { id: shown[index].event_id }, NotifyAttendees::Nobody)
            .await
            .unwrap();
    }

    fn add_page(&mut self) {
        let (name, day) = (self.name("page"), self.chance.day());
        let date = json!({ "start": format!("2026-11-{day:02}T09:00:00+01:00") });
        self.three.notion.add_page(
            self.three.source,
            json!({ "properties": {
            "Name": { "title": [{ "text": { "content": name } }] }, "Datum": { "date": date },
        } }),
        );
    }

    fn change_page(&mut self) {
        let pages = self.three.notion.pages(self.three.source);
        let Some(index) = self.chance.pick(&pages) else { return };
        let (name, day) = (self.name("there"), self.chance.day());
        let properties = match self.chance.below(4) {
            0 => json!({ "Name": { "title": [{ "text": { "content": name } }] } }),
            1 => json!({ "Ort": rich(&name) }),
            2 => json!({ "Datum": { "date": { "start": format!("2026-11-{day:02}") } } }),
            _ => json!({ "Beschreibung": rich(&name) }),
        };
        let id = pages[index]["id"].as_str().unwrap().parse().unwrap();
        self.three.notion.edit_page(id, json!({ "properties": properties }));
    }

    fn trash_page(&mut self) {
        let pages = self.three.notion.pages(self.three.source);
        let Some(index) = self.chance.pick(&pages) else { return };
        self.three.notion.trash_page(pages[index]["id"].as_str().unwrap().parse().unwrap());
    }

    fn add_at_google(&mut self) {
        let (name, day) = (self.name("google"), self.chance.day());
        self.three.google.put_event(ADA, json!({
            "summary": name,
            "start": { "dateTime": format!("2026-11-{day:02}T11:00:00+01:00"), "timeZone": "Europe/Berlin" },
            "end": { "dateTime": format!("2026-11-{day:02}T12:00:00+01:00"), "timeZone": "Europe/Berlin" },
        }));
    }

    fn change_at_google(&mut self) {
        let events = self.three.google.events(ADA);
        let Some(index) = self.chance.pick(&events) else { return };
        let name = self.name("remote");
        let field = if self.chance.below(2) == 0 { "summary" } else { "location" };
        self.three.google.put_event(ADA, json!({ "id": events[index]["id"], field: name }));
    }

    fn break_something(&mut self) {
        let status = |status, reason: &str, applied| Effect::Status {
            status,
            reason: reason.to_owned(),
            retry_after_seconds: Some(5),
            applied,
        };
        let effect = match self.chance.below(6) {
            0 => Effect::DropBefore,
            1 => Effect::DropAfter,
            2 => status(503, "committed", true),
            3 => status(503, "service_unavailable", false),
            4 => status(429, "rate_limited", false),
            _ => status(409, "conflict_error", false),
        };
        let method = if self.chance.below(2) == 0 { "POST" } else { "PATCH" };
        self.three.notion.inject(Fault::new(effect).on(method, "/v1/pages").times(1));
    }

    /// Lets everybody say what they have to say, and sees that they agree.
    async fn end(self, seed: u64) {
        self.three.notion.clear_faults();
        let mut quiet = 0;
        let mut last = None;
        for _ in 0..PATIENCE {
            let report = self.three.pass().await;
            let is_quiet = report.pushed == 0
                && report.pending == 0
                && report.links.iter().all(|link| link.created + link.updated + link.deleted == 0);
            quiet = if is_quiet { quiet + 1 } else { 0 };
            if quiet > 3 {
                break;
            }
            last = Some(report);
            // Long enough that everything is listed now and then.
            self.three.minutes_pass(16);
        }
        let history = format!("seed {seed}, steps {}", self.told.trim());
        assert!(quiet > 3, "{history}: it does not come to rest, but ended with {last:#?}");
        let (google, notion, here) =
            (self.three.google_titles(), self.three.notion_titles(), self.three.titles().await);
        assert_eq!(google, here, "{history}: Google and the replica");
        assert_eq!(notion, here, "{history}: Notion and the replica");
        let names: BTreeSet<_> = here.iter().collect();
        assert_eq!(names.len(), here.len(), "{history}: something is there twice: {here:#?}");
        for page in self.three.notion.pages(self.three.source) {
            let title = text(&page, "Name");
            let there = self.three.remote(&title);
            let place = there["location"].as_str().unwrap_or_default();
            assert_eq!(text(&page, "Ort"), place, "{history}: the place of {title}");
            assert_eq!(
                day_of(&page["properties"]["Datum"]["date"]["start"]),
                day_at_google(&there),
                "{history}"
            );
        }
        self.three.engine.shutdown().await.unwrap();
    }
}

fn day_of(start: &Value) -> String {
    start.as_str().unwrap_or_default().chars().take(10).collect()
}

fn day_at_google(event: &Value) -> String {
    let start = &event["start"];
    let time = if start["date"].is_string() { &start["date"] } else { &start["dateTime"] };
    day_of(time)
}

fn seeds() -> Vec<u64> {
    let Ok(wanted) = std::env::var("SYNODIC_THREE_WAY_SEEDS") else {
        return (USUAL.0..=USUAL.1).chain(KEPT).collect();
    };
    let (first, last) = wanted.split_once('-').unwrap_or((&wanted, &wanted));
    (first.parse().unwrap()..=last.parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_all_three_agree_in_the_end() {
    for seed in seeds() {
        let mut history = History::new(seed).await;
        for _ in 0..STEPS {
            history.step().await;
        }
        history.end(seed).await;
    }
}
