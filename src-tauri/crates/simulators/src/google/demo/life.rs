//! Other people, who change something now and then.
//!
//! Everything they do, they undo later: a meeting that moved moves back, a longer title becomes short again, what
//! arrived is deleted. However long a demonstration runs, its calendar stays as full as it was.

use std::collections::VecDeque;
use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use super::DemoWorld;
use super::plan::Plan;
use crate::chance;
use crate::google::{Control, GoogleSimulator};

/// More arrivals than this are not there at a time.
const ARRIVALS: usize = 5;

const TITLES: [&str; 12] = [
    "Coffee with Tomás",
    "Sync on the import",
    "Invoice questions",
    "Quick chat: onboarding",
    "Call the landlord",
    "Review: search results",
    "Contract walk-through",
    "Bike repair",
    "Support rotation handover",
    "Photos for the report",
    "Demo for the sales team",
    "Haircut",
];

const SUFFIX: &str = " (new room)";

/// Changes something believable every 20 to 40 seconds, until `cancel` is ready.
pub async fn demo_life(simulator: GoogleSimulator, world: DemoWorld, cancel: impl Future<Output = ()>) {
    let clock = simulator.shared.options.clock.clone();
    let mut life = Life::new(simulator.control(), world, simulator.shared.options.seed);
    let mut cancel = std::pin::pin!(cancel);
    loop {
        let pause = Duration::from_secs(20 + life.choose("pause", 21));
        tokio::select! {
            () = &mut cancel => return,
            () = tokio::time::sleep(pause) => life.step(clock.now()),
        }
    }
}

/// Where an event is.
type Place = (String, String);

struct Life {
    control: Control,
    world: DemoWorld,
    seed: u64,
    steps: u64,
    /// An event that was moved by half an hour.
    moved: Option<Place>,
    /// An event whose title was made longer.
    renamed: Option<Place>,
    /// The events that arrived and are still there, oldest first.
    arrived: VecDeque<Place>,
}

impl Life {
    fn new(control: Control, world: DemoWorld, seed: u64) -> Self {
        Self { control, world, seed, steps: 0, moved: None, renamed: None, arrived: VecDeque::new() }
    }

    /// Picks a number below `below`.
    fn choose(&self, what: &str, below: u64) -> u64 {
        chance::number(self.seed, &["life", what, &self.steps.to_string()]) % below.max(1)
    }

    fn pick<T: Clone>(&self, what: &str, from: &[T]) -> Option<T> {
        let count = u64::try_from(from.len()).unwrap_or_default();
        usize::try_from(self.choose(what, count)).ok().and_then(|index| from.get(index)).cloned()
    }

    fn step(&mut self, now: DateTime<Utc>) {
        self.steps += 1;
        match self.choose("action", 4) {
            0 if self.arrived.len() < ARRIVALS => self.arrive(now),
            0 | 1 => self.depart(),
            2 => self.shift(now),
            _ => self.rename(now),
        }
    }

    /// Someone puts a new event into a free-looking hour of the next days.
    fn arrive(&mut self, now: DateTime<Utc>) {
        let calendar = self.pick("calendar", &[self.world.work.clone(), self.world.personal.clone()]);
        let (Some(calendar), Some(title)) = (calendar, self.pick("title", &TITLES)) else {
            return;
        };
        let today = now.with_timezone(&self.world.zone).date_naive();
        let plan = Plan::new(self.control.clone(), today, self.world.zone);
        let ahead = i64::try_from(self.choose("day", 8)).unwrap_or_default();
        let day = workday(today + TimeDelta::days(ahead)) - plan.monday;
        let hour = 9 + u32::try_from(self.choose("hour", 8)).unwrap_or_default();
        let minute = if self.choose("half", 2) == 0 { 0 } else { 30 };
        let event = plan.timed(title, day.num_days(), (hour, minute), 30);
        if let Ok(event) = self.control.try_put_event(&calendar, event)
            && let Some(id) = event["id"].as_str()
        {
            self.arrived.push_back((calendar, id.to_owned()));
        }
    }

    /// What arrived first is called off.
    fn depart(&mut self) {
        if let Some((calendar, id)) = self.arrived.pop_front() {
            self.control.delete_event(&calendar, &id);
        }
    }

    /// A meeting moves by half an hour; the next time it moves back.
    fn shift(&mut self, now: DateTime<Utc>) {
        match self.moved.take() {
            Some(place) => self.move_by(&place, -30),
            None => {
                self.moved = self.some_event(now);
                if let Some(place) = self.moved.clone() {
                    self.move_by(&place, 30);
                }
            }
        }
    }

