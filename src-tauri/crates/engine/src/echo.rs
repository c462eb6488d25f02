//! What we wrote a moment ago, by the service's own clock.
//!
//! A listing may lag behind a write. Then it shows an event as it was before, under a version that is not the one we
//! know, and looks as if somebody had changed it back. The service's time of change tells the two apart.
//!
//! And an answer may be lost. Then the service has what we wrote, or has not; when it is met later, after the person has
//! edited the event once more, it is to be known as ours and not taken for somebody else's edit.
//!
//! What we have deleted a listing from before may still name. It is not there again unless its version says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::{EventContent, EventStatus, ExternalId, LinkId, RemoteVersion};
use synodic_providers::RemoteEvent;

/// No listing lags longer than this.
const LAG: TimeDelta = TimeDelta::minutes(5);
/// How long we remember what a service may have taken without our hearing of it.
const DOUBT: TimeDelta = TimeDelta::days(1);
/// How many such versions of one event are remembered; there is one for each edit that was under way.
const TRIES: usize = 8;

/// The latest writes of this program.
#[derive(Debug, Default)]
pub(crate) struct Echoes {
    writes: Mutex<BTreeMap<(LinkId, ExternalId), Write>>,
    tries: Mutex<BTreeMap<(LinkId, ExternalId), Tries>>,
    deletions: Mutex<BTreeMap<(LinkId, ExternalId), Deletion>>,
}

#[derive(Clone, Debug)]
struct Tries {
    at: DateTime<Utc>,
    contents: Vec<EventContent>,
    /// Whether it was to be deleted.
    is_deletion: bool,
}

#[derive(Clone, Debug)]
struct Deletion {
    at: DateTime<Utc>,
    /// The version that was deleted.
    version: Option<RemoteVersion>,
}

#[derive(Clone, Copy, Debug)]
struct Write {
    at: DateTime<Utc>,
    there: DateTime<Utc>,
}

impl Echoes {
    /// Notes what a service returned for a write of ours, or when it was asked for this one event.
    pub(crate) fn wrote(&self, link: LinkId, returned: &RemoteEvent, now: DateTime<Utc>) {
        let Some(there) = returned.updated_at else { return };
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        writes.retain(|_, write| (now - write.at).abs() < LAG);
        writes.insert((link, returned.id.clone()), Write { at: now, there });
    }

    /// Notes that an event is not there any more, which had `version` when it was last heard of.
    pub(crate) fn deleted(
        &self,
        link: LinkId,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
        now: DateTime<Utc>,
    ) {
        let mut deletions = self.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        deletions.retain(|_, deletion| (now - deletion.at).abs() < LAG);
        deletions.insert((link, id.clone()), Deletion { at: now, version: version.cloned() });
    }

