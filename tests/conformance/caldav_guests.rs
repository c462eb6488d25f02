//! Servers that send invitations of their own accord (RFC 6638): nobody hears of what is copied or taken away here, and
//! what the server writes into an event by itself is no quarrel.

use synodic_engine::view::{EventTarget, NotifyAttendees};
use synodic_model::{Attendee, EventContent, Organizer, ResponseStatus};
use synodic_providers::{Linked, Provider, ProviderError, Update};
use synodic_tests::dav::PASSWORD;
use synodic_tests::world::{guest, meeting};

use crate::caldav::{creation, event, found, object};
use crate::caldav_fake::{FakeServer, Fault, work};

const TALK: &str = "DTSTART:20261103T090000Z\nDTEND:20261103T100000Z\nSUMMARY:Talk\n";

/// Bob's talk, to which Ada is invited.
fn invitation() -> String {
    let guests = "ORGANIZER:mailto:bob@example.org\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.org\n";
    object(&event("talk", &format!("{TALK}{guests}")))
}

/// Ada's own talk, to which Bob is invited, who has answered so.
fn own(title: &str, answer: &str) -> String {
    let guests =
        format!("ORGANIZER:mailto:ada@example.org\nATTENDEE;PARTSTAT={answer}:mailto:bob@example.org\n");
    object(&event("talk", &format!("{}{guests}", TALK.replace("Talk", title))))
}

async fn scheduling(fault: Fault) -> FakeServer {
    let server = FakeServer::start(fault).await;
    server.state().schedules = true;
    server.state().has_tokens = true;
    server
}

fn with_guests() -> EventContent {
    let mut content = meeting("Copied", 3);
    content.organizer =
        Some(Organizer { email: "ada@example.org".into(), name: "Ada".into(), is_self: true });
    content.attendees = vec![Attendee { name: "Bob".into(), ..guest("bob@example.org") }];
    content
}

