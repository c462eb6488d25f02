//! What holds for every question, on random ones.

use super::*;

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
