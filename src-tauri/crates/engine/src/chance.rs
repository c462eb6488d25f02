//! The engine's only source of chance, so that a history can be replayed from its seed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use uuid::Uuid;

/// A seeded source of random numbers, ids and tokens.
#[derive(Debug)]
pub(crate) struct Chance {
    source: Mutex<StdRng>,
}

impl Chance {
    /// Starts from `seed`, or from the operating system's chance when there is none.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let source = seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64);
        Self { source: Mutex::new(source) }
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.source.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A number from 0 up to, but not including, 1.
    pub(crate) fn fraction(&self) -> f64 {
        self.with(Rng::random)
    }

    /// `wait`, made up to a tenth shorter or longer, so that many programs do not ask at the same moment.
    pub(crate) fn around(&self, wait: Duration) -> Duration {
        wait.mul_f64(0.9 + 0.2 * self.fraction())
    }

    /// A new id that sorts by the time it was made (UUID version 7).
    pub(crate) fn id(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        let mut bytes = [0; 10];
        self.with(|source| source.fill_bytes(&mut bytes));
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    /// A secret that cannot be guessed: 256 random bits in hexadecimal.
    pub(crate) fn token(&self) -> String {
        let (high, low): (u128, u128) = self.with(|source| (source.random(), source.random()));
        format!("{high:032x}{low:032x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_history() {
        let (one, other) = (Chance::new(Some(7)), Chance::new(Some(7)));
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(one.id(now), other.id(now));
        assert_eq!(one.token(), other.token());
        assert_ne!(one.token(), one.token());
    }

    #[test]
    fn ids_sort_by_time_and_tell_it() {
        let chance = Chance::new(Some(1));
        let now = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let (first, second) = (chance.id(now), chance.id(now + chrono::TimeDelta::milliseconds(1)));
        assert!(first < second);
        let (seconds, nanos) = first.get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (1_700_000_000, 123));
    }

    #[test]
    fn jitter_stays_within_a_tenth() {
        let chance = Chance::new(Some(3));
        for _ in 0..1000 {
            let wait = chance.around(Duration::from_secs(100));
            assert!((Duration::from_secs(90)..=Duration::from_secs(110)).contains(&wait));
        }
    }
}
