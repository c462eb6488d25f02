//! Events move between calendars, here and at Google.

use serde_json::json;
use synodic_engine::google::Tokens;
use synodic_engine::view::{EventChange, EventMove, EventTarget, MoveAnswer, NotifyAttendees};
use synodic_model::sync::SyncDirection;
use synodic_model::{Attendee, CalendarId, EventId, IntegrationId, Recurrence, ResponseStatus};
use synodic_simulators::fault::{Effect, Fault};
use synodic_simulators::google::{AccessRole, NewCalendar};
use synodic_tests::world::{ADA, World, guest, meeting, titles};

const BEA: &str = "bea@example.com";

/// Ada's main calendar and a second one, both linked.
struct Two {
    world: World,
    account: IntegrationId,
    main: CalendarId,
    work: CalendarId,
    remote_work: String,
}

impl Two {
    async fn new() -> Self {
        let world = World::new().await;
        let work = NewCalendar { summary: "Work".into(), ..NewCalendar::default() };
        let remote_work = world.google.add_calendar(ADA, work);
        let account = world.connect().await;
        let main = world.link(None, account, ADA, SyncDirection::Bidirectional).await.id;
        let work = world.link(None, account, &remote_work, SyncDirection::Bidirectional).await.id;
        world.pass().await;
        Self { world, account, main, work, remote_work }
    }

    fn wish(&self, id: EventId) -> EventMove {
        EventMove { id, calendar_id: self.work, confirmed: false, notify: NotifyAttendees::Nobody }
    }

    async fn move_to_work(&self, id: EventId) {
        let answer = self.world.engine.move_event(self.wish(id)).await.unwrap();
        assert!(matches!(answer, MoveAnswer::Moved { .. }), "{answer:?}");
    }

    /// Nothing is left to send, and both sides say the same.
    async fn settle(&self) {
        for _ in 0..3 {
            self.world.pass().await;
        }
        let last = self.world.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "nothing goes round in circles");
        let mut remote = self.world.remote_titles();
        remote.extend(self.at_work());
        remote.sort();
        assert_eq!(self.world.titles().await, remote);
    }

    /// A calendar here that is kept at another account.
    async fn at_bea(&self) -> CalendarId {
        self.world.google.add_account(BEA, "Bea");
        let (access_token, refresh_token) = self.world.google.issue_tokens(BEA);
        let tokens = Tokens { access_token, refresh_token: Some(refresh_token), expires_at: None };
        let other = self.world.engine.connect_google(tokens).await.unwrap();
        assert_ne!(other, self.account);
        self.world.link(None, other, BEA, SyncDirection::Bidirectional).await.id
    }

    fn at_work(&self) -> Vec<String> {
        titles(&self.world.google.events(&self.remote_work))
    }

    /// What somebody does with the phone: under the same id and UID, gone here and present there.
    fn phone_moves(&self, id: &str) {
        let mut event = self.world.google.find(ADA, id).unwrap();
        self.world.google.delete_event(ADA, id);
        for field in ["etag", "organizer", "creator", "updated", "created", "htmlLink", "sequence", "kind"] {
            event.as_object_mut().unwrap().remove(field);
        }
        self.world.google.put_event(&self.remote_work, event);
    }
}

fn refusal(status: u16) -> Fault {
    let reason = "invalid".to_owned();
    Fault::new(Effect::Status { status, reason, retry_after_seconds: None, applied: false })
}

fn bob() -> Attendee {
    Attendee { response: ResponseStatus::Accepted, ..guest("bob@example.com") }
}

#[tokio::test]
async fn within_one_account_an_event_keeps_its_id_and_its_guests() {
    let two = Two::new().await;
    let mut content = meeting("Talk", 3);
    content.attendees = vec![bob()];
    let event = two.world.create(two.main, content).await;
    two.world.pass().await;
    let id = two.world.remote("Talk")["id"].clone();
    let attachments = json!([{ "fileUrl": "https://example.org/slides", "title": "Slides" }]);
    two.world.phone_changes(id.as_str().unwrap(), json!({ "attachments": attachments }));
    two.world.pass().await;
    two.world.google.clear_requests();

    two.move_to_work(event.id).await;
    two.world.change(event.id, |content| content.title = "Long talk".into()).await;
    two.settle().await;
    assert_eq!(two.at_work(), ["Long talk"]);
    assert!(two.world.remote_titles().is_empty());
    let there = two.world.google.events(&two.remote_work).remove(0);
    assert_eq!(there["id"], id);
    assert_eq!(there["attendees"][0]["email"], "bob@example.com");
    assert_eq!(there["attachments"], attachments, "what we know nothing of goes along");
    assert_eq!(two.world.find("Long talk").await.id, event.id);
    assert_eq!((two.world.requests("POST"), two.world.requests("DELETE")), (1, 0));
    assert!(two.world.google.outbox().is_empty());
    let stubs = two.world.google.all_events(ADA);
    let stub = stubs.iter().find(|event| event["id"] == id).unwrap();
    assert_eq!(stub["status"], "cancelled", "the source keeps a stub, which takes nothing with it here");
}

