//! Plays one random history and tells what happens: `replay SEED`, or `replay FILE` for one that was kept.
//!
//! `replay FROM..TO` plays many and names those that end badly; with `--first` only until one does, and with `--explain` it
//! tells what is left of the first without all that it fails without. With `--shrink` it does so with a single one, and
//! writes what is left to standard output, so that it can be kept.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for who looks for a fault; it ends where it cannot go on"
)]

use std::process::ExitCode;

use synodic_tests::histories::crowd::{explained, play_all};
use synodic_tests::histories::generate;
use synodic_tests::histories::play::play;
use synodic_tests::histories::shrink::shrink;
use synodic_tests::histories::step::History;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_to_shrink = arguments.iter().any(|argument| argument == "--shrink");
    let Some(name) = arguments.iter().find(|argument| !argument.starts_with("--")) else {
        eprintln!("usage: replay SEED|FILE [--shrink] | replay FROM..TO [--first] [--explain]");
        return ExitCode::from(2);
    };
    let wanted = std::env::var("RUST_LOG").unwrap_or_default();
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(wanted.parse::<Targets>().unwrap_or_default())
        .init();
    if let Some((from, to)) = name.split_once("..") {
        let has = |wanted| arguments.iter().any(|argument| argument == wanted);
        let enough = if has("--first") { 1 } else { usize::MAX };
        return play_many(from.parse().unwrap()..to.parse().unwrap(), enough, has("--explain"));
    }
    let mut history = read(name);
    if is_to_shrink {
        history = shrink(&history);
        println!("{}", serde_json::to_string_pretty(&history).unwrap());
    }
    let outcome = play(&history);
    eprintln!("{history}");
    eprintln!("{}\n", outcome.tale.join("\n"));
    for line in &outcome.requests {
        let at = chrono::DateTime::from_timestamp_millis(line.at).unwrap();
        eprintln!(
            "{} {:<6} {:.160} -> {}",
            at.format("%H:%M:%S%.3f"),
            line.method,
            line.target,
            line.outcome
        );
    }
    if outcome.wrongs.is_empty() {
        eprintln!("All is well ({:016x}).", outcome.digest);
        return ExitCode::SUCCESS;
    }
    eprintln!("\n{}", outcome.wrongs.join("\n"));
    ExitCode::FAILURE
}

fn play_many(range: std::ops::Range<u64>, enough: usize, is_to_explain: bool) -> ExitCode {
    let began = std::time::Instant::now();
    let (played, failed) = play_all(range, enough);
    for (seed, outcome) in &failed {
        println!("{seed}: {:.300}", outcome.wrongs.join(" | "));
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{played} played in {seconds:.1} s, {} ended badly", failed.len());
    let Some((seed, _)) = failed.first() else { return ExitCode::SUCCESS };
    if is_to_explain {
        println!("\n{}", explained(*seed));
    }
    ExitCode::FAILURE
}

fn read(name: &str) -> History {
    match name.parse() {
        Ok(seed) => generate::history(seed),
        Err(_) => serde_json::from_str(&std::fs::read_to_string(name).unwrap()).unwrap(),
    }
}
