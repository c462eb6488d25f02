use chrono::{NaiveDate, TimeDelta};
use synodic_model::sync::SyncDirection;
use synodic_model::{
    CalendarId, IntegrationId, LinkId, OriginalStart, Recurrence, RemoteCalendarId, When, ZonedTime,
};
use synodic_providers::{Identity, Marker, RemoteOccurrence};
use uuid::Uuid;

use super::*;
use crate::queue::unsent;

mod series;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn terms() -> Terms {
    let link = Link {
        id: LinkId::new(Uuid::from_u128(1)),
        calendar_id: CalendarId::new(Uuid::from_u128(2)),
        integration_id: IntegrationId::new(Uuid::from_u128(3)),
        remote_calendar_id: RemoteCalendarId::new("ada@example.com"),
        remote_name: "Ada".into(),
        direction: SyncDirection::Bidirectional,
        settings: serde_json::Value::Null,
        cursor: Some("c1".into()),
        generation: 1,
        webhook: None,
        last_pulled_at: Some(NOW),
    };
    Terms {
        link,
        provider: ProviderKind::Google,
        expressible: FieldSet::ALL,
        policy: Policy::LastWriteWins,
        skew: TimeDelta::zero(),
        keeps_missing: false,
        strangers: Arc::default(),
        in_doubt: BTreeMap::new(),
        deletions_in_doubt: BTreeSet::new(),
        run: None,
        asked_at: NOW,
        now: NOW,
    }
}

fn at(day: u32) -> ZonedTime {
    let local = NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(9, 0, 0).unwrap();
    ZonedTime::new(local, chrono_tz::Europe::Berlin)
}

fn content(title: &str) -> EventContent {
    let end = ZonedTime::new(at(2).local + TimeDelta::hours(1), at(2).zone);
    EventContent::new(title, When::Zoned { start: at(2), end })
}

fn series(title: &str) -> EventContent {
    EventContent { recurrence: Some(Recurrence::from_rule("FREQ=WEEKLY").unwrap()), ..content(title) }
}

fn remote(id: &str, version: &str, content: EventContent) -> RemoteEvent {
    RemoteEvent {
        id: ExternalId::new(id),
        version: RemoteVersion::new(version),
        uid: Some(format!("{id}@example.com")),
        marker: None,
        occurrence_of: None,
        content,
        updated_at: Some(NOW + TimeDelta::hours(1)),
        read_only: false,
        warnings: Vec::new(),
    }
}

fn occurrence(id: &str, of: &str, day: u32, content: EventContent) -> RemoteEvent {
    let original_start = OriginalStart::Zoned { time: at(day) };
    RemoteEvent {
        uid: Some(format!("{of}@example.com")),
        occurrence_of: Some(RemoteOccurrence { series: ExternalId::new(of), original_start }),
        ..remote(id, "v1", content)
    }
}

fn conflicts(plan: &Plan<'_>) -> Vec<EventId> {
    plan.conflicts.keys().copied().collect()
}

fn present(event: RemoteEvent) -> RemoteChange {
    RemoteChange::Present(Box::new(event))
}

fn removed(id: &str) -> RemoteChange {
    RemoteChange::Removed { id: ExternalId::new(id) }
}

fn event(number: u128, content: EventContent) -> Event {
    Event {
        id: EventId::new(Uuid::from_u128(number)),
        calendar_id: terms().link.calendar_id,
        uid: format!("{number}@synodic"),
        occurrence_of: None,
        content,
        revision: Revision(1),
        created_at: NOW,
        updated_at: NOW,
        deleted_at: None,
    }
}

/// The row of an event on which both sides agree.
fn synced(event: &Event, external: &str, version: &str) -> EventSync {
    EventSync {
        external_id: Some(ExternalId::new(external)),
        remote_version: Some(RemoteVersion::new(version)),
        base: Some(event.content.clone()),
        local_version: event.revision,
        status: EventSyncStatus::Synced,
        ..unsent(event.id, &terms().link)
    }
}

