//! The decision table, row by row, and what holds for every question.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_oneof, proptest};
use proptest::{option, prop_compose};
use synodic_model::reconcile::{Decision, Policy, Question, Side, overlay, reconcile, take_extras};
use synodic_model::{
    Attendee, EventContent, Field, FieldSet, Recurrence, Reminders, ResponseStatus, arbitrary,
};

use crate::support::{BERLIN, hour_from, utc};

mod any;
mod within_one_field;

const TITLE: FieldSet = FieldSet::NONE.with(Field::Title);
const LOCATION: FieldSet = FieldSet::NONE.with(Field::Location);
/// Fields in which both changes may be kept.
const COMBINED: FieldSet = FieldSet::NONE
    .with(Field::Description)
    .with(Field::Attendees)
    .with(Field::Reminders)
    .with(Field::Recurrence);

fn base() -> EventContent {
    let mut content = EventContent::new("Stand-up", hour_from("2026-11-23T09:00", BERLIN));
    content.location = "Room 1".to_owned();
    content.recurrence = Some(Recurrence::from_rule("FREQ=WEEKLY;BYDAY=MO").unwrap());
    content
}

fn with(content: &EventContent, change: impl FnOnce(&mut EventContent)) -> EventContent {
    let mut content = content.clone();
    change(&mut content);
    content
}

fn titled(title: &str) -> EventContent {
    with(&base(), |content| content.title = title.to_owned())
}

fn located(location: &str) -> EventContent {
    with(&base(), |content| content.location = location.to_owned())
}

/// A question about all fields in which the local edit is the later one.
fn question<'a>(base: Option<&'a EventContent>, local: Side<'a>, remote: Side<'a>) -> Question<'a> {
    Question {
        base,
        local,
        remote,
        expressible: FieldSet::ALL,
        policy: Policy::LastWriteWins,
        local_edited_at: utc("2026-11-23T12:00"),
        remote_edited_at: Some(utc("2026-11-23T11:00")),
    }
}

fn decide(local: &EventContent, remote: &EventContent) -> Decision {
    reconcile(&question(Some(&base()), Side::Present(local), Side::Present(remote)))
}

fn merge(content: EventContent, push: FieldSet, conflicting: FieldSet) -> Decision {
    Decision::Merge { content, push, conflicting }
}

#[test]
fn same_and_same_is_nothing() {
    assert_eq!(decide(&base(), &base()), Decision::Nothing);
}

#[test]
fn same_and_changed_takes_the_remote() {
    assert_eq!(decide(&base(), &titled("Weekly")), Decision::TakeRemote { content: titled("Weekly") });
}

#[test]
fn changed_and_same_keeps_the_local() {
    assert_eq!(decide(&titled("Weekly"), &base()), Decision::KeepLocal);
}

#[test]
fn changes_to_other_fields_merge_without_a_conflict() {
    let both = with(&titled("Weekly"), |content| content.location = "Room 2".to_owned());
    assert_eq!(decide(&titled("Weekly"), &located("Room 2")), merge(both, TITLE, FieldSet::NONE));
}

#[test]
fn changes_to_the_same_values_agree() {
    assert_eq!(decide(&titled("Weekly"), &titled("Weekly")), Decision::Agree);
}

#[test]
fn changes_to_other_values_conflict_and_the_later_one_wins() {
    let (ours, theirs) = (titled("Ours"), titled("Theirs"));
    let base = base();
    let mut question = question(Some(&base), Side::Present(&ours), Side::Present(&theirs));
    assert_eq!(reconcile(&question), merge(ours.clone(), TITLE, TITLE));
    question.remote_edited_at = Some(utc("2026-11-23T13:00"));
    assert_eq!(reconcile(&question), merge(theirs.clone(), FieldSet::NONE, TITLE));
    // In the same instant, or when the remote does not say: the remote.
    question.remote_edited_at = Some(question.local_edited_at);
    assert_eq!(reconcile(&question), merge(theirs.clone(), FieldSet::NONE, TITLE));
    question.remote_edited_at = None;
    assert_eq!(reconcile(&question), merge(theirs, FieldSet::NONE, TITLE));
}

