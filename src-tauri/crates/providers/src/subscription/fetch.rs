//! Asking for the file: only if it has changed, through redirects, and no more of it than is taken.

use std::time::Duration;

use http::{HeaderMap, Request, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::address::Address;
use crate::error::ProviderError;
use crate::transport::{Surroundings, retry_after};

/// The largest file that is taken.
const SIZE_LIMIT: usize = 50 << 20;
/// Redirects in a row before they count as a circle.
const REDIRECT_LIMIT: usize = 5;
/// What is being done, for messages and the log.
pub(super) const READING: &str = "reading the calendar file";

/// By what a server tells whether the file has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    etag: Option<String>,
    modified: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub(super) enum Fetched {
    /// It is as it was.
    Unchanged,
    /// All of it, as far as the answer tells.
    File { bytes: Vec<u8>, stamp: Stamp },
}

/// Asks for the file, unless it is what `known` says.
pub(super) async fn fetch(
    surroundings: &Surroundings,
    address: &Address,
    known: &Stamp,
) -> Result<Fetched, ProviderError> {
    let service = address.host();
    let mut url = address.url.clone();
    for _ in 0..=REDIRECT_LIMIT {
        let mut request = Request::get(url.as_str()).header(header::ACCEPT, "text/calendar, */*;q=0.5");
        // A password is for the host that it was given for.
        if let Some(value) = address.authorization.clone().filter(|_| url.origin() == address.url.origin()) {
            request = request.header(header::AUTHORIZATION, value);
        }
        if let Some(etag) = &known.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        } else if let Some(modified) = &known.modified {
            request = request.header(header::IF_MODIFIED_SINCE, modified);
        }
        let request = request.body(Vec::new()).map_err(|error| unreadable(service, error.to_string()))?;
        let answer = surroundings.transport.send(request).await;
        let answer = answer.map_err(|error| ProviderError::unanswered(service, READING, error))?;
        let (status, headers) = (answer.status(), answer.headers());
        let target = headers.get(header::LOCATION).filter(|_| status.is_redirection());
        if let Some(target) = target.and_then(|target| target.to_str().ok()) {
            let next = url.join(target).map_err(|_| unreadable(service, "it leads to no address".into()))?;
            let is_safe = next.scheme() == "https" || next.scheme() == url.scheme();
            if !is_safe || !matches!(next.scheme(), "http" | "https") {
                return Err(unreadable(service, "it leads to an address that is not safe".into()));
            }
            url = next;
            continue;
        }
        return match status {
            StatusCode::NOT_MODIFIED => Ok(Fetched::Unchanged),
            status if status.is_success() => {
                let stamp = Stamp {
                    etag: said(headers, &header::ETAG),
                    modified: said(headers, &header::LAST_MODIFIED),
                };
                let bytes = answer.into_body();
                if bytes.len() > SIZE_LIMIT {
                    let reason = format!("it is larger than {} MB", SIZE_LIMIT >> 20);
                    return Err(unreadable(service, reason));
                }
                Ok(Fetched::File { bytes, stamp })
            }
            status => {
                let wait = retry_after(headers, (surroundings.clock)());
                Err(failure(service, status, wait))
            }
        };
    }
    Err(unreadable(service, "its redirects lead in a circle".into()))
}

fn said(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn failure(service: &str, status: StatusCode, retry_after: Option<Duration>) -> ProviderError {
    let service = service.to_owned();
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => ProviderError::Throttled {
            service,
            action: READING,
            retry_after,
            reason: "it has no time now".into(),
        },
        // A file that is not there today may be there tomorrow, so nothing is given up. Nor is there anything to sign in to: a
        // password is a part of the address.
        status => ProviderError::ServerFailed {
            service,
            action: READING,
            status: status.as_u16(),
            reason: match status {
                StatusCode::NOT_FOUND | StatusCode::GONE => "there is no calendar at this address any more",
                StatusCode::FORBIDDEN => "it does not give out this calendar any more",
                StatusCode::UNAUTHORIZED => "it wants a name and a password for this address",
                _ => "it does not say why",
            }
            .into(),
        },
    }
}

/// What came is no file that could be taken.
pub(super) fn unreadable(service: &str, reason: String) -> ProviderError {
    ProviderError::Unreadable { service: service.to_owned(), action: READING, reason }
}
