//! One calendar is kept in step with two remote ones.

use serde_json::json;
use synodic_engine::view::{ConflictSide, EventDraft, EventTarget, NotifyAttendees, Resolution};
use synodic_model::Recurrence;
use synodic_model::reconcile::Policy;
use synodic_model::sync::SyncDirection;
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::NewCalendar;
use synodic_tests::world::{ADA, World, guest, meeting, titles};

struct Both {
    world: World,
    calendar: synodic_model::CalendarId,
    copy: String,
}

impl Both {
    async fn new() -> Self {
        let world = World::new().await;
        let copy =
            world.google.add_calendar(ADA, NewCalendar { summary: "Copy".into(), ..NewCalendar::default() });
        let account = world.connect().await;
        let calendar = world.link(None, account, ADA, SyncDirection::Bidirectional).await.id;
        world.link(Some(calendar), account, &copy, SyncDirection::Bidirectional).await;
        world.pass().await;
        Self { world, calendar, copy }
    }

    async fn settle(&self) {
        for _ in 0..3 {
            self.world.pass().await;
        }
        let last = self.world.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "nothing goes round in circles");
        assert_eq!(self.copied(), self.world.remote_titles());
        assert_eq!(self.world.titles().await, self.world.remote_titles());
    }

    fn copied(&self) -> Vec<String> {
        titles(&self.world.google.events(&self.copy))
    }
}

