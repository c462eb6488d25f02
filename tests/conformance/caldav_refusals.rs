//! How servers refuse, and what they mean by it: an edit of somebody else is merged, what a server does not want is said of
//! that event alone, and what it wants to be asked later is asked later.

use axum::body::Body;
use axum::http::Response;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::snapshot::SyncState;
use synodic_engine::view::CalendarView;
use synodic_model::sync::QueueStatus;
use synodic_providers::{Class, Linked, Provider, ProviderError};
use synodic_tests::dav::{PASSWORD, USER};
use synodic_tests::world::{World, meeting};

use crate::caldav::{creation, event, found, object};
use crate::caldav_fake::{
    Asked, CALENDAR, FakeServer, OTHER, complaint, multistatus, respond, status_row, work,
};

/// What `SabreDAV` says, and with it Nextcloud, beside a status.
fn in_sabres_words(status: u16, exception: &str, message: &str) -> Response<Body> {
    let said = format!(
        "<s:exception>Sabre\\DAV\\Exception\\{exception}</s:exception><s:message>{message}</s:message>"
    );
    complaint(status, &said)
}

fn stale_in_sabres_words() -> Response<Body> {
    let message = "An If-Match header was specified, but none of the specified the ETags matched.";
    in_sabres_words(412, "PreconditionFailed", message)
}

/// Whether an event of this title is to be written.
fn writes(asked: &Asked, title: &str) -> bool {
    asked.method == "PUT" && asked.body.contains(&format!("SUMMARY:{title}"))
}

/// Three events of which one is called Poison, made here and not sent yet.
async fn three(server: &FakeServer) -> (World, CalendarView) {
    let (world, calendar) = server.linked().await;
    for (title, number) in [("Fine", 2), ("Poison", 3), ("Fine too", 4)] {
        world.create(calendar.id, meeting(title, number)).await;
    }
    (world, calendar)
}

