//! Events that a service has just taken out of one of its calendars.
//!
//! Somebody who moves an event to another calendar leaves a deleted one behind; under the same id it appears where it was
//! moved to. The two are told in two listings, so whoever reads the second remembers the first, and the event keeps its id
//! here and with it its history. Should the program end in between, it is deleted in the one and new in the other, which
//! looks the same.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use synodic_model::{EventId, ExternalId, IntegrationId};

/// The listings of two calendars are no further apart than this.
const MEMORY: TimeDelta = TimeDelta::hours(1);

/// What left lately.
#[derive(Debug, Default)]
pub(crate) struct Departures {
    events: Mutex<BTreeMap<(IntegrationId, ExternalId), Departure>>,
}

/// An event that left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    /// Its id here.
    pub(crate) event: EventId,
    /// When it was first stored here.
    pub(crate) created_at: DateTime<Utc>,
    /// When it left.
    pub(crate) at: DateTime<Utc>,
}

impl Departures {
    /// Notes that an event left.
    pub(crate) fn left(&self, integration: IntegrationId, external: ExternalId, departure: Departure) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.retain(|_, known| (departure.at - known.at).abs() < MEMORY);
        events.insert((integration, external), departure);
    }

    /// Whether anything left that may yet appear elsewhere.
    pub(crate) fn are_fresh(&self, now: DateTime<Utc>) -> bool {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.values().any(|known| (now - known.at).abs() < MEMORY)
    }

    /// The event that left under this id.
    pub(crate) fn find(&self, integration: IntegrationId, external: &ExternalId) -> Option<Departure> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.get(&(integration, external.clone())).copied()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_departure_is_remembered_for_its_account_and_for_a_while() {
        let account = |number| IntegrationId::new(Uuid::from_u128(number));
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let departure = |at| Departure { event: EventId::new(Uuid::nil()), created_at: at, at };
        let (departures, id) = (Departures::default(), ExternalId::new("e1"));
        departures.left(account(1), id.clone(), departure(at));
        assert_eq!(departures.find(account(1), &id), Some(departure(at)));
        assert_eq!(departures.find(account(2), &id), None);
        assert!(departures.are_fresh(at) && !departures.are_fresh(at + MEMORY));
        departures.left(account(2), ExternalId::new("e2"), departure(at + MEMORY));
        assert_eq!(departures.find(account(1), &id), None);
    }
}
