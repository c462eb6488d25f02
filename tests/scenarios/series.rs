//! Series, with occurrences that were moved or called off.

use serde_json::json;
use synodic_engine::view::{EditReceipt, EventDraft, EventTarget, NotifyAttendees, OccurrenceView};
use synodic_model::{EventContent, Recurrence, When, ZonedTime};
use synodic_simulators::fault::{Effect, Fault};
use synodic_tests::world::{ADA, World, meeting};

fn weekly(title: &str) -> EventContent {
    let mut content = meeting(title, 2);
    content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=5").unwrap());
    content
}

fn days(shown: &[OccurrenceView]) -> Vec<String> {
    shown.iter().map(|shown| shown.starts_at.format("%m-%dT%H").to_string()).collect()
}

fn target(shown: &OccurrenceView) -> EventTarget {
    EventTarget::Occurrence { key: shown.occurrence_of.unwrap() }
}

fn later(when: When) -> When {
    let hour = chrono::TimeDelta::hours(5);
    let at = |time: ZonedTime| ZonedTime::new(time.local + hour, time.zone);
    match when {
        When::Zoned { start, end } => When::Zoned { start: at(start), end: at(end) },
        other => other,
    }
}

/// A series that Google has, of which the phone moves the second occurrence and calls off the third.
fn phone_series(world: &World) -> String {
    let series = world.google.put_event(
        ADA,
        json!({
            "summary": "Choir",
            "start": { "dateTime": "2026-11-02T09:00:00+01:00", "timeZone": "Europe/Berlin" },
            "end": { "dateTime": "2026-11-02T10:00:00+01:00", "timeZone": "Europe/Berlin" },
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"],
        }),
    );
    let id = series["id"].as_str().unwrap().to_owned();
    world.google.put_event(
        ADA,
        json!({
            "id": format!("{id}_20261109T080000Z"),
            "start": { "dateTime": "2026-11-09T14:00:00+01:00", "timeZone": "Europe/Berlin" },
            "end": { "dateTime": "2026-11-09T15:00:00+01:00", "timeZone": "Europe/Berlin" },
        }),
    );
    world.google.delete_event(ADA, &format!("{id}_20261116T080000Z"));
    id
}

const CHOIR: [&str; 4] = ["11-02T08", "11-09T13", "11-23T08", "11-30T08"];

#[tokio::test]
async fn moved_and_cancelled_occurrences_come_in() {
    let world = World::new().await;
    phone_series(&world);
    world.linked().await;
    assert_eq!(days(&world.shown().await), CHOIR);
    let again = world.pass().await;
    assert_eq!((again.links[0].created, again.links[0].updated, again.links[0].deleted), (0, 0, 0));
    assert_eq!(again.pushed, 0);
}

#[tokio::test]
async fn they_come_in_one_by_one_as_well() {
    let world = World::new().await;
    world.linked().await;
    phone_series(&world);
    world.pass().await;
    assert_eq!(days(&world.shown().await), CHOIR);
    let series = world.google.events(ADA)[0]["id"].as_str().unwrap().split('_').next().unwrap().to_owned();
    world.google.delete_event(ADA, &format!("{series}_20261130T080000Z"));
    world.pass().await;
    assert_eq!(days(&world.shown().await), CHOIR[..3]);
}

#[tokio::test]
async fn what_was_called_off_is_off_when_somebody_makes_its_series_longer_again() {
    let world = World::new().await;
    let id = phone_series(&world);
    world.phone_changes(&id, json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"] }));
    world.linked().await;
    assert_eq!(days(&world.shown().await), CHOIR[..2]);
    world.google.clear_requests();
    world.phone_changes(&id, json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"] }));
    world.pass().await;
    assert_eq!(days(&world.shown().await), CHOIR, "no listing has named again what was called off");
    assert_eq!(world.requests("GET"), 3, "the changes, the series, and its occurrences");
    let again = world.pass().await;
    assert_eq!((again.pushed, again.links[0].updated), (0, 0));
}

#[tokio::test]
async fn a_series_goes_on_whose_occurrences_cannot_be_asked_for() {
    let world = World::new().await;
    let id = phone_series(&world);
    world.linked().await;
    let refused =
        Effect::Status { status: 400, reason: "invalid".into(), retry_after_seconds: None, applied: false };
    world.google.inject(Fault::new(refused).on("GET", &format!("/events/{id}")).times(1));
    world.phone_changes(&id, json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"] }));
    world.pass().await;
    assert_eq!(world.shown().await.len(), 5);
}

#[tokio::test]
async fn a_series_that_goes_takes_its_occurrences_along() {
    let world = World::new().await;
    let id = phone_series(&world);
    world.linked().await;
    world.google.delete_event(ADA, &id);
    world.pass().await;
    assert!(world.shown().await.is_empty());
    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending), (0, 0));
}

#[tokio::test]
async fn moved_and_cancelled_occurrences_go_out() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, weekly("Choir")).await;
    let shown = world.shown().await;
    world.change_at(target(&shown[1]), |content| content.when = later(content.when)).await;
    world.engine.delete_event(target(&shown[2]), NotifyAttendees::Nobody).await.unwrap();
    assert_eq!(days(&world.shown().await), CHOIR);

    let report = world.pass().await;
    assert_eq!((report.pushed, report.pending, report.failed), (3, 0, 0));
    let there = world.google.all_events(ADA);
    let exceptions: Vec<_> = there.iter().filter(|event| event["recurringEventId"].is_string()).collect();
    assert_eq!(there.len(), 3, "{there:#?}");
    assert_eq!(exceptions.iter().filter(|event| event["status"] == "cancelled").count(), 1);

    let again = world.pass().await;
    assert_eq!((again.pushed, again.links[0].created, again.links[0].updated), (0, 0, 0));
    assert_eq!(days(&world.shown().await), CHOIR);
}

