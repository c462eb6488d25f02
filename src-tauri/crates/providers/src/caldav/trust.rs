//! Which addresses may see a person's password.
//!
//! Over plain HTTP only this machine itself; otherwise the host that the person named, what is below it, and the other
//! hosts of a service that is known to spread its accounts over several (iCloud). A server that leads anywhere else is
//! not followed: the person is told where it leads, and may enter that address themselves.

use std::net::IpAddr;

use url::{Host, Url};

/// Services whose accounts live on other hosts of the same domain than the one to start from.
const SPREAD_SERVICES: [&str; 4] = ["icloud.com", "fastmail.com", "yahoo.com", "gmx.net"];

/// The addresses that belong to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trusted(Vec<String>);

/// Why an address is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Distrust {
    /// It is not encrypted.
    Plain,
    /// It belongs to somebody else.
    Elsewhere(String),
}

impl std::fmt::Display for Distrust {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain => formatter.write_str(
                "the address is not encrypted, and a password would be readable on the way; use https://",
            ),
            Self::Elsewhere(host) => write!(
                formatter,
                "it leads to {host}; if that is the right place, enter this address instead"
            ),
        }
    }
}

impl Trusted {
    /// What the person named: hosts or domains.
    pub(super) fn named<'a>(hosts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(hosts.into_iter().map(str::to_ascii_lowercase).collect())
    }

    /// Whether `url` may be asked with the account's secret.
    pub(super) fn check(&self, url: &Url) -> Result<(), Distrust> {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(url) => {}
            _ => return Err(Distrust::Plain),
        }
        let is_same = |named: &String| *named == host || is_below(&host, named);
        let is_spread = |named: &String| {
            SPREAD_SERVICES.iter().any(|service| is_below(named, service) && is_below(&host, service))
        };
        if self.0.iter().any(|named| is_same(named) || is_spread(named)) {
            Ok(())
        } else {
            Err(Distrust::Elsewhere(host))
        }
    }
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether the address is one of this machine's own.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(named: &str, url: &str) -> Result<(), Distrust> {
        Trusted::named([named]).check(&url.parse().unwrap())
    }

    #[test]
    fn a_password_goes_to_the_named_place_only() {
        assert_eq!(judged("example.org", "https://example.org/dav"), Ok(()));
        assert_eq!(judged("example.org", "https://dav.example.org/"), Ok(()));
        assert_eq!(judged("caldav.icloud.com", "https://p42-caldav.icloud.com/1/"), Ok(()));
        let elsewhere = |host: &str| Err(Distrust::Elsewhere(host.to_owned()));
        assert_eq!(judged("example.org", "https://badexample.org/"), elsewhere("badexample.org"));
        assert_eq!(judged("a.co.uk", "https://b.co.uk/"), elsewhere("b.co.uk"));
        assert_eq!(judged("example.org", "https://icloud.com/"), elsewhere("icloud.com"));
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        assert_eq!(judged("127.0.0.1", "http://127.0.0.1:5232/"), Ok(()));
        assert_eq!(judged("localhost", "http://localhost:5232/"), Ok(()));
        assert_eq!(judged("example.org", "http://example.org/"), Err(Distrust::Plain));
        assert_eq!(judged("example.org", "ftp://example.org/"), Err(Distrust::Plain));
    }
}