#[test]
fn a_policy_outweighs_the_times() {
    let (ours, theirs) = (titled("Ours"), titled("Theirs"));
    let base = base();
    let asked = question(Some(&base), Side::Present(&ours), Side::Present(&theirs));
    let remote_wins = Question { policy: Policy::PreferRemote, ..asked };
    assert_eq!(reconcile(&remote_wins), merge(theirs.clone(), FieldSet::NONE, TITLE));
    let local_wins =
        Question { policy: Policy::PreferLocal, remote_edited_at: Some(utc("2027-01-01T00:00")), ..asked };
    assert_eq!(reconcile(&local_wins), merge(ours.clone(), TITLE, TITLE));
}

#[test]
fn a_conflict_leaves_the_other_fields_merged() {
    let ours = with(&titled("Ours"), |content| content.description = "with notes".to_owned());
    let theirs = with(&titled("Theirs"), |content| content.location = "Room 2".to_owned());
    let merged = with(&ours, |content| content.location = "Room 2".to_owned());
    assert_eq!(decide(&ours, &theirs), merge(merged, TITLE.with(Field::Description), TITLE));
}

#[test]
fn an_edit_survives_a_deletion() {
    let (base, edited) = (base(), titled("Weekly"));
    let asked = |local, remote| reconcile(&question(Some(&base), local, remote));
    assert_eq!(
        asked(Side::Deleted, Side::Present(&edited)),
        Decision::RestoreLocal { content: edited.clone() }
    );
    assert_eq!(asked(Side::Present(&edited), Side::Deleted), Decision::RestoreRemote);
}

#[test]
fn a_deletion_of_what_nobody_edited_travels() {
    let base = base();
    let asked = |local, remote| reconcile(&question(Some(&base), local, remote));
    assert_eq!(asked(Side::Deleted, Side::Present(&base)), Decision::DeleteRemote);
    assert_eq!(asked(Side::Present(&base), Side::Deleted), Decision::DeleteLocal);
    assert_eq!(asked(Side::Deleted, Side::Deleted), Decision::Forget);
}

#[test]
fn without_a_base_what_exists_survives() {
    let content = base();
    let asked = |local, remote| reconcile(&question(None, local, remote));
    assert_eq!(
        asked(Side::Deleted, Side::Present(&content)),
        Decision::RestoreLocal { content: content.clone() }
    );
    assert_eq!(asked(Side::Present(&content), Side::Deleted), Decision::KeepLocal);
    assert_eq!(asked(Side::Deleted, Side::Deleted), Decision::Forget);
}

#[test]
fn new_and_new_agree_when_they_are_equal() {
    let content = base();
    assert_eq!(reconcile(&question(None, Side::Present(&content), Side::Present(&content))), Decision::Agree);
}

#[test]
fn new_and_new_complete_each_other() {
    let ours = EventContent::new("Stand-up", hour_from("2026-11-23T09:00", BERLIN));
    let theirs = with(&ours, |content| content.location = "Room 1".to_owned());
    let asked = |local, remote| reconcile(&question(None, Side::Present(local), Side::Present(remote)));
    assert_eq!(asked(&ours, &theirs), Decision::TakeRemote { content: theirs.clone() });
    assert_eq!(asked(&theirs, &ours), merge(theirs.clone(), LOCATION, FieldSet::NONE));
    let coloured = with(&ours, |content| content.reminders = Reminders::Custom { reminders: Vec::new() });
    let both = with(&theirs, |content| content.reminders = coloured.reminders.clone());
    assert_eq!(asked(&coloured, &theirs), merge(both, FieldSet::NONE.with(Field::Reminders), FieldSet::NONE));
}

#[test]
fn new_and_new_conflict_where_both_say_something() {
    let (ours, theirs) = (titled("Ours"), titled("Theirs"));
    let asked = question(None, Side::Present(&ours), Side::Present(&theirs));
    assert_eq!(reconcile(&asked), merge(ours.clone(), TITLE, TITLE));
    assert_eq!(
        reconcile(&Question { policy: Policy::PreferRemote, ..asked }),
        merge(theirs.clone(), FieldSet::NONE, TITLE)
    );
}

mod time_and_rule {
    use super::*;

    const BOTH: FieldSet = FieldSet::NONE.with(Field::When).with(Field::Recurrence);

    fn moved() -> EventContent {
        with(&base(), |content| content.when = hour_from("2026-11-24T09:00", BERLIN))
    }

    fn ruled(content: &EventContent, rule: &str) -> EventContent {
        with(content, |content| content.recurrence = Some(Recurrence::from_rule(rule).unwrap()))
    }

