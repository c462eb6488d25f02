//! Finding out where an account's calendars are (RFC 6764, RFC 5397, RFC 4791 §6.2).
//!
//! The person gives an address, a host, or just their e-mail address. From there the server itself says where to go on:
//! by its well-known address, to the principal (the account as the server knows it), to the calendar homes. What was
//! found is kept with the account. Where a domain's own host knows nothing of calendars its DNS service records are asked
//! (`records`); the services in the table at the end are known by their domains and need not be.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use synodic_model::RemoteCalendarId;
use url::Url;

use super::client::{Call, Dav};
use super::records::{Dns, Service, ServiceRecords};
use super::trust::Trusted;
use super::xml::{self, Row, Space};
use crate::error::ProviderError;
use crate::transport::Surroundings;
use crate::vault::TokenVault;

const ACTION: &str = "looking for the calendars";

/// Services that are not found by their mail domain alone: the domains, and where to start.
const KNOWN: [(&[&str], &str); 4] = [
    (&["icloud.com", "me.com", "mac.com"], "https://caldav.icloud.com/"),
    (&["fastmail.com", "fastmail.fm"], "https://caldav.fastmail.com/"),
    (&["gmx.net", "gmx.de", "gmx.at", "gmx.ch"], "https://caldav.gmx.net/"),
    (&["posteo.de", "posteo.net"], "https://posteo.de:8443/"),
];

/// Where an account is, as it is kept with it; no secret is in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaldavAccount {
    /// What the person entered: where everything was found from.
    pub place: String,
    /// The name that the person signs in with; none for a token that speaks for itself.
    pub user: Option<String>,
    /// The collections that hold the calendars.
    #[serde(default)]
    pub homes: Vec<Url>,
    /// The addresses under which the person is invited, in lower case.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Whether the server itself sends invitations when an event with guests is written (RFC 6638).
    #[serde(default)]
    pub schedules: bool,
    /// The file of a certificate authority that is trusted for this account beside the system's.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
}

impl CaldavAccount {
    /// An account that has not been found yet.
    pub fn at(place: impl Into<String>, user: Option<String>) -> Self {
        Self {
            place: place.into(),
            user,
            homes: Vec::new(),
            addresses: Vec::new(),
            schedules: false,
            certificate: None,
        }
    }

    /// The account as it is named to the person: the user, and the host where that does not say it.
    #[must_use]
    pub fn name(&self) -> String {
        let authority = |url: &Url| match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let host = start(&self.place).map(|start| authority(&start.first)).unwrap_or_default();
        match &self.user {
            None => host,
            Some(user) if user.contains('@') => format!("{user} ({host})"),
            Some(user) => format!("{user}@{host}"),
        }
    }

    /// The hosts that may see the account's secret.
    pub(super) fn trusted(&self) -> Trusted {
        let start = start(&self.place).ok();
        let hosts = start.iter().flat_map(|start| [Some(&*start.domain), start.first.host_str()]).flatten();
        Trusted::named(hosts)
    }

    /// The address of a calendar, whose id is a path at the home's host or an address of its own.
    pub(super) fn calendar_url(&self, id: &RemoteCalendarId) -> Option<Url> {
        match self.homes.first() {
            Some(home) => home.join(id.as_str()).ok(),
            None => Url::parse(id.as_str()).ok(),
        }
    }

    /// The id of the calendar at this address.
    pub(super) fn calendar_id(&self, url: &Url) -> RemoteCalendarId {
        let is_at_home = self.homes.first().is_some_and(|home| home.origin() == url.origin());
        RemoteCalendarId::new(if is_at_home { url.path() } else { url.as_str() })
    }
}

/// Where to start from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Start {
    /// The domain that the person named.
    domain: String,
    /// The first address to be asked.
    first: Url,
    /// The others, in order.
    others: Vec<Url>,
    /// Whether it is just a domain, which may name servers elsewhere.
    is_bare: bool,
}

/// Reads what a person has entered. The error says what to enter.
fn start(place: &str) -> Result<Start, String> {
    let place = place.trim();
    let unusable =
        || "Enter the address of the server, such as https://cloud.example.org, or your e-mail address.";
    if let Some((_, domain)) = place.rsplit_once('@').filter(|_| !place.contains("://")) {
        let domain = domain.to_ascii_lowercase();
        let known = KNOWN.iter().find(|(domains, _)| domains.contains(&&*domain));
        if let Some((_, address)) = known {
            let first = Url::parse(address).map_err(|error| error.to_string())?;
            return Ok(Start { domain, first, others: Vec::new(), is_bare: false });
        }
        let found = start(&format!("https://{domain}/.well-known/caldav"))?;
        let is_bare = is_domain(&found.first);
        return Ok(Start { is_bare, ..found });
    }
    let text = if place.contains("://") { place.to_owned() } else { format!("https://{place}") };
    let first = Url::parse(&text).map_err(|_| unusable())?;
    let domain = first.host_str().filter(|host| !host.is_empty()).ok_or_else(unusable)?.to_ascii_lowercase();
    let at = |path: &str| first.join(path).ok();
    let others = [at("/.well-known/caldav"), at("/")].into_iter().flatten().filter(|url| *url != first);
    let others: Vec<_> = others.collect();
    let is_bare = !place.contains("://") && first.path() == "/" && is_domain(&first);
    Ok(Start { domain, first, others, is_bare })
}