#[tokio::test]
async fn an_edit_of_somebody_else_is_merged_in_whatever_words_the_server_tells_of_it() {
    let server = FakeServer::usual().await;
    let lines = "DTSTART:20261103T090000Z\nDTEND:20261103T100000Z\nSUMMARY:Talk\n";
    server.put("talk.ics", &object(&event("talk", lines)));
    let (world, _) = server.linked().await;
    let talk = world.find("Talk").await;
    world.change(talk.id, |content| content.location = "Here".into()).await;
    let speech = object(&event("talk", &lines.replace("Talk", "Speech")));
    let mut is_first = true;
    server.script(move |asked, fake| {
        let is_met = asked.method == "PUT" && std::mem::take(&mut is_first);
        is_met.then(|| {
            fake.put(&asked.path, &speech);
            stale_in_sabres_words()
        })
    });
    for _ in 0..2 {
        let report = world.pass().await;
        assert_eq!((report.pending, report.failed), (0, 0), "{report:#?}");
    }
    let text = server.text("talk.ics").unwrap();
    assert!(text.contains("SUMMARY:Speech") && text.contains("LOCATION:Here"), "{text}");
    assert!(world.engine.conflicts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_creation_that_was_carried_out_is_met_in_whatever_words_the_server_tells_of_it() {
    let server = FakeServer::usual().await;
    let (world, calendar) = server.linked().await;
    world.create(calendar.id, meeting("Once", 3)).await;
    let mut count = 0;
    server.script(move |asked, fake| {
        if asked.method != "PUT" {
            return None;
        }
        count += 1;
        if count == 1 {
            fake.answer(asked);
            return Some(respond(502, ""));
        }
        fake.resources.contains_key(&asked.path).then(|| {
            in_sabres_words(
                412,
                "PreconditionFailed",
                "An If-None-Match header was specified, but the ETag matched.",
            )
        })
    });
    let mut report = world.pass().await;
    if report.pending > 0 {
        report = world.pass().await;
    }
    assert_eq!((report.pending, report.failed), (0, 0), "{report:#?}");
    assert_eq!((server.texts().len(), world.titles().await), (1, vec!["Once".to_owned()]));
}

#[tokio::test]
async fn what_a_server_does_not_want_is_said_of_that_event_alone() {
    let refusals: [(u16, &'static str, &'static str); 9] = [
        (412, "<C:valid-calendar-data/>", "does not accept the event"),
        (403, "<C:supported-calendar-component/>", "takes no events"),
        (403, "<C:max-resource-size/>", "larger than the server takes"),
        (403, "<C:max-attendees-per-instance/>", "more guests"),
        (403, "<D:need-privileges/>", "may not write there"),
        (507, "<D:quota-not-exceeded/>", "no room left"),
        (507, "", "insufficient storage"),
        (413, "", "payload too large"),
        (415, "<s:exception>x</s:exception><s:message>No DTSTART for you</s:message>", "No DTSTART for you"),
    ];
    for (status, inner, words) in refusals {
        let server = FakeServer::usual().await;
        let (world, _) = three(&server).await;
        server.script(move |asked, _| {
            writes(asked, "Poison").then(|| match inner {
                "" => respond(status, ""),
                inner => complaint(status, inner),
            })
        });
        let report = world.pass().await;
        assert_eq!(
            (report.pushed, report.pending, report.failed),
            (2, 0, 1),
            "{status} {inner}: {report:#?}"
        );
        let parked = world.engine.queue_list().await.unwrap().remove(0);
        assert_eq!((parked.title.as_str(), parked.status), ("Poison", QueueStatus::Failed));
        let reason = parked.last_error.unwrap();
        assert!(reason.contains(words), "{status} {inner}: {reason}");
        assert!(world.engine.conflicts().await.unwrap().is_empty(), "{status} {inner}");
        assert_eq!(world.engine.snapshot().state, SyncState::Failed);
        assert_eq!(world.titles().await.len(), 3, "it is safe here");
        server.asked();
        world.pass().await;
        assert_eq!(server.requests("PUT"), 0, "{status} {inner}: it is not sent again by itself");
    }
}

#[tokio::test]
async fn an_event_that_is_locked_is_tried_again_and_keeps_nobody() {
    let server = FakeServer::usual().await;
    let (world, _) = three(&server).await;
    server.script(|asked, _| writes(asked, "Poison").then(|| complaint(423, "<D:lock-token-submitted/>")));
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (2, 1, 0), "{report:#?}");
    let snapshot = world.engine.snapshot();
    assert_eq!(snapshot.integrations[0].state, SyncState::Pending, "{snapshot:#?}");
    server.unscript();
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (1, 0, 0), "{report:#?}");
    assert_eq!(server.texts().len(), 3);
}

#[tokio::test]
async fn a_server_that_wants_a_rest_gets_it_and_no_try_is_used() {
    for status in [429, 503] {
        let server = FakeServer::usual().await;
        let (world, _) = three(&server).await;
        server.script(move |asked, _| {
            let rest = Response::builder().status(status).header("retry-after", "1200");
            (asked.method == "PUT").then(|| rest.body(Body::empty()).unwrap())
        });
        for _ in 0..5 {
            let report = world.pass().await;
            assert_eq!((report.pushed, report.pending, report.failed), (0, 3, 0), "{status}: {report:#?}");
        }
        let standing = world.engine.snapshot().integrations.remove(0);
        assert_eq!(standing.state, SyncState::BackingOff, "{status}: {standing:#?}");
        let wait = standing.retry_at.unwrap() - standing.since;
        assert!(wait.num_minutes() >= 19, "{status}: {standing:#?}");
        server.unscript();
        let report = world.pass().await;
        assert_eq!((report.pushed, report.pending, report.failed), (3, 0, 0), "{status}: {report:#?}");
    }
}