    #[test]
    fn come_from_one_side_when_both_touched_them() {
        // Moved to Tuesday here, made fortnightly on Mondays there.
        let fortnightly = ruled(&base(), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO");
        let conflicting = FieldSet::NONE.with(Field::Recurrence);
        assert_eq!(decide(&moved(), &fortnightly), merge(moved(), BOTH, conflicting));
        let base = base();
        let local = moved();
        let asked = question(Some(&base), Side::Present(&local), Side::Present(&fortnightly));
        let lost_here = FieldSet::NONE.with(Field::When);
        let decided = reconcile(&Question { policy: Policy::PreferRemote, ..asked });
        assert_eq!(decided, merge(fortnightly.clone(), FieldSet::NONE, lost_here));
    }

    #[test]
    fn merge_with_other_fields_when_one_side_touched_them() {
        let moved = ruled(&moved(), "FREQ=WEEKLY;BYDAY=TU");
        let merged = with(&moved, |content| content.title = "Weekly".to_owned());
        assert_eq!(decide(&moved, &titled("Weekly")), merge(merged.clone(), BOTH, FieldSet::NONE));
        assert_eq!(decide(&titled("Weekly"), &moved), merge(merged, TITLE, FieldSet::NONE));
    }

    #[test]
    fn come_from_the_side_that_has_the_others_change_as_well() {
        // Both moved it to Tuesday; only they made the rule follow.
        let followed = ruled(&moved(), "FREQ=WEEKLY;BYDAY=TU");
        assert_eq!(decide(&moved(), &followed), merge(followed.clone(), FieldSet::NONE, FieldSet::NONE));
        assert_eq!(
            decide(&followed, &moved()),
            merge(followed, FieldSet::NONE.with(Field::Recurrence), FieldSet::NONE)
        );
    }
}

#[test]
fn fields_beyond_the_provider_are_not_touched() {
    let base = base();
    let local = with(&base, |content| content.description = "only here".to_owned());
    let remote = with(&titled("Weekly"), |content| content.description = "noise".to_owned());
    let asked = question(Some(&base), Side::Present(&local), Side::Present(&remote));
    let decided = reconcile(&Question { expressible: FieldSet::ALL.without(Field::Description), ..asked });
    assert_eq!(
        decided,
        Decision::TakeRemote { content: with(&local, |content| content.title = "Weekly".to_owned()) }
    );
}

#[test]
fn who_is_asked_keeps_both_until_then() {
    let base = base();
    let ours = with(&titled("Ours"), |content| content.description = "with notes".to_owned());
    let theirs = with(&titled("Theirs"), |content| content.location = "Room 2".to_owned());
    let asked = question(Some(&base), Side::Present(&ours), Side::Present(&theirs));
    let merged = with(&ours, |content| content.location = "Room 2".to_owned());
    // The rest is merged and sent; the title is not.
    let push = FieldSet::NONE.with(Field::Description);
    assert_eq!(reconcile(&Question { policy: Policy::Ask, ..asked }), merge(merged, push, TITLE));
}

#[test]
fn extras_follow_the_remote_and_decide_nothing() {
    let extra = |content: &EventContent, provider: &str, value: i64| {
        with(content, |content| drop(content.extras.insert(provider.to_owned(), value.into())))
    };
    let base = extra(&base(), "google", 1);
    let local = extra(&base, "notion", 7);
    let remote = extra(&base, "google", 2);
    let asked = |remote| reconcile(&question(Some(&base), Side::Present(&local), Side::Present(remote)));
    assert_eq!(asked(&remote), Decision::Nothing);
    let mut kept = local.clone();
    take_extras(&mut kept, Some(&base), &remote);
    assert_eq!(kept, extra(&extra(&base, "notion", 7), "google", 2));

    let renamed = with(&remote, |content| content.title = "Weekly".to_owned());
    let Decision::TakeRemote { content } = asked(&renamed) else { panic!("the title changed") };
    assert_eq!(content.extras, kept.extras);
    // The provider has none any more; the other provider's stay.
    let bare = with(&renamed, |content| content.extras.clear());
    let Decision::TakeRemote { content } = asked(&bare) else { panic!("the title changed") };
    assert_eq!(content.extras.keys().collect::<Vec<_>>(), ["notion"]);
}
