//! What we wrote a moment ago, by the service's own clock.
//!
//! A listing may lag behind a write. Then it shows an event as it was before, under a version that is not the one we
//! know, and looks as if somebody had changed it back. The service's time of change tells the two apart.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::{ExternalId, LinkId};
use synodic_providers::RemoteEvent;

/// No listing lags longer than this.
const LAG: TimeDelta = TimeDelta::minutes(5);

/// The latest writes of this program.
#[derive(Debug, Default)]
pub(crate) struct Echoes {
    writes: Mutex<BTreeMap<(LinkId, ExternalId), Write>>,
}

#[derive(Clone, Copy, Debug)]
struct Write {
    at: DateTime<Utc>,
    there: DateTime<Utc>,
}

impl Echoes {
    /// Notes what a service returned for a write of ours.
    pub(crate) fn wrote(&self, link: LinkId, returned: &RemoteEvent, now: DateTime<Utc>) {
        let Some(there) = returned.updated_at else { return };
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        writes.retain(|_, write| (now - write.at).abs() < LAG);
        writes.insert((link, returned.id.clone()), Write { at: now, there });
    }

    /// Whether what a listing shows is our own latest write.
    pub(crate) fn is_own(&self, link: LinkId, listed: &RemoteEvent) -> bool {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let write = writes.get(&(link, listed.id.clone()));
        listed.updated_at.zip(write).is_some_and(|(listed, write)| listed == write.there)
    }

    /// Whether a listing shows an event as it was before our latest write.
    pub(crate) fn is_outdated(&self, link: LinkId, listed: &RemoteEvent) -> bool {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let write = writes.get(&(link, listed.id.clone()));
        listed.updated_at.zip(write).is_some_and(|(listed, write)| listed < write.there)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use synodic_model::{EventContent, RemoteVersion, When};
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
    fn old_writes_are_forgotten() {
        let (echoes, link) = (Echoes::default(), LinkId::new(Uuid::nil()));
        echoes.wrote(link, &changed_at(10), NOW);
        let other = RemoteEvent { id: ExternalId::new("e2"), ..changed_at(10) };
        echoes.wrote(link, &other, NOW + LAG);
        assert!(!echoes.is_outdated(link, &changed_at(9)));
    }
}
