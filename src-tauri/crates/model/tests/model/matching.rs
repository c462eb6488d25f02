//! What two calendars have in common.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use synodic_model::matching::{Candidate, likeness, match_up};
use synodic_model::{EventContent, EventId, Recurrence, ZonedTime};
use uuid::Uuid;

use crate::support::{BERLIN, all_day, hour_from};

fn event(title: &str, start: &str) -> EventContent {
    EventContent::new(title, hour_from(start, BERLIN))
}

#[test]
fn what_a_person_would_call_the_same_looks_the_same() {
    let meeting = event("Design  Review ", "2026-11-23T09:00");
    let elsewhere = {
        let synodic_model::When::Zoned { start, end } = meeting.when else { panic!("it has a zone") };
        let at = |time: ZonedTime| ZonedTime::at(time.instant(), chrono_tz::Tz::Asia__Kolkata);
        EventContent::new("design review", synodic_model::When::Zoned { start: at(start), end: at(end) })
    };
    assert_eq!(likeness(&meeting), likeness(&elsewhere));
    for other in [event("Design review", "2026-11-23T10:00"), event("Design", "2026-11-23T09:00")] {
        assert_ne!(likeness(&meeting), likeness(&other));
    }
    let mut weekly = meeting.clone();
    weekly.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;BYDAY=MO").unwrap());
    assert_ne!(likeness(&meeting), likeness(&weekly), "one of a series is not the series");
    assert_eq!(likeness(&event(" ", "2026-11-23T09:00")), None);
    let day = |end| likeness(&EventContent::new("Holiday", all_day("2026-12-24", end)));
    assert_ne!(day("2026-12-25"), day("2026-12-26"));
}

#[test]
fn a_mark_goes_before_a_uid_and_a_uid_before_the_looks() {
    let (one, other) = (event("One", "2026-11-23T09:00"), event("Other", "2026-11-24T09:00"));
    let id = |number| Some(EventId::new(Uuid::from_u128(number)));
    let here = [
        Candidate { id: id(1), uid: Some("a"), content: &one },
        Candidate { id: id(2), uid: Some("b"), content: &other },
    ];
    let there = [
        Candidate { id: None, uid: Some("b"), content: &one },
        Candidate { id: id(1), uid: Some("b"), content: &other },
    ];
    let matching = match_up(&here, &there);
    assert_eq!(matching.pairs, [(0, 1), (1, 0)]);
    assert!(matching.ambiguous.is_empty());
}

#[test]
fn twins_are_matched_one_by_one_and_called_ambiguous() {
    let twin = event("Twin", "2026-11-23T09:00");
    let stranger = Candidate { id: None, uid: None, content: &twin };
    let matching = match_up(&[stranger; 3], &[stranger; 2]);
    assert_eq!((matching.pairs.len(), matching.ambiguous.len()), (2, 2));
    assert_eq!(
        (matching.only_here.len(), matching.only_there.len()),
        (1, 0),
        "no more is made than is missing"
    );
}

proptest! {
    #[test]
    fn everybody_is_in_one_pair_or_alone(
        here in vec((option::of(0..6_u128), option::of(select(vec!["a", "b", "c"])), 0..4_usize), 0..12),
        there in vec((option::of(0..6_u128), option::of(select(vec!["a", "b", "c"])), 0..4_usize), 0..12),
    ) {
        let looks = [
            event("", "2026-11-23T09:00"),
            event("One", "2026-11-23T09:00"),
            event("Two", "2026-11-23T09:00"),
            event("one", "2026-11-23T09:00"),
        ];
        let candidates = |rows: &[(Option<u128>, Option<&'static str>, usize)]| -> Vec<Candidate<'_>> {
            rows.iter()
                .map(|(id, uid, look)| Candidate {
                    id: id.map(|id| EventId::new(Uuid::from_u128(id))),
                    uid: *uid,
                    content: &looks[*look],
                })
                .collect()
        };
        let (here, there) = (candidates(&here), candidates(&there));
        let matching = match_up(&here, &there);
        let ones: BTreeSet<_> =
            matching.pairs.iter().map(|pair| pair.0).chain(matching.only_here.iter().copied()).collect();
        let others: BTreeSet<_> =
            matching.pairs.iter().map(|pair| pair.1).chain(matching.only_there.iter().copied()).collect();
        prop_assert_eq!((ones.len(), others.len()), (here.len(), there.len()));
        prop_assert_eq!(matching.pairs.len() + matching.only_here.len(), here.len());
        prop_assert_eq!(matching.pairs.len() + matching.only_there.len(), there.len());
        for one in &matching.only_here {
            for other in &matching.only_there {
                let look = likeness(here[*one].content);
                prop_assert!(look.is_none() || look != likeness(there[*other].content), "twins stay apart");
            }
        }
    }
}