#[tokio::test]
async fn guests_hear_of_a_move_when_the_person_says_so() {
    let two = Two::new().await;
    let mut content = meeting("Talk", 3);
    content.attendees = vec![bob()];
    let event = two.world.create(two.main, content).await;
    two.world.pass().await;
    let wish = EventMove { notify: NotifyAttendees::Everybody, ..two.wish(event.id) };
    two.world.engine.move_event(wish).await.unwrap();
    two.settle().await;
    let mails = two.world.google.outbox();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["to"], json!(["bob@example.com"]));
}

#[tokio::test]
async fn a_series_moves_with_what_was_edited_of_it() {
    let two = Two::new().await;
    let mut series = meeting("Choir", 2);
    series.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=5").unwrap());
    let id = two.world.create(two.main, series).await.id;
    let shown = two.world.shown().await;
    let occurrence = |index: usize| EventTarget::Occurrence { key: shown[index].occurrence_of.unwrap() };
    let mut content = two.world.engine.event(occurrence(1)).await.unwrap().content;
    content.title = "Concert".into();
    let change =
        EventChange { target: occurrence(1), content, seen_revision: None, notify: NotifyAttendees::Nobody };
    two.world.engine.change_event(change).await.unwrap();
    two.world.engine.delete_event(occurrence(2), NotifyAttendees::Nobody).await.unwrap();
    two.world.pass().await;
    let before = two.world.titles().await;
    two.move_to_work(id).await;
    for _ in 0..4 {
        two.world.pass().await;
    }
    assert_eq!(two.world.titles().await, before);
    assert_eq!(two.at_work(), ["Choir", "Concert"]);
    assert!(two.world.remote_titles().is_empty());
    assert!(two.world.shown().await.iter().all(|shown| shown.calendar_id == two.work));
    assert!(two.world.engine.queue_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_move_whose_answer_is_lost_happens_once() {
    for effect in [Effect::DropAfter, Effect::DropBefore] {
        let two = Two::new().await;
        let event = two.world.create(two.main, meeting("Talk", 3)).await;
        two.world.pass().await;
        two.move_to_work(event.id).await;
        two.world.google.inject(Fault::new(effect).on("POST", "/move").times(1));
        two.settle().await;
        assert_eq!(two.at_work(), ["Talk"]);
        assert!(two.world.remote_titles().is_empty());
        assert_eq!(two.world.find("Talk").await.id, event.id);
    }
}

#[tokio::test]
async fn an_event_that_was_deleted_there_meanwhile_is_made_anew() {
    let two = Two::new().await;
    let event = two.world.create(two.main, meeting("Talk", 3)).await;
    two.world.pass().await;
    let id = two.world.remote("Talk")["id"].as_str().unwrap().to_owned();
    two.world.google.delete_event(ADA, &id);
    two.move_to_work(event.id).await;
    two.settle().await;
    assert_eq!(two.at_work(), ["Talk"]);
}

#[tokio::test]
async fn a_move_that_google_refuses_can_be_taken_back() {
    let two = Two::new().await;
    let event = two.world.create(two.main, meeting("Talk", 3)).await;
    two.world.pass().await;
    let answer = two.world.engine.move_event(two.wish(event.id)).await.unwrap();
    let MoveAnswer::Moved { receipt } = answer else { panic!("{answer:?}") };
    two.world.google.set_access(&two.remote_work, ADA, Some(AccessRole::Reader));
    let report = two.world.pass().await;
    assert_eq!(report.failed, 1);
    assert_eq!(two.world.remote_titles(), ["Talk"], "what cannot arrive does not leave");
    two.world.engine.undo(receipt.undo).await.unwrap();
    let report = two.world.pass().await;
    assert_eq!((report.failed, report.pending), (0, 0));
    assert_eq!(two.world.remote_titles(), ["Talk"]);
    assert_eq!(two.world.find("Talk").await.calendar_id, two.main);
}

#[tokio::test]
async fn a_move_that_is_taken_back_in_time_reaches_nobody() {
    let two = Two::new().await;
    let event = two.world.create(two.main, meeting("Talk", 3)).await;
    two.world.pass().await;
    two.world.google.clear_requests();
    let MoveAnswer::Moved { receipt } = two.world.engine.move_event(two.wish(event.id)).await.unwrap() else {
        panic!("it asks")
    };
    two.world.engine.undo(receipt.undo).await.unwrap();
    two.settle().await;
    assert_eq!(two.world.remote_titles(), ["Talk"]);
    assert_eq!((two.world.requests("POST"), two.world.requests("DELETE")), (0, 0));
}

#[tokio::test]
async fn a_move_whose_answer_is_lost_can_be_taken_back() {
    let two = Two::new().await;
    let event = two.world.create(two.main, meeting("Talk", 3)).await;
    two.world.pass().await;
    let MoveAnswer::Moved { receipt } = two.world.engine.move_event(two.wish(event.id)).await.unwrap() else {
        panic!("it asks")
    };
    two.world.google.inject(Fault::new(Effect::DropAfter).on("POST", "/move"));
    two.world.pass().await;
    assert_eq!(two.at_work(), ["Talk"], "it has arrived without our knowing");
    two.world.google.clear_faults();
    two.world.engine.undo(receipt.undo).await.unwrap();
    two.settle().await;
    assert_eq!(two.world.remote_titles(), ["Talk"]);
    assert_eq!(two.world.find("Talk").await.id, event.id);
}

#[tokio::test]
async fn what_is_deleted_before_its_move_is_sent_is_not_left_where_it_was() {
    let two = Two::new().await;
    let event = two.world.create(two.main, meeting("Talk", 3)).await;
    two.world.pass().await;
    two.move_to_work(event.id).await;
    two.world.delete(event.id).await;
    two.settle().await;
    assert!(two.world.remote_titles().is_empty() && two.at_work().is_empty());
}

#[tokio::test]
async fn a_move_at_google_is_a_move_here_whichever_calendar_is_read_first() {
    for is_read_backwards in [false, true] {
        let two = Two::new().await;
        let id = two.world.phone_adds("Talk", 3);
        two.world.pass().await;
        let event = two.world.find("Talk").await;
        assert_eq!(event.calendar_id, two.main);
        if is_read_backwards {
            // The calendar that it leaves cannot be read for now, so the other one is read first.
            two.world.google.inject(refusal(404).on("GET", "/events").times(1));
        }
        two.phone_moves(&id);
        two.settle().await;
        let moved = two.world.find("Talk").await;
        assert_eq!((moved.id, moved.calendar_id), (event.id, two.work), "backwards: {is_read_backwards}");
        assert_eq!(two.world.shown().await.len(), 1);
        two.world.change(event.id, |content| content.title = "Long talk".into()).await;
        two.settle().await;
        assert_eq!(two.at_work(), ["Long talk"]);
    }
}

#[tokio::test]
async fn moving_many_at_google_asks_nobody() {
    let two = Two::new().await;
    let moved: Vec<_> = (1..=20).map(|day| two.world.phone_adds(&format!("Talk {day:02}"), day)).collect();
    two.world.pass().await;
    let before: Vec<_> = two.world.shown().await.into_iter().map(|shown| shown.event_id).collect();
    for id in &moved {
        two.phone_moves(id);
    }
    two.settle().await;
    assert!(two.world.engine.reviews().await.unwrap().is_empty(), "nothing was deleted");
    let shown = two.world.shown().await;
    assert!(shown.iter().all(|shown| shown.calendar_id == two.work));
    assert_eq!(shown.into_iter().map(|shown| shown.event_id).collect::<Vec<_>>(), before);
}

#[tokio::test]
async fn an_event_that_is_edited_here_while_it_is_moved_at_google_is_there_once_with_both() {
    let two = Two::new().await;
    let id = two.world.phone_adds("Talk", 3);
    two.world.pass().await;
    let event = two.world.find("Talk").await;
    two.world.change(event.id, |content| content.title = "Long talk".into()).await;
    two.phone_moves(&id);
    let mut there = two.world.google.find(&two.remote_work, &id).unwrap();
    there["location"] = json!("Room 12");
    two.world.google.put_event(&two.remote_work, there);
    two.settle().await;
    assert_eq!((two.at_work(), two.world.remote_titles()), (vec!["Long talk".to_owned()], Vec::new()));
    let there = two.world.google.find(&two.remote_work, &id).unwrap();
    assert_eq!((&there["summary"], &there["location"]), (&json!("Long talk"), &json!("Room 12")));
    let moved = two.world.find("Long talk").await;
    assert_eq!((moved.id, moved.calendar_id), (event.id, two.work));
    assert_eq!(two.world.standing(event.id).await.conflict_data, None, "both are kept");
}

#[tokio::test]
async fn a_meeting_in_two_calendars_is_not_a_move() {
    let two = Two::new().await;
    let id = two.world.phone_adds("Talk", 3);
    two.world.pass().await;
    let mut copy = two.world.google.find(ADA, &id).unwrap();
    for field in ["etag", "organizer", "creator", "updated", "created", "htmlLink", "sequence", "kind"] {
        copy.as_object_mut().unwrap().remove(field);
    }
    two.world.google.put_event(&two.remote_work, copy);
    two.settle().await;
    assert_eq!(two.world.titles().await, ["Talk", "Talk"]);
}

#[tokio::test]
async fn between_accounts_a_copy_is_made_before_anything_is_deleted() {
    let two = Two::new().await;
    let private = two.at_bea().await;
    let mut content = meeting("Talk", 3);
    content.attendees = vec![bob()];
    let event = two.world.create(two.main, content).await;
    two.world.pass().await;

    let wish = EventMove { calendar_id: private, ..two.wish(event.id) };
    let asked = two.world.engine.move_event(wish.clone()).await.unwrap();
    assert!(matches!(asked, MoveAnswer::Confirm { .. }), "{asked:?}");
    let confirmed = EventMove { confirmed: true, ..wish };
    two.world.engine.move_event(confirmed).await.unwrap();
    two.world.google.inject(refusal(400).on("POST", "/events").times(1));
    two.world.pass().await;
    assert_eq!(two.world.remote_titles(), ["Talk"], "the copy was refused, so nothing is deleted");

    let refused = two.world.engine.queue_list().await.unwrap();
    for item in refused {
        two.world.engine.queue_retry(item.id).await.unwrap();
    }
    for _ in 0..3 {
        two.world.pass().await;
    }
    assert!(two.world.remote_titles().is_empty());
    let copies = two.world.google.events(BEA);
    assert_eq!(titles(&copies), ["Talk"]);
    assert_eq!(copies[0]["attendees"], json!(null), "nobody is invited twice");
    assert!(two.world.google.outbox().is_empty());
    assert_eq!(two.world.find("Talk").await.id, event.id);
}

/// Whoever edits one evening with the phone has not seen that the series was to leave, and then was deleted.
#[tokio::test]
async fn an_edit_of_an_occurrence_brings_back_a_series_that_was_deleted_where_it_was_moved_to() {
    let two = Two::new().await;
    let private = two.at_bea().await;
    let mut choir = meeting("Choir", 2);
    choir.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;COUNT=3").unwrap());
    let choir = two.world.create(two.main, choir).await.id;
    two.world.pass().await;
    let series = two.world.google.events(ADA)[0]["id"].as_str().unwrap().to_owned();

    let wish = EventMove { calendar_id: private, confirmed: true, ..two.wish(choir) };
    two.world.engine.move_event(wish).await.unwrap();
    two.world.delete(choir).await;
    let evening = format!("{series}_20261109T080000Z");
    two.world.phone_changes(&evening, json!({ "summary": "Concert" }));
    for _ in 0..3 {
        two.world.pass().await;
    }
    let last = two.world.pass().await;
    assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0));
    assert!(two.world.remote_titles().is_empty(), "it has left where it was");
    assert_eq!(titles(&two.world.google.events(BEA)), ["Choir", "Concert"]);
    assert_eq!(two.world.titles().await, ["Choir", "Choir", "Concert"]);
}
