//! What servers leave out, forget and cut short, and what they say of it: nothing that is there is missed for good, and
//! nothing is taken for gone that is not.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::snapshot::SyncState;
use synodic_model::RemoteCalendarId;
use synodic_model::sync::SyncDirection;
use synodic_providers::caldav::{Caldav, CaldavAccount, discover};
use synodic_providers::transport::Surroundings;
use synodic_providers::{Linked, NextPull, Provider, ProviderError, PullPosition, RemoteChange, TokenVault};
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::world::{World, meeting};

use crate::caldav::{Password, event, object};
use crate::caldav_fake::{
    Asked, CALENDAR, FakeServer, Fault, Most, complaint, multistatus, respond, status_row, token, work,
};

fn day(name: &str, title: &str) -> String {
    object(&event(name, &format!("DTSTART;VALUE=DATE:20261104\nSUMMARY:{title}\n")))
}

/// Puts so many events there, `e00.ics` and on.
fn fill(server: &FakeServer, count: usize) {
    for number in 0..count {
        server
            .put(&format!("e{number:02}.ics"), &day(&format!("e{number:02}"), &format!("Event {number:02}")));
    }
}

/// Whether somebody asks for what changed since a token.
fn is_about_changes(asked: &Asked) -> bool {
    asked.body.contains("sync-collection") && asked.body.contains("token ")
}

#[tokio::test]
async fn an_answer_that_is_cut_off_without_a_word_loses_nothing() {
    let server = FakeServer::usual().await;
    fill(&server, 30);
    server.state().most = Most { told: Some(10), reported: Some(12), listed: None };
    let (world, _) = server.linked().await;
    for _ in 0..2 {
        world.pass().await;
    }
    assert_eq!(world.titles().await.len(), 30);
    // Its reports are not believed from now on.
    server.put("e25.ics", &day("e25", "Changed"));
    server.remove("e26.ics");
    world.pass().await;
    let titles = world.titles().await;
    assert_eq!(titles.len(), 29, "{titles:?}");
    assert!(titles.contains(&"Changed".to_owned()) && !titles.contains(&"Event 26".to_owned()), "{titles:?}");
    assert_eq!(server.texts().len(), 29, "nothing was deleted there");
}

#[tokio::test]
async fn what_is_told_in_parts_is_asked_for_until_the_last() {
    let server = FakeServer::usual().await;
    fill(&server, 35);
    server.state().says_where_it_stops = true;
    server.state().most = Most { told: Some(10), reported: Some(10), listed: Some(10) };
    let (world, _) = server.linked().await;
    assert_eq!(world.titles().await.len(), 35);
    for number in 0..25 {
        server
            .put(&format!("e{number:02}.ics"), &day(&format!("e{number:02}"), &format!("Again {number:02}")));
    }
    server.asked();
    world.pass().await;
    let again = world.titles().await.iter().filter(|title| title.starts_with("Again")).count();
    assert_eq!((again, world.titles().await.len()), (25, 35));
    let asked = server.asked().iter().filter(|asked| is_about_changes(asked)).count();
    assert_eq!(asked, 3, "ten, ten, and the last five");
}

#[tokio::test]
async fn parts_that_do_not_get_on_are_no_answer() {
    let server = FakeServer::usual().await;
    fill(&server, 3);
    let (world, _) = server.linked().await;
    world.pass().await;
    server.script(|asked, _| {
        let said = asked.body.split("token ").nth(1)?.split('<').next()?.parse().ok()?;
        is_about_changes(asked).then(|| multistatus(&format!("{}{}", status_row(CALENDAR, 507), token(said))))
    });
    server.put("new.ics", &day("new", "New"));
    world.pass().await;
    assert!(world.titles().await.contains(&"New".to_owned()), "{:?}", world.titles().await);
    assert_eq!(world.titles().await.len(), 4);
}

