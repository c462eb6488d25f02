//! Series, and what was said of single occurrences.

use synodic_model::{Attendee, Field, ResponseStatus};

use super::*;

/// A series whose occurrence of the ninth says something of its own.
fn with_occurrence(content: EventContent) -> (Event, Event) {
    let master = event(1, series("Choir"));
    let key = OccurrenceKey { series_id: master.id, original_start: OriginalStart::Zoned { time: at(9) } };
    let own = Event { occurrence_of: Some(key), ..event(2, content) };
    (master, own)
}

fn on_the_ninth(title: &str) -> EventContent {
    let end = ZonedTime::new(at(9).local + TimeDelta::hours(1), at(9).zone);
    EventContent { when: When::Zoned { start: at(9), end }, ..content(title) }
}

#[test]
fn a_series_takes_its_overrides_along() {
    let terms = terms();
    let (master, moved) = with_occurrence(content("Moved"));
    let known = [(&master, Some(synced(&master, "e1", "v1"))), (&moved, Some(synced(&moved, "e1_x", "v1")))];
    let plan = planned(&terms, rows(&known), vec![removed("e1")]);
    assert_eq!(plan.removed, [master.id, moved.id].into());
    assert_eq!(plan.dropped_syncs, [master.id, moved.id].into());
    assert_eq!(plan.tally.deleted, 1);
    assert!(plan.send.is_empty());
}

#[test]
fn a_series_with_an_unsent_edit_of_an_occurrence_is_made_again() {
    let terms = terms();
    let (master, edited) = with_occurrence(content("Edited"));
    let edited = Event { revision: Revision(2), ..edited };
    let row = EventSync {
        base: Some(content("Before")),
        local_version: Revision(1),
        ..synced(&edited, "e1_x", "v1")
    };
    let known = [(&master, Some(synced(&master, "e1", "v1"))), (&edited, Some(row))];
    let plan = planned(&terms, rows(&known), vec![removed("e1")]);
    assert!(plan.removed.is_empty());
    assert_eq!(plan.send.keys().copied().collect::<Vec<_>>(), [master.id, edited.id]);
    for row in plan.syncs() {
        assert_eq!((row.external_id, row.incarnation), (None, 1));
    }
    assert_eq!(conflicts(&plan), [master.id]);
}

#[test]
fn an_edited_occurrence_survives_being_called_off_and_the_reverse() {
    let terms = terms();
    let (master, edited) = with_occurrence(content("Edited"));
    let called_off = |title: &str| EventContent { status: EventStatus::Cancelled, ..content(title) };
    let base = |row: EventSync| EventSync {
        base: Some(content("Before")),
        local_version: Revision(1),
        remote_version: Some(RemoteVersion::new("v0")),
        ..row
    };

    let edited = Event { revision: Revision(2), ..edited };
    let known =
        [(&master, Some(synced(&master, "e1", "v1"))), (&edited, Some(base(synced(&edited, "e1_x", "v0"))))];
    let plan = planned(&terms, rows(&known), vec![present(occurrence("e1_x", "e1", 9, called_off("")))]);
    assert!(plan.events().is_empty(), "it stays as it was edited");
    assert_eq!(plan.send.get(&edited.id), Some(&Operation::Upsert));
    assert_eq!(conflicts(&plan), [edited.id]);

    let off = Event { content: called_off("Before"), ..edited };
    let known =
        [(&master, Some(synced(&master, "e1", "v1"))), (&off, Some(base(synced(&off, "e1_x", "v0"))))];
    let plan = planned(&terms, rows(&known), vec![present(occurrence("e1_x", "e1", 9, content("Theirs")))]);
    let back = &plan.events()[0].content;
    assert_eq!((back.title.as_str(), back.status), ("Theirs", EventStatus::Confirmed));
    assert_eq!(conflicts(&plan), [off.id]);
}

#[test]
fn an_occurrence_edited_where_its_series_was_goes_where_the_series_is() {
    let terms = terms();
    let before = event(9, series("Stand-up"));
    let row = EventSync { status: EventSyncStatus::Pending, ..synced(&before, "s1", "v1") };
    let here = moved(before);
    let edited = occurrence("s1_9", "s1", 9, content("Retro"));
    let plan = planned(&terms, rows(&[(&here, Some(row))]), vec![present(edited)]);
    let events = plan.events();
    assert_eq!((events.len(), events[0].calendar_id), (1, here.calendar_id));
    assert_eq!(plan.spread.get(&events[0].id), Some(&Operation::Upsert));
    assert_eq!(plan.send.get(&events[0].id), Some(&Operation::Delete), "nothing of it stays where it was");
}

