//! What servers answer, as they put it.

use axum::body::Body;
use axum::http::Response;

pub(crate) fn respond(status: u16, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).body(body.into()).unwrap()
}

const NAMESPACES: &str = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
                          xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:s=\"http://sabredav.org/ns\"";

pub(crate) fn multistatus(rows: &str) -> Response<Body> {
    respond(207, format!("<D:multistatus {NAMESPACES}>{rows}</D:multistatus>"))
}

/// What a server says beside a refusal.
pub(crate) fn complaint(status: u16, inner: &str) -> Response<Body> {
    respond(status, format!("<D:error {NAMESPACES}>{inner}</D:error>"))
}

pub(crate) fn row(href: &str, properties: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}

/// A row that says of a resource as a whole how it stands.
pub(crate) fn status_row(href: &str, status: u16) -> String {
    format!("<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status} So</D:status></D:response>")
}

/// A token, from which changes after so many are told.
pub(crate) fn token(count: u64) -> String {
    format!("<D:sync-token>token {count}</D:sync-token>")
}
