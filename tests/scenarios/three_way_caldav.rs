//! One calendar at three services, the third of them a calendar server that somebody else has written: an edit anywhere
//! reaches the two others once.

use serde_json::json;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::EventTarget;
use synodic_model::sync::SyncDirection;
use synodic_model::{Recurrence, RemoteCalendarId};
use synodic_providers::NotifyAttendees;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::world::{ADA, meeting};

use crate::three_way::Three;

/// Links the calendar that is at Google and Notion with the server's, too.
pub(crate) async fn four() -> (Three, DavServer) {
    let three = Three::new().await;
    let server = DavServer::start(Kind::Radicale).await;
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    let account = three.engine.connect_caldav(place, PASSWORD).await.unwrap();
    let remote = RemoteCalendarId::new(server.calendar("work"));
    let both = SyncDirection::Bidirectional;
    three.engine.link_calendar(Some(three.calendar), account, remote, both).await.unwrap();
    three.settle().await;
    (three, server)
}

/// Passes until nobody has anything to say any more; a series is shown here once for each of its days.
pub(crate) async fn come_to_rest(three: &Three) {
    for _ in 0..4 {
        three.pass().await;
        three.minutes_pass(1);
    }
    let last = three.pass().await;
    assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "{last:#?}");
}

/// The titles at the server, in order of the alphabet.
async fn server_titles(server: &DavServer) -> Vec<String> {
    let texts = server.texts().await;
    let titles = texts.iter().flat_map(|text| text.lines().filter_map(|line| line.strip_prefix("SUMMARY:")));
    let mut titles: Vec<String> = titles.map(str::to_owned).collect();
    titles.sort();
    titles
}

#[tokio::test]
async fn edits_at_all_three_and_here_come_to_the_same() {
    let (three, server) = four().await;
    let ours = three.create(meeting("Ours", 3)).await;
    three.google.put_event(
        ADA,
        json!({
            "summary": "Of Google",
            "start": { "dateTime": "2026-11-04T09:00:00+01:00", "timeZone": "Europe/Berlin" },
            "end": { "dateTime": "2026-11-04T10:00:00+01:00", "timeZone": "Europe/Berlin" },
            "attendees": [{ "email": "bob@example.com" }],
        }),
    );
    server
        .put(
            "day.ics",
            "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Phone//EN\nBEGIN:VEVENT\nUID:day\nDTSTAMP:20261101T000000Z\n\
             DTSTART;VALUE=DATE:20261105\nSUMMARY:Of the server\nX-KEEP:1\nEND:VEVENT\nEND:VCALENDAR\n",
        )
        .await;
    three.settle().await;
    let all = ["Of Google", "Of the server", "Ours"];
    assert_eq!(three.google_titles(), all);
    assert_eq!(server_titles(&server).await, all);
    let invited = server.texts().await.into_iter().filter(|text| text.contains("ATTENDEE")).count();
    assert_eq!(invited, 0, "copying an event invites nobody");

    // Each is changed in another place than it was made.
    three.edit_page("Of the server", json!({ "Name": { "title": [{ "text": { "content": "Day off" } }] } }));
    let name = server.names().await;
    let mut changed = false;
    for name in name {
        let text = server.get(&name).await.unwrap();
        if text.contains("SUMMARY:Ours") {
            server.put(&name, &text.replace("SUMMARY:Ours", "SUMMARY:Ours at the server")).await;
            changed = true;
        }
    }
    assert!(changed);
    three.settle().await;
    let all = ["Day off", "Of Google", "Ours at the server"];
    assert_eq!(three.google_titles(), all);
    assert_eq!(server_titles(&server).await, all);
    assert!(server.get("day.ics").await.unwrap().contains("X-KEEP:1"));

    three.engine.delete_event(EventTarget::Event { id: ours.id }, NotifyAttendees::Nobody).await.unwrap();
    server.delete("day.ics").await;
    three.settle().await;
    assert_eq!(three.google_titles(), ["Of Google"]);
    assert_eq!(server_titles(&server).await, ["Of Google"]);
}

#[tokio::test]
async fn a_series_with_an_edited_occurrence_is_the_same_at_all_three() {
    let (three, server) = four().await;
    let mut series = meeting("Class", 2);
    series.recurrence = Some(Recurrence::from_rule("FREQ=DAILY;COUNT=4").unwrap());
    three.create(series).await;
    come_to_rest(&three).await;
    let shown = three.shown().await;
    let gone = EventTarget::Occurrence { key: shown[2].occurrence_of.unwrap() };
    three.engine.delete_event(gone, NotifyAttendees::Nobody).await.unwrap();
    come_to_rest(&three).await;
    assert_eq!(three.titles().await, ["Class", "Class", "Class"]);
    let texts = server.texts().await;
    assert!(texts.len() == 1 && texts[0].contains("EXDATE"), "{texts:?}");
}
