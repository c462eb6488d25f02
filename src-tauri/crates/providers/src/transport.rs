//! One HTTP exchange, and the two ways in which it can end without an answer.
//!
//! Providers speak to [`Transport`] instead of a socket, so that a test can hand requests to a simulated service in
//! the same process, lose an answer on purpose, or count what was sent. [`Network`] is the real thing.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Request, Response, header};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a whole exchange may take, the body included.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for servers that are slow to put a long list together.
const PATIENT_TIMEOUT: Duration = Duration::from_secs(120);
/// The longest answer that is taken; the largest page of a calendar stays far below.
const BODY_LIMIT: usize = 64 << 20;
/// Google compresses answers only for agents with this word in their name (guide “Performance tips”).
const USER_AGENT: &str = concat!("Synodic/", env!("CARGO_PKG_VERSION"), " (gzip)");

/// Carries one request to a service and brings back its answer, whatever its status.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request`.
    ///
    /// # Errors
    /// [`TransportError`] when there is no answer.
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError>;
}

/// No answer came. The variants differ in what the service may have done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// There was no connection, so nothing was sent.
    #[error("{reason}")]
    Unreachable {
        /// What the system said.
        reason: String,
    },
    /// The request was on its way; whether it was carried out is not known.
    #[error("{reason}")]
    NoAnswer {
        /// What the system said.
        reason: String,
    },
    /// The answer is longer than any that is taken; the request may have been carried out.
    #[error("the answer is larger than {} MB", limit >> 20)]
    TooLarge {
        /// How many bytes are taken.
        limit: usize,
    },
}

/// Reads `Retry-After`, which is a number of seconds or a date (RFC 9110 §10.2.3). `now` is for the date.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = text.parse().map(Duration::from_secs).ok();
    seconds.or_else(|| (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().ok())
}

/// HTTP over the network.
#[derive(Clone, Debug)]
pub struct Network(reqwest::Client);

impl Network {
    /// Makes a client with its own pool of connections; nothing is sent yet. Redirects are not followed: an API that
    /// redirects is not the API (and a token must not be carried to another host).
    ///
    /// # Errors
    /// [`TransportError::Unreachable`] when the TLS library cannot start.
    pub fn new() -> Result<Self, TransportError> {
        Self::build(Self::builder(EXCHANGE_TIMEOUT))
    }

    /// Like [`Network::new`], for servers that may take long to answer. `authority` is the PEM text of certificates that
    /// are believed beside the system's.
    ///
    /// # Errors
    /// [`TransportError::Unreachable`] when the TLS library cannot start or the certificates cannot be read.
    pub fn patient(authority: Option<&[u8]>) -> Result<Self, TransportError> {
        let mut builder = Self::builder(PATIENT_TIMEOUT);
        let unreadable = |error: reqwest::Error| TransportError::Unreachable { reason: in_words(&error) };
        for certificate in
            reqwest::Certificate::from_pem_bundle(authority.unwrap_or_default()).map_err(unreadable)?
        {
            builder = builder.add_root_certificate(certificate);
        }
        Self::build(builder)
    }

    fn builder(timeout: Duration) -> reqwest::ClientBuilder {
        // Whoever was faster has chosen, and whatever they chose will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
    }

    fn build(builder: reqwest::ClientBuilder) -> Result<Self, TransportError> {
        builder.build().map(Self).map_err(|error| TransportError::Unreachable { reason: in_words(&error) })
    }
}

