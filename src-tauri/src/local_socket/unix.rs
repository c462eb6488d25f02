//! A socket in the data folder.

use std::fs::{self, Permissions};
use std::io::{ErrorKind, Result};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// One call's connection.
pub(super) type Stream = UnixStream;

/// Takes calls.
pub(super) struct Listener {
    listener: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Makes the socket, for its owner alone. One that is there already is taken for a left-over.
    pub(super) fn bind(data_dir: &Path) -> Result<Self> {
        let path = path(data_dir);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Waits for the next call.
    pub(super) async fn accept(&mut self) -> Result<Stream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }

    /// Lets nobody else find it; who has found it can still be accepted.
    pub(super) fn hide(&self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket was gone already");
        }
    }
}

/// Connects to who listens for this data folder.
pub(super) async fn connect(data_dir: &Path) -> Result<Stream> {
    UnixStream::connect(path(data_dir)).await
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("synodic.sock")
}
