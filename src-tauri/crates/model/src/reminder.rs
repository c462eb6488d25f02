//! Which reminders are due: a pure function of what was told, what is coming up, and the time.
//!
//! A computer sleeps, clocks are set, and events arrive from elsewhere when their reminder has passed. So nothing here
//! is a timer: each check asks what became due *since the last one*, and remembers what it told. What is due may
//! therefore be late, and is marked so, but is neither missed nor told twice.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::EventId;

/// A reminder that is told this long after its time is called late.
const LATE: TimeDelta = TimeDelta::minutes(2);
/// An event that arrives after its reminder's time is still told of when it lies ahead and the reminder is no older.
const ARRIVED_LATE: TimeDelta = TimeDelta::hours(1);
/// What ended longer ago is told of no more, as after a holiday.
const OVER: TimeDelta = TimeDelta::days(1);
/// Longer than any reminder goes before its event; what was told is remembered until then.
const KEPT: TimeDelta = TimeDelta::days(2);

/// One occurrence that somebody wants to be reminded of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upcoming {
    /// The event, or the series.
    pub event: EventId,
    /// When it starts. An event that is moved is another appointment, and is reminded of anew.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// How long before the start to remind.
    pub minutes_before: Vec<u32>,
}

/// Which occurrence a reminder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReminderKey {
    /// The event, or the series.
    pub event: EventId,
    /// When it starts.
    pub starts_at: DateTime<Utc>,
}

/// What the checks so far have left behind; kept over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReminderMemory {
    /// When was looked last; none before the first time.
    pub checked_at: Option<DateTime<Utc>>,
    /// What was told, and up to which reminder of it.
    #[serde(default)]
    pub told: Vec<(ReminderKey, DateTime<Utc>)>,
    /// What is to be told again, and when.
    #[serde(default)]
    pub snoozed: Vec<(ReminderKey, DateTime<Utc>)>,
}

/// A reminder whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueReminder {
    /// What it is about.
    pub key: ReminderKey,
    /// When it should have been told.
    pub due_at: DateTime<Utc>,
    /// Whether that is so long ago that the person should be told so.
    pub is_late: bool,
}

/// What a check comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReminderPlan {
    /// What to tell now, by start; at most one for each occurrence.
    pub due: Vec<DueReminder>,
    /// What to remember.
    pub memory: ReminderMemory,
    /// When the next of the known ones is due.
    pub next: Option<DateTime<Utc>>,
}

/// Decides what is due at `now`. `upcoming` holds at least what starts between one day ago and the longest reminder
/// ahead.
#[must_use]
pub fn plan_reminders(memory: &ReminderMemory, upcoming: &[Upcoming], now: DateTime<Utc>) -> ReminderPlan {
    let mut plan = ReminderPlan { due: Vec::new(), memory: memory.clone(), next: None };
    for appointment in upcoming {
        let key = ReminderKey { event: appointment.event, starts_at: appointment.starts_at };
        if let Some(due_at) = due_of(memory, appointment, key, now) {
            plan.due.push(DueReminder { key, due_at, is_late: now - due_at >= LATE });
            plan.memory.told.retain(|(told, _)| *told != key);
            plan.memory.told.push((key, due_at));
        }
        let ahead = times(appointment).chain(snoozes(memory, key)).filter(|time| *time > now);
        plan.next = plan.next.into_iter().chain(ahead).min();
    }
    plan.due.sort_unstable_by_key(|due| (due.key.starts_at, due.key.event));
    plan.due.dedup_by_key(|due| due.key);
    // What was snoozed is told now, was moved, or is gone.
    plan.memory.snoozed.retain(|(_, until)| *until > now);
    plan.memory.told.retain(|(key, _)| key.starts_at + KEPT > now);
    plan.memory.checked_at = memory.checked_at.max(Some(now));
    plan
}

/// Has an occurrence told again at `until`.
pub fn snooze(memory: &mut ReminderMemory, key: ReminderKey, until: DateTime<Utc>) {
    memory.snoozed.retain(|(snoozed, _)| *snoozed != key);
    memory.snoozed.push((key, until));
}

/// The latest reminder of an occurrence that is due and was not told.
fn due_of(
    memory: &ReminderMemory,
    appointment: &Upcoming,
    key: ReminderKey,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if appointment.ends_at + OVER <= now {
        return None;
    }
    let told = memory.told.iter().find(|(told, _)| *told == key).map(|(_, due_at)| *due_at);
    let is_ahead = appointment.starts_at > now;
    let is_news = |due_at: &DateTime<Utc>| {
        let since_last_check = memory.checked_at.is_some_and(|checked_at| *due_at > checked_at);
        *due_at <= now
            && told.is_none_or(|told| *due_at > told)
            && (since_last_check || (is_ahead && *due_at + ARRIVED_LATE >= now))
    };
    times(appointment).filter(is_news).chain(snoozes(memory, key).filter(|until| *until <= now)).max()
}

fn times(appointment: &Upcoming) -> impl Iterator<Item = DateTime<Utc>> + '_ {
    let before =
        |minutes: &u32| appointment.starts_at.checked_sub_signed(TimeDelta::minutes(i64::from(*minutes)));
    appointment.minutes_before.iter().filter_map(before)
}

fn snoozes(memory: &ReminderMemory, key: ReminderKey) -> impl Iterator<Item = DateTime<Utc>> + '_ {
    memory.snoozed.iter().filter(move |(snoozed, _)| *snoozed == key).map(|(_, until)| *until)
}
