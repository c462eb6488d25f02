use chrono::TimeDelta;
use synodic_model::sync::{ProviderKind, SyncDirection};
use uuid::Uuid;

use super::*;
use crate::snapshot::Phase;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn integration() -> Integration {
    Integration {
        id: IntegrationId::new(Uuid::from_u128(1)),
        provider: ProviderKind::Google,
        account: "ada@example.com".into(),
        status: IntegrationStatus::Active,
        settings: serde_json::Value::Null,
        direction: SyncDirection::Bidirectional,
        created_at: NOW,
        last_success_at: None,
        last_error: None,
    }
}

fn facts(change: impl FnOnce(&mut Facts, &mut Standing, &mut QueueCounts)) -> Facts {
    let mut facts = Facts {
        now: NOW,
        integrations: vec![integration()],
        standings: BTreeMap::new(),
        counts: BTreeMap::new(),
        conflicts: BTreeMap::new(),
        unreadable: BTreeMap::new(),
        paused: None,
        recovered: None,
        queue: Vec::new(),
    };
    let (mut standing, mut counts) = (Standing::default(), QueueCounts::default());
    change(&mut facts, &mut standing, &mut counts);
    let id = integration().id;
    facts.standings.insert(id, standing);
    facts.counts.insert(id, counts);
    facts
}

fn shown(facts: Facts) -> SyncState {
    assemble(facts, &empty(NOW)).state
}

fn syncing() -> Activity {
    Activity::Syncing(Progress { phase: Phase::Pulling, done: 0, total: None })
}

fn trouble(is_review: bool) -> BTreeMap<LinkId, Trouble> {
    [(LinkId::new(Uuid::nil()), Trouble { message: "…".into(), is_review })].into()
}

/// Each line adds a fact that is more important than all lines before it.
#[test]
fn the_most_important_fact_is_shown() {
    type Step = (SyncState, fn(&mut Facts, &mut Standing, &mut QueueCounts));
    let id = integration().id;
    assert_eq!(shown(facts(|_, _, _| {})), SyncState::Synced);
    let steps: Vec<Step> = vec![
        (SyncState::Pending, |_, _, counts| counts.pending = 1),
        (SyncState::Syncing, |_, standing, _| standing.activity = syncing()),
        (SyncState::BackingOff, |_, standing, _| standing.activity = Activity::BackingOff { until: NOW }),
        (SyncState::Paused, |facts, _, _| facts.paused = Some(Pause { since: NOW, until: None })),
        (SyncState::Offline, |_, standing, _| standing.activity = Activity::Offline { retry_at: NOW }),
        (SyncState::Review, |_, standing, _| standing.troubles = trouble(true)),
        (SyncState::Failed, |_, _, counts| counts.failed = 1),
        (SyncState::Conflict, |facts, _, _| {
            facts.conflicts.insert(integration().id, 1);
        }),
        (SyncState::NeedsSignIn, |_, standing, _| standing.activity = Activity::NeedsSignIn),
    ];
    for reached in 1..=steps.len() {
        let all = facts(|facts, standing, counts| {
            for (_, step) in &steps[..reached] {
                step(facts, standing, counts);
            }
        });
        let snapshot = assemble(all, &empty(NOW));
        assert_eq!(snapshot.state, steps[reached - 1].0);
        assert_eq!(snapshot.integrations[0].id, id);
    }
}

#[test]
fn silence_beyond_the_expected_is_overdue_unless_it_is_explained() {
    let late = |standing: &mut Standing| standing.expected_by = Some(NOW - TimeDelta::seconds(1));
    assert_eq!(shown(facts(|_, standing, _| late(standing))), SyncState::Overdue);
    let offline = facts(|_, standing, _| {
        late(standing);
        standing.activity = Activity::Offline { retry_at: NOW };
    });
    assert_eq!(shown(offline), SyncState::Offline);
    let paused = facts(|facts, standing, _| {
        late(standing);
        facts.paused = Some(Pause { since: NOW, until: None });
    });
    assert_eq!(shown(paused), SyncState::Paused);
}

#[test]
fn a_state_keeps_its_beginning() {
    let first = assemble(facts(|_, _, _| {}), &empty(NOW));
    let mut later = facts(|_, _, _| {});
    later.now = NOW + TimeDelta::hours(1);
    let second = assemble(later, &first);
    assert_eq!(second.integrations[0].since, NOW);
    let mut pending = facts(|_, _, counts| counts.pending = 2);
    pending.now = NOW + TimeDelta::hours(2);
    let third = assemble(pending, &second);
    assert_eq!(third.integrations[0].since, NOW + TimeDelta::hours(2));
    assert_eq!(third.pending, 2);
}

#[test]
fn every_link_that_stands_still_is_named_whatever_is_more_important() {
    let two = facts(|_, standing, _| {
        standing.troubles = trouble(true);
        standing.activity = Activity::NeedsSignIn;
    });
    let shown = assemble(two, &empty(NOW)).integrations.swap_remove(0);
    assert_eq!(shown.state, SyncState::NeedsSignIn);
    let named: Vec<_> = shown.troubles.iter().map(|trouble| (trouble.link_id, trouble.is_review)).collect();
    assert_eq!(named, [(LinkId::new(Uuid::nil()), true)]);
}

#[test]
fn nobody_connected_is_a_state_of_its_own() {
    let mut nobody = facts(|_, _, _| {});
    nobody.integrations.clear();
    assert_eq!(shown(nobody), SyncState::NoAccount);
}

#[test]
fn the_whole_has_succeeded_only_when_every_account_has() {
    let mut two = facts(|_, standing, _| standing.last_success_at = Some(NOW));
    two.integrations.push(Integration { id: IntegrationId::new(Uuid::from_u128(2)), ..integration() });
    assert_eq!(assemble(two, &empty(NOW)).last_success_at, None);
    let one = facts(|_, standing, _| standing.last_success_at = Some(NOW));
    assert_eq!(assemble(one, &empty(NOW)).last_success_at, Some(NOW));
}
