//! `synodic serve`: the engine without a window.

use std::process::ExitCode;

use synodic_engine::view::Failure;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Global;
use crate::call::internal;
use crate::environment::{data_dir, engine_config, process_environment, start_engine};
use crate::holds::Holds;
use crate::terminated::terminated;
use crate::{crash, local_socket, notify};

pub(super) async fn run(global: Global) -> Result<ExitCode, Failure> {
    let data_dir = data_dir(global.data_dir.as_deref(), &process_environment)?;
    let config = engine_config(data_dir.clone(), &process_environment)?;
    if let Some(report) = crash::begin(&data_dir) {
        tracing::warn!(report = %report.display(), "Synodic ended unexpectedly the last time");
    }
    let engine = start_engine(config).await.map_err(|error| Failure::from(&error))?;
    let stop = CancellationToken::new();
    // Nobody raises a window that is not there; the receiver is dropped on purpose.
    let (raise, _) = mpsc::unbounded_channel();
    let holds = Holds::default();
    let serving = local_socket::serve(engine.clone(), &data_dir, raise.clone(), holds.clone(), stop.clone())
        .map_err(|error| internal(&error))?;
    // Whoever serves on the machine that they sit at is reminded and told like anybody else.
    notify::follow(&engine, &raise, &holds);
    tracing::info!(data_dir = %data_dir.display(), "serving");
    terminated().await;
    stop.cancel();
    // Nobody is turned away who came before the end; what they asked for ends with the engine.
    let _ = serving.await;
    engine.shutdown().await.map_err(|error| Failure::from(&error))?;
    Ok(ExitCode::SUCCESS)
}
