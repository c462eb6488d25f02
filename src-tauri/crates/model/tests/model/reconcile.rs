//! The decision table, row by row, and what holds for every question.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_oneof, proptest};
use proptest::{option, prop_compose};
use synodic_model::reconcile::{Decision, Policy, Question, Side, overlay, reconcile, take_extras};
use synodic_model::{
    Attendee, EventContent, Field, FieldSet, Recurrence, Reminders, ResponseStatus, arbitrary,
};

use crate::support::{BERLIN, hour_from, utc};

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

mod within_one_field {
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

/// A question as it may come up, owned.
#[derive(Clone, Debug)]
struct Case {
    base: Option<EventContent>,
    local: Option<EventContent>,
    remote: Option<EventContent>,
    expressible: FieldSet,
    policy: Policy,
    local_is_later_by: i64,
    remote_says_when: bool,
}

fn side() -> impl Strategy<Value = (Option<EventContent>, Option<EventContent>, Option<EventContent>)> {
    let edit = |base: &EventContent| {
        let edited = arbitrary::edited(base.clone());
        option::weighted(0.9, prop_oneof![1 => Just(base.clone()).boxed(), 3 => edited.boxed()])
    };
    arbitrary::event_content()
        .prop_flat_map(move |base| (option::weighted(0.8, Just(base.clone())), edit(&base), edit(&base)))
}

prop_compose! {
    fn case()(
        (base, local, remote) in side(),
        expressible in prop_oneof![Just(FieldSet::ALL), arbitrary::field_set()],
        policy in prop_oneof![Just(Policy::LastWriteWins), Just(Policy::PreferLocal), Just(Policy::PreferRemote)],
        local_is_later_by in -2..=2_i64,
        remote_says_when in any::<bool>(),
    ) -> Case {
        Case { base, local, remote, expressible, policy, local_is_later_by, remote_says_when }
    }
}

impl Case {
    fn question(&self) -> Question<'_> {
        let remote_edited_at: DateTime<Utc> = utc("2026-11-23T12:00");
        Question {
            base: self.base.as_ref(),
            local: self.local.as_ref().map_or(Side::Deleted, Side::Present),
            remote: self.remote.as_ref().map_or(Side::Deleted, Side::Present),
            expressible: self.expressible,
            policy: self.policy,
            local_edited_at: remote_edited_at + TimeDelta::seconds(self.local_is_later_by),
            remote_edited_at: self.remote_says_when.then_some(remote_edited_at),
        }
    }

    /// Carries the decision out as the engine does, every queued write included.
    fn settle(&self) -> Self {
        let mut after = self.clone();
        let sent = |remote: &Option<EventContent>, local: &EventContent| {
            let onto = remote.clone().or_else(|| self.base.clone()).unwrap_or_else(|| local.clone());
            Some(overlay(&onto, local, self.expressible))
        };
        match reconcile(&self.question()) {
            Decision::Nothing | Decision::Agree | Decision::Forget => {}
            Decision::TakeRemote { content } | Decision::RestoreLocal { content } => {
                after.local = Some(content);
            }
            Decision::KeepLocal | Decision::RestoreRemote => {
                after.remote = sent(&self.remote, self.local.as_ref().unwrap());
            }
            Decision::Merge { content, .. } => {
                after.remote = sent(&self.remote, &content);
                after.local = Some(content);
            }
            Decision::DeleteLocal => after.local = None,
            Decision::DeleteRemote => after.remote = None,
        }
        after.base = after.remote.clone();
        after
    }

    fn differing(&self, left: &EventContent, right: &EventContent) -> FieldSet {
        FieldSet::differing(self.expressible, left, right)
    }
}

