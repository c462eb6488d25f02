//! What events say, in all the ways in which texts say it, and what servers make of a text that they are given: what is
//! shown is what was meant, an edit changes nothing else, and a text that comes back otherwise is nobody's edit.

use axum::body::Body;
use axum::http::Response;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::{CalendarView, EventTarget, NotifyAttendees};
use synodic_model::sync::SyncDirection;
use synodic_model::{Color, EventContent, Recurrence, When};
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::world::{Setting, World, meeting};

use crate::caldav::{change_occurrence, event, object};
use crate::caldav_fake::FakeServer;

const BOTH: [Kind; 2] = [Kind::Radicale, Kind::Xandikos];

async fn beside(server: &DavServer, setting: Setting) -> (World, CalendarView) {
    let world = World::with(setting).await;
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
    let calendar = world.link(None, account, &server.calendar("work"), SyncDirection::Bidirectional).await;
    world.pass().await;
    (world, calendar)
}

/// What somebody did there is taken in, and then there is nothing to do, in either direction.
async fn settle(world: &World, what: &str) {
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (0, 0, 0), "{what}: {report:#?}");
    rest(world, what).await;
}

/// Two passes of which the last has nothing to do, in either direction.
async fn rest(world: &World, what: &str) {
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0), "{what}: {report:#?}");
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (0, 0, 0), "{what}: {report:#?}");
    let link = &report.links[0];
    assert_eq!((link.created, link.updated, link.deleted, link.unreadable), (0, 0, 0, 0), "{what}: {link:?}");
}

#[tokio::test]
async fn what_we_wrote_is_no_change_of_somebody_elses() {
    for kind in BOTH {
        let server = DavServer::start(kind).await;
        let (world, calendar) = beside(&server, Setting::default()).await;
        let made = world.create(calendar.id, meeting("Ours", 3)).await;
        let mut series = meeting("Series", 4);
        series.recurrence = Some(Recurrence::from_rule("FREQ=DAILY;COUNT=4").unwrap());
        world.create(calendar.id, series).await;
        world.pass().await;
        let text = server.texts().await.join("");
        assert!(text.contains("BEGIN:VTIMEZONE"), "{kind:?}: {text}");
        for title in ["Ours, changed", "Ours, again"] {
            world.change(made.id, |content| content.title = title.into()).await;
            let report = world.pass().await;
            assert_eq!((report.pushed, report.failed), (1, 0), "{kind:?}: {report:#?}");
            // What comes back is our own.
            let report = world.pass().await;
            let link = &report.links[0];
            assert_eq!((report.pushed, link.created, link.updated, link.deleted), (0, 0, 0, 0), "{kind:?}");
        }
        rest(&world, "it rests").await;
    }
}

/// What a server may make of a text: other order, other line ends, a zone of its own, and lines left out that it has no
/// use for.
fn rewritten(text: &str) -> String {
    let text = text.replace("\r\n ", "").replace("\r\n", "\n");
    let (head, rest) = text.split_once("BEGIN:VEVENT\n").unwrap();
    let (event, tail) = rest.split_once("END:VEVENT\n").unwrap();
    let mut lines: Vec<&str> =
        event.lines().filter(|line| !line.starts_with("COLOR") && !line.starts_with("X-")).collect();
    lines.sort_unstable();
    let zone = "BEGIN:VTIMEZONE\nTZID:Added/Zone\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\n\
                TZOFFSETTO:+0000\nEND:STANDARD\nEND:VTIMEZONE\n";
    format!("{head}{zone}BEGIN:VEVENT\n{}\nX-SERVER:1\nEND:VEVENT\n{tail}", lines.join("\n"))
}

#[tokio::test]
async fn a_server_that_writes_a_text_anew_starts_no_game_of_ball() {
    for says_etags in [true, false] {
        let server = FakeServer::usual().await;
        server.state().says_etags = says_etags;
        server.script(|asked, fake| {
            if asked.method != "PUT" {
                return None;
            }
            let answer = fake.answer(asked);
            if !answer.status().is_success() {
                return Some(answer);
            }
            fake.put(&asked.path, &rewritten(&asked.body));
            let tag = fake.tag(&asked.path);
            let says = fake.says_etags;
            let said = Response::builder().status(answer.status());
            let said = if says { said.header("etag", tag) } else { said };
            Some(said.body(Body::empty()).unwrap())
        });
        let (world, calendar) = server.linked().await;
        let content = EventContent { color: Some(Color("seagreen".into())), ..meeting("Ours", 3) };
        let event = world.create(calendar.id, content).await;
        let report = world.pass().await;
        assert_eq!((report.pushed, report.failed), (1, 0));
        world.pass().await;
        rest(&world, "after the creation").await;
        for title in ["Changed", "Again"] {
            world.change(event.id, |content| content.title = title.into()).await;
            let report = world.pass().await;
            assert_eq!((report.pushed, report.failed), (1, 0), "it is the same version: {report:#?}");
            rest(&world, title).await;
            assert!(server.texts()[0].contains(&format!("SUMMARY:{title}")));
        }
        assert!(world.engine.conflicts().await.unwrap().is_empty());
        assert!(server.texts()[0].contains("X-SERVER:1"));
    }
}

