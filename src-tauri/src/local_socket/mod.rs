//! How a command line reaches the engine that runs in another process: a socket in the data folder that only its
//! owner may open; on Windows a pipe that is named after the data folder. [`place`] has what differs.
//!
//! One call a connection. The client writes one line of JSON, a [`Call`]; the server answers with any number of
//! `{"notice": …}` lines and then one `{"answer": …}` or `{"failure": …}`.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod place;

use std::io::Error;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use synodic_engine::Engine;
use synodic_engine::view::{Failure, FailureCode};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::place::{Listener, Stream};
use crate::call::{Call, Notice, answer, internal};
use crate::holds::{Held, Holds};
use crate::notify::Raise;

/// The longest call that is read, in bytes; an event at its limits is far below.
const CALL_LIMIT: u64 = 1024 * 1024;

/// How long is looked for who came just before the end.
const LAST_CALL: Duration = Duration::from_millis(10);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Notice(Notice),
    Answer(Value),
    Failure(Failure),
}

/// Serves calls until `stop`, and returns what ends once none is taken any more. The caller holds the replica's lock, so a
/// socket that is there already is a left-over. Each call is held until it is answered.
///
/// # Errors
/// When the socket cannot be made, which a folder path of more than about 100 characters brings about.
pub(crate) fn serve(
    engine: Engine,
    data_dir: &Path,
    raise: Raise,
    holds: Holds,
    stop: CancellationToken,
) -> std::io::Result<JoinHandle<()>> {
    let mut listener = Listener::bind(data_dir)?;
    let take = move |stream| {
        tokio::spawn(serve_one(engine.clone(), stream, raise.clone(), holds.hold()));
    };
    Ok(tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => match accepted {
                    Ok(stream) => take(stream),
                    Err(error) => tracing::warn!(%error, "a command could not be accepted"),
                },
            }
        }
        listener.hide();
        // Whoever came before that is waiting for an answer.
        while let Ok(Ok(stream)) = timeout(LAST_CALL, listener.accept()).await {
            take(stream);
        }
    }))
}

async fn serve_one(engine: Engine, stream: Stream, raise: Raise, _held: Held) {
    if let Err(error) = converse(engine, stream, raise).await {
        tracing::debug!(%error, "a command went away before its answer");
    }
}

async fn converse(engine: Engine, stream: Stream, raise: Raise) -> std::io::Result<()> {
    let (reading, mut writing) = tokio::io::split(stream);
    let mut text = String::new();
    let mut reading = BufReader::new(reading.take(CALL_LIMIT));
    reading.read_line(&mut text).await?;
    let call: Call = match serde_json::from_str(&text) {
        Ok(call) => call,
        Err(error) => return write(&mut writing, &Line::Failure(internal(&error))).await,
    };
    if let Call::Raise { place } = &call
        && raise.send(place.clone()).is_err()
    {
        // Nobody listens in `synodic serve`.
        return write(&mut writing, &Line::Failure(no_window())).await;
    }
    let (notices, mut heard) = mpsc::unbounded_channel();
    let mut notice = move |said: Notice| {
        let _ = notices.send(said);
    };
    let ends_with_its_caller = call.ends_with_its_caller();
    let work = answer(&engine, call, &mut notice);
    tokio::pin!(work);
    let outcome = loop {
        tokio::select! {
            biased;
            Some(said) = heard.recv() => write(&mut writing, &Line::Notice(said)).await?,
            outcome = &mut work => break outcome,
            // A client says nothing after its call; what can be read is that it has gone.
            _ = reading.read_u8(), if ends_with_its_caller => return Ok(()),
        }
    };
    let line = match outcome {
        Ok(value) => Line::Answer(value),
        Err(failure) => Line::Failure(failure),
    };
    write(&mut writing, &line).await
}

fn no_window() -> Failure {
    let message = "Synodic is running without a window (“synodic serve”), and two engines cannot share one calendar; \
                   stop that one first";
    Failure { code: FailureCode::Busy, message: message.into(), field: None }
}

async fn write(writing: &mut (impl AsyncWriteExt + Unpin), line: &Line) -> std::io::Result<()> {
    let mut text = serde_json::to_string(line).map_err(Error::other)?;
    text.push('\n');
    writing.write_all(text.as_bytes()).await
}

/// A connection to the engine that runs elsewhere.
pub(crate) struct Remote {
    stream: Stream,
}

impl Remote {
    /// Connects, or says that no engine listens there.
    pub(crate) async fn connect(data_dir: &Path) -> Option<Self> {
        place::connect(data_dir).await.ok().map(|stream| Self { stream })
    }

    /// Sends one call and waits for its answer.
    ///
    /// # Errors
    /// The engine's failure, or that it went away.
    pub(crate) async fn ask(
        self,
        call: &Call,
        notice: &mut (dyn FnMut(Notice) + Send),
    ) -> Result<Value, Failure> {
        let (reading, mut writing) = tokio::io::split(self.stream);
        let mut text = serde_json::to_string(call).map_err(|error| internal(&error))?;
        text.push('\n');
        writing.write_all(text.as_bytes()).await.map_err(|error| internal(&error))?;
        let mut lines = BufReader::new(reading).lines();
        while let Some(line) = lines.next_line().await.map_err(|error| internal(&error))? {
            match serde_json::from_str(&line).map_err(|error| internal(&error))? {
                Line::Notice(said) => notice(said),
                Line::Answer(value) => return Ok(value),
                Line::Failure(failure) => return Err(failure),
            }
        }
        Err(internal(&"the running Synodic closed before it answered"))
    }
}