#[async_trait]
impl Transport for Network {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(classed)?;
        let mut answer = self.0.execute(request).await.map_err(classed)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(classed)? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(TransportError::TooLarge { limit: BODY_LIMIT });
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

/// A connection that was never made carried nothing; everything later may have arrived.
// By value because `map_err` hands it over.
#[expect(clippy::needless_pass_by_value)]
fn classed(error: reqwest::Error) -> TransportError {
    let reason = in_words(&error);
    if error.is_connect() || error.is_builder() {
        TransportError::Unreachable { reason }
    } else {
        TransportError::NoAnswer { reason }
    }
}

/// The innermost cause, which is what a person can act on (“connection refused”). The outer layers name the address,
/// and addresses hold calendar ids.
fn in_words(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() {
        "timed out".to_owned()
    } else if cause.source().is_none() && cause.is::<reqwest::Error>() {
        "the exchange failed".to_owned()
    } else {
        let words = cause.to_string();
        // The system's number for its own error tells a person nothing.
        words.split(" (os error").next().unwrap_or_default().to_owned()
    }
}

/// What a provider needs from around it. The engine passes its own clock; tests also pass their own transport.
#[derive(Clone)]
pub struct Surroundings {
    /// Carries requests.
    pub transport: Arc<dyn Transport>,
    /// Tells the time by which tokens expire.
    pub clock: Clock,
    /// How fast requests may follow each other.
    pub pace: Pace,
}

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

impl Surroundings {
    /// The network, the system's clock and the service's own pace.
    ///
    /// # Errors
    /// [`TransportError::Unreachable`] when the TLS library cannot start.
    pub fn real() -> Result<Self, TransportError> {
        Ok(Self {
            transport: Arc::new(Network::new()?),
            // The one place in this crate that asks the system for the time; the engine replaces it by its own.
            clock: Arc::new(Utc::now),
            pace: Pace::OfService,
        })
    }
}

/// How fast requests may follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As the service asks for.
    #[default]
    OfService,
    /// Another pace, in units of the service's quota.
    Limited {
        /// Units that may be spent each second in the long run.
        per_second: NonZeroU32,
        /// Units that may be spent at once after a pause.
        burst: NonZeroU32,
    },
    /// No limit, for simulated services.
    Unlimited,
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::thread::{JoinHandle, spawn};

    use chrono::TimeZone;

    use super::*;

    /// A server that takes one connection.
    fn serve(take: impl FnOnce(TcpStream) -> Vec<u8> + Send + 'static) -> (SocketAddr, JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        (address, spawn(move || take(listener.accept().unwrap().0)))
    }

    async fn get(address: String) -> Result<Response<Vec<u8>>, TransportError> {
        Network::new().unwrap().send(Request::get(address).body(Vec::new()).unwrap()).await
    }

    #[tokio::test]
    async fn answers_are_asked_for_compressed_and_read_as_if_they_were_not() {
        const PACKED: &[u8] =
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xabV\xca\xce\xccKQ\xb2RJN\xccI\xcdKI,RN-K\xcd\
            +)V\xaa\xad\x1e\x922\x00\x85\x9d\x077\xd0\x00\x00\x00";
        let (address, server) = serve(|mut stream| {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            let length = PACKED.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n")
                .unwrap();
            stream.write_all(PACKED).unwrap();
            head
        });
        let answer = get(format!("http://{address}/")).await.unwrap();
        assert_eq!(answer.into_body(), br#"{"kind":"calendar#events"}"#.repeat(8));
        let head = String::from_utf8(server.join().unwrap()).unwrap().to_lowercase();
        assert!(head.contains("accept-encoding: gzip"), "{head}");
        assert!(head.lines().any(|line| line.starts_with("user-agent:") && line.contains("gzip")), "{head}");
    }

    #[tokio::test]
    async fn http_2_is_spoken_where_a_server_takes_it() {
        // What a client can speak stands in the first thing that it says (RFC 7301).
        let (address, server) = serve(|mut stream| {
            let mut head = [0; 5];
            stream.read_exact(&mut head).unwrap();
            let mut hello = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
            stream.read_exact(&mut hello).unwrap();
            hello
        });
        let broken_off = get(format!("https://{address}/")).await.unwrap_err();
        assert!(matches!(broken_off, TransportError::Unreachable { .. }), "{broken_off}");
        let hello = server.join().unwrap();
        let place = |protocol: &[u8]| hello.windows(protocol.len()).position(|part| part == protocol);
        assert!(place(b"\x02h2").unwrap() < place(b"\x08http/1.1").unwrap(), "rather than the older one");
    }

    #[test]
    fn retry_after_is_a_number_of_seconds_or_a_date() {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap();
        let asked = |text: &'static str| {
            let headers = [(header::RETRY_AFTER, http::HeaderValue::from_static(text))].into_iter().collect();
            retry_after(&headers, now)
        };
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        assert_eq!(asked("Mon, 23 Nov 2026 09:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(asked("Mon, 23 Nov 2026 08:00:00 GMT"), None);
        assert_eq!(asked("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
