//! Calendars that are made and renamed at servers which others have written.

use synodic_engine::EngineError;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::CalendarView;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::world::{World, meeting};

use crate::caldav_fake::{FakeServer, multistatus, respond, row, status_row};

async fn made(kind: Kind) -> (DavServer, World, CalendarView) {
    let server = DavServer::start(kind).await;
    let world = World::new().await;
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
    let zone = "Europe/Berlin".to_owned();
    let calendar =
        world.engine.create_calendar_at(account, "Choir & <friends>".into(), "#336699".into(), zone);
    let calendar = calendar.await.unwrap();
    (server, world, calendar)
}

async fn a_calendar_is_made_there_and_kept_in_step(kind: Kind) {
    let (server, world, calendar) = made(kind).await;
    assert_eq!((&*calendar.name, &*calendar.color), ("Choir & <friends>", "#336699"));
    assert_eq!(calendar.time_zone, "Europe/Berlin");
    let path = calendar.links[0].remote_calendar_id.to_string();
    assert!(path.starts_with(&server.home()), "{path}");

    // What the server says of it, asked without us.
    let properties = "<D:propfind xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:displayname/><D:resourcetype/>\
                      <C:supported-calendar-component-set/></D:prop></D:propfind>";
    let said = server
        .ask("PROPFIND", &path, &[("Depth", "0"), ("Content-Type", "application/xml")], properties)
        .await;
    assert!(said.body.contains("Choir &amp; &lt;friends&gt;"), "{}", said.body);
    assert!(said.body.contains("VEVENT") && !said.body.contains("VTODO"), "{}", said.body);

    world.create(calendar.id, meeting("Rehearsal", 3)).await;
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (1, 0, 0), "{report:#?}");
    let listing = server.ask("PROPFIND", &path, &[("Depth", "1")], "").await;
    assert!(listing.body.contains(".ics"), "{}", listing.body);
    assert!(server.names().await.is_empty(), "the other calendar is left alone");
    let offered = world.engine.known_remote_calendars().await.unwrap();
    let own = offered.iter().find(|remote| remote.id.as_str() == path).unwrap();
    assert_eq!(own.link_id, Some(calendar.links[0].id));
}

async fn a_calendar_gets_another_name_there(kind: Kind) {
    let (server, world, calendar) = made(kind).await;
    world.engine.rename_remote_calendar(calendar.links[0].id, "Singers".into()).await.unwrap();
    let path = calendar.links[0].remote_calendar_id.to_string();
    let properties = "<D:propfind xmlns:D=\"DAV:\"><D:prop><D:displayname/></D:prop></D:propfind>";
    let said = server
        .ask("PROPFIND", &path, &[("Depth", "0"), ("Content-Type", "application/xml")], properties)
        .await;
    assert!(said.body.contains("Singers"), "{}", said.body);
    let calendars = world.engine.calendars().await.unwrap();
    assert_eq!(calendars[0].links[0].remote_name, "Singers");
    let error = world.engine.rename_remote_calendar(calendar.links[0].id, "  ".into()).await.unwrap_err();
    assert!(error.to_string().contains("name"), "{error}");
}

#[tokio::test]
async fn a_calendar_is_made_at_radicale_and_kept_in_step() {
    a_calendar_is_made_there_and_kept_in_step(Kind::Radicale).await;
}

#[tokio::test]
async fn a_calendar_is_made_at_xandikos_and_kept_in_step() {
    a_calendar_is_made_there_and_kept_in_step(Kind::Xandikos).await;
}

#[tokio::test]
async fn a_calendar_gets_another_name_at_radicale() {
    a_calendar_gets_another_name_there(Kind::Radicale).await;
}

#[tokio::test]
async fn a_calendar_gets_another_name_at_xandikos() {
    a_calendar_gets_another_name_there(Kind::Xandikos).await;
}

/// A server that makes calendars only when it is asked by a method that all collections are made by.
async fn made_as_a_collection(unknown: u16, answer: u16) -> (FakeServer, Result<CalendarView, EngineError>) {
    let server = FakeServer::usual().await;
    let mut made = String::new();
    server.script(move |asked, _| match asked.method.as_str() {
        "MKCALENDAR" => Some(respond(unknown, "")),
        "MKCOL" if answer == 201 => {
            made.clone_from(&asked.path);
            Some(respond(201, ""))
        }
        "MKCOL" => Some(multistatus(&status_row(&asked.path, 403))),
        "PROPPATCH" => Some(multistatus(&status_row(&asked.path, 403))),
        "PROPFIND" if !made.is_empty() && [made.as_str(), "/home/"].contains(&&*asked.path) => {
            let kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
            Some(multistatus(&row(&made, &format!("{kind}<D:displayname>Choir</D:displayname>"))))
        }
        _ => None,
    });
    let world = World::new().await;
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
    let zone = "Europe/Berlin".to_owned();
    let made = world.engine.create_calendar_at(account, "Choir".into(), "#336699".into(), zone).await;
    (server, made)
}

#[tokio::test]
async fn a_server_that_does_not_know_how_to_make_calendars_makes_a_collection_of_their_kind() {
    for unknown in [405, 415, 501] {
        let (server, made) = made_as_a_collection(unknown, 201).await;
        let made = made.unwrap();
        let asked = server.asked();
        let asked = asked.iter().find(|asked| asked.method == "MKCOL").unwrap();
        for part in ["mkcol", "<D:resourcetype><D:collection/><C:calendar/>", "Choir", "VEVENT"] {
            assert!(asked.body.contains(part), "{unknown}: {part} is missing in {}", asked.body);
        }
        assert_eq!(made.links[0].remote_calendar_id.as_str(), asked.path, "{unknown}");
        assert_eq!(made.name, "Choir", "{unknown}: it keeps no colour, and is made all the same");
    }
}

#[tokio::test]
async fn a_server_that_makes_no_calendar_either_way_says_so() {
    let (_server, made) = made_as_a_collection(405, 207).await;
    let error = made.unwrap_err().to_string();
    assert!(error.contains("does not let this account"), "{error}");
}

#[tokio::test]
async fn a_service_that_makes_none_is_not_asked() {
    let world = World::new().await;
    let account = world.connect().await;
    let zone = "Europe/Berlin".to_owned();
    let error = world.engine.create_calendar_at(account, "Choir".into(), "#336699".into(), zone).await;
    assert!(error.unwrap_err().to_string().contains("calendar servers only"));
}