#[tokio::test]
async fn a_password_that_is_revoked_stops_the_account_and_loses_nothing() {
    let server = FakeServer::usual().await;
    let (world, _) = three(&server).await;
    server.script(|_, _| Some(respond(401, "")));
    server.asked();
    for _ in 0..5 {
        let report = world.pass().await;
        assert_eq!((report.pushed, report.pending, report.failed), (0, 3, 0), "{report:#?}");
    }
    assert!(server.asked().len() <= 10, "a server may lock out who tries often");
    assert_eq!(world.engine.snapshot().state, SyncState::NeedsSignIn);
    assert_eq!(world.titles().await.len(), 3);
    server.unscript();
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    world.engine.connect_caldav(place, PASSWORD).await.unwrap();
    world.pass().await;
    assert_eq!(server.texts().len(), 3);
    assert_eq!(world.engine.snapshot().state, SyncState::Synced);
}

#[tokio::test]
async fn a_tag_that_was_changed_on_the_way_keeps_no_edit() {
    let server = FakeServer::usual().await;
    let (world, calendar) = server.linked().await;
    let event = world.create(calendar.id, meeting("Ours", 3)).await;
    world.pass().await;
    // What is packed for the way is given a tag of its own there, which the server itself has never heard of.
    server.script(|asked, fake| {
        let is_packed = asked.header("accept-encoding").is_some_and(|said| said.contains("gzip"));
        let is_resource = fake.resources.contains_key(&asked.path);
        (asked.method == "GET" && is_packed && is_resource).then(|| {
            let tag = fake.tag(&asked.path).replace("\"", "");
            let text = fake.resources[&asked.path].clone();
            Response::builder().header("etag", format!("\"{tag}-gzip\"")).body(Body::from(text)).unwrap()
        })
    });
    world.change(event.id, |content| content.title = "Changed".into()).await;
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (1, 0, 0), "{report:#?}");
    assert!(server.texts()[0].contains("SUMMARY:Changed"));
}

#[tokio::test]
async fn a_write_that_is_refused_as_not_found_deletes_nothing() {
    let server = FakeServer::usual().await;
    let (world, calendar) = server.linked().await;
    let event = world.create(calendar.id, meeting("Ours", 3)).await;
    world.pass().await;
    world.change(event.id, |content| content.title = "Changed".into()).await;
    server.script(|asked, _| (asked.method == "PUT").then(|| respond(404, "")));
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 1), "{report:#?}");
    assert_eq!(world.titles().await, ["Changed"]);
    assert_eq!(server.texts().len(), 1);
    server.unscript();
    world.change(event.id, |content| content.location = "Hall".into()).await;
    for _ in 0..2 {
        world.pass().await;
    }
    assert_eq!((server.texts().len(), world.titles().await.len()), (1, 1));
    assert!(server.texts()[0].contains("SUMMARY:Changed"));
}

#[tokio::test]
async fn a_deletion_that_a_multistatus_refuses_has_not_happened() {
    let server = FakeServer::usual().await;
    let (world, calendar) = server.linked().await;
    let event = world.create(calendar.id, meeting("Ours", 3)).await;
    world.pass().await;
    world.delete(event.id).await;
    server.script(|asked, _| (asked.method == "DELETE").then(|| multistatus(&status_row(&asked.path, 423))));
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (0, 1, 0), "{report:#?}");
    server.unscript();
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (1, 0, 0), "{report:#?}");
    assert!(server.texts().is_empty() && world.titles().await.is_empty());
}

#[tokio::test]
async fn a_deletion_that_is_answered_with_a_list_of_what_is_gone_has_happened() {
    for status in [200, 204, 207] {
        let server = FakeServer::usual().await;
        let (world, calendar) = server.linked().await;
        let event = world.create(calendar.id, meeting("Ours", 3)).await;
        world.pass().await;
        world.delete(event.id).await;
        server.script(move |asked, fake| {
            (asked.method == "DELETE").then(|| {
                fake.answer(asked);
                let mut answer = multistatus(&status_row(&asked.path, 200));
                *answer.status_mut() = status.try_into().unwrap();
                answer
            })
        });
        let report = world.pass().await;
        assert_eq!((report.pushed, report.pending, report.failed), (1, 0, 0), "{status}: {report:#?}");
        assert_eq!(world.pass().await.pushed, 0);
        assert!(server.texts().is_empty() && world.titles().await.is_empty());
    }
}

