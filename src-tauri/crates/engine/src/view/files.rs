//! Calendar files: what an import would do and has done, and what is exported.

use serde::{Deserialize, Serialize};
use synodic_model::{CalendarId, EventId, When};
use ts_rs::TS;

use super::UndoToken;

/// What a file holds, and what becomes of it in a calendar. Nothing has been written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ImportPreview {
    /// How the file names its calendar.
    pub name: Option<String>,
    /// Events and series that the calendar does not have.
    pub new: u32,
    /// Those that it has just so.
    pub same: u32,
    /// Those that it has, and of which the file says something else.
    pub changed: u32,
    /// Those among the changed ones that are not the person's to change.
    pub refused: u32,
    /// Events that could not be read.
    pub unreadable: u32,
    /// Some of them, with the reason.
    pub unreadable_ones: Vec<UnreadableView>,
    /// What was read with some doubt, each a sentence.
    pub doubts: Vec<String>,
    /// Things in the file that are no events: tasks, journals, free times.
    pub others: u32,
    /// Some of the events: the changed ones first, then the new ones.
    pub rows: Vec<ImportRow>,
}

/// An event of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ImportRow {
    /// Its title.
    pub title: String,
    /// When it takes place; of a series, when its first occurrence does.
    pub when: When,
    /// Whether it is a series.
    pub repeats: bool,
    /// What becomes of it.
    pub fate: ImportFate,
}

/// What becomes of an event of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ImportFate {
    /// The calendar has it in another form, which stays or is replaced.
    Changed,
    /// The calendar has it in another form, which may not be changed.
    Refused,
    /// It is made.
    New,
    /// The calendar has it already.
    Same,
}

/// An event that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct UnreadableView {
    /// Its title, as far as there is one.
    pub title: String,
    /// Why.
    pub reason: String,
}

/// The calendar that a file is taken into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ImportPlace {
    /// Which.
    pub calendar_id: CalendarId,
    /// Whether it was made for this file. Then it goes when the import is taken back, unless something else has come into
    /// it.
    pub is_new: bool,
}

impl From<CalendarId> for ImportPlace {
    /// A calendar that was there before.
    fn from(calendar_id: CalendarId) -> Self {
        Self { calendar_id, is_new: false }
    }
}

/// What to do with events that the calendar has in another form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ImportChoice {
    /// They stay as they are in the calendar.
    #[default]
    Skip,
    /// They become what the file says.
    Replace,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ImportReport {
    /// Events and series that were made.
    pub created: u32,
    /// Those that were changed.
    pub replaced: u32,
    /// Those that differ and were left as they are.
    pub skipped: u32,
    /// Those that were there already.
    pub same: u32,
    /// Events that could not be read.
    pub unreadable: u32,
    /// Why it ended before all of the file was taken in; what came in before is counted above.
    pub stopped: Option<String>,
    /// Hand this to `undo` to take all of it back.
    pub undo: UndoToken,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ImportProgress {
    /// Events and series that are done with.
    pub done: u32,
    /// All of the file.
    pub total: u32,
}

/// What is to be exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum ExportWish {
    /// All that these calendars have.
    Calendars {
        /// The calendars.
        ids: Vec<CalendarId>,
    },
    /// Some events; of a series all of it.
    Events {
        /// The events.
        ids: Vec<EventId>,
    },
}

/// A calendar file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ExportedFile {
    /// A name for the file.
    pub name: String,
    /// What is in it.
    pub text: String,
    /// How many events and series that are.
    pub events: u32,
}

/// A calendar file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SavedExport {
    /// Where it is.
    pub path: String,
    /// How many events and series are in it.
    pub events: u32,
}
