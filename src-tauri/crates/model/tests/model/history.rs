//! What a change leaves in the history, and what takes it back.

use proptest::prelude::*;
use synodic_model::history::{Author, ChangeKind, line, without};
use synodic_model::{CalendarId, Event, EventContent, EventId, FieldSet, Revision, arbitrary};
use uuid::Uuid;

use crate::support::utc;

fn event(content: EventContent) -> Event {
    Event {
        id: EventId::new(Uuid::from_u128(1)),
        calendar_id: CalendarId::new(Uuid::from_u128(2)),
        uid: "uid".into(),
        occurrence_of: None,
        content,
        revision: Revision(1),
        created_at: utc("2026-11-23T09:00"),
        updated_at: utc("2026-11-23T09:00"),
        deleted_at: None,
    }
}

fn kind(before: Option<&Event>, after: &Event) -> Option<ChangeKind> {
    line(before, after, Author::Person, None, utc("2026-11-23T10:00")).map(|entry| entry.change)
}

proptest! {
    #[test]
    fn every_change_has_its_word(before in arbitrary::event_content(), after in arbitrary::event_content()) {
        let (before, after) = (event(before), event(after));
        let gone = |event: &Event| Event { deleted_at: Some(utc("2026-11-23T10:00")), ..event.clone() };
        prop_assert_eq!(kind(None, &after), Some(ChangeKind::Created));
        prop_assert_eq!(kind(Some(&before), &gone(&before)), Some(ChangeKind::Deleted));
        prop_assert_eq!(kind(Some(&gone(&before)), &after), Some(ChangeKind::Restored));
        prop_assert_eq!(kind(Some(&before), &before), None);
        prop_assert_eq!(kind(Some(&gone(&before)), &gone(&after)), None);
        prop_assert_eq!(kind(None, &gone(&after)), None, "what was never here leaves nothing");
    }

    #[test]
    fn taking_a_change_back_gives_what_was_before_and_leaves_the_rest(
        (before, after, later) in arbitrary::event_content().prop_flat_map(|before| {
            let edited = arbitrary::edited(before.clone());
            (Just(before), edited)
        }).prop_flat_map(|(before, after)| {
            let later = arbitrary::edited(after.clone());
            (Just(before), Just(after), later)
        })
    ) {
        let (before, after) = (event(before), event(after));
        let entry = line(Some(&before), &after, Author::Remote, None, utc("2026-11-23T10:00"));
        let Some(entry) = entry else { return Ok(()) };
        let differing = |one: &EventContent, other: &EventContent| FieldSet::differing(FieldSet::ALL, one, other);
        prop_assert!(differing(&without(&entry, &after.content), &before.content).is_empty());
        let taken_back = without(&entry, &later);
        let changed: FieldSet = entry.fields.iter().copied().collect();
        prop_assert!(differing(&taken_back, &before.content).intersection(changed).is_empty());
        prop_assert!(differing(&taken_back, &later).iter().all(|field| changed.contains(field)));
    }
}