#[tokio::test]
async fn nobody_is_invited_by_being_copied() {
    let server = scheduling(Fault::None).await;
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let (id, content) = (work(), with_guests());
    let calendar = Linked::plain(&id);
    let made = provider.create(calendar, &creation(&content, "copied@synodic")).await.unwrap();
    let text = server.texts().remove(0);
    assert!(text.contains("SUMMARY:Copied"), "{text}");
    for word in ["ATTENDEE", "ORGANIZER", "bob@example.org"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    // A later change of something else does not bring them in.
    let desired = EventContent { title: "Changed".into(), ..content.clone() };
    let update = Update {
        id: &made.id,
        version: Some(&made.version),
        base: Some(&made.content),
        desired: &desired,
        notify: NotifyAttendees::Nobody,
    };
    provider.update(calendar, &update).await.unwrap();
    let text = server.texts().remove(0);
    assert!(text.contains("SUMMARY:Changed") && !text.contains("ATTENDEE"), "{text}");
}

#[tokio::test]
async fn somebody_is_invited_when_the_person_says_so() {
    let server = scheduling(Fault::None).await;
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let (id, content) = (work(), with_guests());
    let wish = creation(&content, "invited@synodic");
    let wish = synodic_providers::Creation { notify: NotifyAttendees::Everybody, ..wish };
    provider.create(Linked::plain(&id), &wish).await.unwrap();
    let text = server.texts().remove(0);
    assert!(text.contains("ATTENDEE") && text.contains("bob@example.org"), "{text}");
    assert!(!text.contains("SCHEDULE-AGENT"), "the server is to send it: {text}");
}

#[tokio::test]
async fn who_deletes_an_invitation_tells_nobody_unless_they_say_so() {
    for (notify, said) in [(NotifyAttendees::Nobody, Some("F")), (NotifyAttendees::Everybody, None)] {
        let server = scheduling(Fault::None).await;
        server.put("talk.ics", &invitation());
        let (world, _) = server.linked().await;
        let talk = world.find("Talk").await;
        server.asked();
        world.engine.delete_event(EventTarget::Event { id: talk.id }, notify).await.unwrap();
        world.pass().await;
        let asked = server.asked();
        let deletion = asked.iter().find(|asked| asked.method == "DELETE").expect("it is deleted there");
        assert_eq!(deletion.header("schedule-reply"), said, "{notify:?}");
        assert!(server.texts().is_empty());
    }
}

#[tokio::test]
async fn a_schedule_tag_guards_where_there_is_no_better_one() {
    let server = scheduling(Fault::ScheduleTags).await;
    server.put("talk.ics", &own("Talk", "NEEDS-ACTION"));
    let (world, _) = server.linked().await;
    let talk = world.find("Talk").await;
    world.change(talk.id, |content| content.location = "Hall".into()).await;
    server.asked();
    world.pass().await;
    let asked = server.asked();
    let write = asked.iter().find(|asked| asked.method == "PUT").unwrap();
    assert!(write.header("if-schedule-tag-match").is_some(), "{:?}", write.headers);
    assert_eq!(write.header("if-match"), None, "a weak one never matches");
    assert!(server.texts()[0].contains("LOCATION:Hall"));
}

#[tokio::test]
async fn a_schedule_tag_refuses_what_would_overwrite_anothers_edit() {
    let server = scheduling(Fault::ScheduleTags).await;
    server.put("talk.ics", &own("Talk", "NEEDS-ACTION"));
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let id = work();
    let page = provider.pull(Linked::plain(&id), &synodic_providers::PullPosition::default()).await.unwrap();
    let [synodic_providers::RemoteChange::Present(shown)] = page.changes.as_slice() else {
        panic!("{:?}", page.changes)
    };
    server.state().meanwhile = Some(("GET", own("Of the phone", "NEEDS-ACTION")));
    let desired = EventContent { location: "Hall".into(), ..shown.content.clone() };
    let update = Update {
        id: &shown.id,
        version: Some(&shown.version),
        base: Some(&shown.content),
        desired: &desired,
        notify: NotifyAttendees::Nobody,
    };
    let error = provider.update(Linked::plain(&id), &update).await.unwrap_err();
    assert!(matches!(error, ProviderError::VersionMismatch), "{error}");
    assert!(server.texts()[0].contains("SUMMARY:Of the phone"));
}

#[tokio::test]
async fn an_answer_that_arrives_while_the_event_is_edited_is_no_quarrel() {
    // Some servers change the schedule tag for an answer too, and some have strong tags only.
    for fault in [Fault::ScheduleTags, Fault::WeakTags, Fault::Dated, Fault::None] {
        let server = scheduling(fault).await;
        server.put("talk.ics", &own("Talk", "NEEDS-ACTION"));
        let (world, _) = server.linked().await;
        let talk = world.find("Talk").await;
        world.change(talk.id, |content| content.location = "Hall".into()).await;
        // Where nothing guards a write it is known only afterwards; there the answer is there before it.
        if fault == Fault::WeakTags {
            server.put("talk.ics", &own("Talk", "ACCEPTED"));
        } else {
            server.state().meanwhile = Some(("GET", own("Talk", "ACCEPTED")));
        }
        for _ in 0..3 {
            let report = world.pass().await;
            assert_eq!(report.failed, 0, "{fault:?}: {report:#?}");
        }
        let text = server.texts().remove(0);
        assert!(text.contains("LOCATION:Hall") && text.contains("PARTSTAT=ACCEPTED"), "{fault:?}: {text}");
        let here = world.find("Talk").await.content;
        assert_eq!(here.attendees[0].response, ResponseStatus::Accepted, "{fault:?}");
        assert_eq!(here.location, "Hall", "{fault:?}");
        assert!(world.engine.conflicts().await.unwrap().is_empty(), "{fault:?}");
        let last = world.pass().await;
        assert_eq!((last.pushed, last.pending), (0, 0), "{fault:?}: {last:#?}");
    }
}