/// What is said of an event that the server has under another name of the same calendar, or in another calendar.
fn clashes(at: &str) -> Vec<(u16, String)> {
    let named = format!("<D:href>{at}</D:href>");
    vec![
        (409, format!("<C:no-uid-conflict>{named}</C:no-uid-conflict>")),
        (412, "<C:no-uid-conflict/>".to_owned()),
        (403, format!("<C:unique-scheduling-object-resource>{named}</C:unique-scheduling-object-resource>")),
        (403, "<C:unique-scheduling-object-resource/>".to_owned()),
        (
            400,
            "<s:exception>Sabre\\DAV\\Exception\\BadRequest</s:exception>\
             <s:message>Calendar object with uid already exists in this calendar collection.</s:message>"
                .to_owned(),
        ),
    ]
}

#[tokio::test]
async fn an_event_that_is_there_already_is_met_whatever_the_refusal_says() {
    for (status, inner) in clashes(&format!("{CALENDAR}theirs.ics")) {
        let server = FakeServer::usual().await;
        let lines = "DTSTART;VALUE=DATE:20261104\nSUMMARY:Theirs\n";
        server.put("another.ics", &object(&event("another", lines)));
        server.put("theirs.ics", &object(&event("shared@uid", lines)));
        let provider = found(&server.url(), PASSWORD).await.unwrap();
        let said = inner.clone();
        server.script(move |asked, _| (asked.method == "PUT").then(|| complaint(status, &said)));
        let content = meeting("Ours", 3);
        let id = work();
        let error = provider.create(Linked::plain(&id), &creation(&content, "shared@uid")).await.unwrap_err();
        let is_met = matches!(&error, ProviderError::AlreadyThere { id } if id.as_str() == "theirs.ics");
        assert!(is_met, "{status} {inner}: {error:?}");
    }
}

#[tokio::test]
async fn a_question_that_a_server_does_not_know_leads_to_no_other_event() {
    let server = FakeServer::usual().await;
    let lines = "DTSTART;VALUE=DATE:20261104\nSUMMARY:Theirs\n";
    server.put("another.ics", &object(&event("another", lines)));
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    server.script(|asked, fake| match asked.method.as_str() {
        "PUT" => Some(complaint(409, "<C:no-uid-conflict/>")),
        "REPORT" => {
            let all = Asked { body: "calendar-query".to_owned(), ..asked.clone() };
            Some(fake.answer(&all))
        }
        _ => None,
    });
    let content = meeting("Ours", 3);
    let id = work();
    let error = provider.create(Linked::plain(&id), &creation(&content, "shared@uid")).await.unwrap_err();
    assert_eq!(error.class(), Class::Permanent, "{error:?}");
}

#[tokio::test]
async fn an_event_that_another_calendar_of_the_account_has_is_refused_alone() {
    for (status, inner) in clashes(&format!("{OTHER}theirs.ics")) {
        let server = FakeServer::usual().await;
        let (world, _) = three(&server).await;
        let said = inner.clone();
        server.script(move |asked, _| writes(asked, "Poison").then(|| complaint(status, &said)));
        let report = world.pass().await;
        assert_eq!(
            (report.pushed, report.pending, report.failed),
            (2, 0, 1),
            "{status} {inner}: {report:#?}"
        );
        let parked = world.engine.queue_list().await.unwrap().remove(0);
        let reason = parked.last_error.unwrap();
        assert!(reason.contains("already"), "{status} {inner}: {reason}");
        assert!(world.engine.conflicts().await.unwrap().is_empty());
        server.asked();
        world.pass().await;
        assert_eq!(server.requests("PUT"), 0, "{status} {inner}: it goes round in no circle");
        assert_eq!(world.titles().await.len(), 3);
    }
}