#[tokio::test]
async fn an_occurrence_whose_series_is_not_here_is_an_event_of_its_own() {
    for kind in BOTH {
        let server = DavServer::start(kind).await;
        let lines = "RECURRENCE-ID:20261103T090000Z\nDTSTART:20261103T110000Z\nDTEND:20261103T120000Z\nSUMMARY:Invited\n";
        server.put("one.ics", &object(&event("series@elsewhere", lines))).await;
        let (world, _) = beside(&server, Setting::default()).await;
        assert_eq!(world.titles().await, ["Invited"], "{kind:?}");
        rest(&world, "as it is").await;
        let invited = world.find("Invited").await;
        world.change(invited.id, |content| content.title = "Invited, changed".into()).await;
        rest(&world, "changed").await;
        let text = server.get("one.ics").await.unwrap();
        assert!(text.contains("SUMMARY:Invited\\, changed"), "{kind:?}: {text}");
        assert!(text.contains("RECURRENCE-ID:20261103T090000Z"), "{kind:?}: {text}");
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{kind:?}: {text}");
        world.delete(invited.id).await;
        rest(&world, "deleted").await;
        assert!(server.names().await.is_empty(), "{kind:?}");
    }
}

/// Occurrences of a series that is not there; Radicale takes no more than one of them.
fn invited(days: &[u32]) -> String {
    let one = |number: &u32| {
        let lines = format!(
            "RECURRENCE-ID:202611{number:02}T090000Z\nDTSTART:202611{number:02}T110000Z\n\
             DTEND:202611{number:02}T120000Z\nSUMMARY:Day {number}\n"
        );
        event("series@elsewhere", &lines)
    };
    object(&days.iter().map(one).collect::<String>())
}

#[tokio::test]
async fn of_several_occurrences_without_their_series_each_goes_by_itself() {
    for (first, second) in [("Day 3", "Day 5"), ("Day 5", "Day 3")] {
        let server = DavServer::start(Kind::Xandikos).await;
        server.put("some.ics", &invited(&[3, 5])).await;
        let (world, _) = beside(&server, Setting::default()).await;
        assert_eq!(world.titles().await, ["Day 3", "Day 5"]);
        rest(&world, "as they are").await;
        world.delete(world.find(first).await.id).await;
        rest(&world, "one deleted").await;
        assert_eq!(world.titles().await, [second]);
        let text = server.get("some.ics").await.expect("the other is still there");
        assert!(text.contains(second) && !text.contains(first), "{text}");

        world.change(world.find(second).await.id, |content| content.location = "Hall".into()).await;
        rest(&world, "the other changed").await;
        assert!(server.get("some.ics").await.unwrap().contains("LOCATION:Hall"));
        // Deleted there, it goes here.
        server.delete("some.ics").await;
        settle(&world, "deleted there").await;
        assert!(world.titles().await.is_empty());
    }
}

#[tokio::test]
async fn occurrences_without_their_series_come_and_go_there_one_by_one() {
    for has_tokens in [true, false] {
        let server = FakeServer::usual().await;
        server.state().has_tokens = has_tokens;
        server.put("some.ics", &invited(&[3, 5]));
        let (world, _) = server.linked().await;
        settle(&world, "as they are").await;
        for days in [&[5][..], &[5, 6], &[3, 6], &[7]] {
            server.put("some.ics", &invited(days));
            settle(&world, "some have come and some have gone").await;
            let expected: Vec<String> = days.iter().map(|number| format!("Day {number}")).collect();
            assert_eq!(world.titles().await, expected, "has_tokens: {has_tokens}");
        }
        server.remove("some.ics");
        settle(&world, "all have gone").await;
        assert!(world.titles().await.is_empty());
    }
}

const SERIES: &str = "DTSTART:20261102T090000Z\nDTEND:20261102T100000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20261103T090000Z\nSUMMARY:Standup\n";

