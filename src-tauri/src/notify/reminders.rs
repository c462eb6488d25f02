//! How reminders read: one notification each, or one for all that came due while the computer slept.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use synodic_engine::desktop::Navigation;
use synodic_engine::reminders::ReminderView;
use synodic_engine::view::OccurrenceView;
use synodic_model::When;
use synodic_model::reminder::ReminderKey;

use super::daemon::Notice;
use crate::present::{ago, target_of};

/// More reminders than this at once are one notification, whatever the reason.
const AT_ONCE: usize = 4;
/// The lines of a notification for several.
const LINES: usize = 6;
/// How long a reminder can be put off: the action's name, what its button says, and the minutes.
const SNOOZES: [(&str, &str, i64); 3] =
    [("snooze-5", "In 5 min", 5), ("snooze-10", "In 10 min", 10), ("snooze-60", "In 1 h", 60)];

/// A notification, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notified {
    pub(super) notice: Notice,
    /// What is snoozed with it.
    pub(super) keys: Vec<ReminderKey>,
    /// Where a click leads.
    pub(super) place: Navigation,
}

/// The notifications for reminders that are due, by start.
pub(super) fn notices(due: &[ReminderView], now: DateTime<Utc>, zone: Tz) -> Vec<Notified> {
    let (late, timely): (Vec<_>, Vec<_>) = due.iter().partition(|reminder| reminder.is_late);
    let mut notified = Vec::new();
    for (group, limit) in [(late, 1), (timely, AT_ONCE)] {
        if group.len() > limit {
            notified.extend(together(&group, now, zone));
        } else {
            notified.extend(group.into_iter().map(|reminder| single(reminder, now, zone)));
        }
    }
    notified
}

/// How long an action puts a reminder off, if it does.
pub(super) fn snooze_of(action: &str) -> Option<TimeDelta> {
    let snooze = SNOOZES.iter().find(|(name, ..)| *name == action);
    snooze.map(|(_, _, minutes)| TimeDelta::minutes(*minutes))
}

fn single(reminder: &ReminderView, now: DateTime<Utc>, zone: Tz) -> Notified {
    let occurrence = &reminder.occurrence;
    let mut body = format!("{} ({})", clock(occurrence, zone), distance(occurrence.starts_at, now));
    if !occurrence.location.is_empty() {
        body = format!("{body}\n{}", occurrence.location);
    }
    let actions = SNOOZES.iter().map(|(name, label, _)| ((*name).to_owned(), (*label).to_owned()));
    let notice = Notice { summary: title(occurrence), body, actions: actions.collect(), stays: true };
    Notified { notice, keys: vec![reminder.key], place: Navigation::Event { target: target_of(occurrence) } }
}

fn together(group: &[&ReminderView], now: DateTime<Utc>, zone: Tz) -> Option<Notified> {
    let first = group.first()?;
    let line = |reminder: &&ReminderView| {
        let occurrence = &reminder.occurrence;
        format!(
            "{}, {} ({})",
            title(occurrence),
            clock(occurrence, zone),
            distance(occurrence.starts_at, now)
        )
    };
    let mut lines: Vec<String> = group.iter().take(LINES).map(line).collect();
    if group.len() > LINES {
        lines.push(format!("and {} more", group.len() - LINES));
    }
    let summary = if first.is_late {
        format!("{} reminders while you were away", group.len())
    } else {
        format!("{} reminders", group.len())
    };
    let actions = vec![("open".to_owned(), "Open Synodic".to_owned())];
    let notice = Notice { summary, body: lines.join("\n"), actions, stays: true };
    let date = first.occurrence.starts_at.with_timezone(&zone).date_naive();
    let keys = group.iter().map(|reminder| reminder.key).collect();
    Some(Notified { notice, keys, place: Navigation::Day { date } })
}

fn title(occurrence: &OccurrenceView) -> String {
    if occurrence.title.trim().is_empty() { "(No title)".into() } else { occurrence.title.clone() }
}