#[test]
fn an_edited_occurrence_that_the_person_is_to_decide_about_outlives_its_series() {
    let terms = Terms { policy: Policy::Ask, ..terms() };
    let (master, edited) = with_occurrence(content("Edited"));
    let conflict_data = ConflictData {
        found_at: NOW,
        base: Some(content("Before")),
        local: Some(edited.content.clone()),
        remote: None,
        fields: vec![Field::Status],
        open: true,
    };
    let row = EventSync {
        base: Some(content("Before")),
        conflict_data: Some(conflict_data),
        ..synced(&edited, "e1_x", "v1")
    };
    let known = [(&master, Some(synced(&master, "e1", "v1"))), (&edited, Some(row))];
    let plan = planned(&terms, rows(&known), vec![removed("e1")]);
    assert!(plan.removed.is_empty());
    assert_eq!(plan.send.keys().copied().collect::<Vec<_>>(), [master.id, edited.id]);
}

#[test]
fn an_edit_there_outlives_its_series_although_another_remote_has_called_it_off() {
    let terms = terms();
    let (mut master, mut off) =
        with_occurrence(EventContent { status: EventStatus::Cancelled, ..content("Choir") });
    (master.deleted_at, off.deleted_at) = (Some(NOW), Some(NOW));
    let row = EventSync { local_version: Revision(0), ..synced(&master, "e1", "v1") };
    let known = [(&master, Some(row)), (&off, None)];
    let edited = occurrence("e1_x", "e1", 9, on_the_ninth("Theirs"));
    let plan = planned(&terms, rows(&known), vec![present(edited)]);
    let back: Vec<_> =
        plan.events().into_iter().map(|event| (event.id, event.content.title, event.deleted_at)).collect();
    assert_eq!(back, [(master.id, "Choir".to_owned(), None), (off.id, "Theirs".to_owned(), None)]);

    // What only says what its series says there is nobody's edit, and goes with it.
    let plain = occurrence("e1_x", "e1", 9, on_the_ninth("Choir"));
    let plan = planned(&terms, rows(&known), vec![present(plain)]);
    assert!(plan.events().is_empty());
}

#[test]
fn a_series_that_comes_back_brings_along_what_another_remote_has_called_off_of_it() {
    let terms = terms();
    let (mut master, mut off) =
        with_occurrence(EventContent { status: EventStatus::Cancelled, ..content("Choir") });
    let row = synced(&master, "e1", "v1");
    (master.deleted_at, off.deleted_at) = (Some(NOW), Some(NOW));
    // What went before the series did has no place in it any more.
    let key = OccurrenceKey { series_id: master.id, original_start: OriginalStart::Zoned { time: at(16) } };
    let before = Some(NOW - TimeDelta::hours(1));
    let former = Event { occurrence_of: Some(key), deleted_at: before, ..event(3, content("Former")) };
    let known = rows(&[(&master, Some(row)), (&off, None), (&former, None)]);
    let plan = planned(&terms, known, vec![present(remote("e1", "v2", series("Orchestra")))]);
    let back: Vec<_> = plan.events().into_iter().map(|event| (event.id, event.deleted_at)).collect();
    assert_eq!(back, [(master.id, None), (off.id, None)]);
    assert_eq!(plan.send.get(&off.id), Some(&Operation::Upsert), "it is off here as well");
}

/// What was deleted by itself stays in the calendar that its series has left since.
#[test]
fn what_the_remote_still_has_comes_back_with_its_series_where_that_is_and_has_a_place_for_it() {
    let terms = terms();
    let (mut master, _) = with_occurrence(content("Choir"));
    master.deleted_at = Some(NOW);
    let former = |number, day| {
        let original_start = OriginalStart::Zoned { time: at(day) };
        let key = OccurrenceKey { series_id: master.id, original_start };
        let own = moved(event(number, content("Former")));
        Event { occurrence_of: Some(key), deleted_at: Some(NOW), ..own }
    };
    let (kept, without_place) = (former(2, 16), former(3, 17));
    let [kept_row, other_row] =
        [(&kept, "e1_x"), (&without_place, "e1_y")].map(|(event, id)| Some(synced(event, id, "v1")));
    let known =
        [(&master, Some(synced(&master, "e1", "v1"))), (&kept, kept_row), (&without_place, other_row)];
    let plan = planned(&terms, rows(&known), vec![present(remote("e1", "v2", series("Orchestra")))]);
    let back: Vec<_> = plan.events().into_iter().map(|event| (event.id, event.calendar_id)).collect();
    assert_eq!(back, [(master.id, master.calendar_id), (kept.id, master.calendar_id)]);
}

