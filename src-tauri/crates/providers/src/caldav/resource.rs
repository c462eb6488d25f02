//! One resource of a calendar: an event, or a series with its edited occurrences.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use sha2::{Digest, Sha256};
use synodic_model::stored::StoredContent;
use synodic_model::{
    EventContent, EventStatus, ExternalId, Field, FieldSet, OriginalStart, RemoteVersion, When,
};

use super::account::CaldavAccount;
use super::map::{self, Point};
use super::names;
use super::text::{Component, Line};
use super::zones;
use crate::{RemoteChange, RemoteEvent, RemoteOccurrence};

/// Our line in a series that says which of its `EXDATE`s stand for occurrences that were called off one by one.
const CALLED_OFF: &str = "X-SYNODIC-CALLED-OFF";
/// More edited occurrences than any series has.
const PART_LIMIT: usize = 10_000;

/// A resource that was read.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    object: Component,
    own: Vec<String>,
    /// Whether the server sends invitations itself, and keeps guests from changing what is not theirs (RFC 6638 §3.2.2).
    schedules: bool,
    name: String,
}

/// What of a resource one row of the replica stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) event: RemoteEvent,
    /// The place of its component among the object's; none for an occurrence that is called off.
    at: Option<usize>,
}

impl Resource {
    /// Reads a resource. The error says what is wrong with it, in words.
    pub(super) fn read(account: &CaldavAccount, name: &str, text: &str) -> Result<Self, String> {
        let object = Component::read(text)?;
        Ok(Self {
            object,
            own: account.addresses.clone(),
            schedules: account.schedules,
            name: name.to_owned(),
        })
    }

    /// An object for a new event.
    pub(super) fn new(account: &CaldavAccount, name: &str, uid: &str) -> Self {
        let mut object = Component::new("VCALENDAR");
        object.lines = vec![Line::new("VERSION", "2.0"), Line::new("PRODID", "-//Synodic//Synodic//EN")];
        let mut event = Component::new("VEVENT");
        event.lines.push(Line::text("UID", uid));
        object.children.push(event);
        Self { object, own: account.addresses.clone(), schedules: account.schedules, name: name.to_owned() }
    }

    /// The text to be sent.
    pub(super) fn text(&self) -> String {
        self.object.write()
    }

    /// The UID of its events.
    pub(super) fn uid(&self) -> Option<String> {
        self.events().find_map(|(_, event)| event.text("UID"))
    }

    /// The events of the object's first UID: a resource holds no others (RFC 4791 §4.1).
    fn events(&self) -> impl Iterator<Item = (usize, &Component)> {
        let events = || self.object.children.iter().enumerate().filter(|(_, child)| child.name == "VEVENT");
        let uid = events().next().and_then(|(_, event)| event.text("UID"));
        events().filter(move |(_, event)| event.text("UID") == uid)
    }

    fn master(&self) -> Option<(usize, &Component)> {
        self.events().find(|(_, event)| event.line("RECURRENCE-ID").is_none())
    }

    /// Everything that is in it: the event or series first, then the occurrences. Nothing when it holds no event.
    pub(super) fn parts(&self) -> Result<Vec<Part>, String> {
        let mut parts: Vec<Part> = Vec::new();
        let mut series: Option<When> = None;
        if let Some((at, master)) = self.master() {
            let (content, off) = self.read_master(master)?;
            series = Some(content.when);
            parts.push(self.part(names::whole(&self.name), at, master, content, None));
            for original_start in off {
                let content = EventContent {
                    status: EventStatus::Cancelled,
                    ..EventContent::new("", at_start(original_start))
                };
                let id = names::part(&self.name, &original_start);
                let occurrence = RemoteOccurrence { series: names::whole(&self.name), original_start };
                let version = version(&content);
                parts.push(Part {
                    event: RemoteEvent {
                        id,
                        version,
                        uid: self.uid(),
                        marker: None,
                        occurrence_of: Some(occurrence),
                        content,
                        updated_at: None,
                        read_only: false,
                        warnings: Vec::new(),
                    },
                    at: None,
                });
            }
        }
        let mut seen = BTreeSet::new();
        let overrides =
            self.events().filter_map(|(at, event)| Some((at, event, event.line("RECURRENCE-ID")?)));
        for (at, event, line) in overrides.take(PART_LIMIT) {
            let content = map::read(&self.object, event, &self.own)?;
            let original_start =
                Point::read(&self.object, line)?.original_start(series.as_ref().unwrap_or(&content.when));
            if !seen.insert(original_start.key()) {
                continue;
            }
            let content = EventContent { recurrence: None, ..content };
            let is_first = seen.len() == 1;
            parts.push(match &series {
                Some(_) => {
                    let occurrence = RemoteOccurrence { series: names::whole(&self.name), original_start };
                    self.part(names::part(&self.name, &original_start), at, event, content, Some(occurrence))
                }
                // Somebody was invited to these occurrences only: each stands for itself, the first for the resource.
                None if is_first => self.part(names::whole(&self.name), at, event, content, None),
                None => {
                    let mut part =
                        self.part(names::part(&self.name, &original_start), at, event, content, None);
                    part.event.uid = None;
                    part
                }
            });
        }
        Ok(parts)
    }

