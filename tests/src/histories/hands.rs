//! Time in a history: it stands still until the history moves it, and then it leaps to the next moment at which
//! somebody wants to be woken.
//!
//! There are two hands. One shows the true time, by which the services and the network go; the other is what the
//! computer's clock shows, which may have been set wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

/// Which hand somebody looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hand {
    True,
    Shown,
}

#[derive(Debug)]
struct State {
    now: DateTime<Utc>,
    skew: TimeDelta,
    /// Counts how often the computer's clock was set back.
    set_back: u32,
    sleepers: BTreeMap<(Hand, DateTime<Utc>, u64), Option<Waker>>,
    numbered: u64,
}

impl State {
    fn shows(&self, hand: Hand) -> DateTime<Utc> {
        match hand {
            Hand::True => self.now,
            Hand::Shown => self.now + self.skew,
        }
    }

    /// Takes out those whose time has come, in the order in which it came.
    fn take_due(&mut self) -> Vec<Waker> {
        let mut due: Vec<_> = self
            .sleepers
            .iter()
            .filter(|((hand, deadline, _), waker)| waker.is_some() && *deadline <= self.shows(*hand))
            .map(|(key, _)| *key)
            .collect();
        due.sort_by_key(|(hand, deadline, number)| {
            (if *hand == Hand::Shown { *deadline - self.skew } else { *deadline }, *number)
        });
        due.into_iter().filter_map(|key| self.sleepers.get_mut(&key).and_then(Option::take)).collect()
    }
}

/// The clock of a history. A clone is the same clock.
#[derive(Clone)]
pub struct Hands(Arc<Mutex<State>>);

impl fmt::Debug for Hands {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        formatter.debug_struct("Hands").field("now", &state.now).field("skew", &state.skew).finish()
    }
}

impl Hands {
    /// A right clock.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        let state =
            State { now, skew: TimeDelta::zero(), set_back: 0, sleepers: BTreeMap::new(), numbered: 0 };
        Self(Arc::new(Mutex::new(state)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The true time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.lock().now
    }

    /// What the computer's clock shows.
    #[must_use]
    pub fn shown(&self) -> DateTime<Utc> {
        self.lock().shows(Hand::Shown)
    }

    /// The next moment, in true time, at which somebody wants to be woken.
    #[must_use]
    pub fn next(&self) -> Option<DateTime<Utc>> {
        let state = self.lock();
        let first = |hand, from: DateTime<Utc>| {
            state
                .sleepers
                .range((hand, from, 0)..)
                .find(|((at, ..), waker)| *at != hand || waker.is_some())
                .filter(|((at, ..), _)| *at == hand)
                .map(|((_, deadline, _), _)| *deadline)
        };
        let in_true_time = first(Hand::True, DateTime::<Utc>::MIN_UTC);
        let by_the_clock = first(Hand::Shown, DateTime::<Utc>::MIN_UTC)
            .and_then(|deadline| deadline.checked_sub_signed(state.skew));
        in_true_time.into_iter().chain(by_the_clock).min()
    }

    /// Lets time pass up to `moment`, and wakes whose time has come. It never goes backwards.
    pub fn pass_to(&self, moment: DateTime<Utc>) {
        let due = {
            let mut state = self.lock();
            state.now = state.now.max(moment);
            state.take_due()
        };
        due.into_iter().for_each(Waker::wake);
    }

    /// Sets the computer's clock wrong by `skew`. When that sets it back, whoever sleeps by it looks at it again.
    pub fn set_wrong(&self, skew: TimeDelta) {
        let woken: Vec<_> = {
            let mut state = self.lock();
            let is_back = skew < state.skew;
            state.skew = skew;
            if is_back {
                state.set_back += 1;
                let by_the_clock = state.sleepers.iter_mut().filter(|((hand, ..), _)| *hand == Hand::Shown);
                by_the_clock.filter_map(|(_, waker)| waker.take()).collect()
            } else {
                state.take_due()
            }
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// Waits in true time.
    pub async fn after(&self, wait: TimeDelta) {
        let deadline = self.now() + wait;
        self.sleep(Hand::True, deadline).await;
    }

    fn sleep(&self, hand: Hand, deadline: DateTime<Utc>) -> Sleep {
        let mut state = self.lock();
        state.numbered += 1;
        Sleep { key: (hand, deadline, state.numbered), set_back: state.set_back, hands: self.clone() }
    }
}

#[async_trait]
impl synodic_engine::clock::Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        self.shown()
    }

    async fn sleep_until(&self, deadline: DateTime<Utc>) {
        self.sleep(Hand::Shown, deadline).await;
    }

    fn awake(&self) -> Duration {
        // Never before the first of its times.
        (Hands::now(self) - DateTime::UNIX_EPOCH).to_std().unwrap_or_default()
    }
}

impl synodic_simulators::clock::Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        Hands::now(self)
    }
}

/// A sleep, which ends early when the clock that it goes by is set back.
struct Sleep {
    key: (Hand, DateTime<Utc>, u64),
    set_back: u32,
    hands: Hands,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.hands.lock();
        let (hand, deadline, _) = self.key;
        let is_over = state.shows(hand) >= deadline;
        let was_set = hand == Hand::Shown && state.set_back != self.set_back;
        if is_over || was_set {
            state.sleepers.remove(&self.key);
            return Poll::Ready(());
        }
        state.sleepers.insert(self.key, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.hands.lock().sleepers.remove(&self.key);
    }
}
