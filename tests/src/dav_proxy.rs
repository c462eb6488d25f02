//! What stands between Synodic and a calendar server: counts what is asked, and loses answers on purpose.
//!
//! It speaks plain HTTP/1.1 by hand, a request to a connection, because what it is for is to break off where no library
//! would.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The connection ends with the request; the server never sees it.
    ResetBefore,
    /// The server carries it out, and the connection ends without an answer.
    ResetAfter,
    /// The server carries it out, and nothing is ever answered.
    SilentAfter,
    /// The server carries it out, and its answer breaks off in the midst.
    Truncated,
    /// The server never sees it, and this is answered.
    Status(u16),
    /// The server never sees it, and this is answered, with the seconds after which it may be asked again.
    Wait(u16, u32),
    /// The server carries it out, and this is answered.
    StatusAfter(u16),
}

#[derive(Debug, Default)]
struct Script {
    requests: Vec<String>,
    /// The method that is met, by what, and how often still.
    mishap: Option<(String, Mishap, usize)>,
    met: usize,
}

/// A proxy in front of one server; gone when it is dropped.
#[derive(Debug)]
pub struct DavProxy {
    address: SocketAddr,
    server: String,
    script: Arc<Mutex<Script>>,
    /// None while nobody listens.
    task: Option<JoinHandle<()>>,
}

impl DavProxy {
    /// Stands in front of the server at `url`.
    pub async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let script = Arc::new(Mutex::new(Script::default()));
        let task = Some(listen(listener, server.clone(), Arc::clone(&script)));
        Self { address, server, script, task }
    }

    /// Listens no more, so that every connection is refused.
    pub async fn close(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// Listens again where it did.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.task = Some(listen(listener, self.server.clone(), Arc::clone(&self.script)));
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Has the next `times` requests of this method meet a mishap.
    pub fn meet(&self, method: &str, mishap: Mishap, times: usize) {
        let mut script = self.script();
        script.mishap = Some((method.to_owned(), mishap, times));
        script.met = 0;
    }

    /// How many requests have met it.
    pub fn met(&self) -> usize {
        self.script().met
    }

    /// The methods that were asked since the last time.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.script().requests)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }
}

impl Drop for DavProxy {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

fn listen(listener: TcpListener, server: String, script: Arc<Mutex<Script>>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (script, server) = (Arc::clone(&script), server.clone());
            // Whoever hangs up has nothing to be told.
            tokio::spawn(async move { carry(stream, &server, &script).await.unwrap_or_default() });
        }
    })
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn carry(mut stream: TcpStream, server: &str, script: &Mutex<Script>) -> std::io::Result<()> {
    let request = read_message(&mut BufReader::new(&mut stream)).await?;
    let method =
        String::from_utf8_lossy(request.split(|byte| *byte == b' ').next().unwrap_or_default()).into_owned();
    let mishap = {
        let mut script = lock(script);
        script.requests.push(method.clone());
        let is_met = script.mishap.as_ref().is_some_and(|(on, _, times)| *on == method && *times > 0);
        if is_met {
            script.met += 1;
        }
        script.mishap.as_mut().filter(|_| is_met).map(|(_, how, times)| {
            *times -= 1;
            *how
        })
    };
    match mishap {
        Some(Mishap::ResetBefore) => return Ok(()),
        Some(Mishap::Status(status)) => return answer(&mut stream, status, None).await,
        Some(Mishap::Wait(status, seconds)) => return answer(&mut stream, status, Some(seconds)).await,
        Some(Mishap::ResetAfter | Mishap::SilentAfter | Mishap::Truncated | Mishap::StatusAfter(_))
        | None => {}
    }
    let mut there = TcpStream::connect(server).await?;
    there.write_all(&request).await?;
    let mut answered = Vec::new();
    // The server is told to close the connection with its answer.
    there.read_to_end(&mut answered).await?;
    match mishap {
        Some(Mishap::Truncated) => stream.write_all(&answered[..answered.len() / 2]).await,
        Some(Mishap::StatusAfter(status)) => answer(&mut stream, status, None).await,
        // Until whoever asked hangs up.
        Some(Mishap::SilentAfter) => stream.read(&mut [0]).await.map(drop),
        Some(_) => Ok(()),
        None => stream.write_all(&answered).await,
    }
}

async fn answer(stream: &mut TcpStream, status: u16, wait: Option<u32>) -> std::io::Result<()> {
    let wait = wait.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
    let text = format!("HTTP/1.1 {status} Mishap\r\n{wait}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await
}

/// Reads a request whose length is told, and asks for the connection to be closed after it.
async fn read_message(reader: &mut BufReader<&mut TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(told) = lower.strip_prefix("content-length:") {
            length = told.trim().parse().unwrap_or(0);
        }
        if lower.starts_with("connection:") {
            continue;
        }
        if line == "\r\n" {
            message.extend_from_slice(b"Connection: close\r\n\r\n");
            break;
        }
        message.extend_from_slice(line.as_bytes());
    }
    let head = message.len();
    message.resize(head + length, 0);
    reader.read_exact(&mut message[head..]).await?;
    Ok(message)
}
