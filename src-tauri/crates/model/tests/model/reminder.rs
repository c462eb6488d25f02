//! Which reminders are due.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use synodic_model::EventId;
use synodic_model::reminder::{
    DueReminder, ReminderKey, ReminderMemory, ReminderPlan, Upcoming, plan_reminders, snooze,
};
use uuid::Uuid;

fn at(minute: i64) -> DateTime<Utc> {
    "2026-11-23T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
}

fn event(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(number))
}

/// An appointment of half an hour.
fn upcoming(number: u128, start: i64, minutes_before: &[u32]) -> Upcoming {
    let minutes_before = minutes_before.to_vec();
    Upcoming { event: event(number), starts_at: at(start), ends_at: at(start + 30), minutes_before }
}

fn checked(minute: i64) -> ReminderMemory {
    ReminderMemory { checked_at: Some(at(minute)), ..ReminderMemory::default() }
}

fn due(plan: &ReminderPlan) -> Vec<(DateTime<Utc>, bool)> {
    plan.due.iter().map(|due| (due.due_at, due.is_late)).collect()
}

#[test]
fn a_reminder_is_due_at_its_minute_and_not_before() {
    let coming = [upcoming(1, 30, &[10])];
    let before = plan_reminders(&checked(0), &coming, at(19));
    assert_eq!((due(&before), before.next), (vec![], Some(at(20))));
    let then = plan_reminders(&before.memory, &coming, at(20));
    assert_eq!((due(&then), then.next), (vec![(at(20), false)], None));
    assert_eq!(due(&plan_reminders(&then.memory, &coming, at(21))), []);
}

#[test]
fn what_was_slept_through_is_told_once_and_late() {
    let coming = [upcoming(1, 30, &[10, 30]), upcoming(2, 40, &[10])];
    let woken = plan_reminders(&checked(-60), &coming, at(35));
    // Of two reminders of one event the later one is enough.
    assert_eq!(due(&woken), [(at(20), true), (at(30), true)]);
    assert_eq!(due(&plan_reminders(&woken.memory, &coming, at(36))), []);
}

#[test]
fn what_is_long_over_is_not_told_any_more() {
    let coming = [upcoming(1, 30, &[10])];
    assert_eq!(due(&plan_reminders(&checked(0), &coming, at(30 + 30 + 24 * 60))), []);
}

#[test]
fn an_event_that_arrives_after_its_reminder_is_told_while_it_lies_ahead() {
    let coming = [upcoming(1, 30, &[10])];
    assert_eq!(due(&plan_reminders(&checked(25), &coming, at(26))), [(at(20), true)]);
    assert_eq!(due(&plan_reminders(&checked(31), &coming, at(32))), [], "it has begun");
    let tomorrow = [upcoming(2, 20 * 60, &[24 * 60])];
    assert_eq!(due(&plan_reminders(&checked(0), &tomorrow, at(1))), [], "a first listing is no storm");
}

#[test]
fn a_moved_event_is_reminded_of_anew() {
    let told = plan_reminders(&checked(0), &[upcoming(1, 30, &[10])], at(20));
    let moved = [upcoming(1, 90, &[10])];
    assert_eq!(due(&plan_reminders(&told.memory, &moved, at(80))), [(at(80), false)]);
}

#[test]
fn what_was_snoozed_comes_back_once_unless_it_was_moved() {
    let coming = [upcoming(1, 30, &[10])];
    let key = ReminderKey { event: event(1), starts_at: at(30) };
    let mut memory = plan_reminders(&checked(0), &coming, at(20)).memory;
    snooze(&mut memory, key, at(25));
    let waiting = plan_reminders(&memory, &coming, at(24));
    assert_eq!((due(&waiting), waiting.next), (vec![], Some(at(25))));
    let again = plan_reminders(&waiting.memory, &coming, at(25));
    assert_eq!(again.due, [DueReminder { key, due_at: at(25), is_late: false }]);
    assert_eq!(due(&plan_reminders(&again.memory, &coming, at(26))), []);
    let moved = [upcoming(1, 600, &[10])];
    assert_eq!(due(&plan_reminders(&waiting.memory, &moved, at(25))), []);
}

fn appointments() -> impl Strategy<Value = Vec<Upcoming>> {
    let one = (0..500_i64, prop::collection::vec(0..120_u32, 0..4));
    prop::collection::vec(one, 1..8).prop_map(|starts| {
        let numbered = starts.into_iter().zip(1_u128..);
        numbered.map(|((start, minutes), number)| upcoming(number, start, &minutes)).collect()
    })
}

proptest! {
    /// However often and however irregularly was looked, also backwards: each reminder is told at most once, and what
    /// fell between two looks is not missed.
    #[test]
    fn nothing_is_told_twice_and_nothing_is_missed(
        coming in appointments(),
        looks in prop::collection::vec(0..700_i64, 1..40),
        forward in any::<bool>(),
    ) {
        let mut looks = looks;
        if forward {
            looks.sort_unstable();
        }
        let mut memory = checked(-200);
        let mut told: BTreeMap<(ReminderKey, DateTime<Utc>), u32> = BTreeMap::new();
        for look in &looks {
            let plan = plan_reminders(&memory, &coming, at(*look));
            for due in &plan.due {
                prop_assert!(due.due_at <= at(*look), "told before its time");
                *told.entry((due.key, due.due_at)).or_default() += 1;
            }
            prop_assert!(plan.next.is_none_or(|next| next > at(*look)));
            memory = serde_json::from_str(&serde_json::to_string(&plan.memory).unwrap()).unwrap();
        }
        prop_assert!(told.values().all(|times| *times == 1), "told twice: {told:?}");
        let last = looks.iter().max().copied().map_or(at(0), at);
        for appointment in &coming {
            let key = ReminderKey { event: appointment.event, starts_at: appointment.starts_at };
            let latest = appointment
                .minutes_before
                .iter()
                .map(|minutes| appointment.starts_at - TimeDelta::minutes(i64::from(*minutes)))
                .filter(|due_at| *due_at <= last)
                .max();
            if let Some(latest) = latest {
                prop_assert!(told.contains_key(&(key, latest)), "missed: {key:?} at {latest}");
            }
        }
    }
}
