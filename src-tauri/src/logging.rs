//! Log lines go to standard error; `SYNODIC_LOG` says how many (`info`, `synodic_engine=debug`, …).

use tracing_subscriber::EnvFilter;

/// Starts logging. Without `SYNODIC_LOG`, `default` decides.
pub(crate) fn start(default: &str) {
    let filter = EnvFilter::try_from_env("SYNODIC_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(true)
        .try_init();
    if let Err(error) = started {
        eprintln!("synodic: no log lines will be written: {error}");
    }
}
