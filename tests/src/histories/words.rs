//! What people say, in the words that all sides share.

use chrono::TimeDelta;
use synodic_engine::view::OccurrenceView;
use synodic_model::{EventContent, EventStatus, OriginalStart, Recurrence, When, ZonedTime};

use super::remote::google::{instant, ordered};
use super::remote::{Change, Row, Shown};
use super::step::{RULES, Said, Time, What, description, title};

/// An occurrence in the words that all sides share.
pub(super) fn shown(view: &OccurrenceView) -> Shown {
    let (start, end) = match view.when {
        When::AllDay { start, end } => (start.to_string(), end.to_string()),
        When::Zoned { .. } | When::Floating { .. } => (instant(view.starts_at), instant(view.ends_at)),
    };
    Shown { place: view.location.clone(), start, end, title: view.title.clone() }
}

/// A content in the words that all sides share.
pub(super) fn row(content: &EventContent, original_start: Option<String>) -> Row {
    Row {
        place: content.location.clone(),
        original_start,
        id: String::new(),
        series: None,
        title: content.title.clone(),
        description: content.description.clone(),
        start: start(&content.when),
        rule: content
            .recurrence
            .as_ref()
            .and_then(|recurrence| recurrence.rules.first())
            .map(|rule| ordered(rule)),
        called_off: content.status == EventStatus::Cancelled,
    }
}

/// The start of a series' occurrence in the words that all sides share.
pub(super) fn original(start: &OriginalStart) -> String {
    match start {
        OriginalStart::Date { date } => date.to_string(),
        OriginalStart::Zoned { time } => instant(time.instant()),
        OriginalStart::Floating { time } => time.to_string(),
    }
}

/// When something starts, as an instant or a day.
pub(super) fn start(when: &When) -> String {
    match when {
        When::AllDay { start, .. } => start.to_string(),
        When::Zoned { start, .. } => instant(start.instant()),
        When::Floating { start, .. } => start.to_string(),
    }
}

/// An event that says this.
pub(super) fn content(said: &Said) -> EventContent {
    let mut content = EventContent::new(&said.title, when(said.time));
    content.location.clone_from(&said.place);
    content.description.clone_from(&said.description);
    content.recurrence = said.rule.and_then(|rule| Recurrence::from_rule(rule).ok());
    content
}

/// A time as the replica has it.
pub(super) fn when(time: Time) -> When {
    match time {
        Time::Hour { start, minutes } => {
            let at = |local| ZonedTime::new(local, chrono_tz::Europe::Berlin);
            When::Zoned { start: at(start), end: at(start + TimeDelta::minutes(minutes)) }
        }
        Time::Day { date } => When::AllDay { start: date, end: date + TimeDelta::days(1) },
    }
}

/// What an event says after the change of step `number`.
pub(super) fn changed(before: &EventContent, what: What, number: u32) -> EventContent {
    let mut after = before.clone();
    match what {
        What::Description => after.description = description(number),
        What::Time => after.when = when(time(matches!(before.when, When::AllDay { .. }), number)),
        What::Rule if before.recurrence.is_some() => {
            after.recurrence = Recurrence::from_rule(rule(number)).ok();
        }
        What::Title | What::Rule => after.title = title(number),
    }
    after
}

/// The change of step `number`, of what a remote has.
pub(super) fn change_there(before: &Row, what: What, number: u32) -> Change {
    match what {
        What::Description => Change::Description(description(number)),
        What::Time => Change::Time(time(!before.start.contains('T'), number)),
        What::Rule if before.rule.is_some() => Change::Rule(rule(number)),
        What::Title | What::Rule => Change::Title(title(number)),
    }
}

/// What a remote has after a change.
pub(super) fn as_changed(before: &Row, change: &Change) -> Row {
    let mut after = before.clone();
    match change {
        Change::Title(title) => after.title.clone_from(title),
        Change::Description(description) => after.description.clone_from(description),
        Change::Time(time) => after.start = start(&when(*time)),
        Change::Rule(rule) => after.rule = Some(ordered(rule)),
    }
    after
}

/// The time that step `number` gives.
pub(super) fn time(is_day: bool, number: u32) -> Time {
    if is_day { Time::day(number) } else { Time::hour(number) }
}

/// The rule that step `number` gives.
pub(super) fn rule(number: u32) -> &'static str {
    RULES[usize::try_from(number).unwrap_or_default() % RULES.len()]
}
