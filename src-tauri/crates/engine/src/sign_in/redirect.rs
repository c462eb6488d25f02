//! The loopback port that the browser comes back to (RFC 8252 §7.3).

use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::error::EngineError;

const SIGNED_IN: &str = include_str!("signed_in.html");
const NOT_SIGNED_IN: &str = include_str!("not_signed_in.html");

/// A port that is open for one sign-in; dropping this closes it.
pub(super) struct RedirectListener {
    address: Url,
    state: Arc<OnceLock<String>>,
    answers: mpsc::Receiver<Answer>,
    _open: DropGuard,
}

/// What the browser brought, and where the page that it waits for goes.
pub(super) struct Answer {
    /// The code, or a sentence on why there is none.
    pub(super) outcome: Result<String, String>,
    /// Takes the page to show.
    pub(super) page: oneshot::Sender<Page>,
}

/// What the browser shows at the end. The pages are fixed: nothing from outside gets into them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Page {
    SignedIn,
    NotSignedIn,
}

impl RedirectListener {
    /// Opens a port on loopback, any free one for 0, until this is dropped or `given_up` is cancelled.
    pub(super) async fn open(
        tasks: &TaskTracker,
        given_up: &CancellationToken,
        port: u16,
    ) -> Result<Self, EngineError> {
        let unable = |reason: String| EngineError::Environment {
            reason: format!("No port can be opened for the browser to come back to: {reason}. Try again."),
        };
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|error| unable(error.to_string()))?;
        let port = socket.local_addr().map_err(|error| unable(error.to_string()))?.port();
        let address =
            Url::parse(&format!("http://127.0.0.1:{port}/")).map_err(|error| unable(error.to_string()))?;

        let state = Arc::new(OnceLock::new());
        let (answer, answers) = mpsc::channel(1);
        let router = Router::new()
            .route("/", get(take_redirect))
            .with_state(Redirects { state: Arc::clone(&state), answer });
        let closed = given_up.child_token();
        let open = closed.clone().drop_guard();
        tasks.spawn(async move {
            let served = axum::serve(socket, router).with_graceful_shutdown(closed.cancelled_owned()).await;
            if let Err(error) = served {
                tracing::warn!(%error, "The port for a sign-in was closed.");
            }
        });
        Ok(Self { address, state, answers, _open: open })
    }

    /// Where the browser is to be sent.
    pub(super) const fn address(&self) -> &Url {
        &self.address
    }

    /// Sets the state that our redirect will carry; until then every redirect is turned away.
    pub(super) fn expect(&self, state: String) {
        // Called once; a second state would be ignored.
        let _ = self.state.set(state);
    }

    /// Waits for the browser.
    pub(super) async fn answer(&mut self) -> Result<Answer, EngineError> {
        self.answers.recv().await.ok_or(EngineError::Closing)
    }
}

#[derive(Clone)]
struct Redirects {
    state: Arc<OnceLock<String>>,
    answer: mpsc::Sender<Answer>,
}

#[derive(Deserialize)]
struct RedirectQuery {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

impl RedirectQuery {
    fn outcome(self) -> Result<String, String> {
        match (self.code, self.error.as_deref()) {
            (Some(code), None) => Ok(code),
            (_, Some("access_denied")) => {
                Err("Access to the calendar was declined in the browser. Sign in again to allow it.".into())
            }
            (_, Some(_)) => {
                Err("The service did not accept the sign-in. Check the client id and try again.".into())
            }
            (None, None) => Err("The browser came back without an answer. Sign in again.".into()),
        }
    }
}

async fn take_redirect(State(redirects): State<Redirects>, Query(query): Query<RedirectQuery>) -> Response {
    if query.state.is_none() || query.state.as_ref() != redirects.state.get() {
        return show(StatusCode::BAD_REQUEST, Page::NotSignedIn);
    }
    let (page, decided) = oneshot::channel();
    let answer = Answer { outcome: query.outcome(), page };
    // The channel holds one answer: a reloaded page does not start a second exchange.
    if redirects.answer.try_send(answer).is_err() {
        return show(StatusCode::CONFLICT, Page::NotSignedIn);
    }
    match decided.await {
        Ok(Page::SignedIn) => show(StatusCode::OK, Page::SignedIn),
        Ok(Page::NotSignedIn) | Err(_) => show(StatusCode::BAD_REQUEST, Page::NotSignedIn),
    }
}

fn show(status: StatusCode, page: Page) -> Response {
    let body = match page {
        Page::SignedIn => SIGNED_IN,
        Page::NotSignedIn => NOT_SIGNED_IN,
    };
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        // The code is in the address; a connection kept open would hold the port.
        (header::CONNECTION, "close"),
    ];
    (status, headers, Html(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(code: Option<&str>, error: Option<&str>) -> RedirectQuery {
        RedirectQuery { state: None, code: code.map(Into::into), error: error.map(Into::into) }
    }

    #[test]
    fn an_answer_is_a_code_or_a_sentence() {
        assert_eq!(query(Some("c"), None).outcome(), Ok("c".into()));
        assert!(query(None, Some("access_denied")).outcome().unwrap_err().contains("declined"));
        assert!(query(Some("c"), Some("server_error")).outcome().is_err());
        assert!(query(None, None).outcome().is_err());
    }

    #[test]
    fn the_pages_load_nothing_and_run_nothing() {
        for page in [SIGNED_IN, NOT_SIGNED_IN] {
            for part in ["<script", "http:", "https:", "src=", "href="] {
                assert!(!page.contains(part), "{part}");
            }
        }
    }
}
