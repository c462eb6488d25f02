//! The sync engine: carries out what [`synodic_model`] decides, between the replica and the services.
//!
//! [`Engine`] is the one handle that the window, the tray and the command line hold. Edits go straight to the replica
//! and are acknowledged by SQLite ([`edit`]); one task per integration ([`worker`]) brings them out ([`push`]) and
//! brings changes in ([`pull`]); the [`snapshot::SyncSnapshot`] tells how it all stands.
//!
//! **Architecture invariants:** the engine never names Tauri; no network is ever on the path of an edit; all time
//! comes from [`clock::Clock`] and all chance from a seeded source, so that a history can be replayed.

pub mod accounts;
pub mod audit;
pub mod caldav;
pub mod calendars;
pub mod clock;
pub mod config;
pub mod conflict;
pub mod dashboard;
pub mod desktop;
pub mod diagnostics;
pub mod edit;
pub mod error;
pub mod files;
pub mod history;
pub mod lock;
pub mod notion;
pub mod occurrences;
pub mod preview;
pub mod pull;
pub mod push;
pub mod queue;
pub mod reminders;
pub mod runs;
pub mod secrets;
pub mod services;
pub mod sign_in;
pub mod snapshot;
pub mod status;
pub mod subscription;
pub mod view;
pub mod webhook;
pub mod why;
pub mod worker;

mod chance;
mod client_settings;
mod departed;
mod echo;
mod engine;
mod halt;
mod recovery;
mod rest;
mod review;
mod set_aside;
mod unanswered;
mod upcoming;

pub use config::EngineConfig;
pub use engine::{Engine, Surroundings};
pub use error::EngineError;

/// What the faces need to say about Google: its addresses, the OAuth client, and tokens that were had elsewhere.
pub mod google {
    pub use synodic_providers::Tokens;
    pub use synodic_providers::google::{GoogleClient, GoogleEndpoints};
}