fn rows(known: &[(&Event, Option<EventSync>)]) -> Rows {
    let mut rows = Rows::default();
    for (event, row) in known {
        rows.add_event((*event).clone());
        if let Some(row) = row {
            rows.add_sync(row.clone());
        }
    }
    rows
}

fn planned(terms: &Terms, rows: Rows, changes: Vec<RemoteChange>) -> Plan<'_> {
    let mut next = 1000;
    let mut new_id = || {
        next += 1;
        EventId::new(Uuid::from_u128(next))
    };
    plan(terms, rows, changes, &mut new_id)
}

#[test]
fn what_is_new_there_is_taken_and_told_to_the_others() {
    let terms = terms();
    let plan = planned(&terms, Rows::default(), vec![present(remote("e1", "v1", content("Lunch")))]);
    let (events, rows) = (plan.events(), plan.syncs());
    assert_eq!((events.len(), rows.len(), plan.tally.created), (1, 1, 1));
    assert_eq!((events[0].content.title.as_str(), events[0].uid.as_str()), ("Lunch", "e1@example.com"));
    assert_eq!(rows[0].status, EventSyncStatus::Synced);
    assert_eq!(
        (rows[0].local_version, rows[0].base.as_ref()),
        (events[0].revision, Some(&events[0].content))
    );
    assert!(plan.send.is_empty(), "never back to where it came from");
    assert_eq!(plan.spread.get(&events[0].id), Some(&Operation::Upsert));
}

#[test]
fn an_echo_writes_nothing() {
    let terms = terms();
    let known = event(1, content("Lunch"));
    let mut row = synced(&known, "e1", "v1");
    row.generation = terms.link.generation;
    let echo = present(remote("e1", "v1", content("Lunch")));
    let plan = planned(&terms, rows(&[(&known, Some(row.clone()))]), vec![echo.clone()]);
    assert!(plan.events().is_empty() && plan.syncs().is_empty());
    assert!(plan.send.is_empty() && plan.spread.is_empty());

    row.generation = 0;
    let listed = planned(&terms, rows(&[(&known, Some(row))]), vec![echo]);
    assert_eq!(listed.syncs().len(), 1, "a listing notes that it has named the event");
    assert!(listed.events().is_empty());
}

#[test]
fn what_the_remote_has_rounded_off_is_nobodys_edit() {
    let terms = terms();
    let known = event(1, content("Lunch "));
    let row = EventSync { base: Some(content("Lunch")), ..synced(&known, "e1", "v1") };
    let mut changed = content("Lunch");
    changed.location = "Canteen".into();
    let plan = planned(&terms, rows(&[(&known, Some(row))]), vec![present(remote("e1", "v2", changed))]);
    let taken = &plan.events()[0].content;
    assert_eq!((taken.title.as_str(), taken.location.as_str()), ("Lunch ", "Canteen"));
    assert!(plan.send.is_empty());
    assert_eq!(plan.tally.conflicts, 0);
}

#[test]
fn what_the_remote_has_rounded_off_goes_when_it_is_deleted_there() {
    let terms = terms();
    let known = event(1, content("Lunch "));
    let row = EventSync { base: Some(content("Lunch")), ..synced(&known, "e1", "v1") };
    let plan = planned(&terms, rows(&[(&known, Some(row.clone()))]), vec![removed("e1")]);
    assert!(plan.removed.contains(&known.id), "nobody has edited it");

    let edited = Event { revision: known.revision.next(), ..known };
    let plan = planned(&terms, rows(&[(&edited, Some(row))]), vec![removed("e1")]);
    assert!(plan.removed.is_empty());
    assert_eq!(conflicts(&plan), [edited.id]);
}

