//! One resource of a calendar: an event, or a series with its edited occurrences, as the engine's events.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use synodic_icalendar::{Object, Place, UnreadablePart};
use synodic_model::stored::StoredContent;
use synodic_model::{EventContent, ExternalId, Field, FieldSet, OriginalStart, RemoteVersion};

use super::account::CaldavAccount;
use super::names;
use crate::{RemoteChange, RemoteEvent, RemoteOccurrence};

/// A resource that was read.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    object: Object,
    /// Whether the server sends invitations itself, and keeps guests from changing what is not theirs (RFC 6638 §3.2.2).
    schedules: bool,
    name: String,
}

/// What of a resource one row of the replica stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) event: RemoteEvent,
    /// What it is of the text.
    written: synodic_icalendar::Part,
}

impl Part {
    /// Whether it is an occurrence whose series is not here.
    const fn is_detached(&self) -> bool {
        matches!(self.written.place, Place::Detached { .. })
    }
}

impl Resource {
    /// Reads a resource. The error says what is wrong with it, in words.
    pub(super) fn read(account: &CaldavAccount, name: &str, text: &str) -> Result<Self, String> {
        let object = Object::read(text, &account.addresses).map_err(|error| error.to_string())?;
        Ok(Self { object, schedules: account.schedules, name: name.to_owned() })
    }

    /// An object for a new event.
    pub(super) fn new(account: &CaldavAccount, name: &str, uid: &str) -> Self {
        let object = Object::new(uid, &account.addresses);
        Self { object, schedules: account.schedules, name: name.to_owned() }
    }

    /// The text to be sent.
    pub(super) fn text(&self) -> String {
        self.object.text()
    }

    /// The UID of its events.
    pub(super) fn uid(&self) -> Option<String> {
        self.object.uid()
    }

    /// Everything that is in it: the event or series first, then the occurrences; and what of it cannot be read.
    fn parts_and_unreadable(&self) -> Result<(Vec<Part>, Vec<UnreadablePart>), String> {
        let found = self.object.parts().map_err(|error| error.to_string())?;
        let uid = self.uid();
        let parts = found.parts.into_iter().map(|part| self.part(part, uid.clone()));
        Ok((parts.collect(), found.unreadable))
    }

    /// Everything in it that can be read: the event or series first, then the occurrences.
    pub(super) fn parts(&self) -> Result<Vec<Part>, String> {
        Ok(self.parts_and_unreadable()?.0)
    }

    fn part(&self, written: synodic_icalendar::Part, uid: Option<String>) -> Part {
        let series = names::whole(&self.name);
        let (id, occurrence_of, uid) = match written.place {
            Place::Whole => (series, None, uid),
            Place::Occurrence(original_start) => {
                let occurrence = RemoteOccurrence { series, original_start };
                (names::part(&self.name, &original_start), Some(occurrence), uid)
            }
            // Somebody was invited to these occurrences only: each stands for itself, and one of them for the UID.
            Place::Detached { original_start, is_first } => {
                (names::part(&self.name, &original_start), None, uid.filter(|_| is_first))
            }
        };
        let content = written.content.clone();
        let version = version(&content);
        let read_only = self.schedules && is_somebody_elses(&content);
        let content = if read_only { with_rights(content) } else { content };
        let event = RemoteEvent {
            id,
            version,
            uid,
            marker: None,
            occurrence_of,
            content,
            updated_at: written.changed_at,
            read_only,
            warnings: written.doubts.clone(),
        };
        Part { event, written }
    }

    /// Whether all that can be read of both is the same.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let versions = |resource: &Self| -> Option<Vec<_>> {
            Some(resource.parts().ok()?.into_iter().map(|part| (part.event.id, part.event.version)).collect())
        };
        versions(self).is_some_and(|own| Some(own) == versions(other))
    }

    /// The part of an id. Where there is no series, that of the resource is the first occurrence's.
    pub(super) fn find(&self, id: &ExternalId) -> Result<Option<Part>, String> {
        let parts = self.parts()?;
        let is_it = |part: &&Part| part.event.id == *id;
        let first = parts.first().filter(|part| part.is_detached() && *id == names::whole(&self.name));
        Ok(parts.iter().find(is_it).or(first).cloned())
    }

    /// Takes an occurrence without its series out, unless nothing would be left. Returns whether it was.
    pub(super) fn take_out(&mut self, part: &Part) -> bool {
        part.is_detached() && self.object.take_out(&part.written)
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
        let written = self.object.write(&part.written, desired, changed, invites, now);
        written.map_err(|error| error.to_string())
    }

    /// Fills a new object.
    pub(super) fn fill(&mut self, desired: &EventContent, invites: bool, now: DateTime<Utc>) {
        self.object.fill(desired, invites, now);
    }

    /// Gives an occurrence a component of its own, and takes it as not called off.
    pub(super) fn put_occurrence(
        &mut self,
        original: &OriginalStart,
        desired: &EventContent,
        invites: bool,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        self.object.put_occurrence(original, desired, invites, now).map_err(|error| error.to_string())
    }

    /// Calls an occurrence off.
    pub(super) fn call_off(&mut self, original: &OriginalStart, now: DateTime<Utc>) -> Result<(), String> {
        self.object.call_off(original, now).map_err(|error| error.to_string())
    }

    /// Lets an occurrence be what the series makes of it.
    pub(super) fn let_go(&mut self, original: &OriginalStart, now: DateTime<Utc>) -> Result<(), String> {
        self.object.let_go(original, now).map_err(|error| error.to_string())
    }
}

/// What the text of a resource comes to: each of its events, and that there are no others in it.
pub(super) fn changes(account: &CaldavAccount, name: &str, text: &str) -> Result<Vec<RemoteChange>, String> {
    let (parts, unreadable) = Resource::read(account, name, text)?.parts_and_unreadable()?;
    if parts.is_empty() && unreadable.is_empty() {
        // A task, or another thing that is no event.
        return Ok(vec![RemoteChange::Removed { id: names::whole(name) }]);
    }
    let is_series = parts.first().is_some_and(|part| part.event.content.recurrence.is_some());
    let overrides = parts.iter().filter(|part| part.event.occurrence_of.is_some());
    let mut occurrences: Vec<ExternalId> = overrides.map(|part| part.event.id.clone()).collect();
    let mut is_complete = is_series;
    let mut changes: Vec<RemoteChange> =
        parts.into_iter().map(|part| RemoteChange::Present(Box::new(part.event))).collect();
    for part in unreadable {
        // What cannot be read is there all the same; and where it cannot even be told which it is, none is taken as gone.
        let id = part.original_start.map(|original_start| names::part(name, &original_start));
        is_complete &= id.is_some();
        occurrences.extend(id.clone());
        changes.push(RemoteChange::Unreadable { id, reason: part.reason.to_string() });
    }
    if is_complete {
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
        assert_eq!(ids, ["a.ics#20261103T090000Z", "a.ics#20261104T090000Z"]);
        assert!(parts.iter().all(|part| part.event.occurrence_of.is_none()));
        assert_eq!((parts[0].event.uid.as_deref(), parts[1].event.uid.as_deref()), (Some("1"), None));
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
