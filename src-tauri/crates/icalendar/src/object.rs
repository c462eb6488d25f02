//! One event, or a series with its edited occurrences, as calendar servers keep it in one resource (RFC 4791 §4.1).
//!
//! An occurrence that is called off is an `EXDATE` of its series, for that is how other programs understand it. A line of
//! our own in the series (`X-SYNODIC-CALLED-OFF`) says which of its `EXDATE`s stand for events of the replica; without it
//! they are simply part of the series, and mean the same.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use synodic_model::{EventContent, EventStatus, Field, FieldSet, OriginalStart, When};

use crate::error::Unreadable;
use crate::point::{Point, recurrence_id, zones_named};
use crate::text::{Component, Line};
use crate::zones::Zones;
use crate::{describe, read, write};

/// Our line in a series that says which of its `EXDATE`s stand for occurrences that were called off one by one.
const CALLED_OFF: &str = "X-SYNODIC-CALLED-OFF";
/// Who has written what we write (RFC 5545 §3.7.3).
pub(crate) const PRODUCT: &str = "-//Synodic//Synodic//EN";
/// More edited occurrences than any series has.
const PART_LIMIT: usize = 10_000;

/// A calendar object that was read, or is being made.
#[derive(Clone, Debug)]
pub struct Object {
    root: Component,
    zones: Zones,
    own: Vec<String>,
}

/// What one event of the replica stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it says.
    pub content: EventContent,
    /// Which part it is.
    pub place: Place,
    /// When it was last changed, if it says so.
    pub changed_at: Option<DateTime<Utc>>,
    /// What was read with some doubt, each a sentence.
    pub doubts: Vec<String>,
    /// The place of its component among the object's; none for an occurrence that is called off.
    at: Option<usize>,
}

/// Which part of an object an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The single event or the series.
    Whole,
    /// An occurrence that differs from its series, or is called off.
    Occurrence(OriginalStart),
    /// An occurrence whose series is not here, for somebody was invited to it alone. It stands for itself; the first of
    /// several for the whole.
    Detached {
        /// Which it is in its series.
        original_start: OriginalStart,
        /// Whether there is none before it.
        is_first: bool,
    },
}

/// What an object holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// The event or series first, then the occurrences. Nothing when it holds no event.
    pub parts: Vec<Part>,
    /// Occurrences that cannot be read; the others are unharmed.
    pub unreadable: Vec<UnreadablePart>,
}

/// An occurrence that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadablePart {
    /// Which, if that much could be read.
    pub original_start: Option<OriginalStart>,
    /// Why.
    pub reason: Unreadable,
}

impl Part {
    /// Whether it is this occurrence of its series, in whatever zone that is said.
    fn is_at(&self, original: &OriginalStart) -> bool {
        matches!(self.place, Place::Occurrence(own) if own.key() == original.key())
    }
}

impl Object {
    /// Reads an object. `own` are the addresses under which the person is invited, in lower case.
    ///
    /// # Errors
    /// [`Unreadable`] when it is no calendar object.
    pub fn read(text: &str, own: &[String]) -> Result<Self, Unreadable> {
        let root = Component::read(text)?;
        Ok(Self { zones: Zones::of(&root.children), root, own: own.to_vec() })
    }

    /// An object of these components, whose zones are known.
    pub(crate) fn of(events: Vec<Component>, zones: Zones) -> Self {
        let root = Component { name: "VCALENDAR".to_owned(), lines: Vec::new(), children: events };
        Self { root, zones, own: Vec::new() }
    }

    /// An object for a new event.
    #[must_use]
    pub fn new(uid: &str, own: &[String]) -> Self {
        let mut root = Component::new("VCALENDAR");
        root.lines = vec![Line::new("VERSION", "2.0"), Line::new("PRODID", PRODUCT)];
        let mut event = Component::new("VEVENT");
        event.lines.push(Line::text("UID", uid));
        root.children.push(event);
        Self { root, zones: Zones::default(), own: own.to_vec() }
    }

