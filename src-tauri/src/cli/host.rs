//! The engine that a command works with: the running one, or one of its own for as long as the command takes.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use synodic_engine::Engine;
use synodic_engine::view::{Failure, FailureCode};

use super::Global;
use crate::call::{Call, Notice, answer, internal};
use crate::environment::{data_dir, engine_config, process_environment, start_engine};
use crate::local_socket::Remote;

/// How long a command waits for an engine that holds the lock but does not answer yet, or not any more.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often it is looked for.
const GLANCE: Duration = Duration::from_millis(50);

/// The way to an engine.
pub(super) enum Host {
    /// One in this process, which does only what it is asked.
    Own(Engine),
    /// The one that runs elsewhere.
    Running(std::path::PathBuf),
}

impl Host {
    /// Finds the running engine, or starts one.
    ///
    /// # Errors
    /// When the replica cannot be opened, or is held by an engine that does not answer.
    pub(super) async fn reach(global: &Global) -> Result<Self, Failure> {
        let data_dir = data_dir(global.data_dir.as_deref(), &process_environment)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if Remote::connect(&data_dir).await.is_some() {
                return Ok(Self::Running(data_dir));
            }
            let mut config = engine_config(data_dir.clone(), &process_environment)?;
            config.autonomous = false;
            match start_engine(config).await {
                Ok(engine) => {
                    engine.salvage().as_deref().into_iter().for_each(say);
                    return Ok(Self::Own(engine));
                }
                Err(error) => {
                    let failure = Failure::from(&error);
                    if failure.code != FailureCode::Busy || Instant::now() >= deadline {
                        return Err(failure);
                    }
                }
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Asks, and reads the answer as what it is.
    ///
    /// # Errors
    /// The engine's failure.
    pub(super) async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        let value = match self {
            Self::Own(engine) => answer(engine, call, &mut announce).await?,
            Self::Running(data_dir) => {
                let gone = || internal(&"the running Synodic has just closed; try again");
                connect(data_dir).await.ok_or_else(gone)?.ask(&call, &mut announce).await?
            }
        };
        serde_json::from_value(value).map_err(|error| internal(&error))
    }

    /// Puts an own engine away; what it had in flight is finished or rolled back.
    ///
    /// # Errors
    /// When the replica could not be closed.
    pub(super) async fn close(self) -> Result<(), Failure> {
        match self {
            Self::Own(engine) => engine.shutdown().await.map_err(|error| Failure::from(&error)),
            Self::Running(_) => Ok(()),
        }
    }
}

/// Connects to the engine that ran a moment ago. One that is just starting anew is waited for.
async fn connect(data_dir: &Path) -> Option<Remote> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let connected = Remote::connect(data_dir).await;
        if connected.is_some() || Instant::now() >= deadline {
            return connected;
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// Runs `work` with an engine and puts it away whatever came of it.
pub(super) async fn with<T>(
    global: &Global,
    work: impl AsyncFnOnce(&Host) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let host = Host::reach(global).await?;
    let outcome = work(&host).await;
    let closed = host.close().await;
    let answer = outcome?;
    closed.map(|()| answer)
}

/// Says what has to be said before the answer, where it does not mix with a JSON document.
fn announce(notice: Notice) {
    let Notice::OpenAddress(address) = notice;
    say(&format!("Open this address in a browser to go on:\n{address}"));
}

fn say(line: &str) {
    let mut standard_error = std::io::stderr().lock();
    // When nobody reads standard error, what is said has gone nowhere: an address times out, and the command says so;
    // the rest is in the log as well.
    let _ = writeln!(standard_error, "{line}");
}
