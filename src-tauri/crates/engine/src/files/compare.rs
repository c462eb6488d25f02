//! Whether an event of the replica is what a file says, as far as a file can tell it.

use synodic_model::{EventContent, FieldSet, Reminders};

/// What an event becomes when a file's version takes its place. What no file tells stays: what services have added, who
/// among the people is the person, and that an event shall have no reminders rather than the calendar's.
pub(super) fn replaced(own: &EventContent, told: &EventContent) -> EventContent {
    let mut content = told.clone();
    content.extras.clone_from(&own.extras);
    for attendee in &mut content.attendees {
        let known = own.attendees.iter().find(|known| known.email == attendee.email);
        attendee.is_self = known.is_some_and(|known| known.is_self);
    }
    if let (Some(organizer), Some(known)) = (&mut content.organizer, &own.organizer) {
        organizer.is_self = known.is_self && known.email == organizer.email;
    }
    let is_none = own.reminders == (Reminders::Custom { reminders: Vec::new() });
    if is_none && content.reminders == Reminders::CalendarDefault {
        content.reminders.clone_from(&own.reminders);
    }
    content
}

/// The fields in which an event would change.
pub(super) fn differing(own: &EventContent, replaced: &EventContent) -> FieldSet {
    FieldSet::differing(FieldSet::ALL, own, replaced)
}