#[tokio::test]
async fn an_occurrence_that_is_left_out_and_edited_is_there_once_and_can_be_deleted() {
    for kind in BOTH {
        let server = DavServer::start(kind).await;
        let edited = "RECURRENCE-ID:20261103T090000Z\nDTSTART:20261103T150000Z\nDTEND:20261103T160000Z\nSUMMARY:Moved\n";
        let text = object(&format!("{}{}", event("series", SERIES), event("series", edited)));
        server.put("series.ics", &text).await;
        let (world, _) = beside(&server, Setting::default()).await;
        assert_eq!(world.titles().await, ["Moved", "Standup", "Standup", "Standup"], "{kind:?}");
        rest(&world, "as it is").await;
        let shown = world.shown().await;
        let moved = shown.iter().find(|shown| shown.title == "Moved").unwrap();
        let target = EventTarget::Occurrence { key: moved.occurrence_of.unwrap() };
        world.engine.delete_event(target, NotifyAttendees::Nobody).await.unwrap();
        rest(&world, "deleted").await;
        assert_eq!(world.titles().await, ["Standup", "Standup", "Standup"], "{kind:?}");
        let text = server.get("series.ics").await.unwrap();
        assert!(text.contains("EXDATE") && !text.contains("RECURRENCE-ID"), "{kind:?}: {text}");
    }
}

#[tokio::test]
async fn what_is_said_of_an_occurrence_finds_it_however_its_time_is_said() {
    let master = "DTSTART;TZID=Europe/Berlin:20261102T100000\nDTEND;TZID=Europe/Berlin:20261102T110000\n\
                  RRULE:FREQ=DAILY;COUNT=7\nSUMMARY:Standup\n";
    // Two at once, in UTC, in another zone, and as a day.
    let left_out = "EXDATE;TZID=Europe/Berlin:20261103T100000,20261104T100000\nEXDATE:20261105T090000Z\n\
                    EXDATE;TZID=America/New_York:20261106T040000\nEXDATE;VALUE=DATE:20261107\n";
    let edited =
        "RECURRENCE-ID:20261108T090000Z\nDTSTART:20261108T150000Z\nDTEND:20261108T160000Z\nSUMMARY:Moved\n";
    for kind in BOTH {
        let server = DavServer::start(kind).await;
        let text = format!("{}{}", event("series", &format!("{master}{left_out}")), event("series", edited));
        server.put("series.ics", &object(&text)).await;
        let (world, _) = beside(&server, Setting::default()).await;
        assert_eq!(world.titles().await, ["Moved", "Standup"], "{kind:?}");
        rest(&world, "as it is").await;
    }
}

#[tokio::test]
async fn an_occurrence_that_is_moved_keeps_its_name_in_the_series() {
    for kind in BOTH {
        let server = DavServer::start(kind).await;
        let series = SERIES.replace("EXDATE:20261103T090000Z\n", "");
        server.put("series.ics", &object(&event("series", &series))).await;
        let (world, _) = beside(&server, Setting::default()).await;
        let later = |content: &mut EventContent| {
            let When::Zoned { start, end } = &mut content.when else { panic!("{:?}", content.when) };
            start.local += chrono::TimeDelta::hours(5);
            end.local += chrono::TimeDelta::hours(5);
        };
        for _ in 0..2 {
            let shown = world.shown().await;
            change_occurrence(&world, &shown[1], later).await;
            rest(&world, "moved").await;
        }
        let text = server.get("series.ics").await.unwrap();
        assert!(text.contains("RECURRENCE-ID:20261103T090000Z"), "{kind:?}: {text}");
        assert!(text.contains("DTSTART:20261103T190000Z"), "{kind:?}: {text}");
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{kind:?}: {text}");
        assert_eq!(world.titles().await.len(), 4, "{kind:?}");
    }
}

#[tokio::test]
async fn a_series_that_is_moved_takes_what_was_said_of_its_occurrences_along() {
    for kind in BOTH {
        let server = DavServer::start(kind).await;
        server.put("series.ics", &object(&event("series", SERIES))).await;
        let (world, _) = beside(&server, Setting::default()).await;
        let shown = world.shown().await;
        change_occurrence(&world, &shown[1], |content| content.title = "Third".into()).await;
        rest(&world, "one renamed").await;
        let series = world.find("Standup").await;
        world
            .change(series.id, |content| {
                let When::Zoned { start, end } = &mut content.when else { panic!("{:?}", content.when) };
                start.local += chrono::TimeDelta::hours(1);
                end.local += chrono::TimeDelta::hours(1);
            })
            .await;
        rest(&world, "all moved").await;
        assert_eq!(world.titles().await, ["Standup", "Standup", "Third"], "{kind:?}");
        let text = server.get("series.ics").await.unwrap();
        for line in ["RECURRENCE-ID:20261104T100000Z", "20261103T100000Z"] {
            assert!(text.contains(line), "{kind:?}: {line} is missing in {text}");
        }
        assert!(!text.contains("T090000Z"), "{kind:?}: nothing is left behind in {text}");
    }
}