    /// The text, lines folded.
    #[must_use]
    pub fn text(&self) -> String {
        self.root.write()
    }

    /// The UID of its events.
    #[must_use]
    pub fn uid(&self) -> Option<String> {
        self.events().find_map(|(_, event)| event.text("UID"))
    }

    /// The events of the object's first UID: a resource holds no others (RFC 4791 §4.1).
    fn events(&self) -> impl Iterator<Item = (usize, &Component)> {
        let events = || self.root.children.iter().enumerate().filter(|(_, child)| child.name == "VEVENT");
        let uid = events().next().and_then(|(_, event)| event.text("UID"));
        events().filter(move |(_, event)| event.text("UID") == uid)
    }

    fn master(&self) -> Option<(usize, &Component)> {
        self.events().find(|(_, event)| event.line("RECURRENCE-ID").is_none())
    }

    /// Everything that is in it.
    ///
    /// # Errors
    /// [`Unreadable`] when the event or series cannot be read; of an occurrence [`Parts::unreadable`] tells.
    pub fn parts(&self) -> Result<Parts, Unreadable> {
        let mut found = Parts::default();
        let mut series: Option<When> = None;
        if let Some((at, master)) = self.master() {
            let (content, off) = self.read_master(master)?;
            series = Some(content.when);
            found.parts.push(self.part(Place::Whole, at, master, content));
            found.parts.extend(off.into_iter().map(|original_start| Part {
                content: EventContent {
                    status: EventStatus::Cancelled,
                    ..EventContent::new("", at_start(original_start))
                },
                place: Place::Occurrence(original_start),
                changed_at: None,
                doubts: Vec::new(),
                at: None,
            }));
        }
        let mut seen = BTreeSet::new();
        let overrides =
            self.events().filter_map(|(at, event)| Some((at, event, event.line("RECURRENCE-ID")?)));
        for (at, event, line) in overrides.take(PART_LIMIT) {
            let content = read::read(&self.zones, event, &self.own);
            let when = series.or_else(|| content.as_ref().ok().map(|content| content.when));
            let original_start = Point::read(&self.zones, line)
                .map(|point| point.original_start(when.as_ref().unwrap_or(&point.when())));
            let (content, original_start) = match (content, original_start) {
                (Ok(content), Ok(original_start)) => (content, original_start),
                (content, original_start) => {
                    let known = original_start.as_ref().ok().copied();
                    let reason = content.err().or(original_start.err()).unwrap_or(Unreadable::NoStart);
                    found.unreadable.push(UnreadablePart { original_start: known, reason });
                    continue;
                }
            };
            if !seen.insert(original_start.key()) {
                continue;
            }
            let content = EventContent { recurrence: None, ..content };
            let place = match series {
                Some(_) => Place::Occurrence(original_start),
                None => Place::Detached { original_start, is_first: seen.len() == 1 },
            };
            found.parts.push(self.part(place, at, event, content));
        }
        // Another program has brought back what was called off here: then it takes place.
        let is_brought_back = |part: &Part| match part.place {
            Place::Occurrence(original) => part.at.is_none() && seen.contains(&original.key()),
            Place::Whole | Place::Detached { .. } => false,
        };
        found.parts.retain(|part| !is_brought_back(part));
        Ok(found)
    }

    /// A series without the occurrences that are called off one by one, and those.
    fn read_master(&self, master: &Component) -> Result<(EventContent, Vec<OriginalStart>), Unreadable> {
        let mut content = read::read(&self.zones, master, &self.own)?;
        let keys: BTreeSet<&str> =
            master.each(CALLED_OFF).flat_map(|line| line.value().split(',')).map(str::trim).collect();
        let mut off = Vec::new();
        if let Some(recurrence) = &mut content.recurrence {
            recurrence.exclusion_dates.retain(|date| {
                let is_off = keys.contains(&*date.key());
                if is_off {
                    off.push(*date);
                }
                !is_off
            });
        }
        Ok((content, off))
    }

