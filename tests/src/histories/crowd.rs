//! Plays many histories, on all processors.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use core_affinity::CoreId;

use super::generate;
use super::play::{Outcome, play};
use super::shrink::shrink;

/// Of so many histories one is played twice, to see that it ends alike.
const AGAIN: u64 = 50;

/// Plays the histories of the seeds in `range` until `enough` of them have ended badly. Returns how many were played, and
/// those that ended badly, the first seed first.
pub fn play_all(range: Range<u64>, enough: usize) -> (u64, Vec<(u64, Outcome)>) {
    let next = AtomicU64::new(range.start);
    let failed = Mutex::new(Vec::new());
    let count = || failed.lock().map_or(0, |failed: std::sync::MutexGuard<'_, Vec<_>>| failed.len());
    let work = &|| {
        while count() < enough {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= range.end {
                return;
            }
            let mut outcome = play(&generate::history(seed));
            if seed.is_multiple_of(AGAIN) && play(&generate::history(seed)).digest != outcome.digest {
                outcome.wrongs.push("played again it does not end alike".to_owned());
            }
            if !outcome.wrongs.is_empty() {
                failed.lock().unwrap_or_else(PoisonError::into_inner).push((seed, outcome));
            }
        }
    };
    std::thread::scope(|scope| {
        for processor in processors() {
            scope.spawn(move || {
                // A history and the thread of its replica take turns, thousands of times: who wakes the other on another
                // processor waits nearly as long again. Where a thread cannot be told where to run it is merely slower.
                processor.map(core_affinity::set_for_current);
                work();
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|(seed, _)| *seed);
    (next.into_inner().min(range.end) - range.start, failed)
}

/// The processors that we may use, or one that is not known.
fn processors() -> Vec<Option<CoreId>> {
    match core_affinity::get_core_ids() {
        Some(known) if !known.is_empty() => known.into_iter().map(Some).collect(),
        _ => vec![None],
    }
}

/// Tells of a history that ends badly what is left of it without everything that it fails without, and how to go on.
///
/// # Panics
/// Never: a history can be written down.
#[must_use]
pub fn explained(seed: u64) -> String {
    let least = shrink(&generate::history(seed));
    format!(
        "History {seed} ends badly:\n  {}\n\nWithout what it fails without it is\n{least}\n{}\n\n\
         `cargo run -p synodic-tests --bin replay -- {seed}` plays it; with --shrink it writes what is to be put \
         into tests/histories/kept.",
        play(&least).wrongs.join("\n  "),
        serde_json::to_string(&least).unwrap(),
    )
}