#[tokio::test]
async fn a_day_is_the_same_day_wherever_the_person_is() {
    for zone in [chrono_tz::Pacific::Auckland, chrono_tz::America::Los_Angeles] {
        for kind in BOTH {
            let server = DavServer::start(kind).await;
            let lines = "DTSTART;VALUE=DATE:20261104\nDTEND;VALUE=DATE:20261106\nSUMMARY:Fair\n";
            server.put("fair.ics", &object(&event("fair", lines))).await;
            let (world, calendar) = beside(&server, Setting { zone: Some(zone), ..Setting::default() }).await;
            let fair = world.find("Fair").await;
            let (from, to) = ("2026-11-04".parse().unwrap(), "2026-11-06".parse().unwrap());
            assert_eq!(fair.content.when, When::AllDay { start: from, end: to }, "{kind:?} {zone}");
            world.change(fair.id, |content| content.title = "Fair, open".into()).await;
            world.create(calendar.id, EventContent::new("Ours", When::AllDay { start: from, end: to })).await;
            rest(&world, "written").await;
            let text = server.get("fair.ics").await.unwrap();
            assert!(text.contains("SUMMARY:Fair\\, open"), "{kind:?}: {text}");
            for text in server.texts().await {
                for line in ["DTSTART;VALUE=DATE:20261104", "DTEND;VALUE=DATE:20261106"] {
                    assert!(text.contains(line), "{kind:?} {zone}: {text}");
                }
                assert!(!text.contains("TZID"), "a day has no zone: {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_floating_time_stays_one() {
    for kind in BOTH {
        let server = DavServer::start(kind).await;
        let lines = "DTSTART:20261105T120000\nDTEND:20261105T130000\nSUMMARY:Lunch\n";
        server.put("lunch.ics", &object(&event("lunch", lines))).await;
        let zone = Some(chrono_tz::America::Los_Angeles);
        let (world, _) = beside(&server, Setting { zone, ..Setting::default() }).await;
        let lunch = world.find("Lunch").await;
        world.change(lunch.id, |content| content.title = "Long lunch".into()).await;
        rest(&world, "renamed").await;
        let text = server.get("lunch.ics").await.unwrap();
        assert!(text.contains("SUMMARY:Long lunch"), "{kind:?}: {text}");
        assert!(text.contains("DTSTART:20261105T120000\n"), "{kind:?}: {text}");
        world
            .change(lunch.id, |content| {
                let When::Floating { start, .. } = content.when else { panic!("{:?}", content.when) };
                content.when = When::Floating { start, end: start + chrono::TimeDelta::hours(2) };
            })
            .await;
        rest(&world, "longer").await;
        let text = server.get("lunch.ics").await.unwrap();
        assert!(
            text.contains("DTSTART:20261105T120000\n") && text.contains("DTEND:20261105T140000\n"),
            "{text}"
        );
        assert!(!text.contains("VTIMEZONE"), "{kind:?}: {text}");
    }
}

#[tokio::test]
async fn an_end_that_is_said_otherwise_or_not_at_all_stays_so_until_it_changes() {
    for kind in BOTH {
        for (line, minutes) in [("DURATION:PT90M\n", 90), ("", 0)] {
            let server = DavServer::start(kind).await;
            let lines = format!("DTSTART:20261103T090000Z\n{line}SUMMARY:Talk\n");
            server.put("talk.ics", &object(&event("talk", &lines))).await;
            let (world, _) = beside(&server, Setting::default()).await;
            let talk = world.find("Talk").await;
            let (start, end) = talk.content.when.instants(chrono_tz::UTC);
            assert_eq!((end - start).num_minutes(), minutes, "{kind:?} {line}");
            world.change(talk.id, |content| content.title = "Speech".into()).await;
            rest(&world, "renamed").await;
            let text = server.get("talk.ics").await.unwrap();
            assert!(text.contains("SUMMARY:Speech") && !text.contains("DTEND"), "{kind:?}: {text}");
            assert_eq!(text.contains("DURATION:PT"), !line.is_empty(), "{kind:?}: {text}");
            world
                .change(talk.id, |content| {
                    let When::Zoned { start, mut end } = content.when else { panic!("{:?}", content.when) };
                    end.local = start.local + chrono::TimeDelta::hours(2);
                    content.when = When::Zoned { start, end };
                })
                .await;
            rest(&world, "longer").await;
            let text = server.get("talk.ics").await.unwrap();
            assert!(
                text.contains("DTEND:20261103T110000Z") && !text.contains("DURATION"),
                "{kind:?}: {text}"
            );
        }
    }
}