#[tokio::test]
async fn a_token_that_is_void_is_let_go_whatever_that_is_called() {
    let void = "<D:valid-sync-token/>";
    let answers: [(u16, &'static str); 11] = [
        (403, void),
        (412, void),
        (409, void),
        (500, void),
        (400, ""),
        (409, ""),
        (410, ""),
        (412, ""),
        (501, ""),
        (507, "<D:number-of-matches-within-limits/>"),
        // Of this one it is known only when it comes again.
        (500, ""),
    ];
    for (status, inner) in answers {
        let server = FakeServer::usual().await;
        fill(&server, 3);
        let (world, _) = server.linked().await;
        world.pass().await;
        server.put("new.ics", &day("new", "New"));
        server.remove("e00.ics");
        server.script(move |asked, _| is_about_changes(asked).then(|| complaint(status, inner)));
        for _ in 0..2 {
            world.pass().await;
        }
        let expected = ["Event 01", "Event 02", "New"];
        assert_eq!(world.titles().await, expected, "{status} {inner}");
        assert_eq!(server.texts().len(), 3, "{status} {inner}");
    }
}

/// A clock that a test sets.
type Hands = Arc<Mutex<DateTime<Utc>>>;

async fn found_with(server: &FakeServer, hands: &Hands) -> Caldav {
    let vault: Arc<dyn TokenVault> = Arc::new(Password(PASSWORD));
    let hands = Arc::clone(hands);
    let clock = Arc::new(move || *hands.lock().unwrap());
    let surroundings = Surroundings { clock, ..Surroundings::real().unwrap() };
    let account = CaldavAccount::at(server.url(), Some(USER.to_owned()));
    let account = discover(account, Arc::clone(&vault), surroundings.clone()).await.unwrap();
    Caldav::with(account, vault, surroundings)
}

/// Pulls to the end. Returns the titles that are told, how many are gone, and the new cursor.
async fn pulled(provider: &Caldav, cursor: Option<String>) -> (Vec<String>, usize, String) {
    let id = work();
    let mut position = PullPosition { cursor, page: None };
    let (mut titles, mut gone) = (Vec::new(), 0);
    loop {
        let page = provider.pull(Linked::plain(&id), &position).await.unwrap();
        for change in page.changes {
            match change {
                RemoteChange::Present(event) => titles.push(event.content.title),
                RemoteChange::Removed { .. } => gone += 1,
                other => panic!("{other:?}"),
            }
        }
        match page.next {
            NextPull::Page(page) => position.page = Some(page),
            NextPull::Done { cursor } => return (titles, gone, cursor),
        }
    }
}

#[tokio::test]
async fn what_a_server_forgets_to_speak_of_is_found_within_a_day() {
    let server = FakeServer::usual().await;
    fill(&server, 2);
    let hands: Hands = Arc::new(Mutex::new("2026-11-01T12:00:00Z".parse().unwrap()));
    let provider = found_with(&server, &hands).await;
    let (_, _, cursor) = pulled(&provider, None).await;
    let (_, _, cursor) = pulled(&provider, Some(cursor)).await;
    let count = server.state().count;
    server.script(move |asked, _| is_about_changes(asked).then(|| multistatus(&token(count))));
    server.put("new.ics", &day("new", "New"));
    let (titles, gone, cursor) = pulled(&provider, Some(cursor)).await;
    assert!(titles.is_empty() && gone == 0, "{titles:?}");

    *hands.lock().unwrap() += TimeDelta::hours(25);
    let position = PullPosition { cursor: Some(cursor), page: None };
    let error = provider.pull(Linked::plain(&work()), &position).await.unwrap_err();
    assert!(matches!(error, ProviderError::ListingDue), "{error}");
    let (titles, _, _) = pulled(&provider, None).await;
    assert!(titles.contains(&"New".to_owned()), "{titles:?}");
}

#[tokio::test]
async fn what_a_list_leaves_out_is_not_gone() {
    for has_tokens in [true, false] {
        let server = FakeServer::usual().await;
        server.state().has_tokens = has_tokens;
        fill(&server, 30);
        let (world, _) = server.linked().await;
        world.pass().await;
        // Few enough to be taken for ordinary life.
        server.state().most = Most { told: Some(25), reported: None, listed: Some(25) };
        server.script(|asked, _| is_about_changes(asked).then(|| complaint(403, "<D:valid-sync-token/>")));
        server.put("e03.ics", &day("e03", "Changed"));
        server.remove("e04.ics");
        for _ in 0..2 {
            world.pass().await;
        }
        let titles = world.titles().await;
        assert_eq!(titles.len(), 29, "has_tokens: {has_tokens}, {titles:?}");
        assert!(titles.contains(&"Changed".to_owned()) && !titles.contains(&"Event 04".to_owned()));
        assert_eq!(server.texts().len(), 29);
        assert!(world.engine.reviews().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_calendar_that_is_suddenly_empty_is_asked_about() {
    for has_tokens in [true, false] {
        let server = FakeServer::usual().await;
        server.state().has_tokens = has_tokens;
        fill(&server, 14);
        let (world, _) = server.linked().await;
        world.pass().await;
        let names: Vec<String> = (0..14).map(|number| format!("e{number:02}.ics")).collect();
        names.iter().for_each(|name| server.remove(name));
        server.asked();
        world.pass().await;
        assert_eq!(world.titles().await.len(), 14, "has_tokens: {has_tokens}");
        assert_eq!(world.engine.reviews().await.unwrap()[0].deletions, 14);
        assert_eq!(world.engine.snapshot().state, SyncState::Review);
        assert_eq!(server.requests("PUT"), 0, "nothing is put back before somebody has looked");
    }
}

#[tokio::test]
async fn what_was_gone_before_we_heard_of_it_is_no_matter() {
    let server = FakeServer::usual().await;
    fill(&server, 3);
    server.remove("e00.ics");
    let (world, _) = server.linked().await;
    world.pass().await;
    server.put("short.ics", &day("short", "Short-lived"));
    server.remove("short.ics");
    let report = world.pass().await;
    assert_eq!((report.links[0].deleted, report.links[0].error.clone()), (0, None));
    assert_eq!(world.titles().await, ["Event 01", "Event 02"]);

    for kind in [Kind::Radicale, Kind::Xandikos] {
        let server = DavServer::start(kind).await;
        server.put("stays.ics", &day("stays", "Stays")).await;
        server.put("goes.ics", &day("goes", "Goes")).await;
        server.delete("goes.ics").await;
        let (world, _) = beside(&server).await;
        let report = world.pass().await;
        assert_eq!((report.links[0].deleted, report.links[0].error.clone()), (0, None), "{kind:?}");
        assert_eq!(world.titles().await, ["Stays"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_calendar_that_names_itself_and_folders_has_no_more_events_for_it() {
    let server = FakeServer::usual().await;
    server.state().names_itself = true;
    fill(&server, 2);
    let (world, _) = server.linked().await;
    for _ in 0..2 {
        server.put("e00.ics", &day("e00", "Changed"));
        let report = world.pass().await;
        assert_eq!((report.links[0].unreadable, report.links[0].error.clone()), (0, None));
    }
    assert_eq!(world.titles().await, ["Changed", "Event 01"]);
    server.asked();
    world.pass().await;
    let asked: Vec<_> = server.asked().into_iter().map(|asked| asked.method).collect();
    assert!(!asked.contains(&"GET".to_owned()), "{asked:?}");
}

async fn beside(server: &DavServer) -> (World, RemoteCalendarId) {
    let world = World::new().await;
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
    world.link(None, account, &server.calendar("work"), SyncDirection::Bidirectional).await;
    world.pass().await;
    (world, RemoteCalendarId::new(server.calendar("work")))
}

#[tokio::test]
async fn the_events_of_a_calendar_that_is_gone_stay_here() {
    for kind in [Kind::Radicale, Kind::Xandikos] {
        for is_read_twice in [true, false] {
            let server = DavServer::start(kind).await;
            server.make_calendar("home").await;
            server.put("one.ics", &day("one", "One")).await;
            server.put("two.ics", &day("two", "Two")).await;
            let (world, _) = beside(&server).await;
            if is_read_twice {
                world.pass().await;
            }
            let gone = server.ask("DELETE", &server.calendar("work"), &[], "").await;
            assert!((200..300).contains(&gone.status), "{kind:?}: {} {}", gone.status, gone.body);
            for _ in 0..2 {
                world.pass().await;
            }
            assert_eq!(world.titles().await, ["One", "Two"], "{kind:?}");
            let calendar = world.engine.calendars().await.unwrap().remove(0);
            let message = world.engine.snapshot().integrations[0].message.clone().unwrap_or_default();
            assert!(message.contains("Its events stay here"), "{kind:?}: {message}");

            // What is edited meanwhile waits, and is not made anew in another place.
            world.create(calendar.id, meeting("Three", 3)).await;
            world.pass().await;
            assert_eq!(world.titles().await, ["One", "Three", "Two"], "{kind:?}");
            let home = server.ask("PROPFIND", &server.calendar("home"), &[("Depth", "1")], "").await;
            assert!(!home.body.contains(".ics"), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_home_that_is_said_not_to_be_there_in_a_multistatus_has_not_lost_its_calendars() {
    let server = FakeServer::usual().await;
    fill(&server, 2);
    let (world, _) = server.linked().await;
    world.pass().await;
    server.script(|asked, _| (asked.path == "/home/").then(|| multistatus(&status_row("/home/", 404))));
    for _ in 0..2 {
        world.pass().await;
    }
    let message = world.engine.snapshot().integrations[0].message.clone();
    assert_eq!(message, None, "the calendar itself is where it was");
    assert_eq!(world.titles().await.len(), 2);
}

#[tokio::test]
async fn a_report_that_the_server_refuses_is_done_without() {
    let server = FakeServer::start(Fault::None).await;
    server.state().has_tokens = true;
    server.script(|asked, _| asked.body.contains("sync-collection").then(|| respond(403, "")));
    fill(&server, 2);
    let (world, _) = server.linked().await;
    world.pass().await;
    server.put("e00.ics", &day("e00", "Changed"));
    let report = world.pass().await;
    assert_eq!(report.links[0].error, None);
    assert_eq!(world.titles().await, ["Changed", "Event 01"]);
}
