//! A simulated Google Calendar, API version 3.
//!
//! [`GoogleSimulator`] holds the whole state: accounts, calendars, events, tokens, watch channels. It can be called in
//! process through its [router](GoogleSimulator::router), or [listen](GoogleSimulator::listen) on loopback, where
//! Google's own client libraries accept it for the real service. [`Control`] plays the rest of the world: the person
//! with a phone, the administrator, the bad network.
//!
//! # Where to start reading
//!
//! | module | what it knows |
//! | --- | --- |
//! | `state` | everything there is, behind one lock |
//! | `event` | one event: times, recurrence, fields, and how it is shown |
//! | `writes`, `rules` | creating, changing, deleting; what may not be changed |
//! | `listing`, `paging`, `token` | listings, pages, sync tokens |
//! | `push`, `mail` | what a change causes elsewhere |
//! | `oauth`, `scope`, `quota` | who may do what, and how often |
//! | `http` | the same over HTTP: paths, headers, `fields`, gzip, the consent page |
//! | [`control`] | in-process control, and the control API under `/control` |
//! | [`demo`] | a believable fortnight, and a little life in it |
//!
//! **Invariant**: nothing here reads the clock of the machine or a random source of its own. Time comes from
//! [`GoogleOptions::clock`], chance from [`GoogleOptions::seed`].

pub mod control;
pub mod demo;
pub mod push;

mod calendar;
mod calendar_list;
mod changes;
mod colors;
mod error;
mod event;
mod free_busy;
mod http;
mod listing;
mod mail;
mod oauth;
mod options;
mod paging;
mod quota;
mod rules;
mod scope;
mod settings;
mod state;
mod token;
mod writes;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use serde::{Deserialize, Serialize};

pub use self::calendar::AccessRole;
pub use self::changes::CalendarChange;
pub use self::control::{Control, NewCalendar};
pub use self::demo::{DemoWorld, demo_life, seed_demo};
pub use self::error::ApiError;
pub use self::options::{GoogleOptions, PushOptions, Quota};
use self::state::State;
use crate::serve::Server;
use crate::wire::Wire;

/// A simulated Google. Cheap to clone; clones share their state.
#[derive(Clone, Debug)]
pub struct GoogleSimulator {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: Arc<GoogleOptions>,
    state: Mutex<State>,
    wire: Wire,
}

impl GoogleSimulator {
    /// Creates an empty Google: no accounts, no calendars.
    pub fn new(options: GoogleOptions) -> Self {
        let options = Arc::new(options);
        let state = Mutex::new(State::new(Arc::clone(&options)));
        let wire = Wire::new(Arc::clone(&options.clock), http::injected);
        Self { shared: Arc::new(Shared { options, state, wire }) }
    }

    /// Returns all endpoints as a router, which is also a service that can be called without a socket.
    ///
    /// An answer that stands for a cut connection carries [`crate::fault::ConnectionDropped`] in its extensions.
    pub fn router(&self) -> Router {
        http::router(self)
    }

    /// Starts to listen; port 0 picks a free one.
    ///
    /// The endpoints contain an access token of the first account, in alphabetical order. Add accounts first.
    pub async fn listen(&self, address: SocketAddr) -> std::io::Result<RunningGoogle> {
        let server = Server::start(address, self.router()).await?;
        let endpoints = self.endpoints(server.address());
        Ok(RunningGoogle { server, endpoints })
    }

    fn endpoints(&self, address: SocketAddr) -> Endpoints {
        let base = format!("http://{address}");
        let mut state = self.state();
        let first = state.accounts.keys().next().cloned();
        let tokens = first.and_then(|email| state.issue_tokens(&email).ok());
        Endpoints {
            api_url: format!("{base}/calendar/v3"),
            auth_url: format!("{base}/o/oauth2/v2/auth"),
            token_url: format!("{base}/token"),
            revoke_url: format!("{base}/revoke"),
            control_url: format!("{base}/control"),
            access_token: tokens.map(|(access, _)| access).unwrap_or_default(),
        }
    }

    /// Returns what the rest of the world can do.
    pub fn control(&self) -> Control {
        Control::new(self.clone())
    }

    /// Takes the lock. What is too old to be seen is forgotten first.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget_the_old();
        state
    }
}

/// A simulated Google that listens on a socket.
#[derive(Debug)]
pub struct RunningGoogle {
    server: Server,
    endpoints: Endpoints,
}

impl RunningGoogle {
    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns the addresses to give to a client.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Stops listening. The state stays in the simulator: listening again on the same address is the network coming
    /// back.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// Where a client finds a simulated Google.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// The base of the API, ending in `/calendar/v3`.
    pub api_url: String,
    /// The authorization page.
    pub auth_url: String,
    /// The token endpoint.
    pub token_url: String,
    /// The revocation endpoint.
    pub revoke_url: String,
    /// The base of the control API.
    pub control_url: String,
    /// An access token of the first account; empty if there is no account.
    pub access_token: String,
}
