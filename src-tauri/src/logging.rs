//! Log lines go to standard error; `SYNODIC_LOG` says how many (`info`, `synodic_engine=debug`, …).

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. Without `SYNODIC_LOG`, or when it cannot be understood, `default` decides.
pub(crate) fn start(default: &str) {
    let wanted = std::env::var("SYNODIC_LOG").ok();
    let filter = wanted.as_deref().and_then(understood).or_else(|| understood(default)).unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    if let Err(error) = tracing_subscriber::registry().with(lines).with(filter).try_init() {
        eprintln!("synodic: no log lines will be written: {error}");
    }
}

/// Levels of everything and of parts of the program, separated by commas.
fn understood(wanted: &str) -> Option<Targets> {
    wanted.parse().ok()
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_level_holds_for_everything_or_for_a_part() {
        let all = understood("info").unwrap();
        assert!(all.would_enable("synodic_store", &Level::INFO) && !all.would_enable("hyper", &Level::DEBUG));
        let part = understood("warn,synodic_engine=debug").unwrap();
        assert!(part.would_enable("synodic_engine::worker", &Level::DEBUG));
        assert!(part.would_enable("hyper", &Level::WARN) && !part.would_enable("hyper", &Level::INFO));
        assert!(understood("synodic_engine=loud").is_none());
    }
}
