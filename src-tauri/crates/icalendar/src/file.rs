//! Whole files of events, as programs export them.
//!
//! A file is somebody else's work: it may be cut off, in another encoding, or no calendar at all. What can be read of it
//! is, and of the rest it is said why not. Events are recognised by their UID; where there is none, one is derived from
//! what the event says, so that the same file read twice names the same events.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use synodic_model::{Event, EventContent, EventStatus, OriginalStart};
use uuid::Uuid;

use crate::error::Unreadable;
use crate::object::{Object, PRODUCT, Place};
use crate::text::{Component, DEPTH_LIMIT, Line, lines};
use crate::zones::Zones;

/// The largest file that is read, in bytes.
pub const SIZE_LIMIT: usize = 100 << 20;
/// The most events that are taken from one file.
pub const EVENT_LIMIT: usize = 200_000;

/// What UIDs are derived from; a constant of this program.
const NAMES: Uuid = Uuid::from_u128(0x3f6a_90c4_51de_4c39_8b07_1d2e_66f0_a95b);

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// How the file names its calendar.
    pub name: Option<String>,
    /// Its events, in its order, each UID once.
    pub entries: Vec<Entry>,
    /// What could not be read.
    pub unreadable: Vec<UnreadableEntry>,
    /// What was read with some doubt, each a sentence, each once.
    pub doubts: Vec<String>,
    /// Things in it that are no events: tasks, journals, free times.
    pub others: usize,
}

/// One event, or a series with its edited occurrences.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The iCalendar UID, or one that was derived.
    pub uid: String,
    /// The event or series.
    pub content: EventContent,
    /// The occurrences that differ from it or are called off.
    pub occurrences: Vec<(OriginalStart, EventContent)>,
}

/// An event that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableEntry {
    /// Its title, which may be all that could be read; empty when there is none.
    pub title: String,
    /// Why.
    pub reason: Unreadable,
}

/// Why a file as a whole was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCalendarFile {
    /// Larger than [`SIZE_LIMIT`].
    #[error("the file is larger than {} MB", SIZE_LIMIT >> 20)]
    TooLarge,
    /// More than [`EVENT_LIMIT`].
    #[error("the file holds more than {EVENT_LIMIT} events")]
    TooMany,
    /// It may be called `.ics`, and is something else.
    #[error("this is no calendar file: it does not say BEGIN:VCALENDAR")]
    NoCalendar,
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
}

/// Reads a file.
///
/// # Errors
/// [`NoCalendarFile`] when it is none, or too large.
pub fn read(bytes: &[u8]) -> Result<File, NoCalendarFile> {
    if bytes.len() > SIZE_LIMIT {
        return Err(NoCalendarFile::TooLarge);
    }
    let text = decode(bytes);
    if text.trim().is_empty() {
        return Err(NoCalendarFile::Empty);
    }
    let mut gathered = Gathered::default();
    gathered.read(&text)?;
    Ok(gathered.into_file())
}

/// The text of a file: UTF-8 as it should be, UTF-16 as some programs on Windows save it, else what Western Europe wrote
/// before.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes
            .chunks_exact(2)
            .map(|pair| unit([pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0)]));
        Cow::Owned(
            char::decode_utf16(units).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
        )
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [_, 0, _, 0, ..] => wide(bytes, u16::from_le_bytes),
        [0, _, 0, _, ..] => wide(bytes, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            // Latin-1 has the characters in the order of Unicode; what Windows put between is the usual typography.
            Err(_) => Cow::Owned(bytes.iter().map(|byte| western(*byte)).collect()),
        },
    }
}

/// A character of Windows-1252.
fn western(byte: u8) -> char {
    const BETWEEN: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => BETWEEN.get(usize::from(byte - 0x80)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from(byte),
    }
}

/// What was found on the way through a file. Zones may be described behind the events that name them, and occurrences
/// stand anywhere, so nothing is read as an event before the end.
#[derive(Debug, Default)]
struct Gathered {
    name: Option<String>,
    zones: Zones,
    /// The components by UID, and the UIDs in the file's order.
    events: BTreeMap<String, Vec<Component>>,
    order: Vec<String>,
    unreadable: Vec<UnreadableEntry>,
    others: usize,
}

impl Gathered {
    fn read(&mut self, text: &str) -> Result<(), NoCalendarFile> {
        let mut open: Vec<Component> = Vec::new();
        let mut is_in_calendar = false;
        let mut has_calendar = false;
        let mut count = 0;
        for line in lines(text) {
            let begins = line.is("BEGIN");
            if (begins || line.is("END")) && line.name_in_value() == "VCALENDAR" {
                self.abandon(&mut open);
                is_in_calendar = begins;
                has_calendar |= begins;
            } else if !is_in_calendar {
                // Mail headers, and whatever else stands around.
                if !has_calendar && line.as_str().len() > 1 << 20 {
                    break;
                }
            } else if begins {
                let name = line.name_in_value();
                // An event never holds another: the one before was not ended.
                if name == "VEVENT" || open.len() >= DEPTH_LIMIT {
                    self.abandon(&mut open);
                }
                open.push(Component::new(&name));
            } else if line.is("END") {
                let name = line.name_in_value();
                if open.last().is_none_or(|component| component.name != name) {
                    self.abandon(&mut open);
                    continue;
                }
                let Some(ended) = open.pop() else { continue };
                match open.last_mut() {
                    Some(parent) => parent.children.push(ended),
                    None => {
                        count += usize::from(ended.name == "VEVENT");
                        self.take(ended);
                    }
                }
                if count > EVENT_LIMIT {
                    return Err(NoCalendarFile::TooMany);
                }
            } else if let Some(component) = open.last_mut() {
                component.lines.push(line);
            } else if line.is("X-WR-CALNAME") || line.is("NAME") {
                self.name.get_or_insert_with(|| line.unescaped());
            }
        }
        self.abandon(&mut open);
        if has_calendar { Ok(()) } else { Err(NoCalendarFile::NoCalendar) }
    }