#[test]
fn a_series_may_stand_behind_its_overrides() {
    let terms = terms();
    let changes = vec![
        present(occurrence("e1_x", "e1", 9, content("Moved"))),
        present(remote("e1", "v1", series("Choir"))),
    ];
    let plan = planned(&terms, Rows::default(), changes);
    assert!(plan.held.is_empty());
    let events = plan.events();
    let master = events.iter().find(|event| event.occurrence_of.is_none()).unwrap();
    let moved = events.iter().find(|event| event.occurrence_of.is_some()).unwrap();
    assert_eq!(moved.occurrence_of.unwrap().series_id, master.id);
    assert_eq!(moved.uid, master.uid);
}

#[test]
fn an_override_without_its_series_is_held() {
    let terms = terms();
    let plan = planned(&terms, Rows::default(), vec![present(occurrence("e1_x", "e1", 9, content("Moved")))]);
    assert_eq!(plan.held.len(), 1);
    assert!(plan.events().is_empty());
}

#[test]
fn a_cancelled_occurrence_is_as_the_series_made_it_but_called_off() {
    let terms = terms();
    let master = event(1, series("Choir"));
    let mut bare = content("");
    bare.status = EventStatus::Cancelled;
    let known = rows(&[(&master, Some(synced(&master, "e1", "v1")))]);
    let plan = planned(&terms, known, vec![present(occurrence("e1_x", "e1", 9, bare))]);
    let gone = &plan.events()[0];
    assert_eq!((gone.content.title.as_str(), gone.content.status), ("Choir", EventStatus::Cancelled));
    assert_eq!(gone.content.when.original_start(), OriginalStart::Zoned { time: at(9) });
}

#[test]
fn our_own_mark_finds_a_creation_whose_answer_was_lost() {
    let terms = terms();
    let ours = event(1, content("Once"));
    let row = EventSync { local_version: Revision(1), ..unsent(ours.id, &terms.link) };
    let identity = Identity { event_id: ours.id, link: terms.link.id.uuid(), incarnation: 0 };
    let found = RemoteEvent { marker: Some(Marker { identity }), ..remote("e1", "v1", content("Once")) };
    let plan = planned(&terms, rows(&[(&ours, Some(row.clone()))]), vec![present(found.clone())]);
    assert!(plan.events().is_empty(), "no twin");
    assert_eq!(plan.syncs()[0].external_id, Some(ExternalId::new("e1")));
    assert_eq!(plan.syncs()[0].status, EventSyncStatus::Synced);

    let deleted = Event { deleted_at: Some(NOW), revision: Revision(2), ..ours };
    let row = EventSync { status: EventSyncStatus::Synced, ..row };
    let plan = planned(&terms, rows(&[(&deleted, Some(row))]), vec![present(found)]);
    assert!(plan.events().is_empty(), "what was deleted here does not come back");
    assert_eq!(plan.send.get(&deleted.id), Some(&Operation::Delete));
}

#[test]
fn the_same_uid_is_the_same_event_unless_the_remote_has_it_already() {
    let terms = terms();
    let ours = Event { uid: "e1@example.com".into(), ..event(1, content("Known")) };
    let adopted =
        planned(&terms, rows(&[(&ours, None)]), vec![present(remote("e1", "v1", content("Known")))]);
    assert!(adopted.events().is_empty());
    assert_eq!(adopted.syncs()[0].event_id, ours.id);

    let taken = rows(&[(&ours, Some(synced(&ours, "first", "v1")))]);
    let copy = planned(&terms, taken, vec![present(remote("e1", "v1", content("Known")))]);
    assert_eq!(copy.events().len(), 1, "a second one at the remote is a second one here");
}

