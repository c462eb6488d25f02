//! The decision table, row by row, at each service: what becomes of an event that is edited here, there, or on both
//! sides before anybody has heard of the other.

use std::collections::BTreeMap;

use chrono::{TimeZone, Utc};
use serde_json::json;
use synodic_engine::Engine;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::{EventChange, EventDraft, EventTarget, NotifyAttendees, SyncReport};
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, EventContent, EventId, RemoteCalendarId, TimeWindow};
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::world::{ADA, World, meeting};

use crate::three_way::{Three, rich, text, titled};

/// One calendar, kept in step with one service.
enum Place {
    Google(World),
    Notion(Three),
    Caldav(World, DavServer),
}

/// What is said of an event, by its description, which nobody changes: the title and where it takes place.
type Said = BTreeMap<String, (String, String)>;

impl Place {
    fn engine(&self) -> &Engine {
        match self {
            Self::Google(world) | Self::Caldav(world, _) => &world.engine,
            Self::Notion(three) => &three.engine,
        }
    }

    async fn calendar(&self) -> CalendarId {
        self.engine().calendars().await.unwrap()[0].id
    }

    async fn create(&self, row: &Row, day: u32) -> EventId {
        let mut content = meeting("Before", day);
        content.description = row.name();
        self.create_as(self.calendar().await, content).await
    }

    async fn create_as(&self, calendar_id: CalendarId, content: EventContent) -> EventId {
        let draft = EventDraft { calendar_id, content, notify: NotifyAttendees::Nobody };
        self.engine().create_event(draft).await.unwrap().event.unwrap().id
    }

    async fn edit_here(&self, id: EventId, edit: Edit) {
        let target = EventTarget::Event { id };
        if edit == Edit::Delete {
            self.engine().delete_event(target, NotifyAttendees::Nobody).await.unwrap();
            return;
        }
        let mut content = self.engine().event(target).await.unwrap().content;
        match edit {
            Edit::Title(title) => content.title = title.into(),
            Edit::Location(location) => content.location = location.into(),
            Edit::None | Edit::Delete => return,
        }
        let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
        self.engine().change_event(change).await.unwrap();
    }

    async fn edit_there(&self, row: &str, edit: Edit) {
        match self {
            Self::Google(world) => {
                let events = world.google.events(ADA);
                let id = events.iter().find(|event| event["description"] == row).unwrap()["id"].clone();
                match edit {
                    Edit::None => {}
                    Edit::Title(title) => {
                        world.phone_changes(id.as_str().unwrap(), json!({ "summary": title }));
                    }
                    Edit::Location(place) => {
                        world.phone_changes(id.as_str().unwrap(), json!({ "location": place }));
                    }
                    Edit::Delete => {
                        assert!(world.google.delete_event(ADA, id.as_str().unwrap()));
                    }
                }
            }
            Self::Notion(three) => {
                let pages = three.notion.pages(three.source);
                let page = pages.iter().find(|page| text(page, "Beschreibung") == row).unwrap();
                let id = page["id"].as_str().unwrap().parse().unwrap();
                let properties = match edit {
                    Edit::None => return,
                    Edit::Title(title) => titled(title),
                    Edit::Location(place) => json!({ "Ort": rich(place) }),
                    Edit::Delete => {
                        three.notion.trash_page(id);
                        return;
                    }
                };
                three.notion.edit_page(id, json!({ "properties": properties }));
            }
            Self::Caldav(_, server) => {
                let line = format!("DESCRIPTION:{row}\n");
                for name in server.names().await {
                    let before = server.get(&name).await.unwrap();
                    if !before.contains(&line) {
                        continue;
                    }
                    match edit {
                        Edit::None => {}
                        Edit::Title(title) => {
                            server
                                .put(&name, &before.replace("SUMMARY:Before", &format!("SUMMARY:{title}")))
                                .await;
                        }
                        Edit::Location(place) => {
                            server
                                .put(&name, &before.replace(&line, &format!("{line}LOCATION:{place}\n")))
                                .await;
                        }
                        Edit::Delete => server.delete(&name).await,
                    }
                    return;
                }
                panic!("no {row} at the server");
            }
        }
    }

    async fn here(&self) -> Said {
        let at = |year| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap();
        let window = TimeWindow { from: at(2026), to: at(2027), viewer: chrono_tz::Europe::Berlin };
        let mut said = Said::new();
        for shown in self.engine().occurrences(window).await.unwrap() {
            let content =
                self.engine().event(EventTarget::Event { id: shown.event_id }).await.unwrap().content;
            let twin = said.insert(content.description, (content.title, content.location));
            assert_eq!(twin, None, "it is here twice");
        }
        said
    }