#[tokio::test]
async fn an_edit_here_reaches_both() {
    let both = Both::new().await;
    let event = both.world.create(both.calendar, meeting("Ours", 3)).await;
    both.settle().await;
    assert_eq!(both.copied(), ["Ours"]);
    both.world.change(event.id, |content| content.title = "Ours, changed".into()).await;
    both.settle().await;
    assert_eq!(both.copied(), ["Ours, changed"]);
    both.world.delete(event.id).await;
    both.settle().await;
    assert!(both.copied().is_empty());
    assert!(both.world.replica().await.event(event.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_change_at_one_reaches_the_other_and_does_not_come_back() {
    let both = Both::new().await;
    let id = both.world.phone_adds("Theirs", 4);
    both.settle().await;
    assert_eq!(both.copied(), ["Theirs"]);
    both.world.phone_changes(&id, json!({ "summary": "Theirs, changed" }));
    both.settle().await;
    assert_eq!(both.copied(), ["Theirs, changed"]);
    both.world.google.delete_event(ADA, &id);
    both.settle().await;
    assert!(both.copied().is_empty());
}

#[tokio::test]
async fn a_change_at_the_copy_reaches_the_first() {
    let both = Both::new().await;
    both.world.phone_adds("Theirs", 4);
    both.settle().await;
    let copied = both.world.google.events(&both.copy).remove(0);
    both.world.google.put_event(&both.copy, json!({ "id": copied["id"], "location": "Elsewhere" }));
    both.settle().await;
    assert_eq!(both.world.remote("Theirs")["location"], "Elsewhere");
}

/// Whom the events of a calendar at Google invite, by title.
fn invited(both: &Both, calendar: &str) -> Vec<(String, Vec<String>)> {
    let emails = |event: &serde_json::Value| {
        let guests = event["attendees"].as_array().cloned().unwrap_or_default();
        guests.iter().map(|guest| guest["email"].as_str().unwrap().to_owned()).collect()
    };
    let events = both.world.google.events(calendar);
    let mut invited: Vec<_> =
        events.iter().map(|event| (event["summary"].as_str().unwrap().to_owned(), emails(event))).collect();
    invited.sort();
    invited
}

/// An invitation is sent from one place: a copy of the event elsewhere invites nobody a second time.
#[tokio::test]
async fn a_copy_invites_nobody() {
    let both = Both::new().await;
    let bob = || vec![guest("bob@example.com")];
    let mut ours = meeting("Ours", 3);
    ours.attendees = bob();
    let draft = EventDraft { calendar_id: both.calendar, content: ours, notify: NotifyAttendees::Everybody };
    let ours = both.world.engine.create_event(draft).await.unwrap().event.unwrap().id;
    let mut at_copy = json!({
        "summary": "Theirs",
        "start": { "dateTime": "2026-11-04T09:00:00+01:00", "timeZone": "Europe/Berlin" },
        "end": { "dateTime": "2026-11-04T10:00:00+01:00", "timeZone": "Europe/Berlin" },
        "attendees": [{ "email": "cleo@example.com" }],
    });
    both.world.google.put_event(&both.copy, at_copy.clone());
    let later = both.world.create(both.calendar, meeting("Later", 5)).await.id;
    both.settle().await;
    both.world.change(later, |content| content.attendees = bob()).await;
    both.settle().await;
    let nobody = Vec::new;
    let (bob, cleo) = (vec!["bob@example.com".to_owned()], vec!["cleo@example.com".to_owned()]);
    let named = |title: &str, guests: &[String]| (title.to_owned(), guests.to_vec());
    assert_eq!(invited(&both, ADA), [named("Later", &bob), named("Ours", &bob), named("Theirs", &nobody())]);
    assert_eq!(
        invited(&both, &both.copy),
        [named("Later", &nobody()), named("Ours", &nobody()), named("Theirs", &cleo)]
    );
    assert_eq!(both.world.google.outbox().len(), 1, "{:#?}", both.world.google.outbox());
    for (title, guests) in [("Later", &bob), ("Ours", &bob), ("Theirs", &cleo)] {
        let here = both.world.find(title).await.content.attendees;
        let here: Vec<_> = here.into_iter().map(|guest| guest.email).collect();
        assert_eq!(&here, guests, "{title}, here");
    }

    // Edits and deletions of either go to the other, and still nobody is invited twice or taken off.
    both.world.change(ours, |content| content.location = "Hall".into()).await;
    let copies = both.world.google.events(&both.copy);
    let copied = copies.iter().find(|event| event["summary"] == "Ours").unwrap()["id"].clone();
    both.world.google.put_event(&both.copy, json!({ "id": copied, "summary": "Ours, renamed" }));
    at_copy["id"] = copies.iter().find(|event| event["summary"] == "Theirs").unwrap()["id"].clone();
    at_copy["location"] = json!("Kitchen");
    both.world.google.put_event(&both.copy, at_copy);
    both.settle().await;
    assert_eq!(
        invited(&both, ADA),
        [named("Later", &bob), named("Ours, renamed", &bob), named("Theirs", &nobody())]
    );
    assert_eq!(both.world.remote("Theirs")["location"], "Kitchen");
    let copies = both.world.google.events(&both.copy);
    let later = copies.iter().find(|event| event["summary"] == "Later").unwrap()["id"].clone();
    both.world.google.delete_event(&both.copy, later.as_str().unwrap());
    both.settle().await;
    assert_eq!(both.world.titles().await, ["Ours, renamed", "Theirs"], "a deletion of a copy is one");
    assert_eq!(both.world.google.outbox().len(), 1);
}

/// What is off of a series stays off when somebody elsewhere keeps the series from being deleted.
#[tokio::test]
async fn what_was_called_off_of_a_deleted_series_is_off_when_an_edit_of_the_copy_brings_it_back() {
    let both = Both::new().await;
    let mut choir = meeting("Choir", 2);
    choir.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=3").unwrap());
    let choir = both.world.create(both.calendar, choir).await.id;
    both.world.pass().await;
    let there = |calendar: &str| both.world.google.events(calendar)[0]["id"].as_str().unwrap().to_owned();
    let (first, copied) = (there(ADA), there(&both.copy));

    both.world.delete(choir).await;
    both.world.google.delete_event(ADA, &format!("{first}_20261109T080000Z"));
    both.world.google.put_event(&both.copy, json!({ "id": copied, "summary": "Orchestra" }));
    for _ in 0..3 {
        both.world.pass().await;
    }
    let last = both.world.pass().await;
    assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0));
    let shown = both.world.shown().await;
    let days: Vec<_> =
        shown.iter().map(|shown| format!("{} {}", shown.title, shown.starts_at.format("%d"))).collect();
    assert_eq!(days, ["Orchestra 02", "Orchestra 16"]);
    for calendar in [ADA, &both.copy] {
        let all = both.world.google.all_events(calendar);
        let living =
            all.iter().find(|event| event["summary"] == "Orchestra" && event["recurrence"].is_array());
        let id = living.expect("the series is there")["id"].as_str().unwrap();
        let off = format!("{id}_20261109T080000Z");
        let is_off = |event: &serde_json::Value| event["id"] == off && event["status"] == "cancelled";
        assert!(all.iter().any(is_off), "the ninth is off in {calendar}: {all:#?}");
    }
}

#[tokio::test]
async fn an_edit_of_an_occurrence_waits_until_it_is_decided_when_its_series_takes_place() {
    let both = Both::new().await;
    let calendars = both.world.engine.calendars().await.unwrap();
    let links = &calendars.iter().find(|calendar| calendar.id == both.calendar).unwrap().links;
    let main = links.iter().find(|link| link.remote_name != "Copy").unwrap().id;
    both.world.engine.set_link_policy(main, Some(Policy::Ask)).await.unwrap();
    let mut choir = meeting("Choir", 2);
    choir.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=4").unwrap());
    let series = both.world.create(both.calendar, choir).await.id;
    both.world.pass().await;

    let id = both.world.remote("Choir")["id"].as_str().unwrap().to_owned();
    let shorter = Recurrence::from_rule("FREQ=WEEKLY;COUNT=2").unwrap();
    both.world.change(series, |content| content.recurrence = Some(shorter)).await;
    both.world.phone_changes(&id, json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"] }));
    both.world.phone_changes(&format!("{id}_20261116T080000Z"), json!({ "summary": "Concert" }));
    for _ in 0..3 {
        both.world.pass().await;
    }
    assert_eq!(both.world.remote_titles(), ["Choir", "Concert"], "nobody has taken it back");

    let conflict = both.world.engine.conflicts().await.unwrap().remove(0);
    let theirs = Resolution::Keep { side: ConflictSide::Remote };
    both.world.engine.resolve_conflict(conflict.event_id, conflict.link_id, theirs).await.unwrap();
    for _ in 0..3 {
        both.world.pass().await;
    }
    assert_eq!(both.copied(), ["Choir", "Concert"]);
    assert_eq!(both.world.titles().await, ["Choir", "Choir", "Choir", "Choir", "Concert"]);
}

#[tokio::test]
async fn an_edit_of_an_occurrence_that_is_taken_back_leaves_its_guests_invited() {
    let both = Both::new().await;
    let world = &both.world;
    world.google.put_event(
        ADA,
        json!({
            "summary": "Choir",
            "start": { "dateTime": "2026-11-02T09:00:00+01:00", "timeZone": "Europe/Berlin" },
            "end": { "dateTime": "2026-11-02T10:00:00+01:00", "timeZone": "Europe/Berlin" },
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"],
            "attendees": [{ "email": "bea@example.com" }],
        }),
    );
    for _ in 0..2 {
        world.pass().await;
    }
    // Whether the first edit has arrived is not known when it is taken back.
    world.google.inject(Fault::new(Effect::DropAfter).on("GET", "/events/"));
    let second = EventTarget::Occurrence { key: world.shown().await[1].occurrence_of.unwrap() };
    world.change_at(second, |content| content.title = "Concert".into()).await;
    world.pass().await;
    world.google.clear_faults();
    world.change_at(second, |content| content.title = "Choir".into()).await;
    for _ in 0..3 {
        world.pass().await;
    }
    let there = world.google.all_events(ADA);
    assert_eq!(there.len(), 1, "nothing is said of the occurrence: {there:#?}");
    assert_eq!(there[0]["attendees"][0]["email"], "bea@example.com");

    world.phone_changes(there[0]["id"].as_str().unwrap(), json!({ "summary": "Orchestra" }));
    for _ in 0..3 {
        world.pass().await;
    }
    assert_eq!(
        (world.titles().await, both.copied()),
        (vec!["Orchestra".into(); 4], vec!["Orchestra".into()])
    );
}
