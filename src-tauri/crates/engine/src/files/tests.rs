use std::time::Instant;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use synodic_model::arbitrary::event_content;
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, EventContent, EventId};

use crate::edit::tests::world::{World, hour_from, mondays, on, single, whole};
use crate::error::EngineError;
use crate::view::{
    CalendarChange, Change, EventDraft, ExportWish, ImportChoice, ImportFate, ImportPlace, ImportProgress,
    ImportReport, NotifyAttendees,
};

const SECOND: &str = "2026-11-09 10:00";
const THIRD: &str = "2026-11-16 10:00";

const FILE: &str = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Club\r\n\
    BEGIN:VEVENT\r\nUID:lunch\r\nDTSTART;TZID=Europe/Berlin:20261103T120000\r\nDURATION:PT1H\r\nSUMMARY:Lunch\r\n\
    ATTENDEE:mailto:ada@example.org\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:band\r\nDTSTART;TZID=Europe/Berlin:20261102T190000\r\nDURATION:PT2H\r\nSUMMARY:Band\r\n\
    RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;TZID=Europe/Berlin:20261109T190000\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:band\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261116T190000\r\n\
    DTSTART;TZID=Europe/Berlin:20261117T200000\r\nDURATION:PT2H\r\nSUMMARY:Concert\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:bad\r\nDTSTART:soon\r\nSUMMARY:Bad\r\nEND:VEVENT\r\n\
    BEGIN:VTODO\r\nUID:todo\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";

const SHOWN: [&str; 3] = ["02 19:00 Band", "03 12:00 Lunch", "17 20:00 Concert"];

async fn import(world: &World, text: &str, choice: ImportChoice) -> ImportReport {
    world.engine.import(text.as_bytes().to_vec(), world.calendar.into(), choice, &mut |_| {}).await.unwrap()
}

async fn exported(world: &World, calendar: CalendarId) -> String {
    let wish = ExportWish::Calendars { ids: vec![calendar] };
    world.engine.export(wish).await.unwrap().text
}

/// Imports into a calendar that is made for it.
async fn imported_anew(world: &World) -> (CalendarId, ImportReport) {
    let made = world.engine.create_calendar("Club".into(), "#336699".into(), "Europe/Berlin".into());
    let calendar_id = made.await.unwrap().id;
    let place = ImportPlace { calendar_id, is_new: true };
    let report = world.engine.import(FILE.into(), place, ImportChoice::Skip, &mut |_| {}).await.unwrap();
    (calendar_id, report)
}

async fn names(world: &World) -> Vec<String> {
    world.engine.calendars().await.unwrap().into_iter().map(|calendar| calendar.name).collect()
}

async fn by_title(world: &World, title: &str) -> EventId {
    let window = synodic_model::TimeWindow {
        from: "2026-10-31T23:00:00Z".parse().unwrap(),
        to: "2026-11-30T23:00:00Z".parse().unwrap(),
        viewer: chrono_tz::Europe::Berlin,
    };
    let shown = world.engine.occurrences(window).await.unwrap();
    let view = shown.into_iter().find(|view| view.title == title).unwrap();
    view.event_id
}

#[tokio::test]
async fn a_preview_says_what_an_import_does_and_writes_nothing() {
    let world = World::new().await;
    let preview = world.engine.plan_import(FILE.into(), Some(world.calendar)).await.unwrap();
    assert_eq!(
        (preview.new, preview.same, preview.changed, preview.unreadable, preview.others),
        (2, 0, 0, 1, 1)
    );
    assert_eq!(preview.name.as_deref(), Some("Club"));
    assert_eq!(preview.unreadable_ones[0].title, "Bad");
    assert_eq!(preview.unreadable_ones[0].reason, "“soon” is no time");
    let rows: Vec<_> = preview.rows.iter().map(|row| (row.title.as_str(), row.repeats, row.fate)).collect();
    assert_eq!(rows, [("Lunch", false, ImportFate::New), ("Band", true, ImportFate::New)]);
    assert_eq!(world.november().await.len(), 0);

    let report = import(&world, FILE, ImportChoice::Skip).await;
    assert_eq!(
        (report.created, report.replaced, report.skipped, report.same, report.unreadable),
        (2, 0, 0, 0, 1)
    );
    assert_eq!(world.november().await, SHOWN);

    let again = world.engine.plan_import(FILE.into(), Some(world.calendar)).await.unwrap();
    assert_eq!((again.new, again.same, again.changed), (0, 2, 0));
    let again = import(&world, FILE, ImportChoice::Replace).await;
    assert_eq!((again.created, again.replaced, again.same), (0, 0, 2));
}

