//! A pipe that is named after the data folder. Windows lets its maker and administrators alone write to it, and nobody from
//! another computer.

use std::io::Result;
use std::path::Path;
use std::time::Duration;
use std::{fs, mem, path};

use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};
use uuid::Uuid;

/// One call's connection, at either end.
pub(super) type Stream = Box<dyn Connection>;

/// What both ends of a pipe can do.
pub(super) trait Connection: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}

impl Connection for NamedPipeServer {}
impl Connection for NamedPipeClient {}

/// All pipes of this name are taken for the moment (`ERROR_PIPE_BUSY`).
const BUSY: i32 = 231;
/// How often, and how many times, a taken pipe is tried again.
const AGAIN: Duration = Duration::from_millis(20);
const TRIES: u32 = 100;

/// Takes calls.
pub(super) struct Listener {
    name: String,
    /// What the next call will come over.
    next: NamedPipeServer,
}

impl Listener {
    /// Makes the pipe; refused when somebody else has made one of this name.
    pub(super) fn bind(data_dir: &Path) -> Result<Self> {
        let name = name(data_dir)?;
        let next = ServerOptions::new().first_pipe_instance(true).create(&name)?;
        Ok(Self { name, next })
    }

    /// Waits for the next call.
    pub(super) async fn accept(&mut self) -> Result<Stream> {
        self.next.connect().await?;
        // There is always one to connect to, so that nobody takes us for ended.
        let following = ServerOptions::new().create(&self.name)?;
        Ok(Box::new(mem::replace(&mut self.next, following)))
    }

    /// A pipe goes with its last end, so there is nothing to hide.
    #[expect(clippy::unused_self, reason = "sockets have something to hide")]
    pub(super) const fn hide(&self) {}
}

/// Connects to who listens for this data folder.
pub(super) async fn connect(data_dir: &Path) -> Result<Stream> {
    let name = name(data_dir)?;
    let mut tries = 0;
    loop {
        match ClientOptions::new().open(&name) {
            Err(error) if error.raw_os_error() == Some(BUSY) && tries < TRIES => tries += 1,
            opened => return opened.map(|client| Box::new(client) as Stream),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// The pipe's name: the same for every way to write the folder's.
fn name(data_dir: &Path) -> Result<String> {
    let folder = fs::canonicalize(data_dir).or_else(|_| path::absolute(data_dir))?;
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, folder.as_os_str().as_encoded_bytes());
    Ok(format!(r"\\.\pipe\synodic-{}", id.simple()))
}
