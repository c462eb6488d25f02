//! The contract of a provider, asked of calendar servers that others have written. Every test runs against each.

use std::sync::Arc;

use async_trait::async_trait;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::{CalendarView, EventChange, EventTarget, NotifyAttendees, OccurrenceView};
use synodic_model::listing::AccessRole;
use synodic_model::sync::SyncDirection;
use synodic_model::{
    EventContent, EventId, Recurrence, Reminder, ReminderMethod, Reminders, RemoteCalendarId, When,
};
use synodic_providers::caldav::{Caldav, CaldavAccount, discover};
use synodic_providers::transport::Surroundings;
use synodic_providers::{
    Creation, Identity, Linked, NextPull, Provider, ProviderError, PullPosition, RemoteChange, TokenVault,
    Tokens, VaultError,
};
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER, python};
use synodic_tests::world::{World, meeting};
use uuid::Uuid;

/// Runs a test against each server.
macro_rules! with_each_server {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        mod radicale {
            $($(#[$doc])* #[tokio::test] async fn $name() { super::$name(super::Kind::Radicale).await; })*
        }
        mod xandikos {
            $($(#[$doc])* #[tokio::test] async fn $name() { super::$name(super::Kind::Xandikos).await; })*
        }
    };
}

with_each_server! {
    the_calendars_are_found_from_the_address_alone;
    the_well_known_address_leads_to_them_too;
    everything_is_read_and_then_only_what_changed;
    a_token_that_the_server_does_not_know_leads_to_a_new_list;
    an_edit_here_leaves_alone_what_it_is_not_about;
    events_are_made_and_deleted_there;
    occurrences_are_edited_and_called_off_on_both_sides;
    a_series_is_divided_there;
    edits_of_both_sides_at_once_are_merged;
    a_creation_that_is_repeated_meets_the_first;
    an_event_that_the_server_has_under_another_name_is_adopted;
    an_event_that_cannot_be_read_is_alone_in_that;
    another_client_reads_what_we_wrote_and_we_read_what_it_wrote;
}

/// A password that is simply there.
pub(crate) struct Password(pub(crate) &'static str);

#[async_trait]
impl TokenVault for Password {
    async fn load(&self) -> Result<Option<Tokens>, VaultError> {
        Ok(Some(Tokens { access_token: self.0.to_owned(), refresh_token: None, expires_at: None }))
    }

    async fn store(&self, _tokens: &Tokens) -> Result<(), VaultError> {
        Ok(())
    }

    async fn remove(&self) -> Result<(), VaultError> {
        Ok(())
    }
}

pub(crate) async fn found(place: &str, password: &'static str) -> Result<Caldav, ProviderError> {
    let account = CaldavAccount::at(place, Some(USER.to_owned()));
    let surroundings = Surroundings::real().unwrap();
    let vault: Arc<dyn TokenVault> = Arc::new(Password(password));
    let account = discover(account, Arc::clone(&vault), surroundings.clone()).await?;
    Ok(Caldav::with(account, vault, surroundings))
}

async fn the_calendars_are_found_from_the_address_alone(kind: Kind) {
    let server = DavServer::start(kind).await;
    server.make_calendar("home").await;
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let mut calendars = provider.remote_calendars().await.unwrap();
    calendars.sort_by(|left, right| left.name.cmp(&right.name));
    let ids: Vec<_> = calendars.iter().map(|calendar| calendar.id.to_string()).collect();
    assert_eq!(ids, [server.calendar("home"), server.calendar("work")]);
    let names: Vec<_> = calendars.iter().map(|calendar| &*calendar.name).collect();
    assert_eq!(names, ["home", "work"]);
    assert!(calendars.iter().all(|calendar| calendar.access >= AccessRole::Writer), "{calendars:?}");
}

async fn the_well_known_address_leads_to_them_too(kind: Kind) {
    let server = DavServer::start(kind).await;
    let place = format!("{}.well-known/caldav", server.url());
    let provider = found(&place, PASSWORD).await.unwrap();
    assert_eq!(provider.remote_calendars().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_a_matter_of_signing_in() {
    let server = DavServer::start(Kind::Radicale).await;
    let error = found(&server.url(), "wrong").await.unwrap_err();
    assert!(matches!(error, ProviderError::SignInRefused { .. }), "{error}");
}

#[tokio::test]
async fn a_password_is_not_sent_over_plain_http() {
    let error = found("http://calendar.example/", PASSWORD).await.unwrap_err();
    assert!(error.to_string().contains("not encrypted"), "{error}");
}

/// Synodic beside a server, its calendar linked and read once.
async fn linked(kind: Kind) -> (DavServer, World, CalendarView) {
    let server = DavServer::start(kind).await;
    let world = World::new().await;
    let calendar = link(&server, &world).await;
    (server, world, calendar)
}

async fn link(server: &DavServer, world: &World) -> CalendarView {
    let place = CaldavPlace { place: server.url(), user: Some(USER.to_owned()), certificate: None };
    let account = world.engine.connect_caldav(place, PASSWORD).await.unwrap();
    let calendar = world.link(None, account, &server.calendar("work"), SyncDirection::Bidirectional).await;
    pass(world).await;
    calendar
}

async fn pass(world: &World) {
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0), "{report:#?}");
}

/// Nothing goes round in circles.
async fn rest(world: &World) {
    pass(world).await;
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (0, 0, 0), "{report:#?}");
}

pub(crate) fn object(events: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Phone//EN\n{events}END:VCALENDAR\n")
}

pub(crate) fn event(uid: &str, lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261101T000000Z\n{lines}END:VEVENT\n")
}

const SERIES: &str =
    "DTSTART:20261102T090000Z\nDTEND:20261102T100000Z\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Standup\n";

pub(crate) async fn change_occurrence(
    world: &World,
    shown: &OccurrenceView,
    change: impl FnOnce(&mut EventContent),
) {
    let target = EventTarget::Occurrence { key: shown.occurrence_of.unwrap() };
    let mut content = world.engine.event(target).await.unwrap().content;
    change(&mut content);
    let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
    world.engine.change_event(change).await.unwrap();
}

async fn everything_is_read_and_then_only_what_changed(kind: Kind) {
    let server = DavServer::start(kind).await;
    server
        .put(
            "zoned.ics",
            &object(&event("zoned", "DTSTART:20261103T090000Z\nDURATION:PT90M\nSUMMARY:Talk\\, long\n")),
        )
        .await;
    server.put("day.ics", &object(&event("day", "DTSTART;VALUE=DATE:20261104\nSUMMARY:Day off\n"))).await;
    server
        .put(
            "floating.ics",
            &object(&event("floating", "DTSTART:20261105T120000\nDTEND:20261105T130000\nSUMMARY:Lunch\n")),
        )
        .await;
    let moved = "RECURRENCE-ID:20261104T090000Z\nDTSTART:20261104T150000Z\nDTEND:20261104T160000Z\nSUMMARY:Standup\\, later\n";
    let series = format!(
        "{}{}",
        event("series", &format!("{SERIES}EXDATE:20261103T090000Z\n")),
        event("series", moved)
    );
    server.put("series.ics", &object(&series)).await;
    let world = World::new().await;
    link(&server, &world).await;
    let expected = ["Day off", "Lunch", "Standup", "Standup", "Standup", "Standup, later", "Talk, long"];
    assert_eq!(world.titles().await, expected);
    assert!(matches!(world.find("Day off").await.content.when, When::AllDay { .. }));
    assert!(matches!(world.find("Lunch").await.content.when, When::Floating { .. }));
    rest(&world).await;

    server.put("day.ics", &object(&event("day", "DTSTART;VALUE=DATE:20261104\nSUMMARY:Day on\n"))).await;
    server.delete("floating.ics").await;
    server.put("series.ics", &object(&event("series", SERIES))).await;
    pass(&world).await;
    let expected = ["Day on", "Standup", "Standup", "Standup", "Standup", "Standup", "Talk, long"];
    assert_eq!(
        world.titles().await,
        expected,
        "an occurrence is as the series makes it when nothing else is said"
    );
    rest(&world).await;
}

async fn a_token_that_the_server_does_not_know_leads_to_a_new_list(kind: Kind) {
    let server = DavServer::start(kind).await;
    server.put("day.ics", &object(&event("day", "DTSTART;VALUE=DATE:20261104\nSUMMARY:Day off\n"))).await;
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let id = RemoteCalendarId::new(server.calendar("work"));
    let page = provider.pull(Linked::plain(&id), &PullPosition::default()).await.unwrap();
    assert!(matches!(&page.changes[..], [RemoteChange::Present(_)]), "{:?}", page.changes);
    let NextPull::Done { cursor } = page.next else { panic!("one page") };
    let position = PullPosition { cursor: Some(cursor), page: None };
    let quiet = provider.pull(Linked::plain(&id), &position).await.unwrap();
    assert!(quiet.changes.is_empty(), "{:?}", quiet.changes);
    let NextPull::Done { cursor } = quiet.next else { panic!("one page") };

    let mut cursor: serde_json::Value = serde_json::from_str(&cursor).unwrap();
    let token = cursor["mark"]["token"].as_str().expect("both have tokens");
    let unknown: String = token
        .rsplit_once('/')
        .map_or_else(|| "0".repeat(40), |(start, end)| format!("{start}/{}", "0".repeat(end.len())));
    cursor["mark"]["token"] = unknown.into();
    let position = PullPosition { cursor: Some(cursor.to_string()), page: None };
    let error = provider.pull(Linked::plain(&id), &position).await.unwrap_err();
    assert!(matches!(error, ProviderError::CursorLost), "{error}");
}

async fn an_edit_here_leaves_alone_what_it_is_not_about(kind: Kind) {
    let (server, world, _) = linked(kind).await;
    let rich = "DTSTART;TZID=Europe/Berlin:20261103T090000\nDTEND;TZID=Europe/Berlin:20261103T100000\nSUMMARY:Talk\n\
                X-PHONE-MOOD;X-SHADE=\"a;b\":sunny\nATTACH:https://example.org/slides.pdf\nCATEGORIES:WORK,FUN\n\
                ORGANIZER;CN=Bob:mailto:bob@example.org\n\
                ATTENDEE;CN=Ada;PARTSTAT=ACCEPTED;X-NUM-GUESTS=2:mailto:ada@example.org\n\
                BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER;VALUE=DATE-TIME:20261103T070000Z\nX-KEEP:1\nEND:VALARM\n\
                BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:y\nTRIGGER:-PT15M\nEND:VALARM\n";
    server.put("rich.ics", &object(&event("rich", rich))).await;
    pass(&world).await;
    let shown = world.find("Talk").await;
    let fifteen = Reminder { minutes_before: 15, method: ReminderMethod::Popup };
    assert_eq!(shown.content.reminders, Reminders::Custom { reminders: vec![fifteen] });
    world
        .change(shown.id, |content| {
            content.title = "Talk, moved".into();
            content.location = "Room 5; left, then right".into();
        })
        .await;
    rest(&world).await;
    let text = server.get("rich.ics").await.unwrap();
    for line in [
        "SUMMARY:Talk\\, moved",
        "LOCATION:Room 5\\; left\\, then right",
        "ATTACH:https://example.org/slides.pdf",
        "X-KEEP:1",
        "TRIGGER;VALUE=DATE-TIME:20261103T070000Z",
        "TRIGGER:-PT15M",
        "TZID:Europe/Berlin",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    for part in ["sunny", "X-NUM-GUESTS=2", "mailto:bob@example.org", "FUN"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

async fn events_are_made_and_deleted_there(kind: Kind) {
    let (server, world, calendar) = linked(kind).await;
    let made = world.create(calendar.id, meeting("Ours", 3)).await;
    rest(&world).await;
    let texts = server.texts().await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("DTSTART;TZID=Europe/Berlin:20261103T090000"), "{}", texts[0]);
    assert!(texts[0].contains("BEGIN:VTIMEZONE"), "{}", texts[0]);
    world.change(made.id, |content| content.title = "Ours, changed".into()).await;
    rest(&world).await;
    assert!(server.texts().await[0].contains("SUMMARY:Ours\\, changed"));
    world.delete(made.id).await;
    rest(&world).await;
    assert!(server.names().await.is_empty());
}

async fn occurrences_are_edited_and_called_off_on_both_sides(kind: Kind) {
    let (server, world, _) = linked(kind).await;
    server.put("series.ics", &object(&event("series", SERIES))).await;
    pass(&world).await;
    let shown = world.shown().await;
    change_occurrence(&world, &shown[1], |content| content.title = "Standup, second".into()).await;
    let third = EventTarget::Occurrence { key: shown[2].occurrence_of.unwrap() };
    world.engine.delete_event(third, NotifyAttendees::Nobody).await.unwrap();
    rest(&world).await;
    let expected = ["Standup", "Standup", "Standup", "Standup, second"];
    assert_eq!(world.titles().await, expected);
    let text = server.get("series.ics").await.unwrap();
    assert!(text.contains("EXDATE") && text.contains("20261104T090000"), "{text}");
    assert_eq!(text.matches("RECURRENCE-ID").count(), 1, "{text}");
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{text}");

    // The phone takes the edit of the second back, and calls the fourth off.
    server
        .put(
            "series.ics",
            &object(&event("series", &format!("{SERIES}EXDATE:20261104T090000Z\nEXDATE:20261105T090000Z\n"))),
        )
        .await;
    rest(&world).await;
    assert_eq!(world.titles().await, ["Standup", "Standup", "Standup"]);
    let text = server.get("series.ics").await.unwrap();
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
}

async fn a_series_is_divided_there(kind: Kind) {
    let (server, world, calendar) = linked(kind).await;
    let mut content = meeting("Class", 2);
    content.recurrence = Some(Recurrence::from_rule("FREQ=DAILY;COUNT=6").unwrap());
    world.create(calendar.id, content).await;
    rest(&world).await;
    let shown = world.shown().await;
    let target = EventTarget::Following { key: shown[3].occurrence_of.unwrap() };
    let mut content = world.engine.event(target).await.unwrap().content;
    content.title = "Class, second half".into();
    let change = EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody };
    world.engine.change_event(change).await.unwrap();
    rest(&world).await;
    let titles = world.titles().await;
    assert_eq!(titles.iter().filter(|title| *title == "Class").count(), 3, "{titles:?}");
    assert_eq!(titles.iter().filter(|title| *title == "Class, second half").count(), 3, "{titles:?}");
    assert_eq!(server.names().await.len(), 2);
}

async fn edits_of_both_sides_at_once_are_merged(kind: Kind) {
    let (server, world, _) = linked(kind).await;
    let lines = "DTSTART:20261103T090000Z\nDTEND:20261103T100000Z\nSUMMARY:Talk\n";
    server.put("talk.ics", &object(&event("talk", lines))).await;
    pass(&world).await;
    let talk = world.find("Talk").await;
    world.change(talk.id, |content| content.location = "Here".into()).await;
    server.put("talk.ics", &object(&event("talk", &lines.replace("Talk", "Speech")))).await;
    rest(&world).await;
    let text = server.get("talk.ics").await.unwrap();
    assert!(text.contains("SUMMARY:Speech") && text.contains("LOCATION:Here"), "{text}");
    let content = world.find("Speech").await.content;
    assert_eq!(content.location, "Here");
    assert!(world.engine.conflicts().await.unwrap().is_empty());
}

pub(crate) fn creation<'a>(content: &'a EventContent, uid: &'a str) -> Creation<'a> {
    let identity =
        Identity { event_id: EventId::new(Uuid::from_u128(1)), link: Uuid::from_u128(2), incarnation: 0 };
    Creation {
        identity,
        uid,
        content,
        occurrence_of: None,
        may_be_there: true,
        notify: NotifyAttendees::Nobody,
    }
}

async fn a_creation_that_is_repeated_meets_the_first(kind: Kind) {
    let server = DavServer::start(kind).await;
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let id = RemoteCalendarId::new(server.calendar("work"));
    let content = meeting("Once", 3);
    let first = provider.create(Linked::plain(&id), &creation(&content, "once@synodic")).await.unwrap();
    let second = provider.create(Linked::plain(&id), &creation(&content, "once@synodic")).await.unwrap();
    assert_eq!((&first.id, &first.version), (&second.id, &second.version));
    assert_eq!(server.names().await.len(), 1);
    provider
        .delete(Linked::plain(&id), &first.id, Some(&first.version), NotifyAttendees::Nobody)
        .await
        .unwrap();
    provider
        .delete(Linked::plain(&id), &first.id, Some(&first.version), NotifyAttendees::Nobody)
        .await
        .unwrap();
    assert!(server.names().await.is_empty());
}

async fn an_event_that_the_server_has_under_another_name_is_adopted(kind: Kind) {
    let server = DavServer::start(kind).await;
    server
        .put("theirs.ics", &object(&event("shared@uid", "DTSTART;VALUE=DATE:20261104\nSUMMARY:Theirs\n")))
        .await;
    let provider = found(&server.url(), PASSWORD).await.unwrap();
    let id = RemoteCalendarId::new(server.calendar("work"));
    let content = meeting("Ours", 3);
    let error = provider.create(Linked::plain(&id), &creation(&content, "shared@uid")).await.unwrap_err();
    assert!(matches!(&error, ProviderError::AlreadyThere { id } if id.as_str() == "theirs.ics"), "{error:?}");
}

async fn an_event_that_cannot_be_read_is_alone_in_that(kind: Kind) {
    let (server, world, _) = linked(kind).await;
    let odd =
        "DTSTART;TZID=Nowhere/Land:20261103T090000\nDTEND;TZID=Nowhere/Land:20261103T100000\nSUMMARY:Odd\n";
    server.put("a.ics", &object(&event("a", "DTSTART;VALUE=DATE:20261104\nSUMMARY:Fine\n"))).await;
    server.put("odd.ics", &object(&event("odd", odd))).await;
    server.put("z.ics", &object(&event("z", "DTSTART;VALUE=DATE:20261105\nSUMMARY:Fine too\n"))).await;
    pass(&world).await;
    pass(&world).await;
    assert_eq!(world.titles().await, ["Fine", "Fine too"]);
}

async fn another_client_reads_what_we_wrote_and_we_read_what_it_wrote(kind: Kind) {
    let (server, world, calendar) = linked(kind).await;
    let mut series = meeting("Ours, weekly", 2);
    series.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=4").unwrap());
    series.reminders =
        Reminders::Custom { reminders: vec![Reminder { minutes_before: 10, method: ReminderMethod::Popup }] };
    world.create(calendar.id, series).await;
    pass(&world).await;
    let shown = world.shown().await;
    change_occurrence(&world, &shown[1], |content| content.title = "Ours, once".into()).await;
    let third = EventTarget::Occurrence { key: shown[2].occurrence_of.unwrap() };
    world.engine.delete_event(third, NotifyAttendees::Nobody).await.unwrap();
    rest(&world).await;
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/caldav_client.py");
    let calendar_url = format!("{}{}", server.url(), server.calendar("work").trim_start_matches('/'));
    let mut client = std::process::Command::new(python());
    client.arg(script).args([calendar_url.as_str(), USER, PASSWORD]);
    let output = tokio::task::spawn_blocking(move || client.output()).await.unwrap().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    rest(&world).await;
    let expected = [
        "Ours, once",
        "Ours, weekly",
        "Ours, weekly",
        "Theirs, day",
        "Theirs, once",
        "Theirs, weekly",
        "Theirs, weekly",
    ];
    assert_eq!(world.titles().await, expected);
    let theirs = world.find("Theirs, weekly").await.content;
    assert_eq!(
        theirs.reminders,
        Reminders::Custom { reminders: vec![Reminder { minutes_before: 30, method: ReminderMethod::Popup }] }
    );
    let When::Zoned { start, .. } = theirs.when else { panic!("{:?}", theirs.when) };
    assert_eq!(start.zone, chrono_tz::America::New_York);
}