    fn move_by(&self, place: &Place, minutes: i64) {
        let Some(event) = self.find(place) else {
            return;
        };
        let moved = |side: &str| {
            let text = event[side]["dateTime"].as_str()?;
            let time = DateTime::parse_from_rfc3339(text).ok()? + TimeDelta::minutes(minutes);
            Some(json!({ "dateTime": time.to_rfc3339(), "timeZone": event[side]["timeZone"] }))
        };
        if let (Some(start), Some(end)) = (moved("start"), moved("end")) {
            self.put(place, json!({ "id": place.1, "start": start, "end": end }));
        }
    }

    /// A title gets a remark; the next time it loses it.
    fn rename(&mut self, now: DateTime<Utc>) {
        let undo = self.renamed.take();
        let Some(place) = undo.clone().or_else(|| self.some_event(now)) else {
            return;
        };
        let Some(event) = self.find(&place) else {
            return;
        };
        let title = event["summary"].as_str().unwrap_or_default();
        let title = match undo {
            Some(_) => title.trim_end_matches(SUFFIX).to_owned(),
            None => title.trim_end_matches(SUFFIX).to_owned() + SUFFIX,
        };
        self.put(&place, json!({ "id": place.1, "summary": title }));
        if undo.is_none() {
            self.renamed = Some(place);
        }
    }

    /// Some single event of the next days that is not an all-day one.
    fn some_event(&self, now: DateTime<Utc>) -> Option<Place> {
        let soon = |event: &Value| {
            let start =
                event["start"]["dateTime"].as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
            start.is_some_and(|start| start > now && start < now + TimeDelta::days(12))
        };
        let calendars = [&self.world.work, &self.world.personal, &self.world.family];
        let places = calendars.into_iter().flat_map(|calendar| {
            let events = self.control.events(calendar).into_iter();
            let single = |event: &Value| event["recurrence"].is_null() && event["recurringEventId"].is_null();
            let ids = events.filter(move |event| single(event) && soon(event));
            ids.filter_map(move |event| Some((calendar.clone(), event["id"].as_str()?.to_owned())))
        });
        self.pick("event", &places.collect::<Vec<_>>())
    }

    /// The event, if nobody has deleted it meanwhile.
    fn find(&self, (calendar, id): &Place) -> Option<Value> {
        self.control.events(calendar).into_iter().find(|event| event["id"] == id.as_str())
    }

    fn put(&self, (calendar, _): &Place, event: Value) {
        if let Err(error) = self.control.try_put_event(calendar, event) {
            tracing::debug!(%error, "the demonstration could not change an event");
        }
    }
}

/// The day itself, or the Monday after a weekend.
fn workday(day: NaiveDate) -> NaiveDate {
    match day.weekday().num_days_from_monday() {
        5 => day + TimeDelta::days(2),
        6 => day + TimeDelta::days(1),
        _ => day,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::google::{GoogleOptions, seed_demo};

    #[test]
    fn life_changes_much_and_adds_up_to_nothing() {
        let simulator = GoogleSimulator::new(GoogleOptions::default());
        let now = "2026-05-13T10:00:00Z".parse().unwrap();
        let world = seed_demo(&simulator, now, chrono_tz::Europe::Paris);
        let control = simulator.control();
        let calendars = [world.work.clone(), world.personal.clone(), world.family.clone()];
        let count = || calendars.iter().map(|calendar| control.events(calendar).len()).sum::<usize>();
        let etags = || {
            let events = calendars.iter().flat_map(|calendar| control.events(calendar));
            events.map(|event| event["etag"].to_string()).collect::<BTreeSet<_>>()
        };
        let (before, mut last, mut changes) = (count(), etags(), 0);
        let mut life = Life::new(simulator.control(), world, 3);
        for _ in 0..400 {
            life.step(now);
            assert!((before..=before + ARRIVALS).contains(&count()));
            let now = etags();
            changes += usize::from(now != last);
            last = now;
        }
        assert!(changes > 300, "only {changes} steps of 400 changed anything");
    }

    #[tokio::test]
    async fn life_ends_when_it_is_told_to() {
        let simulator = GoogleSimulator::new(GoogleOptions::default());
        let world = seed_demo(&simulator, Utc::now(), chrono_tz::Europe::Paris);
        demo_life(simulator, world, async {}).await;
    }
}
