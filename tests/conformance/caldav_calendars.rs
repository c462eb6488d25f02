//! Calendars that are made and renamed at servers which others have written.

use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::CalendarView;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::world::{World, meeting};

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

#[tokio::test]
async fn a_service_that_makes_none_is_not_asked() {
    let world = World::new().await;
    let account = world.connect().await;
    let zone = "Europe/Berlin".to_owned();
    let error = world.engine.create_calendar_at(account, "Choir".into(), "#336699".into(), zone).await;
    assert!(error.unwrap_err().to_string().contains("calendar servers only"));
}
