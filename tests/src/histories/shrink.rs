//! Leaves everything out of a failing history that it fails without.

use synodic_model::reconcile::Policy;

use super::play::play;
use super::step::{History, Step};

/// The shortest history found that still ends badly; `history` itself when it does not.
#[must_use]
pub fn shrink(history: &History) -> History {
    let mut least = history.clone();
    let mut size = least.steps.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < least.steps.len() {
            let without = without(&least, from, size);
            if fails(&without) {
                least = without;
            } else {
                from += size;
            }
        }
        size /= 2;
    }
    for index in 0..least.steps.len() {
        let simpler = with_step(&least, index, |step| step.wait_ms = 0);
        if fails(&simpler) {
            least = simpler;
        }
    }
    for simplify in SIMPLER {
        let mut simpler = least.clone();
        simplify(&mut simpler);
        if simpler != least && fails(&simpler) {
            least = simpler;
        }
    }
    least
}

const SIMPLER: [fn(&mut History); 7] = [
    |history| history.setting.latency_ms = 0,
    |history| history.setting.lag_ms = 0,
    |history| history.setting.ragged = false,
    |history| history.setting.page_size = None,
    |history| history.setting.webhooks = false,
    |history| history.setting.cascade = false,
    |history| history.setting.policy = Policy::default(),
];

fn fails(history: &History) -> bool {
    !play(history).wrongs.is_empty()
}

fn without(history: &History, from: usize, count: usize) -> History {
    let mut shorter = history.clone();
    shorter.steps.drain(from..(from + count).min(history.steps.len()));
    shorter
}

fn with_step(history: &History, index: usize, change: impl FnMut(&mut Step)) -> History {
    let mut changed = history.clone();
    changed.steps.get_mut(index).into_iter().for_each(change);
    changed
}
