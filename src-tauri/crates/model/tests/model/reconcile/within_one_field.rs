//! Where both sides changed one field, and both changes may be kept.

use synodic_model::{OriginalStart, Reminder, ReminderMethod, ZonedTime};

use super::*;

fn guest(email: &str) -> Attendee {
    Attendee {
        email: email.to_owned(),
        name: String::new(),
        optional: false,
        resource: false,
        response: ResponseStatus::NeedsAction,
        is_self: false,
    }
}

fn invited(emails: &[&str]) -> EventContent {
    with(&base(), |content| content.attendees = emails.iter().map(|email| guest(email)).collect())
}

fn described(text: &str) -> EventContent {
    with(&base(), |content| content.description = text.to_owned())
}

/// What becomes of both, and what is lost.
fn merged(base: &EventContent, ours: &EventContent, theirs: &EventContent) -> (EventContent, FieldSet) {
    match reconcile(&question(Some(base), Side::Present(ours), Side::Present(theirs))) {
        Decision::Merge { content, conflicting, .. } => (content, conflicting),
        other => panic!("{other:?}"),
    }
}

#[test]
fn guests_are_a_set() {
    let base = invited(&["ada@x", "bob@x"]);
    let (content, lost) =
        merged(&base, &invited(&["ada@x", "bob@x", "cyd@x"]), &invited(&["bob@x", "dan@x"]));
    assert_eq!((content, lost), (invited(&["bob@x", "cyd@x", "dan@x"]), FieldSet::NONE));
}

#[test]
fn two_answers_of_one_guest_are_a_conflict() {
    let base = invited(&["ada@x"]);
    let answered = |response| with(&base, |content| content.attendees[0].response = response);
    let (ours, theirs) = (answered(ResponseStatus::Accepted), answered(ResponseStatus::Declined));
    assert_eq!(merged(&base, &ours, &theirs), (ours, FieldSet::NONE.with(Field::Attendees)));
    // A name given here and an answer given there are not.
    let named = with(&base, |content| content.attendees[0].name = "Ada".to_owned());
    let both = with(&theirs, |content| content.attendees[0].name = "Ada".to_owned());
    assert_eq!(merged(&base, &named, &theirs), (both, FieldSet::NONE));
}

#[test]
fn reminders_are_a_set() {
    let reminding = |minutes: &[u32]| {
        let reminders = minutes
            .iter()
            .map(|minutes| Reminder { minutes_before: *minutes, method: ReminderMethod::Popup })
            .collect();
        with(&base(), |content| content.reminders = Reminders::Custom { reminders })
    };
    let before = reminding(&[10, 60]);
    assert_eq!(
        merged(&before, &reminding(&[10, 30, 60]), &reminding(&[5, 10])),
        (reminding(&[5, 10, 30]), FieldSet::NONE)
    );
    let (_, lost) = merged(&before, &base(), &reminding(&[5]));
    assert_eq!(lost, FieldSet::NONE.with(Field::Reminders), "the calendar's own are no set");
}

#[test]
fn dates_that_are_left_out_are_a_set() {
    let leaving_out = |days: &[u32]| {
        let start = |day: &u32| OriginalStart::Zoned {
            time: ZonedTime::new(format!("2026-12-{day:02}T09:00:00").parse().unwrap(), BERLIN),
        };
        with(&base(), |content| {
            content.recurrence.as_mut().unwrap().exclusion_dates = days.iter().map(start).collect();
        })
    };
    let before = leaving_out(&[7]);
    assert_eq!(
        merged(&before, &leaving_out(&[7, 14]), &leaving_out(&[7, 21])),
        (leaving_out(&[7, 14, 21]), FieldSet::NONE)
    );
}

#[test]
fn a_description_is_lines() {
    let before = described("Agenda\n- Budget\n- Hiring");
    let ours = described("Agenda\n- Budget\n- Hiring\n- Party");
    let theirs = described("Agenda for Monday\n- Budget\n- Hiring");
    let both = described("Agenda for Monday\n- Budget\n- Hiring\n- Party");
    assert_eq!(merged(&before, &ours, &theirs), (both, FieldSet::NONE));
    let quarrel = described("Agenda for Tuesday\n- Budget\n- Hiring");
    let (content, lost) = merged(&before, &quarrel, &theirs);
    assert_eq!((content, lost), (quarrel, FieldSet::NONE.with(Field::Description)));
}

proptest! {
    #[test]
    fn whoever_is_invited_or_taken_off_by_one_side_is(
        base in proptest::collection::btree_set(0..6_u8, 0..5),
        ours in proptest::collection::btree_set(0..6_u8, 0..5),
        theirs in proptest::collection::btree_set(0..6_u8, 0..5),
    ) {
        let content = |people: &std::collections::BTreeSet<u8>| {
            let emails: Vec<_> = people.iter().map(|number| format!("{number}@x")).collect();
            invited(&emails.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let (before, here, there) = (content(&base), content(&ours), content(&theirs));
        let expected: std::collections::BTreeSet<u8> = ours
            .union(&theirs)
            .filter(|one| !base.contains(one) || (ours.contains(one) && theirs.contains(one)))
            .copied()
            .collect();
        let asked = question(Some(&before), Side::Present(&here), Side::Present(&there));
        let after = match reconcile(&asked) {
            Decision::Merge { content, conflicting, .. } => {
                prop_assert!(conflicting.is_empty());
                content
            }
            Decision::TakeRemote { content } => content,
            Decision::Nothing | Decision::KeepLocal | Decision::Agree => here.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(after, content(&expected));
    }
}
