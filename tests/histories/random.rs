//! Histories made up from seeds.

use std::ops::Range;
use std::time::Instant;

use synodic_tests::histories::crowd::play_all;
use synodic_tests::histories::generate;
use synodic_tests::histories::play::play;
use synodic_tests::histories::shrink::shrink;

/// What is played when nothing else is said; `make test` plays more of them, the soak others.
const SEEDS: Range<u64> = 0..100;

fn all_end_well(range: Range<u64>) {
    let began = Instant::now();
    let (played, failed) = play_all(range, 1);
    eprintln!("{played} histories in {:.1} s", began.elapsed().as_secs_f64());
    let Some((seed, _)) = failed.into_iter().next() else { return };
    let least = shrink(&generate::history(seed));
    let outcome = play(&least);
    panic!(
        "history {seed} ends badly:\n  {}\n\nWithout what it fails without it is\n{least}\n{}\n\n\
         `cargo run -p synodic-tests --bin replay -- {seed}` plays it; with --shrink it writes what is to be put \
         into tests/histories/kept.",
        outcome.wrongs.join("\n  "),
        serde_json::to_string(&least).unwrap(),
    );
}

#[test]
fn random_histories_end_well() {
    let range = match std::env::var("SYNODIC_HISTORIES") {
        Ok(range) => {
            let (from, to) = range.split_once("..").expect("FROM..TO");
            from.parse().unwrap()..to.parse().unwrap()
        }
        Err(_) => SEEDS,
    };
    all_end_well(range);
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
