//! Second sync = no write: whatever Google holds is read, sent back unchanged, and nothing happens.

use chrono::TimeDelta;
use synodic_model::{EventContent, Recurrence, When, ZonedTime};
use synodic_providers::{Linked, NotifyAttendees, Provider, PullPosition, RemoteChange, Update};
use synodic_simulators::google::seed_demo;

use super::{BERLIN, World, identity, local, lunch, now, said, tokens};

/// Texts that other programs have lost, cut or changed.
const TEXTS: [&str; 7] = [
    "👩‍🚀 emoji",
    "<p>HTML &amp; entities &#39;</p>",
    "no\u{a0}break",
    "trailing space ",
    "\ttabs and\n\nlines",
    "“quotes” \\ / \"",
    "ﷺ العربية 日本語",
];

#[tokio::test]
async fn odd_texts_stay_as_they_are() {
    let world = World::new().await;
    for (number, text) in (1..).zip(TEXTS) {
        let content = EventContent {
            title: text.to_owned(),
            description: text.repeat(40),
            location: text.to_owned(),
            ..lunch()
        };
        let event = world.create(identity(number), &content).await.unwrap();
        assert_eq!(said(&event), content);
    }
}

#[tokio::test]
async fn line_ends_are_the_same_on_both_sides() {
    let world = World::new().await;
    let content = EventContent { description: "a\r\nb".to_owned(), ..lunch() };
    let event = world.create(identity(1), &content).await.unwrap();
    assert_eq!(event.content.description, "a\nb");
    world.control.clear_requests();
    world.update(&event, &content).await.unwrap();
    assert_eq!(world.requests(), ["GET 200"]);
}

#[tokio::test]
async fn both_odd_hours_of_the_year_come_back() {
    let world = World::new().await;
    let new_york = chrono_tz::America::New_York;
    // Berlin shows 02:30 twice on this day; the flight lands in another zone.
    let first = local("2026-10-25T00:30:00").and_utc();
    for (number, start) in (1..).zip([first, first + TimeDelta::hours(1)]) {
        let start = ZonedTime::at(start, BERLIN);
        assert_eq!(start.local, local("2026-10-25T02:30:00"));
        let end = ZonedTime::at(start.instant() + TimeDelta::hours(9), new_york);
        let content = EventContent::new("Flight", When::Zoned { start, end });
        assert_eq!(said(&world.create(identity(number), &content).await.unwrap()), content);
    }
}

#[tokio::test]
async fn a_weekly_ten_oclock_stays_ten_oclock() {
    let world = World::new().await;
    let mut content =
        EventContent::new("Stand-up", super::berlin("2026-03-23T10:00:00", "2026-03-23T10:15:00"));
    let lines = ["RRULE:FREQ=WEEKLY;BYDAY=MO;WKST=SU", "EXDATE;TZID=Europe/Berlin:20260406T100000"];
    content.recurrence = Some(Recurrence::parse_lines(lines, &content.when));
    let event = world.create(identity(1), &content).await.unwrap();
    assert_eq!(said(&event), content);
    assert_eq!(world.only_event()["start"]["timeZone"], "Europe/Berlin");
}

#[tokio::test]
async fn a_whole_sample_calendar_is_read_and_sent_back_without_a_write() {
    let world = World::new().await;
    let sample = seed_demo(&world.simulator, now(&world), BERLIN);
    world.vault.put(tokens(&world.control, &*world.clock, &sample.email));
    let mut read = 0;
    for calendar in world.google.remote_calendars().await.unwrap() {
        let page = world.google.pull(Linked::plain(&calendar.id), &PullPosition::default()).await.unwrap();
        world.control.clear_requests();
        for change in &page.changes {
            let RemoteChange::Present(event) = change else { panic!("{change:?}") };
            assert_eq!(event.warnings, Vec::<String>::new(), "{event:?}");
            let update = Update {
                id: &event.id,
                version: Some(&event.version),
                base: Some(&event.content),
                desired: &event.content,
                notify: NotifyAttendees::Nobody,
            };
            let same = world.google.update(Linked::plain(&calendar.id), &update).await.unwrap();
            assert_eq!((&same.content, &same.version), (&event.content, &event.version));
            read += 1;
        }
        let writes: Vec<_> =
            world.requests().into_iter().filter(|request| !request.starts_with("GET")).collect();
        assert!(writes.is_empty(), "{writes:?}");
    }
    assert!(read > 10, "the sample has {read} events only");
}
