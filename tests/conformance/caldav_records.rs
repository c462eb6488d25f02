//! Calendars that are found by the service records of a domain: a name server of the test's own, and a real calendar
//! server at the other end.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{Request, Response};
use synodic_providers::caldav::{Caldav, CaldavAccount, Dns, discover_with};
use synodic_providers::transport::{Network, Surroundings, Transport, TransportError};
use synodic_providers::{Provider, ProviderError, TokenVault};
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::caldav::Password;

const NAME: &str = "_caldavs._tcp.calendar.test";
const SRV: u16 = 33;
const TXT: u16 = 16;

/// What a name server knows of the name that is asked for: the kind of record, and what it holds.
type Known = Vec<(u16, Vec<u8>)>;

/// A name server, gone when it is dropped.
struct NameServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl NameServer {
    async fn start(known: Known) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut question = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut question).await {
                let answer = answer(&question[..length], &known);
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        Self { address, task }
    }
}

/// Answers a question (RFC 1035 §4): its name is repeated, and each record refers to it.
fn answer(question: &[u8], known: &Known) -> Vec<u8> {
    let (mut at, mut labels) = (12, Vec::new());
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..=at + length]).to_lowercase());
        at += length + 1;
    }
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    let is_known = labels.join(".") == NAME;
    let records: Vec<_> = known.iter().filter(|(of, _)| is_known && *of == kind).collect();
    let failure = if is_known { 0 } else { 3 };
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, 0x80 | failure, 0, 1, 0, u8::try_from(records.len()).unwrap(), 0, 0, 0, 0]);
    answer.extend_from_slice(&question[12..at + 5]);
    for (kind, data) in records {
        answer.extend([0xc0, 12]);
        answer.extend(kind.to_be_bytes());
        answer.extend([0, 1, 0, 0, 0, 60]);
        answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        answer.extend(data);
    }
    answer
}

fn service(priority: u16, weight: u16, port: u16, host: &str) -> (u16, Vec<u8>) {
    let mut data: Vec<u8> = [priority, weight, port].into_iter().flat_map(u16::to_be_bytes).collect();
    for label in host.split('.').filter(|label| !label.is_empty()) {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend(label.bytes());
    }
    data.push(0);
    (SRV, data)
}

fn text(said: &str) -> (u16, Vec<u8>) {
    let mut data = vec![u8::try_from(said.len()).unwrap()];
    data.extend(said.bytes());
    (TXT, data)
}

/// A network in which one host is the server, and no other can be reached.
#[derive(Clone)]
struct Rerouted {
    host: &'static str,
    server: String,
    network: Network,
    asked: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Transport for Rerouted {
    async fn send(&self, mut request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let authority = request.uri().authority().unwrap().to_string();
        let path = request.uri().path().to_owned();
        self.asked.lock().unwrap().push(format!("{authority}{path}"));
        if authority != self.host {
            return Err(TransportError::Unreachable { reason: "no such host".to_owned() });
        }
        *request.uri_mut() = format!("{}{path}", self.server).parse().unwrap();
        self.network.send(request).await
    }
}

struct Found {
    account: Result<CaldavAccount, ProviderError>,
    surroundings: Surroundings,
    asked: Vec<String>,
}

/// Looks for Ada's calendars, whose domain knows this much.
async fn found(server: &DavServer, place: &str, known: Known) -> Found {
    let names = NameServer::start(known).await;
    let transport = Rerouted {
        host: "dav.calendar.test:8443",
        server: server.url().trim_end_matches('/').to_owned(),
        network: Network::patient(None).unwrap(),
        asked: Arc::default(),
    };
    let asked = Arc::clone(&transport.asked);
    let surroundings = Surroundings { transport: Arc::new(transport), ..Surroundings::real().unwrap() };
    let account = CaldavAccount::at(place, Some(USER.to_owned()));
    let vault: Arc<dyn TokenVault> = Arc::new(Password(PASSWORD));
    let account = discover_with(account, vault, surroundings.clone(), &Dns::at(names.address)).await;
    let asked = asked.lock().unwrap().clone();
    Found { account, surroundings, asked }
}

#[tokio::test]
async fn a_domain_names_the_server_and_where_to_start_there() {
    let server = DavServer::start(Kind::Radicale).await;
    for place in ["ada@calendar.test", "calendar.test"] {
        let known = vec![service(0, 1, 8443, "dav.calendar.test"), text("path=/ada/")];
        let found = found(&server, place, known).await;
        let account = found.account.unwrap();
        assert!(found.asked.contains(&"dav.calendar.test:8443/ada/".to_owned()), "{:?}", found.asked);
        let provider = Caldav::with(account, Arc::new(Password(PASSWORD)), found.surroundings);
        let calendars = provider.remote_calendars().await.unwrap();
        assert_eq!(calendars.len(), 1, "{place}");
        assert_eq!(calendars[0].id.as_str(), server.calendar("work"));
    }
}

#[tokio::test]
async fn the_next_server_is_asked_when_the_preferred_one_is_not_there() {
    let server = DavServer::start(Kind::Radicale).await;
    let known = vec![service(20, 0, 8443, "dav.calendar.test"), service(10, 0, 443, "old.calendar.test")];
    let found = found(&server, "ada@calendar.test", known).await;
    assert!(found.account.is_ok(), "{:?}", found.account);
    let place = |host: &str| found.asked.iter().position(|asked| asked.starts_with(host)).unwrap();
    assert!(place("old.calendar.test") < place("dav.calendar.test"), "{:?}", found.asked);
}

#[tokio::test]
async fn a_password_is_not_sent_where_records_alone_lead() {
    let server = DavServer::start(Kind::Radicale).await;
    let known = vec![service(0, 0, 443, "calendars.elsewhere.test")];
    let found = found(&server, "ada@calendar.test", known).await;
    let error = found.account.unwrap_err().to_string();
    assert!(error.contains("calendars.elsewhere.test") && error.contains("enter this address"), "{error}");
    assert!(found.asked.iter().all(|asked| !asked.contains("elsewhere")), "{:?}", found.asked);
}

#[tokio::test]
async fn a_domain_without_records_is_said_to_have_none() {
    let server = DavServer::start(Kind::Radicale).await;
    let none = found(&server, "ada@calendar.test", Vec::new()).await.account.unwrap_err().to_string();
    assert!(none.contains("no such host") && none.contains("name no calendar server"), "{none}");
    let known = vec![service(0, 0, 0, ".")];
    let refused = found(&server, "ada@calendar.test", known).await.account.unwrap_err().to_string();
    assert!(refused.contains("it has no calendars"), "{refused}");
}

#[tokio::test]
async fn an_address_is_taken_at_its_word() {
    let server = DavServer::start(Kind::Radicale).await;
    let known = vec![service(0, 1, 8443, "dav.calendar.test")];
    let found = found(&server, "https://calendar.test/", known).await;
    assert!(found.account.is_err(), "no record was asked for");
    assert!(found.asked.iter().all(|asked| asked.starts_with("calendar.test")), "{:?}", found.asked);
}