#[test]
fn an_edit_where_a_deleted_series_was_brings_it_back_where_it_was_last() {
    let terms = terms();
    let (master, own) = with_occurrence(content("Retro"));
    let gone = |event: &Event| Event { deleted_at: Some(NOW), ..moved(event.clone()) };
    let (gone_master, gone_own) = (gone(&master), gone(&own));
    let series = (&gone_master, Some(synced(&master, "s1", "v1")));
    let occurrence_before = (&gone_own, Some(synced(&own, "s1_9", "v0")));
    for known in [vec![series.clone()], vec![series, occurrence_before]] {
        let edited = occurrence("s1_9", "s1", 9, on_the_ninth("Theirs"));
        let plan = planned(&terms, rows(&known), vec![present(edited)]);
        let events = plan.events();
        let back: Vec<_> =
            events.iter().map(|event| (event.content.title.as_str(), event.deleted_at)).collect();
        assert_eq!(back, [("Choir", None), ("Theirs", None)]);
        assert!(events.iter().all(|event| event.calendar_id == gone_master.calendar_id));
        let heard: Vec<_> = events.iter().map(|event| plan.spread.get(&event.id).copied()).collect();
        assert_eq!(heard, [Some(Operation::Upsert); 2], "where it was last hears of both");
        assert!(plan.conflicts.contains_key(&master.id), "that it was deleted is kept");
    }
}

#[test]
fn an_occurrence_edited_here_follows_what_is_changed_there_for_all() {
    let terms = terms();
    let (master, own) = with_occurrence(EventContent { location: "Hall".into(), ..on_the_ninth("Choir") });
    let renamed = || vec![present(remote("e1", "v2", series("Orchestra")))];
    let known = [(&master, Some(synced(&master, "e1", "v1"))), (&own, None)];
    let plan = planned(&terms, rows(&known), renamed());
    let said: Vec<_> =
        plan.events().into_iter().map(|event| (event.content.title, event.content.location)).collect();
    let renamed_to = |place: &str| ("Orchestra".to_owned(), place.to_owned());
    assert_eq!(said, [renamed_to(""), renamed_to("Hall")]);
    assert_eq!(plan.spread.keys().copied().collect::<Vec<_>>(), [master.id, own.id]);

    // What the service has of it as well, it says itself.
    let known = [(&master, Some(synced(&master, "e1", "v1"))), (&own, Some(synced(&own, "e1_x", "v1")))];
    let plan = planned(&terms, rows(&known), renamed());
    assert_eq!(plan.events().into_iter().map(|event| event.id).collect::<Vec<_>>(), [master.id]);
}

#[test]
fn nobody_else_is_told_that_an_occurrence_is_off_which_the_series_does_not_have() {
    let terms = terms();
    let master = event(1, series("Choir"));
    let known = [(&master, Some(synced(&master, "e1", "v1")))];
    let told = |day| {
        let off = EventContent { status: EventStatus::Cancelled, ..content("") };
        let plan = planned(&terms, rows(&known), vec![present(occurrence("e1_x", "e1", day, off))]);
        (plan.events().len(), plan.spread.len())
    };
    assert_eq!((told(9), told(10)), ((1, 1), (1, 0)));
}

#[test]
fn an_occurrence_perhaps_called_off_there_as_it_was_written_and_taken_back_here_takes_place() {
    let in_doubt = BTreeMap::from([(ExternalId::new("e1_x"), vec![on_the_ninth("Ours")])]);
    let terms = Terms { in_doubt, ..terms() };
    let (master, own) = with_occurrence(on_the_ninth("Before"));
    let row = synced(&own, "e1_x", "v0");
    let taken_back = Event { revision: Revision(3), ..own };
    let known = [(&master, Some(synced(&master, "e1", "v1"))), (&taken_back, Some(row))];
    let off = EventContent { status: EventStatus::Cancelled, ..on_the_ninth("Ours") };
    let plan = planned(&terms, rows(&known), vec![present(occurrence("e1_x", "e1", 9, off))]);
    assert_eq!(plan.rows.event(taken_back.id).map(|own| own.content.clone()), Some(on_the_ninth("Before")));
    assert_eq!(plan.send.get(&taken_back.id), Some(&Operation::Upsert));
}

#[test]
fn what_is_said_at_a_copy_of_an_occurrence_leaves_its_guests_invited() {
    let terms = terms();
    let attendee = Attendee {
        email: "bea@example.com".into(),
        name: String::new(),
        optional: false,
        resource: false,
        response: ResponseStatus::NeedsAction,
        is_self: false,
    };
    let inviting = |content| EventContent { attendees: vec![attendee.clone()], ..content };
    let (mut master, plain) = with_occurrence(inviting(on_the_ninth("Choir")));
    let copied = synced(&master, "e1", "v1");
    master.content = inviting(master.content);
    let there = occurrence("e1_x", "e1", 9, on_the_ninth("Concert"));
    let plan = planned(&terms, rows(&[(&master, Some(copied)), (&plain, None)]), vec![present(there)]);
    let said = plan.rows.event(plain.id).map(|own| own.content.clone());
    assert_eq!(said, Some(inviting(on_the_ninth("Concert"))));
}