#[tokio::test]
async fn a_file_can_be_looked_at_before_there_is_a_calendar_for_it() {
    let world = World::new().await;
    import(&world, FILE, ImportChoice::Skip).await;
    let preview = world.engine.plan_import(FILE.into(), None).await.unwrap();
    assert_eq!((preview.new, preview.same, preview.changed, preview.unreadable), (2, 0, 0, 1));
    assert!(preview.rows.iter().all(|row| row.fate == ImportFate::New));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_before_an_import_stopped_is_taken_back_too() {
    let world = World::new().await;
    let text: String = (0..2500)
        .map(|number| format!("BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:20261103T120000Z\r\nEND:VEVENT\r\n"))
        .collect();
    let text = format!("BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n");
    let mut heard = Vec::new();
    // After the first step the calendar becomes one that is only read.
    let mut link = None;
    let mut told = |progress: ImportProgress| {
        heard.push((progress.done, progress.total));
        link = Some(tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(world.link(SyncDirection::PullOnly))
        }));
    };
    let report = world
        .engine
        .import(text.into_bytes(), world.calendar.into(), ImportChoice::Skip, &mut told)
        .await
        .unwrap();
    assert_eq!(heard, [(2000, 2500)]);
    assert_eq!(report.created, 2000);
    assert!(report.stopped.unwrap().contains("is only read"));
    assert_eq!(world.november().await.len(), 2000);
    let mut transaction = world.engine.inner.store.begin(synodic_store::Durability::Edit).await.unwrap();
    transaction.remove_link(link.unwrap()).await.unwrap();
    transaction.commit().await.unwrap();
    world.engine.undo(report.undo).await.unwrap();
    assert_eq!(world.november().await.len(), 0);
}

#[tokio::test]
async fn the_name_of_an_exported_file_is_one_that_every_system_takes() {
    let world = World::new().await;
    let named = async |title: &str| {
        let id = world.made(single(title, "2026-11-03 12:00")).await;
        world.engine.export(ExportWish::Events { ids: vec![id] }).await.unwrap().name
    };
    assert_eq!(named("../../etc/pass\nwd").await, "etc pass wd.ics");
    assert_eq!(named("...").await, "Calendar.ics");
    let long = named(&"📅".repeat(90)).await;
    assert!(long.len() <= 204 && long.ends_with("📅.ics"), "{long}");
}

#[tokio::test]
async fn a_calendar_that_was_made_for_an_import_goes_and_comes_with_it() {
    let world = World::new().await;
    let before = names(&world).await;
    let (calendar, report) = imported_anew(&world).await;
    let wish = CalendarChange { name: Some("Rowing club".into()), ..CalendarChange::default() };
    world.engine.change_calendar(calendar, wish).await.unwrap();

    let mut changes = world.engine.changes();
    let back = world.engine.undo(report.undo).await.unwrap();
    assert_eq!(names(&world).await, before);
    assert_eq!(changes.try_recv().unwrap(), Change::Calendars, "the faces hear of it");
    let again = world.engine.undo(back.undo).await.unwrap();
    assert_eq!(names(&world).await.last().unwrap(), "Rowing club", "as it was called by then");
    assert_eq!(world.november().await, SHOWN);
    world.engine.undo(again.undo).await.unwrap();
    assert_eq!(names(&world).await, before);
    assert_eq!(world.november().await.len(), 0);
}

#[tokio::test]
async fn a_calendar_that_was_made_for_an_import_stays_for_what_came_after_it() {
    let world = World::new().await;
    let (calendar_id, report) = imported_anew(&world).await;
    let content = single("Mine", "2026-11-04 12:00");
    let draft = EventDraft { calendar_id, content, notify: NotifyAttendees::Nobody };
    world.engine.create_event(draft).await.unwrap();
    let back = world.engine.undo(report.undo).await.unwrap();
    assert_eq!(world.november().await, ["04 12:00 Mine"]);
    world.engine.undo(back.undo).await.unwrap();
    assert_eq!(world.november().await.len(), SHOWN.len() + 1);

    let kept = import(&world, FILE, ImportChoice::Skip).await;
    world.engine.undo(kept.undo).await.unwrap();
    assert!(world.engine.calendars().await.unwrap().iter().any(|calendar| calendar.id == world.calendar));
}