    /// Gives up what was begun and never ended.
    fn abandon(&mut self, open: &mut Vec<Component>) {
        if let Some(first) = open.first().filter(|component| component.name == "VEVENT") {
            self.unreadable.push(UnreadableEntry { title: title(first), reason: Unreadable::CutOff });
        }
        open.clear();
    }

    fn take(&mut self, component: Component) {
        match component.name.as_str() {
            "VTIMEZONE" => self.zones.add(&component),
            "VEVENT" => {
                let uid =
                    component.text("UID").map(|uid| uid.trim().to_owned()).filter(|uid| !uid.is_empty());
                let uid = uid.unwrap_or_else(|| derived_uid(&component));
                let group = self.events.entry(uid.clone()).or_insert_with(|| {
                    self.order.push(uid);
                    Vec::new()
                });
                group.push(component);
            }
            _ => self.others += 1,
        }
    }

    fn into_file(mut self) -> File {
        let mut file =
            File { name: self.name, unreadable: self.unreadable, others: self.others, ..File::default() };
        for uid in self.order {
            let components = self.events.remove(&uid).unwrap_or_default();
            add_entries(&mut file, &uid, components, &self.zones);
        }
        file.doubts.sort();
        file.doubts.dedup();
        file
    }
}

/// Adds what the components of one UID say.
fn add_entries(file: &mut File, uid: &str, components: Vec<Component>, zones: &Zones) {
    let name = components.first().map(title).unwrap_or_default();
    let found = match Object::of(components, zones.clone()).parts() {
        Ok(found) => found,
        Err(reason) => {
            file.unreadable.push(UnreadableEntry { title: name, reason });
            return;
        }
    };
    file.unreadable.extend(
        found.unreadable.into_iter().map(|part| UnreadableEntry { title: name.clone(), reason: part.reason }),
    );
    let mut whole: Option<Entry> = None;
    for part in found.parts {
        file.doubts.extend(part.doubts);
        match (part.place, &mut whole) {
            (Place::Occurrence(original_start), Some(series)) => {
                series.occurrences.push((original_start, part.content));
            }
            (Place::Whole, _) => {
                whole = Some(Entry { uid: uid.to_owned(), content: part.content, occurrences: Vec::new() });
            }
            (Place::Occurrence(original_start) | Place::Detached { original_start, .. }, _) => {
                let uid = match part.place {
                    Place::Detached { is_first: true, .. } => uid.to_owned(),
                    _ => format!("{uid}#{}", original_start.key()),
                };
                file.entries.push(Entry { uid, content: part.content, occurrences: Vec::new() });
            }
        }
    }
    file.entries.extend(whole);
}

fn title(event: &Component) -> String {
    event.text("SUMMARY").unwrap_or_default()
}

/// A UID for an event that has none, from all that it says but for when that was written down.
fn derived_uid(event: &Component) -> String {
    let is_stamp = |line: &&Line| !["DTSTAMP", "CREATED", "LAST-MODIFIED"].iter().any(|name| line.is(name));
    let said: Vec<&str> = event.lines.iter().filter(is_stamp).map(Line::as_str).collect();
    Uuid::new_v5(&NAMES, said.join("\n").as_bytes()).to_string()
}

/// Writes a file of events: single ones and series each with its occurrences, which are given beside it.
#[must_use]
pub fn write<'a>(
    name: Option<&str>,
    entries: impl IntoIterator<Item = (&'a Event, Vec<&'a Event>)>,
    now: DateTime<Utc>,
) -> String {
    let mut calendar = Component::new("VCALENDAR");
    calendar.lines =
        vec![Line::new("VERSION", "2.0"), Line::new("PRODID", PRODUCT), Line::new("CALSCALE", "GREGORIAN")];
    calendar.lines.extend(name.map(|name| Line::text("X-WR-CALNAME", name)));
    let mut zones: BTreeMap<String, Component> = BTreeMap::new();
    let mut events = Vec::new();
    for (event, occurrences) in entries {
        let mut object = Object::new(&event.uid, &[]);
        object.fill(&event.content, true, now);
        for occurrence in occurrences {
            let Some(key) = &occurrence.occurrence_of else { continue };
            // The series has just been written, so it is there and can be read.
            let _ = match occurrence.content.status {
                EventStatus::Cancelled => object.call_off(&key.original_start, now),
                EventStatus::Confirmed | EventStatus::Tentative => {
                    object.put_occurrence(&key.original_start, &occurrence.content, true, now)
                }
            };
        }
        for component in object.into_components() {
            if component.name == "VTIMEZONE" {
                zones.entry(component.text("TZID").unwrap_or_default()).or_insert(component);
            } else {
                events.push(component);
            }
        }
    }
    calendar.children.extend(zones.into_values());
    calendar.children.extend(events);
    calendar.write()
}

#[cfg(test)]
mod tests;
