//! Reminders: what is due, from the replica alone, so that they come without a network and without a window.
//!
//! [`synodic_model::reminder`] decides; this room reads what is coming up, waits for the next time (or a change), and
//! writes down what was told *before* it is told, so that no crash and no restart ever tells it twice.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::reminder::{DueReminder, ReminderKey, ReminderMemory, Upcoming, plan_reminders, snooze};
use synodic_model::{
    CalendarId, EventId, EventStatus, Reminder, ReminderMethod, Reminders, ResponseStatus, TimeWindow, When,
};
use synodic_store::Durability;
use tokio::sync::broadcast::error::RecvError;

use crate::edit::access::homes;
use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::occurrences::with_reminders;
use crate::view::OccurrenceView;

/// The setting that keeps what was told.
const SETTING: &str = "reminders";
/// What is over for longer is not looked at any more.
const BEHIND: TimeDelta = TimeDelta::days(1);
/// The longest reminder that is looked for: four weeks, Google's limit, and a day.
const AHEAD: TimeDelta = TimeDelta::days(29);
/// Reminders may be further away than we look, so we look again after this.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(6);
/// A check that told nothing is written down no more often than this.
const WRITTEN_EVERY: TimeDelta = TimeDelta::minutes(15);
/// Changes come in bursts; one look after each is enough.
const SETTLE: Duration = Duration::from_millis(500);

/// A reminder to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReminderView {
    /// What it is about.
    pub occurrence: OccurrenceView,
    /// By which it is snoozed.
    pub key: ReminderKey,
    /// When it should have been shown.
    pub due_at: DateTime<Utc>,
    /// Whether that is a while ago, as after sleep.
    pub is_late: bool,
}

impl Engine {
    /// Waits until reminders are due, writes down that they were told, and returns them by start. For one caller at a
    /// time; it returns `None` when the engine ends.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read or written.
    pub async fn next_reminders(&self) -> Result<Option<Vec<ReminderView>>, EngineError> {
        let inner = &self.inner;
        let mut changes = inner.changes.subscribe();
        let mut snoozed = inner.snoozed.subscribe();
        // What is written down as told while the program ends might not be shown any more.
        while !inner.stop.is_cancelled() {
            let (due, next) = inner.check_reminders().await?;
            if !due.is_empty() {
                return Ok(Some(due));
            }
            let now = inner.clock.now();
            let until = next.map_or(now + LOOK_AGAIN, |next| next.min(now + LOOK_AGAIN));
            inner.reminders.set(Some(until));
            tokio::select! {
                () = inner.stop.cancelled() => return Ok(None),
                () = inner.clock.sleep_until(until) => {}
                changed = snoozed.changed() => if changed.is_err() { return Ok(None) },
                changed = changes.recv() => match changed {
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        tokio::time::sleep(SETTLE).await;
                        changes = changes.resubscribe();
                    }
                    Err(RecvError::Closed) => return Ok(None),
                },
            }
            inner.reminders.set(None);
        }
        Ok(None)
    }

    /// Has a reminder come back after `wait`.
    ///
    /// # Errors
    /// [`EngineError::Store`] when it cannot be remembered.
    pub async fn snooze_reminder(&self, key: ReminderKey, wait: TimeDelta) -> Result<(), EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let mut memory = read(transaction.setting(SETTING).await?);
        snooze(&mut memory, key, self.inner.clock.now() + wait);
        transaction.set_setting(SETTING, &serde_json::json!(memory)).await?;
        transaction.commit().await?;
        self.inner.snoozed.send_replace(());
        Ok(())
    }
}

impl Inner {
    /// Looks once: what is due now, and when to look next.
    async fn check_reminders(&self) -> Result<(Vec<ReminderView>, Option<DateTime<Utc>>), EngineError> {
        let now = self.clock.now();
        let coming = self.coming(now).await?;
        let mut transaction = self.store.begin(Durability::Edit).await?;
        let memory = read(transaction.setting(SETTING).await?);
        let upcoming: Vec<_> = coming.values().map(|(upcoming, _)| upcoming.clone()).collect();
        let plan = plan_reminders(&memory, &upcoming, now);
        let is_old = memory.checked_at.is_none_or(|checked_at| now - checked_at >= WRITTEN_EVERY);
        if is_old || !plan.due.is_empty() || plan.memory.snoozed != memory.snoozed {
            transaction.set_setting(SETTING, &serde_json::json!(plan.memory)).await?;
            transaction.commit().await?;
        }
        let view = |due: &DueReminder| {
            let (_, occurrence) = coming.get(&due.key)?;
            let (occurrence, key) = (occurrence.clone(), due.key);
            Some(ReminderView { occurrence, key, due_at: due.due_at, is_late: due.is_late })
        };
        Ok((plan.due.iter().filter_map(view).collect(), plan.next))
    }

    /// Everything around `now` that somebody wants to be reminded of, in the calendars that are shown.
    async fn coming(
        &self,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<ReminderKey, (Upcoming, OccurrenceView)>, EngineError> {
        let window = TimeWindow { from: now - BEHIND, to: now + AHEAD, viewer: self.config.viewer };
        let mut homes = homes(self.store.calendars().await?, self.store.links().await?);
        homes.retain(|_, home| home.calendar.visible);
        let shown: Vec<CalendarId> = homes.keys().copied().collect();
        let seen = self.store.seen_in_window(&window, Some(&shown)).await?;
        let mut coming = BTreeMap::new();
        for (occurrence, reminders) in with_reminders(&seen, &homes, &window) {
            let defaults =
                homes.get(&occurrence.calendar_id).map(|home| home.calendar.default_reminders.as_slice());
            let minutes_before = minutes(&occurrence, reminders, defaults.unwrap_or_default());
            if minutes_before.is_empty() {
                continue;
            }
            let event: EventId = occurrence.occurrence_of.map_or(occurrence.event_id, |key| key.series_id);
            let (starts_at, ends_at) = (occurrence.starts_at, occurrence.ends_at);
            let upcoming = Upcoming { event, starts_at, ends_at, minutes_before };
            coming.insert(ReminderKey { event, starts_at }, (upcoming, occurrence));
        }
        Ok(coming)
    }
}

fn read(setting: Option<serde_json::Value>) -> ReminderMemory {
    setting.and_then(|setting| serde_json::from_value(setting).ok()).unwrap_or_default()
}

/// How long before an occurrence to remind of it on the screen. A calendar's own reminders are for events with a time of
/// day: Google says the same of its defaults, and nobody wants to be woken ten minutes before a holiday begins.
fn minutes(occurrence: &OccurrenceView, reminders: &Reminders, defaults: &[Reminder]) -> Vec<u32> {
    let is_declined = occurrence.response == Some(ResponseStatus::Declined);
    if occurrence.status == EventStatus::Cancelled || is_declined {
        return Vec::new();
    }
    let wanted = match reminders {
        Reminders::Custom { reminders } => reminders.as_slice(),
        Reminders::CalendarDefault if matches!(occurrence.when, When::AllDay { .. }) => &[],
        Reminders::CalendarDefault => defaults,
    };
    let on_screen = wanted.iter().filter(|reminder| reminder.method == ReminderMethod::Popup);
    on_screen.map(|reminder| reminder.minutes_before).collect()
}
