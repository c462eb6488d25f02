//! Listening on a socket, and stopping so that the same address can be listened on again.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long requests under way may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(1);

/// A server on a socket. It stops when it is told to or dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(address: SocketAddr, router: Router) -> std::io::Result<Self> {
        Self::on(TcpListener::bind(address).await?, router)
    }

    pub(crate) fn on(listener: TcpListener, router: Router) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let signal = async move {
                // An error means that the sender was dropped, which is a wish to stop as well.
                let _ = stopped.await;
            };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(signal).await {
                tracing::warn!(%error, "simulator stopped listening");
            }
        });
        Ok(Self { address, stop: Some(stop), task })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
