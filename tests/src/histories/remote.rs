//! A remote calendar as its person sees it, whatever the service behind it.

use super::step::{Said, Time};

pub mod google;

/// Something that a calendar has, in words that all services share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// What makes the event the same one everywhere; an occurrence has its series'.
    pub place: String,
    /// Of an occurrence with a mind of its own: the start that its series gave it.
    pub original_start: Option<String>,
    /// The service's id.
    pub id: String,
    /// The id of the series, of an occurrence.
    pub series: Option<String>,
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// When it starts, as an instant or a day.
    pub start: String,
    /// How it repeats.
    pub rule: Option<String>,
    /// Whether it is an occurrence that is called off; then nothing else counts.
    pub called_off: bool,
}

/// One appearance in a calendar, as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown {
    /// What makes the event the same one everywhere.
    pub place: String,
    /// When it starts, as an instant or a day.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// The title.
    pub title: String,
}

/// What somebody with another device changes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its title.
    Title(String),
    /// Its description.
    Description(String),
    /// When it takes place.
    Time(Time),
    /// How it repeats.
    Rule(&'static str),
}

/// A remote calendar.
#[async_trait::async_trait]
pub trait Remote: Send + Sync {
    /// The account that it belongs to.
    fn account(&self) -> &str;

    /// The service's id for it.
    fn calendar(&self) -> &str;

    /// What it has, with occurrences that are called off and without what is deleted.
    fn rows(&self) -> Vec<Row>;

    /// What a person sees of it.
    async fn shown(&self) -> Vec<Shown>;

    /// Makes an event with another device. Returns whether the service took it.
    fn add(&self, said: &Said) -> bool;

    /// Changes an event, or a series as a whole.
    fn change(&self, row: &Row, change: &Change) -> bool;

    /// The occurrence of a series with this number as it is now: a row of its own, or one as its series makes it.
    fn occurrence(&self, series: &Row, nth: u8) -> Option<Row>;

    /// Calls an occurrence off.
    fn call_off(&self, occurrence: &Row) -> bool;

    /// Deletes an event, or a series as a whole.
    fn delete(&self, row: &Row) -> bool;

    /// What the service keeps that we have no word for has changed by itself: each such case in a sentence.
    fn damage(&self) -> Vec<String>;
}
