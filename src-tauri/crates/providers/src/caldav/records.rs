//! Where a domain says that its calendars are: the service records of RFC 6764.
//!
//! Answers are unsigned, so they may be anybody's. What they name is therefore asked only where it belongs to the domain
//! that the person entered (`trust`); of any other place they are told, and may enter it themselves. `hickory-resolver`
//! asks, for the system's own functions know addresses only.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(4);
/// More than any domain names.
const LIMIT: usize = 8;

/// A server that a domain names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Where to start there, if the domain says that.
    pub path: Option<String>,
}

/// Whoever can be asked for service records.
#[async_trait]
pub trait ServiceRecords: Send + Sync {
    /// The servers for calendars over TLS that `domain` names, the preferred one first; none when it names none.
    ///
    /// # Errors
    /// Why that cannot be told, in words.
    async fn calendars_of(&self, domain: &str) -> Result<Vec<Service>, String>;
}

/// Asks name servers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dns {
    /// Which one; the system's when absent.
    server: Option<SocketAddr>,
}

impl Dns {
    /// A certain name server.
    #[must_use]
    pub const fn at(server: SocketAddr) -> Self {
        Self { server: Some(server) }
    }

    fn resolver(self) -> Result<TokioResolver, NetError> {
        let mut builder = match self.server {
            None => TokioResolver::builder_tokio()?,
            Some(server) => {
                let mut connection = ConnectionConfig::udp();
                connection.port = server.port();
                let server = NameServerConfig::new(server.ip(), true, vec![connection]);
                let config = ResolverConfig::from_name_servers(vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        options.timeout = TIMEOUT;
        options.attempts = 1;
        builder.build()
    }
}

#[async_trait]
impl ServiceRecords for Dns {
    async fn calendars_of(&self, domain: &str) -> Result<Vec<Service>, String> {
        let resolver = self.resolver().map_err(|error| error.to_string())?;
        // The closing dot keeps the system's search domains out of it.
        let name = format!("_caldavs._tcp.{}.", domain.trim_end_matches('.'));
        let named = match resolver.lookup(name.as_str(), RecordType::SRV).await {
            Ok(named) => named,
            Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
            Err(error) => return Err(error.to_string()),
        };
        let mut found: Vec<_> = named
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::SRV(service) => Some(service),
                _ => None,
            })
            .collect();
        if found.iter().any(|service| service.target.is_root()) {
            return Err(format!("{domain} says that it has no calendars"));
        }
        // One person's calendar need not spread its load by chance: the heaviest of the preferred ones goes first.
        found.sort_by_key(|service| (service.priority, std::cmp::Reverse(service.weight)));
        let path = match resolver.lookup(name.as_str(), RecordType::TXT).await {
            Ok(texts) => texts.answers().iter().find_map(|record| path_in(&record.data)),
            Err(_) => None,
        };
        let service = |host: String, port| Service { host, port, path: path.clone() };
        let hosts = found.into_iter().take(LIMIT).map(|known| {
            service(known.target.to_ascii().trim_end_matches('.').to_ascii_lowercase(), known.port)
        });
        Ok(hosts.collect())
    }
}

/// The context path in a text record (RFC 6764 §4).
fn path_in(data: &RData) -> Option<String> {
    let RData::TXT(texts) = data else { return None };
    let paths =
        texts.txt_data.iter().filter_map(|text| std::str::from_utf8(text).ok()?.strip_prefix("path="));
    paths.filter(|path| path.starts_with('/')).map(str::to_owned).next()
}