    /// Whether an event is known to be gone since a moment ago.
    pub(crate) fn is_deleted(&self, link: LinkId, id: &ExternalId) -> bool {
        self.deletions.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&(link, id.clone()))
    }

    /// Notes what is about to be written over a known state of the event.
    pub(crate) fn tries(&self, link: LinkId, id: &ExternalId, desired: &EventContent, now: DateTime<Utc>) {
        self.doubts(link, id, now, |tried| {
            if !tried.contents.contains(desired) {
                if tried.contents.len() == TRIES {
                    tried.contents.remove(0);
                }
                tried.contents.push(desired.clone());
            }
        });
    }

    /// Notes that an event is about to be deleted. Returns whether that was tried before, and is in doubt.
    pub(crate) fn tries_to_delete(&self, link: LinkId, id: &ExternalId, now: DateTime<Utc>) -> bool {
        self.doubts(link, id, now, |tried| std::mem::replace(&mut tried.is_deletion, true))
    }

    /// Notes that a deletion has certainly not been carried out.
    pub(crate) fn not_deleted(&self, link: LinkId, id: &ExternalId) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tried) = tries.get_mut(&(link, id.clone())) {
            tried.is_deletion = false;
        }
    }

    fn doubts<T>(
        &self,
        link: LinkId,
        id: &ExternalId,
        now: DateTime<Utc>,
        note: impl FnOnce(&mut Tries) -> T,
    ) -> T {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.retain(|_, tried| (now - tried.at).abs() < DOUBT);
        let new = || Tries { at: now, contents: Vec::new(), is_deletion: false };
        let tried = tries.entry((link, id.clone())).or_insert_with(new);
        tried.at = now;
        note(tried)
    }

    /// Forgets what was tried, for it is known what became of it.
    pub(crate) fn answered(&self, link: LinkId, id: &ExternalId) {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner).remove(&(link, id.clone()));
    }

    /// What the service behind a link may have taken from us without our knowing, the latest last.
    pub(crate) fn in_doubt(&self, link: LinkId) -> BTreeMap<ExternalId, Vec<EventContent>> {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let of_link = tries.iter().filter(|((owner, _), _)| *owner == link);
        of_link.map(|((_, id), tried)| (id.clone(), tried.contents.clone())).collect()
    }

    /// Whether the service behind a link may have taken from us what we do not know of.
    pub(crate) fn is_in_doubt(&self, link: LinkId, id: &ExternalId) -> bool {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.get(&(link, id.clone())).is_some_and(|tried| tried.is_deletion || !tried.contents.is_empty())
    }

    /// What may be gone at the service behind a link because we have deleted it, without our knowing.
    pub(crate) fn deletions_in_doubt(&self, link: LinkId) -> BTreeSet<ExternalId> {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let deletions = tries.iter().filter(|((owner, _), tried)| *owner == link && tried.is_deletion);
        deletions.map(|((_, id), _)| id.clone()).collect()
    }

    /// Whether anything is remembered that still matters.
    pub(crate) fn are_fresh(&self, now: DateTime<Utc>) -> bool {
        let is_young = |at: DateTime<Utc>, limit: TimeDelta| (now - at).abs() < limit;
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let deletions = self.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        writes.values().any(|write| is_young(write.at, LAG))
            || tries.values().any(|tried| is_young(tried.at, DOUBT))
            || deletions.values().any(|deletion| is_young(deletion.at, LAG))
    }

    /// Whether what a listing shows is our own latest write.
    pub(crate) fn is_own(&self, link: LinkId, listed: &RemoteEvent) -> bool {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let write = writes.get(&(link, listed.id.clone()));
        listed.updated_at.zip(write).is_some_and(|(listed, write)| listed == write.there)
    }

    /// Whether something is known of the event that a listing may lag behind.
    pub(crate) fn knows(&self, link: LinkId, id: &ExternalId) -> bool {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&(link, id.clone()))
    }

    /// Whether a listing shows an event as it was before our latest write, or before it was deleted.
    pub(crate) fn is_outdated(&self, link: LinkId, listed: &RemoteEvent) -> bool {
        let deletions = self.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        let deletion = deletions.get(&(link, listed.id.clone()));
        // That an occurrence is off says nothing else than that it was deleted.
        let is_off = listed.content.status == EventStatus::Cancelled && listed.occurrence_of.is_some();
        if !is_off && deletion.is_some_and(|deletion| deletion.version.as_ref() == Some(&listed.version)) {
            return true;
        }
        drop(deletions);
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let write = writes.get(&(link, listed.id.clone()));
        listed.updated_at.zip(write).is_some_and(|(listed, write)| listed < write.there)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use synodic_model::{EventContent, RemoteVersion, When};
    use synodic_providers::RemoteOccurrence;
    use uuid::Uuid;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn changed_at(seconds: i64) -> RemoteEvent {
        let day = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        RemoteEvent {
            id: ExternalId::new("e1"),
            version: RemoteVersion::new("v"),
            uid: None,
            marker: None,
            occurrence_of: None,
            content: EventContent::new("Talk", When::AllDay { start: day, end: day.succ_opt().unwrap() }),
            updated_at: Some(NOW + TimeDelta::seconds(seconds)),
            read_only: false,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn only_what_is_older_than_our_write_is_outdated() {
        let (echoes, link) = (Echoes::default(), LinkId::new(Uuid::nil()));
        assert!(!echoes.is_outdated(link, &changed_at(0)));
        echoes.wrote(link, &changed_at(10), NOW);
        assert!(echoes.is_outdated(link, &changed_at(9)));
        assert!(
            !echoes.is_outdated(link, &changed_at(10)),
            "the echo itself, or an edit in the same instant"
        );
        assert!(!echoes.is_outdated(link, &changed_at(11)));
        assert!(!echoes.is_outdated(LinkId::new(Uuid::from_u128(1)), &changed_at(9)), "another link");
    }

    #[test]
    fn what_was_deleted_is_not_there_again_in_a_listing_from_before() {
        let (echoes, link) = (Echoes::default(), LinkId::new(Uuid::nil()));
        let listed = changed_at(0);
        echoes.deleted(link, &listed.id, Some(&listed.version), NOW);
        assert!(echoes.is_outdated(link, &listed) && echoes.is_deleted(link, &listed.id));
        let restored = RemoteEvent { version: RemoteVersion::new("w"), ..listed.clone() };
        assert!(!echoes.is_outdated(link, &restored), "somebody has brought it back");
        let occurrence = RemoteOccurrence {
            series: ExternalId::new("e0"),
            original_start: listed.content.when.original_start(),
        };
        let off = EventContent { status: EventStatus::Cancelled, ..listed.content.clone() };
        let off = RemoteEvent { occurrence_of: Some(occurrence), content: off, ..listed.clone() };
        assert!(!echoes.is_outdated(link, &off), "an occurrence that is off is not there again");
        echoes.deleted(link, &ExternalId::new("e2"), None, NOW + LAG);
        assert!(!echoes.is_outdated(link, &listed) && !echoes.is_deleted(link, &listed.id));
    }

    #[test]
    fn what_was_tried_is_in_doubt_until_there_is_an_answer() {
        let (echoes, link) = (Echoes::default(), LinkId::new(Uuid::nil()));
        let (id, content) = (changed_at(0).id, changed_at(0).content);
        echoes.tries(link, &id, &content, NOW);
        echoes.tries(link, &id, &content, NOW);
        let later = EventContent { title: "Walk".into(), ..content.clone() };
        echoes.tries(link, &id, &later, NOW);
        assert_eq!(echoes.in_doubt(link).remove(&id), Some(vec![content.clone(), later]));
        assert!(echoes.is_in_doubt(link, &id));
        echoes.answered(link, &id);
        assert!(echoes.in_doubt(link).is_empty() && !echoes.is_in_doubt(link, &id));
        assert!(!echoes.tries_to_delete(link, &id, NOW), "it was not tried before");
        assert!(echoes.deletions_in_doubt(link).contains(&id));
        echoes.answered(link, &id);
        assert!(echoes.deletions_in_doubt(link).is_empty());
        echoes.tries(link, &id, &content, NOW);
        echoes.tries(link, &ExternalId::new("e2"), &content, NOW + DOUBT);
        assert_eq!(echoes.in_doubt(link).len(), 1, "nobody is in doubt for ever");
    }

    #[test]
    fn old_writes_are_forgotten() {
        let (echoes, link) = (Echoes::default(), LinkId::new(Uuid::nil()));
        echoes.wrote(link, &changed_at(10), NOW);
        let other = RemoteEvent { id: ExternalId::new("e2"), ..changed_at(10) };
        echoes.wrote(link, &other, NOW + LAG);
        assert!(!echoes.is_outdated(link, &changed_at(9)));
    }
}