    fn part(&self, place: Place, at: usize, event: &Component, content: EventContent) -> Part {
        let changed_at = event.line("LAST-MODIFIED").and_then(|line| {
            NaiveDateTime::parse_from_str(line.value().trim().trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok()
        });
        let doubts = read::doubts(&self.zones, event);
        Part { content, place, changed_at: changed_at.map(|at| at.and_utc()), doubts, at: Some(at) }
    }

    /// Writes the fields `changed` of `desired` into a part; new guests are mailed by a server only when `invites`.
    ///
    /// # Errors
    /// [`Unreadable`] when the series of an occurrence cannot be read or is not there.
    pub fn write(
        &mut self,
        part: &Part,
        desired: &EventContent,
        changed: FieldSet,
        invites: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Unreadable> {
        if let Place::Occurrence(original) = part.place {
            if desired.status == EventStatus::Cancelled {
                return self.call_off(&original, now);
            }
            if part.at.is_none() {
                return self.put_occurrence(&original, desired, invites, now);
            }
        }
        let off = match (part.place, self.master()) {
            (Place::Whole, Some((_, master))) => self.read_master(master)?.1,
            _ => Vec::new(),
        };
        if let Some(event) = part.at.and_then(|at| self.root.children.get_mut(at)) {
            write::write(event, &part.content, desired, changed, &off, invites);
            let is_moved = changed.contains(Field::When) || changed.contains(Field::Recurrence);
            write::stamp(event, now, is_moved);
        }
        self.settle_zones(&desired.when);
        Ok(())
    }

    /// Fills a new object.
    pub fn fill(&mut self, desired: &EventContent, invites: bool, now: DateTime<Utc>) {
        let blank = EventContent::new("", desired.when);
        let changed =
            FieldSet::differing(FieldSet::ALL, &blank, desired).with(Field::Title).with(Field::When);
        if let Some(event) = self.root.children.iter_mut().find(|child| child.name == "VEVENT") {
            let created = now.format("%Y%m%dT%H%M%SZ").to_string();
            write::stamp(event, now, false);
            event.set("CREATED", Some(Line::new("CREATED", &created)));
            write::write(event, &blank, desired, changed, &[], invites);
        }
        self.settle_zones(&desired.when);
    }

    /// Gives an occurrence a component of its own, made from the series', and takes it as not called off.
    ///
    /// # Errors
    /// [`Unreadable`] when the series is not there or cannot be read.
    pub fn put_occurrence(
        &mut self,
        original: &OriginalStart,
        desired: &EventContent,
        invites: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Unreadable> {
        let (at, master) = self.master().ok_or(Unreadable::NoSeries)?;
        let mut event = master.clone();
        event.replace(&["RRULE", "EXRULE", "RDATE", "EXDATE", CALLED_OFF], Vec::new());
        event.replace(&["RECURRENCE-ID"], vec![recurrence_id(original)]);
        let current = read::read(&self.zones, &event, &self.own)?;
        let changed = FieldSet::differing(FieldSet::ALL, &current, desired)
            .with(Field::When)
            .without(Field::Recurrence);
        let changed =
            if invites { changed } else { changed.without(Field::Attendees).without(Field::Organizer) };
        write::write(&mut event, &current, desired, changed, &[], invites);
        write::stamp(&mut event, now, false);
        self.drop_component(original)?;
        self.mark(original, false, now)?;
        let at = at.min(self.root.children.len().saturating_sub(1));
        self.root.children.insert(at + 1, event);
        self.settle_zones(&desired.when);
        Ok(())
    }

    /// Calls an occurrence off.
    ///
    /// # Errors
    /// [`Unreadable`] when the series is not there or cannot be read.
    pub fn call_off(&mut self, original: &OriginalStart, now: DateTime<Utc>) -> Result<(), Unreadable> {
        self.drop_component(original)?;
        self.mark(original, true, now)
    }

    /// Lets an occurrence be what the series makes of it.
    ///
    /// # Errors
    /// [`Unreadable`] when the series is not there or cannot be read.
    pub fn let_go(&mut self, original: &OriginalStart, now: DateTime<Utc>) -> Result<(), Unreadable> {
        self.drop_component(original)?;
        self.mark(original, false, now)
    }

    /// Takes the component of an occurrence whose series is not here out, unless it is the only one. Returns whether it was.
    pub fn take_out(&mut self, part: &Part) -> bool {
        let is_alone = self.root.children.iter().filter(|child| child.name == "VEVENT").count() < 2;
        match part.at {
            Some(at) if !is_alone && at < self.root.children.len() => {
                self.root.children.remove(at);
                true
            }
            _ => false,
        }
    }

    fn drop_component(&mut self, original: &OriginalStart) -> Result<(), Unreadable> {
        let parts = self.parts()?.parts;
        let part = parts.iter().find(|part| part.is_at(original));
        if let Some(at) = part.and_then(|part| part.at) {
            self.root.children.remove(at);
        }
        Ok(())
    }

    /// Notes in the series whether an occurrence is called off.
    fn mark(&mut self, original: &OriginalStart, is_off: bool, now: DateTime<Utc>) -> Result<(), Unreadable> {
        let (at, master) = self.master().ok_or(Unreadable::NoSeries)?;
        let (content, mut off) = self.read_master(master)?;
        let before = off.len();
        off.retain(|date| date.key() != original.key());
        if is_off {
            off.push(*original);
        } else if off.len() == before {
            return Ok(());
        }
        let Some(master) = self.root.children.get_mut(at) else { return Ok(()) };
        call_off(master, &content, &off);
        write::stamp(master, now, false);
        Ok(())
    }

    /// Describes the zones that are named and not described yet, or not for the time they are named for.
    fn settle_zones(&mut self, when: &When) {
        for (zone, from) in zones_named(when) {
            let described = self.root.children.iter_mut().find(|child| {
                child.name == "VTIMEZONE" && child.text("TZID").as_deref() == Some(zone.name())
            });
            match described {
                Some(described) => describe::extend(described, zone, from),
                None => self.root.children.insert(0, describe::describe(zone, from)),
            }
        }
    }
}

/// Says in a series that these of its occurrences are called off, and no others.
pub(crate) fn call_off(master: &mut Component, content: &EventContent, off: &[OriginalStart]) {
    write::write_recurrence(master, content, off);
    let mut keys: Vec<String> = off.iter().map(OriginalStart::key).collect();
    // In whatever order they were called off, the text is the same.
    keys.sort_unstable();
    master.set(CALLED_OFF, (!keys.is_empty()).then(|| Line::new(CALLED_OFF, &keys.join(","))));
}

/// Of an occurrence that is called off a server says when it would have been, and nothing more.
fn at_start(original: OriginalStart) -> When {
    match original {
        OriginalStart::Date { date } => When::AllDay { start: date, end: date.succ_opt().unwrap_or(date) },
        OriginalStart::Zoned { time } => When::Zoned { start: time, end: time },
        OriginalStart::Floating { time } => When::Floating { start: time, end: time },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(events: &str) -> Parts {
        let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n");
        Object::read(&text, &["ada@example.org".to_owned()]).unwrap().parts().unwrap()
    }

    #[test]
    fn a_description_that_begins_too_late_is_extended() {
        let text = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTIMEZONE\nTZID:Europe/Berlin\nX-OTHERS:kept\n\
                    BEGIN:DAYLIGHT\nDTSTART:20260329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n\
                    RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\n\
                    BEGIN:STANDARD\nDTSTART:20261025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
                    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nEND:VTIMEZONE\n\
                    BEGIN:VTIMEZONE\nTZID:Elsewhere\nBEGIN:STANDARD\nDTSTART:20260101T000000\n\
                    TZOFFSETFROM:+0200\nTZOFFSETTO:+0200\nEND:STANDARD\nEND:VTIMEZONE\n\
                    BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20261103T090000\nEND:VEVENT\nEND:VCALENDAR\n";
        let moved_to = |start: &str| {
            let mut object = Object::read(text, &[]).unwrap();
            let part = object.parts().unwrap().parts.remove(0);
            let zone = chrono_tz::Europe::Berlin;
            let time = synodic_model::ZonedTime::new(start.parse().unwrap(), zone);
            let desired =
                EventContent { when: When::Zoned { start: time, end: time }, ..part.content.clone() };
            let changed = FieldSet::differing(FieldSet::ALL, &part.content, &desired);
            object.write(&part, &desired, changed, false, DateTime::UNIX_EPOCH).unwrap();
            object.root
        };
        let before = Component::read(text).unwrap();
        let later = moved_to("2031-07-01T09:00:00");
        assert_eq!(later.children[..2], before.children[..2], "it reaches there by its rules");

        let root = moved_to("2019-07-01T09:00:00");
        assert_eq!(root.children.len(), 3, "no second description of the zone");
        assert_eq!(root.children[1], before.children[1], "a zone of others stays as it was");
        let berlin = &root.children[0];
        assert!(before.children[0].children.iter().all(|rule| berlin.children.contains(rule)));
        assert!(berlin.line("X-OTHERS").is_some());
        for (time, hours) in [
            ("2019-01-01T09:00:00", 1),
            ("2019-07-01T09:00:00", 2),
            ("2022-12-01T09:00:00", 1),
            ("2025-08-01T09:00:00", 2),
            ("2026-02-01T09:00:00", 1),
            ("2030-07-01T09:00:00", 2),
        ] {
            let offset = crate::zones::offset_described(berlin, time.parse().unwrap());
            assert_eq!(offset, Some(chrono::TimeDelta::hours(hours)), "{time}");
        }
    }

    #[test]
    fn an_occurrence_that_is_left_out_and_said_anew_is_there_once() {
        let series = |lines: &str| {
            format!("BEGIN:VEVENT\nUID:1\nDTSTART:20261103T090000Z\nRRULE:FREQ=DAILY\n{lines}END:VEVENT\n")
        };
        let anew = "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20261104T090000Z\nDTSTART:20261104T120000Z\nSUMMARY:Anew\nEND:VEVENT\n";
        for lines in
            ["EXDATE:20261104T090000Z\n", "EXDATE:20261104T090000Z\nX-SYNODIC-CALLED-OFF:20261104T090000Z\n"]
        {
            let found = read(&format!("{}{anew}", series(lines)));
            let titles: Vec<_> = found.parts.iter().map(|part| &*part.content.title).collect();
            assert_eq!(titles, ["", "Anew"], "{lines}");
            assert_eq!(found.parts[1].content.status, EventStatus::Confirmed);
        }
    }

    #[test]
    fn one_unreadable_occurrence_fails_alone() {
        let series = "BEGIN:VEVENT\nUID:1\nDTSTART:20261103T090000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n";
        let occurrence = |day: u32, start: &str| {
            format!(
                "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:202611{day:02}T090000Z\nDTSTART:{start}\nEND:VEVENT\n"
            )
        };
        let found =
            read(&format!("{series}{}{}", occurrence(4, "tomorrow"), occurrence(5, "20261105T120000Z")));
        assert_eq!(found.parts.len(), 2);
        let [unreadable] = found.unreadable.as_slice() else { panic!("{:?}", found.unreadable) };
        assert_eq!(unreadable.original_start.unwrap().key(), "20261104T090000Z");
        assert_eq!(unreadable.reason.to_string(), "“tomorrow” is no time");
    }
}