/// Whether the host is a name in the DNS, and neither an address nor this machine.
fn is_domain(url: &Url) -> bool {
    url.port().is_none() && url.domain().is_some_and(|domain| domain.trim_end_matches('.').contains('.'))
}

/// Finds the calendars of the account whose password is in `vault`, starting from its place.
///
/// # Errors
/// [`ProviderError::SignInRefused`] when the server does not take the password, [`ProviderError::Refused`] when there
/// are no calendars to be found from there.
pub async fn discover(
    account: CaldavAccount,
    vault: Arc<dyn TokenVault>,
    surroundings: Surroundings,
) -> Result<CaldavAccount, ProviderError> {
    discover_with(account, vault, surroundings, &Dns::default()).await
}

/// Like [`discover`], with service records from elsewhere.
///
/// # Errors
/// As [`discover`].
pub async fn discover_with(
    account: CaldavAccount,
    vault: Arc<dyn TokenVault>,
    surroundings: Surroundings,
    records: &dyn ServiceRecords,
) -> Result<CaldavAccount, ProviderError> {
    let start = start(&account.place).map_err(|reason| not_found(&account.place, reason))?;
    let dav = Dav::new(account.trusted(), account.user.clone(), vault, surroundings);
    let mut last = None;
    for url in std::iter::once(&start.first).chain(&start.others) {
        match find(&dav, url.clone(), &account).await {
            Ok(found) => return Ok(found),
            Err(error @ (ProviderError::SignInRefused { .. } | ProviderError::Throttled { .. })) => {
                return Err(error);
            }
            // What the first address says is what the person entered; the others are guesses.
            Err(error) => {
                last.get_or_insert(error);
            }
        }
    }
    let last = last.unwrap_or_else(|| not_found(&account.place, "there is nothing to ask".to_owned()));
    if !start.is_bare {
        return Err(last);
    }
    match records.calendars_of(&start.domain).await {
        Ok(services) if services.is_empty() => {
            Err(beside(last, "its DNS records name no calendar server either"))
        }
        Ok(services) => find_at(&dav, services, &account).await,
        Err(reason) => {
            Err(beside(last, &format!("nor do its DNS service records tell of a calendar server: {reason}")))
        }
    }
}

/// Finds the calendars at the servers that a domain names. What goes wrong with the preferred one is what is told.
async fn find_at(
    dav: &Dav,
    services: Vec<Service>,
    account: &CaldavAccount,
) -> Result<CaldavAccount, ProviderError> {
    let mut first = None;
    for Service { host, port, path } in services {
        let path = path.as_deref().unwrap_or("/.well-known/caldav");
        let Ok(url) = Url::parse(&format!("https://{host}:{port}{path}")) else { continue };
        match find(dav, url, account).await {
            Ok(found) => return Ok(found),
            Err(error @ (ProviderError::SignInRefused { .. } | ProviderError::Throttled { .. })) => {
                return Err(error);
            }
            Err(error) => {
                first.get_or_insert(error);
            }
        }
    }
    let nothing = || not_found(&account.place, "its DNS records name no host".to_owned());
    Err(first.unwrap_or_else(nothing))
}

/// A failure with something more to be said of it.
fn beside(mut error: ProviderError, words: &str) -> ProviderError {
    match &mut error {
        ProviderError::Refused { reason, .. }
        | ProviderError::Unreachable { reason, .. }
        | ProviderError::NoAnswer { reason, .. }
        | ProviderError::Unreadable { reason, .. } => {
            reason.push_str("; ");
            reason.push_str(words);
        }
        _ => {}
    }
    error
}

fn not_found(place: &str, reason: String) -> ProviderError {
    ProviderError::Refused { service: place.to_owned(), action: ACTION, status: 0, reason }
}