#[tokio::test]
async fn an_import_is_taken_back_whole_and_made_again() {
    let world = World::new().await;
    let report = import(&world, FILE, ImportChoice::Skip).await;
    let back = world.engine.undo(report.undo).await.unwrap();
    assert_eq!(world.november().await.len(), 0);
    world.engine.undo(back.undo).await.unwrap();
    assert_eq!(world.november().await, SHOWN);
    let lunch = by_title(&world, "Lunch").await;
    assert_eq!(world.engine.event_history(lunch).await.unwrap().len(), 3, "the history knows all of it");
}

#[tokio::test]
async fn what_differs_is_replaced_only_on_request() {
    let world = World::new().await;
    import(&world, FILE, ImportChoice::Skip).await;
    let (lunch, band) = (by_title(&world, "Lunch").await, by_title(&world, "Band").await);
    world.change(whole(lunch), |content| content.when = hour_from("2026-11-04 13:00")).await.unwrap();
    world.change(on(band, "2026-11-02 19:00"), |content| content.title = "Jam".into()).await.unwrap();
    let own = ["02 19:00 Jam", "04 13:00 Lunch", "17 20:00 Concert"];
    let preview = world.engine.plan_import(FILE.into(), Some(world.calendar)).await.unwrap();
    assert_eq!((preview.new, preview.same, preview.changed), (0, 0, 2));
    assert_eq!(import(&world, FILE, ImportChoice::Skip).await.skipped, 2);
    assert_eq!(world.november().await, own);

    let report = import(&world, FILE, ImportChoice::Replace).await;
    assert_eq!((report.created, report.replaced, report.skipped), (0, 2, 0));
    assert_eq!(world.november().await, SHOWN);
    world.engine.undo(report.undo).await.unwrap();
    assert_eq!(world.november().await, own);
}

