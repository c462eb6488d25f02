//! Histories made up from seeds.

use std::ops::Range;

use synodic_tests::histories::crowd::{explained, play_all};
use synodic_tests::histories::generate;
use synodic_tests::histories::play::play;

/// As many as a `cargo test` has the time for. `make test` plays thousands with `replay`, optimised.
const SEEDS: Range<u64> = 0..100;

#[test]
fn random_histories_end_well() {
    let (_, failed) = play_all(SEEDS, 1);
    if let Some((seed, _)) = failed.first() {
        panic!("{}", explained(*seed));
    }
}

#[test]
fn a_history_played_again_sends_the_same_and_ends_alike() {
    for seed in 0..50 {
        let history = generate::history(seed);
        let (once, again) = (play(&history), play(&history));
        for (line, other) in once.requests.iter().zip(&again.requests) {
            assert_eq!(line, other, "in history {seed}");
        }
        assert_eq!(once.digest, again.digest, "history {seed} leaves other rows");
    }
}