async fn find(dav: &Dav, url: Url, account: &CaldavAccount) -> Result<CaldavAccount, ProviderError> {
    let (row, url) =
        properties(dav, url, &["D:current-user-principal", "C:calendar-home-set", "D:resourcetype"]).await?;
    let principal = row
        .property(Space::Dav, "current-user-principal")
        .and_then(|property| property.href())
        .and_then(|href| url.join(href).ok());
    let mut found = CaldavAccount { homes: Vec::new(), addresses: Vec::new(), ..account.clone() };
    match principal {
        Some(principal) => {
            let wanted = [
                "C:calendar-home-set",
                "C:calendar-user-address-set",
                "C:schedule-outbox-URL",
                "D:displayname",
            ];
            let (row, url) = properties(dav, principal, &wanted).await?;
            take(&mut found, &row, &url);
        }
        None => take(&mut found, &row, &url),
    }
    if found.homes.is_empty() {
        return Err(not_found(&account.place, "this server does not say where its calendars are".to_owned()));
    }
    for home in &found.homes {
        dav.trusted.check(home).map_err(|distrust| not_found(&account.place, distrust.to_string()))?;
    }
    Ok(found)
}

/// Takes in what a principal says of itself.
fn take(account: &mut CaldavAccount, row: &Row, url: &Url) {
    let hrefs = |space, local| {
        let property = row.property(space, local);
        property.into_iter().flat_map(|property| property.each(Space::Dav, "href")).map(xml::Element::trimmed)
    };
    account.homes =
        hrefs(Space::Caldav, "calendar-home-set").filter_map(|href| url.join(href).ok()).collect();
    let mails = hrefs(Space::Caldav, "calendar-user-address-set").filter_map(mail_address);
    let own = account.user.as_deref().filter(|user| user.contains('@')).map(str::to_lowercase);
    account.addresses = mails.chain(own).collect();
    account.addresses.sort();
    account.addresses.dedup();
    account.schedules = hrefs(Space::Caldav, "schedule-outbox-URL").next().is_some();
}

fn mail_address(href: &str) -> Option<String> {
    let scheme = href.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))?;
    Some(href.get(scheme.len()..)?.to_lowercase())
}

/// Asks one resource for properties. Returns where it is, too, redirects followed.
pub(super) async fn properties(dav: &Dav, url: Url, names: &[&str]) -> Result<(Row, Url), ProviderError> {
    let call = Call::ask("PROPFIND", url, "0", xml::propfind(names), ACTION);
    let (answer, url) = dav.list(call).await?;
    let gone = || not_found(url.as_str(), "there is nothing at this address".to_owned());
    let row = answer.rows.into_iter().next().ok_or_else(gone)?;
    Ok((row, url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_a_host_or_a_mail_address_will_do() {
        let first = |place: &str| start(place).unwrap().first.to_string();
        assert_eq!(
            first("https://cloud.example.org/remote.php/dav/"),
            "https://cloud.example.org/remote.php/dav/"
        );
        assert_eq!(first("cloud.example.org"), "https://cloud.example.org/");
        assert_eq!(first("ada@example.org"), "https://example.org/.well-known/caldav");
        assert_eq!(first("ada@me.com"), "https://caldav.icloud.com/");
        assert_eq!(
            start("cloud.example.org").unwrap().others[0].as_str(),
            "https://cloud.example.org/.well-known/caldav"
        );
        assert!(["ada@example.org", "example.org"].iter().all(|place| start(place).unwrap().is_bare));
        let named =
            ["https://example.org", "example.org/dav", "example.org:8443", "127.0.0.1", "nas", "ada@me.com"];
        assert!(named.iter().all(|place| !start(place).unwrap().is_bare));
        assert!(start("").unwrap_err().contains("https://"));
        assert!(start("https://").is_err());
    }

    #[test]
    fn accounts_are_named_by_user_and_host() {
        assert_eq!(
            CaldavAccount::at("https://cloud.example.org/x", Some("ada".into())).name(),
            "ada@cloud.example.org"
        );
        assert_eq!(
            CaldavAccount::at("http://127.0.0.1:5232", Some("ada".into())).name(),
            "ada@127.0.0.1:5232"
        );
        assert_eq!(
            CaldavAccount::at("ada@me.com", Some("ada@me.com".into())).name(),
            "ada@me.com (caldav.icloud.com)"
        );
    }

    #[test]
    fn ids_of_calendars_are_paths_as_the_server_spells_them() {
        let mut account = CaldavAccount::at("ada@me.com", None);
        account.homes = vec!["https://p42-caldav.icloud.com/17/calendars/".parse().unwrap()];
        let url: Url = "https://p42-caldav.icloud.com/17/calendars/a%40b/".parse().unwrap();
        let id = account.calendar_id(&url);
        assert_eq!(id.as_str(), "/17/calendars/a%40b/");
        assert_eq!(account.calendar_url(&id).unwrap(), url);
        let elsewhere: Url = "https://p43-caldav.icloud.com/17/calendars/c/".parse().unwrap();
        assert_eq!(account.calendar_url(&account.calendar_id(&elsewhere)).unwrap(), elsewhere);
    }
}
