//! One calendar is kept in step with a Google calendar and a Notion database: an edit anywhere reaches the two others
//! once.

#![expect(clippy::needless_pass_by_value, reason = "tests write their values down in place")]

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace, WebhookConfig};
use synodic_engine::google::{GoogleClient, GoogleEndpoints, Tokens};
use synodic_engine::notion::{NotionEndpoint, Pace};
use synodic_engine::view::{
    CalendarView, EventChange, EventTarget, EventView, OccurrenceView, Parting, SyncReport,
};
use synodic_engine::{Engine, EngineConfig, Surroundings};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, EventContent, EventId, IntegrationId, RemoteCalendarId, TimeWindow};
use synodic_providers::NotifyAttendees;
use synodic_simulators::clock::ManualClock;
use synodic_simulators::google::{Control as GoogleControl, GoogleOptions, GoogleSimulator, RunningGoogle};
use synodic_simulators::notion::{
    Capabilities, Control as NotionControl, NewDatabase, NotionOptions, NotionSimulator, RunningNotion,
};
use synodic_store::{OpenOptions, Store};
use synodic_tests::world::{ADA, SECRET, meeting, titles};
use tempfile::TempDir;
use uuid::Uuid;

/// The engine's clock, which the simulators go by as well.
#[derive(Debug)]
pub(crate) struct SharedClock(Arc<ManualClock>);

