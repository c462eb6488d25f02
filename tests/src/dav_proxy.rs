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
    /// The server carries it out, and its answer breaks off in the midst.
    Truncated,
    /// The server never sees it, and this is answered.
    Status(u16),
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
    script: Arc<Mutex<Script>>,
    task: JoinHandle<()>,
}

impl DavProxy {
    /// Stands in front of the server at `url`.
    pub async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let script = Arc::new(Mutex::new(Script::default()));
        let task = tokio::spawn({
            let script = Arc::clone(&script);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (script, server) = (Arc::clone(&script), server.clone());
                    // Whoever hangs up has nothing to be told.
                    tokio::spawn(async move { carry(stream, &server, &script).await.unwrap_or_default() });
                }
            }
        });
        Self { address, script, task }
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
        self.task.abort();
    }
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
        Some(Mishap::Status(status)) => return answer(&mut stream, status).await,
        Some(Mishap::ResetAfter | Mishap::Truncated | Mishap::StatusAfter(_)) | None => {}
    }
    let mut there = TcpStream::connect(server).await?;
    there.write_all(&request).await?;
    let mut answered = Vec::new();
    // The server is told to close the connection with its answer.
    there.read_to_end(&mut answered).await?;
    match mishap {
        Some(Mishap::Truncated) => stream.write_all(&answered[..answered.len().min(24)]).await,
        Some(Mishap::StatusAfter(status)) => answer(&mut stream, status).await,
        Some(_) => Ok(()),
        None => stream.write_all(&answered).await,
    }
}

async fn answer(stream: &mut TcpStream, status: u16) -> std::io::Result<()> {
    let text = format!("HTTP/1.1 {status} Mishap\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
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
