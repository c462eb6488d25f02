//! Calendar servers that do what no server should, made for the purpose: each fault stays with the resource or the
//! account that it is about, and says what is wrong.

use synodic_engine::caldav::CaldavPlace;
use synodic_model::EventContent;
use synodic_model::sync::SyncDirection;
use synodic_providers::{
    Class, Linked, NextPull, NotifyAttendees, Provider, ProviderError, PullPosition, RemoteChange, Update,
};
use synodic_tests::dav::{PASSWORD, USER};
use synodic_tests::world::{World, meeting};

use crate::caldav::{creation, event, found, object};
use crate::caldav_fake::{CALENDAR, FakeServer, Fault, work};

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
    server.state().elsewhere = Some(format!("http://localhost:{}/", stranger.address.port()));
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
    assert_eq!(server.asked().len(), 1, "nothing has changed: one question");

    server.put("e7.ics", &object(&event("e7", &DAY.replace("Fine", "Finer"))));
    server.remove("e8.ics");
    let changed = provider.pull(Linked::plain(&work()), &position).await.unwrap().changes;
    assert_eq!(changed.len(), 2, "{changed:?}");
    let is_gone =
        |change: &RemoteChange| matches!(change, RemoteChange::Removed { id } if id.as_str() == "e8.ics");
    let is_finer = |change: &RemoteChange| matches!(change, RemoteChange::Present(event) if event.content.title == "Finer");
    assert!(changed.iter().any(is_gone) && changed.iter().any(is_finer), "{changed:?}");
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
    server.state().meanwhile = Some((method, of_the_phone()));
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
    assert!(server.texts().iter().all(|text| text.contains("Of the phone")), "{:?}", server.texts());
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
    assert_eq!(server.text("ours.ics"), Some(text));
}

#[tokio::test]
async fn tags_that_change_with_each_reading_overwrite_nothing() {
    let server = FakeServer::start(Fault::RestlessTags).await;
    let error = change(&server).await.unwrap_err();
    assert_eq!(error.class(), Class::Conflict, "{error}");
    assert!(server.texts().iter().all(|text| text.contains("SUMMARY:Ours")));
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