#[async_trait::async_trait]
impl synodic_engine::clock::Clock for SharedClock {
    fn now(&self) -> DateTime<Utc> {
        synodic_simulators::clock::Clock::now(&*self.0)
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        while self.now() < deadline {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

pub(crate) struct Three {
    pub(crate) google: GoogleControl,
    pub(crate) notion: NotionControl,
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) source: Uuid,
    pub(crate) bot: Uuid,
    pub(crate) calendar: CalendarId,
    pub(crate) workspace: IntegrationId,
    folder: TempDir,
    google_running: RunningGoogle,
    notion_running: RunningNotion,
    webhooks: bool,
    viewer: Tz,
}

impl Three {
    pub(crate) async fn new() -> Self {
        Self::with(false, |_| {}).await
    }

    /// Everything on a computer in another zone.
    pub(crate) async fn in_zone(viewer: Tz) -> Self {
        Self::made(viewer, false, |_| {}).await
    }

    pub(crate) async fn with(webhooks: bool, change: impl FnOnce(&mut NotionOptions)) -> Self {
        Self::made(chrono_tz::Europe::Berlin, webhooks, change).await
    }

    async fn made(viewer: Tz, webhooks: bool, change: impl FnOnce(&mut NotionOptions)) -> Self {
        let clock = Arc::new(ManualClock::new(Utc.with_ymd_and_hms(2026, 11, 2, 8, 0, 10).unwrap()));
        let simulator =
            GoogleSimulator::new(GoogleOptions { clock: clock.clone(), ..GoogleOptions::default() });
        let google = simulator.control();
        google.add_account(ADA, "Ada");
        let google_running = simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let mut options = NotionOptions { clock: clock.clone(), seed: 3, ..NotionOptions::default() };
        change(&mut options);
        let simulator = NotionSimulator::new(options);
        let notion = simulator.control();
        notion.add_person("Ada", ADA);
        let (bot, token) = notion.add_connection("Synodic", Capabilities::default());
        let (_, source) = notion.add_database(NewDatabase {
            title: "Termine".into(),
            properties: [
                ("Name".to_owned(), json!({ "title": {} })),
                ("Datum".to_owned(), json!({ "date": {} })),
                ("Beschreibung".to_owned(), json!({ "rich_text": {} })),
                ("Ort".to_owned(), json!({ "rich_text": {} })),
                ("Raum".to_owned(), json!({ "rich_text": {} })),
                ("Wiederholung".to_owned(), json!({ "rich_text": {} })),
            ]
            .into(),
            ..NewDatabase::default()
        });
        let notion_running = simulator.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let engine = start(&folder, &google_running, &notion_running, &clock, (webhooks, viewer)).await;
        let mut three = Self {
            google,
            notion,
            engine,
            clock,
            source,
            bot,
            calendar: CalendarId::new(Uuid::nil()),
            workspace: IntegrationId::new(Uuid::nil()),
            folder,
            google_running,
            notion_running,
            webhooks,
            viewer,
        };
        three.link(&token).await;
        three
    }

    /// Connects both accounts and links them to one calendar.
    async fn link(&mut self, token: &str) {
        let (access_token, refresh_token) = self.google.issue_tokens(ADA);
        let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None };
        let account = self.engine.connect_google(tokens).await.unwrap();
        let both = SyncDirection::Bidirectional;
        let main = RemoteCalendarId::new(ADA);
        self.calendar = self.engine.link_calendar(None, account, main, both).await.unwrap().id;
        self.workspace = self.engine.connect_notion(token).await.unwrap();
        self.link_notion().await;
        self.pass().await;
    }

    pub(crate) async fn link_notion(&self) -> CalendarView {
        let source = RemoteCalendarId::new(self.source.to_string());
        let both = SyncDirection::Bidirectional;
        self.engine.link_notion(Some(self.calendar), self.workspace, source, both, None).await.unwrap()
    }

    /// Throws the replica away and begins anew.
    pub(crate) async fn lose_the_replica(&mut self) {
        self.engine.shutdown().await.unwrap();
        self.folder = tempfile::tempdir().unwrap();
        self.start().await;
        let token = self.notion.try_issue_token(Some(self.bot)).unwrap();
        self.link(&token).await;
    }

    /// Ends the program, and starts it again on a computer in another zone.
    pub(crate) async fn travel(&mut self, viewer: Tz) {
        self.engine.shutdown().await.unwrap();
        self.viewer = viewer;
        self.start().await;
    }

    async fn start(&mut self) {
        let (google, notion) = (&self.google_running, &self.notion_running);
        let setting = (self.webhooks, self.viewer);
        self.engine = start(&self.folder, google, notion, &self.clock, setting).await;
    }

    pub(crate) async fn pass(&self) -> SyncReport {
        self.engine.sync_pass(None).await.unwrap()
    }

    /// Passes until nobody has anything to say any more, and sees that all three agree.
    pub(crate) async fn settle(&self) {
        for _ in 0..4 {
            self.pass().await;
            self.minutes_pass(1);
        }
        let last = self.pass().await;
        assert_eq!(
            (last.pushed, last.pending, last.failed),
            (0, 0, 0),
            "nothing goes round in circles: {last:#?}"
        );
        assert_eq!(self.notion_titles(), self.google_titles());
        assert_eq!(self.titles().await, self.google_titles());
    }

    pub(crate) fn minutes_pass(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }

    pub(crate) fn google_titles(&self) -> Vec<String> {
        titles(&self.google.events(ADA))
    }

    /// The titles of the pages that have a date.
    pub(crate) fn notion_titles(&self) -> Vec<String> {
        let pages = self.notion.pages(self.source).into_iter();
        let mut titles: Vec<_> = pages
            .filter(|page| page["properties"]["Datum"]["date"].is_object())
            .map(|page| text(&page, "Name"))
            .collect();
        titles.sort();
        titles
    }

    /// What the window shows of the year.
    pub(crate) async fn shown(&self) -> Vec<OccurrenceView> {
        let at = |year| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap();
        let window = TimeWindow { from: at(2026), to: at(2027), viewer: chrono_tz::Europe::Berlin };
        self.engine.occurrences(window).await.unwrap()
    }

    pub(crate) async fn titles(&self) -> Vec<String> {
        let mut titles: Vec<_> = self.shown().await.into_iter().map(|shown| shown.title).collect();
        titles.sort();
        titles
    }

    pub(crate) async fn create(&self, content: EventContent) -> EventView {
        let draft = synodic_engine::view::EventDraft {
            calendar_id: self.calendar,
            content,
            notify: NotifyAttendees::Nobody,
        };
        self.engine.create_event(draft).await.unwrap().event.unwrap()
    }

    pub(crate) async fn change(&self, id: EventId, change: impl FnOnce(&mut EventContent)) {
        self.change_target(EventTarget::Event { id }, change).await;
    }

    pub(crate) async fn change_target(&self, target: EventTarget, change: impl FnOnce(&mut EventContent)) {
        let mut content = self.engine.event(target).await.unwrap().content;
        change(&mut content);
        self.engine
            .change_event(EventChange {
                target,
                content,
                seen_revision: None,
                notify: NotifyAttendees::Nobody,
            })
            .await
            .unwrap();
    }

    pub(crate) async fn replica(&self) -> Store {
        Store::open(&self.folder.path().join("synodic.db"), OpenOptions::default()).await.unwrap()
    }

    pub(crate) fn page(&self, title: &str) -> Value {
        let pages = self.notion.all_pages(self.source);
        let page = pages.into_iter().find(|page| text(page, "Name") == title);
        page.unwrap_or_else(|| panic!("no page {title}: {:?}", self.notion_titles()))
    }

    pub(crate) fn page_id(&self, title: &str) -> Uuid {
        self.page(title)["id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn edit_page(&self, title: &str, properties: Value) {
        self.notion.edit_page(self.page_id(title), json!({ "properties": properties }));
    }

    pub(crate) fn remote(&self, title: &str) -> Value {
        let mut events = self.google.events(ADA).into_iter();
        events.find(|event| event["summary"] == title).unwrap_or_else(|| panic!("no {title} at Google"))
    }
}

pub(crate) fn rich(text: &str) -> Value {
    json!({ "rich_text": [{ "text": { "content": text } }] })
}

pub(crate) fn titled(text: &str) -> Value {
    json!({ "Name": { "title": [{ "text": { "content": text } }] } })
}

/// The instant and the zone of a time at Google.
fn zoned(time: &Value) -> (DateTime<Utc>, &str) {
    let at = DateTime::parse_from_rfc3339(time["dateTime"].as_str().unwrap()).unwrap();
    (at.to_utc(), time["timeZone"].as_str().unwrap())
}

pub(crate) fn text(page: &Value, name: &str) -> String {
    let property = &page["properties"][name];
    let runs =
        property[property["type"].as_str().unwrap_or_default()].as_array().cloned().unwrap_or_default();
    runs.iter().map(|run| run["plain_text"].as_str().unwrap_or_default()).collect()
}

async fn start(
    folder: &TempDir,
    google: &RunningGoogle,
    notion: &RunningNotion,
    clock: &Arc<ManualClock>,
    (webhooks, viewer): (bool, Tz),
) -> Engine {
    let address = |text: &str| text.parse().unwrap();
    let seldom = Duration::from_secs(3600);
    let config = EngineConfig {
        data_dir: folder.path().to_owned(),
        secrets: SecretsPlace::File,
        google_endpoints: GoogleEndpoints {
            api: address(&google.endpoints().api_url),
            auth: address(&google.endpoints().auth_url),
            token: address(&google.endpoints().token_url),
        },
        google_client: Some(GoogleClient { id: "desktop".into(), secret: Some(SECRET.into()) }),
        notion: NotionConfig {
            endpoint: NotionEndpoint(address(&notion.endpoints().api_url)),
            pace: Pace::Unlimited,
            ..NotionConfig::default()
        },
        webhook: webhooks.then(|| WebhookConfig { public_url: None, listen: ([127, 0, 0, 1], 0).into() }),
        polling: Polling { active: seldom, idle: seldom },
        viewer,
        autonomous: webhooks,
    };
    let surroundings = Surroundings {
        clock: Arc::new(SharedClock(Arc::clone(clock))),
        services: None,
        seed: Some(1),
        replica: OpenOptions::default(),
    };
    Engine::start_within(config, surroundings).await.unwrap()
}

#[tokio::test]
async fn an_edit_here_reaches_both() {
    let three = Three::new().await;
    let event = three.create(meeting("Ours", 3)).await;
    three.settle().await;
    assert_eq!(three.notion_titles(), ["Ours"]);
    three.change(event.id, |content| content.title = "Ours, changed".into()).await;
    three.settle().await;
    assert_eq!(three.notion_titles(), ["Ours, changed"]);
    three.engine.delete_event(EventTarget::Event { id: event.id }, NotifyAttendees::Nobody).await.unwrap();
    three.settle().await;
    assert!(three.notion_titles().is_empty());
    assert_eq!(three.page("Ours, changed")["in_trash"], true);
}

#[tokio::test]
async fn an_edit_in_notion_reaches_google_and_does_not_come_back() {
    let three = Three::new().await;
    let date =
        json!({ "date": { "start": "2026-11-04T09:00:00+01:00", "end": "2026-11-04T10:30:00+01:00" } });
    let mut properties = titled("Zahnarzt");
    properties["Datum"] = date;
    three.notion.add_page(three.source, json!({ "properties": properties }));
    three.settle().await;
    let there = three.remote("Zahnarzt");
    assert_eq!(zoned(&there["start"]), ("2026-11-04T08:00:00Z".parse().unwrap(), "Europe/Berlin"));
    assert_eq!(zoned(&there["end"]), ("2026-11-04T09:30:00Z".parse().unwrap(), "Europe/Berlin"));
    let requests = three.notion.requests().len();
    three.edit_page("Zahnarzt", json!({ "Ort": rich("Praxis") }));
    three.settle().await;
    assert_eq!(three.remote("Zahnarzt")["location"], "Praxis");
    let writes =
        three.notion.requests()[requests..].iter().filter(|request| request.method == "PATCH").count();
    assert_eq!(writes, 0, "an edit does not come back to where it was made");
}

#[tokio::test]
async fn an_edit_at_google_reaches_notion_and_leaves_alone_what_is_notions_own() {
    let three = Three::new().await;
    let id = three.google.put_event(
        ADA,
        json!({
            "summary": "Theirs", "start": { "dateTime": "2026-11-04T09:00:00+01:00", "timeZone": "Europe/Berlin" },
            "end": { "dateTime": "2026-11-04T10:00:00+01:00", "timeZone": "Europe/Berlin" },
        }),
    )["id"]
        .clone();
    three.settle().await;
    three.edit_page("Theirs", json!({ "Raum": rich("4.12") }));
    three.settle().await;
    three.google.put_event(ADA, json!({ "id": id, "summary": "Theirs, changed" }));
    three.settle().await;
    assert_eq!(text(&three.page("Theirs, changed"), "Raum"), "4.12", "a property that is not mapped");
}

/// Fields that Notion cannot hold, or holds with less in them, are unharmed at Google by an edit in Notion.
#[tokio::test]
async fn what_notion_cannot_say_is_unharmed_at_google() {
    let three = Three::new().await;
    three.google.put_event(
        ADA,
        json!({
            "summary": "Flug", "description": "<p>Bring <b>both</b> passports &amp; tickets</p>", "location": "TXL",
            "start": { "dateTime": "2026-11-04T09:00:00+01:00", "timeZone": "Europe/Berlin" },
            "end": { "dateTime": "2026-11-05T06:00:00+09:00", "timeZone": "Asia/Tokyo" },
            "colorId": "5", "transparency": "transparent", "visibility": "private",
            "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 90 }] },
            "extendedProperties": { "private": { "theirs": "1" } },
        }),
    );
    three.settle().await;
    let before = three.remote("Flug");
    three.edit_page("Flug", titled("Flug nach Tokio"));
    three.settle().await;
    let after = three.remote("Flug nach Tokio");
    for field in [
        "description",
        "location",
        "start",
        "end",
        "colorId",
        "transparency",
        "visibility",
        "reminders",
        "extendedProperties",
        "iCalUID",
    ] {
        assert_eq!(before[field], after[field], "{field}");
    }
    // Moved in Notion by a day, both ends keep their zones.
    three.edit_page(
        "Flug nach Tokio",
        json!({ "Datum": { "date": {
        "start": "2026-11-05T09:00:00+01:00", "end": "2026-11-05T22:00:00+01:00" } } }),
    );
    three.settle().await;
    let moved = three.remote("Flug nach Tokio");
    assert_eq!(zoned(&moved["start"]), ("2026-11-05T08:00:00Z".parse().unwrap(), "Europe/Berlin"));
    assert_eq!(zoned(&moved["end"]), ("2026-11-05T21:00:00Z".parse().unwrap(), "Asia/Tokyo"));
    assert_eq!(moved["description"], before["description"]);
}

#[tokio::test]
async fn two_edits_of_different_fields_at_both_meet() {
    let three = Three::new().await;
    let event = three.create(meeting("Talk", 3)).await;
    three.settle().await;
    let id = three.remote("Talk")["id"].clone();
    three.google.put_event(ADA, json!({ "id": id, "location": "Room 1" }));
    three.edit_page("Talk", titled("Talk, longer"));
    three.change(event.id, |content| content.description = "Bring slides".into()).await;
    three.settle().await;
    let there = three.remote("Talk, longer");
    assert_eq!(
        (there["location"].as_str(), there["description"].as_str()),
        (Some("Room 1"), Some("Bring slides"))
    );
    let page = three.page("Talk, longer");
    assert_eq!((text(&page, "Ort"), text(&page, "Beschreibung")), ("Room 1".into(), "Bring slides".into()));
}

#[tokio::test]
async fn the_trash_of_notion_removes_an_event_and_taking_it_back_brings_it_back() {
    let three = Three::new().await;
    three.create(meeting("Talk", 3)).await;
    three.settle().await;
    let page = three.page_id("Talk");
    three.minutes_pass(10);
    three.notion.trash_page(page);
    three.minutes_pass(31);
    three.settle().await;
    assert!(three.google_titles().is_empty(), "found by the sweep");
    three.notion.restore_page(page);
    three.settle().await;
    assert_eq!(three.google_titles(), ["Talk"]);
}

#[tokio::test]
async fn a_page_without_its_date_leaves_and_comes_back_with_it() {
    let three = Three::new().await;
    three.create(meeting("Talk", 3)).await;
    three.settle().await;
    three.edit_page("Talk", json!({ "Datum": { "date": null } }));
    three.settle().await;
    assert!(three.google_titles().is_empty());
    three.edit_page("Talk", json!({ "Datum": { "date": { "start": "2026-11-05" } } }));
    three.settle().await;
    assert_eq!(three.remote("Talk")["start"]["date"], "2026-11-05");
}

#[tokio::test]
async fn losing_access_to_notion_removes_nothing_anywhere() {
    let three = Three::new().await;
    three.create(meeting("Talk", 3)).await;
    three.settle().await;
    let database: Uuid = three.notion.databases()[0]["id"].as_str().unwrap().parse().unwrap();
    three.notion.share(database, Some(three.bot), false);
    three.minutes_pass(60);
    let report = three.pass().await;
    assert!(report.links.iter().any(|link| link.error.is_some()), "{report:#?}");
    three.minutes_pass(60);
    three.pass().await;
    assert_eq!(three.google_titles(), ["Talk"]);
    assert_eq!(three.titles().await, ["Talk"]);
    three.notion.share(database, Some(three.bot), true);
    three.minutes_pass(60);
    three.settle().await;
}

#[tokio::test]
async fn unlinking_and_linking_again_doubles_nothing() {
    let three = Three::new().await;
    three.create(meeting("Ours", 3)).await;
    let mut properties = titled("Theirs");
    properties["Datum"] = json!({ "date": { "start": "2026-11-05" } });
    three.notion.add_page(three.source, json!({ "properties": properties }));
    three.settle().await;
    let calendars = three.engine.calendars().await.unwrap();
    let link = calendars[0].links.iter().find(|link| link.integration_id == three.workspace).unwrap();
    three.engine.unlink_calendar(link.id, Parting::KeepBoth).await.unwrap();
    three.link_notion().await;
    three.settle().await;
    assert_eq!(three.notion_titles(), ["Ours", "Theirs"]);
}

#[tokio::test]
async fn a_replica_that_was_lost_doubles_nothing() {
    let mut three = Three::new().await;
    three.create(meeting("Ours", 3)).await;
    three.settle().await;
    three.lose_the_replica().await;
    three.settle().await;
    assert_eq!(three.google_titles(), ["Ours"]);
}

#[tokio::test]
async fn a_series_is_one_page_with_its_rule_and_an_override_is_a_page_of_its_own() {
    let three = Three::new().await;
    let mut weekly = meeting("Stand-up", 3);
    weekly.recurrence = Some(synodic_model::Recurrence::from_rule("FREQ=WEEKLY;COUNT=3").unwrap());
    three.create(weekly).await;
    for _ in 0..3 {
        three.pass().await;
    }
    assert_eq!(text(&three.page("Stand-up"), "Wiederholung"), "RRULE:FREQ=WEEKLY;COUNT=3");
    three.edit_page("Stand-up", json!({ "Wiederholung": rich("FREQ=WEEKLY;COUNT=4") }));
    for _ in 0..3 {
        three.pass().await;
        three.minutes_pass(1);
    }
    assert_eq!(three.remote("Stand-up")["recurrence"], json!(["RRULE:FREQ=WEEKLY;COUNT=4"]));
    assert_eq!(three.titles().await.len(), 4);
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_found_again() {
    use synodic_simulators::fault::{Effect, Fault};
    let three = Three::with(false, |options| options.query_lag = Duration::from_secs(30)).await;
    three.notion.inject(Fault::new(Effect::DropAfter).on("POST", "/v1/pages").times(1));
    three.create(meeting("Ours", 3)).await;
    for _ in 0..6 {
        three.pass().await;
        three.clock.advance(Duration::from_secs(40));
    }
    three.settle().await;
    assert_eq!(three.notion_titles(), ["Ours"]);
}
