//! What the window may call: one function per command, each a translation of one engine method.

pub(crate) mod accounts;
pub(crate) mod app;
pub(crate) mod calendars;
pub(crate) mod desktop;
pub(crate) mod events;
pub(crate) mod notion;
pub(crate) mod sync;

use std::sync::Mutex;

use synodic_engine::desktop::Navigation;
use synodic_engine::view::Failure;
use synodic_engine::{Engine, EngineError};
use tauri::State;

/// What the commands share: the engine, or why there is none.
pub(crate) struct Desk {
    /// The engine, or the sentence that the window shows instead of a calendar.
    pub(crate) engine: Result<Engine, Failure>,
    /// The sign-in under way, if one is.
    pub(crate) sign_in: tokio::sync::Mutex<Option<tokio_util::sync::CancellationToken>>,
    /// Whether this is the demo.
    pub(crate) demo: bool,
    /// Where the window was asked to go and has not been yet.
    pub(crate) places: Mutex<Vec<Navigation>>,
}

impl Desk {
    /// The engine, if it could be started.
    pub(crate) fn engine(&self) -> Result<&Engine, Failure> {
        self.engine.as_ref().map_err(Clone::clone)
    }
}

/// The state that every command takes.
pub(crate) type DeskState<'a> = State<'a, Desk>;

/// Turns an engine's answer into the window's.
pub(crate) fn reply<T>(answer: Result<T, EngineError>) -> Result<T, Failure> {
    answer.map_err(|error| Failure::from(&error))
}