fn clock(occurrence: &OccurrenceView, zone: Tz) -> String {
    let (start, end) = (occurrence.starts_at.with_timezone(&zone), occurrence.ends_at.with_timezone(&zone));
    match occurrence.when {
        When::AllDay { .. } => start.format("%a %-d %b").to_string(),
        _ if start == end => start.format("%H:%M").to_string(),
        _ => format!("{}–{}", start.format("%H:%M"), end.format("%H:%M")),
    }
}

/// How far away a start is: “in 10 min”, “now”, “15 min ago”.
fn distance(start: DateTime<Utc>, now: DateTime<Utc>) -> String {
    // A reminder comes a moment after its minute; ten minutes shall not be called nine.
    let ahead = start - now + TimeDelta::seconds(30);
    match ahead {
        ahead if ahead < TimeDelta::minutes(-1) => ago(now - start),
        ahead if ahead < TimeDelta::minutes(1) => "now".into(),
        ahead if ahead < TimeDelta::minutes(90) => format!("in {} min", ahead.num_minutes()),
        ahead if ahead < TimeDelta::hours(36) => {
            format!("in {} h", (ahead + TimeDelta::minutes(30)).num_hours())
        }
        ahead => format!("in {} days", (ahead + TimeDelta::hours(12)).num_days()),
    }
}

#[cfg(test)]
mod tests {
    use synodic_model::EventId;
    use uuid::Uuid;

    use super::*;
    use crate::present::tests::occurrence;

    const BERLIN: Tz = Tz::Europe__Berlin;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-11-23T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    /// A reminder of half an hour, ten minutes before it.
    fn reminder(number: u128, title: &str, start: i64, is_late: bool) -> ReminderView {
        let event_id = EventId::new(Uuid::from_u128(number));
        let occurrence = OccurrenceView { event_id, ends_at: at(start + 30), ..occurrence(title, at(start)) };
        let key = ReminderKey { event: event_id, starts_at: at(start) };
        ReminderView { occurrence, key, due_at: at(start - 10), is_late }
    }

    #[test]
    fn a_reminder_says_what_when_and_how_soon_and_can_be_put_off() {
        let shown = notices(&[reminder(1, "Stand-up", 10, false)], at(0), BERLIN);
        let [one] = shown.as_slice() else { panic!("{shown:#?}") };
        assert_eq!(one.notice.summary, "Stand-up");
        assert_eq!(one.notice.body, "10:10–10:40 (in 10 min)");
        let waits: Vec<_> = one.notice.actions.iter().filter_map(|(name, _)| snooze_of(name)).collect();
        assert_eq!(waits, [5, 10, 60].map(TimeDelta::minutes));
    }

    #[test]
    fn what_was_slept_through_is_one_notification() {
        let late =
            [reminder(1, "Stand-up", -15, true), reminder(2, "", 5, true), reminder(3, "Lunch", 10, false)];
        let shown = notices(&late, at(0), BERLIN);
        let [away, lunch] = shown.as_slice() else { panic!("{shown:#?}") };
        assert_eq!(away.notice.summary, "2 reminders while you were away");
        assert_eq!(
            away.notice.body,
            "Stand-up, 09:45–10:15 (15 min ago)\n(No title), 10:05–10:35 (in 5 min)"
        );
        assert_eq!(lunch.notice.summary, "Lunch");
        let alone = notices(&late[..1], at(0), BERLIN);
        assert_eq!(alone[0].notice.body, "09:45–10:15 (15 min ago)");
    }

    #[test]
    fn many_at_once_are_one_notification_of_a_few_lines() {
        let many: Vec<_> = (1..=40).map(|number| reminder(number, "Meeting", 10, false)).collect();
        let shown = notices(&many, at(0), BERLIN);
        let [one] = shown.as_slice() else { panic!("{} notifications", shown.len()) };
        assert_eq!(one.notice.summary, "40 reminders");
        assert!(one.notice.body.ends_with("and 34 more"), "{}", one.notice.body);
        assert_eq!(one.keys.len(), 40);
    }
}