    async fn there(&self) -> Said {
        let mut said = Said::new();
        let mut add = |description: String, title: String, location: String| {
            let twin = said.insert(description, (title, location));
            assert_eq!(twin, None, "it is there twice");
        };
        match self {
            Self::Google(world) => {
                for event in world.google.events(ADA) {
                    let field = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
                    add(field("description"), field("summary"), field("location"));
                }
            }
            Self::Notion(three) => {
                for page in three.notion.pages(three.source) {
                    add(text(&page, "Beschreibung"), text(&page, "Name"), text(&page, "Ort"));
                }
            }
            Self::Caldav(_, server) => {
                for resource in server.texts().await {
                    let event = resource.split("BEGIN:VEVENT").nth(1).unwrap().to_owned();
                    let line = |name: &str| {
                        let lines =
                            event.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                        lines.map(str::to_owned).next().unwrap_or_default()
                    };
                    add(line("DESCRIPTION"), line("SUMMARY"), line("LOCATION"));
                }
            }
        }
        said
    }

    async fn pass(&self) -> SyncReport {
        if let Self::Notion(three) = self {
            // Pages that are not named any more are missed when everything is listed now and then.
            three.minutes_pass(16);
        }
        self.engine().sync_pass(None).await.unwrap()
    }

    /// Passes until everything is said, and sees that nothing is said after that.
    async fn settle(&self) {
        for _ in 0..5 {
            self.pass().await;
        }
        let last = self.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "{last:#?}");
        assert_eq!(self.here().await, self.there().await);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    None,
    Title(&'static str),
    Location(&'static str),
    Delete,
}

/// What has to come of two edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Is(&'static str, &'static str),
    /// One of these titles; the other is kept aside.
    OneOf(&'static str, &'static str),
    Gone,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    here: Edit,
    there: Edit,
    outcome: Outcome,
    is_conflict: bool,
}

impl Row {
    fn name(&self) -> String {
        format!("{:?} and {:?}", self.here, self.there).replace('"', "")
    }
}

const fn row(here: Edit, there: Edit, outcome: Outcome, is_conflict: bool) -> Row {
    Row { here, there, outcome, is_conflict }
}

const ROWS: [Row; 12] = [
    row(Edit::None, Edit::None, Outcome::Is("Before", ""), false),
    row(Edit::None, Edit::Title("There"), Outcome::Is("There", ""), false),
    row(Edit::Title("Here"), Edit::None, Outcome::Is("Here", ""), false),
    row(Edit::Title("Here"), Edit::Location("Hall"), Outcome::Is("Here", "Hall"), false),
    row(Edit::Location("Hall"), Edit::Title("There"), Outcome::Is("There", "Hall"), false),
    row(Edit::Title("Same"), Edit::Title("Same"), Outcome::Is("Same", ""), false),
    row(Edit::Title("Here"), Edit::Title("There"), Outcome::OneOf("Here", "There"), true),
    row(Edit::Delete, Edit::Title("There"), Outcome::Is("There", ""), true),
    row(Edit::Title("Here"), Edit::Delete, Outcome::Is("Here", ""), true),
    row(Edit::Delete, Edit::Delete, Outcome::Gone, false),
    row(Edit::None, Edit::Delete, Outcome::Gone, false),
    row(Edit::Delete, Edit::None, Outcome::Gone, false),
];

async fn every_row_comes_out_as_it_says(place: &Place) {
    let mut ids = Vec::new();
    for (day, row) in (3..).zip(&ROWS) {
        ids.push(place.create(row, day).await);
    }
    place.settle().await;
    for (row, id) in ROWS.iter().zip(&ids) {
        place.edit_there(&row.name(), row.there).await;
        place.edit_here(*id, row.here).await;
    }
    place.settle().await;
    let said = place.here().await;
    let conflicts = place.engine().conflicts().await.unwrap();
    for (row, id) in ROWS.iter().zip(&ids) {
        let (said, conflict) = (said.get(&row.name()), conflicts.iter().find(|one| one.event_id == *id));
        match row.outcome {
            Outcome::Gone => assert_eq!(said, None, "{row:?}"),
            Outcome::Is(title, location) => {
                assert_eq!(said, Some(&(title.to_owned(), location.to_owned())), "{row:?}");
            }
            Outcome::OneOf(one, other) => {
                let title = said.unwrap().0.as_str();
                assert!([one, other].contains(&title), "{row:?}: {title}");
                let kept = conflict.unwrap();
                let sides = [&kept.local, &kept.remote].map(|side| side.as_ref().unwrap().title.as_str());
                assert_eq!(sides, [one, other], "what lost can be seen");
            }
        }
        assert_eq!(conflict.is_some(), row.is_conflict, "{row:?}: {conflict:#?}");
    }
}

async fn caldav(kind: Kind) -> Place {
    let (world, server) = (World::new().await, DavServer::start(kind).await);
    let account = connect(&world, &server).await;
    world.link(None, account, &server.calendar("work"), SyncDirection::Bidirectional).await;
    Place::Caldav(world, server)
}

async fn connect(world: &World, server: &DavServer) -> synodic_model::IntegrationId {
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    world.engine.connect_caldav(place, PASSWORD).await.unwrap()
}

#[tokio::test]
async fn the_table_holds_at_google() {
    let world = World::new().await;
    world.linked().await;
    every_row_comes_out_as_it_says(&Place::Google(world)).await;
}

#[tokio::test]
async fn the_table_holds_at_notion() {
    every_row_comes_out_as_it_says(&Place::Notion(Three::new().await)).await;
}

#[tokio::test]
async fn the_table_holds_at_a_calendar_server() {
    for kind in [Kind::Radicale, Kind::Xandikos] {
        every_row_comes_out_as_it_says(&caldav(kind).await).await;
    }
}

/// The last row: what both sides have before they know of each other is one event, with what each says of it.
#[tokio::test]
async fn what_both_sides_have_is_adopted_and_merged_at_a_calendar_server() {
    for kind in [Kind::Radicale, Kind::Xandikos] {
        let (world, server) = (World::new().await, DavServer::start(kind).await);
        let account = connect(&world, &server).await;
        let home = world
            .engine
            .create_calendar("Home".into(), "#336699".into(), "Europe/Berlin".into())
            .await
            .unwrap();
        let mut ours = meeting("Talk", 3);
        ours.location = "Hall".into();
        world.create(home.id, ours).await;
        server
            .put(
                "theirs.ics",
                "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Phone//EN\nBEGIN:VEVENT\nUID:theirs\nDTSTAMP:20261101T000000Z\n\
                 DTSTART;TZID=Europe/Berlin:20261103T090000\nDTEND;TZID=Europe/Berlin:20261103T100000\nSUMMARY:Talk\nDESCRIPTION:Bring slides\n\
                 END:VEVENT\nEND:VCALENDAR\n",
            )
            .await;
        world.link(Some(home.id), account, &server.calendar("work"), SyncDirection::Bidirectional).await;
        let place = Place::Caldav(world, server);
        place.settle().await;
        let expected = [("Bring slides".to_owned(), ("Talk".to_owned(), "Hall".to_owned()))];
        assert_eq!(place.there().await, expected.into(), "{kind:?}");
        assert!(place.engine().conflicts().await.unwrap().is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn what_both_sides_have_is_adopted_and_merged_at_notion() {
    let three = Three::new().await;
    let calendars = three.engine.calendars().await.unwrap();
    let link = calendars[0].links.iter().find(|link| link.integration_id == three.workspace).unwrap().id;
    three.engine.unlink_calendar(link, synodic_engine::view::Parting::KeepBoth).await.unwrap();
    let mut ours = meeting("Talk", 3);
    ours.location = "Hall".into();
    three.create(ours).await;
    let mut properties = titled("Talk");
    properties["Beschreibung"] = rich("Bring slides");
    properties["Datum"] =
        json!({ "date": { "start": "2026-11-03T09:00:00+01:00", "end": "2026-11-03T10:00:00+01:00" } });
    three.notion.add_page(three.source, json!({ "properties": properties }));
    three.pass().await;
    let source = RemoteCalendarId::new(three.source.to_string());
    let both = SyncDirection::Bidirectional;
    three.engine.link_notion(Some(three.calendar), three.workspace, source, both, None).await.unwrap();
    three.settle().await;
    let place = Place::Notion(three);
    place.settle().await;
    let expected = [("Bring slides".to_owned(), ("Talk".to_owned(), "Hall".to_owned()))];
    assert_eq!(place.there().await, expected.into());
    assert!(place.engine().conflicts().await.unwrap().is_empty());
}