/// A choir of which one evening was called off and taken back again before anything of it was sent.
async fn called_off_and_taken_back() -> (World, EditReceipt) {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, weekly("Choir")).await;
    world.pass().await;
    let shown = world.shown().await;
    let called_off = world.engine.delete_event(target(&shown[1]), NotifyAttendees::Nobody).await.unwrap();
    let taken_back = world.engine.undo(called_off.undo).await.unwrap();
    world.pass().await;
    (world, taken_back)
}

#[tokio::test]
async fn what_was_called_off_and_taken_back_before_it_was_sent_follows_its_series() {
    let (world, _) = called_off_and_taken_back().await;
    let series = world.google.all_events(ADA);
    assert_eq!(series.len(), 1, "there is nothing to say of that occurrence");
    world.phone_changes(series[0]["id"].as_str().unwrap(), json!({ "summary": "Orchestra" }));
    world.pass().await;
    assert!(world.shown().await.iter().all(|shown| shown.title == "Orchestra"));
    let audit = world.engine.audit(None).await.unwrap();
    assert!(audit.links.iter().all(|link| link.drifted == 0), "{audit:?}");
}

#[tokio::test]
async fn what_was_called_off_and_taken_back_before_it_was_sent_can_be_called_off_again() {
    let (world, taken_back) = called_off_and_taken_back().await;
    world.engine.undo(taken_back.undo).await.unwrap();
    world.pass().await;
    assert_eq!(days(&world.shown().await), ["11-02T08", "11-16T08", "11-23T08", "11-30T08"]);
    assert_eq!(world.google.all_events(ADA).len(), 2, "the series, and what is called off of it");
}

#[tokio::test]
async fn a_series_deleted_here_is_gone_there() {
    let world = World::new().await;
    let id = phone_series(&world);
    world.linked().await;
    let series = world.shown().await[0].occurrence_of.unwrap().series_id;
    world.delete(series).await;
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0));
    assert!(world.google.events(ADA).is_empty());
    world.pass().await;
    assert!(world.shown().await.is_empty());
    assert!(!id.is_empty());
}

#[tokio::test]
async fn an_edit_of_one_occurrence_survives_the_deletion_of_its_series_there() {
    let world = World::new().await;
    let id = phone_series(&world);
    world.linked().await;
    let shown = world.shown().await;
    world.change_at(target(&shown[3]), |content| content.title = "Last rehearsal".into()).await;
    // The phone deletes the series before the edit is sent.
    world.google.delete_event(ADA, &id);
    world.pass().await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Choir", "Choir", "Choir", "Last rehearsal"]);
    assert_eq!(days(&world.shown().await), CHOIR, "what was moved and called off before is so again");
    let quiet = world.pass().await;
    assert_eq!((quiet.pushed, quiet.pending, quiet.requests), (0, 0, 1));
}

#[tokio::test]
async fn what_was_called_off_is_off_when_the_making_of_its_series_is_taken_back_and_made_again() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let draft =
        EventDraft { calendar_id: calendar.id, content: weekly("Choir"), notify: NotifyAttendees::Nobody };
    let made = world.engine.create_event(draft).await.unwrap();
    let shown = world.shown().await;
    world.engine.delete_event(target(&shown[1]), NotifyAttendees::Nobody).await.unwrap();
    let taken_back = world.engine.undo(made.undo).await.unwrap();
    world.pass().await;
    world.engine.undo(taken_back.undo).await.unwrap();
    world.pass().await;
    assert_eq!(days(&world.shown().await), ["11-02T08", "11-16T08", "11-23T08", "11-30T08"]);
    let there = world.google.all_events(ADA);
    assert_eq!(there.iter().filter(|event| event["status"] == "cancelled").count(), 1, "{there:#?}");
}

#[tokio::test]
async fn an_occurrence_edited_here_is_renamed_with_its_series_there() {
    let world = World::new().await;
    let calendar = world.linked().await;
    let series = world.create(calendar.id, weekly("Choir")).await.id;
    world.pass().await;
    let shown = world.shown().await;
    world.change_at(target(&shown[1]), |content| content.when = later(content.when)).await;
    world.change(series, |content| content.location = "Hall".into()).await;
    let id = world.remote("Choir")["id"].as_str().unwrap().to_owned();
    world.phone_changes(&id, json!({ "summary": "Orchestra" }));
    world.pass().await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Orchestra"; 5]);
    assert_eq!(days(&world.shown().await)[1], "11-09T13");
    let there = world.google.events(ADA);
    assert!(there.iter().all(|event| event["summary"] == "Orchestra"), "{there:#?}");
}

#[tokio::test]
async fn an_edit_of_an_occurrence_that_is_taken_back_leaves_it_to_a_series_renamed_there_meanwhile() {
    let world = World::new().await;
    let calendar = world.linked().await;
    world.create(calendar.id, weekly("Choir")).await;
    world.pass().await;
    let id = world.remote("Choir")["id"].as_str().unwrap().to_owned();
    // Whether the edit has arrived is not known when it is taken back.
    world.google.inject(Fault::new(Effect::DropAfter).on("GET", "/events/"));
    let second = target(&world.shown().await[1]);
    world.change_at(second, |content| content.title = "Concert".into()).await;
    world.pass().await;
    world.google.clear_faults();
    world.change_at(second, |content| content.title = "Choir".into()).await;
    world.phone_changes(&id, json!({ "summary": "Orchestra" }));
    world.pass().await;
    world.pass().await;
    assert_eq!(world.titles().await, ["Orchestra"; 5]);
    assert_eq!(world.google.all_events(ADA).len(), 1, "nothing is said of the occurrence");
}