/// What the local side is after the decision; none when it is deleted.
fn outcome(case: &Case) -> Option<EventContent> {
    case.settle().local
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(1000))]

    #[test]
    fn a_decision_carried_out_settles_the_matter(case in case()) {
        let after = case.settle();
        let again = reconcile(&after.question());
        let expected = if after.local.is_none() { Decision::Forget } else { Decision::Nothing };
        assert_eq!(again, expected, "after {:?}", reconcile(&case.question()));
        if let (Some(local), Some(remote)) = (&after.local, &after.remote) {
            prop_assert!(case.differing(local, remote).is_empty());
        }
    }

    /// The push may be late: until then the answer stays “the queue carries it out”.
    #[test]
    fn a_merge_waits_for_its_push(case in case()) {
        if let Decision::Merge { content, push, .. } = reconcile(&case.question()) {
            let after = Case { base: case.remote.clone(), local: Some(content), ..case.clone() };
            let expected = if push.is_empty() { Decision::Nothing } else { Decision::KeepLocal };
            assert_eq!(reconcile(&after.question()), expected);
        }
    }

    #[test]
    fn what_one_side_alone_changed_is_kept(case in case()) {
        let (Some(base), Some(local), Some(remote)) = (&case.base, &case.local, &case.remote) else { return Ok(()) };
        let (here, there) = (case.differing(base, local), case.differing(base, remote));
        let settled = outcome(&case).unwrap();
        let conflicting = match reconcile(&case.question()) {
            Decision::Merge { conflicting, .. } => conflicting,
            _ => FieldSet::NONE,
        };
        for field in case.expressible.iter() {
            match (here.contains(field), there.contains(field)) {
                (true, false) => prop_assert!(field.is_equal(&settled, local) || conflicting.contains(field)),
                (false, true) => prop_assert!(field.is_equal(&settled, remote) || conflicting.contains(field)),
                (false, false) => prop_assert!(field.is_equal(&settled, base)),
                (true, true) => prop_assert!(
                    field.is_equal(&settled, local)
                        || field.is_equal(&settled, remote)
                        || (COMBINED.contains(field) && !conflicting.contains(field))
                ),
            }
            // Only the time and the rule may conflict without both having changed the very field.
            if conflicting.contains(field) && !matches!(field, Field::When | Field::Recurrence) {
                prop_assert!(here.contains(field) && there.contains(field) && !field.is_equal(local, remote));
            }
        }
    }

    /// What is called a conflict was lost, and what was lost is called a conflict.
    #[test]
    fn conflicts_are_losses(case in case()) {
        let (Some(base), Some(local), Some(remote)) = (&case.base, &case.local, &case.remote) else { return Ok(()) };
        if let Decision::Merge { content, conflicting, .. } = reconcile(&case.question()) {
            let lost_here = case.differing(base, local).intersection(case.differing(local, &content));
            let lost_there = case.differing(base, remote).intersection(case.differing(remote, &content));
            let lost = lost_here.union(lost_there);
            for field in Field::ALL.into_iter().filter(|field| !COMBINED.contains(*field)) {
                assert_eq!(conflicting.contains(field), lost.contains(field), "{field:?}");
            }
            prop_assert!(conflicting.iter().all(|field| lost.contains(field)));
        }
    }

    #[test]
    fn the_time_and_the_rule_come_from_one_side(case in case()) {
        let (Some(base), Some(local), Some(remote)) = (&case.base, &case.local, &case.remote) else { return Ok(()) };
        let coupled = FieldSet::NONE.with(Field::When).with(Field::Recurrence).intersection(case.expressible);
        let touched = |side| !case.differing(base, side).intersection(coupled).is_empty();
        if !touched(local) || !touched(remote) {
            return Ok(());
        }
        let settled = outcome(&case).unwrap();
        let is_of = |side| FieldSet::differing(coupled, &settled, side).is_empty();
        // Single dates of one rule are combined.
        let rules = |content: &EventContent| content.recurrence.as_ref().map(|recurrence| recurrence.rules.clone());
        let is_combined = rules(local) == rules(remote) && local.when == remote.when;
        prop_assert!(is_of(local) || is_of(remote) || is_combined);
    }

    #[test]
    fn what_the_provider_cannot_express_is_left_alone(case in case()) {
        let (Some(local), Some(settled)) = (&case.local, outcome(&case)) else { return Ok(()) };
        for field in Field::ALL.into_iter().filter(|field| !case.expressible.contains(*field)) {
            prop_assert!(field.is_equal(&settled, local));
        }
    }

    #[test]
    fn both_sides_would_decide_alike(case in case()) {
        let mirrored = Case {
            local: case.remote.clone(),
            remote: case.local.clone(),
            policy: match case.policy {
                Policy::LastWriteWins => Policy::LastWriteWins,
                Policy::Ask => Policy::Ask,
                Policy::PreferLocal => Policy::PreferRemote,
                Policy::PreferRemote => Policy::PreferLocal,
            },
            local_is_later_by: -case.local_is_later_by,
            ..case.clone()
        };
        // Of two equal times, or an unknown one, the remote is preferred, whichever that is.
        let is_undecided = case.policy == Policy::LastWriteWins && (case.local_is_later_by == 0 || !case.remote_says_when);
        if is_undecided {
            return Ok(());
        }
        match (outcome(&case), outcome(&mirrored)) {
            (Some(here), Some(there)) => prop_assert!(case.differing(&here, &there).is_empty()),
            (here, there) => assert_eq!(here.is_none(), there.is_none()),
        }
    }

    #[test]
    fn a_push_names_what_the_remote_lacks(case in case()) {
        if let (Some(remote), Decision::Merge { content, push, .. }) = (&case.remote, reconcile(&case.question())) {
            assert_eq!(push, case.differing(remote, &content));
        }
    }
}