    /// A series without the occurrences that are called off one by one, and those.
    fn read_master(&self, master: &Component) -> Result<(EventContent, Vec<OriginalStart>), String> {
        let mut content = map::read(&self.object, master, &self.own)?;
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

    fn part(
        &self,
        id: ExternalId,
        at: usize,
        event: &Component,
        content: EventContent,
        occurrence_of: Option<RemoteOccurrence>,
    ) -> Part {
        let version = version(&content);
        let read_only = self.schedules && is_somebody_elses(&content);
        let content = if read_only { with_rights(content) } else { content };
        let changed_at = event.line("LAST-MODIFIED").and_then(|line| {
            NaiveDateTime::parse_from_str(line.value().trim().trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok()
        });
        Part {
            event: RemoteEvent {
                id,
                version,
                uid: self.uid(),
                marker: None,
                occurrence_of,
                content,
                updated_at: changed_at.map(|at| at.and_utc()),
                read_only,
                warnings: Vec::new(),
            },
            at: Some(at),
        }
    }

    /// The part of an id.
    pub(super) fn find(&self, id: &ExternalId) -> Result<Option<Part>, String> {
        Ok(self.parts()?.into_iter().find(|part| part.event.id == *id))
    }

    /// The part that stands for an occurrence.
    pub(super) fn occurrence(&self, original_start: &OriginalStart) -> Result<Option<Part>, String> {
        self.find(&names::part(&self.name, original_start))
    }

    /// Writes the fields `changed` of `desired` into a part.
    pub(super) fn write(
        &mut self,
        part: &Part,
        desired: &EventContent,
        changed: FieldSet,
        invites: bool,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        if let Some(occurrence) = &part.event.occurrence_of {
            let original = occurrence.original_start;
            if desired.status == EventStatus::Cancelled {
                return self.call_off(&original, now);
            }
            if part.at.is_none() {
                return self.put_occurrence(&original, desired, invites, now);
            }
        }
        let off = match (&part.event.occurrence_of, self.master()) {
            (None, Some((_, master))) => self.read_master(master)?.1,
            _ => Vec::new(),
        };
        if let Some(event) = part.at.and_then(|at| self.object.children.get_mut(at)) {
            map::write(event, &part.event.content, desired, changed, &off, invites);
            let is_moved = changed.contains(Field::When) || changed.contains(Field::Recurrence);
            map::stamp(event, now, is_moved);
        }
        self.settle_zones(&desired.when);
        Ok(())
    }

    /// Fills a new object.
    pub(super) fn fill(&mut self, desired: &EventContent, invites: bool, now: DateTime<Utc>) {
        let blank = EventContent::new("", desired.when);
        let changed =
            FieldSet::differing(FieldSet::ALL, &blank, desired).with(Field::Title).with(Field::When);
        if let Some(event) = self.object.children.iter_mut().find(|child| child.name == "VEVENT") {
            let created = now.format("%Y%m%dT%H%M%SZ").to_string();
            map::stamp(event, now, false);
            event.set("CREATED", Some(Line::new("CREATED", &created)));
            map::write(event, &blank, desired, changed, &[], invites);
        }
        self.settle_zones(&desired.when);
    }

    /// Gives an occurrence a component of its own, made from the series', and takes it as not called off.
    pub(super) fn put_occurrence(
        &mut self,
        original: &OriginalStart,
        desired: &EventContent,
        invites: bool,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let (at, master) = self.master().ok_or("the series is not there")?;
        let mut event = master.clone();
        event.replace(&["RRULE", "EXRULE", "RDATE", "EXDATE", CALLED_OFF], Vec::new());
        event.replace(&["RECURRENCE-ID"], vec![map::recurrence_id(original)]);
        let current = map::read(&self.object, &event, &self.own)?;
        let changed = FieldSet::differing(FieldSet::ALL, &current, desired)
            .with(Field::When)
            .without(Field::Recurrence);
        let changed =
            if invites { changed } else { changed.without(Field::Attendees).without(Field::Organizer) };
        map::write(&mut event, &current, desired, changed, &[], invites);
        map::stamp(&mut event, now, false);
        self.drop_component(original)?;
        self.mark(original, false, now)?;
        let at = at.min(self.object.children.len().saturating_sub(1));
        self.object.children.insert(at + 1, event);
        self.settle_zones(&desired.when);
        Ok(())
    }

    /// Calls an occurrence off.
    pub(super) fn call_off(&mut self, original: &OriginalStart, now: DateTime<Utc>) -> Result<(), String> {
        self.drop_component(original)?;
        self.mark(original, true, now)
    }

    /// Lets an occurrence be what the series makes of it.
    pub(super) fn let_go(&mut self, original: &OriginalStart, now: DateTime<Utc>) -> Result<(), String> {
        self.drop_component(original)?;
        self.mark(original, false, now)
    }

    fn drop_component(&mut self, original: &OriginalStart) -> Result<(), String> {
        if let Some(at) = self.occurrence(original)?.and_then(|part| part.at) {
            self.object.children.remove(at);
        }
        Ok(())
    }

    /// Notes in the series whether an occurrence is called off.
    fn mark(&mut self, original: &OriginalStart, is_off: bool, now: DateTime<Utc>) -> Result<(), String> {
        let (at, master) = self.master().ok_or("the series is not there")?;
        let (content, mut off) = self.read_master(master)?;
        let before = off.len();
        off.retain(|date| date.key() != original.key());
        if is_off {
            off.push(*original);
        } else if off.len() == before {
            return Ok(());
        }
        let Some(master) = self.object.children.get_mut(at) else { return Ok(()) };
        map::write_recurrence(master, &content, &off);
        let keys: Vec<String> = off.iter().map(OriginalStart::key).collect();
        master.set(CALLED_OFF, (!keys.is_empty()).then(|| Line::new(CALLED_OFF, &keys.join(","))));
        map::stamp(master, now, false);
        Ok(())
    }

    /// Describes the zones that are named and not described yet.
    fn settle_zones(&mut self, when: &When) {
        for (zone, from) in map::zones(when) {
            let is_there =
                self.object.children.iter().any(|child| {
                    child.name == "VTIMEZONE" && child.text("TZID").as_deref() == Some(zone.name())
                });
            if !is_there {
                self.object.children.insert(0, zones::describe(zone, from));
            }
        }
    }
}

/// What the text of a resource comes to: each of its events, and that there are no others in it.
pub(super) fn changes(account: &CaldavAccount, name: &str, text: &str) -> Result<Vec<RemoteChange>, String> {
    let parts = Resource::read(account, name, text)?.parts()?;
    if parts.is_empty() {
        // A task, or another thing that is no event.
        return Ok(vec![RemoteChange::Removed { id: names::whole(name) }]);
    }
    let is_series = parts.first().is_some_and(|part| part.event.content.recurrence.is_some());
    let occurrences = parts.iter().filter(|part| part.event.occurrence_of.is_some());
    let occurrences = occurrences.map(|part| part.event.id.clone()).collect();
    let mut changes: Vec<RemoteChange> =
        parts.into_iter().map(|part| RemoteChange::Present(Box::new(part.event))).collect();
    if is_series {
        changes.push(RemoteChange::Complete { series: names::whole(name), occurrences });
    }
    Ok(changes)
}

/// Whether the person is a guest at somebody else's event.
fn is_somebody_elses(content: &EventContent) -> bool {
    content.organizer.as_ref().is_some_and(|organizer| !organizer.is_self)
        && content.attendees.iter().any(|attendee| attendee.is_self)
}

/// Notes which fields a guest may change all the same: what is theirs alone, beside their answer.
fn with_rights(mut content: EventContent) -> EventContent {
    let own = [Field::Transparency, Field::Reminders, Field::Color];
    content.extras.insert("caldav".to_owned(), serde_json::json!({ "writable": own }));
    content
}

/// A hash of what an event says, however it is written down.
fn version(content: &EventContent) -> RemoteVersion {
    let said = serde_json::to_vec(&StoredContent::from(content)).unwrap_or_default();
    let hash = Sha256::digest(&said);
    RemoteVersion::new(hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
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

    fn account() -> CaldavAccount {
        let mut account = CaldavAccount::at("https://example.org", Some("ada".into()));
        account.addresses = vec!["ada@example.org".into()];
        account.schedules = true;
        account
    }

    fn parts(events: &str) -> Vec<Part> {
        let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n");
        Resource::read(&account(), "a.ics", &text).unwrap().parts().unwrap()
    }

    const TALK: &str = "DTSTART:20261103T090000Z\nDTEND:20261103T100000Z\nSUMMARY:Talk\n";

    #[test]
    fn a_guest_changes_what_is_theirs_and_the_organiser_everything() {
        let guests = "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:Ada@example.org\n";
        let invited = |organizer: &str| {
            let text =
                format!("BEGIN:VEVENT\nUID:1\n{TALK}ORGANIZER:mailto:{organizer}\n{guests}END:VEVENT\n");
            parts(&text).remove(0).event
        };
        let theirs = invited("bob@example.org");
        assert!(theirs.read_only);
        let rights = &theirs.content.extras["caldav"]["writable"];
        assert_eq!(*rights, serde_json::json!(["transparency", "reminders", "color"]));
        assert!(!invited("ada@example.org").read_only);
    }

    #[test]
    fn an_answer_changes_the_guests_own_line_only() {
        let text = format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n{TALK}ORGANIZER:mailto:bob@example.org\n\
             ATTENDEE;CN=Ada;X-A=1;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:ada@example.org\n\
             ATTENDEE;X-B=2:mailto:eve@example.org\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        let mut resource = Resource::read(&account(), "a.ics", &text).unwrap();
        let part = resource.parts().unwrap().remove(0);
        let mut desired = part.event.content.clone();
        desired.attendees[0].response = synodic_model::ResponseStatus::Accepted;
        let now = DateTime::UNIX_EPOCH;
        resource.write(&part, &desired, FieldSet::NONE.with(Field::Attendees), false, now).unwrap();
        let written = resource.text();
        assert!(
            written.contains("ATTENDEE;CN=Ada;X-A=1;PARTSTAT=ACCEPTED:mailto:ada@example.org\r\n"),
            "{written}"
        );
        assert!(written.contains("ATTENDEE;X-B=2:mailto:eve@example.org\r\n"), "{written}");
    }

    #[test]
    fn occurrences_without_their_series_stand_for_themselves() {
        let one = |day: u32| {
            format!(
                "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:202611{day:02}T090000Z\nDTSTART:202611{day:02}T110000Z\nSUMMARY:{day}\nEND:VEVENT\n"
            )
        };
        let parts = parts(&format!("{}{}", one(3), one(4)));
        let ids: Vec<_> = parts.iter().map(|part| part.event.id.to_string()).collect();
        assert_eq!(ids, ["a.ics", "a.ics#20261104T090000Z"]);
        assert!(parts.iter().all(|part| part.event.occurrence_of.is_none()));
    }

    #[test]
    fn a_version_is_what_an_event_says_and_not_how() {
        let event =
            |lines: &str| parts(&format!("BEGIN:VEVENT\nUID:1\n{lines}END:VEVENT\n")).remove(0).event.version;
        let version = event(TALK);
        assert_eq!(
            version,
            event("SUMMARY;LANGUAGE=en:Talk\nX-NEW:1\nDTSTART:20261103T090000Z\nDURATION:PT1H\n")
        );
        assert_ne!(version, event(&TALK.replace("Talk", "Speech")));
    }
}
