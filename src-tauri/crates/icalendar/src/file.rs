//! Whole files of events, as programs export them.
//!
//! A file is somebody else's work: it may be cut off, in another encoding, or no calendar at all. What can be read of it
//! is, and of the rest it is said why not. Events are recognised by their UID; where there is none, one is derived from
//! what the event says, so that the same file read twice names the same events.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use synodic_model::{Event, EventContent, EventStatus, Field, FieldSet, OriginalStart};
use uuid::Uuid;

use crate::describe::describe;
use crate::error::Unreadable;
use crate::object::{self, Object, PRODUCT, Place};
use crate::point::{read_duration, recurrence_id, zones_named};
use crate::text::{Component, DEPTH_LIMIT, Line, lines};
use crate::write;
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
    /// Whether its calendar ends where it ends; one that was cut off does not.
    pub is_complete: bool,
    /// How often it wants to be asked for (RFC 7986 §5.7).
    pub refresh: Option<TimeDelta>,
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
    /// Its UID, if it has one.
    pub uid: Option<String>,
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
    is_complete: bool,
    refresh: Option<TimeDelta>,
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
            } else if line.is("REFRESH-INTERVAL") || line.is("X-PUBLISHED-TTL") {
                self.refresh = self.refresh.or_else(|| read_duration(line.value()));
            }
        }
        self.abandon(&mut open);
        self.is_complete = !is_in_calendar;
        if has_calendar { Ok(()) } else { Err(NoCalendarFile::NoCalendar) }
    }

    /// Gives up what was begun and never ended.
    fn abandon(&mut self, open: &mut Vec<Component>) {
        if let Some(first) = open.first().filter(|component| component.name == "VEVENT") {
            self.unreadable.push(UnreadableEntry {
                uid: uid_of(first),
                title: title(first),
                reason: Unreadable::CutOff,
            });
        }
        open.clear();
    }

    fn take(&mut self, component: Component) {
        match component.name.as_str() {
            "VTIMEZONE" => self.zones.add(&component),
            "VEVENT" => {
                let uid = uid_of(&component).unwrap_or_else(|| derived_uid(&component));
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
        let mut file = File {
            name: self.name,
            unreadable: self.unreadable,
            others: self.others,
            is_complete: self.is_complete,
            refresh: self.refresh,
            ..File::default()
        };
        for uid in self.order {
            let components = self.events.remove(&uid).unwrap_or_default();
            for (uid, components) in told_apart(&mut file.doubts, uid, components) {
                add_entries(&mut file, &uid, components, &self.zones);
            }
        }
        file.doubts.sort();
        file.doubts.dedup();
        file
    }
}

/// A UID has one event or series. Programs that add each version to a file leave several, of which the latest counts; others
/// give all events the same UID, though they are different ones.
fn told_apart(
    doubts: &mut Vec<String>,
    uid: String,
    components: Vec<Component>,
) -> Vec<(String, Vec<Component>)> {
    let (masters, occurrences): (Vec<_>, Vec<_>) =
        components.into_iter().partition(|component| component.line("RECURRENCE-ID").is_none());
    let sequence = |component: &Component| {
        component.line("SEQUENCE").and_then(|line| line.value().trim().parse::<u32>().ok()).unwrap_or(0)
    };
    let latest = masters.iter().map(sequence).max().unwrap_or(0);
    let is_many = masters.len() > 1;
    let mut versions: Vec<(String, Component)> = Vec::new();
    for master in masters.into_iter().filter(|master| sequence(master) == latest) {
        let start = master.line("DTSTART").map(|line| line.value().trim().to_owned()).unwrap_or_default();
        match versions.iter_mut().find(|(known, _)| *known == start) {
            Some((_, version)) => *version = master,
            None => versions.push((start, master)),
        }
    }
    if versions.len() > 1 {
        doubts.push("Events with one identifier for several were taken as events of their own.".to_owned());
    } else if is_many {
        let name = versions.first().map(|(_, master)| title(master)).unwrap_or_default();
        doubts.push(format!("“{name}” is there more than once; its latest version was taken."));
    }
    let mut versions = versions.into_iter();
    let first = versions.next().map(|(_, master)| master).into_iter().chain(occurrences).collect();
    let others: Vec<_> = versions.map(|(start, master)| (format!("{uid}#{start}"), vec![master])).collect();
    std::iter::once((uid, first)).chain(others).collect()
}

/// Adds what the components of one UID say.
fn add_entries(file: &mut File, uid: &str, components: Vec<Component>, zones: &Zones) {
    let name = components.first().map(title).unwrap_or_default();
    let found = match Object::of(components, zones.clone()).parts() {
        Ok(found) => found,
        Err(reason) => {
            file.unreadable.push(UnreadableEntry { uid: Some(uid.to_owned()), title: name, reason });
            return;
        }
    };
    file.unreadable.extend(found.unreadable.into_iter().map(|part| UnreadableEntry {
        uid: Some(uid.to_owned()),
        title: name.clone(),
        reason: part.reason,
    }));
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

fn uid_of(event: &Component) -> Option<String> {
    event.text("UID").map(|uid| uid.trim().to_owned()).filter(|uid| !uid.is_empty())
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
    // A zone is described once, from the first of its days on: to find a zone's rules takes longer than to write an event.
    let mut zones: BTreeMap<&str, (Tz, NaiveDate)> = BTreeMap::new();
    let mut events = Vec::new();
    for (event, occurrences) in entries {
        for (zone, day) in std::iter::once(event)
            .chain(occurrences.iter().copied())
            .flat_map(|event| zones_named(&event.content.when))
        {
            let known = zones.entry(zone.name()).or_insert((zone, day));
            known.1 = known.1.min(day);
        }
        let (off, kept): (Vec<&Event>, Vec<&Event>) =
            occurrences.into_iter().partition(|event| event.content.status == EventStatus::Cancelled);
        let off = off.into_iter().filter_map(|event| Some(event.occurrence_of?.original_start));
        let mut master = component(event, now);
        object::call_off(&mut master, &event.content, &off.collect::<Vec<_>>());
        events.push(master);
        events.extend(kept.into_iter().filter_map(|occurrence| {
            let original = occurrence.occurrence_of?.original_start;
            let mut component = component(occurrence, now);
            component.lines.insert(1, recurrence_id(&original));
            Some(component)
        }));
    }
    calendar.children.extend(zones.into_values().map(|(zone, from)| describe(zone, from)));
    calendar.children.extend(events);
    calendar.write()
}

/// An event by itself.
fn component(event: &Event, now: DateTime<Utc>) -> Component {
    let blank = EventContent::new("", event.content.when);
    let said =
        FieldSet::differing(FieldSet::ALL, &blank, &event.content).with(Field::Title).with(Field::When);
    let mut component = Component::new("VEVENT");
    component.lines.push(Line::text("UID", &event.uid));
    let at = |name: &str, at: DateTime<Utc>| Line::new(name, &at.format("%Y%m%dT%H%M%SZ").to_string());
    component.lines.push(at("DTSTAMP", now));
    component.lines.push(at("CREATED", event.created_at));
    component.lines.push(at("LAST-MODIFIED", event.updated_at));
    write::write(&mut component, &blank, &event.content, said, &[], true);
    component
}

#[cfg(test)]
mod tests;
