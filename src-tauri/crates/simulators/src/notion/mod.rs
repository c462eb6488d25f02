//! A simulated Notion, with its API in the versions up to 2026-03-11.
//!
//! [`NotionSimulator`] holds the whole state: workspaces, people, connections, databases with their data sources, pages,
//! blocks, tokens, webhooks. It can be called in process through its [router](NotionSimulator::router), or
//! [listen](NotionSimulator::listen) on loopback, where Notion's own client accepts it for the real service.
//! [`Control`] plays the rest of the world: the person in front of the application, the developer portal, the bad network.
//!
//! # Where to start reading
//!
//! | module | what it knows |
//! | --- | --- |
//! | `state`, `user` | everything there is, behind one lock; who sees what |
//! | `database`, `schema` | databases, data sources, and their columns |
//! | `page`, `value`, `rich_text`, `date` | what pages hold, how it is read and shown |
//! | `writes` | creating, changing, moving, discarding pages; templates |
//! | `block`, `markdown` | the bodies of pages |
//! | `query`, `search`, `listing`, `property_item` | listings, filters, sorts, cursors |
//! | [`webhook`] | what a change causes elsewhere |
//! | `oauth`, `quota`, `version`, `error` | who may do what, how often, and in which words |
//! | `http` | the same over HTTP: paths, headers, the consent page |
//! | [`control`] | in-process control, and the control API under `/control` |
//! | [`demo`] | a believable workspace |
//!
//! **Invariant**: nothing here reads the clock of the machine or a random source of its own. Time comes from
//! [`NotionOptions::clock`], chance from [`NotionOptions::seed`].

pub mod control;
pub mod demo;
pub mod webhook;

mod block;
mod database;
mod date;
mod error;
mod http;
mod listing;
mod markdown;
mod oauth;
mod options;
mod page;
mod property_item;
mod query;
mod quota;
mod rich_text;
mod schema;
mod search;
mod state;
mod user;
mod value;
mod version;
mod writes;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use serde::{Deserialize, Serialize};

pub use self::control::{Control, NewDatabase};
pub use self::demo::{DemoWorkspace, seed_demo};
pub use self::error::ApiError;
pub use self::options::{Limits, NotionOptions, WebhookOptions};
use self::state::State;
pub use self::user::{Capabilities, UserInformation};
use crate::serve::Server;
use crate::wire::Wire;

/// A simulated Notion. Cheap to clone; clones share their state.
#[derive(Clone, Debug)]
pub struct NotionSimulator {
    shared: Arc<Shared>,
}

/// What the clones share.
#[derive(Debug)]
pub(crate) struct Shared {
    options: Arc<NotionOptions>,
    state: Mutex<State>,
    wire: Wire,
}

impl Shared {
    /// Takes the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NotionSimulator {
    /// Creates a Notion with one empty workspace: no people, no connections, no databases.
    pub fn new(options: NotionOptions) -> Self {
        let options = Arc::new(options);
        let mut state = State::new(Arc::clone(&options));
        state.add_workspace("Home");
        let wire = Wire::new(Arc::clone(&options.clock), http::injected);
        Self { shared: Arc::new(Shared { options, state: Mutex::new(state), wire }) }
    }

    /// Returns all endpoints as a router, which is also a service that can be called without a socket.
    ///
    /// An answer that stands for a cut connection carries [`crate::fault::ConnectionDropped`] in its extensions.
    pub fn router(&self) -> Router {
        http::router(self)
    }

    /// Starts to listen; port 0 picks a free one.
    ///
    /// The endpoints contain a token of the first connection. Add one first.
    pub async fn listen(&self, address: SocketAddr) -> std::io::Result<RunningNotion> {
        let server = Server::start(address, self.router()).await?;
        let endpoints = self.endpoints(server.address());
        Ok(RunningNotion { server, endpoints })
    }

    fn endpoints(&self, address: SocketAddr) -> Endpoints {
        let base = format!("http://{address}");
        let mut state = self.state();
        let bot = state.internal_bots().next();
        Endpoints {
            api_url: format!("{base}/v1"),
            auth_url: format!("{base}/v1/oauth/authorize"),
            token_url: format!("{base}/v1/oauth/token"),
            control_url: format!("{base}/control"),
            access_token: bot.map(|bot| state.issue_token(bot)).unwrap_or_default(),
        }
    }

    /// Returns what the rest of the world can do.
    pub fn control(&self) -> Control {
        Control::new(self.clone())
    }

    /// Takes the lock. What is due by now happens first.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.shared.lock();
        state.fill_pages();
        state
    }
}

/// A simulated Notion that listens on a socket.
#[derive(Debug)]
pub struct RunningNotion {
    server: Server,
    endpoints: Endpoints,
}

impl RunningNotion {
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

/// Where a client finds a simulated Notion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// The base of the API, ending in `/v1`.
    pub api_url: String,
    /// The authorization page.
    pub auth_url: String,
    /// The token endpoint.
    pub token_url: String,
    /// The base of the control API.
    pub control_url: String,
    /// A token of the first internal connection; empty if there is none.
    pub access_token: String,
}