#[test]
fn a_link_that_only_pushes_goes_on_from_what_is_there_and_takes_nothing() {
    let mut terms = terms();
    terms.link.direction = SyncDirection::PushOnly;
    let ours = event(1, content("Ours"));
    let known = rows(&[(&ours, Some(synced(&ours, "e1", "v1")))]);
    let plan = planned(&terms, known.clone(), vec![present(remote("e1", "v2", content("Theirs")))]);
    assert!(plan.events().is_empty());
    assert_eq!(plan.syncs()[0].remote_version, Some(RemoteVersion::new("v2")));
    assert_eq!(plan.send.get(&ours.id), Some(&Operation::Upsert));
    let plan = planned(&terms, known, vec![removed("e1")]);
    assert!(plan.removed.is_empty());
    assert_eq!(plan.send.get(&ours.id), Some(&Operation::Upsert));
}

#[test]
fn the_same_plan_comes_of_a_page_in_any_order() {
    let terms = terms();
    let (kept, changed, gone) = (event(1, content("A")), event(2, content("B")), event(3, content("C")));
    let known = rows(&[
        (&kept, Some(synced(&kept, "a", "v1"))),
        (&changed, Some(synced(&changed, "b", "v1"))),
        (&gone, Some(synced(&gone, "c", "v1"))),
    ]);
    let page = vec![
        present(remote("a", "v1", content("A"))),
        present(remote("b", "v2", content("B, changed"))),
        removed("c"),
        RemoteChange::Unreadable { id: None, reason: "…".into() },
    ];
    let first = planned(&terms, known.clone(), page.clone());
    let expected = (first.events(), first.syncs(), first.removed.clone(), first.tally);
    for start in 1..page.len() {
        let mut turned = page.clone();
        turned.rotate_left(start);
        let plan = planned(&terms, known.clone(), turned);
        assert_eq!((plan.events(), plan.syncs(), plan.removed.clone(), plan.tally), expected);
    }
    assert_eq!(first.tally.unreadable, 1);
}

#[test]
fn what_cannot_be_read_is_there_all_the_same() {
    let mut terms = terms();
    let kept = event(1, content("A"));
    let known = rows(&[(&kept, Some(synced(&kept, "a", "v1")))]);
    terms.link.generation += 1;
    let page = vec![RemoteChange::Unreadable { id: Some(ExternalId::new("a")), reason: "…".into() }];
    let plan = planned(&terms, known, page);
    assert_eq!(plan.tally.unreadable, 1);
    assert!(plan.events().is_empty() && plan.removed.is_empty());
    let named = plan.syncs();
    assert_eq!((named.len(), named[0].generation), (1, terms.link.generation));
}

fn moved(event: Event) -> Event {
    let revision = event.revision.next();
    Event { calendar_id: CalendarId::new(Uuid::from_u128(77)), revision, ..event }
}

#[test]
fn an_edit_where_an_event_was_is_heard_beside_the_unsent_one_where_it_is() {
    let terms = terms();
    let base = content("Lunch");
    let before = event(9, base.clone());
    let row = EventSync { status: EventSyncStatus::Pending, ..synced(&before, "e1", "v1") };
    let here = moved(Event { content: EventContent { title: "Dinner".into(), ..base.clone() }, ..before });
    let there = EventContent { location: "Roof".into(), ..base };
    let known = rows(&[(&here, Some(row))]);
    let plan = planned(&terms, known, vec![present(remote("e1", "v2", there.clone()))]);
    let events = plan.events();
    assert_eq!((events[0].content.title.as_str(), events[0].content.location.as_str()), ("Dinner", "Roof"));
    assert_eq!(events[0].calendar_id, here.calendar_id);
    assert_eq!(plan.spread.get(&here.id), Some(&Operation::Upsert), "where it is now hears of it");
    assert_eq!(plan.syncs()[0].base, Some(there), "and where it was it is deleted as it is there");
    assert!(conflicts(&plan).is_empty());
}

