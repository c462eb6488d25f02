//! Two changes of one field that need not exclude each other: guests, reminders and single dates of a series are sets,
//! and a description is lines. What can be combined is no conflict.
//!
//! [`combine`] either keeps both changes whole or says that it cannot; it never drops a part of one.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Attendee, EventContent, Field, Reminder, Reminders};
use crate::recurrence::Recurrence;
use crate::time::OriginalStart;

/// The longest description that is merged by lines, in bytes; comparing costs more than linear time.
const TEXT_LIMIT: usize = 64 * 1024;

/// Writes what `field` becomes when both sides have changed it into `into`; false, and nothing is written, when their
/// changes exclude each other.
pub(crate) fn combine(
    field: Field,
    base: &EventContent,
    local: &EventContent,
    remote: &EventContent,
    into: &mut EventContent,
) -> bool {
    match field {
        Field::Description => {
            let merged = lines(&base.description, &local.description, &remote.description);
            merged.map(|text| into.description = text).is_some()
        }
        Field::Attendees => {
            let merged = people(&base.attendees, &local.attendees, &remote.attendees);
            merged.map(|people| into.attendees = people).is_some()
        }
        Field::Reminders => {
            let merged = reminders(&base.reminders, &local.reminders, &remote.reminders);
            merged.map(|reminders| into.reminders = reminders).is_some()
        }
        Field::Recurrence => {
            let whole = (base.recurrence.as_ref(), local.recurrence.as_ref(), remote.recurrence.as_ref());
            let (Some(base), Some(local), Some(remote)) = whole else { return false };
            dates(base, local, remote).map(|recurrence| into.recurrence = Some(recurrence)).is_some()
        }
        Field::Title
        | Field::Location
        | Field::When
        | Field::Status
        | Field::Transparency
        | Field::Visibility
        | Field::Organizer
        | Field::ConferenceUrl
        | Field::Color
        | Field::Url => false,
    }
}

/// Merges by lines; none when both have changed the same ones.
fn lines(base: &str, local: &str, remote: &str) -> Option<String> {
    if base.len().max(local.len()).max(remote.len()) > TEXT_LIMIT {
        return None;
    }
    // With an end to every line, a line that is added behind the last one does not change that.
    let ended = |text: &str| format!("{text}\n");
    let merged = diffy::merge(&ended(base), &ended(local), &ended(remote)).ok()?;
    Some(merged.strip_suffix('\n').unwrap_or(&merged).to_owned())
}

/// One value of three: whoever has changed it is right; none when both have, to different ones.
fn pick<'a, T: PartialEq + ?Sized>(base: &'a T, local: &'a T, remote: &'a T) -> Option<&'a T> {
    if local == remote || remote == base {
        Some(local)
    } else if local == base {
        Some(remote)
    } else {
        None
    }
}

/// What is in a set after both sides have added to it and taken from it.
fn set<T: Ord + Clone>(base: &BTreeSet<T>, local: &BTreeSet<T>, remote: &BTreeSet<T>) -> BTreeSet<T> {
    let stays = |item: &&T| !base.contains(item) || (local.contains(item) && remote.contains(item));
    local.union(remote).filter(stays).cloned().collect()
}

fn people(base: &[Attendee], local: &[Attendee], remote: &[Attendee]) -> Option<Vec<Attendee>> {
    let by_address = |people: &[Attendee]| -> BTreeMap<String, Attendee> {
        people.iter().map(|person| (person.email.clone(), person.clone())).collect()
    };
    let (base, local, remote) = (by_address(base), by_address(local), by_address(remote));
    let addresses: BTreeSet<_> = base.keys().chain(local.keys()).chain(remote.keys()).collect();
    let mut merged = Vec::new();
    for address in addresses {
        let sides = (base.get(address), local.get(address), remote.get(address));
        let person = match pick(&sides.0, &sides.1, &sides.2) {
            Some(person) => person.cloned(),
            None => match sides {
                (Some(base), Some(local), Some(remote)) => Some(person(base, local, remote)?),
                // Invited by both in different ways, or changed by one and taken off by the other.
                _ => return None,
            },
        };
        merged.extend(person);
    }
    Some(merged)
}

fn person(base: &Attendee, local: &Attendee, remote: &Attendee) -> Option<Attendee> {
    Some(Attendee {
        email: base.email.clone(),
        name: pick(&base.name, &local.name, &remote.name)?.clone(),
        optional: *pick(&base.optional, &local.optional, &remote.optional)?,
        resource: *pick(&base.resource, &local.resource, &remote.resource)?,
        response: *pick(&base.response, &local.response, &remote.response)?,
        is_self: *pick(&base.is_self, &local.is_self, &remote.is_self)?,
    })
}

/// Reminders of one's own are a set; to go back to the calendar's is a choice of its own.
fn reminders(base: &Reminders, local: &Reminders, remote: &Reminders) -> Option<Reminders> {
    let own = |reminders: &Reminders| -> Option<BTreeSet<Reminder>> {
        match reminders {
            Reminders::Custom { reminders } => Some(reminders.iter().copied().collect()),
            Reminders::CalendarDefault => None,
        }
    };
    // Whoever takes all away where the other adds some has said something else than a set does.
    let (before, here, there) = (own(base).unwrap_or_default(), own(local)?, own(remote)?);
    if here.is_empty() != there.is_empty() {
        return None;
    }
    Some(Reminders::Custom { reminders: set(&before, &here, &there).into_iter().collect() })
}

/// Dates that are added to a series, and dates that are left out of it, under the same rules.
fn dates(base: &Recurrence, local: &Recurrence, remote: &Recurrence) -> Option<Recurrence> {
    let is_same = |one: &Recurrence, other: &Recurrence| {
        one.rules == other.rules && one.exclusion_rules == other.exclusion_rules && one.unread == other.unread
    };
    if !is_same(base, local) || !is_same(base, remote) {
        return None;
    }
    let merged = |of: fn(&Recurrence) -> &Vec<OriginalStart>| {
        let by_key = |starts: &[OriginalStart]| -> BTreeMap<String, OriginalStart> {
            starts.iter().map(|start| (start.key(), *start)).collect()
        };
        let (base, local, remote) = (by_key(of(base)), by_key(of(local)), by_key(of(remote)));
        let keys = |starts: &BTreeMap<String, OriginalStart>| starts.keys().cloned().collect::<BTreeSet<_>>();
        let kept = set(&keys(&base), &keys(&local), &keys(&remote));
        // In the order of either side, which is that of time.
        let mut starts: Vec<_> =
            local.into_iter().chain(remote).filter(|(key, _)| kept.contains(key)).collect();
        starts.sort_by(|one, other| one.0.cmp(&other.0));
        starts.dedup_by(|one, other| one.0 == other.0);
        starts.into_iter().map(|(_, start)| start).collect::<Vec<_>>()
    };
    let (dates, exclusion_dates) = (merged(|of| &of.dates), merged(|of| &of.exclusion_dates));
    // A date that one side adds and the other leaves out is a quarrel.
    let is_quarrel = dates.iter().any(|date| {
        let is_new = !base.dates.contains(date);
        is_new && exclusion_dates.contains(date) && !base.exclusion_dates.contains(date)
    });
    (!is_quarrel).then(|| Recurrence { dates, exclusion_dates, ..base.clone() })
}