#[tokio::test]
async fn an_import_travels_and_nobody_is_mailed() {
    let world = World::new().await;
    world.link(SyncDirection::Bidirectional).await;
    let report = import(&world, FILE, ImportChoice::Skip).await;
    let queued: Vec<_> = world.queue().await.into_iter().map(|(title, ..)| title).collect();
    assert_eq!(queued, ["Lunch", "Band", "Concert"], "a series goes out before what is moved of it");
    let entries = world.engine.inner.store.event_syncs(by_title(&world, "Lunch").await).await.unwrap();
    let link = entries[0].link_id;
    let entry = world.engine.inner.store.queue_entry_of(entries[0].event_id, link).await.unwrap().unwrap();
    assert_eq!(crate::queue::Payload::read(&entry.payload).notify, NotifyAttendees::Nobody);
    world.engine.undo(report.undo).await.unwrap();
    assert_eq!(world.november().await.len(), 0);
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused_in_words() {
    let world = World::new().await;
    let pdf = world.engine.plan_import(b"%PDF-1.7".to_vec(), Some(world.calendar)).await.unwrap_err();
    assert!(pdf.to_string().contains("BEGIN:VCALENDAR"), "{pdf}");
    let nowhere = CalendarId::new(uuid::Uuid::from_u128(7));
    let missing = world.engine.import(FILE.into(), nowhere.into(), ImportChoice::Skip, &mut |_| {}).await;
    assert!(matches!(missing, Err(EngineError::NotFound { what: "calendar" })));
    world.link(SyncDirection::PullOnly).await;
    let refused = world.engine.plan_import(FILE.into(), Some(world.calendar)).await;
    assert!(matches!(refused, Err(EngineError::ReadOnly { .. })));
}

#[tokio::test]
async fn an_exported_selection_brings_the_whole_series() {
    let world = World::new().await;
    let id = world.made(mondays("Talk/1")).await;
    world.made(single("Other", "2026-11-03 12:00")).await;
    let moved =
        world.change(on(id, SECOND), |content| content.when = hour_from("2026-11-10 11:00")).await.unwrap();
    world.engine.delete_event(on(id, THIRD), NotifyAttendees::Nobody).await.unwrap();
    let shown = world.november().await;
    let ids = vec![moved.event.unwrap().id];
    let file = world.engine.export(ExportWish::Events { ids }).await.unwrap();
    assert_eq!((file.name.as_str(), file.events), ("Talk 1.ics", 1));

    let other = World::new().await;
    import(&other, &file.text, ImportChoice::Skip).await;
    let expected: Vec<_> = shown.into_iter().filter(|line| !line.ends_with("Other")).collect();
    assert_eq!(other.november().await, expected);
}

/// Makes events, some of them with edited and deleted occurrences.
async fn fill(world: &World, contents: Vec<(EventContent, Vec<(usize, EventContent)>)>) {
    for (content, edits) in contents {
        let series = content.clone();
        let draft = EventDraft { calendar_id: world.calendar, content, notify: NotifyAttendees::Nobody };
        let id = world.engine.create_event(draft).await.unwrap().event.unwrap().id;
        let Some(recurrence) = &series.recurrence else { continue };
        let from = series.when.instants(chrono_tz::UTC).0 - chrono::TimeDelta::days(1);
        let window = synodic_model::TimeWindow {
            from,
            to: from + chrono::TimeDelta::days(900),
            viewer: chrono_tz::UTC,
        };
        let starts = synodic_model::recurrence::expand(&series.when, recurrence, &window, 1000).unwrap();
        for (at, edit) in edits {
            let Some(start) = starts.get(at) else { continue };
            let key = synodic_model::OccurrenceKey { series_id: id, original_start: start.original_start };
            let target = crate::view::EventTarget::Occurrence { key };
            // One that was deleted before cannot be changed any more.
            let _ = if edit.title.is_empty() {
                world.engine.delete_event(target, NotifyAttendees::Nobody).await
            } else {
                let edit = EventContent { recurrence: None, ..edit };
                world.change(target, |content| *content = edit).await
            };
        }
    }
}

/// What an exported text says, whenever and in whatever order it was written.
fn essence(text: &str) -> Vec<String> {
    let stamps = ["DTSTAMP:", "CREATED:", "LAST-MODIFIED:", "X-WR-CALNAME:", "END:VCALENDAR"];
    let lines: Vec<&str> =
        text.lines().filter(|line| !stamps.iter().any(|stamp| line.starts_with(stamp))).collect();
    let mut events: Vec<_> =
        lines.join("\n").split("BEGIN:VEVENT").skip(1).map(|event| event.trim().to_owned()).collect();
    events.sort();
    events
}

#[test]
fn whatever_is_exported_is_imported_as_it_was() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let edits = prop::collection::vec((0..5_usize, event_content()), 0..4);
    let contents = prop::collection::vec((event_content(), edits), 1..5);
    let mut runner = TestRunner::new(Config { cases: 24, ..Config::default() });
    let outcome = runner.run(&contents, |contents| {
        runtime.block_on(async {
            let world = World::new().await;
            fill(&world, contents).await;
            let text = exported(&world, world.calendar).await;
            let same =
                world.engine.plan_import(text.clone().into_bytes(), Some(world.calendar)).await.unwrap();
            prop_assert_eq!((same.new, same.changed, same.unreadable), (0, 0, 0), "{}", text);
            let other = World::new().await;
            import(&other, &text, ImportChoice::Skip).await;
            let again = exported(&other, other.calendar).await;
            prop_assert_eq!(essence(&again), essence(&text));
            Ok(())
        })
    });
    outcome.unwrap();
}

#[tokio::test]
async fn twenty_thousand_events_are_imported_and_taken_back() {
    let world = World::new().await;
    let event = |number: usize| {
        let (day, hour) = (number % 28 + 1, number % 24);
        format!(
            "BEGIN:VEVENT\r\nUID:{number}@example.org\r\nDTSTART;TZID=Europe/Berlin:202611{day:02}T{hour:02}0000\r\n\
             DURATION:PT1H\r\nSUMMARY:Event {number}\r\nDESCRIPTION:Bring what you have\r\nEND:VEVENT\r\n"
        )
    };
    let text: String = (0..20_000).map(event).collect();
    let text = format!("BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n");
    let begun = Instant::now();
    let report = import(&world, &text, ImportChoice::Skip).await;
    let took = begun.elapsed();
    assert_eq!(report.created, 20_000);
    // What is asked for is five seconds of a release build.
    assert!(cfg!(debug_assertions) || took.as_secs() < 5, "{took:?}");
    eprintln!("imported in {took:?}");
    world.engine.undo(report.undo).await.unwrap();
    assert_eq!(world.november().await.len(), 0);
}