#[test]
fn what_loses_where_an_event_was_edited_before_it_left_is_kept() {
    let terms = terms();
    let before = event(9, content("Lunch"));
    let row = EventSync { status: EventSyncStatus::Pending, ..synced(&before, "e1", "v1") };
    let here = moved(Event { content: content("Dinner"), ..before });
    let plan =
        planned(&terms, rows(&[(&here, Some(row))]), vec![present(remote("e1", "v2", content("Tea")))]);
    assert_eq!(plan.events()[0].content.title, "Tea");
    let kept = plan.conflicts.get(&here.id).unwrap();
    assert_eq!(kept.local.as_ref().map(|content| content.title.as_str()), Some("Dinner"));
}

#[test]
fn an_edited_event_stays_when_it_is_deleted_where_nothing_is_sent() {
    let mut terms = terms();
    terms.link.direction = SyncDirection::PullOnly;
    let fed = event(9, content("Lunch"));
    let row = synced(&fed, "e1", "v1");
    let edited = Event { content: content("Dinner"), revision: Revision(2), ..fed.clone() };
    let plan = planned(&terms, rows(&[(&edited, Some(row.clone()))]), vec![removed("e1")]);
    assert!(plan.events().is_empty() && plan.dropped_syncs.contains(&edited.id));
    assert_eq!(conflicts(&plan), [edited.id]);

    let plan = planned(&terms, rows(&[(&fed, Some(row))]), vec![removed("e1")]);
    assert!(plan.events()[0].deleted_at.is_some(), "what nobody has edited goes");
}

#[test]
fn what_comes_back_here_while_its_deletion_is_under_way_is_made_again() {
    let id = ExternalId::new("e1");
    let terms = Terms { deletions_in_doubt: BTreeSet::from([id]), ..terms() };
    let known = event(1, content("Lunch"));
    let row = synced(&known, "e1", "v1");
    let restored = Event { revision: Revision(3), ..known };
    let plan = planned(&terms, rows(&[(&restored, Some(row))]), vec![removed("e1")]);
    assert_eq!(plan.send.get(&restored.id), Some(&Operation::Upsert));
    assert_eq!((plan.tally.deleted, plan.syncs()[0].external_id.as_ref()), (0, None));
}

#[test]
fn what_was_perhaps_deleted_there_as_it_was_written_and_is_taken_back_here_stays() {
    let written = |title| BTreeMap::from([(ExternalId::new("e1"), vec![content(title)])]);
    let known = event(1, content("Lunch"));
    let row = synced(&known, "e1", "v1");
    let taken_back = Event { revision: Revision(3), ..known.clone() };
    let taken_back = || rows(&[(&taken_back, Some(row.clone()))]);
    let wrote = Terms { in_doubt: written("Dinner"), ..terms() };
    let plan = planned(&wrote, taken_back(), vec![removed("e1")]);
    assert_eq!((plan.send.get(&known.id), plan.tally.deleted), (Some(&Operation::Upsert), 0));
    assert_eq!(conflicts(&plan), [known.id]);

    let wrote_the_same = Terms { in_doubt: written("Lunch"), ..terms() };
    let plan = planned(&wrote_the_same, taken_back(), vec![removed("e1")]);
    assert_eq!(plan.tally.deleted, 1, "whoever deleted it has seen all that it says");
}

#[test]
fn what_was_perhaps_written_over_there_and_is_taken_back_here_is_kept() {
    let in_doubt = BTreeMap::from([(ExternalId::new("e1"), vec![content("Dinner")])]);
    let terms = Terms { in_doubt, ..terms() };
    let known = event(1, content("Lunch"));
    let row = synced(&known, "e1", "v1");
    let taken_back = Event { revision: Revision(3), ..known };
    let change = present(remote("e1", "v2", content("Supper")));
    let plan = planned(&terms, rows(&[(&taken_back, Some(row))]), vec![change]);
    let kept = plan.conflicts.get(&taken_back.id).unwrap();
    let titles = [&kept.local, &kept.remote].map(|side| side.as_ref().unwrap().title.as_str());
    assert_eq!(titles, ["Lunch", "Supper"]);
}
